//! The guides show what their commands print, or pieces of it with `[…]` between them: a piece may end inside a line.

use std::fs;
use std::path::Path;

use crate::cli::{code, err, out, run};

/// Guides, and how many commands each shows at least.
const GUIDES: [(&str, usize); 2] = [("docs/formats.md", 6), ("docs/ignoring.md", 2)];

#[test]
fn the_guides_show_the_real_output() {
    for (guide, least) in GUIDES {
        shows_the_real_output(guide, least);
    }
}

fn shows_the_real_output(guide: &str, least: usize) {
    let guide = fs::read_to_string(guide).unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut shown = 0;
    for section in guide.split("\n```sh\n").skip(1) {
        let (command, behind) = section.split_once("\n```\n").unwrap();
        let Some(words) = command.strip_prefix("pipeline-preflight ") else {
            continue;
        };
        let output = run(root, words.split_whitespace());
        assert!(code(&output) < 2, "{command}: {}", err(&output));
        // Fenced by four, where what is shown has a fence of its own.
        let fence = if behind.trim_start().starts_with("````") {
            "````"
        } else {
            "```"
        };
        let (_, excerpt) = behind.split_once(fence).unwrap();
        let (_, excerpt) = excerpt.split_once('\n').unwrap();
        let (excerpt, _) = excerpt.split_once(&format!("\n{fence}\n")).unwrap();
        let printed = out(&output).replace("\r\n", "\n");
        let mut rest = printed.as_str();
        for piece in excerpt.split("\n[…]\n") {
            let Some((_, behind)) = rest.split_once(piece) else {
                panic!("{command} does not print\n{piece}\nin this order; it prints\n{printed}");
            };
            rest = behind;
        }
        shown += 1;
    }
    assert!(shown >= least, "{shown}");
}
