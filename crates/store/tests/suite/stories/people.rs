use domain::PersonId;
use store::identities::{BlindIndex, SealedIdentity};

use crate::record::Record;
use crate::sample::{CHEN, LI, WU, at, contact, newcomer};

pub async fn a_person_is_found_by_document(store: &Record) {
    let li = newcomer(LI, 0);
    store.register(li.clone()).await.unwrap();
    assert_eq!(store.person_by_document(li.document).await, Ok(Some(LI)));
    assert_eq!(store.identity(LI).await, Ok(Some(li.sealed)));
    assert_eq!(store.evidence_of(LI, at(-30, 0)).await, Ok(vec![li.said]));

    let wu = newcomer(WU, 0);
    let both = store.people_by_documents(vec![wu.document, li.document]);
    assert_eq!(both.await, Ok(vec![(li.document, LI)]));
    assert_eq!(store.identity(WU).await, Ok(None));
}

pub async fn a_document_is_claimed_for_one_person(store: &Record) {
    let [first, second] = [BlindIndex::first([1; 32]), BlindIndex::first([2; 32])];
    let claims = vec![(second, WU), (first, LI), (first, CHEN)];
    let claimed = store.claim_documents(claims).await.unwrap();
    assert_eq!(Vec::from_iter(claimed), [LI, WU], "of two the first");
    let claims = vec![(first, CHEN), (first, LI)];
    let claimed = store.claim_documents(claims).await.unwrap();
    assert_eq!(Vec::from_iter(claimed), [], "it stays whose it is");
    assert_eq!(store.person_by_document(first).await, Ok(Some(LI)));
    assert_eq!(store.person_by_document(second).await, Ok(Some(WU)));
    let none = store.claim_documents(Vec::new()).await.unwrap();
    assert_eq!(Vec::from_iter(none), []);
}

pub async fn a_family_shares_a_phone_and_a_person_has_several(store: &Record) {
    let (home, own) = (BlindIndex::first([7; 32]), BlindIndex::first([8; 32]));
    for (person, phones) in [
        (WU, vec![home, own, home]),
        (LI, vec![home]),
        (CHEN, vec![own]),
    ] {
        let mut person = newcomer(person, 0);
        person.phones = phones;
        store.register(person).await.unwrap();
    }
    assert_eq!(store.people_by_phone(home).await, Ok(vec![LI, WU]));
    assert_eq!(store.people_by_phone(own).await, Ok(vec![WU, CHEN]));
    let nobody = store.people_by_phone(BlindIndex::first([9; 32])).await;
    assert_eq!(nobody, Ok(vec![]));
}

pub async fn everybody_is_listed_page_by_page(store: &Record) {
    for person in [CHEN, LI, WU] {
        store.register(newcomer(person, 0)).await.unwrap();
    }
    // Someone of whom a laboratory knows, without a registration.
    let stranger = PersonId::from_u128(u128::MAX);
    let known = vec![contact(1, stranger, at(0, 9))];
    store.append(known).await.unwrap();
    assert_eq!(store.identity(stranger).await, Ok(None::<SealedIdentity>));

    assert_eq!(store.people_after(None, 2).await, Ok(vec![LI, WU]));
    let rest = store.people_after(Some(WU), 2).await;
    assert_eq!(rest, Ok(vec![CHEN, stranger]));
    assert_eq!(store.people_after(Some(stranger), 2).await, Ok(vec![]));
    assert_eq!(store.count_people().await, Ok(4));
}

pub async fn each_transaction_that_touches_a_person_is_counted(store: &Record) {
    let both = store.touch(vec![WU, LI, WU]).await.unwrap();
    assert_eq!(Vec::from_iter(both), [(LI, 1), (WU, 1)]);
    let again = store.touch(vec![WU, CHEN]).await.unwrap();
    assert_eq!(Vec::from_iter(again), [(WU, 2), (CHEN, 1)]);
    assert_eq!(Vec::from_iter(store.touch(Vec::new()).await.unwrap()), []);
}
