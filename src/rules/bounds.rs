//! What an action names in a Region or an account from which it cannot be reached.

use regex_lite::Regex;

use super::expand::Expansion;
use super::variables::Scope;
use super::{Bound, Catalogue, Party, Same};
use crate::graph::{Action, Arn, Graph, may_be_equal};
use crate::source::Origin;

/// Something that lies elsewhere than it has to.
#[derive(Debug, Clone)]
pub struct Outside {
    /// Who would use it.
    pub principal: Party,
    /// The thing: an ARN, the name of a bucket, or the text that names it.
    pub resource: String,
    /// Whether it is a bucket.
    pub is_bucket: bool,
    /// What has to be the same.
    pub same: Same,
    /// Where it has to lie.
    pub expected: String,
    /// Where it lies.
    pub found: String,
    /// What would be called on it.
    pub operations: Vec<String>,
    /// Where it is named.
    pub origin: Origin,
}

/// What one action of a pipeline names in the wrong place.
pub fn outside(
    graph: &Graph,
    catalogue: &Catalogue,
    index: usize,
    action: &Action,
) -> Vec<Outside> {
    let Some(pipeline) = graph.pipelines.get(index) else {
        return Vec::new();
    };
    let Some(provider) = catalogue.provider(&action.type_id) else {
        return Vec::new();
    };
    let scope = Scope::of_action(graph, pipeline, provider, action);
    let expansion = Expansion::new(graph, catalogue, index, pipeline);
    let broken = |bound: &Bound| {
        let role = bound.role.as_deref().unwrap_or("action-role");
        let principal = expansion.party(scope, provider, role)?;
        let doubt = expansion.holds(&bound.when, scope, &principal, Some(action))?;
        if !doubt.is_empty() {
            return None;
        }
        broken(bound, scope, principal, action)
    };
    provider.bounds.iter().filter_map(broken).collect()
}

fn broken(bound: &Bound, scope: Scope<'_>, principal: Party, action: &Action) -> Option<Outside> {
    let filled = scope.fill(&bound.of);
    if filled.absent || !filled.missing.is_empty() {
        return None;
    }
    let expected = match bound.same {
        Same::Region => scope.region()?,
        Same::Account => principal.account().unwrap_or_else(|| scope.account()),
    };
    let arn = Arn::parse(&filled.text);
    let bucket = arn
        .as_ref()
        .filter(|arn| arn.service == "s3")
        .map(|arn| arn.resource.clone());
    let found = match (&bound.matches, &bucket, arn) {
        (Some(expression), _, _) => {
            let group = match bound.same {
                Same::Region => "region",
                Same::Account => "account",
            };
            let captures = Regex::new(expression).ok()?;
            let captures = captures.captures(&filled.text)?;
            captures.name(group)?.as_str().to_owned()
        }
        (None, Some(bucket), _) => {
            let bucket = scope.graph.bucket(bucket).known().copied()?;
            match bound.same {
                Same::Region => bucket.region.known()?.clone(),
                Same::Account => bucket.account.clone()?,
            }
        }
        (None, None, Some(arn)) => match bound.same {
            Same::Region => arn.region,
            Same::Account => arn.account,
        },
        (None, None, None) => return None,
    };
    if found.is_empty() || may_be_equal(&found, &expected) {
        return None;
    }
    Some(Outside {
        principal,
        is_bucket: bucket.is_some(),
        resource: bucket.unwrap_or(filled.text),
        same: bound.same,
        expected,
        found,
        operations: bound.operations.clone(),
        origin: filled.origin.unwrap_or(action.name.origin),
    })
}
