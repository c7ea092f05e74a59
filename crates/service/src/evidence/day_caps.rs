//! What one authority may send on one day.

use domain::{Fact, Timestamp};
use store::receipts::{self, RequestHash};
use store::{StoreError, Transaction};
use tracing::warn;

use super::{Receipt, Submissions, refusal};
use crate::access::Submitter;
use crate::caps::{Cap, Drawing};
use crate::decisions::RequestOnce;
use crate::{Result, ServiceError};

impl Submissions {
    /// Leaves out foreign verdicts, if the authority may send no more of them on this day: all that came
    /// together, so that nobody has to find out which went in. A repeated request counts once.
    pub(super) async fn within_the_day(
        &self,
        by: &Submitter,
        once: Option<&RequestOnce>,
        mut facts: Vec<Option<Fact>>,
        now: Timestamp,
        receipt: &mut Receipt,
    ) -> Result<Vec<Option<Fact>>> {
        let is_foreign = |fact: &Option<Fact>| matches!(fact, Some(Fact::ForeignVerdict { .. }));
        let count = facts.iter().filter(|fact| is_foreign(fact)).count();
        if count == 0 {
            return Ok(facts);
        }
        let cap = Cap::ForeignVerdictsADay;
        let drawing = Drawing {
            cap,
            most: self.settings.cap(cap),
            authority: by.authority().id,
            now,
            count: u32::try_from(count).unwrap_or(u32::MAX),
        };
        let most = drawing.most;
        let request = once.map(|once| once.request);
        let drawn =
            self.store
                .transaction("caps.draw", (request, drawing), |tx, (request, drawing)| {
                    Box::pin(draw_once(tx, *request, drawing))
                });
        if drawn.await? {
            return Ok(facts);
        }
        warn!(cap = cap.name(), most, "an authority has used up its day");
        for (index, fact) in facts.iter_mut().enumerate() {
            if is_foreign(fact) {
                *fact = None;
                let why = format!(
                    "one authority may send {most} of these a day; send the rest tomorrow, or have \
                     whoever runs this raise `{}`",
                    cap.name()
                );
                let error = ServiceError::field("kind", why);
                receipt.refused.push(refusal(index, error));
            }
        }
        Ok(facts)
    }
}

/// Draws, unless the request was carried out before.
async fn draw_once(
    tx: &mut Transaction,
    request: Option<RequestHash>,
    drawing: &Drawing,
) -> Result<bool, StoreError> {
    if let Some(request) = request
        && receipts::find(tx, request).await?.is_some()
    {
        return Ok(true);
    }
    drawing.draw(tx).await
}
