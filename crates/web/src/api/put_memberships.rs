//! `POST /api/v1/memberships`

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use service::NewMembership;
use utoipa::ToSchema;

use super::Refusals;
use crate::App;
use crate::principal::{Submitter, act};
use crate::problem::Problem;
use crate::wire::{
    Body, GroupKindText, PersonText, RefusedItem, TimeText, Unfit, WireDocument, read_each, subject,
};

/// Who belongs together.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Memberships {
    /// One or many, at most 10,000.
    #[schema(value_type = Vec<WireMembership>)]
    items: Vec<Box<RawValue>>,
}

/// A person, named by `person` or by `document`, in a household, building or trip.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Membership)]
pub(crate) struct WireMembership {
    /// Who, by the identifier that the system gave them.
    person: Option<PersonText>,
    /// Who, by their document.
    document: Option<WireDocument>,
    /// Which group among the authority's own of this relation: 1 to 100 characters that are no
    /// address. What is kept is a keyed hash of it.
    group: String,
    /// What its members share. Community offices say it of `household` and `building`, transport
    /// authorities of `vehicle`.
    relation: GroupKindText,
    /// From when.
    from: TimeText,
    /// The first instant after; absent while it lasts, which a trip does not for ever. Of two ends
    /// the earlier counts. One that is `from` says that it was a mistake.
    until: Option<TimeText>,
}

/// What became of memberships. Good items went in together; bad ones kept nothing good out.
#[derive(Serialize, ToSchema)]
pub(crate) struct MembershipsTaken {
    /// Which items are durable, from 0, in order; those known before included.
    accepted: Vec<usize>,
    /// Items that were refused, in order.
    refused: Vec<RefusedItem>,
}

/// Say who belongs together
///
/// For contact tracing only: nobody can ask who is in a group. A repeat changes nothing. Bad items are
/// refused one by one, with field and reason: look at `refused`.
#[utoipa::path(
    post, path = "/api/v1/memberships", tag = "evidence", security(("feed" = []), ("staff" = [])),
    request_body = Memberships,
    responses((status = 200, body = MembershipsTaken), Refusals),
)]
pub(crate) async fn put_memberships(
    State(app): State<App>,
    Submitter(by, _): Submitter<act::SubmitMemberships>,
    Body(body): Body<Memberships>,
) -> Result<axum::Json<MembershipsTaken>, Problem> {
    let (items, places) = read_each(&body.items, WireMembership::into_membership);
    let receipt = app.service.tracing.put_memberships(&by, items).await?;
    let accepted = receipt.accepted.into_iter().map(|index| places.of(index));
    Ok(axum::Json(MembershipsTaken {
        accepted: accepted.collect(),
        refused: places.refused(receipt.refused),
    }))
}

impl WireMembership {
    fn into_membership(self) -> Result<NewMembership, Unfit> {
        Ok(NewMembership {
            subject: subject(self.person, self.document)?,
            group: self.group,
            kind: self.relation.0,
            from: self.from.0,
            until: self.until.map(|until| until.0),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{City, Person};

    fn at_home(city: &City, person: &Person, group: &str) -> Value {
        json!({ "person": person.person, "group": group, "relation": "household",
                "from": city.hours_ago(900) })
    }

    #[tokio::test]
    async fn good_items_go_in_and_bad_ones_are_named() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let mut backwards = at_home(&city, &ming, "flat 1");
        backwards["until"] = json!(city.hours_ago(901));
        let mut nobody = at_home(&city, &ming, "flat 1");
        nobody["person"] = json!("0".repeat(32));
        let ride = json!({ "person": ming.person, "group": "train 9", "relation": "vehicle",
                           "from": city.hours_ago(9), "until": city.hours_ago(8) });
        let body = json!({ "items": [
            { "person": "13800000000" },
            at_home(&city, &ming, "flat 1"),
            backwards,
            nobody,
            ride,
            at_home(&city, &ming, ""),
        ]});
        for repeat in 0..2 {
            let answer = city
                .post("/api/v1/memberships")
                .token(&city.community)
                .json(&body)
                .await;
            assert_eq!(answer.status, 200, "{answer:?}");
            assert_eq!(answer.json["accepted"], json!([1]), "{repeat}: {answer:?}");
            let refused = answer.json["refused"].as_array().unwrap();
            let field = |one: &Value| {
                let field = one["errors"][0]["field"].as_str().unwrap().to_owned();
                format!("{} {field}", one["item"])
            };
            let fields: Vec<String> = refused.iter().map(field).collect();
            let expected = ["0 person", "2 until", "3 person", "4 relation", "5 group"];
            assert_eq!(fields, expected);
            assert!(!answer.text.contains("138"));
        }
    }

    #[tokio::test]
    async fn a_railway_says_who_rode_and_not_who_lives_together() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let body = json!({ "items": [at_home(&city, &ming, "flat 1")] });
        let send = |token| city.post("/api/v1/memberships").token(token).json(&body);
        let refused = send(&city.transport).await;
        assert_eq!(refused.json["accepted"], json!([]), "{refused:?}");
        for token in [&city.health, &city.laboratory, &ming.token] {
            assert!([401, 403].contains(&send(token).await.status));
        }
    }
}
