//! `GET /api/v1/me/people`

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::Refusals;
use crate::App;
use crate::principal::Resident;
use crate::problem::Problem;
use crate::wire::{AccountText, PersonText, TimeText, WireText};

/// Who is on one's account, and who may show one's own code.
#[derive(Serialize, ToSchema)]
pub(crate) struct People {
    /// Others on this account.
    people: Vec<PersonHere>,
    /// Other accounts that may show this account's own person.
    holders: Vec<Holder>,
}

/// A person on the account besides its own.
#[derive(Serialize, ToSchema)]
struct PersonHere {
    /// Who.
    person: PersonText,
    /// What they are called, if it is known.
    name: Option<String>,
    /// `guardian`, `consent` or `consent-in-office`.
    relation: &'static str,
    /// Since when.
    since: TimeText,
}

/// An account that may show one's code.
#[derive(Serialize, ToSchema)]
struct Holder {
    /// Which.
    account: AccountText,
    /// `guardian`, `consent` or `consent-in-office`.
    relation: &'static str,
    /// Since when.
    since: TimeText,
}

/// Read who is on one's account
#[utoipa::path(
    get, path = "/api/v1/me/people", tag = "accounts", security(("resident" = [])),
    responses((status = 200, body = People), Refusals),
)]
pub(crate) async fn people(
    State(app): State<App>,
    Resident(resident): Resident,
) -> Result<axum::Json<People>, Problem> {
    let (people, holders) = app.service.accounts.people_of(&resident).await?;
    let person = |one: service::PersonOnAccount| PersonHere {
        person: WireText(one.person),
        name: one.name.map(|name| name.expose().clone()),
        relation: one.relation.as_str(),
        since: WireText(one.since),
    };
    let holder = |one: service::Holding| Holder {
        account: WireText(one.account),
        relation: one.relation.as_str(),
        since: WireText(one.since),
    };
    Ok(axum::Json(People {
        people: people.into_iter().map(person).collect(),
        holders: holders.into_iter().map(holder).collect(),
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::City;

    #[tokio::test]
    async fn an_adult_consents_and_the_other_account_shows_their_code() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let gran = city.proven_resident("Gran").await;
        let consent = city.post("/api/v1/me/consents").token(&gran.token).await;
        assert_eq!(consent.status, 201, "{consent:?}");
        let body = json!({ "consent": consent.json["consent"] });
        let taken = city
            .post("/api/v1/me/people")
            .token(&ming.token)
            .json(&body)
            .await;
        assert_eq!(taken.status, 204, "{taken:?}");
        let address = format!("/api/v1/me/status?person={}", gran.person);
        let status = city.get(&address).token(&ming.token).await;
        assert_eq!(status.json["status"], "green", "{status:?}");
        let people = city.get("/api/v1/me/people").token(&ming.token).await;
        assert_eq!(people.json["people"][0]["name"], "Gran", "{people:?}");
        let removal = format!("/api/v1/me/people/{}/removal", gran.person);
        assert_eq!(city.post(&removal).token(&ming.token).await.status, 204);
        assert_eq!(city.get(&address).token(&ming.token).await.status, 404);
    }
}
