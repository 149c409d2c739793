//! Readers: trees → facts → graph.
