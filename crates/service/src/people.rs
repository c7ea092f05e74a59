//! Registering and declaring.

use domain::evidence::{ContactAnswer, StayMode, StaySource, Symptoms, Temperature};
use domain::{
    Evidence, EvidenceId, Fact, Identity, PersonId, Region, RequestKey, Status, Timestamp, Verdict,
};
use store::{EvidenceBatch, NewPerson, Registration};
use tracing::instrument;

use crate::access::{Operator, Resident, SELF_AUTHORITY};
use crate::keys::scoped_request;
use crate::plausible::until_left;
use crate::service::Service;
use crate::tokens::Token;
use crate::{Result, ServiceError};

/// A person who registers.
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

impl Service {
    /// Registers a person. The same request gives the same answer, however often it is repeated.
    ///
    /// # Errors
    /// [`ServiceError::DocumentTaken`], which does not say by whom;
    /// [`ServiceError::RequestKeyReused`] if the key registered another document;
    /// [`ServiceError::BadField`]; [`ServiceError::NoPolicy`]; [`ServiceError::Store`].
    #[instrument(name = "people.register", skip_all)]
    pub async fn register(&self, request: RegistrationRequest) -> Result<Registered> {
        check_identity(&request.identity)?;
        let now = self.clock.now();
        let document = self.keys.vault.document(&request.identity.document);
        let token = self.keys.person_token(request.request, &document);
        let person = PersonId::generate(&*self.ids);
        let facts = self.own_facts(request.declaration.as_ref(), &request.stays, now)?;
        let evidence = self.own_evidence(person, Some(request.request), facts, now);
        let phones = request
            .identity
            .phones
            .iter()
            .map(|phone| self.keys.vault.phone(phone, self.settings.issuer))
            .collect();
        let new = NewPerson {
            id: person,
            request: request.request,
            token_hash: token.hash(),
            identity: self
                .keys
                .vault
                .seal(person, &request.identity, &*self.ids)?,
            document,
            phones,
            evidence,
            registered_at: now,
        };
        let in_force = self.in_force()?;
        match self.store.register(new, &in_force.court(now)).await? {
            Registration::New(stored) => {
                self.standings.learn(&stored, now);
                self.catch_up(in_force.generation, &[person]).await?;
                Ok(Registered {
                    person,
                    token,
                    status: stored.verdict.status,
                })
            }
            Registration::Repeated(person) => {
                let status = self.current(person).await?.verdict.status;
                Ok(Registered {
                    person,
                    token,
                    status,
                })
            }
            Registration::DocumentTaken => Err(ServiceError::DocumentTaken),
        }
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
        let facts = self.own_facts(Some(&declaration), stays, now)?;
        let evidence = self.own_evidence(resident.person(), request, facts, now);
        let ids = evidence.iter().map(|evidence| evidence.id).collect();
        let scope = resident.person().as_u128();
        let request = request.map(|key| scoped_request(scope, key));
        let batch = EvidenceBatch {
            request,
            evidence,
            traces: Vec::new(),
        };
        self.append(batch).await?;
        Ok(Declared {
            evidence: ids,
            verdict: self.current(resident.person()).await?.verdict,
        })
    }

    /// What the vault holds about the person themselves.
    ///
    /// # Errors
    /// [`ServiceError::UnknownPerson`] if they are known by their id alone;
    /// [`ServiceError::Vault`]; [`ServiceError::Store`].
    #[instrument(name = "people.own_identity", skip_all)]
    pub async fn own_identity(&self, resident: &Resident) -> Result<Identity> {
        let person = resident.person();
        let sealed = self.identities.identity(person).await?;
        let sealed = sealed.ok_or(ServiceError::UnknownPerson)?;
        Ok(self.keys.vault.open(person, &sealed)?)
    }

    /// Whether the secret of this installation opens what the vault holds, tried on one person;
    /// `None` if nobody of the first thousand has an identity.
    ///
    /// # Errors
    /// [`ServiceError::Vault`] if it does not open; [`ServiceError::Store`].
    #[instrument(name = "people.try_vault", skip_all)]
    pub async fn try_vault(&self) -> Result<Option<()>> {
        for person in self.store.people_after(None, 1000).await? {
            if let Some(sealed) = self.identities.identity(person).await? {
                return Ok(Some(self.keys.vault.open(person, &sealed).map(drop)?));
            }
        }
        Ok(None)
    }

    /// Makes people known by their ids alone, without identity and token: for records that come from
    /// another system. They are decided as anybody else.
    ///
    /// # Errors
    /// [`ServiceError::NoPolicy`]; [`ServiceError::Store`].
    #[instrument(name = "people.enlist", skip_all, fields(people = people.len()))]
    pub async fn enlist(&self, _operator: &Operator, people: &[PersonId]) -> Result<()> {
        for batch in people.chunks(self.settings.people_per_batch.max(1) as usize) {
            self.decide_again(batch).await?;
        }
        Ok(())
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
            self.check_plausible(fact, now)?;
        }
        Ok(facts)
    }

    fn own_evidence(
        &self,
        person: PersonId,
        request: Option<RequestKey>,
        facts: Vec<Fact>,
        now: Timestamp,
    ) -> Vec<Evidence> {
        let evidence = facts.into_iter().enumerate().map(|(index, fact)| Evidence {
            id: self.evidence_id(person.as_u128(), request, index),
            person,
            authority: SELF_AUTHORITY,
            recorded_at: now,
            fact,
        });
        evidence.collect()
    }
}

fn check_identity(identity: &Identity) -> Result<()> {
    let name = identity.name.expose().trim();
    if name.is_empty() || name.chars().count() > 200 {
        return Err(ServiceError::field("name", "expected 1 to 200 characters"));
    }
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
