//! What is done at the counter of an office, for the test of the log.

use domain::{AuthorityKind, Role};
use service::{AtCounter, Did, Subject};

use crate::city::{City, Persona};

/// Does each act for a holder of whom nobody else said anything, and asks for one that takes a second
/// worker; what must be in the log of it.
pub async fn at_the_counter(city: &City, holder: &Persona) -> &'static [Did] {
    let accounts = &city.service.accounts;
    let kind = AuthorityKind::Community;
    let office = city.office(kind, "North Community Office").await;
    let worker = city.hire(&office, "Xiao Bai", &[Role::CommunityWorker]);
    let by = worker.await.at_the_office().unwrap();
    let (account, document) = (holder.resident.account(), &holder.document);
    accounts.claims_of(&by, document).await.unwrap();
    accounts.see(&by, account, document, false).await.unwrap();
    let ward = city.resident("Child").await.document;
    let guardian = (account, document);
    accounts.add_ward(&by, guardian, &ward, None).await.unwrap();
    let ended = accounts.end_holding_in_office(&by, account, &ward);
    ended.await.unwrap();
    let card = accounts.card_holder(&by, document);
    card.await.unwrap();
    accounts.release(&by, account, document).await.unwrap();
    // Of somebody of whom something is known it takes two.
    let known = city.resident("Jing").await;
    let subject = Subject::Document(known.document.clone());
    let contact = city.contact(1);
    city.try_submit(city.health.submitter(), subject, contact)
        .await;
    let asked = accounts.see(&by, known.resident.account(), &known.document, false);
    assert_eq!(asked.await.unwrap(), AtCounter::WaitsForSecond);
    &[
        Did::DocumentLookedUp,
        Did::AccountBound,
        Did::WardAdded,
        Did::WardEnded,
        Did::CardPrinted,
        Did::AccountReleased,
        Did::SecondWorkerAsked,
    ]
}
