use std::collections::BTreeMap;

use domain::evidence::{OpenPeriod, Order, StayMode, StaySource};
use domain::{Colour, Evidence, Fact};

use crate::record::Record;
use crate::sample::{CHEN, LI, WU, at, contact, declaration, diagnosis, evidence, id, withdrawal};

pub async fn evidence_comes_back_oldest_first(store: &Record) {
    let said = [
        declaration(12, LI, at(0, 8)),
        contact(11, LI, at(1, 9)),
        diagnosis(10, LI, at(2, 10)),
    ];
    for piece in said.iter().rev() {
        store.append(vec![piece.clone()]).await.unwrap();
    }
    assert_eq!(store.evidence_of(LI, at(0, 0)).await, Ok(said.to_vec()));
    assert_eq!(store.evidence_of(WU, at(0, 0)).await, Ok(vec![]));
}

pub async fn evidence_that_is_there_is_left_out(store: &Record) {
    let first = vec![contact(1, LI, at(0, 8)), contact(1, WU, at(0, 8))];
    let added = store.append(first).await.unwrap();
    assert_eq!(Vec::from_iter(added), [(LI, id(1)), (WU, id(1))]);

    let changed = contact(1, LI, at(5, 8));
    let twice = declaration(2, LI, at(0, 8));
    let again = vec![changed, twice.clone(), twice];
    let added = store.append(again).await.unwrap();
    assert_eq!(Vec::from_iter(added), [(LI, id(2))]);
    let there = store.evidence(LI, id(1)).await;
    let unchanged = Some(contact(1, LI, at(0, 8)));
    assert_eq!(there, Ok(unchanged), "evidence never changes");
    assert_eq!(store.evidence_of(LI, at(0, 0)).await.unwrap().len(), 2);
}

pub async fn what_had_not_ended_is_read_and_every_withdrawal(store: &Record) {
    let pieces = what_ends_around(at(0, 0));
    store.append(pieces.to_vec()).await.unwrap();
    let read = store.evidence_of(LI, at(0, 0)).await.unwrap();
    let read: Vec<_> = read.iter().map(|piece| piece.id).collect();
    assert_eq!(read, [id(1), id(2), id(4), id(6)]);
}

pub async fn the_evidence_of_many_people_is_read_at_once(store: &Record) {
    let of_li = what_ends_around(at(0, 0));
    let visit = Fact::visit(
        domain::VenueId::from_u128(9),
        None,
        OpenPeriod::mended(at(-5, 0), Some(at(1, 0))),
    );
    let of_wu = [
        evidence(7, WU, visit),
        declaration(2, WU, at(-1, 23)),
        declaration(1, WU, at(0, 1)),
    ];
    let of_chen = [contact(1, CHEN, at(0, 0))];
    let all = [&of_li[..], &of_wu, &of_chen].concat();
    store.append(all).await.unwrap();

    let shown = async |people: &[_], include_visits| -> BTreeMap<_, Vec<u128>> {
        let found = store.evidence_since(people.to_vec(), at(0, 0), include_visits);
        let numbers = |(person, evidence): (_, Vec<Evidence>)| {
            assert!(evidence.iter().all(|piece| piece.person == person));
            let numbers = evidence.iter().map(|piece| piece.id.as_u128()).collect();
            (person, numbers)
        };
        found.await.unwrap().into_iter().map(numbers).collect()
    };
    let expected = [(LI, vec![1, 2, 4, 6]), (WU, vec![7, 1])];
    assert_eq!(shown(&[WU, LI, WU], true).await, expected.clone().into());
    let expected = [(LI, vec![1, 2, 4, 6]), (WU, vec![1])];
    assert_eq!(shown(&[WU, LI], false).await, expected.into());
    assert_eq!(shown(&[], true).await, BTreeMap::new());
}

pub async fn pieces_of_many_people_are_found_at_once(store: &Record) {
    let visit = Fact::visit(
        domain::VenueId::from_u128(9),
        Some("market".into()),
        OpenPeriod::mended(at(-5, 0), None),
    );
    let [of_li, of_wu] = [contact(1, LI, at(0, 8)), contact(2, WU, at(0, 8))];
    let visit = evidence(3, LI, visit);
    let all = vec![of_li.clone(), of_wu.clone(), visit];
    store.append(all).await.unwrap();
    let keys = vec![
        (WU, id(2)),
        (WU, id(1)),
        (LI, id(3)),
        (LI, id(1)),
        (WU, id(2)),
    ];
    let found = store.evidence_of_keys(keys.clone()).await.unwrap();
    let expected = [((LI, id(1)), of_li), ((WU, id(2)), of_wu)];
    assert_eq!(Vec::from_iter(found), expected);
    let visits = store.visits_of_keys(keys).await.unwrap();
    let found: Vec<_> = visits.iter().map(|one| (one.person, one.id)).collect();
    assert_eq!(found, [(LI, id(3))]);
    let found = store.evidence_of_keys(Vec::new()).await.unwrap();
    assert_eq!(Vec::from_iter(found), []);
}

pub async fn every_field_of_an_order_comes_back(store: &Record) {
    let order = Order::new(
        Colour::Yellow,
        at(0, 8),
        at(2, 8),
        "Article 39 of the Law on Infectious Diseases".into(),
        ["Dr Chen".into(), "Dr Ma".into()],
    );
    let order = evidence(1, LI, Fact::Order(order.unwrap()));
    store.append(vec![order.clone()]).await.unwrap();
    assert_eq!(store.evidence(LI, id(1)).await, Ok(Some(order)));
    let other = store.evidence(WU, id(1)).await;
    assert_eq!(other, Ok(None), "evidence belongs to one person");
}

/// Pieces about Li of which 1, 2 and 6 had not ended then, and 4 is a withdrawal.
fn what_ends_around(then: domain::Timestamp) -> [Evidence; 6] {
    assert_eq!(then, at(0, 0));
    let stay = |number, left| {
        let fact = Fact::stay(
            "3301".parse().unwrap(),
            OpenPeriod::mended(at(-90, 0), left),
            StayMode::Resident,
            StaySource::Declared,
        );
        evidence(number, LI, fact)
    };
    let order = Order::new(
        Colour::Red,
        at(-1, 0),
        at(1, 0),
        "Article 39".into(),
        ["Dr Chen".into(), "Dr Ma".into()],
    );
    [
        stay(1, None),
        stay(2, Some(then)),
        stay(3, Some(at(-1, 23))),
        withdrawal(4, LI, 1, at(-80, 0)),
        contact(5, LI, at(-1, 23)),
        evidence(6, LI, Fact::Order(order.unwrap())),
    ]
}
