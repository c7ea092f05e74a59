//! `/officer/proposals`: what was proposed, whom it would change, and the second person's decision.

mod listing;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::ProposalId;
use fluent_bundle::FluentArgs;
use serde::Deserialize;
use service::{
    Progress, Proposal, ProposalDiff, ProposalState, ProposalSubject, ServiceError, Signature,
    Staff,
};

pub(super) use self::listing::{STATES, list, outcome, place_of, written};
use super::dates::Calendar;
use super::status_style::StatusStyle;
use super::step_up::must_show_passkey;
use super::{Frame, go_to, page};
use crate::App;
use crate::principal::{StaffMay, act};
use crate::problem::Problem;
use crate::same_origin::SameOriginForm;
use crate::wire::{InPath, ProposalText, WireText};

/// What the officer decided.
#[derive(Deserialize)]
pub(super) struct DecisionForm {
    pub(super) decision: Decision,
    pub(super) reason: String,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Decision {
    Approve,
    Reject,
}

#[derive(Template)]
#[template(path = "proposal.html")]
struct ProposalPage {
    frame: Frame,
    proposal: Line,
    error: Option<&'static str>,
    /// The reason that was typed.
    typed: String,
    /// Whether the page renews itself.
    is_moving: bool,
    is_waiting: bool,
    is_own: bool,
    /// Whether the passkey must be shown before it is approved.
    is_stale: bool,
    can_approve: bool,
    /// How far a comparison or deciding everybody again is, while it runs.
    progress: Option<Bar>,
    settled: Option<String>,
    reason: Option<String>,
    difference: Option<Table>,
    content: String,
}

/// How far something about everybody is.
struct Bar {
    what: &'static str,
    decided: u64,
    /// None yet if nobody has counted.
    people: u64,
    text: String,
}

/// A proposal in a line.
struct Line {
    id: String,
    name: String,
    state: &'static str,
    proposed: String,
}

/// Whom a proposal would change.
struct Table {
    moves: Vec<Row>,
}

struct Row {
    before: &'static str,
    before_shape: &'static str,
    after: &'static str,
    after_shape: &'static str,
    people: String,
    /// Of the largest change, in percent; none if the number is kept back.
    share: u64,
    rules: Vec<RuleRow>,
}

struct RuleRow {
    name: String,
    people: String,
}

/// Shows one.
pub(super) async fn show(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::ReadProposals>,
    InPath(WireText(id)): InPath<ProposalText>,
) -> Result<Response, Problem> {
    proposal_page(&app, frame, &staff, id, None).await
}

/// Approves or rejects one.
pub(super) async fn decide(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::RejectPolicy>,
    InPath(WireText(id)): InPath<ProposalText>,
    SameOriginForm(form): SameOriginForm<DecisionForm>,
) -> Result<Response, Problem> {
    let text = match settle(&app, &staff, id, &form).await {
        Ok(()) => return Ok(go_to(&format!("/officer/proposals/{id}"), None)),
        Err(ServiceError::NotCompared) => "proposal-not-compared",
        Err(error) => refused_decision(error, "proposal-own")?,
    };
    proposal_page(&app, frame, &staff, id, Some((text, form.reason))).await
}

async fn settle(
    app: &App,
    staff: &Staff,
    id: ProposalId,
    form: &DecisionForm,
) -> Result<(), ServiceError> {
    match form.decision {
        Decision::Approve => {
            let approver = app
                .service
                .publishing
                .proposal(id)
                .await?
                .approver(staff, app.service.now())?;
            app.service
                .publishing
                .approve(approver, &form.reason)
                .await?;
        }
        Decision::Reject => {
            app.service
                .publishing
                .reject(staff, id, &form.reason)
                .await?;
        }
    }
    Ok(())
}

async fn proposal_page(
    app: &App,
    frame: Frame,
    staff: &Staff,
    id: ProposalId,
    refused: Option<(&'static str, String)>,
) -> Result<Response, Problem> {
    let (error, typed) = refused.unzip();
    let proposal = app.service.publishing.proposal(id).await?;
    let approver = proposal.approver(staff, app.service.now());
    let is_own = approver.is_err_and(|error| !matches!(error, ServiceError::StepUpNeeded));
    let is_waiting = proposal.is_waiting();
    let line = line(&frame, app, &proposal);
    let (progress, difference, end) = match proposal.state {
        ProposalState::Comparing { decided, people } => {
            let progress = Progress {
                decided,
                people,
                ..Progress::default()
            };
            (
                Some(bar(&frame, "proposal-comparing-bar", progress)),
                None,
                None,
            )
        }
        ProposalState::Open { difference, .. } => (None, Some(difference), None),
        ProposalState::Approved {
            difference,
            by,
            reason,
        } => {
            let progress = app.service.reevaluation.progress().await.ok();
            let running = progress.filter(|progress| !progress.is_finished);
            let bar = running.map(|progress| bar(&frame, "proposal-progress-bar", progress));
            (bar, Some(difference), Some((by, reason)))
        }
        ProposalState::Rejected {
            difference,
            by,
            reason,
        } => (None, difference, Some((by, reason))),
    };
    let (settled, reason) = end.unzip();
    page(&ProposalPage {
        proposal: line,
        error,
        typed: typed.unwrap_or_default(),
        is_moving: progress.is_some() && error.is_none(),
        is_waiting,
        is_own,
        is_stale: must_show_passkey(app, staff),
        can_approve: is_waiting && !is_own && difference.is_some(),
        progress,
        settled: settled.map(|by| signed(&frame, app, "proposal-settled", &by)),
        reason,
        difference: difference.map(|difference| table(&frame, &difference)),
        content: content(&proposal.subject),
        frame,
    })
}

fn bar(frame: &Frame, what: &'static str, progress: Progress) -> Bar {
    let changed = (progress.changed > 0).then(|| tens(frame, progress.changed));
    let mut args = FluentArgs::new();
    args.set("decided", progress.decided.to_string());
    args.set("people", progress.people.to_string());
    let far = frame.language.fill("proposal-progress-of", &args);
    let changed = changed.map(|count| frame.with("proposal-progress-changed", "count", &count));
    let text = [Some(far), changed];
    Bar {
        what,
        decided: progress.decided,
        people: progress.people,
        text: text.into_iter().flatten().collect::<Vec<_>>().join(" "),
    }
}

/// The text for what any second person may be refused: without reasons, too late, of their own (`own`), or
/// before the passkey was shown again.
///
/// # Errors
/// Whatever else went wrong.
pub(super) fn refused_decision(
    error: ServiceError,
    own: &'static str,
) -> Result<&'static str, Problem> {
    match error {
        ServiceError::BadField {
            field: "reason", ..
        } => Ok("proposal-bad-reason"),
        ServiceError::ProposalSettled => Ok("proposal-too-late"),
        ServiceError::SamePerson => Ok(own),
        ServiceError::StepUpNeeded => Ok("step-up-first"),
        error => Err(error.into()),
    }
}

/// A number of people that grows while one looks on: between which tens it is.
fn tens(frame: &Frame, count: u64) -> String {
    match service::rounded_unless_small(count) {
        Some(least) => format!("{least}–{}", least + service::ROUNDED_TO - 1),
        None => people(frame, None),
    }
}

/// A number of people, or the word for one that is kept back.
fn people(frame: &Frame, count: Option<u64>) -> String {
    count.map_or_else(|| frame.t("proposal-few"), |count| count.to_string())
}

fn line(frame: &Frame, app: &App, proposal: &Proposal) -> Line {
    let name = match &proposal.subject {
        ProposalSubject::Policy { reference, .. } => {
            frame.with("proposal-policy", "name", &reference.to_string())
        }
        ProposalSubject::Levels(levels) => {
            let count = u32::try_from(levels.len()).unwrap_or(u32::MAX);
            frame.count("proposal-levels", &count)
        }
    };
    Line {
        id: proposal.id.to_string(),
        name,
        state: match proposal.state {
            ProposalState::Comparing { .. } => "proposal-comparing",
            ProposalState::Open { .. } => "proposal-open",
            ProposalState::Approved { .. } => "proposal-approved",
            ProposalState::Rejected { .. } => "proposal-rejected",
        },
        proposed: signed(frame, app, "proposal-by", &proposal.proposed),
    }
}

/// Who and when; in UTC while no policy gives a time zone.
pub(super) fn signed(frame: &Frame, app: &App, text: &str, by: &Signature) -> String {
    let calendar = Calendar::or_utc(frame, app);
    let mut args = FluentArgs::new();
    args.set("name", by.name.clone());
    args.set("at", calendar.date_time(by.at));
    frame.language.fill(text, &args)
}

fn content(subject: &ProposalSubject) -> String {
    match subject {
        ProposalSubject::Policy { toml, .. } => toml.clone(),
        ProposalSubject::Levels(levels) => {
            let lines = levels.iter().map(|level| {
                let until = level
                    .until
                    .map_or_else(|| "…".to_owned(), |at| at.to_string());
                let (region, word) = (level.region, level.level.as_str());
                format!("{region} {word} {} – {until}", level.from)
            });
            lines.collect::<Vec<_>>().join("\n")
        }
    }
}

fn table(frame: &Frame, difference: &ProposalDiff) -> Table {
    let most = difference.moves.iter().filter_map(|one| one.people).max();
    let moves = difference.moves.iter().map(|one| {
        let (before, after) = (StatusStyle::from(one.before), StatusStyle::from(one.after));
        let rules = one.rules.iter().map(|by| RuleRow {
            name: by
                .rule
                .clone()
                .unwrap_or_else(|| frame.t("proposal-no-rule")),
            people: people(frame, by.people),
        });
        Row {
            before: before.word(),
            before_shape: before.shape(),
            after: after.word(),
            after_shape: after.shape(),
            people: people(frame, one.people),
            share: one.people.unwrap_or(0) * 100 / most.unwrap_or(1).max(1),
            rules: rules.collect(),
        }
    });
    Table {
        moves: moves.collect(),
    }
}

#[cfg(test)]
mod tests;
