//! Who may do what: one table, and the one function that reads it.
//!
//! The table says for each action which roles may do it, at which kinds of authority, whose things it
//! may be done to, and whether the passkey must have been shown a short while ago.

use domain::{AuthorityId, AuthorityKind, Region, Regions, Role, Roles, Timestamp};
use jiff::SignedDuration;

use super::Staff;
use crate::{Result, ServiceError};

/// How long a passkey that was shown counts for sensitive acts.
pub const STEP_UP_LASTS: SignedDuration = SignedDuration::from_mins(5);
/// The same at the counter of an office, where one visitor comes after the other (ADR 43).
pub const STEP_UP_LASTS_AT_THE_COUNTER: SignedDuration = SignedDuration::from_mins(15);

/// What a staff member may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// Confirm a case.
    ConfirmCase,
    /// Read how far the search for the contacts of a case is.
    ReadTrace,
    /// Look at the visits of a case that wait, and take them in.
    TakeInVisits,
    /// Submit evidence.
    SubmitEvidence,
    /// Take back evidence.
    WithdrawEvidence,
    /// Say who lives or rode together.
    SubmitMemberships,
    /// See documents at the office; bind, release and print for who stands there. Looking up a document
    /// needs no passkey.
    KeepAccounts,
    /// Add a venue, or change one.
    KeepVenues,
    /// Make, change or end a scanner at a gate.
    KeepScanners,
    /// Propose orders about people.
    ProposeOrders,
    /// Approve orders.
    ApproveOrders,
    /// Reject orders, or take one's own back.
    RejectOrders,
    /// Read orders that wait or were settled.
    ReadOrders,
    /// Propose a policy or region levels.
    ProposePolicy,
    /// Read proposals and how far deciding everybody is.
    ReadProposals,
    /// Approve a policy or region levels.
    ApprovePolicy,
    /// Reject a policy or region levels, or take one's own back.
    RejectPolicy,
    /// Read the figures of a day as they are.
    ReadStatistics,
    /// Read who the staff members and feeds of an authority are, and who is proposed.
    ReadStaff,
    /// Propose a staff member.
    ProposeStaff,
    /// Approve or reject that somebody becomes a staff member, or stops being one.
    ApproveStaff,
    /// End a staff member's account, or propose that.
    EndStaff,
    /// Make, renew or end a feed.
    KeepFeeds,
    /// End one's own account, or bind another way of signing in to it.
    KeepOwnAccount,
    /// Read the alarms.
    ReadAlarms,
    /// Say that one has seen an alarm.
    AcknowledgeAlarms,
    /// Read what the log says.
    ReadLog,
    /// Propose to hand data to somebody outside.
    ProposeDisclosure,
    /// Approve that, or reject it.
    ApproveDisclosure,
    /// Read what is, was or is to be handed out, without the data.
    ReadDisclosures,
    /// Make the extract of an approved disclosure.
    MakeExtract,
    /// Propose to end the emergency.
    ProposeSunset,
    /// Approve that, or reject it.
    ApproveSunset,
    /// Read who proposed and approved that.
    ReadSunset,
    /// Open the record of a person, for a purpose and a case.
    OpenRecord,
    /// Read name, document and phones in it.
    UnmaskRecord,
    /// Read appeals against restrictions, and answer them.
    AnswerAppeals,
    /// Read what contradicts declarations, and confirm or dismiss it.
    SettleContradictions,
    /// Read reports of glitches, answer them and erase what they say.
    AnswerGlitches,
}

/// Whose things an action may be done to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Those of the member's own authority.
    Own,
    /// Those of the member's own authority, and those that lie in the member's regions.
    OwnOrRegion,
    /// Those of people who live in the member's regions or stayed there within look-back, and of whom
    /// nobody else said anything.
    PeopleOfRegion,
    /// What belongs to everybody.
    Everybodys,
}

/// One line of the table.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// What is done.
    pub action: Action,
    /// Who may.
    pub roles: &'static [Role],
    /// At which kinds of authority; empty: at any.
    pub kinds: &'static [AuthorityKind],
    /// To whose things.
    pub whose: Whose,
    /// Whether the passkey must have been shown within [`Action::step_up_lasts`].
    pub is_sensitive: bool,
}

const HEALTH: &[AuthorityKind] = &[AuthorityKind::Health];
const LISTS: &[AuthorityKind] = &[AuthorityKind::Community, AuthorityKind::Transport];
const OFFICE: &[AuthorityKind] = &[AuthorityKind::Community];
const ANY: &[AuthorityKind] = &[];

/// The table. To change who may do what, change it here; tests hold every address of the interface
/// against it, refusals included.
#[rustfmt::skip]
pub const TABLE: [Line; 39] = {
    use Action as A;
    use Role::{
        Administrator, Approver, Auditor, CheckpointLead, CommunityWorker, HealthOfficer,
        PolicyAuthor, Tracer, VenueOwner,
    };
    use Whose::{Everybodys, Own, OwnOrRegion, PeopleOfRegion};
    [
        //   action                roles                                                    kinds   whose           sensitive
        line(A::ConfirmCase,       &[HealthOfficer],                                        HEALTH, PeopleOfRegion, true),
        line(A::ReadTrace,         &[HealthOfficer, Tracer],                                HEALTH, Own,            false),
        line(A::TakeInVisits,      &[HealthOfficer, Tracer],                                HEALTH, PeopleOfRegion, false),
        line(A::SubmitEvidence,    &[HealthOfficer, CommunityWorker],                       ANY,    PeopleOfRegion, false),
        line(A::WithdrawEvidence,  &[HealthOfficer, CommunityWorker],                       ANY,    Own,            false),
        line(A::SubmitMemberships, &[CommunityWorker],                                      LISTS,  Everybodys,     false),
        line(A::KeepAccounts,      &[CommunityWorker],                                      OFFICE, Everybodys,     true),
        line(A::KeepVenues,        &[VenueOwner, HealthOfficer],                            ANY,    Own,            false),
        line(A::KeepScanners,      &[CheckpointLead],                                       ANY,    Own,            true),
        line(A::ProposeOrders,     &[HealthOfficer],                                        HEALTH, PeopleOfRegion, true),
        line(A::ApproveOrders,     &[Approver],                                             HEALTH, OwnOrRegion,    true),
        line(A::RejectOrders,      &[HealthOfficer, Approver],                              HEALTH, OwnOrRegion,    false),
        line(A::ReadOrders,        &[HealthOfficer, Approver, Auditor],                     HEALTH, OwnOrRegion,    false),
        line(A::ProposePolicy,     &[PolicyAuthor],                                         HEALTH, Everybodys,     false),
        line(A::ReadProposals,     &[HealthOfficer, PolicyAuthor, Approver, Auditor],       HEALTH, Everybodys,     false),
        line(A::ApprovePolicy,     &[Approver],                                             HEALTH, Everybodys,     true),
        line(A::RejectPolicy,      &[PolicyAuthor, Approver],                               HEALTH, Everybodys,     false),
        line(A::ReadStatistics,    &[HealthOfficer, PolicyAuthor, Approver, Auditor],       HEALTH, Everybodys,     false),
        line(A::ReadStaff,         &[Administrator, Approver, Auditor],                     ANY,    OwnOrRegion,    false),
        line(A::ProposeStaff,      &[Administrator],                                        ANY,    OwnOrRegion,    true),
        line(A::ApproveStaff,      &[Administrator, Approver],                              ANY,    OwnOrRegion,    true),
        line(A::EndStaff,          &[Administrator],                                        ANY,    OwnOrRegion,    true),
        line(A::KeepFeeds,         &[Administrator],                                        ANY,    OwnOrRegion,    true),
        line(A::KeepOwnAccount,    &Role::ALL,                                              ANY,    Own,            true),
        line(A::ReadAlarms,        &[Administrator, Auditor],                               ANY,    OwnOrRegion,    false),
        line(A::AcknowledgeAlarms, &[Administrator],                                        ANY,    OwnOrRegion,    false),
        line(A::ReadLog,           &[Auditor],                                              ANY,    Everybodys,     false),
        line(A::ProposeDisclosure, &[HealthOfficer],                                        HEALTH, PeopleOfRegion, true),
        line(A::ApproveDisclosure, &[Approver],                                             HEALTH, OwnOrRegion,    true),
        line(A::ReadDisclosures,   &[HealthOfficer, Approver, Auditor],                     HEALTH, OwnOrRegion,    false),
        line(A::MakeExtract,       &[HealthOfficer],                                        HEALTH, Own,            true),
        line(A::ProposeSunset,     &[Administrator],                                        HEALTH, Everybodys,     true),
        line(A::ApproveSunset,     &[Approver],                                             HEALTH, Everybodys,     true),
        line(A::ReadSunset,        &[Administrator, Approver, Auditor],                     HEALTH, Everybodys,     false),
        line(A::OpenRecord,        &[HealthOfficer, Tracer],                                HEALTH, PeopleOfRegion, false),
        line(A::UnmaskRecord,      &[HealthOfficer, Tracer],                                HEALTH, PeopleOfRegion, true),
        line(A::AnswerAppeals,     &[HealthOfficer],                                        HEALTH, PeopleOfRegion, false),
        line(A::SettleContradictions, &[HealthOfficer],                                     HEALTH, PeopleOfRegion, false),
        line(A::AnswerGlitches,    &[Administrator, HealthOfficer],                         HEALTH, Everybodys,     false),
    ]
};

const fn line(
    action: Action,
    roles: &'static [Role],
    kinds: &'static [AuthorityKind],
    whose: Whose,
    is_sensitive: bool,
) -> Line {
    Line {
        action,
        roles,
        kinds,
        whose,
        is_sensitive,
    }
}

/// Which roles a staff member may hand out, by the kind of their authority. A health authority is
/// responsible for its region and staffs every office in it; any other staffs offices of its own kind,
/// with roles that decide about nobody.
#[rustfmt::skip]
pub const HANDS_OUT: [(AuthorityKind, &[Role]); 4] = {
    use Role::{CheckpointLead, CommunityWorker, VenueOwner};
    [
        (AuthorityKind::Health,     &Role::ALL),
        (AuthorityKind::Community,  &[CommunityWorker, VenueOwner, CheckpointLead]),
        (AuthorityKind::Transport,  &[CommunityWorker, VenueOwner, CheckpointLead]),
        (AuthorityKind::Laboratory, &[CommunityWorker, VenueOwner, CheckpointLead]),
    ]
};

/// Whether a staff member of an authority of kind `by` may propose or approve somebody with `roles` at one
/// of kind `at`.
pub(crate) fn may_hand_out(by: AuthorityKind, roles: Roles, at: AuthorityKind) -> bool {
    let handed_out = HANDS_OUT.iter().find(|(kind, _)| *kind == by);
    let handed_out = handed_out.map_or(&[][..], |(_, roles)| *roles);
    may_staff(by, at) && roles.iter().all(|role| handed_out.contains(&role))
}

/// Whether a staff member of an authority of kind `by` may decide who and what acts for one of kind `at`:
/// its staff members and its feeds. Otherwise a community office could make a machine that diagnoses.
pub(crate) fn may_staff(by: AuthorityKind, at: AuthorityKind) -> bool {
    by == AuthorityKind::Health || by == at
}

/// What something is done to, as far as that matters for who may do it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Resource {
    authority: Option<AuthorityId>,
    /// Where it is.
    regions: Vec<Region>,
    /// Whether it is a person of whom nobody else said anything.
    is_known_to_nobody: bool,
}

impl Resource {
    /// What belongs to no authority. Nobody may change it where the table says `Own`.
    pub const NOBODYS: Self = Self {
        authority: None,
        regions: Vec::new(),
        is_known_to_nobody: false,
    };

    /// What belongs to an authority that lies in a region.
    pub fn of(authority: AuthorityId, region: Option<Region>) -> Self {
        Self {
            authority: Some(authority),
            regions: region.into_iter().collect(),
            is_known_to_nobody: false,
        }
    }

    /// A person who is at these places, as far as others know; nobody's business yet if they know none.
    pub const fn person(regions: Vec<Region>) -> Self {
        Self {
            authority: None,
            is_known_to_nobody: regions.is_empty(),
            regions,
        }
    }

    /// Whether it is a person who is in these regions, or whom nobody knows.
    pub(super) fn is_person_of(&self, regions: &Regions) -> bool {
        self.is_known_to_nobody || self.regions.iter().any(|region| regions.meet(*region))
    }
}

/// Whether a signed-in staff member may do `action` to `resource` now.
///
/// # Errors
/// [`ServiceError::NotPermitted`] if none of their roles may; [`ServiceError::NotYours`] if it is
/// another authority's, of another region; [`ServiceError::StepUpNeeded`] if they must show their
/// passkey first.
pub(crate) fn can(
    actor: &Staff,
    action: Action,
    resource: &Resource,
    now: Timestamp,
) -> Result<()> {
    has_role(actor, action)?;
    let member = actor.member();
    let is_own = resource.authority == Some(member.authority.id);
    let mut regions = resource.regions.iter();
    let line = action.line();
    let is_theirs = match line.whose {
        Whose::Everybodys => true,
        Whose::Own => is_own,
        Whose::OwnOrRegion => is_own || regions.any(|region| member.regions.cover(*region)),
        Whose::PeopleOfRegion => resource.is_person_of(&member.regions),
    };
    if !is_theirs {
        return Err(ServiceError::NotYours);
    }
    action.check_step_up(actor.stepped_up_at(), now)
}

/// Whether a role of theirs may do `action`, whatever it is done to.
pub(super) fn has_role(actor: &Staff, action: Action) -> Result<()> {
    let member = actor.member();
    allows(action, member.roles, member.authority.kind)
}

/// The same, from roles alone.
pub(super) fn allows(action: Action, roles: Roles, kind: AuthorityKind) -> Result<()> {
    let line = action.line();
    if !line.is_at(kind) {
        return Err(line.refusal());
    }
    if line.roles.iter().any(|role| roles.contains(*role)) {
        return Ok(());
    }
    Err(line.refusal())
}

/// The same for a machine or an import, which submit and do nothing else.
pub(super) fn allows_submitting(action: Action, kind: AuthorityKind) -> Result<()> {
    let is_submitting = matches!(
        action,
        Action::SubmitEvidence | Action::WithdrawEvidence | Action::SubmitMemberships
    );
    let line = action.line();
    if is_submitting && line.is_at(kind) {
        Ok(())
    } else {
        Err(line.refusal())
    }
}

impl Action {
    /// Its line of the table.
    pub fn line(self) -> Line {
        TABLE[self as usize]
    }

    /// How long a passkey that was shown counts for it.
    pub const fn step_up_lasts(self) -> SignedDuration {
        match self {
            Self::KeepAccounts => STEP_UP_LASTS_AT_THE_COUNTER,
            _ => STEP_UP_LASTS,
        }
    }

    /// Whether it may be done now by somebody who showed their passkey then.
    pub(super) fn check_step_up(self, shown_at: Timestamp, now: Timestamp) -> Result<()> {
        if self.line().is_sensitive && now.duration_since(shown_at) > self.step_up_lasts() {
            return Err(ServiceError::StepUpNeeded);
        }
        Ok(())
    }
}

impl Line {
    fn is_at(&self, kind: AuthorityKind) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&kind)
    }

    fn refusal(&self) -> ServiceError {
        ServiceError::NotPermitted {
            roles: self.roles,
            kinds: self.kinds,
        }
    }
}

#[cfg(test)]
mod tests;
