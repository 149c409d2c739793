//! Waiting for the network: the progress is told meanwhile, and Ctrl-C ends it.

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::Runtime;

use super::reach::LiveError;
use super::tally::Tally;

/// How often whoever waits hears of the progress.
const TICK: Duration = Duration::from_millis(100);

/// What a run hears while it waits.
pub(super) type Progress<'a> = &'a mut dyn FnMut(&Tally);

/// The runtime, and what may happen besides the work that is waited for.
pub(super) struct Waiting {
    /// Always there until it is dropped.
    runtime: Option<Runtime>,
    tally: Arc<Mutex<Tally>>,
    /// Ctrl-C; one for the whole run, so that it is heard as well when it comes while nobody waits.
    interrupt: Pin<Box<dyn Future<Output = io::Result<()>> + Send>>,
    interrupted: bool,
}

impl fmt::Debug for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiting").finish_non_exhaustive()
    }
}

impl Waiting {
    /// Nothing is waited for yet.
    pub(super) fn new(tally: &Arc<Mutex<Tally>>) -> Result<Self, LiveError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| LiveError {
                message: format!("the system gives no resources for network calls: {error}"),
                help: None,
            })?;
        Ok(Self {
            runtime: Some(runtime),
            tally: Arc::clone(tally),
            interrupt: Box::pin(tokio::signal::ctrl_c()),
            interrupted: false,
        })
    }

    /// Waits for some work.
    pub(super) fn wait<T>(
        &mut self,
        progress: Progress<'_>,
        work: impl Future<Output = T>,
    ) -> Result<T, LiveError> {
        let mut tell = || {
            let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
            progress(&tally);
            tally.events.clear();
        };
        let Some(runtime) = self.runtime.as_ref().filter(|_| !self.interrupted) else {
            return Err(interrupted());
        };
        let done = runtime.block_on(async {
            let mut work = std::pin::pin!(work);
            let mut ticks = tokio::time::interval(TICK);
            loop {
                tokio::select! {
                    biased;
                    heard = &mut self.interrupt => match heard {
                        Ok(()) => return None,
                        // It cannot be listened for: the system ends the process then, as without us.
                        Err(_) => self.interrupt = Box::pin(std::future::pending()),
                    },
                    done = &mut work => return Some(done),
                    _ = ticks.tick() => tell(),
                }
            }
        });
        tell();
        self.interrupted = done.is_none();
        done.ok_or_else(interrupted)
    }
}

impl Drop for Waiting {
    /// A name that is being resolved cannot be called off, and nobody wants to wait for it any more.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn interrupted() -> LiveError {
    LiveError {
        message: "interrupted; nothing was written".to_owned(),
        help: None,
    }
}
