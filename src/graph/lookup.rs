//! What is known of a thing by its name: by the name as it is written, and where names have unresolved parts by what they leave.
//!
//! A name and another one with unresolved parts are taken for the same where no third one could be meant, and where what is
//! fixed of them, behind the last slash, is the same letter by letter.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::symbol::{has_symbol, may_be_equal};
use super::{
    Account, Arn, Bucket, Fact, Graph, Group, Key, ManagedPolicy, Resource, Role, User, Want,
};

/// The names with unresolved parts of each kind of thing.
#[derive(Debug, Default)]
pub(super) struct OpenNames {
    roles: Open,
    users: Open,
    policies: Open,
    buckets: Open,
    keys: Open,
    resources: Open,
}

/// What was looked for among the things of one kind, and what came of it.
#[derive(Debug, Default)]
struct Open(Mutex<Looked>);

#[derive(Debug, Default)]
struct Looked {
    /// How many things there were: with one more all of it is looked for again.
    among: usize,
    /// The names with unresolved parts, looked for when they are first asked for.
    open: Arc<[String]>,
    /// What a name that nothing has letter by letter may mean: the same few are asked for by every action.
    meant: BTreeMap<String, Meant>,
}

/// What a name that nothing has letter by letter may mean.
#[derive(Debug, Clone)]
enum Meant {
    Nothing,
    /// The thing of this name, and nothing else.
    One(String),
    Several,
}

impl Open {
    fn meant<T>(&self, all: &BTreeMap<String, T>, name: &str) -> Meant {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.among != all.len() {
            let symbolic = all.keys().filter(|name| has_symbol(name)).cloned();
            *known = Looked {
                among: all.len(),
                open: symbolic.collect(),
                meant: BTreeMap::new(),
            };
        }
        if let Some(meant) = known.meant.get(name) {
            return meant.clone();
        }
        let may_be = |other: &&String| may_be_equal(name, other);
        let mut candidates: Vec<&String> = match has_symbol(name) {
            true => all.keys().filter(may_be).take(2).collect(),
            false => known.open.iter().filter(may_be).take(2).collect(),
        };
        let meant = match (candidates.pop(), candidates.is_empty()) {
            (None, _) => Meant::Nothing,
            (Some(only), true) if is_fixed_alike(name, only) => Meant::One(only.clone()),
            _ => Meant::Several,
        };
        known.meant.insert(name.to_owned(), meant.clone());
        meant
    }
}

/// What a name finds.
enum Found<'g, T> {
    One(&'g T),
    /// There are some that it may mean, and it does not tell which, or whether any of them.
    Open,
    Nothing,
}

impl<'g, T> Found<'g, T> {
    fn or_unseen(self) -> Fact<&'g T> {
        match self {
            Self::One(found) => Fact::Known(found),
            Self::Open | Self::Nothing => Fact::Unseen,
        }
    }
}

impl Graph {
    /// The role, or whether it is known not to exist: an account whose export is complete has no other roles.
    pub fn role(&self, arn: &str) -> Fact<&Role> {
        let found = find(&self.roles, &self.open_names.roles, arn);
        let found = self.or_absent(found, arn, |account| account.roles_complete);
        let known = |role: &Role| role.assumed.is_none();
        self.ask(found, known, || Want::Role(arn.to_owned()))
    }

    /// The user, or whether it is known not to exist.
    pub fn user(&self, arn: &str) -> Fact<&User> {
        let found = find(&self.users, &self.open_names.users, arn);
        let found = self.or_absent(found, arn, |account| account.users_complete);
        self.ask(found, |_| true, || Want::User(arn.to_owned()))
    }

    /// The group of an account that has this name.
    pub fn group(&self, account: &str, name: &str) -> Option<&Group> {
        let is_it = |group: &&Group| {
            Arn::parse(&group.arn).is_some_and(|arn| arn.account == account && arn.name() == name)
        };
        let found = self.groups.values().find(is_it);
        if found.is_none() {
            self.want(|| Want::Group {
                account: account.to_owned(),
                name: name.to_owned(),
            });
        }
        found
    }

    /// The managed policy.
    pub fn policy(&self, arn: &str) -> Fact<&ManagedPolicy> {
        let found = find(&self.policies, &self.open_names.policies, arn);
        let known =
            |policy: &ManagedPolicy| policy.assumed.is_none() && !policy.document.is_unseen();
        let want = || Want::Policy(arn.to_owned());
        self.ask(self.or_refused(found, arn), known, want)
    }

    /// The bucket of a name.
    pub fn bucket(&self, name: &str) -> Fact<&Bucket> {
        let found = find(&self.buckets, &self.open_names.buckets, name);
        let found = match found {
            Found::Nothing if self.is_absent(&format!("arn:aws:s3:::{name}")) => Fact::Absent,
            found => found.or_unseen(),
        };
        let suffix = format!(":s3:::{name}");
        let known = |bucket: &Bucket| {
            bucket.is_whole() && !self.stand_ins.keys().any(|arn| arn.ends_with(&suffix))
        };
        self.ask(found, known, || Want::Bucket(name.to_owned()))
    }

    /// The key.
    pub fn key(&self, arn: &str) -> Fact<&Key> {
        let found = find(&self.keys, &self.open_names.keys, arn);
        let want = || Want::Key(arn.to_owned());
        self.ask(self.or_refused(found, arn), |_| true, want)
    }

    /// Any other resource.
    pub fn resource(&self, arn: &str) -> Fact<&Resource> {
        let found = find(&self.resources, &self.open_names.resources, arn);
        let known = |resource: &Resource| !self.stand_ins.contains_key(&resource.arn);
        let want = || Want::Resource(arn.to_owned());
        self.ask(self.or_refused(found, arn), known, want)
    }

    /// The ARN under which a resource is known, for callers that need nothing else of it.
    pub fn resource_arn(&self, arn: &str) -> Option<&str> {
        let found = find(&self.resources, &self.open_names.resources, arn);
        found.or_unseen().known().map(|known| known.arn.as_str())
    }

    /// Keeps what is looked for and not known, where somebody wants to hear it.
    fn ask<'g, T>(
        &self,
        found: Fact<&'g T>,
        known: impl FnOnce(&T) -> bool,
        want: impl FnOnce() -> Want,
    ) -> Fact<&'g T> {
        if !matches!(found, Fact::Known(found) if known(found)) {
            self.want(want);
        }
        found
    }

    fn or_refused<'g, T>(&self, found: Found<'g, T>, arn: &str) -> Fact<&'g T> {
        match found {
            Found::Nothing if self.is_absent(arn) => Fact::Absent,
            found => found.or_unseen(),
        }
    }

    fn or_absent<'g, T>(
        &self,
        found: Found<'g, T>,
        arn: &str,
        complete: fn(&Account) -> bool,
    ) -> Fact<&'g T> {
        if !matches!(found, Found::Nothing) {
            return found.or_unseen();
        }
        let account = Arn::parse(arn).and_then(|arn| self.accounts.get(&arn.account));
        // What a name with an open end means may be any role of the account, and none of these.
        match account.is_some_and(complete) || self.is_absent(arn) {
            true => Fact::Absent,
            false => Fact::Unseen,
        }
    }
}

fn find<'g, T>(all: &'g BTreeMap<String, T>, open: &Open, name: &str) -> Found<'g, T> {
    if let Some(found) = all.get(name) {
        return Found::One(found);
    }
    match open.meant(all, name) {
        Meant::Nothing => Found::Nothing,
        Meant::One(only) => all.get(&only).map_or(Found::Open, Found::One),
        Meant::Several => Found::Open,
    }
}

/// Whether two ARNs have the same name, of which some letters are fixed.
fn is_fixed_alike(one: &str, other: &str) -> bool {
    let name = |text: &str| {
        let arn = Arn::parse(text)?;
        let name = arn.resource.rsplit(['/', ':']).next()?.to_owned();
        name.chars().any(char::is_alphanumeric).then_some(name)
    };
    name(one).is_some_and(|own| name(other).is_some_and(|other| own == other))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Origin;

    fn graph(arns: &[&str]) -> Graph {
        let mut graph = Graph::default();
        for arn in arns {
            let role = Role {
                arn: (*arn).to_owned(),
                origin: Origin::NOWHERE,
                name_origin: Origin::NOWHERE,
                unique_id: None,
                trust: Fact::Unseen,
                inline: Fact::Unseen,
                attached: Fact::Unseen,
                boundary: Fact::Unseen,
                tags: Fact::Unseen,
                assumed: None,
            };
            graph.roles.insert((*arn).to_owned(), role);
        }
        let account = Account {
            roles_complete: true,
            ..Account::default()
        };
        graph.accounts.insert("111111111111".to_owned(), account);
        graph
    }

    #[test]
    fn a_role_is_known_by_its_name_where_only_one_can_be_meant() {
        const DEPLOY: &str = "arn:aws:iam::222222222222:role/Deploy";
        let graph = graph(&[
            DEPLOY,
            "arn:aws:iam::222222222222:role/Build",
            "arn:aws:iam::333333333333:role/Build",
            "arn:aws:iam::\u{F0001}:role/Test",
        ]);
        let found = |arn: &str| match graph.role(arn) {
            Fact::Known(role) => role.arn.clone(),
            Fact::Absent => "absent".to_owned(),
            Fact::Unseen => "unseen".to_owned(),
        };
        for (arn, expected) in [
            (DEPLOY, DEPLOY),
            ("arn:aws:iam::\u{F0000}:role/Deploy", DEPLOY),
            ("arn:aws:iam::\u{F0000}:role/Build", "unseen"),
            ("arn:aws:iam::\u{F0000}:role/Other", "unseen"),
            ("arn:aws:iam::\u{F0000}:role/x/Deploy", "unseen"),
            ("arn:aws:iam::222222222222:role/De\u{F0000}", "unseen"),
            ("arn:aws:iam::222222222222:role/\u{F0000}", "unseen"),
            ("\u{F0000}", "unseen"),
            (
                "arn:aws:iam::222222222222:role/Test",
                "arn:aws:iam::\u{F0001}:role/Test",
            ),
            (
                "arn:aws:iam::\u{F0001}:role/Test",
                "arn:aws:iam::\u{F0001}:role/Test",
            ),
            (
                "arn:aws:iam::111111111111:role/Test",
                "arn:aws:iam::\u{F0001}:role/Test",
            ),
            ("arn:aws:iam::111111111111:role/Gone", "absent"),
            ("arn:aws:iam::111111111111:role/\u{F0000}/Gone", "absent"),
        ] {
            assert_eq!(found(arn), expected, "{arn:?}");
        }
    }
}
