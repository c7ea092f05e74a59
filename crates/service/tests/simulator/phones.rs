//! What people do with their phones, and what checkpoints fetch.

use credential::{HolderKey, StatusLists};
use domain::IdSource;
use service::{AskedFrom, IssuedCode, Resident, Service, ServiceError};

use crate::city::Phone;
use crate::invariants;
use crate::model::{HeldCode, Offline};
use crate::operations::{Node, Shown};
use crate::world::World;

/// So many codes are shown at every step.
const MOST_CODES: usize = 16;

impl World {
    /// Somebody is given a code, and keeps it.
    pub async fn take_code(&mut self, node: Node, who: u8, shown: Shown) {
        let Some(of) = self.model.person(who) else {
            return;
        };
        let (service, resident) = (self.node(node), self.resident(node, of).await);
        let person = resident.person();
        let issued = match shown {
            Shown::Live => self.live_code(&service, &resident, of).await,
            Shown::Plain => service.codes.plain_code(&resident).await,
            Shown::Card => service.codes.card(&resident).await,
        };
        // It may have decided again whose time had come.
        self.model.wrote(node);
        let code = match issued {
            Ok(code) => code,
            Err(ServiceError::Undeclared) => {
                invariants::who_gets_no_code_is_undeclared(self, node, person).await;
                return self.model.count("undeclared");
            }
            Err(ServiceError::CutOff) => return self.model.count("cut off"),
            Err(ServiceError::Signing(why)) if why.contains("older") => {
                return self.model.count("old keys");
            }
            Err(error) => panic!("no code: {error}"),
        };
        invariants::a_code_is_of_the_colour_decided(self, node, person, &code).await;
        self.model.count("a code");
        self.model.codes.push(HeldCode { person, of, code });
        if self.model.codes.len() > MOST_CODES {
            self.model.codes.remove(0);
        }
    }

    /// A code for today's key of a phone, enrolled where there is none.
    async fn live_code(
        &mut self,
        service: &Service,
        resident: &Resident,
        of: usize,
    ) -> service::Result<IssuedCode> {
        if let Some(phone) = &self.model.people[of].phone {
            let issued = service.codes.live_code(resident, phone.device).await;
            // Its day is over.
            if !matches!(issued, Err(ServiceError::UnknownDevice)) {
                return issued;
            }
        }
        let mut secret = [0; 32];
        self.city.ids.fill(&mut secret);
        let key = HolderKey::from_bytes(secret).unwrap();
        let public = key.public_key().unwrap().to_bytes().to_vec();
        let enrolled = service.codes.enrol(resident, &[public], 0).await?;
        let device = enrolled[0].device;
        // What was shown by the key before is shown no more.
        self.model
            .codes
            .retain(|held| held.of != of || held.code.text.is_some());
        self.model.people[of].phone = Some(Phone { device, key });
        service.codes.live_code(resident, device).await
    }

    /// What somebody shows now: of a live code another text each time.
    pub fn text_of(&self, held: &HeldCode) -> String {
        match (&held.code.text, &self.model.people[held.of].phone) {
            (Some(text), _) => text.clone(),
            (None, Some(phone)) => self.city.show(phone, &held.code),
            (None, None) => panic!("a live code without a phone"),
        }
    }

    /// Somebody opens their page.
    pub async fn look(&mut self, node: Node, who: u8) {
        let Some(of) = self.model.person(who) else {
            return;
        };
        let resident = self.resident(node, of).await;
        self.model.wrote(node);
        let report = self.node(node).people.status(&resident, "en").await;
        invariants::a_page_says_why_and_until_when(self, node, &report.unwrap()).await;
    }

    /// Somebody proves their phone; they stay who they are.
    pub async fn prove_phone(&mut self, node: Node, who: u8) {
        let Some(of) = self.model.person(who) else {
            return;
        };
        let (service, resident) = (self.node(node), self.resident(node, of).await);
        self.model.wrote(node);
        let accounts = &service.accounts;
        let sent = accounts
            .send_phone_code(&resident, AskedFrom::HERE, "en")
            .await;
        let challenge = match sent {
            Ok(challenge) => challenge,
            Err(ServiceError::TooManyCodes { .. }) => return,
            Err(error) => panic!("{error}"),
        };
        let sent = self.city.messages.codes.lock().unwrap().pop();
        let Some((_, code)) = sent else {
            // Somebody else was sent so many to this number that this one was not.
            return;
        };
        match accounts.prove_phone(&resident, challenge, &code).await {
            Ok(_) => self.model.count("a proven phone"),
            Err(ServiceError::WrongCode) => {}
            Err(error) => panic!("{error}"),
        }
        let proven = self.resident(node, of).await;
        assert_eq!(proven.person(), resident.person());
    }

    /// A checkpoint fetches the trust list and the status lists of a node that is not behind.
    pub fn fetch(&mut self, node: Node) {
        let service = self.node(node);
        if !self.model.knows(node) {
            return;
        }
        let trust = service.checks.trusted_keys();
        let mut lists = StatusLists::new();
        for number in 0..service.codes.status_lists() {
            let list = match service.codes.status_list(number) {
                Ok(list) => list,
                // It may not know of restrictions.
                Err(ServiceError::CutOff) => return,
                Err(ServiceError::Signing(why)) if why.contains("older") => return,
                Err(error) => panic!("{error}"),
            };
            lists.add(&list.token, &trust).unwrap();
        }
        self.model.offline = Some(Offline {
            trust,
            lists,
            fetched_at: self.city.now(),
            step: self.model.step,
        });
    }
}
