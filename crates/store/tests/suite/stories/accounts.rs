use domain::{AccountId, Assurance, AuthorityId, ChallengeId, SessionId, StaffId, Timestamp};
use store::accounts::{Account, AccountEvent, HeldPerson};
use store::identities::BlindIndex;
use store::office_requests::OfficeRequest;
use store::one_time_codes::OneTimeCode;
use store::sessions::Session;
use store::{ChangeCursor, ChangeNumber};

use crate::record::Record;
use crate::sample::{CHEN, LI, OFFICE, WU, account, at, id};

const DOCUMENT: BlindIndex = BlindIndex::first([9; 32]);

pub async fn a_document_may_be_claimed_by_many_accounts(store: &Record) {
    let claiming = |byte, person| Account {
        document: Some(DOCUMENT.newest),
        ..account(byte, person)
    };
    let (li, wu, chen) = (claiming(1, LI), claiming(2, WU), account(3, CHEN));
    for one in [&wu, &li, &chen] {
        store.open_account(one.clone()).await.unwrap();
    }
    assert_eq!(store.account(chen.id).await, Ok(Some(chen)));
    let claims = store.claiming(DOCUMENT).await.unwrap();
    assert_eq!(claims, [li, wu]);
    let nobodys = store.claiming(BlindIndex::first([8; 32])).await;
    assert_eq!(nobodys, Ok(Vec::new()));
    // Many more that are opened later put none of them out of sight.
    for byte in 10..70 {
        let mut more = claiming(byte, CHEN);
        more.created_at = at(0, 23);
        store.open_account(more).await.unwrap();
    }
    let mut proven = claiming(70, CHEN);
    (proven.created_at, proven.assurance) = (at(1, 9), Assurance::Phone);
    store.open_account(proven.clone()).await.unwrap();
    let claims = store.claiming(DOCUMENT).await.unwrap();
    assert_eq!(claims.len(), 50);
    assert_eq!(claims[0], proven, "proven first");
    assert_eq!(
        claims[1..3],
        [account(1, LI).id, account(2, WU).id]
            .map(|id| { claims.iter().find(|one| one.id == id).unwrap().clone() })
    );
}

pub async fn changed_accounts_can_be_followed(store: &Record) {
    let (mut li, wu) = (account(1, LI), account(2, WU));
    for one in [&li, &wu] {
        store.open_account(one.clone()).await.unwrap();
    }
    let from = ChangeCursor::at(ChangeNumber::BEFORE_ALL);
    assert_eq!(store.accounts_changed_since(from, 10).await, Ok(Vec::new()));
    li.assurance = Assurance::Seen;
    li.proof = Some("office".to_owned());
    li.proven_at = Some(at(0, 9));
    li.person = CHEN;
    li.change = store.draw_change().await.unwrap();
    assert!(store.change_account(li.clone()).await.unwrap());
    let changed = store.accounts_changed_since(from, 10).await;
    assert_eq!(changed, Ok(vec![(li.id, li.change)]));
    assert_eq!(store.account(li.id).await, Ok(Some(li.clone())));
    let nobody = account(7, LI);
    assert!(!store.change_account(nobody).await.unwrap());

    store.bind_account(CHEN, li.id, at(0, 9)).await.unwrap();
    assert_eq!(store.bound_to(CHEN).await, Ok(Some(li.id)));
    store.bind_account(CHEN, wu.id, at(0, 10)).await.unwrap();
    store.unbind_account(CHEN, li.id).await.unwrap();
    assert_eq!(
        store.bound_to(CHEN).await,
        Ok(Some(wu.id)),
        "it is another's by now"
    );
    store.unbind_account(CHEN, wu.id).await.unwrap();
    assert_eq!(store.bound_to(CHEN).await, Ok(None));
}

pub async fn a_session_ends_once_and_is_listed_until_then(store: &Record) {
    let li = account(1, LI);
    store.open_account(li.clone()).await.unwrap();
    let session = |number: u8| Session {
        account: li.id,
        id: SessionId::from_u128(number.into()),
        kind: "page".to_owned(),
        label: (number == 1).then(|| "Firefox".to_owned()),
        created_at: at(0, number.into()),
        seen_at: at(0, number.into()),
        ends_at: at(1, 0),
        ended_at: None,
    };
    let (first, second) = (session(1), session(2));
    for (hash, one) in [([1; 32], &first), ([2; 32], &second)] {
        assert!(store.begin_session(hash, one.clone()).await.unwrap());
    }
    assert!(!store.begin_session([1; 32], session(3)).await.unwrap());
    let owner = store.session_owner([2; 32]).await;
    assert_eq!(owner, Ok(Some((li.id, second.id))));
    let listed = |now: Timestamp| store.sessions_of(li.id, now);
    let both = listed(at(0, 9)).await.unwrap();
    assert_eq!(
        both,
        [second.clone(), first.clone()],
        "the latest used first"
    );
    store.see_session(li.id, first.id, at(0, 8)).await.unwrap();
    let seen = listed(at(0, 9)).await.unwrap().remove(0);
    assert_eq!((seen.id, seen.seen_at), (first.id, at(0, 8)));
    assert_eq!(
        store.end_session(li.id, second.id, at(0, 9)).await,
        Ok(true)
    );
    assert_eq!(
        store.end_session(li.id, second.id, at(0, 9)).await,
        Ok(false)
    );
    assert_eq!(listed(at(0, 9)).await.unwrap().len(), 1);
    assert_eq!(listed(at(1, 0)).await, Ok(Vec::new()), "it ended by itself");
    let but = Some(first.id);
    assert_eq!(store.end_sessions(li.id, but, at(0, 9)).await, Ok(0));
    assert_eq!(store.end_sessions(li.id, None, at(0, 9)).await, Ok(1));
}

pub async fn a_one_time_code_is_tried_so_often_and_used_once(store: &Record) {
    let code = |number: u128, account: Option<AccountId>| OneTimeCode {
        challenge: ChallengeId::from_u128(number),
        account,
        purpose: "prove".to_owned(),
        counted: vec![BlindIndex::first([7; 32]), BlindIndex::first([6; 32])],
        code_hash: [5; 32],
        sent_at: at(0, number as i64),
        ends_at: at(0, 12),
    };
    let li = Some(account(1, LI).id);
    for one in [code(1, li), code(2, None)] {
        store.keep_code(one).await.unwrap();
    }
    let sent = store
        .codes_sent_since(BlindIndex::first([7; 32]), at(0, 1))
        .await;
    assert_eq!(sent, Ok(vec![at(0, 2)]));
    let attempt = |number, purpose: &str, now| {
        store.try_code(ChallengeId::from_u128(number), purpose.to_owned(), now)
    };
    assert_eq!(attempt(1, "sign-in", at(0, 11)).await, Ok(None));
    assert_eq!(
        attempt(1, "prove", at(0, 12)).await,
        Ok(None),
        "it has ended"
    );
    for _ in 0..2 {
        let tried = attempt(1, "prove", at(0, 11)).await;
        assert_eq!(tried, Ok(Some((li, [5; 32]))));
    }
    assert_eq!(
        attempt(1, "prove", at(0, 11)).await,
        Ok(None),
        "twice is enough"
    );
    let nobodys = attempt(2, "prove", at(0, 11)).await;
    assert_eq!(nobodys, Ok(Some((None, [5; 32]))));
    let challenge = ChallengeId::from_u128(2);
    assert_eq!(store.use_code(challenge, at(0, 11)).await, Ok(true));
    assert_eq!(store.use_code(challenge, at(0, 11)).await, Ok(false));
    assert_eq!(attempt(2, "prove", at(0, 11)).await, Ok(None));
    store.forget_codes(at(0, 13)).await.unwrap();
    assert_eq!(
        store.use_code(ChallengeId::from_u128(1), at(0, 11)).await,
        Ok(false)
    );
}

pub async fn people_on_an_account_are_known_from_both_sides(store: &Record) {
    let li = account(1, LI);
    store.open_account(li.clone()).await.unwrap();
    let held = HeldPerson {
        account: li.id,
        person: WU,
        relation: "consent".to_owned(),
        since: at(0, 8),
    };
    store.hold(held.clone()).await.unwrap();
    assert_eq!(store.held_by(li.id).await, Ok(vec![held.clone()]));
    assert_eq!(store.holders_of(WU).await, Ok(vec![held.clone()]));
    assert_eq!(store.end_holding(li.id, WU, at(0, 9)).await, Ok(true));
    assert_eq!(store.end_holding(li.id, WU, at(0, 9)).await, Ok(false));
    assert_eq!(store.holders_of(WU).await, Ok(Vec::new()));
    let again = HeldPerson {
        since: at(0, 10),
        ..held
    };
    store.hold(again.clone()).await.unwrap();
    assert_eq!(store.held_by(li.id).await, Ok(vec![again]));

    let event = |number, hour, by: Option<AuthorityId>| AccountEvent {
        id: id(number),
        at: at(0, hour),
        kind: "seen".to_owned(),
        by,
        staff: by.map(|_| StaffId::from_u128(7)),
        reason: by.map(|_| "a court said so".to_owned()),
    };
    let noted = [event(2, 9, Some(OFFICE)), event(1, 8, None)];
    for one in &noted {
        store.note_event(li.id, one.clone()).await.unwrap();
        store.note_document_event(WU, one.clone()).await.unwrap();
    }
    let of_account = store.account_events(li.id, 10).await.unwrap();
    let of_document = store.document_events(WU, 10).await.unwrap();
    assert_eq!(
        (&of_account[..], &of_document[..]),
        (&noted[..], &noted[..])
    );
    assert_eq!(store.account_events(li.id, 1).await.unwrap().len(), 1);
    assert_eq!(store.document_events(WU, 1).await.unwrap().len(), 1);
    assert_eq!(store.document_events(LI, 1).await, Ok(Vec::new()));
}

pub async fn who_is_somebody_else_by_now_is_found(store: &Record) {
    store.note_moved(LI, WU, at(0, 8)).await.unwrap();
    store.note_moved(LI, CHEN, at(0, 9)).await.unwrap();
    let moved = store.moved(vec![LI, CHEN]).await.unwrap();
    assert_eq!(Vec::from_iter(moved), [(LI, WU)], "the first counts");
}

pub async fn what_a_worker_asked_for_is_kept_for_a_second_one(store: &Record) {
    let request = OfficeRequest {
        person: LI,
        account: AccountId::from_u128(1),
        act: "bind",
        authority: OFFICE,
    };
    let others = [
        OfficeRequest {
            person: WU,
            ..request
        },
        OfficeRequest {
            act: "bind-lost",
            ..request
        },
        OfficeRequest {
            account: AccountId::from_u128(2),
            ..request
        },
        OfficeRequest {
            authority: AuthorityId::from_u128(9),
            ..request
        },
    ];
    let (first, second) = (StaffId::from_u128(1), StaffId::from_u128(2));
    store.ask_office(request, first, at(0, 8)).await.unwrap();
    assert_eq!(store.asked_by(request).await, Ok(Some((first, at(0, 8)))));
    for other in others {
        assert_eq!(store.asked_by(other).await, Ok(None), "{other:?}");
    }
    store.ask_office(request, second, at(0, 9)).await.unwrap();
    store.drop_requests(at(0, 9)).await.unwrap();
    assert_eq!(store.asked_by(request).await, Ok(Some((second, at(0, 9)))));
    store.ask_office(others[0], first, at(0, 9)).await.unwrap();
    store.drop_request(request).await.unwrap();
    assert_eq!(store.asked_by(request).await, Ok(None));
    store.drop_requests(at(0, 10)).await.unwrap();
    assert_eq!(store.asked_by(others[0]).await, Ok(None));
}
