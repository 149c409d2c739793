//! Which stacks the templates among the inputs make, where each lives, and what its parameters are given.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::cdk::Assemblies;
use super::parameters::{self, Given};
use super::{Home, Stack, Supplied, Template};
use crate::graph::{Symbol, Symbols};
use crate::load::hint::{Hint, partition_of};
use crate::load::{LoadError, StackInput, files};
use crate::source::{Origin, Sources};

/// The stacks that templates make: those of `--stack`, those of CDK manifests, and one for each template that nobody spoke of.
///
/// They come in the order of the templates, and those of one template in the order in which they were given.
pub(in crate::load) fn stacks(
    sources: &mut Sources,
    symbols: &mut Symbols,
    templates: &[Template],
    assemblies: &Assemblies,
    inputs: &[&StackInput],
    errors: &mut Vec<LoadError>,
) -> Vec<Stack> {
    let mut settler = Settler {
        sources,
        symbols,
        errors,
        titles: BTreeSet::new(),
    };
    let places: Vec<PathBuf> = templates
        .iter()
        .map(|template| real(&template.path))
        .collect();
    for input in inputs {
        settler.expect_template(input, &places);
    }
    let mut stacks = Vec::new();
    for (template, place) in templates.iter().zip(&places) {
        let spoken_of = inputs
            .iter()
            .filter(|input| real(&input.template) == *place);
        let spoken_of: Vec<&StackInput> = spoken_of.copied().collect();
        for input in assemblies.complete(settler.symbols, template, &spoken_of) {
            stacks.push(settler.stack(template, &input));
        }
    }
    stacks
}

/// The same path for the same file, however it is named.
fn real(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

struct Settler<'a> {
    sources: &'a mut Sources,
    symbols: &'a mut Symbols,
    errors: &'a mut Vec<LoadError>,
    titles: BTreeSet<String>,
}

impl Settler<'_> {
    /// What `--stack` names has to be a template.
    fn expect_template(&mut self, input: &StackInput, templates: &[PathBuf]) {
        let file = files::name_of(&input.template);
        let told = self.errors.iter().any(|error| error.file == file);
        if told || templates.contains(&real(&input.template)) {
            return;
        }
        self.errors.push(LoadError {
            file,
            message: "expected a CloudFormation template".to_owned(),
            position: None,
            help: Some("a template has `Resources`, each with a `Type`".to_owned()),
        });
    }

    fn stack(&mut self, template: &Template, input: &StackInput) -> Stack {
        let given = self.given(input);
        let mut parameters = BTreeMap::new();
        let mut name = input.name.clone();
        let mut region = input.region.clone();
        for file in given {
            name = name.or(file.stack);
            region = region.or(file.region);
            parameters.extend(file.values);
            for (previous, origin) in file.previous {
                let value = self.previous(template, &previous, origin);
                parameters.insert(previous, Supplied { value, origin });
            }
        }
        let origin = Origin::NOWHERE;
        let values = input.parameters.iter().map(|(name, value)| {
            let value = value.clone();
            (name.clone(), Supplied { value, origin })
        });
        parameters.extend(values);
        let hint = Hint::of(&template.path);
        let account = input.account.clone().or(hint.account.clone());
        let region = region.or_else(|| hint.folder_of_region().map(str::to_owned));
        let title = self.title(
            template,
            name.as_deref(),
            account.as_deref(),
            region.as_deref(),
        );
        let partition = region.as_deref().map_or("aws", partition_of);
        let home = Home {
            account: account.unwrap_or_else(|| self.open("account", template, &template.file)),
            partition: partition.to_owned(),
            region: region.unwrap_or_else(|| self.open("Region", template, &template.file)),
            stack: name.unwrap_or_else(|| self.open("stack name", template, &title)),
        };
        Stack {
            title,
            template: template.clone(),
            home,
            parameters,
        }
    }

    /// What the files with parameters tell, in their order.
    fn given(&mut self, input: &StackInput) -> Vec<Given> {
        let mut given = Vec::new();
        for path in &input.parameter_files {
            let (file, environment) = parameters::with_environment(path);
            match parameters::read(self.sources, &file, environment.as_deref()) {
                Ok(told) => given.push(told),
                // Several stacks may name the same broken file.
                Err(error) if self.errors.contains(&error) => {}
                Err(error) => self.errors.push(error),
            }
        }
        given
    }

    /// A name for people that no other stack has.
    fn title(
        &mut self,
        template: &Template,
        name: Option<&str>,
        account: Option<&str>,
        region: Option<&str>,
    ) -> String {
        let plain = name.unwrap_or(&template.file).to_owned();
        let homes: Vec<&str> = account.into_iter().chain(region).collect();
        let with_home = format!("{plain} in {}", homes.join(" "));
        let numbered = (2_usize..).map(|number| format!("{plain} ({number})"));
        let mut titles = std::iter::once(plain.clone())
            .chain((!homes.is_empty()).then_some(with_home))
            .chain(numbered);
        let title = titles.find(|title| !self.titles.contains(title));
        let title = title.unwrap_or(plain);
        self.titles.insert(title.clone());
        title
    }

    /// What nobody told of a home.
    fn open(&mut self, what: &str, template: &Template, whose: &str) -> String {
        let file = &template.file;
        let key = match what {
            "stack name" => "name=STACK",
            "account" => "account=ID",
            _ => "region=REGION",
        };
        let symbol = self
            .symbols
            .unknown(&format!("{what} of {whose}"), || Symbol {
                name: format!("{what} of {whose}"),
                what: format!("the {what} of `{whose}`"),
                supply: format!("say where it lives with `--stack {file},{key}`"),
                origin: template.root,
            });
        symbol.to_string()
    }

    /// The value that a parameter has had.
    fn previous(&mut self, template: &Template, name: &str, origin: Origin) -> String {
        let file = &template.file;
        let key = format!("previous value of {name} of {file}");
        let symbol = self.symbols.unknown(&key, || Symbol {
            name: name.to_owned(),
            what: format!("the value that the parameter `{name}` of `{file}` has had"),
            supply: format!("add `--assume {name}=VALUE`"),
            origin,
        });
        symbol.to_string()
    }
}
