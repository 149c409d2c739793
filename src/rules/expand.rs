//! An action and the catalogue → everything that must be allowed for it.

use std::collections::{BTreeMap, BTreeSet};

use super::artifacts::store_in;
use super::each;
use super::variables::Scope;
use super::{
    Alternatives, Catalogue, Certainty, Covers, MissingFact, NamedParty, NamedRole, Party,
    Provider, Purpose, Requirement, RequirementRule, Site,
};
use crate::graph::{Action, Graph, Pipeline, account_in, is_unknown};
use crate::source::Origin;

/// Derives the requirements of one pipeline.
pub(super) struct Expansion<'a> {
    pub(super) graph: &'a Graph,
    pub(super) catalogue: &'a Catalogue,
    pub(super) index: usize,
    pub(super) pipeline: &'a Pipeline,
    pub(super) requirements: Vec<Requirement>,
    pub(super) alternatives: usize,
}

/// All requirements of the pipeline at `index` of the graph, in the order of its actions.
pub fn requirements(graph: &Graph, catalogue: &Catalogue, index: usize) -> Vec<Requirement> {
    let Some(pipeline) = graph.pipelines.get(index) else {
        return Vec::new();
    };
    let mut expansion = Expansion::new(graph, catalogue, index, pipeline);
    expansion.pipeline_role();
    for (stage_index, stage) in pipeline.stages.iter().enumerate() {
        for (action_index, action) in stage.steps().enumerate() {
            expansion.action((stage_index, action_index), action);
        }
    }
    expansion.starts();
    expansion.requirements
}

/// What a rule is put into: who calls, for what, on which ground.
pub(super) struct Ground<'s, 'a> {
    pub(super) scope: Scope<'s>,
    pub(super) purpose: Purpose,
    pub(super) caller: Party,
    pub(super) certainty: Certainty,
    pub(super) site: Site,
    pub(super) action: Option<&'a Action>,
    /// The unresolved values on which it hangs whether anything is put here.
    pub(super) doubt: BTreeSet<char>,
}

impl<'a> Expansion<'a> {
    pub(super) fn new(
        graph: &'a Graph,
        catalogue: &'a Catalogue,
        index: usize,
        pipeline: &'a Pipeline,
    ) -> Self {
        Self {
            graph,
            catalogue,
            index,
            pipeline,
            requirements: Vec::new(),
            alternatives: 0,
        }
    }

    pub(super) fn scope(&self) -> Scope<'a> {
        Scope::of_pipeline(self.graph, self.pipeline)
    }

    pub(super) fn psr(&self) -> Party {
        Party::Role(NamedParty {
            arn: self.pipeline.role_arn.text.clone(),
            title: "pipeline role".to_owned(),
            origin: self.pipeline.role_arn.origin,
        })
    }

    fn pipeline_role(&mut self) {
        let role = self.pipeline.role_arn.text.as_str();
        let service = "codepipeline.amazonaws.com";
        let site = Site {
            pipeline: self.index,
            action: None,
            origin: self.pipeline.role_arn.origin,
        };
        let ground = Ground {
            scope: Scope {
                role: Some(role),
                service: Some(service),
                ..self.scope()
            },
            purpose: Purpose::AssumePipelineRole,
            caller: Party::Service(service.to_owned()),
            certainty: Certainty::Necessary,
            site,
            action: None,
            doubt: BTreeSet::new(),
        };
        let catalogue = self.catalogue;
        self.put(&catalogue.pipeline.assume_pipeline_role, ground);
    }

    fn action(&mut self, indices: (usize, usize), action: &'a Action) {
        let catalogue = self.catalogue;
        let site = |origin: Origin| Site {
            pipeline: self.index,
            action: Some(indices),
            origin,
        };
        if let Some(role) = &action.role_arn
            && role.text != self.pipeline.role_arn.text
        {
            let ground = Ground {
                scope: Scope {
                    action: Some(action),
                    role: Some(&role.text),
                    ..self.scope()
                },
                purpose: Purpose::AssumeActionRole,
                caller: self.psr(),
                // That the pipeline's role assumes a rule's role as it does an action's is likely, and documented nowhere.
                certainty: match action.type_id.category.as_str() {
                    "Rule" => Certainty::Advised,
                    _ => Certainty::Necessary,
                },
                site: site(role.origin),
                action: Some(action),
                doubt: BTreeSet::new(),
            };
            self.put(&catalogue.pipeline.assume_action_role, ground);
        }
        let Some(provider) = catalogue.provider(&action.type_id) else {
            return;
        };
        let site = Site {
            pipeline: self.index,
            action: Some(indices),
            origin: action.name.origin,
        };
        let scope = Scope {
            action: Some(action),
            provider: Some(provider),
            ..self.scope()
        };
        for named in provider.roles.values() {
            self.role_behind(scope, named, site, action);
        }
        for usage in &provider.artifacts {
            self.artifacts(scope, provider, usage, site, action);
        }
        for usage in &provider.commands {
            self.commands(scope, provider, usage, site, action);
        }
        let region = scope.region();
        let store = store_in(self.graph, self.pipeline, region.as_deref());
        for rule in &provider.requirements {
            let scope = Scope {
                store: store.as_ref(),
                ..scope
            };
            let role = rule.role.as_deref().unwrap_or("action-role");
            let Some(caller) = self.party(scope, provider, role) else {
                continue;
            };
            let doubt = self.doubt(scope, provider, role);
            let items = each::items(scope, rule.each.as_ref());
            for producer in producers(self.pipeline, action, rule, &scope.account()) {
                for item in &items {
                    let scope = Scope {
                        producer,
                        each: item.as_ref(),
                        ..scope
                    };
                    let ground = Ground {
                        scope,
                        purpose: purpose_of(rule),
                        caller: caller.clone(),
                        certainty: Certainty::Necessary,
                        site,
                        action: Some(action),
                        doubt: doubt.clone(),
                    };
                    self.put(rule, ground);
                }
            }
        }
    }

    /// A role that is passed on, or that a service takes up by itself.
    fn role_behind(
        &mut self,
        scope: Scope<'a>,
        named: &'a NamedRole,
        site: Site,
        action: &'a Action,
    ) {
        let catalogue = self.catalogue;
        let acting = self.acting(action);
        let Some(doubt) = self.holds(&named.when, scope, &acting, Some(action)) else {
            return;
        };
        let filled = scope.fill(&named.arn);
        if filled.absent || named.unknown.is_some() {
            return;
        }
        // A role that nobody can name is still one of the account's, which a policy may cover as a whole.
        let name = match filled.text.as_str() {
            "*" => format!(
                "arn:{}:iam::{}:role/*",
                self.pipeline.partition,
                scope.account()
            ),
            name => name.to_owned(),
        };
        let arn = role_arn(&name, self.pipeline, &scope.account());
        let site = Site {
            origin: filled.origin.unwrap_or(site.origin),
            ..site
        };
        let rules = &catalogue.pipeline;
        let passed = named
            .passed_to
            .iter()
            .map(|service| (service, &rules.pass_role, Purpose::PassRole));
        let trusted = named.trusts.iter().chain(&named.trusts_also);
        let trusted = trusted.map(|service| {
            (
                service,
                &rules.assume_service_role,
                Purpose::AssumeServiceRole,
            )
        });
        let alternatives = (!named.trusts_also.is_empty()).then(|| {
            self.alternatives += 1;
            Alternatives {
                group: self.alternatives,
                others_matter: false,
            }
        });
        for (service, rule, purpose) in passed.chain(trusted) {
            let service = scope.fill(service).text;
            let service = service.as_str();
            let caller = match purpose {
                Purpose::PassRole => acting.clone(),
                _ => Party::Service(service.to_owned()),
            };
            let ground = Ground {
                scope: Scope {
                    role: Some(&arn),
                    service: Some(service),
                    ..scope
                },
                purpose,
                caller,
                certainty: named.certainty,
                site,
                action: Some(action),
                doubt: doubt.clone(),
            };
            let before = self.requirements.len();
            self.put(rule, ground);
            for requirement in self.requirements.iter_mut().skip(before) {
                requirement
                    .target
                    .missing
                    .extend(filled.missing.iter().cloned());
                requirement.evidence = named.evidence;
                requirement.documentation = named.documentation.all().to_vec();
                requirement.target.title = Some(named.title.clone());
                if purpose == Purpose::AssumeServiceRole {
                    requirement.alternatives = alternatives;
                    for (key, template) in &named.context {
                        let filled = scope.fill(template);
                        if !filled.absent {
                            requirement.context.insert(key.clone(), Some(filled.text));
                        }
                    }
                }
                if !filled.missing.is_empty() {
                    requirement.target.covers = Covers::OneUnknown;
                }
            }
        }
    }

    /// The role a rule names; `None` when the action has none.
    pub(super) fn party(
        &self,
        scope: Scope<'a>,
        provider: &'a Provider,
        role: &str,
    ) -> Option<Party> {
        match role {
            "pipeline-role" => Some(self.psr()),
            "action-role" => Some(self.acting(scope.action?)),
            _ => {
                let named = provider.roles.get(role)?;
                let acting = self.acting(scope.action?);
                self.holds(&named.when, scope, &acting, scope.action)?;
                if let Some(unknown) = &named.unknown {
                    return Some(Party::Unknown {
                        title: named.title.clone(),
                        missing: vec![scope.unnamed(unknown)],
                    });
                }
                let filled = scope.fill(&named.arn);
                if filled.absent {
                    return None;
                }
                if !filled.missing.is_empty() {
                    return Some(Party::Unknown {
                        title: named.title.clone(),
                        missing: filled.missing,
                    });
                }
                let arn = role_arn(&filled.text, self.pipeline, &scope.account());
                let origin = filled.origin.unwrap_or(scope.action?.name.origin);
                Some(Party::Role(NamedParty {
                    arn,
                    title: named.title.clone(),
                    origin,
                }))
            }
        }
    }

    /// The unresolved values on which it hangs whether the action has the role that a rule names.
    pub(super) fn doubt(
        &self,
        scope: Scope<'a>,
        provider: &'a Provider,
        role: &str,
    ) -> BTreeSet<char> {
        let named = provider.roles.get(role).zip(scope.action);
        let holds = named.and_then(|(named, action)| {
            self.holds(&named.when, scope, &self.acting(action), scope.action)
        });
        holds.unwrap_or_default()
    }

    fn acting(&self, action: &Action) -> Party {
        match &action.role_arn {
            Some(role) => Party::Role(NamedParty {
                arn: role.text.clone(),
                title: "action role".to_owned(),
                origin: role.origin,
            }),
            None => self.psr(),
        }
    }

    /// Fills one rule in and keeps what comes out.
    pub(super) fn put(&mut self, rule: &RequirementRule, ground: Ground<'_, 'a>) {
        let holds = self.holds(&rule.when, ground.scope, &ground.caller, ground.action);
        let Some(mut doubt) = holds else {
            return;
        };
        doubt.extend(&ground.doubt);
        let group = (!rule.alternatives.is_empty()).then(|| {
            self.alternatives += 1;
            Alternatives {
                group: self.alternatives,
                others_matter: true,
            }
        });
        let mut context = BTreeMap::new();
        for (key, template) in &rule.context {
            // A key with an unknown part ends with `*`, and stands for every key it begins.
            let key = ground.scope.fill(key);
            let filled = ground.scope.fill(template);
            if !filled.absent && !key.absent {
                context.insert(key.text, filled.missing.is_empty().then_some(filled.text));
            }
        }
        for key in &rule.unknown_context {
            context.entry(key.clone()).or_insert(None);
        }
        for template in &rule.resources {
            let Some(target) = self.target(rule, &ground, template) else {
                continue;
            };
            for (operation, alternative) in Scope::operations(rule) {
                self.requirements.push(Requirement {
                    purpose: ground.purpose,
                    caller: ground.caller.clone(),
                    operation: operation.clone(),
                    target: target.clone(),
                    context: context.clone(),
                    certainty: rule.certainty.max(ground.certainty),
                    alternatives: group.filter(|_| alternative),
                    region: self.region_of(&ground, operation),
                    why: rule.why.clone(),
                    evidence: rule.evidence,
                    documentation: rule.documentation.all().to_vec(),
                    site: ground.site,
                    doubt: doubt.clone(),
                });
            }
        }
    }
}

/// The producers a rule is repeated for: one `None` for a rule that does not ask for any.
fn producers<'a>(
    pipeline: &'a Pipeline,
    action: &Action,
    rule: &RequirementRule,
    account: &str,
) -> Vec<Option<&'a Action>> {
    let Some(wanted) = &rule.producer else {
        return vec![None];
    };
    let made_by = |name: &str| {
        let mut actions = pipeline.stages.iter().flat_map(|stage| &stage.actions);
        actions.find(|other| other.outputs.iter().any(|output| output.text == name))
    };
    let foreign = |producer: &Action| {
        let role = producer.role_arn.as_ref().unwrap_or(&pipeline.role_arn);
        account_in(&role.text).is_some_and(|own| own != account)
    };
    let fits = |producer: &&Action| {
        producer.type_id.provider == wanted.provider
            && wanted
                .foreign
                .is_none_or(|wanted| wanted == foreign(producer))
            && wanted.configuration.iter().all(|(key, value)| {
                producer
                    .configuration
                    .get(key)
                    .is_some_and(|written| written.text.eq_ignore_ascii_case(value))
            })
    };
    action
        .inputs
        .iter()
        .filter_map(|input| made_by(&input.text))
        .filter(fits)
        .map(Some)
        .collect()
}

/// What touches the artifact store is told apart from what the provider itself needs: other policies have to agree.
pub(super) fn purpose_of(rule: &RequirementRule) -> Purpose {
    if rule
        .resources
        .iter()
        .any(|template| template.contains("${store.key}"))
    {
        Purpose::ArtifactKey
    } else if rule
        .operations
        .iter()
        .all(|operation| operation == "iam:PassRole")
        && !rule.operations.is_empty()
    {
        Purpose::PassRole
    } else if rule
        .resources
        .iter()
        .any(|template| template.contains("${store."))
    {
        Purpose::Artifact
    } else {
        Purpose::ServiceCall
    }
}

/// AWS takes a role's bare name in some places where it shows ARNs in others.
fn role_arn(text: &str, pipeline: &Pipeline, account: &str) -> String {
    // A parameter may be either, and is meant as AWS shows it.
    if text.starts_with("arn:") || text == "*" || text.starts_with(is_unknown) {
        text.to_owned()
    } else {
        format!("arn:{}:iam::{account}:role/{text}", pipeline.partition)
    }
}

/// Facts of a party or target that keep a requirement from being decided at all.
pub fn missing_of(requirement: &Requirement) -> Vec<MissingFact> {
    match &requirement.caller {
        Party::Unknown { missing, .. } => missing.clone(),
        Party::Role(_) | Party::User(_) | Party::Account(_) | Party::Service(_) => {
            requirement.target.missing.clone()
        }
    }
}
