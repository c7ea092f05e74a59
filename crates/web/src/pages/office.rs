//! `/officer/office`: what a community worker does for who stands there with a document. Everything about
//! the document is on one page; its number is in forms, never in an address.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::{AccountId, Assurance, Document, DocumentKind};
use serde::Deserialize;
use service::{AppealRequest, CommunityOfficial, Happened, Relation, ServiceError};

use super::card::CardPage;
use super::choice::Choice;
use super::dates::Calendar;
use super::register::kind_text;
use super::{Frame, page};
use crate::App;
use crate::principal::{StaffMay, act};
use crate::problem::Problem;
use crate::same_origin::SameOriginForm;

/// What the worker does.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Act {
    /// Finds the accounts that claim the document.
    #[default]
    Find,
    /// Binds an account: document and person were seen.
    Bind,
    /// Releases one.
    Release,
    /// Puts somebody else on an account.
    Add,
    /// Ends that an account shows the code of the document's holder.
    End,
    /// Files an appeal for the document's holder.
    Appeal,
}

/// What the worker typed and pressed.
#[derive(Default, Deserialize)]
pub(super) struct OfficeForm {
    #[serde(default)]
    act: Act,
    /// The document in hand.
    #[serde(default)]
    kind: String,
    #[serde(default)]
    number: String,
    /// On which account something is done.
    #[serde(default)]
    account: String,
    is_lost: Option<String>,
    /// Why somebody else is put on it, and their document.
    #[serde(default)]
    relation: String,
    #[serde(default)]
    other_kind: String,
    #[serde(default)]
    other_number: String,
    /// What the holder says is wrong.
    #[serde(default)]
    why: String,
}

#[derive(Template)]
#[template(path = "office.html")]
struct OfficePage<'f> {
    frame: Frame,
    form: &'f OfficeForm,
    error: Option<FormError>,
    /// What was just done.
    done: Option<&'static str>,
    kinds: Vec<Choice>,
    other_kinds: Vec<Choice>,
    found: Option<Found>,
}

impl OfficePage<'_> {
    fn is_wrong(&self, field: &str) -> bool {
        self.error.is_some_and(|error| error.field == field)
    }
}

/// Which value to look at again, and the text that says so.
#[derive(Clone, Copy)]
struct FormError {
    field: &'static str,
    text: &'static str,
}

/// What is known of the document in hand.
struct Found {
    document: String,
    claims: Vec<ClaimView>,
    holders: Vec<HolderView>,
}

/// An account that claims the document.
struct ClaimView {
    account: String,
    assurance: &'static str,
    is_seen: bool,
    opened: String,
    phone_ends: Option<String>,
}

/// An account that may show the code of the document's holder.
struct HolderView {
    account: String,
    relation: &'static str,
    since: String,
}

/// Shows the form for the document in hand.
pub(super) async fn show(
    frame: Frame,
    StaffMay(..): StaffMay<act::KeepAccounts>,
) -> Result<Response, Problem> {
    form_page(frame, &OfficeForm::default(), None)
}

/// Finds, binds, releases, adds or ends, and shows what is known of the document then.
pub(super) async fn press(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::KeepAccounts>,
    SameOriginForm(form): SameOriginForm<OfficeForm>,
) -> Result<Response, Problem> {
    let by = staff.at_the_office()?;
    let document = match read(&form.kind, &form.number) {
        Ok(document) => document,
        Err(text) => {
            let field = "number";
            return form_page(frame, &form, Some(FormError { field, text }));
        }
    };
    let (done, error) = match carry_out(&app, &by, &form, &document).await {
        Ok(done) => (done, None),
        Err(Failed::Form(error)) => (None, Some(error)),
        Err(Failed::Problem(problem)) => return Err(problem),
    };
    let found = find(&app, &frame, &by, &form, &document).await?;
    // What was typed about somebody else is kept only as long as it is to be mended.
    let empty = OfficeForm::default();
    let typed = if error.is_some() { &form } else { &empty };
    page(&OfficePage {
        error,
        done,
        kinds: kinds(&frame, &form.kind),
        other_kinds: kinds(&frame, &typed.other_kind),
        found: Some(found),
        form: &OfficeForm {
            kind: form.kind.clone(),
            number: form.number.clone(),
            relation: typed.relation.clone(),
            other_number: typed.other_number.clone(),
            ..OfficeForm::default()
        },
        frame,
    })
}

/// Prints a card for the holder of the document.
pub(super) async fn card(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::KeepAccounts>,
    SameOriginForm(form): SameOriginForm<OfficeForm>,
) -> Result<Response, Problem> {
    let by = staff.at_the_office()?;
    let refused = |frame, field, text| form_page(frame, &form, Some(FormError { field, text }));
    let document = match read(&form.kind, &form.number) {
        Ok(document) => document,
        Err(text) => return refused(frame, "number", text),
    };
    let holder = app
        .service
        .accounts
        .holder_of(&by, &document, Happened::CardPrinted)
        .await?;
    match app.service.codes.card(&holder).await {
        Ok(card) => CardPage::of_office(&app, frame, card),
        Err(ServiceError::Undeclared) => refused(frame, "", "office-undeclared"),
        Err(error) => Err(error.into()),
    }
}

/// Why an act was not done.
enum Failed {
    Form(FormError),
    Problem(Problem),
}

impl From<ServiceError> for Failed {
    fn from(error: ServiceError) -> Self {
        let (field, text) = match error {
            ServiceError::UnknownAccount => ("", "office-not-theirs"),
            ServiceError::UnknownPerson => ("", "office-ended-already"),
            ServiceError::AlreadySeen => ("", "office-bound-already"),
            ServiceError::UnknownRestriction => ("", "office-appeal-nothing"),
            ServiceError::BadField { field: "why", .. } => ("why", "appeal-no-reason"),
            ServiceError::TooManyAppeals { .. } => ("", "appeal-too-many"),
            error => return Self::Problem(error.into()),
        };
        Self::Form(FormError { field, text })
    }
}

async fn carry_out(
    app: &App,
    by: &CommunityOfficial,
    form: &OfficeForm,
    document: &Document,
) -> Result<Option<&'static str>, Failed> {
    if matches!(form.act, Act::Find) {
        return Ok(None);
    }
    let accounts = &app.service.accounts;
    if matches!(form.act, Act::Appeal) {
        let holder = accounts.holder_of(by, document, Happened::Appealed).await?;
        let request = AppealRequest {
            request: None,
            against: Vec::new(),
            why: form.why.clone(),
            file: None,
        };
        app.service.appeals.file(&holder, request).await?;
        return Ok(Some("office-done-appeal"));
    }
    let account: Result<AccountId, _> = form.account.parse();
    let account = account.map_err(|_| ServiceError::UnknownAccount)?;
    let done = match form.act {
        Act::Find | Act::Appeal => return Ok(None),
        Act::Bind => {
            let is_lost = form.is_lost.is_some();
            accounts.see(by, account, document, is_lost).await?;
            "office-done-bind"
        }
        Act::Release => {
            accounts.release(by, account, document).await?;
            "office-done-release"
        }
        Act::Add => {
            let other = read(&form.other_kind, &form.other_number).map_err(|text| {
                let field = "other_number";
                Failed::Form(FormError { field, text })
            })?;
            let holder = (account, document);
            match Relation::from_word(&form.relation) {
                Some(Relation::Guardian) => accounts.add_ward(by, holder, &other).await?,
                Some(Relation::ConsentInOffice) => {
                    accounts.add_consenting(by, holder, &other).await?;
                }
                _ => {
                    let (field, text) = ("relation", "office-no-relation");
                    return Err(Failed::Form(FormError { field, text }));
                }
            }
            "office-done-add"
        }
        Act::End => {
            accounts
                .end_holding_in_office(by, account, document)
                .await?;
            "office-done-end"
        }
    };
    Ok(Some(done))
}

async fn find(
    app: &App,
    frame: &Frame,
    by: &CommunityOfficial,
    form: &OfficeForm,
    document: &Document,
) -> Result<Found, Problem> {
    let accounts = &app.service.accounts;
    let calendar = Calendar::of(frame, app)?;
    let claim = |one: service::Claim| ClaimView {
        account: one.account.to_string(),
        assurance: assurance_text(one.assurance),
        is_seen: one.assurance == Assurance::Seen,
        opened: calendar.date_time(one.opened_at),
        phone_ends: one.phone_ends.map(|digits| digits.expose().clone()),
    };
    let holder = |one: service::Holding| HolderView {
        account: one.account.to_string(),
        relation: match one.relation {
            Relation::Guardian => "office-held-guardian",
            Relation::Consent | Relation::ConsentInOffice => "office-held-consent",
        },
        since: calendar.date_time(one.since),
    };
    let kind = DocumentKind::from_code(&form.kind).unwrap_or(DocumentKind::Other);
    let claims = accounts.claims_of(by, document).await?;
    let holders = accounts.holders_of(by, document).await?;
    Ok(Found {
        document: format!("{} {}", frame.t(kind_text(&kind)), form.number.trim()),
        claims: claims.into_iter().map(claim).collect(),
        holders: holders.into_iter().map(holder).collect(),
    })
}

fn form_page(
    frame: Frame,
    form: &OfficeForm,
    error: Option<FormError>,
) -> Result<Response, Problem> {
    page(&OfficePage {
        error,
        done: None,
        kinds: kinds(&frame, &form.kind),
        other_kinds: Vec::new(),
        found: None,
        form,
        frame,
    })
}

fn kinds(frame: &Frame, chosen: &str) -> Vec<Choice> {
    let kinds = DocumentKind::ALL.iter().map(|kind| {
        let code = kind.code();
        Choice::new(code, frame.t(kind_text(kind)), code == chosen)
    });
    kinds.collect()
}

fn read(kind: &str, number: &str) -> Result<Document, &'static str> {
    let kind = DocumentKind::from_code(kind).ok_or("register-bad-document-shape")?;
    Document::new(kind, number).map_err(|why| match why {
        domain::BadDocument::CheckDigit => "register-bad-document",
        domain::BadDocument::Shape => "register-bad-document-shape",
    })
}

const fn assurance_text(assurance: Assurance) -> &'static str {
    match assurance {
        Assurance::Claimed => "office-claimed",
        Assurance::Phone => "office-phone",
        Assurance::Seen => "office-seen",
    }
}

#[cfg(test)]
mod tests;
