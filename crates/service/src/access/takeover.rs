//! What version 0.1 left: each authority had one token that could do everything and never ended. It
//! becomes a feed, which can submit and nothing else, and ends.

use std::sync::Arc;

use domain::{Authority, FactKind, FeedId, IdSource, Timestamp};
use jiff::SignedDuration;
use store::feeds::{self, FeedCredential, FeedRecord};
use store::{StoreError, Transaction, authorities};

use super::{SELF_AUTHORITY, TRACER_AUTHORITY};
use crate::people::{CredentialPurpose, Keys};

/// How long a token of version 0.1 goes on.
const OLD_TOKEN_LASTS: SignedDuration = SignedDuration::from_hours(90 * 24);
/// Requests a minute of a feed that nobody chose a rate for.
const OLD_TOKEN_RATE: u32 = 600;

/// Makes feeds of tokens.
pub(super) struct Takeover {
    pub authorities: Vec<Authority>,
    pub keys: Keys,
    pub ids: Arc<dyn IdSource>,
    pub now: Timestamp,
}

impl Takeover {
    pub async fn run(&self, tx: &mut Transaction) -> Result<(), StoreError> {
        for (hash, authority) in authorities::take_tokens(tx).await? {
            // Nobody ever held the tokens of the two that are built in.
            let is_built_in = [SELF_AUTHORITY, TRACER_AUTHORITY].contains(&authority);
            let known = self.authorities.iter().find(|one| one.id == authority);
            let Some(authority) = known.filter(|_| !is_built_in) else {
                continue;
            };
            let kinds = FactKind::ALL.iter().copied();
            let kinds = kinds.filter(|kind| authority.kind.may_submit(*kind));
            let feed = FeedRecord {
                id: FeedId::generate(&*self.ids),
                authority: authority.id,
                name: "token of version 0.1".to_owned(),
                kinds: kinds
                    .filter(|kind| !matches!(kind, FactKind::Order | FactKind::Contradiction))
                    .collect(),
                regions: [authority.region].into_iter().collect(),
                rate_per_minute: OLD_TOKEN_RATE,
                created_at: self.now,
                ends_at: self.now + OLD_TOKEN_LASTS,
                ended_at: None,
                public_key: None,
            };
            feeds::add(tx, &feed).await?;
            let credential = FeedCredential {
                hash: self.keys.at_rest(CredentialPurpose::Feed, &hash),
                created_at: self.now,
                ends_at: feed.ends_at,
                shown_to: None,
            };
            feeds::add_credential(tx, feed.id, &credential, self.now).await?;
        }
        Ok(())
    }
}
