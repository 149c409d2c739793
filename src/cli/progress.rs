//! What a person sees while AWS is asked: one line that is redrawn on a terminal, or a line for each call with `-v`.
//!
//! In: what was done so far. Out: text for standard error. Knows neither terminals nor AWS.

use std::io::Write;
use std::time::{Duration, Instant};

use super::Voice;
use crate::load::aws::{Event, Tally};
use crate::report::printable;

/// How long a line stays at least: nobody reads faster.
const PAUSE: Duration = Duration::from_millis(100);
/// Goes back to the line's beginning and deletes it: <https://www.ecma-international.org/publications-and-standards/standards/ecma-48/>.
const CLEAR: &str = "\r\u{1b}[K";

/// What was shown so far.
#[derive(Debug)]
pub(super) struct Progress {
    /// The columns of the terminal, where there is one to draw on.
    columns: Option<usize>,
    /// Whether each call is told.
    verbose: bool,
    begun: Instant,
    /// When the line was drawn last, and what it says; `None` where none is to be seen.
    drawn: Option<(Instant, String)>,
}

impl Progress {
    /// Begins, with nothing to be seen.
    pub(super) fn new(voice: Voice, verbose: bool) -> Self {
        Self {
            // Calls that are told one by one are progress enough.
            columns: voice.columns.filter(|_| !verbose),
            verbose,
            begun: Instant::now(),
            drawn: None,
        }
    }

    /// Shows what was done so far. Where standard error is gone nobody misses it.
    pub(super) fn tell(&mut self, tally: &Tally, err: &mut dyn Write) {
        if self.verbose {
            let lines: String = tally.events.iter().map(line_of).collect();
            let _ = err.write_all(lines.as_bytes());
        }
        let Some(columns) = self.columns else { return };
        let line = state(tally, columns);
        let stays = |(at, shown): &(Instant, String)| at.elapsed() < PAUSE || *shown == line;
        if !self.drawn.as_ref().is_some_and(stays) {
            let _ = write!(err, "{CLEAR}{line}").and_then(|()| err.flush());
            self.drawn = Some((Instant::now(), line));
        }
    }

    /// Takes the line away, so that other text may follow.
    pub(super) fn clear(&mut self, err: &mut dyn Write) {
        if self.drawn.take().is_some() {
            let _ = write!(err, "{CLEAR}").and_then(|()| err.flush());
        }
    }

    /// Tells at the end what it took.
    pub(super) fn sum_up(&self, tally: &Tally, rounds: usize, err: &mut dyn Write) {
        if self.verbose {
            let text = summary(tally, rounds, self.begun.elapsed());
            let _ = err.write_all(text.as_bytes());
        }
    }
}

/// `asking AWS: 41 of 57 calls, 2 accounts, 3 times told to slow down`
fn state(tally: &Tally, columns: usize) -> String {
    let mut line = format!("asking AWS: {} of {} calls", tally.ended, tally.calls);
    match accounts(tally) {
        0 => {}
        1 => line.push_str(", 1 account"),
        count => line.push_str(&format!(", {count} accounts")),
    }
    if tally.throttled > 0 {
        line.push_str(&format!(", told to slow down {}", times(tally.throttled)));
    }
    // A line that wraps could not be taken away.
    line.chars().take(columns.saturating_sub(1)).collect()
}

/// Accounts that were asked; who calls is asked before the account is known.
fn accounts(tally: &Tally) -> usize {
    let known = tally.by_account.keys();
    known.filter(|account| !account.is_empty()).count()
}

fn times(count: usize) -> String {
    match count {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        count => format!("{count} times"),
    }
}

/// `222222222222 iam:GetRole arn:aws:iam::222222222222:role/Deploy 12 ms NoSuchEntity`
fn line_of(event: &Event) -> String {
    let account = match event.account.as_str() {
        "" => "-",
        account => account,
    };
    let subject = match event.subject.as_str() {
        "" => "-",
        subject => subject,
    };
    let mut line = format!(
        "{account} {} {subject} {} ms",
        event.operation,
        event.took.as_millis()
    );
    if let Some(code) = &event.code {
        line.push(' ');
        line.push_str(code);
    }
    format!("{}\n", printable(&line))
}

fn summary(tally: &Tally, rounds: usize, took: Duration) -> String {
    let mut text = format!(
        "{} calls in {:.1} s, {rounds} rounds: {} requests, {} throttled, {} refused\n",
        tally.calls,
        took.as_secs_f64(),
        tally.attempts,
        tally.throttled,
        tally.refused,
    );
    for (account, calls) in &tally.by_account {
        let account = match account.as_str() {
            "" => "to learn who calls",
            account => account,
        };
        text.push_str(&format!("  {calls:>4} {account}\n"));
    }
    text
}
