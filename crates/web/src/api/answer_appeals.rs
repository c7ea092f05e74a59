//! `GET /api/v1/appeals`, `GET /api/v1/people/{person}/appeals/{appeal}`, its file, and its answer

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::PersonId;
use serde::Deserialize;
use service::{AppealDecision, Said, Subject};
use utoipa::ToSchema;

use super::{Created, Refusals};
use crate::App;
use crate::principal::{May, act};
use crate::problem::Problem;
use crate::wire::{
    AppealText, Body, EvidenceText, InPath, PersonText, WireAppeal, WireAppealToAnswer,
    WireEvidence, WireQueuedAppeal, WireText, attached,
};

/// What an officer decides about an appeal.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAnswer {
    /// Why, for the person to read, in at most 2,000 characters.
    reasons: String,
    /// Evidence that was wrong: some of what the appeal is against.
    #[serde(default)]
    withdraw: Vec<EvidenceText>,
    /// What else is known of the person, each as it would be submitted.
    #[serde(default)]
    add: Vec<WireEvidence>,
}

/// List open appeals
///
/// Of people in the asker's regions, the soonest due first.
#[utoipa::path(
    get, path = "/api/v1/appeals", tag = "appeals", security(("staff" = [])),
    responses((status = 200, body = Vec<WireQueuedAppeal>), Refusals),
)]
pub(crate) async fn appeals(
    State(app): State<App>,
    May(staff, _): May<act::AnswerAppeals>,
) -> Result<axum::Json<Vec<WireQueuedAppeal>>, Problem> {
    let queue = app.service.appeals.queue(&staff).await?;
    Ok(axum::Json(queue.into_iter().map(Into::into).collect()))
}

/// Read an appeal
///
/// With what it is against. An appeal of somebody in another region does not exist.
#[utoipa::path(
    get, path = "/api/v1/people/{person}/appeals/{appeal}", tag = "appeals", security(("staff" = [])),
    params(
        ("person" = PersonText, Path, description = "Who appeals"),
        ("appeal" = AppealText, Path, description = "Which"),
    ),
    responses((status = 200, body = WireAppealToAnswer), Refusals),
)]
pub(crate) async fn appeal(
    State(app): State<App>,
    May(staff, _): May<act::AnswerAppeals>,
    InPath((WireText(person), WireText(id))): InPath<(PersonText, AppealText)>,
) -> Result<axum::Json<WireAppealToAnswer>, Problem> {
    let found = app.service.appeals.to_answer(&staff, person, id).await?;
    Ok(axum::Json(found.into()))
}

/// Get the file of an appeal
///
/// As it was sent: a PDF or a picture whose header was looked at, and nothing else of it.
#[utoipa::path(
    get, path = "/api/v1/people/{person}/appeals/{appeal}/file", tag = "appeals",
    security(("staff" = [])),
    params(
        ("person" = PersonText, Path, description = "Who appeals"),
        ("appeal" = AppealText, Path, description = "Which"),
    ),
    responses((status = 200, description = "A PDF or a picture", body = Vec<u8>), Refusals),
)]
pub(crate) async fn appeal_file(
    State(app): State<App>,
    May(staff, _): May<act::AnswerAppeals>,
    InPath((WireText(person), WireText(id))): InPath<(PersonText, AppealText)>,
) -> Result<Response, Problem> {
    let appeals = &app.service.appeals;
    Ok(attached(appeals.file_to_look_at(&staff, person, id).await?))
}

/// Answer an appeal
///
/// With reasons, by a staff member who submitted nothing of what it is against. The colour follows from the
/// evidence that is withdrawn or added.
#[utoipa::path(
    post, path = "/api/v1/people/{person}/appeals/{appeal}/answer", tag = "appeals",
    security(("staff" = [])),
    params(
        ("person" = PersonText, Path, description = "Who appeals"),
        ("appeal" = AppealText, Path, description = "Which"),
    ),
    request_body = NewAnswer,
    responses((status = 201, body = WireAppeal), Refusals),
)]
pub(crate) async fn answer_appeal(
    State(app): State<App>,
    May(staff, _): May<act::AnswerAppeals>,
    InPath((WireText(person), WireText(id))): InPath<(PersonText, AppealText)>,
    Body(body): Body<NewAnswer>,
) -> Result<Created<WireAppeal>, Problem> {
    let decision = AppealDecision {
        reasons: body.reasons,
        withdraw: body.withdraw.into_iter().map(|id| id.0).collect(),
        add: said_of(person, body.add)?,
    };
    let answered = app
        .service
        .appeals
        .answer(&staff, person, id, decision)
        .await?;
    Ok((StatusCode::CREATED, axum::Json(answered.into())))
}

/// What is said of the person who appeals.
fn said_of(person: PersonId, add: Vec<WireEvidence>) -> Result<Vec<Said>, Problem> {
    let said = add.into_iter().map(|evidence| {
        let item = evidence.into_item()?;
        match item.subject == Subject::Person(person) {
            true => Ok(item.said),
            false => Err(Problem::invalid(
                "add",
                "expected evidence about who appeals",
            )),
        }
    });
    said.collect()
}

#[cfg(test)]
mod tests {
    use domain::{AuthorityKind, Role};
    use serde_json::json;

    use crate::testing::City;

    #[tokio::test]
    async fn an_officer_answers_with_reasons_and_the_colour_follows() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let contact = city.close_contact(&ming);
        let sent = city.submit(&city.health, &contact).await;
        let body = json!({ "why": "I was at home." });
        let filed = city
            .post("/api/v1/me/appeals")
            .token(&ming.token)
            .json(&body)
            .await;
        let officer = city
            .staff_with(AuthorityKind::Health, Role::HealthOfficer)
            .await;
        let queue = city.get("/api/v1/appeals").token(&officer).await;
        assert_eq!(queue.json[0]["id"], filed.json["id"], "{queue:?}");
        let id = filed.json["id"].as_str().unwrap();
        let address = format!("/api/v1/people/{}/appeals/{id}", ming.person);
        let read = city.get(&address).token(&officer).await;
        assert_eq!(read.json["appeal"]["why"], "I was at home.");
        assert_eq!(read.json["evidence"][0]["kind"], "contact");
        let answer = |token: &str, body: serde_json::Value| {
            city.post(&format!("{address}/answer"))
                .token(token)
                .json(&body)
        };
        let withdraw = [&sent.json["evidence"]];
        let own = answer(
            &city.health,
            json!({ "reasons": "Fine.", "withdraw": withdraw }),
        )
        .await;
        assert_eq!(own.status, 403, "who submitted it: {own:?}");
        let silent = answer(&officer, json!({ "reasons": "", "withdraw": withdraw })).await;
        assert_eq!(silent.json["errors"][0]["field"], "reasons", "{silent:?}");
        let wrong = json!({ "reasons": "Fine.", "withdraw": ["0".repeat(32)] });
        assert_eq!(answer(&officer, wrong).await.status, 422);
        let unknown = format!("/api/v1/people/{}/appeals/{}", ming.person, "0".repeat(32));
        assert_eq!(city.get(&unknown).token(&officer).await.status, 404);
        assert_eq!(
            city.get(&format!("{address}/file"))
                .token(&officer)
                .await
                .status,
            404
        );
        let other = city.well_resident("Wu").await;
        let about_another = json!({ "reasons": "Fine.", "add": [city.close_contact(&other)] });
        assert_eq!(answer(&officer, about_another).await.status, 422);

        let good = json!({ "reasons": "The shop mixed up two phones.", "withdraw": withdraw });
        let answered = answer(&officer, good.clone()).await;
        assert_eq!(answered.status, 201, "{answered:?}");
        assert_eq!(answered.json["answer"]["outcome"], "changed");
        assert_eq!(city.status(&ming).await, "green");
        assert_eq!(answer(&officer, good).await.status, 409);
        let own = city.get("/api/v1/me/appeals").token(&ming.token).await;
        assert_eq!(
            own.json[0]["answer"]["reasons"],
            "The shop mixed up two phones."
        );
    }
}
