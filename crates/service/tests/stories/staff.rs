//! Staff members: how they come, sign in, and go; and what needs two of them.

use domain::{AuthorityKind, Colour, PersonId, Role};
use jiff::SignedDuration;
use service::{
    Invitation, NewMember, OrderRequest, ServiceError, Staff, Subject, Token, office_of,
};

use crate::city::{City, GREEN, RED, hours};

crate::stories! {
    an_officers_session_ends_with_the_sign_out_on_every_node
    who_signs_out_everywhere_ends_the_sessions_of_their_programs_and_nobody_elses
    a_session_ends_after_half_an_hour_without_use_and_after_eight_hours
    whoever_is_ended_is_signed_out
    the_operator_invites_one_and_approves_one_and_no_more
    nobody_joins_by_one_person_alone
    an_invitation_works_once_and_for_three_days
    outside_a_demonstration_nobody_signs_in_at_one_press
    sessions_and_invitations_lie_in_the_database_as_keyed_hashes
    an_order_is_approved_by_another_staff_member
    an_order_that_cannot_be_is_refused_to_whoever_proposes_it
    an_approved_order_survives_a_crash_and_counts_once
    an_order_of_the_south_is_not_seen_in_the_north
}

async fn an_officers_session_ends_with_the_sign_out_on_every_node(city: City) {
    let other = city.another_node().await;
    let staff = &city.service.staff;
    let signed_in = staff.sign_in_at_one_press(&city.operator, city.health.id());
    let token = signed_in.await.unwrap();
    assert!(city.service.access.staff(&token).await.is_ok());
    assert!(other.access.staff(&token).await.is_ok());
    staff.sign_out(&token).await.unwrap();
    for node in [&city.service, &other] {
        let refused = node.access.staff(&token).await.unwrap_err();
        assert!(matches!(refused, ServiceError::NotAuthenticated));
    }
    assert!(staff.sign_out(&token).await.is_ok(), "twice is once");
}

async fn who_signs_out_everywhere_ends_the_sessions_of_their_programs_and_nobody_elses(city: City) {
    let staff = &city.service.staff;
    let sign_in = async |id| {
        let token = staff.sign_in_at_one_press(&city.operator, id);
        token.await.unwrap()
    };
    let is_open = async |token| city.service.access.staff(token).await.is_ok();
    let (browser, program) = (
        sign_in(city.health.id()).await,
        sign_in(city.health.id()).await,
    );
    let colleague = sign_in(city.administrator().await.id()).await;
    staff.sign_out_everywhere(&browser).await.unwrap();
    assert!(!is_open(&browser).await && !is_open(&program).await);
    assert!(is_open(&colleague).await);
    // What has ended ends nothing any more.
    let next = sign_in(city.health.id()).await;
    staff.sign_out_everywhere(&browser).await.unwrap();
    assert!(is_open(&next).await);
}

async fn a_session_ends_after_half_an_hour_without_use_and_after_eight_hours(city: City) {
    let sign_in = async || {
        let staff = &city.service.staff;
        let token = staff.sign_in_at_one_press(&city.operator, city.health.id());
        token.await.unwrap()
    };
    let access = &city.service.access;
    let idle = sign_in().await;
    city.pass(SignedDuration::from_mins(30));
    assert!(access.staff(&idle).await.is_ok());
    city.pass(SignedDuration::from_mins(31));
    assert!(access.staff(&idle).await.is_err());
    let busy = sign_in().await;
    for _ in 0..31 {
        city.pass(SignedDuration::from_mins(15));
        assert!(access.staff(&busy).await.is_ok());
    }
    city.pass(SignedDuration::from_mins(15));
    assert!(access.staff(&busy).await.is_err());
}

async fn whoever_is_ended_is_signed_out(city: City) {
    let staff = &city.service.staff;
    let signed_in = staff.sign_in_at_one_press(&city.operator, city.health.id());
    let token = signed_in.await.unwrap();
    let admin = city.administrator().await;
    let refused = staff.end_member(&city.health, admin.id()).await;
    assert!(matches!(refused, Err(ServiceError::NotPermitted { .. })));
    staff.end_member(&admin, city.health.id()).await.unwrap();
    assert!(city.service.access.staff(&token).await.is_err());
    let again = staff.sign_in_at_one_press(&city.operator, city.health.id());
    assert!(again.await.is_err());
    let names = staff.members(&admin).await.unwrap();
    let mut names: Vec<String> = names.into_iter().map(|one| one.name).collect();
    names.sort_unstable();
    assert_eq!(names, ["Dr Mei", "Dr Zhao"]);
}

fn member(city: &City, name: &str, roles: &[Role]) -> NewMember {
    NewMember {
        authority: city.health.authority().id,
        name: name.to_owned(),
        roles: roles.iter().copied().collect(),
        regions: "".parse().unwrap(),
    }
}

/// Both halves of an invitation: the proposer's and the approver's.
async fn halves(city: &City, name: &str) -> [Token; 2] {
    let staff = &city.service.staff;
    let new = member(city, name, &[Role::Auditor]);
    let admin = city.administrator().await;
    let (proposed, half) = staff.propose_member(&admin, new).await.unwrap();
    let approver = city.approver().await;
    let approved = staff.approve_member(&approver, proposed.id, "seen");
    [half, approved.await.unwrap().unwrap()]
}

async fn the_operator_invites_one_and_approves_one_and_no_more(city: City) {
    let staff = &city.service.staff;
    let more = member(&city, "Dr Ou", &[Role::Approver]);
    let refused = staff.invite_first(&city.operator, more.clone()).await;
    assert!(matches!(refused, Err(ServiceError::NeedsTwoPersons)));
    let admin = city.administrator().await;
    let (proposed, _) = staff.propose_member(&admin, more).await.unwrap();
    let refused = staff.approve_second(&city.operator, proposed.id).await;
    assert!(matches!(refused, Err(ServiceError::NeedsTwoPersons)));
    let waiting = staff.proposed_members(&admin).await.unwrap();
    let mut waiting = waiting.into_iter().filter(|one| one.id == proposed.id);
    let is_waiting = waiting.next().is_some_and(|one| one.settled.is_none());
    assert!(is_waiting, "nothing was settled by that");
}

async fn nobody_joins_by_one_person_alone(city: City) {
    let staff = &city.service.staff;
    let roles = [Role::Administrator, Role::Approver];
    let office = city
        .office(AuthorityKind::Health, "City Health Commission")
        .await;
    let both = city.hire(&office, "Dr Bo", &roles).await;
    let more = member(&city, "Dr Ou", &[Role::Approver]);
    let proposed = staff.propose_member(&both, more.clone()).await;
    let (proposed, _) = proposed.unwrap();
    let refused = staff.approve_member(&both, proposed.id, "mine").await;
    assert!(matches!(refused, Err(ServiceError::SamePerson)));
    let refused = staff.propose_member(&city.health, more).await;
    assert!(matches!(refused, Err(ServiceError::NotPermitted { .. })));
    let emperor = NewMember {
        regions: "CN".parse().unwrap(),
        ..member(&city, "Dr Ou", &[Role::Approver])
    };
    let refused = staff.propose_member(&both, emperor).await;
    assert!(matches!(
        refused,
        Err(ServiceError::BadField {
            field: "regions",
            ..
        })
    ));
    let approver = city.approver().await;
    let rejected = staff.reject_member(&approver, proposed.id, "not now").await;
    assert!(!rejected.unwrap().settled.unwrap().is_approved);
    let refused = staff.approve_member(&approver, proposed.id, "late").await;
    assert!(matches!(refused, Err(ServiceError::ProposalSettled)));
}

async fn an_invitation_works_once_and_for_three_days(city: City) {
    let staff = &city.service.staff;
    let invite = async |name: &str| {
        let [half, other] = halves(&city, name).await;
        Invitation::Halves(half, other)
    };
    let used = invite("Dr Ou").await;
    assert_eq!(staff.invited_name(&used).await.unwrap(), "Dr Ou");
    staff
        .accept_at_one_press(&city.operator, &used)
        .await
        .unwrap();
    assert!(
        staff
            .accept_at_one_press(&city.operator, &used)
            .await
            .is_err()
    );
    let late = invite("Dr Pei").await;
    city.pass(hours(72));
    assert!(
        staff
            .accept_at_one_press(&city.operator, &late)
            .await
            .is_err()
    );
}

async fn outside_a_demonstration_nobody_signs_in_at_one_press(city: City) {
    let real = city.another_node_with(|settings| settings.is_demonstration = false);
    let real = real.await;
    let pressed = real
        .staff
        .sign_in_at_one_press(&city.operator, city.health.id());
    assert!(pressed.await.is_err());
    let [half, other] = halves(&city, "Dr Ou").await;
    let invitation = Invitation::Halves(half, other);
    let pressed = real.staff.accept_at_one_press(&city.operator, &invitation);
    assert!(pressed.await.is_err());
}

async fn sessions_and_invitations_lie_in_the_database_as_keyed_hashes(city: City) {
    let staff = &city.service.staff;
    let signed_in = staff.sign_in_at_one_press(&city.operator, city.health.id());
    let token = signed_in.await.unwrap();
    let sessions = city
        .base
        .bytes("SELECT session_hash FROM staff_session")
        .await;
    let mut invitations = city
        .base
        .bytes("SELECT invitation_hash FROM staff_invitation")
        .await;
    let halves = city
        .base
        .bytes("SELECT approver_half FROM staff_invitation WHERE approver_half IS NOT NULL")
        .await;
    assert!(!halves.is_empty());
    invitations.extend(halves);
    let feeds = city
        .base
        .bytes("SELECT credential_hash FROM feed_credential")
        .await;
    assert!(!sessions.is_empty() && !invitations.is_empty() && !feeds.is_empty());
    for stored in sessions.iter().chain(&invitations).chain(&feeds) {
        let hex: String = stored.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_ne!(hex, token.expose());
        let presented = hex.parse().unwrap();
        assert!(city.service.access.staff(&presented).await.is_err());
        assert!(city.service.access.submitter(&presented).await.is_err());
    }
}

fn order(city: &City, people: Vec<Subject>) -> OrderRequest {
    OrderRequest {
        request: None,
        people,
        colour: Colour::Red,
        from: city.now(),
        until: city.now() + hours(72),
        basis: "Epidemic Act, article 39".to_owned(),
    }
}

async fn officer(city: &City) -> Staff {
    city.fresh(city.health.id()).await
}

async fn an_order_is_approved_by_another_staff_member(city: City) {
    let (li, ming) = (city.resident("Li").await, city.resident("Ming").await);
    let orders = &city.service.orders;
    let both = order(&city, vec![li.subject(), ming.subject()]);
    let refused = orders.propose(&city.approver().await, both.clone()).await;
    assert!(matches!(refused, Err(ServiceError::NotPermitted { .. })));
    let proposed = orders.propose(&officer(&city).await, both).await.unwrap();
    assert_eq!(city.status(&li).await, GREEN, "nobody approved yet");
    let refused = orders
        .approve(&officer(&city).await, proposed.id, "mine")
        .await;
    assert!(matches!(refused, Err(ServiceError::NotPermitted { .. })));
    let approver = city.approver().await;
    assert_eq!(
        orders.list(&approver).await.unwrap(),
        std::slice::from_ref(&proposed)
    );
    city.pass(SignedDuration::from_mins(6));
    let stale = orders.approve(&approver, proposed.id, "seen").await;
    assert!(matches!(stale, Err(ServiceError::StepUpNeeded)));
    let approver = city.approver().await;
    let changed = orders.approve(&approver, proposed.id, "seen").await;
    assert_eq!(changed.unwrap(), 2);
    assert_eq!(city.status(&li).await, RED);
    let report = city.report(&li).await;
    let finding = &report.explanation.restrictions[0].finding;
    let order = report.orders_of(finding).next().unwrap();
    assert_eq!(order.basis(), "Epidemic Act, article 39");
    let offices = order.signed_by().each_ref().map(|signer| office_of(signer));
    assert_eq!(offices, ["City Health Commission"; 2]);
    let evidence = city.service.evidence.own_evidence_of(&li.resident).await;
    let said = format!("{report:?} {evidence:?}");
    assert!(said.contains("Epidemic Act, article 39"), "{said}");
    assert!(said.contains("City Health Commission ("), "{said}");
    assert!(
        !said.contains("Dr Zhao"),
        "the person reads offices, not names"
    );
}

async fn an_order_that_cannot_be_is_refused_to_whoever_proposes_it(city: City) {
    let li = city.resident("Li").await;
    let good = order(&city, vec![li.subject()]);
    let by = officer(&city).await;
    let refused = async |request: OrderRequest| {
        let refused = city.service.orders.propose(&by, request).await;
        match refused.unwrap_err() {
            ServiceError::BadField { field, .. } => field,
            ServiceError::UnknownPerson => "person",
            other => panic!("{other:?}"),
        }
    };
    let until = city.now() + hours(73);
    assert_eq!(
        refused(OrderRequest {
            until,
            ..good.clone()
        })
        .await,
        "until"
    );
    let colour = Colour::Green;
    assert_eq!(
        refused(OrderRequest {
            colour,
            ..good.clone()
        })
        .await,
        "colour"
    );
    let basis = " ".to_owned();
    assert_eq!(
        refused(OrderRequest {
            basis,
            ..good.clone()
        })
        .await,
        "basis"
    );
    let people = Vec::new();
    assert_eq!(
        refused(OrderRequest {
            people,
            ..good.clone()
        })
        .await,
        "people"
    );
    let people = vec![Subject::Person(PersonId::from_u128(404))];
    assert_eq!(refused(OrderRequest { people, ..good }).await, "person");
}

async fn an_approved_order_survives_a_crash_and_counts_once(mut city: City) {
    let li = city.resident("Li").await;
    let id = city.ordered(&li, 72).await;
    city.crash().await;
    assert_eq!(city.status(&li).await, RED);
    let approver = city.approver().await;
    let orders = &city.service.orders;
    assert_eq!(orders.approve(&approver, id, "seen").await.unwrap(), 1);
    let evidence = city.service.evidence.own_evidence_of(&li.resident).await;
    let kinds: Vec<_> = evidence
        .unwrap()
        .iter()
        .map(|one| one.fact.kind())
        .collect();
    let count = kinds.iter().filter(|kind| kind.as_str() == "order").count();
    assert_eq!(count, 1);
    let late = orders.reject(&approver, id, "changed my mind").await;
    assert!(matches!(late, Err(ServiceError::ProposalSettled)));
}

async fn an_order_of_the_south_is_not_seen_in_the_north(city: City) {
    let li = city.resident("Li").await;
    let kind = AuthorityKind::Health;
    let south = city.office_in(kind, "South Commission", "44".parse().unwrap());
    let roles = [Role::HealthOfficer, Role::Approver];
    let south = city.hire(&south.await, "Dr Nan", &roles).await;
    let orders = &city.service.orders;
    let request = order(&city, vec![li.subject()]);
    let proposed = orders
        .propose(&officer(&city).await, request)
        .await
        .unwrap();
    assert_eq!(orders.list(&south).await.unwrap(), []);
    let refused = orders.approve(&south, proposed.id, "seen").await;
    assert!(matches!(refused, Err(ServiceError::UnknownProposal)));
    let refused = orders.reject(&south, proposed.id, "seen").await;
    assert!(matches!(refused, Err(ServiceError::UnknownProposal)));
}
