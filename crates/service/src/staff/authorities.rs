//! Whose staff members and feeds somebody may read of: those of their own authority and of the
//! authorities that lie in their regions. A staff member who may approve or end somebody can see
//! who it is.

use domain::{Authority, AuthorityKind};
use tracing::instrument;

use super::StaffAccounts;
use crate::Result;
use crate::access::{Action, Staff};

impl StaffAccounts {
    /// The authorities whose staff members and feeds the asker may read of, by name. The built-in ones
    /// have neither.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`](crate::ServiceError::NotPermitted);
    /// [`ServiceError::Store`](crate::ServiceError::Store).
    #[instrument(name = "staff.authorities", skip_all)]
    pub async fn authorities(&self, by: &Staff) -> Result<Vec<Authority>> {
        let mut theirs = self.access.authorities_for(by, Action::ReadStaff).await?;
        theirs.retain(|authority| {
            let built_in = [AuthorityKind::Person, AuthorityKind::Tracer];
            !built_in.contains(&authority.kind)
        });
        theirs.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(theirs)
    }
}
