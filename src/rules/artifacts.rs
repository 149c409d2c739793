//! Which store an action uses, and what the roles that touch it need there.

use std::collections::BTreeSet;

use super::expand::{Expansion, Ground, purpose_of};
use super::variables::{Scope, Store, home_region};
use super::{ArtifactUse, Certainty, Party, Provider, RequirementRule, Site};
use crate::graph::{Action, ArtifactStore, Graph, Pipeline, may_be_equal};

/// The artifact store used in a Region; `None` when the pipeline has none there.
pub fn store_in<'a>(
    graph: &Graph,
    pipeline: &'a Pipeline,
    region: Option<&str>,
) -> Option<Store<'a>> {
    let home = home_region(graph, pipeline);
    let region = region.map(str::to_owned).or_else(|| home.clone());
    let store = if pipeline.artifact_stores.is_empty() {
        let elsewhere =
            matches!((&region, &home), (Some(region), Some(home)) if !may_be_equal(region, home));
        pipeline.artifact_store.as_ref().filter(|_| !elsewhere)?
    } else {
        match &region {
            Some(region) => in_region(pipeline, region)?,
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

/// The store of a Region, or the only one that may be meant where Regions have unresolved parts.
fn in_region<'a>(pipeline: &'a Pipeline, region: &str) -> Option<&'a ArtifactStore> {
    if let Some(store) = pipeline.artifact_stores.get(region) {
        return Some(store);
    }
    let stores = pipeline.artifact_stores.iter();
    let mut stores = stores.filter(|(other, _)| may_be_equal(other, region));
    let (_, only) = stores.next()?;
    stores.next().is_none().then_some(only)
}

impl<'a> Expansion<'a> {
    pub(super) fn artifacts(
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
        let Some(mut doubt) = self.holds(&usage.when, scope, &caller, Some(action)) else {
            return;
        };
        doubt.extend(self.doubt(scope, provider, &usage.role));
        let before = self.requirements.len();
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
        for requirement in self.requirements.iter_mut().skip(before) {
            requirement.doubt.extend(&doubt);
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one call per set of rules, with everything that differs between them"
    )]
    pub(super) fn artifact_rules(
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
                    doubt: BTreeSet::new(),
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
}
