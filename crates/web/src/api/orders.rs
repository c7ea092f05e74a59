//! `POST /api/v1/orders`, `GET /api/v1/orders`

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use service::{OrderRequest, Subject};
use utoipa::ToSchema;

use super::{Created, Refusals};
use crate::App;
use crate::idempotency_key::IdempotencyKey;
use crate::principal::{May, act};
use crate::problem::Problem;
use crate::wire::{
    Body, ColourText, PersonText, TimeText, Unfit, WireDocument, WireOrder, subject,
};

/// An order to be approved by another staff member.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewOrder {
    /// Whom it restricts, by the identifiers that the system gave them.
    #[serde(default)]
    people: Vec<PersonText>,
    /// Whom it restricts, by their documents: the person proven to hold one, now or later.
    #[serde(default)]
    documents: Vec<WireDocument>,
    /// `red` or `yellow`.
    colour: ColourText,
    /// From when.
    from: TimeText,
    /// The first instant after, within 72 hours.
    until: TimeText,
    /// The law it rests on; the people concerned read it.
    basis: String,
}

/// Propose an order
///
/// It restricts nobody before another staff member approves it.
#[utoipa::path(
    post, path = "/api/v1/orders", tag = "orders", security(("staff" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "A repeat counts once")),
    request_body = NewOrder,
    responses((status = 201, body = WireOrder), Refusals),
)]
pub(crate) async fn propose_order(
    State(app): State<App>,
    May(staff, _): May<act::ProposeOrders>,
    IdempotencyKey(request): IdempotencyKey,
    Body(body): Body<NewOrder>,
) -> Result<Created<WireOrder>, Problem> {
    let people = body.people.into_iter().map(|one| subject(Some(one), None));
    let documents = body.documents.into_iter();
    let documents = documents.map(|document| subject(None, Some(document)));
    let people: Result<Vec<Subject>, Unfit> = people.chain(documents).collect();
    let request = OrderRequest {
        request,
        people: people?,
        colour: body.colour.0,
        from: body.from.0,
        until: body.until.0,
        basis: body.basis,
    };
    let order = app.service.orders.propose(&staff, request).await?;
    Ok((StatusCode::CREATED, axum::Json(order.into())))
}

/// List orders
///
/// Those of the asker's authority and region, newest first.
#[utoipa::path(
    get, path = "/api/v1/orders", tag = "orders", security(("staff" = [])),
    responses((status = 200, body = Vec<WireOrder>), Refusals),
)]
pub(crate) async fn orders(
    State(app): State<App>,
    May(staff, _): May<act::ReadOrders>,
) -> Result<axum::Json<Vec<WireOrder>>, Problem> {
    let orders = app.service.orders.list(&staff).await?;
    Ok(axum::Json(orders.into_iter().map(Into::into).collect()))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{City, Person};

    fn order(city: &City, person: &Person) -> Value {
        json!({ "people": [person.person], "colour": "red", "basis": "Epidemic law, article 39",
                "from": city.hours_ago(0), "until": city.hours_ago(-24) })
    }

    #[tokio::test]
    async fn an_order_is_approved_by_another_staff_member_and_not_by_its_proposer() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let ask = city.post("/api/v1/orders").token(&city.health);
        let proposed = ask.json(&order(&city, &ming)).await;
        assert_eq!(proposed.status, 201, "{proposed:?}");
        let id = proposed.json["id"].as_str().unwrap();
        let approval = format!("/api/v1/orders/{id}/approval");
        let reason = json!({ "reason": "seen" });
        let own = city.post(&approval).token(&city.health).json(&reason).await;
        assert_eq!(own.status, 403, "{own:?}");
        let other = city.another_officer().await;
        let approved = city.post(&approval).token(&other).json(&reason).await;
        assert_eq!(
            (approved.status, &approved.json["state"]),
            (200, &json!("approved"))
        );
        let list = city.get("/api/v1/orders").token(&city.health).await;
        assert_eq!(list.json[0]["state"], "approved", "{list:?}");
    }

    #[tokio::test]
    async fn a_rejected_order_restricts_nobody_and_a_long_one_is_not_taken() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let mut long = order(&city, &ming);
        long["until"] = json!(city.hours_ago(-73));
        let send = async |body: Value| {
            let ask = city.post("/api/v1/orders").token(&city.health);
            ask.json(&body).await
        };
        let refused = send(long).await;
        assert_eq!(refused.json["errors"][0]["field"], "until", "{refused:?}");
        let proposed = send(order(&city, &ming)).await;
        let id = proposed.json["id"].as_str().unwrap();
        let other = city.another_officer().await;
        let ask = city.post(&format!("/api/v1/orders/{id}/rejection"));
        let rejected = ask.token(&other).json(&json!({ "reason": "no" })).await;
        assert_eq!(rejected.json["state"], "rejected", "{rejected:?}");
        assert_eq!(city.status(&ming).await, "green");
    }
}
