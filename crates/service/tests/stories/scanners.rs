//! Scanners at gates: made by a square, ended, and recording visits once, with or without a network.

use domain::{AuthorityKind, Role, VenueId};
use jiff::SignedDuration;
use service::{
    Did, DoorScan, NewScanner, NewVenue, Scanner, ScannerPass, ServiceError, Square, SquareState,
    Staff, Visit,
};

use crate::city::{City, Persona, hours};

crate::stories! {
    a_square_makes_one_device_a_scanner_within_ten_minutes
    only_a_lead_keeps_scanners_and_only_their_own
    a_visit_of_a_green_code_is_recorded_once_and_its_person_reads_what_was_measured
    a_scanner_without_a_network_sends_for_a_day_what_it_recorded
    what_no_gate_saw_is_not_recorded
    invariant_12_no_measurement_changes_a_colour_and_it_goes_with_its_visit
    a_visit_that_a_gate_recorded_is_traced_and_not_taken_back
    what_a_gate_saw_is_of_whom_somebody_was_proven_to_be
}

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// A lead with a venue, and a device that records visits there.
struct Gate {
    lead: Staff,
    venue: VenueId,
    pass: ScannerPass,
}

async fn lead(city: &City, office: &str) -> Staff {
    let office = city.office(AuthorityKind::Community, office).await;
    let roles = [Role::CheckpointLead, Role::VenueOwner];
    city.hire(&office, "Mr Guan", &roles).await
}

async fn place(city: &City, lead: &Staff, name: &str) -> VenueId {
    let venue = NewVenue {
        id: None,
        name: name.to_owned(),
        category: None,
        region: None,
        sign: None,
    };
    let put = city.service.visits.put_venue(lead, venue);
    put.await.unwrap().id
}

async fn square(city: &City, lead: &Staff, venue: Option<VenueId>) -> Square {
    let name = "North gate".to_owned();
    let lead = city.fresh(lead.id()).await;
    let made = city
        .service
        .scanners
        .make(&lead, NewScanner { name, venue });
    made.await.unwrap()
}

impl Gate {
    async fn open(city: &City) -> Self {
        let lead = lead(city, "Street office").await;
        let venue = place(city, &lead, "Library").await;
        let square = square(city, &lead, Some(venue)).await;
        let (pass, _) = city.service.scanners.enrol(&square.pass).await.unwrap();
        Self { lead, venue, pass }
    }

    async fn scanner(&self, city: &City) -> Scanner {
        city.service.scanners.present(&self.pass).await.unwrap()
    }

    fn scan(&self, city: &City, code: String) -> DoorScan {
        DoorScan {
            request: city.key(),
            code,
            venue: self.venue,
            at: city.now(),
            temperature: None,
        }
    }

    /// What became of it: a word if it is refused.
    async fn send(&self, city: &City, scan: &DoorScan) -> Result<(), &'static str> {
        let scanner = self.scanner(city).await;
        let sent = city.service.scanners.record(&scanner, scan).await.unwrap();
        sent.map_err(|refusal| refusal.word())
    }
}

async fn shown(city: &City, who: &Persona) -> String {
    let phone = city.enrol(who).await;
    let code = city.live_code(who, &phone).await;
    city.show(&phone, &code)
}

async fn visits(city: &City, who: &Persona) -> Vec<Visit> {
    let own = city.service.visits.own(&who.resident).await.unwrap();
    own.into_iter().map(|(visit, _)| visit).collect()
}

async fn a_square_makes_one_device_a_scanner_within_ten_minutes(city: City) {
    let scanners = &city.service.scanners;
    let lead = lead(&city, "Street office").await;
    let first = square(&city, &lead, None).await;
    let state = scanners.look_at(&first.pass).await.unwrap();
    let good = SquareState::Good {
        name: "North gate".to_owned(),
        venue: None,
    };
    assert_eq!(state, good);
    let not_yet = scanners.present(&first.pass).await;
    assert!(matches!(not_yet, Err(ServiceError::NotAuthenticated)));
    let (pass, _) = scanners.enrol(&first.pass).await.unwrap();
    assert_eq!(scanners.present(&pass).await.unwrap().name(), "North gate");
    // Somebody photographed the square.
    let again = scanners.enrol(&first.pass).await;
    assert!(matches!(again, Err(ServiceError::NotAuthenticated)));
    assert_eq!(
        scanners.look_at(&first.pass).await.unwrap(),
        SquareState::Used
    );
    let opened = scanners.present(&first.pass).await;
    assert!(matches!(opened, Err(ServiceError::NotAuthenticated)));

    let late = square(&city, &lead, None).await;
    city.pass(MINUTE * 10);
    assert_eq!(
        scanners.look_at(&late.pass).await.unwrap(),
        SquareState::Late
    );
    let enrolled = scanners.enrol(&late.pass).await;
    assert!(matches!(enrolled, Err(ServiceError::NotAuthenticated)));
    let made_up = late
        .pass
        .expose()
        .replace(&late.pass.expose()[40..44], "0000");
    let state = scanners.look_at(&made_up.parse().unwrap()).await.unwrap();
    assert_eq!(state, SquareState::Unknown);

    let (listed, _) = scanners.list(&lead).await.unwrap();
    assert_eq!(listed.len(), 1, "the late one is gone: {listed:?}");
    let stale = scanners.end(&lead, listed[0].id).await;
    assert!(
        matches!(stale, Err(ServiceError::StepUpNeeded)),
        "{stale:?}"
    );
    let lead = city.fresh(lead.id()).await;
    scanners.end(&lead, listed[0].id).await.unwrap();
    let ended = scanners.present(&pass).await;
    assert!(matches!(ended, Err(ServiceError::NotAuthenticated)));
    let third = square(&city, &lead, None).await;
    let (pass, _) = scanners.enrol(&third.pass).await.unwrap();
    city.pass(hours(24 * 30));
    let run_out = scanners.present(&pass).await;
    assert!(matches!(run_out, Err(ServiceError::NotAuthenticated)));
    let hashes = city
        .base
        .bytes("SELECT token_hash FROM scanner WHERE token_hash IS NOT NULL")
        .await;
    let secret = pass.expose();
    let in_clear = |hash: &Vec<u8>| {
        let text: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        secret.contains(&text) && !text.is_empty()
    };
    assert!(!hashes.iter().any(in_clear), "invariant 15");
}

async fn only_a_lead_keeps_scanners_and_only_their_own(city: City) {
    let scanners = &city.service.scanners;
    let (ours, theirs) = (
        lead(&city, "North office").await,
        lead(&city, "South office").await,
    );
    let venue = place(&city, &theirs, "Gym").await;
    let name = "Gate".to_owned();
    let new = |venue| NewScanner {
        name: name.clone(),
        venue,
    };
    let officer = city.officer().await;
    let refused = scanners.make(&officer, new(None)).await;
    assert!(matches!(refused, Err(ServiceError::NotPermitted { .. })));
    let refused = scanners.make(&ours, new(Some(venue))).await;
    assert!(
        matches!(refused, Err(ServiceError::UnknownVenue)),
        "{refused:?}"
    );
    let made = scanners.make(&ours, new(None)).await.unwrap();
    let id = made.pass.scanner();
    let refused = scanners.record_visits(&ours, id, Some(venue)).await;
    assert!(
        matches!(refused, Err(ServiceError::UnknownVenue)),
        "{refused:?}"
    );
    let refused = scanners.record_visits(&theirs, id, Some(venue)).await;
    assert!(
        matches!(refused, Err(ServiceError::UnknownScanner)),
        "{refused:?}"
    );
    let refused = scanners.end(&theirs, id).await;
    assert!(
        matches!(refused, Err(ServiceError::UnknownScanner)),
        "{refused:?}"
    );
    let (listed, venues) = scanners.list(&theirs).await.unwrap();
    assert!(listed.is_empty());
    assert_eq!(venues.len(), 1);
    let nameless = NewScanner {
        name: " ".to_owned(),
        venue: None,
    };
    let refused = scanners.make(&ours, nameless).await;
    assert!(matches!(
        refused,
        Err(ServiceError::BadField { field: "name", .. })
    ));
}

async fn a_visit_of_a_green_code_is_recorded_once_and_its_person_reads_what_was_measured(
    city: City,
) {
    let gate = Gate::open(&city).await;
    let li = city.resident("Li").await;
    let scan = DoorScan {
        temperature: Some("36.8".parse().unwrap()),
        ..gate.scan(&city, shown(&city, &li).await)
    };
    for _ in 0..2 {
        assert_eq!(gate.send(&city, &scan).await, Ok(()));
    }
    let recorded = visits(&city, &li).await;
    assert_eq!(recorded.len(), 1, "{recorded:?}");
    assert_eq!(
        (recorded[0].venue, recorded[0].entered),
        (gate.venue, scan.at)
    );
    let at_doors = city
        .service
        .visits
        .own_at_doors(&li.resident)
        .await
        .unwrap();
    assert_eq!(at_doors.len(), 1);
    let measured = at_doors[0].temperature.map(|measured| measured.to_string());
    assert_eq!(measured.as_deref(), Some("36.8"));
    let current = city.service.visits.current(&li.resident).await.unwrap();
    assert!(current.unwrap().is_by_door);
    // Somebody who checked in elsewhere for longer was not here.
    let wu = city.resident("Wu").await;
    let gym = city.venue("Gym", None).await;
    city.was_at(&wu, gym, 3, 120).await;
    let code = shown(&city, &wu).await;
    let elsewhere = DoorScan {
        at: city.now(),
        ..gate.scan(&city, code)
    };
    assert_eq!(gate.send(&city, &elsewhere).await, Ok(()), "told nothing");
}

async fn a_scanner_without_a_network_sends_for_a_day_what_it_recorded(city: City) {
    let gate = Gate::open(&city).await;
    let (li, wu) = (city.resident("Li").await, city.resident("Wu").await);
    let scan = gate.scan(&city, shown(&city, &li).await);
    let card = city.service.codes.card(&wu.resident).await.unwrap();
    let by_card = gate.scan(&city, card.text.unwrap());
    city.pass(MINUTE * 5);
    // It turned red meanwhile; it was green when they were let in.
    city.submit(city.health.submitter(), &wu, city.contact(30))
        .await;
    city.pass(hours(23));
    city.service.codes.forget_ended().await.unwrap();
    assert_eq!(gate.send(&city, &scan).await, Ok(()));
    assert_eq!(gate.send(&city, &by_card).await, Ok(()));
    for who in [&li, &wu] {
        assert_eq!(visits(&city, who).await.len(), 1, "{}", who.name);
    }
    let chen = city.resident("Chen").await;
    let late = gate.scan(&city, shown(&city, &chen).await);
    // The lead moves the scanner: what waits on it is taken for a day.
    let elsewhere = place(&city, &gate.lead, "Theatre").await;
    let id = gate.pass.scanner();
    let lead = city.fresh(gate.lead.id()).await;
    let scanners = &city.service.scanners;
    let moved = scanners.record_visits(&lead, id, Some(elsewhere));
    moved.await.unwrap();
    city.pass(hours(1));
    assert_eq!(gate.send(&city, &late).await, Ok(()));
    let other = DoorScan {
        request: city.key(),
        ..late.clone()
    };
    city.pass(hours(24));
    assert_eq!(gate.send(&city, &other).await, Err("other-venue"));
    let other = DoorScan {
        venue: elsewhere,
        ..other
    };
    assert_eq!(gate.send(&city, &other).await, Err("too-old"));
    let lead = city.fresh(gate.lead.id()).await;
    let off = city.service.scanners.record_visits(&lead, id, None);
    off.await.unwrap();
    let still = DoorScan {
        at: city.now(),
        ..other
    };
    assert_eq!(gate.send(&city, &still).await, Err("expired"));
}

async fn what_no_gate_saw_is_not_recorded(city: City) {
    let gate = Gate::open(&city).await;
    let li = city.resident("Li").await;
    let code = shown(&city, &li).await;
    let scan = gate.scan(&city, code.clone());
    let with = |change: &dyn Fn(&mut DoorScan)| {
        let mut other = scan.clone();
        change(&mut other);
        other
    };
    let before = with(&|scan| scan.at -= hours(1));
    assert_eq!(gate.send(&city, &before).await, Err("not-yet-valid"));
    let ahead = with(&|scan| scan.at += hours(1));
    assert_eq!(gate.send(&city, &ahead).await, Err("ahead"));
    let forged = with(&|scan| scan.code.replace_range(20..21, ""));
    assert!(gate.send(&city, &forged).await.is_err());
    let gym = place(&city, &gate.lead, "Gym").await;
    let elsewhere = with(&|scan| scan.venue = gym);
    assert_eq!(gate.send(&city, &elsewhere).await, Err("other-venue"));
    let later = with(&|scan| scan.at += MINUTE * 4);
    city.pass(MINUTE * 4);
    assert_eq!(gate.send(&city, &later).await, Err("shown-too-long-ago"));
    city.submit(city.health.submitter(), &li, city.contact(30))
        .await;
    let red = gate.scan(&city, shown(&city, &li).await);
    assert_eq!(gate.send(&city, &red).await, Err("not-green"));
    assert_eq!(visits(&city, &li).await, []);
    assert_eq!(gate.send(&city, &scan).await, Ok(()), "the true one");
}

async fn invariant_12_no_measurement_changes_a_colour_and_it_goes_with_its_visit(city: City) {
    let gate = Gate::open(&city).await;
    let li = city.resident("Li").await;
    let before = city.status(&li).await;
    let scan = DoorScan {
        temperature: Some("41.5".parse().unwrap()),
        ..gate.scan(&city, shown(&city, &li).await)
    };
    assert_eq!(gate.send(&city, &scan).await, Ok(()));
    assert_eq!(city.status(&li).await, before);
    let facts = city
        .service
        .evidence
        .own_evidence_of(&li.resident)
        .await
        .unwrap();
    assert!(
        !format!("{facts:?}").contains("Temperature(415)"),
        "no evidence holds it"
    );
    let said = "SELECT visit_id FROM door_visit";
    assert_eq!(city.base.bytes(said).await.len(), 1);
    city.pass(hours(24 * 60));
    crate::ends::forget(&city).await;
    assert_eq!(visits(&city, &li).await, []);
    assert_eq!(city.base.bytes(said).await.len(), 0);
}

async fn a_visit_that_a_gate_recorded_is_traced_and_not_taken_back(city: City) {
    let gate = Gate::open(&city).await;
    let (li, wu) = (city.resident("Li").await, city.resident("Wu").await);
    let mut codes = Vec::new();
    for who in [&li, &wu] {
        codes.push(DoorScan {
            temperature: Some("37.6".parse().unwrap()),
            ..gate.scan(&city, shown(&city, who).await)
        });
    }
    city.pass(hours(2));
    city.confirm(&li).await;
    city.service.tracing.run_traces().await.unwrap();
    let before = city
        .report(&wu)
        .await
        .explanation
        .verdict
        .restrictions
        .len();
    for scan in &codes {
        assert_eq!(gate.send(&city, scan).await, Ok(()));
    }
    let visit = visits(&city, &wu).await[0].id;
    let back = city.service.visits.take_back(&wu.resident, visit).await;
    assert!(matches!(back, Err(ServiceError::UnknownVisit)), "{back:?}");
    // Where a case was says a device alone: nobody is a contact before a tracer has looked.
    city.service.tracing.run_traces().await.unwrap();
    let contacts = "SELECT contact_id FROM trace_contact";
    assert_eq!(city.base.bytes(contacts).await.len(), 0);
    let tracer = city.fresh(city.health.id()).await;
    let tracing = &city.service.tracing;
    let waiting = tracing.waiting(&tracer, li.id()).await.unwrap();
    assert_eq!(waiting.visits.len(), 1);
    let taken = tracing.take_in(&tracer, li.id(), &waiting.state).await;
    taken.unwrap();
    tracing.run_traces().await.unwrap();
    let contacts = city.base.bytes(contacts).await;
    assert_eq!(contacts, [wu.id().to_bytes().to_vec()], "{before}");
    // What waited is of the gate still: its office answers for it, and the person reads what was measured.
    let at_doors = city.service.visits.own_at_doors(&li.resident);
    let at_doors = at_doors.await.unwrap();
    assert_eq!(at_doors.len(), 1);
    assert_eq!(at_doors[0].scanner, gate.pass.scanner());
    let measured = at_doors[0].temperature.map(|measured| measured.to_string());
    assert_eq!(measured.as_deref(), Some("37.6"));
    let evidence = city.service.evidence.own_evidence_of(&li.resident);
    let evidence = evidence.await.unwrap();
    let visit = evidence.iter().find(|one| one.id == at_doors[0].visit);
    assert_eq!(visit.unwrap().authority, gate.lead.authority().id);
}

async fn what_a_gate_saw_is_of_whom_somebody_was_proven_to_be(city: City) {
    let gate = Gate::open(&city).await;
    let li = city.resident("Li").await;
    let scan = |temperature: &str, scan| DoorScan {
        temperature: Some(temperature.parse().unwrap()),
        ..scan
    };
    let before = scan("37.9", gate.scan(&city, shown(&city, &li).await));
    assert_eq!(gate.send(&city, &before).await, Ok(()));
    city.pass(hours(1));
    let waits = scan("36.5", gate.scan(&city, shown(&city, &li).await));
    crate::accounts::see(&city, &li, false).await.unwrap();
    let proven = crate::accounts::again(&city, &li).await;
    assert_ne!(proven.id(), li.id());
    assert_eq!(gate.send(&city, &waits).await, Ok(()));
    assert_eq!(visits(&city, &proven).await.len(), 2);
    let measured = "SELECT person_id FROM door_visit";
    let measured = city.base.bytes(measured).await;
    let theirs = measured.iter().filter(|id| **id == proven.id().to_bytes());
    assert_eq!(theirs.count(), 2, "{measured:?}");
}

/// What keeping a scanner leaves in the log.
pub async fn keeping(city: &City) -> &'static [Did] {
    let gate = Gate::open(city).await;
    let scanners = &city.service.scanners;
    let id = gate.pass.scanner();
    scanners.record_visits(&gate.lead, id, None).await.unwrap();
    scanners.end(&gate.lead, id).await.unwrap();
    &[
        Did::ScannerMade,
        Did::ScannerEnrolled,
        Did::ScannerSwitched,
        Did::ScannerEnded,
    ]
}
