//! The vault, sealed anew under another key.

use service::{Keys, ServiceError, Subject, VaultError};

use crate::city::City;

crate::stories! {
    the_vault_is_sealed_anew_in_the_background_and_after_a_crash
    what_is_sealed_anew_meanwhile_is_not_overwritten
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
    // Whoever comes now is sealed with the new key; whoever was there opens.
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

    // Whoever stole the old secret opens nothing of the database as it is now.
    city.restart_with(secrets()).await;
    let stolen = city.service.people.own_identity(&people[0].resident).await;
    let absent = VaultError::KeyAbsent { number: 2 };
    match stolen {
        Err(ServiceError::Vault(error)) => assert_eq!(error, absent),
        other => panic!("{other:?}"),
    }
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
