//! Nobody is asked anything unless a live flag says so.

use std::process::Command;

use tempfile::TempDir;

use super::manner::Manner;
use super::runs::System;
use crate::cli::{code, err, out};

const WORDS: [&[&str]; 6] = [
    &["check", "CASE"],
    &["requirements", "CASE"],
    &["explain", "assume-role-missing"],
    &["rules"],
    &["authorize", "AUTHORIZE"],
    &["permissions"],
];

fn words(system: &System, words: &[&str]) -> Vec<String> {
    let cases = crate::world::fixtures("authorize");
    let words = words.iter().map(|word| match *word {
        "CASE" => system.folder.display().to_string(),
        "AUTHORIZE" => cases.display().to_string(),
        word => word.to_owned(),
    });
    words.collect()
}

#[test]
fn without_a_live_flag_nothing_is_asked() {
    let system = System::of_case("codebuild-app-account/broken");
    let cloud = system.cloud(Manner::default());
    let folder = TempDir::new().unwrap();
    for given in WORDS {
        let mut command = system.program(&cloud, &folder);
        let output = command
            .env("AWS_PROFILE", "production")
            .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", cloud.url())
            .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", cloud.url())
            .env("AWS_EC2_METADATA_DISABLED", "false")
            .env("HTTP_PROXY", cloud.url())
            .args(words(&system, given))
            .output()
            .unwrap();
        assert!(
            !out(&output).is_empty() || code(&output) == 2,
            "{given:?}: {}",
            err(&output)
        );
    }
    assert_eq!(cloud.visits(), 0);
    // The log would have told: one call with the flag.
    system.check(&cloud);
    assert!(cloud.visits() > 0);
}

/// In a network namespace of its own the program has no way to anybody, and says the same. Not every system lets users make one.
#[test]
fn without_a_network_files_are_checked_all_the_same() {
    let system = System::of_case("codebuild-app-account/broken");
    let folder = TempDir::new().unwrap();
    let cloud = system.cloud(Manner::default());
    for given in WORDS {
        let program = system.program(&cloud, &folder).get_program().to_owned();
        let run = |mut command: Command| {
            let command = command
                .current_dir(folder.path())
                .args(words(&system, given));
            command.env_clear().output()
        };
        let mut alone = Command::new("unshare");
        alone.arg("--net").arg("--map-root-user").arg(&program);
        let Ok(without) = run(alone) else {
            println!("there is no `unshare` here");
            return;
        };
        if err(&without).starts_with("unshare:") {
            println!("{}", err(&without));
            return;
        }
        let with = run(Command::new(&program)).unwrap();
        assert_eq!(out(&with), out(&without));
        assert_eq!(code(&with), code(&without));
    }
}
