//! What makes a finding the same one in two runs.
//!
//! In: what a finding says of the world. Out: a short text that stays as long as that stays: lines may move, files may be
//! renamed or exported anew, wording may be improved. Baselines and the alerts of CI services are matched by it, so that
//! a change of how it is made brings all of them back: [`VERSION`] is then raised, and the changelog says so.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha256};

use super::finding::{Affected, Finding, Result, Suppressed};

/// Of the way a fingerprint is made.
const VERSION: &str = "1";
/// Bytes of the hash that are kept: of a million findings no two agree by chance.
const BYTES: usize = 16;

impl Finding {
    /// 32 hexadecimal digits of its rule, layer, principals, operations, resources and the actions it affects: no line, no
    /// file and no wording. The order in which they are listed does not count.
    ///
    /// Two statements of one policy can have the same fault, which is the same finding twice by this measure:
    /// [`fingerprints`] tells them apart.
    pub fn fingerprint(&self) -> String {
        fingerprint(self, 0)
    }
}

/// The fingerprints of the findings of one run: as [`Finding::fingerprint`], with all but the first of equal ones
/// numbered in the order of the findings, for there are consumers that drop the second of two
/// (<https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>).
pub fn fingerprints<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> Vec<String> {
    printed(findings, BTreeMap::new())
}

impl Result {
    /// The number of each finding among those that are equal by their fingerprints, from 1, those that are set apart included:
    /// whoever sets a finding apart keeps its number.
    pub fn numbers(&self) -> Vec<usize> {
        numbers(&self.findings, self.taken())
    }

    /// The fingerprints of the findings, which are the same whatever is set apart of them; then those of what another state had.
    pub fn fingerprints(&self) -> Vec<String> {
        let fixed = self.comparison.iter().flat_map(|one| &one.fixed);
        printed(self.findings.iter().chain(fixed), self.taken())
    }

    fn taken(&self) -> BTreeMap<String, BTreeSet<usize>> {
        let mut taken: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
        for one in &self.suppressed {
            let own = one.finding.fingerprint();
            taken.entry(own).or_default().insert(one.number);
        }
        taken
    }
}

impl Suppressed {
    /// The fingerprint that the finding had when it counted.
    pub fn fingerprint(&self) -> String {
        numbered(&self.finding, self.number)
    }
}

fn printed<'f>(
    findings: impl IntoIterator<Item = &'f Finding>,
    taken: BTreeMap<String, BTreeSet<usize>>,
) -> Vec<String> {
    let findings: Vec<&Finding> = findings.into_iter().collect();
    let numbers = numbers(findings.iter().copied(), taken);
    let each = findings.into_iter().zip(numbers);
    each.map(|(finding, number)| numbered(finding, number))
        .collect()
}

/// The lowest numbers that are free, in the order of the findings.
fn numbers<'f>(
    findings: impl IntoIterator<Item = &'f Finding>,
    mut taken: BTreeMap<String, BTreeSet<usize>>,
) -> Vec<usize> {
    let each = findings.into_iter().map(|finding| {
        let taken = taken.entry(finding.fingerprint()).or_default();
        let free = (1..).find(|number| !taken.contains(number));
        let number = free.unwrap_or_default();
        taken.insert(number);
        number
    });
    each.collect()
}

fn numbered(finding: &Finding, number: usize) -> String {
    fingerprint(finding, if number > 1 { number } else { 0 })
}

fn fingerprint(finding: &Finding, number: usize) -> String {
    let mut hash = Hash(Sha256::new());
    hash.text(VERSION);
    hash.text(&finding.rule);
    hash.text(finding.layer.name());
    for list in [&finding.principals, &finding.operations, &finding.resources] {
        hash.set(list.iter().map(|text| vec![text.as_str()]).collect());
    }
    let affects = finding.affects.iter().map(|affected| {
        let Affected {
            pipeline,
            stage,
            action,
        } = affected;
        vec![pipeline.as_str(), stage, action]
    });
    hash.set(affects.collect());
    if number > 0 {
        hash.text(&number.to_string());
    }
    let digest = hash.0.finalize();
    let bytes = digest.iter().take(BYTES);
    bytes.map(|byte| format!("{byte:02x}")).collect()
}

struct Hash(Sha256);

impl Hash {
    /// With its length before it: `ab` and `c` are not `a` and `bc`.
    fn text(&mut self, text: &str) {
        self.0.update((text.len() as u64).to_be_bytes());
        self.0.update(text.as_bytes());
    }

    fn set(&mut self, mut entries: Vec<Vec<&str>>) {
        entries.sort_unstable();
        entries.dedup();
        self.0.update((entries.len() as u64).to_be_bytes());
        entries
            .into_iter()
            .flatten()
            .for_each(|text| self.text(text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Decided, Label, ReportLayer};
    use crate::rules::Severity;
    use crate::source::{Origin, SourceId};

    fn texts(list: &[&str]) -> Vec<String> {
        list.iter().map(|&text| text.to_owned()).collect()
    }

    fn finding() -> Finding {
        let affected = |action: &str| Affected {
            pipeline: "arn:aws:codepipeline:eu-west-1:111111111111:app".to_owned(),
            stage: "Deploy".to_owned(),
            action: action.to_owned(),
        };
        Finding {
            rule: "key-policy-missing".to_owned(),
            severity: Severity::Error,
            decision: Decided::Denied,
            layer: ReportLayer::KeyPolicy,
            principals: texts(&["role/A", "role/B"]),
            operations: texts(&["kms:Decrypt", "kms:DescribeKey"]),
            resources: texts(&["key/1"]),
            message: "one sentence".to_owned(),
            help: "mend it".to_owned(),
            documentation: Vec::new(),
            affects: vec![affected("One"), affected("Two")],
            missing: Vec::new(),
            labels: Vec::new(),
            suggestion: None,
        }
    }

    #[test]
    fn it_stays_when_lines_wording_and_order_change() {
        let before = finding().fingerprint();
        assert_eq!(before.len(), 32);
        assert!(before.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let mut after = finding();
        after.message = "better words".to_owned();
        after.help = String::new();
        after.severity = Severity::Warning;
        after.labels = vec![Label {
            origin: Origin {
                source: SourceId(7),
                node: 70,
            },
            text: "elsewhere".to_owned(),
        }];
        after.principals.reverse();
        after.affects.reverse();
        assert_eq!(after.fingerprint(), before);
    }

    #[test]
    fn it_changes_with_everything_that_it_is_made_of() {
        type Change = fn(&mut Finding);
        let changes: [Change; 9] = [
            |it| it.rule.push('x'),
            |it| it.layer = ReportLayer::Identity,
            |it| it.principals.truncate(1),
            |it| it.operations.truncate(1),
            |it| it.resources.push("key/2".to_owned()),
            |it| it.affects.truncate(1),
            |it| it.affects[0].stage.push('x'),
            // From one list into another, and across the border of two texts.
            |it| it.resources.extend(it.operations.pop()),
            |it| it.principals = texts(&["role/Arole/B"]),
        ];
        let mut seen = vec![finding().fingerprint()];
        for change in changes {
            let mut changed = finding();
            change(&mut changed);
            seen.push(changed.fingerprint());
        }
        let count = seen.len();
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), count);
    }

    #[test]
    fn equal_ones_of_a_run_are_numbered() {
        let mut other = finding();
        other.rule = "other".to_owned();
        let all = fingerprints(&[finding(), other.clone(), finding(), finding()]);
        assert_eq!(all[0], finding().fingerprint());
        assert_eq!(all[1], other.fingerprint());
        let mut distinct = all.clone();
        distinct.sort();
        distinct.dedup();
        assert_eq!(distinct.len(), all.len());
    }
}
