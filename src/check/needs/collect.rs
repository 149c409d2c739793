//! Requirements, decided where there is something to decide by → lines, merged and grouped by principal.

use std::collections::{BTreeMap, BTreeSet};

use super::super::decision::{
    Decided, Docket, grants, is_impossible_pass, names_role, settle_alternatives,
};
use super::super::layers::own_policy;
use super::super::run::{Options, all_affected};
use super::super::shown::Shown as _;
use super::super::text;
use super::lines::{Call, Said, Section};
use super::sides::sides;
use super::{Counts, Kind, Needs, Policies, Principal, Standing, Unchecked, Unknown};
use crate::check::finding::ReportLayer;
use crate::graph::{Fact, Graph};
use crate::iam::Verdict;
use crate::rules::{Catalogue, MissingFact, Party, Purpose, Requirement, Site, requirements};

/// Lists what the pipelines of a graph need.
pub fn needs(graph: &Graph, catalogue: &Catalogue, options: &Options) -> Needs {
    let mut needs = Needs::default();
    let mut ledger = Ledger::new(graph);
    let grants = grants(graph);
    let mut docket = Docket::new(graph, catalogue, &grants);
    for (index, pipeline) in graph.pipelines.iter().enumerate() {
        if !options.pipelines.is_empty() && !options.wants(graph, pipeline) {
            continue;
        }
        needs.summary.pipelines += 1;
        for (stage, one) in pipeline.stages.iter().enumerate() {
            needs.summary.actions += one.actions.len();
            for (position, action) in one.steps().enumerate() {
                if catalogue.provider(&action.type_id).is_some() {
                    continue;
                }
                let site = Site {
                    pipeline: index,
                    action: Some((stage, position)),
                    origin: action.name.origin,
                };
                let kind = action.type_id.to_string();
                let affected = all_affected(graph, std::iter::once(site));
                needs
                    .unchecked
                    .extend(affected.into_iter().map(|action| Unchecked {
                        action,
                        kind: kind.clone(),
                    }));
            }
        }
        let mut decided: Vec<Decided> = requirements(graph, catalogue, index)
            .into_iter()
            .map(|requirement| docket.decide(requirement))
            .collect();
        let groups = Groups::of(&decided);
        settle_alternatives(&mut decided);
        for one in &decided {
            ledger.add(one, &groups);
        }
    }
    ledger.close(&mut needs);
    needs.show(&graph.symbols);
    needs
}

/// What is known of the sets of requirements of which one is enough, by their number within a pipeline.
struct Groups {
    callers: BTreeMap<usize, Vec<String>>,
}

impl Groups {
    fn of(decided: &[Decided]) -> Self {
        let mut callers: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for requirement in decided.iter().map(|one| &one.requirement) {
            if let Some(alternatives) = requirement.alternatives {
                let callers = callers.entry(alternatives.group).or_default();
                let name = requirement.caller.name().to_owned();
                if !callers.contains(&name) {
                    callers.push(name);
                }
            }
        }
        Self { callers }
    }

    /// The other principals of which one is enough in a caller's place.
    fn others(&self, requirement: &Requirement) -> Vec<String> {
        let group = requirement.alternatives.map(|it| it.group);
        let callers = group.and_then(|group| self.callers.get(&group));
        let own = requirement.caller.name();
        callers
            .into_iter()
            .flatten()
            .filter(|caller| *caller != own)
            .cloned()
            .collect()
    }
}

/// Who a section is about: by name, or for a role that no input names by its title and the facts that would tell.
type Who = (String, Vec<Unknown>);

struct Ledger<'g> {
    graph: &'g Graph,
    order: Vec<Who>,
    sections: BTreeMap<Who, Section>,
}

impl<'g> Ledger<'g> {
    fn new(graph: &'g Graph) -> Self {
        Self {
            graph,
            order: Vec::new(),
            sections: BTreeMap::new(),
        }
    }

    fn section(&mut self, who: &Who, kind: Kind, title: &str) -> &mut Section {
        if !self.sections.contains_key(who) {
            self.order.push(who.clone());
        }
        let section = self.sections.entry(who.clone()).or_default();
        section.kind = Some(section.kind.map_or(kind, |known| known.min(kind)));
        if !section.titles.iter().any(|known| known == title) {
            section.titles.push(title.to_owned());
        }
        section
    }

    fn add(&mut self, decided: &Decided, groups: &Groups) {
        let requirement = &decided.requirement;
        self.trust(requirement);
        let (who, title) = match &requirement.caller {
            Party::Role(role) => ((role.arn.clone(), Vec::new()), role.title.as_str()),
            // Who takes up a role that nobody can name is told where that role is.
            Party::Service(_) if is_nameless(requirement) => return,
            Party::Service(service) => ((service.clone(), Vec::new()), "service"),
            Party::User(named) | Party::Account(named) => {
                ((named.arn.clone(), Vec::new()), named.title.as_str())
            }
            Party::Unknown { title, missing } => {
                ((title.clone(), unknown(missing)), title.as_str())
            }
        };
        let kind = match (&requirement.caller, title) {
            (Party::Service(_) | Party::Account(_), _) => Kind::Service,
            (_, "pipeline role") => Kind::PipelineRole,
            (_, "action role") => Kind::ActionRole,
            _ => Kind::RoleBehind,
        };
        let said = self.said(decided, groups);
        let context = requirement.context.iter();
        let call = Call {
            resource: requirement.target.arn.clone(),
            context: context
                .filter_map(|(key, value)| Some((key.clone(), value.clone()?)))
                .collect(),
            operation: requirement.operation.clone(),
        };
        let section = self.section(&who, kind, title);
        match section.calls.get_mut(&call) {
            Some(known) => known.join(said),
            None => {
                section.order.push(call.clone());
                section.calls.insert(call, said);
            }
        }
    }

    /// A role that is taken up has a section, also where no call of its own is known: somebody has to write its trust policy.
    fn trust(&mut self, requirement: &Requirement) {
        let (kind, title) = match requirement.purpose {
            Purpose::AssumePipelineRole => (Kind::PipelineRole, "pipeline role"),
            Purpose::AssumeActionRole => (Kind::ActionRole, "action role"),
            Purpose::AssumeServiceRole => {
                let title = requirement.target.title.as_deref();
                (
                    Kind::RoleBehind,
                    title.unwrap_or("role that a service takes up"),
                )
            }
            Purpose::AssumeRoleInBuild if !requirement.target.is_pattern => {
                (Kind::RoleBehind, "role that a build takes up")
            }
            _ => return,
        };
        let who = if is_nameless(requirement) {
            (title.to_owned(), unknown(&requirement.target.missing))
        } else {
            (requirement.target.arn.clone(), Vec::new())
        };
        let caller = requirement.caller.name().to_owned();
        let section = self.section(&who, kind, title);
        if !section.assumed_by.contains(&caller) {
            section.assumed_by.push(caller);
        }
    }

    fn said(&self, decided: &Decided, groups: &Groups) -> Said {
        let requirement = &decided.requirement;
        let policies = match &requirement.caller {
            Party::Role(role) => policies_of(self.graph, &role.arn),
            Party::Service(_) if names_role(requirement) => {
                policies_of(self.graph, &requirement.target.arn)
            }
            Party::User(_) => Policies::Given,
            Party::Service(_) | Party::Account(_)
                if own_policy(self.graph, requirement).is_some() =>
            {
                Policies::Given
            }
            Party::Service(_) | Party::Account(_) => Policies::NotGiven,
            Party::Unknown { .. } => Policies::NotGiven,
        };
        let standing = (policies != Policies::NotGiven).then_some(match decided.verdict {
            Verdict::Allowed => Standing::Allowed,
            Verdict::Unknown => Standing::Undecided,
            Verdict::ExplicitDeny | Verdict::ImplicitDeny => Standing::Missing,
        });
        let denials = decided.denials.iter();
        let mut lacking: BTreeSet<ReportLayer> = denials.map(|denial| denial.layer).collect();
        if is_impossible_pass(requirement) {
            lacking.insert(ReportLayer::Structure);
        }
        let mut facts = unknown(&requirement.target.missing);
        if standing == Some(Standing::Undecided) {
            let gaps: Vec<MissingFact> = decided.gaps.iter().map(|gap| gap.fact.clone()).collect();
            facts.extend(unknown(&gaps));
        }
        let softened = decided.denials.iter().map(|denial| denial.certainty).max();
        let or_for = groups.others(requirement);
        let set = requirement.alternatives.filter(|_| or_for.is_empty());
        Said {
            certainty: softened.map_or(requirement.certainty, |it| it.max(requirement.certainty)),
            evidence: requirement.evidence,
            why: vec![requirement.why.clone()],
            documentation: requirement.documentation.clone(),
            account: requirement.target.account.clone(),
            covers: requirement.target.covers,
            sides: sides(requirement),
            sites: BTreeSet::from([requirement.site]),
            standing,
            lacking: match standing {
                Some(Standing::Missing) => lacking,
                _ => BTreeSet::new(),
            },
            unknown: facts.into_iter().collect(),
            sets: set
                .map(|set| (requirement.site.pipeline, set.group))
                .into_iter()
                .collect(),
            or_for,
        }
    }

    fn close(mut self, needs: &mut Needs) {
        for who in std::mem::take(&mut self.order) {
            let Some(section) = self.sections.remove(&who) else {
                continue;
            };
            let (name, unknown) = who;
            let kind = section.kind.unwrap_or(Kind::RoleBehind);
            let principal = Principal {
                policies: match kind {
                    Kind::Service => Policies::Given,
                    _ if !unknown.is_empty() => Policies::NotGiven,
                    _ => policies_of(self.graph, &name),
                },
                kind,
                assumed: assumed(self.graph, &name),
                titles: section.titles.clone(),
                assumed_by: section.assumed_by.clone(),
                needs: section.lines(self.graph),
                name,
                unknown,
            };
            count(&mut needs.summary, &principal);
            if principal.unknown.is_empty() {
                needs.principals.push(principal);
            } else {
                needs.unnamed.push(principal);
            }
        }
        needs.principals.sort_by_key(|principal| principal.kind);
    }
}

fn count(counts: &mut Counts, principal: &Principal) {
    counts.requirements += principal.needs.len();
    for need in &principal.needs {
        match need.standing {
            Some(Standing::Allowed) => counts.allowed += 1,
            Some(Standing::Missing) => counts.missing += 1,
            Some(Standing::Undecided) => counts.undecided += 1,
            None => {}
        }
    }
}

/// Whether a requirement is about taking up a role that no input names.
fn is_nameless(requirement: &Requirement) -> bool {
    names_role(requirement) && !requirement.target.missing.is_empty()
}

fn unknown(facts: &[MissingFact]) -> Vec<Unknown> {
    let facts = facts.iter().map(|fact| Unknown {
        what: fact.what.clone(),
        supply: fact.supply.clone(),
    });
    text::sorted(facts)
}

/// The managed policies of a role that stood in for what no input holds.
fn assumed(graph: &Graph, arn: &str) -> Vec<(String, String)> {
    let Fact::Known(role) = graph.role(arn) else {
        return Vec::new();
    };
    if role.assumed.is_some() {
        return Vec::new();
    }
    let attached = role.attached.known().into_iter().flatten();
    let policies = attached.chain(role.boundary.known());
    text::sorted(policies.filter_map(|policy| {
        let day = graph.policy(&policy.arn).known()?.assumed.clone()?;
        Some((policy.arn.clone(), day))
    }))
}

fn policies_of(graph: &Graph, arn: &str) -> Policies {
    match graph.role(arn) {
        Fact::Known(role) if role.inline.is_unseen() && role.attached.is_unseen() => {
            Policies::NotGiven
        }
        // What stands in for a role is nobody's policy yet, and the list is there to write it.
        Fact::Known(role) if role.assumed.is_some() => Policies::NotGiven,
        Fact::Known(_) => Policies::Given,
        Fact::Absent => Policies::NoSuchRole,
        Fact::Unseen => Policies::NotGiven,
    }
}
