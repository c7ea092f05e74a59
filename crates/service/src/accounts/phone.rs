//! One-time codes: proving that a phone is in one's hand.

use domain::{AccountId, Assurance, ChallengeId, EvidenceId, Identity, Pii, Timestamp};
use jiff::SignedDuration;
use store::identities::{self, BlindIndex};
use store::one_time_codes::{self, OneTimeCode};
use store::{ChangeNumber, StoreError, Transaction, accounts, changes};
use tracing::{info, instrument};

use super::code_counts::{AskedFrom, COUNTED_WITHIN};
use super::security::Happened;
use super::{Accounts, CodeMessage, note};
use crate::access::Resident;
use crate::people::phones::international;
use crate::people::{CredentialPurpose, Keys};
use crate::{Result, ServiceError};

/// A code is of use for so long.
const LASTS: SignedDuration = SignedDuration::from_mins(10);
/// A code may be tried so often.
const MOST_ATTEMPTS: u32 = 5;
/// What a code is for. One that was sent for one purpose serves no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Proving the phone of an account that is signed in.
    Prove,
    /// Signing in on another phone.
    SignIn,
    /// Letting another account show one's code.
    Consent,
    /// Deleting one's account.
    Delete,
}

impl Purpose {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Prove => "prove",
            Self::SignIn => "sign-in",
            Self::Consent => "consent",
            Self::Delete => "delete",
        }
    }
}

/// A code that was drawn, and what is kept of it.
pub(super) struct Drawn {
    pub kept: OneTimeCode,
    pub code: Pii<String>,
}

impl Accounts {
    /// Sends a one-time code to the phone that the account names.
    ///
    /// If strangers had as many sent there as they may, an account that has not proven the phone gets
    /// the same answer, after the same time, and nothing is sent.
    ///
    /// # Errors
    /// [`ServiceError::NoPhone`]; [`ServiceError::TooManyCodes`] if this account asked too often;
    /// [`ServiceError::CodeNotSent`], and then the code is of no use; [`ServiceError::Vault`];
    /// [`ServiceError::Store`].
    #[instrument(name = "accounts.send_phone_code", skip_all)]
    pub async fn send_phone_code(
        &self,
        resident: &Resident,
        from: AskedFrom,
        language: &str,
    ) -> Result<ChallengeId> {
        self.send_own_code(resident, Purpose::Prove, from, language)
            .await
    }

    /// Sends a code to the phone that the account names, for one purpose.
    pub(super) async fn send_own_code(
        &self,
        resident: &Resident,
        purpose: Purpose,
        from: AskedFrom,
        language: &str,
    ) -> Result<ChallengeId> {
        let person = resident.own;
        let sealed = self.store.read("identities.find", person, |tx, person| {
            Box::pin(identities::find(tx, *person))
        });
        let sealed = sealed.await?.ok_or(ServiceError::NoPhone)?;
        let identity: Identity = self.keys.vault.open(person, &sealed)?;
        let phone = identity.phones.first().ok_or(ServiceError::NoPhone)?;
        let index = self.keys.vault.phone(phone, self.settings.issuer);
        let own = self.count_of_account(resident.account());
        let counting = self.counting_codes.lock().await;
        let now = self.clock.now();
        let free_from = self.free_from(std::slice::from_ref(&own), now).await?;
        if free_from > now {
            return Err(ServiceError::TooManyCodes { from: free_from });
        }
        let mut counted = vec![own.of];
        let mut is_sent = true;
        if resident.assurance() < Assurance::Phone {
            let strangers = self.counts_of_strangers(&index, from);
            is_sent = self.free_from(&strangers, now).await? <= now;
            if is_sent {
                counted.extend(strangers.iter().map(|count| count.of));
            }
        }
        let account = Some(resident.account()).filter(|_| is_sent);
        let drawn = self.draw(account, purpose, counted);
        let challenge = drawn.kept.challenge;
        self.keep(drawn.kept).await?;
        drop(counting);
        let sent = if is_sent {
            let message = CodeMessage {
                phone: Pii::new(international(phone.expose(), self.settings.issuer)),
                code: drawn.code,
                language: language.to_owned(),
            };
            self.hand_over(&message).await
        } else {
            self.hand_over_nothing().await
        };
        if let Err(error) = sent {
            let used = (challenge, self.clock.now());
            let use_up = self
                .store
                .transaction("codes.not_sent", used, |tx, (challenge, at)| {
                    Box::pin(one_time_codes::use_up(tx, *challenge, *at))
                });
            use_up.await?;
            return Err(error);
        }
        info!("a one-time code was asked for");
        Ok(challenge)
    }

    /// Proves the phone of the account with the code that it was sent.
    ///
    /// # Errors
    /// [`ServiceError::WrongCode`]; [`ServiceError::Store`].
    #[instrument(name = "accounts.prove_phone", skip_all)]
    pub async fn prove_phone(
        &self,
        resident: &Resident,
        challenge: ChallengeId,
        code: &str,
    ) -> Result<Assurance> {
        let code_hash = hash(&self.keys, challenge, code);
        let event = EvidenceId::generate(&*self.ids);
        let arguments = (
            challenge,
            code_hash,
            resident.account(),
            self.clock.now(),
            event,
        );
        let work = self.store.transaction(
            "accounts.prove_phone",
            arguments,
            |tx, (challenge, code, account, now, event)| {
                Box::pin(prove(tx, *challenge, *code, *account, *now, *event))
            },
        );
        let (assurance, change) = work.await?.ok_or(ServiceError::WrongCode)?;
        self.sessions.account_changed(resident.account(), change);
        Ok(assurance)
    }

    /// Draws a code of 6 digits.
    pub(super) fn draw(
        &self,
        account: Option<AccountId>,
        purpose: Purpose,
        counted: Vec<BlindIndex>,
    ) -> Drawn {
        let challenge = ChallengeId::generate(&*self.ids);
        self.draw_for(challenge, account, purpose, counted)
    }

    /// The same under an identifier that was handed out before.
    pub(super) fn draw_for(
        &self,
        challenge: ChallengeId,
        account: Option<AccountId>,
        purpose: Purpose,
        counted: Vec<BlindIndex>,
    ) -> Drawn {
        let code = format!("{:06}", self.ids.next_u128() % 1_000_000);
        let now = self.clock.now();
        Drawn {
            kept: OneTimeCode {
                challenge,
                account,
                purpose: purpose.as_str().to_owned(),
                counted,
                code_hash: hash(&self.keys, challenge, &code),
                sent_at: now,
                ends_at: now.checked_add(LASTS).unwrap_or(Timestamp::MAX),
            },
            code: Pii::new(code),
        }
    }

    pub(super) async fn keep(&self, code: OneTimeCode) -> Result<()> {
        let keep = self.store.transaction("codes.keep", code, |tx, code| {
            Box::pin(one_time_codes::add(tx, code))
        });
        Ok(keep.await?)
    }

    /// Forgets codes that ended an hour ago or longer.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn forget_codes(&self) -> Result<()> {
        let before = self.clock.now().checked_sub(COUNTED_WITHIN);
        let before = before.unwrap_or(Timestamp::MIN);
        let forget = self
            .store
            .transaction("codes.forget", before, |tx, before| {
                Box::pin(one_time_codes::forget(tx, *before))
            });
        Ok(forget.await?)
    }
}

/// What is kept of a code: bound to its challenge, for six digits alone are soon tried through.
pub(super) fn hash(keys: &Keys, challenge: ChallengeId, code: &str) -> [u8; 32] {
    let secret = [&challenge.to_bytes()[..], code.trim().as_bytes()].concat();
    keys.at_rest(CredentialPurpose::OneTimeCode, &secret)
}

/// Counts the attempt; the account of the code, if it is the right one and the first to be.
pub(super) async fn attempt(
    tx: &mut Transaction,
    challenge: ChallengeId,
    purpose: Purpose,
    code: [u8; 32],
    now: Timestamp,
) -> Result<Option<AccountId>, StoreError> {
    let Some(account) = matching(tx, challenge, purpose, code, now).await? else {
        return Ok(None);
    };
    let is_first = one_time_codes::use_up(tx, challenge, now).await?;
    Ok(is_first.then_some(account))
}

/// Counts the attempt at a consent; who gave it. It is not used up.
pub(super) async fn match_consent(
    tx: &mut Transaction,
    challenge: ChallengeId,
    code: [u8; 32],
    now: Timestamp,
) -> Result<Option<AccountId>, StoreError> {
    matching(tx, challenge, Purpose::Consent, code, now).await
}

/// Counts the attempt; the account of the code, if it is the right one.
async fn matching(
    tx: &mut Transaction,
    challenge: ChallengeId,
    purpose: Purpose,
    code: [u8; 32],
    now: Timestamp,
) -> Result<Option<AccountId>, StoreError> {
    let purpose = purpose.as_str();
    let tried = one_time_codes::attempt(tx, challenge, purpose, MOST_ATTEMPTS, now).await?;
    let matching = tried.filter(|(_, kept)| is_equal(kept, &code));
    Ok(matching.and_then(|(account, _)| account))
}

/// Compares in a time that does not depend on where they differ.
fn is_equal(kept: &[u8; 32], given: &[u8; 32]) -> bool {
    let differences = kept.iter().zip(given).fold(0, |all, (a, b)| all | (a ^ b));
    std::hint::black_box(differences) == 0
}

async fn prove(
    tx: &mut Transaction,
    challenge: ChallengeId,
    code: [u8; 32],
    account: AccountId,
    now: Timestamp,
    event: EvidenceId,
) -> Result<Option<(Assurance, ChangeNumber)>, StoreError> {
    if attempt(tx, challenge, Purpose::Prove, code, now).await? != Some(account) {
        return Ok(None);
    }
    let Some(mut account) = accounts::lock(tx, account).await? else {
        return Ok(None);
    };
    if account.assurance < Assurance::Phone {
        account.assurance = Assurance::Phone;
        account.proven_at = Some(now);
    }
    account.change = changes::draw(tx).await?;
    accounts::change(tx, &account).await?;
    let kind = Happened::PhoneProven;
    note(tx, account.id, event, kind, now).await?;
    Ok(Some((account.assurance, account.change)))
}
