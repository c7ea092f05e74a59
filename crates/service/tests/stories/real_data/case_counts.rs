//! Real case counts of February and March 2020 become region levels, and people who stayed in those
//! regions get verdicts.

use std::path::Path;
use std::sync::Arc;

use domain::evidence::{OpenPeriod, StayMode, StaySource};
use domain::{AuthorityKind, Fact, Level, RegionLevel};
use jiff::civil::date;
use service::Publisher;
use tables::files::ReadOptions;
use tables::risk::CaseCounts;

use super::{hangzhou, on_both_databases, real, record, say, shown};
use crate::base::Base;
use crate::city::{City, at, well};

const DAYS: [&str; 2] = ["2020-02-20", "2020-03-01"];

/// Somebody who was somewhere on one of the two days.
struct Traveller {
    name: &'static str,
    region: &'static str,
    mode: StayMode,
    source: StaySource,
    day: &'static str,
    /// Until when on that day; `None` if they are still there.
    until: Option<&'static str>,
}

const fn stayed(name: &'static str, region: &'static str, day: usize) -> Traveller {
    Traveller {
        name,
        region,
        mode: StayMode::Stay,
        source: StaySource::Hotel,
        day: DAYS[day],
        until: if day == 0 { Some("20:00:00") } else { None },
    }
}

const TRAVELLERS: [Traveller; 8] = [
    stayed("anqi in Lhasa", "540100", 0),
    stayed("bo in Fushun", "210400", 0),
    stayed("chen in Huzhou", "330500", 0),
    stayed("du in Jinhua", "330700", 0),
    Traveller {
        mode: StayMode::Resident,
        source: StaySource::Declared,
        ..stayed("fan in Wuhan", "420106", 0)
    },
    Traveller {
        mode: StayMode::Transit,
        source: StaySource::Rail,
        until: Some("08:20:00"),
        ..stayed("gao through Wuhan", "420106", 0)
    },
    stayed("hu, March, Jinhua", "330700", 1),
    stayed("ji, March, Wuhan", "420106", 1),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stays_in_regions_of_the_real_levels_give_equal_verdicts_on_both_databases() {
    let Some(folder) = real("cn-case-counts") else {
        return;
    };
    let lines = on_both_databases(async |base| story(base, &folder).await).await;
    let verdicts: Vec<&str> = lines
        .iter()
        .filter_map(|line| line.strip_prefix("verdict "))
        .collect();
    for verdict in &verdicts {
        say(verdict);
    }
    let expected = [
        "21 February: anqi in Lhasa green",
        "21 February: bo in Fushun green",
        "21 February: chen in Huzhou yellow medium-risk-area",
        "21 February: du in Jinhua red high-risk-area",
        "21 February: fan in Wuhan red high-risk-area",
        "21 February: gao through Wuhan green",
        "21 February: hu, March, Jinhua green",
        "21 February: ji, March, Wuhan green",
        // By March yellow is over, red is not; Jinhua is low by now, and Wuhan still high.
        "2 March: anqi in Lhasa green",
        "2 March: bo in Fushun green",
        "2 March: chen in Huzhou green",
        "2 March: du in Jinhua red high-risk-area",
        "2 March: fan in Wuhan red high-risk-area",
        "2 March: gao through Wuhan green",
        "2 March: hu, March, Jinhua green",
        "2 March: ji, March, Wuhan red high-risk-area",
    ];
    assert_eq!(verdicts, expected);
}

async fn story(base: Arc<Base>, folder: &Path) -> Vec<String> {
    let city = hangzhou(base).await;
    let mut lines = publish_levels(&city, folder).await;
    city.clock.set(at("2020-02-20T07:00:00+08:00"));
    let kind = AuthorityKind::Community;
    let community = city.feed_reporting_of(kind, "North Community Office", "CN");
    let community = community.await;
    let mut people = Vec::new();
    for traveller in &TRAVELLERS {
        people.push(city.register(traveller.name, Some(well())).await);
    }
    let evenings = [
        ("2020-02-20T21:00:00+08:00", "2020-02-21T12:00:00+08:00"),
        ("2020-03-01T21:00:00+08:00", "2020-03-02T12:00:00+08:00"),
    ];
    for ((day, words), (evening, noon)) in DAYS
        .into_iter()
        .zip(["21 February", "2 March"])
        .zip(evenings)
    {
        city.clock.set(at(evening));
        for (traveller, who) in TRAVELLERS.iter().zip(&people) {
            if traveller.day == day {
                city.submit(&community, who, traveller.fact()).await;
            }
        }
        city.clock.set(at(noon));
        city.service.sweep().await.unwrap();
        for who in &people {
            lines.push(format!(
                "verdict {words}: {} {}",
                who.name,
                shown(&city, who).await
            ));
            lines.extend(record(&city, who.name, who.id(), who).await);
        }
    }
    let fan = city.report(&people[4]).await.explanation.restrictions;
    let reason = &fan[0].texts.reason;
    assert!(
        reason.contains("420106") && reason.contains("high"),
        "{reason}"
    );
    lines.push(reason.clone());
    lines
}

/// Publishes the levels of both days; what was odd about the counts, and how many levels there are.
async fn publish_levels(city: &City, folder: &Path) -> Vec<String> {
    let options = ReadOptions {
        now: None,
        keep_refused: false,
    };
    let (counts, files) = CaseCounts::read(folder, options).unwrap();
    assert_eq!(files.iter().map(|file| file.refused).sum::<u64>(), 0);
    let zone = city.service.policies.policy().unwrap().time_zone().clone();
    let by = Publisher::from(&city.operator);
    let mut lines = Vec::new();
    for (day, name) in [date(2020, 2, 20), date(2020, 3, 1)].into_iter().zip(DAYS) {
        let report = counts.levels_on(day).unwrap();
        let levels: Vec<RegionLevel> = report.levels(&zone).into_iter().collect();
        city.service
            .publishing
            .publish_levels(&by, &levels)
            .await
            .unwrap();
        let count = |wanted| levels.iter().filter(|level| level.level == wanted).count();
        let line = format!(
            "levels on {name}: {} high, {} medium, {} low; {} things are odd",
            count(Level::High),
            count(Level::Medium),
            count(Level::Low),
            report.notes.len(),
        );
        say(&line);
        lines.push(line);
        lines.extend(report.notes.iter().map(ToString::to_string));
    }
    let levels = city.service.policies.region_levels().unwrap();
    let wuhan = levels.at("420106".parse().unwrap(), at("2020-03-01T12:00:00+08:00"));
    assert_eq!(wuhan, Some(Level::High));
    lines
}

impl Traveller {
    fn fact(&self) -> Fact {
        let time_of_day = |time: &str| at(&format!("{}T{time}+08:00", self.day));
        Fact::stay(
            self.region.parse().unwrap(),
            OpenPeriod::new(time_of_day("08:00:00"), self.until.map(time_of_day)).unwrap(),
            self.mode,
            self.source,
        )
    }
}
