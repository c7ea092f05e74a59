//! `/officer/propose`: propose a policy or region levels.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::policy::PolicyError;
use serde::Deserialize;
use service::{Proposal, ServiceError};

use super::dates::Calendar;
use super::propose_levels::{BadLine, LevelsForm, read};
use super::{Frame, go_to, page};
use crate::App;
use crate::principal::{StaffMay, act};
use crate::problem::Problem;
use crate::same_origin::SameOriginForm;

/// A policy as the officer pasted it.
#[derive(Default, Deserialize)]
pub(super) struct PolicyForm {
    toml: String,
}

#[derive(Template)]
#[template(path = "propose.html")]
struct ProposePage {
    frame: Frame,
    error: Option<&'static str>,
    faults: Vec<Fault>,
    toml: String,
    levels: LevelsForm,
    /// The word on the wire and the text for people.
    choices: [(&'static str, &'static str); 3],
}

/// What is wrong, and where.
struct Fault {
    place: String,
    /// The line as it was written.
    text: String,
    why: String,
}

/// Shows the empty forms.
pub(super) async fn show(
    frame: Frame,
    StaffMay(..): StaffMay<act::ProposePolicy>,
) -> Result<Response, Problem> {
    page(&ProposePage::new(frame))
}

/// Checks a policy and proposes it, or says at which lines it is wrong.
pub(super) async fn policy(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::ProposePolicy>,
    SameOriginForm(form): SameOriginForm<PolicyForm>,
) -> Result<Response, Problem> {
    // A browser sends the ends of lines as two characters.
    let toml = form.toml.replace("\r\n", "\n");
    let (error, faults) = match app.service.publishing.propose_policy(&staff, &toml).await {
        Ok(proposal) => return Ok(to(&proposal)),
        Err(ServiceError::PolicyRefused { problems }) => {
            ("propose-policy-wrong", at_lines(&frame, &toml, &problems))
        }
        Err(ServiceError::PolicyExists(_)) => ("propose-policy-exists", Vec::new()),
        Err(error) => return Err(error.into()),
    };
    page(&ProposePage {
        error: Some(error),
        faults,
        toml,
        ..ProposePage::new(frame)
    })
}

/// Proposes region levels, or says which lines cannot be read.
pub(super) async fn levels(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::ProposePolicy>,
    SameOriginForm(form): SameOriginForm<LevelsForm>,
) -> Result<Response, Problem> {
    let calendar = Calendar::or_utc(&frame, &app);
    let (error, faults) = match read(&form, &calendar) {
        Ok(levels) if levels.is_empty() => ("propose-levels-none", Vec::new()),
        Ok(levels) => {
            let proposal = app
                .service
                .publishing
                .propose_levels(&staff, &levels)
                .await?;
            return Ok(to(&proposal));
        }
        Err(bad) => {
            let faults = bad.into_iter().map(|bad| at_line(&frame, bad));
            ("propose-levels-wrong", faults.collect())
        }
    };
    page(&ProposePage {
        error: Some(error),
        faults,
        levels: form,
        ..ProposePage::new(frame)
    })
}

fn to(proposal: &Proposal) -> Response {
    go_to(&format!("/officer/proposals/{}", proposal.id), None)
}

fn at_lines(frame: &Frame, toml: &str, problems: &[PolicyError]) -> Vec<Fault> {
    let faults = problems.iter().map(|problem| {
        let why = match problem.path.as_str() {
            "" => problem.problem.to_string(),
            path => format!("{path}: {}", problem.problem),
        };
        let text = toml.lines().nth(problem.line.saturating_sub(1));
        Fault {
            place: frame.with("propose-line", "line", &problem.line.to_string()),
            text: text.unwrap_or_default().trim().to_owned(),
            why,
        }
    });
    faults.collect()
}

fn at_line(frame: &Frame, bad: BadLine) -> Fault {
    let place = match bad.line {
        Some(line) => frame.with("propose-line", "line", &line.to_string()),
        None => frame.t("propose-form-line"),
    };
    Fault {
        place,
        text: bad.text,
        why: frame.t(bad.why),
    }
}

impl ProposePage {
    fn new(frame: Frame) -> Self {
        Self {
            frame,
            error: None,
            faults: Vec::new(),
            toml: String::new(),
            levels: LevelsForm {
                level: "high".to_owned(),
                ..LevelsForm::default()
            },
            choices: [
                ("low", "level-low"),
                ("medium", "level-medium"),
                ("high", "level-high"),
            ],
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
                (Some("propose-policy-wrong"), None),
                (Some("propose-policy-exists"), None),
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
                        error,
                        faults: faults.unwrap_or_default(),
                        ..ProposePage::new(frame.clone())
                    },
                );
                assert_eq!(html.contains("role=\"alert\""), error.is_some());
                assert_eq!(html.contains("4201, &#60;b&#62;"), why.is_some(), "{html}");
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
        assert_eq!(refused.status, 200, "{refused:?}");
        let place = wrong.lines().position(|line| line.contains("verzion"));
        let line = format!("Line {}", place.unwrap() + 1);
        assert!(refused.text.contains(&line), "{line}: {refused:?}");
        assert!(refused.text.contains("unknown field"), "{refused:?}");
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
}
