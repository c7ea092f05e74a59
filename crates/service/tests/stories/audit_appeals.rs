//! What of appeals and of contradictions is in the log.

use domain::evidence::{OpenPeriod, StayMode, StaySource};
use domain::{Fact, Region};
use service::{AppealDecision, AppealRequest, Did};

use crate::city::{City, Persona};
use crate::contradictions::{compare, comparing};
use crate::regions::living_in;

/// Appeals of somebody, read and answered by another officer than who submitted the evidence.
pub async fn answering(city: &City, who: &Persona) -> &'static [Did] {
    city.submit(city.health.submitter(), who, city.contact(5))
        .await;
    let request = AppealRequest {
        request: None,
        against: Vec::new(),
        why: "I was at work".to_owned(),
        file: Some(b"%PDF-1.7\n1 0 obj << /Type /Catalog >> endobj\ntrailer\n%%EOF\n".to_vec()),
    };
    let appeals = &city.service.appeals;
    let filed = appeals.file(&who.resident, request).await.unwrap();
    let (person, id) = (who.id(), filed.id);
    let officer = city.officer_of("Commission of Appeals").await;
    appeals.queue(&officer).await.unwrap();
    appeals.to_answer(&officer, person, id).await.unwrap();
    appeals.file_to_look_at(&officer, person, id).await.unwrap();
    let decision = AppealDecision {
        reasons: "the list was right".to_owned(),
        withdraw: Vec::new(),
        add: Vec::new(),
    };
    let answered = appeals.answer(&officer, person, id, decision);
    answered.await.unwrap();
    &[
        Did::AppealFiled,
        Did::AppealsListed,
        Did::AppealRead,
        Did::AppealFileRead,
        Did::AppealAnswered,
    ]
}

/// A contradiction, heard, read and dismissed.
pub async fn settling(city: &City) -> &'static [Did] {
    comparing(city).await;
    let who = living_in(city, "Traveller", "330106").await;
    let night = OpenPeriod::new(city.ago(24 * 5), Some(city.ago(24 * 5 - 10))).unwrap();
    let wuhan: Region = "420102".parse().unwrap();
    let recorded = Fact::stay(wuhan, night, StayMode::Stay, StaySource::Hotel);
    city.submit(city.health.submitter(), &who, recorded).await;
    compare(city).await;
    let contradictions = &city.service.contradictions;
    let found = contradictions.own(&who.resident).await.unwrap();
    let (person, id) = (who.id(), found[0].id);
    let said = contradictions.say(&who.resident, id, "I was at home.");
    said.await.unwrap();
    let officer = city.officer_of("Commission of Appeals").await;
    contradictions.queue(&officer).await.unwrap();
    let read = contradictions.to_settle(&officer, person, id).await;
    assert!(read.unwrap().is_ripe);
    let dismissed = contradictions.dismiss(&officer, person, id, "a mix-up");
    dismissed.await.unwrap();
    &[
        Did::ContradictionHeard,
        Did::ContradictionsListed,
        Did::ContradictionRead,
        Did::ContradictionSettled,
    ]
}
