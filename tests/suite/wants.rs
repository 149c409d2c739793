//! Demand is complete: whoever fetches only what a run asked for finds what whoever fetches everything finds.
//!
//! The whole of a fixture stands for AWS. A run begins with the pipelines alone and is given, round after round, exactly what it
//! wants of the whole, as a live run is.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use pipeline_preflight::check::{self, Finding, Options};
use pipeline_preflight::graph::{Arn, Fact, Graph, RefusalKind, Want};
use pipeline_preflight::load::{self, Input, Refused, SnapshotFile};
use pipeline_preflight::rules::{Catalogue, operator};
use pipeline_preflight::source::Sources;
use serde_json::{Value, json};

use crate::edits::Variation;
use crate::variations::variations;
use crate::world::{World, cases};

/// All that AWS would tell, file by file, and what each file is about.
struct Whole {
    start: Vec<SnapshotFile>,
    rest: Vec<(SnapshotFile, BTreeSet<Want>)>,
}

impl Whole {
    fn of(files: &BTreeMap<String, Value>) -> Self {
        let files = files.iter().flat_map(|(path, value)| split(path, value));
        let files = files.map(|(path, value)| file(&path, &value));
        // What holds a pipeline can be read alone.
        let (mut start, rest): (Vec<_>, Vec<_>) =
            files.partition(|file| read(std::slice::from_ref(file)).is_some());
        let known = start.clone();
        let mut told = Vec::new();
        for file in rest {
            let mut files = known.clone();
            files.push(file.clone());
            let about = read(&files).map(|graph| about(&graph)).unwrap_or_default();
            match about.is_empty() {
                // A buildspec lies in the repository, as does the pipeline.
                true => start.push(file),
                false => told.push((file, about)),
            }
        }
        Self { start, rest: told }
    }
}

fn file(path: &str, value: &Value) -> SnapshotFile {
    SnapshotFile {
        name: path.to_owned(),
        path: path.into(),
        text: value.to_string(),
    }
}

/// An account export as one file for each of its principals and policies: nobody who asks for one role is given all of them.
fn split(path: &str, value: &Value) -> Vec<(String, Value)> {
    let Some(account) = path
        .split('/')
        .next()
        .filter(|_| value.get("RoleDetailList").is_some() || value.get("Policies").is_some())
    else {
        return vec![(path.to_owned(), value.clone())];
    };
    let list = |key: &str| value[key].as_array().cloned().unwrap_or_default();
    let name = |value: &Value, key: &str| value[key].as_str().unwrap().to_owned();
    let mut files = Vec::new();
    for role in list("RoleDetailList") {
        let name = name(&role, "RoleName");
        files.push((
            format!("{account}/iam/roles/{name}.json"),
            json!({ "Role": role }),
        ));
    }
    for policy in list("Policies") {
        let name = name(&policy, "PolicyName");
        files.push((format!("{account}/iam/policies/{name}.json"), policy));
    }
    for (member, key, folder) in [
        ("UserDetailList", "UserName", "users"),
        ("GroupDetailList", "GroupName", "groups"),
    ] {
        for one in list(member) {
            let path = format!("{account}/iam/{folder}/{}.json", name(&one, key));
            files.push((path, json!({ member: [one], "IsTruncated": true })));
        }
    }
    files
}

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::builtin().unwrap());

/// The facts of some files, if there is a pipeline among them.
fn read(files: &[SnapshotFile]) -> Option<Graph> {
    let inputs: Vec<Input> = files.iter().cloned().map(Input::Snapshot).collect();
    Some(load::load(&mut Sources::new(), &inputs).ok()?.graph)
}

fn check_with(files: &[SnapshotFile], caller: Option<&str>) -> (check::Result, Graph) {
    let mut graph = read(files).unwrap();
    graph.watch();
    let options = Options {
        pipelines: Vec::new(),
        caller: caller.map(|arn| operator(&graph, arn).unwrap()),
    };
    (check::run(&graph, &CATALOGUE, &options), graph)
}

/// What facts of a graph answer which wants.
fn about(graph: &Graph) -> BTreeSet<Want> {
    let mut about = BTreeSet::new();
    let given = |assumed: bool| !assumed;
    let roles = graph
        .roles
        .values()
        .filter(|role| given(role.assumed.is_some()));
    about.extend(roles.map(|role| Want::Role(role.arn.clone())));
    let policies = graph
        .policies
        .values()
        .filter(|policy| given(policy.assumed.is_some()));
    about.extend(policies.map(|policy| Want::Policy(policy.arn.clone())));
    about.extend(graph.users.keys().cloned().map(Want::User));
    about.extend(graph.groups.keys().map(|arn| {
        let arn = Arn::parse(arn).unwrap();
        Want::Group {
            name: arn.name().to_owned(),
            account: arn.account,
        }
    }));
    let stands_in = |arn: &str| graph.stand_ins.contains_key(arn);
    let buckets = graph.buckets.keys();
    let buckets = buckets.filter(|name| !stands_in(&format!("arn:aws:s3:::{name}")));
    about.extend(buckets.cloned().map(Want::Bucket));
    for key in graph.keys.values() {
        let arn = Arn::parse(&key.arn).unwrap();
        let mut names = vec![arn.resource.clone()];
        if let Fact::Known(aliases) = &key.aliases {
            names.extend(aliases.iter().cloned());
        }
        for name in names {
            for region in [arn.region.as_str(), "*"] {
                let arn = Arn {
                    region: region.to_owned(),
                    resource: name.clone(),
                    ..arn.clone()
                };
                about.insert(Want::Key(arn.to_string()));
            }
        }
    }
    for resource in graph.resources.values().filter(|one| !stands_in(&one.arn)) {
        let arn = Arn::parse(&resource.arn).unwrap();
        about.insert(Want::Resource(resource.arn.clone()));
        if arn.service == "secretsmanager" {
            // AWS takes the ARN without the end that it has added as well.
            let (name, _) = resource.arn.rsplit_once('-').unwrap();
            about.insert(Want::Resource(name.to_owned()));
        }
        if arn.service == "events" && arn.resource.starts_with("rule/") {
            about.remove(&Want::Resource(resource.arn.clone()));
            let targets = (0..).map_while(|at| resource.values.get(&format!("Targets[{at}].Arn")));
            about.extend(targets.map(|target| Want::EventRules {
                account: arn.account.clone(),
                region: arn.region.clone(),
                target: target.text.clone(),
            }));
        }
    }
    about.extend(graph.refusals.keys().map(|subject| want_of(subject)));
    let accounts = graph.accounts.iter();
    let told = accounts.filter(|(_, account)| account.organization.is_some());
    about.extend(told.map(|(account, _)| Want::Organization(account.clone())));
    about
}

/// What asks for the thing that AWS did not describe.
fn want_of(subject: &str) -> Want {
    let subject = subject.to_owned();
    match Arn::parse(&subject) {
        None => Want::Organization(subject),
        Some(arn) => match (arn.service.as_str(), arn.resource.split('/').next()) {
            ("s3", _) => Want::Bucket(arn.resource),
            ("kms", _) => Want::Key(subject),
            ("iam", Some("role")) => Want::Role(subject),
            ("iam", Some("user")) => Want::User(subject),
            ("iam", _) => Want::Policy(subject),
            ("codepipeline", _) => Want::EventRules {
                account: arn.account,
                region: arn.region,
                target: subject,
            },
            _ => Want::Resource(subject),
        },
    }
}

/// What AWS answers about a role that a complete export of its account does not contain.
fn no_such_role(arn: &str) -> SnapshotFile {
    let refused = Refused {
        operation: "iam:GetRole",
        subject: arn.to_owned(),
        kind: RefusalKind::Absent,
        code: "NoSuchEntity".to_owned(),
        message: "there is no such role".to_owned(),
    };
    SnapshotFile::new(&["none", arn], arn, serde_json::Map::new(), &[refused])
}

/// What a run on demand ends with: what it found, and what it asked for.
fn on_demand(
    whole: &Whole,
    absent: &dyn Fn(&str) -> bool,
    caller: Option<&str>,
) -> (check::Result, BTreeSet<Want>) {
    let mut files = whole.start.clone();
    let mut asked = BTreeSet::new();
    for _ in 0..12 {
        let (result, graph) = check_with(&files, caller);
        let new: BTreeSet<Want> = graph.wanted().difference(&asked).cloned().collect();
        if new.is_empty() {
            return (result, asked);
        }
        for (file, about) in &whole.rest {
            if !about.is_disjoint(&new) && !files.contains(file) {
                files.push(file.clone());
            }
        }
        files.extend(new.iter().filter_map(|want| match want {
            Want::Role(arn) if absent(arn) => Some(no_such_role(arn)),
            _ => None,
        }));
        asked.extend(new);
    }
    panic!("wants without end: {asked:?}");
}

/// A finding without its places, which differ with the files it is read from.
fn said(finding: &Finding) -> String {
    let Finding {
        rule,
        severity,
        decision,
        layer,
        principals,
        operations,
        resources,
        message,
        help,
        affects,
        missing,
        labels,
        ..
    } = finding;
    let labels: BTreeSet<&str> = labels.iter().map(|label| label.text.as_str()).collect();
    let whence = match rule.as_str() {
        // The same finding, told by AWS instead of by the export.
        "role-missing" => String::new(),
        _ => format!("{message} {help} {missing:?} {labels:?}"),
    };
    format!(
        "{rule} {severity:?} {decision:?} {layer:?} {principals:?} {operations:?} {resources:?} {affects:?} {whence}"
    )
}

fn all_said(result: &check::Result) -> Vec<String> {
    let mut said: Vec<String> = result.findings.iter().map(said).collect();
    said.push(format!("{:?}", result.summary));
    said.sort();
    said
}

/// How what is found on demand differs from what is found in the whole.
fn difference(world: &World, caller: Option<&str>) -> Option<String> {
    let whole = Whole::of(&world.files);
    let files = world.files.iter();
    let files: Vec<SnapshotFile> = files.map(|(path, value)| file(path, value)).collect();
    let everything = read(&files)?;
    // Whether an export is complete only the export as a whole tells.
    let absent = |arn: &str| matches!(everything.role(arn), Fact::Absent);
    let all = all_said(&check_with(&files, caller).0);
    let (result, _) = on_demand(&whole, &absent, caller);
    let found = all_said(&result);
    let only = |one: &[String], other: &[String]| {
        let only = one.iter().filter(|said| !other.contains(said));
        only.cloned().collect::<Vec<_>>().join("\n    ")
    };
    (found != all).then(|| {
        format!(
            "only in the whole:\n    {}\n  only on demand:\n    {}",
            only(&all, &found),
            only(&found, &all)
        )
    })
}

#[test]
fn what_is_asked_for_is_all_that_matters() {
    for case in cases() {
        let difference = difference(&World::of_case(&case), None);
        assert!(difference.is_none(), "{case}: {}", difference.unwrap());
    }
}

/// What only the whole of an account tells, which nobody asks AWS for.
const ONLY_THE_WHOLE_TELLS: &[(&str, &str)] = &[
    (
        "of all that takes part only a bus was given",
        "AWS is asked for rules that have the pipeline as target; that the account has a bus says nothing more",
    ),
    (
        "an unrelated rule was given, and nothing that starts the pipeline",
        "the same: whoever asks for the pipeline's rules never hears of the others, and none is needed",
    ),
    (
        "the rules that were looked for are those of another pipeline",
        "whoever asks looks for those of this pipeline, and hears that there are none",
    ),
    (
        "the entry is of another resource than the one that is left out",
        "the template is no answer of AWS's: nobody asks for it",
    ),
];

#[test]
fn what_is_asked_for_is_all_that_matters_of_what_is_broken_too() {
    let lists = variations();
    let all = lists
        .iter()
        .flat_map(|(rule, list)| list.iter().map(move |variation| (rule, variation)));
    let worlds: Vec<_> = all.collect();
    let fault = |(rule, variation): &(_, &Variation)| {
        let difference = difference(&variation.world(), variation.caller.as_deref());
        let excepted = ONLY_THE_WHOLE_TELLS
            .iter()
            .any(|(title, _)| *title == variation.title);
        match difference {
            Some(difference) if !excepted => {
                Some(format!("{rule}: {}\n  {difference}", variation.title))
            }
            None if excepted => Some(format!("{}: differs no more", variation.title)),
            _ => None,
        }
    };
    // By far the longest of all tests, and the last in the alphabet: half of it on each of two cores.
    let (one, other) = worlds.split_at(worlds.len() / 2);
    let faults: Vec<String> = std::thread::scope(|scope| {
        let other = scope.spawn(|| other.iter().filter_map(fault).collect::<Vec<_>>());
        let one: Vec<String> = one.iter().filter_map(fault).collect();
        one.into_iter().chain(other.join().unwrap()).collect()
    });
    println!("{} worlds", worlds.len());
    assert!(
        faults.is_empty(),
        "{} of {}\n{}",
        faults.len(),
        worlds.len(),
        faults.join("\n")
    );
}

/// What is asked for although a fixture does not hold it, each with the decision that it would be for.
#[test]
fn nothing_is_asked_for_that_no_decision_uses() {
    for case in [
        "codebuild-app-account/fixed",
        "codedeploy-ecs/fixed",
        "ecr-to-ecs/fixed",
    ] {
        let world = World::of_case(case);
        let whole = Whole::of(&world.files);
        let (_, asked) = on_demand(&whole, &|_| false, None);
        let told: BTreeSet<&Want> = whole.rest.iter().flat_map(|(_, about)| about).collect();
        let vain: Vec<&Want> = asked.iter().filter(|want| !told.contains(want)).collect();
        // Whether a rule starts the pipeline nobody knows before AWS has listed them.
        let is_rule = |want: &&Want| matches!(want, Want::EventRules { .. });
        assert!(vain.iter().all(is_rule), "{case}: {vain:#?}");
        for (file, about) in &whole.rest {
            let idle = about.is_disjoint(&asked);
            let unrelated = file.name.contains("Unrelated") || file.name.ends_with("/alice.json");
            assert_eq!(idle, unrelated, "{case}: {}", file.name);
        }
    }
}

/// Files of users are as whole as whoever wrote them thought fit: what is known in part is asked for, as long as it decides.
#[test]
fn what_is_known_in_part_is_asked_for() {
    let case = "codecommit-child-role/fixed";
    let key = "arn:aws:kms:us-west-2:111111111111:key/998ea3e0-1957-461e-a289-dbb2243c08ec";
    let bucket = "codepipeline-us-west-2-111111111111-billing";
    let role = || Want::Role("arn:aws:iam::333333333333:role/ChildRole".to_owned());
    let role_file = "333333333333/iam/roles/ChildRole.json".to_owned();
    let key_file =
        "111111111111/us-west-2/kms/998ea3e0-1957-461e-a289-dbb2243c08ec.json".to_owned();
    let bucket_file = format!("111111111111/s3/{bucket}.json");
    let table = [
        (&role_file, "", "RolePolicyList", Some(role())),
        (&role_file, "", "AttachedManagedPolicies", Some(role())),
        (
            &role_file,
            "/Role",
            "AssumeRolePolicyDocument",
            Some(role()),
        ),
        // There are no tags where none are told, and nothing asks for these.
        (&role_file, "/Role", "RoleLastUsed", None),
        (&key_file, "", "Policy", Some(Want::Key(key.to_owned()))),
        (
            &key_file,
            "/KeyMetadata",
            "KeyState",
            Some(Want::Key(key.to_owned())),
        ),
        // The key's policy allows all that is asked, whatever grants allow besides.
        (&key_file, "", "Grants", None),
        (
            &bucket_file,
            "",
            "Policy",
            Some(Want::Bucket(bucket.to_owned())),
        ),
        (
            &bucket_file,
            "",
            "LocationConstraint",
            Some(Want::Bucket(bucket.to_owned())),
        ),
        (&bucket_file, "", "Versioning", None),
    ];
    let wanted = |world: &World| {
        let files: Vec<_> = world
            .files
            .iter()
            .map(|(path, value)| file(path, value))
            .collect();
        check_with(&files, None).1.wanted()
    };
    let whole = wanted(&World::of_case(case));
    for (name, holder, member, expected) in table {
        let mut world = World::of_case(case);
        let holder = world
            .files
            .get_mut(name)
            .unwrap()
            .pointer_mut(holder)
            .unwrap();
        let gone = holder.as_object_mut().unwrap().remove(member);
        assert!(gone.is_some(), "{name} has no {member}");
        let wanted = wanted(&world);
        let new: Vec<&Want> = wanted.difference(&whole).collect();
        assert_eq!(
            new,
            expected.iter().collect::<Vec<_>>(),
            "{name} without {member}"
        );
    }
}
