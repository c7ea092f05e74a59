//! Alarms: what somebody should look at. Raised where it happens, in the same transaction where there
//! is one; seen by an administrator or an auditor. They hold numbers and no personal data.

use std::sync::Arc;

use domain::{AlarmId, Authority, AuthorityId, Clock, IdSource, StaffId, Timestamp};
use jiff::SignedDuration;
use store::alarms::{self, AlarmRecord};
use store::{Store, StoreError, audit};
use tracing::{error, info, instrument};

use crate::access::{Access, Action, Resource, Staff};
use crate::audit::{AuditEntry, Did};
use crate::people::keys::hashed_id;
use crate::{Result, ServiceError};

/// So many alarms are shown.
const SHOWN: u32 = 200;
/// An alarm that was seen is kept for so long.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlarmKind {
    /// A submission above the cap waits for a second person; the number is whom it would restrict.
    BatchHeld,
    /// An authority came near what it may do on one day, or was refused; the number is what it did.
    CapNear,
    /// Somebody fails to sign in as a staff member again and again; the number is how often.
    SignInsFail,
    /// Requests of a kind are refused because they come too often; the number is how many were.
    RateBites,
    /// A key or the trust list ends soon; the number is in how many days.
    KeyEnds,
    /// A staff member of an authority looked at far more people on a day than is normal there; the number
    /// is at how many.
    LooksMany,
    /// Appeals must be answered soon; the number is how many.
    AppealsDue,
    /// Appeals were not answered in time; the number is how many wait.
    AppealsLate,
    /// Reports of what does not work wait without an answer, so many that soon no more are taken; the
    /// number is how many.
    ReportsWait,
}

/// An alarm, as shown to staff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// Which.
    pub id: AlarmId,
    /// What happened.
    pub kind: AlarmKind,
    /// Which limit, kind of request or key, as a word; empty if there is one only.
    pub about: String,
    /// The authority concerned; `None` if it is the whole installation.
    pub authority: Option<Authority>,
    /// When it was raised first.
    pub raised_at: Timestamp,
    /// How many.
    pub number: u64,
    /// When a staff member said that they have seen it.
    pub acknowledged_at: Option<Timestamp>,
}

/// Alarms, raised and seen.
pub struct Alarms {
    pub(crate) store: Arc<Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdSource>,
    pub(crate) access: Arc<Access>,
}

impl AlarmKind {
    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::BatchHeld,
        Self::CapNear,
        Self::SignInsFail,
        Self::RateBites,
        Self::KeyEnds,
        Self::LooksMany,
        Self::AppealsDue,
        Self::AppealsLate,
        Self::ReportsWait,
    ];

    /// The word in the API and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BatchHeld => "batch-held",
            Self::CapNear => "cap-near",
            Self::SignInsFail => "sign-ins-fail",
            Self::RateBites => "rate-bites",
            Self::KeyEnds => "key-ends",
            Self::LooksMany => "looks-many",
            Self::AppealsDue => "appeals-due",
            Self::AppealsLate => "appeals-late",
            Self::ReportsWait => "reports-wait",
        }
    }

    /// The alarm of this kind on the day of `now` (UTC): however often it is raised there is one.
    pub(crate) fn record(
        self,
        about: &str,
        authority: Option<AuthorityId>,
        number: u64,
        now: Timestamp,
    ) -> AlarmRecord {
        let day = now.as_second().div_euclid(86_400).to_be_bytes();
        let of = authority.map_or([0; 16], AuthorityId::to_bytes);
        let kind = self.as_str().as_bytes();
        let id = hashed_id(b"alarm", &[&day, &of, kind, b" ", about.as_bytes()]);
        AlarmRecord {
            id: AlarmId::from_u128(id.as_u128()),
            kind: self.as_str().to_owned(),
            about: about.to_owned(),
            authority,
            raised_at: now,
            number,
            acknowledged: None,
        }
    }
}

impl Alarms {
    /// Raises an alarm about the whole installation. What it is raised for goes on whether or not it can
    /// be kept.
    #[instrument(name = "alarms.raise", level = "debug", skip_all)]
    pub async fn raise(&self, kind: AlarmKind, about: &str, number: u64) {
        let alarm = kind.record(about, None, number, self.clock.now());
        let raised = self.store.transaction("alarms.raise", alarm, |tx, alarm| {
            Box::pin(alarms::raise(tx, alarm))
        });
        let raised: Result<(), StoreError> = raised.await;
        if let Err(error) = raised {
            error!(kind = kind.as_str(), %error, "an alarm is not kept");
        }
    }

    /// The newest alarms that the asker may see, newest first: those of the installation, of their own
    /// authority, and of authorities in their regions.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::Store`].
    #[instrument(name = "alarms.list", skip_all)]
    pub async fn list(&self, by: &Staff) -> Result<Vec<Alarm>> {
        by.may(Action::ReadAlarms)?;
        let read = self.store.read("alarms.newest", SHOWN, |tx, shown| {
            Box::pin(alarms::newest(tx, *shown))
        });
        let records = read.await?;
        let authorities = self.access.authorities().await?;
        let mut theirs = Vec::new();
        for record in records {
            let authority = record.authority;
            let authority = authorities.iter().find(|one| Some(one.id) == authority);
            if self.check(by, Action::ReadAlarms, authority).is_ok() {
                theirs.extend(view(record, authority.cloned()));
            }
        }
        Ok(theirs)
    }

    /// Says that the asker has seen an alarm. Who said so first stays.
    ///
    /// # Errors
    /// [`ServiceError::UnknownAlarm`] also if it is not theirs; [`ServiceError::NotPermitted`];
    /// [`ServiceError::Store`].
    #[instrument(name = "alarms.acknowledge", skip_all, fields(alarm = %id))]
    pub async fn acknowledge(&self, by: &Staff, id: AlarmId) -> Result<()> {
        by.may(Action::AcknowledgeAlarms)?;
        let read = self
            .store
            .read("alarms.find", id, |tx, id| Box::pin(alarms::find(tx, *id)));
        let record = read.await?.ok_or(ServiceError::UnknownAlarm)?;
        let authorities = self.access.authorities().await?;
        let authority = authorities
            .iter()
            .find(|one| Some(one.id) == record.authority);
        let may = self.check(by, Action::AcknowledgeAlarms, authority);
        may.map_err(|error| error.if_not_theirs(ServiceError::UnknownAlarm))?;
        let now = self.clock.now();
        let entry = AuditEntry::new(by.into(), Did::AlarmAcknowledged, now).what(id);
        let seen: (AlarmId, Timestamp, StaffId, _) = (id, now, by.id(), [entry.seal(&*self.ids)]);
        let seen = self
            .store
            .transaction("alarms.acknowledge", seen, |tx, (id, at, by, entry)| {
                Box::pin(async move {
                    if alarms::acknowledge(tx, *id, *at, *by).await? {
                        audit::append(tx, entry).await?;
                    }
                    Ok::<_, StoreError>(())
                })
            });
        seen.await?;
        info!(alarm = %id, kind = %record.kind, "an alarm was seen");
        Ok(())
    }

    /// How many alarms nobody has seen.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn count_open(&self) -> Result<u64> {
        let count = self
            .store
            .read("alarms.open", (), |tx, ()| Box::pin(alarms::count_open(tx)));
        Ok(count.await?)
    }

    /// Forgets alarms that were seen a quarter of a year ago.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub(crate) async fn forget_old(&self) -> Result<()> {
        let before = self.clock.now().checked_sub(KEPT).unwrap_or(Timestamp::MIN);
        let forget = self
            .store
            .transaction("alarms.forget", before, |tx, before| {
                Box::pin(alarms::forget(tx, *before))
            });
        Ok(forget.await?)
    }

    /// What concerns the whole installation belongs to everybody who may at all.
    fn check(&self, by: &Staff, action: Action, authority: Option<&Authority>) -> Result<()> {
        match authority {
            None => by.may(action),
            Some(authority) => {
                let resource = Resource::of(authority.id, Some(authority.region));
                by.check(action, &resource, self.clock.now())
            }
        }
    }
}

fn view(record: AlarmRecord, authority: Option<Authority>) -> Option<Alarm> {
    let mut kinds = AlarmKind::ALL.into_iter();
    Some(Alarm {
        id: record.id,
        kind: kinds.find(|kind| kind.as_str() == record.kind)?,
        about: record.about,
        authority,
        raised_at: record.raised_at,
        number: record.number,
        acknowledged_at: record.acknowledged.map(|(at, _)| at),
    })
}
