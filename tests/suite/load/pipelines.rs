//! Pipelines: their scalars, their Region, and everything wrong with one at once.

use super::*;

#[test]
fn a_yaml_pipeline_keeps_its_scalars_as_texts() {
    let pipeline = pipeline(
        "name: shop\nroleArn: arn:aws:iam::111111111111:role/service-role/Pipe\nartifactStores:\n  eu-west-1: {type: S3, location: store}\n\
         stages:\n- name: Build\n  actions:\n  - name: Build\n    runOrder: 2\n    actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: 1}\n    \
         configuration: {BatchEnabled: true, Retries: 007, Empty: '', Nothing: }\n    inputArtifacts: [{name: In}]\n    outputArtifacts: []\n    region: us-east-1\n",
    );
    assert_eq!(pipeline.account, "111111111111");
    assert_eq!(pipeline.region.as_deref(), Some("eu-west-1"));
    let action = &pipeline.stages[0].actions[0];
    assert_eq!(action.type_id.to_string(), "Build/AWS/CodeBuild/1");
    assert_eq!(action.run_order, 2);
    let value = |key: &str| action.configuration[key].text.as_str();
    assert_eq!(
        [
            value("BatchEnabled"),
            value("Retries"),
            value("Empty"),
            value("Nothing")
        ],
        ["true", "007", "", ""]
    );
    assert_eq!(action.inputs[0].text, "In");
    assert_eq!(
        action.region.as_ref().map(|r| r.text.as_str()),
        Some("us-east-1")
    );
    assert!(action.outputs.is_empty() && action.role_arn.is_none());
}

#[test]
fn the_region_comes_from_the_surest_source() {
    assert_eq!(pipeline(PIPELINE).region, None);
    assert_eq!(pipeline(PIPELINE).stages[0].actions[0].run_order, 1);
    let keyed = PIPELINE.replace(
        r#""location": "shop-artifacts""#,
        r#""location": "shop-artifacts", "encryptionKey": {"type": "KMS", "id": "arn:aws:kms:eu-west-3:111111111111:key/k"}"#,
    );
    assert_eq!(pipeline(&keyed).region.as_deref(), Some("eu-west-3"));
    let in_snapshot = load(
        &mut Sources::new(),
        &texts(&[("x/111111111111/eu-west-2/codepipeline/shop.json", &keyed)]),
    )
    .expect("read");
    assert_eq!(
        in_snapshot.graph.pipelines[0].region.as_deref(),
        Some("eu-west-2")
    );
    let described = keyed.trim_end().trim_end_matches('}').to_owned()
        + r#"}, "metadata": {"pipelineArn": "arn:aws:codepipeline:eu-north-1:111111111111:shop"}}"#;
    assert_eq!(pipeline(&described).region.as_deref(), Some("eu-north-1"));
}

#[test]
fn everything_wrong_with_a_pipeline_is_named_at_once() {
    let errors = refused(&[(
        "p.json",
        r#"{"roleArn": "arn:aws:iam::1111:role/Pipe",
"artifactStore": {"type": "S3"},
"stages": [{"actions": []},
{"name": "Two", "actions": [{"name": "A"},
{"actionTypeId": {"category": "Build", "owner": "AWS", "provider": "CodeBuild"}, "runOrder": "soon", "roleArn": "Pipe"},
{"name": "B", "actionTypeId": {"category": "Build", "owner": "AWS", "provider": "CodeBuild", "version": 1}, "configuration": {"E": []}, "inputArtifacts": [{}]}
]}]}"#,
    )]);
    assert_eq!(
        messages(&errors),
        [
            "p.json:1:1: the pipeline has no `name`: expected a name",
            "p.json:1:13: `roleArn` is `arn:aws:iam::1111:role/Pipe`: expected `arn:aws:iam::<account>:role/<name>`",
            "p.json:2:18: the artifact store has no `location`: expected the name of a bucket",
            "p.json:3:12: the stage has no `name`: expected a name",
            "p.json:3:24: the stage has no actions: expected `actions`, a list of at least one",
            "p.json:4:29: action `A` has no `actionTypeId`: expected an object with `category`, `owner`, `provider` and `version`",
            "p.json:5:1: the action has no `name`: expected a name",
            "p.json:5:18: `actionTypeId` of the action has no `version`: expected a text",
            "p.json:5:113: `roleArn` is `Pipe`: expected `arn:aws:iam::<account>:role/<name>`",
            "p.json:5:94: `runOrder` is `soon`: expected a number from 1 to 999",
            "p.json:6:132: `E` in the configuration of action `B` is an object or a list: expected a text, with JSON written inside it",
            "p.json:6:156: an entry of `inputArtifacts` of action `B` has no `name`: expected a name",
        ]
    );
    let empty = r#"{"name": "p", "roleArn": "arn:aws:iam::111111111111:role/P", "stages": []}"#;
    assert_eq!(
        messages(&refused(&[("e", empty)])),
        ["e:1:72: the pipeline has no stages: expected `stages`, a list of at least two"]
    );
}

#[test]
fn files_of_other_tools_are_no_pipelines() {
    let folder = folder(&[
        ("shop.json", PIPELINE.as_bytes()),
        (
            "azure-pipelines.yml",
            b"name: x\nstages:\n- stage: Build\n  jobs: []\n",
        ),
        ("drone.yaml", b"pipeline:\n  build:\n    image: rust\n"),
        ("README.md", b"[![badge](x)](y)\n# Title: [\n"),
        ("Cargo.toml", b"[package]\nname = \"x\"\n"),
        ("photo.png", &[0x89, 0x50, 0, 0, 1]),
        (".hidden.json", b"{"),
        (".git/config.json", b"{"),
    ]);
    let loaded = load_paths(&[folder.path().to_owned()]).expect("read");
    let names: Vec<&str> = loaded
        .unrecognised
        .iter()
        .filter_map(|name| name.rsplit('/').next())
        .collect();
    assert_eq!(
        names,
        [
            "Cargo.toml",
            "README.md",
            "azure-pipelines.yml",
            "drone.yaml",
            "photo.png"
        ]
    );
    assert_eq!(loaded.recognised.len(), 1);
}

#[test]
fn comments_are_read_and_warned_about() {
    let loaded = read(&[("noted.json", &format!("// note\n{PIPELINE}"))]);
    assert_eq!(
        warnings(&loaded),
        [
            "`noted.json` is not strict JSON: AWS will not accept the comments or trailing commas in it"
        ]
    );
    assert_eq!(loaded.graph.pipelines.len(), 1);
}

#[test]
fn utf_16_is_read() {
    let mut bytes = vec![0xFF, 0xFE];
    bytes.extend(PIPELINE.encode_utf16().flat_map(u16::to_le_bytes));
    let folder = folder(&[("shop", &bytes)]);
    for path in [folder.path().to_owned(), folder.path().join("shop")] {
        let loaded = load_paths(&[path]).expect("read");
        assert_eq!(loaded.graph.pipelines[0].name.text, "shop");
    }
}

/// Everything beside the configuration of actions that rules ask for.
const FULL: &str = r#"{"pipeline": {
  "name": "shop", "roleArn": "arn:aws:iam::111111111111:role/Pipe", "pipelineType": "V2", "executionMode": "QUEUED",
  "variables": [{"name": "Env", "defaultValue": "test"}, {"name": "Tag"}],
  "triggers": [{"providerType": "CodeStarSourceConnection", "gitConfiguration": {"sourceActionName": "Get"}}],
  "artifactStore": {"type": "S3", "location": "shop-artifacts", "encryptionKey": {"id": "k", "type": "KMS"}},
  "stages": [{"name": "Source", "actions": [{"name": "Get", "namespace": "Src", "timeoutInMinutes": 7,
      "actionTypeId": {"category": "Compute", "owner": "AWS", "provider": "Commands", "version": "1"},
      "commands": ["npm ci", "npm test"], "outputVariables": ["Digest"],
      "environmentVariables": [{"name": "A", "value": "hidden", "type": "PLAINTEXT"}, {"name": "B", "value": "hidden too"},
        {"name": "C", "value": "shop/token", "type": "SECRETS_MANAGER"}],
      "outputArtifacts": [{"name": "Out", "files": ["a", "b/**"]}, {"name": "Bare"}]}],
    "onFailure": {"result": "ROLLBACK", "retryConfiguration": {"retryMode": "ALL_ACTIONS"}},
    "onSuccess": {"conditions": [{"result": "FAIL", "rules": [
      {"name": "Late", "ruleTypeId": {"category": "Rule", "owner": "AWS", "provider": "LambdaInvoke", "version": "2"},
       "configuration": {"FunctionName": "f"}, "inputArtifacts": [{"name": "Out"}], "region": "eu-west-1",
       "roleArn": "arn:aws:iam::222222222222:role/Rule"}]}]},
    "beforeEntry": {"conditions": [{"result": "SKIP", "rules": [
      {"name": "Early", "ruleTypeId": {"category": "Rule", "provider": "Commands"}, "commands": ["true"]}]}]}}]}}"#;

#[test]
fn a_pipeline_is_read_with_everything_beside_its_configuration() {
    let pipeline = pipeline(FULL);
    let text = |text: &Option<pipeline_preflight::graph::Text>| {
        text.as_ref()
            .map(|text| text.text.clone())
            .unwrap_or_default()
    };
    assert_eq!(text(&pipeline.pipeline_type), "V2");
    assert_eq!(text(&pipeline.execution_mode), "QUEUED");
    assert_eq!(pipeline.variables[0].name.text, "Env");
    assert_eq!(text(&pipeline.variables[0].default), "test");
    assert!(pipeline.variables[1].default.is_none());
    assert_eq!(text(&pipeline.triggers[0].source_action), "Get");
    assert_eq!(
        text(&pipeline.triggers[0].provider),
        "CodeStarSourceConnection"
    );
    let store = pipeline.artifact_store.as_ref().expect("store");
    assert_eq!(text(&store.kind), "S3");
    assert_eq!(
        text(&store.encryption_key.as_ref().expect("key").kind),
        "KMS"
    );
    let action = &pipeline.stages[0].actions[0];
    assert_eq!(text(&action.namespace), "Src");
    assert_eq!(text(&action.timeout), "7");
    assert_eq!(action.output_files["Out"][1].text, "b/**");
    assert!(!action.output_files.contains_key("Bare"));
    assert_eq!(action.lists["commands"][1]["value"].text, "npm test");
    assert_eq!(action.lists["outputVariables"][0]["value"].text, "Digest");
    let variables = &action.lists["environmentVariables"];
    assert_eq!(variables[1]["type"].text, "PLAINTEXT");
    assert_eq!(variables[2]["value"].text, "shop/token");
}

#[test]
fn plain_variables_never_enter_the_graph() {
    let pipeline = pipeline(FULL);
    let variables = &pipeline.stages[0].actions[0].lists["environmentVariables"];
    assert!(
        variables[..2]
            .iter()
            .all(|item| !item.contains_key("value"))
    );
    assert!(!format!("{pipeline:?}").contains("hidden"));
}

#[test]
fn rules_of_conditions_stand_behind_the_actions() {
    use pipeline_preflight::graph::GatePosition;
    let pipeline = pipeline(FULL);
    let stage = &pipeline.stages[0];
    let names: Vec<&str> = stage.steps().map(|step| step.name.text.as_str()).collect();
    assert_eq!(names, ["Get", "Early", "Late"]);
    assert_eq!(stage.step(2).expect("a rule").name.text, "Late");
    assert!(stage.step(3).is_none());
    assert_eq!(stage.rules[0].type_id.to_string(), "Rule/AWS/Commands/1");
    assert_eq!(
        stage.rules[1].type_id.to_string(),
        "Rule/AWS/LambdaInvoke/2"
    );
    assert_eq!(stage.rules[1].inputs[0].text, "Out");
    assert!(stage.rules[1].role_arn.is_some() && stage.rules[1].region.is_some());
    assert_eq!(stage.rules[0].lists["commands"][0]["value"].text, "true");
    let gates: Vec<_> = stage.gates.iter().map(|gate| gate.position).collect();
    assert_eq!(gates, GatePosition::ALL);
    assert_eq!(stage.gates[0].conditions[0].rules, 0..1);
    assert_eq!(stage.gates[1].conditions[0].rules, 1..2);
    let failure = &stage.gates[2];
    assert_eq!(failure.result.as_ref().expect("result").text, "ROLLBACK");
    assert_eq!(
        failure.retry_mode.as_ref().expect("mode").text,
        "ALL_ACTIONS"
    );
    assert!(failure.conditions.is_empty());
}

/// `update-pipeline` refuses the member; a snapshot's file is AWS's own word, which nobody sends back.
#[test]
fn metadata_is_remembered_outside_of_snapshots() {
    let described = PIPELINE.replace(
        "}]}]}}",
        r#"}]}]}, "metadata": {"pipelineArn": "arn:aws:codepipeline:eu-north-1:111111111111:shop"}}"#,
    );
    assert!(pipeline(&described).metadata.is_some());
    assert!(pipeline(PIPELINE).metadata.is_none());
    let path = "x/111111111111/eu-north-1/codepipeline/shop.json";
    let loaded = load(&mut Sources::new(), &texts(&[(path, &described)])).expect("read");
    assert!(loaded.graph.pipelines[0].metadata.is_none());
}

#[test]
fn lists_of_the_wrong_kind_are_named() {
    let wrong = PIPELINE.replace(
        r#""name": "Get","#,
        r#""name": "Get", "commands": "npm ci", "inputArtifacts": {"name": "In"}, "environmentVariables": {}, "outputVariables": [{}],"#,
    );
    assert_eq!(
        messages(&refused(&[("p", &wrong)])),
        [
            "p:4:101: `inputArtifacts` of action `Get` is no list",
            "p:4:73: `commands` of action `Get` is no list",
            "p:4:165: an entry of `outputVariables` of action `Get` is no text",
            "p:4:141: `environmentVariables` of action `Get` is no list",
        ]
    );
}
