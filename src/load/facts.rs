//! Facts from all readers, merged: the same fact twice is one, and of two that differ the later one counts.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::Warning;
use super::same::Says;
use crate::graph::{
    AttachedPolicy, Bucket, Buildspec, Fact, Graph, Group, Key, ManagedPolicy, Organization,
    Pipeline, Policy, Refusal, Resource, Role, User, Written,
};
use crate::source::Origin;

/// What all readers have found so far.
#[derive(Debug, Default)]
pub(super) struct Facts {
    graph: Graph,
    warnings: Vec<Warning>,
    file: usize,
    pages: Vec<(usize, Page)>,
    inline: Vec<LoneInline>,
    organizations: BTreeMap<String, Origin>,
    open: Vec<Origin>,
}

/// One page of an account export.
#[derive(Debug)]
pub(super) struct Page {
    /// The account, where the page or its path tells it.
    pub(super) account: Option<String>,
    /// Whether another page follows.
    pub(super) truncated: bool,
    /// How many roles are on it.
    pub(super) roles: usize,
    /// How many users are on it.
    pub(super) users: usize,
}

/// An inline policy that came without its role.
#[derive(Debug)]
pub(super) struct LoneInline {
    /// The role's account, where the path tells it.
    pub(super) account: Option<String>,
    /// The role's name.
    pub(super) role: Written,
    /// The policy.
    pub(super) policy: Policy,
    /// Whether a template puts it there, so that an export of today need not have it.
    pub(super) declared: bool,
}

/// How two descriptions of one thing compare.
#[derive(Default)]
struct Comparison {
    differs: Vec<&'static str>,
}

impl Comparison {
    /// Keeps what only one description says, and the later one of two that differ.
    fn fact<T: Says>(&mut self, what: &'static str, earlier: &mut Fact<T>, later: Fact<T>) {
        match (&*earlier, &later) {
            (_, Fact::Unseen) => {}
            (Fact::Unseen, _) => *earlier = later,
            (one, two) if one.says(two) => {}
            _ => {
                self.differs.push(what);
                *earlier = later;
            }
        }
    }

    /// The same where silence is `None`.
    fn option<T: Says>(&mut self, what: &'static str, earlier: &mut Option<T>, later: Option<T>) {
        let Some(later) = later else { return };
        if let Some(one) = earlier.as_ref() {
            if one.says(&later) {
                return;
            }
            self.differs.push(what);
        }
        *earlier = Some(later);
    }

    fn warning(self, thing: &str, earlier: Origin, later: Origin) -> Option<Warning> {
        let what = match self.differs.as_slice() {
            [] => return None,
            [one] => (*one).to_owned(),
            [first @ .., last] => format!("{} and {last}", first.join(", ")),
        };
        Some(Warning {
            message: format!(
                "{thing} is described twice, and the two differ in {what}; the later one counts"
            ),
            help: Some("remove the description that is out of date".to_owned()),
            origins: vec![later, earlier],
        })
    }
}

impl Facts {
    /// Tells that what follows comes from another file.
    pub(super) fn begin_file(&mut self) {
        self.file += 1;
    }

    /// Tells that all event rules of an account and Region that have a target are there.
    pub(super) fn add_event_target(&mut self, place: (String, String, String)) {
        self.graph.event_targets.insert(place);
    }

    /// Adds a read that brought no description; a later answer about the same takes its place.
    pub(super) fn add_refusal(&mut self, refusal: Refusal) {
        let known = self.graph.refusals.entry(refusal.subject.clone());
        let known = known.or_default();
        known.retain(|earlier| earlier.operation != refusal.operation);
        known.push(refusal);
    }

    /// Adds a warning.
    pub(super) fn warn(&mut self, warning: Warning) {
        self.warnings.push(warning);
    }

    /// Notes that a template leaves open what stands here, of what is being read.
    pub(super) fn leave_open(&mut self, origin: Origin) {
        self.open.push(origin);
    }

    /// What was left open since this was last asked.
    pub(super) fn left_open(&mut self) -> Vec<Origin> {
        std::mem::take(&mut self.open)
    }

    /// Adds a page of an account export.
    pub(super) fn add_page(&mut self, page: Page) {
        self.pages.push((self.file, page));
    }

    /// Adds an inline policy that came without its role, which may still follow.
    pub(super) fn add_inline(&mut self, policy: LoneInline) {
        self.inline.push(policy);
    }

    /// Adds a role.
    pub(super) fn add_role(&mut self, mut role: Role) {
        order(&mut role.inline, &mut role.attached);
        let known = match self.graph.roles.entry(role.arn.clone()) {
            Entry::Vacant(place) => {
                place.insert(role);
                return;
            }
            Entry::Occupied(known) => known.into_mut(),
        };
        let mut both = Comparison::default();
        both.option("the unique id", &mut known.unique_id, role.unique_id);
        both.fact("the trust policy", &mut known.trust, role.trust);
        both.fact("the inline policies", &mut known.inline, role.inline);
        both.fact("the attached policies", &mut known.attached, role.attached);
        both.fact(
            "the permissions boundary",
            &mut known.boundary,
            role.boundary,
        );
        both.fact("the tags", &mut known.tags, role.tags);
        let thing = format!("role `{}`", known.arn);
        let warning = both.warning(&thing, known.origin, role.origin);
        self.warnings.extend(warning);
    }

    /// Adds a user.
    pub(super) fn add_user(&mut self, mut user: User) {
        order(&mut user.inline, &mut user.attached);
        if let Fact::Known(groups) = &mut user.groups {
            groups.sort();
        }
        let known = match self.graph.users.entry(user.arn.clone()) {
            Entry::Vacant(place) => {
                place.insert(user);
                return;
            }
            Entry::Occupied(known) => known.into_mut(),
        };
        let mut both = Comparison::default();
        both.option("the unique id", &mut known.unique_id, user.unique_id);
        both.fact("the inline policies", &mut known.inline, user.inline);
        both.fact("the attached policies", &mut known.attached, user.attached);
        let boundary = "the permissions boundary";
        both.fact(boundary, &mut known.boundary, user.boundary);
        both.fact("the tags", &mut known.tags, user.tags);
        both.fact("the groups", &mut known.groups, user.groups);
        let thing = format!("user `{}`", known.arn);
        let warning = both.warning(&thing, known.origin, user.origin);
        self.warnings.extend(warning);
    }

    /// Adds a group.
    pub(super) fn add_group(&mut self, mut group: Group) {
        order(&mut group.inline, &mut group.attached);
        let known = match self.graph.groups.entry(group.arn.clone()) {
            Entry::Vacant(place) => {
                place.insert(group);
                return;
            }
            Entry::Occupied(known) => known.into_mut(),
        };
        let mut both = Comparison::default();
        both.fact("the inline policies", &mut known.inline, group.inline);
        both.fact("the attached policies", &mut known.attached, group.attached);
        let thing = format!("group `{}`", known.arn);
        let warning = both.warning(&thing, known.origin, group.origin);
        self.warnings.extend(warning);
    }

    /// Adds a managed policy.
    pub(super) fn add_managed_policy(&mut self, policy: ManagedPolicy) {
        let known = match self.graph.policies.entry(policy.arn.clone()) {
            Entry::Vacant(place) => {
                place.insert(policy);
                return;
            }
            Entry::Occupied(known) => known.into_mut(),
        };
        let mut both = Comparison::default();
        both.fact("the document", &mut known.document, policy.document);
        let thing = format!("managed policy `{}`", known.arn);
        let warning = both.warning(&thing, known.origin, policy.origin);
        self.warnings.extend(warning);
    }

    /// Adds a bucket.
    pub(super) fn add_bucket(&mut self, bucket: Bucket) {
        let known = match self.graph.buckets.entry(bucket.name.clone()) {
            Entry::Vacant(place) => {
                place.insert(bucket);
                return;
            }
            Entry::Occupied(known) => known.into_mut(),
        };
        let mut both = Comparison::default();
        both.option("the account", &mut known.account, bucket.account);
        both.fact("the Region", &mut known.region, bucket.region);
        both.fact("the policy", &mut known.policy, bucket.policy);
        both.fact("the bucket key", &mut known.bucket_key, bucket.bucket_key);
        both.fact(
            "the public access block",
            &mut known.restrict_public,
            bucket.restrict_public,
        );
        let thing = format!("bucket `{}`", known.name);
        let warning = both.warning(&thing, known.origin, bucket.origin);
        self.warnings.extend(warning);
    }

    /// Adds a key.
    pub(super) fn add_key(&mut self, key: Key) {
        let known = match self.graph.keys.entry(key.arn.clone()) {
            Entry::Vacant(place) => {
                place.insert(key);
                return;
            }
            Entry::Occupied(known) => known.into_mut(),
        };
        let mut both = Comparison::default();
        both.fact("the policy", &mut known.policy, key.policy);
        both.fact("the grants", &mut known.grants, key.grants);
        both.fact("the aliases", &mut known.aliases, key.aliases);
        both.option("the manager", &mut known.manager, key.manager);
        both.option("the kind of key", &mut known.spec, key.spec);
        both.option("the state", &mut known.state, key.state);
        let thing = format!("key `{}`", known.arn);
        let warning = both.warning(&thing, known.origin, key.origin);
        self.warnings.extend(warning);
    }

    /// Adds any other resource.
    pub(super) fn add_resource(&mut self, resource: Resource) {
        let known = match self.graph.resources.entry(resource.arn.clone()) {
            Entry::Vacant(place) => {
                place.insert(resource);
                return;
            }
            Entry::Occupied(known) => known.into_mut(),
        };
        let mut both = Comparison::default();
        both.fact("the policy", &mut known.policy, resource.policy);
        let contradicts = resource.values.iter().any(|(path, value)| {
            known
                .values
                .get(path)
                .is_some_and(|other| !other.says(value))
        });
        if contradicts {
            both.differs.push("the description");
            known.values = resource.values;
        } else {
            for (path, value) in resource.values {
                known.values.entry(path).or_insert(value);
            }
        }
        let thing = format!("`{}`", known.arn);
        let warning = both.warning(&thing, known.origin, resource.origin);
        self.warnings.extend(warning);
    }

    /// Adds a buildspec that is a file of its own.
    pub(super) fn add_buildspec_file(&mut self, file: String, buildspec: Buildspec) {
        self.graph.buildspec_files.insert(file, buildspec);
    }

    /// Adds a buildspec that stands inside another fact.
    pub(super) fn add_inline_buildspec(&mut self, text: Origin, buildspec: Buildspec) {
        self.graph.inline_buildspecs.insert(text, buildspec);
    }

    /// Adds a pipeline. One whose Region nobody told is the one of the same name in the same account.
    pub(super) fn add_pipeline(&mut self, mut pipeline: Pipeline) {
        let same = |known: &&mut Pipeline| {
            known.account == pipeline.account
                && known.name.says(&pipeline.name)
                && (known.region == pipeline.region
                    || known.region.is_none()
                    || pipeline.region.is_none())
        };
        let Some(known) = self.graph.pipelines.iter_mut().find(same) else {
            self.graph.pipelines.push(pipeline);
            return;
        };
        if known.region.is_none() {
            known.region = pipeline.region.take();
        }
        if known.says(&pipeline) {
            return;
        }
        self.warnings.push(Warning {
            message: format!(
                "pipeline `{}` is described twice, and the two differ; the later one counts",
                pipeline.name.text
            ),
            help: Some("remove the description that is out of date".to_owned()),
            origins: vec![pipeline.origin, known.origin],
        });
        pipeline.region = pipeline.region.or_else(|| known.region.take());
        *known = pipeline;
    }

    /// Adds what an organization imposes on an account.
    pub(super) fn add_organization(
        &mut self,
        account: String,
        organization: Organization,
        origin: Origin,
    ) {
        let thing = format!("the organization of account `{account}`");
        let place = self.graph.accounts.entry(account.clone()).or_default();
        let Some(known) = &mut place.organization else {
            place.organization = Some(organization);
            self.organizations.insert(account, origin);
            return;
        };
        let earlier = self.organizations.insert(account, origin);
        let mut both = Comparison::default();
        both.option("its id", &mut known.id, organization.id);
        both.option(
            "the management account",
            &mut known.management_account,
            organization.management_account,
        );
        both.option(
            "the service control policies",
            &mut known.service_control_policies,
            organization.service_control_policies,
        );
        both.option(
            "the resource control policies",
            &mut known.resource_control_policies,
            organization.resource_control_policies,
        );
        let warning = both.warning(&thing, earlier.unwrap_or(origin), origin);
        self.warnings.extend(warning);
    }

    /// The graph, once every input has been read.
    pub(super) fn finish(mut self) -> (Graph, Vec<Warning>) {
        self.settle_exports();
        self.settle_inline();
        (self.graph, self.warnings)
    }

    /// An account's roles are complete when its export has a last page: one behind which no other follows.
    ///
    /// The order of pages is not looked at, since files of the names `page-10` and `page-2` sort the wrong way.
    /// A page without a single ARN (IAM may answer empty pages) belongs to the account of its file.
    fn settle_exports(&mut self) {
        let mut accounts: BTreeMap<String, (bool, usize, usize)> = BTreeMap::new();
        for (file, page) in &self.pages {
            let mut neighbours = self
                .pages
                .iter()
                .filter(|(other, _)| other == file)
                .filter_map(|(_, page)| page.account.as_ref());
            let first = neighbours.next();
            let shared = first.filter(|first| neighbours.all(|other| other == *first));
            let Some(account) = page.account.as_ref().or(shared) else {
                continue;
            };
            let (complete, roles, users) = accounts.entry(account.clone()).or_default();
            *complete |= !page.truncated;
            *roles += page.roles;
            *users += page.users;
        }
        for (account, (complete, roles, users)) in accounts {
            let account = self.graph.accounts.entry(account).or_default();
            account.roles_complete = complete && roles > 0;
            // An export with `--filter Role` holds no users, and says nothing of them.
            account.users_complete = complete && users > 0;
        }
    }

    /// Hangs inline policies that came alone on their roles.
    fn settle_inline(&mut self) {
        for LoneInline {
            account,
            role,
            policy,
            declared,
        } in std::mem::take(&mut self.inline)
        {
            let mut owners = self.graph.roles.values_mut().filter(|known| {
                known.arn.rsplit('/').next() == Some(role.text.as_str())
                    && account
                        .as_deref()
                        .is_none_or(|number| known.arn.split(':').nth(4) == Some(number))
            });
            let owner = owners.next();
            let others = owners.count();
            let name = policy.name.clone().unwrap_or_default();
            let warn = |message: String, help: &str, earlier: Option<Origin>| Warning {
                message,
                help: Some(help.to_owned()),
                origins: std::iter::once(policy.origin).chain(earlier).collect(),
            };
            let Some(owner) = owner.filter(|_| others == 0) else {
                let (count, help) = if others == 0 {
                    ("no role", "add the output of `aws iam get-role` for it")
                } else {
                    (
                        "more than one role",
                        "put the file under the path `<account-id>/iam/roles/`",
                    )
                };
                let message = format!(
                    "inline policy `{name}` is left out: {count} among the inputs has the name `{}`",
                    role.text
                );
                self.warnings.push(warn(message, help, None));
                continue;
            };
            let Fact::Known(inline) = &mut owner.inline else {
                let message = format!(
                    "inline policy `{name}` of role `{}` was read, but nothing says whether the role has others",
                    owner.arn
                );
                let help = "add the account's `get-account-authorization-details`, or a `RolePolicyList` with all of them to the role's file";
                self.warnings.push(warn(message, help, None));
                let lone = self
                    .graph
                    .lone_inline_policies
                    .entry(owner.arn.clone())
                    .or_default();
                place_inline(lone, policy);
                continue;
            };
            let known = inline
                .iter()
                .find(|known| known.name == policy.name)
                .map(|known| (known.says(&policy), known.origin));
            match known {
                Some((true, _)) => continue,
                Some((false, origin)) => {
                    let message = format!(
                        "inline policy `{name}` of role `{}` is described twice, and the two differ; the one read alone counts",
                        owner.arn
                    );
                    let help = "remove the description that is out of date";
                    self.warnings.push(warn(message, help, Some(origin)));
                }
                None if declared => {}
                None => {
                    let message = format!(
                        "inline policy `{name}` is missing from the policies listed for role `{}`; it counts all the same",
                        owner.arn
                    );
                    let help = "remove the description that is out of date";
                    self.warnings.push(warn(message, help, Some(owner.origin)));
                }
            }
            place_inline(inline, policy);
        }
    }
}

/// AWS returns both lists in no particular order.
fn order(inline: &mut Fact<Vec<Policy>>, attached: &mut Fact<Vec<AttachedPolicy>>) {
    if let Fact::Known(inline) = inline {
        inline.sort_by(|one, two| one.name.cmp(&two.name));
    }
    if let Fact::Known(attached) = attached {
        attached.sort_by(|one, two| one.arn.cmp(&two.arn));
    }
}

/// Replaces the policy of the same name, or adds one.
fn place_inline(policies: &mut Vec<Policy>, policy: Policy) {
    match policies.iter_mut().find(|known| known.name == policy.name) {
        Some(known) => *known = policy,
        None => policies.push(policy),
    }
}
