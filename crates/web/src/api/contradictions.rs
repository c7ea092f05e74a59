//! `GET /api/v1/me/contradictions`, `POST /api/v1/me/contradictions/{id}`

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::Refusals;
use crate::App;
use crate::principal::Resident;
use crate::problem::Problem;
use crate::wire::{Body, ContradictionText, InPath, WireContradiction, WireText};

/// What a person says.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SaidWords {
    /// In at most 2,000 characters.
    pub(crate) words: String,
}

/// List what does not fit one's declarations
///
/// Newest first. Say what is right, or complete what was declared: until an officer confirms it, it is no
/// evidence and changes nothing.
#[utoipa::path(
    get, path = "/api/v1/me/contradictions", tag = "contradictions", security(("resident" = [])),
    responses((status = 200, body = Vec<WireContradiction>), Refusals),
)]
pub(crate) async fn own_contradictions(
    State(app): State<App>,
    Resident(resident): Resident,
) -> Result<axum::Json<Vec<WireContradiction>>, Problem> {
    let own = app.service.contradictions.own(&resident).await?;
    Ok(axum::Json(own.into_iter().map(Into::into).collect()))
}

/// Say something about a contradiction
///
/// In the place of what one said about it before, until it is settled.
#[utoipa::path(
    post, path = "/api/v1/me/contradictions/{id}", tag = "contradictions",
    security(("resident" = [])),
    params(("id" = ContradictionText, Path, description = "Which")),
    request_body = SaidWords,
    responses((status = 200, body = WireContradiction), Refusals),
)]
pub(crate) async fn say(
    State(app): State<App>,
    Resident(resident): Resident,
    InPath(WireText(id)): InPath<ContradictionText>,
    Body(body): Body<SaidWords>,
) -> Result<axum::Json<WireContradiction>, Problem> {
    let contradictions = &app.service.contradictions;
    let said = contradictions.say(&resident, id, &body.words).await?;
    Ok(axum::Json(said.into()))
}

#[cfg(test)]
mod tests {
    use domain::{AuthorityKind, Role};
    use serde_json::json;

    use crate::testing::City;

    #[tokio::test]
    async fn a_person_is_heard_and_an_officer_settles_with_reasons() {
        let city = City::start().await;
        let (ming, id) = city.contradicted_resident("Ming").await;
        let own = city
            .get("/api/v1/me/contradictions")
            .token(&ming.token)
            .await;
        assert_eq!(own.json[0]["id"], id, "{own:?}");
        assert_eq!(own.json[0]["about"], "stay");
        assert_eq!(own.json[0]["recorded"]["fact"]["source"], "hotel");
        assert_eq!(own.json[0].get("settled"), None);

        let officer = city
            .staff_with(AuthorityKind::Health, Role::HealthOfficer)
            .await;
        let address = format!("/api/v1/people/{}/contradictions/{id}", ming.person);
        let confirm = async || {
            let ask = city
                .post(&format!("{address}/confirmation"))
                .token(&officer);
            ask.json(&json!({ "reasons": "The desk knows them." }))
                .await
        };
        let unheard = confirm().await;
        assert_eq!(unheard.status, 409, "{unheard:?}");
        let say = async |words: &str| {
            let ask = city.post(&format!("/api/v1/me/contradictions/{id}"));
            ask.token(&ming.token)
                .json(&json!({ "words": words }))
                .await
        };
        assert_eq!(say(" ").await.json["errors"][0]["field"], "words");
        let said = say("My brother used my card.").await;
        assert_eq!(
            (said.status, &said.json["words"]),
            (200, &json!("My brother used my card."))
        );
        let queue = city.get("/api/v1/contradictions").token(&officer).await;
        assert_eq!(queue.json[0]["is_heard"], true, "{queue:?}");
        let read = city.get(&address).token(&officer).await;
        assert_eq!(read.json["is_ripe"], true);
        let silent = city.post(&format!("{address}/dismissal")).token(&officer);
        let silent = silent.json(&json!({ "reasons": "" })).await;
        assert_eq!(silent.json["errors"][0]["field"], "reasons");
        let confirmed = confirm().await;
        assert_eq!(
            confirmed.json["settled"]["outcome"], "confirmed",
            "{confirmed:?}"
        );
        assert_eq!(confirm().await.status, 409, "once");
        assert_eq!(
            city.status(&ming).await,
            "green",
            "no rule of this policy reads it"
        );
    }
}
