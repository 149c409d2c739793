//! Completions and manual pages say what `--help` says.

use std::process::Command;

use crate::cli::{code, err, folder, out, refused, run};

/// The commands, as the main help lists them.
fn commands() -> Vec<String> {
    let help = run(folder().path(), ["--help"]);
    let (_, list) = out(&help).split_once("Commands:\n").unwrap();
    let lines = list.lines().take_while(|line| !line.trim().is_empty());
    let names = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names
        .map(|line| line.split_whitespace().next().unwrap().to_owned())
        .collect()
}

/// The long options of a command, as its help lists them.
fn options(command: &str) -> Vec<String> {
    let help = run(folder().path(), [command, "--help"]);
    let words = out(&help).lines().map(str::trim_start);
    let words = words.filter(|line| line.starts_with('-'));
    let long = words.filter_map(|line| {
        let from = line.find("--")?;
        let rest = &line[from..];
        let end = rest.find([' ', ',', '[', '.']).unwrap_or(rest.len());
        Some(rest[..end].to_owned())
    });
    long.collect()
}

#[test]
fn completions_of_every_shell_know_every_command_and_option() {
    let commands = commands();
    assert!(commands.len() > 8, "{commands:?}");
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = run(folder().path(), ["completions", shell]);
        assert_eq!((code(&output), err(&output)), (0, ""), "{shell}");
        for command in &commands {
            assert!(
                out(&output).contains(command.as_str()),
                "{shell}: {command}"
            );
            for option in options(command) {
                let option = option.trim_start_matches('-');
                assert!(
                    out(&output).contains(option),
                    "{shell}: {command} --{option}"
                );
            }
        }
    }
    let output = run(folder().path(), ["completions", "bsh"]);
    assert!(refused(&output).contains("'bash'"), "{}", err(&output));
}

#[test]
fn bash_takes_its_completions() {
    let home = folder();
    let output = run(home.path(), ["completions", "bash"]);
    let script = home.path().join("completions");
    std::fs::write(&script, out(&output)).unwrap();
    let asked = "source completions; COMP_WORDS=(pipeline-preflight sn); COMP_CWORD=1; \
                 _pipeline__preflight pipeline-preflight sn pipeline-preflight; echo \"${COMPREPLY[@]}\"";
    let bash = Command::new("bash")
        .args(["--norc", "-c", asked])
        .current_dir(home.path())
        .output();
    // Without bash there is nobody to ask.
    let Ok(answer) = bash else { return };
    assert_eq!(out(&answer).trim(), "snapshot", "{}", err(&answer));
}

#[test]
fn every_command_has_a_manual_page_with_its_options() {
    let whole = run(folder().path(), ["man"]);
    assert_eq!((code(&whole), err(&whole)), (0, ""));
    for command in commands() {
        assert!(out(&whole).contains(&command), "{command}");
        let page = run(folder().path(), ["man", &command]);
        assert_eq!((code(&page), err(&page)), (0, ""), "{command}");
        let text = out(&page).replace("\\-", "-");
        assert!(
            text.contains(&format!(".TH pipeline-preflight-{command} 1")),
            "{text}"
        );
        for option in options(&command) {
            assert!(text.contains(&option), "{command}: {option}");
        }
    }
    let output = run(folder().path(), ["man", "chekc"]);
    assert!(
        refused(&output).contains("did you mean `check`?"),
        "{}",
        err(&output)
    );
}
