//! SNS and CloudFormation, which answer in XML as IAM does.
//! <https://docs.aws.amazon.com/sns/latest/api/welcome.html>
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/Welcome.html>

use serde_json::Value;

use super::call::{Call, Outcome};
use super::cloud::{Inside, not_found, says, unknown};
use super::estate::{document, list, text as member};
use super::xml::{element, maybe, members, text};

pub(super) fn outcome(cloud: &Inside, call: &Call) -> Outcome {
    match call.operation.as_str() {
        "GetTopicAttributes" => topic(cloud, call),
        "DescribeStacks" => stacks(cloud, call),
        _ => unknown(call),
    }
}

/// <https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html>
fn topic(cloud: &Inside, call: &Call) -> Outcome {
    let arn = call.text("TopicArn");
    let mut topics = cloud.here(call, "sns");
    let topic = topics.find(|topic| member(&topic["Attributes"], "TopicArn") == Some(arn));
    let topic = topic.ok_or_else(|| not_found(404, "NotFound", "Topic does not exist"))?;
    let attributes = topic["Attributes"].as_object().unwrap();
    let entries = attributes.iter().map(|(name, value)| {
        let value = document(value).unwrap_or_default();
        element("entry", &(text("key", name) + &text("value", &value)))
    });
    says(element("Attributes", &entries.collect::<String>()))
}

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html>
fn stacks(cloud: &Inside, call: &Call) -> Outcome {
    let wanted = call.text("StackName");
    let stacks = cloud.here(call, "cloudformation");
    let stacks: Vec<&Value> = stacks
        .filter(|stack| {
            let names = [member(stack, "StackName"), member(stack, "StackId")];
            wanted.is_empty() || names.contains(&Some(wanted))
        })
        .collect();
    if stacks.is_empty() && !wanted.is_empty() {
        let message = format!("Stack with id {wanted} does not exist");
        return Err(not_found(400, "ValidationError", message));
    }
    let (page, token) = cloud.page(&stacks, call.text("NextToken"));
    let page = page.into_iter().map(stack);
    says(members("Stacks", page) + &maybe("NextToken", token.as_deref()))
}

fn stack(stack: &Value) -> String {
    let plain = [
        "StackId",
        "StackName",
        "RoleARN",
        "StackStatus",
        "ParentId",
        "RootId",
    ];
    let plain = plain.map(|name| maybe(name, member(stack, name)));
    let pairs = |name: &str, parts: [&str; 2]| {
        let items = list(stack, name)
            .iter()
            .map(|item| parts.map(|part| maybe(part, member(item, part))).concat());
        members(name, items)
    };
    let capabilities = list(stack, "Capabilities").iter();
    let capabilities = capabilities.filter_map(Value::as_str).map(str::to_owned);
    plain.concat()
        + &text("CreationTime", "2024-01-01T00:00:00Z")
        + &members("Capabilities", capabilities)
        + &pairs("Parameters", ["ParameterKey", "ParameterValue"])
        + &pairs("Outputs", ["OutputKey", "OutputValue"])
        + &pairs("Tags", ["Key", "Value"])
}
