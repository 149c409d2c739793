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
    fn service(&self, prefix: &str) -> Option<&Service<'static>> {
        self.services.get(prefix.to_ascii_lowercase().as_str())
    }

    /// The names of a service's actions, whatever the case of its prefix; `None` for a service that is not in the table.
    pub(crate) fn of(&self, prefix: &str) -> Option<impl Iterator<Item = &'static str> + Clone> {
        let service = self.service(prefix)?;
        Some(service.actions.values().flat_map(|names| names.split(' ')))
    }

    /// ARN templates of what an action acts on, none where it takes `*` only; `None` where there is no such action.
    pub(crate) fn resources_of_action(
        &self,
        prefix: &str,
        name: &str,
    ) -> Option<Vec<&'static str>> {
        let service = self.service(prefix)?;
        let is = |one: &str| one.eq_ignore_ascii_case(name);
        let mut groups = service.actions.iter();
        let (types, _) = groups.find(|(_, names)| names.split(' ').any(is))?;
        let templates = types
            .split(',')
            .filter_map(|one| service.resources.get(one));
        Some(templates.copied().collect())
    }

    /// ARN templates of all resource types of a service.
    pub(crate) fn resources_of(&self, prefix: &str) -> impl Iterator<Item = &'static str> {
        let resources = self.service(prefix).map(|service| &service.resources);
        resources.into_iter().flat_map(|all| all.values().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::actions;

    #[test]
    fn the_table_is_read() {
        let of = |service: &str, name: &str| actions().resources_of_action(service, name);
        assert!(
            of("s3", "ListBucket")
                .unwrap()
                .contains(&"arn:${Partition}:s3:::${BucketName}")
        );
        assert_eq!(of("ECR", "GetAuthorizationToken"), Some(Vec::new()));
        assert_eq!(of("s3", "ListObjects"), None);
        assert!(actions().of("nothing").is_none());
    }
}
