//! How commands and addresses spell a secret: `TOKEN=…`, `--password …`, `Authorization: …`, `https://user:…@host`, `ghp_…`.

use std::ops::Range;

use crate::load::secret::{is_secret, normal};

/// What the tokens of some services begin with.
const PREFIXES: &[&str] = &[
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "xoxa-",
    "xoxb-",
    "xoxp-",
    "xoxs-",
    "sk_live_",
    "AIza",
];

/// Characters of the shortest token behind its prefix.
const SHORTEST_TOKEN: usize = 16;

/// Characters of the longest name that is looked at before an `=`.
const LONGEST_NAME: usize = 100;

/// How a private key begins and ends.
const KEY_BEGINS: &str = "PRIVATE KEY-----";
const KEY_ENDS: &str = "-----END";

/// Commands that take a password behind `-p`.
const LOGINS: &[&str] = &["login", "mysql", "sshpass"];

/// The secrets that a text spells out, in no order.
pub(super) fn secrets(text: &str) -> Vec<Range<usize>> {
    let mut phrases = Phrases {
        text,
        found: Vec::new(),
    };
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b':' => {
                phrases.address(at);
                phrases.header(at);
            }
            b'=' => phrases.assignment(at),
            b'-' => phrases.flag(at),
            b'P' => phrases.private_key(at),
            _ => {}
        }
    }
    for prefix in PREFIXES {
        for (at, _) in text.match_indices(prefix) {
            phrases.token(at, at + prefix.len());
        }
    }
    phrases.found
}

struct Phrases<'t> {
    text: &'t str,
    found: Vec<Range<usize>>,
}

impl<'t> Phrases<'t> {
    fn rest(&self, at: usize) -> &'t str {
        self.text.get(at..).unwrap_or_default()
    }

    /// Hides so many bytes.
    fn hide(&mut self, from: usize, bytes: usize) {
        if bytes > 0 {
            self.found.push(from..from + bytes);
        }
    }

    /// `://name:password@host`, and the query of an address: the one of a webhook holds its token.
    fn address(&mut self, at: usize) {
        let Some(rest) = self.rest(at).strip_prefix("://") else {
            return;
        };
        let from = at + "://".len();
        let end = rest.find(ends_address).unwrap_or(rest.len());
        let address = rest.get(..end).unwrap_or_default();
        let host = address.find(['/', '?', '#']).unwrap_or(end);
        if let Some(user) = address.get(..host).and_then(|host| host.rfind('@')) {
            self.hide(from, user);
        }
        if let Some(query) = address.find('?') {
            self.hide(from + query + 1, end - query - 1);
        }
    }

    /// `NAME=value`, `name = "value"`.
    fn assignment(&mut self, at: usize) {
        let before = self.text.get(..at).unwrap_or_default();
        let spaced = before.ends_with(' ');
        let Some(name) = name_at_end(before.trim_end_matches(' ')) else {
            return;
        };
        if !is_secret(&normal(name)) {
            return;
        }
        let rest = self.rest(at + 1);
        let value = rest.trim_start_matches(' ');
        // `a = b` is no assignment of a shell, and may be prose.
        if (spaced || value.len() < rest.len()) && !value.starts_with(['"', '\'', '\\']) {
            return;
        }
        self.value(self.text.len() - value.len());
    }

    /// `--password value`, `-u name:value`, and `-p value` of commands that log in.
    fn flag(&mut self, at: usize) {
        let before = self.text.get(..at).unwrap_or_default();
        if !before.ends_with([' ', '\t', '"', '\'']) {
            return;
        }
        let rest = self.rest(at);
        let end = rest
            .find([' ', '=', '"', '\'', '\\', '\n', '\r'])
            .unwrap_or(rest.len());
        let flag = rest.get(..end).unwrap_or_default();
        let is_blank = rest.get(end..).is_some_and(|rest| rest.starts_with(' '));
        let value = rest.get(end..).unwrap_or_default().trim_start_matches(' ');
        let value_at = self.text.len() - value.len();
        match flag {
            "-u" | "--user" if is_blank => {
                let word = value.get(..word_end(value)).unwrap_or_default();
                // `docker run -u` takes the numbers of a user and a group.
                if let Some((user, password)) = word.split_once(':')
                    && !password.bytes().all(|byte| byte.is_ascii_digit())
                {
                    self.value(value_at + user.len() + 1);
                }
            }
            _ if flag.starts_with("--")
                && is_blank
                && !value.starts_with('-')
                && is_secret(&normal(flag)) =>
            {
                self.value(value_at);
            }
            _ if flag.starts_with("-p") => {
                let line = before.rfind('\n').map_or(0, |feed| feed + 1);
                let line = before.get(line..).unwrap_or_default();
                if LOGINS.iter().any(|login| line.contains(login)) {
                    let joined = at + "-p".len();
                    self.value(if flag == "-p" { value_at } else { joined });
                }
            }
            _ => {}
        }
    }

    /// `'Authorization: Bearer value'`, `"X-Api-Key: value"`
    fn header(&mut self, at: usize) {
        let Some(value) = self.rest(at).strip_prefix(": ") else {
            return;
        };
        let before = self.text.get(..at).unwrap_or_default();
        let Some(name) = name_at_end(before) else {
            return;
        };
        let start = before.len() - name.len();
        let opens = self.text.get(..start).unwrap_or_default();
        let name = normal(name);
        if opens.ends_with(['"', '\'']) && (name.ends_with("authorization") || is_secret(&name)) {
            let end = value.find(['"', '\'', '\\', '\n', '\r']);
            self.hide(at + ": ".len(), end.unwrap_or(value.len()));
        }
    }

    /// The lines of a private key.
    fn private_key(&mut self, at: usize) {
        if self.rest(at).starts_with(KEY_BEGINS) {
            let from = at + KEY_BEGINS.len();
            let rest = self.rest(from);
            self.hide(from, rest.find(KEY_ENDS).unwrap_or(rest.len()));
        }
    }

    /// A token that tells by its beginning what it is.
    fn token(&mut self, start: usize, at: usize) {
        let before = self.text.get(..start).unwrap_or_default();
        if before.ends_with(|before: char| before.is_ascii_alphanumeric()) {
            return;
        }
        let rest = self.rest(at);
        let is_other = |it: char| !it.is_ascii_alphanumeric() && !matches!(it, '_' | '-');
        let end = rest.find(is_other).unwrap_or(rest.len());
        if end >= SHORTEST_TOKEN {
            self.hide(at, end);
        }
    }

    /// One word of a shell, with its quotes or without; what is only the name of a variable stays.
    fn value(&mut self, at: usize) {
        let rest = self.rest(at);
        let inside = rest.trim_start_matches('\\');
        let (from, end) = match inside.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                let from = at + rest.len() - inside.len() + 1;
                let value = self.rest(from);
                let end = value.find([quote, '\\', '\n', '\r']);
                (from, end.unwrap_or(value.len()))
            }
            _ => (at, word_end(rest)),
        };
        if !self.rest(from).starts_with(['$', '`', '*', '#']) {
            self.hide(from, end);
        }
    }
}

/// Where a word without quotes ends.
fn word_end(text: &str) -> usize {
    let ends = |it: char| {
        it.is_whitespace() || matches!(it, '"' | '\'' | '\\' | ';' | '&' | '|' | ')' | '>' | '<')
    };
    text.find(ends).unwrap_or(text.len())
}

fn ends_address(character: char) -> bool {
    character.is_whitespace() || matches!(character, '"' | '\'' | '\\' | '`' | '<' | '>' | ')')
}

/// The name that a text ends in.
fn name_at_end(text: &str) -> Option<&str> {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let bytes = text.bytes().rev().take(LONGEST_NAME);
    let length = bytes.take_while(is_name).count();
    text.get(text.len() - length..)
        .filter(|name| !name.is_empty())
}
