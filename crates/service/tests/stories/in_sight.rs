//! What was done with somebody stays in their sight, and what they consented to is no more than that: each
//! was open in an attack on the running program.

use domain::{FactKind, PersonId};
use futures::future::join_all;
use service::{
    AtCounter, Did, DisclosureRequest, Finding, Happened, Look, Purpose, RecordRequest,
    ServiceError, Staff, Stated, Subject,
};

use crate::accounts::{again, office, see};
use crate::city::{City, Persona, hours};

crate::stories! {
    a_document_is_bound_to_one_account_of_two_at_the_same_instant
    what_was_done_before_a_binding_is_read_after_it
    many_looks_push_no_other_out_of_sight
    a_consent_shows_a_code_and_nothing_else_and_what_it_showed_ends_with_it
    a_disclosure_that_was_widened_in_the_database_is_not_handed_out
    a_look_that_somebody_put_into_the_database_is_not_read_as_one
    what_the_database_does_by_itself_is_found
    a_day_of_look_ups_pushes_nothing_else_out_of_sight
}

async fn open(city: &City, by: &Staff, person: PersonId, (case, unmasked): (&str, bool)) {
    let opening = RecordRequest {
        subject: Subject::Person(person),
        why: Stated::new(Purpose::CaseInvestigation, case).unwrap(),
        unmasked,
    };
    city.service.records.open(by, &opening).await.unwrap();
}

async fn looks(city: &City, who: &Persona) -> Vec<Look> {
    city.service.audit.looks(&who.resident).await.unwrap()
}

async fn a_document_is_bound_to_one_account_of_two_at_the_same_instant(city: City) {
    for name in ["Li", "Wu", "Bai", "Lan"] {
        let (one, other) = (
            city.register(name, None).await,
            city.register(name, None).await,
        );
        let by = office(&city).await;
        let accounts = &city.service.accounts;
        let bound = [&one, &other].map(|who| {
            let account = who.resident.account();
            accounts.see(&by, account, &one.document, false)
        });
        let bound = join_all(bound).await;
        let done = bound
            .iter()
            .filter(|one| matches!(one, Ok(AtCounter::Done)));
        assert_eq!(done.count(), 1, "{bound:?}");
        let refused = bound
            .iter()
            .filter(|one| matches!(one, Err(ServiceError::AlreadySeen)));
        assert_eq!(refused.count(), 1, "{bound:?}");
    }
}

async fn what_was_done_before_a_binding_is_read_after_it(city: City) {
    let li = city.resident("Li").await;
    let officer = city.fresh(city.health.id()).await;
    open(&city, &officer, li.id(), ("case 7", true)).await;
    let before = looks(&city, &li).await;
    assert!(before.iter().any(|look| look.did == Did::PersonUnmasked));
    see(&city, &li, false).await.unwrap();
    let li = again(&city, &li).await;
    let after = looks(&city, &li).await;
    let unmasked = after.iter().find(|look| look.did == Did::PersonUnmasked);
    let why = unmasked.and_then(|look| look.why.as_ref());
    assert_eq!(why.and_then(Stated::reference), Some("case 7"), "{after:?}");
    assert!(after.iter().any(|look| look.did == Did::AccountBound));
}

async fn many_looks_push_no_other_out_of_sight(city: City) {
    let li = city.resident("Li").await;
    let officer = city.fresh(city.health.id()).await;
    open(&city, &officer, li.id(), ("case 7", true)).await;
    for _ in 0..110 {
        open(&city, &officer, li.id(), ("case 8", false)).await;
    }
    for case in 0..15 {
        open(&city, &officer, li.id(), (&format!("case {case}"), false)).await;
    }
    let found = looks(&city, &li).await;
    assert!(
        found.iter().any(|look| look.did == Did::PersonUnmasked),
        "{found:?}"
    );
    let reference = |look: &&Look| look.why.as_ref().and_then(Stated::reference) == Some("case 8");
    let same: Vec<u32> = found
        .iter()
        .filter(reference)
        .map(|look| look.times)
        .collect();
    assert_eq!(same.iter().sum::<u32>(), 111, "{same:?}");
    assert!(same.len() <= 2, "one, or two over midnight: {same:?}");
}

async fn a_consent_shows_a_code_and_nothing_else_and_what_it_showed_ends_with_it(city: City) {
    let (li, wu) = (city.resident("Li").await, city.resident("Wu").await);
    let wu = city.prove_phone(wu).await;
    let accounts = &city.service.accounts;
    let text = accounts.consent(&wu.resident).await.unwrap();
    let taken = accounts.take_up_consent(&li.resident, text.expose());
    taken.await.unwrap();
    let now = again(&city, &li).await;
    let as_wu = now.resident.clone().acting_for(wu.id()).unwrap();
    let refused = city.service.audit.looks(&as_wu).await;
    assert!(
        matches!(refused, Err(ServiceError::OnlyShown)),
        "{refused:?}"
    );
    let refused = city.service.disclosures.own(&as_wu).await;
    assert!(
        matches!(refused, Err(ServiceError::OnlyShown)),
        "{refused:?}"
    );
    let shown = city.service.codes.card(&as_wu).await.unwrap();
    let text = shown.text.unwrap();
    let settings = credential::Settings::default();
    city.service.checks.verify(&text, &settings).unwrap();

    let ended = accounts.end_consent(&wu.resident, li.resident.account());
    ended.await.unwrap();
    let refused = city.service.checks.verify(&text, &settings);
    assert!(
        matches!(refused, Err(credential::Refusal::Revoked { .. })),
        "{refused:?}"
    );
    // Their own page shows a fresh one at once.
    let own = city.service.codes.card(&wu.resident).await.unwrap();
    let own = own.text.unwrap();
    city.service.checks.verify(&own, &settings).unwrap();
}

async fn a_disclosure_that_was_widened_in_the_database_is_not_handed_out(city: City) {
    let (li, wu) = (city.resident("Li").await, city.resident("Wu").await);
    let (officer, approver) = (city.fresh(city.health.id()).await, city.approver().await);
    let asked = DisclosureRequest {
        people: vec![li.subject()],
        basis: "Criminal Procedure Law, article 54".to_owned(),
        recipient: "City Police".to_owned(),
        kinds: vec![FactKind::Contact],
        from: city.ago(48),
        until: city.now(),
        with_identity: false,
        delay: hours(0),
        ends: city.now() + hours(24),
    };
    let disclosures = &city.service.disclosures;
    let id = disclosures.propose(&officer, asked).await.unwrap().id;
    let approved = disclosures.approve(&approver, id, "a judge signed it");
    approved.await.unwrap();
    disclosures.extract(&officer, id).await.unwrap();
    let widen = format!(
        "UPDATE proposal SET content = REPLACE(content, '{}', '{}') WHERE kind = 'disclosure'",
        li.id(),
        wu.id()
    );
    city.base.tamper(&widen).await;
    let refused = disclosures.extract(&officer, id).await;
    assert!(
        matches!(refused, Err(ServiceError::LogBroken { .. })),
        "{refused:?}"
    );
}

async fn a_look_that_somebody_put_into_the_database_is_not_read_as_one(city: City) {
    let (li, wu) = (city.resident("Li").await, city.resident("Wu").await);
    let officer = city.fresh(city.health.id()).await;
    open(&city, &officer, li.id(), ("case 7", true)).await;
    let hex = |id: PersonId| id.to_string();
    let (of_li, of_wu) = match city.base.url.starts_with("sqlite:") {
        true => (
            format!("x'{}'", hex(li.id())),
            format!("x'{}'", hex(wu.id())),
        ),
        false => (
            format!("'\\x{}'::BYTEA", hex(li.id())),
            format!("'\\x{}'::BYTEA", hex(wu.id())),
        ),
    };
    let put = format!(
        "INSERT INTO audit_person (person_id, commitment, recorded_at) \
         SELECT {of_wu}, commitment, recorded_at FROM audit_person WHERE person_id = {of_li}"
    );
    city.base.tamper(&put).await;
    assert!(!looks(&city, &li).await.is_empty());
    assert_eq!(looks(&city, &wu).await, []);
}

async fn what_the_database_does_by_itself_is_found(city: City) {
    city.service.audit.checkpoint().await.unwrap();
    let trigger = match city.base.url.starts_with("sqlite:") {
        true => "CREATE TRIGGER thief AFTER INSERT ON audit_entry BEGIN SELECT 1; END",
        false => {
            "CREATE FUNCTION thief() RETURNS TRIGGER LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; \
             CREATE TRIGGER thief AFTER INSERT ON audit_entry FOR EACH ROW EXECUTE FUNCTION thief()"
        }
    };
    city.base.tamper(trigger).await;
    let found = crate::ends::verify(&city).await.findings;
    let name = "thief".to_owned();
    assert!(found.contains(&Finding::Trigger { name }), "{found:?}");
}

async fn a_day_of_look_ups_pushes_nothing_else_out_of_sight(city: City) {
    let li = city.resident("Li").await;
    see(&city, &li, false).await.unwrap();
    let (li, by) = (again(&city, &li).await, office(&city).await);
    let accounts = &city.service.accounts;
    let kinds = async || {
        let security = accounts.security(&li.resident).await.unwrap();
        let kinds: Vec<Happened> = security.events.iter().map(|one| one.kind).collect();
        kinds
    };
    let before = kinds().await;
    assert!(before.contains(&Happened::Seen), "{before:?}");
    for _ in 0..120 {
        accounts.claims_of(&by, &li.document).await.unwrap();
    }
    let after = kinds().await;
    assert!(after.contains(&Happened::Seen), "{after:?}");
    let looked = after.iter().filter(|kind| **kind == Happened::LookedUp);
    assert_eq!(looked.count(), 1, "{after:?}");
}
