//! AWS's actions and the resources they act on, from `rules/actions.json`: read only when somebody asks.
//!
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::catalogue::RULES;

/// The services whose actions are known, by their prefix.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct Actions<'t> {
    #[serde(borrow)]
    services: BTreeMap<&'t str, Service<'t>>,
}

/// One service.
#[derive(Debug, Deserialize)]
struct Service<'t> {
    /// ARN templates by resource type.
    #[serde(borrow)]
    resources: BTreeMap<&'t str, &'t str>,
    /// Names, separated by spaces, by the resource types that they share, separated by commas.
    #[serde(borrow)]
    actions: BTreeMap<&'t str, &'t str>,
}

/// One action of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Operation {
    /// Its name as AWS writes it, without the prefix.
    pub(crate) name: &'static str,
    /// ARN templates of the resources it acts on; empty where it takes `*` only.
    pub(crate) resources: Vec<&'static str>,
}

/// The table.
pub(crate) fn actions() -> &'static Actions<'static> {
    static ACTIONS: LazyLock<Actions<'static>> = LazyLock::new(|| {
        let text = RULES
            .get_file("actions.json")
            .and_then(|file| file.contents_utf8());
        // A table that cannot be read knows no service, and the tests of this project read it.
        text.and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default()
    });
    &ACTIONS
}

impl Actions<'static> {
    /// The actions of a service, whatever the case of its prefix; `None` for a service that is not in the table.
    pub(crate) fn of(&self, service: &str) -> Option<Vec<Operation>> {
        let service = self.services.get(service.to_ascii_lowercase().as_str())?;
        let groups = service.actions.iter().flat_map(|(types, names)| {
            let resources: Vec<&str> = types
                .split(',')
                .filter_map(|name| service.resources.get(name).copied())
                .collect();
            names.split(' ').map(move |name| Operation {
                name,
                resources: resources.clone(),
            })
        });
        Some(groups.collect())
    }

    /// ARN templates of all resource types of a service.
    pub(crate) fn resources_of(&self, service: &str) -> Vec<&'static str> {
        let service = self.services.get(service.to_ascii_lowercase().as_str());
        let templates = service.into_iter().flat_map(|one| one.resources.values());
        templates.copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::actions;

    #[test]
    fn the_table_is_read() {
        let of = |service: &str, name: &str| {
            let mut all = actions().of(service).unwrap().into_iter();
            all.find(|operation| operation.name == name)
                .map(|operation| operation.resources)
        };
        assert!(
            of("s3", "ListBucket")
                .unwrap()
                .contains(&"arn:${Partition}:s3:::${BucketName}")
        );
        assert_eq!(of("ECR", "GetAuthorizationToken"), Some(Vec::new()));
        assert_eq!(of("s3", "ListObjects"), None);
        assert_eq!(actions().of("nothing"), None);
    }
}
