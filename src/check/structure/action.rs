//! Where one action or rule may act, and as whom.

use super::{Refusal, Walk, is_local, label};
use crate::graph::{Action, Arn, may_be_equal};

impl<'a> Walk<'a> {
    pub(super) fn action(&mut self, indices: (usize, usize), action: &'a Action) {
        let at = Some(indices);
        let partition = &self.pipeline.partition;
        if let Some(role) = &action.role_arn {
            if !may_be_equal(&action.type_id.owner, "AWS") {
                let text = "AWS takes a role for actions of owner `AWS` only";
                self.refuse(
                    at,
                    Refusal {
                        rule: "role-on-foreign-owner-action",
                        resource: role.text.clone(),
                        detail: String::new(),
                        labels: vec![label(role.origin, text)],
                    },
                );
            }
            if Arn::parse(&role.text).is_some_and(|arn| !may_be_equal(&arn.partition, partition)) {
                let text = "another partition than the pipeline's";
                self.refuse(
                    at,
                    Refusal {
                        rule: "partition-mismatch",
                        resource: role.text.clone(),
                        detail: format!("`{partition}`"),
                        labels: vec![label(role.origin, text)],
                    },
                );
            }
        }
        if let (Some(region), Some(home)) = (&action.region, &self.home)
            && is_local(action)
            && !may_be_equal(&region.text, home)
        {
            let text = "CodePipeline looks in the pipeline's own Region";
            self.refuse(
                at,
                Refusal {
                    rule: "cross-region-source",
                    resource: region.text.clone(),
                    detail: format!("`{}`", region.text),
                    labels: vec![label(region.origin, text)],
                },
            );
        }
        let Some(provider) = self.catalogue.provider(&action.type_id) else {
            let resource = action.type_id.to_string();
            self.refuse(
                at,
                Refusal {
                    rule: "action-not-checked",
                    detail: format!("`{resource}`"),
                    resource,
                    labels: vec![label(action.type_origin, "not in the catalogue")],
                },
            );
            self.configuration(indices, action, None);
            return;
        };
        self.configuration(indices, action, Some(provider));
        self.artifact_counts(indices, action, provider);
    }
}
