use domain::{AuthorityId, ProposalId, Role, StaffId, Timestamp};
use store::staff::{Half, StaffGrant};

use crate::record::Record;
use crate::sample::at;

const LIN: StaffId = StaffId::from_u128(0x11);
const HASH: [u8; 32] = [7; 32];

fn grant(id: StaffId) -> StaffGrant {
    StaffGrant {
        id,
        authority: AuthorityId::from_u128(1),
        name: "Dr Lin".into(),
        roles: [Role::HealthOfficer, Role::Approver].into_iter().collect(),
        regions: "3301 42".parse().unwrap(),
        invited_by: None,
        approved_by: Some(StaffId::from_u128(2)),
    }
}

pub async fn an_invitation_is_taken_up_once(store: &Record) {
    let invited = store.invite(HASH, None, grant(LIN), at(3, 0));
    invited.await.unwrap();
    assert_eq!(store.invitation([8; 32]).await, Ok(None));
    let invitation = store.invitation(HASH).await.unwrap().unwrap();
    assert_eq!(invitation.grant, grant(LIN));
    assert_eq!((invitation.ends_at, invitation.used_at), (at(3, 0), None));
    assert_eq!(store.use_invitation(HASH, at(1, 0)).await, Ok(true));
    assert_eq!(store.use_invitation(HASH, at(1, 1)).await, Ok(false));
    let used = store.invitation(HASH).await.unwrap().unwrap();
    assert_eq!(used.used_at, Some(at(1, 0)));
}

pub async fn an_invitation_of_a_proposal_is_completed_once_and_each_half_is_renewed(
    store: &Record,
) {
    let proposal = ProposalId::from_u128(9);
    let unapproved = StaffGrant {
        approved_by: None,
        ..grant(LIN)
    };
    let invited = store.invite(HASH, Some(proposal), unapproved, at(0, 0));
    invited.await.unwrap();
    let renew = async |whose, hash, now| store.renew_half(proposal, whose, hash, now).await;
    assert_eq!(renew(Half::Approver, [3; 32], at(0, 0)).await, Ok(false));
    assert_eq!(renew(Half::Proposer, [2; 32], at(5, 0)).await, Ok(true));
    assert_eq!(store.invitation(HASH).await, Ok(None), "the half before");
    let by = Some(StaffId::from_u128(2));
    let complete = async |half| {
        store
            .complete_invitation(proposal, half, by, at(8, 0))
            .await
    };
    assert_eq!(complete([4; 32]).await, Ok(true));
    assert_eq!(complete([5; 32]).await, Ok(false));
    let whole = store.invitation([2; 32]).await.unwrap().unwrap();
    assert_eq!((whole.grant, whole.proposal), (grant(LIN), Some(proposal)));
    assert_eq!(
        (whole.approver_half, whole.ends_at),
        (Some([4; 32]), at(8, 0))
    );
    assert_eq!(renew(Half::Approver, [6; 32], at(7, 0)).await, Ok(true));
    assert_eq!(renew(Half::Proposer, [7; 32], at(7, 0)).await, Ok(true));
    let whole = store.invitation([7; 32]).await.unwrap().unwrap();
    assert_eq!(whole.approver_half, Some([6; 32]));
    for whose in [Half::Proposer, Half::Approver] {
        assert_eq!(renew(whose, [8; 32], at(8, 0)).await, Ok(false), "too late");
    }
    store.use_invitation([7; 32], at(7, 1)).await.unwrap();
    for whose in [Half::Proposer, Half::Approver] {
        assert_eq!(renew(whose, [8; 32], at(7, 2)).await, Ok(false), "taken up");
    }
}

pub async fn the_first_invitations_end_together(store: &Record) {
    let first = StaffGrant {
        approved_by: None,
        ..grant(LIN)
    };
    let later = StaffGrant {
        invited_by: Some(LIN),
        ..grant(StaffId::from_u128(3))
    };
    for (hash, grant) in [(HASH, first), ([8; 32], later)] {
        store.invite(hash, None, grant, at(3, 0)).await.unwrap();
    }
    store.end_first_invitations(at(1, 0)).await.unwrap();
    let ended = store.invitation(HASH).await.unwrap().unwrap();
    assert_eq!(ended.ends_at, at(1, 0));
    let other = store.invitation([8; 32]).await.unwrap().unwrap();
    assert_eq!(other.ends_at, at(3, 0));
}

pub async fn invitations_end_with_whoever_proposed_or_approved_them(store: &Record) {
    let by = |invited_by, approved_by| StaffGrant {
        invited_by: Some(StaffId::from_u128(invited_by)),
        approved_by: Some(StaffId::from_u128(approved_by)),
        ..grant(StaffId::from_u128(3))
    };
    for (hash, grant) in [
        ([1; 32], by(7, 8)),
        ([2; 32], by(8, 7)),
        ([3; 32], by(8, 9)),
    ] {
        store.invite(hash, None, grant, at(3, 0)).await.unwrap();
    }
    store
        .invite([4; 32], None, by(7, 8), at(3, 0))
        .await
        .unwrap();
    store.use_invitation([4; 32], at(0, 9)).await.unwrap();
    let gone = StaffId::from_u128(7);
    store.void(gone, at(1, 0)).await.unwrap();
    for (hash, ends_at) in [(1, at(1, 0)), (2, at(1, 0)), (3, at(3, 0)), (4, at(3, 0))] {
        let invitation = store.invitation([hash; 32]).await.unwrap().unwrap();
        assert_eq!(invitation.ends_at, ends_at, "{hash}");
    }
}

pub async fn an_account_of_a_provider_is_bound_once(store: &Record) {
    let claim = async |identity, staff, now| {
        let claimed = store.claim_identity(identity, staff, "office".to_owned(), now);
        claimed.await.unwrap()
    };
    assert_eq!(store.staff_by_identity(HASH).await, Ok(None));
    assert_eq!(claim(HASH, LIN, at(0, 1)).await, LIN);
    let other = StaffId::from_u128(3);
    assert_eq!(claim(HASH, other, at(0, 2)).await, LIN);
    assert_eq!(store.staff_by_identity(HASH).await, Ok(Some(LIN)));
    let bound = vec![("office".to_owned(), at(0, 1))];
    assert_eq!(store.staff_identities(LIN).await, Ok(bound));
    assert_eq!(store.staff_identities(other).await, Ok(Vec::new()));
    // A person who comes back as a new member has the same account at the provider.
    store.add_staff(grant(LIN), at(0, 1)).await.unwrap();
    claim([9; 32], other, at(0, 3)).await;
    store.end_staff(LIN, at(0, 4)).await.unwrap();
    assert_eq!(store.staff_by_identity(HASH).await, Ok(None));
    assert_eq!(store.staff_by_identity([9; 32]).await, Ok(Some(other)));
    assert_eq!(claim(HASH, other, at(0, 5)).await, other);
}

pub async fn an_account_of_a_provider_is_taken_away(store: &Record) {
    let other = StaffId::from_u128(3);
    for (identity, staff, provider) in [
        (HASH, LIN, "office"),
        ([8; 32], LIN, "state"),
        ([9; 32], other, "office"),
    ] {
        let claimed = store.claim_identity(identity, staff, provider.to_owned(), at(0, 1));
        claimed.await.unwrap();
    }
    store.add_staff(grant(LIN), at(0, 1)).await.unwrap();
    let begun = store.add_staff_session([7; 32], LIN, at(0, 1), at(0, 9));
    begun.await.unwrap();
    let dropped = store.drop_identities(LIN, "office".to_owned(), at(0, 2));
    dropped.await.unwrap();
    let (session, _) = store.staff_session([7; 32]).await.unwrap().unwrap();
    assert_eq!(session.ended_at, Some(at(0, 2)), "it may be what opened it");
    assert_eq!(store.staff_by_identity(HASH).await, Ok(None));
    assert_eq!(store.staff_by_identity([8; 32]).await, Ok(Some(LIN)));
    assert_eq!(store.staff_by_identity([9; 32]).await, Ok(Some(other)));
}

pub async fn a_session_is_its_members_until_it_ends(store: &Record) {
    store.add_staff(grant(LIN), at(0, 1)).await.unwrap();
    let begun = store.add_staff_session(HASH, LIN, at(0, 1), at(0, 9));
    begun.await.unwrap();
    let (session, member) = store.staff_session(HASH).await.unwrap().unwrap();
    assert_eq!((session.staff, &member.grant), (LIN, &grant(LIN)));
    assert_eq!((session.stepped_up_at, session.ended_at), (at(0, 1), None));
    store.note_staff_seen(HASH, at(0, 2)).await.unwrap();
    assert_eq!(store.note_step_up(HASH, at(0, 3)).await, Ok(true));
    let (session, _) = store.staff_session(HASH).await.unwrap().unwrap();
    assert_eq!(
        (session.seen_at, session.stepped_up_at),
        (at(0, 3), at(0, 3))
    );
    store.end_staff_session(HASH, at(0, 4)).await.unwrap();
    assert_eq!(store.note_step_up(HASH, at(0, 5)).await, Ok(false));
    let (session, _) = store.staff_session(HASH).await.unwrap().unwrap();
    assert_eq!(session.ended_at, Some(at(0, 4)));
    store.drop_old_sessions(at(0, 10)).await.unwrap();
    assert_eq!(store.staff_session(HASH).await, Ok(None));
}

pub async fn whoever_is_ended_has_no_session(store: &Record) {
    store.add_staff(grant(LIN), at(0, 1)).await.unwrap();
    let begun = store.add_staff_session(HASH, LIN, at(0, 1), at(0, 9));
    begun.await.unwrap();
    assert_eq!(store.end_staff(LIN, at(0, 2)).await, Ok(true));
    assert_eq!(store.end_staff(LIN, at(0, 3)).await, Ok(false));
    let (session, member) = store.staff_session(HASH).await.unwrap().unwrap();
    assert_eq!(session.ended_at, Some(at(0, 2)));
    assert_eq!(member.ended_at, Some(at(0, 2)));
    let all = store.all_staff().await.unwrap();
    assert_eq!(all, [member]);
}

pub async fn a_passkey_is_replaced_by_its_identifier(store: &Record) {
    let put = async |key: &str, text: &str| {
        let (key, text) = (key.as_bytes().to_vec(), text.to_owned());
        store.put_passkey(LIN, key, text, at(0, 1)).await.unwrap();
    };
    put("a", "one").await;
    put("b", "two").await;
    put("a", "one, used").await;
    let keys = store.passkeys(LIN).await.unwrap();
    assert_eq!(keys, ["one, used", "two"]);
    assert_eq!(
        store.passkeys(StaffId::from_u128(9)).await.unwrap().len(),
        0
    );
}

pub async fn a_challenge_is_answered_once_and_in_time(store: &Record) {
    let ask = async |until: Timestamp| {
        let asked = store.add_challenge(HASH, "expected".to_owned(), until);
        asked.await.unwrap();
    };
    ask(at(0, 2)).await;
    let expected = Some("expected".to_owned());
    assert_eq!(store.take_challenge(HASH, at(0, 1)).await, Ok(expected));
    assert_eq!(store.take_challenge(HASH, at(0, 1)).await, Ok(None));
    ask(at(0, 2)).await;
    assert_eq!(store.take_challenge(HASH, at(0, 2)).await, Ok(None));
}
