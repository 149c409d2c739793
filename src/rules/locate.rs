//! Where in a rule file something is wrong, for faults that only the typed rules show.
//!
//! In: the file's text and the sentence that names, between backticks, what is wrong with what. Out: line and column of the
//! innermost of these names, looked for in the order of the sentence. A guess, and only ever used to point at a place.

/// Line and column, both from 1; of a file in which none of the names stands, the beginning.
pub(super) fn locate(text: &str, message: &str) -> Option<(usize, usize)> {
    let mut found = None;
    let mut from = 0;
    for name in message.split('`').skip(1).step_by(2) {
        let at = text
            .get(from..)
            .and_then(|rest| {
                rest.match_indices(name)
                    .find(|(at, _)| is_whole(rest, *at, name))
            })
            .map(|(at, _)| from + at);
        if let Some(at) = at {
            found = Some(at);
            from = at;
        }
    }
    let before = text.get(..found.unwrap_or(0))?;
    let line = before.matches('\n').count() + 1;
    let column = before
        .rsplit('\n')
        .next()
        .map_or(0, |start| start.chars().count())
        + 1;
    Some((line, column))
}

/// Whether a name stands on its own: `topic` is not in `topic-role`.
fn is_whole(text: &str, at: usize, name: &str) -> bool {
    let part = |letter: char| letter.is_alphanumeric() || letter == '-';
    let before = text.get(..at).and_then(|text| text.chars().next_back());
    let behind = text
        .get(at + name.len()..)
        .and_then(|text| text.chars().next());
    let cut = name.starts_with(part) && before.is_some_and(part)
        || name.ends_with(part) && behind.is_some_and(part);
    !cut
}

#[cfg(test)]
mod tests {
    use super::locate;

    #[test]
    fn the_innermost_name_is_found_behind_the_outer_ones() {
        let text = "requirements:\n  - id: read-more\n    role: x\n  - id: read\n    role: x\n";
        let at = |message: &str| locate(text, message).unwrap();
        assert_eq!(at("requirement `read`: there is no role `x`"), (5, 11));
        assert_eq!(at("requirement `read` is there twice"), (4, 9));
        assert_eq!(at("title is empty"), (1, 1));
        assert_eq!(at("there is no `é`"), (1, 1));
    }
}
