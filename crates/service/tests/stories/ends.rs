//! What ends: evidence and identities whose time is over, and the emergency, of which an old backup
//! opens nothing afterwards.

use std::sync::{Arc, Mutex};

use domain::{Role, Timestamp};
use service::{
    AuditLog, Did, Keys, Month, MonthChain, MonthKeeper, MonthKeys, NOTICED_AFTER, ServiceError,
    SunsetProof, VaultError,
};
use store::Store;

use crate::city::{City, Persona, Seeded, hangzhou, hours};

crate::stories! {
    evidence_whose_time_is_over_is_deleted_and_counted_in_the_log
    retention_changes_no_verdict
    what_entries_of_the_log_say_is_erased_and_the_log_stays_whole
    an_old_backup_opens_no_identity_of_months_that_are_over
    a_key_that_cannot_be_destroyed_is_not_said_to_be_gone
    the_emergency_ends_by_two_staff_members_and_the_operator
    after_the_end_nothing_is_taken_in_and_no_code_is_made
    an_old_backup_opens_nothing_after_the_end
    the_proof_of_the_end_holds_and_no_other_does
    an_end_that_broke_off_goes_on
}

const LAW: &str = "State Council notice 2022/113";

/// Where the keys of months lie in these stories.
#[derive(Default)]
struct Kept {
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
    fn new(city: &City) -> Arc<Self> {
        let chain = MonthChain::generate(hangzhou(), city.now(), &Seeded::new(11));
        Arc::new(Self {
            chains: Mutex::new(vec![chain]),
            is_stuck: Mutex::default(),
        })
    }

    /// What a server with this folder of keys starts with.
    fn keys(self: &Arc<Self>, secret: u8) -> Keys {
        let months = self.chains.lock().unwrap().clone();
        let months = MonthKeys::new(months, Arc::clone(self) as Arc<dyn MonthKeeper>);
        let mut keys = Keys::from_secret(&[secret; 32]);
        keys.vault = keys.vault.with_months(months, hangzhou());
        keys
    }

    fn first(&self) -> Option<Month> {
        self.chains.lock().unwrap().first().map(|chain| chain.first)
    }
}

/// What a backup of the database holds, for these stories: kept in tables of its own.
const BACKED_UP: [&str; 12] = [
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
];

async fn back_up(city: &City) {
    for table in BACKED_UP {
        let kept = format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}");
        city.base.tamper(&kept).await;
    }
}

/// Puts the backup back, over whatever is there.
async fn restore(city: &City) {
    for table in BACKED_UP.iter().rev() {
        city.base.tamper(&format!("DELETE FROM {table}")).await;
    }
    for table in BACKED_UP {
        let put = format!("INSERT INTO {table} SELECT * FROM kept_{table}");
        city.base.tamper(&put).await;
    }
    city.base.tamper("DELETE FROM sunset").await;
}

async fn rows(city: &City, query: &str) -> usize {
    city.base.bytes(query).await.len()
}

async fn forget(city: &City) {
    while city.service.forgetting.forget_next().await.unwrap() {}
}

async fn reseal(city: &City) {
    let people = &city.service.people;
    while people.reseal_next().await.unwrap().is_some_and(|walk| !walk.is_finished) {}
}

async fn verify(city: &City) -> service::RecordChecked {
    while city.service.audit.checkpoint().await.unwrap() > 0 {}
    let store = Store::open(&city.base.url, &Seeded::new(7)).await.unwrap();
    let key = city.service.audit.verifier();
    AuditLog::verify(&store, key, None, Arc::new(|_| {})).await.unwrap()
}

/// What the log says was done, and to what.
async fn said(city: &City, did: Did) -> Vec<(String, u64)> {
    city.service.audit.checkpoint().await.unwrap();
    let office = city.health.authority().clone();
    let auditor = city.hire(&office, "Dr Shen", &[Role::Auditor]).await;
    let newest = city.service.audit.entries(&auditor, None).await.unwrap();
    let entries = newest.into_iter().filter_map(|one| one.entry);
    entries
        .filter(|entry| entry.did == did)
        .map(|entry| (entry.what.unwrap_or_default(), entry.count.unwrap_or_default()))
        .collect()
}

const CONTACTS: &str = "SELECT evidence_id FROM evidence WHERE kind = 'contact'";

async fn evidence_whose_time_is_over_is_deleted_and_counted_in_the_log(city: City) {
    let ming = city.resident("Ming").await;
    let lake = city.venue("Lake Market", None).await;
    city.was_at(&ming, lake, 3, 60).await;
    let contact = city.contact(5);
    city.submit(city.health.submitter(), &ming, contact).await;
    city.pass(hours(24 * 20));
    forget(&city).await;
    assert_eq!(rows(&city, CONTACTS).await, 1, "its time is not over");

    city.pass(hours(24 * 280));
    let lan = city.resident("Lan").await;
    let contact = city.contact(5);
    city.submit(city.health.submitter(), &lan, contact).await;
    forget(&city).await;
    assert_eq!(rows(&city, CONTACTS).await, 1, "hers is left");
    for table in ["visit_by_person", "visit_by_venue"] {
        assert_eq!(rows(&city, &format!("SELECT visit_id FROM {table}")).await, 0);
    }
    let erased = said(&city, Did::DataErased).await;
    for what in ["contact", "visit", "declaration"] {
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
    // Whoever was sealed before there were such keys is sealed with them now.
    reseal(&city).await;
    forget(&city).await;
    assert_eq!(kept.first(), Some(Month::of(city.now())), "nothing is due");

    city.pass(hours(24 * 100));
    forget(&city).await;
    assert_eq!(kept.first(), Some("2020-02".parse().unwrap()), "not before all are sealed anew");
    reseal(&city).await;
    forget(&city).await;
    assert_eq!(kept.first(), Some("2020-03".parse().unwrap()));
    let destroyed = said(&city, Did::KeysDestroyed).await;
    assert_eq!(destroyed, [("months before 2020-03".to_owned(), 0)]);
    // Who lives here goes on, also on a server that starts with the keys that are left.
    city.restart_with(kept.keys(3)).await;
    for who in [&before, &li] {
        assert!(city.service.people.own_identity(&who.resident).await.is_ok());
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
        matches!(failed, Err(ServiceError::Vault(VaultError::NotDestroyed { .. }))),
        "{failed:?}"
    );
    assert_eq!(kept.first(), Some("2020-02".parse().unwrap()));
    *kept.is_stuck.lock().unwrap() = false;
    forget(&city).await;
    assert_eq!(kept.first(), Some("2020-03".parse().unwrap()));
    assert!(city.service.people.own_identity(&li.resident).await.is_ok());
}

/// Two staff members agree to end the emergency.
async fn agree(city: &City) {
    let sunset = &city.service.sunset;
    let proposed = sunset.propose(&city.administrator().await, LAW).await.unwrap();
    let approver = city.approver().await;
    sunset.approve(&approver, proposed.id, "it is over").await.unwrap();
}

/// The operator carries it out.
async fn end(city: &City) -> SunsetProof {
    agree(city).await;
    let sunset = &city.service.sunset;
    sunset.begin(&city.operator, LAW).await.unwrap();
    city.pass(NOTICED_AFTER);
    sunset.erase(&city.operator, &|_| {}).await.unwrap();
    let others = ["installation.secret".to_owned()];
    sunset.destroy_keys(&city.operator, &others).await.unwrap();
    sunset.finish(&city.operator).await.unwrap()
}

async fn the_emergency_ends_by_two_staff_members_and_the_operator(city: City) {
    let sunset = &city.service.sunset;
    let office = city.health.authority().clone();
    let both = [Role::Administrator, Role::Approver];
    let alone = city.hire(&office, "Dr Bao", &both).await;
    let own = sunset.propose(&alone, LAW).await.unwrap();
    let refused = sunset.approve(&alone, own.id, "I say so").await;
    assert!(matches!(refused, Err(ServiceError::SamePerson)), "{refused:?}");
    let refused = sunset.propose(&city.health, LAW).await;
    assert!(matches!(refused, Err(ServiceError::NotPermitted { .. })));
    let not_approved = async || {
        let begun = sunset.begin(&city.operator, LAW).await;
        assert!(matches!(begun, Err(ServiceError::SunsetNotApproved)), "{begun:?}");
    };
    not_approved().await;
    let erased = sunset.erase(&city.operator, &|_| {}).await;
    assert!(matches!(erased, Err(ServiceError::SunsetNotApproved)));

    agree(&city).await;
    let other = sunset.begin(&city.operator, "another law").await;
    assert!(matches!(other, Err(ServiceError::SunsetNotApproved)));
    city.pass(hours(24 * 8));
    not_approved().await;
    // A rehearsal says how much there is and changes nothing.
    let counts = sunset.rehearse(&city.operator).await.unwrap();
    assert!(counts.contains(&("staff_member", 4)), "{counts:?}");
    assert_eq!(sunset.rehearse(&city.operator).await.unwrap(), counts);
    assert_eq!(sunset.begun().await.unwrap(), None);
}

async fn after_the_end_nothing_is_taken_in_and_no_code_is_made(city: City) {
    let ming = city.resident("Ming").await;
    let phone = city.enrol(&ming).await;
    city.live_code(&ming, &phone).await;
    let lake = city.venue("Lake Market", None).await;
    let node = city.another_node().await;
    agree(&city).await;
    let began = city.service.sunset.begin(&city.operator, LAW).await.unwrap();
    assert_eq!(began, city.now());
    node.notice_other_nodes().await.unwrap();
    for service in [&city.service, &node] {
        let code = service.codes.live_code(&ming.resident, phone.device).await;
        assert!(matches!(code, Err(ServiceError::Ended)), "{code:?}");
        let registered = service.people.register(city.registration("Lan", None)).await;
        assert!(matches!(registered, Err(ServiceError::Ended)));
    }
    let item = service::Item {
        subject: ming.subject(),
        said: city.contact(3).into(),
    };
    let submission = service::Submission {
        request: None,
        content: None,
        items: vec![item],
    };
    let evidence = &city.service.evidence;
    let submitted = evidence.submit(city.health.submitter(), submission).await;
    assert!(matches!(submitted, Err(ServiceError::Ended)), "{submitted:?}");
    // Visits need no policy, and are refused all the same.
    let scan = service::Scan {
        id: city.key(),
        venue: lake,
        entered: city.ago(2),
        left: Some(city.ago(1)),
    };
    let visited = city.service.visits.upload_scans(&ming.resident, &[scan]).await;
    assert!(matches!(visited, Err(ServiceError::Ended)), "{visited:?}");
    // A server that starts later knows.
    let late = city.another_node().await;
    let code = late.codes.plain_code(&ming.resident).await;
    assert!(matches!(code, Err(ServiceError::Ended)));
    // Nothing is erased before every server knows.
    let early = city.service.sunset.erase(&city.operator, &|_| {}).await;
    let from: Timestamp = began + NOTICED_AFTER;
    assert!(
        matches!(early, Err(ServiceError::SunsetNotNoticed { from: then }) if then == from),
        "{early:?}"
    );
}

async fn an_old_backup_opens_nothing_after_the_end(mut city: City) {
    let kept = Kept::new(&city);
    city.restart_with(kept.keys(3)).await;
    let li: Persona = city.resident("Li").await;
    back_up(&city).await;
    end(&city).await;
    for table in BACKED_UP {
        let query = format!("SELECT CAST('x' AS BYTEA) FROM {table}");
        let query = if city.base.url.starts_with("sqlite:") {
            query.replace("BYTEA", "BLOB")
        } else {
            query
        };
        assert_eq!(rows(&city, &query).await, 0, "{table}");
    }
    assert_eq!(kept.first(), None);

    restore(&city).await;
    // The folder of keys as the end left it: whoever wants to run this needs another secret.
    city.restart_with(kept.keys(4)).await;
    let identity = city.service.people.own_identity(&li.resident).await;
    assert!(matches!(identity, Err(ServiceError::Vault(_))), "{identity:?}");
    let signed_in = city.service.access.resident(&li.token).await;
    assert!(matches!(signed_in, Err(ServiceError::NotAuthenticated)));
    // Even a copy of the old secret does not open it.
    city.restart_with(kept.keys(3)).await;
    let identity = city.service.people.own_identity(&li.resident).await;
    assert!(
        matches!(identity, Err(ServiceError::Vault(VaultError::MonthDestroyed { .. }))),
        "{identity:?}"
    );
    // And nobody can be registered again under keys that are gone.
    let registered = city.service.people.register(city.registration("Lan", None)).await;
    assert!(matches!(registered, Err(ServiceError::Vault(_))), "{registered:?}");
}

async fn the_proof_of_the_end_holds_and_no_other_does(city: City) {
    let ming = city.resident("Ming").await;
    city.ordered(&ming, 24).await;
    let proof = end(&city).await;
    assert_eq!(proof.flaw(), None);
    let said = proof.said().unwrap();
    assert_eq!(said[0].what.as_deref(), Some(LAW));
    let of_identities = said
        .iter()
        .find(|entry| entry.what.as_deref() == Some("identity"));
    assert_eq!(of_identities.and_then(|entry| entry.count), Some(1));
    assert!(said.iter().all(|entry| entry.people.is_empty()));
    // The log is whole, its skeleton is there, and it says nothing about anybody any more.
    let checked = verify(&city).await;
    assert_eq!(checked.findings, []);
    assert!(checked.erased > 5, "{checked:?}");
    let last = proof.entries.last().unwrap().index;
    assert_eq!(checked.checkpoint.unwrap().size, last + 1);

    let mut other_law = proof.clone();
    other_law.law = "another law".to_owned();
    let mut cut = proof.clone();
    cut.entries.pop();
    let mut swapped = proof.clone();
    swapped.entries.swap(1, 2);
    let mut none = proof.clone();
    none.entries.clear();
    for other in [&other_law, &cut, &swapped, &none] {
        assert!(other.flaw().is_some());
    }
    // What an entry says cannot be changed without the log's noticing.
    let mut changed = proof.entries[1].clone();
    let before = changed.commitment();
    *changed.content.last_mut().unwrap() ^= 1;
    assert_ne!(changed.commitment(), before);
}

async fn an_end_that_broke_off_goes_on(mut city: City) {
    city.resident("Ming").await;
    agree(&city).await;
    city.service.sunset.begin(&city.operator, LAW).await.unwrap();
    city.pass(NOTICED_AFTER);
    city.crash().await;
    let sunset = &city.service.sunset;
    // The approval is over a week old by now; what has begun goes on all the same.
    city.pass(hours(24 * 8));
    sunset.begin(&city.operator, LAW).await.unwrap();
    assert!(sunset.erase(&city.operator, &|_| {}).await.unwrap() > 0);
    assert_eq!(sunset.erase(&city.operator, &|_| {}).await.unwrap(), 0);
    sunset.destroy_keys(&city.operator, &[]).await.unwrap();
    let proof = sunset.finish(&city.operator).await.unwrap();
    // Once finished, nothing is added any more.
    sunset.destroy_keys(&city.operator, &[]).await.unwrap();
    assert_eq!(sunset.finish(&city.operator).await.unwrap(), proof);
    assert_eq!(proof.flaw(), None);
}
