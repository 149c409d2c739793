//! Places, and templates that break naive readers.

use super::*;

/// What stands at a place: `line:column`, counted as people count.
fn at(bench: &Bench, origin: Origin) -> String {
    let place = bench.sources.place(origin);
    format!("{}:{}", place.start.line, place.start.column)
}

fn places(bench: &Bench, made: &Made) -> (String, Option<String>) {
    (at(bench, made.at), made.also.map(|also| at(bench, also)))
}

#[test]
fn a_value_stands_where_it_is_used_and_also_where_it_is_written() {
    let template = "Parameters:
  Name:
    Type: String
    Default: deploy
  Open: { Type: String }
Mappings:
  M: { a: { b: mapped } }
Resources:
  R:
    Type: Custom::Any
    Properties:
      Plain: text
      Ref: !Ref Name
      Sub: !Sub 'x-${Name}'
      Map: !FindInMap [M, a, b]
      Shared: &shared
        Inner: !Ref Name
      Alias: *shared
      Open: !Ref Open
";
    let mut bench = Bench::of(template);
    let world = bench.run();
    let properties = &declared(&world, "R").properties;
    let place = |key: &str| places(&bench, properties.get(key).unwrap());
    let some = |place: &str| Some(place.to_owned());
    assert_eq!(place("Plain"), ("12:14".to_owned(), None));
    // A tag is not underlined, what it stands before is.
    assert_eq!(place("Ref"), ("13:17".to_owned(), some("4:14")));
    assert_eq!(place("Sub"), ("14:17".to_owned(), some("4:14")));
    assert_eq!(place("Map"), ("15:23".to_owned(), some("7:16")));
    let inner = |key: &str| places(&bench, properties.get(key).unwrap().get("Inner").unwrap());
    assert_eq!(inner("Shared"), ("17:21".to_owned(), some("4:14")));
    assert_eq!(place("Alias"), ("18:14".to_owned(), some("17:9")));
    assert_eq!(inner("Alias"), ("18:14".to_owned(), some("17:21")));
    // Nobody wrote a value.
    assert_eq!(place("Open"), ("19:18".to_owned(), None));
    let declared = declared(&world, "R");
    assert_eq!(at(&bench, declared.name_origin), "9:3");
}

#[test]
fn what_is_merged_stands_where_it_is_merged() {
    let template = "Resources:
  A:
    Type: Custom::Any
    Properties: &shared
      One: 1
      Two: !Ref AWS::Region
  B:
    Type: Custom::Any
    Properties:
      <<: *shared
      Two: 2
  C:
    Type: Custom::Any
    Properties:
      <<: [*shared]
";
    let mut bench = Bench::of(template);
    let world = bench.run();
    let place =
        |id: &str, key: &str| places(&bench, declared(&world, id).properties.get(key).unwrap());
    assert_eq!(
        bench.shown(&declared(&world, "B").properties),
        r#"{"One":1,"Two":2}"#
    );
    assert_eq!(place("A", "One"), ("5:12".to_owned(), None));
    assert_eq!(
        place("B", "One"),
        ("10:11".to_owned(), Some("5:12".to_owned()))
    );
    assert_eq!(place("B", "Two"), ("11:12".to_owned(), None));
    assert_eq!(
        place("C", "Two"),
        ("15:12".to_owned(), Some("6:17".to_owned()))
    );
}

#[test]
fn a_supplied_value_is_written_where_it_is_supplied() {
    let mut bench = Bench::of(
        "
Parameters: { Name: { Type: String, Default: x } }
Resources: { R: { Type: Custom::Any, Properties: { P: !Ref Name } } }
",
    );
    let file = bench
        .sources
        .add("parameters.json", br#"{"Name": "given"}"#)
        .unwrap();
    let origin = bench.sources.roots(file)[0].get("Name").unwrap().origin();
    let supplied = Supplied {
        value: "given".to_owned(),
        origin,
    };
    bench.stacks[0]
        .parameters
        .insert("Name".to_owned(), supplied);
    let world = bench.run();
    let made = declared(&world, "R").properties.get("P").unwrap();
    assert_eq!(made.scalar(), Some("given"));
    assert_eq!(made.also, Some(origin));
}

#[test]
fn the_last_word_on_a_parameter_counts() {
    let template = "
Parameters: { Name: { Type: String, Default: default } }
Resources: { R: { Type: Custom::Any, Properties: { P: !Ref Name } } }
";
    let value = |bench: Bench| {
        let mut bench = bench;
        let world = bench.run();
        let made = declared(&world, "R").properties.get("P").unwrap();
        made.scalar().unwrap().to_owned()
    };
    assert_eq!(value(Bench::of(template)), "default");
    assert_eq!(
        value(Bench::of(template).supply("Name", "supplied")),
        "supplied"
    );
    let assumed = Bench::of(template)
        .supply("Name", "supplied")
        .assume("Name", "assumed");
    assert_eq!(value(assumed), "assumed");
    let assumed = Bench::of(template)
        .assume("demo.Name", "own")
        .assume("other.Name", "no");
    assert_eq!(value(assumed), "own");
    let assumed = Bench::of(template)
        .assume("demo.Name", "own")
        .assume("Name", "later");
    assert_eq!(value(assumed), "later");
}

#[test]
fn assumptions_about_parameters_that_are_not_there_are_told_of() {
    let template = "
Parameters: { ProdAccount: { Type: String, Default: x } }
Resources: { R: { Type: Custom::Any } }
";
    let mut bench = Bench::of(template).assume("PordAccount", "2");
    let world = bench.run();
    assert_eq!(
        messages(&world),
        ["`PordAccount` is assumed, but no template has that parameter"]
    );
    let help = world.warnings[0].help.as_deref().unwrap();
    assert!(help.contains("`ProdAccount`"));
}

#[test]
fn ssm_parameters_can_be_assumed() {
    let template = "
Parameters: { Image: { Type: 'AWS::SSM::Parameter::Value<List<String>>', Default: /a } }
Resources:
  R: { Type: Custom::Any, Properties: { P: !Ref Image, Q: '{{resolve:ssm:/b:1}}' } }
";
    let mut bench = Bench::of(template)
        .assume("ssm:/a", "x,y")
        .assume("ssm:/b", "z");
    let world = bench.run();
    assert_eq!(
        bench.shown(&declared(&world, "R").properties),
        r#"{"P":["x","y"],"Q":"z"}"#
    );
}

#[test]
fn what_is_no_resource_is_left_out_and_told_of() {
    let mut bench = Bench::of(
        "
Resources:
  Type: AWS::IAM::Role
  Properties: { RoleName: x }
  Nothing:
  Role: { Type: AWS::IAM::Role }
",
    );
    let world = bench.run();
    assert_eq!(world.declared.len(), 1);
    let left_out =
        |name: &str| format!("`{name}` under `Resources` of `demo` is no resource, and left out");
    assert_eq!(
        messages(&world),
        [
            left_out("Type"),
            left_out("Properties"),
            left_out("Nothing")
        ]
    );
}

#[test]
fn of_two_same_keys_the_later_counts() {
    let mut bench = Bench::of(
        "
Resources:
  Role: { Type: AWS::IAM::Role }
  R: { Type: Custom::Any, Properties: { P: !Ref Undefined, P: !Ref Role } }
",
    );
    let world = bench.run();
    assert_eq!(messages(&world), Vec::<String>::new());
    let shown = bench.shown(&declared(&world, "R").properties);
    assert_eq!(shown, r#"{"P":"demo-Role-<generated>"}"#);
}

#[test]
fn carriage_returns_and_byte_order_marks_change_nothing() {
    let template = "\u{feff}Resources:\r\n  R:\r\n    Type: Custom::Any\r\n    Properties:\r\n      P: !Sub |\r\n        a\r\n        ${AWS::Region}\r\n      Q: x\r\n";
    let mut bench = Bench::of(template);
    let world = bench.run();
    let shown = bench.shown(&declared(&world, "R").properties);
    assert_eq!(shown, r#"{"P":"a\neu-west-1\n","Q":"x"}"#);
}

#[test]
fn the_same_template_in_json_comes_to_the_same() {
    let mut bench = Bench::of(
        r#"{"Parameters": {"Id": {"Type": "Number", "Default": 111111111111}},
            "Resources": {"R": {"Type": "Custom::Any", "Properties": {
              "Document": "{\"Version\": \"2012-10-17\"}",
              "P": {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":iam::", {"Ref": "Id"}, ":root"]]}}}}}"#,
    );
    let world = bench.run();
    assert_eq!(
        bench.shown(&declared(&world, "R").properties),
        r#"{"Document":"{\"Version\": \"2012-10-17\"}","P":"arn:aws:iam::111111111111:root"}"#
    );
}

#[test]
fn names_that_hang_on_themselves_are_unknown() {
    let mut bench = Bench::of(
        "
Resources:
  A: { Type: AWS::S3::Bucket, Properties: { BucketName: !Sub '${B}-a' } }
  B: { Type: AWS::S3::Bucket, Properties: { BucketName: !Sub '${A}-b' } }
",
    );
    let world = bench.run();
    assert_eq!(
        messages(&world),
        ["the name of `A` in `demo` hangs on itself"]
    );
    assert_eq!(
        bench.symbols.shown(&declared(&world, "B").physical),
        "<A>-b"
    );
}

#[test]
fn what_refers_to_each_other_too_deep_ends() {
    let mut template = "Resources:\n".to_owned();
    for at in 0..5000 {
        let next = at + 1;
        template.push_str(&format!(
            "  B{at}: {{ Type: AWS::S3::Bucket, Properties: {{ BucketName: !Join ['', [!Ref B{next}]] }} }}\n"
        ));
    }
    template.push_str("  B5000: { Type: AWS::S3::Bucket, Properties: { BucketName: end } }\n");
    let mut bench = Bench::of(&template);
    let world = bench.run();
    assert_eq!(world.declared.len(), 5001);
    assert!(messages(&world)[0].contains("more than 256 levels deep"));
}

#[test]
fn loops_that_explode_end() {
    let list = (0..200)
        .map(|at| at.to_string())
        .collect::<Vec<_>>()
        .join(",");
    let template = format!(
        "
Parameters: {{ L: {{ Type: CommaDelimitedList, Default: '{list}' }} }}
Resources:
  R:
    Type: Custom::Any
    Properties:
      Fn::ForEach::A:
        - A
        - !Ref L
        - Fn::ForEach::B:
            - B
            - !Ref L
            - Fn::ForEach::C:
                - C
                - !Ref L
                - P${{A}}-${{B}}-${{C}}: x
  After: {{ Type: AWS::IAM::Role }}
"
    );
    let mut bench = Bench::of(&template);
    let world = bench.run();
    assert_eq!(
        messages(&world),
        ["`demo` comes to more than 1000000 values; the rest is not worked out"]
    );
    assert_eq!(world.declared.len(), 2);
}

#[test]
fn texts_that_explode_end() {
    let mut template = "Resources:\n  B0: { Type: AWS::S3::Bucket, Properties: { BucketName: aaaaaaaaaaaaaaaa } }\n".to_owned();
    for at in 1..40 {
        let before = at - 1;
        template.push_str(&format!(
            "  B{at}: {{ Type: AWS::S3::Bucket, Properties: {{ BucketName: !Sub '${{B{before}}}${{B{before}}}' }} }}\n"
        ));
    }
    let mut bench = Bench::of(&template);
    let world = bench.run();
    assert_eq!(
        messages(&world)[0],
        "a text of more than 1048576 characters in `demo` is not worked out"
    );
}

#[test]
fn templates_that_nest_themselves_end() {
    let template = "
Resources:
  A: { Type: AWS::CloudFormation::Stack, Properties: { TemplateURL: demo.yaml } }
  B: { Type: AWS::CloudFormation::Stack, Properties: { TemplateURL: demo.yaml } }
";
    let mut bench = Bench::of(template);
    let world = bench.run();
    assert!(messages(&world)[0].contains("nested too deep or too often"));
}
