use domain::{Appeal, AppealId, PolicyRef, StaffId};
use store::appeals::{AppealAnswer, AppealRecord, AppealedRule, RuleAppeals, SealedWith};

use crate::record::Record;
use crate::sample::{LI, OFFICE, WU, at, id};

const FIRST: SealedWith = key(1);

const fn key(key: u8) -> SealedWith {
    SealedWith { key, month: 0 }
}

fn policy() -> PolicyRef {
    PolicyRef {
        id: "hangzhou".to_owned(),
        version: 3,
    }
}

fn appeal(number: u128, filed: i64) -> AppealRecord {
    AppealRecord {
        person: if number < 10 { LI } else { WU },
        id: AppealId::from_u128(number),
        filed_at: at(0, filed),
        answer_by: at(1, filed),
        seal: FIRST,
        said: vec![number as u8; 40],
        file_form: None,
        reminded_at: None,
        escalated_at: None,
        answer: None,
    }
}

fn rule(name: &str, evidence: &[u128]) -> AppealedRule {
    AppealedRule {
        policy: policy(),
        rule: name.to_owned(),
        evidence: evidence.iter().map(|number| id(*number)).collect(),
        was_right: None,
    }
}

fn answer(hour: i64) -> AppealAnswer {
    AppealAnswer {
        at: at(0, hour),
        outcome: "changed".to_owned(),
        staff: StaffId::from_u128(5),
        authority: OFFICE,
        reasons: vec![7; 30],
    }
}

pub async fn an_appeal_is_open_until_it_is_answered_once(store: &Record) {
    let mut filed = appeal(1, 8);
    filed.file_form = Some("png".to_owned());
    let rules = vec![rule("contact", &[1, 2]), rule("stay", &[3])];
    let file = vec![9; 100];
    let added = store.add_appeal(filed.clone(), rules.clone(), Some(file.clone()));
    assert!(added.await.unwrap());
    assert_eq!(
        store.appeal(LI, filed.id).await.unwrap(),
        Some(filed.clone())
    );
    assert_eq!(
        store.appeal(WU, filed.id).await.unwrap(),
        None,
        "another person's"
    );
    assert_eq!(store.appeal_file(LI, filed.id).await.unwrap(), Some(file));
    assert_eq!(store.appeal_rules(LI, filed.id).await.unwrap(), rules);
    let open = Appeal {
        evidence: vec![id(1), id(2), id(3)],
        filed_at: at(0, 8),
        answered_at: None,
    };
    let found = store.open_appeals(vec![WU, LI]).await.unwrap();
    assert_eq!(found.into_iter().collect::<Vec<_>>(), [(LI, vec![open])]);

    let right = vec!["contact".to_owned()];
    let answered = store.answer_appeal(LI, filed.id, answer(20), right.clone());
    assert!(answered.await.unwrap());
    let again = store.answer_appeal(LI, filed.id, answer(21), Vec::new());
    assert!(!again.await.unwrap(), "who is first has answered");
    assert!(store.open_appeals(vec![LI]).await.unwrap().is_empty());
    let found = store.appeals_of(LI).await.unwrap();
    assert_eq!(found[0].answer, Some(answer(20)));
    let were_right: Vec<Option<bool>> = store
        .appeal_rules(LI, filed.id)
        .await
        .unwrap()
        .into_iter()
        .map(|rule| rule.was_right)
        .collect();
    assert_eq!(were_right, [Some(true), Some(false)]);
}

pub async fn a_piece_of_evidence_is_appealed_against_once(store: &Record) {
    let add = |number, evidence: &[u128]| {
        store.add_appeal(appeal(number, 8), vec![rule("contact", evidence)], None)
    };
    assert!(add(1, &[1]).await.unwrap());
    assert!(!add(2, &[1]).await.unwrap(), "while it is open");
    let answered = store.answer_appeal(LI, AppealId::from_u128(1), answer(20), Vec::new());
    assert!(answered.await.unwrap());
    assert!(!add(3, &[1]).await.unwrap(), "and after the answer");
    assert!(add(11, &[1]).await.unwrap(), "another person's evidence");
}

pub async fn the_queue_is_read_by_deadline_page_by_page(store: &Record) {
    for (number, hour) in [(1, 10), (2, 8), (11, 9)] {
        let rules = vec![rule("contact", &[number])];
        let added = store.add_appeal(appeal(number, hour), rules, None);
        assert!(added.await.unwrap());
    }
    let numbers =
        |page: &[AppealRecord]| -> Vec<u128> { page.iter().map(|one| one.id.as_u128()).collect() };
    let first = store.waiting_appeals(None, 2).await.unwrap();
    assert_eq!(numbers(&first), [2, 11]);
    let last = &first[1];
    let after = Some((last.answer_by, last.person, last.id));
    let second = store.waiting_appeals(after, 2).await.unwrap();
    assert_eq!(numbers(&second), [1]);
    let appealing = store.appealing_people(None, 10).await.unwrap();
    assert_eq!(appealing, [LI, WU]);
    assert_eq!(store.appealing_people(Some(LI), 10).await.unwrap(), [WU]);

    assert_eq!(store.remind_of_appeals(at(1, 9), at(1, 5)).await, Ok(2));
    assert_eq!(
        store.remind_of_appeals(at(1, 9), at(1, 6)).await,
        Ok(0),
        "once"
    );
    assert_eq!(store.escalate_appeals(at(1, 8)).await, Ok(1));
    assert_eq!(store.appeals_due(at(1, 9)).await, Ok(2));
    let found = store
        .appeal(LI, AppealId::from_u128(2))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.reminded_at, Some(at(1, 5)));
    assert_eq!(found.escalated_at, Some(at(1, 8)));
}

pub async fn appeals_are_counted_by_rule(store: &Record) {
    for (number, rules) in [
        (1, vec![rule("contact", &[1]), rule("stay", &[2])]),
        (2, vec![rule("contact", &[3])]),
        (11, vec![rule("contact", &[1])]),
    ] {
        assert!(
            store
                .add_appeal(appeal(number, 8), rules, None)
                .await
                .unwrap()
        );
    }
    let counts = |rule: &str, filed, answered, right, seconds| RuleAppeals {
        rule: rule.to_owned(),
        filed,
        answered,
        right,
        seconds,
    };
    let open = [counts("contact", 3, 0, 0, 0), counts("stay", 1, 0, 0, 0)];
    assert_eq!(store.appeals_by_rule(policy()).await.unwrap(), open);
    for (person, number, hour, right) in [(LI, 1, 10, "contact"), (WU, 11, 9, "none")] {
        let right = vec![right.to_owned()];
        let answered =
            store.answer_appeal(person, AppealId::from_u128(number), answer(hour), right);
        assert!(answered.await.unwrap());
    }
    let answered = [
        counts("contact", 3, 2, 1, 3 * 3600),
        counts("stay", 1, 1, 0, 2 * 3600),
    ];
    assert_eq!(store.appeals_by_rule(policy()).await.unwrap(), answered);
    let other = PolicyRef {
        version: 4,
        ..policy()
    };
    assert!(store.appeals_by_rule(other).await.unwrap().is_empty());
}

pub async fn what_is_sealed_of_an_appeal_is_sealed_anew_unless_it_was_answered_meanwhile(
    store: &Record,
) {
    let (filed, other) = (appeal(1, 8), appeal(2, 8));
    for (one, evidence) in [(&filed, 1), (&other, 2)] {
        let rules = vec![rule("contact", &[evidence])];
        let added = store.add_appeal(one.clone(), rules, Some(vec![1; 9]));
        assert!(added.await.unwrap());
    }
    assert_eq!(store.appeals_sealed_before(FIRST, None).await.unwrap(), []);
    let old = store.appeals_sealed_before(key(2), None).await.unwrap();
    assert_eq!(old, [filed.clone(), other.clone()]);
    let rest = store.appeals_sealed_before(key(2), Some((LI, filed.id)));
    assert_eq!(rest.await.unwrap(), std::slice::from_ref(&other));
    let answered = store.answer_appeal(LI, other.id, answer(20), Vec::new());
    assert!(answered.await.unwrap());
    for before in [&filed, &other] {
        let fresh = AppealRecord {
            seal: key(2),
            said: vec![4; 40],
            ..before.clone()
        };
        let resealed = store.reseal_appeal(before.clone(), fresh, Some(vec![2; 9]));
        resealed.await.unwrap();
    }
    assert_eq!(
        store.appeals_sealed_with(1).await,
        Ok(1),
        "answered meanwhile"
    );
    assert_eq!(store.appeals_sealed_with(2).await, Ok(1));
    assert_eq!(
        store.appeal(LI, filed.id).await.unwrap().unwrap().said,
        [4; 40]
    );
    assert_eq!(
        store.appeal_file(LI, filed.id).await.unwrap(),
        Some(vec![2; 9])
    );
    assert_eq!(
        store.appeal_file(LI, other.id).await.unwrap(),
        Some(vec![1; 9])
    );
    let kept = store.appeal(LI, other.id).await.unwrap().unwrap();
    assert_eq!(kept.answer, Some(answer(20)));
}

pub async fn who_submitted_evidence_is_found_again(store: &Record) {
    let (lin, zhao) = (StaffId::from_u128(1), StaffId::from_u128(2));
    let by = vec![((LI, id(1)), lin), ((LI, id(1)), zhao), ((WU, id(1)), zhao)];
    store.note_evidence_staff(by.clone()).await.unwrap();
    store.note_evidence_staff(by).await.unwrap();
    let of = |person, evidence: &[u128]| {
        let evidence = evidence.iter().map(|number| id(*number)).collect();
        store.evidence_staff(person, evidence)
    };
    let found: Vec<StaffId> = of(LI, &[1, 2]).await.unwrap().into_iter().collect();
    assert_eq!(found, [lin, zhao]);
    assert!(of(LI, &[2]).await.unwrap().is_empty(), "a machine's");
    let all = store.evidence_staff_about(LI).await.unwrap();
    assert_eq!(all, [(id(1), lin), (id(1), zhao)]);
    let found: Vec<StaffId> = of(WU, &[1]).await.unwrap().into_iter().collect();
    assert_eq!(found, [zhao]);
}

pub async fn what_the_key_of_an_earlier_month_sealed_is_found(store: &Record) {
    let month = |month| SealedWith { key: 1, month };
    let mut filed = appeal(1, 8);
    filed.seal = month(600);
    let added = store.add_appeal(filed.clone(), vec![rule("contact", &[1])], None);
    assert!(added.await.unwrap());
    for (before, count) in [(600, 0), (601, 1)] {
        let found = store.appeals_sealed_before(month(before), None);
        assert_eq!(found.await.unwrap().len(), count, "{before}");
        let found = store.appeals_sealed_in_months_before(before);
        assert_eq!(found.await, Ok(count as u64), "{before}");
    }
    let fresh = AppealRecord {
        seal: month(602),
        ..filed.clone()
    };
    store.reseal_appeal(filed, fresh, None).await.unwrap();
    assert_eq!(store.appeals_sealed_in_months_before(602).await, Ok(0));
}

pub async fn an_appeal_is_forgotten_with_all_that_came_with_it_once_it_was_answered(
    store: &Record,
) {
    let (old, open) = (appeal(1, 8), appeal(2, 8));
    for (one, evidence) in [(&old, 1), (&open, 2)] {
        let rules = vec![rule("contact", &[evidence])];
        let added = store.add_appeal(one.clone(), rules, Some(vec![1; 9]));
        assert!(added.await.unwrap());
    }
    let answered = store.answer_appeal(LI, old.id, answer(20), Vec::new());
    assert!(answered.await.unwrap());
    let people = vec![LI, WU];
    assert_eq!(
        store.old_appeals(people.clone(), at(0, 20)).await,
        Ok(vec![])
    );
    let found = store.old_appeals(people, at(9, 0)).await.unwrap();
    assert_eq!(found, [(LI, old.id)], "one that is open is kept");
    assert_eq!(store.forget_appeals(found).await, Ok(1));
    assert_eq!(store.appeals_of(LI).await.unwrap(), [open]);
    assert_eq!(store.appeal_file(LI, old.id).await, Ok(None));
    assert_eq!(store.appeal_rules(LI, old.id).await, Ok(vec![]));
    let again = store.add_appeal(appeal(3, 9), vec![rule("contact", &[1])], None);
    assert!(again.await.unwrap(), "nothing is known of the first one");
}

pub async fn an_appeal_stands_under_another_person_as_it_stood(store: &Record) {
    let mut stands = appeal(11, 8);
    stands.file_form = Some("png".to_owned());
    stands.reminded_at = Some(at(0, 12));
    stands.escalated_at = Some(at(1, 8));
    stands.answer = Some(answer(20));
    let mut right = rule("contact", &[1]);
    right.was_right = Some(true);
    let mut wrong = rule("stay", &[2]);
    wrong.was_right = Some(false);
    let rules = vec![right, wrong];
    let added = store.add_appeal_as_it_stands(stands.clone(), rules.clone(), Some(vec![3; 9]));
    assert!(added.await.unwrap());
    assert_eq!(store.appeal(WU, stands.id).await, Ok(Some(stands.clone())));
    assert_eq!(store.appeal_rules(WU, stands.id).await, Ok(rules));
    assert_eq!(store.open_appeals(vec![WU]).await.unwrap().len(), 0);
}
