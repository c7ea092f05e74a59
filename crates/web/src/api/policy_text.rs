//! `GET /api/v1/policies/{id}/{version}`

use axum::extract::State;
use axum::http::{HeaderName, header};
use domain::PolicyRef;

use super::Refusals;
use crate::App;
use crate::problem::Problem;
use crate::wire::InPath;

/// Read a policy
///
/// The TOML document as it was published: every rule, every text, who approved it.
#[utoipa::path(
    get, path = "/api/v1/policies/{id}/{version}", tag = "public",
    params(
        ("id" = String, Path, description = "The policy's name"),
        ("version" = u32, Path, description = "Its version"),
    ),
    responses((status = 200, body = String, content_type = "application/toml"), Refusals),
)]
pub(crate) async fn policy_text(
    State(app): State<App>,
    InPath((id, version)): InPath<(String, u32)>,
) -> Result<([(HeaderName, &'static str); 1], String), Problem> {
    let policies = app.service.policies.all().await?;
    let found = policies
        .into_iter()
        .find(|policy| policy.reference.id == id && policy.reference.version == version);
    let policy = found.ok_or_else(Problem::not_found)?;
    Ok((
        [(header::CONTENT_TYPE, "application/toml; charset=utf-8")],
        policy.toml,
    ))
}

/// Where the text of a policy is read.
pub(crate) fn policy_address(policy: &PolicyRef) -> String {
    format!("/api/v1/policies/{}/{}", policy.id, policy.version)
}

#[cfg(test)]
mod tests {
    use crate::testing::City;

    #[tokio::test]
    async fn a_version_that_was_never_published_is_not_there() {
        let city = City::start().await;
        assert_eq!(city.get("/api/v1/policies/test/99").await.status, 404);
        assert_eq!(city.get("/api/v1/policies/test/ninety").await.status, 404);
    }
}
