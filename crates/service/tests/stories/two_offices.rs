//! Machines of another office take two persons, and somebody who is gone is none of them.

use domain::{Authority, AuthorityKind, Role};
use service::{
    FeedChange, FeedWish, Invitation, NewFeed, NewMember, OrderRequest, ServiceError, Staff,
};

use crate::city::{City, GREEN, hours};
use crate::offices::made;

crate::stories! {
    a_machine_of_another_office_takes_two_persons
    somebody_of_an_office_makes_its_machines_alone
    what_somebody_proposed_falls_with_their_account
    an_invitation_falls_with_the_account_of_who_approved_it
}

fn machine(of: &Authority) -> NewFeed {
    NewFeed {
        authority: of.id,
        name: "sequencer".to_owned(),
        kinds: Vec::new(),
        regions: "330106".parse().unwrap(),
        rate_per_minute: 60,
        lasts: hours(24),
        public_key: None,
    }
}

async fn a_machine_of_another_office_takes_two_persons(city: City) {
    let (staff, access) = (&city.service.staff, &city.service.access);
    let laboratory = city.office(AuthorityKind::Laboratory, "Laboratory 1").await;
    let admin = city.administrator().await;
    let wish = staff.make_feed(&admin, machine(&laboratory)).await.unwrap();
    let FeedWish::Waits(proposal) = wish else {
        panic!("one administrator is two authorities: {wish:?}");
    };
    let feeds = staff.feeds(&admin).await.unwrap();
    assert!(
        feeds.iter().all(|feed| feed.name != "sequencer"),
        "{feeds:?}"
    );
    let [waits] = &staff.proposed_feeds(&admin).await.unwrap()[..] else {
        panic!("one waits");
    };
    assert_eq!(waits.change, FeedChange::Make(machine(&laboratory)));
    let own = staff.approve_feed(&admin, proposal, "mine").await;
    assert!(matches!(own, Err(ServiceError::SamePerson)), "{own:?}");
    let officer = city.officer().await;
    let officer = staff.approve_feed(&officer, proposal, "seen").await;
    assert!(matches!(officer, Err(ServiceError::NotPermitted { .. })));
    let approver = city.approver().await;
    let (id, token) = staff
        .approve_feed(&approver, proposal, "seen")
        .await
        .unwrap();
    let feed = access.submitter(&token).await.unwrap();
    assert_eq!(feed.authority().id, laboratory.id);
    let twice = staff.approve_feed(&approver, proposal, "seen").await;
    assert!(
        matches!(twice, Err(ServiceError::ProposalSettled)),
        "{twice:?}"
    );
    // The giver of another token is it as well.
    let wish = staff.renew_feed(&admin, id).await.unwrap();
    let FeedWish::Waits(proposal) = wish else {
        panic!("{wish:?}");
    };
    let renewed = staff.approve_feed(&approver, proposal, "seen").await;
    let (renewed, other) = renewed.unwrap();
    assert_eq!(renewed, id);
    for token in [&token, &other] {
        assert!(access.submitter(token).await.is_ok(), "no gap");
    }
    // Ending one needs nobody else.
    staff.end_feed(&admin, id).await.unwrap();
    assert!(access.submitter(&other).await.is_err());
}

async fn somebody_of_an_office_makes_its_machines_alone(city: City) {
    let staff = &city.service.staff;
    let laboratory = city.office(AuthorityKind::Laboratory, "Laboratory 1").await;
    let own = city
        .hire(&laboratory, "Dr Bo", &[Role::Administrator])
        .await;
    let mut feed = machine(&laboratory);
    feed.regions = "".parse().unwrap();
    feed.name = "another sequencer".to_owned();
    let (id, _) = made(staff.make_feed(&own, feed).await);
    made(staff.renew_feed(&own, id).await);
    // And is the second person behind one that somebody else proposed.
    let admin = city.administrator().await;
    let wish = staff.make_feed(&admin, machine(&laboratory)).await.unwrap();
    let FeedWish::Waits(proposal) = wish else {
        panic!("{wish:?}");
    };
    staff.approve_feed(&own, proposal, "ours").await.unwrap();
}

async fn order(city: &City, by: &Staff) -> domain::ProposalId {
    let li = city.resident("Li").await;
    let request = OrderRequest {
        request: None,
        people: vec![li.subject()],
        colour: domain::Colour::Red,
        from: city.now(),
        until: city.now() + hours(24),
        basis: "Epidemic Act, article 39".to_owned(),
    };
    city.service.orders.propose(by, request).await.unwrap().id
}

async fn what_somebody_proposed_falls_with_their_account(city: City) {
    let staff = &city.service.staff;
    let li = city.resident("Li").await;
    let officer = city.officer().await;
    let order = order(&city, &officer).await;
    let admin = city.administrator().await;
    staff.end_member(&admin, officer.id()).await.unwrap();
    let approver = city.approver().await;
    let late = city.service.orders.approve(&approver, order, "seen").await;
    assert!(
        matches!(late, Err(ServiceError::ProposalSettled)),
        "{late:?}"
    );
    assert_eq!(city.status(&li).await, GREEN);
    let orders = city.service.orders.list(&approver).await.unwrap();
    let fallen = orders.iter().find(|one| one.id == order).unwrap();
    let settled = fallen.settled.as_ref().unwrap();
    assert!(!settled.is_approved);
    assert!(
        settled.reason.contains("no longer a staff member"),
        "{settled:?}"
    );
    assert!(
        settled.by.name.contains("end of the account"),
        "{settled:?}"
    );
    // Also that somebody joins: neither half works any more.
    let other = city
        .office(AuthorityKind::Health, "City Health Commission")
        .await;
    let second = city.hire(&other, "Dr Ou", &[Role::Administrator]).await;
    let joins = NewMember {
        authority: other.id,
        name: "Dr Pei".to_owned(),
        roles: [Role::Auditor].into_iter().collect(),
        regions: "".parse().unwrap(),
    };
    let (proposed, _) = staff.propose_member(&second, joins).await.unwrap();
    staff.end_own_account(&second).await.unwrap();
    let late = staff.approve_member(&approver, proposed.id, "seen").await;
    assert!(
        matches!(late, Err(ServiceError::ProposalSettled)),
        "{late:?}"
    );
}

async fn an_invitation_falls_with_the_account_of_who_approved_it(city: City) {
    let staff = &city.service.staff;
    let admin = city.administrator().await;
    let other = city
        .office(AuthorityKind::Health, "City Health Commission")
        .await;
    let gone = city.hire(&other, "Dr Ou", &[Role::Approver]).await;
    let joins = NewMember {
        authority: other.id,
        name: "Dr Pei".to_owned(),
        roles: [Role::Auditor].into_iter().collect(),
        regions: "".parse().unwrap(),
    };
    let (proposed, first) = staff.propose_member(&admin, joins).await.unwrap();
    let second = staff.approve_member(&gone, proposed.id, "seen").await;
    let second = second.unwrap().unwrap();
    staff.end_own_account(&gone).await.unwrap();
    let invitation = Invitation::Halves(first, second);
    let joined = staff.accept_at_one_press(&city.operator, &invitation).await;
    assert!(
        matches!(joined, Err(ServiceError::NotAuthenticated)),
        "{joined:?}"
    );
}
