//! AWS's reference architecture, as its templates are: nothing in it is an error, and each grant that it needs is missed.
