//! The built-in catalogue is sound, true to AWS's action table, and refuses what is not.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "the functions that tests share state their expectations by panicking, as tests do"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use pipeline_preflight::graph::ActionTypeId;
use pipeline_preflight::rules::{Catalogue, Part, Provider, RequirementRule, Template};
use serde_json::Value;

fn rules() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("rules")
}

fn builtin() -> Catalogue {
    Catalogue::builtin().unwrap_or_else(|error| panic!("{error}"))
}

/// Every requirement with its file, and the provider where it is not of `pipeline.yaml`.
fn requirements(catalogue: &Catalogue) -> Vec<(&str, Option<&Provider>, &RequirementRule)> {
    let pipeline = &catalogue.pipeline;
    let lists = [
        &pipeline.read_artifacts,
        &pipeline.write_artifacts,
        &pipeline.replicate_from,
        &pipeline.replicate_to,
        &pipeline.update_pipeline,
        &pipeline.update_action,
    ];
    let single = [
        &pipeline.assume_pipeline_role,
        &pipeline.assume_action_role,
        &pipeline.assume_service_role,
        &pipeline.pass_role,
        &pipeline.assume_rule_role,
        &pipeline.start_pipeline,
        &pipeline.send_events,
    ];
    let of_pipeline = single.into_iter().chain(lists.into_iter().flatten());
    let of_providers = catalogue.providers.iter().flat_map(|(stem, provider)| {
        let rules = provider.requirements.iter();
        rules.map(move |rule| (stem.as_str(), Some(provider), rule))
    });
    of_pipeline
        .map(|rule| ("pipeline", None, rule))
        .chain(of_providers)
        .collect()
}

fn operations(rule: &RequirementRule) -> impl Iterator<Item = &String> {
    rule.operations.iter().chain(&rule.alternatives)
}

#[test]
fn the_built_in_rules_are_those_of_the_folder() {
    let folder = Catalogue::from_dir(&rules()).unwrap_or_else(|error| panic!("{error}"));
    // A file that is new since the last build is not embedded yet: touch src/rules/catalogue.rs.
    assert_eq!(format!("{:?}", builtin()), format!("{folder:?}"));
}

#[test]
fn a_provider_is_found_by_all_four_parts() {
    let catalogue = builtin();
    let title = |category: &str, owner: &str, provider: &str, version: &str| {
        let id = ActionTypeId {
            category: category.to_owned(),
            owner: owner.to_owned(),
            provider: provider.to_owned(),
            version: version.to_owned(),
        };
        catalogue.provider(&id).map(|found| found.title.as_str())
    };
    assert_eq!(title("Source", "AWS", "S3", "1"), Some("Amazon S3 source"));
    assert_eq!(
        title("Build", "AWS", "CodeBuild", "1"),
        Some("AWS CodeBuild")
    );
    assert_eq!(
        title("Test", "AWS", "CodeBuild", "1"),
        Some("AWS CodeBuild")
    );
    assert_eq!(
        title("Source", "ThirdParty", "S3", "1"),
        Some("action of a third party")
    );
    assert_eq!(
        title("Source", "ThirdParty", "GitHub", "1"),
        Some("GitHub source (version 1, OAuth)")
    );
    assert_eq!(
        title("Build", "Custom", "Jenkins-of-ours", "3"),
        Some("custom action")
    );
    assert_eq!(title("Build", "AWS", "CodeBuild", "2"), None);
    assert_eq!(title("Invoke", "AWS", "CodeBuild", "1"), None);
}

/// AWS's table of actions; how to read it is told in `iam-actions.md` beside it.
struct Table(Value);

impl Table {
    fn read() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/iam-actions.json");
        Self(serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap())
    }

    fn action(&self, operation: &str) -> Option<&Value> {
        let (service, action) = operation.split_once(':')?;
        self.0["services"][service]["actions"].get(action)
    }

    /// Resource types with their own key sets.
    fn types(&self, operation: &str) -> Vec<(String, Option<u64>)> {
        let types = self.action(operation).and_then(|action| action.get("res"));
        let types = types.and_then(Value::as_array).into_iter().flatten();
        let name = |value: &Value| value.as_str().unwrap().trim_end_matches('*').to_owned();
        types
            .map(|entry| match entry {
                Value::Array(pair) => (name(&pair[0]), pair[1].as_u64()),
                single => (name(single), None),
            })
            .collect()
    }

    fn arns(&self, operation: &str) -> Vec<String> {
        let service = operation.split(':').next().unwrap();
        let arn = |kind: &str| {
            let arn = self.0["services"][service]["resources"][kind]["arn"].as_str();
            arn.unwrap_or_else(|| panic!("no ARN of {service} {kind}"))
        };
        let types = self.types(operation);
        types.iter().map(|(kind, _)| starred(arn(kind))).collect()
    }

    /// Context keys, lower case, with `*` where a part is variable.
    fn keys(&self, operation: &str) -> BTreeSet<String> {
        let service = operation.split(':').next().unwrap();
        let own = self
            .action(operation)
            .and_then(|action| action["keys"].as_u64());
        let of_types = self.types(operation).into_iter().filter_map(|(_, set)| set);
        own.into_iter()
            .chain(of_types)
            .flat_map(|set| {
                let set = &self.0["services"][service]["keySets"][set as usize];
                set.as_array().unwrap().iter()
            })
            .map(|key| starred(&key.as_str().unwrap().replace("<key>", "${key}")).to_lowercase())
            .collect()
    }
}

/// Every `${…}` becomes `*`.
fn starred(text: &str) -> String {
    let mut parts = text.split("${");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| {
        all + "*" + part.split_once('}').map_or("", |(_, behind)| behind)
    })
}

/// Whether a text fits a pattern in which `*` stands for anything.
fn fits(text: &str, pattern: &str) -> bool {
    match pattern.split_once('*') {
        None => text == pattern,
        Some((start, rest)) => text.strip_prefix(start).is_some_and(|text| {
            let mut ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            ends.any(|at| fits(&text[at..], rest))
        }),
    }
}

/// A resource template with `x` for what is only known of a pipeline; `None` where that is the whole ARN.
fn example(text: &str, provider: Option<&Provider>) -> Option<String> {
    let template = Template::parse(text).unwrap();
    let mut filled = String::new();
    for part in template.parts() {
        match part {
            Part::Text(text) => filled.push_str(text),
            Part::Variable(variable) => {
                let resource = provider.and_then(|p| p.resources.get(&variable.name));
                let text = match (variable.to_string().as_str(), resource) {
                    ("store.bucket-arn", _) => "arn:x:s3:::x".to_owned(),
                    ("store.objects", _) => "arn:x:s3:::x/x/*".to_owned(),
                    ("store.key", _) => "arn:x:kms:x:x:key/x".to_owned(),
                    ("pipeline.arn", _) => "arn:x:codepipeline:x:x:x".to_owned(),
                    ("bus", _) => "arn:x:events:x:x:event-bus/x".to_owned(),
                    (_, Some(resource)) if variable.member.is_none() => {
                        example(&resource.arn, provider)?
                    }
                    _ => "x".to_owned(),
                };
                filled.push_str(&text);
            }
        }
    }
    (filled == "*" || filled.starts_with("arn:")).then_some(filled)
}

/// Operations that AWS checks against a resource of which the table says nothing. AWS CDK grants `CreateStackSet` on the stack
/// set alone, and what it makes works; macros are checked where a change set is created from a template that names them.
/// <https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/aws-codepipeline-actions/lib/cloudformation/private/singleton-policy.ts>
/// <https://github.com/aws/serverless-application-model/issues/179>
const NOT_IN_THE_TABLE: [(&str, &str); 2] = [
    ("cloudformation:CreateStackSet", ":stackset/"),
    ("cloudformation:CreateChangeSet", ":aws:transform/"),
];

#[test]
fn operations_and_their_resources_are_in_the_action_table() {
    let (catalogue, table) = (builtin(), Table::read());
    let mut wrong = Vec::new();
    for (file, provider, rule) in requirements(&catalogue) {
        for operation in operations(rule) {
            if table.action(operation).is_none() {
                wrong.push(format!("{file} {}: {operation} does not exist", rule.id));
                continue;
            }
            let arns = table.arns(operation);
            for resource in &rule.resources {
                let mut known = NOT_IN_THE_TABLE.iter();
                if known.any(|(other, part)| operation == other && resource.contains(part)) {
                    continue;
                }
                let example = example(resource, provider);
                let right = match example.as_deref() {
                    None => true,
                    Some("*") => arns.is_empty(),
                    Some(arn) => arns.iter().any(|pattern| fits(arn, pattern)),
                };
                if !right {
                    wrong.push(format!(
                        "{file} {}: {operation} is not checked against {resource}, but {arns:?}",
                        rule.id
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Keys that any call may carry, which the table does not list:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>
const GLOBAL: [&str; 14] = [
    "aws:calledvia",
    "aws:calledviafirst",
    "aws:calledvialast",
    "aws:federatedprovider",
    "aws:multifactorauthage",
    "aws:multifactorauthpresent",
    "aws:principaltag/*",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceidentity",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:viaawsservice",
    "aws:vpcsourceip",
];

#[test]
fn context_keys_are_in_the_action_table() {
    let (catalogue, table) = (builtin(), Table::read());
    let mut wrong = Vec::new();
    for (file, _, rule) in requirements(&catalogue) {
        // A key that only some operations of a rule know does no harm with the others; one that none knows is a slip.
        let known: BTreeSet<String> = operations(rule).flat_map(|o| table.keys(o)).collect();
        for key in rule.context.keys().chain(&rule.unknown_context) {
            let lower = key.to_lowercase();
            let source = lower.starts_with("aws:source") && rule.operations == ["sts:AssumeRole"];
            let global = GLOBAL.contains(&lower.as_str());
            let sent = |pattern: &String| fits(&lower, pattern) || fits(pattern, &lower);
            if !source && !global && !known.iter().any(sent) {
                wrong.push(format!("{file} {}: nothing sends {key}", rule.id));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A key of a service's own that no rule mentions counts as absent, so that none may be forgotten.
#[test]
fn no_context_key_of_the_service_itself_is_left_out() {
    let (catalogue, table) = (builtin(), Table::read());
    let mut wrong = Vec::new();
    for (file, _, rule) in requirements(&catalogue) {
        let said = rule.context.keys().chain(&rule.unknown_context);
        let said: Vec<String> = said.map(|key| key.to_lowercase()).collect();
        for operation in operations(rule) {
            let service = operation.split(':').next().unwrap();
            // The keys of these are filled in by the check itself; on a first run there is no change set to name.
            if ["s3", "kms", "sts", "iam"].contains(&service)
                || rule.id == "describe-change-set-first-run"
            {
                continue;
            }
            for key in table.keys(operation) {
                if key.starts_with(&format!("{service}:"))
                    && !said.iter().any(|said| fits(&key, said))
                {
                    wrong.push(format!("{file} {}: {operation} carries {key}", rule.id));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A copy of the rules in which one file says something else.
fn changed(file: &str, from: &str, to: &str) -> Vec<String> {
    let copy = tempfile::tempdir().unwrap();
    for folder in ["", "providers", "findings"] {
        let source = rules().join(folder);
        fs::create_dir_all(copy.path().join(folder)).unwrap();
        for entry in source.read_dir().into_iter().flatten().map(Result::unwrap) {
            if entry.path().is_file() {
                let target = copy.path().join(folder).join(entry.file_name());
                fs::copy(entry.path(), target).unwrap();
            }
        }
    }
    let path = copy.path().join(file);
    let text = fs::read_to_string(&path).unwrap_or_default();
    assert!(text.contains(from), "{file} lacks {from:?}");
    fs::write(&path, text.replacen(from, to, 1)).unwrap();
    match Catalogue::from_dir(copy.path()) {
        Ok(_) => Vec::new(),
        Err(error) => error.faults.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn slips_are_refused_with_their_file() {
    let codebuild = "providers/codebuild.yaml";
    let cases = [
        (
            codebuild,
            "trusts:",
            "trust:",
            "rules/providers/codebuild.yaml:30:5: roles.project-role: unknown field `trust`",
        ),
        (
            codebuild,
            "category: Test",
            "category: Build",
            "`Build/AWS/CodeBuild/1` is described in `codebuild.yaml` already",
        ),
        (
            codebuild,
            "  batch-role:",
            "  project-role:",
            "duplicate entry with key \"project-role\"",
        ),
        (
            codebuild,
            "role: batch-role",
            "role: bath-role",
            "there is no role `bath-role`",
        ),
        (
            codebuild,
            "id: steer-batch\n",
            "id: run-batch\n",
            "requirement `run-batch` is there twice",
        ),
        (
            codebuild,
            "id: run-batch\n",
            "id: RunBatch\n",
            "the id is not kebab case",
        ),
        (
            codebuild,
            "${project.serviceRole}",
            "${projekt.serviceRole}",
            "there is no variable `${projekt.serviceRole}`",
        ),
        (
            codebuild,
            "${project.serviceRole}",
            "${project.serviceRole",
            "is never closed with a brace",
        ),
        (
            codebuild,
            "    - key: ProjectName",
            "    - key: Project",
            "`${configuration.ProjectName}` may be missing",
        ),
        (
            codebuild,
            "${project.serviceRole}",
            "${store.key}",
            "needs the condition `customer-key: true`",
        ),
        (
            codebuild,
            "[codebuild:StartBuild]",
            "[codebuild:Start*]",
            "`codebuild:Start*` is not `service:Action`",
        ),
        (
            codebuild,
            "[codebuild:StartBuild]",
            "[]",
            "asks for nothing",
        ),
        (
            codebuild,
            "to start the build ",
            "start the build ",
            "`why` is a clause that begins with `to`",
        ),
        (
            codebuild,
            "producer.account",
            "producer.name",
            "there is no variable `${producer.name}`",
        ),
        (
            codebuild,
            "producer.configuration.RepositoryName",
            "producer.configuration.ImageTag",
            "there is no variable",
        ),
        (
            codebuild,
            "https://docs.aws.amazon.com/codebuild",
            "https://example.com/codebuild",
            "is no page of AWS",
        ),
        (
            codebuild,
            "title: AWS CodeBuild",
            "title: \"\"",
            "title is empty",
        ),
        (
            codebuild,
            "  project:",
            "  store:",
            "the name `store` is taken",
        ),
        (
            "providers/ecs.yaml",
            "service/${configuration.ClusterName}",
            "service/${task-definition.x}",
            "the ARN of resource `service` depends on itself",
        ),
        (
            "providers/manual-approval.yaml",
            "    when: [{configuration: NotificationArn}]\n    why",
            "    why",
            "needs the conditions under which there is a `topic`",
        ),
        (
            "providers/x.yml",
            "",
            "title: lost",
            "a rule file's name ends with `.yaml`",
        ),
        (
            "pipeline.yaml",
            "pass-role:",
            "pas-role:",
            "unknown field `pas-role`",
        ),
        (
            "pipeline.yaml",
            "\"${role}\"",
            "\"${configuration.RoleArn}\"",
            "there is no variable `${configuration.RoleArn}`",
        ),
        ("findings/x.yaml", "", "title: ", "rules/findings/x.yaml"),
    ];
    for (file, from, to, expected) in cases {
        let faults = changed(file, from, to);
        assert!(
            faults.iter().any(|fault| fault.contains(expected)),
            "{file}: {from:?} → {to:?} should say {expected:?}, but says {faults:#?}"
        );
    }
}

#[test]
fn all_bad_files_are_named_at_once() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("providers")).unwrap();
    for name in ["a.yaml", "b.yaml"] {
        fs::write(folder.path().join("providers").join(name), "tittle: x").unwrap();
    }
    let error = Catalogue::from_dir(folder.path()).unwrap_err();
    let files: Vec<&str> = error
        .faults
        .iter()
        .map(|fault| fault.file.as_str())
        .collect();
    assert_eq!(
        files,
        [
            "commands.yaml",
            "pipeline.yaml",
            "providers/a.yaml",
            "providers/b.yaml"
        ]
    );
}

#[test]
fn the_readme_names_every_key() {
    let readme = fs::read_to_string(rules().join("README.md")).unwrap();
    let sources = ["provider.rs", "finding.rs"];
    let mut missing = Vec::new();
    for source in sources {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("src/rules")
            .join(source);
        let text = fs::read_to_string(path).unwrap();
        let fields = text
            .lines()
            .filter_map(|line| line.trim().strip_prefix("pub "));
        let fields = fields.filter_map(|field| field.split_once(": ").map(|(name, _)| name));
        let keys = fields.map(|name| name.trim_start_matches("r#").replace('_', "-"));
        missing.extend(keys.filter(|key| !readme.contains(&format!("`{key}`"))));
    }
    assert!(missing.is_empty(), "rules/README.md lacks {missing:?}");
}

/// A folder with these files, by their names in it.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// A custom action, as `rules/README.md` shows it.
fn rollout() -> String {
    let readme = fs::read_to_string(rules().join("README.md")).unwrap();
    let (_, behind) = readme
        .split_once("# company-rules/providers/rollout.yaml\n")
        .unwrap();
    behind.split_once("```").unwrap().0.to_owned()
}

fn id(category: &str, owner: &str, provider: &str) -> ActionTypeId {
    ActionTypeId {
        category: category.to_owned(),
        owner: owner.to_owned(),
        provider: provider.to_owned(),
        version: "1".to_owned(),
    }
}

#[test]
fn a_folder_of_ones_own_adds_and_replaces() {
    let s3 = fs::read_to_string(rules().join("providers/s3-source.yaml")).unwrap();
    let text = fs::read_to_string(rules().join("findings/trust-missing.yaml")).unwrap();
    let text = text.replacen("title: ", "title: our own, ", 1);
    let rollout = rollout();
    let own = folder(&[
        ("providers/rollout.yaml", rollout.as_str()),
        // Another name, the same action type: the user's counts, whichever comes first by name.
        (
            "providers/zz.yaml",
            &s3.replacen("title: Amazon S3 source", "title: our S3", 1),
        ),
        ("findings/trust-missing.yaml", text.as_str()),
        ("README.md", "whatever"),
    ]);
    let catalogue = Catalogue::with_folder(own.path()).unwrap();
    let title = |id: ActionTypeId| catalogue.provider(&id).unwrap().title.clone();
    assert_eq!(title(id("Deploy", "Custom", "Rollout")), "rollout worker");
    assert_eq!(title(id("Source", "AWS", "S3")), "our S3");
    assert_eq!(title(id("Build", "AWS", "CodeBuild")), "AWS CodeBuild");
    assert!(
        catalogue.findings["trust-missing"]
            .title
            .starts_with("our own, ")
    );
    assert_eq!(catalogue.findings.len(), builtin().findings.len());
    // The built-in file describes nothing any more, and is left out.
    assert!(!catalogue.providers.contains_key("s3-source"));
}

#[test]
fn of_several_action_types_only_those_that_are_claimed_are_lost() {
    let codebuild = fs::read_to_string(rules().join("providers/codebuild.yaml")).unwrap();
    let test = "  - {category: Test, owner: AWS, provider: CodeBuild, version: \"1\"}\n";
    let build = test.replace("Test", "Build");
    assert!(codebuild.contains(&build));
    let own =
        codebuild
            .replacen(&build, "", 1)
            .replacen("title: AWS CodeBuild", "title: our tests", 1);
    let own = folder(&[("providers/our-tests.yaml", own.as_str())]);
    let catalogue = Catalogue::with_folder(own.path()).unwrap();
    let title = |category: &str| {
        catalogue
            .provider(&id(category, "AWS", "CodeBuild"))
            .unwrap()
            .title
            .clone()
    };
    assert_eq!(
        (title("Build"), title("Test")),
        ("AWS CodeBuild".to_owned(), "our tests".to_owned())
    );
}

#[test]
fn slips_in_a_folder_of_ones_own_name_its_files() {
    let rollout = rollout();
    let table: &[(&str, String, &str)] = &[
        (
            "providers/a.yaml",
            rollout.replacen("title:", "tittle:", 1),
            "providers/a.yaml:1:1: unknown field `tittle`",
        ),
        (
            "providers/a.yaml",
            rollout.replacen("role: worker-role", "role: no-role", 1),
            "there is no role `no-role`",
        ),
        (
            "providers/a.yml",
            rollout.clone(),
            "providers/a.yml: a rule file's name ends with `.yaml`",
        ),
        (
            "a.yaml",
            rollout.clone(),
            "a.yaml: a rule file is `pipeline.yaml`",
        ),
        ("README.md", String::new(), "holds no rules"),
        (
            "providers/a.yaml",
            rollout.replace("https://wiki", "ftp://wiki"),
            "is no page of",
        ),
    ];
    for (name, text, expected) in table {
        let own = folder(&[(name, text.as_str())]);
        let error = Catalogue::with_folder(own.path()).unwrap_err().to_string();
        assert!(error.contains(expected), "{name}: {error}");
        assert!(error.contains(&own.path().display().to_string()), "{error}");
        assert!(!error.contains("rules/providers"), "{error}");
    }
    let error = Catalogue::with_folder(Path::new("no/such/folder")).unwrap_err();
    assert!(error.to_string().starts_with("no/such/folder: "), "{error}");
}

/// Semantic faults have a place as well: that of the name they speak of.
#[test]
fn every_fault_has_a_line_and_a_column() {
    let text = rollout().replacen(
        "role: worker-role\n    operations",
        "role: no-role\n    operations",
        1,
    );
    let line = text
        .lines()
        .position(|line| line.contains("no-role"))
        .unwrap()
        + 1;
    let own = folder(&[("providers/a.yaml", text.as_str())]);
    let error = Catalogue::with_folder(own.path()).unwrap_err().to_string();
    assert!(
        error.contains(&format!("a.yaml:{line}:11: requirement ")),
        "{error}"
    );
}
