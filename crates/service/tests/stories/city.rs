//! A small city: its authorities, its people, and what they do all day.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use credential::HolderKey;
use domain::evidence::{ContactAnswer, Period, Relation, Ring, StayMode, Symptoms};
use domain::{
    AuthorityKind, Clock, Colour, DeviceId, Document, DocumentKind, EvidenceId, Fact, IdSource,
    Identity, ManualClock, PersonId, Pii, Region, RequestKey, Status, Timestamp, VenueId,
};
use jiff::SignedDuration;
use service::{
    CaseReport, Declaration, Dependencies, IssuedCode, Item, Keys, NewVenue, Operator, Publisher,
    Receipt, RegistrationRequest, Resident, Said, Scan, Service, SessionKind, Settings, Staff,
    StatusReport, Subject, Submission, Submitter, Token,
};

use crate::base::Base;
use crate::founding::{settings, start, try_start, try_start_with};
use crate::key_folder::KeyFolder;
use crate::messages::SentMessages;
use crate::offices::{Founders, OFFICER, fresh};

/// The policy of the stories.
pub const POLICY: &str = include_str!("policy.toml");

/// The stories begin on Monday 17 February 2020 at 08:00 in Hangzhou.
pub const MORNING: &str = "2020-02-17T08:00:00+08:00";

/// A city with its authorities.
pub struct City {
    pub service: Arc<Service>,
    pub clock: Arc<ManualClock>,
    pub ids: Arc<Seeded>,
    pub messages: Arc<SentMessages>,
    pub operator: Operator,
    pub founders: Founders,
    pub health: Staff,
    pub laboratory: Submitter,
    pub community: Submitter,
    pub keys: KeyFolder,
    pub base: Arc<Base>,
}

/// Somebody who lives there.
pub struct Persona {
    pub name: &'static str,
    pub token: Token,
    pub resident: Resident,
    pub document: Document,
}

/// A phone with its key.
pub struct Phone {
    pub device: DeviceId,
    pub key: HolderKey,
}

impl Persona {
    pub fn id(&self) -> PersonId {
        self.resident.person()
    }

    pub fn subject(&self) -> Subject {
        Subject::Person(self.id())
    }
}

impl City {
    /// Founds a city on a fresh database, with a policy in force.
    pub async fn found(base: Arc<Base>) -> Self {
        let clock = Arc::new(ManualClock::new(at(MORNING)));
        let ids = Arc::new(Seeded::new(1));
        let messages = Arc::new(SentMessages::default());
        let keys = KeyFolder::new();
        let service = start(&base, &clock, &ids, &messages, &keys, settings()).await;
        let operator = Operator::at_the_command_line("the operator");
        let kind = AuthorityKind::Health;
        let name = "City Health Commission";
        let added = service
            .access
            .add_authority(&operator, kind, name, hangzhou());
        let office = added.await.unwrap();
        let founders = Founders::of(&service, &operator, &office).await;
        service
            .publishing
            .publish_policy(&Publisher::from(&operator), POLICY)
            .await
            .unwrap();
        service.reevaluation.decide_everybody().await.unwrap();
        let founder = fresh(&service, &operator, founders.administrator).await;
        let submitter = founder.submitter().clone();
        let mut city = Self {
            service,
            clock,
            ids,
            messages,
            operator,
            founders,
            health: founder,
            laboratory: submitter.clone(),
            community: submitter,
            keys,
            base,
        };
        city.health = city.hire(&office, "Dr Lin", &OFFICER).await;
        let (laboratory, community) = (AuthorityKind::Laboratory, AuthorityKind::Community);
        city.laboratory = city.feed(laboratory, "Lake Laboratory").await;
        city.community = city.feed(community, "North Community Office").await;
        city
    }

    /// The process dies and starts again on the same database.
    pub async fn crash(&mut self) {
        self.service = self.another_node().await;
    }

    /// A second process on the same database.
    pub async fn another_node(&self) -> Arc<Service> {
        self.another_node_with(|_| {}).await
    }

    /// The process dies and starts again with other secrets.
    pub async fn restart_with(&mut self, secrets: Keys) {
        self.service = self.try_restart_with(secrets).await.unwrap();
    }

    /// The same, which may not start.
    pub async fn try_restart_with(&self, secrets: Keys) -> service::Result<Arc<Service>> {
        self.try_another_node_but(|dependencies| dependencies.keys = secrets)
            .await
    }

    /// A second process on the same database, with another clock.
    pub async fn another_node_by(&self, clock: Arc<dyn Clock>) -> Arc<Service> {
        let node = self.try_another_node_but(|dependencies| dependencies.clock = clock);
        node.await.unwrap()
    }

    async fn try_another_node_but(
        &self,
        change: impl FnOnce(&mut Dependencies),
    ) -> service::Result<Arc<Service>> {
        let started = try_start_with(
            &self.base,
            &self.clock,
            &self.ids,
            &self.messages,
            &self.keys,
            settings(),
            change,
        );
        started.await
    }

    /// A second process on the same database, with a folder of keys of its own.
    pub async fn another_node_with_keys(&self, keys: &KeyFolder) -> Arc<Service> {
        self.try_another_node_with_keys(keys).await.unwrap()
    }

    /// The same, which may not start.
    pub async fn try_another_node_with_keys(
        &self,
        keys: &KeyFolder,
    ) -> service::Result<Arc<Service>> {
        try_start(
            &self.base,
            &self.clock,
            &self.ids,
            &self.messages,
            keys,
            settings(),
        )
        .await
    }

    /// A second process on the same database, with other choices.
    pub async fn another_node_with(&self, choose: impl FnOnce(&mut Settings)) -> Arc<Service> {
        let mut settings = settings();
        choose(&mut settings);
        start(
            &self.base,
            &self.clock,
            &self.ids,
            &self.messages,
            &self.keys,
            settings,
        )
        .await
    }

    /// A second process on the same database, on a machine whose clock differs by so much.
    pub async fn another_node_ahead(&self, by: SignedDuration) -> (Arc<Service>, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::new(self.now() + by));
        let node = start(
            &self.base,
            &clock,
            &self.ids,
            &self.messages,
            &self.keys,
            settings(),
        )
        .await;
        (node, clock)
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn ago(&self, hours: i64) -> Timestamp {
        self.now() - SignedDuration::from_hours(hours)
    }

    pub fn pass(&self, by: SignedDuration) {
        self.clock.advance(by);
    }

    pub fn key(&self) -> RequestKey {
        RequestKey::generate(&*self.ids)
    }

    /// Registers somebody who feels well.
    pub async fn resident(&self, name: &'static str) -> Persona {
        self.register(name, Some(well())).await
    }

    /// Registers somebody.
    pub async fn register(&self, name: &'static str, declaration: Option<Declaration>) -> Persona {
        let request = self.registration(name, declaration);
        let document = request.identity.document.clone();
        let registered = self.service.people.register(request).await.unwrap();
        let resident = self
            .service
            .access
            .resident(&registered.token)
            .await
            .unwrap();
        assert_eq!(resident.person(), registered.person);
        Persona {
            name,
            token: registered.token,
            resident,
            document,
        }
    }

    /// What a phone would send. The passport number follows from the name.
    pub fn registration(
        &self,
        name: &'static str,
        declaration: Option<Declaration>,
    ) -> RegistrationRequest {
        let number: String = name.bytes().map(|byte| format!("{byte:02X}")).collect();
        let number = &number[..number.len().min(30)];
        RegistrationRequest {
            request: self.key(),
            identity: Identity {
                name: Pii::new(format!("{name} Chen")),
                document: Document::new(DocumentKind::Passport, number).unwrap(),
                phones: vec![Pii::new("138 0000 0000".to_owned())],
            },
            declaration,
            stays: Vec::new(),
            session: SessionKind::Api,
            label: None,
        }
    }

    pub async fn status(&self, who: &Persona) -> Status {
        self.report(who).await.explanation.verdict.status
    }

    pub async fn report(&self, who: &Persona) -> StatusReport {
        self.service
            .people
            .status(&who.resident, "en")
            .await
            .unwrap()
    }

    /// An authority submits one fact.
    pub async fn submit(&self, by: &Submitter, who: &Persona, fact: Fact) -> EvidenceId {
        let receipt = self.try_submit(by, who.subject(), fact).await;
        assert_eq!(receipt.refused, [], "{}", who.name);
        receipt.accepted[0].evidence
    }

    pub async fn try_submit(&self, by: &Submitter, subject: Subject, fact: Fact) -> Receipt {
        self.try_say(by, subject, fact.into()).await
    }

    pub async fn try_say(&self, by: &Submitter, subject: Subject, said: Said) -> Receipt {
        let items = vec![Item { subject, said }];
        let submission = Submission {
            request: None,
            content: None,
            items,
        };
        self.service.evidence.submit(by, submission).await.unwrap()
    }

    /// The health authority knows of a contact that ended so many hours ago.
    pub fn contact(&self, hours_ago: i64) -> Fact {
        Fact::contact(
            None,
            Relation::Close,
            Ring::FIRST,
            Period::new(self.ago(hours_ago + 1), self.ago(hours_ago)).unwrap(),
            Some(60),
        )
    }

    pub async fn venue(&self, name: &str, category: Option<&str>) -> VenueId {
        let venue = NewVenue {
            sign: None,
            id: None,
            name: name.to_owned(),
            category: category.map(str::to_owned),
            region: None,
        };
        self.service
            .visits
            .put_venue(&self.health, venue)
            .await
            .unwrap()
            .id
    }

    /// The person was at a venue and their phone uploads it now.
    pub async fn was_at(&self, who: &Persona, venue: VenueId, hours_ago: i64, minutes: i64) {
        let entered = self.ago(hours_ago);
        let left = Some(entered + SignedDuration::from_mins(minutes));
        let scan = Scan {
            sign: None,
            id: self.key(),
            venue,
            entered,
            left,
        };
        let receipt = self
            .service
            .visits
            .upload_scans(&who.resident, &[scan])
            .await
            .unwrap();
        assert_eq!(receipt.refused, [], "{}", who.name);
    }

    /// The health authority confirms a case, found now.
    pub async fn confirm(&self, who: &Persona) -> EvidenceId {
        let report = CaseReport {
            request: None,
            subject: who.subject(),
            found_at: Some(self.now()),
            onset: None,
            is_asymptomatic: false,
        };
        self.service
            .tracing
            .confirm_case(&self.officer().await, report)
            .await
            .unwrap()
            .diagnosis
    }

    pub async fn enrol(&self, who: &Persona) -> Phone {
        let mut secret = [0; 32];
        self.ids.fill(&mut secret);
        let key = HolderKey::from_bytes(secret).unwrap();
        let public = key.public_key().unwrap().to_bytes().to_vec();
        let enrolled = self
            .service
            .codes
            .enrol(&who.resident, &[public], 0)
            .await
            .unwrap();
        let device = enrolled[0].device;
        Phone { device, key }
    }

    pub async fn live_code(&self, who: &Persona, phone: &Phone) -> IssuedCode {
        self.service.notice_other_nodes().await.unwrap();
        self.service
            .codes
            .live_code(&who.resident, phone.device)
            .await
            .unwrap()
    }

    /// What the phone draws now from an assertion.
    pub fn show(&self, phone: &Phone, code: &IssuedCode) -> String {
        let assertion = credential::Assertion::decode(&code.assertion).unwrap();
        static COUNTER: AtomicU32 = AtomicU32::new(1);
        let counter = COUNTER.fetch_add(1, Ordering::Relaxed);
        let shown = phone.key.present(&assertion, self.now(), counter).unwrap();
        credential::live_code(&assertion, &shown).unwrap()
    }

    /// The colour that a checkpoint with a network shows, or the word of the refusal.
    pub fn check(&self, text: &str) -> Result<Colour, &'static str> {
        let checked = self
            .service
            .checks
            .verify(text, &credential::Settings::default());
        checked
            .map(|accepted| accepted.colour)
            .map_err(|refusal| refusal.word())
    }
}

pub fn hangzhou() -> Region {
    "330100".parse().unwrap()
}

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

/// Feels well and met nobody.
pub fn well() -> Declaration {
    Declaration {
        symptoms: Symptoms::NONE,
        temperature: None,
        contact: ContactAnswer::None,
    }
}

pub fn stayed(region: &str, arrived: Timestamp, left: Option<Timestamp>) -> service::DeclaredStay {
    let region = region.parse().unwrap();
    service::DeclaredStay {
        region,
        arrived,
        left,
        mode: StayMode::Stay,
    }
}

pub const UNDECLARED: Status = Status::Undeclared;
pub const GREEN: Status = Status::Decided(Colour::Green);
pub const YELLOW: Status = Status::Decided(Colour::Yellow);
pub const RED: Status = Status::Decided(Colour::Red);

/// Random bits that are the same in every run (SplitMix64).
pub struct Seeded {
    state: Mutex<u64>,
}

impl Seeded {
    pub fn new(seed: u64) -> Self {
        Self {
            state: Mutex::new(seed),
        }
    }
}

impl IdSource for Seeded {
    fn fill(&self, bytes: &mut [u8]) {
        let mut state = self.state.lock().unwrap();
        for chunk in bytes.chunks_mut(8) {
            *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut word = *state;
            word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            word ^= word >> 31;
            chunk.copy_from_slice(&word.to_be_bytes()[..chunk.len()]);
        }
    }
}
