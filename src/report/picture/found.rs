//! Findings → the arrows and nodes that they are about.

use super::resource::thing;
use super::{Line, NodeKind, Picture};
use crate::check::{self, Affected, ReportLayer};

/// Puts each finding to the arrows whose lines it is about, and one that is about no line to the things that it names.
pub(super) fn attach(picture: &mut Picture, result: &check::Result) {
    for (index, finding) in result.findings.iter().enumerate() {
        let mut shown = false;
        for arrow in &mut picture.arrows {
            let mut lines = arrow.lines.iter();
            let affects = |line: &Line| {
                finding.affects.is_empty()
                    || line.affects.is_empty()
                    || line.affects.iter().any(|it| finding.affects.contains(it))
            };
            if lines.any(|line| is_about(finding, line) && affects(line)) {
                arrow.findings.push(index);
                shown = true;
            }
        }
        if shown {
            continue;
        }
        let of = |names: &[String]| -> Vec<usize> {
            let nodes = picture.nodes.iter().enumerate();
            let named = nodes.filter(|(_, node)| {
                let mut names = names.iter();
                names.any(|name| *name == node.name || thing(name, "").name == node.name)
            });
            named.map(|(index, _)| index).collect()
        };
        let pipelines = || -> Vec<String> {
            let affects = finding.affects.iter();
            affects.map(|affected| affected.pipeline.clone()).collect()
        };
        let mut places = of(&finding.resources);
        // What no policy could allow is the action's own doing.
        if places.is_empty() && finding.layer == ReportLayer::Structure {
            places = actions(picture, &finding.affects);
        }
        if places.is_empty() {
            places = of(&finding.principals);
        }
        if places.is_empty() {
            places = of(&pipelines());
        }
        for place in places {
            if let Some(node) = picture.nodes.get_mut(place) {
                node.findings.push(index);
            }
        }
    }
}

/// The nodes of actions.
fn actions(picture: &Picture, affects: &[Affected]) -> Vec<usize> {
    let is = |place: usize, affected: &Affected| {
        let node = picture.nodes.get(place);
        let pipeline = node.and_then(|node| picture.nodes.get(node.pipeline?));
        let name = format!("{} › {}", affected.stage, affected.action);
        node.is_some_and(|node| node.kind == NodeKind::Action && node.name == name)
            && pipeline.is_some_and(|pipeline| pipeline.name == affected.pipeline)
    };
    let places = 0..picture.nodes.len();
    places
        .filter(|&place| affects.iter().any(|affected| is(place, affected)))
        .collect()
}

/// Whether a finding is about a line: the same principal, the same thing or one of those that a pattern stands for, which a
/// finding names where they are known, and an operation of both.
fn is_about(finding: &check::Finding, line: &Line) -> bool {
    let mut resources = finding.resources.iter();
    finding.principals.contains(&line.principal)
        && resources.any(|resource| stands_for(&line.resource, resource))
        && line
            .operations
            .iter()
            .any(|operation| finding.operations.contains(operation))
}

/// Whether a resource is the other one, or a pattern with stars that fits it. A lone star stands for nothing by name.
fn stands_for(pattern: &str, resource: &str) -> bool {
    if pattern == resource {
        return true;
    }
    if pattern == "*" {
        return false;
    }
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = resource.strip_prefix(first) else {
        return false;
    };
    let mut pieces = pieces.peekable();
    let mut is_open = false;
    while let Some(piece) = pieces.next() {
        is_open = true;
        if pieces.peek().is_none() {
            return rest.ends_with(piece);
        }
        let Some((_, behind)) = rest.split_once(piece) else {
            return false;
        };
        rest = behind;
    }
    is_open && rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::stands_for;

    #[test]
    fn a_pattern_stands_for_what_it_fits() {
        for (pattern, resource) in [
            ("a", "a"),
            ("role/*", "role/A"),
            ("role/*", "role/"),
            ("a*c*e", "abcde"),
            ("a*c*e", "ace"),
            ("*a", "ba"),
        ] {
            assert!(stands_for(pattern, resource), "{pattern} {resource}");
        }
        for (pattern, resource) in [
            ("a", "ab"),
            ("role/*", "user/A"),
            ("a*c*e", "abde"),
            ("a*b", "ab*c"),
            ("*", "anything"),
            ("", "a"),
        ] {
            assert!(!stands_for(pattern, resource), "{pattern} {resource}");
        }
    }
}
