//! What it may not say, and what is told of it.

use super::*;

/// A text, what is told of it behind the file's name, and whether its shape is at fault, so that an editor can tell as well.
const FAULTS: &[(&str, &str, bool)] = &[
    // Keys, on every level.
    (
        "input: []\n",
        ":1:1: unknown key `input`\n  help: did you mean `inputs`?\n",
        true,
    ),
    (
        "strict: true\nfail_on: error\n",
        ":2:1: unknown key `fail_on`\n  help: did you mean `fail-on`?\n",
        true,
    ),
    (
        "qqq: 1\n",
        ":1:1: unknown key `qqq`\n  help: expected one of `inputs`, `stacks`, `assume`, ",
        true,
    ),
    (
        "stacks:\n  - template: a.yaml\n    acount: 111111111111\n",
        ":3:5: stacks[0]: unknown key `acount`\n  help: did you mean `account`?\n",
        true,
    ),
    (
        "accounts:\n  222222222222:\n    profile: a\n    rol: x\n",
        ":4:5: accounts.222222222222: unknown key `rol`\n  help: did you mean `role`?\n",
        true,
    ),
    (
        "severities:\n  pass-role-anything: error\n  trust-mising: off\n",
        ":3:3: no rule is called `trust-mising`\n  help: did you mean `trust-missing`?\n",
        false,
    ),
    (
        "severities:\n  qqq: off\n",
        ":2:3: no rule is called `qqq`\n  help: `pipeline-preflight rules` lists them\n",
        false,
    ),
    // Words that are none of those that may stand there.
    (
        "fail-on: errors\n",
        ":1:10: fail-on: unknown value `errors`\n  help: did you mean `error`?\n",
        true,
    ),
    (
        "fail-on: 3\n",
        ":1:10: fail-on: unknown value `3`\n  help: expected one of `error`, `warning`, `note`\n",
        true,
    ),
    (
        "fail-on: off\n",
        ":1:10: fail-on: unknown value `off`\n  help: expected one of `error`, `warning`, `note`\n",
        true,
    ),
    (
        "severities: {trust-missing: fatal}\n",
        ":1:29: severities.trust-missing: unknown value `fatal`\n  help: expected one of `error`, `warning`, `note`, `off`\n",
        true,
    ),
    // Of another kind.
    (
        "fail-on: [error]\n",
        ":1:10: fail-on: expected one of `error`, `warning`, `note`, found a list\n",
        true,
    ),
    (
        "fail-on:\n",
        ": fail-on: expected one of `error`, `warning`, `note`, found nothing\n",
        true,
    ),
    (
        "strict: yes\n",
        ":1:9: strict: expected `true` or `false`, found `yes`\n",
        true,
    ),
    (
        "strict: 1\n",
        ":1:9: strict: expected `true` or `false`, found the number `1`\n",
        true,
    ),
    (
        "inputs: pipeline.json\n",
        ":1:9: inputs: expected a list, found `pipeline.json`\n",
        true,
    ),
    (
        "inputs: [3]\n",
        ":1:10: inputs[0]: expected the name of a file or folder, found the number `3`\n",
        true,
    ),
    (
        "inputs:\n",
        ": inputs: expected a list, found nothing\n",
        true,
    ),
    (
        "stacks: {template: a.yaml}\n",
        ":1:9: stacks: expected a list, found a map\n",
        true,
    ),
    (
        "stacks: [a.yaml]\n",
        ":1:10: stacks[0]: expected a map, found `a.yaml`\n",
        true,
    ),
    (
        "stacks:\n  - account: 111111111111\n",
        ":2:5: stacks[0]: the key `template` is missing\n",
        true,
    ),
    (
        "stacks:\n  - template: a.yaml\n    account: 1111\n",
        ":3:14: stacks[0].account: expected an account's 12 digits, found `1111`\n",
        true,
    ),
    (
        "stacks:\n  - template: a.yaml\n    region: Ireland\n",
        ":3:13: stacks[0].region: expected a Region such as `eu-west-1`, found `Ireland`\n",
        true,
    ),
    (
        "stacks:\n  - template: a.yaml\n    parameters: 3\n",
        ":3:17: stacks[0].parameters: expected a file, a list of files, or a map of values, found the number `3`\n",
        true,
    ),
    (
        "assume: [a]\n",
        ":1:9: assume: expected a map, found a list\n",
        true,
    ),
    (
        "assume: {A: {b: c}}\n",
        ":1:13: assume.A: expected a text, a number or a boolean, found a map\n",
        true,
    ),
    (
        "assume: {A: 1.10}\n",
        ":1:13: assume.A: a number with a fraction is ambiguous: put it in quotes\n",
        true,
    ),
    (
        "accounts: [a]\n",
        ":1:11: accounts: expected a map of accounts, or of aliases, found a list\n",
        true,
    ),
    (
        "accounts:\n  prod: 2222\n",
        ":2:9: accounts.prod: expected an account's 12 digits, found `2222`\n",
        true,
    ),
    (
        "accounts:\n  222222222222: {profile: a, external-id: b}\n",
        ":2:17: accounts.222222222222: `external-id` belongs to a `role`\n",
        true,
    ),
    (
        "severities: [trust-missing]\n",
        ":1:13: severities: expected a map of rules and what they weigh, found a list\n",
        true,
    ),
    (
        "rules: [a]\n",
        ":1:8: rules: expected the name of a file or folder, found a list\n",
        true,
    ),
    (
        "baseline: true\n",
        ":1:11: baseline: expected the name of a file or folder, found `true`\n",
        true,
    ),
    ("- strict\n", ":1:1: expected a map, found a list\n", true),
    ("strict\n", ":1:1: expected a map, found `strict`\n", true),
    // What only a reader of the text sees.
    (
        "strict: true\nstrict: true\n",
        ":2:1: the key `strict` stands twice in one map, first on line 1\n",
        false,
    ),
    (
        "strict: true\n---\nstrict: false\n",
        ":3:1: expected one document, found a second one\n",
        false,
    ),
    (
        "strict: !maybe true\n",
        ": strict: the tag `!maybe` means nothing here\n",
        false,
    ),
    (
        "rules: !Sub x\n",
        ": rules: the tag `!Sub` means nothing here\n",
        false,
    ),
    ("inputs: [\n", ": no valid YAML: ", false),
];

#[test]
fn faults_have_a_place_and_plain_words() {
    for (text, told, _) in FAULTS {
        let folder = with(text);
        for command in ["check", "requirements"] {
            let output = run(folder.path(), [command, "pipeline.json"]);
            let said = refused(&output);
            // Where a value is nothing it stands nowhere.
            let start = format!("error: {NAME}:");
            assert!(
                said.starts_with(&start) && said.contains(told),
                "{text}{said}"
            );
            assert!(
                !told.starts_with(":1") || said.starts_with(&format!("error: {NAME}{told}")),
                "{text}{said}"
            );
            for phrase in ["invalid", "sequence", "string", "struct", "unit", "field"] {
                assert!(!said.contains(phrase), "{said}");
            }
        }
    }
}

#[test]
fn editors_see_the_same_faults() {
    let schema = schema();
    for (text, _, shape) in FAULTS.iter().filter(|(_, _, shape)| *shape) {
        assert!(shape);
        assert!(
            !json_schema::faults(&schema, &seen(text)).is_empty(),
            "{text}"
        );
    }
}
