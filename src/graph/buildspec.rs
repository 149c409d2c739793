//! Buildspecs: the commands of a build.

use std::collections::BTreeMap;

use super::Text;
use crate::source::Origin;

/// A buildspec, as far as its commands go.
///
/// Shape: <https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html>
#[derive(Debug, Clone)]
pub struct Buildspec {
    /// The document.
    pub origin: Origin,
    /// The commands of all phases in the order they run.
    pub commands: Vec<Text>,
    /// The plain variables of `env.variables`.
    pub variables: BTreeMap<String, Text>,
}
