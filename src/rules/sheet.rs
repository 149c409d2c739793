//! What roles need, as a page: plain text for `explain`, Markdown for `docs/providers`.

use super::page::{capital, text, wrap};

/// A page before it is written in one way or the other.
#[derive(Debug, Clone, Default)]
pub struct Page {
    pub(super) title: String,
    pub(super) about: Vec<String>,
    pub(super) parts: Vec<Part>,
    pub(super) links: Vec<String>,
}

/// What one role needs.
#[derive(Debug, Clone, Default)]
pub(super) struct Part {
    pub(super) heading: String,
    pub(super) about: Vec<String>,
    pub(super) rows: Vec<Row>,
}

/// One rule.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) operations: String,
    pub(super) resources: String,
    pub(super) when: String,
    pub(super) why: String,
    pub(super) links: Vec<String>,
}

impl Page {
    /// As plain text, for `explain`.
    pub fn text(&self) -> String {
        let mut page = format!("{}\n", self.title);
        for about in &self.about {
            wrap(&mut page, about, "  ", "    ");
        }
        for part in &self.parts {
            page.push('\n');
            wrap(&mut page, &part.heading, "", "");
            for about in &part.about {
                wrap(&mut page, about, "  ", "    ");
            }
            for row in &part.rows {
                wrap(&mut page, &row.operations, "  - ", "    ");
                wrap(
                    &mut page,
                    &format!("on {}", row.resources),
                    "    ",
                    "      ",
                );
                wrap(&mut page, &row.why, "    ", "      ");
                if !row.when.is_empty() {
                    wrap(&mut page, &format!("if {}", row.when), "    ", "      ");
                }
                for link in &row.links {
                    wrap(&mut page, link, "    ", "    ");
                }
            }
        }
        if !self.links.is_empty() {
            page.push_str("\ndocumentation\n");
        }
        for link in &self.links {
            wrap(&mut page, link, "  ", "  ");
        }
        page
    }

    /// As Markdown, for `docs/providers`.
    pub fn markdown(&self) -> String {
        let mut page = format!("# {}\n\n", capital(&self.title));
        for about in &self.about {
            page.push_str(&bullet(about));
        }
        for link in &self.links {
            page.push_str(&format!("- documentation: <{link}>\n"));
        }
        for part in &self.parts {
            page.push_str(&format!("\n## {}\n", capital(&part.heading)));
            if !part.about.is_empty() {
                page.push('\n');
            }
            for about in &part.about {
                page.push_str(&bullet(about));
            }
            if part.rows.is_empty() {
                continue;
            }
            page.push_str("\n| operations | resources | why | if |\n| --- | --- | --- | --- |\n");
            for row in &part.rows {
                let mut why = text(&row.why);
                for (number, link) in row.links.iter().enumerate() {
                    why.push_str(&format!(" [\\[{}\\]]({link})", number + 1));
                }
                let cells = [
                    row.operations.clone(),
                    row.resources.clone(),
                    why,
                    text(&row.when),
                ];
                let cells = cells.map(|cell| cell.replace('|', "\\|"));
                page.push_str(&format!("| {} |\n", cells.join(" | ")));
            }
        }
        page
    }
}

fn bullet(about: &str) -> String {
    match about.strip_prefix("see ") {
        Some(link) => format!("- see <{link}>\n"),
        None => format!("- {}\n", text(about)),
    }
}
