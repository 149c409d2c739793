//! `--format human`: sections that can be read from top to bottom while a policy is written.

use std::collections::BTreeMap;
use std::io;

use super::super::Style;
use super::super::human::{Role, paint};
use super::super::text::{columns, printable, wrap};
use super::{
    GUARD_RAILS, affected, alternatives, assumed_by, certainty, conditions, granted_by, lacking,
    policies, summary, why,
};
use crate::check::needs::{Need, Needs, Principal, Standing, Unknown};

/// Columns of a line's mark with the blanks behind it.
const MARK: usize = 11;

/// Writes all sections, the links, and the summary.
pub(super) fn render(needs: &Needs, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let mut writer = Writer {
        needs,
        style,
        text: String::new(),
        links: BTreeMap::new(),
    };
    for principal in &needs.principals {
        writer.principal(principal, 0);
    }
    if !needs.unnamed.is_empty() {
        writer.paragraph(0, "roles that no input names", Some(Role::Strong));
        writer.text.push('\n');
        for principal in &needs.unnamed {
            writer.principal(principal, 2);
        }
    }
    if !needs.unchecked.is_empty() {
        writer.paragraph(
            0,
            "actions that the catalogue does not know",
            Some(Role::Strong),
        );
        for action in &needs.unchecked {
            let arrow = writer.arrow();
            let place = format!("{}{arrow}{}", action.action.stage, action.action.action);
            writer.paragraph(2, &format!("{place}: `{}`", action.kind), None);
        }
        writer.text.push('\n');
    }
    writer.footnotes();
    if !style.quiet {
        writer.paragraph(0, GUARD_RAILS, Some(Role::Faint));
        writer.paragraph(0, &summary(needs.summary, needs), None);
    }
    out.write_all(writer.text.as_bytes())
}

struct Writer<'n> {
    needs: &'n Needs,
    style: Style,
    text: String,
    /// Numbers of the pages named so far.
    links: BTreeMap<String, usize>,
}

impl Writer<'_> {
    fn arrow(&self) -> &'static str {
        if self.style.unicode { " › " } else { " > " }
    }

    /// Wrapped lines that begin in the same column.
    fn paragraph(&mut self, indent: usize, text: &str, role: Option<Role>) {
        let clean = printable(text).into_owned();
        for line in wrap(&clean, self.style.width.saturating_sub(indent)) {
            let line = match role {
                Some(role) => paint(&line, role, self.style.color),
                None => line,
            };
            self.text.push_str(&" ".repeat(indent));
            self.text.push_str(&line);
            self.text.push('\n');
        }
    }

    fn principal(&mut self, principal: &Principal, indent: usize) {
        self.paragraph(indent, &principal.name, Some(Role::Strong));
        let titles = principal.titles.join(", ");
        let about = [
            (titles != principal.name && titles != "service").then_some(titles),
            assumed_by(principal),
            policies(principal),
        ];
        let about: Vec<String> = about.into_iter().flatten().collect();
        if !about.is_empty() {
            self.paragraph(indent, &about.join("; "), None);
        }
        self.unknown(indent, &principal.unknown);
        if principal.needs.is_empty() {
            let nothing = "no call of its own is known; what it needs is what its work needs";
            self.paragraph(indent, nothing, None);
        }
        let mut rest = principal.needs.as_slice();
        while let Some(first) = rest.first() {
            let key = |need: &Need| {
                (
                    need.resource.clone(),
                    granted_by(need, principal),
                    need.remark.clone(),
                )
            };
            let own = key(first);
            let length = rest.iter().take_while(|need| key(need) == own).count();
            let (lines, behind) = rest.split_at(length.max(1));
            self.resource(lines, own.1.as_deref(), indent + 2);
            rest = behind;
        }
        self.text.push('\n');
    }

    /// All lines of one resource that the same policies have to grant.
    fn resource(&mut self, lines: &[Need], policies: Option<&str>, indent: usize) {
        let Some(first) = lines.first() else { return };
        self.text.push('\n');
        self.paragraph(indent, &first.resource, Some(Role::Note));
        if let Some(policies) = policies {
            self.paragraph(indent, &format!("to be granted by {policies}"), None);
        }
        if let Some(remark) = &first.remark {
            self.paragraph(indent, remark, None);
        }
        let shared = lines.len() > 1 && lines.iter().all(|need| need.context == first.context);
        if shared && let Some(carried) = conditions(first) {
            self.paragraph(indent, &format!("each call carries {carried}"), None);
        }
        let mut before: Option<&Need> = None;
        for need in lines {
            let carried = match conditions(need).filter(|_| !shared) {
                Some(_) if before.is_some_and(|before| before.context == need.context) => {
                    Some("the call carries the same as above".to_owned())
                }
                carried => carried.map(|carried| format!("the call carries {carried}")),
            };
            before = Some(need);
            self.need(need, carried, indent + 2);
        }
    }

    fn unknown(&mut self, indent: usize, facts: &[Unknown]) {
        for fact in facts {
            self.paragraph(
                indent,
                &format!("not known: {}: {}", fact.what, fact.supply),
                None,
            );
        }
    }

    fn need(&mut self, need: &Need, carried: Option<String>, indent: usize) {
        let (indent, mark) = match need.standing {
            Some(standing) => (indent + MARK, Some(standing)),
            None => (indent, None),
        };
        let start = self.text.len();
        let separator = if need.one_is_enough { " or " } else { ", " };
        self.paragraph(indent, &need.operations.join(separator), None);
        if let Some(standing) = mark {
            self.mark(start, standing, indent);
        }
        let inner = if mark.is_some() { indent } else { indent + 2 };
        let links = need.documentation.iter();
        let links: Vec<String> = links
            .map(|link| format!("[{}]", self.number(link)))
            .collect();
        let reason = format!("{} {} {}", certainty(need), why(need), links.join(""));
        self.paragraph(inner, &reason, None);
        let parts = [lacking(need), carried, alternatives(need)];
        for part in parts.into_iter().flatten() {
            self.paragraph(inner, &part, None);
        }
        self.unknown(inner, &need.unknown);
        let names = affected(need, self.arrow(), self.needs);
        self.paragraph(
            inner,
            &format!("for {}", names.join(", ")),
            Some(Role::Faint),
        );
    }

    /// Puts a mark before a line that was written with room for it.
    fn mark(&mut self, start: usize, standing: Standing, indent: usize) {
        let role = match standing {
            Standing::Allowed => Role::Faint,
            Standing::Undecided => Role::Warning,
            Standing::Missing => Role::Error,
        };
        let name = standing.name();
        let before = indent - MARK;
        let blanks = MARK.saturating_sub(columns(name));
        let mark = format!(
            "{}{}{}",
            " ".repeat(before),
            paint(name, role, self.style.color),
            " ".repeat(blanks)
        );
        if self.text.is_char_boundary(start + indent) {
            self.text.replace_range(start..start + indent, &mark);
        }
    }

    fn number(&mut self, link: &str) -> usize {
        let next = self.links.len() + 1;
        *self.links.entry(link.to_owned()).or_insert(next)
    }

    fn footnotes(&mut self) {
        let mut links: Vec<(usize, String)> = std::mem::take(&mut self.links)
            .into_iter()
            .map(|(link, number)| (number, link))
            .collect();
        links.sort();
        for (number, link) in &links {
            let link = printable(link);
            let link = if self.style.links {
                format!("\u{1b}]8;;{link}\u{1b}\\{link}\u{1b}]8;;\u{1b}\\")
            } else {
                link.into_owned()
            };
            self.text.push_str(&format!("[{number}] {link}\n"));
        }
        if !links.is_empty() {
            self.text.push('\n');
        }
    }
}
