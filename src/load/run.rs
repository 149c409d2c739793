//! One run of the readers: texts → recognised documents → facts.
//!
//! In: texts in the order of the inputs. Out: facts, what was recognised, what was not, and every input that cannot be read.
//! Templates hang on each other, so nothing is read before all texts are parsed. Knows no graph: facts become one behind it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::declared::{self, Answer};
use super::facts::Facts;
use super::files::{self, Text};
use super::hint::Hint;
use super::reader::{self, Read, Reading};
use super::stack::cdk::{self, Manifest};
use super::stack::{self, Template};
use super::{
    Input, LoadError, Loaded, Recognised, Settings, StackInput, Warning, foreign, ignore, refused,
    terraform,
};
use crate::graph::{SwitchedOff, Symbols};
use crate::source::{Format, Origin, SourceId, Sources, SyntaxError};

/// What [`Recognised::kind`] calls a template.
pub(super) const TEMPLATE: &str = "CloudFormation template";
/// And a cloud assembly's manifest.
pub(super) const MANIFEST: &str = "CDK manifest";

/// One run of the readers.
pub(super) struct Run<'s> {
    pub(super) sources: &'s mut Sources,
    pub(super) facts: Facts,
    pub(super) loaded: Loaded,
    pub(super) errors: Vec<LoadError>,
    /// Files of folders that were left out because they are broken.
    pub(super) broken: Vec<LoadError>,
    found: Vec<Found>,
}

/// A recognised document, in the order of the inputs. It is read once all texts are parsed, since templates hang on each other.
enum Found {
    /// The first document of a file.
    File,
    /// What AWS answers.
    Answer {
        document: Origin,
        hint: Hint,
        read: Read,
    },
    /// A template.
    Template(Template),
    /// A cloud assembly's manifest.
    Manifest(Manifest),
    /// A plan or a state of Terraform.
    Plan(terraform::Input),
}

impl<'s> Run<'s> {
    /// A run that has read nothing, and knows of inputs that are not there.
    pub(super) fn new(sources: &'s mut Sources, errors: Vec<LoadError>) -> Self {
        Self {
            sources,
            facts: Facts::default(),
            loaded: Loaded::default(),
            errors,
            broken: Vec::new(),
            found: Vec::new(),
        }
    }

    /// Reads one text; gives the files that it takes in, which belong to the inputs as well.
    pub(super) fn read_text(&mut self, text: &Text, bytes: &[u8]) -> Vec<PathBuf> {
        let source = match self.sources.add(&text.name, bytes) {
            Ok(source) => source,
            Err(error) => {
                // In a template the later of two same keys counts, so what is refused elsewhere may be one.
                match self.sources.add_lenient(&text.name, bytes) {
                    Ok(source) if self.is_template(source) => source,
                    _ => {
                        self.leave_out(text, bytes, error);
                        return Vec::new();
                    }
                }
            }
        };
        let hint = Hint::of(&text.home);
        let documents = reader::documents(self.sources, source);
        let known: Vec<_> = documents
            .iter()
            .map(|document| self.recognise(*document, &hint, text))
            .collect();
        if known.iter().all(Option::is_none) {
            // Whoever says that it is a template is told so where stacks are settled.
            let parameters = self.is_parameters(source, text, bytes);
            if text.named && !text.template {
                let help = match parameters {
                    true => Some(foreign::PARAMETERS.to_owned()),
                    false => foreign::advice(&text.path, bytes),
                };
                let help = help.unwrap_or_else(reader::understood);
                self.errors.push(LoadError {
                    file: text.name.clone(),
                    message: "not recognised as anything that can be checked".to_owned(),
                    position: None,
                    help: Some(help),
                });
            } else if parameters {
                self.recognised_parameters(text);
            } else if !text.named {
                self.loaded.unrecognised.push(text.name.clone());
            }
            return Vec::new();
        }
        self.found.push(Found::File);
        for (document, known) in documents.into_iter().zip(known) {
            let Some((kind, found)) = known else {
                self.loaded.warnings.push(Warning {
                    message: format!(
                        "a document in `{}` is not recognised, and left out",
                        text.name
                    ),
                    help: Some(reader::understood()),
                    origins: vec![document],
                });
                continue;
            };
            self.loaded.recognised.push(Recognised {
                kind,
                file: text.name.clone(),
                origin: document,
            });
            self.found.push(found);
        }
        if self.is_template(source) {
            self.loaded
                .warnings
                .extend(foreign::templated(self.sources, source));
        }
        for (first, again) in self.sources.duplicates(source) {
            let key = self.sources.node(again).scalar().unwrap_or_default();
            self.loaded.warnings.push(Warning {
                message: format!("the key `{key}` stands twice in one map; the later one counts"),
                help: Some("remove the one that is not meant".to_owned()),
                origins: vec![again, first],
            });
        }
        self.loaded
            .warnings
            .extend(reader::comments(self.sources, source));
        ignore::read(self.sources, source, &mut self.loaded);
        let roots = self.sources.roots(source).into_iter();
        let templates = roots.filter(|root| text.place().is_some() && stack::recognise(*root));
        templates
            .flat_map(|root| stack::nested_files(root, &text.path))
            .collect()
    }

    /// A text that is no JSON and no YAML: an error when it was named or is plainly JSON, else it is left out with a warning.
    fn leave_out(&mut self, text: &Text, bytes: &[u8], error: SyntaxError) {
        let mut error = LoadError::syntax(&text.name, error);
        if error.help.is_none() {
            error.help = foreign::advice(&text.path, bytes);
        }
        if text.named {
            self.errors.push(error);
            return;
        }
        if stack::parameters::is_sam_configuration(&text.path, bytes) {
            self.recognised_parameters(text);
            return;
        }
        match files::looks_like_input(&text.path, bytes) {
            None => {}
            Some(Format::Yaml) => {
                // One broken template must not keep all others of a folder from being checked.
                self.loaded.warnings.push(Warning {
                    message: format!("{error}; the file is left out"),
                    help: error.help.clone(),
                    origins: Vec::new(),
                });
                self.broken.push(error);
            }
            Some(_) => {
                self.errors.push(error);
                return;
            }
        }
        self.loaded.unrecognised.push(text.name.clone());
    }

    /// A file with parameters says nothing by itself, and nobody needs to hear that a stack does not name it.
    fn recognised_parameters(&mut self, text: &Text) {
        self.loaded.recognised.push(Recognised {
            kind: "parameter file",
            file: text.name.clone(),
            origin: Origin::NOWHERE,
        });
    }

    /// Whether a text holds nothing but values for parameters.
    fn is_parameters(&self, source: SourceId, text: &Text, bytes: &[u8]) -> bool {
        // TOML may happen to be YAML of one long text.
        if stack::parameters::is_sam_configuration(&text.path, bytes) {
            return true;
        }
        let documents = reader::documents(self.sources, source);
        let is_one = |document: &Origin| stack::parameters::recognise(self.sources.node(*document));
        !documents.is_empty() && documents.iter().all(is_one)
    }

    fn is_template(&self, source: SourceId) -> bool {
        let roots = self.sources.roots(source);
        roots.iter().any(|root| stack::recognise(*root))
    }

    fn recognise(
        &self,
        document: Origin,
        hint: &Hint,
        text: &Text,
    ) -> Option<(&'static str, Found)> {
        let node = self.sources.node(document);
        if stack::recognise(node) {
            let template = Template {
                path: text.path.clone(),
                file: text.name.clone(),
                root: document,
            };
            return Some((TEMPLATE, Found::Template(template)));
        }
        if cdk::recognise(node) {
            let manifest = Manifest {
                path: text.path.clone(),
                file: text.name.clone(),
                root: document,
                named: text.named,
            };
            return Some((MANIFEST, Found::Manifest(manifest)));
        }
        if let Some(kind) = terraform::recognise(node) {
            let plan = terraform::Input {
                file: text.name.clone(),
                root: document,
            };
            return Some((kind, Found::Plan(plan)));
        }
        let (kind, read) = reader::recognise(node, hint)?;
        let hint = hint.clone();
        let found = Found::Answer {
            document,
            hint,
            read,
        };
        Some((kind, found))
    }

    /// Reads all that was found, in the order of the inputs.
    pub(super) fn read_found(
        &mut self,
        inputs: &[Input],
        settings: &Settings,
    ) -> (Symbols, Vec<SwitchedOff>) {
        let mut symbols = Symbols::default();
        let found = std::mem::take(&mut self.found);
        let (mut templates, mut plans, mut manifests) = (Vec::new(), Vec::new(), Vec::new());
        for found in &found {
            match found {
                Found::Template(template) => templates.push(template.clone()),
                Found::Plan(plan) => plans.push(plan.clone()),
                Found::Manifest(manifest) => manifests.push(manifest.clone()),
                Found::File | Found::Answer { .. } => {}
            }
        }
        let assemblies = cdk::read(self.sources, &manifests, &templates, &mut self.errors);
        let inputs: Vec<&StackInput> = inputs
            .iter()
            .filter_map(|input| match input {
                Input::Stack(stack) => Some(stack),
                Input::Path(_) | Input::Stdin { .. } | Input::Snapshot(_) => None,
            })
            .collect();
        let stacks = stack::stacks(
            self.sources,
            &mut symbols,
            &templates,
            &assemblies,
            &inputs,
            &mut self.errors,
        );
        stack::secrets::hide(self.sources, &stacks);
        self.loaded.warnings.extend(assemblies.warnings);
        let superfluous = stack::superfluous(self.sources, &stacks);
        self.loaded.warnings.extend(superfluous);
        // What a stack takes its parameters from is known for what it is.
        let parameters = stack::parameters::named(&inputs);
        let is_one = |name: &String| {
            !parameters.is_empty()
                && std::fs::canonicalize(name).is_ok_and(|file| parameters.contains(&file))
        };
        self.loaded.unrecognised.retain(|name| !is_one(name));
        let mut world = stack::evaluate(self.sources, &mut symbols, &stacks, settings);
        self.loaded.warnings.extend(world.warnings);
        let (planned, warnings) = terraform::declared(self.sources, &mut symbols, &plans, settings);
        world.declared.extend(planned);
        self.loaded.warnings.extend(warnings);
        let answers = declared::answers(&world.declared, &mut symbols, &mut self.loaded.warnings);
        let mut by_root: BTreeMap<Origin, Vec<Answer>> = BTreeMap::new();
        for answer in answers {
            by_root.entry(answer.root).or_default().push(answer);
        }
        for found in found {
            match found {
                Found::File | Found::Manifest(_) => self.facts.begin_file(),
                Found::Answer {
                    document,
                    hint,
                    read,
                } => self.answer(document, &hint, read),
                Found::Template(Template { file, root, .. })
                | Found::Plan(terraform::Input { file, root }) => {
                    for answer in by_root.get(&root).into_iter().flatten() {
                        let document = self.sources.make(&answer.document);
                        self.loaded.recognised.push(Recognised {
                            kind: answer.kind,
                            file: file.clone(),
                            origin: document,
                        });
                        self.answer(document, &answer.hint, answer.read);
                    }
                }
            }
        }
        (symbols, world.switched_off)
    }

    fn answer(&mut self, document: Origin, hint: &Hint, read: Read) {
        let mut reading = Reading {
            sources: &mut *self.sources,
            hint,
            facts: &mut self.facts,
            errors: &mut self.errors,
        };
        read(&mut reading, document);
        refused::read(&mut reading, document);
    }
}
