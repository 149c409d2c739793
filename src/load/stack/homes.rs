//! Which stacks the templates among the inputs make, where each lives, and what its parameters are given.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::cdk::Assemblies;
use super::parameters::{self, Given};
use super::{Home, Stack, Supplied, Template};
use crate::graph::{Symbol, Symbols, has_symbol};
use crate::load::fault::nearest;
use crate::load::hint::{Hint, partition_of};
use crate::load::{LoadError, StackInput, Warning, files};
use crate::source::{Node, Origin, Sources};

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
    let mut spoken_of: BTreeMap<PathBuf, Vec<&StackInput>> = BTreeMap::new();
    for input in inputs {
        let place = real(&input.template);
        spoken_of.entry(place).or_default().push(*input);
    }
    let places: Vec<PathBuf> = templates
        .iter()
        .map(|template| real(&template.path))
        .collect();
    for (place, inputs) in &spoken_of {
        if let Some(first) = inputs.first().filter(|_| !places.contains(place)) {
            settler.expected_template(first);
        }
    }
    let mut stacks = Vec::new();
    for (template, place) in templates.iter().zip(&places) {
        let spoken_of = spoken_of.get(place).map_or(&[][..], Vec::as_slice);
        for input in assemblies.complete(settler.symbols, template, spoken_of) {
            stacks.push(settler.stack(template, &input));
        }
    }
    stacks
}

/// Values that are given for parameters that a template does not have: CloudFormation refuses them, and here they have no effect.
pub(in crate::load) fn superfluous(sources: &Sources, stacks: &[Stack]) -> Vec<Warning> {
    let mut warnings = Vec::new();
    for stack in stacks {
        let declared = sources.node(stack.template.root).get("Parameters");
        let declared = declared.map_or_else(Vec::new, Node::entries);
        let declared: Vec<&str> = declared.into_iter().map(|(name, ..)| name).collect();
        for (name, supplied) in &stack.parameters {
            if declared.contains(&name.as_str()) {
                continue;
            }
            let place = Some(supplied.origin).filter(|origin| *origin != Origin::NOWHERE);
            let title = &stack.title;
            warnings.push(Warning {
                message: format!(
                    "a value is given for the parameter `{name}`, but `{title}` does not have it"
                ),
                help: nearest(name, &declared).filter(|_| !declared.is_empty()),
                origins: vec![place.unwrap_or(stack.template.root)],
            });
        }
    }
    warnings
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
    /// What `--stack` names has to be a template; one that cannot be read has been named already.
    fn expected_template(&mut self, input: &StackInput) {
        let file = files::name_of(&input.template);
        if self.errors.iter().any(|error| error.file == file) {
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
        let hint = Hint::of(Path::new(&template.file));
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
        let homes = account.into_iter().chain(region);
        let homes: Vec<&str> = homes.filter(|part| !has_symbol(part)).collect();
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
        // Names of this stand in the middle of ARNs; where it is meant precisely, the whole path is told.
        let short = whose.rsplit('/').next().unwrap_or(whose);
        let (name, key) = match what {
            // It begins many a name, and is not told apart from that of another stack often.
            "stack name" => ("stack name".to_owned(), "name=STACK"),
            "account" => (format!("account of {short}"), "account=ID"),
            _ => (format!("Region of {short}"), "region=REGION"),
        };
        let symbol = self
            .symbols
            .unknown(&format!("{what} of {whose}"), || Symbol {
                name,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::stack::cdk::Assemblies;
    use crate::source::Sources;

    /// The stacks of one template under this path.
    fn of(path: &str, inputs: &[StackInput]) -> (Vec<Stack>, Symbols) {
        let mut sources = Sources::new();
        let mut symbols = Symbols::default();
        let mut errors = Vec::new();
        let source = sources.add(path, b"Resources: {}").unwrap();
        let root = sources.roots(source)[0].origin();
        let template = Template {
            path: PathBuf::from(path),
            file: path.to_owned(),
            root,
        };
        let inputs: Vec<&StackInput> = inputs.iter().collect();
        let none = Assemblies::default();
        let stacks = stacks(
            &mut sources,
            &mut symbols,
            &[template],
            &none,
            &inputs,
            &mut errors,
        );
        assert_eq!(errors, []);
        (stacks, symbols)
    }

    fn input(account: Option<&str>, name: Option<&str>) -> StackInput {
        StackInput {
            template: PathBuf::from("t.yaml"),
            account: account.map(str::to_owned),
            name: name.map(str::to_owned),
            ..StackInput::default()
        }
    }

    #[test]
    fn a_template_lives_where_it_is_said_to_or_nowhere_in_particular() {
        let (stacks, symbols) = of("t.yaml", &[]);
        let shown = |text: &str| symbols.shown(text).into_owned();
        assert_eq!(stacks.len(), 1);
        assert_eq!(stacks[0].title, "t.yaml");
        assert_eq!(shown(&stacks[0].home.account), "<account of t.yaml>");
        assert_eq!(shown(&stacks[0].home.region), "<Region of t.yaml>");
        assert_eq!(shown(&stacks[0].home.stack), "<stack name>");
        let (stacks, _) = of("t.yaml", &[input(Some("111111111111"), Some("tools"))]);
        assert_eq!(stacks.len(), 1, "it is not taken to stand alone as well");
        let home = &stacks[0].home;
        assert_eq!(
            (home.account.as_str(), home.stack.as_str()),
            ("111111111111", "tools")
        );
    }

    #[test]
    fn the_path_of_a_template_may_tell_its_home() {
        let (stacks, _) = of("all/111111111111/cn-north-1/t.yaml", &[]);
        let home = &stacks[0].home;
        let told = (
            home.account.as_str(),
            home.region.as_str(),
            home.partition.as_str(),
        );
        assert_eq!(told, ("111111111111", "cn-north-1", "aws-cn"));
        let (stacks, symbols) = of("111111111111/prod/t.yaml", &[]);
        assert_eq!(stacks[0].home.account, "111111111111");
        assert!(
            symbols
                .shown(&stacks[0].home.region)
                .starts_with("<Region of")
        );
    }

    #[test]
    fn stacks_of_one_template_are_told_apart() {
        let one = input(Some("111111111111"), None);
        let two = input(Some("222222222222"), None);
        let (stacks, _) = of("t.yaml", &[one.clone(), two, one, input(None, None)]);
        let titles: Vec<&str> = stacks.iter().map(|stack| stack.title.as_str()).collect();
        let expected = [
            "t.yaml",
            "t.yaml in 222222222222",
            "t.yaml in 111111111111",
            "t.yaml (2)",
        ];
        assert_eq!(titles, expected);
        assert_ne!(stacks[0].home.stack, stacks[1].home.stack);
    }

    #[test]
    fn later_files_win_over_earlier_ones_and_values_over_files() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let first = file("a.json", r#"{"A": "1", "B": "1", "C": "1"}"#);
        let second = file(
            "samconfig.toml",
            "version = 0.1\n[default.deploy.parameters]\nstack_name = \"shop\"\nregion = \"us-gov-west-1\"\nparameter_overrides = \"B=2 C=2\"\n",
        );
        let third = file(
            "c.json",
            r#"[{"ParameterKey": "D", "UsePreviousValue": true}]"#,
        );
        let given = StackInput {
            parameter_files: vec![first, second, third],
            parameters: BTreeMap::from([("C".to_owned(), "3".to_owned())]),
            ..input(Some("111111111111"), None)
        };
        let (stacks, symbols) = of("t.yaml", &[given]);
        let stack = &stacks[0];
        let values: Vec<(&str, String)> = stack
            .parameters
            .iter()
            .map(|(name, supplied)| (name.as_str(), symbols.shown(&supplied.value).into_owned()))
            .collect();
        let expected = [("A", "1"), ("B", "2"), ("C", "3"), ("D", "<D>")];
        assert_eq!(
            values,
            expected.map(|(name, value)| (name, value.to_owned()))
        );
        assert_eq!(stack.title, "shop");
        assert_eq!(stack.home.region, "us-gov-west-1");
        assert_eq!(stack.home.partition, "aws-us-gov");
    }
}
