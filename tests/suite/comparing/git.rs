//! `check --against` a revision of git, in repositories made for it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use super::{break_bucket, break_key, in_folder, rules};
use crate::cli::{code, err, out, program, refused};
use crate::world::fixtures;

/// A repository with one commit, `main`: what works.
pub(super) struct Repository(TempDir);

impl Repository {
    pub(super) fn new(fill: impl FnOnce(&Path)) -> Self {
        let repository = Self(TempDir::new().unwrap());
        fill(repository.path());
        repository.git(&["init", "--quiet", "--initial-branch", "main"]);
        repository.commit();
        repository
    }

    fn booking() -> Self {
        Self::new(|folder| in_folder("codebuild-app-account/fixed", folder))
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", "x"]);
    }

    fn git(&self, words: &[&str]) -> String {
        let output = git(self.path(), words).output().unwrap();
        assert!(output.status.success(), "{words:?}: {}", err(&output));
        out(&output).to_owned()
    }

    /// The program in a folder of the repository.
    fn run_in(&self, folder: &str, words: &[&str]) -> Output {
        let mut command = program(&self.path().join(folder));
        command.env("PATH", std::env::var_os("PATH").unwrap());
        command.env("GIT_CEILING_DIRECTORIES", self.path().parent().unwrap());
        command.args(words).output().unwrap()
    }

    fn run(&self, words: &[&str]) -> Output {
        self.run_in("", words)
    }

    fn report(&self, words: &[&str]) -> Value {
        let output = self.run(&[words, &["--format", "json"]].concat());
        serde_json::from_str(out(&output)).unwrap_or_else(|_| panic!("{}", err(&output)))
    }

    fn last_line(&self, folder: &str, words: &[&str]) -> String {
        let output = self.run_in(folder, words);
        let line = out(&output).lines().last();
        line.unwrap_or_else(|| panic!("{}", err(&output)))
            .to_owned()
    }
}

fn git(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new("git");
    command
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", folder.join("none"))
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .args([
            "-c",
            "user.name=somebody",
            "-c",
            "user.email=somebody@example.org",
        ])
        .args(["-c", "commit.gpgsign=false", "-c", "core.autocrlf=false"])
        .args(words);
    command
}

const AGAINST_MAIN: [&str; 4] = ["check", "accounts", "--against", "main"];

#[test]
fn a_branch_is_compared_with_another() {
    let repository = Repository::booking();
    break_key(repository.path());
    for revision in ["main", "HEAD", "@", "heads/main", "main^{tree}~0"] {
        let output = repository.run(&["check", "accounts", "--against", revision]);
        if revision.contains("tree") {
            refused(&output);
            continue;
        }
        assert_eq!((code(&output), err(&output)), (1, ""), "{revision}");
        let last = format!("1 new, 0 fixed, 0 unchanged against {revision}\n");
        assert!(out(&output).ends_with(&last), "{}", out(&output));
    }
    repository.git(&["checkout", "--quiet", "-b", "change"]);
    repository.commit();
    break_bucket(repository.path());
    let told = repository.report(&AGAINST_MAIN);
    assert_eq!(rules(&told, "new").len(), 2);
    let told = repository.report(&["check", "accounts", "--against", "change"]);
    assert_eq!(rules(&told, "new"), ["bucket-policy-missing"]);
    assert_eq!(rules(&told, "unchanged"), ["key-policy-missing"]);
    // Nothing is checked out, and nothing is left behind.
    let status = repository.git(&["status", "--porcelain"]);
    assert_eq!(status.lines().count(), 1, "{status}");
}

#[test]
fn what_is_mended_is_told_too() {
    let repository = Repository::new(|folder| {
        in_folder("codebuild-app-account/fixed", folder);
        break_key(folder);
    });
    fs::remove_dir_all(repository.path().join("accounts")).unwrap();
    in_folder("codebuild-app-account/fixed", repository.path());
    let output = repository.run(&AGAINST_MAIN);
    assert_eq!(code(&output), 0);
    assert!(
        out(&output).starts_with("fixed:\n  error[key-policy-missing]: "),
        "{}",
        out(&output)
    );
}

/// A folder inside the repository, one above, an absolute path: the same files all the same.
#[test]
fn inputs_are_found_from_wherever_they_are_named() {
    let repository = Repository::booking();
    break_key(repository.path());
    fs::create_dir(repository.path().join("sub")).unwrap();
    let absolute = repository.path().join("accounts");
    let none = "1 new, 0 fixed, 0 unchanged against main";
    for (folder, input) in [
        ("", "accounts"),
        ("", "./accounts/"),
        ("", "."),
        ("sub", "../accounts"),
        ("accounts", "."),
        ("accounts/111111111111", ".."),
        ("accounts", "../sub/../accounts"),
        ("sub", absolute.to_str().unwrap()),
    ] {
        let line = repository.last_line(folder, &["check", input, "--against", "main"]);
        assert_eq!(line, none, "{input} in {folder}");
    }
    // The path tells whose account it is, also where it is not among the words.
    repository.commit();
    let line = repository.last_line(
        "accounts/111111111111",
        &["check", ".", "--against", "HEAD"],
    );
    assert!(line.starts_with("0 new, 0 fixed, "), "{line}");
}

#[test]
fn a_configuration_file_says_what_is_compared_as_well() {
    let repository = Repository::new(|folder| {
        for system in [
            "templates/codebuild-app-account",
            "cases/codebuild-app-account",
        ] {
            super::copy(&fixtures(system), &folder.join(system));
        }
    });
    let world = "templates/codebuild-app-account/fixed";
    let line = repository.last_line(world, &["check", "--against", "main"]);
    assert!(line.starts_with("0 new, 0 fixed, "), "{line}");
    // The templates of the broken world, under the same names.
    super::copy(
        &fixtures("templates/codebuild-app-account/broken"),
        &repository.path().join(world),
    );
    let words = ["check", "--against", "main", "--format", "json"];
    let output = repository.run_in(world, &words);
    let told: Value = serde_json::from_str(out(&output)).unwrap();
    let summary = &told["summary"];
    assert!(summary["errors"].as_u64().unwrap() > 0);
    assert_eq!(
        told["comparison"]["new"].as_u64(),
        Some(rules(&told, "new").len() as u64)
    );
    assert_eq!(code(&output), 1);
}

#[test]
fn what_git_does_not_know_is_said_and_left_out() {
    let repository = Repository::booking();
    in_folder(
        "cfn-cross-account/broken",
        &repository.path().join("cdk.out"),
    );
    let output = repository.run(&["check", "accounts", "cdk.out", "--against", "main"]);
    assert_eq!(code(&output), 1);
    let told = err(&output);
    assert!(
        told.contains(
            "note: `cdk.out` was not there at `main`, and is left out of what was before"
        ),
        "{told}"
    );
    assert!(told.contains("not committed"), "{told}");
    let output = repository.run(&["check", "cdk.out", "--against", "main"]);
    assert_eq!(code(&output), 1);
    assert!(
        err(&output)
            .contains("nothing of what is checked was there at `main`: all findings are new")
    );
    assert!(out(&output).contains("1 new, 0 fixed, 0 unchanged against main"));
    // A quiet run does not hear of it.
    let output = repository.run(&["check", "cdk.out", "--against", "main", "-q", "-q"]);
    assert_eq!((code(&output), err(&output), out(&output)), (1, "", ""));
    // A file that is ignored is not there either.
    fs::write(repository.path().join(".gitignore"), "cdk.out\n").unwrap();
    repository.commit();
    assert!(
        err(&repository.run(&["check", "cdk.out", "--against", "HEAD"]))
            .contains("nothing of what")
    );
}

#[test]
fn what_cannot_be_a_revision_is_refused() {
    let repository = Repository::booking();
    let marker = repository.path().join("marker");
    let upload = format!("--upload-pack=touch {}", marker.display());
    let output = format!("--output={}", marker.display());
    for (revision, told) in [
        ("nowhere", "no revision that this git repository knows"),
        ("", "cannot be a revision"),
        ("-x", "cannot be a revision"),
        ("--help", "cannot be a revision"),
        (upload.as_str(), "cannot be a revision"),
        (output.as_str(), "cannot be a revision"),
        ("main:accounts", "no revision"),
        ("^main", "no revision"),
        ("main..main", "no revision"),
        ("main --output=x", "no revision"),
        ("main;touch marker", "no revision"),
        ("$(touch marker)", "no revision"),
        ("main\nHEAD", "no revision"),
        ("\u{1b}[31mred", "no revision"),
        ("accounts/none.json", "no revision"),
    ] {
        let output = repository.run(&["check", "accounts", &format!("--against={revision}")]);
        let said = refused(&output);
        assert!(said.contains(told), "{revision}: {said}");
        assert!(!said.contains('\u{1b}'), "{revision}");
    }
    assert!(!marker.exists());
    assert!(!repository.path().join("x").exists());
}

#[test]
fn there_may_be_no_repository_and_no_git() {
    let folder = TempDir::new().unwrap();
    in_folder("codebuild-app-account/fixed", folder.path());
    let mut command = program(folder.path());
    command.env("PATH", std::env::var_os("PATH").unwrap());
    command.env("GIT_CEILING_DIRECTORIES", folder.path().parent().unwrap());
    let output = command.args(AGAINST_MAIN).output().unwrap();
    assert!(
        refused(&output).contains("git knows no repository here"),
        "{}",
        err(&output)
    );
    let mut command = program(folder.path());
    command.env("PATH", folder.path());
    let output = command.args(AGAINST_MAIN).output().unwrap();
    assert!(
        refused(&output)
            .contains("the program `git`, which might know it as a revision, is not there"),
        "{}",
        err(&output)
    );
}

#[test]
fn what_lies_outside_or_comes_from_standard_input_has_no_past() {
    let repository = Repository::booking();
    let elsewhere = TempDir::new().unwrap();
    in_folder("codebuild-app-account/fixed", elsewhere.path());
    let input = elsewhere.path().join("accounts");
    let output = repository.run(&["check", input.to_str().unwrap(), "--against", "main"]);
    assert!(
        refused(&output).contains("lies outside the git repository"),
        "{}",
        err(&output)
    );
    let pipeline = "accounts/111111111111/ap-southeast-2/codepipeline/booking.json";
    let mut command = program(repository.path());
    command.env("PATH", std::env::var_os("PATH").unwrap());
    command.stdin(fs::File::open(repository.path().join(pipeline)).unwrap());
    let output = command
        .args(["check", "-", "--against", "main"])
        .output()
        .unwrap();
    assert!(
        refused(&output).contains("nobody knows what standard input"),
        "{}",
        err(&output)
    );
}

/// Names of the folder for one run are in no message.
#[test]
fn a_past_that_cannot_be_read_is_told_by_its_own_names() {
    let repository = Repository::booking();
    let pipeline = PathBuf::from("accounts/111111111111/ap-southeast-2/codepipeline/booking.json");
    let good = fs::read(repository.path().join(&pipeline)).unwrap();
    fs::write(repository.path().join(&pipeline), "{\"pipeline\": ").unwrap();
    repository.commit();
    fs::write(repository.path().join(&pipeline), good).unwrap();
    let output = repository.run(&AGAINST_MAIN);
    let told = refused(&output);
    let expected = format!("error: against `main`: {}:1:14: ", pipeline.display());
    assert!(told.starts_with(&expected), "{told}");
    let output = repository.run_in(
        "accounts/222222222222",
        &["check", "..", "--against", "main"],
    );
    let told = refused(&output);
    assert!(
        told.starts_with("error: against `main`: ../111111111111/ap-southeast-2/"),
        "{told}"
    );
    assert!(!told.contains("pipeline-preflight-"), "{told}");
}

#[test]
fn files_with_parameters_are_those_of_then() {
    let template = "Parameters:\n  Role:\n    Type: String\nResources:\n  Pipeline:\n    Type: AWS::CodePipeline::Pipeline\n    Properties:\n      Name: app\n      \
                    RoleArn: !Sub arn:aws:iam::111111111111:role/${Role}\n      ArtifactStore: {Type: S3, Location: artifacts}\n      Stages:\n        - Name: Source\n          \
                    Actions:\n            - Name: Get\n              ActionTypeId: {Category: Source, Owner: AWS, Provider: S3, Version: '1'}\n              \
                    Configuration: {S3Bucket: sources, S3ObjectKey: app.zip}\n              OutputArtifacts: [{Name: App}]\n        - Name: Ask\n          Actions:\n            - \
                    Name: Ask\n              ActionTypeId: {Category: Approval, Owner: AWS, Provider: Manual, Version: '1'}\n";
    let values = |role: &str| format!("{{\"Parameters\": {{\"Role\": \"{role}\"}}}}");
    let repository = Repository::new(|folder| {
        fs::write(folder.join("app.yaml"), template).unwrap();
        fs::write(folder.join("values.json"), values("One")).unwrap();
    });
    let stack = "app.yaml,account=111111111111,region=eu-west-1,parameters=values.json";
    let words = ["check", "--stack", stack, "--against", "HEAD"];
    let line = repository.last_line("", &words);
    assert!(line.starts_with("0 new, 0 fixed, "), "{line}");
    fs::write(repository.path().join("values.json"), values("Two")).unwrap();
    let line = repository.last_line("", &words);
    assert!(!line.starts_with("0 new"), "{line}");
    // Broken as it was, it is told by its own name.
    fs::write(repository.path().join("values.json"), "{").unwrap();
    repository.commit();
    fs::write(repository.path().join("values.json"), values("One")).unwrap();
    let output = repository.run(&words);
    let told = refused(&output);
    assert!(
        told.starts_with("error: against `HEAD`: values.json:1:"),
        "{told}"
    );
}

#[test]
#[cfg(unix)]
fn links_are_followed_inside_and_never_outside() {
    use std::os::unix::fs::symlink;
    let secret = TempDir::new().unwrap();
    in_folder("cfn-cross-account/broken", secret.path());
    let repository = Repository::new(|folder| {
        in_folder("codebuild-app-account/fixed", folder);
        symlink("accounts", folder.join("link")).unwrap();
        symlink("link", folder.join("further")).unwrap();
        symlink("round", folder.join("about")).unwrap();
        symlink("about", folder.join("round")).unwrap();
        symlink(secret.path().join("accounts"), folder.join("outside")).unwrap();
    });
    for input in ["link", "further", "further/"] {
        let line = repository.last_line("", &["check", input, "--against", "main"]);
        assert_eq!(line, "0 new, 0 fixed, 0 unchanged against main", "{input}");
    }
    // What a link outside leads to is known as it is now, and not as it was.
    let output = repository.run(&["check", "outside", "--against", "main"]);
    assert_eq!(code(&output), 1);
    assert!(
        err(&output).contains("nothing of what is checked was there"),
        "{}",
        err(&output)
    );
    break_key(repository.path());
    let line = repository.last_line("", &["check", "further", "--against", "main"]);
    assert_eq!(line, "1 new, 0 fixed, 0 unchanged against main");
}

/// `git archive` would leave out and substitute; a comparison must not.
#[test]
fn attributes_change_nothing() {
    let repository = Repository::new(|folder| {
        in_folder("codebuild-app-account/fixed", folder);
        fs::write(
            folder.join(".gitattributes"),
            "*.json export-ignore export-subst text eol=crlf filter=break\n",
        )
        .unwrap();
    });
    repository.git(&["config", "filter.break.smudge", "false"]);
    let output = repository.run(&AGAINST_MAIN);
    assert_eq!((code(&output), err(&output)), (0, ""));
    assert!(out(&output).ends_with("0 new, 0 fixed, 0 unchanged against main\n"));
}

#[test]
fn a_submodule_is_another_repository() {
    let inner = Repository::booking();
    let repository = Repository::new(|_| {});
    repository.git(&[
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        inner.path().to_str().unwrap(),
        "inner",
    ]);
    repository.commit();
    let output = repository.run(&["check", "inner/accounts", "--against", "main"]);
    assert!(
        refused(&output).contains("lies in the submodule `inner`"),
        "{}",
        err(&output)
    );
}

/// A template that another one nests is no input, and belongs to it.
#[test]
fn nested_templates_come_along() {
    let case = fixtures("templates/readme");
    assert!(case.is_dir());
    let outer = "Resources:\n  Inner:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: ../nested/inner.yaml\n";
    let inner = |role: &str| {
        format!(
            "Resources:\n  Pipeline:\n    Type: AWS::CodePipeline::Pipeline\n    Properties:\n      Name: app\n      RoleArn: arn:aws:iam::111111111111:role/{role}\n      \
             ArtifactStore: {{Type: S3, Location: artifacts}}\n      Stages:\n        - Name: Source\n          Actions:\n            - Name: Get\n              ActionTypeId: \
             {{Category: Source, Owner: AWS, Provider: S3, Version: '1'}}\n              Configuration: {{S3Bucket: sources, S3ObjectKey: app.zip}}\n              \
             OutputArtifacts: [{{Name: App}}]\n        - Name: Ask\n          Actions:\n            - Name: Ask\n              ActionTypeId: {{Category: Approval, Owner: AWS, \
             Provider: Manual, Version: '1'}}\n"
        )
    };
    let repository = Repository::new(|folder| {
        for (name, text) in [
            ("outer/outer.yaml", outer),
            ("nested/inner.yaml", &inner("One")),
        ] {
            fs::create_dir_all(folder.join(name).parent().unwrap()).unwrap();
            fs::write(folder.join(name), text).unwrap();
        }
    });
    let words = [
        "check",
        "--stack",
        "outer/outer.yaml,account=111111111111,region=eu-west-1",
        "--against",
        "main",
    ];
    let line = repository.last_line("", &words);
    assert!(
        line.starts_with("0 new, 0 fixed, ") && !line.contains(" 0 unchanged"),
        "{line}"
    );
    fs::write(repository.path().join("nested/inner.yaml"), inner("Two")).unwrap();
    let line = repository.last_line("", &words);
    assert!(!line.starts_with("0 new"), "{line}");
}

/// Every folder of templates, those of `cdk synth` and Terraform too, is the same as itself a commit ago.
#[test]
fn what_has_not_changed_since_the_last_commit_is_unchanged() {
    let repository = Repository::new(|folder| {
        for kind in ["templates", "cases"] {
            super::copy(&fixtures(kind), &folder.join(kind));
        }
    });
    let templates = repository.path().join("templates");
    let mut checked = 0;
    for entry in walkdir::WalkDir::new(templates)
        .min_depth(1)
        .max_depth(2)
        .sort_by_file_name()
    {
        let entry = entry.unwrap();
        let is_world = entry.path().join("pipeline-preflight.yaml").is_file()
            || entry.file_name() == "cdk.out";
        if !is_world {
            continue;
        }
        let inside = entry
            .path()
            .strip_prefix(repository.path())
            .unwrap()
            .to_str()
            .unwrap();
        let words: &[&str] = match entry.file_name() == "cdk.out" {
            true => &["check", ".", "--against", "HEAD"],
            false => &["check", "--against", "HEAD"],
        };
        let line = repository.last_line(inside, words);
        assert!(line.starts_with("0 new, 0 fixed, "), "{inside}: {line}");
        checked += 1;
    }
    assert!(checked >= 8, "{checked}");
}
