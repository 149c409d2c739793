//! What SAM does before CloudFormation sees a template: `Globals`, and roles that functions have without saying so.

use super::Evaluation;
use super::scope::{Scope, Step, To};
use crate::load::declared::types::{self, Identity, Named};
use crate::source::{Made, MadeValue, Node};

impl<'s> Evaluation<'s> {
    /// Properties with what `Globals` says of all resources of their type: maps are merged, lists are joined, and anything
    /// else is only taken over where the resource says nothing.
    ///
    /// Source: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html>
    pub(super) fn with_globals(&mut self, stack: usize, kind: &str, properties: Made) -> Made {
        let Some(section) = kind.strip_prefix("AWS::Serverless::") else {
            return properties;
        };
        let globals = self.stacks.get(stack).and_then(|live| live.globals);
        let Some(globals) = globals.and_then(|globals| globals.get(section)) else {
            return properties;
        };
        let step = Step {
            before: None,
            to: To::Member("Globals"),
        };
        match self.value(globals, Scope::of(stack).inside(&step)) {
            Some(globals) => merged(globals, properties),
            None => properties,
        }
    }

    /// The role that SAM makes for a function without one: `FunctionRole` of the function `Function`.
    ///
    /// Source: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources-function.html>
    pub(super) fn implied_role(&mut self, stack: usize, name: &str) -> Option<Identity> {
        let function = self.entry(stack, name.strip_suffix("Role")?)?;
        let is_function = matches!(
            function.kind,
            "AWS::Serverless::Function" | "AWS::Serverless::StateMachine"
        );
        let says = |member: &str| function.properties.and_then(|own| own.get(member));
        if !is_function || says("Role").is_some() {
            return None;
        }
        let everywhere = self
            .stacks
            .get(stack)
            .and_then(|live| live.globals?.get("Function")?.get("RolePath"));
        let path: Option<Node<'s>> = says("RolePath").or(everywhere);
        let scope = Scope {
            bound: &function.bound,
            ..Scope::of(stack)
        };
        let path = path.and_then(|path| self.scalar(path, scope));
        let home = self.stacks.get(stack)?.stack.home.clone();
        let named = Named {
            home: &home,
            logical_id: name,
            origin: function.node.origin(),
        };
        let role = types::of("AWS::IAM::Role")?;
        let property = |name: &str| path.clone().filter(|_| name == "Path");
        Some(role.identity(&named, self.symbols, &property))
    }
}

fn merged(globals: Made, own: Made) -> Made {
    let value = match (globals.value, own.value) {
        (MadeValue::Map(mut members), MadeValue::Map(own)) => {
            for (key, at, value) in own {
                let known = members.iter().position(|(name, _, _)| *name == key);
                let value = match known {
                    Some(known) => merged(members.remove(known).2, value),
                    None => value,
                };
                members.push((key, at, value));
            }
            MadeValue::Map(members)
        }
        (MadeValue::List(mut items), MadeValue::List(own)) => {
            items.extend(own);
            MadeValue::List(items)
        }
        (_, own) => own,
    };
    Made { value, ..own }
}
