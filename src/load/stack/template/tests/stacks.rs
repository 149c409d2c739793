//! What goes from one stack to another, and from loops into a template.

use super::*;

fn shown_of(bench: &Bench, world: &World, stack: &str, id: &str) -> String {
    let is_it = |declared: &&Declared| declared.stack == stack && declared.logical_id == id;
    let found = world.declared.iter().find(is_it);
    let found = found.unwrap_or_else(|| panic!("`{id}` of `{stack}` is not declared"));
    bench.shown(&found.properties)
}

const EXPORTS: &str = "
Resources:
  Key: { Type: AWS::KMS::Key }
Outputs:
  KeyArn:
    Value: !GetAtt Key.Arn
    Export: { Name: !Sub '${AWS::StackName}-KeyArn' }
";

const IMPORTS: &str = "
Resources:
  R:
    Type: Custom::Any
    Properties:
      Found: !ImportValue tools-KeyArn
      Built: { 'Fn::ImportValue': !Sub '${AWS::StackName}s-KeyArn' }
      Open: !ImportValue nothing
";

#[test]
fn what_one_stack_exports_another_of_its_account_and_region_imports() {
    let key = "arn:aws:kms:eu-west-1:111111111111:key/<Key>";
    let mut bench = Bench::of(IMPORTS);
    bench.stacks[0].home.stack = "tool".to_owned();
    bench.stack("tools", EXPORTS);
    let world = bench.run();
    assert_eq!(
        shown_of(&bench, &world, "demo", "R"),
        format!(r#"{{"Found":"{key}","Built":"{key}","Open":"<nothing>"}}"#)
    );
    let open = world.declared[0].properties.get("Open").unwrap();
    let symbol = open.scalar().unwrap().chars().next().unwrap();
    let symbol = bench.symbols.get(symbol).unwrap();
    assert_eq!(symbol.what, "the export `nothing`");
    assert_eq!(
        symbol.supply,
        "add the template that exports it, or `--assume import:nothing=VALUE`"
    );

    let mut bench = Bench::of(IMPORTS).assume("import:nothing", "something");
    bench.stacks[0].home.stack = "tool".to_owned();
    bench.stack("tools", EXPORTS).home.account = "222222222222".to_owned();
    let world = bench.run();
    assert_eq!(
        shown_of(&bench, &world, "demo", "R"),
        r#"{"Found":"<tools-KeyArn>","Built":"<tools-KeyArn>","Open":"something"}"#
    );
}

#[test]
fn an_export_that_stands_twice_is_told_of() {
    let mut bench = Bench::default();
    bench.stack("tools", EXPORTS);
    bench.stack("again", EXPORTS).home.stack = "tools".to_owned();
    let world = bench.run();
    assert_eq!(
        messages(&world),
        [
            "two stacks of one account and Region export `tools-KeyArn`, which AWS refuses; the first counts"
        ]
    );
    assert_eq!(world.warnings[0].origins.len(), 2);
}

#[test]
fn imports_that_go_round_in_circles_end() {
    let circle = |own: &str, other: &str| {
        format!(
            "
Resources:
  R: {{ Type: Custom::Any, Properties: {{ P: !ImportValue {other} }} }}
Outputs:
  O: {{ Value: !ImportValue {other}, Export: {{ Name: {own} }} }}
"
        )
    };
    let mut bench = Bench::of(&circle("a", "b"));
    bench.stack("other", &circle("b", "a"));
    let world = bench.run();
    assert_eq!(
        messages(&world),
        ["the output `O` of `other` hangs on itself"]
    );
    assert_eq!(shown_of(&bench, &world, "demo", "R"), r#"{"P":"<b>"}"#);
}

const PARENT: &str = "
Parameters:
  Stage: { Type: String, Default: prod }
Resources:
  Roles:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: ./child.yaml
      Parameters:
        Name: !Sub '${Stage}-deploy'
        Users: !Join [',', [a, b]]
  R:
    Type: Custom::Any
    Properties:
      P: !GetAtt Roles.Outputs.Arn
      Q: { 'Fn::GetAtt': [Roles, Outputs.None] }
";

const CHILD: &str = "
Parameters:
  Name: { Type: String }
  Users: { Type: CommaDelimitedList }
  Kept: { Type: String, Default: kept }
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties: { RoleName: !Ref Name, Tags: !Ref Users, Path: !Sub '/${Kept}/' }
  Bucket: { Type: AWS::S3::Bucket }
Outputs:
  Arn: { Value: !GetAtt Role.Arn }
";

#[test]
fn a_nested_stack_lives_where_its_parent_does() {
    let mut bench = Bench::of(PARENT);
    // Nobody said where the child lives, so it only stands nested.
    let unknown = bench.symbols.unknown("account of child", symbol_of_account);
    bench.stack("child", CHILD).home.account = unknown.to_string();
    let world = bench.run();
    assert_eq!(messages(&world), Vec::<String>::new());
    assert_eq!(
        shown_of(&bench, &world, "demo.Roles", "Role"),
        r#"{"RoleName":"prod-deploy","Tags":["a","b"],"Path":"/kept/"}"#
    );
    assert_eq!(
        shown_of(&bench, &world, "demo", "R"),
        r#"{"P":"arn:aws:iam::111111111111:role/kept/prod-deploy","Q":"<Roles.Outputs.None>"}"#
    );
    let ids: Vec<_> = world
        .declared
        .iter()
        .map(|it| (it.stack.as_str(), it.logical_id.as_str()))
        .collect();
    assert_eq!(
        ids,
        [
            ("demo", "Roles"),
            ("demo", "R"),
            ("demo.Roles", "Role"),
            ("demo.Roles", "Bucket")
        ]
    );
    let bucket = &world.declared[3];
    assert_eq!(
        bench.symbols.shown(&bucket.physical),
        "demo-roles-<generated>-bucket-<generated>"
    );
    assert_eq!(bucket.root, bench.stacks[1].template.root);
}

fn symbol_of_account() -> crate::graph::Symbol {
    crate::graph::Symbol {
        name: "account of child".to_owned(),
        what: String::new(),
        supply: String::new(),
        origin: Origin::NOWHERE,
    }
}

#[test]
fn a_nested_template_with_a_home_of_its_own_stands_alone_as_well() {
    let mut bench = Bench::of(PARENT);
    bench.stack("child", CHILD);
    let world = bench.run();
    let stacks: Vec<&str> = world.declared.iter().map(|it| it.stack.as_str()).collect();
    assert_eq!(
        stacks,
        ["demo", "demo", "demo.Roles", "demo.Roles", "child", "child"]
    );
}

#[test]
fn a_nested_template_that_is_missing_is_asked_for() {
    let mut bench = Bench::of(PARENT);
    let world = bench.run();
    assert_eq!(
        messages(&world),
        [
            "the nested stack `Roles` of `demo` is not looked into: its template is not among the inputs"
        ]
    );
    assert_eq!(
        world.warnings[0].help.as_deref(),
        Some("add `templates/child.yaml`")
    );
}

#[test]
fn a_nested_stack_of_cdk_is_found_by_its_asset() {
    let parent = PARENT.replace("./child.yaml", "!Sub 'https://s3.${AWS::URLSuffix}/x'").replace(
        "    Type: AWS::CloudFormation::Stack\n",
        "    Type: AWS::CloudFormation::Stack\n    Metadata: { 'aws:asset:path': child.yaml }\n",
    );
    let mut bench = Bench::of(&parent);
    bench.stack("child", CHILD);
    let world = bench.run();
    assert_eq!(messages(&world), Vec::<String>::new());
    assert!(world.declared.iter().any(|it| it.stack == "demo.Roles"));
}

#[test]
fn a_nested_stack_that_is_left_out_is_not_worked_out() {
    let parent = PARENT
        .replace(
            "Resources:",
            "Conditions:\n  No: !Equals [a, b]\nResources:",
        )
        .replace(
            "    Type: AWS::CloudFormation::Stack\n",
            "    Type: AWS::CloudFormation::Stack\n    Condition: No\n",
        );
    let mut bench = Bench::of(&parent);
    bench.stack("child", CHILD).home.account = "222222222222".to_owned();
    let world = bench.run();
    assert!(world.declared.iter().all(|it| it.stack != "demo.Roles"));
}

#[test]
fn loops_make_resources_members_conditions_and_outputs() {
    let template = "
Transform: AWS::LanguageExtensions
Parameters:
  Stages: { Type: CommaDelimitedList, Default: 'dev,prod-1' }
Conditions:
  Fn::ForEach::Conditions:
    - Stage
    - [dev, prod]
    - Is${Stage}: !Equals [!Ref Stage, dev]
Resources:
  Fn::ForEach::Roles:
    - Stage
    - !Ref Stages
    - Role&{Stage}:
        Type: AWS::IAM::Role
        Properties:
          RoleName: !Sub 'deploy-${Stage}-${AWS::Region}'
          Description: '${Stage}'
      Fn::ForEach::Buckets:
        - Kind
        - [logs]
        - Bucket&{Stage}${Kind}:
            Type: AWS::S3::Bucket
            Properties: { BucketName: !Join ['-', [!Ref Stage, !Ref Kind]] }
  R:
    Type: Custom::Any
    Properties:
      Fn::ForEach::Members:
        - Name
        - [A, B]
        - Arn${Name}: !Sub 'x-${Name}'
      Arn: !GetAtt Roleprod1.Arn
      If: [!If [Isdev, dev, other], !If [Isprod, dev, other]]
      Out: !ImportValue arn-dev
Outputs:
  Fn::ForEach::Outputs:
    - Stage
    - !Ref Stages
    - Out&{Stage}:
        Value: !GetAtt
          - !Sub 'Role&{Stage}'
          - Arn
        Export: { Name: !Sub 'arn-${Stage}' }
";
    let mut bench = Bench::of(template);
    let world = bench.run();
    assert_eq!(messages(&world), Vec::<String>::new());
    let ids: Vec<&str> = world
        .declared
        .iter()
        .map(|it| it.logical_id.as_str())
        .collect();
    assert_eq!(
        ids,
        [
            "Roledev",
            "Bucketdevlogs",
            "Roleprod1",
            "Bucketprod1logs",
            "R"
        ]
    );
    let shown = |id: &str| shown_of(&bench, &world, "demo", id);
    assert_eq!(
        shown("Roleprod1"),
        r#"{"RoleName":"deploy-prod-1-eu-west-1","Description":"prod-1"}"#
    );
    assert_eq!(shown("Bucketprod1logs"), r#"{"BucketName":"prod-1-logs"}"#);
    let arn = |stage: &str| format!("arn:aws:iam::111111111111:role/deploy-{stage}-eu-west-1");
    let (dev, prod) = (arn("dev"), arn("prod-1"));
    assert_eq!(
        shown("R"),
        format!(
            r#"{{"ArnA":"x-A","ArnB":"x-B","Arn":"{prod}","If":["dev","other"],"Out":"{dev}"}}"#
        )
    );
}

#[test]
fn serverless_functions_have_globals_and_roles() {
    let template = "
Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Runtime: python3.13
    RolePath: /fn/
    Tags: { a: 1 }
    Layers: [x]
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties: { Runtime: nodejs24.x, Tags: { b: 2 }, Layers: [y] }
  R:
    Type: Custom::Any
    Properties: { P: !GetAtt HelloRole.Arn, Q: !Ref HelloAliaslive }
";
    let mut bench = Bench::of(template);
    let world = bench.run();
    assert_eq!(messages(&world), Vec::<String>::new());
    assert_eq!(
        shown_of(&bench, &world, "demo", "Hello"),
        r#"{"RolePath":"/fn/","Runtime":"nodejs24.x","Tags":{"a":1,"b":2},"Layers":["x","y"]}"#
    );
    assert_eq!(
        shown_of(&bench, &world, "demo", "R"),
        r#"{"P":"arn:aws:iam::111111111111:role/fn/demo-HelloRole-<generated>","Q":"<HelloAliaslive>"}"#
    );
}

#[test]
fn what_a_template_stores_another_of_its_account_and_region_reads() {
    let keeps = "
Resources:
  Role: { Type: AWS::IAM::Role, Properties: { RoleName: deploy } }
  Parameter:
    Type: AWS::SSM::Parameter
    Properties: { Name: !Sub '/${AWS::StackName}/role', Type: String, Value: !GetAtt Role.Arn }
";
    let reads = "
Parameters: { Role: { Type: 'AWS::SSM::Parameter::Value<String>', Default: /tools/role } }
Resources:
  R:
    Type: Custom::Any
    Properties: { P: !Ref Role, Q: 'x{{resolve:ssm:/tools/role}}', V: '{{resolve:ssm:/tools/role:1}}' }
";
    let mut bench = Bench::of(reads);
    bench.stack("tools", keeps);
    let world = bench.run();
    let role = "arn:aws:iam::111111111111:role/deploy";
    assert_eq!(
        shown_of(&bench, &world, "demo", "R"),
        format!(r#"{{"P":"{role}","Q":"x{role}","V":"</tools/role>"}}"#)
    );
    let mut bench = Bench::of(reads);
    bench.stack("tools", keeps).home.region = "us-east-1".to_owned();
    let world = bench.run();
    assert_eq!(
        shown_of(&bench, &world, "demo", "R"),
        r#"{"P":"</tools/role>","Q":"x</tools/role>","V":"</tools/role>"}"#
    );
}

#[test]
fn stacks_of_which_nobody_said_where_they_live_import_what_only_one_of_them_exports() {
    let homeless = |bench: &mut Bench| {
        for at in 0..bench.stacks.len() {
            for what in ["account", "Region"] {
                let symbol =
                    bench
                        .symbols
                        .unknown(&format!("{what} of {at}"), || crate::graph::Symbol {
                            name: format!("{what} of {at}"),
                            what: String::new(),
                            supply: String::new(),
                            origin: Origin::NOWHERE,
                        });
                let home = &mut bench.stacks[at].home;
                match what {
                    "account" => home.account = symbol.to_string(),
                    _ => home.region = symbol.to_string(),
                }
            }
        }
    };
    let import = "
Resources:
  R: { Type: Custom::Any, Properties: { P: !ImportValue tools-KeyArn } }
";
    let mut bench = Bench::of(import);
    bench.stack("tools", EXPORTS);
    homeless(&mut bench);
    let world = bench.run();
    assert_eq!(
        shown_of(&bench, &world, "demo", "R"),
        r#"{"P":"arn:aws:kms:<Region of 1>:<account of 1>:key/<Key>"}"#
    );
    bench.stack("again", EXPORTS).home.stack = "tools".to_owned();
    homeless(&mut bench);
    let world = bench.run();
    assert_eq!(
        shown_of(&bench, &world, "demo", "R"),
        r#"{"P":"<tools-KeyArn>"}"#
    );
}

#[test]
fn loops_run_over_values_that_nobody_gave() {
    let mut bench = Bench::of(
        "
Parameters: { Prod: { Type: String }, Names: { Type: CommaDelimitedList } }
Resources:
  Fn::ForEach::Roles:
    - Account
    - ['111111111111', !Ref Prod]
    - Role&{Account}:
        Type: AWS::IAM::Role
        Properties: { RoleName: !Sub 'for-${Account}' }
  Fn::ForEach::Others:
    - Name
    - !Ref Names
    - Other&{Name}: { Type: AWS::IAM::Role }
",
    );
    let world = bench.run();
    assert_eq!(
        messages(&world),
        ["what `Fn::ForEach` in `demo` runs over is not known; what it would make is left out"]
    );
    let ids: Vec<_> = world
        .declared
        .iter()
        .map(|it| bench.symbols.shown(&it.logical_id))
        .collect();
    assert_eq!(ids, ["Role111111111111", "Role<Prod>"]);
    assert_eq!(
        bench.symbols.shown(&world.declared[1].physical),
        "for-<Prod>"
    );
}

#[test]
fn a_parameter_can_be_told_by_the_output_of_another_stack() {
    let takes = "
Parameters: { Key: { Type: String }, Other: { Type: String }, Foreign: { Type: String } }
Resources:
  R: { Type: Custom::Any, Properties: { P: !Ref Key, Q: !Ref Other, S: !Ref Foreign } }
";
    let mut bench = Bench::of(takes)
        .supply("Key", "tools.Outputs.KeyArn")
        .supply("Other", "tools.Outputs.KeyAm")
        .supply("Foreign", "nobody.Outputs.KeyArn");
    // Whoever copies a value does so from any account.
    bench.stack("tools", EXPORTS).home.account = "222222222222".to_owned();
    let world = bench.run();
    assert_eq!(
        shown_of(&bench, &world, "demo", "R"),
        r#"{"P":"arn:aws:kms:eu-west-1:222222222222:key/<Key>","Q":"<tools.Outputs.KeyAm>","S":"nobody.Outputs.KeyArn"}"#
    );
    assert_eq!(messages(&world), ["the stack `tools` puts out no `KeyAm`"]);
    assert!(
        world.warnings[0]
            .help
            .as_deref()
            .unwrap()
            .contains("`KeyArn`")
    );
}

#[test]
fn parameters_that_are_told_by_each_other_are_unknown() {
    let takes = |own: &str, other: &str| {
        format!(
            "
Parameters: {{ P: {{ Type: String, Default: {other}.Outputs.O }} }}
Resources: {{ R: {{ Type: Custom::Any, Properties: {{ P: !Ref P }} }} }}
Outputs: {{ O: {{ Value: !Sub '{own}-${{P}}' }} }}
"
        )
    };
    let mut bench = Bench::of(&takes("demo", "other")).supply("P", "other.Outputs.O");
    bench.stack("other", &takes("other", "demo"));
    let mut bench = bench.supply("P", "demo.Outputs.O");
    let world = bench.run();
    assert_eq!(
        shown_of(&bench, &world, "demo", "R"),
        r#"{"P":"other-demo-<P>"}"#
    );
}
