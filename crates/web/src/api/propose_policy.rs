//! `POST /api/v1/policies`

use axum::extract::{FromRequest, Request, State};
use axum::http::StatusCode;

use super::{Created, Refusals};
use crate::App;
use crate::principal::{May, act};
use crate::problem::{Problem, ProblemType};
use crate::wire::{WireProposal, unread};

/// The text of a policy.
pub(crate) struct Toml(String);

/// Propose a policy
///
/// The body is the TOML document. It is checked first; one that does not check is refused with every
/// fault, its line and a remedy. Nothing changes yet: it is found out whom the policy would change,
/// and another staff member must approve: see `POST /api/v1/proposals/{proposal}/approval`. Once
/// its effective date has come it takes over.
#[utoipa::path(
    post, path = "/api/v1/policies", tag = "publishing", security(("staff" = [])),
    request_body(content = String, content_type = "application/toml"),
    responses((status = 202, body = WireProposal), Refusals),
)]
pub(crate) async fn propose_policy(
    State(app): State<App>,
    May(staff, _): May<act::ProposePolicy>,
    Toml(toml): Toml,
) -> Result<Created<WireProposal>, Problem> {
    let proposal = app.service.publishing.propose_policy(&staff, &toml).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(proposal.into())))
}

impl<S: Send + Sync> FromRequest<S> for Toml {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let bytes = axum::body::Bytes::from_request(request, state)
            .await
            .map_err(unread)?;
        String::from_utf8(bytes.into())
            .map(Self)
            .map_err(|_| Problem::new(ProblemType::Unreadable, "Send the policy as UTF-8 text."))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{City, POLICY};

    #[tokio::test]
    async fn a_new_version_is_published_by_two_and_can_be_read_by_anybody() {
        let city = City::start().await;
        let text = POLICY.replace("version = 1", "version = 2");
        let answer = city
            .post("/api/v1/policies")
            .token(&city.health)
            .text(&text)
            .await;
        let policy = &answer.json["policy"];
        assert_eq!(
            (answer.status, policy["version"].as_u64()),
            (202, Some(2)),
            "{answer:?}"
        );
        city.service.publishing.compare_proposals().await.unwrap();
        assert_eq!(city.approve(&answer.json["id"]).await.status, 200);
        let list = city.get("/api/v1/policies").await;
        let versions: Vec<_> = list.json["policies"]
            .as_array()
            .unwrap()
            .iter()
            .map(|policy| policy["version"].as_u64().unwrap())
            .collect();
        assert_eq!(versions, [1, 2]);
        let id = policy["id"].as_str().unwrap();
        let read = city.get(&format!("/api/v1/policies/{id}/2")).await;
        assert_eq!(read.text, text);
    }

    #[tokio::test]
    async fn a_policy_that_does_not_check_is_refused_and_the_one_in_force_stays() {
        let city = City::start().await;
        let text = POLICY
            .replace("version = 1", "version = 2")
            .replace("lasts = ", "lastz = ");
        let answer = city
            .post("/api/v1/policies")
            .token(&city.health)
            .text(&text)
            .await;
        assert_eq!(answer.status, 422);
        let reason = answer.json["errors"][0]["reason"].as_str().unwrap();
        assert!(reason.contains("lastz"), "{reason}");
        assert_eq!(
            city.get("/api/v1/policies").await.json["in_force"]["version"],
            1
        );
    }

    #[tokio::test]
    async fn a_version_is_never_published_with_two_texts() {
        let city = City::start().await;
        let text = POLICY.replace("14d", "13d");
        assert_ne!(text, POLICY);
        let answer = city
            .post("/api/v1/policies")
            .token(&city.health)
            .text(&text)
            .await;
        assert_eq!(answer.json["type"], "/problems/policy-exists", "{answer:?}");
    }
}
