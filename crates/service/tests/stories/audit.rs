//! The log: what is done and seen is in it, and people read who looked.

use credential::IssuerKey;
use credential::log::WitnessKey;
use domain::{AuthorityKind, Role};
use service::{Did, LogEntry, Purpose, ServiceError, Staff};

use crate::city::City;

crate::stories! {
    what_staff_members_do_is_in_the_log
    what_did_not_happen_is_not_in_the_log
    invariant_11_a_person_reads_within_a_minute_who_looked_at_them
    a_witness_signs_what_it_saw
}

pub async fn auditor(city: &City) -> Staff {
    let office = city.health.authority().clone();
    city.hire(&office, "Dr Shen", &[Role::Auditor]).await
}

/// Every entry of a small log, the oldest first.
pub async fn entries(city: &City, auditor: &Staff) -> Vec<LogEntry> {
    city.service.audit.checkpoint().await.unwrap();
    let newest = city.service.audit.entries(auditor, None).await.unwrap();
    newest.into_iter().rev().collect()
}

fn deeds(entries: &[LogEntry]) -> Vec<Did> {
    let read = entries.iter().filter_map(|one| one.entry.as_ref());
    read.map(|entry| entry.did).collect()
}

async fn what_staff_members_do_is_in_the_log(city: City) {
    let ming = city.resident("Ming").await;
    let contact = city.contact(3);
    city.submit(city.health.submitter(), &ming, contact).await;
    city.ordered(&ming, 24).await;
    let all = entries(&city, &auditor(&city).await).await;
    let done = deeds(&all);
    for did in [
        Did::PolicyPublished,
        Did::StaffInvited,
        Did::StaffJoined,
        Did::SignedIn,
        Did::Proposed,
        Did::Approved,
        Did::FeedMade,
        Did::EvidenceSubmitted,
    ] {
        assert!(done.contains(&did), "{did} is not in the log: {done:?}");
    }
    // A resident's own declaration is no act of a staff member.
    let submitted = done.iter().filter(|did| **did == Did::EvidenceSubmitted);
    assert_eq!(submitted.count(), 1);
    let times: Vec<_> = all
        .iter()
        .map(|one| one.entry.as_ref().unwrap().at)
        .collect();
    assert!(times.is_sorted(), "{times:?}");
    let indexes: Vec<u64> = all.iter().map(|one| one.index).collect();
    assert_eq!(indexes, (0..all.len() as u64).collect::<Vec<_>>());
    let refused = city.service.audit.entries(&city.health, None).await;
    assert!(matches!(refused, Err(ServiceError::NotPermitted { .. })));
}

async fn what_did_not_happen_is_not_in_the_log(city: City) {
    let ming = city.resident("Ming").await;
    let order = city.ordered(&ming, 24).await;
    let auditor = auditor(&city).await;
    let before = entries(&city, &auditor).await.len();
    let approver = city.approver().await;
    let again = city.service.orders.reject(&approver, order, "too late");
    assert!(again.await.is_err());
    let after = entries(&city, &auditor).await;
    // Signing in to look and to try is in it; the rejection that did not count is not.
    assert!(
        !deeds(&after[before..]).contains(&Did::Rejected),
        "{after:?}"
    );
}

async fn invariant_11_a_person_reads_within_a_minute_who_looked_at_them(city: City) {
    let ming = city.resident("Ming").await;
    let audit = &city.service.audit;
    assert_eq!(audit.looks(&ming.resident).await.unwrap(), []);
    let kind = AuthorityKind::Community;
    let office = city.office(kind, "North Community Office").await;
    let worker = city
        .hire(&office, "Xiao Bai", &[Role::CommunityWorker])
        .await;
    let official = worker.at_the_office().unwrap();
    let accounts = &city.service.accounts;
    let found = accounts.claims_of(&official, &ming.document).await.unwrap();
    assert_eq!(found.len(), 1);
    let looks = audit.looks(&ming.resident).await.unwrap();
    let [look] = &looks[..] else {
        panic!("{looks:?}")
    };
    assert_eq!(look.at, city.now());
    assert_eq!(look.did, Did::DocumentLookedUp);
    assert_eq!(look.office.as_deref(), Some("North Community Office"));
    assert_eq!(look.roles, [Role::CommunityWorker]);
    assert_eq!(
        look.why.as_ref().map(|why| why.purpose()),
        Some(Purpose::AtTheCounter)
    );
    let other = city.resident("Lan").await;
    assert_eq!(audit.looks(&other.resident).await.unwrap(), []);
}

async fn a_witness_signs_what_it_saw(city: City) {
    let key = || IssuerKey::from_seed(&[6; 32]).unwrap();
    let witness = WitnessKey::new("uni.example/w1", key()).unwrap();
    let known = vec![witness.verifier().clone()];
    let choose = |settings: &mut service::Settings| settings.witnesses = known.clone();
    let node = city.another_node_with(choose).await;
    let mut signed = node.audit.signed_checkpoint().await.unwrap().unwrap();
    let refused = node.audit.take_cosignature(&signed.to_string()).await;
    assert!(
        matches!(refused, Err(ServiceError::BadField { .. })),
        "{refused:?}"
    );
    let line = witness.cosign(&signed, city.now()).unwrap();
    signed.add(line);
    assert_eq!(
        node.audit
            .take_cosignature(&signed.to_string())
            .await
            .unwrap(),
        1
    );
    let served = node.audit.signed_checkpoint().await.unwrap().unwrap();
    assert_eq!(served.cosignatures(&known).len(), 1);
    let seen = node.audit.witnesses().await.unwrap();
    assert_eq!(seen[0].seen, Some((signed.checkpoint().size, city.now())));
    // Somebody who is no witness here signs in vain.
    let stranger = WitnessKey::new("uni.example/w2", key()).unwrap();
    let mut other = node.audit.signed_checkpoint().await.unwrap().unwrap();
    other.add(stranger.cosign(&other.clone(), city.now()).unwrap());
    let refused = city
        .service
        .audit
        .take_cosignature(&other.to_string())
        .await;
    assert!(refused.is_err(), "this node knows no witness");
    // What a witness signed of an earlier state is not said of a later one.
    city.approver().await;
    node.audit.checkpoint().await.unwrap();
    let served = node.audit.signed_checkpoint().await.unwrap().unwrap();
    assert_eq!(served.cosignatures(&known).len(), 0);
}
