//! Who publishes levels and policies at once, and how the record names them.

use domain::Timestamp;

use super::can::{Action, Resource};
use super::{Operator, Staff};
use crate::audit::Actor;
use crate::{Result, ServiceError};

/// Who may publish levels and policies at once: the operator, alone while nobody is registered, or two
/// staff members who are both signed in. Otherwise one proposes and another approves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publisher {
    name: String,
    actor: Actor,
    is_two_persons: bool,
}

impl Publisher {
    /// Two staff members who agree on what they publish, both signed in.
    ///
    /// # Errors
    /// [`ServiceError::SamePerson`] if it is one; [`ServiceError::NotPermitted`] if one may not propose or the other not
    /// approve.
    pub fn of_two(proposer: &Staff, approver: &Staff, now: Timestamp) -> Result<Self> {
        if proposer.id() == approver.id() {
            return Err(ServiceError::SamePerson);
        }
        proposer.check(Action::ProposePolicy, &Resource::NOBODYS, now)?;
        approver.check(Action::ApprovePolicy, &Resource::NOBODYS, now)?;
        let (proposed, approved) = (proposer.signature(now), approver.signature(now));
        Ok(Self {
            name: format!("{}, approved by {}", proposed.name, approved.name),
            actor: proposer.into(),
            is_two_persons: true,
        })
    }

    /// The name in the record.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Who, in the log.
    pub(crate) const fn actor(&self) -> Actor {
        self.actor
    }

    /// Whether two persons approved.
    pub(crate) const fn is_two_persons(&self) -> bool {
        self.is_two_persons
    }
}

impl From<&Operator> for Publisher {
    fn from(operator: &Operator) -> Self {
        Self {
            name: operator.name().to_owned(),
            actor: Actor::Operator { authority: None },
            is_two_persons: false,
        }
    }
}
