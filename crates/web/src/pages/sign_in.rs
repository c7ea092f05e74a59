//! `/officer/sign-in`, `/officer/sign-out`.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use service::{ServiceError, Token};

use super::{Frame, go_to, page};
use crate::App;
use crate::cookie;
use crate::principal::OFFICER_COOKIE;
use crate::problem::Problem;
use crate::rates::ClientKey;
use crate::same_origin::SameOriginForm;

/// The token of the official's authority.
#[derive(Deserialize)]
pub(super) struct SignInForm {
    token: String,
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    frame: Frame,
    is_refused: bool,
}

/// Shows the form.
pub(super) async fn show(frame: Frame) -> Result<Response, Problem> {
    page(&SignInPage {
        frame,
        is_refused: false,
    })
}

/// Keeps the token in a cookie until the end of the working day, if it is a health authority's.
pub(super) async fn sign_in(
    State(app): State<App>,
    frame: Frame,
    ClientKey(client): ClientKey,
    SameOriginForm(form): SameOriginForm<SignInForm>,
) -> Result<Response, Problem> {
    app.sign_in_locks.check(&client)?;
    let official = async {
        let token: Token = form
            .token
            .trim()
            .parse()
            .map_err(|_| ServiceError::NotAuthenticated)?;
        app.service.access.official(&token).await?.into_health()?;
        Ok(token)
    };
    match official.await {
        Ok(token) => {
            app.sign_in_locks.succeeded(&client);
            let (token, secure) = (token.expose(), app.settings.secure_cookies);
            let cookie = cookie::set_for_a_shift(OFFICER_COOKIE, &token, secure);
            Ok(go_to("/officer", cookie))
        }
        Err(ServiceError::NotAuthenticated | ServiceError::NotPermitted { .. }) => {
            app.sign_in_locks.failed(client);
            page(&SignInPage {
                frame,
                is_refused: true,
            })
        }
        Err(error) => Err(error.into()),
    }
}

/// Forgets the token.
pub(super) async fn sign_out(
    State(app): State<App>,
    SameOriginForm(()): SameOriginForm<()>,
) -> Response {
    go_to(
        "/",
        cookie::clear(OFFICER_COOKIE, app.settings.secure_cookies),
    )
}

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_sound, frames};
    use super::*;
    use crate::testing::City;

    #[test]
    fn the_form_renders_in_every_language() {
        for frame in frames() {
            for is_refused in [true, false] {
                assert_sound(
                    &frame.clone(),
                    &SignInPage {
                        frame: frame.clone(),
                        is_refused,
                    },
                );
            }
        }
    }

    #[tokio::test]
    async fn a_health_official_signs_in_and_out_and_others_do_not() {
        let city = City::start().await;
        let sign_in = |token: &str| {
            city.post("/officer/sign-in?lang=en")
                .form(&format!("token={token}"))
        };
        for other in [&*city.laboratory, "nonsense", &"0".repeat(64)] {
            let refused = sign_in(other).await;
            assert!(
                refused.text.contains("This token is not valid"),
                "{refused:?}"
            );
            assert_eq!(refused.cookie(OFFICER_COOKIE), None);
        }
        let welcome = sign_in(&city.health).await;
        assert_eq!(
            (welcome.status, &welcome.headers["location"]),
            (303, &"/officer".parse().unwrap())
        );
        let session = welcome.cookie(OFFICER_COOKIE).unwrap();
        let desk = city
            .get("/officer?lang=en")
            .cookie(OFFICER_COOKIE, &session)
            .await;
        assert!(desk.text.contains("City health office"), "{desk:?}");
        assert!(!desk.text.contains(&session));
        let out = city.post("/officer/sign-out").form("").await;
        assert_eq!(out.cookie(OFFICER_COOKIE).as_deref(), Some(""));
    }

    #[tokio::test]
    async fn who_is_not_signed_in_is_asked_to() {
        let city = City::start().await;
        let answer = city.get("/officer").await;
        let sign_in = "/officer/sign-in".parse().unwrap();
        assert_eq!(
            (answer.status, &answer.headers["location"]),
            (303, &sign_in)
        );
    }
}
