//! Live accounts: AWS's own answers → files of a snapshot.
//!
//! In: how accounts are reached, and what is wanted ([`Want`](crate::graph::Want)). Out: one [`SnapshotFile`](super::SnapshotFile)
//! for each thing, in the shapes that the readers of files know. Knows nothing of pipelines' needs: the graph is asked, tells what
//! it lacks, and whoever drives this hands that on.
//!
//! Everything that is called is in the table of [`calls`]; they only read. The SDK, the network and the async runtime are
//! used in here and nowhere else, and only with the cargo feature `live`.

pub mod calls;

#[cfg(feature = "live")]
mod body;
#[cfg(feature = "live")]
mod call;
#[cfg(feature = "live")]
mod guard;
#[cfg(feature = "live")]
mod live;
#[cfg(feature = "live")]
mod mask;
#[cfg(feature = "live")]
mod memo;
#[cfg(feature = "live")]
mod open;
mod policy;
mod reach;
#[cfg(feature = "live")]
mod reads;
#[cfg(feature = "live")]
mod session;
mod tally;
#[cfg(feature = "live")]
mod trouble;
#[cfg(feature = "live")]
mod wait;

#[cfg(feature = "live")]
pub use live::Live;
pub use policy::{Whose, permissions};
pub use reach::{Door, LiveError, Reach};
pub use tally::{Event, Tally};
