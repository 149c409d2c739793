//! Topics: <https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html>

use serde_json::{Map, Value};

use super::super::calls::GET_TOPIC_ATTRIBUTES;
use super::super::session::{Session, client};
use super::Gathered;
use super::iam::document;
use crate::graph::Arn;
use crate::load::SnapshotFile;

/// What decides who may publish; the rest are counts and settings of delivery.
const KEPT: &[&str] = &["TopicArn", "Owner", "KmsMasterKeyId"];

/// Reads a topic.
pub(super) async fn topic(session: &Session, arn: &Arn) -> Vec<SnapshotFile> {
    let name = arn.to_string();
    let client = client!(session, aws_sdk_sns, &arn.region);
    let sent = client.get_topic_attributes().topic_arn(&name).send();
    let answer = session.call(GET_TOPIC_ATTRIBUTES, &name, sent).await;
    let mut gathered = Gathered::default();
    gathered.put(
        "Attributes",
        answer.map(|answer| {
            let told = answer.attributes.unwrap_or_default();
            described(|key| told.get(key).map(String::as_str))
        }),
    );
    let segments = [&session.account, &arn.region, "sns", &arn.resource];
    vec![gathered.file(&segments, &name)]
}

fn described<'a>(attribute: impl Fn(&str) -> Option<&'a str>) -> Value {
    let kept = KEPT.iter().filter_map(|&key| {
        let value = attribute(key)?;
        Some((key.to_owned(), value.into()))
    });
    let mut members: Map<String, Value> = kept.collect();
    members.insert(
        "Policy".to_owned(),
        attribute("Policy").map(document).into(),
    );
    Value::Object(members)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_decides_is_kept_of_a_topic() {
        let policy = r#"{"Version":"2012-10-17","Statement":[]}"#;
        let told = [
            ("TopicArn", "arn:aws:sns:eu-west-1:111111111111:approvals"),
            ("Owner", "111111111111"),
            ("Policy", policy),
            ("SubscriptionsConfirmed", "3"),
            (
                "FirehoseSuccessFeedbackRoleArn",
                "arn:aws:iam::111111111111:role/x",
            ),
        ];
        let find = |key: &str| {
            told.iter()
                .find(|(own, _)| *own == key)
                .map(|(_, value)| *value)
        };
        let expected = json!({
            "TopicArn": "arn:aws:sns:eu-west-1:111111111111:approvals",
            "Owner": "111111111111",
            "Policy": {"Version": "2012-10-17", "Statement": []},
        });
        assert_eq!(described(find), expected);
        assert_eq!(described(|_| None), json!({ "Policy": null }));
    }
}
