//! Whether two facts say the same, wherever each of them stands.

use std::collections::BTreeMap;

use crate::graph::{
    Action, ArtifactStore, AttachedPolicy, Condition, EncryptionKey, Fact, Gate, Organization,
    Pipeline, Policy, Principal, Principals, Stage, StageCondition, Statement, Trigger, Value,
    Variable, Written,
};

/// Equality without origins.
pub(super) trait Says {
    /// Whether both say the same.
    fn says(&self, other: &Self) -> bool;
}

/// Types that carry no origin.
macro_rules! plain {
    ($($kind:ty),*) => {
        $(impl Says for $kind {
            fn says(&self, other: &Self) -> bool {
                self == other
            }
        })*
    };
}

plain!(bool, String);

impl<T: Says> Says for Vec<T> {
    fn says(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().zip(other).all(|(one, two)| one.says(two))
    }
}

impl<T: Says> Says for Option<T> {
    fn says(&self, other: &Self) -> bool {
        match (self, other) {
            (Some(one), Some(two)) => one.says(two),
            (one, two) => one.is_none() && two.is_none(),
        }
    }
}

impl<T: Says> Says for BTreeMap<String, T> {
    fn says(&self, other: &Self) -> bool {
        self.len() == other.len()
            && self
                .iter()
                .zip(other)
                .all(|((key, one), (other_key, two))| key == other_key && one.says(two))
    }
}

impl<T: Says> Says for Fact<T> {
    fn says(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Known(one), Self::Known(two)) => one.says(two),
            (Self::Absent, Self::Absent) | (Self::Unseen, Self::Unseen) => true,
            _ => false,
        }
    }
}

impl Says for Written {
    fn says(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Says for Value {
    fn says(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Says for AttachedPolicy {
    fn says(&self, other: &Self) -> bool {
        self.arn == other.arn
    }
}

impl Says for Policy {
    fn says(&self, other: &Self) -> bool {
        self.name == other.name
            && self.version == other.version
            && self.statements.says(&other.statements)
    }
}

impl Says for Statement {
    fn says(&self, other: &Self) -> bool {
        self.sid == other.sid
            && self.effect == other.effect
            && self.not_action == other.not_action
            && self.not_resource == other.not_resource
            && self.principals.says(&other.principals)
            && self.actions.says(&other.actions)
            && self.resources.says(&other.resources)
            && self.conditions.says(&other.conditions)
    }
}

impl Says for Principals {
    fn says(&self, other: &Self) -> bool {
        self.not == other.not && self.any_of.says(&other.any_of)
    }
}

impl Says for Principal {
    fn says(&self, other: &Self) -> bool {
        self.kind == other.kind && self.value.says(&other.value)
    }
}

impl Says for Condition {
    fn says(&self, other: &Self) -> bool {
        self.operator.says(&other.operator)
            && self.key.says(&other.key)
            && self.values.says(&other.values)
    }
}

impl Says for Organization {
    fn says(&self, other: &Self) -> bool {
        self.id == other.id
            && self.management_account == other.management_account
            && self
                .service_control_policies
                .says(&other.service_control_policies)
            && self
                .resource_control_policies
                .says(&other.resource_control_policies)
    }
}

impl Says for Pipeline {
    fn says(&self, other: &Self) -> bool {
        self.name.says(&other.name)
            && self.role_arn.says(&other.role_arn)
            && self.artifact_store.says(&other.artifact_store)
            && self.artifact_stores.says(&other.artifact_stores)
            && self.stages.says(&other.stages)
            && self.pipeline_type.says(&other.pipeline_type)
            && self.execution_mode.says(&other.execution_mode)
            && self.variables.says(&other.variables)
            && self.triggers.says(&other.triggers)
    }
}

impl Says for Variable {
    fn says(&self, other: &Self) -> bool {
        self.name.says(&other.name) && self.default.says(&other.default)
    }
}

impl Says for Trigger {
    fn says(&self, other: &Self) -> bool {
        self.provider.says(&other.provider) && self.source_action.says(&other.source_action)
    }
}

impl Says for ArtifactStore {
    fn says(&self, other: &Self) -> bool {
        self.kind.says(&other.kind)
            && self.location.says(&other.location)
            && self.encryption_key.says(&other.encryption_key)
    }
}

impl Says for EncryptionKey {
    fn says(&self, other: &Self) -> bool {
        self.kind.says(&other.kind) && self.id.says(&other.id)
    }
}

impl Says for Stage {
    fn says(&self, other: &Self) -> bool {
        self.name.says(&other.name)
            && self.actions.says(&other.actions)
            && self.rules.says(&other.rules)
            && self.gates.says(&other.gates)
    }
}

impl Says for Gate {
    fn says(&self, other: &Self) -> bool {
        self.position == other.position
            && self.result.says(&other.result)
            && self.retry_mode.says(&other.retry_mode)
            && self.conditions.says(&other.conditions)
    }
}

impl Says for StageCondition {
    fn says(&self, other: &Self) -> bool {
        self.result.says(&other.result) && self.rules == other.rules
    }
}

impl Says for Action {
    fn says(&self, other: &Self) -> bool {
        self.name.says(&other.name)
            && self.type_id == other.type_id
            && self.run_order == other.run_order
            && self.role_arn.says(&other.role_arn)
            && self.region.says(&other.region)
            && self.configuration.says(&other.configuration)
            && self.inputs.says(&other.inputs)
            && self.outputs.says(&other.outputs)
            && self.output_files.says(&other.output_files)
            && self.lists.says(&other.lists)
            && self.namespace.says(&other.namespace)
            && self.timeout.says(&other.timeout)
    }
}
