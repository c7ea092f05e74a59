//! Registering and declaring.

use domain::evidence::{ContactAnswer, StayMode, StaySource, Symptoms, Temperature};
use domain::{
    AccountId, Assurance, Evidence, EvidenceId, Fact, Identity, PersonId, Pii, Region, RequestKey,
    Status, Timestamp, Verdict, text,
};
use store::{StoreError, identities};
use tracing::instrument;

use super::People;
use super::canonical::Canonical;
use crate::access::{Resident, SELF_AUTHORITY, Token};
use crate::accounts::SessionKind;
use crate::decisions::{Appended, EvidenceBatch, NewPerson, Registration, RequestOnce};
use crate::evidence::plausible::{self, until_left};
use crate::{Result, ServiceError};

/// Somebody who opens an account.
#[derive(Clone, Debug)]
pub struct RegistrationRequest {
    /// Drawn by the phone and kept for repeats: a lost answer is given again, token included.
    pub request: RequestKey,
    /// Who they are.
    pub identity: Identity,
    /// How they are, if they say so at once.
    pub declaration: Option<Declaration>,
    /// Where they have been.
    pub stays: Vec<DeclaredStay>,
    /// Whether a program or a browser opens it: what one presents opens nothing for the other.
    pub session: SessionKind,
    /// What the person knows the phone or browser by.
    pub label: Option<String>,
}

/// A person's report of their health, made now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declaration {
    /// What they feel.
    pub symptoms: Symptoms,
    /// Body temperature, if measured.
    pub temperature: Option<Temperature>,
    /// Whether they met a case.
    pub contact: ContactAnswer,
}

/// Where a person says they have been.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredStay {
    /// Where.
    pub region: Region,
    /// From when.
    pub arrived: Timestamp,
    /// Until when; `None` while they are there.
    pub left: Option<Timestamp>,
    /// Whether they live there, stayed, or passed through.
    pub mode: StayMode,
}

/// A registration that is durable.
#[derive(Clone, Debug)]
pub struct Registered {
    /// The person.
    pub person: PersonId,
    /// What their phone presents from now on.
    pub token: Token,
    /// Their status now.
    pub status: Status,
}

/// A declaration that is durable.
#[derive(Clone, Debug)]
pub struct Declared {
    /// The evidence, declaration first.
    pub evidence: Vec<EvidenceId>,
    /// The verdict now.
    pub verdict: Verdict,
}

impl People {
    /// Opens an account with a person of its own. Whether the document is known makes no difference
    /// (invariant 9): what others said of it is read by an account that is proven to be its holder.
    /// The same request gives the same answer, however often it is repeated.
    ///
    /// # Errors
    /// [`ServiceError::RequestKeyReused`] if the key registered another document or name;
    /// [`ServiceError::BadField`]; [`ServiceError::NoPolicy`]; [`ServiceError::Store`].
    #[instrument(name = "people.register", skip_all)]
    pub async fn register(&self, request: RegistrationRequest) -> Result<Registered> {
        check_identity(&request.identity)?;
        let now = self.clock.now();
        let key = request.request;
        let vault = &self.keys.vault;
        let document = vault.document(&request.identity.document);
        let token = self.keys.person_token(key, &document);
        let person = PersonId::generate(&*self.ids);
        let account = AccountId::generate(&*self.ids);
        let facts = self.own_facts(request.declaration.as_ref(), &request.stays, now)?;
        let home = self.settings.issuer;
        let phones = request.identity.phones.iter();
        let phones: Vec<_> = phones.map(|phone| vault.phone(phone, home)).collect();
        let once = RequestOnce {
            request: self.keys.request(0, key),
            content: Canonical::new("register")
                .bytes(&document.stable)
                .text(request.identity.name.expose())
                .all(phones.iter().map(|phone| phone.stable))
                .declaration(request.declaration.as_ref())
                .stays(&request.stays)
                .hash(),
        };
        let name = request.identity.name.clone();
        let new = NewPerson {
            id: person,
            once,
            account,
            session: self
                .sessions
                .begin(account, request.session, &token, request.label),
            identity: vault.seal(person, &request.identity, now, &*self.ids)?,
            document,
            phones,
            evidence: self.own_evidence(person, facts, now),
            registered_at: now,
        };
        let (person, status) = match self.verdicts.register(new).await? {
            Registration::New(stored) => (person, stored.verdict.status),
            Registration::Repeated(_) => {
                // The account's person by now: it may have been proven in between.
                let resident = self.sessions.resident(request.session, &token).await;
                let person = match resident {
                    Ok(resident) if !self.is_called(&resident, &name).await? => {
                        return Err(ServiceError::RequestKeyReused(key));
                    }
                    Ok(resident) => resident.person(),
                    // Its session ended, or it was of the other kind.
                    Err(ServiceError::NotAuthenticated) => {
                        return Err(ServiceError::RequestKeyReused(key));
                    }
                    Err(error) => return Err(error),
                };
                let stored = self.verdicts.current(person).await?;
                (person, stored.verdict.status)
            }
            Registration::KeyReused => return Err(ServiceError::RequestKeyReused(key)),
        };
        Ok(Registered {
            person,
            token,
            status,
        })
    }

    /// Whether an account was opened under a name. One that was seen is called as its document says.
    async fn is_called(&self, resident: &Resident, name: &Pii<String>) -> Result<bool> {
        if resident.assurance() == Assurance::Seen {
            return Ok(true);
        }
        let own = resident.own;
        let sealed = self.store.read("identities.find", own, |tx, own| {
            Box::pin(identities::find(tx, *own))
        });
        let identity = sealed.await?;
        let identity = identity.map(|sealed| self.keys.vault.open(own, &sealed));
        Ok(identity
            .transpose()?
            .is_none_or(|known| known.name == *name))
    }

    /// Takes a person's report of their health, and of where they have been.
    ///
    /// # Errors
    /// [`ServiceError::BadField`]; [`ServiceError::RequestKeyReused`]; [`ServiceError::NoPolicy`];
    /// [`ServiceError::Store`].
    #[instrument(name = "people.declare", skip_all)]
    pub async fn declare(
        &self,
        resident: &Resident,
        request: Option<RequestKey>,
        declaration: Declaration,
        stays: &[DeclaredStay],
    ) -> Result<Declared> {
        let now = self.clock.now();
        let person = resident.person();
        let facts = self.own_facts(Some(&declaration), stays, now)?;
        let evidence = self.own_evidence(person, facts, now);
        let mut ids: Vec<EvidenceId> = evidence.iter().map(|evidence| evidence.id).collect();
        let once = request.map(|key| RequestOnce {
            request: self.keys.request(person.as_u128(), key),
            content: Canonical::new("declare")
                .declaration(Some(&declaration))
                .stays(stays)
                .hash(),
        });
        let batch = EvidenceBatch {
            once,
            note: as_note(&ids),
            evidence,
            ..EvidenceBatch::default()
        };
        let verdict = match (self.verdicts.append(batch).await?, request) {
            (Appended::KeyReused, Some(key)) => return Err(ServiceError::RequestKeyReused(key)),
            (Appended::New(decisions), _) => {
                let own = decisions.decided.into_iter();
                own.map(|one| one.now.verdict).next()
            }
            (Appended::Repeated { note, .. }, _) => {
                ids = of_note(&note)?;
                None
            }
            (Appended::KeyReused, None) | (Appended::Settled | Appended::UsedUp, _) => None,
        };
        let verdict = match verdict {
            Some(verdict) => verdict,
            None => self.verdicts.current(person).await?.verdict,
        };
        Ok(Declared {
            evidence: ids,
            verdict,
        })
    }

    fn own_facts(
        &self,
        declaration: Option<&Declaration>,
        stays: &[DeclaredStay],
        now: Timestamp,
    ) -> Result<Vec<Fact>> {
        if stays.len() > 100 {
            let count = stays.len();
            return Err(ServiceError::TooMany {
                field: "stays",
                count,
                limit: 100,
            });
        }
        let declaration = declaration.map(|declaration| {
            Fact::declaration(
                now,
                declaration.symptoms,
                declaration.temperature,
                declaration.contact,
            )
        });
        let stays = stays.iter().map(|stay| {
            let period = until_left("arrived", stay.arrived, stay.left)?;
            Ok(Fact::stay(
                stay.region,
                period,
                stay.mode,
                StaySource::Declared,
            ))
        });
        let facts = declaration.into_iter().map(Ok).chain(stays);
        let facts = facts.collect::<Result<Vec<Fact>>>()?;
        for fact in &facts {
            plausible::check(fact, now, self.settings.clock_skew)?;
        }
        Ok(facts)
    }

    fn own_evidence(&self, person: PersonId, facts: Vec<Fact>, now: Timestamp) -> Vec<Evidence> {
        let evidence = facts.into_iter().map(|fact| Evidence {
            id: EvidenceId::generate(&*self.ids),
            person,
            authority: SELF_AUTHORITY,
            recorded_at: now,
            fact,
        });
        evidence.collect()
    }
}

/// What the receipt of a declaration keeps: the identifiers of its evidence.
fn as_note(ids: &[EvidenceId]) -> String {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    ids.join(" ")
}

fn of_note(note: &str) -> Result<Vec<EvidenceId>> {
    let ids = note.split_whitespace().map(str::parse);
    ids.collect::<Result<_, _>>()
        .map_err(|_| StoreError::Corrupt {
            table: "receipt",
            row: "(unnamed)".to_owned(),
            why: "no such identifier".to_owned(),
        })
        .map_err(ServiceError::from)
}

fn check_identity(identity: &Identity) -> Result<()> {
    ServiceError::named("name", text::line(identity.name.expose(), 200))?;
    if identity.phones.len() > 5 {
        let count = identity.phones.len();
        return Err(ServiceError::TooMany {
            field: "phones",
            count,
            limit: 5,
        });
    }
    for phone in &identity.phones {
        let text = phone.expose();
        let digits = text.chars().filter(char::is_ascii_digit).count();
        let plain = text
            .chars()
            .all(|c| c.is_ascii_digit() || " -+()".contains(c));
        if !plain || !(5..=15).contains(&digits) {
            return Err(ServiceError::field(
                "phones",
                "expected 5 to 15 digits in each",
            ));
        }
    }
    Ok(())
}
