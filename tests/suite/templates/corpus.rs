//! What people publish: every template, pipeline, export and plan of the corpus is read, and nothing is passed over in silence.
