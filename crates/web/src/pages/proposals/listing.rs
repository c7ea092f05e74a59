//! `GET /officer/proposals`: what was proposed, what waits first, page by page.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use domain::ProposalId;
use service::{ProposalOutcome, ProposalPlace};

use super::super::list_filter::{ListAsked, ListFilter, place};
use super::super::{Frame, page};
use super::{Line, line};
use crate::App;
use crate::principal::{StaffMay, act};
use crate::problem::Problem;

/// How a proposal ended, and the names of the texts.
pub(in crate::pages) const STATES: [(&str, &str); 3] = [
    (ProposalOutcome::Waiting.as_str(), "list-waiting"),
    (ProposalOutcome::Approved.as_str(), "proposal-approved"),
    (ProposalOutcome::Rejected.as_str(), "proposal-rejected"),
];

#[derive(Template)]
#[template(path = "proposals.html")]
struct ProposalsPage {
    frame: Frame,
    filter: ListFilter,
    proposals: Vec<Line>,
}

/// Lists the proposals.
pub(in crate::pages) async fn list(
    State(app): State<App>,
    frame: Frame,
    StaffMay(..): StaffMay<act::ReadProposals>,
    Query(asked): Query<ListAsked>,
) -> Result<Response, Problem> {
    let found = app
        .service
        .publishing
        .page(None, outcome(&asked), place_of(&asked))
        .await?;
    let next = found.next.map(written);
    let lines = found.lines.iter().map(|one| line(&frame, &app, one));
    page(&ProposalsPage {
        filter: ListFilter::new(&frame, "/officer/proposals", &STATES, &asked, next),
        proposals: lines.collect(),
        frame,
    })
}

/// The outcome that is asked for.
pub(in crate::pages) fn outcome(asked: &ListAsked) -> Option<ProposalOutcome> {
    asked.state(&ProposalOutcome::ALL, ProposalOutcome::as_str)
}

/// The place where the page begins.
pub(in crate::pages) fn place_of(asked: &ListAsked) -> Option<ProposalPlace> {
    let (at, is_settled, id): (_, u8, ProposalId) = asked.after()?;
    Some((is_settled != 0, at, id))
}

/// A place as the address writes it.
pub(in crate::pages) fn written((is_settled, at, id): ProposalPlace) -> String {
    place(at, u8::from(is_settled), id)
}

#[cfg(test)]
mod tests {
    use domain::Timestamp;

    use super::super::super::tests::{assert_sound, frames};
    use super::*;

    #[test]
    fn the_list_renders_in_every_language_and_goes_on_where_it_says() {
        let at = Timestamp::from_second(1_582_171_200).unwrap();
        for is_settled in [false, true] {
            let place = (is_settled, at, ProposalId::from_u128(7));
            let asked = ListAsked {
                state: "approved".into(),
                after: written(place),
                ..ListAsked::default()
            };
            assert_eq!(place_of(&asked), Some(place));
            assert_eq!(outcome(&asked), Some(ProposalOutcome::Approved));
            for frame in frames() {
                let next = Some(written(place));
                let line = Line {
                    id: "0".repeat(32),
                    name: "<b>hangzhou".to_owned(),
                    state: "proposal-approved",
                    proposed: "City".to_owned(),
                };
                let page = ProposalsPage {
                    filter: ListFilter::new(&frame, "/officer/proposals", &STATES, &asked, next),
                    proposals: vec![line],
                    frame: frame.clone(),
                };
                let html = assert_sound(&frame, &page);
                assert!(html.contains("state=approved&#38;after=") && !html.contains("<b>hang"));
            }
        }
    }
}
