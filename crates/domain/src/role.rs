//! What staff members are there to do.

use std::fmt;
use std::str::FromStr;

/// One thing that a staff member is there to do. What each may do stands in one table, `access::can`
/// of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Sees documents, binds accounts, keeps lists of households and buildings.
    CommunityWorker,
    /// Confirms cases, submits health evidence, proposes orders.
    HealthOfficer,
    /// Follows the contacts of cases.
    Tracer,
    /// Proposes policies and region levels.
    PolicyAuthor,
    /// Is the second person.
    Approver,
    /// Reads everything about how the system is used, changes nothing.
    Auditor,
    /// Keeps the venues of an authority.
    VenueOwner,
    /// Keeps the checkpoints of an authority.
    CheckpointLead,
    /// Proposes and ends staff members and feeds.
    Administrator,
}

impl Role {
    /// Every role, in the order of the documentation.
    pub const ALL: [Self; 9] = [
        Self::CommunityWorker,
        Self::HealthOfficer,
        Self::Tracer,
        Self::PolicyAuthor,
        Self::Approver,
        Self::Auditor,
        Self::VenueOwner,
        Self::CheckpointLead,
        Self::Administrator,
    ];

    /// The word used on the command line, in the API and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CommunityWorker => "community_worker",
            Self::HealthOfficer => "health_officer",
            Self::Tracer => "tracer",
            Self::PolicyAuthor => "policy_author",
            Self::Approver => "approver",
            Self::Auditor => "auditor",
            Self::VenueOwner => "venue_owner",
            Self::CheckpointLead => "checkpoint_lead",
            Self::Administrator => "administrator",
        }
    }

    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Text that names no role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "no role; one of community_worker, health_officer, tracer, policy_author, approver, auditor, \
     venue_owner, checkpoint_lead, administrator"
)]
pub struct BadRole;

impl FromStr for Role {
    type Err = BadRole;

    fn from_str(text: &str) -> Result<Self, BadRole> {
        let mut all = Self::ALL.into_iter();
        all.find(|role| role.as_str() == text).ok_or(BadRole)
    }
}

/// The roles of one staff member. Written as words with spaces between them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Roles(u16);

impl Roles {
    /// Whether this role is among them.
    pub const fn contains(self, role: Role) -> bool {
        self.0 & role.bit() != 0
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Each of them, in the order of the documentation.
    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL
            .into_iter()
            .filter(move |role| self.contains(*role))
    }
}

impl FromIterator<Role> for Roles {
    fn from_iter<I: IntoIterator<Item = Role>>(roles: I) -> Self {
        Self(roles.into_iter().fold(0, |bits, role| bits | role.bit()))
    }
}

impl fmt::Display for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<&str> = self.iter().map(Role::as_str).collect();
        f.write_str(&words.join(" "))
    }
}

impl FromStr for Roles {
    type Err = BadRole;

    fn from_str(text: &str) -> Result<Self, BadRole> {
        text.split_whitespace().map(Role::from_str).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_survive_their_text() {
        let roles: Roles = [Role::Approver, Role::HealthOfficer].into_iter().collect();
        assert_eq!(roles.to_string(), "health_officer approver");
        assert_eq!("approver health_officer".parse(), Ok(roles));
        assert_eq!("".parse(), Ok(Roles::default()));
        assert_eq!("emperor".parse::<Roles>(), Err(BadRole));
        let all: Roles = Role::ALL.into_iter().collect();
        assert_eq!(all.iter().count(), Role::ALL.len());
    }
}
