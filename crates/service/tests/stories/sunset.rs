//! The end of the emergency, of which an old backup opens nothing afterwards.

use domain::{AuthorityKind, Role, Timestamp};
use service::{NOTICED_AFTER, ServiceError, SunsetProof, VaultError};

use crate::city::{City, Persona, hangzhou, hours};
use crate::ends::{BACKED_UP, Kept, back_up, restore, rows, verify};

crate::stories! {
    the_emergency_ends_by_two_staff_members_and_the_operator
    after_the_end_nothing_is_taken_in_and_no_code_is_made
    an_old_backup_opens_nothing_after_the_end
    the_proof_of_the_end_holds_and_no_other_does
    an_end_that_broke_off_goes_on
}

const LAW: &str = "State Council notice 2022/113";

/// Two staff members agree to end the emergency.
async fn agree(city: &City) {
    let sunset = &city.service.sunset;
    let proposed = sunset
        .propose(&city.administrator().await, LAW)
        .await
        .unwrap();
    let approver = city.approver().await;
    sunset
        .approve(&approver, proposed.id, "it is over")
        .await
        .unwrap();
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
    assert!(
        matches!(refused, Err(ServiceError::SamePerson)),
        "{refused:?}"
    );
    let refused = sunset.propose(&city.health, LAW).await;
    assert!(matches!(refused, Err(ServiceError::NotPermitted { .. })));
    // Who stands for a district does not end what is the whole city's.
    let district = city
        .office_in(
            AuthorityKind::Health,
            "Xihu health",
            "330106".parse().unwrap(),
        )
        .await;
    let theirs = city.hire(&district, "Dr Jin", &both).await;
    let refused = sunset.propose(&theirs, LAW).await;
    let of_the_whole = |refused: &_| matches!(refused, Err(ServiceError::NotOfTheWhole { region }) if *region == hangzhou());
    assert!(of_the_whole(&refused), "{refused:?}");
    let refused = sunset.approve(&theirs, own.id, "enough").await;
    assert!(of_the_whole(&refused), "{refused:?}");
    let not_approved = async || {
        let begun = sunset.begin(&city.operator, LAW).await;
        assert!(
            matches!(begun, Err(ServiceError::SunsetNotApproved)),
            "{begun:?}"
        );
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
    assert!(counts.contains(&("staff_member", 5)), "{counts:?}");
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
    let began = city
        .service
        .sunset
        .begin(&city.operator, LAW)
        .await
        .unwrap();
    assert_eq!(began, city.now());
    node.notice_other_nodes().await.unwrap();
    for service in [&city.service, &node] {
        let code = service.codes.live_code(&ming.resident, phone.device).await;
        assert!(matches!(code, Err(ServiceError::Ended)), "{code:?}");
        let registered = service
            .people
            .register(city.registration("Lan", None))
            .await;
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
    assert!(
        matches!(submitted, Err(ServiceError::Ended)),
        "{submitted:?}"
    );
    // Visits need no policy, and are refused all the same.
    let scan = service::Scan {
        id: city.key(),
        venue: lake,
        entered: city.ago(2),
        left: Some(city.ago(1)),
        sign: None,
    };
    let visited = city
        .service
        .visits
        .upload_scans(&ming.resident, &[scan])
        .await;
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
    // The folder of keys as the end left it: running this again takes another secret.
    city.restart_with(kept.keys(4)).await;
    let identity = city.service.people.own_identity(&li.resident).await;
    assert!(
        matches!(identity, Err(ServiceError::Vault(_))),
        "{identity:?}"
    );
    let signed_in = city.service.access.resident(&li.token).await;
    assert!(matches!(signed_in, Err(ServiceError::NotAuthenticated)));
    // Even a copy of the old secret does not open it.
    city.restart_with(kept.keys(3)).await;
    let identity = city.service.people.own_identity(&li.resident).await;
    assert!(
        matches!(
            identity,
            Err(ServiceError::Vault(VaultError::MonthDestroyed { .. }))
        ),
        "{identity:?}"
    );
    // And nobody can be registered again under keys that are gone.
    let registered = city
        .service
        .people
        .register(city.registration("Lan", None))
        .await;
    assert!(
        matches!(registered, Err(ServiceError::Vault(_))),
        "{registered:?}"
    );
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
    city.service
        .sunset
        .begin(&city.operator, LAW)
        .await
        .unwrap();
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
