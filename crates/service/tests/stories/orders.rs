//! Orders: on whom they lie, when they are refused, and how many wait.

use domain::{Colour, ProposalId};
use service::{OrderRequest, Result, ServiceError, Subject};

use crate::accounts::{again, see};
use crate::city::{City, GREEN, Persona, RED, hours};

crate::stories! {
    an_order_follows_the_document_and_not_the_account_that_claims_it
    an_order_comes_along_when_an_account_is_seen_before_it_is_approved
    an_order_that_would_be_over_is_refused
    orders_that_wait_are_as_few_as_the_rules_say
    an_order_that_is_refused_uses_up_nothing_of_the_day
    what_waits_stays_on_the_list_however_much_was_settled
}

fn request(city: &City, people: Vec<Subject>) -> OrderRequest {
    OrderRequest {
        request: None,
        people,
        colour: Colour::Red,
        from: city.now(),
        until: city.now() + hours(24),
        basis: "Epidemic Act, article 39".to_owned(),
    }
}

async fn propose(city: &City, request: OrderRequest) -> Result<ProposalId> {
    let officer = city.fresh(city.health.id()).await;
    let proposed = city.service.orders.propose(&officer, request).await;
    proposed.map(|one| one.id)
}

async fn approve(city: &City, id: ProposalId) -> Result<usize> {
    let approver = city.approver().await;
    city.service.orders.approve(&approver, id, "seen").await
}

/// The community office sees document and holder.
async fn seen(city: &City, who: &Persona) -> Persona {
    see(city, who, false).await.unwrap();
    again(city, who).await
}

async fn an_order_follows_the_document_and_not_the_account_that_claims_it(city: City) {
    // Both claim one document: the holder, and a stranger who typed the number.
    let (holder, stranger) = (city.resident("Li").await, city.resident("Li").await);
    assert_ne!(holder.id(), stranger.id());
    let by_document = vec![Subject::Document(holder.document.clone())];
    let id = propose(&city, request(&city, by_document)).await.unwrap();
    assert_eq!(approve(&city, id).await.unwrap(), 1);
    for who in [&holder, &stranger] {
        assert_eq!(
            city.status(who).await,
            GREEN,
            "nobody is proven to be meant"
        );
    }
    let holder = seen(&city, &holder).await;
    assert_eq!(city.status(&holder).await, RED, "whoever is seen is");
    assert_eq!(
        city.status(&stranger).await,
        GREEN,
        "claiming a number is no fault"
    );
}

async fn an_order_comes_along_when_an_account_is_seen_before_it_is_approved(city: City) {
    let li = city.resident("Li").await;
    let id = propose(&city, request(&city, vec![li.subject()]))
        .await
        .unwrap();
    let li = seen(&city, &li).await;
    approve(&city, id).await.unwrap();
    assert_eq!(city.status(&li).await, RED);
}

async fn an_order_that_would_be_over_is_refused(city: City) {
    let li = city.resident("Li").await;
    let past = OrderRequest {
        from: city.ago(30),
        until: city.ago(6),
        ..request(&city, vec![li.subject()])
    };
    let is_over = |refused: &Result<()>| {
        matches!(refused, Err(ServiceError::BadField { field: "until", .. }))
    };
    let refused = propose(&city, past).await.map(drop);
    assert!(is_over(&refused), "{refused:?}");
    let now = request(&city, vec![li.subject()]);
    let id = propose(&city, now).await.unwrap();
    city.pass(hours(24));
    let refused = approve(&city, id).await.map(drop);
    assert!(is_over(&refused), "it waited too long: {refused:?}");
    assert_eq!(city.status(&li).await, GREEN);
}

async fn orders_that_wait_are_as_few_as_the_rules_say(city: City) {
    let li = city.resident("Li").await;
    let one = async || propose(&city, request(&city, vec![li.subject()])).await;
    let mut waiting = Vec::new();
    for _ in 0..4 {
        waiting.push(one().await.unwrap());
    }
    // A policy that waits is one of the five.
    let policy = crate::city::POLICY.replace("version = 1", "version = 2");
    let publishing = &city.service.publishing;
    publishing
        .propose_policy(&city.health, &policy)
        .await
        .unwrap();
    let sixth = one().await;
    assert!(
        matches!(sixth, Err(ServiceError::TooManyWaiting { cap: 5 })),
        "{sixth:?}"
    );
    let another = policy.replace("version = 2", "version = 3");
    let refused = publishing.propose_policy(&city.health, &another).await;
    assert!(matches!(
        refused.map(drop),
        Err(ServiceError::TooManyWaiting { cap: 5 })
    ));
    approve(&city, waiting[0]).await.unwrap();
    one().await.expect("one of them was decided");
}

async fn an_order_that_is_refused_uses_up_nothing_of_the_day(city: City) {
    let (li, wu) = (city.resident("Li").await, city.resident("Wu").await);
    let caps = service::Caps::default().with(service::Cap::OrdersADay, 2);
    let node = city
        .another_node_with(|settings| settings.caps = caps)
        .await;
    let both = request(&city, vec![li.subject(), wu.subject()]);
    let id = propose(&city, both).await.unwrap();
    let approver = city.approver().await;
    let silent = node.orders.approve(&approver, id, " ").await;
    assert!(matches!(
        silent,
        Err(ServiceError::BadField {
            field: "reason",
            ..
        })
    ));
    let rejected = propose(&city, request(&city, vec![li.subject()]))
        .await
        .unwrap();
    node.orders.reject(&approver, rejected, "no").await.unwrap();
    let late = node
        .orders
        .approve(&approver, rejected, "yes after all")
        .await;
    assert!(
        matches!(late, Err(ServiceError::ProposalSettled)),
        "{late:?}"
    );
    // Approved twice at once, by two nodes: counted once, and both know.
    let (one, other) = tokio::join!(
        node.orders.approve(&approver, id, "seen"),
        city.service.orders.approve(&approver, id, "seen"),
    );
    assert_eq!((one.unwrap(), other.unwrap()), (2, 2));
    let third = propose(&city, request(&city, vec![li.subject()]))
        .await
        .unwrap();
    let used_up = node.orders.approve(&approver, third, "seen").await;
    assert!(matches!(
        used_up,
        Err(ServiceError::BadField {
            field: "people",
            ..
        })
    ));
    let found = node.orders.order(&approver, third).await.unwrap();
    assert_eq!(
        found.settled, None,
        "refused as a whole: it waits for tomorrow"
    );
}

async fn what_waits_stays_on_the_list_however_much_was_settled(city: City) {
    let li = city.resident("Li").await;
    let waiting = propose(&city, request(&city, vec![li.subject()]))
        .await
        .unwrap();
    let approver = city.approver().await;
    for _ in 0..3 {
        city.pass(hours(1));
        let id = propose(&city, request(&city, vec![li.subject()]))
            .await
            .unwrap();
        let approver = city.approver().await;
        let rejected = city.service.orders.reject(&approver, id, "no").await;
        rejected.unwrap();
    }
    let listed = city.service.orders.list(&approver).await.unwrap();
    assert_eq!(
        (listed.len(), listed[0].id),
        (4, waiting),
        "before all that came later"
    );
}
