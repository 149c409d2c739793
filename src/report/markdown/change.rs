//! What a change brings and mends, as whoever reviews it looks for it: who, may do what, on what, in which account, before and
//! after; and what it leaves, one line each.

use super::{ROOM, ROOM_FOR_TABLE, code, rule, text};
use crate::check::{self, Comparison, Decided, Finding, ReportLayer};
use crate::graph::account_in;
use crate::report::words::{count, unchanged};

/// Operations and names that a cell tells; the rest is counted.
const NAMED: usize = 3;

/// New findings, then fixed ones.
pub(super) fn table(page: &mut String, new: &[&Finding], comparison: &Comparison) {
    let new = new.iter().map(|finding| (*finding, true));
    let fixed = comparison.fixed.iter().map(|finding| (finding, false));
    let rows: Vec<(&Finding, bool)> = new.chain(fixed).collect();
    if rows.is_empty() {
        return;
    }
    page.push_str(
        "\n| principal | operation | resource | account | before | after |\n| --- | --- | --- | --- | --- | --- |\n",
    );
    for (number, (finding, is_new)) in rows.iter().enumerate() {
        if page.len() > ROOM_FOR_TABLE {
            let more = rows.len() - number;
            page.push_str(&format!("| and {more} more | | | | | |\n"));
            break;
        }
        let state = format!("{} {}", judgement(finding), rule(finding));
        let (before, after) = match is_new {
            true => ("", state.as_str()),
            false => (state.as_str(), ""),
        };
        page.push_str(&format!(
            "| {} | {} | {} | {} | {before} | {after} |\n",
            names(&finding.principals, 1),
            names(&finding.operations, NAMED),
            names(&finding.resources, 1),
            text(account(finding).unwrap_or_default()),
        ));
    }
}

/// What is fixed and what is unchanged, folded away.
pub(super) fn lists(page: &mut String, result: &check::Result, comparison: &Comparison) {
    let fixed = comparison.fixed.iter().collect();
    let left = unchanged(result).map(|(_, finding)| finding).collect();
    let lists: [(&str, Vec<&Finding>); 2] = [("fixed", fixed), ("unchanged", left)];
    for (title, findings) in lists {
        if findings.is_empty() {
            continue;
        }
        page.push_str(&format!(
            "\n<details>\n<summary>{} {title}</summary>\n\n",
            findings.len()
        ));
        for (number, finding) in findings.iter().enumerate() {
            // What follows has to fit in as well.
            if page.len() > ROOM {
                let more = count(findings.len() - number, "more finding");
                page.push_str(&format!("- and {more}\n"));
                break;
            }
            let severity = finding.severity.name();
            page.push_str(&format!(
                "- {severity}: {}: {}\n",
                rule(finding),
                text(&finding.message)
            ));
        }
        page.push_str("\n</details>\n");
    }
}

/// What a finding says of the request, and how much it weighs.
fn judgement(finding: &Finding) -> String {
    let decided = match (finding.decision, finding.layer) {
        (Decided::Denied, _) => "denied",
        (Decided::Undecided, _) => "undecided",
        (Decided::Structure, ReportLayer::Structure) => "cannot work",
        (Decided::Structure, _) => "at fault",
    };
    format!("{decided} ({}):", finding.severity.name())
}

/// The first names of a list.
fn names(list: &[String], most: usize) -> String {
    let mut names: Vec<String> = list.iter().take(most).map(|name| code(name)).collect();
    if list.len() > most {
        names.push(format!("and {} more", list.len() - most));
    }
    names.join(", ")
}

/// The account in which the policy is that withholds it, as far as ARNs tell: those of buckets do not.
fn account(finding: &Finding) -> Option<&str> {
    let list = match finding.layer {
        ReportLayer::Identity | ReportLayer::Boundary | ReportLayer::Session | ReportLayer::Scp => {
            &finding.principals
        }
        _ => &finding.resources,
    };
    list.first().and_then(|arn| account_in(arn))
}
