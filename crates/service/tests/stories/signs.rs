//! Signs at the door that change: a photograph of one is worth nothing a minute later.

use jiff::SignedDuration;
use service::{NewVenue, Scan, ScreenPass, ServiceError, SignKind, VenueSign};

use crate::city::City;

crate::stories! {
    a_photograph_of_a_sign_that_was_sent_elsewhere_counts_for_a_minute
    a_forged_sign_and_one_of_another_place_are_refused
    whoever_stands_at_the_sign_may_use_it
    a_scan_without_a_network_counts_from_when_it_was_made
    a_printed_sign_counts_where_no_screen_hangs
    a_screen_ends_after_a_week_and_when_it_was_stolen
    a_screen_that_one_node_opened_shows_its_sign_on_another
}

async fn shown(city: &City, pass: &ScreenPass) -> VenueSign {
    let visits = &city.service.visits;
    visits.sign_on(pass).await.unwrap().sign
}

async fn check_in(
    city: &City,
    who: &crate::city::Persona,
    sign: &VenueSign,
) -> Result<(), ServiceError> {
    let visits = &city.service.visits;
    let receipt = visits.check_in_by_sign(&who.resident, sign, city.key());
    receipt.await.map(drop)
}

#[track_caller]
fn is_refused(result: Result<(), ServiceError>, because: &str) {
    match result {
        Err(ServiceError::BadField { field: "sign", why }) => {
            assert!(why.contains(because), "{why}");
        }
        other => panic!("{other:?}"),
    }
}

async fn a_photograph_of_a_sign_that_was_sent_elsewhere_counts_for_a_minute(city: City) {
    let (li, wu) = (city.resident("Li").await, city.resident("Wu").await);
    let venue = city.venue("Noodle bar", None).await;
    let visits = &city.service.visits;
    let pass = visits
        .open_screen(&city.health, venue, false)
        .await
        .unwrap();
    let sign = shown(&city, &pass).await;
    assert_eq!(sign.to_string().parse(), Ok(sign.clone()));
    let scan = city.key();
    let inside = visits.check_in_by_sign(&li.resident, &sign, scan).await;
    let inside = inside.unwrap();
    assert_eq!((inside.venue, &*inside.venue_name), (venue, "Noodle bar"));
    city.pass(SignedDuration::from_mins(2));
    is_refused(check_in(&city, &wu, &sign).await, "more than a minute");
    let repeated = visits.check_in_by_sign(&li.resident, &sign, scan).await;
    assert_eq!(repeated.unwrap(), inside, "its answer was lost");
    check_in(&city, &wu, &shown(&city, &pass).await)
        .await
        .unwrap();
}

async fn a_forged_sign_and_one_of_another_place_are_refused(city: City) {
    let li = city.resident("Li").await;
    let (bar, bank) = (
        city.venue("Noodle bar", None).await,
        city.venue("Bank", None).await,
    );
    let visits = &city.service.visits;
    let pass = visits.open_screen(&city.health, bar, false).await.unwrap();
    let at_bank = visits.open_screen(&city.health, bank, false).await.unwrap();
    let good = shown(&city, &pass).await.to_string();
    let parts: Vec<&str> = good.split('.').collect();
    let later: i64 = parts[1].parse().unwrap();
    let screens = pass.expose();
    let forged = [
        format!("{bank}.{}.{}", parts[1], parts[2]),
        format!("{}.{}.{}", parts[0], later + 1, parts[2]),
        format!("{}.{}.{}", parts[0], parts[1], "0".repeat(64)),
        // What opens the screen is no sign, whatever its time.
        format!(
            "{}.{}.{}",
            parts[0],
            parts[1],
            screens.rsplit('.').next().unwrap()
        ),
    ];
    for text in forged {
        let sign = text.parse().unwrap();
        is_refused(check_in(&city, &li, &sign).await, "no sign of this place");
    }
    for text in ["", "a.b.c", &good[1..], &format!("{good}.1")] {
        assert!(text.parse::<VenueSign>().is_err(), "{text}");
    }
    // A sign opens no screen.
    let sign = shown(&city, &at_bank).await.to_string();
    let refused = visits.sign_on(&sign.parse().unwrap()).await;
    assert!(matches!(refused, Err(ServiceError::NotAuthenticated)));
}

async fn whoever_stands_at_the_sign_may_use_it(city: City) {
    let venue = city.venue("Noodle bar", None).await;
    let visits = &city.service.visits;
    let pass = visits
        .open_screen(&city.health, venue, false)
        .await
        .unwrap();
    let sign = shown(&city, &pass).await;
    for name in ["Li", "Wu", "Chen"] {
        let who = city.resident(name).await;
        check_in(&city, &who, &sign).await.unwrap();
    }
}

async fn a_scan_without_a_network_counts_from_when_it_was_made(city: City) {
    let li = city.resident("Li").await;
    let venue = city.venue("Noodle bar", None).await;
    let visits = &city.service.visits;
    let pass = visits
        .open_screen(&city.health, venue, false)
        .await
        .unwrap();
    let sign = shown(&city, &pass).await;
    let entered = city.now();
    city.pass(SignedDuration::from_hours(5));
    let scan = |sign: Option<&VenueSign>, minutes| Scan {
        sign: sign.cloned(),
        id: city.key(),
        venue,
        entered: entered + SignedDuration::from_mins(minutes),
        left: None,
    };
    let scans = [
        scan(Some(&sign), 0),
        scan(Some(&sign), 30),
        scan(Some(&sign), -30),
        scan(None, 60),
    ];
    let uploaded = visits.upload_scans(&li.resident, &scans).await.unwrap();
    assert_eq!(uploaded.accepted, [scans[0].id]);
    let refused: Vec<_> = uploaded.refused.iter().map(|one| one.field).collect();
    assert_eq!(refused, ["sign"; 3]);
}

async fn a_printed_sign_counts_where_no_screen_hangs(city: City) {
    let li = city.resident("Li").await;
    let venue = city.venue("Noodle bar", None).await;
    let visits = &city.service.visits;
    let printed = || async {
        let receipt = visits.check_in(&li.resident, venue, city.key()).await;
        receipt.map(drop)
    };
    printed().await.unwrap();
    let pass = visits
        .open_screen(&city.health, venue, false)
        .await
        .unwrap();
    is_refused(printed().await, "on a screen and changes");
    let put = async |sign| {
        let changed = NewVenue {
            id: Some(venue),
            name: "Noodles".to_owned(),
            category: None,
            region: None,
            sign,
        };
        visits.put_venue(&city.health, changed).await.unwrap();
    };
    put(None).await;
    is_refused(printed().await, "on a screen and changes");
    put(Some(SignKind::Printed)).await;
    printed().await.unwrap();
    city.pass(SignedDuration::from_secs(1));
    put(Some(SignKind::OnScreen)).await;
    is_refused(printed().await, "on a screen and changes");
    let before = visits.sign_on(&pass).await;
    assert!(
        matches!(before, Err(ServiceError::NotAuthenticated)),
        "screens of before have ended"
    );
}

async fn a_screen_ends_after_a_week_and_when_it_was_stolen(city: City) {
    let li = city.resident("Li").await;
    let venue = city.venue("Noodle bar", None).await;
    let visits = &city.service.visits;
    let stolen = visits
        .open_screen(&city.health, venue, false)
        .await
        .unwrap();
    let kept = visits
        .open_screen(&city.health, venue, false)
        .await
        .unwrap();
    let sign = shown(&city, &stolen).await;
    let fresh = visits.open_screen(&city.health, venue, true).await.unwrap();
    for ended in [&stolen, &kept] {
        let refused = visits.sign_on(ended).await;
        assert!(matches!(refused, Err(ServiceError::NotAuthenticated)));
    }
    is_refused(check_in(&city, &li, &sign).await, "no sign of this place");
    check_in(&city, &li, &shown(&city, &fresh).await)
        .await
        .unwrap();
    city.pass(SignedDuration::from_hours(7 * 24));
    let ran_out = visits.sign_on(&fresh).await;
    assert!(matches!(ran_out, Err(ServiceError::NotAuthenticated)));
    let kind = domain::AuthorityKind::Health;
    let south = city.office_in(kind, "South Commission", "44".parse().unwrap());
    let south = city
        .hire(&south.await, "Dr Nan", &crate::offices::OFFICER)
        .await;
    let refused = visits.open_screen(&south, venue, false).await;
    assert!(matches!(refused, Err(ServiceError::UnknownVenue)));
}

async fn a_screen_that_one_node_opened_shows_its_sign_on_another(mut city: City) {
    let (li, wu) = (city.resident("Li").await, city.resident("Wu").await);
    let venue = city.venue("Noodle bar", None).await;
    let printed = city
        .service
        .visits
        .check_in(&li.resident, venue, city.key());
    printed.await.unwrap();
    let other = city.another_node().await;
    let pass = other.visits.open_screen(&city.health, venue, false).await;
    let pass = pass.unwrap();
    // This node has the venue in memory as it was before.
    let sign = other.visits.sign_on(&pass).await.unwrap().sign;
    let scan = Scan {
        sign: Some(sign.clone()),
        id: city.key(),
        venue,
        entered: city.now(),
        left: None,
    };
    let visits = &city.service.visits;
    let uploaded = visits.upload_scans(&wu.resident, &[scan]).await.unwrap();
    assert_eq!(uploaded.refused, []);
    city.service = city.another_node().await;
    let before = city.service.visits.venue(venue).await.unwrap();
    assert!(before.sign_number.is_some());
    let fresh = other.visits.open_screen(&city.health, venue, true).await;
    let fresh = fresh.unwrap();
    let shown = shown(&city, &fresh).await;
    let chen = city.resident("Chen").await;
    check_in(&city, &chen, &shown).await.unwrap();
}
