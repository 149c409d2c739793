//! Roles that the commands of a build hand on or take up, as far as the text of the commands shows.
//!
//! A build works with its own role until a command changes the credentials; what comes behind is nobody's to tell, and
//! neither are commands with a profile. So nothing is said of them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::each::{self, Item};
use super::expand::{Expansion, Ground};
use super::shell::{self, ShellCommand, UNKNOWN, VARIABLE};
use super::variables::Scope;
use super::{
    Certainty, Covers, Each, Links, MissingFact, Party, Provider, Purpose, RequirementRule, Site,
    ToldBy,
};
use crate::graph::{Action, Arn, Buildspec, Text, may_be_equal};

/// `rules/commands.yaml`: commands of builds that hand a role on or take one up.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CommandRules {
    /// A command passes a role to a service.
    pub pass_role: RequirementRule,
    /// A command assumes a role.
    pub assume_role: RequirementRule,
    /// The commands.
    pub commands: Vec<CommandRule>,
}

/// A command.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CommandRule {
    /// The words it begins with, options left out.
    pub words: Vec<String>,
    /// The next word, one of these.
    pub then: Vec<String>,
    /// Options behind which the role stands.
    #[serde(default)]
    pub options: Vec<String>,
    /// Instead: templates of the roles that the command takes up by itself, one of which it may do without knowing which.
    #[serde(default)]
    pub roles: Vec<String>,
    /// The service it passes the role to; without one the command assumes the role itself.
    #[serde(default)]
    pub passed_to: Option<String>,
    /// How certain that is.
    #[serde(default)]
    pub certainty: Certainty,
    /// Where that is documented.
    pub documentation: Links,
}

/// Where the commands of an action stand, and which role runs them.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CommandUse {
    /// Which role runs them.
    pub role: String,
    /// Templates of the buildspec, as its text or as the path of its file; the first that is there counts.
    #[serde(default)]
    pub buildspecs: Vec<String>,
    /// The path of the buildspec where none of them is there.
    #[serde(default)]
    pub otherwise: Option<String>,
    /// Instead of a buildspec: a list of commands, as a variable.
    #[serde(default)]
    pub list: Option<String>,
    /// Lists of variables with `name`, `value` and `type`, as variables; the first that has a name counts.
    #[serde(default)]
    pub variables: Vec<String>,
}

/// Names whose change means other credentials.
const CREDENTIALS: [&str; 4] = [
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_ACCESS_KEY_ID",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
];

/// What live answers have in the place of a variable's value, which may be a secret.
const MASK: &str = "****";

/// What is known of a shell while its commands are read.
struct Shell {
    variables: BTreeMap<String, Option<String>>,
    /// Whether the build's own role is what commands work with.
    own_credentials: bool,
}

impl<'a> Expansion<'a> {
    /// What the commands of an action need.
    pub(super) fn commands(
        &mut self,
        scope: Scope<'a>,
        provider: &'a Provider,
        usage: &'a CommandUse,
        site: Site,
        action: &'a Action,
    ) {
        let Some(caller) = self.party(scope, provider, &usage.role) else {
            return;
        };
        let (texts, own) = self.texts(scope, usage);
        let mut shell = Shell::new(scope, usage, own);
        let catalogue = self.catalogue;
        for text in texts {
            for command in shell::commands(&text.text) {
                if !shell.enter(&command) {
                    continue;
                }
                let site = Site {
                    origin: text.origin,
                    ..site
                };
                for rule in &catalogue.commands.commands {
                    if let Some(options) = rule.fits(&command.words) {
                        let place = (caller.clone(), site, action);
                        self.command(scope, rule, &options, &command, &shell, place);
                    }
                }
            }
        }
    }

    /// The texts of the commands, and the variables of the buildspec they stand in.
    fn texts(&self, scope: Scope<'a>, usage: &CommandUse) -> (Vec<Text>, Option<&'a Buildspec>) {
        if let Some(list) = &usage.list {
            let list = Each::of(list);
            let items = each::items(scope, Some(&list));
            let text = |item: Option<Item>| {
                let value = item?.remove("value")?;
                Some(Text {
                    text: value.text,
                    origin: value.origin?,
                })
            };
            return (items.into_iter().filter_map(text).collect(), None);
        }
        let buildspec = self.buildspec(scope, usage);
        let commands = buildspec.map_or_else(Vec::new, |buildspec| buildspec.commands.clone());
        (commands, buildspec)
    }

    fn buildspec(&self, scope: Scope<'a>, usage: &CommandUse) -> Option<&'a Buildspec> {
        for template in &usage.buildspecs {
            let filled = scope.fill(template);
            if !filled.missing.is_empty() {
                return None;
            }
            if !filled.absent && !filled.text.is_empty() {
                let origin = filled.origin?;
                let inline = self.graph.inline_buildspecs.get(&origin);
                return inline.or_else(|| self.file(&filled.text));
            }
        }
        self.file(usage.otherwise.as_deref()?)
    }

    /// The one file among the inputs that can be meant by a path in a repository.
    fn file(&self, path: &str) -> Option<&'a Buildspec> {
        let behind = format!("/{path}");
        let mut fitting = self
            .graph
            .buildspec_files
            .iter()
            .filter(|(file, _)| *file == path || file.ends_with(&behind));
        let (_, only) = fitting.next()?;
        fitting.next().is_none().then_some(only)
    }

    fn command(
        &mut self,
        scope: Scope<'a>,
        rule: &'a CommandRule,
        options: &[String],
        command: &ShellCommand,
        shell: &Shell,
        (caller, site, action): (Party, Site, &'a Action),
    ) {
        let catalogue = self.catalogue;
        let certainty = match command.conditional {
            true => rule.certainty.max(Certainty::Conditional),
            false => rule.certainty,
        };
        let (requirement, purpose) = match &rule.passed_to {
            Some(_) => (&catalogue.commands.pass_role, Purpose::PassRoleInBuild),
            None => (&catalogue.commands.assume_role, Purpose::AssumeRoleInBuild),
        };
        let mut roles: Vec<(String, Vec<MissingFact>)> = Vec::new();
        for option in options {
            match shell.resolve(option) {
                Ok(role) => roles.push((role, Vec::new())),
                Err(what) => {
                    let any = format!("arn:{}:iam::*:role/*", self.pipeline.partition);
                    let missing = MissingFact {
                        rule: "value-unknown",
                        subject: what.clone(),
                        what: format!("the role `{what}` that a command of the build names"),
                        supply: "write the role's ARN out, for only the build knows it".to_owned(),
                        told_by: ToldBy::default(),
                    };
                    roles.push((any, vec![missing]));
                }
            }
        }
        for template in &rule.roles {
            let role = scope.fill(template).text;
            let missing = MissingFact {
                rule: "value-unknown",
                subject: role.clone(),
                what: format!("which of the roles `{role}` a command of the build takes up"),
                supply: "see which accounts it deploys to, for only the app it deploys tells"
                    .to_owned(),
                told_by: ToldBy::default(),
            };
            roles.push((role, vec![missing]));
        }
        for (role, missing) in roles {
            let Some(arn) = Arn::parse(&role).filter(|arn| arn.resource.starts_with("role/"))
            else {
                continue;
            };
            // What runs only under conditions is not said to fail for good.
            let foreign = caller
                .account()
                .is_some_and(|account| !may_be_equal(&account, &arn.account));
            if command.conditional && rule.passed_to.is_some() && foreign {
                continue;
            }
            let before = self.requirements.len();
            let ground = Ground {
                doubt: BTreeSet::new(),
                scope: Scope {
                    role: Some(&role),
                    service: rule.passed_to.as_deref(),
                    ..scope
                },
                purpose,
                caller: caller.clone(),
                certainty,
                site,
                action: Some(action),
            };
            self.put(requirement, ground);
            for added in self.requirements.iter_mut().skip(before) {
                added.documentation = rule.documentation.all().to_vec();
                if !missing.is_empty() {
                    added.target.missing.clone_from(&missing);
                    // That not one of them may be assumed is certain even where nobody knows which one it is.
                    added.target.covers = Covers::AtLeastOne;
                }
            }
        }
    }
}

impl CommandRule {
    /// The values of the options that name a role, when the words are this command with the credentials of the build.
    fn fits(&self, words: &[String]) -> Option<Vec<String>> {
        let wanted = self.words.len();
        let mut plain = Vec::new();
        let mut values = Vec::new();
        let mut rest = words.iter().peekable();
        while let Some(word) = rest.next() {
            let Some(option) = word.strip_prefix("--").filter(|option| !option.is_empty()) else {
                plain.push(word.as_str());
                continue;
            };
            let (name, value) = match option.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => {
                    let alone = option.starts_with("no-") || option == "debug";
                    let value = rest.next_if(|next| !alone && !next.starts_with("--"));
                    (option, value.cloned())
                }
            };
            if name == "profile" {
                return None;
            }
            let is_role = self
                .options
                .iter()
                .any(|one| one.trim_start_matches('-') == name);
            values.extend(value.filter(|_| is_role));
        }
        let begins = plain.iter().zip(&self.words).all(|(word, own)| word == own);
        let then = plain.get(wanted)?;
        (begins && self.then.iter().any(|one| one == then)).then_some(values)
    }
}

impl Shell {
    fn new(scope: Scope<'_>, usage: &CommandUse, buildspec: Option<&Buildspec>) -> Self {
        let mut variables = BTreeMap::new();
        for list in &usage.variables {
            for item in each::items(scope, Some(&Each::of(list)))
                .into_iter()
                .flatten()
            {
                let Some(name) = item.get("name") else {
                    continue;
                };
                let kind = item
                    .get("type")
                    .map_or("PLAINTEXT", |kind| kind.text.as_str());
                let value = item.get("value").filter(|value| {
                    kind.eq_ignore_ascii_case("PLAINTEXT") && value.missing.is_empty()
                });
                let value = value.map(|value| value.text.clone());
                variables.entry(name.text.clone()).or_insert(value);
            }
        }
        for (name, value) in buildspec.iter().flat_map(|buildspec| &buildspec.variables) {
            let value = Some(value.text.clone());
            variables.entry(name.clone()).or_insert(value);
        }
        Self {
            variables,
            own_credentials: true,
        }
    }

    /// Takes in what a command changes; tells whether it is one that works with the build's own credentials.
    fn enter(&mut self, command: &ShellCommand) -> bool {
        let mut changed = false;
        for word in &command.words {
            if let Some((name, value)) = word.split_once('=') {
                if CREDENTIALS.contains(&name) {
                    self.own_credentials = false;
                }
                changed = true;
                let value = self.resolve(value).ok().filter(|_| !command.conditional);
                self.variables.insert(name.to_owned(), value);
            } else if word != "export" {
                break;
            }
        }
        let first = command.words.first().map(String::as_str);
        // A script that is read in may set anything.
        if matches!(first, Some("source" | "." | "eval")) {
            self.own_credentials = false;
        }
        self.own_credentials && !changed
    }

    /// The text of a word, or what stands for it where it is not known.
    fn resolve(&self, word: &str) -> Result<String, String> {
        let mut text = String::new();
        let mut rest = word;
        while let Some((before, behind)) = rest.split_once(VARIABLE) {
            let Some((name, after)) = behind.trim_start_matches('{').split_once('}') else {
                break;
            };
            text.push_str(before);
            match self.variables.get(name) {
                Some(Some(value)) if !value.contains(MASK) => text.push_str(value),
                Some(Some(_) | None) | None => return Err(format!("${{{name}}}")),
            }
            rest = after;
        }
        text.push_str(rest);
        if text.contains(UNKNOWN) {
            return Err("$(…)".to_owned());
        }
        Ok(text)
    }
}

impl Each {
    /// All items of a list.
    pub(super) fn of(list: &str) -> Self {
        Self {
            of: list.to_owned(),
            separator: None,
            r#where: BTreeMap::new(),
            matches: BTreeMap::new(),
        }
    }
}
