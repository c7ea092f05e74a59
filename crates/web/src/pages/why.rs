//! `GET /me/why`: each restriction with everything that it rests on, and the ways out.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::evidence::Evidence;
use domain::{Authority, AuthorityId, Reason};
use fluent_bundle::FluentArgs;

use super::dates::Calendar;
use super::facts::{FactView, Words, withdrawn};
use super::reason::{ReasonView, reason_view};
use super::status_style::StatusStyle;
use super::text_language::TextLanguage;
use super::whose::Whose;
use super::{Frame, page};
use crate::App;
use crate::principal::ResidentSession;
use crate::problem::Problem;

#[derive(Template)]
#[template(path = "why.html")]
struct WhyPage {
    frame: Frame,
    whose: Whose,
    style: StatusStyle,
    until: Option<String>,
    restrictions: Vec<WholeReason>,
    advice: Vec<WholeReason>,
    /// What the rules made of facts earlier, or will.
    others: Vec<String>,
    contest: String,
    texts: TextLanguage,
    policy: String,
}

/// A rule in force with the facts behind it.
struct WholeReason {
    reason: ReasonView,
    since: String,
    facts: Vec<FactView>,
}

/// Shows why the code is what it is.
pub(super) async fn show(
    State(app): State<App>,
    frame: Frame,
    ResidentSession(resident): ResidentSession,
) -> Result<Response, Problem> {
    let people = &app.service.people;
    let report = people.status(&resident, frame.language.tag()).await?;
    let calendar = Calendar::of(&frame, &app)?;
    let evidence = app.service.evidence.own_evidence_of(&resident).await?;
    let authorities = authorities(&app, &evidence).await?;
    let words = Words {
        frame: &frame,
        calendar: &calendar,
        authorities: &authorities,
        venues: &BTreeMap::new(),
    };
    let taken_back = withdrawn(&evidence);
    let whole = |reason: &Reason| {
        let behind = |one: &&Evidence| reason.finding.evidence.contains(&one.id);
        let facts = evidence.iter().filter(behind);
        WholeReason {
            reason: reason_view(reason, &report, &frame, &calendar),
            since: calendar.date_time(reason.finding.since),
            facts: facts.filter_map(|one| words.of(one, &taken_back)).collect(),
        }
    };
    let explanation = &report.explanation;
    let others = explanation.not_in_force.iter().map(|past| {
        let mut args = FluentArgs::new();
        args.set("title", past.title.clone());
        args.set("since", calendar.date_time(past.since));
        args.set("until", calendar.end(past.until));
        let text = match past.lifted_by.is_empty() {
            true => "why-other",
            false => "why-other-lifted",
        };
        frame.language.fill(text, &args)
    });
    let others = others.collect();
    let verdict = &explanation.verdict;
    page(&WhyPage {
        whose: Whose::of(&app, &frame, &resident, "/me/why").await,
        style: verdict.status.into(),
        until: verdict.until.map(|until| calendar.end(until)),
        restrictions: explanation.restrictions.iter().map(whole).collect(),
        advice: explanation.advice.iter().map(whole).collect(),
        others,
        contest: explanation.contest.clone(),
        texts: TextLanguage::new(&frame, Some(&report.language)),
        policy: verdict.policy.to_string(),
        frame,
    })
}

/// An authority or account that said something about a person.
pub(super) async fn authorities(
    app: &App,
    evidence: &[Evidence],
) -> Result<Vec<Authority>, Problem> {
    let mut ids: Vec<AuthorityId> = evidence.iter().map(|one| one.authority).collect();
    ids.sort_unstable();
    ids.dedup();
    Ok(app.service.access.known_authorities(&ids).await?)
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
            for style in [StatusStyle::Green, StatusStyle::Red] {
                let whole = || WholeReason {
                    reason: ReasonView::sample(style),
                    since: "then".into(),
                    facts: vec![FactView {
                        id: "0".repeat(32),
                        when: "then".into(),
                        what: "<b>".into(),
                        by: Some("<b>".into()),
                        taken_back: Some("later".into()),
                    }],
                };
                let is_restricted = style == StatusStyle::Red;
                let page = WhyPage {
                    frame: frame.clone(),
                    whose: Whose::default(),
                    style,
                    until: Some("then".into()),
                    restrictions: is_restricted.then(whole).into_iter().collect(),
                    advice: vec![whole()],
                    others: vec!["<b>".into()],
                    contest: "Call <b>".into(),
                    texts: TextLanguage::new(&frame, None),
                    policy: "test v1".into(),
                };
                let html = assert_sound(&frame, &page);
                assert!(!html.contains("<b>"), "texts are escaped");
            }
        }
    }

    #[tokio::test]
    async fn a_contact_reads_rule_fact_office_end_and_how_far_the_way_out_is() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let read = || {
            let ask = city.get("/me/why?lang=en");
            ask.cookie(RESIDENT_COOKIE, &ming.session)
        };
        let green = read().await.text;
        assert!(
            green.contains("Nothing is known that would restrict you"),
            "{green}"
        );
        let contact = city.close_contact(&ming);
        city.submit(&city.health, &contact).await;
        let red = read().await.text;
        for words in [
            "Close contact of a confirmed case",
            "You were together with somebody who is ill",
            "City health office",
            "test v1",
            "the end of 4 March 2020",
            "Negative tests: 0 of 2",
            "at least 24 hours",
            "/rules#rule-close-contact",
            "Call 12345",
        ] {
            assert!(red.contains(words), "{words}: {red}");
        }
        // The next test counts seven days after the start at the earliest.
        assert!(red.contains("From 27 February 2020"), "{red}");
        let code = city.get("/me?lang=en");
        let code = code.cookie(RESIDENT_COOKIE, &ming.session).await.text;
        assert!(code.contains("Negative tests: 0 of 2"), "{code}");
        assert!(code.contains("href=\"/me/why\""), "{code}");
    }
}
