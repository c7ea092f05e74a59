//! Who is asking: tokens become principals here, and nowhere else.

use std::collections::BTreeSet;

use domain::evidence::GroupKind;
use domain::{Authority, AuthorityId, AuthorityKind, PersonId};
use tracing::instrument;

use crate::service::Service;
use crate::tokens::Token;
use crate::{Result, ServiceError};

/// What a person says about themselves is recorded under this authority.
pub const SELF_AUTHORITY: AuthorityId = AuthorityId::from_u128(1);
/// What the contact tracing of this system finds is recorded under this authority.
pub const TRACER_AUTHORITY: AuthorityId = AuthorityId::from_u128(2);

/// A person whose phone presented their token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resident {
    person: PersonId,
}

/// Somebody who acts for an authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Official {
    authority: Authority,
}

/// Somebody who acts for a health authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthOfficial(Official);

/// Somebody who acts for an authority that may say who belongs to a group of some kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupOfficial(Official);

/// Whoever runs the program on the machine that holds the keys: the command line. Never built for a
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

impl Service {
    /// The resident whose token this is.
    ///
    /// # Errors
    /// [`ServiceError::NotAuthenticated`] if it is nobody's; [`ServiceError::Store`].
    #[instrument(name = "access.resident", skip_all)]
    pub async fn resident(&self, token: &Token) -> Result<Resident> {
        let hash = token.hash();
        if let Some(person) = self.standings.person_of_token(&hash) {
            return Ok(Resident { person });
        }
        let person = self.store.person_by_token(hash).await?;
        let person = person.ok_or(ServiceError::NotAuthenticated)?;
        self.standings.hold_token(hash, person);
        Ok(Resident { person })
    }

    /// The official whose authority's token this is.
    ///
    /// # Errors
    /// [`ServiceError::NotAuthenticated`] if it is no authority's; [`ServiceError::Store`].
    #[instrument(name = "access.official", skip_all)]
    pub async fn official(&self, token: &Token) -> Result<Official> {
        let authority = self.store.authority_by_token(token.hash()).await?;
        authority
            .map(|authority| Official { authority })
            .ok_or(ServiceError::NotAuthenticated)
    }

    /// Lets the operator act for the authority called `name`, for example to import its files.
    ///
    /// # Errors
    /// [`ServiceError::UnknownAuthority`]; [`ServiceError::Store`].
    #[instrument(name = "access.act_for", skip_all)]
    pub async fn act_for(&self, _operator: &Operator, name: &str) -> Result<Official> {
        let authorities = self.store.authorities().await?;
        let authority = authorities
            .into_iter()
            .find(|authority| authority.name == name);
        authority
            .map(|authority| Official { authority })
            .ok_or(ServiceError::UnknownAuthority)
    }

    /// Adds an authority and hands out its token, which is stored as a hash only and cannot be
    /// shown again.
    ///
    /// # Errors
    /// [`ServiceError::BadField`] if the name is empty, too long or taken, or if the kind is that of
    /// the person or the tracer, of which there is one each; [`ServiceError::Store`].
    #[instrument(name = "access.add_authority", skip_all)]
    pub async fn add_authority(
        &self,
        _operator: &Operator,
        kind: AuthorityKind,
        name: &str,
    ) -> Result<(Authority, Token)> {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > 200 {
            return Err(ServiceError::field("name", "expected 1 to 200 characters"));
        }
        if matches!(kind, AuthorityKind::Person | AuthorityKind::Tracer) {
            let why =
                "expected health, laboratory, transport or community; the others are built in";
            return Err(ServiceError::field("kind", why));
        }
        if self
            .store
            .authorities()
            .await?
            .iter()
            .any(|known| known.name == name)
        {
            return Err(ServiceError::field(
                "name",
                "another authority has this name already",
            ));
        }
        let id = AuthorityId::generate(&*self.ids);
        let authority = Authority {
            id,
            kind,
            name: name.to_owned(),
        };
        let token = self.replace_token(&authority).await?;
        Ok((authority, token))
    }

    /// Replaces an authority's token; the old one stops working at once.
    ///
    /// # Errors
    /// [`ServiceError::UnknownAuthority`]; [`ServiceError::Store`].
    #[instrument(name = "access.rotate_token", skip_all)]
    pub async fn rotate_token(&self, _operator: &Operator, id: AuthorityId) -> Result<Token> {
        let built_in = [SELF_AUTHORITY, TRACER_AUTHORITY].contains(&id);
        let authorities = self.store.authorities().await?;
        let found = authorities
            .into_iter()
            .find(|authority| authority.id == id && !built_in);
        self.replace_token(&found.ok_or(ServiceError::UnknownAuthority)?)
            .await
    }

    /// Every authority, built-in ones included.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn authorities(&self) -> Result<Vec<Authority>> {
        Ok(self.store.authorities().await?)
    }

    async fn replace_token(&self, authority: &Authority) -> Result<Token> {
        let token = Token::generate(&*self.ids);
        self.store.put_authority(authority, token.hash()).await?;
        self.forget_authority_names();
        Ok(token)
    }

    /// Makes sure that the two built-in authorities are there. Nobody ever holds their tokens.
    pub(crate) async fn add_built_in_authorities(&self) -> Result<()> {
        let known = self.store.authorities().await?;
        let built_in = [
            (SELF_AUTHORITY, AuthorityKind::Person, "Yourself"),
            (TRACER_AUTHORITY, AuthorityKind::Tracer, "Contact tracing"),
        ];
        for (id, kind, name) in built_in {
            if known.iter().all(|authority| authority.id != id) {
                let authority = Authority {
                    id,
                    kind,
                    name: name.to_owned(),
                };
                let token = Token::generate(&*self.ids);
                self.store.put_authority(&authority, token.hash()).await?;
            }
        }
        Ok(())
    }
}
