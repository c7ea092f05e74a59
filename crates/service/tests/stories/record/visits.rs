use domain::{Evidence, VenueId};
use store::Visit;

use super::Record;
use super::sample::{LI, OFFICE, at, context, declaration, evidence, id, withdrawal};

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
    let decided = record.decided([submitted.clone()], &context(at(0, 20)));
    let decided = decided.await;
    assert_eq!(decided[0].appended, 1);
    assert_eq!(decided[0].now.verdict.advice[0].authority, OFFICE);
    let stored = record.piece(LI, id(1)).await;
    assert_eq!(stored, Some(submitted.clone()));
    let visits = record.visits_of(LI, at(0, 0), at(1, 0)).await;
    assert_eq!(visits, [there()]);
    let again = record.decided([submitted], &context(at(0, 21))).await;
    assert_eq!(again[0].appended, 0);
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
