//! A person's status with its reasons.

use std::collections::BTreeMap;

use domain::evidence::Order;
use domain::policy::Language;
use domain::{
    Appeals, Authority, AuthorityId, Evidence, EvidenceId, Explanation, Fact, Finding, PersonId,
    Timestamp, explain,
};
use store::{StoreError, appeals, evidence};
use tracing::instrument;

use super::People;
use crate::access::Resident;
use crate::{Result, ServiceError};

/// What a person reads about their code.
#[derive(Clone, Debug)]
pub struct StatusReport {
    /// Whose.
    pub person: PersonId,
    /// The verdict, and for each restriction and advice the rule, what happened, until when and what
    /// to do; and how to contest it.
    pub explanation: Explanation,
    /// The language of the texts.
    pub language: Language,
    /// The authorities that the explanation names.
    pub authorities: Vec<Authority>,
    /// The orders about the person.
    pub orders: BTreeMap<EvidenceId, Order>,
    /// As of when.
    pub at: Timestamp,
}

impl StatusReport {
    /// The name of an authority that the explanation mentions.
    pub fn authority_name(&self, id: AuthorityId) -> Option<&str> {
        let found = self.authorities.iter().find(|authority| authority.id == id);
        found.map(|authority| authority.name.as_str())
    }

    /// The orders on which a finding rests: basis, offices and end are read by the ordered person,
    /// whatever the policy's texts say (invariant 2).
    pub fn orders_of(&self, finding: &Finding) -> impl Iterator<Item = &Order> {
        let evidence = finding.evidence.iter();
        evidence.filter_map(|id| self.orders.get(id))
    }
}

impl People {
    /// The person's status now, with reasons in the language closest to `language`, or in the
    /// policy's first if it is published in none that is close.
    ///
    /// # Errors
    /// [`ServiceError::NoPolicy`]; [`ServiceError::Store`].
    #[instrument(name = "status.of", skip_all)]
    pub async fn status(&self, resident: &Resident, language: &str) -> Result<StatusReport> {
        let person = resident.person();
        let _stored_and_fresh = self.verdicts.current(person).await?;
        let active = self.policies.active()?;
        let now = self.clock.now();
        let policy = &active.policy;
        let closest = policy
            .language(language)
            .or_else(|| policy.languages().first());
        let language = closest.ok_or(ServiceError::NoPolicy)?.clone();
        let since = active.context(now).look_back_from;
        let read = self
            .store
            .read("status.evidence", (person, since), |tx, (person, since)| {
                Box::pin(async move {
                    let evidence = evidence::of(tx, *person, *since).await?;
                    let open = appeals::open_of(tx, &[*person]).await?;
                    Ok::<_, StoreError>((evidence, open))
                })
            });
        let (evidence, mut open) = read.await?;
        let filed = open.remove(&person).unwrap_or_default();
        let appeals = Appeals::under(policy, &filed);
        let explanation = explain(policy, &active.levels, &evidence, appeals, now, &language);
        let named = named_in(&explanation);
        let authorities = self.access.known_authorities(&named).await?;
        Ok(StatusReport {
            person,
            explanation,
            language,
            authorities,
            orders: orders_in(evidence),
            at: now,
        })
    }
}

fn orders_in(evidence: Vec<Evidence>) -> BTreeMap<EvidenceId, Order> {
    let evidence = evidence.into_iter();
    let orders = evidence.filter_map(|one| match one.fact {
        Fact::Order(order) => Some((one.id, order)),
        _ => None,
    });
    orders.collect()
}

fn named_in(explanation: &Explanation) -> Vec<AuthorityId> {
    let reasons = explanation.restrictions.iter().chain(&explanation.advice);
    let in_force = reasons.map(|reason| reason.finding.authority);
    let mut named: Vec<_> = in_force
        .chain(explanation.not_in_force.iter().map(|past| past.authority))
        .collect();
    named.sort_unstable();
    named.dedup();
    named
}
