//! Where each input artifact comes from, and whether it may come from there.
//!
//! <https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-create-cross-account.html>

use super::finding::Label;
use super::project;
use super::structure::Walk;
use super::structure::configuration::holds;
use crate::graph::{Action, Text, may_be_equal};
use crate::rules::Requirement;

impl<'a> Walk<'a> {
    /// Looks at the inputs of one action.
    pub(super) fn inputs(
        &mut self,
        indices: (usize, usize),
        action: &'a Action,
        needed: &[Requirement],
    ) {
        let consumer = self.acting_account(action);
        let principal = self.acting(action).to_owned();
        for input in &action.inputs {
            let label = |text: String| Label {
                origin: input.origin,
                text,
            };
            let maker = self.maker_of(&input.text, indices, action);
            let producer = maker.map(|(maker, _)| self.acting_account(maker));
            let (rule, detail, labels) = match (maker, producer) {
                (Some((maker, true)), Some(producer)) => {
                    project::key(self, maker, indices, action, needed);
                    self.only_for_others(maker, input, indices, action);
                    let home = &self.pipeline.account;
                    if may_be_equal(&consumer, home)
                        || may_be_equal(&producer, home)
                        || may_be_equal(&producer, &consumer)
                    {
                        continue;
                    }
                    let labels = vec![
                        label(format!("read in account {consumer}")),
                        Label {
                            origin: maker.name.origin,
                            text: format!("made in account {producer}"),
                        },
                    ];
                    let detail =
                        format!("made in account `{producer}`, read in account `{consumer}`");
                    ("artifact-between-foreign-accounts", detail, labels)
                }
                (Some(_), _) => {
                    let labels = vec![label("made only later".to_owned())];
                    ("unknown-input-artifact", String::new(), labels)
                }
                (None, _) => {
                    let labels = vec![label("no action makes this artifact".to_owned())];
                    ("unknown-input-artifact", String::new(), labels)
                }
            };
            let site = self.site(Some(indices), input.origin);
            self.push(rule, &principal, &input.text, detail, labels, site);
        }
    }

    /// An artifact that holds no files but the way to them, which few kinds of action can go.
    fn only_for_others(
        &mut self,
        maker: &'a Action,
        input: &'a Text,
        indices: (usize, usize),
        action: &'a Action,
    ) {
        let Some(provider) = self.catalogue.provider(&maker.type_id) else {
            return;
        };
        let shut_out = provider.consumers.iter().any(|consumers| {
            consumers.when.iter().all(|when| holds(when, maker))
                && !consumers.providers.contains(&action.type_id.provider)
        });
        if shut_out {
            let label = |origin, text: &str| Label {
                origin,
                text: text.to_owned(),
            };
            let labels = vec![
                label(input.origin, "read here"),
                label(maker.name.origin, "made here"),
            ];
            let principal = self.acting(action).to_owned();
            let detail = format!("`{}`", maker.name.text);
            let site = self.site(Some(indices), input.origin);
            self.push(
                "artifact-not-for-action",
                &principal,
                &input.text,
                detail,
                labels,
                site,
            );
        }
    }

    fn maker_of(
        &self,
        artifact: &str,
        (stage, _): (usize, usize),
        action: &Action,
    ) -> Option<(&'a Action, bool)> {
        let mut late = None;
        for (index, other_stage) in self.pipeline.stages.iter().enumerate() {
            for other in &other_stage.actions {
                if other
                    .outputs
                    .iter()
                    .any(|output| may_be_equal(&output.text, artifact))
                {
                    if index < stage || index == stage && other.run_order < action.run_order {
                        return Some((other, true));
                    }
                    late = late.or(Some((other, false)));
                }
            }
        }
        late
    }
}
