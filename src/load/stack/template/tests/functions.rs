//! Functions, parameters and names.

use super::*;

const PARAMETERS: &str = "
Parameters:
  Account: { Type: Number, Default: 012345678901 }
  Open: { Type: String }
  Empty: { Type: String, Default: '' }
  Names: { Type: CommaDelimitedList, Default: 'a, b,c' }
  OpenNames: { Type: CommaDelimitedList }
  Secret: { Type: String, NoEcho: True, Default: hunter2 }
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
            r#""<Fn::Select of Open>""#,
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
            "<Fn::Unhear…>",
            "the function `Fn::Unhear…` of `demo` is not known",
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
            "arn:aws:kms:eu-west-1:111111111111:key/<Key>",
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
