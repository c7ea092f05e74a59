//! Publishing region levels and policies at once: by the operator of the installation while nobody is
//! registered, or by two staff members together. Otherwise one proposes: see `proposals`.

use std::sync::Arc;

use domain::{Policy, RegionLevel};
use store::audit::{self, NewEntry};
use store::{PolicyText, Publication, Transaction, people, publications};
use tracing::{info, instrument};

use super::Proposals;
use super::proposals::readable;
use crate::access::Publisher;
use crate::audit::{AuditEntry, Did};
use crate::{Result, ServiceError};

/// What is published, by whom.
struct Publishing<T> {
    what: T,
    publication: Publication,
    is_two_persons: bool,
    entry: NewEntry,
}

impl Proposals {
    /// Publishes region levels, all or none, and has everybody decided again in the background;
    /// [`super::Reevaluation::decide_everybody`] waits for that.
    ///
    /// # Errors
    /// [`ServiceError::BadField`] if a level ends before it begins; [`ServiceError::TooMany`];
    /// [`ServiceError::NeedsTwoPersons`]; [`ServiceError::Store`].
    #[instrument(name = "publishing.levels", skip_all, fields(levels = levels.len()))]
    pub async fn publish_levels(&self, by: &Publisher, levels: &[RegionLevel]) -> Result<()> {
        check_levels(levels, self.settings.most_items)?;
        if levels.is_empty() {
            return Ok(());
        }
        let entry = AuditEntry::new(by.actor(), Did::LevelsPublished, self.clock.now());
        let publishing = self.publishing(by, levels.to_vec(), entry.count(levels.len()));
        let published = self
            .store
            .transaction("levels.publish", publishing, |tx, levels| {
                Box::pin(publish_levels(tx, levels))
            });
        published.await?;
        self.policies.reload().await
    }

    /// Checks a policy and publishes it. Once its effective date has come it takes over, and
    /// everybody is decided again in the background; until then it waits. Publishing the same text
    /// again changes nothing.
    ///
    /// # Errors
    /// [`ServiceError::PolicyRefused`] if it does not check, with every problem: the policy in force
    /// stays; [`ServiceError::ForeignPolicy`]; [`ServiceError::PolicyExists`];
    /// [`ServiceError::NeedsTwoPersons`]; [`ServiceError::Store`].
    #[instrument(name = "publishing.policy", skip_all)]
    pub async fn publish_policy(&self, by: &Publisher, toml: &str) -> Result<Arc<Policy>> {
        let policy = readable(toml)?;
        self.refuse_foreign(&policy)?;
        let text = PolicyText {
            reference: policy.reference().clone(),
            toml: toml.to_owned(),
            effective: policy.effective(),
        };
        let entry = AuditEntry::new(by.actor(), Did::PolicyPublished, self.clock.now());
        let publishing = self.publishing(by, text, entry.what(policy.reference()));
        let published = self
            .store
            .transaction("policies.publish", publishing, |tx, policy| {
                Box::pin(publish_policy(tx, policy))
            });
        published.await?;
        info!(policy = %policy.reference(), effective = %policy.effective(), "published");
        self.policies.reload().await?;
        Ok(Arc::new(policy))
    }

    fn publishing<T>(&self, by: &Publisher, what: T, entry: AuditEntry) -> Publishing<T> {
        Publishing {
            what,
            publication: Publication {
                by: by.name().to_owned(),
                at: self.clock.now(),
            },
            is_two_persons: by.is_two_persons(),
            entry: entry.seal(&*self.ids),
        }
    }
}

/// Checks what levels say.
pub(super) fn check_levels(levels: &[RegionLevel], limit: usize) -> Result<()> {
    if levels.len() > limit {
        return Err(ServiceError::TooMany {
            field: "levels",
            count: levels.len(),
            limit,
        });
    }
    for level in levels {
        if level.until.is_some_and(|until| until <= level.from) {
            let why = format!("the level of {} must end after it begins", level.region);
            return Err(ServiceError::field("until", why));
        }
    }
    Ok(())
}

async fn publish_levels(tx: &mut Transaction, levels: &Publishing<Vec<RegionLevel>>) -> Result<()> {
    refuse_one_person(tx, levels.is_two_persons).await?;
    audit::append(tx, std::slice::from_ref(&levels.entry)).await?;
    Ok(publications::publish_levels(tx, &levels.what, &levels.publication).await?)
}

async fn publish_policy(tx: &mut Transaction, policy: &Publishing<PolicyText>) -> Result<()> {
    if !publications::policies(tx).await?.contains(&policy.what) {
        refuse_one_person(tx, policy.is_two_persons).await?;
        audit::append(tx, std::slice::from_ref(&policy.entry)).await?;
    }
    Ok(publications::publish_policy(tx, &policy.what, &policy.publication).await?)
}

/// Once anybody is registered, nobody changes the rules alone.
async fn refuse_one_person(tx: &mut Transaction, is_two_persons: bool) -> Result<()> {
    if is_two_persons || people::after(tx, None, 1).await?.is_empty() {
        return Ok(());
    }
    Err(ServiceError::NeedsTwoPersons)
}
