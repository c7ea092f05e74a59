//! What people declared, held against what others recorded: found, heard, settled.

use domain::evidence::{ContradictionAbout, OpenPeriod, StayMode, StaySource};
use domain::{AuthorityKind, Fact, Level, Region, RegionLevel, Role};
use service::{ContradictionOutcome, ContradictionView, Did, Keys, ServiceError, Submitter};

use crate::accounts::{again, see};
use crate::audit::{auditor, entries};
use crate::city::{City, GREEN, POLICY, Persona, YELLOW, hours, stayed, well};
use crate::regions::living_in;

crate::stories! {
    what_a_hotel_recorded_is_evidence_once_the_person_was_heard_and_never_red_by_itself
    nobody_is_judged_unheard
    a_person_who_can_be_reached_is_asked_once_before_anybody_decides
    what_is_dismissed_changes_nothing_and_is_not_found_again
    what_was_taken_back_or_named_after_all_contradicts_nothing_any_more
    who_recorded_it_or_is_of_another_region_settles_nothing
    nobody_submits_a_contradiction_past_the_person
    a_binding_takes_along_what_waits
    what_is_said_is_read_after_the_vault_was_sealed_anew
    without_the_table_in_the_policy_nothing_is_compared
}

/// The policy of the stories, which compares, and reads what was confirmed.
pub async fn comparing(city: &City) {
    let rule = "\n[contradictions]\nstays = \"medium\"\nhear_within = \"48h\"\n\n\
                [[rule]]\nid = \"contradiction\"\nreads = \"contradiction\"\ngives = \"yellow\"\n\
                starts = \"at\"\nlasts = \"7d\"\n\
                title.en = \"Records say something else\"\n\
                reason.en = \"What was recorded does not fit what you declared.\"\n\
                guidance.en = \"Stay at home until {until}.\"\n\
                title.zh = \"与记录不符\"\nreason.zh = \"申报与记录不符。\"\nguidance.zh = \"请居家至{until}。\"\n";
    let text = POLICY.replace("version = 1", "version = 2") + rule;
    let by = city.publisher().await;
    let publishing = &city.service.publishing;
    publishing.publish_policy(&by, &text).await.unwrap();
    let level = RegionLevel {
        region: "4201".parse().unwrap(),
        level: Level::Medium,
        from: city.ago(24 * 30),
        until: None,
    };
    publishing.publish_levels(&by, &[level]).await.unwrap();
}

async fn hotels(city: &City) -> Submitter {
    let kind = AuthorityKind::Transport;
    city.feed_reporting_of(kind, "Lake Hotels", "CN").await
}

/// A night in Wuhan, five days ago.
fn night(city: &City) -> Fact {
    let night = OpenPeriod::new(city.ago(24 * 5), Some(city.ago(24 * 5 - 10))).unwrap();
    let wuhan: Region = "420102".parse().unwrap();
    Fact::stay(wuhan, night, StayMode::Stay, StaySource::Hotel)
}

pub async fn compare(city: &City) {
    while city.service.contradictions.find_next().await.unwrap() {}
}

/// Somebody who says to have been at home, and whom a hotel saw in Wuhan.
async fn contradicted(city: &City, name: &'static str) -> (Persona, ContradictionView) {
    comparing(city).await;
    let who = living_in(city, name, "330106").await;
    city.submit(&hotels(city).await, &who, night(city)).await;
    compare(city).await;
    let [found] = &own(city, &who).await[..] else {
        panic!("one contradiction")
    };
    (who, found.clone())
}

async fn own(city: &City, who: &Persona) -> Vec<ContradictionView> {
    let contradictions = &city.service.contradictions;
    contradictions.own(&who.resident).await.unwrap()
}

async fn what_a_hotel_recorded_is_evidence_once_the_person_was_heard_and_never_red_by_itself(
    city: City,
) {
    let (li, found) = contradicted(&city, "Li").await;
    assert_eq!(found.about, ContradictionAbout::Stay);
    assert_eq!(found.hear_by, city.now() + hours(48));
    assert_eq!(found.recorded_by.as_ref().unwrap().name, "Lake Hotels");
    assert_eq!(
        city.status(&li).await,
        GREEN,
        "what is found is no evidence"
    );
    let contradictions = &city.service.contradictions;
    let said = contradictions.say(&li.resident, found.id, "My brother used my card.");
    assert!(said.await.unwrap().said.is_some());

    let officer = city.officer_of("Commission of Records").await;
    let queue = contradictions.queue(&officer).await.unwrap();
    assert_eq!((queue.len(), queue[0].is_heard), (1, true));
    let read = contradictions
        .to_settle(&officer, li.id(), found.id)
        .await
        .unwrap();
    assert!(read.is_ripe && !read.is_own);
    let heard = read.contradiction.said.unwrap();
    assert!(!heard.is_written_down);
    assert_eq!(heard.words.expose(), "My brother used my card.");
    for reasons in ["", "   "] {
        let refused = contradictions
            .confirm(&officer, li.id(), found.id, reasons)
            .await;
        let is_refused = matches!(
            refused,
            Err(ServiceError::BadField {
                field: "reasons",
                ..
            })
        );
        assert!(is_refused, "{refused:?}");
    }
    let reasons = "The desk knows you by your face.";
    let confirmed = contradictions
        .confirm(&officer, li.id(), found.id, reasons)
        .await;
    let settled = confirmed.unwrap().settled.unwrap();
    assert_eq!(settled.outcome, ContradictionOutcome::Confirmed);
    assert_eq!(city.status(&li).await, YELLOW);
    let again = contradictions
        .dismiss(&officer, li.id(), found.id, reasons)
        .await;
    assert!(
        matches!(again, Err(ServiceError::ContradictionSettled)),
        "{again:?}"
    );
    compare(&city).await;
    let known = own(&city, &li).await;
    assert_eq!(known.len(), 1, "found again it is the same");
    let settled = known[0].settled.as_ref().unwrap();
    assert_eq!(settled.reasons.expose(), reasons);
    assert_eq!(
        settled.authority.as_ref().unwrap().name,
        "Commission of Records"
    );
    let looks = city.service.audit.looks(&li.resident).await.unwrap();
    assert!(looks.iter().any(|look| look.did == Did::ContradictionRead));
    let all = entries(&city, &auditor(&city).await).await;
    let done = all.iter().filter_map(|one| one.entry.as_ref());
    let done: Vec<Did> = done.map(|entry| entry.did).collect();
    for did in [
        Did::ContradictionHeard,
        Did::ContradictionsListed,
        Did::ContradictionSettled,
    ] {
        assert!(done.contains(&did), "{did}");
    }
}

async fn nobody_is_judged_unheard(city: City) {
    let (li, found) = contradicted(&city, "Li").await;
    let contradictions = &city.service.contradictions;
    let officer = city.officer_of("Commission of Records").await;
    let confirm = async || {
        let officer = city.fresh(officer.id()).await;
        contradictions
            .confirm(&officer, li.id(), found.id, "The desk says so.")
            .await
    };
    let refused = confirm().await;
    assert!(
        matches!(refused, Err(ServiceError::NotHeard { .. })),
        "{refused:?}"
    );
    // An officer who telephones writes down what they hear.
    let words = "I was there for my mother's funeral and forgot to say so.";
    let heard = contradictions
        .write_down(&officer, li.id(), found.id, words)
        .await;
    assert_eq!(heard.unwrap().said.unwrap().words.expose(), words);
    let alone = confirm().await;
    assert!(
        matches!(alone, Err(ServiceError::NotHeard { .. })),
        "who wrote the words down does not judge by them: {alone:?}"
    );
    // What the person writes is theirs, and nobody writes over it.
    let theirs = "I forgot it, and I am sorry.";
    contradictions
        .say(&li.resident, found.id, theirs)
        .await
        .unwrap();
    let over = contradictions
        .write_down(&officer, li.id(), found.id, "She lied.")
        .await;
    let is_refused = matches!(over, Err(ServiceError::BadField { field: "words", .. }));
    assert!(is_refused, "{over:?}");
    assert!(confirm().await.is_ok());

    let (wu, found) = (living_in(&city, "Wu", "330106").await, hotels(&city).await);
    city.submit(&found, &wu, night(&city)).await;
    city.pass(hours(24));
    compare(&city).await;
    let found = own(&city, &wu).await.remove(0);
    city.pass(hours(47));
    let officer = city.fresh(officer.id()).await;
    let early = contradictions
        .confirm(&officer, wu.id(), found.id, "No answer.")
        .await;
    assert!(
        matches!(early, Err(ServiceError::NotHeard { .. })),
        "{early:?}"
    );
    city.pass(hours(1));
    let officer = city.fresh(officer.id()).await;
    let late = contradictions
        .confirm(&officer, wu.id(), found.id, "No answer.")
        .await;
    assert!(late.is_ok(), "who had the time to answer: {late:?}");
}

async fn what_is_dismissed_changes_nothing_and_is_not_found_again(city: City) {
    let (li, found) = contradicted(&city, "Li").await;
    let contradictions = &city.service.contradictions;
    let officer = city.officer_of("Commission of Records").await;
    let reasons = "Another guest of the same name.";
    let dismissed = contradictions
        .dismiss(&officer, li.id(), found.id, reasons)
        .await;
    let settled = dismissed.unwrap().settled.unwrap();
    assert_eq!(settled.outcome, ContradictionOutcome::Dismissed);
    city.pass(hours(24));
    compare(&city).await;
    assert_eq!(own(&city, &li).await.len(), 1);
    let officer = city.fresh(officer.id()).await;
    assert_eq!(contradictions.queue(&officer).await.unwrap(), []);
    assert_eq!(city.status(&li).await, GREEN);
    let too_late = contradictions
        .say(&li.resident, found.id, "Thank you.")
        .await;
    assert!(matches!(too_late, Err(ServiceError::ContradictionSettled)));
}

async fn what_was_taken_back_or_named_after_all_contradicts_nothing_any_more(city: City) {
    let (li, found) = contradicted(&city, "Li").await;
    let contradictions = &city.service.contradictions;
    let officer = city.officer_of("Commission of Records").await;
    contradictions
        .say(&li.resident, found.id, "Oh, that night.")
        .await
        .unwrap();
    let named = [stayed("4201", city.ago(24 * 5), Some(city.ago(24 * 4)))];
    let people = &city.service.people;
    let declared = people.declare(&li.resident, None, well(), &named);
    declared.await.unwrap();
    let refused = contradictions
        .confirm(&officer, li.id(), found.id, "So it was.")
        .await;
    assert!(
        matches!(refused, Err(ServiceError::UnknownContradiction)),
        "{refused:?}"
    );
    city.pass(hours(24));
    compare(&city).await;
    let settled = own(&city, &li).await.remove(0).settled.unwrap();
    assert_eq!(settled.outcome, ContradictionOutcome::Dropped);
    assert_eq!(settled.authority, None);
    assert_eq!(city.status(&li).await, GREEN);
}

async fn who_recorded_it_or_is_of_another_region_settles_nothing(city: City) {
    comparing(&city).await;
    let li = living_in(&city, "Li", "330106").await;
    let officer = city.officer_of("Commission of Records").await;
    city.submit(officer.submitter(), &li, night(&city)).await;
    compare(&city).await;
    let found = own(&city, &li).await.remove(0);
    let contradictions = &city.service.contradictions;
    contradictions
        .say(&li.resident, found.id, "No.")
        .await
        .unwrap();
    let read = contradictions.to_settle(&officer, li.id(), found.id).await;
    assert!(read.unwrap().is_own);
    for refused in [
        contradictions
            .confirm(&officer, li.id(), found.id, "Mine.")
            .await,
        contradictions
            .dismiss(&officer, li.id(), found.id, "Mine.")
            .await,
    ] {
        assert!(
            matches!(refused, Err(ServiceError::OwnRecord)),
            "{refused:?}"
        );
    }
    let far: Region = "5101".parse().unwrap();
    let office = city
        .office_in(AuthorityKind::Health, "Chengdu Commission", far)
        .await;
    let stranger = city.hire(&office, "Dr Qiu", &[Role::HealthOfficer]).await;
    assert_eq!(contradictions.queue(&stranger).await.unwrap(), []);
    let read = contradictions.to_settle(&stranger, li.id(), found.id).await;
    assert!(matches!(read, Err(ServiceError::UnknownContradiction)));
    let wu = living_in(&city, "Wu", "330106").await;
    let others = contradictions
        .say(&wu.resident, found.id, "Not mine.")
        .await;
    assert!(matches!(others, Err(ServiceError::UnknownContradiction)));
}

async fn nobody_submits_a_contradiction_past_the_person(city: City) {
    let li = city.resident("Li").await;
    let lied = Fact::contradiction(city.now(), ContradictionAbout::Stay);
    let carrier = hotels(&city).await;
    for by in [city.health.submitter(), &carrier] {
        let receipt = city.try_submit(by, li.subject(), lied.clone()).await;
        assert_eq!(receipt.refused[0].field, "kind", "{receipt:?}");
    }
    assert_eq!(city.status(&li).await, GREEN);
}

async fn a_person_who_can_be_reached_is_asked_once_before_anybody_decides(city: City) {
    comparing(&city).await;
    let li = living_in(&city, "Li", "330106").await;
    see(&city, &li, false).await.unwrap();
    let (li, wu) = (
        again(&city, &li).await,
        living_in(&city, "Wu", "330106").await,
    );
    for who in [&li, &wu] {
        city.submit(&hotels(&city).await, who, night(&city)).await;
    }
    compare(&city).await;
    let asked = || city.messages.to_be_heard.lock().unwrap().clone();
    let out_of_order = |is: bool| *city.messages.is_out_of_order.lock().unwrap() = is;
    let deliver = async || city.service.outbox.deliver().await;
    out_of_order(true);
    let failed = deliver().await.unwrap_err();
    assert!(matches!(failed, ServiceError::Notify(_)), "{failed:?}");
    out_of_order(false);
    assert_eq!(asked(), [""; 0], "it waits");
    for _ in 0..2 {
        deliver().await.unwrap();
    }
    // Wu was seen by nobody: whose phone that is nobody knows.
    let identity = city
        .service
        .people
        .own_identity(&li.resident)
        .await
        .unwrap();
    let digits = |text: &str| {
        text.chars()
            .filter(char::is_ascii_digit)
            .collect::<String>()
    };
    let own = digits(identity.phones[0].expose());
    let [phone] = &asked()[..] else {
        panic!("one message: {:?}", asked())
    };
    assert!(phone.ends_with(&own[own.len() - 8..]), "to the own phone");
    city.pass(hours(25));
    compare(&city).await;
    deliver().await.unwrap();
    assert_eq!(
        asked().len(),
        1,
        "found again on the next day it is the same"
    );
    let found = &self::own(&city, &li).await[0];
    let officer = city.officer_of("Commission of Records").await;
    let contradictions = &city.service.contradictions;
    let confirmed = contradictions.confirm(&officer, li.id(), found.id, "You were there.");
    assert!(
        matches!(confirmed.await, Err(ServiceError::NotHeard { .. })),
        "there is time to answer"
    );
}

async fn a_binding_takes_along_what_waits(city: City) {
    let (li, found) = contradicted(&city, "Li").await;
    let contradictions = &city.service.contradictions;
    let said = contradictions.say(&li.resident, found.id, "It was my brother.");
    said.await.unwrap();
    see(&city, &li, false).await.unwrap();
    let seen = again(&city, &li).await;
    assert_ne!(seen.id(), li.id());
    let moved = own(&city, &seen).await;
    assert_eq!(moved.len(), 1);
    assert!(moved[0].declared.is_some() && moved[0].recorded.is_some());
    let heard = moved[0].said.as_ref().unwrap();
    assert_eq!(heard.words.expose(), "It was my brother.");
    city.pass(hours(24));
    compare(&city).await;
    assert_eq!(own(&city, &seen).await.len(), 1, "it is not found twice");
    let officer = city.officer_of("Commission of Records").await;
    // The officer read it before the proof.
    let confirmed = contradictions.confirm(&officer, li.id(), found.id, "No brother.");
    let confirmed = confirmed.await.unwrap();
    assert_eq!((confirmed.person, confirmed.id), (seen.id(), moved[0].id));
    let twice = contradictions.dismiss(&officer, li.id(), found.id, "A brother.");
    let twice = twice.await;
    assert!(
        matches!(twice, Err(ServiceError::ContradictionSettled)),
        "{twice:?}"
    );
    assert_eq!(city.status(&seen).await, YELLOW);
    // It is not found again under the number that nobody answers for.
    city.pass(hours(25));
    compare(&city).await;
    let officer = city.officer_of("Commission of Late Records").await;
    let queue = city.service.contradictions.queue(&officer).await.unwrap();
    assert!(queue.iter().all(|one| one.person == seen.id()), "{queue:?}");
}

async fn what_is_said_is_read_after_the_vault_was_sealed_anew(mut city: City) {
    let (li, found) = contradicted(&city, "Li").await;
    let contradictions = &city.service.contradictions;
    let said = contradictions.say(&li.resident, found.id, "It was my brother.");
    said.await.unwrap();
    let mut both = Keys::from_secret(&[3; 32]);
    both.vault = both.vault.with_seal(2, [9; 32]);
    city.restart_with(both.clone()).await;
    while city.service.contradictions.reseal_next().await.unwrap() {}
    let mut second = both;
    second.vault = second.vault.without_seal(1);
    city.restart_with(second).await;
    let read = own(&city, &li).await.remove(0).said.unwrap();
    assert_eq!(read.words.expose(), "It was my brother.");
}

async fn without_the_table_in_the_policy_nothing_is_compared(city: City) {
    let li = living_in(&city, "Li", "330106").await;
    city.submit(&hotels(&city).await, &li, night(&city)).await;
    compare(&city).await;
    assert_eq!(own(&city, &li).await.len(), 0);
}
