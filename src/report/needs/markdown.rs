//! `--format markdown`: GitHub's dialect, one table for each principal.

use std::io;

use super::super::Style;
use super::super::text::printable;
use super::{
    GUARD_RAILS, affected, alternatives, assumed_by, certainty, conditions, granted_by, lacking,
    policies, summary, why,
};
use crate::check::needs::{Need, Needs, Principal, Unknown};

/// Writes all tables and the summary.
pub(super) fn render(needs: &Needs, _: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let mut text = String::from("# What the principals need\n");
    for principal in &needs.principals {
        section(&mut text, needs, principal, "##");
    }
    if !needs.unnamed.is_empty() {
        text.push_str("\n## Roles that no input names\n");
        for principal in &needs.unnamed {
            section(&mut text, needs, principal, "###");
        }
    }
    if !needs.unchecked.is_empty() {
        text.push_str("\n## Actions that the catalogue does not know\n\n");
        for action in &needs.unchecked {
            let place = format!("{} › {}", action.action.stage, action.action.action);
            text.push_str(&format!("- {}: {}\n", plain(&place), code(&action.kind)));
        }
    }
    text.push_str(&format!(
        "\n{GUARD_RAILS}\n\n{}\n",
        summary(needs.summary, needs)
    ));
    out.write_all(text.as_bytes())
}

fn section(text: &mut String, needs: &Needs, principal: &Principal, level: &str) {
    let is_named = principal.unknown.is_empty();
    let name = if is_named {
        code(&principal.name)
    } else {
        plain(&principal.name)
    };
    text.push_str(&format!("\n{level} {name}\n"));
    let titles = principal.titles.join(", ");
    let about = [
        (titles != principal.name && titles != "service").then_some(titles),
        assumed_by(principal),
        policies(principal),
    ];
    let about: Vec<String> = about.into_iter().flatten().collect();
    if !about.is_empty() {
        text.push_str(&format!("\n{}\n", plain(&about.join("; "))));
    }
    for fact in &principal.unknown {
        text.push_str(&format!("\n{}\n", plain(&not_known(fact))));
    }
    if principal.needs.is_empty() {
        text.push_str("\nno call of its own is known; what it needs is what its work needs\n");
        return;
    }
    let marked = principal.needs.iter().any(|need| need.standing.is_some());
    let (mark, line) = if marked {
        (" | given policies", " | ---")
    } else {
        ("", "")
    };
    text.push_str(&format!(
        "\n| resource | operations | why | granted by | for{mark} |\n| --- | --- | --- | --- | ---{line} |\n"
    ));
    let mut above: Option<(&Need, String)> = None;
    for need in &principal.needs {
        // What is the same as in the line above is not written again.
        let granted = granted(need, principal);
        let same = above
            .as_ref()
            .filter(|(before, policies)| before.resource == need.resource && *policies == granted);
        let carried = match (same, conditions(need)) {
            (Some((before, _)), Some(_)) if before.context == need.context => {
                Some("the call carries the same as above".to_owned())
            }
            (_, carried) => carried.map(|carried| format!("the call carries {carried}")),
        };
        let mut cells = vec![
            same.map_or_else(|| code(&need.resource), |_| String::new()),
            operations(need),
            reason(need, carried),
            same.map_or_else(|| plain(&granted), |_| String::new()),
            plain(&affected(need, " › ", needs).join(", ")),
        ];
        if marked {
            cells.push(plain(&standing(need)));
        }
        text.push_str(&format!("| {} |\n", cells.join(" | ")));
        above = Some((need, granted));
    }
}

fn operations(need: &Need) -> String {
    let separator = if need.one_is_enough { " or " } else { ", " };
    let operations: Vec<String> = need.operations.iter().map(|one| code(one)).collect();
    operations.join(separator)
}

/// The reason with its links, and what else is to be known.
fn reason(need: &Need, carried: Option<String>) -> String {
    let mut links = need.documentation.iter();
    let why = plain(&why(need));
    let mut text = match links.next() {
        Some(link) => format!("{} [{why}]({})", certainty(need), address(link)),
        None => format!("{} {why}", certainty(need)),
    };
    for link in links {
        text.push_str(&format!(", [also]({})", address(link)));
    }
    let parts = [carried, alternatives(need)];
    let unknown = need.unknown.iter().map(not_known);
    for part in parts.into_iter().flatten().chain(unknown) {
        text.push_str(&format!("<br>{}", plain(&part)));
    }
    text
}

fn granted(need: &Need, principal: &Principal) -> String {
    let parts = [granted_by(need, principal), need.remark.clone()];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    parts.join("; ")
}

fn standing(need: &Need) -> String {
    let name = need.standing.map(|standing| standing.name());
    let parts = [name.map(str::to_owned), lacking(need)];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    parts.join(": ")
}

fn not_known(fact: &Unknown) -> String {
    format!("not known: {}: {}", fact.what, fact.supply)
}

/// Text that is no code, except between backticks, where Markdown takes only a bar in a table for something else.
fn plain(text: &str) -> String {
    let mut quoted = false;
    // One without its other half would quote what stands behind it, and leave that as it is.
    let paired = text.matches('`').count().is_multiple_of(2);
    let mut clean = String::with_capacity(text.len());
    for character in printable(text).chars() {
        match character {
            '`' if paired => quoted = !quoted,
            '`' => clean.push('\\'),
            '\n' => {
                clean.push(' ');
                continue;
            }
            '|' => clean.push('\\'),
            '*' | '_' | '<' | '[' | ']' | '\\' if !quoted => clean.push('\\'),
            _ => {}
        }
        clean.push(character);
    }
    clean
}

/// A code span; no ARN and no name of AWS has a backtick in it.
fn code(text: &str) -> String {
    let clean = printable(text)
        .replace('`', "'")
        .replace('|', "\\|")
        .replace('\n', " ");
    format!("`{clean}`")
}

/// A link's target; what would end it is percent-encoded.
fn address(link: &str) -> String {
    printable(link)
        .replace('(', "%28")
        .replace(')', "%29")
        .replace(['|', ' '], "%20")
}
