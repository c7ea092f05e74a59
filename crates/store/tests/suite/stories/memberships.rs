use domain::evidence::GroupKind;
use domain::{GroupId, PersonId, Timestamp};
use store::held_memberships::HeldMembership;
use store::memberships::{Counts, ListedMembership, Membership};
use store::{TraceRead, TraceSubject};

use crate::record::Record;
use crate::sample::{CHEN, LI, OFFICE, WU, at};
use crate::stories::traces::finished;

const FLAT: GroupId = GroupId::from_u128(0x1);
const TRAIN: GroupId = GroupId::from_u128(0x2);

fn in_flat(person: PersonId, day: i64) -> Membership {
    Membership {
        person,
        group: FLAT,
        kind: GroupKind::Household,
        from: at(day, 0),
        until: None,
    }
}

fn on_train(person: PersonId) -> Membership {
    Membership {
        person,
        group: TRAIN,
        kind: GroupKind::Vehicle,
        from: at(-3, 8),
        until: Some(at(-3, 10)),
    }
}

/// As it is read before a tracer has looked at it.
fn listed(membership: Membership) -> ListedMembership {
    ListedMembership {
        membership,
        counts_from: at(0, 12),
        by: Some(OFFICE),
    }
}

async fn put(store: &Record, memberships: &[Membership]) -> u32 {
    let put = store.put_memberships(memberships.to_vec(), OFFICE, at(0, 12));
    put.await.unwrap()
}

pub async fn a_membership_is_found_by_person_and_by_group(store: &Record) {
    let all = [in_flat(WU, -300), in_flat(LI, -300), on_train(LI)];
    assert_eq!(put(store, &all).await, 3);
    assert_eq!(put(store, &all).await, 0, "a repeat changes nothing");
    let table = [
        ((-4, -2), vec![in_flat(LI, -300), on_train(LI)]),
        ((-2, 0), vec![in_flat(LI, -300)]),
        ((-400, -300), vec![]),
    ];
    for ((from, until), expected) in table {
        let found = store.memberships_of(LI, at(from, 0), at(until, 0));
        assert_eq!(found.await.unwrap(), expected, "{from} {until}");
    }
    let members = store.members(FLAT, at(-2, 0), at(0, 0)).await.unwrap();
    assert_eq!(members, [in_flat(LI, -300), in_flat(WU, -300)]);
    let of_day = |person| (person, at(-2, 0), at(0, 0));
    let of_group = |group| (group, at(-2, 0), at(0, 0));
    let found = store.memberships_of_many(vec![of_day(WU), of_day(CHEN), of_day(LI)]);
    let expected = [in_flat(WU, -300), in_flat(LI, -300)].map(listed);
    assert_eq!(found.await.unwrap(), expected, "in the order asked");
    let found = store.members_of_many(vec![of_group(TRAIN), of_group(FLAT)]);
    let expected = [in_flat(LI, -300), in_flat(WU, -300)].map(listed);
    assert_eq!(found.await.unwrap(), expected);
    // From 10 o'clock on the train is empty.
    let later = store.members(TRAIN, at(-3, 10), at(0, 0)).await.unwrap();
    assert_eq!(later, []);
}

pub async fn of_two_ends_the_earlier_counts_in_whatever_order_they_come(store: &Record) {
    let ends = |day| Membership {
        until: Some(at(day, 0)),
        ..in_flat(LI, -9)
    };
    let table = [
        (in_flat(LI, -9), 1, None),
        (ends(-1), 1, Some(at(-1, 0))),
        (in_flat(LI, -9), 0, Some(at(-1, 0))),
        (ends(-2), 1, Some(at(-2, 0))),
        (ends(-1), 0, Some(at(-2, 0))),
    ];
    for (one, changed, until) in table {
        assert_eq!(put(store, &[one]).await, changed, "{one:?}");
        let expected = [Membership {
            until,
            ..in_flat(LI, -9)
        }];
        let (from, end) = (at(-9, 0), at(0, 0));
        let own = store.memberships_of(LI, from, end).await.unwrap();
        assert_eq!(own, expected);
        let members = store.members(FLAT, from, end).await.unwrap();
        assert_eq!(members, expected);
    }
}

pub async fn a_late_membership_opens_the_traces_that_looked_there(store: &Record) {
    let traced = finished(store, LI, 1).await;
    finished(store, WU, 2).await;
    let read = |what| TraceRead {
        what,
        from: at(-4, 0),
        until: at(0, 9),
    };
    let case = read(TraceSubject::Person(LI));
    let flat = read(TraceSubject::Group(FLAT));
    for reads in [vec![case], vec![flat], vec![case, flat]] {
        store.record_reads(traced.clone(), reads).await.unwrap();
    }
    assert_eq!(store.reopen_traces(10).await.unwrap(), 0);

    // Nobody looked at the train, and nobody asked who moves in afterwards.
    put(store, &[on_train(CHEN), in_flat(CHEN, 1)]).await;
    assert_eq!(store.reopen_traces(1).await.unwrap(), 1);
    assert_eq!(store.reopen_traces(1).await.unwrap(), 1);
    assert_eq!(store.waiting_traces(10).await.unwrap(), []);

    let ended = Membership {
        until: Some(at(-6, 0)),
        ..in_flat(CHEN, -7)
    };
    for late in [in_flat(CHEN, -7), on_train(LI), ended] {
        for repeat in [1, 0] {
            assert_eq!(put(store, &[late]).await, repeat);
            let taken = store.reopen_traces(10).await.unwrap();
            assert_eq!(taken, repeat, "{late:?}");
        }
        let open = store.waiting_traces(10).await.unwrap();
        assert_eq!(open.len(), 1, "{late:?}");
        assert_eq!(open[0].diagnosis, traced.diagnosis);
        assert!(
            !store
                .finish_trace(traced.clone(), 5, at(0, 15))
                .await
                .unwrap(),
            "whoever read the job before it was opened again has not seen the membership"
        );
        assert!(
            store
                .finish_trace(open[0].clone(), 5, at(0, 15))
                .await
                .unwrap()
        );
    }
}

pub async fn a_tracer_says_which_traces_read_a_membership(store: &Record) {
    put(store, &[in_flat(LI, -9), in_flat(WU, -9)]).await;
    assert_eq!(store.reopen_traces(10).await.unwrap(), 2);
    let counted = async || {
        let (from, until) = (at(-9, 0), at(0, 0));
        let by_group = store.members_of_many(vec![(FLAT, from, until)]).await;
        let by_group = by_group.unwrap();
        let people = by_group
            .iter()
            .map(|one| (one.membership.person, from, until));
        let by_person = store.memberships_of_many(people.collect()).await.unwrap();
        assert_eq!(by_person, by_group, "both copies say the same");
        let counts = by_group.iter().map(|one| one.counts_from);
        counts.collect::<Vec<Timestamp>>()
    };
    let known_at = at(0, 12);
    assert_eq!(counted().await, [known_at, known_at]);
    for (counts, expected) in [
        (Counts::Always, Timestamp::UNIX_EPOCH),
        (Counts::Never, Timestamp::MAX),
    ] {
        let li = vec![(LI, FLAT, at(-9, 0))];
        store.settle_memberships(li, counts).await.unwrap();
        assert_eq!(counted().await[0].as_second(), expected.as_second());
        assert_eq!(counted().await[1], known_at, "of Wu nothing was said");
        assert_eq!(
            store.reopen_traces(10).await.unwrap(),
            1,
            "it is looked at again"
        );
    }
    // An earlier end says nothing new about what a tracer looked at.
    let ended = Membership {
        until: Some(at(-2, 0)),
        ..in_flat(LI, -9)
    };
    assert_eq!(put(store, &[ended]).await, 1);
    assert_eq!(counted().await[0].as_second(), Timestamp::MAX.as_second());
}

pub async fn memberships_that_came_late_wait_with_their_case(store: &Record) {
    let held = |member, hour| HeldMembership {
        group: FLAT,
        member,
        from: at(-9, 0),
        kind: GroupKind::Household,
        by: Some(OFFICE),
        held_at: at(0, hour),
    };
    let first = vec![held(LI, 13), held(WU, 13)];
    store.hold_memberships(CHEN, first.clone()).await.unwrap();
    store
        .hold_memberships(CHEN, vec![held(LI, 15)])
        .await
        .unwrap();
    store
        .hold_memberships(WU, vec![held(LI, 14)])
        .await
        .unwrap();
    let mut cases = [CHEN, WU];
    cases.sort_unstable();
    let cases = cases.map(|person| (person, 1));
    let listed = async |after, limit| store.cases_with_memberships(after, limit).await.unwrap();
    assert_eq!(listed(None, 10).await, cases);
    assert_eq!(listed(None, 1).await, cases[..1]);
    assert_eq!(listed(Some(cases[0].0), 10).await, cases[1..]);
    let mut waiting = store.held_memberships(CHEN).await.unwrap();
    waiting.sort_by_key(|one| one.member != LI);
    assert_eq!(waiting, first, "the first note counts");
    for (looked_at, rest) in [(&first[..1], &first[1..]), (&first[..], &first[2..])] {
        let dropped = store.drop_held_memberships(CHEN, looked_at.to_vec());
        assert_eq!(dropped.await, Ok(1), "one of them still waited");
        assert_eq!(store.held_memberships(CHEN).await.unwrap(), rest);
    }
    assert_eq!(store.held_memberships(WU).await.unwrap().len(), 1);
}
