//! What AWS answered instead of a description: that there is no such thing, or that whoever asks may not know.

use super::Graph;
use crate::source::Origin;

/// An answer that is no description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What was asked about, by its ARN.
    pub subject: String,
    /// The operation as IAM names the permission for it: `iam:GetRole`.
    pub operation: String,
    /// What became of it.
    pub kind: RefusalKind,
    /// AWS's error code: `NoSuchEntity`.
    pub code: String,
    /// AWS's own words, which name who asked.
    pub message: String,
    /// Its entry.
    pub origin: Origin,
}

/// Why there is no description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RefusalKind {
    /// There is no such thing.
    Absent,
    /// Whoever asked may not know.
    Denied,
    /// AWS did not answer, or answered something that is no answer: throttled to the end, timed out, failing.
    Failed,
}

impl Graph {
    /// What was not answered about a thing, by its ARN. The name of a bucket does not tell the partition, so that answers about it
    /// are kept under the usual one.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>
    pub fn refusals(&self, subject: &str) -> &[Refusal] {
        let bucket = subject.split_once(":s3:::");
        let bucket = bucket.map(|(_, name)| format!("arn:aws:s3:::{name}"));
        let subject = bucket.as_deref().unwrap_or(subject);
        self.refusals.get(subject).map_or(&[], Vec::as_slice)
    }

    /// Whether AWS says that there is no such thing.
    pub fn is_absent(&self, subject: &str) -> bool {
        let absent = |refusal: &Refusal| refusal.kind == RefusalKind::Absent;
        self.refusals(subject).iter().any(absent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_about_a_bucket_holds_in_whatever_partition_it_lies() {
        let mut graph = Graph::default();
        for subject in ["arn:aws:s3:::artifacts", "arn:aws:sns:us-east-1:1:topic"] {
            let refusal = Refusal {
                subject: subject.to_owned(),
                operation: String::new(),
                kind: RefusalKind::Absent,
                code: String::new(),
                message: String::new(),
                origin: Origin::NOWHERE,
            };
            graph.refusals.insert(subject.to_owned(), vec![refusal]);
        }
        assert!(graph.is_absent("arn:aws:s3:::artifacts"));
        assert!(graph.is_absent("arn:aws-us-gov:s3:::artifacts"));
        assert!(!graph.is_absent("arn:aws-us-gov:s3:::other"));
        assert!(!graph.is_absent("arn:aws-cn:sns:us-east-1:1:topic"));
    }
}
