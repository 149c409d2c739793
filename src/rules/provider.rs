//! The shape of `rules/providers/*.yaml` and `rules/pipeline.yaml`: who needs what, when, on what.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

use super::CommandUse;
use crate::graph::ActionTypeId;

/// One provider's file.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Provider {
    /// What people call it.
    pub title: String,
    /// Its action reference page.
    pub documentation: String,
    /// The action types it describes.
    pub actions: Vec<ActionType>,
    /// `V2` when AWS refuses it in a pipeline of type `V1`.
    #[serde(default)]
    pub pipeline_type: Option<PipelineType>,
    /// Its configuration keys.
    #[serde(default)]
    pub configuration: Configuration,
    /// Lists beside the configuration that AWS wants filled: `commands`.
    #[serde(default)]
    pub required_lists: Vec<String>,
    /// How many input artifacts AWS takes; unchecked when not written.
    #[serde(default)]
    pub artifacts_in: Option<Count>,
    /// How many output artifacts AWS takes; unchecked when not written.
    #[serde(default)]
    pub artifacts_out: Option<Count>,
    /// Resources the action names, by a name of this file's own; looked up among the facts by ARN.
    #[serde(default)]
    pub resources: BTreeMap<String, NamedResource>,
    /// How a change of the source starts the pipeline, for source actions.
    #[serde(default)]
    pub starts: Option<Starts>,
    /// Roles behind the action, by a name of this file's own. `pipeline-role` and `action-role` are always there.
    #[serde(default)]
    pub roles: BTreeMap<String, NamedRole>,
    /// Which roles touch artifacts.
    #[serde(default)]
    pub artifacts: Vec<ArtifactUse>,
    /// Where shell commands of the action stand, and which role runs them.
    #[serde(default)]
    pub commands: Vec<CommandUse>,
    /// Which actions can read its output artifacts, where not all can.
    #[serde(default)]
    pub consumers: Vec<Consumers>,
    /// What has to lie in the Region or the account of the action.
    #[serde(default)]
    pub bounds: Vec<Bound>,
    /// What must be allowed.
    #[serde(default)]
    pub requirements: Vec<RequirementRule>,
}

/// Which actions can read the output artifacts of an action.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Consumers {
    /// Their providers; no others can.
    pub providers: Vec<String>,
    /// When; always when empty.
    #[serde(default)]
    pub when: Vec<When>,
    /// Where that is documented.
    pub documentation: Links,
}

/// Something that the action names and that has to lie in its own Region or account.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Bound {
    /// Template of its ARN, or of a text that `matches` takes apart.
    pub of: String,
    /// A regular expression with a group `region` or `account`; what does not match is not bound.
    #[serde(default)]
    pub matches: Option<String>,
    /// What has to be the same.
    pub same: Same,
    /// Whose Region and account it is; the action's own role when not written.
    #[serde(default)]
    pub role: Option<String>,
    /// What would be called on it, where the account has to be the same.
    #[serde(default)]
    pub operations: Vec<String>,
    /// When; always when empty.
    #[serde(default)]
    pub when: Vec<When>,
    /// Where that is documented.
    pub documentation: Links,
}

/// What has to be the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Same {
    /// The Region.
    Region,
    /// The account.
    Account,
}

/// What a pipeline must be for an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum PipelineType {
    /// `V2`
    V2,
}

/// The least and the most of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Count {
    /// The least.
    pub min: usize,
    /// The most.
    pub max: usize,
}

/// An action type as the catalogue keys it; `*` leaves a part open.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ActionType {
    /// `Source`, `Build` …
    pub category: String,
    /// `AWS`, `ThirdParty`, `Custom`
    pub owner: String,
    /// `CodeBuild` …
    pub provider: String,
    /// Always quoted: `"1"`
    pub version: String,
}

impl ActionType {
    /// How many of its parts are left open, when it fits.
    pub(super) fn open_parts(&self, id: &ActionTypeId) -> Option<usize> {
        let parts = [
            (&self.category, &id.category),
            (&self.owner, &id.owner),
            (&self.provider, &id.provider),
            (&self.version, &id.version),
        ];
        let fits = parts
            .iter()
            .all(|(own, wanted)| *own == "*" || own == wanted);
        fits.then(|| parts.iter().filter(|(own, _)| *own == "*").count())
    }
}

/// The four parts: `Deploy/AWS/S3/1`.
impl fmt::Display for ActionType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            category,
            owner,
            provider,
            version,
        } = self;
        write!(f, "{category}/{owner}/{provider}/{version}")
    }
}

/// Configuration keys.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Configuration {
    /// Keys without which AWS rejects the action, each with the condition under which it is needed.
    #[serde(default)]
    pub required: Vec<RequiredKey>,
    /// All other keys that AWS knows. Only where this is written a key can be found to be unknown.
    #[serde(default)]
    pub optional: Option<Vec<String>>,
    /// The only values that AWS takes for a key, whatever the case.
    #[serde(default)]
    pub values: BTreeMap<String, Vec<String>>,
    /// Keys whose values are never printed.
    #[serde(default)]
    pub secret: Vec<String>,
}

impl Configuration {
    /// Every key that AWS knows.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        let required = self.required.iter().map(|required| &required.key);
        let others = self.optional.iter().flatten().chain(&self.secret);
        required.chain(others).map(String::as_str)
    }
}

/// A required configuration key.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RequiredKey {
    /// The key.
    pub key: String,
    /// When it is needed; always when empty.
    #[serde(default)]
    pub when: Vec<When>,
}

/// A resource that the action names.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NamedResource {
    /// What people call it: `CodeBuild project`.
    pub title: String,
    /// Template of its ARN.
    pub arn: String,
    /// Template of the AWS CLI command that exports it.
    pub export: String,
    /// Template of the file in a snapshot folder that holds it.
    pub file: String,
    /// Members of its description that must have one of these values, or the action cannot work.
    #[serde(default)]
    pub must_be: BTreeMap<String, Vec<String>>,
    /// When the action names it; always when empty.
    #[serde(default)]
    pub when: Vec<When>,
}

/// How a change of a source starts the pipeline.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Starts {
    /// The configuration key without which, or with anything but `false` in it, CodePipeline polls the source.
    #[serde(default)]
    pub polling: Option<String>,
    /// Whether sources disagree about polling with a role of another account.
    #[serde(default)]
    pub foreign_polling_disputed: bool,
    /// The events that a change gives rise to: members by dotted path, each with templates of which it has one.
    pub events: Vec<BTreeMap<String, Vec<String>>>,
    /// Where that is documented.
    pub documentation: Links,
}

/// A role behind the action.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NamedRole {
    /// What people call it: `CloudFormation execution role`.
    pub title: String,
    /// Template of its ARN: `${configuration.RoleArn}`, `${project.serviceRole}`. Empty where [`NamedRole::unknown`] says why.
    #[serde(default)]
    pub arn: String,
    /// Instead of `arn`: a role that no input can name.
    #[serde(default)]
    pub unknown: Option<UnknownRole>,
    /// The service that must be able to assume it.
    #[serde(default)]
    pub trusts: Option<String>,
    /// The service it is passed to by the action role: needs `iam:PassRole`, and the role's account must be the action role's.
    #[serde(default)]
    pub passed_to: Option<String>,
    /// Other names the service goes by; trusting one of all is enough: `codedeploy.${region}.amazonaws.com`.
    #[serde(default)]
    pub trusts_also: Vec<String>,
    /// Context keys that the service's call to assume the role carries, as templates; `*` in a value stands for anything.
    #[serde(default)]
    pub context: BTreeMap<String, String>,
    /// How certain the passing and the trust are.
    #[serde(default)]
    pub certainty: Certainty,
    /// When there is such a role; always when empty.
    #[serde(default)]
    pub when: Vec<When>,
    /// What proves it.
    #[serde(default)]
    pub evidence: Evidence,
    /// Where that is documented; several pages where they disagree.
    pub documentation: Links,
}

/// Why no input can name a role.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct UnknownRole {
    /// What would have to be known: `the instance profile of the instances behind the deployment group`.
    pub what: String,
    /// What to do instead, as a request.
    pub supply: String,
}

/// A role that touches artifacts.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ArtifactUse {
    /// Which role.
    pub role: String,
    /// Whether it reads the action's input artifacts.
    #[serde(default)]
    pub reads: bool,
    /// Whether it writes the action's output artifacts.
    #[serde(default)]
    pub writes: bool,
    /// Template of the key that it encrypts with instead of the store's; `${store.key}` of the write rules then stands for it.
    /// A description without that member means AWS's own key.
    #[serde(default)]
    pub encryption_key: Option<String>,
    /// How certain that is.
    #[serde(default)]
    pub certainty: Certainty,
    /// When; always when empty.
    #[serde(default)]
    pub when: Vec<When>,
    /// What proves it.
    #[serde(default)]
    pub evidence: Evidence,
    /// Where that is documented; several pages where they disagree.
    pub documentation: Links,
}

/// One thing that must be allowed.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RequirementRule {
    /// Unique within its file; kebab case.
    pub id: String,
    /// Which role calls. In `pipeline.yaml` the place of the rule says it.
    #[serde(default)]
    pub role: Option<String>,
    /// The IAM actions, each of which must be allowed.
    #[serde(default)]
    pub operations: Vec<String>,
    /// Instead of `operations`: IAM actions of which at least one must be allowed; the others then are conditional.
    #[serde(default)]
    pub alternatives: Vec<String>,
    /// Templates of the resources; each operation is needed on each of them. `*` for actions without resource types.
    pub resources: Vec<String>,
    /// What a resource template with `*` stands for.
    #[serde(default)]
    pub covers: Covers,
    /// When it is needed; always when empty.
    #[serde(default)]
    pub when: Vec<When>,
    /// Makes one requirement for every item of a list; `${each.…}` then works.
    #[serde(default)]
    pub each: Option<Each>,
    /// Makes one requirement for every input artifact whose producer fits; `${producer.…}` then works.
    #[serde(default)]
    pub producer: Option<Producer>,
    /// How certain it is.
    #[serde(default)]
    pub certainty: Certainty,
    /// Context keys the call carries beyond those of every call, keys and values as templates.
    #[serde(default)]
    pub context: BTreeMap<String, String>,
    /// Context keys the call may carry with any value; one that ends with `*` stands for every key it begins.
    #[serde(default)]
    pub unknown_context: Vec<String>,
    /// What the permission is for, as a clause: `to start the build and poll its result`.
    pub why: String,
    /// What proves it.
    #[serde(default)]
    pub evidence: Evidence,
    /// Where that is documented; several pages where they disagree.
    pub documentation: Links,
}

/// What a resource template with `*` stands for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Covers {
    /// Every ARN it matches: all have to be allowed.
    #[default]
    Every,
    /// One of the ARNs it matches, not known which: allowed for only some of them is undecided.
    OneUnknown,
    /// At least one of the ARNs it matches has to be allowed.
    AtLeastOne,
}

/// How certain a requirement is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Certainty {
    /// Documented or recorded: without it the run fails. Denied is an error.
    #[default]
    Necessary,
    /// Needed in some configurations. Denied is a warning.
    Conditional,
    /// In AWS's samples, not known to be needed. Denied is a note.
    Advised,
}

/// What proves a permission.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// A page of AWS's documentation says it.
    #[default]
    Documented,
    /// Calls of real runs were recorded.
    Recorded,
    /// A thread, or the code of a project that runs pipelines, tells of it.
    Reported,
    /// It follows from other facts.
    Inferred,
    /// It is believed, and no source was found; never more than a note.
    Unverified,
}

impl Evidence {
    /// The name in rule files and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Recorded => "recorded",
            Self::Reported => "reported",
            Self::Inferred => "inferred",
            Self::Unverified => "unverified",
        }
    }
}

/// Links to the pages that prove something: one, or several where they disagree.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Links {
    /// One page.
    One(String),
    /// Several pages.
    Several(Vec<String>),
}

impl Links {
    /// The links in the order they are written.
    pub fn all(&self) -> &[String] {
        match self {
            Self::One(link) => std::slice::from_ref(link),
            Self::Several(links) => links,
        }
    }
}

/// A list whose items each need the same.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Each {
    /// The list, as a variable: a member of a resource's description, or a configuration value.
    pub of: String,
    /// What stands between the items of a configuration value that is plain text; without it the value is read as JSON.
    #[serde(default)]
    pub separator: Option<String>,
    /// Members that an item must have, each with one of these values, whatever the case.
    #[serde(default)]
    pub r#where: BTreeMap<String, Vec<String>>,
    /// Regular expressions that members must match; the named groups become members as well.
    #[serde(default)]
    pub matches: BTreeMap<String, String>,
}

/// The action that made an input artifact.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Producer {
    /// Its provider.
    pub provider: String,
    /// Values its configuration must have.
    #[serde(default)]
    pub configuration: BTreeMap<String, String>,
    /// Whether it acts in another account than the role that calls.
    #[serde(default)]
    pub foreign: Option<bool>,
}

/// A condition on the action; all members that are written must hold, and of a list of conditions all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct When {
    /// A configuration key; with none of `is`, `is-not`, `contains`, `contains-not`, `present` it must be there and not empty.
    #[serde(default)]
    pub configuration: Option<String>,
    /// Instead of a key: a template. Of what is not known only that holds which excludes values.
    #[serde(default)]
    pub value: Option<String>,
    /// The key's value is one of these, whatever the case.
    #[serde(default)]
    pub is: Vec<String>,
    /// The key is absent or its value none of these.
    #[serde(default)]
    pub is_not: Vec<String>,
    /// The key's value contains one of these, whatever the case.
    #[serde(default)]
    pub contains: Vec<String>,
    /// The key is absent or its value contains none of these.
    #[serde(default)]
    pub contains_not: Vec<String>,
    /// Whether the key is there and not empty.
    #[serde(default)]
    pub present: Option<bool>,
    /// Whether all facts that the value takes are among the inputs.
    #[serde(default)]
    pub known: Option<bool>,
    /// Whether the role that calls lives in another account than the pipeline.
    #[serde(default)]
    pub foreign: Option<bool>,
    /// Whether the action has input artifacts.
    #[serde(default)]
    pub inputs: Option<bool>,
    /// Whether the action has output artifacts.
    #[serde(default)]
    pub outputs: Option<bool>,
    /// Whether the artifact store names a customer managed key.
    #[serde(default)]
    pub customer_key: Option<bool>,
    /// The action's category is one of these.
    #[serde(default)]
    pub category: Vec<String>,
}

/// `rules/pipeline.yaml`: what every pipeline needs, whatever its providers.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PipelineRules {
    /// CodePipeline assumes the service role.
    pub assume_pipeline_role: RequirementRule,
    /// The service role assumes an action role.
    pub assume_action_role: RequirementRule,
    /// A service assumes a role that was passed or attached to it.
    pub assume_service_role: RequirementRule,
    /// A role is passed to a service.
    pub pass_role: RequirementRule,
    /// A role reads artifacts from a store.
    pub read_artifacts: Vec<RequirementRule>,
    /// A role writes artifacts to a store.
    pub write_artifacts: Vec<RequirementRule>,
    /// The service role copies input artifacts of a cross-Region action out of the pipeline's own store.
    pub replicate_from: Vec<RequirementRule>,
    /// The service role copies input artifacts of a cross-Region action into the other Region's store.
    pub replicate_to: Vec<RequirementRule>,
    /// EventBridge takes up the role of an event rule.
    pub assume_rule_role: RequirementRule,
    /// The role of an event rule starts the pipeline.
    pub start_pipeline: RequirementRule,
    /// An event rule of another account sends events to a bus of the pipeline's account.
    pub send_events: RequirementRule,
    /// Whoever updates the pipeline, once for each pipeline.
    pub update_pipeline: Vec<RequirementRule>,
    /// Whoever updates the pipeline, once for each action.
    pub update_action: Vec<RequirementRule>,
}
