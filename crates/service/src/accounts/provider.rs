//! Residents whose document an identity provider vouches for: signed in to the account that is bound
//! to it, or bound now.

use std::sync::Arc;

use domain::{AccountId, Assurance, Document, Identity, PersonId, Pii, RequestKey};
use store::accounts::{self, Account};
use store::identities::{self, BlindIndex, NewIdentity};
use store::{StoreError, Transaction};
use tracing::{instrument, warn};

use super::sender::{Notice, NoticeKind};
use super::{Accounts, SeenBy, SessionKind};
use crate::access::{Resident, Token};
use crate::people::phones::international;
use crate::people::{People, RegistrationRequest};
use crate::{Result, ServiceError};

/// Takes in residents of whom a provider was asked.
pub struct ProvenResidents {
    pub(crate) people: Arc<People>,
    pub(crate) accounts: Arc<Accounts>,
}

impl ProvenResidents {
    /// Signs a resident in whose document was proven by a provider: to the account that a provider
    /// proved before; else to the account that is signed in `here`, if it claims the document; else
    /// to a new one. The account is `seen` from then on. The owner of the account that is signed in
    /// reads so, and gets a message on the phone that they proved, in the language `language`.
    ///
    /// # Errors
    /// [`ServiceError::AlreadySeen`] if an office saw another account: then the office helps;
    /// [`ServiceError::NoPolicy`]; [`ServiceError::Vault`]; [`ServiceError::Store`].
    #[instrument(name = "accounts.proven_by_provider", skip_all)]
    pub async fn come_in(
        &self,
        identity: Identity,
        here: Option<&Token>,
        label: Option<String>,
        language: &str,
    ) -> Result<Token> {
        let document = self.accounts.keys.vault.document(&identity.document);
        let here = match here {
            Some(token) => {
                let kind = SessionKind::Page;
                self.accounts.sessions.resident(kind, token).await.ok()
            }
            None => None,
        };
        match self.bound(document).await? {
            Some(bound) if bound.proof.as_deref() == Some(SeenBy::Provider.as_str()) => {
                return self.begin(bound.id, label).await;
            }
            // Said before anything that was typed is given up for the provider's word.
            Some(bound) if here.as_ref().is_none_or(|here| here.account() != bound.id) => {
                return Err(ServiceError::AlreadySeen);
            }
            _ => {}
        }
        let (account, phones) = match here {
            Some(here) if self.claims(&here, &identity.document).await? => {
                // The provider's word takes the place of what was typed, also of the phone.
                let phones = self.proven_phones(&here).await?;
                self.name(here.person(), &identity).await?;
                (here.account(), phones)
            }
            _ => (self.open(identity).await?, Vec::new()),
        };
        let bind = self
            .accounts
            .bind(account, document, SeenBy::Provider, false, None);
        bind.await?;
        self.tell(phones, language).await;
        self.begin(account, label).await
    }

    /// The phones of an account that a one-time code proved.
    async fn proven_phones(&self, here: &Resident) -> Result<Vec<Pii<String>>> {
        if here.assurance() < Assurance::Phone {
            return Ok(Vec::new());
        }
        let identity = self.people.own_identity(here).await?;
        Ok(identity.phones.into_iter().take(1).collect())
    }

    /// Tells the owner of an account that a provider's account opens it. That it does is on their page too,
    /// so nothing fails if nobody sends it.
    async fn tell(&self, phones: Vec<Pii<String>>, language: &str) {
        for phone in phones {
            let notice = Notice {
                phone: Pii::new(international(phone.expose(), self.accounts.settings.issuer)),
                kind: NoticeKind::ProviderBound,
                language: language.to_owned(),
            };
            if let Err(error) = self.accounts.sender.tell(&notice).await {
                warn!(%error, "a notice was not sent");
            }
        }
    }

    /// The account of the document's holder, as an office or a provider saw it.
    async fn bound(&self, document: BlindIndex) -> Result<Option<Account>> {
        let store = &self.accounts.store;
        let read = store.read("accounts.bound", document, |tx, document| {
            Box::pin(bound(tx, *document))
        });
        Ok(read.await?)
    }

    async fn claims(&self, here: &Resident, document: &Document) -> Result<bool> {
        if here.assurance() == Assurance::Seen {
            return Ok(false);
        }
        match self.people.own_identity(here).await {
            Ok(identity) => Ok(identity.document == *document),
            Err(ServiceError::UnknownPerson) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Gives the person of an account the name and phone that the provider vouches for: what was typed
    /// is not proven with the document.
    async fn name(&self, person: PersonId, identity: &Identity) -> Result<()> {
        let Accounts {
            keys,
            ids,
            settings,
            clock,
            ..
        } = &*self.accounts;
        let phones = identity.phones.iter();
        let phones = phones.map(|phone| keys.vault.phone(phone, settings.issuer));
        let new = NewIdentity {
            person,
            sealed: keys.vault.seal(person, identity, clock.now(), &**ids)?,
            phones: phones.collect(),
        };
        let work = self
            .accounts
            .store
            .transaction("accounts.name", new, |tx, new| {
                Box::pin(identities::replace(tx, new))
            });
        Ok(work.await?)
    }

    async fn open(&self, identity: Identity) -> Result<AccountId> {
        let request = RegistrationRequest {
            request: RequestKey::generate(&*self.accounts.ids),
            identity,
            declaration: None,
            stays: Vec::new(),
            session: SessionKind::Page,
            label: None,
        };
        let registered = self.people.register(request).await?;
        let sessions = &self.accounts.sessions;
        let opened = sessions
            .resident(SessionKind::Page, &registered.token)
            .await?;
        // The browser gets a session that begins once the account is proven.
        self.accounts.sign_out(&opened).await?;
        Ok(opened.account())
    }

    async fn begin(&self, account: AccountId, label: Option<String>) -> Result<Token> {
        self.accounts
            .begin_for((account, Assurance::Seen), SessionKind::Page, label)
            .await
    }
}

async fn bound(tx: &mut Transaction, document: BlindIndex) -> Result<Option<Account>, StoreError> {
    let Some(person) = identities::person_by_document(tx, document).await? else {
        return Ok(None);
    };
    match accounts::bound_to(tx, person).await? {
        Some(account) => accounts::find(tx, account).await,
        None => Ok(None),
    }
}
