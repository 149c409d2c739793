//! Secrets wherever AWS lets people keep them near a pipeline: no output of any format holds one, nor a piece of one.
//!
//! `tests/fixtures/secrets` writes each secret as [`PLACE`]; every one of them is replaced by a token of its own.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use pipeline_preflight::check::{self, Decided, Finding, Label, ReportLayer};
use pipeline_preflight::load::{self, Input, LoadError, Loaded, Settings, StackInput};
use pipeline_preflight::report::{FORMATS, NEEDS_FORMATS};
use pipeline_preflight::rules::Severity;
use pipeline_preflight::source::{Node, Origin, SourceId, Sources};

use super::written;
use crate::cli::{code, err, out, run};
use crate::world::fixtures;

/// What stands in the files where a secret is to be.
const PLACE: &str = "hunter2";

/// The shortest piece of a secret that counts as one.
const PIECE: usize = 8;

/// Files of the folder, with a token in each place.
struct Hidden {
    files: BTreeMap<String, String>,
    /// Each token with the file and line that it stands in.
    tokens: Vec<(String, String)>,
    /// What must not be seen of them, by their numbers.
    pieces: BTreeMap<Vec<u8>, usize>,
    spelt: Vec<(usize, String)>,
}

/// A text as random as tokens are, the same in every run.
fn token(number: usize) -> String {
    let state = 0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(number as u64 + 1);
    let letters = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let mut state = state;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        char::from(letters[(state % letters.len() as u64) as usize])
    };
    std::iter::repeat_with(next).take(20).collect()
}

impl Hidden {
    fn new() -> Self {
        let mut hidden = Self {
            files: BTreeMap::new(),
            tokens: Vec::new(),
            pieces: BTreeMap::new(),
            spelt: Vec::new(),
        };
        let mut names: Vec<_> = fs::read_dir(fixtures("secrets"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        names.sort();
        for path in names {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let mut text = fs::read_to_string(&path).unwrap();
            while let Some(at) = text.find(PLACE) {
                let token = token(hidden.tokens.len());
                let line = text[..at].matches('\n').count() + 1;
                hidden
                    .tokens
                    .push((token.clone(), format!("{name}:{line}")));
                text.replace_range(at..at + PLACE.len(), &token);
            }
            hidden.files.insert(name, text);
        }
        for (number, (token, _)) in hidden.tokens.iter().enumerate() {
            let pieces = pieces(token).into_iter().map(|piece| (piece, number));
            hidden.pieces.extend(pieces);
            let spelt = spelt(token).into_iter().map(|spelt| (number, spelt));
            hidden.spelt.extend(spelt);
        }
        hidden
    }

    fn token_in(&self, name: &str) -> &str {
        let mut tokens = self.tokens.iter();
        &tokens.find(|(_, place)| place.starts_with(name)).unwrap().0
    }

    fn write(&self, folder: &Path) {
        for (name, text) in &self.files {
            fs::write(folder.join(name), text).unwrap();
        }
    }

    /// Where the secrets stand of which a text holds a piece, whatever it is written in, and the line that holds it.
    fn leaked<'t>(&self, text: &'t str) -> Vec<(&str, &'t str)> {
        let mut leaked = BTreeMap::new();
        for (at, window) in text.as_bytes().windows(PIECE).enumerate() {
            if let Some(&number) = self.pieces.get(window) {
                leaked.entry(number).or_insert(at);
            }
        }
        for (number, spelt) in &self.spelt {
            if let Some(at) = text.find(spelt) {
                leaked.entry(*number).or_insert(at);
            }
        }
        let told = |(number, at): (usize, usize)| {
            let start = text[..at].rfind('\n').map_or(0, |feed| feed + 1);
            let line = text[start..].lines().next().unwrap_or_default();
            (self.tokens[number].1.as_str(), line)
        };
        leaked.into_iter().map(told).collect()
    }
}

/// What of a secret must not be seen: each piece of it, as it is and in base64, where it may begin at any of three places of
/// a group of letters.
fn pieces(token: &str) -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = Vec::new();
    let coded = (0..3).map(|shift| {
        let shifted = [&b"xx"[..shift], token.as_bytes()].concat();
        STANDARD_NO_PAD.encode(shifted).as_bytes()[4..24].to_vec()
    });
    for text in coded.chain([token.as_bytes().to_vec()]) {
        all.extend(text.windows(PIECE).map(<[u8]>::to_vec));
    }
    all
}

/// A secret spelt in code points.
fn spelt(token: &str) -> [String; 3] {
    let percent = token.bytes().map(|byte| format!("%{byte:02X}"));
    let escaped = token.bytes().map(|byte| format!("\\u{byte:04x}"));
    let entity = token.bytes().map(|byte| format!("&#{byte};"));
    [percent.collect(), escaped.collect(), entity.collect()]
}

/// Inputs that read all of the folder.
fn inputs(folder: &Path) -> Vec<Input> {
    let stack = |template: &str, parameters: &[&str]| {
        Input::Stack(StackInput {
            template: folder.join(template),
            account: Some("111111111111".to_owned()),
            region: Some("eu-west-1".to_owned()),
            parameter_files: parameters.iter().map(|name| folder.join(name)).collect(),
            ..StackInput::default()
        })
    };
    let files = [
        "pipeline.json",
        "project.json",
        "function.json",
        "task.json",
    ];
    let mut inputs: Vec<Input> = files.map(|name| Input::Path(folder.join(name))).into();
    inputs.push(stack("tools.yaml", &["parameters.json"]));
    inputs.push(stack("tools.template.json", &[]));
    inputs.push(Input::Path(folder.join("plan.json")));
    inputs
}

/// What a plan does not tell.
fn settings() -> Settings {
    Settings {
        accounts: [("default".to_owned(), "111111111111".to_owned())].into(),
        region: Some("eu-west-1".to_owned()),
        ..Settings::default()
    }
}

/// Every node below one, and of the documents inside its strings.
fn below<'s>(sources: &'s Sources, node: Node<'s>, found: &mut Vec<Origin>) {
    found.push(node.origin());
    for (_, key, value) in node.entries() {
        found.push(key);
        below(sources, value, found);
    }
    for item in node.items() {
        below(sources, item, found);
    }
    for root in sources
        .nested_of(node.origin())
        .into_iter()
        .flat_map(|inside| sources.roots(inside))
    {
        below(sources, root, found);
    }
}

fn finding(origin: Origin) -> Finding {
    Finding {
        rule: "trust-missing".to_owned(),
        severity: Severity::Error,
        decision: Decided::Denied,
        layer: ReportLayer::Trust,
        principals: Vec::new(),
        operations: Vec::new(),
        resources: Vec::new(),
        message: String::new(),
        help: String::new(),
        documentation: Vec::new(),
        affects: Vec::new(),
        missing: Vec::new(),
        labels: vec![Label {
            origin,
            text: String::new(),
        }],
        suggestion: None,
    }
}

/// A finding may point anywhere: one at every key and value of every file, in every format.
#[test]
fn no_excerpt_shows_a_secret_wherever_it_points() {
    let (hidden, folder) = (Hidden::new(), tempfile::tempdir().unwrap());
    hidden.write(folder.path());
    let mut sources = Sources::new();
    let loaded = load::load_with(&mut sources, &inputs(folder.path()), &settings());
    let loaded = loaded.unwrap_or_else(|errors| panic!("{errors:#?}"));
    let mut read: Vec<SourceId> = loaded
        .recognised
        .iter()
        .map(|document| sources.written(document.origin).source())
        .collect();
    read.sort();
    read.dedup();
    let mut labels = Vec::new();
    for source in read {
        for root in sources.roots(source) {
            below(&sources, root, &mut labels);
        }
    }
    assert!(labels.len() > 1000, "{}", labels.len());
    let mut leaks: BTreeMap<String, String> = BTreeMap::new();
    let mut shown = 0;
    // A comment on a pull request has no room for all of them at once.
    for origins in labels.chunks(40) {
        let result = check::Result {
            findings: origins.iter().copied().map(finding).collect(),
            ..check::Result::default()
        };
        for format in FORMATS {
            let report = written(format.name, &result, &sources);
            shown += report.matches("****").count();
            for (place, line) in hidden.leaked(&report) {
                let line: String = line.chars().take(300).collect();
                leaks.entry(place.to_owned()).or_insert(line);
            }
        }
    }
    assert!(leaks.is_empty(), "{leaks:#?}");
    assert!(shown > 100);
}

/// Whole runs, as the configuration file and as the words on the command line ask for them, with all that is told on the way.
#[test]
fn no_run_shows_a_secret_in_any_format() {
    let (hidden, folder) = (Hidden::new(), tempfile::tempdir().unwrap());
    hidden.write(folder.path());
    let given = hidden.token_in("parameters.json");
    let account = "account=111111111111,region=eu-west-1";
    let yaml = format!("--stack=tools.yaml,{account},parameters=parameters.json");
    let json = format!("--stack=tools.template.json,{account}");
    let assumed = format!("--assume=Given={given}");
    let files = [
        "pipeline.json",
        "project.json",
        "function.json",
        "task.json",
    ];
    let plan = ["plan.json", "--account", "default=111111111111"];
    let (bare, assumed_too) = (format!("--stack=tools.yaml,{account}"), [&*assumed]);
    let worlds: [Vec<&str>; 5] = [
        Vec::new(),
        [&files[..], &[&*yaml, &json], &plan].concat(),
        [&[&*bare][..], &assumed_too].concat(),
        vec!["."],
        vec!["plan.json"],
    ];
    let check = FORMATS.iter().map(|format| ("check", format.name));
    let needs = NEEDS_FORMATS
        .iter()
        .map(|format| ("requirements", format.name));
    let mut told = 0;
    for (command, format) in check.chain(needs) {
        for world in &worlds {
            let words = [&[command, "--format", format][..], world].concat();
            let output = run(folder.path(), &words);
            assert!(code(&output) < 2, "{words:?} {}", err(&output));
            for text in [out(&output), err(&output)] {
                let leaked = hidden.leaked(text);
                assert!(leaked.is_empty(), "{words:?} {leaked:#?}");
            }
            told += out(&output).matches("****").count();
        }
    }
    assert!(told > 50, "findings stand beside secrets: {told}");
}

/// What a reader stumbles over may stand right at a secret.
const STUMBLES: &[&str] = &[
    "\"", "'", "\n", "{", "}", "[", "]", "*", "&", "!", "%", "@", "`", "\\", "\\u", "\\q", "#",
    ",", ": ", "\t", "|", ">", "\0", "? ", "- ", "<<: ",
];

/// A file that is broken at a secret is refused, or is read as something else; neither tells the secret.
#[test]
fn no_message_of_a_broken_file_shows_a_secret() {
    let (hidden, folder) = (Hidden::new(), tempfile::tempdir().unwrap());
    hidden.write(folder.path());
    let inputs = inputs(folder.path());
    let reads = |input: &Input, name: &str| match input {
        Input::Path(path) => path.ends_with(name),
        Input::Stack(stack) => {
            let files = stack.parameter_files.iter();
            files
                .chain([&stack.template])
                .any(|file| file.ends_with(name))
        }
        Input::Stdin { .. } | Input::Snapshot(_) => false,
    };
    let (mut refused, mut read) = (0, 0);
    let mut leaks: BTreeMap<String, String> = BTreeMap::new();
    for (number, (token, place)) in hidden.tokens.iter().enumerate() {
        let (name, _) = place.split_once(':').unwrap();
        let text = &hidden.files[name];
        let at = text.find(token).unwrap();
        let (before, after) = (&text[..at], &text[at + token.len()..]);
        let short = |text: &str, from_end: bool| -> String {
            let mut chars = text.chars();
            let _ = if from_end {
                chars.next_back()
            } else {
                chars.next()
            };
            chars.collect()
        };
        let mut broken = vec![
            format!("{before}{token}"),
            format!("{before}{}", &token[..12]),
            format!("{}{token}{after}", short(before, true)),
            format!("{before}{token}{}", short(after, false)),
            format!("{}{token}{}", short(before, true), short(after, false)),
        ];
        // All of them everywhere would take minutes, and three places of a kind are as good as twenty.
        for stumble in STUMBLES.iter().skip(number % 8).step_by(8) {
            broken.push(format!("{before}{stumble}{token}{after}"));
            broken.push(format!("{before}{token}{stumble}{after}"));
            broken.push(format!(
                "{before}{}{stumble}{}{after}",
                &token[..9],
                &token[9..]
            ));
        }
        let input = inputs.iter().find(|input| reads(input, name));
        let Some(input) = input else { continue };
        for text in broken {
            fs::write(folder.path().join(name), &text).unwrap();
            let mut sources = Sources::new();
            let told = match load::load_with(&mut sources, std::slice::from_ref(input), &settings())
            {
                Ok(loaded) => {
                    read += 1;
                    warned(&loaded)
                }
                Err(errors) => {
                    refused += 1;
                    errors.iter().map(said).collect()
                }
            };
            for (place, _) in hidden.leaked(&told) {
                leaks.entry(place.to_owned()).or_insert(told.clone());
            }
        }
        fs::write(folder.path().join(name), text).unwrap();
    }
    assert!(leaks.is_empty(), "{leaks:#?}");
    assert!(
        refused > 200 && read > 200,
        "{refused} refused, {read} read"
    );
}

fn said(error: &LoadError) -> String {
    format!("{error}\n{}\n", error.help.as_deref().unwrap_or_default())
}

fn warned(loaded: &Loaded) -> String {
    let told = loaded.warnings.iter();
    told.map(|warning| format!("{}\n{:?}\n", warning.message, warning.help))
        .collect()
}
