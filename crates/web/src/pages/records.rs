//! `/officer/records`: opening the record of a person, for a purpose and a case. What says who they are is
//! masked unless it is asked for, after the passkey was shown again.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use domain::{Document, DocumentKind, PersonId};
use serde::Deserialize;
use service::{
    Action, PersonRecord, Purpose, RecordRequest, ServiceError, ShownIdentity, Staff, Stated,
    Subject,
};

use super::choice::Choice;
use super::dates::Calendar;
use super::register::kind_text;
use super::status_style::StatusStyle;
use super::{Frame, feeds, page, take_back};
use crate::App;
use crate::principal::{StaffMay, act};
use crate::problem::Problem;
use crate::same_origin::SameOriginForm;

/// Nothing was shown, and nothing that was typed is lost.
const PASSKEY_FIRST: &str = "step-up-first";

/// Whose record, and why.
#[derive(Default, Deserialize)]
pub(super) struct RecordForm {
    /// An identifier, or else the document.
    #[serde(default)]
    person: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    number: String,
    #[serde(default)]
    purpose: String,
    #[serde(default)]
    reference: String,
    unmasked: Option<String>,
}

#[derive(Template)]
#[template(path = "officer_records.html")]
struct RecordsPage<'f> {
    frame: Frame,
    form: &'f RecordForm,
    error: Option<&'static str>,
    /// Whether the passkey must be shown before the record is opened as asked.
    is_stale: bool,
    kinds: Vec<Choice>,
    purposes: Vec<Choice>,
    record: Option<RecordView>,
}

/// A record that was opened.
struct RecordView {
    person: String,
    colour: StatusStyle,
    name: Option<String>,
    document: Option<String>,
    phones: Vec<String>,
    evidence: Vec<EvidenceLine>,
}

/// What is on record, and where it is taken back by who may.
struct EvidenceLine {
    text: String,
    take_back: Option<String>,
}

/// Shows the form; the address may say whose record and for which case, and opens nothing.
pub(super) async fn show(
    frame: Frame,
    StaffMay(..): StaffMay<act::OpenRecord>,
    Query(named): Query<Named>,
) -> Result<Response, Problem> {
    let person: Option<PersonId> = named.person.parse().ok();
    let form = RecordForm {
        person: person.map_or_else(String::new, |person| person.to_string()),
        reference: named.reference,
        ..RecordForm::default()
    };
    records_page(frame, &form, None, None)
}

/// Whose record a link names, and for which case.
#[derive(Default, Deserialize)]
pub(super) struct Named {
    #[serde(default)]
    person: String,
    #[serde(default)]
    reference: String,
}

/// Opens a record.
pub(super) async fn open(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::OpenRecord>,
    SameOriginForm(form): SameOriginForm<RecordForm>,
) -> Result<Response, Problem> {
    let calendar = Calendar::of(&frame, &app)?;
    match find(&app, &staff, &form).await {
        Ok(record) => {
            let may_withdraw = staff.may(Action::WithdrawEvidence).is_ok();
            let record = view(record, may_withdraw, &frame, &calendar);
            records_page(frame, &form, None, Some(record))
        }
        Err(ServiceError::UnknownPerson) => {
            records_page(frame, &form, Some("record-unknown"), None)
        }
        Err(ServiceError::StepUpNeeded) => records_page(frame, &form, Some(PASSKEY_FIRST), None),
        Err(ServiceError::BadField { field, .. }) => {
            let text = match field {
                "reference" => "record-no-reference",
                "purpose" => "record-no-purpose",
                _ => "record-unknown",
            };
            records_page(frame, &form, Some(text), None)
        }
        Err(error) => Err(error.into()),
    }
}

async fn find(app: &App, staff: &Staff, form: &RecordForm) -> Result<PersonRecord, ServiceError> {
    let person: Option<PersonId> = form.person.trim().parse().ok();
    let subject = match person {
        Some(person) => Subject::Person(person),
        None => {
            let kind = DocumentKind::from_code(&form.kind).ok_or(ServiceError::UnknownPerson)?;
            let document = Document::new(kind, &form.number);
            Subject::Document(document.map_err(|_| ServiceError::UnknownPerson)?)
        }
    };
    let purpose: Result<Purpose, _> = form.purpose.parse();
    let purpose = purpose.map_err(|why| ServiceError::BadField {
        field: "purpose",
        why: why.to_string(),
    })?;
    let request = RecordRequest {
        subject,
        why: Stated::new(purpose, &form.reference)?,
        unmasked: form.unmasked.is_some(),
    };
    app.service.records.open(staff, &request).await
}

fn records_page(
    frame: Frame,
    form: &RecordForm,
    error: Option<&'static str>,
    record: Option<RecordView>,
) -> Result<Response, Problem> {
    let kinds = DocumentKind::ALL.into_iter().map(|kind| {
        let label = frame.t(kind_text(&kind));
        Choice::new(kind.code(), label, kind.code() == form.kind)
    });
    let purposes = Purpose::ALL.into_iter().map(|purpose| {
        let label = frame.t(&format!("record-purpose-{purpose}"));
        Choice::new(purpose, label, purpose.as_str() == form.purpose)
    });
    page(&RecordsPage {
        form,
        error,
        is_stale: error == Some(PASSKEY_FIRST),
        kinds: kinds.collect(),
        purposes: purposes.collect(),
        record,
        frame,
    })
}

fn view(
    record: PersonRecord,
    may_withdraw: bool,
    frame: &Frame,
    calendar: &Calendar,
) -> RecordView {
    let (name, document, phones) = match &record.identity {
        ShownIdentity::Unknown => (None, None, Vec::new()),
        ShownIdentity::Masked { name, document } => {
            let (name, document) = (name.expose().clone(), document.expose().clone());
            (Some(name), Some(document), Vec::new())
        }
        ShownIdentity::Whole(identity) => {
            let phones = identity.phones.iter().map(|phone| phone.expose().clone());
            let number = identity.document.number().expose().clone();
            let name = identity.name.expose().clone();
            (Some(name), Some(number), phones.collect())
        }
    };
    let evidence = record.evidence.iter().map(|piece| {
        let when = calendar.date_time(piece.fact.begins());
        let kind = frame.t(&feeds::kind_text(piece.fact.kind()));
        EvidenceLine {
            text: format!("{when}: {kind}"),
            take_back: may_withdraw.then(|| take_back::address(record.person, piece.id)),
        }
    });
    RecordView {
        person: record.person.to_string(),
        colour: record
            .colour
            .map_or(StatusStyle::Undeclared, StatusStyle::from),
        name,
        document,
        phones,
        evidence: evidence.collect(),
    }
}

#[cfg(test)]
mod tests {
    use domain::FactKind;

    use super::super::tests::{assert_sound, frames};
    use super::*;
    use crate::principal::SECURE_STAFF_COOKIE;
    use crate::testing::{City, percent_encoded};

    #[test]
    fn the_page_of_records_renders_in_every_language() {
        for frame in frames() {
            for kind in FactKind::ALL {
                let text = frame.t(&feeds::kind_text(*kind));
                let is_shown = *kind != FactKind::Withdrawal;
                assert_eq!(is_shown, !text.contains('⟦'), "{kind}");
            }
            let record = |name: Option<&str>| RecordView {
                person: "0".repeat(32),
                colour: StatusStyle::Yellow,
                name: name.map(str::to_owned),
                document: name.map(str::to_owned),
                phones: name.iter().map(ToString::to_string).collect(),
                evidence: vec![EvidenceLine {
                    text: "<i>".to_owned(),
                    take_back: name.map(|_| "/officer/evidence/0/0/withdrawal".to_owned()),
                }],
            };
            for record in [None, Some(record(None)), Some(record(Some("<i>")))] {
                let form = RecordForm {
                    number: "<i>".to_owned(),
                    ..RecordForm::default()
                };
                let purpose = Purpose::ALL.map(|purpose| {
                    let label = frame.t(&format!("record-purpose-{purpose}"));
                    Choice::new(purpose, label, false)
                });
                let page = RecordsPage {
                    frame: frame.clone(),
                    form: &form,
                    error: Some("record-unknown"),
                    is_stale: frame.is_demo,
                    kinds: Vec::new(),
                    purposes: purpose.into(),
                    record,
                };
                assert!(!assert_sound(&frame, &page).contains("<i>"));
            }
        }
    }

    #[tokio::test]
    async fn an_officer_opens_a_record_on_the_page_and_reads_a_masked_name() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let open = async |person: &str, reference: &str| {
            let reference = percent_encoded(reference);
            let form = format!("person={person}&purpose=case_investigation&reference={reference}");
            let ask = city.post("/officer/records?lang=en");
            let ask = ask.cookie(SECURE_STAFF_COOKIE, &city.health);
            ask.form(&form).await
        };
        let opened = open(&ming.person, "case 12").await;
        assert_eq!(opened.status, 200, "{opened:?}");
        assert!(opened.text.contains("M**g"), "{opened:?}");
        assert!(!opened.text.contains(&ming.document), "{opened:?}");
        let refused = open(&ming.person, "").await;
        assert!(!refused.text.contains("M**g"), "{refused:?}");
        let unknown = open(&"0".repeat(32), "case 12").await;
        assert!(!unknown.text.contains("M**g"), "{unknown:?}");
    }

    #[tokio::test]
    async fn a_name_needs_the_passkey_again_and_nothing_that_was_typed_is_lost() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let form = format!(
            "person={}&kind=99&number=TEST7&purpose=case_investigation&reference=case+12&unmasked=yes",
            ming.person
        );
        let open = async |session: &str| {
            let ask = city.post("/officer/records?lang=en");
            ask.cookie(SECURE_STAFF_COOKIE, session).form(&form).await
        };
        city.later(6);
        let refused = open(&city.health).await;
        assert_eq!(refused.status, 200, "{refused:?}");
        for kept in [
            &*format!("value=\"{}\"", ming.person),
            "value=\"TEST7\"",
            "<option value=\"99\" selected>",
            "<option value=\"case_investigation\" selected>",
            "value=\"case 12\"",
            "value=\"yes\" checked",
            "Nothing was done yet",
            "href=\"/staff/sign-in?then=records\" target=\"_blank\"",
        ] {
            assert!(refused.text.contains(kept), "{kept}: {refused:?}");
        }
        // As the passkey that was shown in another tab.
        let again = open(&city.browser_of(city.officer).await).await;
        assert!(again.text.contains("<h2>Ming"), "{again:?}");
    }
}
