//! `GET /me/history`: what colours a person had, what was said about them, and where they were.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::evidence::{Evidence, Fact};
use domain::{Policy, RegionLevels, Status, Timestamp, VenueId, decide};
use service::ServiceError;

use super::dates::Calendar;
use super::facts::{FactView, Words, withdrawn};
use super::status_style::StatusStyle;
use super::text_language::TextLanguage;
use super::whose::Whose;
use super::why::authorities;
use super::{Frame, page};
use crate::App;
use crate::principal::ResidentSession;
use crate::problem::Problem;

/// At most so many lines of a kind, the newest ones.
const MOST_LINES: usize = 60;
/// At most so many times does a verdict change within the look-back of a policy.
const MOST_CHANGES: usize = 500;

#[derive(Template)]
#[template(path = "history.html")]
struct HistoryPage {
    frame: Frame,
    whose: Whose,
    colours: Vec<ColourView>,
    facts: Vec<FactView>,
    visits: Vec<FactView>,
    /// The language of the titles of rules.
    texts: TextLanguage,
}

/// A stretch of time with one verdict.
struct ColourView {
    style: StatusStyle,
    when: String,
    /// The rule that gave it.
    rule: Option<String>,
}

/// The same, as computed.
struct Stretch {
    status: Status,
    rule: Option<domain::policy::RuleId>,
    since: Timestamp,
    until: Timestamp,
}

/// Shows what happened.
pub(super) async fn show(
    State(app): State<App>,
    frame: Frame,
    ResidentSession(resident): ResidentSession,
) -> Result<Response, Problem> {
    let policies = &app.service.policies;
    let policy = policies.policy().ok_or(ServiceError::NoPolicy)?;
    let levels = policies.region_levels().ok_or(ServiceError::NoPolicy)?;
    let calendar = Calendar::of(&frame, &app)?;
    resident.check_whole()?;
    let evidence = app.service.evidence.own_evidence_of(&resident).await?;
    let now = app.service.now();
    let language = frame.language_of(&policy).cloned();
    let mut stretches = stretches(&policy, &levels, &evidence, now);
    stretches.reverse();
    stretches.truncate(MOST_LINES);
    let colour = |stretch: Stretch| {
        let rule = stretch.rule.and_then(|id| policy.rule(&id));
        let title = rule.zip(language.as_ref());
        let title = title.and_then(|(rule, language)| rule.texts.title.in_language(language));
        ColourView {
            style: stretch.status.into(),
            when: match stretch.until < now {
                true => calendar.stretch(stretch.since, stretch.until),
                false => {
                    let since = calendar.date_time(stretch.since);
                    frame.with("history-since", "since", &since)
                }
            },
            rule: title.map(str::to_owned),
        }
    };
    let colours = stretches.into_iter().map(colour).collect();
    let (visits, facts): (Vec<&Evidence>, Vec<&Evidence>) =
        evidence.iter().partition(|one| is_visit(one));
    let newest = |mut lines: Vec<_>| {
        lines.sort_by_key(|one: &&Evidence| std::cmp::Reverse(one.fact.begins()));
        lines.truncate(MOST_LINES);
        lines
    };
    let (visits, facts) = (newest(visits), newest(facts));
    let venues = venues(&app, &visits).await?;
    let words = Words {
        frame: &frame,
        calendar: &calendar,
        authorities: &authorities(&app, &evidence).await?,
        venues: &venues,
    };
    let taken_back = withdrawn(&evidence);
    let read = |lines: Vec<&Evidence>| {
        let lines = lines.into_iter();
        lines.filter_map(|one| words.of(one, &taken_back)).collect()
    };
    let (visits, facts) = (read(visits), read(facts));
    page(&HistoryPage {
        whose: Whose::of(&app, &frame, &resident, "/me/history").await,
        colours,
        facts,
        visits,
        texts: TextLanguage::new(&frame, language.as_ref()),
        frame,
    })
}

const fn is_visit(evidence: &Evidence) -> bool {
    matches!(evidence.fact, Fact::Visit { .. })
}

/// What each venue is called.
async fn venues(app: &App, visits: &[&Evidence]) -> Result<BTreeMap<VenueId, String>, Problem> {
    let mut names = BTreeMap::new();
    for visit in visits {
        if let Fact::Visit { venue, .. } = visit.fact
            && !names.contains_key(&venue)
        {
            match app.service.visits.venue(venue).await {
                Ok(found) => names.insert(venue, found.name),
                Err(ServiceError::UnknownVenue) => None,
                Err(error) => return Err(error.into()),
            };
        }
    }
    Ok(names)
}

/// The verdicts since the first fact that is known, oldest first: each decided from what was known
/// then, by the rules and levels of now.
fn stretches(
    policy: &Policy,
    levels: &RegionLevels,
    evidence: &[Evidence],
    now: Timestamp,
) -> Vec<Stretch> {
    let mut found: Vec<Stretch> = Vec::new();
    let Some(mut at) = evidence.iter().map(|one| one.recorded_at).min() else {
        return found;
    };
    for _ in 0..MOST_CHANGES {
        let known = evidence.iter().filter(|one| one.recorded_at <= at);
        let known: Vec<Evidence> = known.cloned().collect();
        let verdict = decide(policy, levels, &known, at);
        let later = evidence.iter().map(|one| one.recorded_at);
        let next_known = later.filter(|recorded| *recorded > at).min();
        let next = verdict.next_change.into_iter().chain(next_known).min();
        let until = next.unwrap_or(now).min(now);
        let rule = verdict.restrictions.first();
        let rule = rule.map(|restriction| restriction.finding.rule.clone());
        match found.last_mut() {
            Some(last) if last.status == verdict.status && last.rule == rule => last.until = until,
            _ => found.push(Stretch {
                status: verdict.status,
                rule,
                since: at,
                until,
            }),
        }
        if until >= now {
            break;
        }
        at = until;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_sound, frames};
    use super::*;
    use crate::principal::RESIDENT_COOKIE;
    use crate::testing::City;

    #[test]
    fn the_page_renders_in_every_language() {
        for frame in frames() {
            for count in 0..3 {
                let fact = || FactView {
                    id: "0".repeat(32),
                    when: "then".into(),
                    what: "<b>".into(),
                    by: Some("<b>".into()),
                    taken_back: Some("later".into()),
                };
                let colour = || ColourView {
                    style: StatusStyle::Red,
                    when: "then".into(),
                    rule: Some("<b>".into()),
                };
                let page = HistoryPage {
                    frame: frame.clone(),
                    whose: Whose::default(),
                    colours: (0..count).map(|_| colour()).collect(),
                    facts: (0..count).map(|_| fact()).collect(),
                    visits: (0..count).map(|_| fact()).collect(),
                    texts: TextLanguage::new(&frame, None),
                };
                assert!(!assert_sound(&frame, &page).contains("<b>"));
            }
        }
    }

    #[tokio::test]
    async fn a_resident_looks_back_at_colours_facts_and_visits() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let venue = city.venue("Noodle bar").await;
        let sign = city.sign_at(&venue).await;
        let form = format!("request={}&sign={sign}", "a".repeat(32));
        let inside = city.post("/visit?lang=en");
        let inside = inside.cookie(RESIDENT_COOKIE, &ming.session).form(&form);
        assert!(inside.await.text.contains("You are at Noodle bar"));
        let code = city.get("/me?lang=en");
        let code = code.cookie(RESIDENT_COOKIE, &ming.session).await.text;
        assert!(code.contains("You are at Noodle bar since"), "{code}");
        city.later(10);
        let contact = city.close_contact(&ming);
        let submitted = city.submit(&city.another_officer().await, &contact).await;
        assert_eq!(submitted.status, 201, "{submitted:?}");
        city.later(10);
        let read = city.get("/me/history?lang=en");
        let read = read.cookie(RESIDENT_COOKIE, &ming.session).await.text;
        for words in [
            "20 February 2020, 12:00 – 12:10",
            "Since 20 February 2020, 12:10",
            "Close contact of a confirmed case",
            "You were together with somebody who is ill",
            "City health office",
            "Noodle bar",
            "Nobody records where your code was shown",
        ] {
            assert!(read.contains(words), "{words}: {read}");
        }
    }
}
