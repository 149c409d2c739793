//! How a shell takes a line apart, as far as the commands that pages show need it.
//!
//! In: text with `pipeline-preflight …` in it. Out: the words of each call. Expands nothing: `$(…)` and variables stay as they stand.

const NAME: &str = "pipeline-preflight ";

/// The words behind the program's name, of each time that it is called.
pub(super) fn calls(text: &str) -> Vec<Vec<String>> {
    let text = text.replace("\\\n", " ");
    let mut calls = Vec::new();
    for (at, _) in text.match_indices(NAME) {
        let before = &text[..at];
        let line = before.rsplit('\n').next().unwrap_or_default();
        let commented = line.starts_with('#') || line.contains(" #");
        // A word of its own: no folder, no part of a name.
        let apart = line
            .chars()
            .last()
            .is_none_or(|last| " ('\"`(|;&".contains(last));
        let quote = line.chars().last().filter(|last| "'\"".contains(*last));
        if apart && !commented {
            calls.push(words(&text[at + NAME.len()..], quote));
        }
    }
    calls
}

/// The words up to the end of a command; `around` is the quote in which the whole stands.
fn words(text: &str, around: Option<char>) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut letters = text.chars().peekable();
    // Whether the next word is a file that a redirection names.
    let mut redirected = false;
    let mut settle = |word: &mut Option<String>, redirected: &mut bool| {
        if let Some(done) = word.take()
            && !std::mem::take(redirected)
        {
            words.push(done);
        }
    };
    while let Some(letter) = letters.next() {
        if Some(letter) == around {
            break;
        }
        match letter {
            '\n' | '|' | ';' | ')' | '`' | '&' => break,
            ' ' | '\t' => settle(&mut word, &mut redirected),
            '#' if word.is_none() => break,
            '<' | '>' => {
                // `2>file`: the number is no word of the command.
                if word
                    .as_deref()
                    .is_some_and(|word| word == "2" || word == "1")
                {
                    word = None;
                }
                settle(&mut word, &mut redirected);
                while letters.next_if(|next| "<>&".contains(*next)).is_some() {}
                redirected = true;
            }
            '\'' => {
                let quoted: String = letters.by_ref().take_while(|next| *next != '\'').collect();
                word.get_or_insert_default().push_str(&quoted);
            }
            '"' | '$' => {
                let word = word.get_or_insert_default();
                if letter == '$' {
                    word.push('$');
                }
                if letter == '$' && letters.next_if_eq(&'(').is_none() {
                    continue;
                }
                // In quotes `$(…)` may hold quotes of its own.
                let end = if letter == '"' { '"' } else { ')' };
                let mut depth = 0;
                for next in letters.by_ref() {
                    match next {
                        '(' => depth += 1,
                        ')' if depth > 0 => depth -= 1,
                        next if next == end && depth == 0 => break,
                        next => word.push(next),
                    }
                }
            }
            '\\' => word.get_or_insert_default().extend(letters.next()),
            letter => word.get_or_insert_default().push(letter),
        }
    }
    settle(&mut word, &mut redirected);
    words
}

#[test]
fn calls_are_taken_apart_as_a_shell_does() {
    let all = |text| {
        let calls = calls(text);
        let calls = calls.iter().map(|words| words.join("·"));
        calls.collect::<Vec<_>>()
    };
    assert_eq!(
        all(
            "x | pipeline-preflight check a \\\n  --b='c d' 2>err >out && pipeline-preflight man | man -l -\n"
        ),
        ["check·a·--b=c d", "man"]
    );
    assert_eq!(
        all(
            "pipeline-preflight check --caller \"$(aws sts --query Arn \"x\")\" # over there\n# pipeline-preflight says so\n"
        ),
        ["check·--caller·$aws sts --query Arn \"x\""]
    );
    assert_eq!(
        all("- run: \"pipeline-preflight check a b\"\n  x: ./pipeline-preflight check\n"),
        ["check·a·b"]
    );
    assert_eq!(
        all("pipeline-preflight authorize --trace - <<'END'\n{}\nEND\n"),
        ["authorize·--trace·-"]
    );
}
