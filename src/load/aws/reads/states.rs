//! State machines: <https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeStateMachine.html>

use aws_sdk_sfn::types::IncludedData;

use super::super::calls::DESCRIBE_STATE_MACHINE;
use super::super::session::{Session, client};
use super::{Gathered, name_behind, object};
use crate::graph::Arn;
use crate::load::SnapshotFile;

/// Reads a state machine, or a version of it, without what it does: no rule reads that, it may hold secrets, and where it is
/// encrypted, to read it takes permissions on the key.
pub(super) async fn machine(session: &Session, arn: &Arn) -> Vec<SnapshotFile> {
    let Some(names) = name_behind(arn, "stateMachine:") else {
        return Vec::new();
    };
    let client = client!(session, aws_sdk_sfn, arn.region);
    let subject = arn.to_string();
    let send = |body| {
        client
            .describe_state_machine()
            .state_machine_arn(&subject)
            .included_data(IncludedData::MetadataOnly)
            .customize()
            .interceptor(body)
            .send()
    };
    let mut gathered = Gathered::default();
    match session.json(DESCRIBE_STATE_MACHINE, &subject, send).await {
        Ok(answer) => {
            gathered.members = object(answer);
            gathered.members.remove("definition");
        }
        Err(refused) => gathered.refused.push(refused),
    }
    let mut segments = vec![session.account.as_str(), &arn.region, "states"];
    segments.extend(names.split(':'));
    vec![gathered.file(&segments, &subject)]
}
