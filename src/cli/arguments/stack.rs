//! The values of `--stack`, `--assume` and `--account`, and what the configuration file says in the same words.

use std::path::PathBuf;

use crate::cli::one_of;
use crate::load::{StackInput, is_account, is_region};

/// What may stand behind a template's file.
const KEYS: [&str; 4] = ["account", "region", "parameters", "name"];

/// `FILE,account=ID,region=REGION[,parameters=FILE][,name=STACK]`
pub(super) fn stack(text: &str) -> Result<StackInput, String> {
    let mut pieces = text.split(',');
    let template = pieces.next().unwrap_or_default();
    if template.is_empty() || KEYS.iter().any(|key| is_pair(template, key)) {
        return Err("expected a template's file first".to_owned());
    }
    let mut stack = StackInput {
        template: PathBuf::from(template),
        ..StackInput::default()
    };
    for piece in pieces {
        let Some((key, value)) = piece.split_once('=') else {
            return Err(format!(
                "expected `KEY=VALUE` behind the file, found `{piece}`"
            ));
        };
        if !KEYS.contains(&key) {
            return Err(format!("unknown key `{key}`: {}", one_of(key, &KEYS)));
        }
        if value.is_empty() {
            return Err(format!("`{key}` has no value"));
        }
        let place = match key {
            "parameters" => {
                stack.parameter_files.push(PathBuf::from(value));
                continue;
            }
            "account" => &mut stack.account,
            "region" => &mut stack.region,
            _ => &mut stack.name,
        };
        if place.is_some() {
            return Err(format!("`{key}` is given twice"));
        }
        *place = Some(match key {
            "account" => account(value)?,
            "region" => region(value)?,
            _ => value.to_owned(),
        });
    }
    Ok(stack)
}

fn is_pair(text: &str, key: &str) -> bool {
    text.strip_prefix(key)
        .is_some_and(|rest| rest.starts_with('='))
}

/// `NAME=VALUE`; the value may be empty, as that of a parameter may be.
pub(super) fn assumed(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected `NAME=VALUE`".to_owned()),
    }
}

/// `ALIAS=ID`
pub(super) fn alias(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((alias, id)) if !alias.is_empty() => Ok((alias.to_owned(), account(id)?)),
        _ => Err("expected `ALIAS=ID`".to_owned()),
    }
}

/// An account's twelve digits.
pub(in crate::cli) fn account(text: &str) -> Result<String, String> {
    match is_account(text) {
        true => Ok(text.to_owned()),
        false => Err(format!("expected an account's 12 digits, found `{text}`")),
    }
}

/// A Region.
pub(in crate::cli) fn region(text: &str) -> Result<String, String> {
    match is_region(text) {
        true => Ok(text.to_owned()),
        false => Err(format!(
            "expected a Region such as `eu-west-1`, found `{text}`"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stack_is_a_file_and_what_is_said_of_it() {
        let read = stack(
            "a/tools.yaml,region=eu-west-1,account=012345678901,parameters=a.json,name=tools,parameters=samconfig.toml:prod",
        );
        let expected = StackInput {
            template: PathBuf::from("a/tools.yaml"),
            account: Some("012345678901".to_owned()),
            region: Some("eu-west-1".to_owned()),
            name: Some("tools".to_owned()),
            parameter_files: vec![
                PathBuf::from("a.json"),
                PathBuf::from("samconfig.toml:prod"),
            ],
            ..StackInput::default()
        };
        assert_eq!(read, Ok(expected));
        assert_eq!(stack("t.yaml").unwrap().template, PathBuf::from("t.yaml"));
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        for (text, message) in [
            ("", "expected a template's file first"),
            ("account=111111111111", "expected a template's file first"),
            (",account=111111111111", "expected a template's file first"),
            (
                "t.yaml,acount=1",
                "unknown key `acount`: did you mean `account`?",
            ),
            (
                "t.yaml,profile=x",
                "unknown key `profile`: expected one of `account`, `region`, `parameters`, `name`",
            ),
            (
                "t.yaml,111111111111",
                "expected `KEY=VALUE` behind the file, found `111111111111`",
            ),
            (
                "t.yaml,account=1",
                "expected an account's 12 digits, found `1`",
            ),
            (
                "t.yaml,account=11111111111a",
                "expected an account's 12 digits, found `11111111111a`",
            ),
            ("t.yaml,name=", "`name` has no value"),
            ("t.yaml,parameters=", "`parameters` has no value"),
            ("t.yaml,name=a,name=b", "`name` is given twice"),
            (
                "t.yaml,region=Ireland",
                "expected a Region such as `eu-west-1`, found `Ireland`",
            ),
        ] {
            assert_eq!(stack(text), Err(message.to_owned()), "{text}");
        }
        assert!(assumed("Name").is_err() && assumed("=x").is_err());
        assert_eq!(
            assumed("Name=a=b"),
            Ok(("Name".to_owned(), "a=b".to_owned()))
        );
        assert_eq!(assumed("Name="), Ok(("Name".to_owned(), String::new())));
        assert!(alias("prod=12").is_err() && alias("111111111111").is_err());
    }

    #[test]
    fn regions_are_told_by_their_form() {
        for known in [
            "eu-west-1",
            "us-gov-east-1",
            "cn-north-1",
            "ap-southeast-7",
            "us-iso-east-1",
        ] {
            assert!(region(known).is_ok(), "{known}");
        }
        for wrong in [
            "",
            "eu",
            "eu-west",
            "eu-1",
            "EU-WEST-1",
            "eu--1",
            "eu-west-1a",
        ] {
            assert!(region(wrong).is_err(), "{wrong}");
        }
    }
}
