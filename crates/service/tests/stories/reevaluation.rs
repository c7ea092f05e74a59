//! Deciding everybody again: from the mirror and from the database alone, and what it writes.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::evidence::DiagnosisStatus;
use domain::{Colour, Fact, Level, PersonId, RegionLevel};
use jiff::SignedDuration;
use service::{Item, Service, Subject, Submission};
use store::{ChangeCursor, ChangeNumber, Store, changes, verdicts};

use crate::city::{City, GREEN, POLICY, Seeded};
use crate::mirror::{EVERY, Kept, people, without_visits};

crate::stories! {
    only_changed_verdicts_are_written_whether_there_is_a_mirror_or_not
    whoever_has_newer_evidence_than_the_mirror_is_decided_from_the_database
    a_verdict_that_names_no_rule_stays_under_a_new_version
    new_advice_is_written
    a_node_that_does_not_know_the_policy_learns_of_it_when_it_decides
    a_pass_goes_over_everybody_even_if_another_node_is_in_the_middle_of_one
    a_damaged_mirror_stops_nobody_from_being_decided
}

async fn only_changed_verdicts_are_written_whether_there_is_a_mirror_or_not(city: City) {
    without_visits(&city).await;
    let were_there = people(&city, 12, 60).await[..12].to_vec();
    let kept = Kept::of(&city).await;
    kept.write().await;
    for with_mirror in [true, false] {
        let node = city.another_node().await;
        if with_mirror {
            node.mirror.keep(Arc::clone(&kept.mirror), EVERY);
        }
        let before = Written::now(&city).await;
        let level = if with_mirror { Level::High } else { Level::Low };
        publish_level(&city, &node, level).await;
        let progress = node.reevaluation.decide_everybody().await.unwrap();
        assert_eq!((progress.decided, progress.changed), (72, 12));
        assert!(progress.is_finished);
        assert_eq!(
            before.since().await,
            BTreeSet::from_iter(were_there.clone())
        );
    }
}

async fn whoever_has_newer_evidence_than_the_mirror_is_decided_from_the_database(city: City) {
    without_visits(&city).await;
    let known = people(&city, 5, 20).await;
    let kept = Kept::of(&city).await;
    kept.write().await;
    let newcomers = people(&city, 3, 4).await;
    for person in [known[7], newcomers[5]] {
        let contact = city.contact(1);
        let by = city.health.submitter();
        city.try_submit(by, Subject::Person(person), contact).await;
    }
    let node = city.another_node().await;
    node.mirror.keep(Arc::clone(&kept.mirror), EVERY);
    publish_level(&city, &node, Level::High).await;
    let progress = node.reevaluation.decide_everybody().await.unwrap();
    assert_eq!((progress.decided, progress.changed), (32, 5 + 3));
    // Without the mirror nothing is found that it missed.
    let before = Written::now(&city).await;
    let plain = city.another_node().await;
    let again = plain.reevaluation.decide_everybody().await.unwrap();
    assert_eq!((again.decided, again.changed), (32, 0));
    assert_eq!(before.since().await, BTreeSet::new());
}

async fn a_verdict_that_names_no_rule_stays_under_a_new_version(city: City) {
    without_visits(&city).await;
    let people = people(&city, 0, 20).await;
    let li = city.resident("Li").await;
    let by = city.health.submitter();
    city.try_submit(by, Subject::Person(people[3]), city.contact(1))
        .await;
    let kept = Kept::of(&city).await;
    kept.write().await;
    for (with_mirror, version) in [(true, 3), (false, 4)] {
        let node = city.another_node().await;
        if with_mirror {
            node.mirror.keep(Arc::clone(&kept.mirror), EVERY);
        }
        let before = Written::now(&city).await;
        publish(&city, &node, &version_of_policy(version, "")).await;
        let progress = node.reevaluation.decide_everybody().await.unwrap();
        assert_eq!((progress.decided, progress.changed), (21, 0));
        assert_eq!(
            before.since().await,
            BTreeSet::from([people[3]]),
            "a restriction names the version under which it stands"
        );
        // The others' verdicts hold as they are.
        let before = Written::now(&city).await;
        let report = node.people.status(&li.resident, "en").await.unwrap();
        let verdict = &report.explanation.verdict;
        assert_eq!((verdict.status, verdict.policy.version), (GREEN, version));
        assert_eq!(before.since().await, BTreeSet::new());
    }
}

async fn new_advice_is_written(city: City) {
    without_visits(&city).await;
    let were_there = people(&city, 4, 20).await[..4].to_vec();
    let kept = Kept::of(&city).await;
    kept.write().await;
    for (with_mirror, version) in [(true, 3), (false, 4)] {
        let node = city.another_node().await;
        if with_mirror {
            node.mirror.keep(Arc::clone(&kept.mirror), EVERY);
        }
        let before = Written::now(&city).await;
        publish(&city, &node, &version_of_policy(version, ADVICE)).await;
        let progress = node.reevaluation.decide_everybody().await.unwrap();
        assert_eq!(
            (progress.decided, progress.changed),
            (24, 0),
            "advice is no colour"
        );
        assert_eq!(
            before.since().await,
            BTreeSet::from_iter(were_there.clone())
        );
    }
}

async fn a_node_that_does_not_know_the_policy_learns_of_it_when_it_decides(city: City) {
    publish(&city, &city.service, &policy_without_cases(2)).await;
    city.service.reevaluation.decide_everybody().await.unwrap();
    let li = city.resident("Li").await;
    let behind = city.another_node().await;
    let ahead = city.another_node().await;
    publish(&city, &ahead, &POLICY.replace("version = 1", "version = 3")).await;
    ahead.reevaluation.decide_everybody().await.unwrap();
    let card = ahead.codes.card(&li.resident).await.unwrap().text.unwrap();
    assert_eq!(city.check(&card), Ok(Colour::Green));
    // By the old rules a diagnosis changes nothing, and the pass under the new ones is over.
    submit_diagnosis(&city, &behind, li.id()).await;
    for node in [&behind, &ahead] {
        node.notice_other_nodes().await.unwrap();
        let code = node.codes.plain_code(&li.resident).await.unwrap();
        assert_eq!(code.colour, Colour::Red);
        let checked = node
            .checks
            .verify(&card, &credential::Settings::default())
            .map_err(|refusal| refusal.word());
        assert_eq!(checked.map(|accepted| accepted.colour), Err("revoked"));
    }
}

async fn a_pass_goes_over_everybody_even_if_another_node_is_in_the_middle_of_one(city: City) {
    publish(&city, &city.service, &policy_without_cases(2)).await;
    city.service.reevaluation.decide_everybody().await.unwrap();
    let mut people = people(&city, 0, 9).await;
    people.sort_unstable();
    let first = people[0];
    // Both nodes know what people declared.
    city.pass(SignedDuration::from_mins(1));
    let (behind, its_clock) = city.another_node_ahead(SignedDuration::from_secs(-3)).await;
    behind.reevaluation.decide_everybody().await.unwrap();
    // Pages of four people.
    let ahead = city
        .another_node_with(|settings| settings.people_per_batch = 1)
        .await;
    let until_later = SignedDuration::from_mins(59);
    let (effective, later) = ("2020-02-01T00:00:00+08:00", "2020-02-17T09:00:00+08:00");
    let next = POLICY.replace("version = 1", "version = 3");
    publish(&city, &ahead, &next.replace(effective, later)).await;
    behind.policies.reload().await.unwrap();
    city.pass(until_later);
    its_clock.advance(until_later);
    // One node is past the first page when the other, whose clock is 3 s behind, decides somebody
    // of that page under the rules of before.
    let page = tokio::sync::Notify::new();
    tokio::select! {
        biased;
        () = page.notified() => {}
        pass = ahead.reevaluation.decide_everybody_telling(|_| page.notify_one()) => {
            panic!("the pass has one page: {pass:?}")
        }
    }
    submit_diagnosis(&city, &behind, first).await;
    its_clock.advance(SignedDuration::from_secs(3));
    let progress = behind.reevaluation.decide_everybody().await.unwrap();
    assert_eq!((progress.decided, progress.changed), (9, 1));
}

/// The policy of the stories, under which a confirmed case restricts nobody.
fn policy_without_cases(version: u32) -> String {
    let text = POLICY.replace("\"confirmed\", \"asymptomatic\"", "\"asymptomatic\"");
    text.replace("version = 1", &format!("version = {version}"))
}

async fn submit_diagnosis(city: &City, node: &Service, person: PersonId) {
    let diagnosis = Fact::diagnosis(DiagnosisStatus::Confirmed, city.ago(2), None);
    let item = Item {
        subject: Subject::Person(person),
        said: diagnosis.into(),
    };
    let submission = Submission {
        request: None,
        content: None,
        items: vec![item],
    };
    let by = city.fresh(city.health.id()).await;
    let submitted = node.evidence.submit(by.submitter(), submission).await;
    submitted.unwrap();
}

async fn a_damaged_mirror_stops_nobody_from_being_decided(city: City) {
    without_visits(&city).await;
    people(&city, 6, 20).await;
    let kept = Kept::of(&city).await;
    kept.write().await;
    let generation = kept.folder.join("generation-000001");
    std::fs::remove_file(generation.join("stays.parquet")).unwrap();
    let node = city.another_node().await;
    node.mirror.keep(Arc::clone(&kept.mirror), EVERY);
    publish_level(&city, &node, Level::High).await;
    let progress = node.reevaluation.decide_everybody().await.unwrap();
    assert_eq!((progress.decided, progress.changed), (26, 6));
}

/// A rule that advises people who were in Hubei.
const ADVICE: &str = r#"
[[rule]]
id = "was-in-hubei"
reads = "stay"
where = { region = { within = ["42"] } }
gives = "advice"
starts = "left"
lasts = "30d"
title.en = "Was in Hubei"
reason.en = "You were in Hubei until {left}."
guidance.en = "Watch your health until {until}."
title.zh = "曾在湖北"
reason.zh = "您在湖北停留至{left}。"
guidance.zh = "请观察健康状况至{until}。"
"#;

/// The policy without its rule about visits, which is the last one, and with another one.
fn version_of_policy(version: u32, rule: &str) -> String {
    let (rules, _) = POLICY.rsplit_once("[[rule]]").unwrap();
    let text = rules.replace("version = 1", &format!("version = {version}"));
    text + rule
}

async fn publish(city: &City, node: &Service, policy: &str) {
    let by = city.publisher().await;
    node.publishing.publish_policy(&by, policy).await.unwrap();
}

async fn publish_level(city: &City, node: &Service, level: Level) {
    let levels = [RegionLevel {
        region: "42".parse().unwrap(),
        level,
        from: city.ago(200),
        until: None,
    }];
    let by = city.publisher().await;
    node.publishing.publish_levels(&by, &levels).await.unwrap();
}

/// Whose verdicts are written from a timestamp on.
struct Written {
    store: Store,
    after: ChangeNumber,
}

impl Written {
    async fn now(city: &City) -> Self {
        let store = Store::open(&city.base.url, &Seeded::new(7)).await.unwrap();
        let last = store.read("changes.last", (), |tx, ()| Box::pin(changes::last(tx)));
        let after = last.await.unwrap();
        Self { store, after }
    }

    async fn since(&self) -> BTreeSet<PersonId> {
        let from = ChangeCursor::at(ChangeNumber::from_i64(self.after.as_i64() + 1));
        let read = self.store.read("verdicts.changed", from, |tx, from| {
            Box::pin(verdicts::changed_since(tx, *from, 1000))
        });
        let written = read.await.unwrap();
        written.into_iter().map(|stored| stored.person).collect()
    }
}
