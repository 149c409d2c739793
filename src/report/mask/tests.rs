//! What is hidden, what is not, and that no byte moves.

use super::*;

/// Masks, and checks the law on the way: as many bytes, the same line feeds.
fn masked(text: &str) -> String {
    let masked = mask(text).into_owned();
    assert_eq!(masked.len(), text.len());
    for (before, after) in text.bytes().zip(masked.bytes()) {
        assert_eq!(before == b'\n', after == b'\n');
    }
    masked
}

#[test]
fn a_text_without_secrets_is_not_copied() {
    let text = r#"{"configuration": {"Branch": "main", "value": "x"}}"#;
    assert!(matches!(mask(text), Cow::Borrowed(_)));
}

#[test]
fn tokens_of_sources_are_hidden_in_json() {
    assert_eq!(
        masked(r#"{"Owner":"o","OAuthToken":"ghp_\"x","Branch":"main"}"#),
        r#"{"Owner":"o","OAuthToken":"*******","Branch":"main"}"#
    );
    assert_eq!(
        masked(r#"{"ClientSecret": "a\\", "RefreshToken" : "b"}"#),
        r#"{"ClientSecret": "***", "RefreshToken" : "*"}"#
    );
    assert_eq!(
        masked(r#"{"DbPassword": 12, "x": 1}"#),
        r#"{"DbPassword": **, "x": 1}"#
    );
}

#[test]
fn a_reference_to_a_parameter_is_no_secret() {
    let text = r#"{"OAuthToken": {"Ref": "Token"}, "Branch": "main"}"#;
    assert_eq!(masked(text), text);
}

#[test]
fn plain_text_variables_inside_a_string_are_hidden() {
    assert_eq!(
        masked(
            r#""EnvironmentVariables": "[{\"name\":\"A\",\"value\":\"s3\\\"cr\",\"type\":\"PLAINTEXT\"},{\"name\":\"B\",\"value\":\"x\"}]", "value": "kept""#
        ),
        r#""EnvironmentVariables": "[{\"name\":\"A\",\"value\":\"********\",\"type\":\"PLAINTEXT\"},{\"name\":\"B\",\"value\":\"*\"}]", "value": "kept""#
    );
}

#[test]
fn a_variable_that_names_its_parameter_stays_readable() {
    let text = r#""EnvironmentVariables": "[{\"name\":\"A\",\"value\":\"/app/key\",\"type\":\"PARAMETER_STORE\"}]""#;
    assert_eq!(masked(text), text);
    assert_eq!(
        masked(
            r#"{"environmentVariables": [{"name": "SECRETS_MANAGER", "value": "abc", "type": "PLAINTEXT"},
                {"type": "SECRETS_MANAGER", "name": "B", "value": "arn:aws:x"}]}"#
        ),
        r#"{"environmentVariables": [{"name": "SECRETS_MANAGER", "value": "***", "type": "PLAINTEXT"},
                {"type": "SECRETS_MANAGER", "name": "B", "value": "arn:aws:x"}]}"#
    );
}

#[test]
fn quotes_written_as_code_points_hide_the_whole_string() {
    assert_eq!(
        masked(r#""EnvironmentVariables": "[{\u0022value\u0022:\u0022x\u0022}]", "b": 1"#),
        r#""EnvironmentVariables": "******************************************", "b": 1"#.replace(
            &"*".repeat(42),
            &"*".repeat(r"[{\u0022value\u0022:\u0022x\u0022}]".len())
        )
    );
}

#[test]
fn a_string_inside_a_string_inside_a_string() {
    let inner = serde_json::json!([{"name": "A", "value": "he said \"x\\\""}]).to_string();
    let middle = serde_json::json!({ "EnvironmentVariables": inner, "Branch": "main" }).to_string();
    let outer = serde_json::json!({ "Policy": middle, "Name": "n" }).to_string();
    let masked = masked(&outer);
    assert!(!masked.contains("said"), "{masked}");
    assert!(
        masked.contains("main") && masked.ends_with(r#""}"#),
        "{masked}"
    );
}

#[test]
fn variables_of_functions_and_containers_are_hidden() {
    assert_eq!(
        masked(r#"{"Environment": {"Variables": {"URL": "u", "K_1": "v"}}, "Role": "r"}"#),
        r#"{"Environment": {"Variables": {"URL": "*", "K_1": "*"}}, "Role": "r"}"#
    );
    assert_eq!(
        masked(
            r#"{"environment": [{"name": "A", "value": "v]"}], "tags": [{"key": "k", "value": "t"}]}"#
        ),
        r#"{"environment": [{"name": "A", "value": "**"}], "tags": [{"key": "k", "value": "t"}]}"#
    );
}

#[test]
fn yaml_in_all_its_spellings() {
    assert_eq!(
        masked("OAuthToken: abc # x\nBranch: main\n"),
        "OAuthToken: *******\nBranch: main\n"
    );
    assert_eq!(
        masked("  OAuthToken: |\n    one\n\n    two\n  Branch: main\n"),
        "  OAuthToken: *\n*******\n\n*******\n  Branch: main\n"
    );
    assert_eq!(
        masked("- OAuthToken:\r\n    abc\r\n  Branch: main\r\n"),
        "- OAuthToken:\r\n*******\r\n  Branch: main\r\n"
    );
    assert_eq!(
        masked("OAuthToken: 'it''s'\nBranch: 'main'\n"),
        "OAuthToken: '*****'\nBranch: 'main'\n"
    );
    assert_eq!(
        masked("EnvironmentVariables: '[{\"name\":\"A\",\"value\":\"x\"}]'\nvalue: y\n"),
        "EnvironmentVariables: '[{\"name\":\"A\",\"value\":\"*\"}]'\nvalue: y\n"
    );
    assert_eq!(
        masked(
            "environmentVariables:\n- name: A\n  value: x\n- name: B\n  value: \"y\"\nvalue: z\n"
        ),
        "environmentVariables:\n- name: A\n  value: *\n- name: B\n  value: \"*\"\nvalue: z\n"
    );
    assert_eq!(
        masked(
            "EnvironmentVariables: >-\n  [{\"name\": \"A\",\n    \"value\": \"x\"}]\nvalue: z\n"
        ),
        "EnvironmentVariables: >-\n  [{\"name\": \"A\",\n    \"value\": \"*\"}]\nvalue: z\n"
    );
}

#[test]
fn commands_that_spell_a_secret_out() {
    for (text, expected) in [
        ("export API_TOKEN=abc && run", "export API_TOKEN=*** && run"),
        ("DB_PASSWORD=\"a b\" run", "DB_PASSWORD=\"***\" run"),
        (
            r#""run --db-password=\"a b\" x""#,
            r#""run --db-password=\"***\" x""#,
        ),
        ("login --password abc host", "login --password *** host"),
        (
            "docker login -u me -p abc host",
            "docker login -u me -p *** host",
        ),
        ("mysql -pabc app", "mysql -p*** app"),
        (
            "curl -u me:abc https://x.example",
            "curl -u me:*** https://x.example",
        ),
        (
            "curl -H 'Authorization: Bearer abc' x",
            "curl -H 'Authorization: **********' x",
        ),
        (
            "curl -H \"X-Api-Key: abc\" x",
            "curl -H \"X-Api-Key: ***\" x",
        ),
        (
            "git clone https://me:abc@x.example/a",
            "git clone https://******@x.example/a",
        ),
        (
            "see https://x.example/in?sig=abc now",
            "see https://x.example/in?******* now",
        ),
        (
            "Server=a;Password=abc;User=b",
            "Server=a;Password=***;User=b",
        ),
        ("token = \"abc\"", "token = \"***\""),
        (
            "x ghp_abcdefghijklmnopqrst y",
            "x ghp_******************** y",
        ),
        (
            "-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY-----\n***\n-----END PRIVATE KEY-----",
        ),
    ] {
        assert_eq!(masked(text), expected);
    }
}

#[test]
fn commands_that_only_name_a_secret_stay_readable() {
    for text in [
        "export API_TOKEN=$TOKEN",
        "export API_TOKEN=\"$(aws ssm get-parameter --name /app/token)\"",
        "aws sts assume-role --role-arn arn:aws:iam::111111111111:role/x --profile tools",
        "mkdir -p out",
        "docker run -p 8080:80 -u 1000:1000 app",
        "the token = what it says",
        "see https://docs.aws.amazon.com/codepipeline/latest/userguide/welcome.html",
        "echo \"state: done\"",
        "arn:aws:secretsmanager:eu-west-1:111111111111:secret:app-AbCdEf",
    ] {
        assert_eq!(masked(text), text);
    }
}

#[test]
fn letters_of_several_bytes_keep_their_length() {
    assert_eq!(
        masked("{\"OAuthToken\": \"é€😀\"}"),
        "{\"OAuthToken\": \"*********\"}"
    );
}

#[test]
fn no_text_makes_it_panic_and_no_byte_moves() {
    let pieces = [
        "\"",
        "\\",
        "'",
        ":",
        " ",
        "\n",
        "\r",
        "{",
        "}",
        "[",
        "]",
        ",",
        "-",
        "#",
        "é",
        "value",
        "OAuthToken",
        "environment",
        "variables",
        "type",
        "x",
        "|",
    ];
    // A fixed sequence instead of a random one: what fails here fails everywhere.
    let mut state = 1_u64;
    for _ in 0..20_000 {
        let mut text = String::new();
        for _ in 0..24 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            text.push_str(pieces[(state >> 33) as usize % pieces.len()]);
        }
        let masked = mask(&text);
        assert_eq!(masked.len(), text.len(), "{text:?}");
    }
}
