use std::sync::{Arc, Mutex};

use domain::{Evidence, PersonId, VenueId};
use store::Visit;

use super::Record;
use super::sample::{CHEN, LI, OFFICE, at, context, declaration, evidence, id, withdrawal};

pub(super) async fn visits_are_evidence_where_the_policy_reads_them(record: &Record) {
    record.put_visits(vec![there()]).await;
    let mut context = context(at(0, 11));
    context.reads_visits = false;
    let said = declaration(2, LI, at(0, 11));
    let decided = record.decided([said.clone()], &context).await;
    assert_eq!(decided[0].now.verdict.advice, []);

    context.reads_visits = true;
    let decisions = record.decide_again(&[LI], &context).await;
    let advice = &decisions.decided[0].now.verdict.advice[0];
    let shown = (advice.because, advice.authority);
    assert_eq!(shown, (id(1), Visit::RECORDED_BY));

    let expected = Evidence {
        authority: Visit::RECORDED_BY,
        recorded_at: at(0, 9),
        ..evidence(1, LI, there().into())
    };
    assert_eq!(record.evidence_of(LI, at(0, 10)).await, [expected, said]);

    let withdrawn = [withdrawal(3, LI, 1, at(0, 11))];
    let decided = record.decided(withdrawn, &context).await;
    assert_eq!(decided[0].now.verdict.advice, []);
}

pub(super) async fn a_submitted_visit_keeps_its_authority(record: &Record) {
    let mut submitted = evidence(1, LI, there().into());
    submitted.recorded_at = at(0, 20);
    let then = context(at(0, 20));
    let decided = record.decided([submitted.clone()], &then).await;
    assert_eq!(decided[0].appended, 1);
    assert_eq!(decided[0].now.verdict.advice[0].authority, OFFICE);
    let stored = record.piece(LI, id(1)).await;
    assert_eq!(stored, Some(submitted.clone()));
    let visits = record.visits_of(LI, at(0, 0), at(1, 0)).await;
    assert_eq!(visits, [there()]);
    let again = record.decided([submitted], &context(at(0, 21))).await;
    assert_eq!(again[0].appended, 0);
}

pub(super) async fn a_submitted_visit_is_decided_by_as_it_is_stored(record: &Record) {
    let read = Arc::new(Mutex::new(Vec::new()));
    let mut context = context(at(0, 20));
    let (noted, decide) = (Arc::clone(&read), context.decide);
    context.decide = Arc::new(move |evidence, appeals| {
        *noted.lock().unwrap() = evidence.to_vec();
        decide(evidence, appeals)
    });
    let submitted = |person: PersonId, venue: u128, left: Option<_>| {
        let venue = VenueId::from_u128(venue);
        let visit = Visit {
            person,
            venue,
            left,
            ..there()
        };
        evidence(1, person, visit.into())
    };
    // Of somebody who is known, and of somebody who is not: the end is all that a later one changes.
    record.decided([submitted(LI, 0x100, None)], &context).await;
    let ended = [submitted(LI, 0x200, Some(at(0, 10)))];
    record.decided(ended, &context).await;
    let stored = record.evidence_of(LI, at(0, 0)).await;
    assert_eq!(stored, [submitted(LI, 0x100, Some(at(0, 10)))]);
    assert_eq!(*read.lock().unwrap(), stored);

    let both = [
        submitted(CHEN, 0x100, None),
        submitted(CHEN, 0x100, Some(at(0, 10))),
    ];
    record.decided(both, &context).await;
    let stored = record.evidence_of(CHEN, at(0, 0)).await;
    assert_eq!(stored, [submitted(CHEN, 0x100, Some(at(0, 10)))]);
    assert_eq!(*read.lock().unwrap(), stored);
}

fn there() -> Visit {
    Visit {
        id: id(1),
        person: LI,
        venue: VenueId::from_u128(0x100),
        category: Some("market".into()),
        entered: at(0, 9),
        left: Some(at(0, 10)),
    }
}
