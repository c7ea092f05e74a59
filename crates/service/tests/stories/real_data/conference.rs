//! A real conference: its participants' presence as scans of a venue's sign, one of them a confirmed
//! case, rings 1 and 2, contact evidence, verdicts; and how many of the contacts had really met.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::sync::Arc;

use domain::{Document, DocumentKind, Fact, Identity, Pii, RequestKey, Timestamp, VenueId};
use engine::trace::{Case, Search, Visit, Visits};
use flate2::read::GzDecoder;
use service::{CaseReport, RegistrationRequest, Scan, SessionKind, Subject, TRACER_AUTHORITY};

use super::{hangzhou, on_both_databases, real, record, say};
use crate::base::Base;
use crate::city::{City, GREEN, Persona, RED, at, well};

/// A line of the data stands for so many seconds of contact, up to its time.
const STEP: i64 = 20;
/// Nobody seen with anybody for so long has left the hall.
const GONE_AFTER: i64 = 30 * 60;
const DAY: i64 = 86_400;
/// The conference is moved to these days.
const FIRST_MIDNIGHT: &str = "2020-02-18T00:00:00+08:00";

/// A participant's stay in the hall, in seconds of the data.
type Stay = (i64, i64);

struct Conference {
    stays: BTreeMap<u32, Vec<Stay>>,
    /// Pairs who were face to face for 15 minutes or more in all.
    met: BTreeSet<(u32, u32)>,
}

impl Conference {
    fn read(path: &Path) -> Self {
        let mut seen = BTreeMap::<u32, BTreeSet<i64>>::new();
        let mut together = BTreeMap::<(u32, u32), i64>::new();
        for line in BufReader::new(GzDecoder::new(File::open(path).unwrap())).lines() {
            let numbers: Vec<i64> = line
                .unwrap()
                .split_whitespace()
                .map(|word| word.parse().unwrap())
                .collect();
            let [time, i, j] = numbers[..] else {
                panic!("{numbers:?}")
            };
            let (i, j) = (i as u32, j as u32);
            seen.entry(i).or_default().insert(time);
            seen.entry(j).or_default().insert(time);
            *together.entry((i.min(j), i.max(j))).or_default() += STEP;
        }
        let long = together
            .into_iter()
            .filter(|(_, seconds)| *seconds >= 15 * 60);
        Self {
            met: long.map(|(pair, _)| pair).collect(),
            stays: seen
                .into_iter()
                .map(|(who, times)| (who, stays(&times)))
                .collect(),
        }
    }

    fn met_long(&self, person: u32) -> BTreeSet<u32> {
        let pairs = self.met.iter().copied();
        let of = pairs.filter(|(a, b)| *a == person || *b == person);
        of.map(|(a, b)| if a == person { b } else { a }).collect()
    }

    /// The participant who met most people.
    fn busiest(&self) -> u32 {
        let people = self.stays.keys().copied();
        people
            .max_by_key(|person| self.met_long(*person).len())
            .unwrap()
    }

    /// Of those who met somebody, the one who was there for the shortest time.
    fn briefest(&self) -> u32 {
        let who_met = self
            .stays
            .iter()
            .filter(|(person, _)| !self.met_long(**person).is_empty());
        let time = |stays: &[Stay]| stays.iter().map(|(from, until)| until - from).sum::<i64>();
        let briefest = who_met.min_by_key(|(_, stays)| time(stays));
        *briefest.unwrap().0
    }
}

/// A person is in the hall from their first contact to their last, on each day, unless they have none
/// for [`GONE_AFTER`].
fn stays(times: &BTreeSet<i64>) -> Vec<Stay> {
    let times: Vec<i64> = times.iter().copied().collect();
    let together = times.chunk_by(|a, b| b - a - STEP <= GONE_AFTER && a / DAY == b / DAY);
    together
        .map(|stay| (stay[0] - STEP, stay[stay.len() - 1]))
        .collect()
}

fn timestamp(second: i64) -> Timestamp {
    Timestamp::from_second(at(FIRST_MIDNIGHT).as_second() + second).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_met_most_people_has_equal_contacts_and_verdicts_on_both_databases() {
    let Some(conference) = conference() else {
        return;
    };
    let case = conference.busiest();
    assert_eq!(conference.met_long(case).len(), 14);
    let lines = on_both_databases(async |base| story(base, &conference, case).await).await;
    assert!(lines.len() > 1000, "{}", lines.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_was_there_briefly_has_an_equal_second_ring_on_both_databases() {
    let Some(conference) = conference() else {
        return;
    };
    let case = conference.briefest();
    let lines = on_both_databases(async |base| story(base, &conference, case).await).await;
    let second = |line: &&String| line.contains("ring: Ring(2)");
    assert!(lines.iter().filter(second).count() > 100);
}

fn conference() -> Option<Conference> {
    let conference = Conference::read(&real("sfhh/SFHH_tij.dat.gz")?);
    assert_eq!((conference.stays.len(), conference.met.len()), (403, 279));
    Some(conference)
}

async fn story(base: Arc<Base>, conference: &Conference, case: u32) -> Vec<String> {
    let city = hangzhou(base).await;
    let hall = city.venue("Conference hall", None).await;
    city.clock.set(timestamp(2 * DAY + DAY / 2));
    let mut people = BTreeMap::new();
    for (number, stays) in &conference.stays {
        let who = participant(&city, *number).await;
        upload(&city, &who, hall, stays).await;
        people.insert(*number, who);
    }
    let report = CaseReport {
        request: None,
        subject: Subject::Person(people[&case].id()),
        found_at: Some(city.now()),
        onset: Some(timestamp(2 * DAY)),
        is_asymptomatic: false,
    };
    let confirmed = city
        .service
        .tracing
        .confirm_case(&city.officer().await, report)
        .await;
    let confirmed = confirmed.unwrap();
    let summary = city.service.tracing.run_traces().await.unwrap();

    let mut lines = vec![format!("{confirmed:?} {summary:?}")];
    let mut rings = BTreeMap::<u8, BTreeSet<u32>>::new();
    let mut advised = 0;
    for (number, who) in &people {
        let name = number.to_string();
        lines.extend(record(&city, &name, who.id(), who).await);
        if let Some(ring) = ring_of(&city, who).await {
            rings.entry(ring).or_default().insert(*number);
        }
        let verdict = city.report(who).await.explanation.verdict;
        advised += usize::from(!verdict.advice.is_empty());
        // Having been in the same hall is advice under the Hangzhou policy.
        let expected = if *number == case { RED } else { GREEN };
        assert_eq!(verdict.status, expected, "{number}");
    }
    assert_eq!(
        rings,
        in_files(conference, case, confirmed.from),
        "as without a database"
    );
    let one = rings.get(&1).cloned().unwrap_or_default();
    let two = rings.get(&2).cloned().unwrap_or_default();
    assert_eq!(advised, one.len());
    assert_eq!(summary.contacts as usize, one.len() + two.len());

    let met = conference.met_long(case);
    let right = one.intersection(&met).count();
    let line = format!(
        "conference, participant {case} as the case: ring 1 has {}, ring 2 has {}; of {} whom they \
         met for 15 minutes {right} are in ring 1: recall {:.1} %, precision {:.2} %; {advised} advised, \
         nobody restricted but the case",
        one.len(),
        two.len(),
        met.len(),
        100.0 * right as f64 / met.len() as f64,
        100.0 * right as f64 / one.len() as f64,
    );
    say(&line);
    assert_eq!(right, met.len(), "nobody who was met is missed");
    assert!(!one.contains(&case) && one.is_disjoint(&two));
    lines.push(line);
    lines
}

async fn participant(city: &City, number: u32) -> Persona {
    let request = RegistrationRequest {
        request: RequestKey::from_u128(number.into()),
        identity: Identity {
            name: Pii::new(format!("Participant {number}")),
            document: Document::new(DocumentKind::Other, &format!("SFHH{number:04}")).unwrap(),
            phones: Vec::new(),
        },
        declaration: Some(well()),
        stays: Vec::new(),
        session: SessionKind::Api,
        label: None,
    };
    let document = request.identity.document.clone();
    let registered = city.service.people.register(request).await.unwrap();
    let resident = city
        .service
        .access
        .resident(&registered.token)
        .await
        .unwrap();
    Persona {
        name: "a participant",
        token: registered.token,
        resident,
        document,
    }
}

async fn upload(city: &City, who: &Persona, hall: VenueId, stays: &[Stay]) {
    let scans: Vec<Scan> = stays
        .iter()
        .map(|(entered, left)| Scan {
            sign: None,
            id: city.key(),
            venue: hall,
            entered: timestamp(*entered),
            left: Some(timestamp(*left)),
        })
        .collect();
    let receipt = city
        .service
        .visits
        .upload_scans(&who.resident, &scans)
        .await;
    assert_eq!(receipt.unwrap().accepted.len(), scans.len());
}

/// In which ring tracing put somebody.
async fn ring_of(city: &City, who: &Persona) -> Option<u8> {
    let evidence = city
        .service
        .evidence
        .own_evidence_of(&who.resident)
        .await
        .unwrap();
    let contacts: Vec<u8> = evidence
        .iter()
        .filter_map(|piece| match piece.fact {
            Fact::Contact { ring, .. } if piece.authority == TRACER_AUTHORITY => Some(ring.get()),
            _ => None,
        })
        .collect();
    assert!(contacts.len() <= 1, "{contacts:?}");
    contacts.first().copied()
}

/// The rings as the engine finds them in files.
fn in_files(conference: &Conference, case: u32, from: Timestamp) -> BTreeMap<u8, BTreeSet<u32>> {
    let visits = conference.stays.iter().flat_map(|(person, stays)| {
        stays.iter().map(|(entered, left)| Visit {
            person: *person,
            venue: "hall",
            entered: timestamp(*entered),
            left: Some(timestamp(*left)),
        })
    });
    let case = Case {
        person: case,
        from,
        until: timestamp(2 * DAY + DAY / 2),
    };
    let search = Search {
        minutes: 15,
        rings: 2,
        by_day: None,
    };
    let mut rings = BTreeMap::<u8, BTreeSet<u32>>::new();
    for contact in Visits::new(visits).trace(&[case], &search) {
        rings
            .entry(contact.ring)
            .or_default()
            .insert(contact.person);
    }
    rings
}
