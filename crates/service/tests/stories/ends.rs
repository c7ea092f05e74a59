//! What ends: evidence and identities whose time is over, and what the log says.

use std::sync::{Arc, Mutex};

use domain::Role;
use domain::evidence::GroupKind;
use service::{
    AuditLog, Did, Keys, Month, MonthChain, MonthKeeper, MonthKeys, NewMembership, ServiceError,
    VaultError,
};
use store::Store;

use crate::city::{City, Seeded, hangzhou, hours};

crate::stories! {
    evidence_whose_time_is_over_is_deleted_and_counted_in_the_log
    retention_changes_no_verdict
    what_entries_of_the_log_say_is_erased_and_the_log_stays_whole
    an_old_backup_opens_no_identity_of_months_that_are_over
    a_key_that_cannot_be_destroyed_is_not_said_to_be_gone
}

/// Where the keys of months lie in these stories.
#[derive(Default)]
pub struct Kept {
    chains: Mutex<Vec<MonthChain>>,
    is_stuck: Mutex<bool>,
}

impl MonthKeeper for Kept {
    fn keep(&self, chains: &[MonthChain]) -> Result<(), String> {
        if *self.is_stuck.lock().unwrap() {
            return Err("the disk is full".to_owned());
        }
        *self.chains.lock().unwrap() = chains.to_vec();
        Ok(())
    }
}

impl Kept {
    /// Of a new installation.
    pub fn new(city: &City) -> Arc<Self> {
        let chain = MonthChain::generate(hangzhou(), city.now(), &Seeded::new(11));
        Arc::new(Self {
            chains: Mutex::new(vec![chain]),
            is_stuck: Mutex::default(),
        })
    }

    /// What a server with this folder of keys starts with.
    pub fn keys(self: &Arc<Self>, secret: u8) -> Keys {
        let months = self.chains.lock().unwrap().clone();
        let months = MonthKeys::new(months, Arc::clone(self) as Arc<dyn MonthKeeper>);
        let mut keys = Keys::from_secret(&[secret; 32]);
        keys.vault = keys.vault.with_months(months, hangzhou());
        keys
    }

    pub fn first(&self) -> Option<Month> {
        self.chains.lock().unwrap().first().map(|chain| chain.first)
    }
}

/// What a backup of the database holds, for these stories: kept in tables of its own.
pub const BACKED_UP: [&str; 16] = [
    "person",
    "identity",
    "identity_phone",
    "document_person",
    "account",
    "account_claim",
    "person_binding",
    "resident_session",
    "session_token",
    "evidence",
    "verdict",
    "visit_by_person",
    "appeal",
    "appeal_rule",
    "appealed_evidence",
    "contradiction",
];

pub async fn back_up(city: &City) {
    for table in BACKED_UP {
        let kept = format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}");
        city.base.tamper(&kept).await;
    }
}

/// Puts the backup back, over whatever is there.
pub async fn restore(city: &City) {
    for table in BACKED_UP.iter().rev() {
        city.base.tamper(&format!("DELETE FROM {table}")).await;
    }
    for table in BACKED_UP {
        let put = format!("INSERT INTO {table} SELECT * FROM kept_{table}");
        city.base.tamper(&put).await;
    }
    city.base.tamper("DELETE FROM sunset").await;
}

pub async fn rows(city: &City, query: &str) -> usize {
    city.base.bytes(query).await.len()
}

pub async fn forget(city: &City) {
    while city.service.forgetting.forget_next().await.unwrap() {}
}

pub async fn reseal(city: &City) {
    let people = &city.service.people;
    while people
        .reseal_next()
        .await
        .unwrap()
        .is_some_and(|rewrite| !rewrite.is_finished)
    {}
}

pub async fn verify(city: &City) -> service::RecordChecked {
    while city.service.audit.checkpoint().await.unwrap() > 0 {}
    let store = Store::open(&city.base.url, &Seeded::new(7)).await.unwrap();
    let key = city.service.audit.verifier();
    AuditLog::verify(&store, key, None, Arc::new(|_| {}))
        .await
        .unwrap()
}

/// What the log says was done, and to what.
pub async fn said(city: &City, did: Did) -> Vec<(String, u64)> {
    city.service.audit.checkpoint().await.unwrap();
    let office = city.health.authority().clone();
    let auditor = city.hire(&office, "Dr Shen", &[Role::Auditor]).await;
    let newest = city.service.audit.entries(&auditor, None).await.unwrap();
    let entries = newest.into_iter().filter_map(|one| one.entry);
    entries
        .filter(|entry| entry.did == did)
        .map(|entry| {
            (
                entry.what.unwrap_or_default(),
                entry.count.unwrap_or_default(),
            )
        })
        .collect()
}

const CONTACTS: &str = "SELECT evidence_id FROM evidence WHERE kind = 'contact'";

async fn evidence_whose_time_is_over_is_deleted_and_counted_in_the_log(city: City) {
    let ming = city.resident("Ming").await;
    let lake = city.venue("Lake Market", None).await;
    city.was_at(&ming, lake, 3, 60).await;
    let contact = city.contact(5);
    city.submit(city.health.submitter(), &ming, contact).await;
    let lived = NewMembership {
        subject: ming.subject(),
        group: "flat 12".to_owned(),
        kind: GroupKind::Household,
        from: city.now() - hours(24 * 40),
        until: Some(city.now() - hours(24)),
    };
    let lives = NewMembership {
        group: "flat 13".to_owned(),
        until: None,
        ..lived.clone()
    };
    let tracing = &city.service.tracing;
    let put = tracing.put_memberships(&city.community, vec![lived, lives]);
    assert_eq!(put.await.unwrap().accepted.len(), 2);
    city.pass(hours(24 * 20));
    forget(&city).await;
    assert_eq!(rows(&city, CONTACTS).await, 1, "its time is not over");
    let members = async || {
        let by_person = rows(&city, "SELECT group_id FROM membership_by_person").await;
        let by_group = rows(&city, "SELECT group_id FROM membership_by_group").await;
        (by_person, by_group)
    };
    assert_eq!(members().await, (2, 2), "nor theirs");

    city.pass(hours(24 * 280));
    let lan = city.resident("Lan").await;
    let contact = city.contact(5);
    city.submit(city.health.submitter(), &lan, contact).await;
    forget(&city).await;
    assert_eq!(rows(&city, CONTACTS).await, 1, "hers is left");
    for table in ["visit_by_person", "visit_by_venue"] {
        assert_eq!(
            rows(&city, &format!("SELECT visit_id FROM {table}")).await,
            0
        );
    }
    assert_eq!(members().await, (1, 1), "who lives there still does");
    let erased = said(&city, Did::DataErased).await;
    for what in ["contact", "visit", "declaration", "memberships"] {
        assert!(erased.contains(&(what.to_owned(), 1)), "{what}: {erased:?}");
    }
    // On the same day nobody is gone over twice.
    forget(&city).await;
    assert_eq!(said(&city, Did::DataErased).await.len(), erased.len());
}

async fn retention_changes_no_verdict(city: City) {
    let mut people = Vec::new();
    for (name, ago) in [("An", 1), ("Bo", 5), ("Cai", 24 * 9)] {
        let who = city.resident(name).await;
        let contact = city.contact(ago);
        city.submit(city.health.submitter(), &who, contact).await;
        people.push(who);
    }
    for _ in 0..12 {
        city.pass(hours(24 * 5));
        city.service.sweep().await.unwrap();
        let mut before = Vec::new();
        for who in &people {
            before.push(city.status(who).await);
        }
        forget(&city).await;
        city.service.reevaluation.decide_everybody().await.unwrap();
        for (who, before) in people.iter().zip(before) {
            assert_eq!(city.status(who).await, before, "{}", who.name);
        }
    }
}

async fn what_entries_of_the_log_say_is_erased_and_the_log_stays_whole(city: City) {
    let whole = verify(&city).await;
    assert_eq!((whole.findings, whole.erased), (Vec::new(), 0));
    city.pass(hours(24 * 400));
    forget(&city).await;
    let checked = verify(&city).await;
    assert_eq!(checked.findings, []);
    assert!(checked.erased > 5, "{checked:?}");
    let counted = said(&city, Did::EntriesErased).await;
    assert_eq!(counted.iter().map(|one| one.1).sum::<u64>(), checked.erased);
}

async fn an_old_backup_opens_no_identity_of_months_that_are_over(mut city: City) {
    let kept = Kept::new(&city);
    let before = city.resident("Bo").await;
    city.restart_with(kept.keys(3)).await;
    let li = city.resident("Li").await;
    back_up(&city).await;
    // An identity sealed before there were such keys is sealed with them now.
    reseal(&city).await;
    forget(&city).await;
    assert_eq!(kept.first(), Some(Month::of(city.now())), "nothing is due");

    city.pass(hours(24 * 100));
    forget(&city).await;
    assert_eq!(
        kept.first(),
        Some("2020-02".parse().unwrap()),
        "not before all are sealed anew"
    );
    reseal(&city).await;
    forget(&city).await;
    assert_eq!(kept.first(), Some("2020-03".parse().unwrap()));
    let destroyed = said(&city, Did::KeysDestroyed).await;
    assert_eq!(destroyed, [("months before 2020-03".to_owned(), 0)]);
    // Who lives here goes on, also on a server that starts with the keys that are left.
    city.restart_with(kept.keys(3)).await;
    for who in [&before, &li] {
        assert!(
            city.service
                .people
                .own_identity(&who.resident)
                .await
                .is_ok()
        );
    }

    restore(&city).await;
    let month = "2020-02".parse().unwrap();
    match city.service.people.own_identity(&li.resident).await {
        Err(ServiceError::Vault(error)) => assert_eq!(error, VaultError::MonthDestroyed { month }),
        other => panic!("{other:?}"),
    }
}

async fn a_key_that_cannot_be_destroyed_is_not_said_to_be_gone(mut city: City) {
    let kept = Kept::new(&city);
    city.restart_with(kept.keys(3)).await;
    let li = city.resident("Li").await;
    city.pass(hours(24 * 100));
    reseal(&city).await;
    *kept.is_stuck.lock().unwrap() = true;
    let failed = city.service.forgetting.forget_next().await;
    assert!(
        matches!(
            failed,
            Err(ServiceError::Vault(VaultError::NotDestroyed { .. }))
        ),
        "{failed:?}"
    );
    assert_eq!(kept.first(), Some("2020-02".parse().unwrap()));
    *kept.is_stuck.lock().unwrap() = false;
    forget(&city).await;
    assert_eq!(kept.first(), Some("2020-03".parse().unwrap()));
    assert!(city.service.people.own_identity(&li.resident).await.is_ok());
}
