//! People: registered once, found by the token of their phone.

use std::collections::BTreeMap;

use domain::{Evidence, PersonId, Timestamp};

use super::{identities, judging, requests};
use crate::database::{Session, Value};
use crate::queries::{PEOPLE_AFTER, PERSON_TOKEN_ADD, PERSON_TOKEN_FIND};
use crate::wire::{self, WireRegistered};
use crate::{Court, NewPerson, Registration, Result, StoreError};

pub(super) async fn register(
    session: &mut Session,
    person: &NewPerson,
    court: &Court,
) -> Result<Registration> {
    let content = |now| content_hash(person, now);
    if !identities::claim_document(session, person.document, person.id).await? {
        return match requests::find(session, person.request).await? {
            None => Ok(Registration::DocumentTaken),
            Some(earlier) if !earlier.asked_for(content)? => {
                Err(StoreError::KeyReused(person.request))
            }
            Some(earlier) => {
                let registered: WireRegistered = earlier.outcome()?;
                Ok(Registration::Repeated(registered.person))
            }
        };
    }
    // The document is new, so a key that was used before was used for something else.
    if !requests::claim(
        session,
        person.request,
        content(None)?,
        person.registered_at,
    )
    .await?
    {
        return Err(StoreError::KeyReused(person.request));
    }
    let mut evidence = BTreeMap::<PersonId, Vec<&Evidence>>::from([(person.id, Vec::new())]);
    person
        .evidence
        .iter()
        .for_each(|e| evidence.entry(e.person).or_default().push(e));
    let decided = judging::decide(session, &evidence, court).await?;
    session
        .execute(
            &PERSON_TOKEN_ADD,
            &[person.token_hash.into(), person.id.into()],
        )
        .await?;
    identities::put(session, person.id, &person.identity, &person.phones).await?;
    requests::finish(
        session,
        person.request,
        &WireRegistered { person: person.id },
    )
    .await?;
    let own = decided
        .into_iter()
        .find(|decided| decided.now.person == person.id);
    own.map(|decided| Registration::New(decided.now))
        .ok_or_else(|| StoreError::Database("a registration was not decided".to_owned()))
}

pub(super) async fn by_token(
    session: &mut Session,
    token_hash: [u8; 32],
) -> Result<Option<PersonId>> {
    let row = session
        .row(&PERSON_TOKEN_FIND, &[token_hash.into()])
        .await?;
    row.map(|row| row.id(0)).transpose()
}

pub(super) async fn after(
    session: &mut Session,
    after: Option<PersonId>,
    limit: u32,
) -> Result<Vec<PersonId>> {
    let after = after.map_or_else(|| Value::from([]), Value::from);
    let rows = session.rows(&PEOPLE_AFTER, &[after, limit.into()]).await?;
    rows.iter().map(|row| row.id(0)).collect()
}

/// A repeated registration names the same document, phones and evidence. The identifier, the
/// sealed identity and the token are drawn or derived anew each time.
fn content_hash(person: &NewPerson, now: Option<Timestamp>) -> Result<[u8; 32]> {
    let mut phones: Vec<[u8; 32]> = person.phones.iter().map(|phone| phone.0).collect();
    phones.sort_unstable();
    let mut about: Vec<&[u8]> = vec![b"register", &person.document.0];
    about.extend(phones.iter().map(|phone| &phone[..]));
    wire::content_hash(&about, &person.evidence, true, now)
}
