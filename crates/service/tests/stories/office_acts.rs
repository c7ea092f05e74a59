//! What an office does with a document is read by its holder, and is not done all day.

use domain::{Assurance, AuthorityKind, Document, DocumentKind, Role};
use jiff::SignedDuration;
use service::{AlarmKind, AtCounter, Cap, Caps, Happened, ServiceError, Subject};

use crate::accounts::{again, colleague, office, see};
use crate::city::{City, Persona, hours, well};

crate::stories! {
    an_office_that_looks_up_many_documents_raises_an_alarm_and_is_stopped
    a_look_up_with_all_that_is_known_is_counted_once
    whoever_proved_a_phone_reads_that_an_office_acted_and_not_what_until_they_are_seen
    whoever_is_seen_later_reads_what_an_office_did_with_the_document_before
    an_adult_is_a_ward_only_with_a_reason_which_they_read
    one_worker_and_an_accomplice_read_nothing_of_a_stranger
    a_first_binding_of_somebody_of_whom_nothing_is_known_takes_one_worker
    a_document_that_was_released_is_bound_by_two
    a_lost_phone_takes_two_workers
    the_counter_asks_for_the_passkey_again_after_a_quarter_of_an_hour
}

async fn an_office_that_looks_up_many_documents_raises_an_alarm_and_is_stopped(city: City) {
    let node = city
        .another_node_with(|settings| {
            settings.caps = Caps::default().with(Cap::LookUpsADay, 5);
        })
        .await;
    let administrator = city.administrator().await;
    let office = office(&city).await;
    let document = |number| {
        let number = format!("NOBODY{number}");
        Document::new(DocumentKind::Passport, &number).unwrap()
    };
    for number in 1..=5 {
        let found = node.accounts.claims_of(&office, &document(number)).await;
        assert!(found.unwrap().is_empty());
    }
    let [alarm] = &city.service.alarms.list(&administrator).await.unwrap()[..] else {
        panic!("one alarm");
    };
    assert_eq!(
        (alarm.kind, &*alarm.about),
        (AlarmKind::CapNear, "look_ups_a_day")
    );
    for number in 6..=7 {
        let found = node.accounts.claims_of(&office, &document(number)).await;
        let is_refused = matches!(
            found,
            Err(ServiceError::BadField {
                field: "document",
                ..
            })
        );
        assert!(is_refused);
    }
    let card = node.accounts.card_holder(&office, &document(8)).await;
    assert!(card.is_err());
    city.pass(hours(24));
    let found = node.accounts.claims_of(&office, &document(9)).await;
    assert!(found.is_ok());
}

/// What an account reads: what was done, and by which office.
async fn read(city: &City, who: &Persona) -> Vec<(Happened, Option<String>)> {
    let security = city.service.accounts.security(&who.resident).await.unwrap();
    let events = security.events.into_iter();
    events.map(|one| (one.kind, one.office)).collect()
}

async fn count(city: &City, who: &Persona, kind: Happened) -> usize {
    let read = read(city, who).await;
    read.iter().filter(|(one, _)| *one == kind).count()
}

async fn a_look_up_with_all_that_is_known_is_counted_once(city: City) {
    let node = city
        .another_node_with(|settings| {
            settings.caps = Caps::default().with(Cap::LookUpsADay, 1);
        })
        .await;
    let office = office(&city).await;
    let li = city.resident("Li").await;
    let found = node.accounts.look_up(&office, &li.document).await;
    assert_eq!(found.unwrap().0.len(), 1);
    let again = node.accounts.look_up(&office, &li.document).await;
    assert!(again.is_err(), "it was the only one of the day");
}

async fn whoever_proved_a_phone_reads_that_an_office_acted_and_not_what_until_they_are_seen(
    city: City,
) {
    let typed = city.resident("Li").await;
    let owner = city.register("Li", None).await;
    let owner = city.prove_phone(owner).await;
    let accomplice = city.register("Li", None).await;
    let worker = office(&city).await;
    let accounts = &city.service.accounts;
    let card = accounts.card_holder(&worker, &owner.document);
    card.await.unwrap();
    // The document's holder is put on an account of somebody else, and taken off it.
    let wu = city.resident("Wu").await;
    see(&city, &wu, false).await.unwrap();
    let guardian = (wu.resident.account(), &wu.document);
    let why = Some("a court said so");
    let added = accounts.add_ward(&worker, guardian, &owner.document, why);
    added.await.unwrap();
    let (_, holders) = accounts.people_of(&owner.resident).await.unwrap();
    assert!(holders.is_empty(), "who holds them is for who is seen");
    let end = accounts.end_holding_in_office(&worker, guardian.0, &owner.document);
    end.await.unwrap();
    see(&city, &accomplice, false).await.unwrap();
    let account = accomplice.resident.account();
    let release = accounts.release(&worker, account, &owner.document);
    release.await.unwrap();
    assert_eq!(read(&city, &typed).await, [], "a number that was typed");
    let events = accounts.security(&owner.resident).await.unwrap().events;
    let hints: Vec<_> = events
        .iter()
        .filter(|one| one.kind != Happened::PhoneProven)
        .collect();
    assert_eq!(hints.len(), 5, "{hints:?}");
    for hint in hints {
        assert_eq!(hint.kind, Happened::OfficeActed);
        let details = (hint.by, &hint.office, &hint.reason);
        assert_eq!(details, (None, &None, &None), "neither who nor why");
    }
    let late = city.register("Li", None).await;
    let late = city.prove_phone(late).await;
    assert_eq!(count(&city, &late, Happened::OfficeActed).await, 0);

    see(&city, &owner, false).await.unwrap();
    let owner = again(&city, &owner).await;
    assert_eq!(count(&city, &owner, Happened::OfficeActed).await, 0);
    for kind in [
        Happened::CardPrinted,
        Happened::OtherSeen,
        Happened::OtherEnded,
        Happened::PersonAdded,
        Happened::PersonRemoved,
        Happened::SecondNeeded,
    ] {
        assert_eq!(count(&city, &owner, kind).await, 1, "{kind:?}");
    }
    let events = accounts.security(&owner.resident).await.unwrap().events;
    let named = |one: &&service::Event| one.office.as_deref() == Some("North Community Office");
    assert_eq!(events.iter().filter(named).count(), 7, "{events:?}");
    let reasons = events.iter().filter_map(|one| one.reason.as_deref());
    assert_eq!(reasons.collect::<Vec<_>>(), ["a court said so"]);
}

async fn whoever_is_seen_later_reads_what_an_office_did_with_the_document_before(city: City) {
    let accomplice = city.resident("Li").await;
    let document = accomplice.document.clone();
    let worker = office(&city).await;
    let accounts = &city.service.accounts;
    // The holder has no account yet: an accomplice and a worker have the document to themselves.
    let card = accounts.card_holder(&worker, &document);
    card.await.unwrap();
    see(&city, &accomplice, false).await.unwrap();
    accounts.claims_of(&worker, &document).await.unwrap();
    assert_eq!(
        count(&city, &accomplice, Happened::OtherSeen).await,
        0,
        "one's own binding is not another's"
    );
    let account = accomplice.resident.account();
    accounts.release(&worker, account, &document).await.unwrap();
    city.pass(hours(1));
    let li = city.register("Li", None).await;
    assert!(
        read(&city, &li).await.is_empty(),
        "who only types the number later reads nothing of before"
    );
    see(&city, &li, false).await.unwrap();
    let li = again(&city, &li).await;
    for kind in [
        Happened::CardPrinted,
        Happened::LookedUp,
        Happened::OtherSeen,
        Happened::OtherEnded,
        Happened::Seen,
    ] {
        assert_eq!(count(&city, &li, kind).await, 1, "{kind:?}");
    }
}

async fn resident_with_card(city: &City, name: &'static str, number: &str) -> Persona {
    let mut request = city.registration(name, Some(well()));
    let document = Document::new(DocumentKind::IdentityCard, number).unwrap();
    request.identity.document = document.clone();
    let token = city.service.people.register(request).await.unwrap().token;
    let resident = city.service.access.resident(&token).await.unwrap();
    Persona {
        name,
        token,
        resident,
        document,
    }
}

async fn an_adult_is_a_ward_only_with_a_reason_which_they_read(city: City) {
    let wu = city.resident("Wu").await;
    see(&city, &wu, false).await.unwrap();
    let worker = office(&city).await;
    let accounts = &city.service.accounts;
    let guardian = (wu.resident.account(), &wu.document);
    let li = resident_with_card(&city, "Li", "990101199003077719").await;
    for reason in [None, Some(""), Some("  ")] {
        let refused = accounts.add_ward(&worker, guardian, &li.document, reason);
        let refused = refused.await;
        let is_refused = matches!(
            refused,
            Err(ServiceError::BadField {
                field: "reason",
                ..
            })
        );
        assert!(is_refused, "{reason:?}: {refused:?}");
    }
    assert!(read(&city, &li).await.is_empty());
    let said = "district court, 3 March";
    let added = accounts.add_ward(&worker, guardian, &li.document, Some(said));
    added.await.unwrap();
    assert!(read(&city, &li).await.is_empty(), "not seen yet");
    // Once the holder is seen their name is known of the document; the guardian reads it masked.
    see(&city, &li, false).await.unwrap();
    let li = again(&city, &li).await;
    let events = accounts.security(&li.resident).await.unwrap().events;
    let event = events.iter().find(|one| one.kind == Happened::PersonAdded);
    assert_eq!(event.unwrap().reason.as_deref(), Some(said));
    let (_, holders) = accounts.people_of(&li.resident).await.unwrap();
    assert_eq!(holders[0].account, guardian.0);
    let wu = again(&city, &wu).await;
    let (people, _) = accounts.people_of(&wu.resident).await.unwrap();
    let name = people[0].name.as_ref().unwrap().expose();
    assert_ne!(name, "Li Chen");
}

async fn one_worker_and_an_accomplice_read_nothing_of_a_stranger(city: City) {
    let accounts = &city.service.accounts;
    let document = city.registration("Li", None).identity.document;
    let by_document = Subject::Document(document.clone());
    let sick = city.contact(1);
    city.try_submit(city.health.submitter(), by_document, sick)
        .await;
    let accomplice = city.resident("Li").await;
    let account = accomplice.resident.account();
    let worker = office(&city).await;
    let far = city
        .office(AuthorityKind::Community, "South Community Office")
        .await;
    let far = city.hire(&far, "Xiao Nan", &[Role::CommunityWorker]).await;
    let far = far.at_the_office().unwrap();
    // Alone, again, and with somebody of another office.
    for by in [&worker, &worker, &far] {
        let seen = accounts.see(by, account, &document, false).await.unwrap();
        assert_eq!(seen, AtCounter::WaitsForSecond);
    }
    // Nor as a ward of an account that is the accomplice's own.
    let wu = city.resident("Wu").await;
    see(&city, &wu, false).await.unwrap();
    let guardian = (wu.resident.account(), &wu.document);
    let added = accounts.add_ward(&worker, guardian, &document, None).await;
    assert_eq!(added.unwrap(), AtCounter::WaitsForSecond);
    let added = accounts.add_consenting(&worker, guardian, &document).await;
    assert_eq!(added.unwrap(), AtCounter::WaitsForSecond);
    assert_eq!(again(&city, &wu).await.resident.people().count(), 1);
    // A second worker who comes too late is a first one.
    city.pass(hours(1) + SignedDuration::from_secs(1));
    let late = colleague(&city).await;
    let late = accounts.see(&late, account, &document, false).await;
    assert_eq!(late.unwrap(), AtCounter::WaitsForSecond);
    let unseen = again(&city, &accomplice).await;
    assert_eq!(unseen.resident.assurance(), Assurance::Claimed);
    let read = city
        .service
        .evidence
        .own_evidence_of(&unseen.resident)
        .await;
    let read = read.unwrap();
    assert!(
        read.iter()
            .all(|one| one.fact.kind() == domain::FactKind::Declaration)
    );
    // Its holder reads later that it was asked for, also what nobody agreed to.
    let li = city.register("Li", None).await;
    see(&city, &li, false).await.unwrap();
    let li = again(&city, &li).await;
    assert_eq!(li.resident.assurance(), Assurance::Seen);
    assert_eq!(count(&city, &li, Happened::SecondNeeded).await, 7);
}

async fn a_first_binding_of_somebody_of_whom_nothing_is_known_takes_one_worker(city: City) {
    let li = city.resident("Li").await;
    let (worker, account) = (office(&city).await, li.resident.account());
    let accounts = &city.service.accounts;
    let seen = accounts.see(&worker, account, &li.document, false).await;
    assert_eq!(seen.unwrap(), AtCounter::Done);
}

/// Otherwise one worker takes a document from its holder's account and gives it to an accomplice's.
async fn a_document_that_was_released_is_bound_by_two(city: City) {
    let li = city.resident("Li").await;
    see(&city, &li, false).await.unwrap();
    let accomplice = city.register("Li", None).await;
    let (worker, account) = (office(&city).await, li.resident.account());
    let accounts = &city.service.accounts;
    let released = accounts.release(&worker, account, &li.document).await;
    released.unwrap();
    let account = accomplice.resident.account();
    let see = async |by| {
        accounts
            .see(by, account, &li.document, false)
            .await
            .unwrap()
    };
    assert_eq!(see(&worker).await, AtCounter::WaitsForSecond);
    assert_eq!(see(&worker).await, AtCounter::WaitsForSecond);
    assert_eq!(see(&colleague(&city).await).await, AtCounter::Done);
}

async fn a_lost_phone_takes_two_workers(city: City) {
    let lost = city.resident("Li").await;
    see(&city, &lost, false).await.unwrap();
    let new = city.register("Li", None).await;
    let (worker, account) = (office(&city).await, new.resident.account());
    let accounts = &city.service.accounts;
    let see = async |by, is_lost| accounts.see(by, account, &new.document, is_lost).await;
    assert_eq!(see(&worker, true).await.unwrap(), AtCounter::WaitsForSecond);
    let refused = see(&worker, false).await;
    assert!(
        matches!(refused, Err(ServiceError::AlreadySeen)),
        "{refused:?}"
    );
    assert!(city.service.access.resident(&lost.token).await.is_ok());
    let second = colleague(&city).await;
    assert_eq!(see(&second, true).await.unwrap(), AtCounter::Done);
    assert!(city.service.access.resident(&lost.token).await.is_err());
    let new = again(&city, &new).await;
    assert_eq!(new.resident.assurance(), Assurance::Seen);
}

async fn the_counter_asks_for_the_passkey_again_after_a_quarter_of_an_hour(city: City) {
    let li = city.resident("Li").await;
    let (worker, account) = (office(&city).await, li.resident.account());
    let accounts = &city.service.accounts;
    city.pass(SignedDuration::from_mins(15));
    let seen = accounts.see(&worker, account, &li.document, false).await;
    assert_eq!(
        seen.unwrap(),
        AtCounter::Done,
        "one visitor after the other"
    );
    city.pass(SignedDuration::from_secs(1));
    let child = Document::new(DocumentKind::Passport, "CHILD001").unwrap();
    let guardian = (account, &li.document);
    let refused = [
        accounts
            .see(&worker, account, &li.document, false)
            .await
            .map(drop),
        accounts.release(&worker, account, &li.document).await,
        accounts
            .add_ward(&worker, guardian, &child, None)
            .await
            .map(drop),
        accounts
            .add_consenting(&worker, guardian, &child)
            .await
            .map(drop),
        accounts
            .end_holding_in_office(&worker, account, &child)
            .await,
        accounts.card_holder(&worker, &li.document).await.map(drop),
    ];
    for refused in refused {
        assert!(
            matches!(refused, Err(ServiceError::StepUpNeeded)),
            "{refused:?}"
        );
    }
    assert!(again(&city, &li).await.resident.assurance() == Assurance::Seen);
    let looked = accounts.look_up(&worker, &li.document).await;
    assert!(looked.is_ok(), "looking needs none");
}
