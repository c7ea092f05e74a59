//! What an office does with a document is read by whoever claims it, and is not done all day.

use domain::{Document, DocumentKind};
use service::{AlarmKind, Cap, Caps, Happened, ServiceError};

use crate::accounts::{office, see};
use crate::city::{City, hours};

crate::stories! {
    an_office_that_looks_up_many_documents_raises_an_alarm_and_is_stopped
    whoever_claims_a_document_reads_what_an_office_did_with_it_for_another
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
    let card = node
        .accounts
        .holder_of(&office, &document(8), Happened::CardPrinted)
        .await;
    assert!(card.is_err());
    city.pass(hours(24));
    let found = node.accounts.claims_of(&office, &document(9)).await;
    assert!(found.is_ok());
}

async fn whoever_claims_a_document_reads_what_an_office_did_with_it_for_another(city: City) {
    let li = city.resident("Li").await;
    let accomplice = city.register("Li", None).await;
    let worker = office(&city).await;
    let accounts = &city.service.accounts;
    let happened = async || {
        let read = accounts.security(&li.resident).await.unwrap();
        let kinds = read.events.iter().map(|(_, kind, _)| *kind);
        kinds.collect::<Vec<_>>()
    };
    let count = async |kind| happened().await.iter().filter(|one| **one == kind).count();
    accounts
        .holder_of(&worker, &li.document, Happened::CardPrinted)
        .await
        .unwrap();
    assert_eq!(count(Happened::CardPrinted).await, 1);
    see(&city, &accomplice, false).await.unwrap();
    assert_eq!(count(Happened::OtherAccount).await, 1);
    let account = accomplice.resident.account();
    let release = accounts.release(&worker, account, &li.document);
    release.await.unwrap();
    assert_eq!(count(Happened::OtherAccount).await, 2);
    // And of one who puts the document's holder on an account of somebody else.
    let wu = city.resident("Wu").await;
    see(&city, &wu, false).await.unwrap();
    let wu = (wu.resident.account(), &wu.document);
    let added = accounts.add_ward(&worker, wu, &li.document);
    added.await.unwrap();
    assert_eq!(count(Happened::PersonAdded).await, 1);
}
