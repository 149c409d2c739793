//! Organizations: <https://docs.aws.amazon.com/organizations/latest/APIReference/Welcome.html>
//!
//! A snapshot has one list of documents for each level, root first: here they become policies with ids of their own.

use serde_json::{Value, json};

use super::call::{Call, Failure, Outcome, Said};
use super::cloud::{Inside, not_found, unknown};
use super::estate::{list, text as member};
use super::manner;

pub(super) fn outcome(cloud: &Inside, call: &Call) -> Outcome {
    match call.operation.as_str() {
        "DescribeOrganization" => {
            let (id, management) = organization(cloud, &call.account)?;
            let arn = format!("arn:aws:organizations::{management}:organization/{id}");
            Ok(Said::Tree(json!({ "Organization": {
                "Id": id, "Arn": arn, "FeatureSet": "ALL", "MasterAccountId": management,
                "MasterAccountArn": format!("arn:aws:organizations::{management}:account/{id}/{management}"),
                "MasterAccountEmail": "management@example.com",
            } })))
        }
        "ListParents" => {
            managed(cloud, call)?;
            parents(cloud, call)
        }
        "ListPoliciesForTarget" => {
            managed(cloud, call)?;
            policies(cloud, call)
        }
        "DescribePolicy" => {
            managed(cloud, call)?;
            policy(cloud, call)
        }
        _ => unknown(call),
    }
}

/// Where a case does not say which account manages its organization.
const MANAGEMENT: &str = "999999999999";

fn organization<'a>(cloud: &'a Inside, account: &str) -> Result<(&'a str, &'a str), Failure> {
    let all = &cloud.estate.accounts;
    let own = all.get(account).and_then(|own| own.organization.as_ref());
    let id = own.and_then(|own| member(own, "OrganizationId"));
    // The management account itself has no file: it is the one that others name.
    let named = || {
        let mut others = all.values().filter_map(|other| other.organization.as_ref());
        others.find(|other| member(other, "ManagementAccountId") == Some(account))
    };
    let of = match id {
        Some(_) => own,
        None => named(),
    };
    let missing = || {
        let message = "Your account is not a member of an organization.";
        not_found(400, "AWSOrganizationsNotInUseException", message)
    };
    let of = of.ok_or_else(missing)?;
    let management = member(of, "ManagementAccountId").unwrap_or(MANAGEMENT);
    Ok((member(of, "OrganizationId").unwrap(), management))
}

/// All else can only be asked by the management account, or one that it delegates to.
fn managed(cloud: &Inside, call: &Call) -> Result<(), Failure> {
    let (_, management) = organization(cloud, &call.account)?;
    let may = [Some(management), cloud.manner.delegate.as_deref()];
    match may.contains(&Some(&call.account)) {
        true => Ok(()),
        false => Err(manner::denied(call)),
    }
}

fn levels(cloud: &Inside, account: &str) -> usize {
    let own = cloud.estate.accounts.get(account);
    let own = own.and_then(|own| own.organization.as_ref());
    own.map_or(0, |own| {
        list(own, "ServiceControlPolicies")
            .len()
            .max(list(own, "ResourceControlPolicies").len())
            .max(2)
    })
}

/// Ids of a level: the root, units named after the account and their depth, the account.
fn id(account: &str, level: usize, levels: usize) -> String {
    match level {
        0 => "r-root".to_owned(),
        level if level + 1 == levels => account.to_owned(),
        level => format!("ou-root-{account}{level}"),
    }
}

/// Account and level of such an id; the root is seen from any account.
fn place(cloud: &Inside, target: &str) -> Result<(String, usize), Failure> {
    if target == "r-root" {
        let mut all = cloud.estate.accounts.iter();
        let seen = all.find(|(_, own)| own.organization.is_some());
        return Ok((seen.unwrap().0.clone(), 0));
    }
    let own = target.trim_start_matches("ou-root-");
    let account = own.get(..12).unwrap_or_default();
    let all = levels(cloud, account);
    let message = "You specified a target that doesn't exist.";
    if all == 0 {
        return Err(not_found(400, "TargetNotFoundException", message));
    }
    let level = own.get(12..).and_then(|level| level.parse().ok());
    Ok((account.to_owned(), level.unwrap_or(all - 1)))
}

/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListParents.html>
fn parents(cloud: &Inside, call: &Call) -> Outcome {
    let child = call.text("ChildId");
    let not_there = || not_found(400, "ChildNotFoundException", "No such child.");
    let (account, level) = place(cloud, child).map_err(|_| not_there())?;
    let all = levels(cloud, &account);
    if level == 0 {
        return Err(not_there());
    }
    let parent = id(&account, level - 1, all);
    let kind = if level == 1 {
        "ROOT"
    } else {
        "ORGANIZATIONAL_UNIT"
    };
    let parents = [json!({ "Id": parent, "Type": kind })];
    paged(cloud, call, "Parents", &parents)
}

/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListPoliciesForTarget.html>
fn policies(cloud: &Inside, call: &Call) -> Outcome {
    let (account, level) = place(cloud, call.text("TargetId"))?;
    let kind = call.text("Filter");
    let short = match kind {
        "SERVICE_CONTROL_POLICY" => "s",
        "RESOURCE_CONTROL_POLICY" => "r",
        other => panic!("there are no {other}"),
    };
    let count = documents(cloud, &account, short, level).len();
    let policies = (0..count).map(|index| {
        let id = format!("p-{short}{account}{level}{index}");
        json!({ "Id": id, "Name": id, "Type": kind, "AwsManaged": false })
    });
    paged(cloud, call, "Policies", &policies.collect::<Vec<_>>())
}

/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribePolicy.html>
fn policy(cloud: &Inside, call: &Call) -> Outcome {
    let wanted = call.text("PolicyId");
    let missing = || not_found(400, "PolicyNotFoundException", "No such policy.");
    let parts = wanted
        .strip_prefix("p-")
        .and_then(|own| own.split_at_checked(1));
    let (short, place) = parts.ok_or_else(missing)?;
    let (account, place) = place.split_at_checked(12).ok_or_else(missing)?;
    let (level, index) = place.split_at_checked(1).ok_or_else(missing)?;
    let (level, index) = (level.parse().unwrap(), index.parse::<usize>().unwrap());
    let all = documents(cloud, account, short, level);
    let document = all.get(index).ok_or_else(missing)?;
    let content = super::estate::document(document);
    Ok(Said::Tree(
        json!({ "Policy": { "PolicySummary": { "Id": wanted, "Name": wanted }, "Content": content } }),
    ))
}

fn documents<'a>(cloud: &'a Inside, account: &str, short: &str, level: usize) -> &'a [Value] {
    let own = cloud.estate.accounts.get(account);
    let Some(own) = own.and_then(|own| own.organization.as_ref()) else {
        return &[];
    };
    let name = match short {
        "s" => "ServiceControlPolicies",
        _ => "ResourceControlPolicies",
    };
    let documents = list(own, name).get(level).and_then(Value::as_array);
    documents.map_or(&[], Vec::as_slice)
}

fn paged(cloud: &Inside, call: &Call, member: &str, items: &[Value]) -> Outcome {
    let (page, token) = cloud.page(items, call.text("NextToken"));
    let mut tree = json!({});
    tree[member] = page.into();
    if let Some(token) = token {
        tree["NextToken"] = token.into();
    }
    Ok(Said::Tree(tree))
}
