//! Policy documents: three encodings, what is odd but stored, and what AWS refuses.

use super::*;

#[test]
fn three_encodings_of_a_policy_say_the_same() {
    let document = r#"{"Version":"2012-10-17","Statement":{"Sid":"","Effect":"Deny","NotPrincipal":{"AWS":["111111111111"],"Service":"a.amazonaws.com"},"NotAction":"s3:*","NotResource":["arn:aws:s3:::b"],"Condition":{"Bool":{"aws:SecureTransport":false},"NumericLessThan":{"s3:max-keys":10}}}}"#;
    let text = serde_json::to_string(document).expect("string");
    let encoded = document
        .bytes()
        .map(|byte| format!("%{byte:02X}"))
        .collect::<String>();
    let object = said(&read_policy(document).expect("object"));
    assert_eq!(object, said(&read_policy(&text).expect("string")));
    assert_eq!(
        object,
        said(&read_policy(&format!("\"{encoded}\"")).expect("encoded"))
    );
    assert_eq!(
        object,
        "None V2012\nSome(\"\") Deny Aws 111111111111 Service a.amazonaws.com true s3:* true arn:aws:s3:::b \
         Bool aws:SecureTransport [\"false\"] NumericLessThan s3:max-keys [\"10\"]"
    );
}

#[test]
fn the_star_is_everybody_and_no_version_is_2008() {
    let policy =
        read_policy(r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":["a:B","a:C"]}]}"#)
            .expect("read");
    assert_eq!(policy.version, Version::V2008);
    let statement = &policy.statements[0];
    assert_eq!(statement.effect, Effect::Allow);
    assert_eq!(statement.resources, None);
    let principals = statement.principals.as_ref().expect("principals");
    assert_eq!(principals.any_of[0].kind, PrincipalKind::Aws);
    assert_eq!(principals.any_of[0].value.text, "*");
}

#[test]
fn odd_but_stored_policies_are_read() {
    for statement in [
        r#""Action":"*","Resource":"**""#,
        r#""Action":[],"Resource":[]"#,
        r#""Action":"s3:*","Resource":"arn:aws:s3*""#,
        r#""Action":"s3:*","Resource":"arn:${Part}:s3:::b","Condition":{}"#,
        r#""Action":"s3:*","Resource":"*","Condition":{"ForAllValues:StringLikeIfExists":{"aws:TagKeys":[]},"NullIfExists":{"a:b":"true"}}"#,
        r#""Action":"s3:*","Resource":"b/*","Principal":{"AWS":[]}"#,
    ] {
        let text = format!(r#"{{"Id":"x","Statement":{{"Effect":"Allow",{statement}}}}}"#);
        read_policy(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
    }
}

#[test]
fn what_aws_would_not_store_is_refused() {
    let cases = [
        (
            r#""Effect":"allow","Action":"*","Resource":"*""#,
            r#""allow""#,
            "`Effect` is `allow`: expected `Allow` or `Deny`",
        ),
        (
            r#""Action":"*","Resource":"*""#,
            r#"{"Action""#,
            "the statement has no `Effect`: expected `Allow` or `Deny`",
        ),
        (
            r#""Effect":"Deny","Resource":"*""#,
            r#"{"Effect""#,
            "the statement has no `Action`: expected `Action` or `NotAction`",
        ),
        (
            r#""Effect":"Deny","Action":"a:B","NotAction":"a:C","Resource":"*""#,
            r#""a:C""#,
            "the statement has both `Action` and `NotAction`: expected one of them",
        ),
        (
            r#""Effect":"Deny","Action":"a:B","Resources":"*""#,
            r#""*""#,
            "unknown element `Resources` in a statement (did you mean `Resource`?)",
        ),
        (
            r#""Effect":"Deny","Action":"a:B""#,
            r#"{"Effect""#,
            "the statement names neither a `Principal` nor a `Resource`",
        ),
        (
            r#""Effect":"Deny","Action":"a:B","Resource":["*","my-bucket/*"]"#,
            r#""my-bucket"#,
            "the resource `my-bucket/*` is no ARN: expected `*` or `arn:partition:service:region:account:resource`",
        ),
        (
            r#""Effect":"Deny","Action":"a:B","Resource":"arn:aws:s3:b""#,
            r#""arn:aws:s3:b"#,
            "the resource `arn:aws:s3:b` is no ARN: expected `*` or `arn:partition:service:region:account:resource`",
        ),
        (
            r#""Effect":"Deny","Action":"a:B","Resource":"*","Condition":{"stringEquals":{"a:b":"c"}}"#,
            r#""stringEquals""#,
            "unknown condition operator `stringEquals` (did you mean `StringEquals`?)",
        ),
        (
            r#""Effect":"Deny","Action":"a:B","Resource":"*","Condition":{"Bool":{"a:b":{}}}"#,
            r#"{}"#,
            "expected a condition value, written as a string",
        ),
        (
            r#""Effect":"Deny","Action":"a:B","Principal":"arn:aws:iam::111111111111:root""#,
            r#""arn:aws:iam"#,
            "the principal is `arn:aws:iam::111111111111:root`: expected `*` or an object such as `{\"AWS\": \"arn:…\"}`",
        ),
        (
            r#""Effect":"Deny","Action":"a:B","Principal":{"Aws":"*"}"#,
            r#""*"}"#,
            "unknown kind of principal `Aws` (did you mean `AWS`?)",
        ),
    ];
    for (statement, at, expected) in cases {
        let text = format!(r#"{{"Statement":{{{statement}}}}}"#);
        let column = text.find(at).expect("place") + 1;
        let expected = format!("policy.json:1:{column}: {expected}");
        assert_eq!(refused_policy(&text), expected, "{text}");
    }
    assert_eq!(
        refused_policy(r#"{"Version":"2012-10-18","Statement":[]}"#),
        "policy.json:1:12: `Version` is `2012-10-18`: expected `2012-10-17` or `2008-10-17`"
    );
    assert_eq!(
        refused_policy(r#"{"Version":"2012-10-17"}"#),
        "policy.json:1:1: the policy document has no `Statement`"
    );
    assert_eq!(
        refused_policy("[]"),
        "policy.json:1:1: expected a policy document, an object with `Statement`"
    );
}

#[test]
fn an_error_inside_a_string_stands_at_its_place_in_the_file() {
    assert_eq!(
        refused_policy(r#""{\"Statement\": [{\"Effect\": \"Maybe\"}]}""#),
        "policy.json:1:32: `Effect` is `Maybe`: expected `Allow` or `Deny`"
    );
}
