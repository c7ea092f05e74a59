//! `GET /me/card`: a card to print, for people without a phone.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use service::IssuedCode;

use super::dates::Calendar;
use super::{Frame, page, picture};
use crate::App;
use crate::principal::ResidentSession;
use crate::problem::Problem;

#[derive(Template)]
#[template(path = "card.html")]
pub(super) struct CardPage {
    frame: Frame,
    svg: String,
    until: String,
    /// Whether a worker prints it for somebody.
    is_office: bool,
}

impl CardPage {
    /// A card that a worker prints for who stands at the counter.
    pub(super) fn of_office(
        app: &App,
        frame: Frame,
        card: IssuedCode,
    ) -> Result<Response, Problem> {
        Self::of(app, frame, card, true)
    }

    fn of(app: &App, frame: Frame, card: IssuedCode, is_office: bool) -> Result<Response, Problem> {
        let svg = picture(&card.text.unwrap_or_default(), &frame.t("code-qr-alt"))?;
        let until = Calendar::of(&frame, app)?.end(card.expires_at);
        page(&Self {
            frame,
            svg,
            until,
            is_office,
        })
    }
}

/// Shows a card to print. The masked name stands in the code, so that a guard can compare it with a
/// document.
pub(super) async fn show(
    State(app): State<App>,
    frame: Frame,
    ResidentSession(resident): ResidentSession,
) -> Result<Response, Problem> {
    let card = app.service.codes.card(&resident).await?;
    CardPage::of(&app, frame, card, false)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_sound, frames};
    use super::*;
    use crate::principal::RESIDENT_COOKIE;
    use crate::testing::City;

    #[test]
    fn the_card_renders_in_every_language_and_shows_no_colour() {
        for frame in frames() {
            let svg = picture("HK1:ABC", "alt").unwrap();
            let card = CardPage {
                frame: frame.clone(),
                svg,
                until: "tomorrow".into(),
                is_office: frame.is_demo,
            };
            let html = assert_sound(&frame, &card);
            for colour in ["green", "yellow", "red"] {
                assert!(!html.contains(&format!("class=\"{colour}")));
            }
        }
    }

    #[tokio::test]
    async fn a_card_is_drawn_for_who_has_declared() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let answer = city
            .get("/me/card")
            .cookie(RESIDENT_COOKIE, &ming.session)
            .await;
        assert!(
            answer.status == 200 && answer.text.contains("<svg"),
            "{answer:?}"
        );
        let lan = city.resident("Lan").await;
        let answer = city
            .get("/me/card")
            .cookie(RESIDENT_COOKIE, &lan.session)
            .await;
        assert_eq!(answer.status, 409);
    }
}
