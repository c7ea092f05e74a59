//! What anybody reads without signing in: how to check a code, what is kept and when it ends, what one
//! office can do and did, and answers to the questions that people have.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::FactKind;
use fluent_bundle::FluentArgs;
use service::{GLITCH_DAYS, Retention, SESSION_DAYS, Settled};

use super::rules::{caps_in_words, half_in_words};
use super::{Frame, page};
use crate::App;
use crate::problem::Problem;

#[derive(Template)]
#[template(path = "check.html")]
struct CheckPage {
    frame: Frame,
}

/// A kind of data.
struct Kept {
    what: String,
    /// The names of the texts that say what for, and who may read it.
    why: &'static str,
    who: &'static str,
    until: String,
}

#[derive(Template)]
#[template(path = "data.html")]
struct DataPage {
    frame: Frame,
    kept: Vec<Kept>,
}

#[derive(Template)]
#[template(path = "limits.html")]
struct LimitsPage {
    frame: Frame,
    caps: Vec<String>,
    settled: Vec<String>,
    disclosures: Vec<String>,
}

/// A question with where its answer leads.
struct Question {
    /// The last part of the names of its texts, and its anchor.
    id: &'static str,
    address: &'static str,
    /// The name of the text on the link.
    link: &'static str,
}

#[derive(Template)]
#[template(path = "help.html")]
struct HelpPage {
    frame: Frame,
    questions: &'static [Question],
}

/// The questions, each with the page on which one acts.
const QUESTIONS: [Question; 11] = [
    question("wrong", "/me/appeals/new", "appeal-go"),
    question("why", "/me/why", "why-title"),
    question("end", "/me/why", "why-title"),
    question("no-phone", "/check", "check-title"),
    question("lost", "/me/security", "security-title"),
    question("child", "/me/people", "people-title"),
    question("sign-in", "/sign-in", "home-go-sign-in"),
    question("refused", "/checkpoint/answers", "answers-title"),
    question("number", "/me/security", "security-title"),
    question("who", "/me/security", "security-title"),
    question("out", "/data", "kept-title"),
];

const fn question(id: &'static str, address: &'static str, link: &'static str) -> Question {
    Question { id, address, link }
}

/// Shows how to check a code.
pub(super) async fn check(frame: Frame) -> Result<Response, Problem> {
    page(&CheckPage { frame })
}

/// Shows what is kept, what for, and until when.
pub(super) async fn data(State(app): State<App>, frame: Frame) -> Result<Response, Problem> {
    let kept = kept(&frame, &app.service.settings().retention);
    page(&DataPage { kept, frame })
}

/// Shows what one office can do at most, and did.
pub(super) async fn limits(State(app): State<App>, frame: Frame) -> Result<Response, Problem> {
    let caps = caps_in_words(&app.service.settings().caps, &frame);
    let settled = app.service.desk.settled().await?;
    let halves = app.service.disclosures.by_half_year().await?;
    let disclosures = halves.iter().map(|half| half_in_words(half, &frame));
    page(&LimitsPage {
        caps,
        settled: settled_in_words(&frame, settled),
        disclosures: disclosures.collect(),
        frame,
    })
}

/// Shows answers to the questions that people have.
pub(super) async fn help(frame: Frame) -> Result<Response, Problem> {
    page(&HelpPage {
        frame,
        questions: &QUESTIONS,
    })
}

fn settled_in_words(frame: &Frame, [orders, batches]: [Settled; 2]) -> Vec<String> {
    let line = |id: &str, settled: Settled| {
        let number = |count: Option<u64>| count.map_or_else(|| "*".to_owned(), |n| n.to_string());
        let mut args = FluentArgs::new();
        args.set("approved", number(settled.approved));
        args.set("rejected", number(settled.rejected));
        frame.language.fill(id, &args)
    };
    vec![
        line("limits-orders", orders),
        line("limits-batches", batches),
    ]
}

fn kept(frame: &Frame, retention: &Retention) -> Vec<Kept> {
    let kinds = FactKind::ALL.iter().copied().map(|kind| Kept {
        what: match kind {
            FactKind::Withdrawal => frame.t("kept-withdrawal"),
            kind => frame.t(&format!("kind-{kind}")),
        },
        why: match kind {
            FactKind::Visit => "kept-why-visit",
            FactKind::Withdrawal => "kept-why-withdrawal",
            _ => "kept-why-rules",
        },
        who: match kind {
            FactKind::Visit => "kept-who-visit",
            _ => "kept-who-record",
        },
        until: match retention.days_of(kind) {
            Some(days) => frame.count("kept-days-after", &days),
            None => frame.t("kept-until-sunset"),
        },
    });
    let other = |what: &str, why, who, until| Kept {
        what: frame.t(what),
        why,
        who,
        until,
    };
    let months = u32::from(retention.identity_months());
    let others = [
        other(
            "kept-identity",
            "kept-why-identity",
            "kept-who-identity",
            frame.count("kept-months-sealed", &months),
        ),
        other(
            "kept-group",
            "kept-why-group",
            "kept-who-group",
            frame.count("kept-days-left", &retention.membership_days()),
        ),
        other(
            "appeals-title",
            "kept-why-appeal",
            "kept-who-appeal",
            frame.count("kept-days-answered", &retention.appeal_days()),
        ),
        other(
            "kept-phones",
            "kept-why-phones",
            "kept-who-phones",
            frame.count("kept-days-session", &SESSION_DAYS),
        ),
        other(
            "kept-disclosed",
            "kept-why-disclosed",
            "kept-who-disclosed",
            frame.count("kept-days-later", &retention.disclosure_delay_days()),
        ),
        other(
            "kept-report",
            "kept-why-report",
            "kept-who-report",
            frame.count("kept-days-report", &GLITCH_DAYS),
        ),
        other(
            "log-title",
            "kept-why-log",
            "kept-who-log",
            frame.count("kept-days-log", &retention.log_days()),
        ),
        other(
            "kept-messages",
            "kept-why-messages",
            "kept-who-messages",
            frame.count("kept-days", &retention.message_days()),
        ),
        other(
            "kept-account",
            "kept-why-account",
            "kept-who-account",
            frame.count("kept-days", &retention.account_days()),
        ),
        other(
            "kept-searches",
            "kept-why-searches",
            "kept-who-searches",
            frame.count("kept-days", &retention.search_days()),
        ),
        other(
            "kept-proposals",
            "kept-why-proposals",
            "kept-who-proposals",
            frame.count("kept-days-decided", &retention.proposal_days()),
        ),
    ];
    kinds.chain(others).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_sound, frames};
    use super::*;
    use crate::testing::City;

    #[test]
    fn the_pages_of_the_public_render_in_every_language() {
        let mut retention = Retention::DESIGN;
        // Whatever can be set stands on the page.
        let set = [
            ("visit", "17d"),
            ("memberships", "18d"),
            ("appeals", "190d"),
            ("log", "371d"),
            ("disclosure_delay", "23d"),
            ("identities", "7 months"),
            ("messages", "33d"),
            ("proposals", "61d"),
            ("accounts", "183d"),
            ("searches", "34d"),
        ];
        for (name, value) in set {
            retention.set_named(name, value).unwrap();
        }
        for frame in frames() {
            assert_sound(
                &frame,
                &CheckPage {
                    frame: frame.clone(),
                },
            );
            let html = assert_sound(
                &frame,
                &HelpPage {
                    frame: frame.clone(),
                    questions: &QUESTIONS,
                },
            );
            assert_eq!(
                html.matches("<details").count(),
                QUESTIONS.len() + usize::from(frame.is_demo)
            );
            let kept = kept(&frame, &retention);
            assert_eq!(kept.len(), FactKind::ALL.len() + 11);
            let html = assert_sound(
                &frame,
                &DataPage {
                    kept,
                    frame: frame.clone(),
                },
            );
            for (name, value) in set {
                let number = value.trim_end_matches(|c: char| !c.is_ascii_digit());
                assert!(html.contains(number), "{name} as it is configured: {html}");
            }
            let settled = Settled {
                approved: Some(20),
                rejected: None,
            };
            let html = assert_sound(
                &frame,
                &LimitsPage {
                    caps: vec!["one".into()],
                    settled: settled_in_words(&frame, [settled, settled]),
                    disclosures: Vec::new(),
                    frame: frame.clone(),
                },
            );
            assert!(html.contains("20") && html.contains('*'), "{html}");
        }
    }

    #[tokio::test]
    async fn anybody_opens_them_and_every_link_of_the_help_leads_somewhere() {
        let city = City::start().await;
        for address in ["/check", "/data", "/limits", "/help"] {
            assert_eq!(city.get(address).await.status, 200, "{address}");
        }
        for question in &QUESTIONS {
            let status = city.get(question.address).await.status;
            assert!(
                matches!(status, 200 | 303),
                "{}: {status}",
                question.address
            );
        }
    }
}
