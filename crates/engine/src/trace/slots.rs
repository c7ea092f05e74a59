//! At which venues something was, roughly when: a bit for each venue and slot of time. Asked before the exact
//! times are searched, it answers most questions with one place in memory.

use super::span::Span;
use crate::columns::Seconds;

/// So many words lie near the processor.
const NEAR: usize = 1 << 18;

/// Slots of time at venues `0..venues`, set where anything overlaps one.
pub(super) struct Slots {
    all: Span,
    /// A slot has two to the power of this many seconds.
    shift: u32,
    /// Words of each venue.
    words: usize,
    bits: Vec<u64>,
}

impl Slots {
    /// Empty slots for spans within `all`.
    pub(super) fn new(venues: u32, all: Span) -> Self {
        let venues = venues as usize;
        let most = (NEAR / venues.max(1)).max(1);
        let length = all.until.saturating_sub(all.from);
        let needed = |shift: u32| length.div_ceil(1 << shift).div_ceil(u64::BITS) as usize;
        let shift = (0..Seconds::BITS).find(|shift| needed(*shift) <= most);
        let shift = shift.unwrap_or(Seconds::BITS - 1);
        let words = needed(shift);
        Self {
            all,
            shift,
            words,
            bits: vec![0; venues * words],
        }
    }

    pub(super) fn bytes(&self) -> usize {
        self.bits.capacity() * 8
    }

    /// Sets the slots of a venue that `span` overlaps.
    pub(super) fn set(&mut self, venue: u32, span: Span) {
        let Some((first, last)) = self.slots(span) else {
            return;
        };
        let start = venue as usize * self.words;
        for slot in first..=last {
            self.bits[start + slot / 64] |= 1 << (slot % 64);
        }
    }

    /// Whether any slot that `span` overlaps is set: if not, nothing there overlaps `span`.
    pub(super) fn may_overlap(&self, venue: u32, span: Span) -> bool {
        let Some((first, last)) = self.slots(span) else {
            return false;
        };
        let start = venue as usize * self.words;
        let (from, until) = (u64::MAX << (first % 64), u64::MAX >> (63 - last % 64));
        match (start + first / 64, start + last / 64) {
            (one, other) if one == other => self.bits[one] & from & until != 0,
            (one, other) => {
                self.bits[one] & from != 0
                    || self.bits[other] & until != 0
                    || self.bits[one + 1..other].iter().any(|word| *word != 0)
            }
        }
    }

    /// The first and the last slot that a span overlaps.
    fn slots(&self, span: Span) -> Option<(usize, usize)> {
        let span = span.overlap(self.all)?;
        let slot = |at: Seconds| ((at - self.all.from) >> self.shift) as usize;
        Some((slot(span.from), slot(span.until - 1)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn spans(most: Seconds) -> impl Strategy<Value = Span> {
        (0..most, 1..most / 2).prop_map(|(from, length)| Span {
            from,
            until: from + length,
        })
    }

    proptest! {
        #![proptest_config(domain::testing::property_cases(256))]

        #[test]
        fn what_overlaps_is_never_missed(
            at_venues in prop::collection::vec((0..5_u32, spans(3_000_000)), 1..20),
            asked in prop::collection::vec((0..5_u32, spans(4_000_000)), 1..20),
            spread in prop::sample::select(vec![5_u32, 5_000, 300_000]),
        ) {
            let all = at_venues.iter().map(|(_, span)| *span).reduce(Span::cover).unwrap();
            let mut slots = Slots::new(spread, all);
            for (venue, span) in &at_venues {
                slots.set(*venue, *span);
            }
            for (venue, span) in asked {
                let mut own = at_venues.iter().filter(|(other, _)| *other == venue);
                if own.any(|(_, other)| span.overlap(*other).is_some()) {
                    prop_assert!(slots.may_overlap(venue, span));
                }
            }
        }
    }

    #[test]
    fn most_of_what_does_not_overlap_is_found_out_without_a_search() {
        let day = |day: Seconds| Span {
            from: day * 86_400,
            until: day * 86_400 + 1800,
        };
        let mut slots = Slots::new(10_000, day(0).cover(day(29)));
        slots.set(7, day(3));
        assert!(slots.may_overlap(7, day(3)));
        assert!(!slots.may_overlap(7, day(4)) && !slots.may_overlap(8, day(3)));
        assert!(!slots.may_overlap(7, day(40)), "after everything");
    }
}
