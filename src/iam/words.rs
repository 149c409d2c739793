//! What did not fit in a statement, in words: what is written against what the request says.

use super::{LayerName, Mismatch};
use crate::graph::{Effect, Statement};

/// What a request says, to be set against what a statement says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// Who calls, as a policy would name it.
    pub(crate) principal: &'a str,
    /// The action.
    pub(crate) action: &'a str,
    /// The resource.
    pub(crate) resource: &'a str,
}

/// What people call the policy of a layer.
pub(crate) const fn policy_name(layer: LayerName) -> &'static str {
    match layer {
        LayerName::Identity => "identity policy",
        LayerName::Trust => "trust policy",
        LayerName::KeyPolicy => "key policy",
        LayerName::Resource => "resource policy",
        LayerName::Boundary => "permissions boundary",
        LayerName::Scp => "service control policy",
        LayerName::Rcp => "resource control policy",
        LayerName::Session => "session policy",
    }
}

/// What an Allow lacks to grant what is asked, as a clause.
pub(crate) fn lacking(mismatch: &Mismatch, asked: &Asked<'_>) -> String {
    match mismatch {
        Mismatch::Principal { written, .. } => {
            format!(
                "admitted is `{written}`, the caller is `{}`",
                asked.principal
            )
        }
        Mismatch::Action { written, .. } => {
            format!("allowed is `{written}`, needed is `{}`", asked.action)
        }
        Mismatch::Resource { written, .. } => {
            let resource = asked.resource;
            resource_slip(written, resource)
                .unwrap_or_else(|| format!("allowed on `{written}`, needed on `{resource}`"))
        }
        Mismatch::Condition { .. } => condition(mismatch),
    }
}

/// Why a statement of any kind does not apply, as a clause. Under a `Not` element what is written is what it leaves out.
pub(crate) fn apart(mismatch: &Mismatch, statement: &Statement, asked: &Asked<'_>) -> String {
    let except_principal = statement.principals.as_ref().is_some_and(|named| named.not);
    match (mismatch, statement.effect) {
        // AWS does not support Allow with NotPrincipal: it admits nobody, whoever is listed.
        (Mismatch::Principal { .. }, Effect::Allow) if except_principal => {
            "`NotPrincipal` admits nobody in an Allow".to_owned()
        }
        (Mismatch::Principal { written, .. }, _) if except_principal => {
            format!("`NotPrincipal` spares `{written}`")
        }
        (Mismatch::Action { written, .. }, _) if statement.not_action => {
            format!("`NotAction` leaves out `{written}`")
        }
        (Mismatch::Resource { written, .. }, _) if statement.not_resource => {
            format!("`NotResource` leaves out `{written}`")
        }
        (_, Effect::Allow) => lacking(mismatch, asked),
        (Mismatch::Principal { written, .. }, Effect::Deny) => {
            format!("denied is `{written}`, the caller is `{}`", asked.principal)
        }
        (Mismatch::Action { written, .. }, Effect::Deny) => {
            format!("denied is `{written}`, asked for is `{}`", asked.action)
        }
        (Mismatch::Resource { written, .. }, Effect::Deny) => {
            let resource = asked.resource;
            resource_slip(written, resource)
                .unwrap_or_else(|| format!("denied on `{written}`, asked for on `{resource}`"))
        }
        (Mismatch::Condition { .. }, Effect::Deny) => condition(mismatch),
    }
}

fn condition(mismatch: &Mismatch) -> String {
    let Mismatch::Condition {
        operator,
        key,
        values,
        actual,
        ..
    } = mismatch
    else {
        return String::new();
    };
    let wanted = values
        .iter()
        .map(|value| format!("`{value}`"))
        .collect::<Vec<_>>()
        .join(" or ");
    let actual = match actual {
        Some(actual) => format!("is `{}`", actual.join("`, `")),
        None => "is not there".to_owned(),
    };
    format!("the condition `{operator}` wants `{key}` {wanted}, which on this call {actual}")
}

/// The slips that everybody makes once.
fn resource_slip(written: &str, resource: &str) -> Option<String> {
    if written.strip_suffix("/*") == Some(resource) {
        return Some(format!(
            "`{written}` covers what is in it, not `{resource}` itself"
        ));
    }
    if resource.starts_with(&format!("{written}/")) {
        return Some(format!(
            "`{written}` is the container alone; what is in it needs `{written}/*`"
        ));
    }
    let path_missing = || {
        let (head, name) = resource.rsplit_once('/')?;
        let (account, path) = head.split_once(":role/")?;
        (written == format!("{account}:role/{name}"))
            .then(|| format!("`{written}` leaves out the path `{path}/` of `{resource}`"))
    };
    path_missing()
}
