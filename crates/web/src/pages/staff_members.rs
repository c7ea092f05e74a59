//! `/officer/staff`: who the staff members are, who is to become one, and the second person's decision.

mod narrowing;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use domain::{Regions, Role, Roles};
use jiff::SignedDuration;
use service::{
    Action, MemberEnd, NewMember, ServiceError, Staff, StaffChange, StaffMember, StaffProposal,
    Token,
};

use self::narrowing::narrowed;
use super::choice::{Choice, ShownOnce};
use super::feeds::offices;
use super::list_filter::{ListAsked, ListFilter};
use super::proposals::{Decision, DecisionForm, refused_decision, signed};
use super::step_up::must_show_passkey;
use super::{Frame, go_to, page};
use crate::App;
use crate::principal::{StaffMay, act};
use crate::problem::Problem;
use crate::same_origin::SameOriginForm;
use crate::wire::{InPath, ProposalText, StaffText, WireText};

/// How long an invitation works after the approval: as in the service.
const INVITATION_LASTS: SignedDuration = SignedDuration::from_hours(3 * 24);

/// Who is proposed, as it was typed.
#[derive(Default)]
struct MemberForm {
    authority: String,
    name: String,
    roles: Roles,
    regions: String,
}

#[derive(Template)]
#[template(path = "officer_staff.html")]
struct StaffPage<'f> {
    frame: Frame,
    error: Option<&'static str>,
    /// Half of an invitation, right after the proposal, the approval or the renewal.
    shown_once: Option<ShownOnce>,
    /// Whether the passkey must be shown before anything can be changed.
    is_stale: bool,
    can_propose: bool,
    can_approve: bool,
    can_end: bool,
    waiting: Vec<Entry>,
    /// Who was approved lately; the reader may renew their half.
    invited: Vec<Entry>,
    filter: ListFilter,
    members: Vec<Entry>,
    authorities: Vec<Choice>,
    roles: Vec<Choice>,
    form: &'f MemberForm,
}

/// A staff member, or somebody who is to become one.
struct Entry {
    id: String,
    name: String,
    roles: String,
    /// The authority and the regions.
    place: String,
    /// Who proposed them.
    proposed: Option<String>,
    /// Whether they, or the proposal, are the reader's own.
    is_own: bool,
    /// Whether an account is to end.
    leaves: bool,
    /// Whether it takes two persons to end their account.
    takes_two: bool,
}

/// What a page shows besides the lists.
#[derive(Default)]
struct Outcome {
    error: Option<&'static str>,
    shown_once: Option<ShownOnce>,
    form: MemberForm,
    asked: ListAsked,
}

/// Shows who there is.
pub(super) async fn show(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::ReadStaff>,
    Query(asked): Query<ListAsked>,
) -> Result<Response, Problem> {
    let outcome = Outcome {
        asked,
        ..Outcome::default()
    };
    staff_page(&app, frame, &staff, outcome).await
}

/// Proposes somebody.
pub(super) async fn propose(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::ProposeStaff>,
    SameOriginForm(pairs): SameOriginForm<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let form = MemberForm::read(pairs);
    let proposed = match form.member() {
        Ok(member) => app.service.staff.propose_member(&staff, member).await,
        Err(error) => Err(error),
    };
    let error = match proposed {
        Ok((proposal, half)) => {
            let outcome = Outcome::of_half("staff-proposed", proposal.member.name, &half);
            return staff_page(&app, frame, &staff, outcome).await;
        }
        Err(ServiceError::NameTaken) => "staff-same-name",
        Err(ServiceError::TooManyWaiting { .. }) => "staff-too-many-waiting",
        Err(ServiceError::BadField { field, .. }) => match field {
            "name" => "staff-bad-name",
            "roles" => "staff-bad-roles",
            _ => "staff-bad-regions",
        },
        Err(error) => return Err(error.into()),
    };
    let outcome = Outcome {
        error: Some(error),
        form,
        ..Outcome::default()
    };
    staff_page(&app, frame, &staff, outcome).await
}

/// Approves or rejects somebody.
pub(super) async fn decide(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::ApproveStaff>,
    InPath(WireText(id)): InPath<ProposalText>,
    SameOriginForm(form): SameOriginForm<DecisionForm>,
) -> Result<Response, Problem> {
    let accounts = &app.service.staff;
    let settled = match form.decision {
        Decision::Approve => accounts.approve_member(&staff, id, &form.reason).await,
        Decision::Reject => {
            let rejected = accounts.reject_member(&staff, id, &form.reason).await;
            rejected.map(|_| None)
        }
    };
    let error = match settled {
        Ok(None) => return Ok(go_to("/officer/staff", None)),
        Ok(Some(half)) => {
            return half_page(&app, frame, &staff, ("staff-invited", id), &half).await;
        }
        Err(ServiceError::OwnEnd) => "staff-own-end",
        Err(ServiceError::LastAdministrator) => "account-last-administrator",
        Err(error) => refused_decision(error, "two-persons-own")?,
    };
    staff_page(&app, frame, &staff, Outcome::of_error(error)).await
}

/// Gives the reader another half of an invitation that they proposed or approved.
pub(super) async fn renew_half(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::ApproveStaff>,
    InPath(WireText(id)): InPath<ProposalText>,
    SameOriginForm(()): SameOriginForm<()>,
) -> Result<Response, Problem> {
    match app.service.staff.renew_half(&staff, id).await {
        Ok(half) => half_page(&app, frame, &staff, ("staff-half-renewed", id), &half).await,
        Err(ServiceError::ProposalSettled) => {
            staff_page(&app, frame, &staff, Outcome::of_error("staff-half-over")).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Ends somebody's account, or proposes that.
pub(super) async fn end(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::EndStaff>,
    InPath(WireText(id)): InPath<StaffText>,
    SameOriginForm(()): SameOriginForm<()>,
) -> Result<Response, Problem> {
    match app.service.staff.end_member(&staff, id).await {
        Ok(MemberEnd::Ended | MemberEnd::Waits(_)) => Ok(go_to("/officer/staff", None)),
        Err(ServiceError::LastAdministrator) => {
            let outcome = Outcome::of_error("account-last-administrator");
            staff_page(&app, frame, &staff, outcome).await
        }
        Err(error) => Err(error.into()),
    }
}

impl Outcome {
    fn of_error(error: &'static str) -> Self {
        Self {
            error: Some(error),
            ..Self::default()
        }
    }

    fn of_half(about: &'static str, name: String, half: &Token) -> Self {
        Self {
            shown_once: Some(ShownOnce {
                about,
                name,
                secret: half.expose(),
            }),
            ..Self::default()
        }
    }
}

impl MemberForm {
    fn read(pairs: Vec<(String, String)>) -> Self {
        let mut form = Self::default();
        let mut roles = Vec::new();
        for (name, value) in pairs {
            match &*name {
                "authority" => form.authority = value,
                "name" => form.name = value,
                "regions" => form.regions = value,
                "role" => roles.extend(value.parse::<Role>()),
                _ => {}
            }
        }
        form.roles = roles.into_iter().collect();
        form
    }

    fn member(&self) -> Result<NewMember, ServiceError> {
        let regions: Result<Regions, _> = self.regions.replace([',', '，'], " ").parse();
        Ok(NewMember {
            authority: self
                .authority
                .parse()
                .map_err(|_| ServiceError::UnknownAuthority)?,
            name: self.name.clone(),
            roles: self.roles,
            regions: regions.map_err(|error| ServiceError::BadField {
                field: "regions",
                why: error.to_string(),
            })?,
        })
    }
}

/// The page with half of the invitation of a proposal, and the text about it.
async fn half_page(
    app: &App,
    frame: Frame,
    staff: &Staff,
    (about, id): (&'static str, domain::ProposalId),
    half: &Token,
) -> Result<Response, Problem> {
    let proposed = app.service.staff.proposed_members(staff).await?;
    let name = proposed.into_iter().find(|one| one.id == id);
    let name = name.map(|one| one.member.name).unwrap_or_default();
    let outcome = Outcome::of_half(about, name, half);
    staff_page(app, frame, staff, outcome).await
}

async fn staff_page(
    app: &App,
    frame: Frame,
    staff: &Staff,
    outcome: Outcome,
) -> Result<Response, Problem> {
    let accounts = &app.service.staff;
    let authorities = accounts.authorities(staff).await?;
    let mut members = accounts.members(staff).await?;
    members.sort_by(|one, other| one.name.cmp(&other.name));
    let proposed = accounts.proposed_members(staff).await?;
    let name_of = |proposal: &StaffProposal| {
        let mut all = authorities.iter();
        let found = all.find(|one| one.id == proposal.member.authority);
        found.map(|one| one.name.clone()).unwrap_or_default()
    };
    let entry = |one: StaffProposal| Entry {
        id: one.id.to_string(),
        roles: roles_text(&frame, one.member.roles),
        place: place(&name_of(&one), &one.member.regions),
        proposed: Some(signed(&frame, app, "proposal-by", &one.proposed)),
        is_own: one.proposed.staff == Some(staff.id()),
        leaves: one.change != StaffChange::Joins,
        takes_two: true,
        name: one.member.name,
    };
    let earliest = app.service.now() - INVITATION_LASTS;
    // Who was approved and is not there yet, if the reader has half of the invitation.
    let is_invited = |one: &StaffProposal| {
        let by = |staff_id| staff_id == Some(staff.id());
        let settled = one.settled.as_ref();
        one.change == StaffChange::Joins
            && settled.is_some_and(|end| {
                end.is_approved
                    && end.by.at > earliest
                    && (by(one.proposed.staff) || by(end.by.staff))
            })
            && members.iter().all(|known| known.name != one.member.name)
    };
    let (waiting, settled): (Vec<_>, Vec<_>) =
        proposed.into_iter().partition(|one| one.settled.is_none());
    let waiting = waiting.into_iter().map(entry).collect();
    let invited = settled.into_iter().filter(is_invited).map(entry).collect();
    let asked = &outcome.asked;
    let (members, filter) = narrowed(&frame, members, asked);
    let members = members.into_iter().map(|one| member(&frame, staff, one));
    let authorities = offices(authorities, asked, staff.authority());
    let roles = Role::ALL.into_iter().map(|role| {
        let is_chosen = outcome.form.roles.contains(role);
        Choice::new(role, frame.t(&role_text(role)), is_chosen)
    });
    page(&StaffPage {
        error: outcome.error,
        shown_once: outcome.shown_once,
        is_stale: must_show_passkey(app, staff),
        can_propose: staff.may(Action::ProposeStaff).is_ok(),
        can_approve: staff.may(Action::ApproveStaff).is_ok(),
        can_end: staff.may(Action::EndStaff).is_ok(),
        waiting,
        invited,
        filter,
        members: members.collect(),
        authorities: Choice::authorities(&authorities, &outcome.form.authority, staff),
        roles: roles.collect(),
        form: &outcome.form,
        frame,
    })
}

fn member(frame: &Frame, reader: &Staff, one: StaffMember) -> Entry {
    Entry {
        id: one.id.to_string(),
        roles: roles_text(frame, one.roles),
        place: place(&one.authority.name, &one.regions),
        proposed: None,
        is_own: one.id == reader.id(),
        leaves: false,
        takes_two: one.roles.contains(Role::Administrator) || one.roles.contains(Role::Approver),
        name: one.name,
    }
}

fn place(authority: &str, regions: &Regions) -> String {
    format!("{authority} · {regions}")
}

fn role_text(role: Role) -> String {
    format!("role-{role}")
}

fn roles_text(frame: &Frame, roles: Roles) -> String {
    let roles: Vec<String> = roles.iter().map(|role| frame.t(&role_text(role))).collect();
    roles.join(" · ")
}

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_sound, frames};
    use super::*;
    use crate::principal::SECURE_STAFF_COOKIE;
    use crate::testing::{Answer, City};

    #[test]
    fn the_page_renders_in_every_language_with_every_role() {
        let entry = |is_own| Entry {
            id: "0".repeat(32),
            name: "<b>Ou".to_owned(),
            roles: "Approver".to_owned(),
            place: "City health office · 3301".to_owned(),
            proposed: Some("Proposed".to_owned()),
            is_own,
            leaves: is_own,
            takes_two: !is_own,
        };
        for frame in frames() {
            for is_stale in [false, true] {
                let roles = Role::ALL
                    .into_iter()
                    .map(|role| Choice::new(role, frame.t(&role_text(role)), is_stale));
                let html = assert_sound(
                    &frame,
                    &StaffPage {
                        frame: frame.clone(),
                        error: is_stale.then_some("staff-bad-name"),
                        shown_once: Some(ShownOnce {
                            about: "staff-invited",
                            name: "Dr Ou".to_owned(),
                            secret: "0".repeat(64),
                        }),
                        is_stale,
                        can_propose: true,
                        can_approve: true,
                        can_end: true,
                        waiting: vec![entry(true), entry(false)],
                        invited: vec![entry(true)],
                        filter: {
                            let asked = ListAsked::default();
                            ListFilter::new(&frame, "/officer/staff", &[], &asked, None)
                        },
                        members: vec![entry(true), entry(false)],
                        authorities: vec![Choice::new("0", "City".to_owned(), true)],
                        roles: roles.collect(),
                        form: &MemberForm::default(),
                    },
                );
                assert!(!html.contains("<b>Ou"));
                assert_eq!(
                    html.contains("action=\"/officer/staff/propose\""),
                    !is_stale
                );
            }
        }
    }

    async fn read(city: &City, session: &str) -> Answer {
        let ask = city.get("/officer/staff?lang=en");
        ask.cookie(SECURE_STAFF_COOKIE, session).await
    }

    async fn send(city: &City, session: &str, address: &str, form: &str) -> Answer {
        let ask = city.post(&format!("/officer/staff/{address}?lang=en"));
        ask.cookie(SECURE_STAFF_COOKIE, session).form(form).await
    }

    #[tokio::test]
    async fn somebody_is_proposed_approved_invited_and_ended_on_the_page() {
        let city = City::start().await;
        let (admin, other) = (city.administrator().await, city.another_officer().await);
        let office = city.authority("City health office").await;
        let nameless = format!("authority={office}&name=&role=tracer&regions=");
        let nameless = send(&city, &admin, "propose", &nameless).await;
        assert!(nameless.text.contains("Please give a name"), "{nameless:?}");
        let idle = format!("authority={office}&name=Dr+Ou&regions=");
        let idle = send(&city, &admin, "propose", &idle).await;
        assert!(idle.text.contains("at least one role"), "{idle:?}");
        assert!(
            idle.text.contains("value=\"Dr Ou\""),
            "what was typed stays"
        );
        let form = format!("authority={office}&name=Dr+Ou&role=tracer&role=auditor&regions=");
        let proposed = send(&city, &admin, "propose", &form).await;
        let half = |page: &Answer| {
            let shown = page.text.split("class=\"mono once\">").nth(1).unwrap();
            shown[..64].to_owned()
        };
        let first = half(&proposed);

        let own = read(&city, &admin).await;
        assert!(own.text.contains("somebody else must approve"), "{own:?}");
        assert!(!own.text.contains("value=\"approve\""), "{own:?}");
        let page = read(&city, &other).await;
        assert!(page.text.contains("value=\"approve\""), "{page:?}");
        let rest = page.text.split("/officer/staff/proposals/").nth(1).unwrap();
        let proposal = format!("proposals/{}", &rest[..32]);
        let own = send(&city, &admin, &proposal, "decision=approve&reason=mine").await;
        assert!(own.text.contains("somebody else must approve"), "{own:?}");
        let approved = send(&city, &other, &proposal, "decision=approve&reason=known").await;
        let lost = half(&approved);
        let again = read(&city, &other).await;
        assert!(!again.text.contains(&lost), "shown once");
        let renew = format!("{proposal}/half");
        assert!(again.text.contains(&format!("/officer/staff/{renew}\"")));
        let second = half(&send(&city, &other, &renew, "").await);
        let joined = city.join(&first, &second).await;
        let late = send(&city, &other, &renew, "").await;
        assert!(late.text.contains("cannot be renewed"), "{late:?}");

        let list = read(&city, &joined).await;
        assert!(list.text.contains("Dr Ou") && !list.text.contains("/end\""));
        let list = read(&city, &admin).await;
        let before = list.text.split("Dr Ou").nth(1).unwrap();
        let id = before.split("action=\"/officer/staff/").nth(1).unwrap();
        let ended = send(&city, &admin, &format!("{}/end", &id[..32]), "").await;
        assert_eq!(ended.status, 303, "{ended:?}");
        assert_eq!(read(&city, &joined).await.status, 303, "signed out");
    }

    #[tokio::test]
    async fn a_stale_passkey_is_said_before_somebody_types_and_when_they_send() {
        let city = City::start().await;
        let admin = city.administrator().await;
        city.later(6);
        let page = read(&city, &admin).await;
        let offer = "href=\"/staff/sign-in?then=staff\"";
        assert!(page.text.contains(offer), "{page:?}");
        let office = city.authority("City health office").await;
        let form = format!("authority={office}&name=Dr+Ou&role=tracer&regions=");
        let refused = send(&city, &admin, "propose", &form).await;
        assert_eq!(refused.status, 403);
        assert!(refused.text.contains(offer), "{refused:?}");
    }
}
