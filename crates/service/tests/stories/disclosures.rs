//! Data for somebody outside: two staff members, the smallest extract, and never unseen.

use domain::{FactKind, Role};
use jiff::SignedDuration;
use service::{Did, DisclosureRequest, HalfYear, ServiceError};

use crate::city::{City, GREEN, Persona, hours};

crate::stories! {
    a_disclosure_holds_what_two_staff_members_approved_and_nothing_else
    a_person_reads_of_a_disclosure_at_once_or_after_the_delay
    a_disclosure_ends_and_one_that_was_not_approved_never_begins
    a_disclosure_without_basis_scope_or_end_is_refused
    a_log_that_does_not_verify_stops_disclosures_and_the_end_and_never_codes
}

fn asked(city: &City, people: &[&Persona]) -> DisclosureRequest {
    DisclosureRequest {
        people: people.iter().map(|who| who.subject()).collect(),
        basis: "Criminal Procedure Law, article 54".to_owned(),
        recipient: "City Police".to_owned(),
        kinds: vec![FactKind::Contact],
        from: city.ago(48),
        until: city.now(),
        with_identity: false,
        delay: SignedDuration::ZERO,
        ends: city.now() + hours(24),
    }
}

async fn a_disclosure_holds_what_two_staff_members_approved_and_nothing_else(city: City) {
    let ming = city.resident("Ming").await;
    let lan = city.resident("Lan").await;
    for ago in [24 * 5, 5, 2] {
        let contact = city.contact(ago);
        city.submit(city.health.submitter(), &ming, contact).await;
    }
    let contact = city.contact(7);
    let wrong = city.submit(city.health.submitter(), &ming, contact).await;
    let submitter = city.health.submitter();
    let subject = ming.subject();
    let evidence = &city.service.evidence;
    evidence.withdraw(submitter, &subject, wrong).await.unwrap();

    let disclosures = &city.service.disclosures;
    let officer = city.fresh(city.health.id()).await;
    let id = disclosures
        .propose(&officer, asked(&city, &[&ming]))
        .await
        .unwrap()
        .id;
    let refused = disclosures.approve(&officer, id, "I say so").await;
    assert!(
        matches!(refused, Err(ServiceError::NotPermitted { .. })),
        "{refused:?}"
    );
    disclosures
        .approve(&city.approver().await, id, "a judge signed it")
        .await
        .unwrap();
    let extract = disclosures.extract(&officer, id).await.unwrap();
    let [person] = &extract.people[..] else {
        panic!("{extract:?}")
    };
    assert_eq!(
        (person.person, person.identity.is_none()),
        (ming.id(), true)
    );
    // Neither the old contact, nor the one that was wrong, nor the declaration.
    assert_eq!(person.evidence.len(), 2, "{extract:?}");
    assert!(
        person
            .evidence
            .iter()
            .all(|one| one.fact.kind() == FactKind::Contact)
    );
    // Somebody of another office makes no extract of it.
    let stranger = city.officer_of("Other Health Commission").await;
    let refused = disclosures.extract(&stranger, id).await;
    assert!(
        matches!(refused, Err(ServiceError::UnknownProposal)),
        "{refused:?}"
    );

    let mut with_names = asked(&city, &[&ming, &lan]);
    with_names.with_identity = true;
    let id = disclosures.propose(&officer, with_names).await.unwrap().id;
    disclosures
        .approve(&city.approver().await, id, "names are needed")
        .await
        .unwrap();
    let extract = disclosures.extract(&officer, id).await.unwrap();
    assert!(extract.people.iter().all(|one| one.identity.is_some()));
    let counts = disclosures.by_half_year().await.unwrap();
    let half = HalfYear {
        year: 2020,
        half: 1,
        disclosures: 2,
        people: 3,
    };
    assert_eq!(counts, [half]);
}

async fn a_person_reads_of_a_disclosure_at_once_or_after_the_delay(city: City) {
    let ming = city.resident("Ming").await;
    let lan = city.resident("Lan").await;
    let disclosures = &city.service.disclosures;
    let officer = city.fresh(city.health.id()).await;
    let approver = city.approver().await;
    let open = disclosures
        .propose(&officer, asked(&city, &[&ming]))
        .await
        .unwrap()
        .id;
    let mut late = asked(&city, &[&lan]);
    late.delay = hours(48);
    let late = disclosures.propose(&officer, late).await.unwrap().id;
    for id in [open, late] {
        disclosures
            .approve(&approver, id, "a judge signed it")
            .await
            .unwrap();
        disclosures.extract(&officer, id).await.unwrap();
    }
    let own = disclosures.own(&ming.resident).await.unwrap();
    assert_eq!(own.len(), 1);
    assert_eq!((&*own[0].recipient, own[0].at), ("City Police", city.now()));
    assert_eq!(own[0].office, city.health.authority().name);
    // Until the delay is over nothing tells: not the list, not who looked, not the counts.
    assert_eq!(disclosures.own(&lan.resident).await.unwrap(), []);
    let looks = city.service.audit.looks(&lan.resident).await.unwrap();
    assert!(
        looks.iter().all(|look| look.did != Did::Disclosed),
        "{looks:?}"
    );
    assert_eq!(disclosures.by_half_year().await.unwrap()[0].disclosures, 1);
    city.pass(hours(48));
    assert_eq!(disclosures.own(&lan.resident).await.unwrap().len(), 1);
    assert_eq!(disclosures.by_half_year().await.unwrap()[0].disclosures, 2);
    // A delay beyond what the configuration allows is not taken.
    let mut hidden = asked(&city, &[&lan]);
    hidden.delay = hours(24 * 31);
    let officer = city.fresh(city.health.id()).await;
    let refused = disclosures.propose(&officer, hidden).await;
    assert!(
        matches!(
            refused,
            Err(ServiceError::BadField {
                field: "delay_hours",
                ..
            })
        ),
        "{refused:?}"
    );
}

async fn a_disclosure_ends_and_one_that_was_not_approved_never_begins(city: City) {
    let ming = city.resident("Ming").await;
    let disclosures = &city.service.disclosures;
    let officer = city.fresh(city.health.id()).await;
    let waiting = disclosures
        .propose(&officer, asked(&city, &[&ming]))
        .await
        .unwrap()
        .id;
    let early = disclosures.extract(&officer, waiting).await;
    assert!(
        matches!(early, Err(ServiceError::DisclosureOver)),
        "{early:?}"
    );
    let rejected = disclosures
        .propose(&officer, asked(&city, &[&ming]))
        .await
        .unwrap()
        .id;
    let approver = city.approver().await;
    disclosures
        .reject(&approver, rejected, "no judge signed it")
        .await
        .unwrap();
    let refused = disclosures.approve(&approver, rejected, "after all").await;
    assert!(
        matches!(refused, Err(ServiceError::ProposalSettled)),
        "{refused:?}"
    );
    let approved = disclosures
        .propose(&officer, asked(&city, &[&ming]))
        .await
        .unwrap()
        .id;
    disclosures
        .approve(&approver, approved, "a judge signed it")
        .await
        .unwrap();
    disclosures.extract(&officer, approved).await.unwrap();
    city.pass(hours(24));
    let officer = city.fresh(city.health.id()).await;
    let over = disclosures.extract(&officer, approved).await;
    assert!(
        matches!(over, Err(ServiceError::DisclosureOver)),
        "{over:?}"
    );
    // One that waited until its end is not approved any more.
    let approver = city.approver().await;
    let late = disclosures.approve(&approver, waiting, "late").await;
    assert!(
        matches!(late, Err(ServiceError::DisclosureOver)),
        "{late:?}"
    );
}

async fn a_disclosure_without_basis_scope_or_end_is_refused(city: City) {
    let ming = city.resident("Ming").await;
    let officer = city.fresh(city.health.id()).await;
    let good = asked(&city, &[&ming]);
    let mut bad: Vec<(&str, DisclosureRequest)> = Vec::new();
    let mut one = |field, change: fn(&mut DisclosureRequest)| {
        let mut request = good.clone();
        change(&mut request);
        bad.push((field, request));
    };
    one("people", |asked| asked.people.clear());
    one("basis", |asked| asked.basis = " ".to_owned());
    one("recipient", |asked| asked.recipient.clear());
    one("kinds", |asked| asked.kinds.clear());
    one("until", |asked| asked.until = asked.from);
    one("ends", |asked| asked.ends = asked.from);
    one("ends", |asked| asked.ends += hours(24 * 60));
    for (field, request) in bad {
        let refused = city.service.disclosures.propose(&officer, request).await;
        let is_it =
            matches!(&refused, Err(ServiceError::BadField { field: named, .. }) if *named == field);
        assert!(is_it, "{field}: {refused:?}");
    }
    let worker = city
        .hire(&city.health.authority().clone(), "Dr Ye", &[Role::Tracer])
        .await;
    let refused = city.service.disclosures.propose(&worker, good).await;
    assert!(
        matches!(refused, Err(ServiceError::NotPermitted { .. })),
        "{refused:?}"
    );
}

async fn a_log_that_does_not_verify_stops_disclosures_and_the_end_and_never_codes(city: City) {
    let ming = city.resident("Ming").await;
    let disclosures = &city.service.disclosures;
    let officer = city.fresh(city.health.id()).await;
    let approver = city.approver().await;
    let approved = disclosures
        .propose(&officer, asked(&city, &[&ming]))
        .await
        .unwrap()
        .id;
    disclosures
        .approve(&approver, approved, "a judge signed it")
        .await
        .unwrap();
    let waiting = disclosures
        .propose(&officer, asked(&city, &[&ming]))
        .await
        .unwrap()
        .id;
    let sunset = &city.service.sunset;
    let law = "State Council notice 2022/113";
    let proposed = sunset
        .propose(&city.administrator().await, law)
        .await
        .unwrap()
        .id;
    let agreed = sunset
        .propose(&city.administrator().await, law)
        .await
        .unwrap()
        .id;
    sunset
        .approve(&approver, agreed, "it is over")
        .await
        .unwrap();
    city.service.audit.checkpoint().await.unwrap();
    city.base
        .tamper(
            "UPDATE audit_entry SET payload = \
             (SELECT other.payload FROM audit_entry AS other WHERE other.leaf_index = 5) \
             WHERE leaf_index = 4",
        )
        .await;
    let refused = [
        disclosures.extract(&officer, approved).await.err(),
        disclosures.approve(&approver, waiting, "so").await.err(),
        sunset.approve(&approver, proposed, "so").await.err(),
        sunset.begin(&city.operator, law).await.err(),
    ];
    for refused in refused {
        assert!(
            matches!(refused, Some(ServiceError::LogBroken { .. })),
            "{refused:?}"
        );
    }
    let phone = city.enrol(&ming).await;
    let code = city.live_code(&ming, &phone).await;
    assert_eq!(
        city.check(&city.show(&phone, &code)),
        Ok(domain::Colour::Green)
    );
    assert_eq!(city.status(&ming).await, GREEN);
}
