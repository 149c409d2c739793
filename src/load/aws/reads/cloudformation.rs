//! Stacks: <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html>

use aws_sdk_cloudformation::types::Stack;
use serde_json::{Map, Value};

use super::super::calls::DESCRIBE_STACKS;
use super::super::session::{Session, client};
use super::Gathered;
use crate::graph::{Arn, RefusalKind};
use crate::load::{Refused, SnapshotFile};

/// Reads a stack.
pub(super) async fn stack(session: &Session, arn: &Arn) -> Vec<SnapshotFile> {
    let subject = arn.to_string();
    let mut parts = arn.resource.split('/').skip(1);
    let name = parts.next().unwrap_or_default();
    // Only the whole ARN finds a stack that was deleted; the name finds the one that is there now.
    let asked = match parts.next() {
        Some(_) => subject.as_str(),
        None => name,
    };
    let client = client!(session, aws_sdk_cloudformation, &arn.region);
    let sent = client.describe_stacks().stack_name(asked).send();
    let answer = session.call(DESCRIBE_STACKS, &subject, sent).await;
    let mut gathered = Gathered::default();
    match answer.map(|answer| answer.stacks.unwrap_or_default().pop()) {
        Ok(Some(stack)) => gathered.members = described(&stack),
        Ok(None) => {}
        Err(refused) => gathered.refused.push(judged(refused)),
    }
    let segments = [&session.account, &arn.region, "cloudformation", name];
    let name = match gathered.members.get("StackId").and_then(Value::as_str) {
        Some(id) => id.to_owned(),
        None => subject,
    };
    vec![gathered.file(&segments, &name)]
}

/// The members that decide anything: parameters and outputs may be secrets.
fn described(stack: &Stack) -> Map<String, Value> {
    let capabilities: Vec<&str> = stack
        .capabilities()
        .iter()
        .map(|one| one.as_str())
        .collect();
    let members = [
        ("StackId", stack.stack_id().into()),
        ("StackName", stack.stack_name().into()),
        ("RoleARN", stack.role_arn().into()),
        (
            "StackStatus",
            stack.stack_status().map(|status| status.as_str()).into(),
        ),
        ("Capabilities", capabilities.into()),
    ];
    let told = members
        .into_iter()
        .filter(|(_, value): &(_, Value)| !value.is_null());
    told.map(|(key, value)| (key.to_owned(), value)).collect()
}

/// That there is no such stack is told by the same code as that the question was wrong.
fn judged(mut refused: Refused) -> Refused {
    if refused.kind == RefusalKind::Absent && !refused.message.contains("does not exist") {
        refused.kind = RefusalKind::Failed;
    }
    refused
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudformation::types::{Capability, Output, Parameter, StackStatus};
    use serde_json::json;

    use super::*;

    #[test]
    fn a_stack_is_kept_without_its_values() {
        let stack = Stack::builder()
            .stack_id("arn:aws:cloudformation:eu-west-1:222222222222:stack/app/0a1b")
            .stack_name("app")
            .role_arn("arn:aws:iam::222222222222:role/deploy")
            .stack_status(StackStatus::CreateComplete)
            .creation_time(aws_smithy_types::DateTime::from_secs(0))
            .capabilities(Capability::CapabilityNamedIam)
            .parameters(
                Parameter::builder()
                    .parameter_key("Password")
                    .parameter_value("hunter2")
                    .build(),
            )
            .outputs(
                Output::builder()
                    .output_key("Token")
                    .output_value("hunter2")
                    .build(),
            )
            .build();
        let expected = json!({
            "StackId": "arn:aws:cloudformation:eu-west-1:222222222222:stack/app/0a1b",
            "StackName": "app",
            "RoleARN": "arn:aws:iam::222222222222:role/deploy",
            "StackStatus": "CREATE_COMPLETE",
            "Capabilities": ["CAPABILITY_NAMED_IAM"],
        });
        assert_eq!(Value::Object(described(&stack)), expected);
    }

    #[test]
    fn a_wrong_question_is_no_proof_that_there_is_no_stack() {
        let refused = |message: &str| Refused {
            operation: "cloudformation:DescribeStacks",
            subject: String::new(),
            kind: RefusalKind::Absent,
            code: "ValidationError".to_owned(),
            message: message.to_owned(),
        };
        let kind = |message| judged(refused(message)).kind;
        assert_eq!(
            kind("Stack with id app does not exist"),
            RefusalKind::Absent
        );
        assert_eq!(kind("1 validation error detected"), RefusalKind::Failed);
    }
}
