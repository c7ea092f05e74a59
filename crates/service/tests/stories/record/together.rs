use domain::PersonId;
use futures::future::join_all;
use service::decisions::{Appended, Registration};

use super::sample::{CHEN, LI, WU, at, contact, context, diagnosis, id, newcomer, once, requested};
use super::{Record, new};

pub(super) async fn writers_of_one_person_see_each_other(record: &Record) {
    let writers = (1..=20).map(|number| async move {
        let met = [contact(number, LI, at(0, 8))];
        record.decided(met, &context(at(0, 9))).await
    });
    let mut seen: Vec<usize> = join_all(writers)
        .await
        .iter()
        .map(|decided| {
            let restriction = &decided[0].now.verdict.restrictions[0];
            restriction.finding.evidence.len()
        })
        .collect();
    seen.sort_unstable();
    let expected: Vec<usize> = (1..=20).collect();
    assert_eq!(seen, expected, "each decided on one piece more");
    let verdict = record.verdict(LI).await.unwrap().verdict;
    let expected: Vec<_> = (1..=20).map(id).collect();
    assert_eq!(verdict.restrictions[0].finding.evidence, expected);
}

pub(super) async fn batches_over_the_same_people_do_not_block_each_other(record: &Record) {
    let people = [LI, WU, CHEN];
    let writers = (0..30).map(|turn: usize| async move {
        let mut order = people;
        order.rotate_left(turn % 3);
        if turn.is_multiple_of(2) {
            order.reverse();
        }
        let evidence = order.map(|person| diagnosis(turn as u128, person, at(0, 8)));
        record.decided(evidence, &context(at(0, 9))).await
    });
    let decided: Vec<_> = join_all(writers).await.into_iter().flatten().collect();
    assert_eq!(decided.len(), 90);
    assert!(decided.iter().all(|one| one.appended == 1));
    for person in people {
        assert_eq!(record.evidence_of(person, at(0, 0)).await.len(), 30);
    }
}

pub(super) async fn one_document_claimed_at_once_is_claimed_by_each(record: &Record) {
    let document = newcomer(LI, 0).document;
    let attempts = (1..=10).map(|number| async move {
        let mut person = newcomer(PersonId::from_u128(number), 0);
        person.document = document;
        record.register(person, &context(at(0, 9))).await
    });
    let outcomes = join_all(attempts).await;
    let new = |outcome: &&Registration| matches!(outcome, Registration::New(_));
    assert_eq!(outcomes.iter().filter(new).count(), 10);
    assert_eq!(record.everybody().await.len(), 10);
}

pub(super) async fn one_request_sent_at_once_counts_once(record: &Record) {
    let requests = (1..=10).map(|number| async move {
        let request = requested(once(1, 1), [contact(number, LI, at(0, 8))]);
        record.append(request, &context(at(0, 9))).await
    });
    let outcomes = join_all(requests).await;
    let (first, repeats): (Vec<_>, Vec<_>) = outcomes
        .into_iter()
        .partition(|outcome| matches!(outcome, Appended::New(_)));
    assert_eq!((first.len(), repeats.len()), (1, 9));
    for decisions in first.into_iter().map(new) {
        assert_eq!(decisions.decided[0].appended, 1);
    }
    for repeat in repeats {
        let expected = Appended::Repeated {
            changed: 1,
            note: "noted".to_owned(),
        };
        assert_eq!(repeat, expected);
    }
    assert_eq!(record.evidence_of(LI, at(0, 0)).await.len(), 1);
}
