use domain::{AuthorityId, PersonId, PolicyRef, ProposalId, StaffId};
use store::proposals::{
    self, Approval, Comparison, ProposalKind, ProposalOutcome, ProposalRecord, ProposalsAsked,
    Publishable, Signature,
};
use store::reevaluation::ReevaluationRecord;
use store::{PolicyText, StoreError};

use crate::record::Record;
use crate::sample::at;

const CITY: u128 = 1;
const PROVINCE: u128 = 2;

pub async fn a_proposal_is_approved_once_by_somebody_else_who_saw_the_difference(store: &Record) {
    let id = proposed(store, 1).await;
    let what = || Publishable::Policy(policy("a = 1"));
    let approve = async |base: &'static str, by: u128| {
        let approval = Approval {
            by: signature(by),
            ..approval(id, base, what())
        };
        store.approve(approval).await.unwrap()
    };
    assert!(!approve("base", PROVINCE).await, "nothing to see yet");
    assert!(store.note_comparison(id, comparison("base")).await.unwrap());
    assert!(
        !approve("other", PROVINCE).await,
        "compared with something else"
    );
    assert!(!approve("base", CITY).await, "the proposer");
    assert_eq!(store.policies().await.unwrap(), []);
    assert!(approve("base", PROVINCE).await);
    assert!(!approve("base", PROVINCE).await, "once");
    assert_eq!(store.policies().await.unwrap(), [policy("a = 1")]);
    let settled = find(store, id).await.settled.unwrap();
    assert!(settled.is_approved);
    assert_eq!(
        (settled.by, &*settled.reason),
        (signature(PROVINCE), "agreed")
    );
    assert!(!store.note_comparison(id, comparison("new")).await.unwrap());
    assert_eq!(find(store, id).await.comparison, Some(comparison("base")));
}

pub async fn an_approval_outdates_every_other_difference(store: &Record) {
    let (first, second) = (proposed(store, 1).await, proposed(store, 2).await);
    for id in [first, second] {
        store.note_comparison(id, comparison("base")).await.unwrap();
    }
    let what = || Publishable::Levels(Vec::new());
    let approve = async |id| {
        let approval = approval(id, "base", what());
        store.approve(approval).await.unwrap()
    };
    assert!(approve(first).await);
    assert!(!approve(second).await);
    assert_eq!(find(store, second).await.comparison, None);
    let waiting = store.waiting_proposals().await.unwrap();
    assert_eq!(ids(&waiting), [second]);
    assert_eq!(ids(&store.proposals(5).await.unwrap()), [second, first]);
    assert_eq!(ids(&store.proposals(1).await.unwrap()), [second]);
}

pub async fn what_needs_no_comparison_is_settled_by_somebody_else(store: &Record) {
    let id = ProposalId::from_u128(9);
    let content = "two people".to_owned();
    let added = store.propose(id, ProposalKind::Orders, content, signature(CITY));
    added.await.unwrap();
    let settle = async |kind, by: u128| {
        let settled = store.settle(id, kind, signature(by), "agreed".to_owned());
        settled.await.unwrap()
    };
    assert!(!settle(ProposalKind::Orders, CITY).await, "the proposer");
    assert!(!settle(ProposalKind::Batch, PROVINCE).await, "another kind");
    assert_eq!(store.waiting_proposals().await, Ok(Vec::new()));
    let waiting = store.waiting_of_kind(ProposalKind::Orders).await;
    assert_eq!(ids(&waiting.unwrap()), [id]);
    let others = store.waiting_of_kind(ProposalKind::Batch).await;
    assert_eq!(others, Ok(Vec::new()));
    assert!(settle(ProposalKind::Orders, PROVINCE).await);
    let waiting = store.waiting_of_kind(ProposalKind::Orders).await;
    assert_eq!(waiting, Ok(Vec::new()));
    assert!(!settle(ProposalKind::Orders, PROVINCE).await, "once");
    let orders = store.proposals_of_kind(ProposalKind::Orders, 5).await;
    assert_eq!(ids(&orders.unwrap()), [id]);
    assert_eq!(store.proposals(5).await, Ok(Vec::new()));
}

pub async fn what_a_machine_submitted_needs_somebody_who_answers_for_it(store: &Record) {
    let id = ProposalId::from_u128(9);
    let machine = Signature {
        staff: None,
        ..signature(CITY)
    };
    let added = store.propose(id, ProposalKind::Batch, "rows".to_owned(), machine);
    added.await.unwrap();
    let settle = async |by: u128| {
        let settled = store.settle(id, ProposalKind::Batch, signature(by), "seen".to_owned());
        settled.await.unwrap()
    };
    let vouch = async |kind, by: u128| store.vouch(id, kind, signature(by)).await.unwrap();
    assert!(!settle(PROVINCE).await, "nobody answers for it");
    assert!(!vouch(ProposalKind::Orders, PROVINCE).await, "another kind");
    assert!(vouch(ProposalKind::Batch, PROVINCE).await);
    assert!(
        !vouch(ProposalKind::Batch, CITY).await,
        "somebody does already"
    );
    let found = find(store, id).await.proposed;
    assert_eq!(found.staff, signature(PROVINCE).staff);
    assert_eq!(
        found.authority,
        signature(CITY).authority,
        "whose it is stays"
    );
    assert!(!settle(PROVINCE).await, "one person is not two");
    assert!(settle(CITY).await);
    assert!(!vouch(ProposalKind::Batch, CITY).await, "it is settled");
}

pub async fn what_waits_is_listed_before_what_was_settled(store: &Record) {
    let propose = async |number: u128, by: u128, hour| {
        let id = ProposalId::from_u128(number);
        let by = Signature {
            at: at(0, hour),
            ..signature(by)
        };
        let content = number.to_string();
        let added = store.propose(id, ProposalKind::Orders, content, by);
        added.await.unwrap();
        id
    };
    let oldest = propose(1, CITY, 9).await;
    let settled = propose(2, CITY, 11).await;
    let newest = propose(3, CITY, 10).await;
    let other = propose(4, PROVINCE, 12).await;
    let by = signature(PROVINCE);
    assert!(store.reject(settled, by, "no".to_owned()).await.unwrap());
    let authority = |number| signature(number).authority;
    let of = async |authorities: &[u128], limit| {
        let authorities = authorities.iter().map(|one| authority(*one)).collect();
        let kind = ProposalKind::Orders;
        let found = store.proposals_of_authorities(kind, authorities, limit);
        ids(&found.await.unwrap())
    };
    assert_eq!(of(&[CITY], 10).await, [newest, oldest, settled]);
    assert_eq!(
        of(&[CITY], 2).await,
        [newest, oldest],
        "none that waits falls off"
    );
    assert_eq!(of(&[PROVINCE, CITY], 1).await, [other, newest]);
    assert_eq!(of(&[], 1).await, []);
    let all = store.proposals_of_kind(ProposalKind::Orders, 3).await;
    assert_eq!(ids(&all.unwrap()), [other, newest, oldest]);
    let page = async |state, after, limit| {
        let asked = ProposalsAsked {
            kinds: [ProposalKind::Orders, ProposalKind::Batch],
            state,
            after,
        };
        let read = store.read("page", (asked, limit), |tx, (asked, limit)| {
            Box::pin(proposals::page(tx, *asked, *limit))
        });
        read.await.unwrap()
    };
    let first = page(None, None, 2).await;
    assert_eq!(ids(&first), [other, newest]);
    let rest = page(None, Some(first[1].place()), 9).await;
    assert_eq!(ids(&rest), [oldest, settled], "and nothing falls between");
    let rejected = Some(ProposalOutcome::Rejected);
    assert_eq!(ids(&page(rejected, None, 9).await), [settled]);
    let waiting = Some(ProposalOutcome::Waiting);
    assert_eq!(ids(&page(waiting, None, 9).await), [other, newest, oldest]);
    assert_eq!(page(Some(ProposalOutcome::Approved), None, 9).await, []);
    assert_eq!(store.count_waiting(authority(CITY)).await, Ok(2));
    let batch = ProposalId::from_u128(5);
    let by = signature(CITY);
    let held = store.propose(batch, ProposalKind::Batch, "rows".to_owned(), by);
    held.await.unwrap();
    assert_eq!(
        store.count_waiting(authority(CITY)).await,
        Ok(2),
        "nobody proposed that"
    );
}

pub async fn a_rejected_proposal_changes_nothing(store: &Record) {
    let id = proposed(store, 1).await;
    store.note_comparison(id, comparison("base")).await.unwrap();
    assert!(
        store
            .reject(id, signature(PROVINCE), "too hard".into())
            .await
            .unwrap()
    );
    assert!(
        !store
            .reject(id, signature(PROVINCE), "again".into())
            .await
            .unwrap()
    );
    let approval = approval(id, "base", Publishable::Policy(policy("a")));
    assert_eq!(store.approve(approval).await, Ok(false));
    assert_eq!(store.policies().await.unwrap(), []);
    let settled = find(store, id).await.settled.unwrap();
    assert_eq!((settled.is_approved, &*settled.reason), (false, "too hard"));
}

pub async fn a_policy_that_cannot_be_published_leaves_its_proposal_open(store: &Record) {
    let id = proposed(store, 1).await;
    store.note_comparison(id, comparison("base")).await.unwrap();
    let published = store::Publication {
        by: "Health commission".into(),
        at: at(0, 9),
    };
    store
        .publish_policy(policy("b = 2"), published)
        .await
        .unwrap();
    let approval = approval(id, "base", Publishable::Policy(policy("a = 1")));
    let refused = store.approve(approval).await;
    assert_eq!(refused, Err(StoreError::PolicyExists(policy("").reference)));
    let after = find(store, id).await;
    assert_eq!(
        (after.settled, after.comparison),
        (None, Some(comparison("base")))
    );
}

pub async fn a_reevaluation_is_found_where_it_stood(store: &Record) {
    assert_eq!(store.reevaluation().await, Ok(None));
    let begun = ReevaluationRecord {
        in_force: "a".into(),
        after: None,
        decided: 0,
        changed: 0,
        is_finished: false,
    };
    let done = ReevaluationRecord {
        in_force: "b".into(),
        after: Some(PersonId::from_u128(7)),
        decided: 1_000,
        changed: 3,
        is_finished: true,
    };
    for record in [begun, done] {
        store.note_reevaluation(record.clone()).await.unwrap();
        assert_eq!(store.reevaluation().await, Ok(Some(record)));
    }
}

async fn proposed(store: &Record, number: u128) -> ProposalId {
    let id = ProposalId::from_u128(number);
    for _ in 0..2 {
        store
            .propose(id, ProposalKind::Policy, "a = 1".into(), signature(CITY))
            .await
            .unwrap();
    }
    let found = find(store, id).await;
    assert_eq!(
        (found.kind, &*found.content),
        (ProposalKind::Policy, "a = 1")
    );
    assert_eq!(found.proposed, signature(CITY));
    assert_eq!((found.comparison, found.settled), (None, None));
    id
}

pub async fn what_a_staff_member_proposed_is_found_while_it_waits(store: &Record) {
    let (mut ids, machine) = (Vec::new(), ProposalId::from_u128(3));
    for number in 1..=2 {
        let id = ProposalId::from_u128(number);
        let by = signature(CITY);
        let added = store.propose(id, ProposalKind::Feed, "{}".into(), by);
        added.await.unwrap();
        ids.push(id);
    }
    let by = Signature {
        staff: None,
        name: "a feed".to_owned(),
        ..signature(CITY)
    };
    let added = store.propose(machine, ProposalKind::Batch, "{}".into(), by);
    added.await.unwrap();
    let (gone, other) = (StaffId::from_u128(CITY), StaffId::from_u128(PROVINCE));
    let answers = Signature {
        name: "a feed; Dr Lin".to_owned(),
        ..signature(CITY)
    };
    let vouched = store.vouch(machine, ProposalKind::Batch, answers);
    assert_eq!(vouched.await, Ok(true));
    ids.push(machine);
    let waiting = async |staff| {
        let waiting: Vec<ProposalRecord> = store.waiting_of_staff(staff).await.unwrap();
        waiting.iter().map(|one| one.id).collect::<Vec<_>>()
    };
    assert_eq!(waiting(gone).await, ids);
    assert_eq!(waiting(other).await, []);
    let rejected = store.reject(ids[0], signature(PROVINCE), "gone".into());
    assert_eq!(rejected.await, Ok(true));
    // Nobody else's answer is taken back.
    for (staff, expected) in [(other, &ids[1..]), (gone, &ids[1..2])] {
        let unvouched = store.unvouch(machine, staff, "a feed".to_owned());
        unvouched.await.unwrap();
        assert_eq!(waiting(gone).await, expected);
    }
    let left = find(store, machine).await.proposed;
    assert_eq!((left.staff, &*left.name), (None, "a feed"));
}

async fn find(store: &Record, id: ProposalId) -> ProposalRecord {
    store.proposal(id).await.unwrap().unwrap()
}

fn ids(proposals: &[ProposalRecord]) -> Vec<ProposalId> {
    proposals.iter().map(|proposal| proposal.id).collect()
}

/// By the province.
fn approval(id: ProposalId, base: &str, what: Publishable) -> Approval {
    Approval {
        id,
        base: base.into(),
        by: signature(PROVINCE),
        reason: "agreed".into(),
        what,
    }
}

fn signature(authority: u128) -> Signature {
    Signature {
        staff: Some(StaffId::from_u128(authority)),
        authority: AuthorityId::from_u128(authority),
        name: format!("Commission {authority}"),
        at: at(0, 9),
    }
}

fn comparison(base: &str) -> Comparison {
    Comparison {
        base: base.into(),
        difference: "{}".into(),
        at: at(0, 10),
    }
}

fn policy(toml: &str) -> PolicyText {
    PolicyText {
        reference: PolicyRef {
            id: "hangzhou".into(),
            version: 2,
        },
        toml: toml.into(),
        effective: at(0, 0),
    }
}
