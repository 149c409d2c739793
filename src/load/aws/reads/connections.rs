//! Connections: <https://docs.aws.amazon.com/codeconnections/latest/APIReference/API_GetConnection.html>

use serde_json::{Map, Value};

use super::super::calls::{GET_CODESTAR_CONNECTION, GET_CONNECTION};
use super::super::session::{Session, client};
use super::{Gathered, name_behind};
use crate::graph::Arn;
use crate::load::SnapshotFile;

/// Reads a connection.
pub(super) async fn connection(session: &Session, arn: &Arn) -> Vec<SnapshotFile> {
    let Some(id) = name_behind(arn, "connection/") else {
        return Vec::new();
    };
    // IAM wants the prefix that the connection's own ARN has:
    // https://docs.aws.amazon.com/dtconsole/latest/userguide/rename.html
    let call = match arn.service.as_str() {
        "codestar-connections" => GET_CODESTAR_CONNECTION,
        _ => GET_CONNECTION,
    };
    let client = client!(session, aws_sdk_codeconnections, arn.region);
    let subject = arn.to_string();
    let sent = client.get_connection().connection_arn(&subject).send();
    let answer = session.call(call, &subject, sent).await;
    let answer = answer.map(|answer| {
        let connection = answer.connection();
        let text = |value: Option<&str>| value.map(str::to_owned);
        let told = connection.map(|connection| {
            [
                ("ConnectionArn", text(connection.connection_arn())),
                ("ConnectionName", text(connection.connection_name())),
                (
                    "ProviderType",
                    text(connection.provider_type().map(|one| one.as_str())),
                ),
                ("OwnerAccountId", text(connection.owner_account_id())),
                (
                    "ConnectionStatus",
                    text(connection.connection_status().map(|one| one.as_str())),
                ),
                ("HostArn", text(connection.host_arn())),
            ]
        });
        let told = told.into_iter().flatten();
        let told = told.filter_map(|(key, value)| Some((key.to_owned(), value?.into())));
        Value::Object(told.collect::<Map<_, _>>())
    });
    let mut gathered = Gathered::default();
    gathered.put("Connection", answer);
    let segments = [&session.account, &arn.region, "connections", id];
    vec![gathered.file(&segments, &subject)]
}
