//! A small AWS on loopback: one door for all services, a log of everything that was asked.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::call::{Call, Failure, Outcome, Said};
use super::estate::Estate;
use super::http::{Answer, Request};
use super::manner::{self, Manner, Trouble};
use super::{descriptions, iam, kms, organizations, s3, sts, topics};

/// One answered call.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) account: String,
    pub(super) region: String,
    /// `iam:GetRole`
    pub(super) operation: String,
    pub(super) subject: String,
    pub(super) status: u16,
    pub(super) body: String,
    pub(super) begun: Duration,
    pub(super) ended: Duration,
}

/// A running cloud; it ends with this.
pub(super) struct Cloud {
    address: SocketAddr,
    inside: Arc<Inside>,
}

/// What all connections share.
pub(super) struct Inside {
    pub(super) estate: Estate,
    pub(super) manner: Manner,
    begun: Instant,
    log: Mutex<Vec<Entry>>,
    /// What was not understood: a fault of the client, or a hole in this cloud.
    puzzles: Mutex<Vec<String>>,
    counts: Mutex<BTreeMap<String, usize>>,
    /// Connections, whatever was said on them.
    visits: Mutex<usize>,
    ended: Mutex<bool>,
}

impl Cloud {
    pub(super) fn start(estate: Estate, manner: Manner) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let inside = Arc::new(Inside {
            estate,
            manner,
            begun: Instant::now(),
            log: Mutex::default(),
            puzzles: Mutex::default(),
            counts: Mutex::default(),
            visits: Mutex::default(),
            ended: Mutex::default(),
        });
        let shared = Arc::clone(&inside);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if *shared.ended.lock().unwrap() {
                    return;
                }
                *shared.visits.lock().unwrap() += 1;
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || shared.serve(&stream.unwrap()));
            }
        });
        Self { address, inside }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many connections there were.
    pub(super) fn visits(&self) -> usize {
        *self.inside.visits.lock().unwrap()
    }

    /// All calls so far in the order in which they came; nothing may have been asked that is not known here.
    pub(super) fn log(&self) -> Vec<Entry> {
        let puzzles = self.inside.puzzles.lock().unwrap();
        assert!(puzzles.is_empty(), "not understood: {puzzles:#?}");
        let mut log = self.inside.log.lock().unwrap().clone();
        log.sort_by_key(|entry| entry.begun);
        log
    }

    /// Every operation that was called.
    pub(super) fn operations(&self) -> BTreeSet<String> {
        self.log()
            .into_iter()
            .map(|entry| entry.operation)
            .collect()
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        *self.inside.ended.lock().unwrap() = true;
        let _woken = TcpStream::connect(self.address);
    }
}

impl Inside {
    fn serve(&self, stream: &TcpStream) {
        let begun = self.begun.elapsed();
        let Ok(Some(request)) = Request::read(stream) else {
            return;
        };
        let answer = match Call::of(&request) {
            Ok(call) => {
                std::thread::sleep(self.manner.latency);
                let answer = self.answer(&call);
                let entry = Entry {
                    account: call.account.clone(),
                    region: call.region.clone(),
                    operation: call.name(),
                    subject: call.subject.clone(),
                    status: answer.status,
                    body: String::from_utf8_lossy(&answer.body).into_owned(),
                    begun,
                    ended: self.begun.elapsed(),
                };
                self.log.lock().unwrap().push(entry);
                answer
            }
            Err(puzzle) => {
                self.puzzles.lock().unwrap().push(puzzle);
                Answer::new(501, "text/plain", "")
            }
        };
        // A client that gave up meanwhile is no fault of this side.
        let _sent = request.answer(stream, &answer);
    }

    fn answer(&self, call: &Call) -> Answer {
        let (nth, of_all) = {
            let mut counts = self.counts.lock().unwrap();
            let all = counts.entry(String::new()).or_default();
            *all += 1;
            let of_all = *all;
            let nth = counts.entry(call.name()).or_default();
            *nth += 1;
            (*nth, of_all)
        };
        if self
            .manner
            .expires_after
            .is_some_and(|calls| of_all > calls)
        {
            return call.answer(Err(manner::expired(call)));
        }
        match self.manner.trouble(call) {
            Some(Trouble::Denied) => call.answer(Err(manner::denied(call))),
            Some(Trouble::Throttled(times)) if nth <= times => {
                call.answer(Err(manner::throttled(call)))
            }
            Some(Trouble::Broken(times)) if nth <= times => call.answer(Err(manner::broken(call))),
            Some(Trouble::Garbage) => {
                Answer::new(200, "text/html", "<html><p>Welcome to the hotel!")
            }
            _ => call.answer(self.outcome(call)),
        }
    }

    fn outcome(&self, call: &Call) -> Outcome {
        match call.service.as_str() {
            "sts" => sts::outcome(call),
            "iam" => iam::outcome(self, call),
            "s3" => s3::outcome(self, call),
            "kms" => kms::outcome(self, call),
            "organizations" => organizations::outcome(self, call),
            "sns" | "cloudformation" => topics::outcome(self, call),
            _ => descriptions::outcome(self, call),
        }
    }

    /// One page of a list, and the token for the next.
    pub(super) fn page<T: Clone>(&self, items: &[T], token: &str) -> (Vec<T>, Option<String>) {
        let size = match self.manner.page {
            0 => items.len().max(1),
            size => size,
        };
        let empty = self.manner.empty_pages;
        let (begin, is_empty) = match token.split_once('-') {
            None => (0, empty),
            Some((begin, kind)) => (begin.parse().unwrap(), kind == "empty"),
        };
        if is_empty && (begin < items.len() || token.is_empty()) {
            return (Vec::new(), Some(format!("{begin}-full")));
        }
        let end = items.len().min(begin + size);
        let next = match (empty, end < items.len()) {
            (true, _) if !is_empty && end > begin => Some(format!("{end}-empty")),
            (false, true) => Some(format!("{end}-full")),
            _ => None,
        };
        (items[begin..end].to_vec(), next)
    }

    /// What is in the place of a call under a folder.
    pub(super) fn here<'a>(
        &'a self,
        call: &Call,
        folder: &str,
    ) -> impl Iterator<Item = &'a serde_json::Value> {
        self.estate.under(&call.account, &call.region, folder)
    }
}

/// An operation that nobody foresaw.
pub(super) fn unknown(call: &Call) -> Outcome {
    panic!("nobody answers {}", call.name());
}

/// The answer when something is not there.
pub(super) fn not_found(status: u16, code: &str, message: impl Into<String>) -> Failure {
    Failure::new(status, code, message)
}

/// An answer in XML.
pub(super) fn says(inside: impl Into<String>) -> Outcome {
    Ok(Said::Xml(inside.into()))
}
