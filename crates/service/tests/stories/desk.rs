//! What an officer finds on the first page of the desk, and on the pages of its lists.

use std::collections::BTreeSet;

use domain::evidence::{OpenPeriod, StayMode, StaySource};
use domain::{AppealId, AuthorityKind, Fact, PersonId, Region};
use service::{AppealRequest, QueueAsked, ServiceError, Staff};

use crate::city::{City, Persona, hours};
use crate::offices::OFFICER;
use crate::regions::living_in;

crate::stories! {
    an_officer_counts_and_lists_exactly_the_appeals_that_they_may_answer
    a_list_goes_on_page_by_page_and_loses_nothing
    the_columns_of_a_list_are_remembered_for_the_office_and_nobody_else
}

fn region(code: &str) -> Region {
    code.parse().unwrap()
}

fn stay(city: &City, code: &str, days_ago: i64) -> Fact {
    let end = city.ago(days_ago * 24);
    let period = OpenPeriod::new(end - hours(24), Some(end)).unwrap();
    Fact::stay(region(code), period, StayMode::Stay, StaySource::Hotel)
}

/// An appeal against a contact that the city's health office reported.
async fn appeal_of(city: &City, who: &Persona) -> AppealId {
    let by = city.health.submitter();
    let met = city.submit(by, who, city.contact(5)).await;
    let request = AppealRequest {
        request: Some(city.key()),
        against: vec![met],
        why: "I was at home.".to_owned(),
        file: None,
    };
    let filed = city.service.appeals.file(&who.resident, request).await;
    filed.unwrap().id
}

async fn an_officer_counts_and_lists_exactly_the_appeals_that_they_may_answer(city: City) {
    let office = async |name: &'static str, code| {
        let office = city.office_in(AuthorityKind::Health, name, region(code));
        city.hire(&office.await, name, &OFFICER).await
    };
    let west = office("West Commission", "330106").await;
    let street = office("Street Commission", "330106001").await;
    let east = office("East Commission", "330102").await;
    let far = office("Wuhan Commission", "4201").await;

    let mut people = vec![
        living_in(&city, "Li", "330106").await,
        living_in(&city, "Wu", "330102").await,
        // Somewhere in the city, and somewhere in the province.
        living_in(&city, "Chen", "3301").await,
        living_in(&city, "Zhao", "33").await,
        living_in(&city, "Qian", "330106001").await,
        living_in(&city, "Sun", "420106").await,
        // Nobody says where these are.
        city.resident("Zhou").await,
        city.resident("Feng").await,
        city.resident("Shen").await,
        city.resident("Han").await,
    ];
    // What the west says itself gives the west no reach; what the east says does.
    city.submit(west.submitter(), &people[6], stay(&city, "330106", 3))
        .await;
    city.submit(east.submitter(), &people[7], stay(&city, "330106", 3))
        .await;
    // A stay that was taken back, and one from before look-back.
    let wrong = city.submit(east.submitter(), &people[8], stay(&city, "330106", 3));
    let wrong = wrong.await;
    let evidence = &city.service.evidence;
    evidence
        .withdraw(east.submitter(), &people[8].subject(), wrong)
        .await
        .unwrap();
    city.submit(east.submitter(), &people[9], stay(&city, "330106", 300))
        .await;
    let both = living_in(&city, "Yang", "330102").await;
    city.submit(east.submitter(), &both, stay(&city, "330106", 2))
        .await;
    people.push(both);

    let mut appeals = Vec::new();
    for who in &people {
        appeals.push((who.id(), appeal_of(&city, who).await));
    }
    let whole = city.officer_of("Commission of Appeals").await;
    let mut seen = Vec::new();
    for officer in [&whole, &west, &street, &east, &far] {
        let mut may = BTreeSet::new();
        for (person, id) in &appeals {
            let opened = city.service.appeals.to_answer(officer, *person, *id).await;
            match opened {
                Ok(_) => drop(may.insert(*id)),
                Err(ServiceError::UnknownAppeal) => {}
                Err(error) => panic!("{error:?}"),
            }
        }
        let listed = listed(&city, officer, None).await;
        assert_eq!(listed, may, "of {}", officer.authority().name);
        let waiting = city.service.desk.waiting(officer).await.unwrap();
        assert_eq!(waiting.appeals.unwrap().count, may.len());
        seen.push(may.len());
    }
    assert_eq!(seen[0], people.len(), "the city sees everybody");
    let shares_are_told_apart = seen[1..].iter().all(|count| (1..seen[0]).contains(count));
    assert!(shares_are_told_apart, "{seen:?}");

    // A filter shows less of what one may see, and nothing else.
    let id_of = |name: &str| {
        let place = people.iter().position(|who| who.name == name).unwrap();
        appeals[place].1
    };
    let in_the_west = listed(&city, &whole, Some("330106")).await;
    for name in ["Li", "Chen", "Zhao", "Qian", "Zhou", "Feng", "Yang"] {
        assert!(in_the_west.contains(&id_of(name)), "{name}");
    }
    for name in ["Wu", "Sun"] {
        assert!(!in_the_west.contains(&id_of(name)), "{name}");
    }
    let own = listed(&city, &west, Some("330106001")).await;
    assert!(own.contains(&id_of("Qian")) && !own.contains(&id_of("Wu")));
    assert!(own.is_subset(&listed(&city, &west, None).await));
    let elsewhere = listed(&city, &west, Some("330102")).await;
    assert!(elsewhere.is_empty(), "it is not theirs to ask about");
}

async fn listed(city: &City, by: &Staff, only: Option<&str>) -> BTreeSet<AppealId> {
    let asked = QueueAsked {
        region: only.map(region),
        ..QueueAsked::default()
    };
    let page = city.service.appeals.page(by, &asked).await.unwrap();
    page.lines.iter().map(|one| one.id).collect()
}

async fn a_list_goes_on_page_by_page_and_loses_nothing(city: City) {
    let mut filed = BTreeSet::new();
    for number in 0..53 {
        let who = city.resident("Li").await;
        if number == 50 {
            city.pass(hours(30));
        }
        filed.insert(appeal_of(&city, &who).await);
    }
    let officer = city.officer_of("Commission of Appeals").await;
    let page = async |is_due, after| {
        let asked = QueueAsked {
            region: None,
            is_due,
            after,
        };
        city.service.appeals.page(&officer, &asked).await.unwrap()
    };
    let first = page(None, None).await;
    assert_eq!(first.lines.len(), 50);
    let last = page(None, first.next).await;
    assert_eq!((last.lines.len(), last.next), (3, None));
    let all = first.lines.iter().chain(&last.lines).map(|one| one.id);
    assert_eq!(all.collect::<BTreeSet<_>>(), filed);
    let late = page(Some(true), None).await;
    assert_eq!(late.lines.len(), 50);
    assert_eq!(page(Some(true), late.next).await.lines, []);
    let in_time: BTreeSet<PersonId> = page(Some(false), None)
        .await
        .lines
        .iter()
        .map(|one| one.person)
        .collect();
    assert_eq!(in_time.len(), 3);
    let waiting = city.service.desk.waiting(&officer).await.unwrap();
    let appeals = waiting.appeals.unwrap();
    assert_eq!((appeals.count, appeals.is_uncounted()), (53, false));
    assert_eq!(appeals.at, Some(first.lines[0].answer_by));
}

async fn the_columns_of_a_list_are_remembered_for_the_office_and_nobody_else(city: City) {
    let (evidence, kind) = (&city.service.evidence, domain::FactKind::Test);
    let headings = ["Kennung", "Abstrich am", "Befund", ""].map(str::to_owned);
    let fields = ["number", "sampled", "result", ""];
    let officer = &city.health;
    let saved = evidence.saved_columns(officer, kind, &headings).await;
    assert_eq!(saved.unwrap(), None);
    for name in ["", &"long".repeat(30)] {
        let saved = evidence.save_columns(officer, (kind, &headings), name, &fields, None);
        let refused = saved.await.unwrap_err();
        assert!(
            matches!(refused, ServiceError::BadField { field: "name", .. }),
            "{refused:?}"
        );
    }
    let save = async |by: &Staff, name: &str, seen| {
        let saved = evidence.save_columns(by, (kind, &headings), name, &fields, seen);
        saved.await.unwrap()
    };
    assert!(save(officer, "North laboratory", None).await);
    let find = async |by: &Staff, headings: &[String]| {
        let found = evidence.saved_columns(by, kind, headings).await;
        found.unwrap()
    };
    let found = find(officer, &headings).await.unwrap();
    assert_eq!((&*found.name, found.by), ("North laboratory", officer.id()));
    assert_eq!(found.fields, fields);
    assert!(
        !save(officer, "Again", None).await,
        "somebody saved in between"
    );
    let seen = Some((found.saved_at, found.by));
    assert!(save(officer, "North laboratory", seen).await);
    let others = city.officer_of("Another Commission").await;
    assert_eq!(find(&others, &headings).await, None);
    let other = ["Kennung Abstrich", "am", "Befund", ""].map(str::to_owned);
    assert_eq!(find(officer, &other).await, None, "other headings");
    assert!(save(&others, "Lab", None).await);
    let lists = evidence.saved_lists(officer).await.unwrap();
    let [list] = &lists[..] else {
        panic!("theirs alone: {lists:?}");
    };
    assert_eq!((list.kind, &*list.columns.name), (kind, "North laboratory"));
    assert_eq!(list.columns.fields, fields);
    let theirs = Some((list.columns.saved_at, list.columns.by));
    let forget = async |by: &Staff, seen| {
        let done = evidence.forget_list(by, kind, list.headings, seen).await;
        done.unwrap()
    };
    assert!(!forget(officer, None).await, "what was not looked at stays");
    evidence
        .forget_columns(&others, kind, &headings)
        .await
        .unwrap();
    assert_eq!(find(&others, &headings).await, None);
    assert!(!forget(&others, theirs).await, "it is another office's");
    assert!(find(officer, &headings).await.is_some());
    assert!(forget(officer, theirs).await);
    assert!(!forget(officer, theirs).await, "once");
    assert_eq!(find(officer, &headings).await, None);
    assert_eq!(evidence.saved_lists(officer).await.unwrap(), []);
}
