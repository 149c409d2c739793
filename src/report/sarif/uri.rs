//! Names of inputs as URI references.
//!
//! Code scanning matches relative ones with the files of a repository, and refuses a whole upload for one absolute URI with
//! another scheme than its own. What was asked of AWS is called by its ARN, which reads as a URI of a scheme `arn`, so that
//! colons are percent-encoded: it stays a relative reference, of a file that no repository has
//! (<https://www.rfc-editor.org/rfc/rfc3986#section-4.2>).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

/// The name of the folder that relative references start from, as most tools call it.
pub(super) const ROOT: &str = "%SRCROOT%";

/// Everything but what may stand in a path as it is, and the slash.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/')
    .remove(b'+')
    .remove(b'=')
    .remove(b'@')
    .remove(b',');

/// The `artifactLocation` of an input; none for one without a name.
pub(super) fn artifact(name: &str) -> Option<Value> {
    let encoded = utf8_percent_encode(name, ENCODED).to_string();
    let mut letters = name.chars();
    let drive = letters
        .next()
        .is_some_and(|letter| letter.is_ascii_alphabetic())
        && letters.next() == Some(':')
        && letters.next() == Some('/');
    Some(if name.is_empty() {
        return None;
    } else if name.starts_with("//") {
        json!({"uri": format!("file:{encoded}")})
    } else if name.starts_with('/') {
        json!({"uri": format!("file://{encoded}")})
    } else if drive {
        json!({"uri": format!("file:///{}", encoded.replacen("%3A", ":", 1))})
    } else if name.split('/').any(|part| part == "..") {
        // Below the root there is nothing of that name.
        json!({"uri": encoded})
    } else {
        json!({"uri": encoded, "uriBaseId": ROOT})
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_a_reference_and_none_has_a_scheme_but_file() {
        for (name, uri, base) in [
            ("accounts/a b.json", "accounts/a%20b.json", true),
            ("<stdin>", "%3Cstdin%3E", true),
            ("../up.json", "../up.json", false),
            ("/tmp/x#y?.json", "file:///tmp/x%23y%3F.json", false),
            ("//host/share/x.json", "file://host/share/x.json", false),
            ("C:/Users/me/x.json", "file:///C:/Users/me/x.json", false),
            (
                "arn:aws:iam::111111111111:role/ci/Deploy",
                "arn%3Aaws%3Aiam%3A%3A111111111111%3Arole/ci/Deploy",
                true,
            ),
            ("ünï\u{202e}\n.json", "%C3%BCn%C3%AF%E2%80%AE%0A.json", true),
            ("100%.json", "100%25.json", true),
        ] {
            let artifact = artifact(name).unwrap();
            assert_eq!(artifact["uri"], uri);
            assert_eq!(artifact.get("uriBaseId").is_some(), base, "{name}");
        }
        assert_eq!(artifact(""), None);
    }
}
