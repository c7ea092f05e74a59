//! How long appeals are kept, under which keys, and for whom.

use service::{AppealState, Did, Month, ServiceError, VaultError};

use super::{another, answer, contact, decision, file, request};
use crate::accounts::{again, see};
use crate::city::{City, GREEN, RED, YELLOW, hours};
use crate::ends::{Kept, back_up, forget, reseal, rows, said};

crate::stories! {
    a_binding_takes_an_open_appeal_along
    who_submitted_the_evidence_answers_no_appeal_after_a_binding_either
    an_answered_appeal_is_erased_in_time_and_an_open_one_stays
    the_key_of_a_month_is_not_destroyed_before_appeals_are_sealed_anew
    who_opened_an_appeal_is_read_by_whoever_filed_it
}

async fn a_binding_takes_an_open_appeal_along(city: City) {
    let (li, met) = contact(&city, "Li").await;
    let filed = file(&city, &li, &[met]).await;
    assert_eq!(city.status(&li).await, YELLOW);
    city.pass(hours(2));
    see(&city, &li, false).await.unwrap();
    let seen = again(&city, &li).await;
    assert_ne!(seen.id(), li.id(), "the document's person is another one");
    assert_eq!(
        city.status(&seen).await,
        YELLOW,
        "what it grants goes along"
    );
    let own = city.service.appeals.own(&seen.resident).await.unwrap();
    let [moved] = &own[..] else { panic!("{own:?}") };
    assert_eq!((moved.id, moved.person), (filed.id, seen.id()));
    assert_eq!(
        (moved.filed_at, moved.answer_by),
        (filed.filed_at, filed.answer_by)
    );
    assert_eq!(moved.state, AppealState::Open);
    assert!(
        moved.why.expose().contains("my sister"),
        "and is sealed for them"
    );
    let again = city
        .service
        .appeals
        .file(&seen.resident, request(&city, &[]))
        .await;
    assert!(
        matches!(again, Err(ServiceError::UnknownRestriction)),
        "{again:?}"
    );
    let officer = another(&city).await;
    let evidence: Vec<_> = moved.evidence().collect();
    let answered = answer(&city, &officer, moved, decision(&evidence, "A mix-up.")).await;
    assert_eq!(answered.unwrap().restrictions[0].was_right, Some(true));
    assert_eq!(city.status(&seen).await, GREEN);
    assert_eq!(rows(&city, "SELECT appeal_id FROM appeal").await, 1);
}

async fn who_submitted_the_evidence_answers_no_appeal_after_a_binding_either(city: City) {
    let (li, met) = contact(&city, "Li").await;
    file(&city, &li, &[met]).await;
    see(&city, &li, false).await.unwrap();
    let seen = again(&city, &li).await;
    let moved = city
        .service
        .appeals
        .own(&seen.resident)
        .await
        .unwrap()
        .remove(0);
    let refused = answer(&city, &city.health, &moved, decision(&[], "It stands.")).await;
    assert!(
        matches!(refused, Err(ServiceError::OwnEvidence)),
        "{refused:?}"
    );
}

async fn an_answered_appeal_is_erased_in_time_and_an_open_one_stays(city: City) {
    let (li, met) = contact(&city, "Li").await;
    let filed = file(&city, &li, &[met]).await;
    let officer = another(&city).await;
    answer(&city, &officer, &filed, decision(&[], "It stands."))
        .await
        .unwrap();
    let (wu, met) = contact(&city, "Wu").await;
    file(&city, &wu, &[met]).await;
    city.pass(hours(24 * 179));
    forget(&city).await;
    assert_eq!(rows(&city, "SELECT appeal_id FROM appeal").await, 2);
    city.pass(hours(24 * 2));
    forget(&city).await;
    for table in ["appeal", "appeal_rule", "appealed_evidence"] {
        let left = rows(&city, &format!("SELECT appeal_id FROM {table}")).await;
        assert_eq!(left, 1, "{table}: the open one");
    }
    let staff = rows(&city, "SELECT staff_id FROM evidence_staff").await;
    assert_eq!(staff, 0, "who submitted goes with what was submitted");
    let erased = said(&city, Did::DataErased).await;
    assert!(erased.contains(&("appeals".to_owned(), 1)), "{erased:?}");
}

async fn the_key_of_a_month_is_not_destroyed_before_appeals_are_sealed_anew(mut city: City) {
    let kept = Kept::new(&city);
    city.restart_with(kept.keys(3)).await;
    let (li, met) = contact(&city, "Li").await;
    let filed = file(&city, &li, &[met]).await;
    let officer = another(&city).await;
    answer(&city, &officer, &filed, decision(&[], "It stands."))
        .await
        .unwrap();
    back_up(&city).await;
    city.pass(hours(24 * 100));
    reseal(&city).await;
    forget(&city).await;
    let first: Month = "2020-02".parse().unwrap();
    assert_eq!(kept.first(), Some(first), "an appeal needs it");
    while city.service.appeals.reseal_next().await.unwrap() {}
    forget(&city).await;
    assert_eq!(kept.first(), Some("2020-03".parse().unwrap()));
    city.restart_with(kept.keys(3)).await;
    let own = city
        .service
        .appeals
        .own(&li.resident)
        .await
        .unwrap()
        .remove(0);
    assert!(own.why.expose().contains("my sister"));
    assert_eq!(own.answer.unwrap().reasons.expose(), "It stands.");

    for table in ["appeal", "appeal_rule", "appealed_evidence"] {
        let put = format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept_{table}");
        city.base.tamper(&put).await;
    }
    match city.service.appeals.own(&li.resident).await {
        Err(ServiceError::Vault(error)) => {
            assert_eq!(error, VaultError::MonthDestroyed { month: first });
        }
        other => panic!("an old backup opens nothing: {other:?}"),
    }
    assert!(!city.service.appeals.reseal_next().await.unwrap());
    forget(&city).await;
}

async fn who_opened_an_appeal_is_read_by_whoever_filed_it(city: City) {
    let (li, met) = contact(&city, "Li").await;
    let filed = file(&city, &li, &[met]).await;
    assert_eq!(city.service.audit.looks(&li.resident).await.unwrap(), []);
    let officer = another(&city).await;
    let appeals = &city.service.appeals;
    appeals.queue(&officer).await.unwrap();
    let looks = city.service.audit.looks(&li.resident).await.unwrap();
    assert_eq!(looks, [], "the queue names nobody");
    appeals
        .to_answer(&officer, li.id(), filed.id)
        .await
        .unwrap();
    let looks = city.service.audit.looks(&li.resident).await.unwrap();
    assert_eq!(looks[0].did, Did::AppealRead);
    assert_eq!(looks[0].office.as_deref(), Some("Commission of Appeals"));
    assert_eq!(city.status(&li).await, YELLOW);
    let decided = decision(&[], "You paid there yourself.");
    answer(&city, &officer, &filed, decided).await.unwrap();
    assert_eq!(city.status(&li).await, RED);
}
