//! Who may say what about a person.

use std::fmt;
use std::str::FromStr;

use crate::FactKind;
use crate::evidence::GroupKind;
use crate::ids::AuthorityId;
use crate::region::Region;

/// A body that submits evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    /// Its identifier; evidence carries it for ever.
    pub id: AuthorityId,
    /// What kind of body it is; decides what it may submit.
    pub kind: AuthorityKind,
    /// Its name as a person would read it on their code page.
    pub name: String,
    /// Where it is: what it submits and keeps is its own, and others' of this region may see to it.
    pub region: Region,
}

/// The kinds of body that may submit evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AuthorityKind {
    /// A public-health authority: diagnoses, contacts, orders.
    Health,
    /// A laboratory: tests.
    Laboratory,
    /// A transport agency, carrier or hotel: stays.
    Transport,
    /// A community office: household and building contacts, stays.
    Community,
    /// The person: declarations, trips.
    Person,
    /// This system's own contact tracing.
    Tracer,
}

impl AuthorityKind {
    /// Every kind, in the order of the documentation.
    pub const ALL: [Self; 6] = [
        Self::Health,
        Self::Laboratory,
        Self::Transport,
        Self::Community,
        Self::Person,
        Self::Tracer,
    ];

    /// The word used in files, in the API and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Health => "health",
            Self::Laboratory => "laboratory",
            Self::Transport => "transport",
            Self::Community => "community",
            Self::Person => "person",
            Self::Tracer => "tracer",
        }
    }

    /// Whether a body of this kind may submit evidence of `kind`.
    ///
    /// A withdrawal has a rule of its own: see [`crate::evidence::Fact::Withdrawal`].
    pub const fn may_submit(self, kind: FactKind) -> bool {
        match kind {
            FactKind::Declaration => matches!(self, Self::Person | Self::Community),
            FactKind::Diagnosis | FactKind::Order | FactKind::ForeignVerdict => {
                matches!(self, Self::Health)
            }
            FactKind::Contact => matches!(self, Self::Health | Self::Community | Self::Tracer),
            FactKind::Stay => {
                matches!(
                    self,
                    Self::Health | Self::Transport | Self::Community | Self::Person
                )
            }
            FactKind::Test | FactKind::Vaccination => {
                matches!(self, Self::Health | Self::Laboratory)
            }
            FactKind::Visit => matches!(self, Self::Person | Self::Tracer),
            FactKind::Contradiction => matches!(self, Self::Health),
            FactKind::Withdrawal => true,
        }
    }

    /// Whether a body of this kind may say who belongs to a group of `kind`. Only those who keep such
    /// lists anyway: who lives with whom is nobody else's business.
    pub const fn may_list(self, kind: GroupKind) -> bool {
        match kind {
            GroupKind::Household | GroupKind::Building => matches!(self, Self::Community),
            GroupKind::Vehicle => matches!(self, Self::Transport),
        }
    }
}

impl fmt::Display for AuthorityKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Text that names no kind of authority.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no kind of authority; one of health, laboratory, transport, community, person, tracer")]
pub struct BadAuthorityKind;

impl FromStr for AuthorityKind {
    type Err = BadAuthorityKind;

    fn from_str(text: &str) -> Result<Self, BadAuthorityKind> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or(BadAuthorityKind)
    }
}
