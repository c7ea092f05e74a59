//! Who is asking, by type: a use case that takes a principal cannot forget to ask.

use std::collections::BTreeSet;

use domain::evidence::GroupKind;
use domain::{AccountId, Assurance, Authority, AuthorityId, AuthorityKind, PersonId, SessionId};

use crate::{Result, ServiceError};

/// What a person says about themselves is recorded under this authority.
pub const SELF_AUTHORITY: AuthorityId = AuthorityId::from_u128(1);
/// What the contact tracing of this system finds is recorded under this authority.
pub const TRACER_AUTHORITY: AuthorityId = AuthorityId::from_u128(2);

/// Somebody whose phone or browser presented their session, and the person they act for: themselves,
/// or another on their account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resident {
    pub(crate) account: AccountId,
    pub(crate) person: PersonId,
    pub(crate) own: PersonId,
    pub(crate) assurance: Assurance,
    pub(crate) session: SessionId,
    pub(crate) others: Vec<(PersonId, Assurance)>,
}

/// Somebody who acts for a community office: who sees a document and the person in front of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommunityOfficial {
    authority: AuthorityId,
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
    /// Whose code, evidence and visits this is about.
    pub const fn person(&self) -> PersonId {
        self.person
    }

    /// The account that is signed in.
    pub const fn account(&self) -> AccountId {
        self.account
    }

    /// How far it is proven that the account may act for the person.
    pub const fn assurance(&self) -> Assurance {
        self.assurance
    }

    /// The phone or browser that is signed in.
    pub const fn session(&self) -> SessionId {
        self.session
    }

    /// Everybody on the account, its own person first.
    pub fn people(&self) -> impl Iterator<Item = PersonId> {
        let others = self.others.iter().map(|(person, _)| *person);
        std::iter::once(self.own).chain(others)
    }

    /// The same account, acting for another person on it.
    ///
    /// # Errors
    /// [`ServiceError::UnknownPerson`] if that person is not on it.
    pub fn acting_for(mut self, person: PersonId) -> Result<Self> {
        if person != self.own {
            let other = self.others.iter().find(|(other, _)| *other == person);
            self.assurance = other.ok_or(ServiceError::UnknownPerson)?.1;
        }
        self.person = person;
        Ok(self)
    }
}

impl CommunityOfficial {
    /// The office.
    pub const fn authority(&self) -> AuthorityId {
        self.authority
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

    /// The same, if the authority is a community office.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`] if it is another kind.
    pub fn into_community(self) -> Result<CommunityOfficial> {
        match self.authority.kind {
            AuthorityKind::Community => Ok(CommunityOfficial {
                authority: self.authority.id,
            }),
            kind => Err(ServiceError::NotPermitted {
                needed: "only a community office",
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
