//! An action and the catalogue → everything that must be allowed for it.

use std::collections::BTreeMap;

use super::variables::{Scope, Store, customer_key, home_region};
use super::{
    Alternatives, ArtifactUse, Catalogue, Certainty, Covers, MissingFact, NamedParty, NamedRole,
    Party, Provider, Purpose, Requirement, RequirementRule, Site, Target, When,
};
use crate::graph::{Action, Arn, Graph, Pipeline};
use crate::source::Origin;

/// Derives the requirements of one pipeline.
struct Expansion<'a> {
    graph: &'a Graph,
    catalogue: &'a Catalogue,
    index: usize,
    pipeline: &'a Pipeline,
    requirements: Vec<Requirement>,
    alternatives: usize,
}

/// All requirements of the pipeline at `index` of the graph, in the order of its actions.
pub fn requirements(graph: &Graph, catalogue: &Catalogue, index: usize) -> Vec<Requirement> {
    let Some(pipeline) = graph.pipelines.get(index) else {
        return Vec::new();
    };
    let mut expansion = Expansion {
        graph,
        catalogue,
        index,
        pipeline,
        requirements: Vec::new(),
        alternatives: 0,
    };
    expansion.pipeline_role();
    for (stage_index, stage) in pipeline.stages.iter().enumerate() {
        for (action_index, action) in stage.actions.iter().enumerate() {
            expansion.action((stage_index, action_index), action);
        }
    }
    expansion.requirements
}

/// The artifact store used in a Region; `None` when the pipeline has none there.
pub fn store_in<'a>(
    graph: &Graph,
    pipeline: &'a Pipeline,
    region: Option<&str>,
) -> Option<Store<'a>> {
    let home = home_region(graph, pipeline);
    let region = region.map(str::to_owned).or_else(|| home.clone());
    let store = if pipeline.artifact_stores.is_empty() {
        let elsewhere = matches!((&region, &home), (Some(region), Some(home)) if region != home);
        pipeline.artifact_store.as_ref().filter(|_| !elsewhere)?
    } else {
        match &region {
            Some(region) => pipeline.artifact_stores.get(region)?,
            None => pipeline.artifact_stores.values().next()?,
        }
    };
    Some(Store {
        region,
        bucket: &store.location.text,
        origin: store.location.origin,
        key_id: store
            .encryption_key
            .as_ref()
            .map(|key| key.id.text.as_str()),
    })
}

/// What a rule is put into: who calls, for what, on which ground.
struct Ground<'s, 'a> {
    scope: Scope<'s>,
    purpose: Purpose,
    caller: Party,
    certainty: Certainty,
    site: Site,
    action: Option<&'a Action>,
}

impl<'a> Expansion<'a> {
    fn scope(&self) -> Scope<'a> {
        Scope {
            graph: self.graph,
            pipeline: self.pipeline,
            action: None,
            provider: None,
            producer: None,
            store: None,
            caller: None,
            role: None,
            service: None,
        }
    }

    fn psr(&self) -> Party {
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
                certainty: Certainty::Necessary,
                site: site(role.origin),
                action: Some(action),
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
            for producer in producers(self.pipeline, action, rule, &scope.account()) {
                let scope = Scope { producer, ..scope };
                let ground = Ground {
                    scope,
                    purpose: purpose_of(rule),
                    caller: caller.clone(),
                    certainty: Certainty::Necessary,
                    site,
                    action: Some(action),
                };
                self.put(rule, ground);
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
        if !self.holds(&named.when, scope, &acting, Some(action)) {
            return;
        }
        let filled = scope.fill(&named.arn);
        if filled.absent {
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
            };
            let before = self.requirements.len();
            self.put(rule, ground);
            for requirement in self.requirements.iter_mut().skip(before) {
                requirement
                    .target
                    .missing
                    .extend(filled.missing.iter().cloned());
                requirement.documentation = named.documentation.clone();
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

    fn artifacts(
        &mut self,
        scope: Scope<'a>,
        provider: &'a Provider,
        usage: &'a ArtifactUse,
        site: Site,
        action: &'a Action,
    ) {
        let catalogue = self.catalogue;
        let Some(caller) = self.party(scope, provider, &usage.role) else {
            return;
        };
        if !self.holds(&usage.when, scope, &caller, Some(action)) {
            return;
        }
        let region = scope.region();
        let store = store_in(self.graph, self.pipeline, region.as_deref());
        let Some(store) = store else { return };
        let reads = usage.reads && !action.inputs.is_empty();
        let writes = usage.writes && !action.outputs.is_empty();
        let rules = &catalogue.pipeline;
        if reads {
            self.artifact_rules(
                &rules.read_artifacts,
                scope,
                &store,
                caller.clone(),
                usage.certainty,
                site,
                action,
            );
        }
        if writes {
            let own = usage
                .encryption_key
                .as_ref()
                .map(|template| scope.fill(template));
            let store = match &own {
                Some(key) if key.missing.is_empty() => Store {
                    key_id: Some(key.text.as_str()).filter(|_| !key.absent),
                    ..store.clone()
                },
                Some(_) | None => store.clone(),
            };
            self.artifact_rules(
                &rules.write_artifacts,
                scope,
                &store,
                caller,
                usage.certainty,
                site,
                action,
            );
        }
        // The service copies input artifacts into the action's Region with the pipeline role's credentials.
        let home = store_in(
            self.graph,
            self.pipeline,
            home_region(self.graph, self.pipeline).as_deref(),
        );
        if let Some(home) = home.filter(|home| reads && home.bucket != store.bucket) {
            let psr = self.psr();
            self.artifact_rules(
                &rules.replicate_from,
                scope,
                &home,
                psr.clone(),
                usage.certainty,
                site,
                action,
            );
            self.artifact_rules(
                &rules.replicate_to,
                scope,
                &store,
                psr,
                usage.certainty,
                site,
                action,
            );
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one call per set of rules, with everything that differs between them"
    )]
    fn artifact_rules(
        &mut self,
        rules: &'a [RequirementRule],
        scope: Scope<'a>,
        store: &Store<'_>,
        caller: Party,
        certainty: Certainty,
        site: Site,
        action: &'a Action,
    ) {
        for rule in rules {
            let scope = Scope {
                store: Some(store),
                ..scope
            };
            let (purpose, caller) = (purpose_of(rule), caller.clone());
            self.put(
                rule,
                Ground {
                    scope,
                    purpose,
                    caller,
                    certainty,
                    site,
                    action: Some(action),
                },
            );
        }
    }

    /// The role a rule names; `None` when the action has none.
    fn party(&self, scope: Scope<'a>, provider: &'a Provider, role: &str) -> Option<Party> {
        match role {
            "pipeline-role" => Some(self.psr()),
            "action-role" => Some(self.acting(scope.action?)),
            _ => {
                let named = provider.roles.get(role)?;
                if !self.holds(
                    &named.when,
                    scope,
                    &self.acting(scope.action?),
                    scope.action,
                ) {
                    return None;
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
    fn put(&mut self, rule: &RequirementRule, ground: Ground<'_, 'a>) {
        if !self.holds(&rule.when, ground.scope, &ground.caller, ground.action) {
            return;
        }
        let group = (!rule.alternatives.is_empty()).then(|| {
            self.alternatives += 1;
            Alternatives {
                group: self.alternatives,
                others_matter: true,
            }
        });
        let mut context = BTreeMap::new();
        for (key, template) in &rule.context {
            let filled = ground.scope.fill(template);
            if !filled.absent {
                context.insert(
                    key.clone(),
                    filled.missing.is_empty().then_some(filled.text),
                );
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
                    documentation: rule.documentation.clone(),
                    site: ground.site,
                });
            }
        }
    }

    fn region_of(&self, ground: &Ground<'_, 'a>, operation: &str) -> Option<String> {
        // IAM is global and reports us-east-1; STS and all others are called where the action runs.
        if operation.starts_with("iam:") {
            return Some("us-east-1".to_owned());
        }
        ground
            .scope
            .store
            .map_or_else(|| ground.scope.region(), |store| store.region.clone())
    }

    fn target(
        &self,
        rule: &RequirementRule,
        ground: &Ground<'_, 'a>,
        template: &str,
    ) -> Option<Target> {
        let filled = ground.scope.fill(template);
        if filled.absent {
            return None;
        }
        let arn = filled.text;
        let is_pattern = arn != "*" && arn.contains('*');
        let covers = if filled.missing.is_empty() || rule.covers == Covers::AtLeastOne {
            rule.covers
        } else {
            Covers::OneUnknown
        };
        let account = self.owner(ground, &arn);
        Some(Target {
            arn,
            is_pattern,
            covers,
            account,
            missing: filled.missing,
        })
    }

    /// The account that owns a resource: by its ARN; for a bucket, which has none in it, by the facts.
    fn owner(&self, ground: &Ground<'_, 'a>, arn: &str) -> Option<String> {
        let caller = || match &ground.caller {
            Party::Role(role) => Arn::parse(&role.arn).map(|arn| arn.account),
            Party::Service(_) | Party::Unknown { .. } => None,
        };
        let Some(parsed) = Arn::parse(arn) else {
            return caller();
        };
        if parsed.service != "s3" {
            return Some(parsed.account).filter(|account| !account.is_empty() && account != "*");
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
        self.graph
            .buckets
            .get(bucket)
            .and_then(|bucket| bucket.account.clone())
    }

    fn holds(
        &self,
        when: &[When],
        scope: Scope<'_>,
        caller: &Party,
        action: Option<&Action>,
    ) -> bool {
        when.iter()
            .all(|when| self.holds_one(when, scope, caller, action))
    }

    fn holds_one(
        &self,
        when: &When,
        scope: Scope<'_>,
        caller: &Party,
        action: Option<&Action>,
    ) -> bool {
        if let Some(key) = &when.configuration {
            let value = action
                .and_then(|action| action.configuration.get(key))
                .map(|value| value.text.as_str());
            let value = value.filter(|value| !value.is_empty());
            let among = |list: &[String]| {
                value.is_some_and(|value| list.iter().any(|one| one.eq_ignore_ascii_case(value)))
            };
            let contains = |list: &[String]| {
                let value = value.unwrap_or_default().to_ascii_lowercase();
                list.iter()
                    .any(|part| value.contains(&part.to_ascii_lowercase()))
            };
            let tested = when.present.is_some()
                || [&when.is, &when.is_not, &when.contains, &when.contains_not]
                    .iter()
                    .any(|list| !list.is_empty());
            if !when.contains.is_empty() && !contains(&when.contains)
                || !when.contains_not.is_empty() && contains(&when.contains_not)
                || !when.is.is_empty() && !among(&when.is)
                || !when.is_not.is_empty() && among(&when.is_not)
                || when
                    .present
                    .is_some_and(|present| present != value.is_some())
                || !tested && value.is_none()
            {
                return false;
            }
        }
        let foreign = match caller {
            Party::Role(role) => {
                Arn::parse(&role.arn).is_some_and(|arn| arn.account != self.pipeline.account)
            }
            Party::Unknown { .. } => scope.account() != self.pipeline.account,
            Party::Service(_) => false,
        };
        let customer_key = scope
            .store
            .is_some_and(|store| customer_key(self.graph, self.pipeline, store).is_some());
        when.foreign.is_none_or(|wanted| wanted == foreign)
            && when
                .customer_key
                .is_none_or(|wanted| wanted == customer_key)
            && when.inputs.is_none_or(|wanted| {
                action.is_some_and(|action| wanted != action.inputs.is_empty())
            })
            && when.outputs.is_none_or(|wanted| {
                action.is_some_and(|action| wanted != action.outputs.is_empty())
            })
            && (when.category.is_empty()
                || action.is_some_and(|action| when.category.contains(&action.type_id.category)))
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
        Arn::parse(&role.text).is_some_and(|arn| arn.account != account)
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
fn purpose_of(rule: &RequirementRule) -> Purpose {
    if rule
        .resources
        .iter()
        .any(|template| template.contains("${store.key}"))
    {
        Purpose::ArtifactKey
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
    if text.starts_with("arn:") || text == "*" {
        text.to_owned()
    } else {
        format!("arn:{}:iam::{account}:role/{text}", pipeline.partition)
    }
}

/// Facts of a party or target that keep a requirement from being decided at all.
pub fn missing_of(requirement: &Requirement) -> Vec<MissingFact> {
    match &requirement.caller {
        Party::Unknown { missing, .. } => missing.clone(),
        Party::Role(_) | Party::Service(_) => requirement.target.missing.clone(),
    }
}
