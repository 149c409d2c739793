//! What a page shows against what is printed.
//!
//! In: two texts. Out: what differs, or what to show instead. Knows neither pages nor commands.

/// What stands for something left out.
const LEFT_OUT: &str = "[…]";

/// Whether what is printed is what is shown.
pub(super) fn compare(shown: &str, printed: &str) -> Result<(), String> {
    let (shown, printed) = (shown.trim_end(), printed.trim_end());
    let mut rest = printed;
    let (begins, ends) = (shown.starts_with(LEFT_OUT), shown.ends_with(LEFT_OUT));
    for (number, piece) in pieces(shown).into_iter().enumerate() {
        let Some((before, behind)) = rest.split_once(piece) else {
            return Err(format!("not printed, or not in this order:\n{piece}"));
        };
        if number == 0 && !begins && !before.is_empty() {
            return Err(format!(
                "printed before the first line, without `{LEFT_OUT}`:\n{before}"
            ));
        }
        rest = behind;
    }
    if !ends && !rest.is_empty() {
        return Err(format!(
            "printed behind the last line, without `{LEFT_OUT}`:\n{rest}"
        ));
    }
    Ok(())
}

/// What stands between the marks of what is left out.
fn pieces(shown: &str) -> Vec<&str> {
    // The mark at the very beginning has no line before it.
    let shown = shown.strip_prefix(LEFT_OUT).unwrap_or(shown);
    let pieces = shown.split("\n[…]").map(|piece| piece.trim_matches('\n'));
    pieces.filter(|piece| !piece.is_empty()).collect()
}

/// What to show instead: where something is left out, each piece from its first to its last line as they are printed now, and a
/// mark where one is missing at the beginning or the end.
pub(super) fn updated(shown: &str, printed: &str) -> String {
    let (inside, all) = (shown.trim(), printed.trim_end());
    let excerpt = !inside.is_empty() && inside != all && all.contains(inside);
    if !excerpt && !shown.contains(LEFT_OUT) {
        return printed.to_owned();
    }
    let mut text = shown.to_owned();
    let (mut rest, mut before) = (printed, None);
    for piece in pieces(shown) {
        let (first, last) = (piece.lines().next(), piece.lines().last());
        let Some(start) = first.and_then(|first| rest.find(first)) else {
            continue;
        };
        let last = last.unwrap_or_default();
        let Some(end) = rest[start..].find(last).map(|at| start + at + last.len()) else {
            continue;
        };
        text = text.replacen(piece, &rest[start..end], 1);
        before.get_or_insert(start);
        rest = &rest[end..];
    }
    if before.is_some_and(|before| before > 0) && !inside.starts_with(LEFT_OUT) {
        text = format!("{LEFT_OUT}\n{text}");
    }
    if !rest.trim().is_empty() && !inside.ends_with(LEFT_OUT) {
        text = format!("{}\n{LEFT_OUT}\n", text.trim_end());
    }
    text
}

#[test]
fn what_is_left_out_is_marked() {
    let printed = "one\ntwo\nthree and four\nfive\n";
    for shown in [
        "one\ntwo\nthree and four\nfive\n",
        "one\n[…]\nfive",
        "[…]\n\ntwo\n[…]\n",
        "one\ntwo\nthree\n[…]\nand four\n[…]",
    ] {
        assert_eq!(compare(shown, printed), Ok(()), "{shown}");
    }
    for shown in [
        "one\ntwo\n",
        "two\n[…]\n",
        "one\n[…]\nfour",
        "[…]\nfive\n[…]\none\n[…]",
        "one\n[…]\nsix\n",
    ] {
        assert!(compare(shown, printed).is_err(), "{shown}");
    }
    assert_eq!(
        updated("one\n[…]\nthree\nfive\n", "one\n\nthree\nfour\nfive\n"),
        "one\n[…]\nthree\nfour\nfive\n"
    );
    assert_eq!(updated("one\n", "two\n"), "two\n");
    assert_eq!(updated("two\n", "one\ntwo\nthree\n"), "[…]\ntwo\n[…]\n");
}
