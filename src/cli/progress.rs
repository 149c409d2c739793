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

#[cfg(test)]
mod tests {
    use super::*;

    fn tally() -> Tally {
        Tally {
            calls: 57,
            ended: 41,
            attempts: 60,
            throttled: 2,
            refused: 1,
            by_account: [("", 2), ("111111111111", 40), ("222222222222", 15)]
                .map(|(account, calls)| (account.to_owned(), calls))
                .into(),
            events: vec![Event {
                account: "222222222222".to_owned(),
                operation: "iam:GetRole",
                subject: "arn:aws:iam::222222222222:role/De\u{1b}ploy".to_owned(),
                code: Some("NoSuchEntity".to_owned()),
                took: Duration::from_millis(12),
            }],
        }
    }

    fn shown(columns: Option<usize>, verbose: bool) -> String {
        let voice = Voice {
            columns,
            ..Voice::default()
        };
        let mut progress = Progress::new(voice, verbose);
        let mut err = Vec::new();
        progress.tell(&tally(), &mut err);
        // Nothing has changed, and no time has passed.
        let mut later = tally();
        later.events.clear();
        progress.tell(&later, &mut err);
        later.calls += 1;
        progress.tell(&later, &mut err);
        progress.clear(&mut err);
        progress.clear(&mut err);
        String::from_utf8(err).unwrap()
    }

    #[test]
    fn a_terminal_shows_one_line_that_goes_away() {
        let line = "asking AWS: 41 of 57 calls, 2 accounts, told to slow down twice";
        assert_eq!(shown(Some(80), false), format!("{CLEAR}{line}{CLEAR}"));
        assert_eq!(shown(Some(12), false), format!("{CLEAR}asking AWS:{CLEAR}"));
        assert_eq!(shown(None, false), "");
    }

    #[test]
    fn every_call_is_told_and_all_are_summed_up() {
        let shown = shown(Some(80), true);
        assert!(shown.starts_with("222222222222 iam:GetRole arn:aws:iam::222222222222:role/De"));
        assert!(shown.ends_with("ploy 12 ms NoSuchEntity\n"), "{shown}");
        assert_eq!(shown.lines().count(), 1);
        assert!(!shown.contains('\u{1b}'), "{shown}");
        assert_eq!(
            summary(&tally(), 3, Duration::from_millis(2340)),
            "57 calls in 2.3 s, 3 rounds: 60 requests, 2 throttled, 1 refused\n   \
             2 to learn who calls\n  40 111111111111\n  15 222222222222\n"
        );
    }
}
