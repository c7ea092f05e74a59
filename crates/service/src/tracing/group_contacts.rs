//! Who lives together and who rode together: taken in from those who keep such lists, and read by
//! tracing alone.
//!
//! A community office says who belongs to a household or building, a transport authority who rode in a
//! vehicle. Nobody can ask who is in a group, not even they: there is no method for it. What an
//! authority calls a group is not kept, only a keyed hash of it.

use std::collections::{BTreeMap, BTreeSet};

use domain::evidence::GroupKind;
use domain::{AuthorityId, GroupId, PersonId, Timestamp, text};
use engine::trace::GroupContacts;
use store::memberships::{self, Membership};
use store::{StoreError, Transaction, audit, counters};
use tracing::{info, instrument, warn};

use super::Tracing;
use crate::access::{Action, Submitter};
use crate::audit::{AuditEntry, Did};
use crate::caps::{Cap, Caps, GROUP_SPAN, GroupSizes};
use crate::evidence::{Refused, Subject, refusal};
use crate::{Result, ServiceError};

/// A person in a group, as an authority says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMembership {
    /// Who.
    pub subject: Subject,
    /// Which group among the authority's own of this kind: 1 to 100 characters that are no address.
    pub group: String,
    /// What is shared.
    pub kind: GroupKind,
    /// From when.
    pub from: Timestamp,
    /// The first instant after; a trip has one. Of two that are submitted the earlier counts, and
    /// one that is `from` says that it was a mistake.
    pub until: Option<Timestamp>,
}

/// What became of memberships.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MembershipReceipt {
    /// Which are durable, from 0, in order; those known before included.
    pub accepted: Vec<usize>,
    /// Which were refused, in order. They kept nothing good out.
    pub refused: Vec<Refused>,
    /// How many said something new.
    pub changed: u32,
}

/// Who belongs together, as far as a trace has read it.
#[derive(Default)]
pub(super) struct ReadMemberships(BTreeMap<(PersonId, GroupId, Timestamp), Membership>);

impl Tracing {
    /// Takes in who belongs together. Bad items are refused one by one, the good ones go in together.
    /// What is repeated changes nothing. Cases whose search looked there are traced again; what they find
    /// through a list that came after the case was confirmed waits for a tracer.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::TooMany`]; [`ServiceError::Store`].
    #[instrument(name = "tracing.put_memberships", skip_all, fields(items = items.len()))]
    pub async fn put_memberships(
        &self,
        by: &Submitter,
        items: Vec<NewMembership>,
    ) -> Result<MembershipReceipt> {
        by.answer_evenly(self.take_in_memberships(by, items)).await
    }

    async fn take_in_memberships(
        &self,
        by: &Submitter,
        items: Vec<NewMembership>,
    ) -> Result<MembershipReceipt> {
        by.may(Action::SubmitMemberships)?;
        self.people.policies.refuse_ended()?;
        let count = items.len();
        self.settings.check_count("items", count)?;
        let now = self.clock.now();
        let subjects: Vec<Subject> = items.iter().map(|item| item.subject.clone()).collect();
        let people = self.people.find_all(&subjects).await?;
        let mut receipt = MembershipReceipt::default();
        let mut memberships = Vec::with_capacity(count);
        for (index, (item, person)) in items.into_iter().zip(people).enumerate() {
            match self.membership(by, &item, person, now) {
                Ok(membership) => memberships.push((index, membership)),
                Err(error) => receipt.refused.push(refusal(index, error)),
            }
        }
        let entry = AuditEntry::new(by.into(), Did::MembershipsSubmitted, now);
        let entry = entry.count(memberships.len()).seal(&*self.submissions.ids);
        let put = self.store.transaction(
            "memberships.put",
            (
                memberships,
                by.authority().id,
                now,
                self.settings.caps,
                [entry],
            ),
            |tx, (memberships, by, now, caps, entry)| {
                Box::pin(async move {
                    audit::append(tx, entry).await?;
                    put_within_caps(tx, memberships, *by, *now, caps).await
                })
            },
        );
        let put = put.await?;
        receipt.changed = put.changed;
        receipt.accepted = put.accepted;
        for (index, kind) in put.full {
            let most = self.settings.cap(Cap::of_group(kind));
            let why = format!(
                "one {kind} holds at most {most} people; if this one is larger, have whoever runs this \
                 raise `{}`",
                Cap::of_group(kind).name()
            );
            let error = ServiceError::field("group", why);
            receipt.refused.push(refusal(index, error));
        }
        receipt.refused.sort_by_key(|one| one.index);
        if receipt.changed > 0 {
            self.wake.traces.notify_one();
        }
        let (accepted, refused) = (receipt.accepted.len(), receipt.refused.len());
        info!(authority = %by.authority().kind, accepted, refused, "memberships taken in");
        Ok(receipt)
    }

    fn membership(
        &self,
        by: &Submitter,
        item: &NewMembership,
        person: Option<PersonId>,
        now: Timestamp,
    ) -> Result<Membership> {
        let authority = by.authority();
        let kind = item.kind;
        if !authority.kind.may_list(kind) {
            let why = format!(
                "a {} authority may not say who shares a {kind}",
                authority.kind
            );
            return Err(ServiceError::field("relation", why));
        }
        let name = ServiceError::named("group", text::line(&item.group, 100))?;
        let latest = now.checked_add(self.settings.clock_skew).unwrap_or(now);
        if item.from > latest {
            let why = "lies in the future; send it once it has happened";
            return Err(ServiceError::field("from", why));
        }
        match item.until {
            Some(until) if until < item.from => {
                let why = "expected a moment not before `from`";
                return Err(ServiceError::field("until", why));
            }
            None if kind == GroupKind::Vehicle => {
                let why = "a trip ends; say when the person got off";
                return Err(ServiceError::field("until", why));
            }
            _ => {}
        }
        Ok(Membership {
            person: person.ok_or(ServiceError::UnknownPerson)?,
            group: self.keys.vault.group(authority.id, kind, name),
            kind,
            from: item.from,
            until: item.until,
        })
    }
}

/// What was written of memberships, by their places in the request.
struct Put {
    changed: u32,
    accepted: Vec<usize>,
    /// Those whose group is full.
    full: Vec<(usize, GroupKind)>,
}

/// Writes memberships, but none that makes a group larger than its cap. Those that end are always
/// written: a list must be correctable.
async fn put_within_caps(
    tx: &mut Transaction,
    memberships: &[(usize, Membership)],
    by: AuthorityId,
    now: Timestamp,
    caps: &Caps,
) -> std::result::Result<Put, StoreError> {
    // Two requests about one group would not see each other's members.
    counters::add(tx, "cap groups", 0).await?;
    let since = now.checked_sub(GROUP_SPAN).unwrap_or(Timestamp::MIN);
    let groups: BTreeSet<GroupId> = memberships.iter().map(|(_, one)| one.group).collect();
    let spans: Vec<_> = groups
        .into_iter()
        .map(|group| (group, since, Timestamp::MAX))
        .collect();
    let mut sizes = GroupSizes::default();
    for known in memberships::members_of_many(tx, &spans).await? {
        sizes.known(known.membership.group, known.membership.person);
    }
    let (mut accepted, mut full, mut fitting) = (Vec::new(), Vec::new(), Vec::new());
    for (index, one) in memberships {
        let is_over = one
            .until
            .is_some_and(|until| until <= since || until == one.from);
        let most = caps.of(Cap::of_group(one.kind));
        if is_over || sizes.admits(one.group, one.person, most) {
            accepted.push(*index);
            fitting.push(*one);
        } else {
            full.push((*index, one.kind));
        }
    }
    if let Some((_, kind)) = full.first() {
        warn!(%kind, refused = full.len(), "a group is larger than its cap");
    }
    Ok(Put {
        changed: memberships::put(tx, &fitting, by, now).await?,
        accepted,
        full,
    })
}

impl ReadMemberships {
    /// Adds memberships; one that is there already counts once.
    pub fn extend(&mut self, memberships: Vec<Membership>) {
        let memberships = memberships.into_iter();
        self.0
            .extend(memberships.map(|one| ((one.person, one.group, one.from), one)));
    }

    /// Ready to be searched.
    pub fn companions(&self) -> GroupContacts<PersonId, GroupId> {
        GroupContacts::new(self.0.values().map(|one| engine::trace::Membership {
            person: one.person,
            group: one.group,
            kind: one.kind,
            from: one.from,
            until: one.until,
        }))
    }
}
