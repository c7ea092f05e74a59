use domain::PersonId;
use store::vault::BlindIndex;
use store::{Registration, StoreError};

use super::{GREEN, YELLOW};
use crate::sample::{CHEN, LI, Record, WU, at, batch, contact, court, key, newcomer};

pub async fn a_person_registers_once_and_a_repeat_says_so(store: &dyn Record) {
    let first = store
        .register(newcomer(LI, 0), &court(at(0, 8)))
        .await
        .unwrap();
    assert!(matches!(first, Registration::New(_)));

    // The phone heard no answer and asks again an hour later; the server draws everything anew.
    let mut again = newcomer(LI, 0);
    again.id = WU;
    again.token_hash = [9; 32];
    again.identity.0 = vec![9; 80];
    again.evidence = newcomer(WU, 0).evidence;
    again.evidence[0].recorded_at = at(0, 9);
    if let domain::Fact::Declaration { at: said, .. } = &mut again.evidence[0].fact {
        *said = at(0, 9);
    }
    let repeated = store.register(again, &court(at(0, 9))).await.unwrap();
    assert_eq!(repeated, Registration::Repeated(LI));

    assert_eq!(store.people_after(None, 10).await.unwrap(), [LI]);
    assert_eq!(store.person_by_token([9; 32]).await.unwrap(), None);
    assert_eq!(store.evidence_of(LI, at(-30, 0)).await.unwrap().len(), 1);
}

pub async fn a_registration_comes_with_its_first_verdict(store: &dyn Record) {
    let person = newcomer(LI, 0);
    let Registration::New(stored) = store
        .register(person.clone(), &court(at(0, 8)))
        .await
        .unwrap()
    else {
        panic!("a new person was not registered");
    };
    assert_eq!((stored.person, stored.verdict.status), (LI, GREEN));
    assert_eq!(stored.decided_at, at(0, 8));
    assert_eq!(store.verdict_of(LI).await.unwrap(), Some(stored));
    assert_eq!(
        store.person_by_token(person.token_hash).await.unwrap(),
        Some(LI)
    );
    assert_eq!(
        store.person_by_document(person.document).await.unwrap(),
        Some(LI)
    );
    assert_eq!(store.identity(LI).await.unwrap(), Some(person.identity));
    assert_eq!(
        store.evidence_of(LI, at(-30, 0)).await.unwrap(),
        person.evidence
    );
    assert_eq!(
        store.outbox(10).await.unwrap(),
        [],
        "the answer says it, no message is needed"
    );
}

pub async fn a_document_registers_one_person_only(store: &dyn Record) {
    store
        .register(newcomer(LI, 0), &court(at(0, 8)))
        .await
        .unwrap();
    let mut other = newcomer(WU, 0);
    other.document = newcomer(LI, 0).document;
    let taken = store
        .register(other.clone(), &court(at(0, 9)))
        .await
        .unwrap();
    assert_eq!(taken, Registration::DocumentTaken);
    assert_eq!(store.identity(WU).await.unwrap(), None);
    assert_eq!(store.person_by_token(other.token_hash).await.unwrap(), None);
    assert_eq!(store.people_after(None, 10).await.unwrap(), [LI]);

    // The key was not used up: the same person may correct the document and send it again.
    other.document = newcomer(WU, 0).document;
    let registered = store.register(other, &court(at(0, 10))).await.unwrap();
    assert!(matches!(registered, Registration::New(_)));
}

pub async fn the_key_of_another_registration_is_refused(store: &dyn Record) {
    store
        .register(newcomer(LI, 0), &court(at(0, 8)))
        .await
        .unwrap();
    let mut other = newcomer(WU, 0);
    other.request = newcomer(LI, 0).request;
    let refused = store.register(other, &court(at(0, 9))).await;
    assert_eq!(refused, Err(StoreError::KeyReused(key(LI.as_u128()))));
    assert_eq!(
        store
            .person_by_document(newcomer(WU, 0).document)
            .await
            .unwrap(),
        None
    );

    let mut same_document = newcomer(LI, 0);
    same_document.phones.clear();
    let refused = store.register(same_document, &court(at(0, 9))).await;
    assert_eq!(refused, Err(StoreError::KeyReused(key(LI.as_u128()))));
}

pub async fn a_family_shares_a_phone_and_a_person_has_several(store: &dyn Record) {
    let (home, own) = (BlindIndex([7; 32]), BlindIndex([8; 32]));
    for (person, phones) in [(WU, vec![home, own]), (LI, vec![home]), (CHEN, vec![own])] {
        let mut person = newcomer(person, 0);
        person.phones = phones;
        store.register(person, &court(at(0, 8))).await.unwrap();
    }
    assert_eq!(store.people_by_phone(home).await.unwrap(), [LI, WU]);
    assert_eq!(store.people_by_phone(own).await.unwrap(), [WU, CHEN]);
    assert_eq!(
        store.people_by_phone(BlindIndex([9; 32])).await.unwrap(),
        []
    );
}

pub async fn everybody_is_listed_page_by_page(store: &dyn Record) {
    for person in [CHEN, LI, WU] {
        store
            .register(newcomer(person, 0), &court(at(0, 8)))
            .await
            .unwrap();
    }
    // Someone of whom a laboratory knows, without a registration.
    let stranger = PersonId::from_u128(u128::MAX);
    let decided = store
        .append(batch([contact(1, stranger, at(0, 9))]), &court(at(0, 9)))
        .await;
    assert_eq!(decided.unwrap()[0].now.verdict.status, YELLOW);

    assert_eq!(store.people_after(None, 2).await.unwrap(), [LI, WU]);
    assert_eq!(
        store.people_after(Some(WU), 2).await.unwrap(),
        [CHEN, stranger]
    );
    assert_eq!(store.people_after(Some(stranger), 2).await.unwrap(), []);
}
