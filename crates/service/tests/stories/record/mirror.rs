use domain::{PersonId, VenueId};
use store::Visit;

use super::Record;
use super::sample::{CHEN, LI, WU, at, contact, context, id, newcomer, withdrawal};

/// Somebody new needs no note: the mirror finds them by their identifier or reads all of them.
pub(super) async fn whoever_has_new_evidence_is_noted(record: &Record) {
    let context = context(at(1, 9));
    record.register(newcomer(LI, 0), &context).await;
    record.decided([contact(1, WU, at(0, 8))], &context).await;
    assert_eq!(noted(record).await, [(LI, 1), (WU, 1)]);

    record.decide_again(&[LI, WU], &context).await;
    let same = noted(record).await;
    assert_eq!(same, [(LI, 1), (WU, 1)], "deciding adds no evidence");
    record.decided([contact(1, WU, at(0, 8))], &context).await;
    assert_eq!(noted(record).await, [(LI, 1), (WU, 1)], "it was there");
    record.put_visits(vec![scan()]).await;
    let same = noted(record).await;
    assert_eq!(same, [(LI, 1), (WU, 1)], "scans note nobody");

    let withdrawn = [withdrawal(2, WU, 1, at(1, 8))];
    record.decided(withdrawn, &context).await;
    assert_eq!(noted(record).await, [(LI, 1), (WU, 4)]);
    // Somebody about whom nothing is known but that they exist.
    record.decide_again(&[CHEN], &context).await;
    assert_eq!(noted(record).await, [(LI, 1), (WU, 4), (CHEN, 1)]);
}

async fn noted(record: &Record) -> Vec<(PersonId, u64)> {
    let noted = record.noted().await;
    noted.iter().map(|one| (one.person, one.revision)).collect()
}

fn scan() -> Visit {
    Visit {
        id: id(4),
        person: WU,
        venue: VenueId::from_u128(9),
        category: Some("market".into()),
        entered: at(0, 10),
        left: Some(at(0, 11)),
    }
}
