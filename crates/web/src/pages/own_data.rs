//! `/me/data`: what is kept about a person, and all of it in one file.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::evidence::{Evidence, Fact, StoredFact};
use serde_json::{Value, json};
use service::Resident;

use super::whose::Whose;
use super::why::authorities;
use super::{Frame, page};
use crate::App;
use crate::principal::ResidentSession;
use crate::problem::{Problem, ProblemType};
use crate::same_origin::SameOriginForm;

#[derive(Template)]
#[template(path = "own_data.html")]
struct DataPage {
    frame: Frame,
    whose: Whose,
}

/// Says what is kept, and offers it.
pub(super) async fn show(
    State(app): State<App>,
    frame: Frame,
    ResidentSession(resident): ResidentSession,
) -> Result<Response, Problem> {
    let whose = Whose::of(&app, &frame, &resident, "/me/data").await;
    page(&DataPage { frame, whose })
}

/// Hands out one file with everything that the pages of this person show. Name, document and numbers
/// are not in it: a phone that somebody picks up must not give them away.
pub(super) async fn export(
    State(app): State<App>,
    frame: Frame,
    ResidentSession(resident): ResidentSession,
    SameOriginForm(()): SameOriginForm<()>,
) -> Result<Response, Problem> {
    let mut file = file(&app, &resident).await?;
    // Of a child the file holds nothing of the account that shows their code.
    if frame.person.is_none() {
        let account = account(&app, &resident).await?;
        if let (Some(file), Value::Object(account)) = (file.as_object_mut(), account) {
            file.extend(account);
        }
    }
    let text = serde_json::to_string_pretty(&file).map_err(|error| {
        Problem::caused_by(ProblemType::Internal, "The file cannot be written.", &error)
    })?;
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"healthcode.json\"",
        ),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, text).into_response())
}

async fn file(app: &App, resident: &Resident) -> Result<Value, Problem> {
    let report = app.service.people.status(resident, "en").await?;
    resident.check_whole()?;
    let evidence = app.service.evidence.own_evidence_of(resident).await?;
    let names: BTreeMap<_, _> = authorities(app, &evidence)
        .await?
        .into_iter()
        .map(|authority| (authority.id, authority.name))
        .collect();
    let looks = app.service.audit.looks(resident).await?;
    let at_doors = app.service.visits.own_at_doors(resident).await?;
    let at_doors = at_doors.iter().map(|one| {
        json!({
            "visit": one.visit.to_string(),
            "temperature": one.temperature.map(|measured| measured.to_string()),
        })
    });
    let facts = evidence.iter().map(|one| {
        json!({
            "id": one.id.to_string(),
            "authority": names.get(&one.authority),
            "recorded_at": one.recorded_at.to_string(),
            "fact": shown(one),
        })
    });
    let restrictions = report.explanation.verdict.restrictions.iter();
    let restrictions = restrictions.map(|restriction| {
        let finding = &restriction.finding;
        let ids = finding.evidence.iter().map(ToString::to_string);
        json!({
            "colour": restriction.colour.as_str(),
            "rule": finding.rule.as_str(),
            "since": finding.since.to_string(),
            "until": finding.until.to_string(),
            "evidence": ids.collect::<Vec<_>>(),
        })
    });
    let looks = looks.iter().map(|one| {
        json!({
            "at": one.at.to_string(),
            "office": one.office,
            "did": one.did.as_str(),
            "times": one.times,
        })
    });
    Ok(json!({
        "made_at": report.at.to_string(),
        "person": report.person.to_string(),
        "status": report.explanation.verdict.status.as_str(),
        "policy": report.explanation.verdict.policy.to_string(),
        "restrictions": restrictions.collect::<Vec<_>>(),
        "facts": facts.collect::<Vec<_>>(),
        "recorded_by_scanners": at_doors.collect::<Vec<_>>(),
        "looks": looks.collect::<Vec<_>>(),
    }))
}

/// What is signed in to the account, and what was done to it.
async fn account(app: &App, resident: &Resident) -> Result<Value, Problem> {
    let account = app.service.accounts.security(resident).await?;
    let sessions = account.sessions.iter().map(|one| {
        json!({
            "label": one.label,
            "since": one.since.to_string(),
            "used_at": one.seen_at.to_string(),
        })
    });
    let events = account.events.iter().map(|one| {
        json!({
            "at": one.at.to_string(),
            "what": one.kind.as_str(),
            "office": one.office,
            "reason": one.reason,
        })
    });
    Ok(json!({
        "sessions": sessions.collect::<Vec<_>>(),
        "phones_since": account.phones.iter().map(|(_, since)| since.to_string()).collect::<Vec<_>>(),
        "account": events.collect::<Vec<_>>(),
    }))
}

/// A fact as it is stored, but never whom the person met.
fn shown(evidence: &Evidence) -> StoredFact {
    let mut fact = evidence.fact.clone();
    if let Fact::Contact { with, .. } = &mut fact {
        *with = None;
    }
    StoredFact(fact)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_sound, frames};
    use super::*;
    use crate::principal::RESIDENT_COOKIE;
    use crate::testing::City;

    #[test]
    fn the_page_renders_in_every_language() {
        for frame in frames() {
            let whose = Whose::sample();
            let page = DataPage {
                frame: frame.clone(),
                whose,
            };
            assert!(!assert_sound(&frame, &page).contains("<b>"));
        }
    }

    #[tokio::test]
    async fn a_person_takes_everything_along_but_not_whom_they_met_nor_who_they_are() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let wu = city.well_resident("Wu").await;
        let mut contact = city.close_contact(&ming);
        contact["fact"]["with"] = wu.person.clone().into();
        let sent = city.submit(&city.health, &contact).await;
        assert_eq!(sent.status, 201, "{sent:?}");
        let page = city.get("/me/data?lang=en");
        let page = page.cookie(RESIDENT_COOKIE, &ming.session).await.text;
        assert!(page.contains("action=\"/me/data\""), "{page}");
        let file = city.post("/me/data").cookie(RESIDENT_COOKIE, &ming.session);
        let file = file.form("").await;
        assert_eq!(file.status, 200, "{file:?}");
        let kept = file.headers["content-disposition"].to_str().unwrap();
        assert!(kept.starts_with("attachment"), "{kept}");
        let read: Value = serde_json::from_slice(&file.bytes).unwrap();
        assert_eq!(read["status"], "red");
        let facts = read["facts"].as_array().unwrap();
        let kinds: Vec<&str> = facts
            .iter()
            .map(|one| one["fact"]["kind"].as_str().unwrap())
            .collect();
        assert!(
            kinds.contains(&"declaration") && kinds.contains(&"contact"),
            "{read}"
        );
        let contact = facts
            .iter()
            .find(|one| one["fact"]["kind"] == "contact")
            .unwrap();
        assert_eq!(contact["authority"], "City health office");
        assert_eq!(read["looks"], json!([]));
        assert_eq!(read["sessions"].as_array().unwrap().len(), 2, "{read}");
        for secret in [&wu.person, &ming.document, "13800000000", "Ming"] {
            assert!(!file.text.contains(secret), "{secret}: {}", file.text);
        }
        assert_eq!(city.post("/me/data").form("").await.status, 303, "nobody");
    }
}
