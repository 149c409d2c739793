//! Answers that several things need, each asked for once in a run.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use tokio::sync::OnceCell;

use crate::load::Refused;

type Answer = Result<Value, Refused>;

/// Answers by what was asked.
#[derive(Debug, Default)]
pub(super) struct Memo(Mutex<BTreeMap<String, Arc<OnceCell<Answer>>>>);

impl Memo {
    /// The answer, asked for by whoever comes first; all others wait for that.
    pub(super) async fn once(&self, question: String, ask: impl Future<Output = Answer>) -> Answer {
        let answer = {
            let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(known.entry(question).or_default())
        };
        answer.get_or_init(|| ask).await.clone()
    }
}
