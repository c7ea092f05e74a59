//! The vault, sealed anew under another key.

use domain::{Document, DocumentKind, Pii};
use service::{AskedFrom, GlitchReport, Item, Keys, ServiceError, Subject, Submission, VaultError};

use crate::city::{City, Persona, hours};

crate::stories! {
    the_vault_is_sealed_anew_in_the_background_and_after_a_crash
    what_is_sealed_anew_meanwhile_is_not_overwritten
    people_are_found_under_both_keys_while_blind_indexes_are_rewritten
    no_document_gets_two_people_while_the_key_changes
    what_a_server_with_the_older_key_wrote_meanwhile_is_rewritten_too
    what_was_reported_opens_under_the_newer_key_too
}

fn secrets() -> Keys {
    Keys::from_secret(&[3; 32])
}

/// The same, and a second key of the vault.
fn with_second_key() -> Keys {
    let mut keys = secrets();
    keys.vault = keys.vault.with_seal(2, [9; 32]);
    keys
}

async fn the_vault_is_sealed_anew_in_the_background_and_after_a_crash(mut city: City) {
    let names = ["An", "Bo", "Cai", "Dan", "En", "Fu", "Gu"];
    let mut people = Vec::new();
    for name in names {
        people.push(city.resident(name).await);
    }
    assert_eq!(city.service.people.reseal_next().await.unwrap(), None);
    city.restart_with(with_second_key()).await;
    // People who come now are sealed with the new key; those who came before still open.
    people.push(city.resident("Hu").await);
    for who in &people {
        let identity = city.service.people.own_identity(&who.resident).await;
        assert_eq!(identity.unwrap().document, who.document, "{}", who.name);
    }
    assert_eq!(city.service.people.sealed_with(1).await.unwrap(), 7);

    // Pages of three people; the process dies after the first.
    let first = city.service.people.reseal_next().await.unwrap().unwrap();
    assert!(!first.is_finished && first.resealed >= 2, "{first:?}");
    city.restart_with(with_second_key()).await;
    let mut rewrite = first;
    while !rewrite.is_finished {
        rewrite = city.service.people.reseal_next().await.unwrap().unwrap();
    }
    assert_eq!((rewrite.resealed, rewrite.unopened), (7, 0));
    assert_eq!(city.service.people.sealed_with(1).await.unwrap(), 0);
    assert_eq!(city.service.people.sealed_with(2).await.unwrap(), 8);

    // Nobody needs the old key any more, and the new one alone opens all; people are found as before.
    let mut second_only = with_second_key();
    second_only.vault = second_only.vault.without_seal(1);
    city.restart_with(second_only).await;
    for who in &people {
        let identity = city.service.people.own_identity(&who.resident).await;
        assert_eq!(identity.unwrap().document, who.document, "{}", who.name);
    }
    let subject = Subject::Document(people[0].document.clone());
    let receipt = city
        .try_submit(city.health.submitter(), subject, city.contact(5))
        .await;
    assert_eq!(receipt.refused, []);

    // A thief of the old secret opens nothing of the database as it is now.
    let absent = VaultError::KeyAbsent { number: 2 };
    match city.try_restart_with(secrets()).await {
        Err(ServiceError::Vault(error)) => assert_eq!(error, absent),
        other => panic!("{:?}", other.map(drop)),
    }
}

/// Rewrites the vault to the end.
async fn rewrite_all(city: &City) {
    let people = &city.service.people;
    while !people.reseal_next().await.unwrap().unwrap().is_finished {}
    while !people.reindex_next().await.unwrap().unwrap().is_finished {}
}

/// Every place in which somebody is looked up finds them: nobody is made a second time.
async fn everybody_is_found(city: &City, people: &[Persona], of_laboratory: &Document) {
    let of_people = people.iter().map(|who| &who.document);
    for document in of_people.chain([of_laboratory]) {
        let subject = Subject::Document(document.clone());
        let said = city.contact(5);
        let receipt = city.try_submit(city.health.submitter(), subject, said);
        assert_eq!(receipt.await.refused, []);
    }
    let made = city.base.bytes("SELECT person_id FROM document_person");
    assert_eq!(made.await.len(), people.len() + 1, "one for each document");
    // Signing in looks for the document and for the phone.
    let phone = Pii::new("138 0000 0000".to_owned());
    let accounts = &city.service.accounts;
    let from = AskedFrom::HERE;
    let before = city.messages.codes.lock().unwrap().len();
    let asked = accounts.ask_to_sign_in(phone, &people[0].document, from, "en");
    asked.await.unwrap();
    accounts.sign_ins_looked_up().await;
    assert_eq!(city.messages.codes.lock().unwrap().len(), before + 1);
    city.pass(hours(1));
}

async fn people_are_found_under_both_keys_while_blind_indexes_are_rewritten(mut city: City) {
    let mut people = vec![city.resident("An").await];
    people[0] = city.prove_phone(city.resident("Bo").await).await;
    for name in ["Cai", "Dan", "En"] {
        people.push(city.resident(name).await);
    }
    let stranger = Document::new(DocumentKind::Passport, "NEVERSEEN1").unwrap();
    let subject = || Subject::Document(stranger.clone());
    let waits = city.try_submit(city.health.submitter(), subject(), city.contact(5));
    assert_eq!(waits.await.refused, []);
    everybody_is_found(&city, &people, &stranger).await;
    assert_eq!(city.service.people.vault_progress().await.unwrap(), None);

    city.restart_with(with_second_key()).await;
    everybody_is_found(&city, &people, &stranger).await;
    // Page by page, and the process dies after each; people who come meanwhile are found as well.
    let mut pages = 0;
    loop {
        let progress = city.service.people.reindex_next().await.unwrap().unwrap();
        assert_eq!((progress.key, progress.unopened), (2, 0));
        everybody_is_found(&city, &people, &stranger).await;
        pages += 1;
        if progress.is_finished {
            assert!(progress.rewritten >= 5 + 4 + 4, "{progress:?}");
            break;
        }
        if pages == 2 {
            people.push(city.resident("Fu").await);
        }
        city.restart_with(with_second_key()).await;
    }
    assert!(pages > 3, "{pages}");
    assert_eq!(city.service.people.indexed_with(1).await.unwrap(), 0);
    for (table, column) in [
        ("document_person", "document_index"),
        ("account_claim", "document_index"),
        ("account", "document_index"),
        ("identity_phone", "phone_index"),
    ] {
        let query = format!("SELECT {column} FROM {table}");
        let stored = city.base.bytes(&query).await;
        assert!(stored.iter().all(|index| index[0] == 2), "{table}");
        assert!(stored.iter().all(|index| index.len() == 49), "{table}");
    }

    // The old key is not needed any more, and a third one takes the place of the second.
    let mut second_only = with_second_key();
    second_only.vault = second_only.vault.without_seal(1);
    rewrite_all(&city).await;
    city.restart_with(second_only.clone()).await;
    everybody_is_found(&city, &people, &stranger).await;
    let mut third = second_only;
    third.vault = third.vault.with_seal(3, [8; 32]);
    city.restart_with(third.clone()).await;
    rewrite_all(&city).await;
    third.vault = third.vault.without_seal(2);
    city.restart_with(third).await;
    everybody_is_found(&city, &people, &stranger).await;
}

async fn no_document_gets_two_people_while_the_key_changes(mut city: City) {
    let behind = city.another_node().await;
    city.restart_with(with_second_key()).await;
    let document = Document::new(DocumentKind::Passport, "NEVERSEEN2").unwrap();
    let subject = || Subject::Document(document.clone());
    let said = city.contact(5);
    let receipt = city.try_submit(city.health.submitter(), subject(), said.clone());
    assert_eq!(receipt.await.refused, []);
    // A server that does not have the newest key cannot know who that is, and makes nobody.
    let submission = Submission {
        request: None,
        content: None,
        items: vec![Item {
            subject: subject(),
            said: said.into(),
        }],
    };
    let refused = behind.evidence.submit(city.health.submitter(), submission);
    let absent = VaultError::KeyAbsent { number: 2 };
    match refused.await {
        Err(ServiceError::Vault(error)) => assert_eq!(error, absent),
        other => panic!("{other:?}"),
    }
    let people = city.base.bytes("SELECT person_id FROM document_person");
    assert_eq!(people.await.len(), 1);
}

async fn what_a_server_with_the_older_key_wrote_meanwhile_is_rewritten_too(mut city: City) {
    city.resident("An").await;
    let behind = city.another_node().await;
    city.restart_with(with_second_key()).await;
    rewrite_all(&city).await;
    let registration = city.registration("Bo", None);
    let document = registration.identity.document.clone();
    let registered = behind.people.register(registration).await.unwrap();
    let people = &city.service.people;
    assert_eq!(people.sealed_with(1).await.unwrap(), 1);
    assert_eq!(people.indexed_with(1).await.unwrap(), 2, "claim and phone");
    assert!(people.vault_progress().await.unwrap().unwrap().is_finished);

    people.rewrite_again().await.unwrap();
    assert!(!people.vault_progress().await.unwrap().unwrap().is_finished);
    rewrite_all(&city).await;
    let people = &city.service.people;
    let left = people.sealed_with(1).await.unwrap() + people.indexed_with(1).await.unwrap();
    assert_eq!(left, 0);
    let bo = city.service.access.resident(&registered.token).await;
    let known = people.own_identity(&bo.unwrap()).await.unwrap();
    assert_eq!(known.document, document);
}

async fn what_is_sealed_anew_meanwhile_is_not_overwritten(mut city: City) {
    let li = city.resident("Li").await;
    city.restart_with(with_second_key()).await;
    // Two nodes at once: the one that comes second finds nothing to do.
    let (one, two) = tokio::join!(
        city.service.people.reseal_next(),
        city.service.people.reseal_next(),
    );
    assert!(one.unwrap().unwrap().is_finished && two.unwrap().unwrap().is_finished);
    assert!(city.service.people.own_identity(&li.resident).await.is_ok());
}

async fn what_was_reported_opens_under_the_newer_key_too(mut city: City) {
    let report = GlitchReport {
        request: None,
        wanted: "Declare".to_owned(),
        happened: "The page stayed empty".to_owned(),
        page: "/declare".to_owned(),
    };
    city.service.glitches.report(&report).await.unwrap();
    city.restart_with(with_second_key()).await;
    assert_eq!(city.service.glitches.sealed_with(1).await.unwrap(), 1);
    city.service.forget_receipts().await.unwrap();
    assert_eq!(city.service.glitches.sealed_with(1).await.unwrap(), 0);
    let mut second_only = with_second_key();
    second_only.vault = second_only.vault.without_seal(1);
    city.restart_with(second_only).await;
    let administrator = city.administrator().await;
    let glitches = &city.service.glitches;
    let (waiting, _) = glitches.list(&administrator, None).await.unwrap();
    let read = glitches.read(&administrator, waiting[0].id).await.unwrap();
    assert_eq!(read.said, Some((report.wanted, report.happened)));
}
