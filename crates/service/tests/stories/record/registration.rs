use service::decisions::Registration;
use store::identities::SealedIdentity;

use super::sample::{CHEN, LI, WU, at, context, newcomer, once};
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
    let token = again.token_hash;
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
    assert_eq!(record.person_by_token(person.token_hash).await, Some(LI));
    assert_eq!(record.person_by_document(person.document).await, Some(LI));
    assert_eq!(record.identity(LI).await, Some(person.identity));
    assert_eq!(record.evidence_of(LI, at(-30, 0)).await, person.evidence);
    let told = record.outbox(10).await;
    assert_eq!(told, [], "the answer says it, no message is needed");
}

pub(super) async fn a_document_registers_one_person_only(record: &Record) {
    record.register(newcomer(LI, 0), &context(at(0, 8))).await;
    let mut other = newcomer(WU, 0);
    other.document = newcomer(LI, 0).document;
    for hour in [9, 10] {
        let taken = record.register(other.clone(), &context(at(0, hour))).await;
        assert_eq!(taken, Registration::DocumentTaken, "also when repeated");
    }
    assert_eq!(record.identity(WU).await, None);
    assert_eq!(record.person_by_token(other.token_hash).await, None);
    assert_eq!(record.everybody().await, [LI]);

    // The key was not used up: the same person may correct the document and send it again.
    other.document = newcomer(WU, 0).document;
    other.once = once(0x22, 0xff);
    let registered = record.register(other, &context(at(0, 11))).await;
    assert!(matches!(registered, Registration::New(_)), "{registered:?}");
}

pub(super) async fn the_key_of_another_registration_is_refused(record: &Record) {
    record.register(newcomer(LI, 0), &context(at(0, 8))).await;
    let mut other = newcomer(WU, 0);
    other.once.request = newcomer(LI, 0).once.request;
    let document = other.document;
    let refused = record.register(other, &context(at(0, 9))).await;
    assert_eq!(refused, Registration::KeyReused);
    assert_eq!(record.person_by_document(document).await, None);
    assert_eq!(record.everybody().await, [LI]);

    let mut same_document = newcomer(LI, 0);
    same_document.once.content = [0xff; 32];
    let refused = record.register(same_document, &context(at(0, 9))).await;
    assert_eq!(refused, Registration::KeyReused);
}

pub(super) async fn registrations_of_one_transaction_are_answered_each_alone(record: &Record) {
    let li = newcomer(LI, 0);
    let repeat = newcomer(LI, 0);
    let mut thief = newcomer(WU, 0);
    thief.document = li.document;
    let mut other = newcomer(CHEN, 0);
    other.once.request = li.once.request;
    let mut corrected = newcomer(WU, 0);
    corrected.once.content = [0xff; 32];
    let asked = vec![li, repeat, thief, other, corrected];
    let answers = record.register_all(asked, &context(at(0, 8))).await;
    assert!(
        matches!(
            &answers[..],
            [
                Registration::New(first),
                Registration::Repeated(LI),
                Registration::DocumentTaken,
                Registration::KeyReused,
                Registration::New(last),
            ] if first.person == LI && last.person == WU
        ),
        "{answers:?}"
    );
    assert_eq!(record.everybody().await, [LI, WU]);
}
