//! Text for the page: what stands between backticks is code, and only AWS's own kind of address is a link.

use std::fmt;

use askama::filters::{Html, HtmlSafe, escape};

use crate::report::text::printable;

/// A text of ours in which pairs of backticks make code. It escapes itself, piece by piece.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Prose(String);

impl Prose {
    pub(super) fn new(text: &str) -> Self {
        Self(clean(text))
    }

    /// Whether there is nothing to read.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The template leaves it as it is.
impl HtmlSafe for Prose {}

impl fmt::Display for Prose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // One without its other half is only a character.
        if !self.0.matches('`').count().is_multiple_of(2) {
            return escaped(&self.0, f);
        }
        for (number, piece) in self.0.split('`').enumerate() {
            if number.is_multiple_of(2) {
                escaped(piece, f)?;
            } else {
                f.write_str("<code>")?;
                escaped(piece, f)?;
                f.write_str("</code>")?;
            }
        }
        Ok(())
    }
}

fn escaped(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match escape(text, Html) {
        Ok(text) => write!(f, "{text}"),
        Err(_) => Err(fmt::Error),
    }
}

/// A text without what a terminal would obey, for the page may be read in one, and without what is no character of a page
/// (<https://infra.spec.whatwg.org/#noncharacter>).
pub(super) fn clean(text: &str) -> String {
    let is_none = |character: char| {
        let code = u32::from(character);
        (0xfdd0..=0xfdef).contains(&code) || code & 0xfffe == 0xfffe
    };
    printable(text).replace(is_none, "\u{fffd}")
}

/// A page of somebody's documentation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    /// What is shown of it: the address without its scheme.
    pub(super) text: String,
    /// Where it leads; nothing, when it is no such address.
    pub(super) address: Option<String>,
}

impl Link {
    pub(super) fn new(page: &str) -> Self {
        let page = clean(page);
        let rest = page.strip_prefix("https://");
        let is_address =
            rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(char::is_whitespace));
        Self {
            text: rest.unwrap_or(&page).to_owned(),
            address: is_address.then_some(page),
        }
    }

    /// The same with only the page's own name shown, for where there are many.
    pub(super) fn short(&self) -> Self {
        let (page, part) = match self.text.split_once('#') {
            Some((page, part)) => (page, Some(part)),
            None => (self.text.as_str(), None),
        };
        let name = page
            .trim_end_matches('/')
            .rsplit('/')
            .next()
            .unwrap_or(page);
        let name = name.strip_suffix(".html").unwrap_or(name);
        let text = match part.or((!name.is_empty()).then_some(name)) {
            Some(text) if self.address.is_some() => text.to_owned(),
            _ => self.text.clone(),
        };
        Self {
            text,
            address: self.address.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_of_backticks_are_code_and_nothing_is_markup() {
        let html = |text: &str| Prose::new(text).to_string();
        assert_eq!(html("let `a<b` do"), "let <code>a&#60;b</code> do");
        assert_eq!(html("one ` & no other"), "one ` &#38; no other");
        assert_eq!(
            html("`</code><b>`"),
            "<code>&#60;/code&#62;&#60;b&#62;</code>"
        );
    }

    #[test]
    fn a_short_link_shows_the_name_of_its_page() {
        let short = |page: &str| Link::new(page).short().text;
        assert_eq!(short("https://docs.example/a/how-to.html"), "how-to");
        assert_eq!(short("https://docs.example/a/how-to.html#part"), "part");
        assert_eq!(short("https://docs.example/a/"), "a");
        assert_eq!(short("not/a/page.html"), "not/a/page.html");
    }

    #[test]
    fn only_addresses_are_links() {
        let address = |page: &str| Link::new(page).address;
        assert_eq!(
            address("https://docs.example/a"),
            Some("https://docs.example/a".to_owned())
        );
        for page in [
            "javascript:alert(1)",
            "http://docs.example",
            "https://",
            "https://a b",
            "docs.example",
            "",
        ] {
            assert_eq!(address(page), None, "{page}");
        }
    }
}
