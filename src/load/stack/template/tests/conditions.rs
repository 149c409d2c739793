//! Conditions, and what they leave out.

use super::*;
use crate::graph::SwitchedOff;

const CONDITIONS: &str = "
Parameters:
  On: { Type: String, Default: 'true' }
  Off: { Type: String, Default: '' }
  Open: { Type: String }
  Secret: { Type: String, NoEcho: true, Default: x }
Conditions:
  Both: !And [!Condition IsOn, { 'Fn::Not': [{ Condition: IsOff }] }]
  Either: !Or [!Condition IsOff, !Condition IsOn]
  IsOn: !Equals [!Ref On, true]
  IsOff: !Not [!Equals [!Ref Off, '']]
  HasSecret: !Not [!Equals [!Ref Secret, '']]
  Unknown: !Equals [!Ref Open, 'yes']
  NotUnknown: !Not [!Condition Unknown]
  Decided: !Or [!Condition Unknown, !Condition IsOn]
  Undecided: !And [!Condition Unknown, !Condition IsOn]
  Same: !Equals [!Sub '${Open}-a', !Sub '${Open}-a']
  Different: !Equals [!Sub 'a-${Open}', 'b-c']
  Shorter: !Equals [!Sub 'arn:${Open}', 'arn']
  Perhaps: !Equals [!Sub 'a-${Open}', 'a-c']
  Loop: !Not [!Condition Pool]
  Pool: !Not [!Condition Loop]
";

#[test]
fn conditions_hold_or_not_or_nobody_knows() {
    for (condition, expected) in [
        ("IsOn", r#""yes""#),
        ("IsOff", r#""no""#),
        ("Both", r#""yes""#),
        ("Either", r#""yes""#),
        ("HasSecret", r#""yes""#),
        ("Unknown", r#""<if Unknown>""#),
        ("NotUnknown", r#""<if NotUnknown>""#),
        ("Decided", r#""yes""#),
        ("Undecided", r#""<if Undecided>""#),
        ("Same", r#""yes""#),
        ("Different", r#""no""#),
        ("Shorter", r#""no""#),
        ("Perhaps", r#""<if Perhaps>""#),
    ] {
        let value = format!("!If [{condition}, 'yes', 'no']");
        assert_eq!(property(CONDITIONS, &value), expected, "{condition}");
    }
    assert_eq!(property(CONDITIONS, "!If [Unknown, a, a]"), r#""a""#);
    assert_eq!(
        property(CONDITIONS, "[!If [IsOff, a, !Ref AWS::NoValue]]"),
        "[]"
    );
    assert_eq!(
        property(CONDITIONS, "{ a: !If [IsOff, a, !Ref AWS::NoValue] }"),
        "{}"
    );
    assert_eq!(
        property(CONDITIONS, "{ 'Fn::If': [IsOn, { a: 1 }, 2] }"),
        r#"{"a":1}"#
    );
}

#[test]
fn conditions_that_hang_on_themselves_are_unknown() {
    let (shown, warnings) = property_with(CONDITIONS, "!If [Loop, a, b]");
    assert_eq!(shown, r#""<if Loop>""#);
    assert_eq!(warnings, ["the condition `Loop` of `demo` hangs on itself"]);
}

#[test]
fn statements_of_an_unknown_branch_are_kept_under_an_unknown_condition() {
    let nothing = "!Ref AWS::NoValue";
    for (value, expected) in [
        (
            format!(
                "[{{ Effect: Allow, Action: a }}, !If [Unknown, {{ Effect: Deny, Action: b }}, {nothing}]]"
            ),
            r#"[{"Effect":"Allow","Action":"a"},{"Effect":"Deny","Action":"b","Condition":{"StringEquals":{"<if Unknown>":"true"}}}]"#,
        ),
        (
            "[!If [Unknown, { Effect: Allow, Condition: { StringEquals: { k: v } } }, { Effect: Deny, Condition: { Bool: { k: v } } }]]"
                .to_owned(),
            r#"[{"Effect":"Allow","Condition":{"StringEquals":{"k":"v","<if Unknown>":"true"}}},{"Effect":"Deny","Condition":{"Bool":{"k":"v"},"StringEquals":{"<if Unknown>":"true"}}}]"#,
        ),
        (
            format!("{{ AWS: [x, !If [Unknown, y, {nothing}]] }}"),
            r#"{"AWS":["x","<if Unknown>"]}"#,
        ),
        (
            format!("!If [Unknown, {{ Type: KMS }}, {nothing}]"),
            r#""<if Unknown>""#,
        ),
    ] {
        assert_eq!(property(CONDITIONS, &value), expected, "{value}");
    }
}

const TWO_STEPS: &str = "
Parameters:
  Cross: { Type: String, Default: false, AllowedValues: [true, false] }
  Key: { Type: String, Default: '' }
  Stage: { Type: String, Default: dev, AllowedValues: [dev, prod] }
Conditions:
  IsCross: !Equals [!Ref Cross, true]
  HasKey: !Not [!Equals [!Ref Key, '']]
  Release: !Not [!Equals [!Ref Stage, dev]]
  All: !And [!Condition IsCross, !Condition HasKey]
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Condition: IsCross
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: !If [HasKey, a, !Ref AWS::NoValue]
      Policies:
        - PolicyName: !If [All, a, !Ref AWS::NoValue]
  Other:
    Type: AWS::IAM::Role
    Condition: Release
  Foreign:
    Type: Custom::Any
    Condition: IsCross
";

#[test]
fn what_is_left_out_says_which_parameter_turns_it_on() {
    let mut bench = Bench::of(TWO_STEPS);
    let world = bench.run();
    let ids: Vec<&str> = world
        .declared
        .iter()
        .map(|declared| declared.logical_id.as_str())
        .collect();
    assert_eq!(ids, ["Role"]);
    let told = |off: &SwitchedOff| {
        let turned = off
            .turned_on_by
            .clone()
            .map(|(name, value)| format!("{name}={value}"));
        let property = off.property.clone().unwrap_or_default();
        let parameters: Vec<String> = off
            .parameters
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let turned = turned.unwrap_or_default();
        format!(
            "{} {property} {} {parameters:?} {turned}",
            off.logical_id, off.condition
        )
    };
    let told: Vec<String> = world.switched_off.iter().map(told).collect();
    assert_eq!(
        told,
        [
            r#"Bucket  IsCross ["Cross=false"] Cross=true"#,
            r#"Role RoleName HasKey ["Key="] Key=VALUE"#,
            // No single change is enough.
            r#"Role Policies[0].PolicyName All ["Cross=false", "Key="] "#,
            r#"Other  Release ["Stage=dev"] Stage=prod"#,
        ]
    );
    let mut bench = Bench::of(TWO_STEPS)
        .assume("Cross", "true")
        .supply("Key", "k");
    assert_eq!(bench.run().switched_off.len(), 1);
}

#[test]
fn a_resource_under_an_unknown_condition_is_taken_to_exist() {
    let template = format!(
        "{CONDITIONS}
Resources:
  A: {{ Type: AWS::IAM::Role, Condition: Unknown }}
  B: {{ Type: AWS::IAM::Role, Condition: Unknown }}
"
    );
    let mut bench = Bench::of(&template);
    let world = bench.run();
    assert_eq!(world.declared.len(), 2);
    assert_eq!(
        messages(&world),
        [
            "whether the condition `Unknown` of `demo` holds is not known; resources under it are taken to exist"
        ]
    );
    let help = world.warnings[0].help.as_deref();
    assert_eq!(
        help,
        Some("add `--assume Open=VALUE`, or a parameters file to `--stack`")
    );
}
