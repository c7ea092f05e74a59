//! Scanners, whom they let in, and whose a place in a status list was.

use domain::{AuthorityId, DeviceId, EvidenceId, PersonId, ScannerId, StaffId, Timestamp, VenueId};
use store::door_visits::{self, DoorVisit};
use store::retention::{self, OldVisit};
use store::scanners::{self, ScannerEnrolment, ScannerRecord};
use store::venues::{self, VenuesAsked};
use store::{Result, StatusIndex, Venue, status_indexes};

use crate::record::{Record, verbs};
use crate::sample::{LI, WU, at, newcomer};

verbs! {
    transaction add_scanner(tx, scanner: ScannerRecord) -> () = scanners::add(tx, scanner);
    read scanner(tx, id: ScannerId) -> Option<ScannerRecord> = scanners::find(tx, *id);
    read scanners_of(tx, authority: AuthorityId, now: Timestamp) -> Vec<ScannerRecord> =
        scanners::of(tx, *authority, *now, 10);
    transaction enrol_scanner(tx, enrolment: ScannerEnrolment) -> bool =
        scanners::enrol(tx, enrolment);
    transaction end_scanner(tx, id: ScannerId, now: Timestamp) -> bool =
        scanners::end(tx, *id, *now);
    transaction record_for(tx, id: ScannerId, venue: Option<VenueId>, now: Timestamp) -> () =
        scanners::record_visits(tx, *id, *venue, *now);
    read is_any_recording(tx, since: Timestamp) -> bool = scanners::is_any_recording(tx, *since);
    transaction add_door_visits(tx, visits: Vec<DoorVisit>) -> () = door_visits::add(tx, visits);
    read door_visits(tx, person: PersonId) -> Vec<DoorVisit> = door_visits::of(tx, *person);
    transaction forget_old_visits(tx, visits: Vec<OldVisit>) -> u64 =
        retention::forget_visits(tx, visits);
    read holder(tx, list: u32, index: u32) -> Option<StatusIndex> =
        status_indexes::find(tx, *list, *index);
    read venues_of(tx, authority: AuthorityId, asked: VenuesAsked, limit: u32) -> Vec<Venue> =
        venues::of_authority(tx, *authority, asked, *limit);
}

const OFFICE: AuthorityId = AuthorityId::from_u128(9);
const LIBRARY: VenueId = VenueId::from_u128(0x300);
const THEATRE: VenueId = VenueId::from_u128(0x400);

fn scanner(id: u128, venue: Option<VenueId>) -> ScannerRecord {
    ScannerRecord {
        id: ScannerId::from_u128(id),
        authority: OFFICE,
        name: "North gate".to_owned(),
        made_by: StaffId::from_u128(3),
        created_at: at(0, 9),
        enrolled_at: None,
        ends_at: at(0, 10),
        ended_at: None,
        venue,
        venue_before: None,
        venue_changed_at: None,
        enrolment_hash: [1; 32],
        token_hash: None,
    }
}

pub async fn a_scanner_is_enrolled_once_in_time_and_lasts_until_it_is_ended(store: &Record) {
    let (gate, late) = (scanner(1, None), scanner(2, Some(LIBRARY)));
    store.add_scanner(gate.clone()).await.unwrap();
    store.add_scanner(late.clone()).await.unwrap();
    assert_eq!(store.scanner(gate.id).await, Ok(Some(gate.clone())));
    let enrolment = ScannerEnrolment {
        scanner: gate.id,
        enrolment_hash: [1; 32],
        token_hash: [2; 32],
        at: at(0, 9),
        ends_at: at(9, 0),
    };
    let wrong = ScannerEnrolment {
        enrolment_hash: [7; 32],
        ..enrolment
    };
    for (asked, expected) in [(wrong, false), (enrolment, true), (enrolment, false)] {
        assert_eq!(store.enrol_scanner(asked).await, Ok(expected));
    }
    let too_late = ScannerEnrolment {
        scanner: late.id,
        at: at(0, 10),
        ..enrolment
    };
    assert_eq!(store.enrol_scanner(too_late).await, Ok(false));
    let lasting = store.scanners_of(OFFICE, at(0, 11)).await.unwrap();
    let ids: Vec<ScannerId> = lasting.iter().map(|one| one.id).collect();
    assert_eq!(ids, [gate.id]);
    assert_eq!(lasting[0].token_hash, Some([2; 32]));
    assert_eq!(
        store.is_any_recording(at(0, 11)).await,
        Ok(false),
        "one is late"
    );
    for venue in [Some(LIBRARY), Some(THEATRE), Some(THEATRE), None] {
        store.record_for(gate.id, venue, at(1, 0)).await.unwrap();
    }
    let found = store.scanner(gate.id).await.unwrap().unwrap();
    assert_eq!((found.venue, found.venue_before), (None, Some(THEATRE)));
    assert_eq!(store.is_any_recording(at(0, 23)).await, Ok(true), "lately");
    assert_eq!(store.is_any_recording(at(1, 1)).await, Ok(false));
    for expected in [true, false] {
        assert_eq!(store.end_scanner(gate.id, at(2, 0)).await, Ok(expected));
    }
    assert_eq!(store.scanners_of(OFFICE, at(2, 1)).await, Ok(Vec::new()));
}

pub async fn what_a_gate_measured_stays_as_it_was_and_goes_with_the_visit(store: &Record) {
    let visit = |person, degrees: Option<&str>| DoorVisit {
        person,
        visit: EvidenceId::from_u128(5),
        scanner: ScannerId::from_u128(1),
        temperature: degrees.map(|text| text.parse().unwrap()),
    };
    let (li, wu) = (visit(LI, Some("36.8")), visit(WU, None));
    let again = visit(LI, Some("39.9"));
    store.add_door_visits(vec![li, wu]).await.unwrap();
    store.add_door_visits(vec![again]).await.unwrap();
    assert_eq!(store.door_visits(LI).await, Ok(vec![li]));
    // Nothing was measured of Wu before; what was, and by whom, is not forgotten.
    let measured = DoorVisit {
        scanner: ScannerId::from_u128(2),
        ..visit(WU, Some("37.2"))
    };
    for later in [measured, wu] {
        store.add_door_visits(vec![later]).await.unwrap();
        assert_eq!(store.door_visits(WU).await, Ok(vec![measured]));
    }
    let old = OldVisit {
        person: LI,
        id: li.visit,
        venue: LIBRARY,
        entered: at(0, 9),
    };
    store.forget_old_visits(vec![old]).await.unwrap();
    assert_eq!(store.door_visits(LI).await, Ok(Vec::new()));
    assert_eq!(store.door_visits(WU).await, Ok(vec![measured]));
}

pub async fn whose_a_place_is_and_the_venues_of_an_office_are_found(store: &Record) {
    store.register(newcomer(LI, 0)).await.unwrap();
    let place = StatusIndex {
        person: LI,
        device: Some(DeviceId::from_u128(1)),
        list: 0,
        index: 77,
        claimed_at: at(0, 9),
        expires_at: at(1, 0),
    };
    store.claim_index(place.clone()).await.unwrap();
    assert_eq!(store.holder(0, 77).await, Ok(Some(place)));
    assert_eq!(store.holder(0, 78).await, Ok(None));
    store.forget_indexes(at(1, 1), 10).await.unwrap();
    assert_eq!(store.holder(0, 77).await, Ok(None));
    for (id, name, authority) in [
        (THEATRE, "Theatre", Some(OFFICE)),
        (LIBRARY, "Library", Some(OFFICE)),
        (VenueId::from_u128(0x500), "Gym", None),
    ] {
        let venue = Venue {
            id,
            name: name.to_owned(),
            category: None,
            region: None,
            authority,
            sign_number: None,
        };
        store.put_venue(venue).await.unwrap();
    }
    let names = |venues: Vec<Venue>| venues.into_iter().map(|one| one.name).collect::<Vec<_>>();
    let all = store
        .venues_of(OFFICE, VenuesAsked::default(), 10)
        .await
        .unwrap();
    assert_eq!(names(all), ["Library", "Theatre"]);
    assert_eq!(
        names(
            store
                .venues_of(OFFICE, VenuesAsked::default(), 1)
                .await
                .unwrap()
        ),
        ["Library"]
    );
}
