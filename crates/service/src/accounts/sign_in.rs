//! Signing in on another phone: the number and the document, and a one-time code to that number.
//!
//! The answer comes before anything is looked up, so that it is the same in content and time whether
//! or not there is such an account (invariant 9).

use std::sync::Arc;

use domain::{AccountId, Assurance, ChallengeId, Document, Pii, Timestamp};
use store::accounts::Account;
use store::identities::{self, BlindIndex};
use store::sessions;
use store::{ChangeNumber, StoreError, Transaction, accounts, changes};
use tracing::{info, instrument, warn};

use super::code_counts::AskedFrom;
use super::phone::{Purpose, attempt, hash};
use super::security::Happened;
use super::{Accounts, CodeMessage, NewSession, SessionKind, note};
use crate::access::Token;
use crate::people::phones::international;
use crate::{Result, ServiceError};

impl Accounts {
    /// Asks for a code to sign in with. If an account with a proven phone has this number and claims
    /// this document, the code is sent there; else nothing is sent, and nobody learns it.
    ///
    /// # Errors
    /// [`ServiceError::Interrupted`] while the program ends.
    #[instrument(name = "accounts.ask_to_sign_in", skip_all)]
    pub async fn ask_to_sign_in(
        self: &Arc<Self>,
        phone: Pii<String>,
        document: &Document,
        from: AskedFrom,
        language: &str,
    ) -> Result<ChallengeId> {
        let challenge = ChallengeId::from_u128(self.ids.next_u128());
        let document = self.keys.vault.document(document);
        let permit = Arc::clone(&self.looking_up).acquire_owned().await;
        let permit = permit.map_err(|error| ServiceError::Interrupted(error.to_string()))?;
        let (accounts, language) = (Arc::clone(self), language.to_owned());
        tokio::spawn(async move {
            let sent = accounts.send_sign_in_code(challenge, &phone, document, from, language);
            match sent.await {
                // The log has the reason already.
                Ok(()) | Err(ServiceError::CodeNotSent(_)) => {}
                Err(error) => warn!(%error, "a code to sign in with was not sent"),
            }
            drop(permit);
        });
        Ok(challenge)
    }

    /// Signs in with the code; what the phone or browser presents from now on.
    ///
    /// # Errors
    /// [`ServiceError::WrongCode`]; [`ServiceError::Store`].
    #[instrument(name = "accounts.sign_in", skip_all)]
    pub async fn sign_in(
        &self,
        challenge: ChallengeId,
        code: &str,
        kind: SessionKind,
        label: Option<String>,
    ) -> Result<Token> {
        let token = Token::generate(&*self.ids);
        let code = hash(&self.keys, challenge, code);
        // The account is known once the code is found right.
        let session = self
            .sessions
            .begin(AccountId::from_u128(0), kind, &token, label);
        let event = domain::EvidenceId::from_u128(self.ids.next_u128());
        let arguments = (challenge, code, session, self.clock.now(), event);
        let work = self.store.transaction(
            "accounts.sign_in",
            arguments,
            |tx, (challenge, code, session, now, event)| {
                Box::pin(sign_in(tx, *challenge, *code, session, *now, *event))
            },
        );
        let (account, change) = work.await?.ok_or(ServiceError::WrongCode)?;
        self.sessions.account_changed(account, change);
        Ok(token)
    }

    /// Begins another session of an account that is signed in: the browser in which it was opened.
    ///
    /// # Errors
    /// [`ServiceError::NotAuthenticated`] if it was deleted or released meanwhile; [`ServiceError::Store`].
    pub async fn begin_session(
        &self,
        resident: &crate::Resident,
        kind: SessionKind,
        label: Option<String>,
    ) -> Result<Token> {
        let account = (resident.account(), resident.assurance());
        self.begin_for(account, kind, label).await
    }

    /// Begins a session of an account of which it was proven that the asker holds it, if it is still proven
    /// as far: it may have been deleted or released since.
    pub(super) async fn begin_for(
        &self,
        (account, least): (AccountId, Assurance),
        kind: SessionKind,
        label: Option<String>,
    ) -> Result<Token> {
        let token = Token::generate(&*self.ids);
        let session = self.sessions.begin(account, kind, &token, label);
        let work = self.store.transaction(
            "sessions.begin",
            (session, least),
            |tx, (session, least)| {
                Box::pin(async move {
                    let account = accounts::lock(tx, session.session.account).await?;
                    if account.is_none_or(|account| account.assurance < *least) {
                        return Err(ServiceError::NotAuthenticated);
                    }
                    Ok(begin(tx, session).await?)
                })
            },
        );
        work.await?;
        Ok(token)
    }

    /// Waits until every sign-in that was answered has been looked up. For a shutdown, and for tests.
    pub async fn sign_ins_looked_up(&self) {
        let all = self.settings.sign_ins_at_once;
        let _all = self.looking_up.acquire_many(all).await;
    }

    async fn send_sign_in_code(
        &self,
        challenge: ChallengeId,
        phone: &Pii<String>,
        document: BlindIndex,
        from: AskedFrom,
        language: String,
    ) -> Result<()> {
        let index = self.keys.vault.phone(phone, self.settings.issuer);
        let counting = self.counting_codes.lock().await;
        let found = self
            .store
            .read("accounts.to_sign_in", (index, document), |tx, asked| {
                Box::pin(to_sign_in(tx, asked.0, asked.1))
            });
        let mut account = found.await?;
        let mut counted = Vec::new();
        if let Some(found) = account {
            let counts = self.counts_of_sign_ins(found, from);
            let now = self.clock.now();
            if self.free_from(&counts, now).await? > now {
                account = None;
                info!("a code to sign in with was asked for too often and is not sent");
            } else {
                counted.extend(counts.iter().map(|count| count.of));
            }
        }
        let drawn = self.draw_for(challenge, account, Purpose::SignIn, counted);
        self.keep(drawn.kept).await?;
        drop(counting);
        if account.is_none() {
            return Ok(());
        }
        let message = CodeMessage {
            phone: Pii::new(international(phone.expose(), self.settings.issuer)),
            code: drawn.code,
            language,
        };
        self.hand_over(&message).await
    }
}

/// The account with a proven phone that has this number and claims this document: the one proven
/// furthest, and of several the one proven last.
async fn to_sign_in(
    tx: &mut Transaction,
    phone: BlindIndex,
    document: BlindIndex,
) -> Result<Option<AccountId>, StoreError> {
    let people = identities::people_by_phone(tx, phone).await?;
    let claiming = accounts::claiming(tx, document).await?;
    let mut proven: Vec<Account> = claiming
        .into_iter()
        .filter(|account| account.assurance >= Assurance::Phone)
        .filter(|account| people.contains(&account.person))
        .collect();
    proven.sort_by_key(|account| (account.assurance, account.proven_at, account.id));
    Ok(proven.last().map(|account| account.id))
}

async fn sign_in(
    tx: &mut Transaction,
    challenge: ChallengeId,
    code: [u8; 32],
    session: &NewSession,
    now: Timestamp,
    event: domain::EvidenceId,
) -> Result<Option<(AccountId, ChangeNumber)>, StoreError> {
    let Some(id) = attempt(tx, challenge, Purpose::SignIn, code, now).await? else {
        return Ok(None);
    };
    let account = accounts::lock(tx, id).await?;
    // It may have been released since the code was sent.
    let proven = account.filter(|account| account.assurance >= Assurance::Phone);
    let Some(mut account) = proven else {
        return Ok(None);
    };
    let mut session = session.clone();
    session.session.account = id;
    begin(tx, &session).await?;
    account.change = changes::draw(tx).await?;
    accounts::change(tx, &account).await?;
    note(tx, id, event, Happened::SignedIn, now).await?;
    Ok(Some((id, account.change)))
}

async fn begin(tx: &mut Transaction, new: &NewSession) -> Result<(), StoreError> {
    let session = &new.session;
    sessions::claim(tx, &[(new.hash, session.account, session.id)]).await?;
    sessions::add(tx, &[session]).await
}
