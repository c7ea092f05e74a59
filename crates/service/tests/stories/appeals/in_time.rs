//! What open appeals grant as time passes, what is kept of them, and how they are counted.

use std::sync::Arc;

use domain::{AuthorityKind, Role, Status};
use service::{AlarmKind, AppealRequest, AppealState, FileForm, Happened, Keys, ServiceError};

use super::{another, answer, contact, decision, file, request};
use crate::city::{City, GREEN, RED, YELLOW, hours};
use crate::ends::rows;
use crate::mirror::{EVERY, Kept, without_visits};

crate::stories! {
    what_is_late_raises_an_alarm_and_is_suspended_by_time_alone
    a_file_of_the_wrong_type_and_a_picture_bomb_are_refused
    what_people_say_and_send_is_sealed_and_sealed_anew
    a_community_office_files_for_who_has_no_phone
    memory_and_record_agree_while_appeals_are_open
    appeals_are_counted_by_rule_and_small_numbers_kept_back
    a_policy_without_the_table_takes_no_appeals
}

const PDF: &[u8] = b"%PDF-1.7\n1 0 obj << /Type /Catalog >> endobj\ntrailer\n%%EOF\n";

const SHORT: jiff::SignedDuration = jiff::SignedDuration::from_secs(20);

async fn what_is_late_raises_an_alarm_and_is_suspended_by_time_alone(city: City) {
    let (li, met) = contact(&city, "Li").await;
    let filed = file(&city, &li, &[met]).await;
    let appeals = &city.service.appeals;
    let alarms = async || {
        let alarms = city.service.alarms.list(&city.administrator().await).await;
        let alarms = alarms
            .unwrap()
            .into_iter()
            .map(|alarm| (alarm.kind, alarm.number));
        alarms.collect::<Vec<_>>()
    };
    assert_eq!(appeals.watch().await.unwrap(), 0);
    city.pass(hours(19));
    assert_eq!(appeals.watch().await.unwrap(), 1);
    assert_eq!(appeals.watch().await.unwrap(), 0, "once");
    assert_eq!(alarms().await, [(AlarmKind::AppealsDue, 1)]);
    let officer = async || another(&city).await;
    let queued = async || appeals.queue(&officer().await).await.unwrap().remove(0);
    assert!(queued().await.is_due_soon);
    city.pass(hours(5));
    assert_eq!(appeals.watch().await.unwrap(), 1);
    assert!(alarms().await.contains(&(AlarmKind::AppealsLate, 1)));
    assert_eq!(queued().await.state, AppealState::Late);
    assert_eq!(city.status(&li).await, YELLOW);

    // No worker has to run for that.
    city.pass(hours(24));
    assert_eq!(city.status(&li).await, GREEN);
    assert_eq!(queued().await.state, AppealState::Suspended);
    let decided = decision(&[], "You paid there yourself.");
    answer(&city, &officer().await, &filed, decided)
        .await
        .unwrap();
    assert_eq!(city.status(&li).await, RED, "late, but answered");
}

async fn a_file_of_the_wrong_type_and_a_picture_bomb_are_refused(city: City) {
    let (li, met) = contact(&city, "Li").await;
    let mut bomb = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bomb.extend([0, 1, 0, 0, 0, 1, 0, 0, 8, 2, 0, 0, 0, 0, 0, 0, 0]);
    bomb.extend(b"\0\0\0\0IEND\0\0\0\0");
    for (file, said) in [
        (b"GIF89a".to_vec(), "neither a PDF nor a picture"),
        (bomb, "65536 by 65536 pixels"),
        (vec![b'%'; 5_000_001], "more than 5 MB"),
        (Vec::new(), "empty"),
    ] {
        let request = AppealRequest {
            file: Some(file),
            ..request(&city, &[met])
        };
        let refused = city.service.appeals.file(&li.resident, request).await;
        let refused = refused.unwrap_err();
        assert!(matches!(
            refused,
            ServiceError::BadField { field: "file", .. }
        ));
        assert!(refused.to_string().contains(said), "{refused}");
    }
    assert_eq!(city.status(&li).await, RED, "nothing was filed");
}

async fn what_people_say_and_send_is_sealed_and_sealed_anew(mut city: City) {
    let (li, met) = contact(&city, "Li").await;
    let request = AppealRequest {
        file: Some(PDF.to_vec()),
        ..request(&city, &[met])
    };
    let filed = city
        .service
        .appeals
        .file(&li.resident, request)
        .await
        .unwrap();
    assert_eq!(filed.file, Some(FileForm::Pdf));
    let officer = another(&city).await;
    answer(
        &city,
        &officer,
        &filed,
        decision(&[met], "It was your sister."),
    )
    .await
    .unwrap();
    for (column, table) in [
        ("said", "appeal"),
        ("reasons", "appeal"),
        ("sealed", "appeal_file"),
    ] {
        let stored = city
            .base
            .bytes(&format!("SELECT {column} FROM {table}"))
            .await;
        assert_eq!(stored.len(), 1, "{column}");
        let clear = [&b"sister"[..], b"%PDF"];
        assert!(
            clear
                .iter()
                .all(|part| !stored[0].windows(part.len()).any(|w| w == *part))
        );
    }

    let first = Keys::from_secret(&[3; 32]);
    let mut both = first.clone();
    both.vault = both.vault.with_seal(2, [9; 32]);
    city.restart_with(both.clone()).await;
    assert!(city.service.people.sealed_with(1).await.unwrap() > 0);
    assert!(!city.service.appeals.reseal_next().await.unwrap());
    while city
        .service
        .people
        .reseal_next()
        .await
        .unwrap()
        .is_some_and(|one| !one.is_finished)
    {}
    assert_eq!(city.service.people.sealed_with(1).await.unwrap(), 0);
    let mut second = both;
    second.vault = second.vault.without_seal(1);
    city.restart_with(second).await;
    let appeals = &city.service.appeals;
    let own = appeals.own(&li.resident).await.unwrap().remove(0);
    assert!(own.why.expose().contains("my sister"));
    assert_eq!(own.answer.unwrap().reasons.expose(), "It was your sister.");
    let (form, bytes) = appeals.own_file(&li.resident, filed.id).await.unwrap();
    assert_eq!((form, &bytes[..]), (FileForm::Pdf, PDF));
}

async fn a_community_office_files_for_who_has_no_phone(city: City) {
    let li = city.resident("Li").await;
    let li = city.prove_phone(li).await;
    let by_document = service::Subject::Document(li.document.clone());
    let receipt = city.try_submit(city.health.submitter(), by_document, city.contact(5));
    let met = receipt.await.accepted[0].evidence;
    let office = city
        .office(AuthorityKind::Community, "North Community Office")
        .await;
    let worker = city
        .hire(&office, "Xiao Bai", &[Role::CommunityWorker])
        .await;
    let worker = worker.at_the_office().unwrap();
    let accounts = &city.service.accounts;
    // One worker who knows a number does not use up what its holder may appeal against.
    let alone = accounts.appealing_holder(&worker, &li.document).await;
    assert!(alone.unwrap().is_none(), "it takes a second worker");
    let again = accounts.appealing_holder(&worker, &li.document).await;
    assert!(again.unwrap().is_none(), "and is not one's own second");
    let colleague = city
        .hire(&office, "Xiao Hong", &[Role::CommunityWorker])
        .await;
    let worker = colleague.at_the_office().unwrap();
    let holder = async || {
        let found = accounts.appealing_holder(&worker, &li.document).await;
        found.unwrap()
    };
    let appeals = &city.service.appeals;
    let unsaid = AppealRequest {
        why: " ".to_owned(),
        ..request(&city, &[])
    };
    let refused = appeals.file_for(&worker, holder().await.unwrap(), unsaid);
    assert!(matches!(
        refused.await,
        Err(ServiceError::BadField { field: "why", .. })
    ));
    assert_eq!(
        rows(&city, "SELECT appeal_id FROM appeal").await,
        0,
        "nothing was filed"
    );
    // What the two agreed on was not used up by that, and is used up by one appeal.
    let (one, other) = (holder().await.unwrap(), holder().await.unwrap());
    let (one, other) = tokio::join!(
        appeals.file_for(&worker, one, request(&city, &[met])),
        appeals.file_for(&worker, other, request(&city, &[met])),
    );
    let (filed, refused) = match one {
        Ok(filed) => (filed, other),
        Err(error) => (other.unwrap(), Err(error)),
    };
    assert!(
        matches!(refused, Err(ServiceError::AgreementUsed)),
        "{refused:?}"
    );
    assert_eq!(rows(&city, "SELECT appeal_id FROM appeal").await, 1);
    assert!(holder().await.is_none(), "it takes two workers again");
    assert_eq!(filed.evidence().collect::<Vec<_>>(), [met]);
    let security = accounts.security(&li.resident).await.unwrap();
    let mut events = security.events.iter();
    let is_told = events.any(|event| event.kind == Happened::OfficeActed);
    assert!(
        is_told,
        "who claims the document reads that an office acted"
    );
    let officer = another(&city).await;
    let answered = answer(&city, &officer, &filed, decision(&[met], "A mix-up.")).await;
    assert_eq!(answered.unwrap().restrictions[0].was_right, Some(true));
}

async fn memory_and_record_agree_while_appeals_are_open(city: City) {
    without_visits(&city).await;
    let mut people = Vec::new();
    for name in ["An", "Bo", "Cai", "Dan"] {
        people.push(contact(&city, name).await);
    }
    let kept = Kept::of(&city).await;
    kept.write().await;
    file(&city, &people[0].0, &[people[0].1]).await;
    city.pass(hours(24));
    file(&city, &people[1].0, &[people[1].1]).await;
    city.pass(hours(25));
    // Of An's it is twice the time for an answer, Bo waits, Cai and Dan did not appeal.
    let expected = [GREEN, YELLOW, RED, RED];
    let read = async |node: &service::Service| {
        let mut found: Vec<Status> = Vec::new();
        for (who, _) in &people {
            let report = node.people.status(&who.resident, "en").await.unwrap();
            found.push(report.explanation.verdict.status);
        }
        found
    };
    assert_eq!(read(&city.service).await, expected);
    for with_mirror in [true, false] {
        let node = city.another_node().await;
        if with_mirror {
            node.mirror.keep(Arc::clone(&kept.mirror), EVERY);
        }
        let progress = node.reevaluation.decide_everybody().await.unwrap();
        assert_eq!(progress.changed, 0, "with a mirror: {with_mirror}");
        assert_eq!(read(&node).await, expected);
    }
    kept.write().await;
    let node = city.another_node().await;
    node.mirror.keep(Arc::clone(&kept.mirror), EVERY);
    let progress = node.reevaluation.decide_everybody().await.unwrap();
    assert_eq!(
        progress.changed, 0,
        "a newer mirror knows of no appeal either"
    );
}

async fn appeals_are_counted_by_rule_and_small_numbers_kept_back(city: City) {
    let names = [
        "An", "Bo", "Cai", "Dan", "En", "Fu", "Gu", "Hu", "Jia", "Kai", "Lan", "Mei",
    ];
    let officer = another(&city).await;
    for name in names {
        let (who, met) = contact(&city, name).await;
        let filed = file(&city, &who, &[met]).await;
        city.pass(SHORT);
        answer(&city, &officer, &filed, decision(&[met], "A mix-up."))
            .await
            .unwrap();
        if name == "Bo" {
            let counted = city.service.appeals.by_rule().await.unwrap();
            let [rule] = &counted[..] else {
                panic!("{counted:?}")
            };
            assert_eq!((rule.filed, rule.answered, rule.right), (None, None, None));
            assert!(!rule.loses_half);
        }
    }
    city.pass(hours(1));
    let counted = city.service.appeals.by_rule().await.unwrap();
    let [rule] = &counted[..] else {
        panic!("{counted:?}")
    };
    assert_eq!(rule.rule, "close-contact");
    assert_eq!(
        (rule.filed, rule.answered, rule.right),
        (Some(12), Some(12), Some(12))
    );
    assert!(rule.loses_half, "its authors should look at it");
}

async fn a_policy_without_the_table_takes_no_appeals(city: City) {
    let (li, met) = contact(&city, "Li").await;
    let text = crate::city::POLICY.replace("version = 1", "version = 2");
    let start = text.find("[appeal]").unwrap();
    let end = text[start..].find("\n\n").unwrap() + start;
    let text = format!("{}{}", &text[..start], &text[end..]);
    let by = city.publisher().await;
    city.service
        .publishing
        .publish_policy(&by, &text)
        .await
        .unwrap();
    let refused = city
        .service
        .appeals
        .file(&li.resident, request(&city, &[met]))
        .await;
    assert!(matches!(refused.unwrap_err(), ServiceError::NoAppeals));
}
