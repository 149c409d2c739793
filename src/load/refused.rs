//! `Errors` of a snapshot's file: what AWS did not describe when the snapshot was taken, and why.

use super::reader::Reading;
use super::snapshot::ERRORS;
use crate::graph::{Refusal, RefusalKind};
use crate::source::{Kind, Node, Origin};

/// A file that holds nothing else.
pub(super) fn recognise(node: Node<'_>) -> bool {
    node.entries().len() == 1 && is_there(node)
}

/// Whether a file tells what was not answered; of one that nothing else recognises the rest says nothing without it.
pub(super) fn is_there(node: Node<'_>) -> bool {
    node.get(ERRORS).is_some_and(|errors| {
        let items = errors.items();
        errors.kind() == Kind::List
            && !items.is_empty()
            && items.iter().all(|item| item.get("Operation").is_some())
    })
}

/// Reads what was not answered, of a file that may hold descriptions as well.
pub(super) fn read(reading: &mut Reading<'_>, document: Origin) {
    if !is_there(reading.node(document)) {
        return;
    }
    for entry in reading.list(document, ERRORS).unwrap_or_default() {
        let text = |key| reading.text(entry, key).map(|text| text.text);
        let (Some(operation), Some(subject)) = (text("Operation"), text("Resource")) else {
            reading.fail(
                entry,
                "expected an error with `Operation`, `Resource` and `Kind`",
            );
            continue;
        };
        let kind = match text("Kind").as_deref() {
            Some("absent") => RefusalKind::Absent,
            Some("denied") => RefusalKind::Denied,
            Some("failed") => RefusalKind::Failed,
            _ => {
                let expected = "`Kind` is not one of `absent`, `denied` and `failed`";
                reading.fail(entry, expected);
                continue;
            }
        };
        let refusal = Refusal {
            subject,
            operation,
            kind,
            code: text("Code").unwrap_or_default(),
            message: text("Message").unwrap_or_default(),
            origin: entry,
        };
        reading.facts.add_refusal(refusal);
    }
}
