//! Who is asking, by type: a use case that takes a principal cannot forget to ask.

use domain::{
    AccountId, Assurance, Authority, AuthorityId, AuthorityKind, FactKind, FeedId, PersonId,
    Region, Regions, Roles, SessionId, StaffId, Timestamp,
};
use store::feeds::FeedRecord;

use super::can::{Action, Resource, can};
use crate::{Result, ServiceError};

/// What a person says about themselves is recorded under this authority.
pub const SELF_AUTHORITY: AuthorityId = AuthorityId::from_u128(1);
/// What the contact tracing of this system finds is recorded under this authority.
pub const TRACER_AUTHORITY: AuthorityId = AuthorityId::from_u128(2);

/// Somebody whose phone or browser presented their session, and the person they act for: themselves,
/// or another on their account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resident {
    pub(crate) account: AccountId,
    pub(crate) person: PersonId,
    pub(crate) own: PersonId,
    pub(crate) assurance: Assurance,
    pub(crate) session: SessionId,
    pub(crate) others: Vec<OtherPerson>,
}

/// Another person whose code an account shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OtherPerson {
    /// Who.
    pub person: PersonId,
    /// How far it is proven that they belong there.
    pub assurance: Assurance,
    /// Whether they are a child or ward, rather than somebody who consented.
    pub is_ward: bool,
}

/// Somebody who acts for a community office: who sees a document and the person in front of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommunityOfficial {
    authority: AuthorityId,
    staff: StaffId,
    stepped_up_at: Timestamp,
}

/// A human being of an authority, with an account of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffMember {
    /// Who.
    pub id: StaffId,
    /// The name that colleagues read. In no log.
    pub name: String,
    /// For whom they act.
    pub authority: Authority,
    /// What they are there to do.
    pub roles: Roles,
    /// Where.
    pub regions: Regions,
}

/// A staff member who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staff {
    member: StaffMember,
    stepped_up_at: Timestamp,
    submitter: Submitter,
}

/// Who submits evidence for an authority: a staff member, a feed, or the operator who imports its
/// files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submitter {
    authority: Authority,
    sender: Sender,
    /// When a staff member showed their passkey last; machines and the operator have none.
    stepped_up_at: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Sender {
    Staff(StaffMember),
    Feed {
        id: FeedId,
        kinds: Vec<FactKind>,
        regions: Regions,
        rate_per_minute: u32,
        /// Who was shown the token that it presents.
        shown_to: Option<StaffId>,
    },
    Operator,
}

/// Who runs the program on the machine that holds the keys: the command line. Never built for a
/// request that came over the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator {
    name: String,
}

impl Resident {
    /// Whose code, evidence and visits this is about.
    pub const fn person(&self) -> PersonId {
        self.person
    }

    /// The account that is signed in.
    pub const fn account(&self) -> AccountId {
        self.account
    }

    /// How far it is proven that the account may act for the person.
    pub const fn assurance(&self) -> Assurance {
        self.assurance
    }

    /// The phone or browser that is signed in.
    pub const fn session(&self) -> SessionId {
        self.session
    }

    /// Everybody on the account, its own person first.
    pub fn people(&self) -> impl Iterator<Item = PersonId> {
        let others = self.others.iter().map(|other| other.person);
        std::iter::once(self.own).chain(others)
    }

    fn other(&self, person: PersonId) -> Option<&OtherPerson> {
        self.others.iter().find(|other| other.person == person)
    }

    /// Whether they may read what is kept of this person and done with it, and decide about it:
    /// one's own, or a ward's. A person who consented lets their code be shown, and no more.
    ///
    /// # Errors
    /// [`ServiceError::OnlyShown`].
    pub fn check_whole(&self) -> Result<()> {
        let is_ward = self.other(self.person).is_some_and(|one| one.is_ward);
        let is_whole = self.person == self.own || is_ward;
        is_whole.then_some(()).ok_or(ServiceError::OnlyShown)
    }

    /// The same account, acting for another person on it.
    ///
    /// # Errors
    /// [`ServiceError::UnknownPerson`] if that person is not on it.
    pub fn acting_for(mut self, person: PersonId) -> Result<Self> {
        if person != self.own {
            let other = self.other(person).ok_or(ServiceError::UnknownPerson)?;
            self.assurance = other.assurance;
        }
        self.person = person;
        Ok(self)
    }
}

impl CommunityOfficial {
    /// Who.
    pub const fn staff(&self) -> StaffId {
        self.staff
    }

    /// The office.
    pub const fn authority(&self) -> AuthorityId {
        self.authority
    }

    /// Whether they may do something to an account now, rather than only look.
    ///
    /// # Errors
    /// [`ServiceError::StepUpNeeded`].
    pub(crate) fn check_step_up(&self, now: Timestamp) -> Result<()> {
        Action::KeepAccounts.check_step_up(self.stepped_up_at, now)
    }
}

impl Staff {
    pub(super) fn new(member: StaffMember, stepped_up_at: Timestamp) -> Self {
        let submitter = Submitter {
            authority: member.authority.clone(),
            sender: Sender::Staff(member.clone()),
            stepped_up_at: Some(stepped_up_at),
        };
        Self {
            member,
            stepped_up_at,
            submitter,
        }
    }

    /// Who.
    pub const fn id(&self) -> StaffId {
        self.member.id
    }

    /// The account.
    pub const fn member(&self) -> &StaffMember {
        &self.member
    }

    /// For whom they act.
    pub const fn authority(&self) -> &Authority {
        &self.member.authority
    }

    /// When they last showed their passkey.
    pub const fn stepped_up_at(&self) -> Timestamp {
        self.stepped_up_at
    }

    /// Themselves, as who submits evidence.
    pub const fn submitter(&self) -> &Submitter {
        &self.submitter
    }

    /// The same person, as who sees documents and the people in front of them.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`] unless they are a community worker of a community office.
    pub fn at_the_office(&self) -> Result<CommunityOfficial> {
        self.may(Action::KeepAccounts)?;
        Ok(CommunityOfficial {
            authority: self.member.authority.id,
            staff: self.member.id,
            stepped_up_at: self.stepped_up_at,
        })
    }

    /// Whether they may do `action` at all, whatever it is done to. For a page that offers it, and for
    /// the gate before a request is read; the use case asks again, about the thing itself.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`].
    pub fn may(&self, action: Action) -> Result<()> {
        super::can::has_role(self, action)
    }

    /// Whether they may do `action` to `resource` now.
    ///
    /// # Errors
    /// As [`can`].
    pub(crate) fn check(&self, action: Action, resource: &Resource, now: Timestamp) -> Result<()> {
        can(self, action, resource, now)
    }

    /// Whether they showed their passkey so lately that they may do `action` now. Whose the thing is that
    /// it is done to is asked elsewhere.
    ///
    /// # Errors
    /// [`ServiceError::StepUpNeeded`].
    pub(crate) fn check_step_up(&self, action: Action, now: Timestamp) -> Result<()> {
        action.check_step_up(self.stepped_up_at, now)
    }

    /// How the record names them: their name and their authority's.
    pub(crate) fn signature(&self, at: Timestamp) -> store::proposals::Signature {
        store::proposals::Signature {
            staff: Some(self.member.id),
            authority: self.member.authority.id,
            name: format!("{}, {}", self.member.name, self.member.authority.name),
            at,
        }
    }
}

impl Submitter {
    pub(super) fn feed(authority: Authority, feed: FeedRecord, shown_to: Option<StaffId>) -> Self {
        let sender = Sender::Feed {
            id: feed.id,
            kinds: feed.kinds,
            regions: feed.regions,
            rate_per_minute: feed.rate_per_minute,
            shown_to,
        };
        Self {
            authority,
            sender,
            stepped_up_at: None,
        }
    }

    pub(super) const fn operator(authority: Authority) -> Self {
        let sender = Sender::Operator;
        Self {
            authority,
            sender,
            stepped_up_at: None,
        }
    }

    /// The authority whose evidence it is.
    pub const fn authority(&self) -> &Authority {
        &self.authority
    }

    /// Whether a machine submits. Its answers tell nothing about a person.
    pub const fn is_feed(&self) -> bool {
        matches!(self.sender, Sender::Feed { .. })
    }

    /// Which feed, if a machine submits, and how many requests it may send in a minute.
    pub const fn feed_and_rate(&self) -> Option<(FeedId, u32)> {
        match self.sender {
            Sender::Feed {
                id,
                rate_per_minute,
                ..
            } => Some((id, rate_per_minute)),
            Sender::Staff(_) | Sender::Operator => None,
        }
    }

    /// Which staff member, if one submits.
    pub const fn staff(&self) -> Option<StaffId> {
        match &self.sender {
            Sender::Staff(member) => Some(member.id),
            Sender::Feed { .. } | Sender::Operator => None,
        }
    }

    /// Who stands behind the evidence: the staff member who submits it, or who was shown the feed's token.
    pub(crate) const fn behind(&self) -> Option<StaffId> {
        match &self.sender {
            Sender::Feed { shown_to, .. } => *shown_to,
            Sender::Staff(_) | Sender::Operator => self.staff(),
        }
    }

    /// Whether a sensitive act is refused for want of a passkey that was shown lately.
    ///
    /// # Errors
    /// [`ServiceError::StepUpNeeded`].
    pub(crate) fn check_step_up(&self, action: Action, now: Timestamp) -> Result<()> {
        match self.stepped_up_at {
            Some(shown_at) => action.check_step_up(shown_at, now),
            None => Ok(()),
        }
    }

    /// How the record names them.
    pub(crate) fn signature(&self, at: Timestamp) -> store::proposals::Signature {
        let name = match &self.sender {
            Sender::Staff(member) => &*member.name,
            Sender::Feed { .. } => "a feed",
            Sender::Operator => "the operator",
        };
        let name = format!("{name}, {}", self.authority.name);
        store::proposals::Signature {
            staff: self.staff(),
            authority: self.authority.id,
            name,
            at,
        }
    }

    /// Where the sender is at work; `None` for the operator, who is everywhere.
    pub(crate) const fn regions(&self) -> Option<&Regions> {
        match &self.sender {
            Sender::Staff(member) => Some(&member.regions),
            Sender::Feed { regions, .. } => Some(regions),
            Sender::Operator => None,
        }
    }

    /// Whether evidence about `person` may come from here, as far as regions go. `place` is where the
    /// evidence itself lies, if it says so, with the field that says it.
    ///
    /// A machine may say what lies in its regions; what names no place is about people who are there. A
    /// staff member may also say where else somebody of theirs was.
    ///
    /// # Errors
    /// [`ServiceError::UnknownPerson`]; of a machine [`ServiceError::BadField`], in the same words
    /// for every person.
    pub(crate) fn check_region(
        &self,
        place: Option<(&'static str, Region)>,
        person: &Resource,
    ) -> Result<()> {
        let Some(regions) = self.regions() else {
            return Ok(());
        };
        let is_inside = place.map(|(_, place)| regions.cover(place));
        if !self.is_feed() {
            let is_theirs = is_inside == Some(true) || person.is_person_of(regions);
            return if is_theirs {
                Ok(())
            } else {
                Err(ServiceError::UnknownPerson)
            };
        }
        if is_inside.unwrap_or_else(|| person.is_person_of(regions)) {
            return Ok(());
        }
        let field = place.map_or("person", |(field, _)| field);
        let why = "this feed may not submit it: it is made for other regions; let a feed of the place \
                   send it, or have an administrator make one with its region";
        Err(ServiceError::field(field, why))
    }

    /// What tells two senders of one authority apart, so that their request keys do not meet.
    pub(crate) const fn scope(&self) -> u128 {
        match &self.sender {
            Sender::Staff(member) => member.id.as_u128(),
            Sender::Feed { id, .. } => id.as_u128(),
            Sender::Operator => self.authority.id.as_u128(),
        }
    }

    /// Whether this sender may do `action`, which only those do who submit.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`].
    pub fn may(&self, action: Action) -> Result<()> {
        match &self.sender {
            Sender::Staff(member) => super::can::allows(action, member.roles, self.authority.kind),
            Sender::Feed { .. } | Sender::Operator => {
                super::can::allows_submitting(action, self.authority.kind)
            }
        }
    }

    /// Whether what `authority` submitted may be taken back from here: by the same authority, or by a
    /// staff member of a health authority within whose regions it lies.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::NotYours`].
    pub(crate) fn may_withdraw(&self, authority: &Authority) -> Result<()> {
        self.may(Action::WithdrawEvidence)?;
        let is_near = match &self.sender {
            Sender::Staff(member) => {
                let is_health = member.authority.kind == AuthorityKind::Health;
                is_health && member.regions.cover(authority.region)
            }
            Sender::Feed { .. } | Sender::Operator => false,
        };
        if authority.id == self.authority.id || is_near {
            return Ok(());
        }
        Err(ServiceError::NotYours)
    }

    /// Whether evidence of this kind may come from here, as far as the sender goes.
    ///
    /// # Errors
    /// [`ServiceError::BadField`] with what to do instead.
    pub(crate) fn check_kind(&self, kind: FactKind) -> Result<()> {
        if kind == FactKind::Order {
            let why = "an order needs two staff members: one proposes it and another approves it; \
                       see /officer/orders";
            return Err(ServiceError::field("kind", why));
        }
        if kind == FactKind::Contradiction {
            let why = "an officer confirms a contradiction after the person was heard; submit what was \
                       recorded, and what does not fit is found; see /api/v1/contradictions";
            return Err(ServiceError::field("kind", why));
        }
        match &self.sender {
            Sender::Feed { kinds, .. } if !kinds.contains(&kind) => {
                let why = format!("this feed may not submit {kind}");
                Err(ServiceError::field("kind", why))
            }
            _ => Ok(()),
        }
    }
}

impl Operator {
    /// The operator at the command line; `name` goes into the record of what they publish.
    pub fn at_the_command_line(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }
}
