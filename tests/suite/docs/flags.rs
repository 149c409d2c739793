//! Every call of this program that a page shows is one that it takes, and every flag that it has is on a page.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use super::words::calls;
use super::{pages, root};
use crate::cli::{code, err, out, run};

/// Languages whose blocks hold commands.
const WITH_COMMANDS: &[&str] = &[
    "sh",
    "bash",
    "shell",
    "console",
    "yaml",
    "yml",
    "toml",
    "dockerfile",
    "groovy",
    "powershell",
    "make",
];

/// Flags of other programs that pages speak of in their prose.
const OF_OTHERS: &[&str] = &[
    // The AWS CLI's.
    "--event-bus-name",
    "--query",
    "--role-arn",
    // Docker's.
    "--user",
];

/// The flags of each command, by its words; those of the program itself under nothing.
static FLAGS: LazyLock<BTreeMap<String, BTreeSet<String>>> = LazyLock::new(|| {
    let mut flags = BTreeMap::new();
    let mut commands = vec![String::new()];
    while let Some(command) = commands.pop() {
        let words = command.split_whitespace().chain(["--help"]);
        let help = run(root(), words);
        assert_eq!(code(&help), 0, "{command}: {}", err(&help));
        flags.insert(command.clone(), flags_in(out(&help)));
        if let Some((_, below)) = out(&help).split_once("\nCommands:\n") {
            let below = below.lines().take_while(|line| !line.is_empty());
            let names = below.filter(|line| !line.starts_with("   "));
            let names = names.filter_map(|line| line.split_whitespace().next());
            commands.extend(names.map(|name| format!("{command} {name}").trim().to_owned()));
        }
    }
    assert!(flags.len() > 8 && flags["check"].len() > 20, "{flags:?}");
    flags
});

/// The flags of the command that some words begin with, if it exists.
fn flags_of(words: &str) -> Option<&BTreeSet<String>> {
    let mut words = words.split(' ');
    let (first, second) = (words.next()?, words.next().unwrap_or_default());
    let nested = FLAGS.get(&format!("{first} {second}"));
    nested.or_else(|| FLAGS.get(first))
}

/// The flags that a help text lists: `  -q, --quiet...`, `      --color <WHEN>`.
fn flags_in(help: &str) -> BTreeSet<String> {
    let lines = help.lines().map(str::trim_start);
    let lines = lines.filter(|line| line.starts_with('-'));
    let words = lines.flat_map(|line| {
        let words = line.split([' ', ',', '.', '[']);
        words.take_while(|word| word.is_empty() || word.starts_with('-'))
    });
    let words = words.map(|word| word.trim_end_matches('.'));
    words
        .filter(|word| word.len() > 1)
        .map(str::to_owned)
        .collect()
}

/// Whether this program would take these words: with `--help` behind them it explains itself instead of doing anything.
pub(super) fn is_understood(words: &[String]) -> Result<(), String> {
    let words = words.iter().map(String::as_str).chain(["--help"]);
    let words: Vec<&str> = words.collect();
    let output = run(root(), &words);
    match code(&output) {
        0 => Ok(()),
        _ => Err(format!("{}: {}", words.join(" "), err(&output))),
    }
}

#[test]
fn calls_that_pages_show_are_understood() {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for page in pages() {
        for block in page.blocks() {
            if WITH_COMMANDS.contains(&block.language.as_str()) {
                for words in calls(&block.text) {
                    seen += 1;
                    let place = format!("{}:{}", page.name, block.line);
                    wrong.extend(
                        is_understood(&words)
                            .err()
                            .map(|fault| format!("{place}: {fault}")),
                    );
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 20, "{seen}");
}

/// In prose a call may have placeholders; its command and its flags exist all the same.
#[test]
fn flags_that_pages_name_exist() {
    let (mut wrong, mut used) = (Vec::new(), BTreeSet::new());
    let every: BTreeSet<&String> = FLAGS.values().flatten().collect();
    for page in pages() {
        for code in page.inline_code() {
            // What follows is another program's.
            let code = code.split(" && ").next().unwrap_or_default();
            let code = code.split(" | ").next().unwrap_or_default();
            let known = match code.strip_prefix("pipeline-preflight ") {
                Some(call) => {
                    let call = if call.starts_with('-') { "" } else { call };
                    match flags_of(call) {
                        Some(flags) => flags.iter().collect(),
                        None if call.starts_with("COMMAND ") => every.clone(),
                        None => {
                            wrong.push(format!("{}: `{code}`: no such command", page.name));
                            continue;
                        }
                    }
                }
                // `check --live`: a command may stand without the program's name.
                None => match flags_of(code) {
                    Some(flags) if code.contains(" -") => flags.iter().collect(),
                    _ if code.starts_with('-') => every.clone(),
                    _ => continue,
                },
            };
            for flag in code.split([' ', '=', '[', ']', '|', '…', '"']) {
                let is_flag = flag.len() > 1 && flag.starts_with('-') && flag != "--";
                if !is_flag || known.contains(&flag.to_owned()) {
                    continue;
                }
                if OF_OTHERS.contains(&flag) {
                    used.insert(flag.to_owned());
                } else {
                    wrong.push(format!("{}: `{code}`: no flag `{flag}`", page.name));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let unused: Vec<_> = OF_OTHERS
        .iter()
        .filter(|flag| !used.contains(**flag))
        .collect();
    assert!(unused.is_empty(), "no page speaks of {unused:?}");
}

#[test]
fn every_command_and_every_flag_is_on_a_page() {
    let docs: String = pages().into_iter().map(|page| page.text).collect();
    let words: BTreeSet<&str> = docs
        .split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-')
        .collect();
    for (command, flags) in &*FLAGS {
        let called = format!("pipeline-preflight {command}");
        assert!(docs.contains(called.trim_end()), "no page shows `{called}`");
        for flag in flags {
            assert!(
                words.contains(flag.as_str()),
                "no page names `{flag}` of `{command}`"
            );
        }
    }
}
