//! Whom an officer sees in a list is whom they see alone, whatever is known of people: the statements of the lists
//! share one rule, and the room that is asked about one person has another wording of it.

use std::collections::BTreeSet;

use domain::evidence::{OpenPeriod, Relation, Ring, StayMode, StaySource};
use domain::{
    AppealId, AuthorityId, AuthorityKind, ContradictionId, Evidence, EvidenceId, Fact, PersonId,
    Region, VenueId,
};
use service::{
    CasesWaiting, QueueAsked, SELF_AUTHORITY, ServiceError, Staff, TRACER_AUTHORITY, Visit,
};
use store::appeals::{self, AppealRecord, SealedWith};
use store::contradictions::{self, ContradictionRecord};
use store::held_visits::{self, HeldVisit};
use store::{Store, StoreError, evidence, people};

use crate::city::{City, Seeded, hours};
use crate::offices::OFFICER;

crate::stories! {
    whom_an_officer_sees_alone_is_whom_they_see_in_every_list
}

/// Fewer than a page holds.
const PEOPLE: usize = 48;
/// Regions inside, around and beside each other, and another country.
const REGIONS: [&str; 9] = [
    "CN",
    "33",
    "3301",
    "330106",
    "330106001",
    "330102",
    "4201",
    "420106",
    "DE",
];

async fn whom_an_officer_sees_alone_is_whom_they_see_in_every_list(city: City) {
    let mut officers = Vec::new();
    for code in ["330106", "330106001", "330102", "33", "4201", "CN"] {
        let name = format!("Commission of {code}");
        let office = city.office_in(AuthorityKind::Health, &name, region(code));
        officers.push(city.hire(&office.await, "Dr Wu", &OFFICER).await);
    }
    let offices: Vec<AuthorityId> = officers.iter().map(|one| one.authority().id).collect();
    let everybody = filled(&city, &offices).await;
    let mut told_apart = 0;
    for officer in &officers {
        let mut alone = BTreeSet::new();
        for person in &everybody {
            match city.service.tracing.waiting(officer, *person).await {
                Ok(_) => drop(alone.insert(*person)),
                Err(ServiceError::UnknownPerson) => {}
                Err(error) => panic!("{error:?}"),
            }
        }
        told_apart += usize::from((1..PEOPLE).contains(&alone.len()));
        for (list, found) in lists(&city, officer, None).await {
            assert_eq!(found, alone, "{list} of {}", officer.authority().name);
        }
        let waiting = city.service.desk.waiting(officer).await.unwrap();
        let counts = (
            waiting.appeals.map(|found| found.count),
            waiting.contradictions.map(|found| found.count),
            waiting.cases,
        );
        let count = Some(alone.len());
        assert_eq!(counts, (count, count, count));
        for only in REGIONS {
            let narrowed = lists(&city, officer, Some(region(only))).await;
            let [(_, first), rest @ ..] = narrowed;
            assert!(first.is_subset(&alone), "{only} shows nobody else");
            for (list, found) in rest {
                assert_eq!(found, first, "{list} narrowed to {only}");
            }
        }
    }
    assert!(told_apart >= 4, "most officers see some and not all");
}

/// Whom each list names.
async fn lists(
    city: &City,
    by: &Staff,
    region: Option<Region>,
) -> [(&'static str, BTreeSet<PersonId>); 3] {
    let asked = QueueAsked {
        region,
        ..QueueAsked::default()
    };
    let appeals = city.service.appeals.page(by, &asked).await.unwrap();
    let asked = QueueAsked {
        region,
        ..QueueAsked::default()
    };
    let contradictions = city.service.contradictions.page(by, &asked).await.unwrap();
    let asked = CasesWaiting {
        region,
        after: None,
    };
    let cases = city.service.tracing.waiting_cases(by, &asked).await;
    let (appeals, contradictions) = (appeals.lines.iter(), contradictions.lines.iter());
    [
        ("appeals", appeals.map(|one| one.person).collect()),
        (
            "contradictions",
            contradictions.map(|one| one.person).collect(),
        ),
        (
            "cases",
            cases.unwrap().lines.iter().map(|one| one.person).collect(),
        ),
    ]
}

/// People of whom somebody, or nobody, said something; of each an appeal, a contradiction and a visit wait.
async fn filled(city: &City, offices: &[AuthorityId]) -> Vec<PersonId> {
    let mut chance = Chance(20_200_220);
    let mut pieces = Vec::new();
    let everybody: Vec<PersonId> = (0..PEOPLE)
        .map(|_| PersonId::generate(&*city.ids))
        .collect();
    for person in &everybody {
        for _ in 0..chance.below(4) {
            let mut authorities =
                vec![SELF_AUTHORITY, TRACER_AUTHORITY, city.health.authority().id];
            authorities.extend(offices);
            let authority = authorities[chance.below(authorities.len())];
            let begin = city.ago([48, 24 * 20, 24 * 300][chance.below(3)]);
            let end = (chance.below(3) > 0).then(|| begin + hours(24));
            let fact = match chance.below(3) {
                0 => Fact::contact(
                    None,
                    Relation::Venue,
                    Ring::FIRST,
                    domain::evidence::Period::new(begin, begin + hours(1)).unwrap(),
                    Some(30),
                ),
                _ => Fact::stay(
                    region(REGIONS[chance.below(REGIONS.len())]),
                    OpenPeriod::new(begin, end).unwrap(),
                    StayMode::Stay,
                    StaySource::Hotel,
                ),
            };
            let said = Evidence {
                id: EvidenceId::generate(&*city.ids),
                person: *person,
                authority,
                recorded_at: city.now(),
                fact,
            };
            if chance.below(5) == 0 {
                pieces.push(Evidence {
                    id: EvidenceId::generate(&*city.ids),
                    fact: Fact::withdrawal(said.id, city.now()),
                    ..said.clone()
                });
            }
            pieces.push(said);
        }
    }
    let seal = SealedWith { key: 0, month: 0 };
    let appeal = |person: &PersonId| AppealRecord {
        person: *person,
        id: AppealId::generate(&*city.ids),
        filed_at: city.now(),
        answer_by: city.now(),
        seal,
        said: vec![0; 20],
        file_form: None,
        reminded_at: None,
        escalated_at: None,
        answer: None,
    };
    let contradiction = |person: &PersonId| ContradictionRecord {
        person: *person,
        id: ContradictionId::generate(&*city.ids),
        about: "stay".to_owned(),
        declared: EvidenceId::generate(&*city.ids),
        recorded: EvidenceId::generate(&*city.ids),
        found_at: city.now(),
        hear_by: city.now(),
        seal,
        said: None,
        settled: None,
        told_at: None,
    };
    let visit = |person: &PersonId| Visit {
        id: EvidenceId::generate(&*city.ids),
        person: *person,
        venue: VenueId::generate(&*city.ids),
        category: None,
        entered: city.ago(2),
        left: None,
    };
    let written = (
        everybody.clone(),
        pieces,
        everybody.iter().map(appeal).collect::<Vec<_>>(),
        everybody.iter().map(contradiction).collect::<Vec<_>>(),
        everybody.iter().map(visit).collect::<Vec<_>>(),
    );
    let store = Store::open(&city.base.url, &Seeded::new(7)).await.unwrap();
    let filled = store.transaction("fill.sight", written, |tx, written| {
        Box::pin(async move {
            let (everybody, pieces, filed, found, held) = written;
            people::touch(tx, everybody.iter().copied()).await?;
            evidence::add(tx, &pieces.iter().collect::<Vec<_>>()).await?;
            for one in filed.iter() {
                appeals::add(tx, one, &[], None).await?;
            }
            contradictions::add(tx, found).await?;
            let at = found[0].found_at;
            let held = held.iter().cloned().map(|visit| HeldVisit {
                visit,
                held_at: at,
                gate: None,
            });
            held_visits::put(tx, &held.collect::<Vec<_>>()).await?;
            Ok::<_, StoreError>(())
        })
    });
    filled.await.unwrap();
    everybody
}

fn region(code: &str) -> Region {
    code.parse().unwrap()
}

/// The same numbers each time, which look like chance.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) as usize % most
    }
}
