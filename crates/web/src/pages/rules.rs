//! `GET /rules`: what decides every code. Rules that restrict people are public.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::policy::{Duration, Language, Outcome, Rule};
use domain::{Assurance, Policy, Relief};
use fluent_bundle::FluentArgs;
use service::{AppealsByRule, Cap, Caps, HalfYear};

use super::dates::Calendar;
use super::rule_words::{RuleWords, in_words};
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
    disclosures: Vec<String>,
}

/// A policy, as anybody reads it.
pub(super) struct PolicyView {
    /// The language of the titles and of how to contest.
    pub(super) texts: TextLanguage,
    pub(super) version: String,
    pub(super) text: String,
    needs: &'static str,
    /// What is promised to those who appeal.
    promise: Vec<String>,
    pub(super) rules: Vec<RuleView>,
    contest: String,
}

/// A rule, as anybody reads it.
pub(super) struct RuleView {
    /// Its name in the policy, to which a reason leads.
    pub(super) id: String,
    pub(super) title: String,
    pub(super) class: &'static str,
    pub(super) shape: &'static str,
    pub(super) gives: &'static str,
    /// What it says, made from the rule itself.
    pub(super) words: RuleWords,
    /// The same as one English sentence.
    exactly: String,
    /// How appeals against it went, if there were enough to be shown.
    appeals: Option<String>,
    /// Whether its authors should look at it again.
    loses_half: bool,
}

/// Shows the rules in force.
pub(super) async fn show(State(app): State<App>, frame: Frame) -> Result<Response, Problem> {
    let policy = match app.service.policies.policy() {
        Some(policy) => {
            let appeals = app.service.appeals.by_rule().await?;
            Some(policy_view(&policy, &appeals, &frame))
        }
        None => None,
    };
    let caps = caps_in_words(&app.service.settings().caps, &frame);
    let halves = app.service.disclosures.by_half_year().await?;
    let disclosures = halves.iter().map(|half| half_in_words(half, &frame));
    page(&RulesPage {
        disclosures: disclosures.collect(),
        frame,
        policy,
        caps,
    })
}

/// How often data were handed to somebody outside in half a year. How many people were in it is left
/// out if they are few (invariant 13).
pub(super) fn half_in_words(half: &HalfYear, frame: &Frame) -> String {
    let mut counts = FluentArgs::new();
    counts.set("year", half.year.to_string());
    counts.set("half", half.half.to_string());
    counts.set("disclosures", half.disclosures.to_string());
    match service::rounded_unless_small(half.people) {
        Some(people) => {
            counts.set("people", people.to_string());
            frame.language.fill("disclosures-half", &counts)
        }
        None => frame.language.fill("disclosures-half-few", &counts),
    }
}

/// What one authority or one person can do at most; a limit that does not bite is left out.
pub(super) fn caps_in_words(caps: &Caps, frame: &Frame) -> Vec<String> {
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

pub(super) fn policy_view(policy: &Policy, appeals: &[AppealsByRule], frame: &Frame) -> PolicyView {
    let language = frame.language_of(policy);
    let calendar = Calendar::new(frame.language, policy.time_zone().clone());
    let mut version = FluentArgs::new();
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
        promise: promise(policy, frame),
        rules: policy
            .rules()
            .iter()
            .map(|rule| {
                let of_rule = appeals.iter().find(|one| one.rule == rule.id.as_str());
                rule_view(rule, language, of_rule, frame)
            })
            .collect(),
        contest: contest.unwrap_or_default().to_owned(),
    }
}

fn promise(policy: &Policy, frame: &Frame) -> Vec<String> {
    let Some(rule) = policy.appeal() else {
        return vec![frame.t("rules-no-appeals")];
    };
    let mut promise = vec![match rule.answer_within {
        Duration::Hours(hours) => frame.count("rules-answer-hours", &u32::from(hours)),
        Duration::Days(days) => frame.count("rules-answer-days", &u32::from(days)),
    }];
    if rule.relief == Relief::Yellow {
        promise.push(frame.t("rules-relief-yellow"));
    }
    if rule.suspends {
        promise.push(frame.t("rules-suspends"));
    }
    promise
}

fn rule_view(
    rule: &Rule,
    language: Option<&Language>,
    appeals: Option<&AppealsByRule>,
    frame: &Frame,
) -> RuleView {
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
        words: in_words(frame, rule),
        exactly: rule.in_words(),
        appeals: appeals.and_then(|appeals| appeals_in_words(appeals, frame)),
        loses_half: appeals.is_some_and(|appeals| appeals.loses_half),
    }
}

/// How appeals went; nothing if a figure is kept back.
fn appeals_in_words(appeals: &AppealsByRule, frame: &Frame) -> Option<String> {
    let mut words = FluentArgs::new();
    words.set("days", appeals.days);
    words.set("filed", appeals.filed?);
    words.set("answered", appeals.answered?);
    words.set("right", appeals.right?);
    words.set("hours", appeals.hours?);
    Some(frame.language.fill("rules-appeals", &words))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_sound, frames};
    use super::*;
    use crate::testing::{City, POLICY};

    fn half(people: u64) -> HalfYear {
        HalfYear {
            year: 2020,
            half: 1,
            disclosures: 3,
            people,
        }
    }

    #[test]
    fn the_rules_render_in_every_language_and_so_does_their_absence() {
        let policy = Policy::parse(POLICY).unwrap();
        for frame in frames() {
            let appeals = AppealsByRule {
                rule: policy.rules()[0].id.to_string(),
                days: 180,
                filed: Some(40),
                answered: Some(30),
                right: Some(20),
                hours: Some(11),
                loses_half: true,
            };
            let kept_back = AppealsByRule {
                right: None,
                ..appeals.clone()
            };
            assert_eq!(appeals_in_words(&kept_back, &frame), None);
            let view = policy_view(&policy, &[appeals], &frame);
            assert_eq!(view.rules.len(), policy.rules().len());
            let html = assert_sound(
                &frame,
                &RulesPage {
                    frame: frame.clone(),
                    policy: Some(view),
                    caps: caps_in_words(&Caps::default(), &frame),
                    disclosures: [9, 10]
                        .map(|people| half_in_words(&half(people), &frame))
                        .into(),
                },
            );
            assert!(html.contains("/api/v1/policies/test/1"));
            assert!(html.contains(&frame.t("rules-loses-half").to_string()));
            for needs in ["rules-needs-phone", "rules-needs-seen"] {
                assert!(!frame.t(needs).is_empty());
            }
            for promise in ["rules-relief-yellow", "rules-suspends"] {
                assert!(html.contains(&frame.t(promise).to_string()));
            }
            assert!(!frame.t("rules-no-appeals").contains('⟦'));
            assert!(!frame.count("rules-answer-days", &2).contains('⟦'));
            assert!(html.contains(&frame.t("rules-needs-claimed").to_string()));
            assert!(html.contains(&frame.t("rules-rates").to_string()));
            assert!(html.contains("2020") && !html.contains('⟦'), "{html}");
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
                    disclosures: Vec::new(),
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
