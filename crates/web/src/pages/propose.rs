//! `/officer/propose`: propose a policy or region levels.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::StaffId;
use fluent_bundle::FluentArgs;
use serde::Deserialize;
use service::{Proposal, ServiceError};

use super::dates::Calendar;
use super::policy_check::{CheckPart, Fault, LONGEST_SHOWN, MOST_SHOWN, PolicyCheck};
use super::propose_levels::{BadLine, LevelsForm, read};
use super::{Frame, go_to, page, page_with};
use crate::App;
use crate::principal::{StaffMay, act};
use crate::problem::Problem;
use crate::same_origin::SameOriginForm;

/// A policy as the officer pasted it.
#[derive(Default, Deserialize)]
pub(super) struct PolicyForm {
    toml: String,
    /// Its worked cases, which are tried and not kept.
    #[serde(default)]
    cases: String,
    /// That what is found is answered alone, for the script of the page.
    part: Option<String>,
}

#[derive(Template)]
#[template(path = "propose.html")]
struct ProposePage {
    frame: Frame,
    /// Who writes, so that nobody else is shown what a browser kept.
    whose: StaffId,
    error: Option<String>,
    /// The first of the lines that cannot be read.
    faults: Vec<Fault>,
    /// How many more there are.
    more: Option<String>,
    check: PolicyCheck,
    toml: String,
    cases: String,
    levels: LevelsForm,
    /// The word on the wire and the text for people.
    choices: [(&'static str, &'static str); 3],
    /// Rules in force that lose half of their appeals, by name: who writes the next ones should know.
    disputed: Vec<String>,
}

/// Shows the empty forms, and which rules lose their appeals.
pub(super) async fn show(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::ProposePolicy>,
) -> Result<Response, Problem> {
    let appeals = match app.service.appeals.by_rule().await {
        // Before the first policy.
        Err(ServiceError::NoPolicy) => Vec::new(),
        counted => counted?,
    };
    let disputed = appeals.into_iter().filter(|rule| rule.loses_half);
    page(&ProposePage {
        disputed: disputed.map(|rule| rule.rule).collect(),
        ..ProposePage::new(frame, staff.id())
    })
}

/// Proposes a policy, or says at which lines it is wrong. What was typed stays.
pub(super) async fn policy(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::ProposePolicy>,
    SameOriginForm(form): SameOriginForm<PolicyForm>,
) -> Result<Response, Problem> {
    let (toml, cases) = form.texts();
    let check = match app.service.publishing.propose_policy(&staff, &toml).await {
        Ok(proposal) => return Ok(to(&proposal)),
        Err(error) => PolicyCheck::refused(&frame, &toml, error)?,
    };
    beside((frame, staff.id()), check, toml, cases)
}

/// Says what a policy that is being written would say, and tries its worked cases. Nothing is proposed, so
/// that it may be asked oftener.
pub(super) async fn check(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::ProposePolicy>,
    SameOriginForm(form): SameOriginForm<PolicyForm>,
) -> Result<Response, Problem> {
    let is_part = form.part.is_some();
    let (toml, cases) = form.texts();
    let check = PolicyCheck::of(&app, &frame, &staff, (&toml, &cases)).await?;
    if is_part {
        let is_refused = check.refused.is_some();
        return page_with(&CheckPart { frame, check }, is_refused);
    }
    beside((frame, staff.id()), check, toml, cases)
}

impl PolicyForm {
    /// The policy and its cases. A browser sends the ends of lines as two characters.
    fn texts(self) -> (String, String) {
        let [toml, cases] = [self.toml, self.cases].map(|text| text.replace("\r\n", "\n"));
        (toml, cases)
    }
}

/// The page with what was found, and what was typed.
fn beside(
    (frame, whose): (Frame, StaffId),
    check: PolicyCheck,
    toml: String,
    cases: String,
) -> Result<Response, Problem> {
    let is_refused = check.refused.is_some();
    let drawn = ProposePage {
        check,
        toml,
        cases,
        ..ProposePage::new(frame, whose)
    };
    page_with(&drawn, is_refused)
}

/// Proposes region levels, or says which lines cannot be read, or why not. What was typed stays.
pub(super) async fn levels(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::ProposePolicy>,
    SameOriginForm(form): SameOriginForm<LevelsForm>,
) -> Result<Response, Problem> {
    let calendar = Calendar::or_utc(&frame, &app);
    let publishing = &app.service.publishing;
    let (error, bad) = match read(&form, &calendar) {
        Ok(levels) if levels.is_empty() => (frame.t("propose-levels-none"), Vec::new()),
        Ok(levels) => match publishing.propose_levels(&staff, &levels).await {
            Ok(proposal) => return Ok(to(&proposal)),
            Err(error) => (refusal(&frame, error)?, Vec::new()),
        },
        Err(bad) => (frame.t("propose-levels-wrong"), bad),
    };
    let more = bad.len().saturating_sub(MOST_SHOWN);
    let bad = bad.into_iter().take(MOST_SHOWN);
    let drawn = ProposePage {
        error: Some(error),
        faults: bad.map(|bad| at_line(&frame, bad)).collect(),
        more: (more > 0).then(|| frame.with("list-more", "count", &more.to_string())),
        levels: form,
        ..ProposePage::new(frame, staff.id())
    };
    page_with(&drawn, true)
}

fn to(proposal: &Proposal) -> Response {
    go_to(&format!("/officer/proposals/{}", proposal.id), None)
}

/// Why levels that can be read are not proposed.
fn refusal(frame: &Frame, error: ServiceError) -> Result<String, Problem> {
    Ok(match error {
        ServiceError::TooManyWaiting { .. } => frame.t("policy-check-waiting"),
        ServiceError::TooMany { count, limit, .. } => {
            let mut args = FluentArgs::new();
            args.set("limit", limit);
            args.set("count", count);
            frame.language.fill("propose-levels-many", &args)
        }
        error => return Err(error.into()),
    })
}

fn at_line(frame: &Frame, bad: BadLine) -> Fault {
    let place = match bad.line {
        Some(line) => frame.with("propose-line", "line", &line.to_string()),
        None => frame.t("propose-form-line"),
    };
    Fault {
        place,
        text: bad.text.chars().take(LONGEST_SHOWN).collect(),
        why: frame.t(bad.why),
    }
}

impl ProposePage {
    fn new(frame: Frame, whose: StaffId) -> Self {
        Self {
            frame,
            whose,
            error: None,
            faults: Vec::new(),
            more: None,
            check: PolicyCheck::default(),
            toml: String::new(),
            cases: String::new(),
            levels: LevelsForm {
                level: "high".to_owned(),
                ..LevelsForm::default()
            },
            choices: [
                ("low", "level-low"),
                ("medium", "level-medium"),
                ("high", "level-high"),
            ],
            disputed: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_sound, frames};
    use super::*;
    use crate::principal::SECURE_STAFF_COOKIE;
    use crate::testing::{City, percent_encoded};

    #[test]
    fn the_forms_render_in_every_language_with_and_without_faults() {
        for frame in frames() {
            for (error, why) in [
                (None, None),
                (Some("propose-levels-none"), None),
                (Some("propose-levels-wrong"), Some("levels-bad-columns")),
                (Some("propose-levels-wrong"), Some("levels-bad-region")),
                (Some("propose-levels-wrong"), Some("levels-bad-level")),
                (Some("propose-levels-wrong"), Some("levels-bad-from")),
                (Some("propose-levels-wrong"), Some("levels-bad-until")),
            ] {
                let faults = why.map(|why| {
                    let bad = [None, Some(3)].map(|line| BadLine {
                        line,
                        text: "4201, <b>".into(),
                        why,
                    });
                    bad.map(|bad| at_line(&frame, bad)).into()
                });
                let html = assert_sound(
                    &frame,
                    &ProposePage {
                        error: error.map(|error| frame.t(error)),
                        more: why.map(|_| frame.with("list-more", "count", "7")),
                        faults: faults.unwrap_or_default(),
                        disputed: why.map(str::to_owned).into_iter().collect(),
                        ..ProposePage::new(frame.clone(), StaffId::from_u128(7))
                    },
                );
                assert_eq!(html.contains("role=\"alert\""), error.is_some());
                assert_eq!(html.contains("4201, &#60;b&#62;"), why.is_some(), "{html}");
                let loses = frame.t("rules-loses-half");
                assert_eq!(html.contains(&loses), why.is_some(), "{html}");
            }
        }
    }

    #[tokio::test]
    async fn a_policy_is_proposed_on_the_page_and_a_second_person_approves_it() {
        let city = City::start().await;
        city.well_resident("Ming").await;
        let other = city.another_officer().await;
        let post = async |path: &str, form: String| {
            let ask = city.post(&format!("{path}?lang=en"));
            ask.cookie(SECURE_STAFF_COOKIE, &city.health)
                .form(&form)
                .await
        };
        let next = crate::testing::next_policy();
        let wrong = next.replacen("version", "verzion", 1);
        let form = format!("toml={}", percent_encoded(&wrong.replace('\n', "\r\n")));
        let refused = post("/officer/propose/policy", form).await;
        assert_eq!(refused.status, 422, "{refused:?}");
        let place = wrong.lines().position(|line| line.contains("verzion"));
        let line = format!("Line {}", place.unwrap() + 1);
        assert!(refused.text.contains(&line), "{line}: {refused:?}");
        assert!(refused.text.contains("not known here"), "{refused:?}");
        assert!(refused.text.contains("verzion = "), "what was typed stays");
        assert!(
            city.service
                .publishing
                .proposals()
                .await
                .unwrap()
                .is_empty()
        );

        let form = format!("toml={}", percent_encoded(&next));
        let proposed = post("/officer/propose/policy", form).await;
        assert_eq!(proposed.status, 303, "{proposed:?}");
        let address = proposed.headers["location"].to_str().unwrap().to_owned();
        city.service.publishing.compare_proposals().await.unwrap();
        let approved = city
            .post(&address)
            .cookie(SECURE_STAFF_COOKIE, &other)
            .form("decision=approve&reason=agreed")
            .await;
        assert_eq!(approved.status, 303, "{approved:?}");
        let done = city
            .get(&format!("{address}?lang=en"))
            .cookie(SECURE_STAFF_COOKIE, &other)
            .await;
        assert!(done.text.contains("Approved"), "{done:?}");
    }

    #[tokio::test]
    async fn a_policy_is_checked_as_one_types_in_the_readers_language_and_nothing_is_written() {
        let city = City::start().await;
        let ask = async |part: &str, toml: &str, cases: &str, language: &str| {
            let (toml, cases) = (percent_encoded(toml), percent_encoded(cases));
            let form = format!("toml={toml}&cases={cases}{part}");
            let ask = city.post(&format!("/officer/propose/policy/check?lang={language}"));
            ask.cookie(SECURE_STAFF_COOKIE, &city.health)
                .form(&form)
                .await
        };
        let next = crate::testing::next_policy();
        let wrong = next.replacen("version", "verzion", 1);
        for (language, words) in [("en", "not known here"), ("ko", "여기에 없는 필드입니다")]
        {
            let part = ask("&part=yes", &wrong, "", language).await;
            assert_eq!(part.status, 422, "{part:?}");
            assert!(part.text.contains(words), "{part:?}");
            assert!(!part.text.contains("<textarea"), "what was found alone");
        }
        let good = ask("&part=yes", &next, "", "en").await;
        assert_eq!(good.status, 200, "{good:?}");
        assert!(good.text.contains("Nothing is proposed yet"), "{good:?}");
        assert!(
            good.text.contains("What leads to it"),
            "rules in words: {good:?}"
        );
        // Without a script the same stands on the page, beside what was typed.
        let page = ask("", &next, "[[case]]\nname = \"none\"\n", "en").await;
        assert!(page.text.contains("cases cannot be read"), "{page:?}");
        assert!(page.text.contains("name = &#34;none&#34;"), "{page:?}");
        let other = next.replacen("version = 2", "version = 1", 1) + "# another text\n";
        let known = ask("", &other, "", "en").await;
        assert!(
            known.text.contains("published with another text"),
            "{known:?}"
        );
        let waiting = city.service.publishing.proposals().await.unwrap();
        assert_eq!(waiting.len(), 0, "checking proposes nothing");
        // What one line with ten thousand faults or a thousand pieces of evidence would take stays small.
        let flood = format!(
            "[[case]]\nname = \"a\"\nexpect = [{}]",
            "{},".repeat(10_000)
        );
        let flood = ask("&part=yes", &next, &flood, "en").await;
        assert!(flood.text.len() < 100_000, "{}", flood.text.len());
        let long = ask("&part=yes", &"#".repeat(300_000), "", "en").await;
        assert_eq!(long.status, 413, "{long:?}");
    }

    #[tokio::test]
    async fn levels_are_proposed_on_the_page_or_their_lines_are_named() {
        let city = City::start().await;
        let post = async |form: &str| {
            let ask = city.post("/officer/propose/levels?lang=en");
            ask.cookie(SECURE_STAFF_COOKIE, &city.health)
                .form(form)
                .await
        };
        let none = post("region=&level=high&from=&until=&lines=").await;
        assert!(none.text.contains("at least one region"), "{none:?}");
        let lines = percent_encoded("4201,high,2020-02-01\n4201,red,2020-02-01");
        let wrong = post(&format!("lines={lines}")).await;
        assert!(wrong.text.contains("Line 2"), "{wrong:?}");
        assert!(wrong.text.contains("Expected low, medium or high"));
        assert!(
            wrong.text.contains("4201,high,2020-02-01"),
            "what was typed stays"
        );
        let good = post("region=4201&level=high&from=2020-02-01&until=&lines=").await;
        assert_eq!(good.status, 303, "{good:?}");
        let proposals = city.service.publishing.proposals().await.unwrap();
        assert_eq!(proposals.len(), 1);
        assert!(proposals[0].is_waiting());
    }
    #[tokio::test]
    async fn of_three_thousand_bad_lines_the_first_are_named_and_one_proposal_too_many_loses_none()
    {
        let city = City::start_with_caps(|caps| caps.with(service::Cap::WaitingProposals, 1)).await;
        let post = async |lines: &str| {
            let ask = city.post("/officer/propose/levels?lang=en");
            let ask = ask.cookie(SECURE_STAFF_COOKIE, &city.health);
            ask.form(&format!("lines={}", percent_encoded(lines))).await
        };
        let line = |level: &str| format!("4201,{level},2020-02-01\n");
        let wrong = post(&line("red").repeat(3_000)).await;
        assert_eq!(wrong.status, 422);
        assert!(wrong.text.contains("Line 100<") && !wrong.text.contains("Line 101<"));
        assert!(wrong.text.contains("And 2900 more"));
        assert!(wrong.text.len() < 150_000, "{}", wrong.text.len());
        let long = post(&"x".repeat(60_000)).await;
        assert!(long.text.len() < 100_000, "{}", long.text.len());

        assert_eq!(post(&line("high")).await.status, 303);
        let full = post(&line("low").repeat(10)).await;
        assert_eq!(full.status, 422, "{full:?}");
        assert!(full.text.contains("Too many proposals wait"), "{full:?}");
        assert!(full.text.contains(&line("low").repeat(10)), "{full:?}");
        let many = post(&line("low").repeat(20_001)).await;
        assert_eq!(many.status, 422, "{}", many.text.len());
        assert!(many.text.contains("levels at once"));
        assert!(many.text.contains(&line("low").repeat(20)));
    }
}
