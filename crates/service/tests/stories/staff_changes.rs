//! Who joins and who leaves, against one person who would be two, or the only one.

use domain::{AuthorityKind, Colour, Level, Pii, RegionLevel, Role};
use jiff::SignedDuration;
use service::providers::ProvenSubject;
use service::{
    Cap, Caps, Invitation, Item, MemberEnd, NewMember, OrderRequest, ServiceError, Staff,
    StaffChange, StaffProposal, Submission, Token,
};

use crate::city::{City, GREEN, POLICY, hours};

crate::stories! {
    whoever_approves_cannot_come_in_as_the_one_whom_they_approved
    a_lost_half_is_renewed_and_the_one_before_works_no_more
    the_first_invitation_is_one_piece_and_another_takes_its_place
    one_administrator_does_not_end_those_who_let_others_in
    of_the_last_two_administrators_who_end_at_once_one_stays
    the_operator_is_the_second_person_never_again
    anyone_ends_their_own_account_but_the_last_administrator
    two_staff_members_never_have_one_name
    whoever_has_every_role_still_needs_somebody_else
    an_account_of_a_provider_opens_the_staff_account_that_bound_it
    an_invitation_is_taken_up_with_an_account_of_a_provider
    an_account_of_a_provider_is_listed_and_taken_away_but_not_the_last_way_in
    proposals_of_staff_members_do_not_pile_up_and_keep_no_end_out
}

fn member(city: &City, name: &str, roles: &[Role]) -> NewMember {
    NewMember {
        authority: city.health.authority().id,
        name: name.to_owned(),
        roles: roles.iter().copied().collect(),
        regions: "".parse().unwrap(),
    }
}

/// Somebody is proposed by the administrator and approved by the approver; both halves.
async fn invited(city: &City, name: &str, role: Role) -> (StaffProposal, Token, Token) {
    let staff = &city.service.staff;
    let admin = city.administrator().await;
    let proposed = staff.propose_member(&admin, member(city, name, &[role]));
    let (proposal, first) = proposed.await.unwrap();
    let approver = city.approver().await;
    let approved = staff.approve_member(&approver, proposal.id, "interviewed");
    let second = approved.await.unwrap().unwrap();
    (proposal, first, second)
}

async fn join(city: &City, invitation: &Invitation) -> service::Result<Staff> {
    let staff = &city.service.staff;
    let joined = staff.accept_at_one_press(&city.operator, invitation);
    let id = joined.await?;
    Ok(city.fresh(id).await)
}

fn is_unknown(joined: service::Result<Staff>) -> bool {
    matches!(joined, Err(ServiceError::NotAuthenticated))
}

async fn whoever_approves_cannot_come_in_as_the_one_whom_they_approved(city: City) {
    let (_, first, second) = invited(&city, "Dr Ou", Role::Approver).await;
    let (_, _, foreign) = invited(&city, "Dr Pei", Role::Approver).await;
    for alone in [
        Invitation::Whole(second.clone()),
        Invitation::Whole(first.clone()),
        Invitation::Halves(second.clone(), second.clone()),
        Invitation::Halves(first.clone(), first.clone()),
        Invitation::Halves(first.clone(), foreign.clone()),
    ] {
        assert!(is_unknown(join(&city, &alone).await), "{alone:?}");
    }
    let swapped = Invitation::Halves(second, first);
    assert_eq!(join(&city, &swapped).await.unwrap().member().name, "Dr Ou");
    assert!(is_unknown(join(&city, &swapped).await), "it works once");
}

async fn a_lost_half_is_renewed_and_the_one_before_works_no_more(city: City) {
    let staff = &city.service.staff;
    let admin = city.administrator().await;
    let new = member(&city, "Dr Ou", &[Role::Auditor]);
    let (proposal, lost) = staff.propose_member(&admin, new).await.unwrap();
    let approver = city.approver().await;
    let early = staff.renew_half(&approver, proposal.id).await;
    assert!(matches!(early, Err(ServiceError::NoHalf)), "{early:?}");
    // It may wait for its approval as long as it takes.
    city.pass(hours(24 * 9));
    let (admin, approver) = (city.administrator().await, city.approver().await);
    let first = staff.renew_half(&admin, proposal.id).await.unwrap();
    let approved = staff.approve_member(&approver, proposal.id, "seen");
    let also_lost = approved.await.unwrap().unwrap();
    let second = staff.renew_half(&approver, proposal.id).await.unwrap();
    for (one, other) in [(&lost, &second), (&first, &also_lost), (&lost, &also_lost)] {
        let void = Invitation::Halves(one.clone(), other.clone());
        assert!(is_unknown(join(&city, &void).await));
    }
    let officer = city.fresh(city.health.id()).await;
    let foreign = staff.renew_half(&officer, proposal.id).await;
    assert!(matches!(foreign, Err(ServiceError::NotPermitted { .. })));
    city.pass(hours(71));
    let admin = city.administrator().await;
    let first = staff.renew_half(&admin, proposal.id).await.unwrap();
    city.pass(hours(1));
    let admin = city.administrator().await;
    let late = staff.renew_half(&admin, proposal.id).await;
    assert!(matches!(late, Err(ServiceError::ProposalSettled)));
    let late = Invitation::Halves(first, second);
    assert!(is_unknown(join(&city, &late).await), "three days, not more");
}

async fn the_first_invitation_is_one_piece_and_another_takes_its_place(city: City) {
    // The first of a city of its own, where nobody is yet.
    city.base.tamper("DELETE FROM staff_member").await;
    let staff = &city.service.staff;
    let first = || staff.invite_first(&city.operator, member(&city, "Dr Ou", &[Role::Approver]));
    let (lost, kept) = (first().await.unwrap(), first().await.unwrap());
    let both = Invitation::Halves(kept.clone(), lost.clone());
    for void in [Invitation::Whole(lost), both] {
        assert!(is_unknown(join(&city, &void).await), "{void:?}");
    }
    let whole = Invitation::Whole(kept);
    assert_eq!(join(&city, &whole).await.unwrap().member().name, "Dr Ou");
    let late = first().await;
    assert!(matches!(late, Err(ServiceError::NeedsTwoPersons)));
}

async fn one_administrator_does_not_end_those_who_let_others_in(city: City) {
    let staff = &city.service.staff;
    let admin = city.administrator().await;
    let approver = city.approver().await;
    let asked = staff.end_member(&admin, approver.id()).await.unwrap();
    let MemberEnd::Waits(proposal) = asked else {
        panic!("{asked:?}");
    };
    let again = staff.end_member(&admin, approver.id()).await.unwrap();
    assert_eq!(again, asked, "a repeat is the same proposal");
    let proposed = staff.proposed_members(&admin).await.unwrap();
    let leaves = proposed.iter().find(|one| one.id == proposal).unwrap();
    assert_eq!(leaves.change, StaffChange::Leaves(approver.id()));
    assert!(leaves.settled.is_none(), "{leaves:?}");
    let alone = staff.approve_member(&admin, proposal, "mine").await;
    assert!(matches!(alone, Err(ServiceError::SamePerson)));
    let operator = staff.approve_second(&city.operator, proposal).await;
    assert!(matches!(operator, Err(ServiceError::NeedsTwoPersons)));
    let stays = staff.reject_member(&approver, proposal, "I stay").await;
    assert!(matches!(stays, Err(ServiceError::OwnEnd)), "{stays:?}");
    let still = city.approver().await;
    assert_eq!(still.id(), approver.id());

    let office = city
        .office(AuthorityKind::Health, "City Health Commission")
        .await;
    let other = city.hire(&office, "Dr Ou", &[Role::Approver]).await;
    let ended = staff
        .approve_member(&other, proposal, "left the office")
        .await;
    assert_eq!(ended.unwrap(), None);
    let again = staff.sign_in_at_one_press(&city.operator, approver.id());
    assert!(again.await.is_err());
    // A staff member who lets nobody in is ended by one.
    let officer = city.health.id();
    let ended = staff.end_member(&admin, officer).await.unwrap();
    assert_eq!(ended, MemberEnd::Ended);
}

async fn the_operator_is_the_second_person_never_again(city: City) {
    let staff = &city.service.staff;
    staff.end_own_account(&city.approver().await).await.unwrap();
    let officer = city.fresh(city.health.id()).await;
    staff.end_own_account(&officer).await.unwrap();
    let admin = city.administrator().await;
    assert_eq!(staff.members(&admin).await.unwrap().len(), 1);
    let new = member(&city, "Dr Ou", &[Role::Approver]);
    let refused = staff.invite_first(&city.operator, new.clone()).await;
    assert!(matches!(refused, Err(ServiceError::NeedsTwoPersons)));
    let (proposal, _) = staff.propose_member(&admin, new).await.unwrap();
    let refused = staff.approve_second(&city.operator, proposal.id).await;
    assert!(matches!(refused, Err(ServiceError::NeedsTwoPersons)));
}

async fn anyone_ends_their_own_account_but_the_last_administrator(city: City) {
    let staff = &city.service.staff;
    let admin = city.administrator().await;
    for end in [
        staff.end_own_account(&admin).await,
        staff.end_member(&admin, admin.id()).await.map(drop),
    ] {
        assert!(matches!(end, Err(ServiceError::LastAdministrator)));
    }
    let stale = city.fresh(city.health.id()).await;
    city.pass(SignedDuration::from_mins(6));
    let refused = staff.end_own_account(&stale).await;
    assert!(matches!(refused, Err(ServiceError::StepUpNeeded)));
    let office = city
        .office(AuthorityKind::Health, "City Health Commission")
        .await;
    let second = city.hire(&office, "Dr Ou", &[Role::Administrator]).await;
    let admin = city.administrator().await;
    // Each wants the other to go. What one proposed falls when they go themselves.
    let asked = staff.end_member(&second, admin.id()).await.unwrap();
    let MemberEnd::Waits(proposal) = asked else {
        panic!("{asked:?}");
    };
    staff.end_own_account(&second).await.unwrap();
    let approver = city.approver().await;
    let last = staff.approve_member(&approver, proposal, "seen").await;
    assert!(matches!(last, Err(ServiceError::ProposalSettled)));
    assert_eq!(city.administrator().await.id(), admin.id());
}

async fn of_the_last_two_administrators_who_end_at_once_one_stays(city: City) {
    let office = city
        .office(AuthorityKind::Health, "City Health Commission")
        .await;
    let second = city.hire(&office, "Dr Ou", &[Role::Administrator]).await;
    let first = city.administrator().await;
    let node = city.another_node().await;
    let (one, other) = tokio::join!(
        city.service.staff.end_own_account(&first),
        node.staff.end_own_account(&second),
    );
    let refused = [one, other].into_iter().filter_map(Result::err);
    let refused: Vec<ServiceError> = refused.collect();
    assert!(
        matches!(refused[..], [ServiceError::LastAdministrator]),
        "{refused:?}"
    );
}

async fn two_staff_members_never_have_one_name(city: City) {
    let staff = &city.service.staff;
    let admin = city.administrator().await;
    for name in [
        "Dr Zhao",
        "dr zhao",
        "Dr. Zhao",
        "Dr Zh-ao",
        "Dr\u{200c} Zhao",
        // Cyrillic, capitals and small; Greek; wide letters; an accent.
        "Dr Zh\u{430}o",
        "DR ZH\u{410}\u{41e}",
        "Dr Zha\u{3bf}",
        "Dr \u{ff3a}hao",
        "Dr Zh\u{e1}o",
    ] {
        let new = member(&city, name, &[Role::Auditor]);
        let refused = staff.propose_member(&admin, new).await;
        assert!(matches!(refused, Err(ServiceError::NameTaken)), "{name}");
    }
    let unnamed = staff.propose_member(&admin, member(&city, "—", &[Role::Auditor]));
    let refused = unnamed.await;
    assert!(matches!(
        refused,
        Err(ServiceError::BadField { field: "name", .. })
    ));
    // Two of one name are proposed; the first who comes has it.
    let (_, first, second) = invited(&city, "Dr Ou", Role::Auditor).await;
    let (_, third, fourth) = invited(&city, "DR OU", Role::Auditor).await;
    let ou = join(&city, &Invitation::Halves(first, second))
        .await
        .unwrap();
    let other = Invitation::Halves(third, fourth);
    let refused = join(&city, &other).await;
    assert!(matches!(refused, Err(ServiceError::NameTaken)));
    staff.end_own_account(&ou).await.unwrap();
    assert!(join(&city, &other).await.is_ok(), "nothing was used up");
    // At another office it is another person.
    city.officer_of("South Commission").await;
    city.officer_of("East Commission").await;
}

async fn whoever_has_every_role_still_needs_somebody_else(city: City) {
    let node = city
        .another_node_with(|settings| {
            settings.caps = Caps::default().with(Cap::RestrictedByBatch, 1);
        })
        .await;
    let (li, wu) = (city.resident("Li").await, city.resident("Wu").await);
    let office = city
        .office(AuthorityKind::Health, "City Health Commission")
        .await;
    let all = city.hire(&office, "Dr Omni", &Role::ALL).await;
    let is_alone = |refused: Option<ServiceError>| {
        assert!(
            matches!(refused, Some(ServiceError::SamePerson)),
            "{refused:?}"
        );
    };

    let order = OrderRequest {
        request: None,
        people: vec![li.subject()],
        colour: Colour::Red,
        from: city.now(),
        until: city.now() + hours(24),
        basis: "Epidemic Act, article 39".to_owned(),
    };
    let order = node.orders.propose(&all, order).await.unwrap();
    is_alone(node.orders.approve(&all, order.id, "mine").await.err());

    let items = [&li, &wu].map(|who| Item {
        subject: who.subject(),
        said: city.contact(20).into(),
    });
    let batch = Submission {
        request: None,
        content: None,
        items: items.into(),
    };
    let receipt = node.evidence.submit(all.submitter(), batch).await.unwrap();
    let held = receipt.held.unwrap();
    is_alone(node.batches.approve(&all, held, "mine").await.err());

    let level = RegionLevel {
        region: "420102".parse().unwrap(),
        level: Level::High,
        from: city.ago(200),
        until: None,
    };
    let levels = node.publishing.propose_levels(&all, &[level]).await;
    is_alone(levels.unwrap().approver(&all, city.now()).err());
    let policy = POLICY.replacen("version = 1", "version = 2", 1);
    assert_ne!(policy, POLICY);
    let policy = node.publishing.propose_policy(&all, &policy).await;
    is_alone(policy.unwrap().approver(&all, city.now()).err());

    let new = member(&city, "Dr Ou", &[Role::Approver]);
    let (joins, _) = node.staff.propose_member(&all, new).await.unwrap();
    is_alone(
        node.staff
            .approve_member(&all, joins.id, "mine")
            .await
            .err(),
    );
    let leaves = node.staff.end_member(&all, city.founders.approver).await;
    let MemberEnd::Waits(leaves) = leaves.unwrap() else {
        panic!("an approver is ended by two");
    };
    is_alone(node.staff.approve_member(&all, leaves, "mine").await.err());
    for who in [&li, &wu] {
        assert_eq!(city.status(who).await, GREEN, "{}", who.name);
    }
}

fn account(issuer: &str, subject: &str) -> ProvenSubject {
    ProvenSubject {
        provider: "office".to_owned(),
        issuer: issuer.to_owned(),
        subject: Pii::new(subject.to_owned()),
        acr: None,
        authenticated_at: None,
    }
}

async fn an_account_of_a_provider_opens_the_staff_account_that_bound_it(city: City) {
    let staff = &city.service.staff;
    let own = account("https://login.example", "lin");
    assert_eq!(staff.sign_in_at_provider(&own).await.unwrap(), None);
    let officer = city.fresh(city.health.id()).await;
    staff.bind_identity(&officer, &own).await.unwrap();
    let token = staff.sign_in_at_provider(&own).await.unwrap().unwrap();
    let signed_in = city.service.access.staff(&token).await.unwrap();
    assert_eq!(signed_in.id(), officer.id());
    // The same name at another provider is somebody else's.
    for other in [
        account("https://evil.example", "lin"),
        account("https://login.example", "li"),
    ] {
        assert_eq!(staff.sign_in_at_provider(&other).await.unwrap(), None);
    }
    let taken = staff.bind_identity(&city.approver().await, &own).await;
    assert!(matches!(taken, Err(ServiceError::IdentityTaken)));
    city.pass(SignedDuration::from_mins(6));
    let late = account("https://login.example", "lin at home");
    let refused = staff.bind_identity(&officer, &late).await;
    assert!(matches!(refused, Err(ServiceError::StepUpNeeded)));
    let stored = city.base.bytes("SELECT identity_hash FROM staff_identity");
    let stored = stored.await;
    assert_eq!(stored.len(), 1);
    let text = String::from_utf8_lossy(&stored[0]).into_owned();
    assert!(!text.contains("lin"), "{text}");
    let admin = city.administrator().await;
    staff.end_member(&admin, officer.id()).await.unwrap();
    assert_eq!(staff.sign_in_at_provider(&own).await.unwrap(), None);
    // A person who comes back later, or as somebody else, has the same account there.
    let approver = city.approver().await;
    staff.bind_identity(&approver, &own).await.unwrap();
    let token = staff.sign_in_at_provider(&own).await.unwrap().unwrap();
    let signed_in = city.service.access.staff(&token).await.unwrap();
    assert_eq!(signed_in.id(), approver.id());
}

async fn an_invitation_is_taken_up_with_an_account_of_a_provider(city: City) {
    let staff = &city.service.staff;
    let (_, first, second) = invited(&city, "Dr Ou", Role::Auditor).await;
    let taken = account("https://login.example", "lin");
    let officer = city.fresh(city.health.id()).await;
    staff.bind_identity(&officer, &taken).await.unwrap();
    let invitation = Invitation::Halves(first.clone(), second.clone());
    let refused = staff.join_at_provider(&invitation, &taken).await;
    assert!(matches!(refused, Err(ServiceError::IdentityTaken)));
    let own = account("https://login.example", "ou");
    let half = Invitation::Whole(second);
    let refused = staff.join_at_provider(&half, &own).await;
    assert!(matches!(refused, Err(ServiceError::NotAuthenticated)));
    let joined = staff.join_at_provider(&invitation, &own).await.unwrap();
    let ou = city.service.access.staff(&joined).await.unwrap();
    assert_eq!(ou.member().name, "Dr Ou");
    let again = staff.sign_in_at_provider(&own).await.unwrap().unwrap();
    let again = city.service.access.staff(&again).await.unwrap();
    assert_eq!(again.id(), ou.id());
}

async fn an_account_of_a_provider_is_listed_and_taken_away_but_not_the_last_way_in(city: City) {
    let staff = &city.service.staff;
    let (_, first, second) = invited(&city, "Dr Ou", Role::Auditor).await;
    let invitation = Invitation::Halves(first, second);
    let own = account("https://login.example", "ou");
    let token = staff.join_at_provider(&invitation, &own).await.unwrap();
    let ou = city.service.access.staff(&token).await.unwrap();
    let bound = staff.identities(&ou).await.unwrap();
    let providers: Vec<&str> = bound.iter().map(|one| &*one.provider).collect();
    assert_eq!(
        (&providers[..], bound[0].bound_at),
        (&["office"][..], city.now())
    );
    let only = staff.unbind_identities(&ou, "office").await;
    assert!(matches!(only, Err(ServiceError::LastWayIn)), "{only:?}");
    // Another way in, and somebody else's account at the same provider.
    let state = ProvenSubject {
        provider: "state".to_owned(),
        ..account("https://state.example", "ou")
    };
    staff.bind_identity(&ou, &state).await.unwrap();
    let officer = city.fresh(city.health.id()).await;
    let theirs = account("https://login.example", "lin");
    staff.bind_identity(&officer, &theirs).await.unwrap();
    city.pass(SignedDuration::from_mins(6));
    let stale = staff.unbind_identities(&ou, "office").await;
    assert!(
        matches!(stale, Err(ServiceError::StepUpNeeded)),
        "{stale:?}"
    );
    let token = staff.sign_in_at_provider(&own).await.unwrap().unwrap();
    let ou = city.service.access.staff(&token).await.unwrap();
    staff.unbind_identities(&ou, "office").await.unwrap();
    let session = city.service.access.staff(&token).await;
    assert!(matches!(session, Err(ServiceError::NotAuthenticated)));
    assert_eq!(staff.sign_in_at_provider(&own).await.unwrap(), None);
    assert!(staff.sign_in_at_provider(&state).await.unwrap().is_some());
    assert!(staff.sign_in_at_provider(&theirs).await.unwrap().is_some());
    assert_eq!(staff.identities(&ou).await.unwrap().len(), 1);
}

async fn proposals_of_staff_members_do_not_pile_up_and_keep_no_end_out(city: City) {
    let staff = &city.service.staff;
    let admin = city.administrator().await;
    let propose = async |name: &str| {
        let new = member(&city, name, &[Role::Auditor]);
        staff.propose_member(&admin, new).await
    };
    let mut waiting = Vec::new();
    for name in ["Dr An", "Dr Bo", "Dr Cai", "Dr Dou", "Dr Er"] {
        waiting.push(propose(name).await.unwrap().0.id);
    }
    let refused = propose("Dr Fu").await;
    assert!(
        matches!(refused, Err(ServiceError::TooManyWaiting { cap: 5 })),
        "{refused:?}"
    );
    // The person who filled the list is got rid of all the same.
    let approver = city.approver().await;
    let end = staff.end_member(&admin, approver.id()).await.unwrap();
    assert!(matches!(end, MemberEnd::Waits(_)), "{end:?}");
    let refused = propose("Dr Fu").await;
    assert!(matches!(refused, Err(ServiceError::TooManyWaiting { .. })));
    let taken_back = staff.reject_member(&admin, waiting[0], "not now").await;
    assert!(taken_back.unwrap().settled.is_some());
    propose("Dr Fu").await.expect("there is room again");
}
