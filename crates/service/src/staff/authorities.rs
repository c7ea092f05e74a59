//! Whose staff members and feeds somebody may read of: those of their own authority and of the
//! authorities that lie in their regions. Whoever may approve or end somebody can see who it is.

use domain::{Authority, AuthorityKind};
use tracing::instrument;

use super::StaffAccounts;
use crate::Result;
use crate::access::{Action, Resource, Staff};

impl StaffAccounts {
    /// The authorities whose staff members and feeds the asker may read of, by name. The built-in ones
    /// have neither.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`](crate::ServiceError::NotPermitted);
    /// [`ServiceError::Store`](crate::ServiceError::Store).
    #[instrument(name = "staff.authorities", skip_all)]
    pub async fn authorities(&self, by: &Staff) -> Result<Vec<Authority>> {
        by.may(Action::ReadStaff)?;
        let now = self.clock.now();
        let mut theirs = self.access.authorities().await?;
        theirs.retain(|authority| {
            let is_built_in = matches!(
                authority.kind,
                AuthorityKind::Person | AuthorityKind::Tracer
            );
            let resource = Resource::of(authority.id, Some(authority.region));
            !is_built_in && by.check(Action::ReadStaff, &resource, now).is_ok()
        });
        theirs.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(theirs)
    }
}
