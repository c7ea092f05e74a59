//! Visits held in memory, and the database whenever memory may not be whole.

use domain::{Fact, IdSource, VenueId};
use jiff::SignedDuration;
use service::{CaseReport, Scan, VisitsInMemory};

use crate::cases::{TRACED, afternoon};
use crate::city::{City, Persona, RED, hours};
use crate::late_scans::standing;

crate::stories! {
    memory_and_database_find_the_same_contacts
    a_trace_reads_the_visits_in_memory
    a_visit_that_another_process_takes_is_not_missed
    a_case_that_began_before_what_memory_holds_is_traced_from_the_database
    more_visits_than_may_be_held_are_read_from_the_database
    visits_that_are_too_old_are_forgotten_and_nobody_is_missed
    the_worker_fills_memory_by_itself
}

async fn hold(city: &City) -> VisitsInMemory {
    let held = city.service.hold_visits().await.unwrap();
    assert!(held.is_whole);
    held
}

fn is_whole(city: &City) -> bool {
    city.service.visits_in_memory().is_whole
}

/// The same sequence of numbers in every run.
fn below(city: &City, limit: u64) -> i64 {
    let mut bits = [0; 8];
    city.ids.fill(&mut bits);
    (u64::from_be_bytes(bits) % limit).cast_signed()
}

/// A crowd that goes where chance sends it.
struct Crowd {
    people: Vec<Persona>,
    venues: Vec<VenueId>,
    /// Scans whose end is still to come, with whose they are.
    open: Vec<(usize, Scan)>,
}

impl Crowd {
    async fn gather(city: &City) -> Self {
        let mut people = Vec::new();
        for name in ["An", "Bo", "Cui", "Deng", "En", "Fan", "Gu", "He"] {
            people.push(city.resident(name).await);
        }
        let mut venues = Vec::new();
        for name in ["Mill", "Pier", "Park"] {
            venues.push(city.venue(name, None).await);
        }
        let open = Vec::new();
        Self {
            people,
            venues,
            open,
        }
    }

    fn anybody(&self, city: &City) -> usize {
        below(city, self.people.len() as u64) as usize
    }

    fn anywhere(&self, city: &City) -> VenueId {
        self.venues[below(city, self.venues.len() as u64) as usize]
    }

    async fn upload(&self, city: &City, who: usize, scan: &Scan) {
        let scans = std::slice::from_ref(scan);
        let resident = &self.people[who].resident;
        let receipt = city.service.visits.upload_scans(resident, scans).await.unwrap();
        assert_eq!(receipt.refused, []);
    }

    /// Some scans come in late, some of them without an end, some ends later than their scan, some
    /// twice; and somebody enters or leaves just now.
    async fn bustle(&mut self, city: &City) {
        for _ in 0..24 {
            let who = self.anybody(city);
            let entered = city.now() - SignedDuration::from_mins(below(city, 2 * 24 * 60));
            let stays = SignedDuration::from_mins(below(city, 200));
            let is_over = entered + stays <= city.now();
            let left = (is_over && below(city, 4) > 0).then_some(entered + stays);
            let scan = Scan {
                id: city.key(),
                venue: self.anywhere(city),
                entered,
                left,
            };
            self.upload(city, who, &scan).await;
            match below(city, 4) {
                0 => self.upload(city, who, &scan).await,
                1 => {
                    // The same door twice within one second.
                    let again = Scan {
                        id: city.key(),
                        ..scan.clone()
                    };
                    self.upload(city, who, &again).await;
                }
                _ => {}
            }
            if left.is_none() && is_over {
                let left = Some(entered + stays);
                self.open.push((who, Scan { left, ..scan }));
            }
        }
        while self.open.len() > 3 {
            let (who, scan) = self.open.remove(0);
            self.upload(city, who, &scan).await;
        }
        let (who, venue) = (self.anybody(city), self.anywhere(city));
        let resident = &self.people[who].resident;
        let key = city.key();
        let entered = city.service.visits.check_in(resident, venue, key).await.unwrap();
        city.pass(SignedDuration::from_mins(30));
        if below(city, 2) == 0 {
            let left = city.service.visits.check_out(resident, entered.visit).await;
            assert!(left.unwrap().left.is_some());
        }
        city.pass(SignedDuration::from_mins(20));
    }

    async fn contacts(&self, city: &City) -> Vec<(&'static str, Vec<Fact>)> {
        let mut contacts = Vec::new();
        for who in &self.people {
            let mut facts = standing(city, who).await;
            facts.sort_by_key(|fact| format!("{fact:?}"));
            contacts.push((who.name, facts));
        }
        contacts
    }

    /// Traces, and then has another process trace everything again from the database: it must find
    /// nothing to add and nothing to take back. How many contacts there are.
    async fn is_traced_alike(&self, city: &City) -> usize {
        city.service.tracing.run_traces().await.unwrap();
        let found = self.contacts(city).await;
        let again = "UPDATE trace_job SET finished_at = NULL, contacts = NULL";
        city.base.tamper(again).await;
        let other = city.another_node().await;
        assert!(!other.visits_in_memory().is_whole);
        assert!(other.run_traces().await.unwrap().jobs > 0);
        assert_eq!(self.contacts(city).await, found);
        found.iter().map(|(_, facts)| facts.len()).sum()
    }
}

async fn memory_and_database_find_the_same_contacts(mut city: City) {
    let mut crowd = Crowd::gather(&city).await;
    crowd.bustle(&city).await;
    crowd.bustle(&city).await;
    let held = hold(&city).await;
    assert!(held.visits > 20 && held.bytes > held.visits * 24);
    crowd.bustle(&city).await;
    let first = city.confirm(&crowd.people[0]).await;
    assert!(crowd.is_traced_alike(&city).await > 3);
    for round in 0..4 {
        crowd.bustle(&city).await;
        assert!(is_whole(&city), "{round}");
        if round == 1 {
            city.confirm(&crowd.people[1]).await;
        }
        assert!(crowd.is_traced_alike(&city).await > 3, "{round}");
    }
    assert!(city.service.visits_in_memory().visits > held.visits);

    let health = city.health.official();
    let subject = crowd.people[0].subject();
    city.service
        .evidence
        .withdraw(health, &subject, first)
        .await
        .unwrap();
    crowd.is_traced_alike(&city).await;
    crowd.bustle(&city).await;
    crowd.is_traced_alike(&city).await;
    assert!(is_whole(&city));

    city.crash().await;
    assert!(!is_whole(&city));
    crowd.bustle(&city).await;
    city.confirm(&crowd.people[2]).await;
    assert!(crowd.is_traced_alike(&city).await > 3, "not filled yet");
    hold(&city).await;
    crowd.bustle(&city).await;
    assert!(crowd.is_traced_alike(&city).await > 3);
    assert!(is_whole(&city));
}

async fn a_trace_reads_the_visits_in_memory(city: City) {
    let people = afternoon(&city).await;
    hold(&city).await;
    for table in ["visit_by_venue", "visit_by_person"] {
        city.base.tamper(&format!("DELETE FROM {table}")).await;
    }
    city.confirm(&people.ming).await;
    city.service.tracing.run_traces().await.unwrap();
    assert_eq!(people.statuses(&city).await, TRACED);
}

async fn a_visit_that_another_process_takes_is_not_missed(city: City) {
    let people = afternoon(&city).await;
    hold(&city).await;
    let tao = city.resident("Tao").await;
    let scan = Scan {
        id: city.key(),
        venue: people.teahouse,
        entered: city.ago(26),
        left: Some(city.ago(25)),
    };
    let other = city.another_node().await;
    other.upload_scans(&tao.resident, &[scan]).await.unwrap();
    city.confirm(&people.ming).await;
    city.service.tracing.run_traces().await.unwrap();
    assert_eq!(city.status(&tao).await, RED);
    assert_eq!(people.statuses(&city).await, TRACED);
    assert!(!is_whole(&city));
    assert!(!city.service.is_any_memory_of_visits().await.unwrap());
    hold(&city).await;
    assert!(city.service.is_any_memory_of_visits().await.unwrap());
}

async fn a_case_that_began_before_what_memory_holds_is_traced_from_the_database(city: City) {
    let people = afternoon(&city).await;
    city.pass(hours(21 * 24));
    assert_eq!(hold(&city).await.visits, 0);
    let report = CaseReport {
        request: None,
        subject: people.ming.subject(),
        found_at: city.now(),
        onset: Some(city.ago(21 * 24 + 20)),
        is_asymptomatic: false,
    };
    let by = &city.health;
    city.service.tracing.confirm_case(by, report).await.unwrap();
    let summary = city.service.tracing.run_traces().await.unwrap();
    assert_eq!((summary.jobs, summary.contacts), (1, 2));
    assert!(is_whole(&city));
}

async fn more_visits_than_may_be_held_are_read_from_the_database(city: City) {
    let people = afternoon(&city).await;
    let small =
        |most| move |settings: &mut service::Settings| settings.most_visits_in_memory = most;
    let exact = city.another_node_with(small(6)).await;
    assert!(exact.hold_visits().await.unwrap().is_whole);
    let scan = Scan {
        id: city.key(),
        venue: people.teahouse,
        entered: city.ago(26),
        left: Some(city.ago(25)),
    };
    let tao = city.resident("Tao").await;
    city.service
        .visits
        .upload_scans(&tao.resident, &[scan])
        .await
        .unwrap();
    let held = exact.hold_visits().await.unwrap();
    assert_eq!((held.visits, held.is_whole), (0, false));
    assert!(!exact.is_any_memory_of_visits().await.unwrap());
    city.confirm(&people.ming).await;
    exact.run_traces().await.unwrap();
    assert_eq!(city.status(&tao).await, RED);
    assert_eq!(people.statuses(&city).await, TRACED);
}

async fn visits_that_are_too_old_are_forgotten_and_nobody_is_missed(city: City) {
    let people = afternoon(&city).await;
    let service = city
        .another_node_with(|settings| settings.visit_days_in_memory = 3)
        .await;
    assert_eq!(service.hold_visits().await.unwrap().visits, 6);
    let workers = service.spawn_workers();
    city.pass(hours(2 * 24 + 23));
    // The trace of a case from before finds what is forgotten in the database.
    let forgotten = async {
        while service.visits_in_memory().visits > 0 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    let long = std::time::Duration::from_secs(60);
    tokio::time::timeout(long, forgotten).await.unwrap();
    workers.stop().await;
    assert!(service.visits_in_memory().is_whole);
    let report = CaseReport {
        request: None,
        subject: people.ming.subject(),
        found_at: city.now(),
        onset: Some(city.ago(3 * 24)),
        is_asymptomatic: false,
    };
    service.tracing.confirm_case(&city.health, report).await.unwrap();
    assert_eq!(service.tracing.run_traces().await.unwrap().contacts, 2);
}

async fn the_worker_fills_memory_by_itself(city: City) {
    let people = afternoon(&city).await;
    let workers = city.service.spawn_workers();
    let filled = async {
        while !is_whole(&city) {
            // The worker waits until no other process can be in the middle of a write.
            city.pass(SignedDuration::from_secs(1));
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    let long = std::time::Duration::from_secs(120);
    tokio::time::timeout(long, filled).await.unwrap();
    workers.stop().await;
    assert_eq!(city.service.visits_in_memory().visits, 6);
    let held = city.service.visits_in_memory();
    city.was_at(&people.gao, people.teahouse, 25, 30).await;
    assert_eq!(city.service.visits_in_memory().visits, held.visits + 1);
}
