//! `POST /api/v1/disclosures`, `GET /api/v1/disclosures`, and approving, rejecting and making the extract
//! of one.

use axum::extract::State;
use axum::http::StatusCode;
use domain::evidence::StoredFact;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use service::{DisclosureProposal, DisclosureRequest, ExtractedPerson, Subject};
use utoipa::ToSchema;

use super::approve::Reason;
use super::{Created, Refusals};
use crate::App;
use crate::principal::{May, act};
use crate::problem::Problem;
use crate::wire::{
    Body, EvidenceText, FactKindText, InPath, PersonText, ProposalText, TimeText, WireText,
};

/// Data to be handed to somebody outside, once another staff member approved it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewDisclosure {
    /// About whom: 1 to 100 people.
    people: Vec<PersonText>,
    /// The law it rests on; the people in it read it.
    basis: String,
    /// To whom; the people in it read it.
    recipient: String,
    /// Which kinds of evidence, and no others.
    kinds: Vec<FactKindText>,
    /// Facts that began in this period, and no others.
    from: TimeText,
    /// The first instant after the period.
    until: TimeText,
    /// Whether names and document numbers are needed.
    #[serde(default)]
    with_identity: bool,
    /// How many hours after the approval the people in it read of it: at once if left out, at most what
    /// the installation allows.
    #[serde(default)]
    delay_hours: u32,
    /// The first instant at which no extract is made any more, within 30 days.
    ends: TimeText,
}

/// A disclosure that two staff members answer for, or do not yet.
#[derive(Serialize, ToSchema)]
pub(crate) struct Disclosure {
    /// Its identifier.
    id: ProposalText,
    /// `waiting`, `approved` or `rejected`.
    state: &'static str,
    /// About whom.
    people: Vec<PersonText>,
    /// The law it rests on.
    basis: String,
    /// To whom.
    recipient: String,
    /// Which kinds of evidence.
    kinds: Vec<FactKindText>,
    /// Facts that began in this period.
    from: TimeText,
    /// The first instant after the period.
    until: TimeText,
    /// Whether names and document numbers are in it.
    with_identity: bool,
    /// How many hours after the approval the people in it read of it.
    delay_hours: i64,
    /// The first instant at which no extract is made any more.
    ends: TimeText,
    /// Who proposed it.
    proposed_by: String,
    /// When.
    proposed_at: TimeText,
    /// Who approved or rejected it.
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_by: Option<String>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// What is handed out.
#[derive(Serialize, ToSchema)]
pub(crate) struct DisclosureExtract {
    /// The disclosure.
    id: ProposalText,
    /// Each person in it.
    people: Vec<DisclosedPerson>,
}

/// What is handed out about a person.
#[derive(Serialize, ToSchema)]
pub(crate) struct DisclosedPerson {
    /// Who.
    person: PersonText,
    /// The name, if it was approved.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// The document number, if it was approved.
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<String>,
    /// The facts, oldest first.
    evidence: Vec<DisclosedEvidence>,
}

/// One fact.
#[derive(Serialize, ToSchema)]
pub(crate) struct DisclosedEvidence {
    /// Its identifier.
    id: EvidenceText,
    /// What it says, with times in Unix seconds.
    #[schema(value_type = Object)]
    fact: StoredFact,
}

impl From<DisclosureProposal> for Disclosure {
    fn from(asked: DisclosureProposal) -> Self {
        let state = match &asked.settled {
            None => "waiting",
            Some(end) if end.is_approved => "approved",
            Some(_) => "rejected",
        };
        let (settled_by, reason) = asked.settled.map(|end| (end.by.name, end.reason)).unzip();
        Self {
            id: WireText(asked.id),
            state,
            people: asked.people.into_iter().map(WireText).collect(),
            basis: asked.basis,
            recipient: asked.recipient,
            kinds: asked.kinds.into_iter().map(WireText).collect(),
            from: WireText(asked.from),
            until: WireText(asked.until),
            with_identity: asked.with_identity,
            delay_hours: asked.delay.as_hours(),
            ends: WireText(asked.ends),
            proposed_by: asked.proposed.name,
            proposed_at: WireText(asked.proposed.at),
            settled_by,
            reason,
        }
    }
}

impl From<ExtractedPerson> for DisclosedPerson {
    fn from(one: ExtractedPerson) -> Self {
        let evidence = one.evidence.into_iter().map(|piece| DisclosedEvidence {
            id: WireText(piece.id),
            fact: StoredFact(piece.fact),
        });
        let identity = one.identity.map(|identity| {
            let document = identity.document.number().expose().clone();
            (identity.name.expose().clone(), document)
        });
        let (name, document) = identity.unzip();
        Self {
            person: WireText(one.person),
            name,
            document,
            evidence: evidence.collect(),
        }
    }
}

/// Propose a disclosure
///
/// Nothing is handed out before another staff member approves it.
#[utoipa::path(
    post, path = "/api/v1/disclosures", tag = "disclosures", security(("staff" = [])),
    request_body = NewDisclosure,
    responses((status = 201, body = Disclosure), Refusals),
)]
pub(crate) async fn propose_disclosure(
    State(app): State<App>,
    May(staff, _): May<act::ProposeDisclosure>,
    Body(body): Body<NewDisclosure>,
) -> Result<Created<Disclosure>, Problem> {
    let request = DisclosureRequest {
        people: body
            .people
            .iter()
            .map(|one| Subject::Person(one.0))
            .collect(),
        basis: body.basis,
        recipient: body.recipient,
        kinds: body.kinds.iter().map(|kind| kind.0).collect(),
        from: body.from.0,
        until: body.until.0,
        with_identity: body.with_identity,
        delay: SignedDuration::from_hours(body.delay_hours.into()),
        ends: body.ends.0,
    };
    let proposed = app.service.disclosures.propose(&staff, request).await?;
    Ok((StatusCode::CREATED, axum::Json(proposed.into())))
}

/// List disclosures
///
/// Those of the asker's authority and region, newest first, without the data.
#[utoipa::path(
    get, path = "/api/v1/disclosures", tag = "disclosures", security(("staff" = [])),
    responses((status = 200, body = Vec<Disclosure>), Refusals),
)]
pub(crate) async fn disclosures(
    State(app): State<App>,
    May(staff, _): May<act::ReadDisclosures>,
) -> Result<axum::Json<Vec<Disclosure>>, Problem> {
    let found = app.service.disclosures.list(&staff).await?;
    Ok(axum::Json(found.into_iter().map(Into::into).collect()))
}

/// Approve a disclosure
///
/// Another staff member than the one who proposed it. Refused while the log does not verify.
#[utoipa::path(
    post, path = "/api/v1/disclosures/{disclosure}/approval", tag = "disclosures",
    security(("staff" = [])),
    params(("disclosure" = ProposalText, Path, description = "Which")),
    request_body = Reason,
    responses((status = 200, body = Disclosure), Refusals),
)]
pub(crate) async fn approve_disclosure(
    State(app): State<App>,
    May(staff, _): May<act::ApproveDisclosure>,
    InPath(WireText(id)): InPath<ProposalText>,
    Body(body): Body<Reason>,
) -> Result<axum::Json<Disclosure>, Problem> {
    let disclosures = &app.service.disclosures;
    let approved = disclosures.approve(&staff, id, &body.reason).await?;
    Ok(axum::Json(approved.into()))
}

/// Reject a disclosure
///
/// The proposer may take back their own.
#[utoipa::path(
    post, path = "/api/v1/disclosures/{disclosure}/rejection", tag = "disclosures",
    security(("staff" = [])),
    params(("disclosure" = ProposalText, Path, description = "Which")),
    request_body = Reason,
    responses((status = 200, body = Disclosure), Refusals),
)]
pub(crate) async fn reject_disclosure(
    State(app): State<App>,
    May(staff, _): May<act::ReadDisclosures>,
    InPath(WireText(id)): InPath<ProposalText>,
    Body(body): Body<Reason>,
) -> Result<axum::Json<Disclosure>, Problem> {
    let disclosures = &app.service.disclosures;
    let rejected = disclosures.reject(&staff, id, &body.reason).await?;
    Ok(axum::Json(rejected.into()))
}

/// Make the extract of a disclosure
///
/// What was approved and nothing else. Each time is written into the log; refused while the log does
/// not verify.
#[utoipa::path(
    post, path = "/api/v1/disclosures/{disclosure}/extract", tag = "disclosures",
    security(("staff" = [])),
    params(("disclosure" = ProposalText, Path, description = "Which")),
    responses((status = 200, body = DisclosureExtract), Refusals),
)]
pub(crate) async fn make_extract(
    State(app): State<App>,
    May(staff, _): May<act::MakeExtract>,
    InPath(WireText(id)): InPath<ProposalText>,
) -> Result<axum::Json<DisclosureExtract>, Problem> {
    let extract = app.service.disclosures.extract(&staff, id).await?;
    Ok(axum::Json(DisclosureExtract {
        id: WireText(extract.id),
        people: extract.people.into_iter().map(Into::into).collect(),
    }))
}
