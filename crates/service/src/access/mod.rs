//! Who is asking: tokens become principals here, and nowhere else; and the authorities that there are.

mod principals;
mod tokens;

use std::sync::{Arc, PoisonError, RwLock};

use domain::{Authority, AuthorityId, AuthorityKind, IdSource, text};
use store::{Store, authorities};
use tracing::instrument;

pub use self::principals::{
    CommunityOfficial, GroupOfficial, HealthOfficial, Official, Operator, Publisher, Resident,
    SELF_AUTHORITY, TRACER_AUTHORITY,
};
pub use self::tokens::{BadToken, Token};
use crate::accounts::{SessionKind, Sessions};
use crate::{Result, ServiceError};

/// Knows who holds which token.
pub struct Access {
    store: Arc<Store>,
    ids: Arc<dyn IdSource>,
    sessions: Arc<Sessions>,
    names: RwLock<Arc<Vec<Authority>>>,
}

impl Access {
    pub(crate) fn new(store: Arc<Store>, ids: Arc<dyn IdSource>, sessions: Arc<Sessions>) -> Self {
        Self {
            store,
            ids,
            sessions,
            names: RwLock::default(),
        }
    }

    /// The resident whose token of the API this is.
    ///
    /// # Errors
    /// [`ServiceError::NotAuthenticated`] if it is nobody's, or its session ended;
    /// [`ServiceError::Store`].
    #[instrument(name = "access.resident", skip_all)]
    pub async fn resident(&self, token: &Token) -> Result<Resident> {
        self.sessions.resident(SessionKind::Api, token).await
    }

    /// The resident whose browser presents this.
    ///
    /// # Errors
    /// As [`Self::resident`].
    #[instrument(name = "access.resident_page", skip_all)]
    pub async fn resident_page(&self, token: &Token) -> Result<Resident> {
        self.sessions.resident(SessionKind::Page, token).await
    }

    /// The official whose authority's token this is.
    ///
    /// # Errors
    /// [`ServiceError::NotAuthenticated`] if it is no authority's; [`ServiceError::Store`].
    #[instrument(name = "access.official", skip_all)]
    pub async fn official(&self, token: &Token) -> Result<Official> {
        let hash = token.hash();
        let authority = self.store.read("authorities.by_token", hash, |tx, hash| {
            Box::pin(authorities::by_token(tx, *hash))
        });
        let authority = authority.await?;
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
        let authorities = self.authorities().await?;
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
        let name = ServiceError::named("name", text::line(name, 200))?;
        if matches!(kind, AuthorityKind::Person | AuthorityKind::Tracer) {
            let why =
                "expected health, laboratory, transport or community; the others are built in";
            return Err(ServiceError::field("kind", why));
        }
        if self
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
        let authorities = self.authorities().await?;
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
        let read = self.store.read("authorities.all", (), |tx, ()| {
            Box::pin(authorities::all(tx))
        });
        Ok(read.await?)
    }

    async fn replace_token(&self, authority: &Authority) -> Result<Token> {
        let token = Token::generate(&*self.ids);
        self.put(authority, &token).await?;
        *self.names.write().unwrap_or_else(PoisonError::into_inner) = Arc::default();
        Ok(token)
    }

    /// Makes sure that the two built-in authorities are there. Their tokens are handed to nobody.
    pub(crate) async fn add_built_in_authorities(&self) -> Result<()> {
        let known = self.authorities().await?;
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
                self.put(&authority, &token).await?;
            }
        }
        Ok(())
    }

    /// These authorities, from memory. One that is not there was added elsewhere: then all are read.
    pub(crate) async fn known_authorities(&self, ids: &[AuthorityId]) -> Result<Vec<Authority>> {
        let of = |all: &[Authority]| -> Vec<Authority> {
            all.iter()
                .filter(|authority| ids.contains(&authority.id))
                .cloned()
                .collect()
        };
        let held = {
            let names = self.names.read().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(&names)
        };
        let found = of(&held);
        if found.len() == ids.len() {
            return Ok(found);
        }
        let all = self.authorities().await?;
        let found = of(&all);
        *self.names.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(all);
        Ok(found)
    }

    async fn put(&self, authority: &Authority, token: &Token) -> Result<()> {
        let arguments = (authority.clone(), token.hash());
        let put = self
            .store
            .transaction("authorities.put", arguments, |tx, (authority, hash)| {
                Box::pin(authorities::put(tx, authority, *hash))
            });
        Ok(put.await?)
    }
}
