use service::decisions::Registration;
use store::identities::SealedIdentity;

use super::sample::{CHEN, LI, WU, at, context, newcomer};
use super::{GREEN, Record};

pub(super) async fn a_person_registers_once_and_a_repeat_says_so(record: &Record) {
    let first = record.register(newcomer(LI, 0), &context(at(0, 8))).await;
    assert!(matches!(first, Registration::New(_)));

    // The phone heard no answer and asks again an hour later; the server draws everything anew.
    let mut again = newcomer(WU, 0);
    again.once = newcomer(LI, 0).once;
    again.document = newcomer(LI, 0).document;
    again.identity = SealedIdentity(vec![9; 80]);
    again.registered_at = at(0, 9);
    let token = again.session.hash;
    let repeated = record.register(again, &context(at(0, 9))).await;
    assert_eq!(repeated, Registration::Repeated(LI));

    assert_eq!(record.everybody().await, [LI]);
    assert_eq!(record.person_by_token(token).await, None);
    assert_eq!(record.evidence_of(LI, at(-30, 0)).await.len(), 1);
}

pub(super) async fn a_registration_comes_with_its_first_verdict(record: &Record) {
    let person = newcomer(LI, 0);
    let registered = record.register(person.clone(), &context(at(0, 8))).await;
    let Registration::New(stored) = registered else {
        panic!("a new person was not registered");
    };
    assert_eq!((stored.person, stored.verdict.status), (LI, GREEN));
    assert_eq!(stored.decided_at, at(0, 8));
    assert_eq!(record.verdict(LI).await, Some(stored));
    assert_eq!(record.person_by_token(person.session.hash).await, Some(LI));
    let of_document = record.person_by_document(person.document).await;
    assert_eq!(of_document, None, "claiming a document proves nothing");
    assert_eq!(record.identity(LI).await, Some(person.identity));
    assert_eq!(record.evidence_of(LI, at(-30, 0)).await, person.evidence);
    let waiting = record.outbox(10).await;
    assert_eq!(waiting, [], "the answer says it, no message is needed");
}

pub(super) async fn a_document_may_be_claimed_by_many_and_nobody_learns_it(record: &Record) {
    let document = newcomer(LI, 0).document;
    for person in [LI, WU, CHEN] {
        let mut person = newcomer(person, 0);
        person.document = document;
        let registered = record.register(person.clone(), &context(at(0, 8))).await;
        assert!(matches!(registered, Registration::New(_)), "{registered:?}");
        let found = record.person_by_token(person.session.hash).await;
        assert_eq!(found, Some(person.id));
    }
    assert_eq!(record.person_by_document(document).await, None);
    assert_eq!(record.everybody().await, [LI, WU, CHEN]);
}

pub(super) async fn a_repeat_without_a_receipt_is_known_by_its_token(record: &Record) {
    record.register(newcomer(LI, 0), &context(at(0, 8))).await;
    let mut late = newcomer(WU, 0);
    late.session = newcomer(LI, 0).session;
    let repeated = record.register(late, &context(at(2, 8))).await;
    assert_eq!(repeated, Registration::Repeated(LI));
    assert_eq!(record.everybody().await, [LI]);
}

pub(super) async fn the_key_of_another_registration_is_refused(record: &Record) {
    record.register(newcomer(LI, 0), &context(at(0, 8))).await;
    let mut other = newcomer(WU, 0);
    other.once.request = newcomer(LI, 0).once.request;
    let refused = record.register(other, &context(at(0, 9))).await;
    assert_eq!(refused, Registration::KeyReused);
    assert_eq!(record.everybody().await, [LI]);

    let mut same_document = newcomer(LI, 0);
    same_document.once.content = [0xff; 32];
    let refused = record.register(same_document, &context(at(0, 9))).await;
    assert_eq!(refused, Registration::KeyReused);
}

pub(super) async fn registrations_of_one_transaction_are_answered_each_alone(record: &Record) {
    let li = newcomer(LI, 0);
    let repeat = newcomer(LI, 0);
    let mut other = newcomer(CHEN, 0);
    other.once.request = li.once.request;
    let mut same_document = newcomer(WU, 0);
    same_document.document = li.document;
    let asked = vec![li, repeat, other, same_document];
    let answers = record.register_all(asked, &context(at(0, 8))).await;
    assert!(
        matches!(
            &answers[..],
            [
                Registration::New(first),
                Registration::Repeated(LI),
                Registration::KeyReused,
                Registration::New(last),
            ] if first.person == LI && last.person == WU
        ),
        "{answers:?}"
    );
    assert_eq!(record.everybody().await, [LI, WU]);
}
