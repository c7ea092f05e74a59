//! Clocks that differ, jump and come back, and nodes that are cut off.

use domain::{Clock, Colour};
use jiff::SignedDuration;
use service::{Fault, Service, ServiceError};

use crate::city::{City, GREEN, Persona, Phone, RED, hours};

crate::stories! {
    invariant_7_a_node_whose_clock_is_ahead_learns_of_a_restriction
    invariant_7_a_node_whose_clock_is_behind_learns_of_a_restriction
    invariant_7_a_node_that_is_cut_off_signs_nothing_and_says_that_it_does_not_know
    invariant_7_a_check_of_a_fresh_code_needs_no_knowledge
    code_and_status_agree_after_the_clock_ran_ahead_and_was_set_back
    a_node_whose_clock_differs_from_the_databases_says_so
}

async fn invariant_7_a_node_whose_clock_is_ahead_learns_of_a_restriction(city: City) {
    restriction_reaches_a_node(city, SignedDuration::from_secs(12)).await;
}

async fn invariant_7_a_node_whose_clock_is_behind_learns_of_a_restriction(city: City) {
    restriction_reaches_a_node(city, SignedDuration::from_secs(-12)).await;
}

async fn restriction_reaches_a_node(city: City, ahead: SignedDuration) {
    let (other, clock) = city.another_node_ahead(ahead).await;
    let pass = |by| {
        city.pass(by);
        clock.advance(by);
    };
    let li = city.resident("Li").await;
    let phone = city.enrol(&li).await;
    // By every clock it is past that Li registered.
    pass(SignedDuration::from_mins(1));
    let card = city.service.codes.card(&li.resident).await.unwrap();
    let card = card.text.unwrap();
    other.notice_other_nodes().await.unwrap();
    assert_eq!(check(&other, &card), Ok(Colour::Green));
    let green = sign(&other, &li, &phone).await;
    assert_eq!(green.colour, Colour::Green);

    city.submit(city.health.submitter(), &li, city.contact(1))
        .await;
    // Until it has noticed, what it signs names an index that is revoked.
    let stale = sign(&other, &li, &phone).await;
    assert_eq!(city.check(&city.show(&phone, &stale)), Err("revoked"));

    other.notice_other_nodes().await.unwrap();
    assert_eq!(check(&other, &card), Err("revoked"));
    assert_eq!(sign(&other, &li, &phone).await.colour, Colour::Red);
    for _ in 0..3 {
        pass(SignedDuration::from_secs(20));
        other.notice_other_nodes().await.unwrap();
        assert_eq!(check(&other, &card), Err("revoked"), "it does not forget");
    }
    let status = other.people.status(&li.resident, "en").await.unwrap();
    assert_eq!(status.explanation.verdict.status, RED);
}

async fn invariant_7_a_node_that_is_cut_off_signs_nothing_and_says_that_it_does_not_know(
    city: City,
) {
    let (other, clock) = city.another_node_ahead(SignedDuration::ZERO).await;
    let li = city.resident("Li").await;
    let phone = city.enrol(&li).await;
    let card = city.service.codes.card(&li.resident).await.unwrap();
    let card = card.text.unwrap();
    sign(&other, &li, &phone).await;
    assert_eq!(check(&other, &card), Ok(Colour::Green));

    // From here on it reads nothing; the rest of the city goes on.
    city.base
        .tamper("ALTER TABLE slot RENAME TO slot_away")
        .await;
    let pass = |by| {
        city.pass(by);
        clock.advance(by);
    };
    pass(SignedDuration::from_mins(15));
    other.notice_other_nodes().await.unwrap_err();
    assert_eq!(sign(&other, &li, &phone).await.colour, Colour::Green);
    assert_eq!(check(&other, &card), Ok(Colour::Green));
    assert!(!other.faults().contains(&Fault::CutOff));

    pass(SignedDuration::from_secs(1));
    other.notice_other_nodes().await.unwrap_err();
    let refused = other.codes.live_code(&li.resident, phone.device).await;
    let refused = refused.unwrap_err();
    assert!(matches!(refused, ServiceError::CutOff), "{refused}");
    assert_eq!(check(&other, &card), Err("status-unknown"));
    assert!(other.faults().contains(&Fault::CutOff));

    // It hears again what happened meanwhile.
    city.base
        .tamper("ALTER TABLE slot_away RENAME TO slot")
        .await;
    city.submit(city.health.submitter(), &li, city.contact(1))
        .await;
    other.notice_other_nodes().await.unwrap();
    assert_eq!(check(&other, &card), Err("revoked"));
    assert_eq!(sign(&other, &li, &phone).await.colour, Colour::Red);
    assert!(!other.faults().contains(&Fault::CutOff));
}

/// As a checkpoint without a network takes it: an assertion of the last minutes holds by itself.
async fn invariant_7_a_check_of_a_fresh_code_needs_no_knowledge(city: City) {
    let (other, clock) = city.another_node_ahead(SignedDuration::ZERO).await;
    let li = city.resident("Li").await;
    city.pass(hours(1));
    clock.advance(hours(1));
    city.service.notice_other_nodes().await.unwrap();
    let card = city.service.codes.card(&li.resident).await.unwrap();
    let card = card.text.unwrap();
    assert_eq!(check(&other, &card), Ok(Colour::Green));
    let quarter = SignedDuration::from_secs(15 * 60 + 1);
    city.pass(quarter);
    clock.advance(quarter);
    assert_eq!(check(&other, &card), Err("status-unknown"));
}

async fn code_and_status_agree_after_the_clock_ran_ahead_and_was_set_back(city: City) {
    let (li, wu) = (city.resident("Li").await, city.resident("Wu").await);
    let an_hour_ago = city.contact(1);
    city.pass(hours(24));
    // Keys of what the clock takes for today, and is tomorrow.
    let (li_phone, wu_phone) = (city.enrol(&li).await, city.enrol(&wu).await);
    // Of Li something is taken in that is not yet, of Wu something that was.
    let tomorrow = city.contact(1);
    city.submit(city.health.submitter(), &li, tomorrow).await;
    city.submit(city.health.submitter(), &wu, an_hour_ago).await;
    for (who, phone) in [(&li, &li_phone), (&wu, &wu_phone)] {
        assert_eq!(city.live_code(who, phone).await.colour, Colour::Red);
        assert_eq!(city.status(who).await, RED);
    }

    city.pass(-hours(24));
    // The code first: it must not wait for somebody to look at the page.
    assert_eq!(city.live_code(&li, &li_phone).await.colour, Colour::Green);
    assert_eq!(city.status(&li).await, GREEN);
    assert_eq!(city.report(&li).await.explanation.restrictions, []);
    assert_eq!(city.live_code(&wu, &wu_phone).await.colour, Colour::Red);
    let report = city.report(&wu).await;
    assert_eq!(report.explanation.verdict.status, RED);
    assert_eq!(report.explanation.restrictions.len(), 1, "with its reason");

    city.pass(hours(24));
    assert_eq!(city.live_code(&li, &li_phone).await.colour, Colour::Red);
    let report = city.report(&li).await;
    assert_eq!(report.explanation.verdict.status, RED);
    assert_eq!(report.explanation.restrictions.len(), 1, "with its reason");
}

async fn a_node_whose_clock_differs_from_the_databases_says_so(city: City) {
    let ahead_by = |service: &Service| {
        let faults = service.faults().into_iter();
        let mut wrong = faults.filter_map(|fault| match fault {
            Fault::WrongClock { ahead } => Some((ahead, fault.to_string())),
            _ => None,
        });
        wrong.next()
    };
    assert_eq!(ahead_by(&city.service), None, "it did not look yet");
    // The city lives in 2020, the database does not.
    let difference = city.service.watch_clock().await.unwrap();
    let (ahead, said) = ahead_by(&city.service).unwrap();
    assert_eq!(ahead, difference);
    assert!(ahead < -hours(24) && said.contains("behind"), "{said}");

    city.clock.set(domain::SystemClock.now() + hours(24));
    city.service.watch_clock().await.unwrap();
    let (ahead, said) = ahead_by(&city.service).unwrap();
    assert!(ahead > hours(23) && said.contains("ahead of"), "{said}");
}

async fn sign(node: &Service, who: &Persona, phone: &Phone) -> service::IssuedCode {
    let signed = node.codes.live_code(&who.resident, phone.device).await;
    signed.unwrap()
}

fn check(node: &Service, text: &str) -> Result<Colour, &'static str> {
    let checked = node.checks.verify(text, &credential::Settings::default());
    checked
        .map(|accepted| accepted.colour)
        .map_err(|refusal| refusal.word())
}
