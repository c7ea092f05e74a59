//! Who may do what.

use domain::{AuthorityKind, FactKind};
use jiff::SignedDuration;
use service::{Action, NewFeed, NewVenue, RegistrationRequest, ServiceError, SessionKind, Token};

use crate::city::{City, POLICY, hours};
use crate::offices::{OFFICER, made};

crate::stories! {
    an_unknown_token_is_nobodys
    a_residents_token_is_no_staff_members_and_the_other_way_round
    what_a_browser_presents_is_no_token_and_a_token_opens_no_page
    authorities_have_one_name_each_and_built_in_ones_are_not_added
    the_operator_acts_for_an_authority_by_its_name
    a_feed_submits_and_does_nothing_else
    a_feed_is_renewed_without_a_gap_and_ends
    a_token_of_version_0_1_goes_on_as_a_feed_for_ninety_days
    an_authority_of_the_south_cannot_touch_what_is_the_norths
}

async fn an_unknown_token_is_nobodys(city: City) {
    let token = Token::generate(&*city.ids);
    let access = &city.service.access;
    let refused = [
        access.resident(&token).await.map(drop).unwrap_err(),
        access.staff(&token).await.map(drop).unwrap_err(),
        access.submitter(&token).await.map(drop).unwrap_err(),
    ];
    for refused in refused {
        assert!(
            matches!(refused, ServiceError::NotAuthenticated),
            "{refused}"
        );
        assert!(!refused.to_string().contains(&token.expose()));
    }
}

async fn a_residents_token_is_no_staff_members_and_the_other_way_round(city: City) {
    let li = city.resident("Li").await;
    let access = &city.service.access;
    assert!(access.staff(&li.token).await.is_err());
    assert!(access.submitter(&li.token).await.is_err());
    let staff = &city.service.staff;
    let signed_in = staff.sign_in_at_one_press(&city.operator, city.health.id());
    let session = signed_in.await.unwrap();
    assert!(access.resident(&session).await.is_err());
    assert!(access.resident_page(&session).await.is_err());
}

async fn what_a_browser_presents_is_no_token_and_a_token_opens_no_page(city: City) {
    let (staff, access) = (&city.service.staff, &city.service.access);
    let signed_in = staff.sign_in_at_one_press(&city.operator, city.health.id());
    let session = signed_in.await.unwrap();
    let by = access.staff(&session).await.unwrap();
    assert!(access.staff_program(&session).await.is_err());
    assert!(access.submitter(&session).await.is_err());
    let token = staff.make_token(&by).await.unwrap();
    assert!(access.staff(&token).await.is_err());
    let program = access.staff_program(&token).await.unwrap();
    assert_eq!(program.id(), by.id());
    assert!(access.submitter(&token).await.is_ok());
    city.pass(SignedDuration::from_mins(31));
    assert!(
        access.staff_program(&token).await.is_err(),
        "nobody used it"
    );
    let late = staff.make_token(&by).await;
    assert!(matches!(late, Err(ServiceError::StepUpNeeded)), "{late:?}");
    // Neither does a resident's, with what was handed out for one of the two.
    let li = city.resident("Li").await;
    assert!(access.resident(&li.token).await.is_ok());
    assert!(access.resident_page(&li.token).await.is_err());
    let registration = RegistrationRequest {
        session: SessionKind::Page,
        ..city.registration("Wu", None)
    };
    let wu = city.service.people.register(registration).await.unwrap();
    assert!(access.resident_page(&wu.token).await.is_ok());
    assert!(access.resident(&wu.token).await.is_err());
}

async fn authorities_have_one_name_each_and_built_in_ones_are_not_added(city: City) {
    let region = "3301".parse().unwrap();
    let add = async |kind, name: &str| match city
        .service
        .access
        .add_authority(&city.operator, kind, name, region)
        .await
    {
        Err(ServiceError::BadField { field, .. }) => field,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        add(AuthorityKind::Health, "City Health Commission").await,
        "name"
    );
    assert_eq!(add(AuthorityKind::Health, " ").await, "name");
    assert_eq!(add(AuthorityKind::Tracer, "Tracer").await, "kind");
    assert_eq!(add(AuthorityKind::Person, "Person").await, "kind");
    let names = city.service.access.authorities().await.unwrap();
    assert_eq!(names.len(), 5);
}

async fn the_operator_acts_for_an_authority_by_its_name(city: City) {
    let li = city.resident("Li").await;
    let office = city
        .service
        .access
        .act_for(&city.operator, "North Community Office")
        .await
        .unwrap();
    city.submit(&office, &li, city.contact(1)).await;
    let refused = city
        .service
        .access
        .act_for(&city.operator, "Nobody")
        .await
        .unwrap_err();
    assert!(
        matches!(refused, ServiceError::UnknownAuthority),
        "{refused}"
    );
}

async fn a_feed_submits_and_does_nothing_else(city: City) {
    let li = city.resident("Li").await;
    let feed = city.feed(AuthorityKind::Health, "Hospital").await;
    city.submit(&feed, &li, city.contact(1)).await;
    for line in service::TABLE {
        let submits = [
            Action::SubmitEvidence,
            Action::WithdrawEvidence,
            Action::SubmitMemberships,
        ];
        let expected = submits[..2].contains(&line.action);
        assert_eq!(feed.may(line.action).is_ok(), expected, "{:?}", line.action);
    }
    let admin = city.administrator().await;
    let narrow = NewFeed {
        authority: admin.authority().id,
        name: "vaccinations".to_owned(),
        kinds: vec![FactKind::Vaccination],
        regions: "".parse().unwrap(),
        rate_per_minute: 60,
        lasts: hours(24),
        public_key: None,
    };
    let staff = &city.service.staff;
    for (field, bad) in [
        (
            "kinds",
            NewFeed {
                kinds: vec![FactKind::Order],
                ..narrow.clone()
            },
        ),
        (
            "days",
            NewFeed {
                lasts: hours(24 * 367),
                ..narrow.clone()
            },
        ),
        (
            "rate_per_minute",
            NewFeed {
                rate_per_minute: 0,
                ..narrow.clone()
            },
        ),
        (
            "name",
            NewFeed {
                name: " ".to_owned(),
                ..narrow.clone()
            },
        ),
    ] {
        match staff.make_feed(&admin, bad).await {
            Err(ServiceError::BadField { field: found, .. }) => assert_eq!(found, field),
            other => panic!("{field}: {other:?}"),
        }
    }
    let (_, token) = made(staff.make_feed(&admin, narrow.clone()).await);
    let pressed_twice = staff.make_feed(&admin, narrow).await.unwrap_err();
    assert!(
        matches!(&pressed_twice, ServiceError::BadField { field: "name", .. }),
        "{pressed_twice:?}"
    );
    let narrow = city.service.access.submitter(&token).await.unwrap();
    let receipt = city
        .try_submit(&narrow, li.subject(), city.contact(2))
        .await;
    assert_eq!(receipt.refused[0].field, "kind");
}

async fn a_feed_is_renewed_without_a_gap_and_ends(city: City) {
    let admin = city.administrator().await;
    let feed = NewFeed {
        authority: admin.authority().id,
        name: "hospital".to_owned(),
        kinds: Vec::new(),
        regions: "".parse().unwrap(),
        rate_per_minute: 60,
        lasts: hours(24 * 30),
        public_key: None,
    };
    let (staff, access) = (&city.service.staff, &city.service.access);
    let (id, first) = made(staff.make_feed(&admin, feed).await);
    let (_, second) = made(staff.renew_feed(&admin, id).await);
    assert!(
        access.submitter(&first).await.is_ok(),
        "both work for a day"
    );
    assert!(access.submitter(&second).await.is_ok());
    city.pass(hours(24));
    assert!(access.submitter(&first).await.is_err());
    assert!(access.submitter(&second).await.is_ok());
    let stale = staff.end_feed(&admin, id).await.unwrap_err();
    assert!(matches!(stale, ServiceError::StepUpNeeded), "{stale}");
    city.pass(hours(24 * 29));
    assert!(access.submitter(&second).await.is_err(), "every feed ends");
    let admin = city.administrator().await;
    let over = staff.renew_feed(&admin, id).await.unwrap_err();
    assert!(matches!(over, ServiceError::UnknownFeed), "{over}");
    let feeds = staff.feeds(&admin).await.unwrap();
    assert!(feeds.iter().all(|feed| feed.id != id), "{feeds:?}");
}

async fn a_token_of_version_0_1_goes_on_as_a_feed_for_ninety_days(mut city: City) {
    let token: Token = "ab".repeat(32).parse().unwrap();
    // SHA-256 of it, as version 0.1 kept it.
    let hash = "9a2db2e23f1504cd056606553ac049c5e718e8f9ce9233876df1a7a1821af885";
    let authority = city.health.authority().id.to_string();
    let is_sqlite = city.base.url.starts_with("sqlite:");
    let row = if is_sqlite {
        format!("x'{hash}', x'{authority}'")
    } else {
        format!("decode('{hash}', 'hex'), decode('{authority}', 'hex')")
    };
    let insert = format!("INSERT INTO authority_token (token_hash, authority_id) VALUES ({row})");
    city.base.tamper(&insert).await;
    city.crash().await;
    let feed = city.service.access.submitter(&token).await.unwrap();
    assert!(feed.is_feed());
    assert!(city.service.access.staff(&token).await.is_err());
    city.pass(hours(90 * 24 - 1));
    city.crash().await;
    assert!(city.service.access.submitter(&token).await.is_ok());
    city.pass(hours(1));
    assert!(city.service.access.submitter(&token).await.is_err());
}

async fn an_authority_of_the_south_cannot_touch_what_is_the_norths(city: City) {
    let li = city.resident("Li").await;
    let venue = city.venue("East Market", None).await;
    city.was_at(&li, venue, 3, 60).await;
    let diagnosis = city.confirm(&li).await;
    let kind = AuthorityKind::Health;
    let south = city.office_in(kind, "South Commission", "44".parse().unwrap());
    let south = city.hire(&south.await, "Dr Nan", &OFFICER).await;
    let service = &city.service;
    let renamed = NewVenue {
        sign: None,
        id: Some(venue),
        name: "West Market".to_owned(),
        category: None,
        region: None,
    };
    let refused = service.visits.put_venue(&south, renamed.clone()).await;
    assert!(matches!(refused, Err(ServiceError::UnknownVenue)));
    // Nor is a venue of the south's own in the north.
    for (region, may) in [("4401", true), ("3301", false), ("33", false)] {
        let elsewhere = NewVenue {
            id: None,
            region: region.parse().ok(),
            ..renamed.clone()
        };
        let put = service.visits.put_venue(&south, elsewhere).await;
        let is_refused = matches!(
            put,
            Err(ServiceError::BadField {
                field: "region",
                ..
            })
        );
        assert_eq!((put.is_ok(), is_refused), (may, !may), "{region}");
    }
    let refused = service.tracing.trace(&south, li.id(), diagnosis).await;
    assert!(matches!(refused, Err(ServiceError::UnknownEvidence)));
    let by = south.submitter();
    let refused = service
        .evidence
        .withdraw(by, &li.subject(), diagnosis)
        .await;
    assert!(matches!(refused, Err(ServiceError::NotYours)));
    assert_eq!(
        service.visits.venue(venue).await.unwrap().name,
        "East Market"
    );
    service
        .visits
        .put_venue(&city.health, renamed)
        .await
        .unwrap();
    assert!(
        service
            .tracing
            .trace(&city.health, li.id(), diagnosis)
            .await
            .is_ok()
    );
    let text = POLICY.replace("issuer = \"330100\"", "issuer = \"440100\"");
    let text = text.replace("version = 1", "version = 2");
    let refused = service.publishing.propose_policy(&south, &text).await;
    assert!(matches!(refused, Err(ServiceError::ForeignPolicy { .. })));
    let publisher = city.publisher().await;
    let refused = service.publishing.publish_policy(&publisher, &text).await;
    assert!(matches!(refused, Err(ServiceError::ForeignPolicy { .. })));
}
