//! `GET /api/v1/policies`

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Refusals, policy_address};
use crate::App;
use crate::problem::Problem;
use crate::wire::{TimeText, WireText};

/// The policies.
#[derive(Serialize, ToSchema)]
pub(crate) struct Policies {
    /// The one that decides now, if any.
    in_force: Option<Reference>,
    /// Every policy ever published, in order of publication.
    policies: Vec<PublishedPolicy>,
}

/// Name and version.
#[derive(Serialize, ToSchema)]
pub(crate) struct Reference {
    /// The policy's name.
    id: String,
    /// Its version.
    version: u32,
}

/// A published policy.
#[derive(Serialize, ToSchema)]
pub(crate) struct PublishedPolicy {
    /// Its name.
    id: String,
    /// Its version.
    version: u32,
    /// From when it is in force.
    effective: TimeText,
    /// Where its text is.
    text: String,
}

/// List the policies
///
/// Rules that restrict people are public.
#[utoipa::path(
    get, path = "/api/v1/policies", tag = "public",
    responses((status = 200, body = Policies), Refusals),
)]
pub(crate) async fn policies(State(app): State<App>) -> Result<axum::Json<Policies>, Problem> {
    let in_force = app.service.policies.policy().map(|policy| Reference {
        id: policy.reference().id.clone(),
        version: policy.reference().version,
    });
    let policies = app
        .service
        .policies
        .all()
        .await?
        .into_iter()
        .map(|policy| PublishedPolicy {
            text: policy_address(&policy.reference),
            id: policy.reference.id,
            version: policy.reference.version,
            effective: WireText(policy.effective),
        });
    Ok(axum::Json(Policies {
        in_force,
        policies: policies.collect(),
    }))
}

#[cfg(test)]
mod tests {
    use crate::testing::City;

    #[tokio::test]
    async fn anybody_may_read_which_policy_is_in_force() {
        let city = City::start().await;
        let answer = city.get("/api/v1/policies").await;
        assert_eq!(answer.json["in_force"]["version"], 1, "{answer:?}");
        let text = answer.json["policies"][0]["text"].as_str().unwrap();
        assert_eq!(city.get(text).await.status, 200);
    }
}
