use domain::policy::RuleId;
use domain::{Colour, Finding, PersonId, Restriction, Status};
use store::{ChangeCursor, ChangeNumber, StoredVerdict, VerdictOutline};

use super::{GREEN, RED, YELLOW};
use crate::record::Record;
use crate::sample::{CHEN, LI, OFFICE, SPAN, WU, at, id, verdict};

pub async fn a_verdict_comes_back_as_it_was_decided(store: &Record) {
    let change = store.draw_change().await.unwrap();
    let mut red = verdict(LI, RED, at(0, 9), change);
    red.verdict.restrictions = vec![
        Restriction {
            colour: Colour::Red,
            finding: finding("case", 1),
        },
        Restriction {
            colour: Colour::Yellow,
            finding: finding("contact", 3),
        },
    ];
    red.verdict.advice = vec![finding("test", 5)];
    let mut undeclared = verdict(WU, Status::Undeclared, at(0, 9), change);
    undeclared.verdict.since = None;
    undeclared.verdict.until = None;
    undeclared.verdict.next_change = None;

    store.touch(vec![LI, WU]).await.unwrap();
    let both = vec![undeclared.clone(), red.clone()];
    store.put_verdicts(both).await.unwrap();
    assert_eq!(store.verdict(LI).await, Ok(Some(red.clone())));
    assert_eq!(store.verdict(CHEN).await, Ok(None));
    let found = store.verdicts(vec![CHEN, WU, LI]).await.unwrap();
    assert_eq!(Vec::from_iter(found), [(LI, red), (WU, undeclared)]);

    let green = verdict(LI, GREEN, at(1, 9), store.draw_change().await.unwrap());
    store.put_verdicts(vec![green.clone()]).await.unwrap();
    assert_eq!(store.verdict(LI).await, Ok(Some(green)), "the last counts");
}

pub async fn a_verdict_is_due_when_its_next_change_has_come(store: &Record) {
    let decided = [(LI, 2), (WU, 1), (CHEN, 3)];
    let change = store.draw_change().await.unwrap();
    store.touch(vec![LI, WU, CHEN]).await.unwrap();
    let decided = decided.map(|(person, day)| verdict(person, GREEN, at(day, 8), change));
    store.put_verdicts(decided.to_vec()).await.unwrap();
    assert_eq!(store.due(at(1, 7) + SPAN, 10).await, Ok(vec![]));
    assert_eq!(store.due(at(1, 8) + SPAN, 10).await, Ok(vec![WU]));
    assert_eq!(store.due_since(at(1, 7) + SPAN).await, Ok(None));
    let late = at(9, 8) + SPAN;
    assert_eq!(store.due_since(late).await, Ok(Some(at(1, 8) + SPAN)));
    let all = store.due(late, 10).await;
    assert_eq!(all, Ok(vec![WU, LI, CHEN]), "longest overdue first");
    assert_eq!(store.due(late, 2).await, Ok(vec![WU, LI]));

    let mut settled = verdict(WU, YELLOW, late, change);
    settled.verdict.next_change = None;
    let again = vec![settled, verdict(LI, YELLOW, late, change)];
    store.put_verdicts(again).await.unwrap();
    assert_eq!(store.due(late, 10).await, Ok(vec![CHEN]));
}

pub async fn verdicts_can_be_followed_in_the_order_of_change(store: &Record) {
    let first = put(store, &[CHEN]).await;
    let second = put(store, &[WU, LI]).await;
    let from = ChangeCursor::at;
    assert_eq!(changed(store, from(first), 10).await, [CHEN, LI, WU]);
    assert_eq!(changed(store, from(second), 10).await, [LI, WU]);
    assert_eq!(changed(store, from(first), 2).await, [CHEN, LI]);
    let third = put(store, &[CHEN]).await;
    assert_eq!(changed(store, from(first), 10).await, [LI, WU, CHEN]);
    assert_eq!(changed(store, from(third), 10).await, [CHEN]);
    let nothing = store.draw_change().await.unwrap();
    assert_eq!(changed(store, from(nothing), 10).await, []);
    let before = from(ChangeNumber::BEFORE_ALL);
    assert_eq!(changed(store, before, 10).await, [LI, WU, CHEN]);
}

pub async fn verdicts_of_one_change_are_followed_page_by_page(store: &Record) {
    let people: Vec<_> = (0x40..0x49).map(PersonId::from_u128).collect();
    let number = put(store, &people).await;
    let mut since = ChangeCursor::at(number);
    let mut read = Vec::new();
    loop {
        let page = store.verdicts_since(since, 2).await.unwrap();
        let Some(last) = page.last() else { break };
        assert!(page.len() <= 2);
        since = last.cursor();
        read.extend(page.iter().map(|stored| stored.person));
    }
    assert_eq!(read, people, "each once, in order");
}

pub async fn the_outline_of_a_verdict_says_whether_it_found_anything(store: &Record) {
    let change = store.draw_change().await.unwrap();
    let plain = verdict(LI, GREEN, at(0, 9), change);
    let mut advised = verdict(WU, GREEN, at(0, 10), change);
    advised.verdict.advice = vec![finding("test", 5)];
    advised.verdict.until = None;
    let mut red = verdict(CHEN, RED, at(0, 11), change);
    red.verdict.restrictions = vec![Restriction {
        colour: Colour::Red,
        finding: finding("case", 1),
    }];
    store.touch(vec![LI, WU, CHEN]).await.unwrap();
    let all = [plain, advised, red];
    store.put_verdicts(all.to_vec()).await.unwrap();
    let outline = |stored: &StoredVerdict| VerdictOutline {
        person: stored.person,
        status: stored.verdict.status,
        since: stored.verdict.since,
        until: stored.verdict.until,
        next_change: stored.verdict.next_change,
        decided_at: stored.decided_at,
        has_findings: stored.person != LI,
    };
    let expected: Vec<_> = all.iter().map(outline).collect();
    for (after, last, found) in [
        (None, CHEN, &expected[..]),
        (None, WU, &expected[..2]),
        (Some(LI), CHEN, &expected[1..]),
        (Some(CHEN), CHEN, &[]),
    ] {
        let outlines = store.outlines(after, last).await;
        assert_eq!(outlines, Ok(found.to_vec()));
    }
}

fn finding(rule: &str, number: u128) -> Finding {
    Finding {
        rule: RuleId::from_checked(rule),
        since: at(-1, 0),
        until: at(13, 0),
        because: id(number),
        evidence: vec![id(number), id(number + 1)],
        authority: OFFICE,
    }
}

async fn put(store: &Record, people: &[PersonId]) -> ChangeNumber {
    let change = store.draw_change().await.unwrap();
    store.touch(people.to_vec()).await.unwrap();
    let green = |person: &PersonId| verdict(*person, GREEN, at(0, 9), change);
    let verdicts: Vec<StoredVerdict> = people.iter().map(green).collect();
    store.put_verdicts(verdicts).await.unwrap();
    change
}

async fn changed(store: &Record, since: ChangeCursor<PersonId>, limit: u32) -> Vec<PersonId> {
    let verdicts = store.verdicts_since(since, limit).await.unwrap();
    verdicts.iter().map(|stored| stored.person).collect()
}
