//! `GET /officer/cases/{person}/{diagnosis}`: how far the search for contacts is. Counts, never
//! names.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use fluent_bundle::FluentArgs;

use super::dates::Calendar;
use super::demo::{Choice, personas};
use super::{Frame, page};
use crate::App;
use crate::principal::{StaffMay, act};
use crate::problem::Problem;
use crate::wire::{EvidenceText, InPath, PersonText, WireText};

#[derive(Template)]
#[template(path = "case.html")]
struct CasePage {
    frame: Frame,
    /// How many were found; `None` while the search runs.
    contacts: Option<u32>,
    window: String,
    personas: Vec<Choice>,
}

/// Shows the search; the page asks for itself again until it is finished.
pub(super) async fn show(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::ReadTrace>,
    InPath((WireText(person), WireText(diagnosis))): InPath<(PersonText, EvidenceText)>,
) -> Result<Response, Problem> {
    let trace = app.service.tracing.trace(&staff, person, diagnosis).await?;
    let calendar = Calendar::of(&frame, &app)?;
    let mut window = FluentArgs::new();
    window.set("from", calendar.date_time(trace.job.from));
    window.set("until", calendar.date_time(trace.job.until));
    page(&CasePage {
        contacts: trace.finished.map(|finished| finished.contacts),
        window: frame.language.fill("officer-case-window", &window),
        personas: personas(&app, &frame),
        frame,
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_sound, frames};
    use super::*;
    use crate::principal::SECURE_STAFF_COOKIE;
    use crate::testing::City;

    #[test]
    fn the_search_renders_in_every_language_running_and_finished() {
        for frame in frames() {
            for contacts in [None, Some(0), Some(1), Some(23)] {
                let html = assert_sound(
                    &frame,
                    &CasePage {
                        frame: frame.clone(),
                        contacts,
                        window: "yesterday".into(),
                        personas: Vec::new(),
                    },
                );
                assert_eq!(html.contains("refresh"), contacts.is_none());
            }
        }
    }

    #[tokio::test]
    async fn a_case_that_was_never_confirmed_is_not_there() {
        let city = City::start().await;
        let nobody = "0".repeat(32);
        for address in [
            format!("/officer/cases/{nobody}/{nobody}"),
            "/officer/cases/a/b".into(),
        ] {
            let answer = city
                .get(&address)
                .cookie(SECURE_STAFF_COOKIE, &city.health)
                .await;
            assert_eq!(answer.status, 404);
        }
    }
}
