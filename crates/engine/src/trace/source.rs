//! What a search needs of visits, wherever they are.

use super::span::Span;
use crate::columns::Seconds;

/// Where visits come from. Nothing is said about order, and visits of one person to one venue may
/// overlap.
pub trait Source: Sync {
    /// Why visits cannot be read.
    type Error: Send;
    /// Room for one thread to work in.
    type Scratch: Default;

    /// From the first instant anybody was anywhere to the last; `None` if nobody was.
    fn extent(&self) -> Option<Span>;

    /// How many visits there are.
    fn rows(&self) -> usize;

    /// Every visit of a person that reaches into a span: where and when, whole.
    fn visits_of(
        &self,
        scratch: &mut Self::Scratch,
        person: u32,
        during: Span,
        each: impl FnMut(u32, Span),
    ) -> Result<(), Self::Error>;

    /// Everybody at `venue` during a span: who, and the time of it they were there.
    fn present_at(
        &self,
        scratch: &mut Self::Scratch,
        venue: u32,
        during: Span,
        each: impl FnMut(u32, Span),
    ) -> Result<(), Self::Error>;

    /// Whether a search may hold so many bytes of what it found. One that holds too much ends with the
    /// error.
    ///
    /// # Errors
    /// What says why not. A source that knows of no limit has none.
    fn may_hold(&self, _bytes: u64) -> Result<(), Self::Error> {
        Ok(())
    }

    /// The visits of these people are about to be asked for. Asking for many places in memory at
    /// once takes little longer than asking for one.
    fn announce_people(&self, _people: &mut dyn Iterator<Item = u32>) {}

    /// Who was present is about to be asked for these venues and times.
    fn announce_venues(&self, _presences: &mut dyn Iterator<Item = (u32, Seconds)>) {}
}
