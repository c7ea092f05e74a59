use std::sync::{Arc, Mutex};

use domain::evidence::{OpenPeriod, Order, StayMode, StaySource};
use domain::{Colour, Evidence, EvidenceId, Fact};
use service::decisions::{Appended, DecisionContext};

use super::sample::{
    CHEN, LI, SPAN, WU, at, contact, context, declaration, diagnosis, evidence, id, once,
    requested, withdrawal,
};
use super::{GREEN, RED, Record, YELLOW, new};

pub(super) async fn evidence_out_of_order_gives_the_same_verdict(record: &Record) {
    let said = |person, number| {
        [
            declaration(number, person, at(0, 8)),
            contact(number + 1, person, at(1, 9)),
            diagnosis(number + 2, person, at(2, 10)),
        ]
    };
    let context = context(at(3, 0));
    for piece in said(LI, 10) {
        record.decided([piece], &context).await;
    }
    for piece in said(WU, 10).into_iter().rev() {
        record.decided([piece], &context).await;
    }
    record.decided(said(CHEN, 10), &context).await;

    let verdict = |person| async move { record.verdict(person).await.unwrap().verdict };
    assert_eq!(verdict(LI).await.status, RED);
    assert_eq!(verdict(LI).await, verdict(WU).await);
    assert_eq!(verdict(LI).await, verdict(CHEN).await);
    let there = record.evidence_of(WU, at(0, 0)).await;
    assert_eq!(there, said(WU, 10), "oldest first");
}

pub(super) async fn evidence_that_is_there_is_left_out(record: &Record) {
    let met = contact(1, LI, at(0, 8));
    let first = record.decided([met.clone()], &context(at(0, 9))).await;
    assert_eq!((first[0].appended, first[0].before), (1, None));
    assert_eq!(first[0].now.verdict.status, YELLOW);

    let again = [contact(1, LI, at(5, 8)), declaration(2, LI, at(0, 8))];
    let second = record.decided(again, &context(at(0, 10))).await;
    assert_eq!((second[0].appended, second[0].before), (1, Some(YELLOW)));
    let there = record.piece(LI, id(1)).await;
    assert_eq!(there, Some(met), "evidence never changes");
    let found = &second[0].now.verdict.restrictions[0].finding;
    assert_eq!(found.since, at(0, 8), "what is there decides");
}

pub(super) async fn a_repeated_request_counts_once(record: &Record) {
    let request = |number, now| {
        let mut said = declaration(number, LI, now);
        said.recorded_at = now;
        requested(once(5, 1), [said, contact(number + 1, WU, at(0, 7))])
    };
    let asked = request(1, at(0, 8));
    let first = new(record.append(asked, &context(at(0, 8))).await);
    let statuses: Vec<_> = first
        .decided
        .iter()
        .map(|decided| decided.now.verdict.status)
        .collect();
    assert_eq!(statuses, [GREEN, YELLOW]);

    // Meanwhile something else happens.
    let ill = [diagnosis(9, LI, at(0, 9))];
    record.decided(ill, &context(at(0, 9))).await;

    let asked = request(3, at(0, 10));
    let second = record.append(asked, &context(at(0, 10))).await;
    let expected = Appended::Repeated {
        changed: 2,
        note: "noted".to_owned(),
    };
    assert_eq!(second, expected, "the same answer as before");
    let there = record.evidence_of(LI, at(0, 0)).await;
    let ids: Vec<EvidenceId> = there.iter().map(|piece| piece.id).collect();
    assert_eq!(ids, [id(1), id(9)]);
    assert_eq!(record.verdict(LI).await.unwrap().verdict.status, RED);
}

pub(super) async fn a_key_used_for_another_request_is_refused_and_nothing_is_written(
    record: &Record,
) {
    let first = requested(once(5, 1), [contact(1, LI, at(0, 8))]);
    new(record.append(first, &context(at(0, 9))).await);
    for other in [
        contact(2, WU, at(0, 8)),
        contact(2, LI, at(0, 7)),
        declaration(2, LI, at(0, 8)),
    ] {
        let other = requested(once(5, 2), [other]);
        let refused = record.append(other, &context(at(0, 9))).await;
        assert_eq!(refused, Appended::KeyReused);
    }
    assert_eq!(record.piece(LI, id(2)).await, None);
    assert_eq!(record.verdict(WU).await, None);
}

pub(super) async fn batches_of_one_transaction_are_answered_each_alone(record: &Record) {
    let batches = vec![
        requested(once(5, 1), [contact(1, LI, at(0, 8))]),
        requested(once(5, 1), [contact(2, LI, at(0, 8))]),
        requested(once(5, 2), [contact(3, LI, at(0, 8))]),
        requested(
            once(6, 1),
            [contact(4, WU, at(0, 8)), contact(5, LI, at(0, 8))],
        ),
    ];
    let mut answers = record.append_all(batches, &context(at(0, 9))).await;
    let people = |appended: Appended| -> Vec<_> {
        let decided = new(appended).decided.into_iter();
        decided.map(|one| one.now.person).collect()
    };
    assert_eq!(people(answers.remove(3)), [LI, WU]);
    assert_eq!(answers.remove(2), Appended::KeyReused);
    let Appended::Repeated { changed, .. } = answers.remove(1) else {
        panic!("the second is a repeat of the first");
    };
    assert_eq!(changed, 1);
    assert_eq!(people(answers.remove(0)), [LI]);
    let there = record.evidence_of(LI, at(0, 0)).await;
    let ids: Vec<EvidenceId> = there.iter().map(|piece| piece.id).collect();
    assert_eq!(ids, [id(1), id(5)]);
}

pub(super) async fn withdrawn_evidence_counts_no_more(record: &Record) {
    let said = [declaration(1, LI, at(0, 8)), contact(2, LI, at(0, 9))];
    record.decided(said, &context(at(1, 0))).await;
    let withdrawn = [withdrawal(3, LI, 2, at(1, 8))];
    let decided = record.decided(withdrawn, &context(at(1, 8))).await;
    let shown = (decided[0].before, decided[0].now.verdict.status);
    assert_eq!(shown, (Some(YELLOW), GREEN));
    let all = record.evidence_of(LI, at(0, 0)).await;
    assert_eq!(all.len(), 3, "what was withdrawn stays on record");
}

pub(super) async fn a_decision_reads_what_had_not_ended_and_every_withdrawal(record: &Record) {
    // Known before, so that the decision reads the database.
    let known = [
        declaration(9, LI, at(-80, 0)),
        contact(7, LI, at(0, 2)),
        contact(8, LI, at(-60, 0)),
    ];
    record.decided(known, &context(at(-80, 1))).await;
    let (context, read) = noting(at(0, 0) + SPAN);
    assert_eq!(context.look_back_from, at(0, 0));
    let mut pieces = pieces();
    // What is there already is left out, whatever it says now.
    pieces.push(contact(8, LI, at(0, 3)));
    record.decided(pieces, &context).await;
    let later = std::mem::take(&mut *read.lock().unwrap());
    assert_eq!(later, [id(1), id(2), id(4), id(6), id(7)]);
    record.decide_again(&[LI], &context).await;
    assert_eq!(*read.lock().unwrap(), later, "what is there");
}

pub(super) async fn a_first_decision_reads_what_a_later_one_reads(record: &Record) {
    let (context, read) = noting(at(0, 0) + SPAN);
    record.decided(pieces(), &context).await;
    let first = std::mem::take(&mut *read.lock().unwrap());
    assert_eq!(first, [id(1), id(2), id(4), id(6)]);
    record.decide_again(&[LI], &context).await;
    assert_eq!(
        *read.lock().unwrap(),
        first,
        "what was written is what is there"
    );
}

/// Pieces about one person, of which some ended before the look-back begins.
fn pieces() -> Vec<Evidence> {
    let stay = |number, arrived, left| {
        let period = OpenPeriod::new(arrived, left).unwrap();
        let region = "3301".parse().unwrap();
        let fact = Fact::stay(region, period, StayMode::Resident, StaySource::Declared);
        evidence(number, LI, fact)
    };
    let order = Order::new(
        Colour::Red,
        at(-1, 0),
        at(1, 0),
        "Article 39".into(),
        ["Dr Chen".into(), "Dr Ma".into()],
    );
    vec![
        contact(5, LI, at(-1, 23)),
        evidence(6, LI, Fact::Order(order.unwrap())),
        stay(1, at(-90, 0), None),
        stay(2, at(-90, 0), Some(at(0, 0))),
        stay(3, at(-90, 0), Some(at(-1, 23))),
        withdrawal(4, LI, 1, at(-80, 0)),
        // The same piece twice counts once.
        stay(1, at(-90, 0), None),
    ]
}

/// A context that notes what each decision was made of.
fn noting(now: domain::Timestamp) -> (DecisionContext, Arc<Mutex<Vec<EvidenceId>>>) {
    let read = Arc::new(Mutex::new(Vec::new()));
    let mut context = context(now);
    let (noted, decide) = (Arc::clone(&read), context.decide);
    context.decide = Arc::new(move |evidence, appeals| {
        *noted.lock().unwrap() = evidence.iter().map(|piece| piece.id).collect();
        decide(evidence, appeals)
    });
    (context, read)
}

pub(super) async fn one_batch_decides_many_people(record: &Record) {
    let mixed = [
        contact(1, WU, at(0, 8)),
        declaration(2, LI, at(0, 8)),
        diagnosis(3, WU, at(0, 9)),
        declaration(4, CHEN, at(0, 8)),
    ];
    let decided = record.decided(mixed, &context(at(0, 10))).await;
    let shown: Vec<_> = decided
        .iter()
        .map(|one| (one.now.person, one.appended, one.now.verdict.status))
        .collect();
    assert_eq!(shown, [(LI, 1, GREEN), (WU, 2, RED), (CHEN, 1, GREEN)]);
    let nothing = record.decided([], &context(at(0, 11))).await;
    assert_eq!(nothing, []);
}
