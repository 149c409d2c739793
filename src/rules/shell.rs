//! The simple commands in a shell text, as far as they can be told without running it.
//!
//! In: one entry of a buildspec's `commands`. Out: its commands, each as words. Knows neither AWS nor buildspecs.
//! Words: <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html>

use std::iter::Peekable;
use std::str::Chars;

/// Stands in a word for what only the shell knows: the output of a command, an arithmetic or special expansion.
pub(super) const UNKNOWN: char = '\u{0}';

/// Stands in a word for `$` that begins a variable: a quoted `$` is a character like any other.
pub(super) const VARIABLE: char = '\u{1}';

/// More substitutions inside each other than anybody writes.
const DEEPEST: usize = 20;

/// A simple command.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct ShellCommand {
    /// Its words, without quotes; `VARIABLE{name}` stands for a variable.
    pub(super) words: Vec<String>,
    /// Whether it runs only if something else turns out so: behind `||`, in an `if` or a loop.
    pub(super) conditional: bool,
}

/// The commands of a text in the order they are written, those inside `$(…)` before the one that uses their output.
pub(super) fn commands(text: &str) -> Vec<ShellCommand> {
    let mut reader = Reader {
        rest: text.chars().peekable(),
        found: Vec::new(),
        depth: 0,
        branches: 0,
    };
    while reader.rest.peek().is_some() {
        reader.list(None);
    }
    reader.found
}

struct Reader<'a> {
    rest: Peekable<Chars<'a>>,
    found: Vec<ShellCommand>,
    depth: usize,
    /// Branches and loops that are open.
    branches: usize,
}

/// Words that open and close what runs only under conditions.
const OPENING: [&str; 5] = ["if", "case", "for", "while", "until"];
const CLOSING: [&str; 3] = ["fi", "esac", "done"];
/// Words that stand before a command without being one.
const LEADING: [&str; 9] = [
    "then", "else", "elif", "do", "!", "{", "time", "exec", "sudo",
];

impl Reader<'_> {
    /// Reads commands up to the end, or to the character that closes the substitution.
    fn list(&mut self, close: Option<char>) {
        let mut current = ShellCommand::default();
        let mut word: Option<String> = None;
        let mut alternative = false;
        while let Some(next) = self.rest.next() {
            match next {
                _ if Some(next) == close => break,
                ' ' | '\t' | '\r' => current.words.extend(word.take()),
                '#' if word.is_none() => while self.rest.next_if(|next| *next != '\n').is_some() {},
                '\n' | ';' | '&' | '|' | '(' | ')' => {
                    current.words.extend(word.take());
                    self.end(std::mem::take(&mut current), alternative);
                    let doubled = self.rest.next_if_eq(&next).is_some();
                    alternative =
                        next == '|' && doubled || alternative && matches!(next, '&' | '|');
                }
                '\\' => match self.rest.next() {
                    Some('\n') | None => {}
                    Some(escaped) => word.get_or_insert_default().push(escaped),
                },
                '\'' => {
                    let word = word.get_or_insert_default();
                    word.extend(self.rest.by_ref().take_while(|next| *next != '\''));
                }
                '"' => {
                    let mut quoted = word.take().unwrap_or_default();
                    self.quoted(&mut quoted);
                    word = Some(quoted);
                }
                '$' | '`' => {
                    let mut expanded = word.take().unwrap_or_default();
                    self.expansion(next, &mut expanded);
                    word = Some(expanded);
                }
                _ => word.get_or_insert_default().push(next),
            }
        }
        current.words.extend(word);
        self.end(current, alternative);
    }

    fn quoted(&mut self, word: &mut String) {
        while let Some(next) = self.rest.next() {
            match next {
                '"' => return,
                '\\' => match self.rest.next() {
                    Some('\n') | None => {}
                    Some(escaped @ ('"' | '\\' | '$' | '`')) => word.push(escaped),
                    Some(other) => word.extend(['\\', other]),
                },
                '$' | '`' => self.expansion(next, word),
                _ => word.push(next),
            }
        }
    }

    /// What follows a `$` or a backquote.
    fn expansion(&mut self, first: char, word: &mut String) {
        let is_name = |next: &char| next.is_ascii_alphanumeric() || *next == '_';
        if first == '`' {
            return self.substitution('`', word);
        }
        match self.rest.peek().copied() {
            Some('(') => {
                self.rest.next();
                self.substitution(')', word);
            }
            Some('{') => {
                self.rest.next();
                let inside: String = self.rest.by_ref().take_while(|next| *next != '}').collect();
                if !inside.is_empty() && inside.chars().all(|next| is_name(&next)) {
                    word.extend([VARIABLE, '{']);
                    word.push_str(&inside);
                    word.push('}');
                } else {
                    word.push(UNKNOWN);
                }
            }
            Some(next) if next.is_ascii_alphabetic() || next == '_' => {
                word.extend([VARIABLE, '{']);
                while let Some(next) = self.rest.next_if(is_name) {
                    word.push(next);
                }
                word.push('}');
            }
            // `$?`, `$1` and their like.
            Some(next) if next.is_ascii_digit() || "?#@*!$-".contains(next) => {
                self.rest.next();
                word.push(UNKNOWN);
            }
            _ => word.push('$'),
        }
    }

    /// The commands inside `$(…)`, whose output nobody knows.
    fn substitution(&mut self, close: char, word: &mut String) {
        word.push(UNKNOWN);
        if self.depth < DEEPEST {
            self.depth += 1;
            self.list(Some(close));
            self.depth -= 1;
        }
    }

    fn end(&mut self, mut command: ShellCommand, alternative: bool) {
        while let Some(first) = command.words.first().map(String::as_str) {
            if OPENING.contains(&first) {
                self.branches += 1;
            } else if CLOSING.contains(&first) {
                self.branches = self.branches.saturating_sub(1);
            } else if !LEADING.contains(&first) {
                break;
            }
            command.words.remove(0);
        }
        if !command.words.is_empty() {
            command.conditional = alternative || self.branches > 0;
            self.found.push(command);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<Vec<String>> {
        commands(text)
            .into_iter()
            .map(|command| command.words)
            .collect()
    }

    #[test]
    fn splits_as_the_shell_does() {
        let expected = [
            vec![
                "sam",
                "deploy",
                "--stack-name",
                "a b",
                "--role-arn",
                "arn:x",
            ],
            vec!["echo", "$5; done"],
            vec!["true"],
        ];
        let text = "sam deploy --stack-name 'a b' \\\n  --role-arn \"arn:x\" && echo '$5; done' # sam deploy\ntrue";
        assert_eq!(words(text), expected);
    }

    #[test]
    fn marks_variables_and_what_nobody_knows() {
        let text =
            r#"A="$(aws sts assume-role --role-arn $ROLE)" run ${B}/x ${C:-d} $? \$E `date`"#;
        let expected = [
            vec!["aws", "sts", "assume-role", "--role-arn", "\u{1}{ROLE}"],
            vec!["date"],
            vec![
                "A=\u{0}",
                "run",
                "\u{1}{B}/x",
                "\u{0}",
                "\u{0}",
                "$E",
                "\u{0}",
            ],
        ];
        assert_eq!(words(text), expected);
    }

    #[test]
    fn tells_what_runs_only_under_conditions() {
        let text =
            "if test -f x; then\n a\nelse\n b\nfi\nc || d && e; f && g\nfor i in 1; do h; done; i";
        let found = commands(text);
        let conditional: Vec<String> = found
            .iter()
            .filter(|command| command.conditional)
            .map(|command| command.words.join(" "))
            .collect();
        assert_eq!(
            conditional,
            ["test -f x", "a", "b", "d", "e", "i in 1", "h"]
        );
    }

    #[test]
    fn ends_on_any_text() {
        for text in [
            "\"",
            "'",
            "$(",
            "`",
            "${",
            "\\",
            "$",
            "((((",
            "a\"$(b\"c",
            "|&;",
        ] {
            commands(text);
        }
        commands(&"$(".repeat(100_000));
        commands(&"\"$(".repeat(100_000));
    }
}
