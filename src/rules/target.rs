//! The resource of a requirement: its ARN or pattern, its owner, and the Region that is called.

use super::expand::{Expansion, Ground};
use super::{Covers, RequirementRule, Target};
use crate::graph::{Arn, Want, has_symbol};

impl<'a> Expansion<'a> {
    pub(super) fn region_of(&self, ground: &Ground<'_, 'a>, operation: &str) -> Option<String> {
        // IAM is global and reports us-east-1; STS and all others are called where the action runs.
        if operation.starts_with("iam:") {
            return Some("us-east-1".to_owned());
        }
        ground
            .scope
            .store
            .map_or_else(|| ground.scope.region(), |store| store.region.clone())
    }

    pub(super) fn target(
        &self,
        rule: &RequirementRule,
        ground: &Ground<'_, 'a>,
        template: &str,
    ) -> Option<Target> {
        let filled = ground.scope.fill(template);
        if filled.absent {
            return None;
        }
        let arn = match rule.covers {
            Covers::AtLeastOne => self.seen(&filled.text).unwrap_or(filled.text),
            Covers::Every | Covers::OneUnknown => filled.text,
        };
        let is_pattern = arn != "*" && arn.contains(['*', '?']);
        let covers = if filled.missing.is_empty() || rule.covers == Covers::AtLeastOne {
            rule.covers
        } else {
            Covers::OneUnknown
        };
        // Whoever's it is, the call is decided in the caller's account: a subnet that another account shares.
        let anybodys = rule.covers == Covers::AtLeastOne
            && Arn::parse(&arn).is_some_and(|arn| arn.account == "*");
        let account = match anybodys {
            true => ground.caller.account(),
            false => self.owner(ground, &arn),
        };
        Some(Target {
            title: None,
            arn,
            is_pattern,
            covers,
            account,
            missing: filled.missing,
        })
    }

    /// The one resource among the facts that a pattern's open end stands for: the ARN of a secret ends in six characters that
    /// only its description tells. <https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html>
    fn seen(&self, pattern: &str) -> Option<String> {
        let start = pattern.trim_end_matches(['*', '?']);
        let end = pattern.strip_prefix(start).filter(|end| !end.is_empty())?;
        let fits = |arn: &&String| {
            arn.strip_prefix(start).is_some_and(|rest| {
                let open = end.matches('?').count();
                rest.len() == open || rest.len() > open && end.contains('*')
            })
        };
        // Secrets Manager finds a secret by its ARN without that end as well:
        // https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html
        let secret = pattern.contains(":secretsmanager:").then_some(start);
        let secret = secret.map(|name| match end {
            "??????" => name.trim_end_matches('-'),
            _ => name,
        });
        let from_start = self.graph.resources.range(start.to_owned()..);
        let mut fitting = from_start
            .map(|(arn, _)| arn)
            .take_while(|arn| arn.starts_with(start))
            .filter(fits);
        let found = fitting.next();
        if let (None, Some(secret)) = (found, secret) {
            self.graph.want(|| Want::Resource(secret.to_owned()));
        }
        found.filter(|_| fitting.next().is_none()).cloned()
    }

    /// The account that owns a resource: by its ARN; for a bucket, which has none in it, by the facts.
    pub(super) fn owner(&self, ground: &Ground<'_, 'a>, arn: &str) -> Option<String> {
        let Some(parsed) = Arn::parse(arn) else {
            // Whose a resource of an unknown name is nobody knows.
            return ground.caller.account().filter(|_| !has_symbol(arn));
        };
        // What AWS offers to everybody, as documents of Systems Manager and macros, has no owner whose policy could agree.
        if parsed.service != "s3" && ["", "aws"].contains(&parsed.account.as_str()) {
            return ground.caller.account();
        }
        if parsed.service != "s3" {
            return Some(parsed.account).filter(|account| account != "*");
        }
        let bucket = parsed.resource.split('/').next().unwrap_or_default();
        if ground
            .scope
            .store
            .is_some_and(|store| store.bucket == bucket)
        {
            // CodePipeline takes artifact buckets of the pipeline's own account only.
            return Some(self.pipeline.account.clone());
        }
        let known = self.graph.bucket(bucket);
        known.known().and_then(|bucket| bucket.account.clone())
    }
}
