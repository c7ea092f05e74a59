//! `POST /api/v1/records`

use axum::extract::State;
use domain::evidence::StoredFact;
use domain::{Evidence, Pii};
use serde::{Deserialize, Serialize};
use service::{PersonRecord, Purpose, RecordRequest, ShownIdentity, Stated};
use utoipa::ToSchema;

use super::Refusals;
use crate::App;
use crate::principal::{May, act};
use crate::problem::Problem;
use crate::wire::{
    AuthorityText, Body, ColourText, EvidenceText, PersonText, TimeText, WireDocument, WireText,
    subject,
};

/// Whose record is to be opened, and why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecordOpening {
    /// Whose, or `document`.
    person: Option<PersonText>,
    /// The document of the person.
    document: Option<WireDocument>,
    /// What for: `at_the_counter`, `case_investigation`, `contact_tracing`, `order`, `appeal`,
    /// `correction`, `audit` or `disclosure`. The person reads it.
    purpose: String,
    /// The case, file or letter that it is for. The person reads it.
    reference: String,
    /// Whether name, document and phones are needed in full: after the passkey was shown again.
    #[serde(default)]
    unmasked: bool,
}

/// The record of a person.
#[derive(Serialize, ToSchema)]
pub(crate) struct OpenedRecord {
    /// Whose.
    person: PersonText,
    /// The name: masked (`王*明`) unless asked for in full; absent if it is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// The document number: the last two characters, unless asked for in full; absent if it is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<String>,
    /// The phones, if asked for in full.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    phones: Vec<String>,
    /// The colour now; absent before anything was declared.
    #[serde(skip_serializing_if = "Option::is_none")]
    colour: Option<ColourText>,
    /// What is on record within look-back and counts, oldest first; visits are not in it.
    evidence: Vec<RecordEvidence>,
}

/// One fact, and who answers for it.
#[derive(Serialize, ToSchema)]
struct RecordEvidence {
    /// Its identifier; a withdrawal names it.
    id: EvidenceText,
    /// Who submitted it.
    authority: AuthorityText,
    /// When it was taken in.
    recorded_at: TimeText,
    /// What it says, with times in Unix seconds.
    #[schema(value_type = Object)]
    fact: StoredFact,
}

/// Open the record of a person
///
/// Of somebody who lives in the asker's regions or stayed there within look-back, for a purpose and
/// a case. The person reads within a minute which office opened it, when and why. What says who
/// they are is masked, and in full only after the passkey was shown again. A staff member who opens
/// far more records than is normal at their office is pointed out to an auditor.
#[utoipa::path(
    post, path = "/api/v1/records", tag = "evidence", security(("staff" = [])),
    request_body = RecordOpening,
    responses((status = 200, body = OpenedRecord), Refusals),
)]
pub(crate) async fn open_record(
    State(app): State<App>,
    May(staff, _): May<act::OpenRecord>,
    Body(body): Body<RecordOpening>,
) -> Result<axum::Json<OpenedRecord>, Problem> {
    let purpose: Purpose = match body.purpose.parse() {
        Ok(purpose) => purpose,
        Err(why) => return Err(Problem::invalid("purpose", format!("{why}"))),
    };
    let request = RecordRequest {
        subject: subject(body.person, body.document)?,
        why: Stated::new(purpose, &body.reference)?,
        unmasked: body.unmasked,
    };
    let opened = app.service.records.open(&staff, &request).await?;
    Ok(axum::Json(opened.into()))
}

impl From<PersonRecord> for OpenedRecord {
    fn from(record: PersonRecord) -> Self {
        let text = |text: &Pii<String>| Some(text.expose().clone());
        let (name, document, phones) = match &record.identity {
            ShownIdentity::Unknown => (None, None, Vec::new()),
            ShownIdentity::Masked { name, document } => (text(name), text(document), Vec::new()),
            ShownIdentity::Whole(identity) => {
                let phones = identity.phones.iter().map(|phone| phone.expose().clone());
                let document = text(identity.document.number());
                (text(&identity.name), document, phones.collect())
            }
        };
        let evidence = |piece: Evidence| RecordEvidence {
            id: WireText(piece.id),
            authority: WireText(piece.authority),
            recorded_at: WireText(piece.recorded_at),
            fact: StoredFact(piece.fact),
        };
        Self {
            person: WireText(record.person),
            name,
            document,
            phones,
            colour: record.colour.map(WireText),
            evidence: record.evidence.into_iter().map(evidence).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{AuthorityKind, Role};
    use serde_json::{Value, json};
    use service::Did;

    use crate::testing::City;

    #[tokio::test]
    async fn a_record_is_opened_for_a_purpose_and_a_case_masked_and_its_person_reads_of_it() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let ask = |body: Value| {
            city.post("/api/v1/records")
                .token(&city.health)
                .json(&body)
                .into_future()
        };
        let asked = |purpose: &str, reference: &str| json!({ "person": ming.person, "purpose": purpose, "reference": reference });
        let opened = ask(asked("case_investigation", "case 12")).await;
        assert_eq!(opened.status, 200, "{opened:?}");
        assert_eq!(opened.json["name"], "M**g");
        assert!(opened.json.get("phones").is_none(), "{opened:?}");
        assert!(!opened.text.contains(&ming.document), "{opened:?}");
        assert_eq!(opened.json["colour"], "green");
        for bad in [asked("curiosity", "case 12"), asked("order", " ")] {
            assert_eq!(ask(bad).await.status, 422);
        }
        let looks = city.get("/api/v1/me/looks").token(&ming.token).await;
        let look = &looks.json[0];
        assert_eq!(look["did"], "person_opened", "{looks:?}");
        assert_eq!(look["purpose"], "case_investigation");
        assert_eq!(look["reference"], "case 12");
    }

    #[tokio::test]
    async fn what_no_role_may_is_refused_and_in_the_log() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let body = json!({ "person": ming.person, "purpose": "order", "reference": "case 12" });
        let asked = city.post("/api/v1/records").token(&city.community);
        let refused = asked.json(&body).await;
        assert_eq!(refused.status, 403, "{refused:?}");
        city.service.audit.checkpoint().await.unwrap();
        let auditor = city.staff_with(AuthorityKind::Health, Role::Auditor).await;
        let auditor = city
            .service
            .access
            .staff_program(&auditor.parse().unwrap())
            .await;
        let entries = city.service.audit.entries(&auditor.unwrap(), None).await;
        let read = entries.unwrap().into_iter().filter_map(|one| one.entry);
        let mut refused = read.filter(|entry| entry.did == Did::Refused);
        let refused = refused.next().unwrap();
        assert_eq!(refused.what.as_deref(), Some("OpenRecord"));
        assert!(refused.people.is_empty());
    }
}
