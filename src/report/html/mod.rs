//! `--format html`: one page for people who never saw this program, to be kept, mailed and opened anywhere.
//!
//! In: a [`Rendering`]. Out: one file that needs nothing else: no network, no fonts, no images, and for reading no script. What
//! `report.js` adds (filters, chains of requirements, arrows in the picture) it takes from the elements that are there, so that
//! all data is in the file once. The page forbids itself everything but its own style and script, which it names by their
//! hashes (<https://www.w3.org/TR/CSP3/#framework-directive-source-list>), and all text passes the template's escaping.

mod actions;
mod excerpt;
mod findings;
mod headline;
mod index;
mod needs;
mod picture;
mod prose;

use std::borrow::Borrow as _;
use std::io;

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use self::actions::PipelineView;
use self::excerpt::Excerpts;
use self::findings::{FindingView, SuppressedView};
use self::headline::{Headline, Verdict};
use self::index::Index;
use self::needs::{NeedsView, Surroundings};
use self::picture::PictureView;
use self::prose::Prose;
use super::Rendering;
use super::picture::PICTURE_STYLE;

const STYLE: &str = include_str!("report.css");
const SCRIPT: &str = include_str!("report.js");

/// The page.
#[derive(Template)]
#[template(path = "report.html", config = "src/report/html/askama.toml")]
struct Page {
    policy: String,
    style: String,
    script: &'static str,
    headline: Headline,
    accounts: Vec<String>,
    pipelines: Vec<PipelineView>,
    findings: Vec<FindingView>,
    fixed: Vec<FindingView>,
    suppressed: Vec<SuppressedView>,
    needs: Option<NeedsView>,
    picture: Option<PictureView>,
}

/// Writes the page.
pub(super) fn render(rendering: &Rendering<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let result = rendering.result;
    let index = Index::new(result);
    let mut excerpts = Excerpts::new(rendering.sources);
    let mut findings = findings::views(result, &index, &mut excerpts);
    let (picture, parts) = picture::view(result, &index, &mut findings);
    let style = format!("{STYLE}{PICTURE_STYLE}");
    let ids = findings.iter().map(|finding| finding.id.as_str());
    let named: Vec<_> = result.findings.iter().zip(ids).collect();
    let needs = result.needs.as_ref();
    let surroundings = Surroundings {
        index: &index,
        findings: &named,
        parts: &parts,
    };
    let needs = needs.map(|needs| needs::view(needs, &surroundings));
    let page = Page {
        policy: policy(&style),
        style,
        script: SCRIPT,
        headline: headline::of(result),
        accounts: index.accounts(),
        pipelines: actions::views(result, &index, &findings, &parts),
        fixed: findings::fixed(result, &index),
        suppressed: findings::suppressed(result, &index, &mut excerpts),
        needs,
        picture,
        findings,
    };
    let text = page.render().map_err(io::Error::other)?;
    out.write_all(text.as_bytes())
}

/// What the page allows itself.
fn policy(style: &str) -> String {
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
    format!(
        "default-src 'none'; style-src {}; script-src {}; img-src data:; base-uri 'none'; form-action 'none'; \
         require-trusted-types-for 'script'; trusted-types 'none'",
        hash(style),
        hash(SCRIPT)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What stands in an element of raw text ends at its end tag, wherever that stands, and a script also where a comment begins
    /// (<https://html.spec.whatwg.org/multipage/scripting.html#restrictions-for-contents-of-script-elements>).
    #[test]
    fn style_and_script_do_not_end_themselves() {
        for text in [STYLE, PICTURE_STYLE, SCRIPT] {
            let text = text.to_lowercase();
            for end in ["</style", "</script", "<script", "<!--"] {
                assert!(!text.contains(end), "{end}");
            }
        }
    }

    /// Text becomes text: the script makes no markup of it.
    #[test]
    fn the_script_makes_no_markup_of_text_and_calls_nobody() {
        let ways = [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "Function(",
            "DOMParser",
            "fetch(",
            "XMLHttpRequest",
            "import(",
            "srcdoc",
            "localStorage",
            "http:",
            "https:",
        ];
        for way in ways {
            assert!(!SCRIPT.contains(way), "{way}");
        }
        for way in ["@import", "url(", "http:", "https:"] {
            assert!(!STYLE.contains(way), "{way}");
        }
    }
}
