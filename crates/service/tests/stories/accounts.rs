//! Typing somebody's number does not make one that person: accounts, and how they are proven.

use domain::{Assurance, AuthorityKind, Document, DocumentKind, Role};
use service::{AskedFrom, AtCounter, CommunityOfficial, Happened, Relation, ServiceError, Subject};

use crate::city::{City, GREEN, POLICY, Persona, RED, UNDECLARED, well};

crate::stories! {
    invariant_9_a_stranger_who_types_a_number_learns_nothing_and_takes_nothing
    invariant_9_a_red_person_does_not_turn_green_by_another_passport_once_documents_are_seen
    invariant_9_evidence_about_an_unknown_document_is_answered_as_about_a_known_one
    whoever_is_seen_reads_what_was_said_of_the_document_and_keeps_what_they_said_themselves
    contacts_found_by_tracing_come_along_and_go_with_the_case
    of_two_accounts_the_one_that_is_seen_wins_and_a_lost_phone_is_ended
    phones_of_before_go_on_working_and_learn_nothing_new
    a_guardian_shows_the_code_of_a_child
    an_adult_consents_on_their_own_phone_and_either_ends_it
    an_adult_consents_in_the_office_without_a_phone
}

pub async fn office(city: &City) -> CommunityOfficial {
    let kind = AuthorityKind::Community;
    let office = city.office(kind, "North Community Office").await;
    let roles = [Role::CommunityWorker];
    let worker = city.hire(&office, "Xiao Bai", &roles).await;
    worker.at_the_office().unwrap()
}

/// Her colleague.
pub async fn colleague(city: &City) -> CommunityOfficial {
    let kind = AuthorityKind::Community;
    let office = city.office(kind, "North Community Office").await;
    let roles = [Role::CommunityWorker];
    let worker = city.hire(&office, "Lao Hei", &roles).await;
    worker.at_the_office().unwrap()
}

/// The worker sees the document and the person, and binds the account that the person holds; a colleague
/// does the same, where it takes two.
pub async fn see(city: &City, who: &Persona, is_lost: bool) -> Result<(), ServiceError> {
    let account = who.resident.account();
    let accounts = &city.service.accounts;
    let office = office(city).await;
    let seen = accounts
        .see(&office, account, &who.document, is_lost)
        .await?;
    if seen == AtCounter::WaitsForSecond {
        let other = colleague(city).await;
        let seen = accounts
            .see(&other, account, &who.document, is_lost)
            .await?;
        assert_eq!(seen, AtCounter::Done);
    }
    Ok(())
}

impl City {
    /// Publishes the next version of the policy, which asks for so much proof.
    pub async fn publish_needing(&self, needs: Assurance) {
        let policy = POLICY
            .replace("version = 1", "version = 2")
            .replace("needs = \"claimed\"", &format!("needs = \"{needs}\""));
        let publisher = self.publisher().await;
        let published = self.service.publishing.publish_policy(&publisher, &policy);
        published.await.unwrap();
        self.service.reevaluation.decide_everybody().await.unwrap();
    }

    /// Proves a persona's phone.
    pub async fn prove_phone(&self, who: Persona) -> Persona {
        let accounts = &self.service.accounts;
        let challenge = accounts
            .send_phone_code(&who.resident, AskedFrom::HERE, "en")
            .await
            .unwrap();
        let (_, code) = self.messages.codes.lock().unwrap().pop().unwrap();
        accounts
            .prove_phone(&who.resident, challenge, &code)
            .await
            .unwrap();
        again(self, &who).await
    }
}

/// The same persona as the service knows them now.
pub async fn again(city: &City, who: &Persona) -> Persona {
    let resident = city.service.access.resident(&who.token).await.unwrap();
    Persona {
        name: who.name,
        token: who.token.clone(),
        resident,
        document: who.document.clone(),
    }
}

async fn invariant_9_a_stranger_who_types_a_number_learns_nothing_and_takes_nothing(city: City) {
    let document = city.registration("Li", None).identity.document;
    let by_document = Subject::Document(document);
    city.try_submit(
        city.health.submitter(),
        by_document.clone(),
        city.contact(1),
    )
    .await;
    let stranger = city.register("Li", Some(well())).await;
    assert_eq!(
        city.status(&stranger).await,
        GREEN,
        "what they said of themselves"
    );
    let read = |who: &Persona| {
        let resident = who.resident.clone();
        let service = std::sync::Arc::clone(&city.service);
        async move { service.evidence.own_evidence_of(&resident).await.unwrap() }
    };
    assert_eq!(read(&stranger).await.len(), 1, "their declaration");
    city.try_submit(city.health.submitter(), by_document, city.contact(2))
        .await;
    assert_eq!(city.status(&stranger).await, GREEN);

    // The owner opens an account like anybody, with the same answer, and proves it.
    let owner = city.register("Li", None).await;
    assert_ne!(owner.id(), stranger.id());
    assert_eq!(city.status(&owner).await, UNDECLARED);
    see(&city, &owner, false).await.unwrap();
    let owner = again(&city, &owner).await;
    assert_eq!(owner.resident.assurance(), Assurance::Seen);
    assert_eq!(city.status(&owner).await, RED);
    assert_eq!(read(&owner).await.len(), 2, "both contacts");
    // The stranger has what they had, and no more.
    let stranger = again(&city, &stranger).await;
    assert_eq!(stranger.resident.assurance(), Assurance::Claimed);
    assert_eq!(read(&stranger).await.len(), 1);
    let refused = see(&city, &stranger, false).await.unwrap_err();
    assert!(matches!(refused, ServiceError::AlreadySeen), "{refused}");
}

async fn invariant_9_a_red_person_does_not_turn_green_by_another_passport_once_documents_are_seen(
    city: City,
) {
    city.publish_needing(Assurance::Seen).await;
    let li = city.resident("Li").await;
    see(&city, &li, false).await.unwrap();
    let li = again(&city, &li).await;
    city.submit(city.health.submitter(), &li, city.contact(1))
        .await;
    let mut invented = city.registration("Li", Some(well()));
    let kind = DocumentKind::Passport;
    invented.identity.document = Document::new(kind, "INVENTED1").unwrap();
    let invented = city.service.people.register(invented).await.unwrap();
    let invented = city.service.access.resident(&invented.token).await.unwrap();
    let refused = city.service.codes.plain_code(&invented).await.unwrap_err();
    let needs = Assurance::Seen;
    assert!(
        matches!(refused, ServiceError::NeedsProof { needs: n, .. } if n == needs),
        "{refused}"
    );
    assert!(refused.to_string().contains("community office"));
    let code = city.service.codes.plain_code(&li.resident).await.unwrap();
    assert_eq!(code.colour, domain::Colour::Red);
}

async fn invariant_9_evidence_about_an_unknown_document_is_answered_as_about_a_known_one(
    city: City,
) {
    let li = city.resident("Li").await;
    let unknown = city.registration("Wu", None).identity.document;
    let mut answers = Vec::new();
    for document in [li.document, unknown] {
        let by = city.health.submitter();
        let receipt = city
            .try_submit(by, Subject::Document(document), city.contact(1))
            .await;
        answers.push((receipt.accepted.len(), receipt.refused, receipt.changed));
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], (1, Vec::new(), 1));
}

async fn whoever_is_seen_reads_what_was_said_of_the_document_and_keeps_what_they_said_themselves(
    city: City,
) {
    let venue = city.venue("Tea house", None).await;
    let li = city.resident("Li").await;
    city.was_at(&li, venue, 5, 60).await;
    let phone = city.enrol(&li).await;
    let shown = city.live_code(&li, &phone).await;
    let shown = city.show(&phone, &shown);
    assert_eq!(city.check(&shown), Ok(domain::Colour::Green));
    see(&city, &li, false).await.unwrap();
    assert_eq!(
        city.check(&shown),
        Err("revoked"),
        "it was of another person"
    );
    let seen = again(&city, &li).await;
    assert_ne!(seen.id(), li.id());
    assert_eq!(city.status(&seen).await, GREEN);
    let evidence = city.service.evidence.own_evidence_of(&seen.resident).await;
    let kinds: Vec<_> = evidence
        .unwrap()
        .iter()
        .map(|one| one.fact.kind())
        .collect();
    assert_eq!(kinds.len(), 2, "a declaration and a visit: {kinds:?}");
    // The phone goes on with the key that it has.
    let shown = city.live_code(&seen, &phone).await;
    assert_eq!(
        city.check(&city.show(&phone, &shown)),
        Ok(domain::Colour::Green)
    );
    let identity = city
        .service
        .people
        .own_identity(&seen.resident)
        .await
        .unwrap();
    assert_eq!(identity.document, li.document);
    // Whatever still names the earlier person means this one.
    city.submit(city.health.submitter(), &li, city.contact(1))
        .await;
    assert_eq!(city.status(&seen).await, RED);
    // Also when an authority takes back what it said before.
    let by = city.health.submitter();
    let subject = li.subject();
    let before = city.try_submit(by, subject.clone(), city.contact(3)).await;
    let withdrawn = before.accepted[0].evidence;
    let withdrawal = city.service.evidence.withdraw(by, &subject, withdrawn);
    assert_eq!(withdrawal.await.unwrap().person, seen.id());
    // Seeing again changes nothing.
    see(&city, &li, false).await.unwrap();
    let security = city
        .service
        .accounts
        .security(&seen.resident)
        .await
        .unwrap();
    let seen_events = security
        .events
        .iter()
        .filter(|event| event.kind == Happened::Seen);
    assert_eq!(seen_events.count(), 1);
}

async fn contacts_found_by_tracing_come_along_and_go_with_the_case(city: City) {
    let venue = city.venue("Tea house", None).await;
    let li = city.resident("Li").await;
    let wu = city.resident("Wu").await;
    for who in [&li, &wu] {
        city.was_at(who, venue, 5, 60).await;
    }
    let diagnosis = city.confirm(&wu).await;
    city.service.tracing.run_traces().await.unwrap();
    let before = city.status(&li).await;
    assert_ne!(before, GREEN, "tracing found the contact");
    see(&city, &li, false).await.unwrap();
    let li = again(&city, &li).await;
    assert_eq!(city.status(&li).await, before, "in the same transaction");
    city.service.tracing.run_traces().await.unwrap();
    assert_eq!(city.status(&li).await, before);
    let by = city.health.submitter();
    let case = wu.subject();
    let withdraw = city.service.evidence.withdraw(by, &case, diagnosis);
    withdraw.await.unwrap();
    city.service.tracing.run_traces().await.unwrap();
    assert_eq!(city.status(&li).await, GREEN, "the case was a mistake");
}

async fn of_two_accounts_the_one_that_is_seen_wins_and_a_lost_phone_is_ended(city: City) {
    let lost = city.resident("Li").await;
    see(&city, &lost, false).await.unwrap();
    let seen = again(&city, &lost).await;
    let phone = city.enrol(&seen).await;
    let shown = city.live_code(&seen, &phone).await;
    let new = city.register("Li", None).await;
    let worker = office(&city).await;
    let claims = city.service.accounts.claims_of(&worker, &new.document);
    let claims = claims.await.unwrap();
    let levels: Vec<_> = claims.iter().map(|claim| claim.assurance).collect();
    assert_eq!(levels.len(), 2);
    assert!(levels.contains(&Assurance::Seen) && levels.contains(&Assurance::Claimed));
    let refused = see(&city, &new, false).await.unwrap_err();
    assert!(matches!(refused, ServiceError::AlreadySeen), "{refused}");
    see(&city, &new, true).await.unwrap();
    let refused = city.service.access.resident(&lost.token).await.unwrap_err();
    assert!(
        matches!(refused, ServiceError::NotAuthenticated),
        "{refused}"
    );
    let shown = city.show(&phone, &shown);
    assert_eq!(city.check(&shown), Err("revoked"));
    let new = again(&city, &new).await;
    assert_eq!(new.id(), seen.id(), "the document's person is the same");
    assert_eq!(city.status(&new).await, GREEN, "nothing was lost");
    // Released, it is as if it had never been seen.
    let office = office(&city).await;
    let account = new.resident.account();
    let release = city
        .service
        .accounts
        .release(&office, account, &new.document);
    release.await.unwrap();
    assert!(city.service.access.resident(&new.token).await.is_err());
}

async fn phones_of_before_go_on_working_and_learn_nothing_new(mut city: City) {
    let li = city.resident("Li").await;
    city.submit(city.health.submitter(), &li, city.contact(1))
        .await;
    // As version 0.1 left it: a token of which SHA-256 is kept, and a document that is registered.
    let hex = |bytes: &[u8]| -> String { bytes.iter().map(|b| format!("{b:02x}")).collect() };
    let literal = |bytes: &[u8]| match city.base.url.starts_with("sqlite") {
        true => format!("X'{}'", hex(bytes)),
        false => format!("'\\x{}'::bytea", hex(bytes)),
    };
    let digits = li.token.expose();
    let token: Vec<u8> = (0..32)
        .map(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).unwrap())
        .collect();
    let sha256 = literal(&<sha2::Sha256 as sha2::Digest>::digest(&token));
    let person = literal(&li.id().to_bytes());
    let claims = city
        .base
        .bytes("SELECT document_index FROM account_claim")
        .await;
    let document = literal(&claims[0]);
    city.base
        .tamper(&format!(
            "DELETE FROM account; DELETE FROM account_claim; DELETE FROM resident_session; \
             DELETE FROM session_token; \
             INSERT INTO person_token (token_hash, person_id) VALUES ({sha256}, {person}); \
             INSERT INTO identity_document (document_index, person_id) VALUES ({document}, {person})"
        ))
        .await;
    city.crash().await;
    let li = again(&city, &li).await;
    assert_eq!(li.resident.assurance(), Assurance::Claimed);
    assert_eq!(city.status(&li).await, RED, "the colour stays");
    let browser = city.service.access.resident_page(&li.token).await.unwrap();
    assert_eq!(browser.person(), li.id(), "the cookie was the token");
    assert!(
        city.base
            .bytes("SELECT token_hash FROM person_token")
            .await
            .is_empty()
    );
    let known = city
        .service
        .evidence
        .own_evidence_of(&li.resident)
        .await
        .unwrap();
    let by_document = Subject::Document(li.document.clone());
    city.try_submit(city.health.submitter(), by_document, city.contact(2))
        .await;
    let later = city
        .service
        .evidence
        .own_evidence_of(&li.resident)
        .await
        .unwrap();
    assert_eq!(
        later, known,
        "what comes by the document from now on is not theirs to read"
    );
    see(&city, &li, false).await.unwrap();
    let li = again(&city, &li).await;
    let seen = city
        .service
        .evidence
        .own_evidence_of(&li.resident)
        .await
        .unwrap();
    // Own declaration, the contact of before, the new one; what was repeated twice is there once.
    assert_eq!(seen.len(), 3, "nothing is lost");
    assert_eq!(city.status(&li).await, RED);
}

async fn a_guardian_shows_the_code_of_a_child(city: City) {
    let li = city.resident("Li").await;
    let child = Document::new(DocumentKind::Passport, "CHILD001").unwrap();
    let (office, accounts) = (office(&city).await, &city.service.accounts);
    let guardian = (li.resident.account(), &li.document);
    let refused = accounts
        .add_ward(&office, guardian, &child, None)
        .await
        .unwrap_err();
    assert!(
        matches!(refused, ServiceError::UnknownAccount),
        "not seen: {refused}"
    );
    see(&city, &li, false).await.unwrap();
    let added = accounts.add_ward(&office, guardian, &child, None);
    added.await.unwrap();
    let li = again(&city, &li).await;
    let people: Vec<_> = li.resident.people().collect();
    assert_eq!((people.len(), people[0]), (2, li.id()));
    let as_child = li.resident.clone().acting_for(people[1]).unwrap();
    let declared = city.service.people.declare(&as_child, None, well(), &[]);
    assert_eq!(declared.await.unwrap().verdict.status, GREEN);
    city.service.codes.plain_code(&as_child).await.unwrap();
    let wu = city.resident("Wu").await;
    let foreign = wu.resident.clone().acting_for(people[1]).unwrap_err();
    assert!(matches!(foreign, ServiceError::UnknownPerson), "{foreign}");
    accounts
        .remove_person(&li.resident, people[1])
        .await
        .unwrap();
    assert_eq!(again(&city, &li).await.resident.people().count(), 1);
}

async fn an_adult_consents_on_their_own_phone_and_either_ends_it(city: City) {
    let (li, wu) = (city.resident("Li").await, city.resident("Wu").await);
    let accounts = &city.service.accounts;
    let refused = accounts.consent(&wu.resident).await.unwrap_err();
    assert!(
        matches!(refused, ServiceError::NeedsProof { .. }),
        "{refused}"
    );
    let wu = city.prove_phone(wu).await;
    for is_ended_by_giver in [true, false] {
        let text = accounts.consent(&wu.resident).await.unwrap();
        let wrong = accounts.take_up_consent(&li.resident, "AAAAAAAAAA").await;
        assert!(matches!(wrong, Err(ServiceError::WrongCode)), "{wrong:?}");
        let typed = text.expose().to_lowercase();
        // The person who gave it tries it: it stays good for the other account.
        let own = accounts.take_up_consent(&wu.resident, &typed).await;
        assert!(matches!(own, Err(ServiceError::WrongCode)), "{own:?}");
        accounts
            .take_up_consent(&li.resident, &typed)
            .await
            .unwrap();
        let twice = accounts.take_up_consent(&li.resident, &typed).await;
        assert!(matches!(twice, Err(ServiceError::WrongCode)), "{twice:?}");
        let now = again(&city, &li).await;
        let as_wu = now.resident.clone().acting_for(wu.id()).unwrap();
        assert_eq!(as_wu.assurance(), Assurance::Phone);
        let (people, _) = accounts.people_of(&now.resident).await.unwrap();
        assert_eq!(people.len(), 1);
        let (_, holders) = accounts.people_of(&wu.resident).await.unwrap();
        assert_eq!(holders[0].account, li.resident.account());
        if is_ended_by_giver {
            let ended = accounts.end_consent(&wu.resident, holders[0].account);
            ended.await.unwrap();
        } else {
            accounts
                .remove_person(&now.resident, wu.id())
                .await
                .unwrap();
        }
        assert!(
            again(&city, &li)
                .await
                .resident
                .acting_for(wu.id())
                .is_err()
        );
    }
}

async fn an_adult_consents_in_the_office_without_a_phone(city: City) {
    let li = city.resident("Li").await;
    let gran = Document::new(DocumentKind::Passport, "GRAN0001").unwrap();
    let (office, accounts) = (office(&city).await, &city.service.accounts);
    let holder = (li.resident.account(), &li.document);
    let early = accounts.add_consenting(&office, holder, &gran).await;
    assert!(
        matches!(early, Err(ServiceError::UnknownAccount)),
        "{early:?}"
    );
    see(&city, &li, false).await.unwrap();
    let added = accounts.add_consenting(&office, holder, &gran).await;
    added.unwrap();
    let li = again(&city, &li).await;
    let person = li.resident.people().nth(1).unwrap();
    let as_gran = li.resident.clone().acting_for(person).unwrap();
    assert_eq!(
        as_gran.assurance(),
        Assurance::Seen,
        "her document was seen"
    );
    let (_, held) = accounts.look_up(&office, &gran).await.unwrap();
    assert_eq!(held[0].relation, Relation::ConsentInOffice);
    let security = accounts.security(&li.resident).await.unwrap();
    let mut events = security.events.iter();
    let added = events.find(|one| one.kind == Happened::PersonAdded);
    let office_named = added.unwrap().office.as_deref();
    assert_eq!(office_named, Some("North Community Office"));
    let end = || accounts.end_holding_in_office(&office, li.resident.account(), &gran);
    end().await.unwrap();
    assert_eq!(again(&city, &li).await.resident.people().count(), 1);
    let twice = end().await;
    assert!(
        matches!(twice, Err(ServiceError::UnknownPerson)),
        "{twice:?}"
    );
}
