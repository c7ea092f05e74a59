//! `GET /rules`: what decides every code. Rules that restrict people are public.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::policy::{Language, Outcome, Rule};
use domain::{Assurance, Policy};
use service::{Cap, Caps};

use super::dates::Calendar;
use super::status_style::StatusStyle;
use super::text_language::TextLanguage;
use super::{Frame, page};
use crate::App;
use crate::api::policy_address;
use crate::problem::Problem;

#[derive(Template)]
#[template(path = "rules.html")]
struct RulesPage {
    frame: Frame,
    policy: Option<PolicyView>,
    caps: Vec<String>,
}

/// A policy, as anybody reads it.
struct PolicyView {
    /// The language of the titles and of how to contest.
    texts: TextLanguage,
    version: String,
    text: String,
    needs: &'static str,
    rules: Vec<RuleView>,
    contest: String,
}

/// A rule, as anybody reads it.
struct RuleView {
    /// Its name in the policy, to which a reason leads.
    id: String,
    title: String,
    class: &'static str,
    shape: &'static str,
    gives: &'static str,
    words: String,
}

/// Shows the rules in force.
pub(super) async fn show(State(app): State<App>, frame: Frame) -> Result<Response, Problem> {
    let policy = app
        .service
        .policies
        .policy()
        .map(|policy| policy_view(&policy, &frame));
    let caps = caps_in_words(&app.service.settings().caps, &frame);
    page(&RulesPage {
        frame,
        policy,
        caps,
    })
}

/// What one authority or one person can do at most; a limit that does not bite is left out.
fn caps_in_words(caps: &Caps, frame: &Frame) -> Vec<String> {
    let limits = Cap::ALL.into_iter().map(|cap| (cap, caps.of(cap)));
    let bites = limits.filter(|(_, value)| *value < u32::MAX);
    bites
        .map(|(cap, value)| frame.count(cap_text(cap), &value))
        .collect()
}

const fn cap_text(cap: Cap) -> &'static str {
    match cap {
        Cap::OrdersADay => "cap-orders-a-day",
        Cap::ForeignVerdictsADay => "cap-foreign-verdicts-a-day",
        Cap::RestrictedByBatch => "cap-restricted-by-batch",
        Cap::Household => "cap-household",
        Cap::Building => "cap-building",
        Cap::Vehicle => "cap-vehicle",
        Cap::VisitsADay => "cap-visits-a-day",
        Cap::Phones => "cap-phones",
        Cap::WaitingProposals => "cap-waiting-proposals",
        Cap::LookUpsADay => "cap-look-ups-a-day",
    }
}

fn policy_view(policy: &Policy, frame: &Frame) -> PolicyView {
    let language = frame.language_of(policy);
    let calendar = Calendar::new(frame.language, policy.time_zone().clone());
    let mut version = fluent_bundle::FluentArgs::new();
    version.set("policy", policy.reference().to_string());
    version.set("when", calendar.date_time(policy.effective()));
    let contest = language.and_then(|language| policy.contest().in_language(language));
    PolicyView {
        texts: TextLanguage::new(frame, language),
        version: frame.language.fill("rules-version", &version),
        text: policy_address(policy.reference()),
        needs: match policy.code().needs {
            Assurance::Claimed => "rules-needs-claimed",
            Assurance::Phone => "rules-needs-phone",
            Assurance::Seen => "rules-needs-seen",
        },
        rules: policy
            .rules()
            .iter()
            .map(|rule| rule_view(rule, language))
            .collect(),
        contest: contest.unwrap_or_default().to_owned(),
    }
}

fn rule_view(rule: &Rule, language: Option<&Language>) -> RuleView {
    let (style, gives) = match rule.gives {
        Outcome::Restriction(domain::Colour::Red) => (StatusStyle::Red, "rules-gives-red"),
        Outcome::Restriction(_) => (StatusStyle::Yellow, "rules-gives-yellow"),
        Outcome::Advice => (StatusStyle::Green, "rules-gives-advice"),
    };
    let title = language.and_then(|language| rule.texts.title.in_language(language));
    RuleView {
        id: rule.id.to_string(),
        title: title.unwrap_or_default().to_owned(),
        class: style.class(),
        shape: if style == StatusStyle::Green {
            ""
        } else {
            style.shape()
        },
        gives,
        words: rule.in_words(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_sound, frames};
    use super::*;
    use crate::testing::{City, POLICY};

    #[test]
    fn the_rules_render_in_every_language_and_so_does_their_absence() {
        let policy = Policy::parse(POLICY).unwrap();
        for frame in frames() {
            let view = policy_view(&policy, &frame);
            assert_eq!(view.rules.len(), policy.rules().len());
            let html = assert_sound(
                &frame,
                &RulesPage {
                    frame: frame.clone(),
                    policy: Some(view),
                    caps: caps_in_words(&Caps::default(), &frame),
                },
            );
            assert!(html.contains("/api/v1/policies/test/1"));
            for needs in ["rules-needs-phone", "rules-needs-seen"] {
                assert!(!frame.t(needs).is_empty());
            }
            assert!(html.contains(&frame.t("rules-needs-claimed").to_string()));
            assert!(html.contains(&frame.t("rules-rates").to_string()));
            for cap in Cap::ALL {
                let words = frame.count(cap_text(cap), &Caps::default().of(cap));
                assert!(html.contains(&words), "{words}");
            }
            assert_sound(
                &frame,
                &RulesPage {
                    frame: frame.clone(),
                    policy: None,
                    caps: caps_in_words(&Caps::UNLIMITED, &frame),
                },
            );
        }
    }

    #[tokio::test]
    async fn anybody_may_read_the_rules_in_their_language() {
        let city = City::start().await;
        let page = city.get("/rules?lang=zh").await;
        assert!(
            page.text.contains("密切接触者") && page.text.contains("变红码"),
            "{}",
            page.text
        );
        assert!(
            page.text
                .contains("<h2 lang=\"zh-Hans\" dir=\"ltr\">密切接触者</h2>")
        );
    }

    #[tokio::test]
    async fn rules_that_lack_a_language_are_shown_in_another_and_say_so() {
        let city = City::start().await;
        let page = city.get("/rules?lang=ar").await;
        for words in [
            "<html lang=\"ar\" dir=\"rtl\"",
            "<h2 lang=\"en\" dir=\"ltr\">Close contact of a confirmed case</h2>",
            "يصبح الرمز أحمر",
            "هذا النص غير متوفر بالعربية بعد",
        ] {
            assert!(page.text.contains(words), "{words}: {}", page.text);
        }
        let english = city.get("/rules?lang=en").await;
        assert!(!english.text.contains("not in English yet"));
    }
}
