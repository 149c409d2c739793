//! Resources whose description says that they cannot work: a connection that nobody has accepted.

use super::variables::Scope;
use super::{Catalogue, NamedResource};
use crate::graph::{Action, Graph, Pipeline, Resource, Value, may_be_equal};

/// A member of a resource's description that has none of the values with which it works.
#[derive(Debug, Clone)]
pub struct Unusable<'a> {
    /// What people call the resource, its ARN template and its links.
    pub named: &'a NamedResource,
    /// The resource.
    pub resource: &'a Resource,
    /// The member.
    pub member: &'a str,
    /// Its value.
    pub value: &'a Value,
    /// The values that work.
    pub works: &'a [String],
}

/// The resources of an action that cannot work as they are. What is not in a description is not known.
pub fn unusable<'a>(
    graph: &'a Graph,
    catalogue: &'a Catalogue,
    pipeline: &'a Pipeline,
    action: &'a Action,
) -> Vec<Unusable<'a>> {
    let Some(provider) = catalogue.provider(&action.type_id) else {
        return Vec::new();
    };
    let scope = Scope::of_action(graph, pipeline, provider, action);
    let mut found = Vec::new();
    // What may be in any state need not be looked up here.
    let choosy = provider.resources.iter();
    for (name, named) in choosy.filter(|(_, named)| !named.must_be.is_empty()) {
        let Some(resource) = scope.described(name) else {
            continue;
        };
        for (member, works) in &named.must_be {
            let value = resource.values.get(member);
            if let Some(value) =
                value.filter(|value| !works.iter().any(|one| may_be_equal(one, &value.text)))
            {
                found.push(Unusable {
                    named,
                    resource,
                    member,
                    value,
                    works,
                });
            }
        }
    }
    found
}
