//! `/officer/office`: what a community worker does for who stands there with a document. Everything about
//! the document is on one page; its number is in forms, never in an address.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::{AccountId, Assurance, Document, DocumentKind};
use serde::Deserialize;
use service::{Action, AppealRequest, AtCounter, CommunityOfficial, Relation, ServiceError, Staff};

use super::card::CardPage;
use super::choice::Choice;
use super::dates::Calendar;
use super::register::kind_text;
use super::step_up::must_show_passkey_for;
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
    /// Why an adult has a guardian.
    #[serde(default)]
    reason: String,
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
    /// Whether the passkey must be shown before anything is done.
    is_stale: bool,
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

/// A worker at the counter, with the document in hand.
struct Counter<'c> {
    app: &'c App,
    staff: &'c Staff,
    by: CommunityOfficial,
    form: &'c OfficeForm,
    document: Document,
}

/// Finds, binds, releases, adds or ends, and shows what is known of the document then.
pub(super) async fn press(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::KeepAccounts>,
    SameOriginForm(form): SameOriginForm<OfficeForm>,
) -> Result<Response, Problem> {
    let document = match read(&form.kind, &form.number) {
        Ok(document) => document,
        Err(text) => return refused(frame, &form, "number", text),
    };
    let by = staff.at_the_office()?;
    let (app, staff, form) = (&app, &staff, &form);
    let counter = Counter {
        app,
        staff,
        by,
        form,
        document,
    };
    let (done, error) = match counter.carry_out().await {
        Ok(done) => (done, None),
        Err(Failed::Form(error)) => (None, Some(error)),
        Err(Failed::Problem(problem)) => return Err(problem),
    };
    counter.page(frame, done, error).await
}

/// Prints a card for the holder of the document.
pub(super) async fn card(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::KeepAccounts>,
    SameOriginForm(form): SameOriginForm<OfficeForm>,
) -> Result<Response, Problem> {
    let document = match read(&form.kind, &form.number) {
        Ok(document) => document,
        Err(text) => return refused(frame, &form, "number", text),
    };
    let by = staff.at_the_office()?;
    let accounts = &app.service.accounts;
    let holder = match accounts.card_holder(&by, &document).await {
        Ok(holder) => holder,
        Err(ServiceError::StepUpNeeded) => {
            let (app, staff, form) = (&app, &staff, &form);
            let counter = Counter {
                app,
                staff,
                by,
                form,
                document,
            };
            return counter.page(frame, None, Some(PASSKEY_FIRST)).await;
        }
        Err(error) => return Err(error.into()),
    };
    match app.service.codes.card(&holder).await {
        Ok(card) => CardPage::of_office(&app, frame, card),
        Err(ServiceError::Undeclared) => refused(frame, &form, "", "office-undeclared"),
        Err(error) => Err(error.into()),
    }
}

/// Nothing was done, and nothing that was typed is lost.
const PASSKEY_FIRST: FormError = FormError {
    field: "",
    text: "step-up-first",
};

/// Somebody else at the counter did it a moment before.
const RELEASED_ALREADY: FormError = FormError {
    field: "",
    text: "office-released-already",
};

/// Why an act was not done.
enum Failed {
    Form(FormError),
    Problem(Problem),
}

impl From<ServiceError> for Failed {
    fn from(error: ServiceError) -> Self {
        let (field, text) = match error {
            ServiceError::StepUpNeeded => return Self::Form(PASSKEY_FIRST),
            ServiceError::UnknownAccount => ("", "office-not-theirs"),
            ServiceError::UnknownPerson => ("", "office-ended-already"),
            ServiceError::AgreementUsed => ("", "office-agreement-used"),
            ServiceError::AlreadySeen => ("", "office-bound-already"),
            ServiceError::BadField {
                field: "reason", ..
            } => ("reason", "office-adult"),
            ServiceError::UnknownRestriction => ("", "office-appeal-nothing"),
            ServiceError::BadField { field: "why", .. } => ("why", "appeal-no-reason"),
            ServiceError::TooManyAppeals { .. } => ("", "appeal-too-many"),
            error => return Self::Problem(error.into()),
        };
        Self::Form(FormError { field, text })
    }
}

impl Counter<'_> {
    async fn carry_out(&self) -> Result<Option<&'static str>, Failed> {
        let Self { by, document, .. } = self;
        match self.form.act {
            Act::Find => return Ok(None),
            Act::Appeal => {
                return Ok(Some(match self.appeal().await? {
                    AtCounter::Done => "office-done-appeal",
                    AtCounter::WaitsForSecond => "office-second",
                }));
            }
            _ => {}
        }
        let accounts = &self.app.service.accounts;
        let account: Result<AccountId, _> = self.form.account.parse();
        let account = account.map_err(|_| ServiceError::UnknownAccount)?;
        let (done, text) = match self.form.act {
            Act::Find | Act::Appeal => return Ok(None),
            Act::Bind => {
                let is_lost = self.form.is_lost.is_some();
                let seen = accounts.see(by, account, document, is_lost).await?;
                (seen, "office-done-bind")
            }
            Act::Release => {
                let released = accounts.release(by, account, document).await;
                released.map_err(|error| match error {
                    ServiceError::UnknownAccount => Failed::Form(RELEASED_ALREADY),
                    error => error.into(),
                })?;
                (AtCounter::Done, "office-done-release")
            }
            Act::Add => (self.add(account).await?, "office-done-add"),
            Act::End => {
                let ended = accounts.end_holding_in_office(by, account, document);
                ended.await?;
                (AtCounter::Done, "office-done-end")
            }
        };
        Ok(Some(match done {
            AtCounter::Done => text,
            AtCounter::WaitsForSecond => "office-second",
        }))
    }

    /// Files an appeal for the holder, against whatever restricts them.
    async fn appeal(&self) -> Result<AtCounter, Failed> {
        let (by, service) = (&self.by, &self.app.service);
        let finding = service.accounts.appealing_holder(by, &self.document);
        let request = AppealRequest {
            request: None,
            against: Vec::new(),
            why: self.form.why.clone(),
            file: None,
        };
        let Some(holder) = finding.await? else {
            return Ok(AtCounter::WaitsForSecond);
        };
        service.appeals.file_for(by, holder, request).await?;
        Ok(AtCounter::Done)
    }

    /// Puts somebody else on an account.
    async fn add(&self, account: AccountId) -> Result<AtCounter, Failed> {
        let Self { by, form, .. } = self;
        let other = read(&form.other_kind, &form.other_number).map_err(|text| {
            let field = "other_number";
            Failed::Form(FormError { field, text })
        })?;
        let accounts = &self.app.service.accounts;
        let holder = (account, &self.document);
        Ok(match Relation::from_word(&form.relation) {
            Some(Relation::Guardian) => {
                let reason = Some(form.reason.trim()).filter(|reason| !reason.is_empty());
                accounts.add_ward(by, holder, &other, reason).await?
            }
            Some(Relation::ConsentInOffice) => accounts.add_consenting(by, holder, &other).await?,
            _ => {
                let (field, text) = ("relation", "office-no-relation");
                return Err(Failed::Form(FormError { field, text }));
            }
        })
    }

    /// Shows what is known of the document, after what was done or refused.
    async fn page(
        &self,
        frame: Frame,
        done: Option<&'static str>,
        error: Option<FormError>,
    ) -> Result<Response, Problem> {
        let (app, form) = (self.app, self.form);
        let found = self.find(&frame).await?;
        // What was typed about somebody else is kept only as long as it is to be mended.
        let empty = OfficeForm::default();
        let typed = if error.is_some() { form } else { &empty };
        page(&OfficePage {
            error,
            done,
            is_stale: must_show_passkey_for(app, self.staff, Action::KeepAccounts),
            kinds: kinds(&frame, &form.kind),
            other_kinds: kinds(&frame, &typed.other_kind),
            found: Some(found),
            form: &OfficeForm {
                kind: form.kind.clone(),
                number: form.number.clone(),
                account: typed.account.clone(),
                is_lost: typed.is_lost.clone(),
                relation: typed.relation.clone(),
                other_number: typed.other_number.clone(),
                reason: typed.reason.clone(),
                why: typed.why.clone(),
                ..OfficeForm::default()
            },
            frame,
        })
    }

    async fn find(&self, frame: &Frame) -> Result<Found, Problem> {
        let (accounts, form) = (&self.app.service.accounts, self.form);
        let calendar = Calendar::of(frame, self.app)?;
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
        let (claims, holders) = accounts.look_up(&self.by, &self.document).await?;
        Ok(Found {
            document: format!("{} {}", frame.t(kind_text(&kind)), form.number.trim()),
            claims: claims.into_iter().map(claim).collect(),
            holders: holders.into_iter().map(holder).collect(),
        })
    }
}

fn refused(
    frame: Frame,
    form: &OfficeForm,
    field: &'static str,
    text: &'static str,
) -> Result<Response, Problem> {
    form_page(frame, form, Some(FormError { field, text }))
}

fn form_page(
    frame: Frame,
    form: &OfficeForm,
    error: Option<FormError>,
) -> Result<Response, Problem> {
    page(&OfficePage {
        error,
        done: None,
        is_stale: false,
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
