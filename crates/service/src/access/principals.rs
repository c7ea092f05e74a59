//! Who is asking, by type: a use case that takes a principal cannot forget to ask.

use std::collections::BTreeSet;

use domain::evidence::GroupKind;
use domain::{Authority, AuthorityId, AuthorityKind, PersonId};

use crate::{Result, ServiceError};

/// What a person says about themselves is recorded under this authority.
pub const SELF_AUTHORITY: AuthorityId = AuthorityId::from_u128(1);
/// What the contact tracing of this system finds is recorded under this authority.
pub const TRACER_AUTHORITY: AuthorityId = AuthorityId::from_u128(2);

/// A person whose phone presented their token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resident {
    pub(super) person: PersonId,
}

/// Somebody who acts for an authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Official {
    pub(super) authority: Authority,
}

/// Somebody who acts for a health authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthOfficial(Official);

/// Somebody who acts for an authority that may say who belongs to a group of some kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupOfficial(Official);

/// Who runs the program on the machine that holds the keys: the command line. Never built for a
/// request that came over the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator {
    name: String,
}

/// Who may publish levels and policies at once: the operator, alone while nobody is registered, and
/// with two persons who approved afterwards. Officials propose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publisher {
    name: String,
    is_two_persons: bool,
}

impl Resident {
    /// Who.
    pub const fn person(&self) -> PersonId {
        self.person
    }
}

impl Official {
    /// The authority.
    pub const fn authority(&self) -> &Authority {
        &self.authority
    }

    /// The same, if the authority is a health authority.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`] if it is another kind.
    pub fn into_health(self) -> Result<HealthOfficial> {
        match self.authority.kind {
            AuthorityKind::Health => Ok(HealthOfficial(self)),
            kind => Err(ServiceError::NotPermitted {
                needed: "only a health authority",
                kind,
            }),
        }
    }

    /// The same, if the authority keeps lists of households, buildings or passengers.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`] if it is of another kind.
    pub fn into_group_official(self) -> Result<GroupOfficial> {
        let kind = self.authority.kind;
        if GroupKind::ALL.iter().any(|group| kind.may_list(*group)) {
            return Ok(GroupOfficial(self));
        }
        Err(ServiceError::NotPermitted {
            needed: "only a community office or a transport authority",
            kind,
        })
    }
}

impl GroupOfficial {
    /// The official.
    pub const fn official(&self) -> &Official {
        &self.0
    }
}

impl HealthOfficial {
    /// The official.
    pub const fn official(&self) -> &Official {
        &self.0
    }
}

impl Operator {
    /// The operator at the command line; `name` goes into the record of what they publish.
    pub fn at_the_command_line(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Publisher {
    /// The operator with the names of two or more people who approved, which go into the record.
    ///
    /// # Errors
    /// [`ServiceError::BadField`] unless there are two different names, of 1 to 200 characters each.
    pub fn with_approval(operator: &Operator, approved_by: &[String]) -> Result<Self> {
        let names: Vec<&str> = approved_by.iter().map(|name| name.trim()).collect();
        if names
            .iter()
            .any(|name| name.is_empty() || name.chars().count() > 200)
        {
            let why = "expected names of 1 to 200 characters";
            return Err(ServiceError::field("approved_by", why));
        }
        let folded: BTreeSet<String> = names.iter().map(|name| name.to_lowercase()).collect();
        if folded.len() < 2 {
            let why = "expected the names of two different people";
            return Err(ServiceError::field("approved_by", why));
        }
        Ok(Self {
            name: format!("{}, approved by {}", operator.name, names.join(" and ")),
            is_two_persons: true,
        })
    }

    /// The name in the record.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether two persons approved.
    pub(crate) const fn is_two_persons(&self) -> bool {
        self.is_two_persons
    }
}

impl From<&Operator> for Publisher {
    fn from(operator: &Operator) -> Self {
        Self {
            name: operator.name.clone(),
            is_two_persons: false,
        }
    }
}
