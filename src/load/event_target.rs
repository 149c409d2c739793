//! `events/rules-by-target` of a snapshot: that all event rules with a target were looked for, so that there are no others.
//!
//! The rules lie beside it, each in its file. AWS tells their names bus by bus:
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListRuleNamesByTarget.html>

use super::hint::Hint;
use super::reader::Reading;
use crate::source::{Kind, Node, Origin};

/// By its members and its place, which tells the account and the Region.
pub(super) fn recognise(node: Node<'_>, hint: &Hint) -> bool {
    let listed = node.get("RuleArns");
    listed.is_some_and(|rules| rules.kind() == Kind::List)
        && node.get("TargetArn").is_some()
        && hint.account.is_some()
        && hint.region().is_some()
}

/// Reads whose rules are all there.
pub(super) fn read(reading: &mut Reading<'_>, document: Origin) {
    let target = reading.text(document, "TargetArn");
    let (account, region) = (reading.hint.account.clone(), reading.hint.region());
    if let (Some(target), Some(account), Some(region)) = (target, account, region) {
        let place = (account, region.to_owned(), target.text);
        reading.facts.add_event_target(place);
    }
}
