//! `GET /me`: the code, and why it is what it is.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use domain::Reason;
use domain::evidence::Fact;
use fluent_bundle::FluentArgs;
use serde::Serialize;
use service::{Resident, ServiceError, StatusReport};

use super::dates::Calendar;
use super::facts::withdrawn;
use super::reason::{ReasonView, reason_view};
use super::status_style::StatusStyle;
use super::text_language::TextLanguage;
use super::whose::Whose;
use super::{Frame, page, picture};
use crate::App;
use crate::principal::ResidentSession;
use crate::problem::Problem;

#[derive(Template)]
#[template(path = "me.html")]
struct CodePage {
    frame: Frame,
    style: StatusStyle,
    whose: Whose,
    /// What the person is called, where that is not the account's own; in the demonstration always.
    name: Option<String>,
    until: Option<String>,
    /// When the person last reported how they are.
    reported: Option<String>,
    /// Where the person is, if they have not left.
    inside: Option<Inside>,
    picture: Option<Picture>,
    /// Whether the policy wants more proof before it gives a code.
    needs_proof: bool,
    reasons: Vec<ReasonView>,
    advice: Vec<ReasonView>,
    contest: String,
    /// Whether what is kept of the person may be read here too, rather than their code alone.
    is_whole: bool,
    /// Whether the policy takes appeals.
    takes_appeals: bool,
    /// Whether the policy holds what others recorded against what people declare.
    asks_back: bool,
    /// The language of the reasons, the advice and how to contest.
    texts: TextLanguage,
    policy: String,
    /// When the page was made, in Unix seconds.
    at: i64,
    /// The account that is signed in: keys of another one that was before show no code here.
    account: String,
    /// Differs when the page says something else than before.
    version: String,
    /// Differs when the issuer's keys changed, so that phones fetch fresh codes.
    issuer_keys: u64,
}

/// A code that can be shown.
struct Picture {
    svg: String,
    text: String,
    made: String,
    /// In Unix seconds.
    expires_at: i64,
}

/// A visit that has not ended.
struct Inside {
    words: String,
    visit: String,
}

/// What the script of the page asks for every minute, in place of the page.
#[derive(Serialize)]
pub(super) struct Pulse {
    /// Differs when the page says something else than before.
    verdict: String,
    /// Differs when the issuer's keys changed.
    issuer: u64,
}

/// Says whether the code page would say something else.
pub(super) async fn pulse(
    State(app): State<App>,
    frame: Frame,
    ResidentSession(resident): ResidentSession,
) -> Result<Json<Pulse>, Problem> {
    let people = &app.service.people;
    let report = people.status(&resident, frame.language.tag()).await?;
    Ok(Json(Pulse {
        verdict: version_of(&report),
        issuer: app.service.checks.trusted_keys().sequence(),
    }))
}

/// Shows the code page.
pub(super) async fn show(
    State(app): State<App>,
    frame: Frame,
    ResidentSession(resident): ResidentSession,
) -> Result<Response, Problem> {
    let report = app
        .service
        .people
        .status(&resident, frame.language.tag())
        .await?;
    let calendar = Calendar::of(&frame, &app)?;
    let mut needs_proof = false;
    let picture = match app.service.codes.plain_code(&resident).await {
        Ok(code) => {
            let text = code.text.unwrap_or_default();
            let svg = picture(&text, &frame.t("code-qr-alt"))?;
            Some(Picture {
                svg,
                text,
                made: calendar.date_time(code.issued_at),
                expires_at: code.expires_at.as_second(),
            })
        }
        Err(ServiceError::Undeclared) => None,
        Err(ServiceError::NeedsProof { .. }) => {
            needs_proof = true;
            None
        }
        Err(error) => return Err(error.into()),
    };
    let explanation = &report.explanation;
    let verdict = &explanation.verdict;
    let view = |reason: &Reason| reason_view(reason, &report, &frame, &calendar);
    let whose = Whose::of(&app, &frame, &resident, "/me").await;
    let name = match whose.other() {
        Some(name) => Some(name.to_owned()),
        None => name_in_demo(&app, &frame, &resident).await?,
    };
    let evidence = app.service.evidence.own_evidence_of(&resident).await?;
    let is_whole = resident.check_whole().is_ok();
    // Who may show somebody's code need not know where they are.
    let inside = match is_whole {
        true => inside(&app, &frame, &resident, &calendar).await?,
        false => None,
    };
    let withdrawn = withdrawn(&evidence);
    let reports = evidence.iter().filter_map(|one| match one.fact {
        Fact::Declaration { at, .. } if !withdrawn.contains_key(&one.id) => Some(at),
        _ => None,
    });
    let reported = reports.max().map(|at| calendar.date_time(at));
    let policy = app.service.policies.policy();
    page(&CodePage {
        style: verdict.status.into(),
        whose,
        name,
        reported,
        inside,
        at: app.service.now().as_second(),
        until: verdict.until.map(|until| calendar.end(until)),
        picture,
        needs_proof,
        reasons: explanation.restrictions.iter().map(view).collect(),
        advice: explanation.advice.iter().map(view).collect(),
        contest: explanation.contest.clone(),
        is_whole,
        takes_appeals: policy.as_ref().is_some_and(|one| one.appeal().is_some()),
        asks_back: policy.is_some_and(|one| one.contradictions().is_some()),
        texts: TextLanguage::new(&frame, Some(&report.language)),
        policy: verdict.policy.to_string(),
        account: resident.account().to_string(),
        version: version_of(&report),
        issuer_keys: app.service.checks.trusted_keys().sequence(),
        frame,
    })
}

/// What the person is called, if they are of the demonstration.
async fn name_in_demo(
    app: &App,
    frame: &Frame,
    resident: &Resident,
) -> Result<Option<String>, Problem> {
    let personas = app.settings.demo.iter().flat_map(|demo| &demo.personas);
    for persona in personas {
        let known = app.service.access.resident(&persona.token).await?;
        if known.person() == resident.person() {
            return Ok(Some(persona.name.in_language(frame.language).to_owned()));
        }
    }
    Ok(None)
}

fn version_of(report: &StatusReport) -> String {
    let explanation = &report.explanation;
    let verdict = &explanation.verdict;
    let until = verdict.until.map(|until| until.as_second());
    let reasons = explanation.restrictions.iter().chain(&explanation.advice);
    let rules = reasons.map(|reason| {
        let until = reason.finding.until.as_second();
        let have = reason.ways_out.iter().map(|way| way.have.to_string());
        let have = have.collect::<Vec<_>>().join(",");
        format!("{}:{until}:{have}", reason.finding.rule)
    });
    let rules = rules.collect::<Vec<_>>().join(" ");
    format!("{} {} {rules}", verdict.status, until.unwrap_or_default())
}

/// The visit that the person has not ended.
async fn inside(
    app: &App,
    frame: &Frame,
    resident: &Resident,
    calendar: &Calendar,
) -> Result<Option<Inside>, Problem> {
    let current = app.service.visits.current(resident).await?;
    Ok(current.map(|current| {
        let mut args = FluentArgs::new();
        args.set("venue", current.venue_name);
        args.set("when", calendar.date_time(current.entered));
        Inside {
            words: frame.language.fill("code-inside", &args),
            visit: current.visit.to_string(),
        }
    }))
}

/// The words of the page when the network is gone: `%1` stands for since when, `%2` for how long the
/// code holds. The script fills in both.
fn offline_words(frame: &Frame) -> String {
    let mut args = FluentArgs::new();
    args.set("since", "%1");
    args.set("until", "%2");
    frame.language.fill("code-offline", &args)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_sound, frames};
    use super::*;
    use crate::principal::RESIDENT_COOKIE;
    use crate::testing::City;

    fn sample(frame: &Frame, style: StatusStyle) -> CodePage {
        let reason = ReasonView::sample;
        let is_restricted = matches!(style, StatusStyle::Yellow | StatusStyle::Red);
        CodePage {
            frame: frame.clone(),
            style,
            whose: Whose::sample(),
            name: frame.is_demo.then(|| "Ming".into()),
            reported: Some("today".into()),
            inside: frame.is_demo.then(|| Inside {
                words: "You are at <b>".into(),
                visit: "0".repeat(32),
            }),
            until: (style != StatusStyle::Undeclared).then(|| "the end of 2 March 2020".into()),
            picture: (style != StatusStyle::Undeclared).then(|| Picture {
                svg: picture("HK1:ABC", "alt").unwrap(),
                text: "HK1:ABC".into(),
                made: "now".into(),
                expires_at: 1_582_171_200,
            }),
            needs_proof: frame.is_demo,
            reasons: if is_restricted {
                vec![reason(style), reason(StatusStyle::Yellow)]
            } else {
                Vec::new()
            },
            advice: vec![reason(StatusStyle::Green)],
            contest: "Call 12345.".into(),
            is_whole: true,
            takes_appeals: frame.is_demo,
            asks_back: frame.is_demo,
            texts: TextLanguage {
                tag: "en".into(),
                direction: "ltr",
                note: frame
                    .is_demo
                    .then(|| frame.with("policy-language-note", "language", "English")),
            },
            account: "1".repeat(32),
            policy: "test v1".into(),
            at: 1_582_171_200,
            version: "v".into(),
            issuer_keys: 1,
        }
    }

    #[test]
    fn every_status_renders_in_every_language_with_word_shape_and_colour() {
        for frame in frames() {
            for style in [
                StatusStyle::Green,
                StatusStyle::Yellow,
                StatusStyle::Red,
                StatusStyle::Undeclared,
            ] {
                let html = assert_sound(&frame, &sample(&frame, style));
                assert!(html.contains(style.shape()));
                assert!(html.contains(&frame.t(style.word())));
                assert!(html.contains(&format!("verdict {}", style.class())));
                assert!(
                    html.contains("City &#60;health&#62; office"),
                    "texts are escaped"
                );
                let note = sample(&frame, style).texts.note;
                assert!(note.is_none_or(|note| html.matches(&*note).count() == 1));
                assert!(!html.contains("<b>"), "texts are escaped");
                let framed = format!("frame {}", style.class());
                assert_eq!(html.contains(&framed), style != StatusStyle::Undeclared);
                assert!(html.contains("<h3 lang=\"en\" dir=\"ltr\">Close contact</h3>"));
            }
        }
    }

    #[tokio::test]
    async fn a_resident_sees_the_code_and_then_why_it_turned() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let read = || {
            city.get("/me?lang=en")
                .cookie(RESIDENT_COOKIE, &ming.session)
        };
        let green = read().await;
        assert_eq!(green.status, 200);
        assert!(
            green.text.contains("verdict green") && green.text.contains("aria-label=\"Your code")
        );
        let contact = city.close_contact(&ming);
        city.submit(&city.health, &contact).await;
        let red = read().await;
        for words in [
            "verdict red",
            "Close contact of a confirmed case",
            "City health office",
            "Call 12345",
            "close-contact",
            "test v1",
            "the end of 4 March 2020",
        ] {
            assert!(red.text.contains(words), "{words}");
        }
    }

    #[tokio::test]
    async fn nobodys_page_is_kept_by_anything_in_between() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let answer = city.get("/me").cookie(RESIDENT_COOKIE, &ming.session).await;
        assert_eq!(answer.headers["cache-control"], "no-store");
        assert!(
            answer.headers["content-security-policy"]
                .to_str()
                .unwrap()
                .starts_with("default-src 'none'")
        );
    }

    #[tokio::test]
    async fn who_is_not_signed_in_is_sent_to_the_first_page() {
        let city = City::start().await;
        let answer = city.get("/me").await;
        assert_eq!(
            (answer.status, &answer.headers["location"]),
            (303, &"/sign-in".parse().unwrap())
        );
    }
}
