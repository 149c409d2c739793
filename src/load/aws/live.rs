//! One live run: the door to everything async.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;

use super::reach::{LiveError, Reach};
use super::reads;
use super::session::Sessions;
use super::tally::Tally;
use super::wait::{Progress, Waiting};
use crate::graph::{Arn, Graph, Want};
use crate::load::{Input, SnapshotFile, is_account};

/// Live accounts, and what was read of them.
#[derive(Debug)]
pub struct Live {
    waiting: Waiting,
    sessions: Sessions,
    tally: Arc<Mutex<Tally>>,
    asked: BTreeSet<Want>,
    files: BTreeMap<PathBuf, SnapshotFile>,
}

impl Live {
    /// Opens the accounts.
    ///
    /// # Errors
    /// No credentials, credentials that AWS does not accept, or access that leads to another account than it should.
    pub fn open(reach: &Reach, progress: Progress<'_>) -> Result<Self, LiveError> {
        let tally = Arc::default();
        let mut waiting = Waiting::new(&tally)?;
        let sessions = waiting.wait(progress, Sessions::open(reach, &tally))??;
        Ok(Self {
            waiting,
            sessions,
            tally,
            asked: BTreeSet::new(),
            files: BTreeMap::new(),
        })
    }

    /// The Region that calls go to where nothing tells another.
    pub fn region(&self) -> String {
        let first = self.sessions.of(&self.sessions.first);
        first.map_or_else(String::new, |session| session.region().to_owned())
    }

    /// The account that the run began with.
    pub fn account(&self) -> &str {
        &self.sessions.first
    }

    /// The accounts that nobody gave access to, each with what was wanted there. A bucket's name tells no account.
    pub fn unreached(&self) -> BTreeMap<String, BTreeSet<Want>> {
        let mut unreached: BTreeMap<String, BTreeSet<Want>> = BTreeMap::new();
        for want in &self.asked {
            let account = owner(want).filter(|account| self.sessions.of(account).is_none());
            if let Some(account) = account {
                unreached.entry(account).or_default().insert(want.clone());
            }
        }
        unreached
    }

    /// Reads pipelines of the first account by their names; `*` are all of its Region.
    ///
    /// # Errors
    /// A pipeline that is not there or may not be read: without it there is nothing to do.
    pub fn pipelines(&mut self, names: &[String], progress: Progress<'_>) -> Result<(), LiveError> {
        let read = reads::pipelines(&self.sessions, names);
        let files = self.waiting.wait(progress, read)?;
        // Credentials that have run out are why a pipeline cannot be read, and say more.
        self.sessions.stopped().map_or(Ok(()), Err)?;
        self.keep(files?)
    }

    /// Reads what is wanted and was not asked for before; tells whether there was any such thing.
    ///
    /// # Errors
    /// Credentials that have run out meanwhile. What AWS does not tell is no error: the files say so.
    pub fn fetch(
        &mut self,
        wants: &BTreeSet<Want>,
        graph: &Graph,
        progress: Progress<'_>,
    ) -> Result<bool, LiveError> {
        let new: Vec<Want> = wants.difference(&self.asked).cloned().collect();
        if new.is_empty() {
            return Ok(false);
        }
        let reads = new
            .iter()
            .map(|want| reads::read(&self.sessions, want, graph));
        let files = self.waiting.wait(progress, join_all(reads))?;
        self.asked.extend(new);
        self.keep(files.into_iter().flatten().collect())?;
        Ok(true)
    }

    fn keep(&mut self, files: Vec<SnapshotFile>) -> Result<(), LiveError> {
        for file in files {
            self.files.insert(file.path.clone(), file);
        }
        self.sessions.stopped().map_or(Ok(()), Err)
    }

    /// Sees whether somebody pressed Ctrl-C since AWS was last waited for: before something is written.
    ///
    /// # Errors
    /// Somebody did.
    pub fn undisturbed(&mut self) -> Result<(), LiveError> {
        let moment = async { tokio::time::sleep(Duration::from_millis(1)).await };
        self.waiting.wait(&mut |_| {}, moment)
    }

    /// Everything read so far, as inputs.
    pub fn inputs(&self) -> Vec<Input> {
        self.files.values().cloned().map(Input::Snapshot).collect()
    }

    /// Everything read so far, in the order of the paths.
    pub fn files(&self) -> impl Iterator<Item = &SnapshotFile> {
        self.files.values()
    }

    /// What was done so far.
    pub fn tally(&self) -> Tally {
        self.tally
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// The account whose credentials tell of a thing, where the thing's name says that.
fn owner(want: &Want) -> Option<String> {
    let account = match want {
        Want::EventRules { account, .. } | Want::Group { account, .. } => account.clone(),
        Want::Role(arn)
        | Want::User(arn)
        | Want::Policy(arn)
        | Want::Key(arn)
        | Want::Resource(arn) => Arn::parse(arn)?.account,
        // What an organization imposes is told by its management account.
        Want::Organization(_) | Want::Bucket(_) => return None,
    };
    is_account(&account).then_some(account)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thing_is_told_by_the_account_in_its_name() {
        let of = |want: Want| owner(&want);
        let account = Some("222222222222".to_owned());
        let role = "arn:aws:iam::222222222222:role/Deploy";
        assert_eq!(of(Want::Role(role.to_owned())), account);
        let group = Want::Group {
            account: "222222222222".to_owned(),
            name: "admins".to_owned(),
        };
        assert_eq!(of(group), account);
        for nobodys in [
            Want::Policy("arn:aws:iam::aws:policy/ReadOnlyAccess".to_owned()),
            Want::Resource("arn:aws:s3:::artifacts".to_owned()),
            Want::Bucket("artifacts".to_owned()),
            Want::Organization("222222222222".to_owned()),
            Want::Key("artifacts".to_owned()),
        ] {
            assert_eq!(of(nobodys), None);
        }
    }
}
