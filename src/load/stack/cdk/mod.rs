//! Cloud assemblies, the `cdk.out` folders of AWS CDK: each has a manifest that says which template goes where.
//!
//! In: the manifests and the templates among the inputs. Out: for each stack of a manifest its template, account, Region, name
//! and parameters.
//! An assembly inside another one, that of a stage, has a manifest of its own; nothing of the outer one is asked for it.
//! Knows nothing of what stands in the templates.
//!
//! The manifest: <https://docs.aws.amazon.com/cdk/api/v2/docs/@aws-cdk_cloud-assembly-schema.AssemblyManifest.html>

mod folder;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use super::Template;
use crate::graph::{Symbol, Symbols};
use crate::load::hint::is_account;
use crate::load::{LoadError, StackInput, Warning};
use crate::source::{Node, Origin, Sources};

pub(in crate::load) use folder::{is_assembly, is_byproduct};

const STACK: &str = "aws:cloudformation:stack";

/// What the artifact types of AWS CDK's own begin with: `cdk:cloud-assembly`, `cdk:asset-manifest`, `cdk:tree`.
const OWN: &str = "cdk:";

/// A cloud assembly's manifest among the inputs.
#[derive(Debug, Clone)]
pub(in crate::load) struct Manifest {
    /// Its path: templates are named relative to its folder.
    pub(in crate::load) path: PathBuf,
    /// What reports call the file.
    pub(in crate::load) file: String,
    /// The document.
    pub(in crate::load) root: Origin,
    /// Whether the user named the file, and not its folder.
    pub(in crate::load) named: bool,
}

/// What all manifests say.
#[derive(Debug, Default)]
pub(in crate::load) struct Assemblies {
    /// The stacks, in the order of the manifests and of each manifest.
    deployments: Vec<Deployment>,
    /// What is dubious about the manifests.
    pub(in crate::load) warnings: Vec<Warning>,
}

/// A stack as a manifest describes it.
#[derive(Debug, Clone)]
struct Deployment {
    /// The template.
    template: Template,
    /// The stack's name.
    name: String,
    /// The account; `None` for a stack that goes to whatever account the CDK CLI has credentials for.
    account: Option<String>,
    /// The Region; `None` as with the account.
    region: Option<String>,
    /// Values that the app itself sets.
    parameters: BTreeMap<String, String>,
    /// The folder of the outermost assembly that the manifest belongs to.
    assembly: PathBuf,
    /// The artifact in the manifest.
    origin: Origin,
}

/// Whether a document is the manifest of a cloud assembly.
pub(in crate::load) fn recognise(document: Node<'_>) -> bool {
    let known = |(_, _, artifact): &(&str, Origin, Node<'_>)| {
        artifact
            .get("type")
            .and_then(Node::as_str)
            .is_some_and(|kind| kind == STACK || kind.starts_with(OWN))
    };
    document.get("version").and_then(Node::as_str).is_some()
        && document
            .get("artifacts")
            .is_some_and(|artifacts| artifacts.entries().iter().any(known))
}

/// Reads the manifests, and names those that came without their templates.
pub(in crate::load) fn read(
    sources: &Sources,
    manifests: &[Manifest],
    templates: &[Template],
    errors: &mut Vec<LoadError>,
) -> Assemblies {
    let by_path: BTreeMap<PathBuf, &Template> = templates
        .iter()
        .map(|template| (plain(&template.path), template))
        .collect();
    let folders: BTreeSet<PathBuf> = manifests
        .iter()
        .map(|manifest| folder_of(&manifest.path))
        .collect();
    let mut assemblies = Assemblies::default();
    for manifest in manifests {
        let found = assemblies.deployments.len();
        let missing = assemblies.add(sources, manifest, &by_path, &folders);
        if missing.is_empty() {
            continue;
        }
        if manifest.named && found == assemblies.deployments.len() {
            errors.push(LoadError {
                file: manifest.file.clone(),
                message:
                    "the manifest of a cloud assembly, whose templates are not among the inputs"
                        .to_owned(),
                position: None,
                help: Some(format!(
                    "give the folder instead of the file: `{}`",
                    folder_name(&manifest.file)
                )),
            });
            continue;
        }
        assemblies
            .warnings
            .extend(missing.into_iter().map(|(file, origin)| Warning {
                message: format!(
                    "`{file}`, which `{}` names, is not among the inputs; its stack is left out",
                    manifest.file
                ),
                help: Some("synthesize the app anew with `cdk synth`".to_owned()),
                origins: vec![origin],
            }));
    }
    assemblies
}

impl Assemblies {
    /// What is said of each stack of a template: what `--stack` says, and where that is silent the manifest.
    ///
    /// Of a template that nobody speaks of, such as those that are nested in others, there is one stack without a home.
    pub(super) fn complete(
        &self,
        symbols: &mut Symbols,
        template: &Template,
        given: &[&StackInput],
    ) -> Vec<StackInput> {
        let deployments = self.deployments.iter();
        let deployments: Vec<&Deployment> = deployments
            .filter(|deployment| deployment.template.root == template.root)
            .collect();
        let Some(first) = deployments.first() else {
            let silent = given.is_empty().then(StackInput::default);
            let given = given.iter().map(|&input| input.clone());
            return given.chain(silent).collect();
        };
        if given.is_empty() {
            let silent = StackInput::default();
            let deployments = deployments.iter();
            return deployments
                .map(|deployment| deployment.complete(symbols, &silent))
                .collect();
        }
        let of_its_name = |input: &StackInput| {
            let mut deployments = deployments.iter();
            let found = deployments.find(|known| input.name.as_ref() == Some(&known.name));
            found.unwrap_or(first).complete(symbols, input)
        };
        given.iter().copied().map(of_its_name).collect()
    }

    /// Adds the stacks of a manifest; gives the templates that are not there.
    fn add(
        &mut self,
        sources: &Sources,
        manifest: &Manifest,
        templates: &BTreeMap<PathBuf, &Template>,
        folders: &BTreeSet<PathBuf>,
    ) -> Vec<(String, Origin)> {
        let folder = folder_of(&manifest.path);
        let outermost = folder.ancestors().filter(|above| folders.contains(*above));
        let assembly = outermost.last().unwrap_or(&folder).to_owned();
        let mut missing = Vec::new();
        let artifacts = sources.node(manifest.root).get("artifacts");
        for (id, _, artifact) in artifacts.map(Node::entries).unwrap_or_default() {
            let text =
                |node: Node<'_>, key| node.get(key).and_then(Node::scalar).map(str::to_owned);
            if text(artifact, "type").as_deref() != Some(STACK) {
                continue;
            }
            let Some(properties) = artifact.get("properties") else {
                continue;
            };
            let Some(file) = properties.get("templateFile") else {
                continue;
            };
            let name = file.scalar().unwrap_or_default();
            let Some(template) = templates.get(&plain(&folder.join(name))) else {
                missing.push((name.to_owned(), file.origin()));
                continue;
            };
            let (account, region) = environment(&text(artifact, "environment").unwrap_or_default());
            self.deployments.push(Deployment {
                template: (*template).clone(),
                name: text(properties, "stackName").unwrap_or_else(|| id.to_owned()),
                account,
                region,
                parameters: parameters(properties),
                assembly: assembly.clone(),
                origin: artifact.origin(),
            });
        }
        missing
    }
}

impl Deployment {
    fn complete(&self, symbols: &mut Symbols, input: &StackInput) -> StackInput {
        let account = input.account.clone().or_else(|| self.account.clone());
        let region = input.region.clone().or_else(|| self.region.clone());
        let mut parameters = self.parameters.clone();
        parameters.extend(input.parameters.clone());
        StackInput {
            template: self.template.path.clone(),
            account: Some(account.unwrap_or_else(|| self.open(symbols, "account"))),
            region: Some(region.unwrap_or_else(|| self.open(symbols, "Region"))),
            name: Some(input.name.clone().unwrap_or_else(|| self.name.clone())),
            parameter_files: input.parameter_files.clone(),
            parameters,
        }
    }

    /// Stacks without an environment all go to the one that the CDK CLI has credentials for:
    /// <https://docs.aws.amazon.com/cdk/v2/guide/configure-env.html>
    fn open(&self, symbols: &mut Symbols, what: &str) -> String {
        let assembly = self.assembly.to_string_lossy();
        let key = format!("{what} of assembly {assembly}");
        let symbol = symbols.unknown(&key, || Symbol {
            name: format!("{what} of the CDK app"),
            what: format!("the {what} of `{}`, whose stack has no environment", self.name),
            supply: format!(
                "set `env` of the stack in the CDK app, or say where it lives with `--stack {},account=ID,region=REGION`",
                self.template.file
            ),
            origin: self.origin,
        });
        symbol.to_string()
    }
}

/// `aws://111111111111/eu-west-1`, where either part may be unknown.
fn environment(text: &str) -> (Option<String>, Option<String>) {
    let parts = text.strip_prefix("aws://").unwrap_or_default();
    let (account, region) = parts.split_once('/').unwrap_or_default();
    (
        is_account(account).then(|| account.to_owned()),
        (!region.is_empty() && region != "unknown-region").then(|| region.to_owned()),
    )
}

fn parameters(properties: Node<'_>) -> BTreeMap<String, String> {
    let entries = properties.get("parameters").map(Node::entries);
    let entries = entries.unwrap_or_default().into_iter();
    entries
        .filter_map(|(name, _, value)| Some((name.to_owned(), value.scalar()?.to_owned())))
        .collect()
}

/// A path without `.` and `..`, so that two ways of writing one compare; links are not followed.
fn plain(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut plain = PathBuf::new();
    for part in absolute.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            part => plain.push(part),
        }
    }
    plain
}

fn folder_of(path: &Path) -> PathBuf {
    let mut folder = plain(path);
    folder.pop();
    folder
}

/// The folder of a file by the name that reports give it.
fn folder_name(file: &str) -> &str {
    file.rsplit_once('/').map_or(".", |(folder, _)| folder)
}
