//! From an error text of AWS, or from a rule's id, to what it means.
//!
//! In: rules, and what somebody typed or pasted. Out: the rules behind it, ranked, and pages of rules and providers, as plain
//! text and as Markdown. Knows no terminal.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::FindingRule;
pub(crate) use super::page::in_general;
pub use super::page::{markdown, page};
pub use super::provider_page::{pipeline_page, provider_page};
pub use super::sheet::Page;

/// Similar texts share at least this part of their words, in thousandths: twice the common ones by the sum of both.
const ALIKE: usize = 600;
/// Fewer common words than this say nothing: most denials share "is not authorized to perform".
const COMMON_WORDS: usize = 4;
/// A shorter text is part of too many patterns to point at one.
const WORDS_OF_A_FRAGMENT: usize = 3;
/// Ids less alike than this are no guess worth printing.
const ID_LIKENESS: f64 = 0.8;
/// More guesses than this help nobody.
const GUESSES: usize = 3;

/// A rule that stands behind an error text.
#[derive(Debug, Clone, Copy)]
pub struct Match<'a> {
    /// The rule.
    pub rule: &'a FindingRule,
    /// Its error text that fits best, as the rule writes it.
    pub pattern: &'a str,
    /// How it fits.
    pub likeness: Likeness,
}

/// How an error text fits a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    /// One contains the other.
    Exact,
    /// They share most of their words.
    Similar,
}

/// The rules behind an error text: longer patterns first, then by id. Similar ones only where none is exact,
/// because nearly every denial is similar to every other. Of patterns that the text contains only the most exact ones count:
/// "is not authorized to perform" is in most denials, and says nothing where a pattern knows the operation as well.
pub fn by_error_text<'a>(
    findings: impl Iterator<Item = &'a FindingRule>,
    text: &str,
) -> Vec<Match<'a>> {
    let text = Text::new(text);
    let mut whole: Vec<(&str, &str)> = Vec::new();
    let mut ranked: Vec<(Rank, Match<'a>)> = findings
        .filter_map(|rule| {
            rule.errors
                .iter()
                .filter_map(|pattern| {
                    let rank = text.rank(pattern)?;
                    let likeness = rank.likeness;
                    if rank.whole {
                        whole.push((&rule.id, pattern));
                    }
                    let found = Match {
                        rule,
                        pattern,
                        likeness,
                    };
                    Some((rank, found))
                })
                .min_by(|(a, _), (b, _)| a.order(b))
        })
        .collect();
    ranked
        .sort_by(|(a, left), (b, right)| a.order(b).then_with(|| left.rule.id.cmp(&right.rule.id)));
    let best = ranked.first().map(|(rank, _)| rank.likeness);
    let told_better = |found: &Match<'_>| {
        whole
            .iter()
            .any(|(rule, pattern)| *rule != found.rule.id && says_more(pattern, found.pattern))
    };
    ranked
        .into_iter()
        .filter(|(rank, found)| Some(rank.likeness) == best && !(rank.whole && told_better(found)))
        .map(|(_, found)| found)
        .collect()
}

/// Whether a pattern fits only texts that the other one fits too, and not all of them.
fn says_more(pattern: &str, other: &str) -> bool {
    let (pattern, other) = (plain(pattern), plain(other));
    contained(&other, &pattern) && !contained(&pattern, &other)
}

/// The ids that somebody may have meant, nearest first; at most three.
pub fn nearest_ids<'a>(ids: impl IntoIterator<Item = &'a str>, text: &str) -> Vec<&'a str> {
    let meant = text.trim().to_lowercase().replace(
        |character: char| character == '_' || character.is_whitespace(),
        "-",
    );
    if meant.is_empty() {
        return Vec::new();
    }
    let mut near: Vec<(f64, &str)> = ids
        .into_iter()
        .filter_map(|id| {
            let part = meant.chars().count() > 3 && id.contains(&meant);
            let likeness = strsim::normalized_damerau_levenshtein(id, &meant)
                .max(strsim::jaro_winkler(id, &meant));
            (part || likeness >= ID_LIKENESS).then_some((likeness, id))
        })
        .collect();
    near.sort_by(|(a, left), (b, right)| b.total_cmp(a).then_with(|| left.cmp(right)));
    near.dedup_by(|(_, left), (_, right)| left == right);
    near.into_iter().take(GUESSES).map(|(_, id)| id).collect()
}

/// Where a pattern stands among the others.
struct Rank {
    likeness: Likeness,
    /// The text contains the pattern, rather than being a fragment of it.
    whole: bool,
    /// Letters of the pattern without its wildcards: the longer, the less it can fit by chance.
    length: usize,
    alike: usize,
}

impl Rank {
    fn order(&self, other: &Self) -> Ordering {
        let alike = match self.likeness {
            Likeness::Exact => Ordering::Equal,
            Likeness::Similar => other.alike.cmp(&self.alike),
        };
        self.likeness
            .cmp(&other.likeness)
            .then(other.whole.cmp(&self.whole))
            .then(alike)
            .then(other.length.cmp(&self.length))
    }
}

/// What somebody pasted, in the forms that patterns are compared with.
struct Text {
    plain: String,
    masked: String,
    words: BTreeSet<String>,
}

impl Text {
    fn new(text: &str) -> Self {
        let plain = plain(text);
        let masked = masked(&plain);
        let words = words(&masked);
        Self {
            plain,
            masked,
            words,
        }
    }

    fn rank(&self, pattern: &str) -> Option<Rank> {
        let pattern = plain(pattern);
        let length = pattern.chars().filter(|letter| *letter != '*').count();
        let words = words(&pattern);
        let common = self.words.intersection(&words).count();
        let whole = contained(&pattern, &self.plain) || contained(&pattern, &self.masked);
        let likeness = if whole
            || (self.words.len() >= WORDS_OF_A_FRAGMENT && masked(&pattern).contains(&self.masked))
        {
            Likeness::Exact
        } else {
            Likeness::Similar
        };
        let alike = 2000 * common / (self.words.len() + words.len()).max(1);
        (likeness == Likeness::Exact || (common >= COMMON_WORDS && alike >= ALIKE)).then_some(
            Rank {
                likeness,
                whole,
                length,
                alike,
            },
        )
    }
}

/// Lower case, single blanks, no quotes.
fn plain(text: &str) -> String {
    let bare: String = text
        .chars()
        .filter(|letter| {
            !matches!(
                letter,
                '"' | '\'' | '`' | '´' | '‘' | '’' | '“' | '”' | '\\'
            )
        })
        .flat_map(char::to_lowercase)
        .collect();
    let words: Vec<&str> = bare.split_whitespace().collect();
    words.join(" ")
}

/// `*` for everything that differs from one account to the next: ARNs, account ids, request ids, `<…>` and `...`.
fn masked(plain: &str) -> String {
    let words: Vec<String> = plain
        .replace("...", "*")
        .replace('…', "*")
        .split(' ')
        .map(|word| {
            let core = word.trim_matches(|letter: char| ",.;:()[]{}".contains(letter));
            let varies = core.contains("arn:")
                || (core.starts_with('<') && core.ends_with('>'))
                || is_account(core)
                || is_request_id(core);
            if varies {
                word.replace(core, "*")
            } else {
                word.to_owned()
            }
        })
        .collect();
    words.join(" ")
}

fn is_account(word: &str) -> bool {
    word.len() == 12 && word.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_request_id(word: &str) -> bool {
    let lengths: Vec<usize> = word.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12]
        && word
            .bytes()
            .all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

fn words(text: &str) -> BTreeSet<String> {
    text.split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Whether a pattern is contained in a text as whole words: `CodePipeline is not` is not in `role/CodePipeline is not`.
fn contained(pattern: &str, text: &str) -> bool {
    let bounded_start = !pattern.starts_with('*');
    let bounded_end = !pattern.ends_with('*');
    // Blanks beside a wildcard go with it: `<role> is` may be pasted without the role.
    let pieces: Vec<&str> = pattern
        .split('*')
        .map(str::trim)
        .filter(|piece| !piece.is_empty())
        .collect();
    if pieces.is_empty() {
        return false;
    }
    let last = pieces.len() - 1;
    let mut from = 0;
    for (index, piece) in pieces.iter().enumerate() {
        let Some(rest) = text.get(from..) else {
            return false;
        };
        let place = rest.match_indices(piece).find(|(at, _)| {
            let start = from + at;
            let end = start + piece.len();
            let cut_start = bounded_start
                && index == 0
                && text
                    .get(..start)
                    .is_some_and(|before| before.ends_with(in_a_name));
            let cut_end = bounded_end
                && index == last
                && text
                    .get(end..)
                    .is_some_and(|after| after.starts_with(char::is_alphanumeric));
            !cut_start && !cut_end
        });
        let Some((at, _)) = place else {
            return false;
        };
        from += at + piece.len();
    }
    true
}

fn in_a_name(letter: char) -> bool {
    letter.is_alphanumeric() || "-_/".contains(letter)
}
