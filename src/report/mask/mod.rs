//! Hides secrets in a source text, byte for byte, so that every span still fits.
//!
//! A snippet shows neighbours of the line to blame, and a pipeline's neighbours may be a GitHub token or a build's
//! plain-text variables: <https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-GitHub.html>,
//! <https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeBuild.html>.
//!
//! In: a text and, where it was parsed, its tree. Out: the text with asterisks. Three readers each tell what is secret: [`secret`]
//! knows what belongs together, `scan` knows keys where nothing was parsed, `phrases` knows how commands spell a secret.

mod phrases;
mod scan;

use std::borrow::Cow;
use std::ops::Range;

use crate::load::secret;
use crate::source::{SourceId, Sources};

/// Replaces every secret in a JSON or YAML text by asterisks; the result has as many bytes, and its lines end where they did.
pub fn mask(text: &str) -> Cow<'_, str> {
    hide(text, Vec::new())
}

/// The same for a parsed text, of which more is known.
pub(super) fn masked(sources: &Sources, source: SourceId) -> Cow<'_, str> {
    hide(sources.text(source), secret::secrets(sources, source))
}

fn hide(text: &str, mut secrets: Vec<Range<usize>>) -> Cow<'_, str> {
    secrets.extend(scan::secrets(text));
    secrets.extend(phrases::secrets(text));
    secrets.sort_by_key(|range| (range.start, range.end));
    if secrets.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut masked = String::with_capacity(text.len());
    let mut done = 0;
    for secret in secrets {
        let secret = secret.start.max(done)..secret.end.max(done);
        masked.push_str(text.get(done..secret.start).unwrap_or_default());
        for character in text.get(secret.clone()).unwrap_or_default().chars() {
            match character {
                '\n' | '\r' => masked.push(character),
                _ => masked.extend(std::iter::repeat_n('*', character.len_utf8())),
            }
        }
        done = secret.end;
    }
    masked.push_str(text.get(done..).unwrap_or_default());
    Cow::Owned(masked)
}

#[cfg(test)]
mod tests;
