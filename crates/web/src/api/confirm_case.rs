//! `POST /api/v1/cases`

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use service::{CaseReport, Subject};
use utoipa::ToSchema;

use super::{Created, Refusals};
use crate::App;
use crate::idempotency_key::IdempotencyKey;
use crate::principal::{May, act};
use crate::problem::Problem;
use crate::wire::{Body, EvidenceText, PersonText, TimeText, WireText};

/// A case to confirm.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Case)]
pub(crate) struct WireCase {
    /// Who.
    person: PersonText,
    /// When it was found; now, if absent.
    found_at: Option<TimeText>,
    /// When the illness began, if known.
    onset: Option<TimeText>,
    /// Whether the person feels nothing.
    #[serde(default)]
    is_asymptomatic: bool,
}

/// A case that is on record.
#[derive(Serialize, ToSchema)]
pub(crate) struct CaseConfirmed {
    /// The diagnosis; a withdrawal names it.
    diagnosis: EvidenceText,
    /// Who.
    person: PersonText,
    /// Start of the infectious window: contacts since then are sought.
    from: TimeText,
    /// Its end.
    until: TimeText,
    /// Where to follow the search for contacts.
    trace: String,
}

/// Confirm a case
///
/// Puts a diagnosis on record and, in the same step, opens the search for everybody who was at the
/// same places at the same time. The search survives a crash and runs at once in the background.
#[utoipa::path(
    post, path = "/api/v1/cases", tag = "evidence", security(("staff" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "A repeat counts once")),
    request_body = WireCase,
    responses((status = 201, body = CaseConfirmed), Refusals),
)]
pub(crate) async fn confirm_case(
    State(app): State<App>,
    May(staff, _): May<act::ConfirmCase>,
    IdempotencyKey(request): IdempotencyKey,
    Body(body): Body<WireCase>,
) -> Result<Created<CaseConfirmed>, Problem> {
    let report = CaseReport {
        request,
        subject: Subject::Person(body.person.0),
        found_at: body.found_at.map(|found_at| found_at.0),
        onset: body.onset.map(|onset| onset.0),
        is_asymptomatic: body.is_asymptomatic,
    };
    let case = app.service.tracing.confirm_case(&staff, report).await?;
    let answer = CaseConfirmed {
        diagnosis: WireText(case.diagnosis),
        person: WireText(case.person),
        from: WireText(case.from),
        until: WireText(case.until),
        trace: format!("/api/v1/people/{}/traces/{}", case.person, case.diagnosis),
    };
    Ok((StatusCode::CREATED, axum::Json(answer)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::City;

    #[tokio::test]
    async fn who_shared_a_table_with_the_case_turns_red_and_who_did_not_stays_green() {
        let city = City::start().await;
        let wu = city.well_resident("Wu").await;
        let ming = city.well_resident("Ming").await;
        let lan = city.well_resident("Lan").await;
        let (noodles, park) = (city.venue("Noodle bar").await, city.venue("Park").await);
        city.visited(&wu, &noodles, 30, 28).await;
        city.visited(&ming, &noodles, 29, 28).await;
        city.visited(&lan, &park, 30, 28).await;
        let body = json!({ "person": wu.person, "onset": city.hours_ago(20) });
        let case = city
            .post("/api/v1/cases")
            .token(&city.health)
            .json(&body)
            .await;
        assert_eq!(case.status, 201, "{case:?}");
        city.service.tracing.run_traces().await.unwrap();
        let trace = city
            .get(case.json["trace"].as_str().unwrap())
            .token(&city.health)
            .await;
        assert_eq!(trace.json["state"], "finished", "{trace:?}");
        assert_eq!(trace.json["contacts"], 1, "{trace:?}");
        for (person, expected) in [(&wu, "red"), (&ming, "red"), (&lan, "green")] {
            assert_eq!(city.status(person).await, expected);
        }
    }

    #[tokio::test]
    async fn an_illness_does_not_begin_after_it_is_found() {
        let city = City::start().await;
        let wu = city.well_resident("Wu").await;
        let body = json!({ "person": wu.person, "found_at": city.hours_ago(30),
                           "onset": city.hours_ago(20) });
        let answer = city
            .post("/api/v1/cases")
            .token(&city.health)
            .json(&body)
            .await;
        assert_eq!(answer.json["errors"][0]["field"], "onset", "{answer:?}");
    }
}
