//! Deleting one's account: who somebody is goes at once, what was said of them stays until its day.

use domain::{Document, DocumentKind, FactKind, Pii};
use service::{AskedFrom, AtCounter, Happened, ServiceError, SessionKind, Staying};

use crate::accounts::{again, office, see};
use crate::city::{City, GREEN, Persona, RED, UNDECLARED, hours, well};

crate::stories! {
    a_deleted_account_leaves_no_name_and_opens_nothing
    what_was_said_stays_and_counts_for_whoever_comes_back
    what_a_holder_who_left_said_is_read_by_nobody_whom_one_worker_sees
    consents_and_guardianships_end_with_the_account
    invariant_9_nobody_deletes_with_a_number_or_with_another_code
    a_phone_that_was_lost_opens_nothing_once_another_is_seen
    a_request_that_was_let_in_before_the_end_leaves_nothing_that_lives
}

impl City {
    /// Sends the code that deletes an account, and uses it.
    async fn delete(&self, who: &Persona) -> service::Result<()> {
        let accounts = &self.service.accounts;
        self.pass(jiff::SignedDuration::from_mins(1));
        let sent = accounts.send_deletion_code(&who.resident, AskedFrom::HERE, "en");
        let challenge = sent.await?;
        let (_, code) = self.messages.codes.lock().unwrap().pop().unwrap();
        accounts.delete(&who.resident, challenge, &code).await
    }

    async fn rows(&self, table: &str) -> usize {
        let query = format!("SELECT person_id FROM {table}");
        self.base.bytes(&query).await.len()
    }
}

async fn a_deleted_account_leaves_no_name_and_opens_nothing(city: City) {
    let li = city.prove_phone(city.resident("Li").await).await;
    see(&city, &li, false).await.unwrap();
    let li = again(&city, &li).await;
    let other = city.another_node().await;
    other.access.resident(&li.token).await.unwrap();
    let phone = city.enrol(&li).await;
    let code = city.live_code(&li, &phone).await;
    let shown = city.show(&phone, &code);
    assert_eq!(city.check(&shown), Ok(domain::Colour::Green));
    city.delete(&li).await.unwrap();
    for table in ["identity", "identity_phone", "person_binding"] {
        assert_eq!(city.rows(table).await, 0, "{table}");
    }
    let accounts = &city.service.accounts;
    for query in [
        "SELECT account_id FROM account_claim",
        "SELECT account_id FROM account_event",
        "SELECT account_id FROM resident_session",
        "SELECT document_index FROM account WHERE document_index IS NOT NULL",
    ] {
        assert_eq!(city.base.bytes(query).await.len(), 0, "{query}");
    }
    assert_eq!(city.check(&city.show(&phone, &code)), Err("revoked"));
    let here = city.service.access.resident(&li.token).await.unwrap_err();
    assert!(matches!(here, ServiceError::NotAuthenticated), "{here}");
    city.pass(hours(1));
    let there = other.access.resident(&li.token).await.unwrap_err();
    assert!(matches!(there, ServiceError::NotAuthenticated), "{there}");
    // Signing in is answered as for anybody, and no code comes.
    let before = city.messages.codes.lock().unwrap().len();
    let number = Pii::new("138 0000 0000".to_owned());
    let asked = accounts.ask_to_sign_in(number, &li.document, AskedFrom::HERE, "en");
    let challenge = asked.await.unwrap();
    accounts.sign_ins_looked_up().await;
    assert_eq!(city.messages.codes.lock().unwrap().len(), before);
    let wrong = accounts.sign_in(challenge, "123456", SessionKind::Api, None);
    assert!(matches!(wrong.await, Err(ServiceError::WrongCode)));
}

async fn what_was_said_stays_and_counts_for_whoever_comes_back(city: City) {
    let li = city.prove_phone(city.resident("Li").await).await;
    see(&city, &li, false).await.unwrap();
    let li = again(&city, &li).await;
    let venue = city.venue("Tea house", None).await;
    city.was_at(&li, venue, 5, 60).await;
    city.submit(city.health.submitter(), &li, city.contact(1))
        .await;
    assert_eq!(city.status(&li).await, RED);
    let stays = city.service.accounts.staying(&li.resident).await.unwrap();
    let of = |kind| {
        stays
            .iter()
            .find(|one: &&Staying| one.kind == kind)
            .unwrap()
    };
    assert_eq!(of(FactKind::Contact).count, 1);
    let days = |kind| {
        let until = of(kind).until.unwrap();
        until.duration_since(city.now()).as_hours() / 24
    };
    for kind in [FactKind::Declaration, FactKind::Contact, FactKind::Visit] {
        // Thirty days, and as long as the policy looks back: forty, from midnight.
        assert!((40..=42).contains(&days(kind)), "{kind}: {stays:?}");
    }
    let evidence = city.rows("evidence").await;
    city.delete(&li).await.unwrap();
    assert_eq!(city.rows("evidence").await, evidence);
    let anew = city.register("Li", None).await;
    assert_eq!(city.status(&anew).await, UNDECLARED, "who only claims it");
    see(&city, &anew, false).await.unwrap();
    let anew = again(&city, &anew).await;
    assert_eq!(city.status(&anew).await, RED);
    let security = city.service.accounts.security(&anew.resident).await;
    let events = security.unwrap().events;
    let deleted = events.iter().filter(|one| one.kind == Happened::Deleted);
    assert_eq!(deleted.count(), 1, "{events:?}");
}

async fn what_a_holder_who_left_said_is_read_by_nobody_whom_one_worker_sees(city: City) {
    let li = city.prove_phone(city.resident("Li").await).await;
    see(&city, &li, false).await.unwrap();
    let li = again(&city, &li).await;
    city.delete(&li).await.unwrap();
    let accomplice = city.register("Li", None).await;
    let (worker, account) = (office(&city).await, accomplice.resident.account());
    let accounts = &city.service.accounts;
    let seen = accounts.see(&worker, account, &li.document, false).await;
    assert_eq!(seen.unwrap(), AtCounter::WaitsForSecond);
    let still = again(&city, &accomplice).await;
    assert_eq!(city.status(&still).await, UNDECLARED);
}

async fn consents_and_guardianships_end_with_the_account(city: City) {
    let li = city.prove_phone(city.resident("Li").await).await;
    let wu = city.resident("Wu").await;
    see(&city, &li, false).await.unwrap();
    let accounts = &city.service.accounts;
    let li = again(&city, &li).await;
    let child = Document::new(DocumentKind::Passport, "CHILD001").unwrap();
    let guardian = (li.resident.account(), &li.document);
    let office = office(&city).await;
    let added = accounts.add_ward(&office, guardian, &child, None);
    added.await.unwrap();
    let text = accounts.consent(&li.resident).await.unwrap();
    let taken = accounts.take_up_consent(&wu.resident, text.expose());
    taken.await.unwrap();
    let unused = accounts.consent(&li.resident).await.unwrap();
    let li = again(&city, &li).await;
    let ward = li.resident.people().find(|one| *one != li.id()).unwrap();
    let as_child = li.resident.clone().acting_for(ward).unwrap();
    let declared = city.service.people.declare(&as_child, None, well(), &[]);
    assert_eq!(declared.await.unwrap().verdict.status, GREEN);
    let shown = city.service.codes.plain_code(&as_child).await.unwrap();
    let shown = shown.text.unwrap();
    assert!(city.check(&shown).is_ok());
    city.delete(&li).await.unwrap();
    assert_eq!(city.check(&shown), Err("revoked"));
    let wu = again(&city, &wu).await;
    assert_eq!(wu.resident.people().count(), 1, "herself");
    let late = accounts
        .take_up_consent(&wu.resident, unused.expose())
        .await;
    assert!(matches!(late, Err(ServiceError::WrongCode)), "{late:?}");
    let (people, _) = accounts.people_of(&wu.resident).await.unwrap();
    assert!(people.is_empty(), "{people:?}");
    let events = accounts.security(&wu.resident).await.unwrap().events;
    let removed = events.iter().any(|one| one.kind == Happened::PersonRemoved);
    assert!(removed, "{events:?}");
}

async fn invariant_9_nobody_deletes_with_a_number_or_with_another_code(city: City) {
    let li = city.prove_phone(city.resident("Li").await).await;
    see(&city, &li, false).await.unwrap();
    let li = again(&city, &li).await;
    // A stranger with the same number deletes what the stranger opened.
    let stranger = city.resident("Li").await;
    city.delete(&stranger).await.unwrap();
    assert_eq!(city.status(&again(&city, &li).await).await, GREEN);
    let accounts = &city.service.accounts;
    let send = async |who: &Persona| {
        city.pass(hours(1));
        let sent = accounts.send_deletion_code(&who.resident, AskedFrom::HERE, "en");
        let challenge = sent.await.unwrap();
        let (_, code) = city.messages.codes.lock().unwrap().pop().unwrap();
        (challenge, code)
    };
    city.pass(hours(1));
    let proof = accounts.send_phone_code(&li.resident, AskedFrom::HERE, "en");
    let proof = proof.await.unwrap();
    let (_, code) = city.messages.codes.lock().unwrap().pop().unwrap();
    let other = accounts.delete(&li.resident, proof, &code).await;
    assert!(matches!(other, Err(ServiceError::WrongCode)), "{other:?}");
    // Somebody else's code, and five wrong ones.
    let wu = city.resident("Wu").await;
    let (challenge, code) = send(&wu).await;
    let other = accounts.delete(&li.resident, challenge, &code).await;
    assert!(matches!(other, Err(ServiceError::WrongCode)), "{other:?}");
    let (challenge, code) = send(&li).await;
    for _ in 0..5 {
        let wrong = accounts.delete(&li.resident, challenge, "no code").await;
        assert!(matches!(wrong, Err(ServiceError::WrongCode)), "{wrong:?}");
    }
    let late = accounts.delete(&li.resident, challenge, &code).await;
    assert!(matches!(late, Err(ServiceError::WrongCode)), "{late:?}");
    again(&city, &li).await;
}

async fn a_phone_that_was_lost_opens_nothing_once_another_is_seen(city: City) {
    let lost = city.prove_phone(city.resident("Li").await).await;
    see(&city, &lost, false).await.unwrap();
    let mut request = city.registration("Li", None);
    let (old, new) = ("138 0000 0000", "139 1111 1111");
    request.identity.phones = vec![Pii::new(new.to_owned())];
    let registered = city.service.people.register(request).await.unwrap();
    let fresh = Persona {
        resident: city
            .service
            .access
            .resident(&registered.token)
            .await
            .unwrap(),
        token: registered.token,
        ..lost
    };
    let fresh = city.prove_phone(fresh).await;
    see(&city, &fresh, true).await.unwrap();
    let accounts = &city.service.accounts;
    let sent = async |number: &str| {
        city.pass(hours(1));
        let before = city.messages.codes.lock().unwrap().len();
        let number = Pii::new(number.to_owned());
        let asked = accounts.ask_to_sign_in(number, &fresh.document, AskedFrom::HERE, "en");
        asked.await.unwrap();
        accounts.sign_ins_looked_up().await;
        city.messages.codes.lock().unwrap().len() - before
    };
    assert_eq!(
        sent(old).await,
        0,
        "who found the phone, and knows the document"
    );
    assert_eq!(sent(new).await, 1);
    let fresh = again(&city, &fresh).await;
    city.delete(&fresh).await.unwrap();
    let phones = "SELECT phone_index FROM identity_phone WHERE person_id IN \
                  (SELECT person_id FROM document_person)";
    assert_eq!(city.base.bytes(phones).await.len(), 0);
}

async fn a_request_that_was_let_in_before_the_end_leaves_nothing_that_lives(city: City) {
    let li = city.prove_phone(city.resident("Li").await).await;
    let phone = city.enrol(&li).await;
    city.delete(&li).await.unwrap();
    // As a handler that asked who it is before the account was deleted.
    let codes = &city.service.codes;
    let key = credential::HolderKey::from_bytes([7; 32]).unwrap();
    let key = key.public_key().unwrap().to_bytes().to_vec();
    let enrolled = codes.enrol(&li.resident, &[key], 0).await.map(drop);
    let live = codes.live_code(&li.resident, phone.device).await.map(drop);
    let plain = codes.plain_code(&li.resident).await.map(drop);
    let sessions = &city.service.accounts;
    let session = sessions.begin_session(&li.resident, SessionKind::Api, None);
    let session = session.await.map(drop);
    for refused in [enrolled, plain, session] {
        let refused = refused.unwrap_err();
        assert!(
            matches!(refused, ServiceError::NotAuthenticated),
            "{refused:?}"
        );
    }
    assert!(live.is_err(), "its key has ended");
    for query in [
        "SELECT account_id FROM resident_session",
        "SELECT person_id FROM slot WHERE revoked_at IS NULL",
    ] {
        assert_eq!(city.base.bytes(query).await.len(), 0, "{query}");
    }
}
