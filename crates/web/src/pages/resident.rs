//! `GET /me`: the code, and why it is what it is.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::evidence::Order;
use domain::policy::Outcome;
use domain::{Reason, Status, Timestamp};
use fluent_bundle::FluentArgs;
use service::{Resident, SELF_AUTHORITY, ServiceError, StatusReport, TRACER_AUTHORITY, office_of};

use super::dates::Calendar;
use super::status_style::StatusStyle;
use super::text_language::TextLanguage;
use super::{Frame, page, picture};
use crate::App;
use crate::principal::ResidentSession;
use crate::problem::Problem;

#[derive(Template)]
#[template(path = "me.html")]
struct CodePage {
    frame: Frame,
    style: StatusStyle,
    /// What the person is called; known in the demonstration only.
    name: Option<String>,
    until: Option<String>,
    picture: Option<Picture>,
    /// Whether the policy wants more proof before it gives a code.
    needs_proof: bool,
    reasons: Vec<ReasonView>,
    advice: Vec<ReasonView>,
    contest: String,
    /// Whether the policy takes appeals.
    takes_appeals: bool,
    /// Whether the policy holds what others recorded against what people declare.
    asks_back: bool,
    /// The language of the reasons, the advice and how to contest.
    texts: TextLanguage,
    policy: String,
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
}

/// A rule in force, as a person reads it.
struct ReasonView {
    style: StatusStyle,
    title: String,
    what: String,
    guidance: String,
    until: String,
    authority: String,
    rule: String,
    evidence: Vec<String>,
    orders: Vec<OrderView>,
}

/// An order, as the person concerned reads it: no text of a policy can leave this out.
struct OrderView {
    /// Whose two officials answer for it.
    by: String,
    basis: String,
    until: String,
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
    let name = name_in_demo(&app, &frame, &resident).await?;
    let policy = app.service.policies.policy();
    page(&CodePage {
        style: verdict.status.into(),
        name,
        until: verdict.until.map(|until| calendar.end(until)),
        picture,
        needs_proof,
        reasons: explanation.restrictions.iter().map(view).collect(),
        advice: explanation.advice.iter().map(view).collect(),
        contest: explanation.contest.clone(),
        takes_appeals: policy.as_ref().is_some_and(|one| one.appeal().is_some()),
        asks_back: policy.is_some_and(|one| one.contradictions().is_some()),
        texts: TextLanguage::new(&frame, Some(&report.language)),
        policy: verdict.policy.to_string(),
        version: version_of(
            verdict.status,
            verdict.until,
            explanation.restrictions.iter().chain(&explanation.advice),
        ),
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

fn reason_view(
    reason: &Reason,
    report: &StatusReport,
    frame: &Frame,
    calendar: &Calendar,
) -> ReasonView {
    let finding = &reason.finding;
    let authority = match finding.authority {
        SELF_AUTHORITY => frame.t("authority-self"),
        TRACER_AUTHORITY => frame.t("authority-tracer"),
        other => report.authority_name(other).unwrap_or_default().to_owned(),
    };
    ReasonView {
        style: match reason.gives {
            Outcome::Restriction(colour) => colour.into(),
            Outcome::Advice => StatusStyle::Green,
        },
        title: reason.texts.title.clone(),
        what: reason.texts.reason.clone(),
        guidance: reason.texts.guidance.clone(),
        until: calendar.end(finding.until),
        authority,
        rule: finding.rule.to_string(),
        evidence: finding.evidence.iter().map(ToString::to_string).collect(),
        orders: report
            .orders_of(finding)
            .map(|order| order_view(order, frame, calendar))
            .collect(),
    }
}

fn order_view(order: &Order, frame: &Frame, calendar: &Calendar) -> OrderView {
    let [first, second] = order.signed_by().each_ref().map(|signer| office_of(signer));
    let by = if first == second {
        frame.with("order-by-one-office", "office", first)
    } else {
        let mut offices = FluentArgs::new();
        offices.set("first", first);
        offices.set("second", second);
        frame.language.fill("order-by-two-offices", &offices)
    };
    OrderView {
        by,
        basis: order.basis().to_owned(),
        until: calendar.end(order.until()),
    }
}

fn version_of<'r>(
    status: Status,
    until: Option<Timestamp>,
    reasons: impl Iterator<Item = &'r Reason>,
) -> String {
    let until = until.map(|until| until.as_second()).unwrap_or_default();
    let rules = reasons.map(|reason| {
        format!(
            "{}:{}",
            reason.finding.rule,
            reason.finding.until.as_second()
        )
    });
    format!("{status} {until} {}", rules.collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_sound, frames};
    use super::*;
    use crate::principal::RESIDENT_COOKIE;
    use crate::testing::City;

    fn sample(frame: &Frame, style: StatusStyle) -> CodePage {
        let reason = |style| ReasonView {
            style,
            title: "Close contact".into(),
            what: "You were with a case.".into(),
            guidance: "Stay at home.".into(),
            until: "the end of 2 March 2020".into(),
            authority: "City <health> office".into(),
            rule: "close-contact".into(),
            evidence: vec!["0".repeat(32)],
            orders: vec![OrderView {
                by: "Two officials of <b>one office".into(),
                basis: "Law <b>39".into(),
                until: "tomorrow".into(),
            }],
        };
        let is_restricted = matches!(style, StatusStyle::Yellow | StatusStyle::Red);
        CodePage {
            frame: frame.clone(),
            style,
            name: frame.is_demo.then(|| "Ming".into()),
            until: (style != StatusStyle::Undeclared).then(|| "the end of 2 March 2020".into()),
            picture: (style != StatusStyle::Undeclared).then(|| Picture {
                svg: picture("HK1:ABC", "alt").unwrap(),
                text: "HK1:ABC".into(),
                made: "now".into(),
            }),
            needs_proof: frame.is_demo,
            reasons: if is_restricted {
                vec![reason(style), reason(StatusStyle::Yellow)]
            } else {
                Vec::new()
            },
            advice: vec![reason(StatusStyle::Green)],
            contest: "Call 12345.".into(),
            takes_appeals: frame.is_demo,
            asks_back: frame.is_demo,
            texts: TextLanguage {
                tag: "en".into(),
                direction: "ltr",
                note: frame
                    .is_demo
                    .then(|| frame.with("policy-language-note", "language", "English")),
            },
            policy: "test v1".into(),
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
