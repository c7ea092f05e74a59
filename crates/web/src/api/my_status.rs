//! `GET /api/v1/me/status`

use axum::extract::State;

use super::Refusals;
use crate::App;
use crate::language::Preferred;
use crate::principal::Resident;
use crate::problem::Problem;
use crate::wire::WireStatus;

/// Read one's status
///
/// With the reason, the rule, the evidence, the authority and the end of every restriction, and how
/// to contest it. The texts come in the first language of `?lang=` or `Accept-Language` in which the
/// policy is published.
#[utoipa::path(
    get, path = "/api/v1/me/status", tag = "residents", security(("resident" = [])),
    params(("lang" = Option<String>, Query, description = "A language, for example `zh`")),
    responses((status = 200, body = WireStatus), Refusals),
)]
pub(crate) async fn my_status(
    State(app): State<App>,
    Resident(resident): Resident,
    wanted: Preferred,
) -> Result<axum::Json<WireStatus>, Problem> {
    let policy = app.service.policies.policy();
    let published = policy
        .as_ref()
        .map(|policy| policy.languages())
        .unwrap_or_default();
    let tags: Vec<&str> = published.iter().map(|language| language.as_str()).collect();
    let language = wanted.choose(&tags).unwrap_or_default();
    Ok(axum::Json(
        app.service.people.status(&resident, language).await?.into(),
    ))
}

#[cfg(test)]
mod tests {
    use crate::testing::City;

    #[tokio::test]
    async fn a_red_status_says_why_who_says_so_until_when_and_what_to_do() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let contact = city.close_contact(&ming);
        let sent = city.submit(&city.health, &contact).await;
        let status = city
            .get("/api/v1/me/status?lang=en")
            .token(&ming.token)
            .await;
        let reason = &status.json["restrictions"][0];
        assert_eq!(reason["colour"], "red", "{status:?}");
        assert_eq!(reason["rule"], "close-contact");
        assert_eq!(reason["evidence"][0], sent.json["evidence"]);
        assert_eq!(reason["authority"], "City health office");
        for text in ["title", "reason", "guidance"] {
            assert!(!reason[text].as_str().unwrap().is_empty(), "{text}");
        }
        assert!(reason["until"].as_str() > status.json["at"].as_str());
        assert!(!status.json["contest"].as_str().unwrap().is_empty());
        assert_eq!(status.json["policy"], "test v1");
    }

    #[tokio::test]
    async fn the_texts_come_in_the_language_asked_for() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let contact = city.close_contact(&ming);
        city.submit(&city.health, &contact).await;
        let read = |address: &'static str, accept: &'static str| {
            city.get(address)
                .token(&ming.token)
                .header("accept-language", accept)
        };
        let chinese = read("/api/v1/me/status", "zh-CN,zh;q=0.9,en;q=0.5").await;
        assert_eq!(chinese.json["language"], "zh");
        assert_eq!(chinese.json["restrictions"][0]["title"], "密切接触者");
        let english = read("/api/v1/me/status?lang=en", "zh-CN").await;
        assert_eq!(english.json["language"], "en");
        let other = read("/api/v1/me/status", "fr").await;
        assert_eq!(other.json["language"], "en", "the policy's first language");
    }
}
