//! People of the small city: they register, declare and prove their phones.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use domain::{Document, DocumentKind};
use jiff::SignedDuration;
use serde_json::json;
use service::{CodeMessage, CodeSender, Notice, SendError, SessionKind};

use super::{City, Person};
use crate::DayPasses;

/// One-time codes that were sent.
#[derive(Default)]
pub(super) struct SentCodes(Mutex<Vec<String>>);

#[async_trait]
impl CodeSender for SentCodes {
    async fn send(&self, message: &CodeMessage) -> Result<(), SendError> {
        assert!(crate::one_time_code_text(message).contains(message.code.expose()));
        self.0.lock().unwrap().push(message.code.expose().clone());
        Ok(())
    }

    async fn tell(&self, notice: &Notice) -> Result<(), SendError> {
        assert!(!crate::notice_text(notice).is_empty());
        Ok(())
    }
}

impl City {
    /// What lets a day pass in the demonstration.
    pub(super) fn day_passes(&self) -> DayPasses {
        let clock = Arc::clone(&self.clock);
        DayPasses::new(move || clock.advance(SignedDuration::from_hours(24)))
    }

    /// Registers somebody who has not declared yet.
    pub(crate) async fn resident(&self, name: &str) -> Person {
        let number = self.people.fetch_add(1, Ordering::SeqCst) + 1;
        let body = json!({
            "name": name,
            "document": { "kind": "99", "number": format!("TEST{number:04}") },
            "phones": ["13800000000"],
        });
        let key = format!("{number:032x}");
        let answer = self
            .post("/api/v1/registrations")
            .key(&key)
            .json(&body)
            .await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let text = |field: &str| answer.json[field].as_str().unwrap().to_owned();
        let token = text("token");
        let resident = self.service.access.resident(&token.parse().unwrap()).await;
        let (resident, accounts) = (resident.unwrap(), &self.service.accounts);
        let session = accounts.begin_session(&resident, SessionKind::Page, None);
        Person {
            person: text("person"),
            token,
            session: session.await.unwrap().expose(),
            document: format!("TEST{number:04}"),
        }
    }

    /// Registers somebody who is well and proves their phone.
    pub(crate) async fn proven_resident(&self, name: &str) -> Person {
        let person = self.well_resident(name).await;
        let asked = self
            .post("/api/v1/me/phone-codes")
            .token(&person.token)
            .await;
        let body = json!({ "challenge": asked.json["challenge"], "code": self.last_code() });
        let proofs = self.post("/api/v1/me/phone-proofs");
        let proven = proofs.token(&person.token).json(&body).await;
        assert_eq!(proven.status, 200, "{proven:?}");
        person
    }

    /// A community worker sees the document of somebody's account.
    pub(crate) async fn is_seen(&self, person: &Person) {
        let access = &self.service.access;
        let resident = access.resident(&person.token.parse().unwrap()).await;
        let worker = access.staff_program(&self.community.parse().unwrap()).await;
        let worker = worker.unwrap().at_the_office().unwrap();
        let document = Document::new(DocumentKind::Other, &person.document).unwrap();
        let account = resident.unwrap().account();
        let accounts = &self.service.accounts;
        let seen = accounts.see(&worker, account, &document, false);
        seen.await.unwrap();
    }

    /// New sessions of somebody: what a program presents, and what a browser does.
    pub(crate) async fn sessions_of(&self, person: &Person) -> (String, String) {
        let token = person.token.parse().unwrap();
        let resident = self.service.access.resident(&token).await.unwrap();
        let accounts = &self.service.accounts;
        let mut begun = Vec::new();
        for kind in [SessionKind::Api, SessionKind::Page] {
            let session = accounts.begin_session(&resident, kind, None).await;
            begun.push(session.unwrap().expose());
        }
        (begun.remove(0), begun.remove(0))
    }

    /// The one-time code that was sent last.
    pub(crate) fn last_code(&self) -> String {
        self.codes.0.lock().unwrap().last().unwrap().clone()
    }

    /// Registers somebody who declares to be well.
    pub(crate) async fn well_resident(&self, name: &str) -> Person {
        let person = self.resident(name).await;
        let body = json!({ "declaration": { "contact": "none" } });
        let answer = self.declare(&person, &body).await;
        assert_eq!(answer.json["status"], "green", "{answer:?}");
        person
    }
}
