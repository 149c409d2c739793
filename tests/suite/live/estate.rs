//! What is in the accounts: a snapshot folder, or a case's fixtures, taken apart into the things that services describe.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value, json};

/// All accounts.
#[derive(Debug, Clone, Default)]
pub(super) struct Estate {
    pub(super) accounts: BTreeMap<String, Account>,
    /// Buckets by their names, which are unique in all accounts: owner and description.
    pub(super) buckets: BTreeMap<String, (String, Value)>,
    /// Everything else by account, Region and path below that: `kms/KEY.json`.
    pub(super) things: BTreeMap<(String, String), BTreeMap<String, Value>>,
}

/// What one account holds that has no Region.
#[derive(Debug, Clone, Default)]
pub(super) struct Account {
    /// By name, in the form of `get-account-authorization-details`.
    pub(super) roles: BTreeMap<String, Value>,
    pub(super) users: BTreeMap<String, Value>,
    pub(super) groups: BTreeMap<String, Value>,
    /// By ARN, with `PolicyVersionList`.
    pub(super) policies: BTreeMap<String, Value>,
    /// As in a snapshot folder.
    pub(super) organization: Option<Value>,
}

impl Estate {
    /// Reads a folder.
    pub(super) fn of(folder: &Path) -> Self {
        let mut files = BTreeMap::new();
        for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
            let entry = entry.unwrap();
            if entry.path().extension().is_some_and(|end| end == "json") {
                let name = entry.path().strip_prefix(folder).unwrap();
                let name = name.to_str().unwrap().replace('\\', "/");
                let text = std::fs::read_to_string(entry.path()).unwrap();
                files.insert(name, serde_json::from_str(&text).unwrap());
            }
        }
        Self::from_files(files)
    }

    /// Takes apart the files of a snapshot folder, by their paths in it.
    pub(super) fn from_files(files: BTreeMap<String, Value>) -> Self {
        let mut estate = Self::default();
        for (name, mut value) in files {
            // What could not be read when the snapshot was taken is not there.
            let refused = value.as_object_mut().and_then(|all| all.remove("Errors"));
            if refused.is_some() && value.as_object().is_some_and(Map::is_empty) {
                continue;
            }
            let (account, path) = name.split_once('/').unwrap();
            estate.add(account, path, value);
        }
        estate
    }

    fn add(&mut self, account: &str, path: &str, value: Value) {
        let own = self.accounts.entry(account.to_owned()).or_default();
        let segments: Vec<&str> = path.split('/').collect();
        match segments[..] {
            ["authorization-details.json"] => own.details(&value),
            ["organizations.json"] => own.organization = Some(bare(value)),
            ["iam", "roles", _] => insert(&mut own.roles, "RoleName", merged(value, "Role")),
            ["iam", "users", _] => insert(&mut own.users, "UserName", merged(value, "User")),
            ["iam", "groups", _] => insert(&mut own.groups, "GroupName", merged(value, "Group")),
            // AWS's own policies lie in a folder of their own.
            ["iam", "policies", _] | ["iam", "policies", "aws", _] => {
                let mut policy = value["Policy"].clone();
                policy["PolicyVersionList"] = json!([value["PolicyVersion"]]);
                insert(&mut own.policies, "Arn", policy);
            }
            ["s3", _] => {
                let name = value["Name"].as_str().unwrap().to_owned();
                self.buckets.insert(name, (account.to_owned(), value));
            }
            [region, ..] if region.contains('-') => {
                let place = (account.to_owned(), region.to_owned());
                let things = self.things.entry(place).or_default();
                things.insert(segments[1..].join("/"), value);
            }
            _ => panic!("{account}/{path} is no part of a snapshot"),
        }
    }

    /// What is in a place under a folder: `kms`.
    pub(super) fn under(
        &self,
        account: &str,
        region: &str,
        folder: &str,
    ) -> impl Iterator<Item = &Value> {
        let things = self.things.get(&(account.to_owned(), region.to_owned()));
        let folder = format!("{folder}/");
        let things = things.into_iter().flatten();
        things
            .filter(move |(path, _)| path.starts_with(&folder))
            .map(|(_, value)| value)
    }

    /// A managed policy as an account sees it: its own, or AWS's, which everybody sees alike.
    pub(super) fn policy(&self, account: &str, arn: &str) -> Option<&Value> {
        if arn.contains(":iam::aws:policy/") {
            let mut all = self.accounts.values();
            return all.find_map(|account| account.policies.get(arn));
        }
        self.accounts.get(account)?.policies.get(arn)
    }
}

impl Account {
    fn details(&mut self, value: &Value) {
        for (list, name, into) in [
            ("RoleDetailList", "RoleName", &mut self.roles),
            ("UserDetailList", "UserName", &mut self.users),
            ("GroupDetailList", "GroupName", &mut self.groups),
            ("Policies", "Arn", &mut self.policies),
        ] {
            for item in value[list].as_array().into_iter().flatten() {
                insert(into, name, item.clone());
            }
        }
    }
}

fn insert(into: &mut BTreeMap<String, Value>, name: &str, value: Value) {
    let name = value[name].as_str().unwrap().to_owned();
    into.insert(name, value);
}

/// Policies of an organization may lie in a snapshot as documents, or under `Content` beside their names.
fn bare(mut organization: Value) -> Value {
    for kind in ["ServiceControlPolicies", "ResourceControlPolicies"] {
        let levels = organization.get_mut(kind).and_then(Value::as_array_mut);
        for policy in levels
            .into_iter()
            .flatten()
            .filter_map(Value::as_array_mut)
            .flatten()
        {
            if let Some(content) = policy.get_mut("Content") {
                *policy = content.take();
            }
        }
    }
    organization
}

/// `{"Role": {…}, "RolePolicyList": […]}` as one object, as account exports have it.
fn merged(value: Value, member: &str) -> Value {
    let Value::Object(mut members) = value else {
        panic!("no object");
    };
    if let Some(Value::Object(inner)) = members.remove(member) {
        members.extend(inner);
    }
    Value::Object(members)
}

/// A text member; AWS's services answer it as it is.
pub(super) fn text<'a>(value: &'a Value, member: &str) -> Option<&'a str> {
    value.get(member).and_then(Value::as_str)
}

/// A list member; empty when it is not there.
pub(super) fn list<'a>(value: &'a Value, member: &str) -> &'a [Value] {
    value
        .get(member)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// A policy document as the text that was once stored; fixtures have it as a tree, as text, or URL-encoded.
pub(super) fn document(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) if text.starts_with('%') => Some(super::http::decoded(text)),
        Value::String(text) => Some(text.clone()),
        tree => Some(tree.to_string()),
    }
}
