//! Every necessary rule of the catalogue is asked for in some system that lacks nothing, so that taking its grant away is
//! tried by `deletions.rs`. What no such system asks for could ask for anything.

use std::collections::BTreeSet;

use pipeline_preflight::load::{self, Input};
use pipeline_preflight::rules::{
    Catalogue, Certainty, Links, PipelineRules, Provider, RequirementRule, requirements,
};
use pipeline_preflight::source::Sources;

use crate::world::{cases, fixtures};

/// Providers' files whose systems are still to be written.
const NOT_YET: &[&str] = &[];

/// Files that no system without a finding can have: who runs a custom action's job worker is always a note. What its
/// artifacts take is tried by `variations/providers.yaml`.
const NEVER: &[&str] = &["custom"];

#[test]
fn every_necessary_rule_is_asked_for_in_a_fixed_system() {
    let catalogue = Catalogue::builtin().unwrap();
    let mut marked = catalogue.clone();
    let mut wanted = BTreeSet::new();
    for rule in rules_of_pipeline(&mut marked.pipeline) {
        mark(rule, "pipeline", &mut wanted);
    }
    for (file, provider) in &mut marked.providers {
        for rule in &mut provider.requirements {
            mark(rule, file, &mut wanted);
        }
        for (name, role) in &mut provider.roles {
            let mark = format!("{file}: role {name}");
            if role.certainty == Certainty::Necessary
                && (role.trusts.is_some() || role.passed_to.is_some())
            {
                wanted.insert(mark.clone());
            }
            role.documentation = Links::One(mark);
        }
    }
    for (file, provider) in &catalogue.providers {
        wanted.extend(necessary_uses(file, provider).map(|(mark, _)| mark));
    }
    let mut met = BTreeSet::new();
    for case in cases().into_iter().filter(|case| case.ends_with("/fixed")) {
        let mut sources = Sources::new();
        let folder = Input::Path(fixtures("cases").join(&case));
        let graph = load::load(&mut sources, &[folder]).unwrap().graph;
        for index in 0..graph.pipelines.len() {
            for requirement in requirements(&graph, &marked, index) {
                met.extend(requirement.documentation.iter().cloned());
                met.insert(requirement.why);
            }
            // Artifact rules are the pipeline's own, whichever use they are put to: what goes with a use is what it asks for.
            let count = |catalogue: &Catalogue| requirements(&graph, catalogue, index).len();
            let all = count(&catalogue);
            for (file, provider) in &catalogue.providers {
                for (mark, place) in necessary_uses(file, provider) {
                    let mut fewer = catalogue.clone();
                    let provider = fewer.providers.get_mut(file).unwrap();
                    provider.artifacts.remove(place);
                    if count(&fewer) < all {
                        met.insert(mark);
                    }
                }
            }
        }
    }
    let is_excused = |mark: &&String| {
        let file = mark.split(':').next().unwrap();
        NOT_YET.contains(&file) || NEVER.contains(&file)
    };
    let open: Vec<&String> = wanted.difference(&met).collect();
    let missing: Vec<&&String> = open.iter().filter(|mark| !is_excused(mark)).collect();
    assert!(
        missing.is_empty(),
        "no fixed system asks for {missing:#?}, {} of {} rules",
        missing.len(),
        wanted.len()
    );
    for file in NOT_YET {
        assert!(
            open.iter()
                .any(|mark| mark.starts_with(&format!("{file}:"))),
            "`{file}` is covered: take it off the list"
        );
    }
}

/// Makes what a rule asks for carry the rule's name.
fn mark(rule: &mut RequirementRule, file: &str, wanted: &mut BTreeSet<String>) {
    rule.why = format!("{file}: {}", rule.id);
    if rule.certainty == Certainty::Necessary {
        wanted.insert(rule.why.clone());
    }
}

fn necessary_uses<'p>(
    file: &'p str,
    provider: &'p Provider,
) -> impl Iterator<Item = (String, usize)> + 'p {
    let uses = provider.artifacts.iter().enumerate();
    uses.filter(|(_, usage)| usage.certainty == Certainty::Necessary)
        .map(move |(place, usage)| {
            (
                format!("{file}: artifacts {place} of {}", usage.role),
                place,
            )
        })
}

fn rules_of_pipeline(rules: &mut PipelineRules) -> Vec<&mut RequirementRule> {
    let mut all = vec![
        &mut rules.assume_pipeline_role,
        &mut rules.assume_action_role,
        &mut rules.assume_service_role,
        &mut rules.pass_role,
    ];
    all.extend(&mut rules.read_artifacts);
    all.extend(&mut rules.write_artifacts);
    all.extend(&mut rules.replicate_from);
    all.extend(&mut rules.replicate_to);
    all
}
