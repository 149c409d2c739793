//! Each function against what its documentation says it comes to.

use std::path::PathBuf;

use super::functions::json;
use crate::graph::{SwitchedOff, Symbols};
use crate::load::Settings;
use crate::load::stack::{Declared, Home, Stack, Supplied, Template, World, evaluate};
use crate::source::{Made, Origin, Sources};

/// Templates, made into stacks of one account and Region.
#[derive(Default)]
struct Bench {
    sources: Sources,
    symbols: Symbols,
    stacks: Vec<Stack>,
    settings: Settings,
}

impl Bench {
    fn of(template: &str) -> Self {
        let mut bench = Self::default();
        bench.stack("demo", template);
        bench
    }

    fn stack(&mut self, name: &str, template: &str) -> &mut Stack {
        let file = format!("{name}.yaml");
        let source = self
            .sources
            .add_lenient(&file, template.as_bytes())
            .unwrap();
        let root = self.sources.roots(source)[0].origin();
        self.stacks.push(Stack {
            title: name.to_owned(),
            template: Template {
                path: PathBuf::from(format!("templates/{file}")),
                file,
                root,
            },
            home: Home {
                account: "111111111111".to_owned(),
                region: "eu-west-1".to_owned(),
                partition: "aws".to_owned(),
                stack: name.to_owned(),
            },
            parameters: [].into(),
        });
        self.stacks.last_mut().unwrap()
    }

    fn supply(mut self, name: &str, value: &str) -> Self {
        let supplied = Supplied {
            value: value.to_owned(),
            origin: Origin::NOWHERE,
        };
        let stack = self.stacks.last_mut().unwrap();
        stack.parameters.insert(name.to_owned(), supplied);
        self
    }

    fn assume(mut self, name: &str, value: &str) -> Self {
        self.settings
            .assumed
            .push((name.to_owned(), value.to_owned()));
        self
    }

    fn run(&mut self) -> World {
        evaluate(
            &mut self.sources,
            &mut self.symbols,
            &self.stacks,
            &self.settings,
        )
    }

    fn shown(&self, made: &Made) -> String {
        self.symbols.shown(&json(made).to_string()).into_owned()
    }
}

fn declared<'w>(world: &'w World, id: &str) -> &'w Declared {
    let found = world
        .declared
        .iter()
        .find(|declared| declared.logical_id == id);
    found.unwrap_or_else(|| panic!("`{id}` is not declared"))
}

/// What the property `P` of the resource `R` comes to, by the side of what else the template has.
fn property_with(rest: &str, value: &str) -> (String, Vec<String>) {
    let template = format!(
        "{rest}\nResources:\n  R:\n    Type: Custom::Any\n    Properties:\n      P: {value}\n"
    );
    let mut bench = Bench::of(&template);
    let world = bench.run();
    let properties = &declared(&world, "R").properties;
    let shown = properties.get("P").map(|made| bench.shown(made));
    (shown.unwrap_or_default(), messages(&world))
}

fn property(rest: &str, value: &str) -> String {
    let (shown, warnings) = property_with(rest, value);
    assert_eq!(warnings, Vec::<String>::new(), "{value}");
    shown
}

fn messages(world: &World) -> Vec<String> {
    world
        .warnings
        .iter()
        .map(|warning| warning.message.clone())
        .collect()
}

const PARAMETERS: &str = "
Parameters:
  Account: { Type: Number, Default: 012345678901 }
  Open: { Type: String }
  Empty: { Type: String, Default: '' }
  Names: { Type: CommaDelimitedList, Default: 'a, b,c' }
  OpenNames: { Type: CommaDelimitedList }
  Secret: { Type: String, NoEcho: true, Default: hunter2 }
  Image: { Type: 'AWS::SSM::Parameter::Value<String>', Default: /images/latest }
";

#[test]
fn parameters_come_to_their_values() {
    for (value, expected) in [
        ("!Ref Account", r#""012345678901""#),
        ("{ Ref: Account }", r#""012345678901""#),
        ("!Ref Open", r#""<Open>""#),
        ("!Ref Empty", r#""""#),
        ("!Ref Names", r#"["a","b","c"]"#),
        ("!Ref OpenNames", r#""<OpenNames>""#),
        ("!Ref Secret", r#""<Secret>""#),
        ("!Ref Image", r#""</images/latest>""#),
        ("!Ref AWS::AccountId", r#""111111111111""#),
        ("!Ref AWS::Region", r#""eu-west-1""#),
        ("!Ref AWS::Partition", r#""aws""#),
        ("!Ref AWS::URLSuffix", r#""amazonaws.com""#),
        ("!Ref AWS::StackName", r#""demo""#),
        (
            "!Ref AWS::StackId",
            r#""arn:aws:cloudformation:eu-west-1:111111111111:stack/demo/<AWS::StackId.id>""#,
        ),
        ("!Ref AWS::NotificationARNs", r#""<AWS::NotificationARNs>""#),
        ("!Ref AWS::NoValue", ""),
        ("[!Ref AWS::NoValue, x]", r#"["x"]"#),
    ] {
        assert_eq!(property(PARAMETERS, value), expected, "{value}");
    }
}

#[test]
fn texts_are_put_together() {
    for (value, expected) in [
        (
            "!Sub 'arn:aws:iam::${Account}:role/x'",
            r#""arn:aws:iam::012345678901:role/x""#,
        ),
        ("!Sub '${Open}-${AWS::Region}'", r#""<Open>-eu-west-1""#),
        (
            "!Sub '${!aws:username}/${Account}'",
            r#""${aws:username}/012345678901""#,
        ),
        ("!Sub '${Names}'", r#""a,b,c""#),
        (
            "!Sub ['${One}-${Account}', { One: !Ref Open }]",
            r#""<Open>-012345678901""#,
        ),
        (
            "{ 'Fn::Sub': ['${Account}', { Account: own }] }",
            r#""own""#,
        ),
        (
            "!Sub |\n        one ${Account}\n        two\n",
            r#""one 012345678901\ntwo\n""#,
        ),
        (
            "!Join ['/', [a, !Ref Account, !Ref 'AWS::NoValue', b]]",
            r#""a/012345678901/b""#,
        ),
        ("!Join ['', !Ref Names]", r#""abc""#),
        ("!Join [',', [!Ref Names, d]]", r#""a,b,c,d""#),
        (
            "{ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':x']] }",
            r#""arn:aws:x""#,
        ),
        ("!Base64 plain", r#""plain""#),
        ("!Base64 { 'Fn::Sub': '${Account}' }", r#""012345678901""#),
        (
            "!Base64\n        Fn::Sub: '${Account}'",
            r#""012345678901""#,
        ),
        ("'{{resolve:ssm:/a/b:2}}/x'", r#""</a/b>/x""#),
        (
            "'{{resolve:secretsmanager:db:SecretString:password}}'",
            r#""<secretsmanager:db:SecretString:password>""#,
        ),
        (
            "!Sub '{{resolve:ssm-secure:/${Account}}}'",
            r#""<ssm-secure:/012345678901>""#,
        ),
        ("2012-10-17", r#""2012-10-17""#),
        ("012345678901", r#""012345678901""#),
        ("[1, true, 1.25, text]", r#"[1,true,1.25,"text"]"#),
    ] {
        assert_eq!(property(PARAMETERS, value), expected, "{value}");
    }
}

#[test]
fn what_a_shell_writes_is_no_placeholder() {
    let shell = "!Sub 'a ${#x[@]} ${Account} ${'";
    assert_eq!(
        property(PARAMETERS, shell),
        r#""a ${#x[@]} 012345678901 ${""#
    );
}

#[test]
fn lists_are_taken_apart() {
    let rest = format!(
        "{PARAMETERS}
Mappings:
  Accounts:
    eu-west-1: {{ tools: 011111111111, all: [x, y] }}
"
    );
    for (value, expected) in [
        ("!Split [',', 'a,b']", r#"["a","b"]"#),
        ("!Select [1, !Split [':', 'a:b:c']]", r#""b""#),
        ("!Select ['2', !Ref Names]", r#""c""#),
        (
            "!Select [0, !Split [',', !Ref Open]]",
            r#""<Fn::Select of 0 <Fn::Split of , <Open>>>""#,
        ),
        (
            "!Select [4, !Split [':', !Sub 'arn:aws:iam::${AWS::AccountId}:x']]",
            r#""111111111111""#,
        ),
        (
            "!FindInMap [Accounts, !Ref 'AWS::Region', tools]",
            r#""011111111111""#,
        ),
        ("!FindInMap [Accounts, eu-west-1, all]", r#"["x","y"]"#),
        (
            "!FindInMap [Accounts, eu-west-1, none, { DefaultValue: d }]",
            r#""d""#,
        ),
        ("{ 'Fn::Length': [1, 2, 3] }", "3"),
        ("{ 'Fn::Length': { Ref: Names } }", "3"),
        (
            "{ 'Fn::ToJsonString': { a: !Ref Account, b: [1] } }",
            r#""{\"a\":\"012345678901\",\"b\":[1]}""#,
        ),
        ("!GetAZs ''", r#""<zones of eu-west-1>""#),
        (
            "{ 'Fn::GetAZs': { Ref: 'AWS::Region' } }",
            r#""<zones of eu-west-1>""#,
        ),
        ("!Cidr ['10.0.0.0/16', 2, 8]", r#""<Fn::Cidr>""#),
    ] {
        assert_eq!(property(&rest, value), expected, "{value}");
    }
}

#[test]
fn what_cannot_be_worked_out_is_a_symbol_and_told_once() {
    for (value, expected, told) in [
        (
            "!Unheard of",
            "<Fn::Unheard>",
            "the function `Fn::Unheard` of `demo` is not known",
        ),
        (
            "{ 'Fn::Transform': { Name: Mine } }",
            "<Fn::Transform>",
            "what the macro `Mine` does to `demo` is not known",
        ),
        (
            "!Ref Nothing",
            "<Nothing>",
            "`demo` has neither a parameter nor a resource `Nothing`",
        ),
        (
            "!FindInMap [A, b, c]",
            "<Fn::FindInMap>",
            "`Mappings` of `demo` has no `A.b.c`",
        ),
        (
            "!Select [3, [a]]",
            "<Fn::Select>",
            "`Fn::Select` in `demo` asks for item `3`",
        ),
        (
            "!Join nothing",
            "<Fn::Join>",
            "`Fn::Join` in `demo` is given what it cannot be given",
        ),
    ] {
        let (shown, warnings) = property_with("", value);
        assert_eq!(shown, format!("\"{expected}\""), "{value}");
        assert_eq!(warnings.len(), 1, "{value}: {warnings:?}");
        assert!(warnings[0].starts_with(told), "{value}: {warnings:?}");
    }
}

#[test]
fn resources_are_called_what_aws_calls_them() {
    let rest = "
Conditions: {}
Outputs: {}
";
    let template = |value: &str| {
        format!(
            "{rest}
Resources:
  Role: {{ Type: AWS::IAM::Role, Properties: {{ RoleName: !Sub '${{AWS::Region}}-x', Path: /ci/ }} }}
  Unnamed: {{ Type: AWS::IAM::Role }}
  Bucket: {{ Type: AWS::S3::Bucket }}
  Key: {{ Type: AWS::KMS::Key }}
  Policy: {{ Type: AWS::IAM::ManagedPolicy }}
  Other: {{ Type: Custom::Thing }}
  R:
    Type: Custom::Any
    Properties:
      P: {value}
"
        )
    };
    for (value, expected) in [
        ("!Ref Role", "eu-west-1-x"),
        (
            "!GetAtt Role.Arn",
            "arn:aws:iam::111111111111:role/ci/eu-west-1-x",
        ),
        (
            "!GetAtt [Role, Arn]",
            "arn:aws:iam::111111111111:role/ci/eu-west-1-x",
        ),
        (
            "{ 'Fn::GetAtt': [Role, Arn] }",
            "arn:aws:iam::111111111111:role/ci/eu-west-1-x",
        ),
        (
            "{ 'Fn::GetAtt': Role.Arn }",
            "arn:aws:iam::111111111111:role/ci/eu-west-1-x",
        ),
        (
            "!Sub '${Role.Arn}'",
            "arn:aws:iam::111111111111:role/ci/eu-west-1-x",
        ),
        (
            "!GetAtt Unnamed.Arn",
            "arn:aws:iam::111111111111:role/demo-Unnamed-<generated>",
        ),
        ("!Ref Bucket", "demo-bucket-<generated>"),
        ("!GetAtt Bucket.Arn", "arn:aws:s3:::demo-bucket-<generated>"),
        (
            "!GetAtt Key.Arn",
            "arn:aws:kms:eu-west-1:111111111111:key/<generated>",
        ),
        (
            "!Ref Policy",
            "arn:aws:iam::111111111111:policy/demo-Policy-<generated>",
        ),
        ("!Ref Other", "<Other>"),
        ("!GetAtt Other.Some.Thing", "<Other.Some.Thing>"),
        (
            "!Select [5, !Split [':', !GetAtt Unnamed.Arn]]",
            "role/demo-Unnamed-<generated>",
        ),
    ] {
        let mut bench = Bench::of(&template(value));
        let world = bench.run();
        assert_eq!(messages(&world), Vec::<String>::new());
        let made = declared(&world, "R").properties.get("P").unwrap();
        assert_eq!(
            bench.symbols.shown(made.scalar().unwrap()),
            expected,
            "{value}"
        );
    }
}

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
