//! How many one-time codes may be sent: for an account, for a client, to a phone.
//!
//! An account with a proven phone is counted by itself alone, so that strangers who name the phone
//! take nothing from it. Strangers share what a phone may be sent by them all, and each client has
//! a part of that. That their part is used up is not disclosed: it would reveal when others asked.

use domain::{AccountId, Timestamp};
use jiff::SignedDuration;
use store::identities::BlindIndex;
use store::one_time_codes;

use super::Accounts;
use crate::Result;

/// Codes are counted within this time.
pub(super) const COUNTED_WITHIN: SignedDuration = SignedDuration::from_hours(1);
/// Nobody is sent two codes within this.
const APART: SignedDuration = SignedDuration::from_secs(30);

/// The client that asks for a code: its address, or the network of a customer. It is kept as a keyed
/// hash for an hour, together with the phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AskedFrom([u8; 16]);

/// A number of codes within an hour, of some kind.
pub(super) struct CodeCount {
    /// Under what they are counted.
    pub of: BlindIndex,
    /// How many there may be.
    most: usize,
    /// How far they lie apart.
    apart: SignedDuration,
}

impl AskedFrom {
    /// The operator's own machine.
    pub const HERE: Self = Self([0; 16]);

    /// An IPv6 address, or an IPv4 address mapped into one.
    pub const fn address(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

impl Accounts {
    /// What an account asks for to prove its phone.
    pub(super) fn count_of_account(&self, account: AccountId) -> CodeCount {
        self.count(b"account", &account.to_bytes(), &[], 5, APART)
    }

    /// What accounts that have not proven a phone send to it.
    pub(super) fn counts_of_strangers(
        &self,
        phone: &BlindIndex,
        from: AskedFrom,
    ) -> [CodeCount; 2] {
        let none = SignedDuration::ZERO;
        [
            self.count(b"strangers", &phone.stable, &[], 5, none),
            self.count(b"stranger", &phone.stable, &from.0, 3, none),
        ]
    }

    /// What is sent to sign in to an account.
    pub(super) fn counts_of_sign_ins(&self, account: AccountId, from: AskedFrom) -> [CodeCount; 2] {
        let none = SignedDuration::ZERO;
        [
            self.count(b"sign-ins", &account.to_bytes(), &[], 9, none),
            self.count(b"sign-in", &account.to_bytes(), &from.0, 3, APART),
        ]
    }

    /// From when on another code may be counted under all of these: `now` or later.
    pub(super) async fn free_from(
        &self,
        counts: &[CodeCount],
        now: Timestamp,
    ) -> Result<Timestamp> {
        let since = now.checked_sub(COUNTED_WITHIN).unwrap_or(Timestamp::MIN);
        let mut free_from = now;
        for count in counts {
            let sent = self
                .store
                .read("codes.sent", (count.of, since), |tx, (of, since)| {
                    Box::pin(one_time_codes::sent_since(tx, *of, *since))
                });
            let sent = sent.await?;
            let oldest = sent.len().checked_sub(count.most);
            let oldest = oldest.and_then(|index| sent.get(index));
            let waits = [
                oldest.map(|at| at.checked_add(COUNTED_WITHIN)),
                sent.last().map(|at| at.checked_add(count.apart)),
            ];
            for from in waits.into_iter().flatten() {
                free_from = free_from.max(from.unwrap_or(now));
            }
        }
        Ok(free_from)
    }

    fn count(
        &self,
        kind: &[u8],
        whose: &[u8],
        from: &[u8],
        most: usize,
        apart: SignedDuration,
    ) -> CodeCount {
        CodeCount {
            of: BlindIndex::first(self.keys.count_of_codes(kind, whose, from)),
            most,
            apart,
        }
    }
}
