//! Publishing region levels and policies at once, by the operator of the installation: while nobody
//! is registered, or with two persons named. Officials propose instead: see `proposals`.

use std::sync::Arc;

use domain::{Policy, RegionLevel};
use store::{PolicyText, Publication};
use tracing::{info, instrument};

use crate::access::Publisher;
use crate::in_force::parse;
use crate::service::Service;
use crate::{Result, ServiceError};

impl Service {
    /// Publishes region levels, all or none, and has everybody decided again in the background;
    /// [`Service::decide_everybody`] waits for that.
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
        self.refuse_one_person(by).await?;
        self.store
            .publish_levels(levels, self.publication(by))
            .await?;
        self.reload().await
    }

    /// Checks a policy and publishes it. Once its effective date has come it takes over, and
    /// everybody is decided again in the background; until then it waits. Publishing the same text
    /// again changes nothing.
    ///
    /// # Errors
    /// [`ServiceError::PolicyRefused`] if it does not check, with every problem: the policy in force
    /// stays; [`ServiceError::PolicyExists`]; [`ServiceError::NeedsTwoPersons`];
    /// [`ServiceError::Store`].
    #[instrument(name = "publishing.policy", skip_all)]
    pub async fn publish_policy(&self, by: &Publisher, toml: &str) -> Result<Arc<Policy>> {
        let policy = parse(toml).map_err(|problems| ServiceError::PolicyRefused { problems })?;
        let text = PolicyText {
            reference: policy.reference().clone(),
            toml: toml.to_owned(),
            effective: policy.effective(),
        };
        if !self.store.policies().await?.contains(&text) {
            self.refuse_one_person(by).await?;
        }
        self.store
            .publish_policy(text, self.publication(by))
            .await?;
        info!(policy = %policy.reference(), effective = %policy.effective(), "published");
        self.reload().await?;
        Ok(Arc::new(policy))
    }

    /// Every policy published, newest publication last.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn policies(&self) -> Result<Vec<PolicyText>> {
        Ok(self.store.policies().await?)
    }

    /// Once anybody is registered, nobody changes the rules alone.
    async fn refuse_one_person(&self, by: &Publisher) -> Result<()> {
        if by.is_two_persons() || self.store.people_after(None, 1).await?.is_empty() {
            return Ok(());
        }
        Err(ServiceError::NeedsTwoPersons)
    }

    fn publication(&self, by: &Publisher) -> Publication {
        Publication {
            by: by.name().to_owned(),
            at: self.clock.now(),
        }
    }
}

/// Checks what levels say.
pub(crate) fn check_levels(levels: &[RegionLevel], limit: usize) -> Result<()> {
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
