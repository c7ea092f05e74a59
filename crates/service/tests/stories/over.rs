//! What is over by a time of its own: messages, what waits for a tracer, what searches read, sessions, and what
//! was proposed.

use domain::evidence::GroupKind;
use domain::{Colour, FactKind};
use jiff::SignedDuration;
use service::{Did, DisclosureRequest, OrderRequest, Subject};

use crate::accounts::see;
use crate::cases::afternoon;
use crate::city::{City, Persona, hours};
use crate::companions::Neighbours;
use crate::ends::{forget, rows, said};

crate::stories! {
    a_message_is_forgotten_whether_it_went_out_or_not
    what_nobody_decided_about_waits_no_longer_than_it_would_be_kept
    what_a_search_read_is_forgotten_and_whom_it_found_with_the_evidence
    sessions_and_what_was_done_to_accounts_are_forgotten_once_they_are_over
    what_was_decided_by_two_persons_is_forgotten_and_that_it_was_stays
}

fn days(days: i64) -> SignedDuration {
    hours(24 * days)
}

async fn count(city: &City, table: &str) -> usize {
    let key = match table {
        "trace_venue" => "venue_id",
        "trace_group" => "group_id",
        "account_event" | "resident_session" => "account_id",
        "session_token" => "session_hash",
        "proposal" => "proposal_id",
        "disclosure" => "disclosure_id",
        _ => "person_id",
    };
    rows(city, &format!("SELECT {key} FROM {table}")).await
}

/// How often each of these was said to be erased, all passes together.
async fn erased(city: &City, what: &str) -> u64 {
    let said = said(city, Did::DataErased).await;
    let of = said.iter().filter(|(word, _)| word == what);
    of.map(|(_, count)| count).sum()
}

async fn a_message_is_forgotten_whether_it_went_out_or_not(city: City) {
    let (li, wu) = (city.resident("Li").await, city.resident("Wu").await);
    for who in [&li, &wu] {
        let contact = city.contact(1);
        city.submit(city.health.submitter(), who, contact).await;
        if who.name == "Li" {
            city.service.outbox.deliver().await.unwrap();
        }
    }
    let sent = rows(
        &city,
        "SELECT person_id FROM outbox WHERE delivered_at IS NOT NULL",
    )
    .await;
    let all = count(&city, "outbox").await;
    assert!(0 < sent && sent < all, "{sent} of {all} went out");
    city.pass(days(29));
    forget(&city).await;
    assert_eq!(count(&city, "outbox").await, all, "their time is not over");
    city.pass(days(2));
    forget(&city).await;
    assert_eq!(count(&city, "outbox").await, 0);
    assert_eq!(erased(&city, "messages").await, all as u64);
}

async fn what_nobody_decided_about_waits_no_longer_than_it_would_be_kept(city: City) {
    let n = Neighbours::of(city).await;
    let ming = n.city.resident("Ming").await;
    let li = n.city.resident("Li").await;
    n.traced(&ming).await;
    // Both come after the confirmation, and nobody looks at them.
    let market = n.city.venue("West Market", None).await;
    n.city.was_at(&ming, market, 15, 30).await;
    n.live(GroupKind::Household, "flat 3", &[&ming, &li]).await;
    n.city.service.tracing.run_traces().await.unwrap();
    let waiting = async || {
        let visits = count(&n.city, "held_visit").await;
        (visits, count(&n.city, "held_membership").await)
    };
    let memberships = waiting().await.1;
    assert!(memberships > 0, "they wait for a tracer");
    // The policy looks back 40 days; visits would be kept for 30, groups for 60.
    for (passed, left) in [(39, (1, memberships)), (4, (0, memberships)), (20, (0, 0))] {
        n.city.pass(days(passed));
        forget(&n.city).await;
        assert_eq!(waiting().await, left, "{passed} days later");
    }
    let said = erased(&n.city, "waiting").await;
    assert_eq!(said, 1 + memberships as u64);
}

async fn what_a_search_read_is_forgotten_and_whom_it_found_with_the_evidence(city: City) {
    let people = afternoon(&city).await;
    city.confirm(&people.ming).await;
    city.service.tracing.run_traces().await.unwrap();
    let read = async || {
        let people = count(&city, "trace_carrier").await;
        people + count(&city, "trace_venue").await + count(&city, "trace_group").await
    };
    let before = read().await;
    assert!(before > 0 && count(&city, "trace_contact").await > 0);
    // The policy looks back 40 days.
    city.pass(days(39));
    forget(&city).await;
    assert_eq!(read().await, before, "something may still come in");
    city.pass(days(4));
    forget(&city).await;
    assert_eq!(read().await, 0);
    assert_eq!(erased(&city, "searches").await, before as u64);
    let contacts = "SELECT person_id FROM evidence WHERE kind = 'contact'";
    assert_eq!(rows(&city, contacts).await, 0);
    assert_eq!(count(&city, "trace_contact").await, 0, "whom it found");
    assert_eq!(count(&city, "trace_job").await, 1, "that there was one");
    city.pass(days(150));
    forget(&city).await;
    assert_eq!(count(&city, "trace_job").await, 0, "with the diagnosis");
}

async fn sessions_and_what_was_done_to_accounts_are_forgotten_once_they_are_over(city: City) {
    let li = city.resident("Li").await;
    let li = city.prove_phone(li).await;
    see(&city, &li, false).await.unwrap();
    let of_accounts = async || {
        let events = count(&city, "account_event").await;
        events + count(&city, "document_event").await
    };
    let sessions = async || {
        let sessions = count(&city, "resident_session").await;
        (sessions, count(&city, "session_token").await)
    };
    let (events, before) = (of_accounts().await, sessions().await);
    assert!(events > 0 && before.0 > 0, "{events} {before:?}");
    assert_eq!(before.0, before.1, "each presents one token");
    city.pass(days(179));
    forget(&city).await;
    assert_eq!((of_accounts().await, sessions().await), (events, before));
    city.pass(days(2));
    forget(&city).await;
    assert_eq!(of_accounts().await, 0);
    assert_eq!(sessions().await, before, "they ended a moment ago at most");
    // A session lasts half a year, and is kept as long again.
    city.pass(days(360));
    let wu = city.resident("Wu").await;
    forget(&city).await;
    assert_eq!(sessions().await, (1, 1), "hers lasts");
    assert!(city.service.access.resident(&wu.token).await.is_ok());
    let said = erased(&city, "accounts").await;
    assert_eq!(said, (events + before.0) as u64);
}

async fn what_was_decided_by_two_persons_is_forgotten_and_that_it_was_stays(city: City) {
    let (ming, wu) = (city.resident("Ming").await, city.resident("Wu").await);
    let order = |who: &Persona| OrderRequest {
        request: None,
        people: vec![Subject::Person(who.id())],
        colour: Colour::Red,
        from: city.now(),
        until: city.now() + hours(24),
        basis: "Epidemic Act, article 39".to_owned(),
    };
    let (orders, disclosures) = (&city.service.orders, &city.service.disclosures);
    let officer = city.fresh(city.health.id()).await;
    let approved = orders.propose(&officer, order(&ming)).await.unwrap().id;
    let waits = orders.propose(&officer, order(&wu)).await.unwrap().id;
    let asked = DisclosureRequest {
        people: vec![ming.subject()],
        basis: "Criminal Procedure Law, article 54".to_owned(),
        recipient: "City Police".to_owned(),
        kinds: vec![FactKind::Contact],
        from: city.ago(48),
        until: city.now(),
        with_identity: false,
        delay: SignedDuration::ZERO,
        ends: city.now() + hours(24),
    };
    let handed = disclosures.propose(&officer, asked).await.unwrap().id;
    let approver = city.approver().await;
    orders.approve(&approver, approved, "seen").await.unwrap();
    disclosures
        .approve(&approver, handed, "seen")
        .await
        .unwrap();
    let names_them =
        "SELECT proposal_id FROM proposal WHERE kind IN ('orders', 'disclosure') AND content <> ''";
    city.pass(days(59));
    forget(&city).await;
    assert_eq!(rows(&city, names_them).await, 3);
    let proposals = count(&city, "proposal").await;
    city.pass(days(2));
    forget(&city).await;
    assert_eq!(rows(&city, names_them).await, 1, "the one that waits");
    assert_eq!(count(&city, "proposal").await, proposals, "that they were");
    assert!(erased(&city, "proposals").await >= 2);
    let officer = city.fresh(city.health.id()).await;
    let listed = orders.list(&officer).await.unwrap();
    let listed: Vec<_> = listed.iter().map(|order| order.id).collect();
    assert_eq!(listed, [waits]);
    assert!(disclosures.list(&officer).await.unwrap().is_empty());
    for (id, is_there) in [(approved, false), (waits, true)] {
        assert_eq!(orders.order(&officer, id).await.is_ok(), is_there);
    }
    // Who was in it reads of it as long as of who looked at them.
    assert_eq!(count(&city, "disclosure_person").await, 1);
    city.pass(days(306));
    forget(&city).await;
    assert_eq!(count(&city, "disclosure_person").await, 0);
    assert_eq!(count(&city, "disclosure").await, 1, "it counts");
    assert_eq!(erased(&city, "disclosures").await, 1);
}
