//! The same days lived on SQLite and on PostgreSQL leave the same record.

use std::sync::Arc;

use domain::evidence::{OpenPeriod, TestKind, TestResult};
use domain::{Fact, Level, RegionLevel};

use crate::base::{self, Base};
use crate::city::{City, POLICY, hours, stayed, well};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_days_on_both_databases_leave_the_same_record() {
    let Some(postgresql) = base::postgresql().await else {
        return;
    };
    let on_sqlite = days(Arc::new(base::sqlite())).await;
    let postgresql = Arc::new(postgresql);
    let on_postgresql = days(Arc::clone(&postgresql)).await;
    postgresql.remove().await;
    assert!(on_sqlite.len() > 40);
    for (one, other) in on_sqlite.iter().zip(&on_postgresql) {
        assert_eq!(one, other);
    }
    assert_eq!(on_sqlite.len(), on_postgresql.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_days_lived_twice_leave_the_same_record() {
    assert_eq!(
        days(Arc::new(base::sqlite())).await,
        days(Arc::new(base::sqlite())).await
    );
}

/// Ten days of a dozen people, written down.
async fn days(base: Arc<Base>) -> Vec<String> {
    let city = City::found(base).await;
    let mut lines = Vec::new();
    let names = [
        "An", "Bo", "Cai", "Dan", "En", "Fu", "Gu", "Hu", "Ji", "Kun", "Li", "Ming",
    ];
    let mut people = Vec::new();
    for name in names {
        people.push(city.resident(name).await);
    }
    let venues = [
        city.venue("Lake Teahouse", None).await,
        city.venue("City Library", None).await,
        city.venue("East Railway Station", Some("port")).await,
    ];
    for day in 0..10_i64 {
        for (count, who) in (0..).zip(&people) {
            let venue = venues[(count + day) as usize % if count % 4 == 0 { 3 } else { 2 }];
            city.was_at(who, venue, 20 - count % 5 * 3, 40 + count * 5)
                .await;
        }
        let who = &people[day as usize];
        match day % 5 {
            0 => {
                let diagnosis = city.confirm(who).await;
                let summary = city.service.tracing.run_traces().await.unwrap();
                lines.push(format!("{day} confirm {diagnosis} {summary:?}"));
            }
            1 => {
                let sample = Fact::test(
                    TestKind::Pcr,
                    TestResult::Negative,
                    OpenPeriod::new(city.ago(3), Some(city.ago(1))).unwrap(),
                    Some("Lake Laboratory".to_owned()),
                );
                city.submit(&city.laboratory, who, sample).await;
            }
            2 => {
                let stays = [stayed("420102", city.ago(100), Some(city.ago(50)))];
                city.service
                    .people
                    .declare(&who.resident, None, well(), &stays)
                    .await
                    .unwrap();
            }
            3 => {
                let region = "42".parse().unwrap();
                let level = Level::High;
                let levels = [RegionLevel {
                    region,
                    level,
                    from: city.ago(500),
                    until: None,
                }];
                city.service
                    .publishing
                    .publish_levels(&city.publisher().await, &levels)
                    .await
                    .unwrap();
                let progress = city.service.reevaluation.decide_everybody().await.unwrap();
                lines.push(format!("{day} level {progress:?}"));
            }
            _ => {
                let version = format!("version = {}", day + 2);
                let text = POLICY.replace("version = 1", &version);
                let by = city.publisher().await;
                city.service
                    .publishing
                    .publish_policy(&by, &text)
                    .await
                    .unwrap();
                let progress = city.service.reevaluation.decide_everybody().await.unwrap();
                lines.push(format!("{day} policy {progress:?}"));
            }
        }
        for who in &people {
            let verdict = city.report(who).await.explanation.verdict;
            lines.push(format!("{day} {} {verdict:?}", who.name));
        }
        city.service.outbox.deliver().await.unwrap();
        city.pass(hours(24));
        lines.push(format!(
            "{day} swept {}",
            city.service.sweep().await.unwrap()
        ));
    }
    let mut notified: Vec<_> = city
        .messages
        .changes
        .lock()
        .unwrap()
        .iter()
        .map(|change| {
            format!(
                "{} {:?} {} {}",
                change.person, change.before, change.after, change.at
            )
        })
        .collect();
    notified.sort_unstable();
    lines.extend(notified);
    lines
}
