//! A small city for the tests: a real service on SQLite, under a clock that tests move.

mod contradictions;
mod keys;
mod offices;
mod people;
pub(crate) mod providers;
mod seeded;
mod upload;

use std::future::IntoFuture;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, header};
use domain::{AuthorityKind, Clock, IdSource, ManualClock, Role, StaffId, Timestamp};
use http_body_util::BodyExt;
use jiff::SignedDuration;
use serde_json::{Value, json};
use service::credential::{Assertion, HolderKey, IssuerKey, PublicKey, live_code};
use service::{
    Caps, CodeSender, CountingNotifier, Dependencies, Keys, Publisher, Service, Settings,
};
use store::Store;
use tempfile::TempDir;
use tower::ServiceExt;

use self::offices::{Offices, on_the_pages, operator};
use self::people::SentCodes;
use self::seeded::Seeded;
use crate::settings::{Demo, Patient, Persona, Scanned, Words};
use crate::{App, DemoPhones, HostNames, WebSettings};

/// The policy of the city, with every kind of outcome.
pub(crate) const POLICY: &str = include_str!("testing/policy.toml");

/// The next version of the policy in force.
pub(crate) fn next_policy() -> String {
    POLICY.replace("version = 1", "version = 2")
}

/// The city.
pub(crate) struct City {
    pub(crate) service: Arc<Service>,
    /// The token of an officer of the city health office, and who that is.
    pub(crate) health: String,
    pub(crate) officer: StaffId,
    offices: Offices,
    /// The tokens of machines of other authorities.
    pub(crate) laboratory: String,
    pub(crate) transport: String,
    /// The token of a community worker.
    pub(crate) community: String,
    clock: Arc<ManualClock>,
    ids: Arc<Seeded>,
    root: PublicKey,
    router: Router,
    people: AtomicU64,
    /// How often a phone drew a code.
    shown: AtomicU32,
    codes: Arc<SentCodes>,
    _folder: TempDir,
}

/// Somebody who registered.
pub(crate) struct Person {
    pub(crate) person: String,
    pub(crate) token: String,
    /// What their browser presents.
    pub(crate) session: String,
    /// The number of their document, of kind 99.
    pub(crate) document: String,
}

/// A phone whose key is enrolled.
pub(crate) struct Phone {
    pub(crate) device: String,
    key: HolderKey,
}

impl City {
    /// A city without people, on 20 February 2020 at noon in Shanghai.
    pub(crate) async fn start() -> Self {
        Self::start_with_caps(|caps| caps).await
    }

    /// The same, with other limits.
    pub(crate) async fn start_with_caps(choose: impl FnOnce(Caps) -> Caps) -> Self {
        Self::start_with(choose(Caps::DESIGN), |_| None).await
    }

    /// A city in which the demonstration runs: Ming is its resident, Wu its patient.
    pub(crate) async fn start_demo() -> (Self, Person, Person) {
        let mut city = Self::start().await;
        let (ming, wu) = (
            city.well_resident("Ming").await,
            city.well_resident("Wu").await,
        );
        let words = |en: &str, zh: &str| Words::new([en, zh, en, en, en]);
        let demo = Demo {
            personas: vec![Persona {
                key: "ming".to_owned(),
                name: words("Ming", "小明"),
                about: words("Had noodles for lunch.", "中午吃了面。"),
                token: ming.token.parse().unwrap(),
            }],
            patients: vec![Patient {
                person: wu.person.parse().unwrap(),
                name: words("Mr Wu", "吴先生"),
                about: words("Was tested this morning.", "今天早上做了检测。"),
                onset: Some(jiff::civil::date(2020, 2, 19)),
            }],
            officers: vec![
                on_the_pages("lin", city.officer, words("Dr Lin", "林医生")),
                on_the_pages("zhao", city.offices.approver, words("Dr Zhao", "赵医生")),
            ],
            operator: operator(),
            scanned: Scanned::default(),
            phones: DemoPhones::default(),
            day_passes: city.day_passes(),
        };
        city.router = crate::router(Arc::clone(&city.service), city.settings(Some(demo)));
        (city, ming, wu)
    }

    async fn start_with(caps: Caps, demo: impl FnOnce(&Self) -> Option<Demo>) -> Self {
        let folder = TempDir::new().unwrap();
        let clock = Arc::new(ManualClock::new("2020-02-20T04:00:00Z".parse().unwrap()));
        let ids = Arc::new(Seeded::default());
        let address = format!("sqlite:{}", folder.path().join("city.db").display());
        let store = Arc::new(Store::migrate(&address, &*ids).await.unwrap());
        let (signing, root) = keys::signing(clock.now());
        let codes = Arc::new(SentCodes::default());
        let service = Service::start(Dependencies {
            store,
            keys: Keys::from_secret(&[3; 32]),
            signing,
            log_key: IssuerKey::from_seed(&[5; 32]).unwrap(),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            ids: Arc::clone(&ids) as Arc<dyn IdSource>,
            notifier: Arc::new(CountingNotifier::default()),
            code_sender: Arc::clone(&codes) as Arc<dyn CodeSender>,
            settings: Settings {
                is_demonstration: true,
                caps,
                ..Settings::new("330100".parse().unwrap())
            },
        });
        let service = service.await.unwrap();
        service
            .publishing
            .publish_policy(&Publisher::from(&operator()), POLICY)
            .await
            .unwrap();
        let offices = Offices::found(&service).await;
        let feed = async |kind, name| offices.feed(&service, kind, name).await;
        let mut city = Self {
            health: offices.session(&service, offices.officer).await,
            laboratory: feed(AuthorityKind::Laboratory, "Laboratory 1").await,
            transport: feed(AuthorityKind::Transport, "Railway").await,
            community: offices.community_worker(&service).await,
            officer: offices.officer,
            offices,
            service: Arc::clone(&service),
            clock,
            ids,
            root,
            router: Router::new(),
            people: AtomicU64::new(0),
            shown: AtomicU32::new(1),
            codes,
            _folder: folder,
        };
        let settings = city.settings(demo(&city));
        city.router = crate::router(service, settings);
        city
    }

    pub(crate) fn settings(&self, demo: Option<Demo>) -> WebSettings {
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        let ids = Arc::clone(&self.ids) as Arc<dyn IdSource>;
        WebSettings {
            demo,
            hosts: HostNames::new(["code.example"]).unwrap(),
            refusals_held_back: std::time::Duration::ZERO,
            ..WebSettings::new(clock, ids)
        }
    }

    /// What the handlers get.
    pub(crate) fn app(&self) -> App {
        App::new(Arc::clone(&self.service), self.settings(None))
    }

    /// A request.
    pub(crate) fn get(&self, address: &str) -> Ask<'_> {
        Ask::new(self, Method::GET, address)
    }

    /// A request that does something.
    pub(crate) fn post(&self, address: &str) -> Ask<'_> {
        Ask::new(self, Method::POST, address)
    }

    /// Has a person declare.
    pub(crate) async fn declare(&self, person: &Person, report: &Value) -> Answer {
        let ask = self.post("/api/v1/me/declarations");
        ask.token(&person.token).json(report).await
    }

    /// The status that a person reads.
    pub(crate) async fn status(&self, person: &Person) -> String {
        let answer = self.get("/api/v1/me/status").token(&person.token).await;
        answer.json["status"].as_str().unwrap().to_owned()
    }

    /// Evidence that somebody was face to face with a case yesterday.
    pub(crate) fn close_contact(&self, person: &Person) -> Value {
        json!({
            "person": person.person,
            "fact": { "kind": "contact", "relation": "close", "ring": 1, "minutes": 40,
                      "first": self.hours_ago(26), "last": self.hours_ago(25) },
        })
    }

    /// Has an authority submit one piece of evidence.
    pub(crate) async fn submit(&self, token: &str, evidence: &Value) -> Answer {
        self.post("/api/v1/evidence")
            .token(token)
            .json(evidence)
            .await
    }

    /// The token of a second person, signed in just now.
    pub(crate) async fn another_officer(&self) -> String {
        let approver = self.offices.approver;
        self.offices.session(&self.service, approver).await
    }

    /// The session of a staff member's browser, begun just now.
    pub(crate) async fn browser_of(&self, id: StaffId) -> String {
        let token = self.offices.session(&self.service, id).await;
        self.offices.in_browser(&token)
    }

    /// The token of somebody with one role alone, at an authority of a kind.
    pub(crate) async fn staff_with(&self, kind: AuthorityKind, role: Role) -> String {
        let id = self.offices.hire(&self.service, kind, role).await;
        self.offices.session(&self.service, id).await
    }

    /// Has the health authority propose the next version of the policy; the proposal's identifier.
    pub(crate) async fn propose_next_policy(&self) -> Value {
        let text = next_policy();
        let proposed = self
            .post("/api/v1/policies")
            .token(&self.health)
            .text(&text)
            .await;
        proposed.json["id"].clone()
    }

    /// Has a second person approve a proposal.
    pub(crate) async fn approve(&self, proposal: &Value) -> Answer {
        let token = self.another_officer().await;
        let id = proposal.as_str().unwrap();
        self.post(&format!("/api/v1/proposals/{id}/approval"))
            .token(&token)
            .json(&json!({ "reason": "seen and agreed" }))
            .await
    }

    /// Adds a venue.
    pub(crate) async fn venue(&self, name: &str) -> String {
        let body = json!({ "name": name });
        let answer = self
            .post("/api/v1/venues")
            .token(&self.health)
            .json(&body)
            .await;
        answer.json["id"].as_str().unwrap().to_owned()
    }

    /// What the screen at a venue shows now; from then on its sign changes.
    pub(crate) async fn sign_at(&self, venue: &str) -> String {
        let token = self.health.parse().unwrap();
        let staff = self.service.access.staff_program(&token).await.unwrap();
        let visits = &self.service.visits;
        let pass = visits.open_screen(&staff, venue.parse().unwrap(), false);
        let shown = visits.sign_on(&pass.await.unwrap()).await.unwrap();
        shown.sign.to_string()
    }

    /// Has a person upload a visit from so many hours ago until so many hours ago.
    pub(crate) async fn visited(&self, person: &Person, venue: &str, entered: i64, left: i64) {
        let number = self.people.fetch_add(1, Ordering::SeqCst) + 1;
        let body = json!({ "scans": [{
            "id": format!("{number:032x}"), "venue": venue,
            "entered": self.hours_ago(entered), "left": self.hours_ago(left),
        }]});
        let answer = self
            .post("/api/v1/me/scans")
            .token(&person.token)
            .json(&body)
            .await;
        assert_eq!(
            answer.json["accepted"].as_array().map(Vec::len),
            Some(1),
            "{answer:?}"
        );
    }

    /// Enrols a phone whose key is made from `seed`.
    pub(crate) async fn phone(&self, person: &Person, seed: u8) -> Phone {
        let key = HolderKey::from_bytes([seed; 32]).unwrap();
        let body = json!({ "public_keys": [Self::public_key(seed)] });
        let answer = self
            .post("/api/v1/me/phones")
            .token(&person.token)
            .json(&body)
            .await;
        assert_eq!(answer.status, 201, "{answer:?}");
        Phone {
            device: answer.json["keys"][0]["device"]
                .as_str()
                .unwrap()
                .to_owned(),
            key,
        }
    }

    /// The public key of a phone whose key is made from `seed`.
    pub(crate) fn public_key(seed: u8) -> String {
        let key = HolderKey::from_bytes([seed; 32]).unwrap();
        crate::wire::hex::encode(&key.public_key().unwrap().to_bytes())
    }

    /// What a phone draws now.
    pub(crate) async fn live_code(&self, person: &Person, phone: &Phone) -> String {
        let address = format!("/api/v1/me/phones/{}/assertion", phone.device);
        let answer = self.post(&address).token(&person.token).await;
        let bytes = crate::wire::hex::decode(answer.json["assertion"].as_str().unwrap()).unwrap();
        let assertion = Assertion::decode(&bytes).unwrap();
        let shown = phone
            .key
            .present(
                &assertion,
                self.now(),
                self.shown.fetch_add(1, Ordering::SeqCst),
            )
            .unwrap();
        live_code(&assertion, &shown).unwrap()
    }

    /// The key that checkpoints pin.
    pub(crate) fn root(&self) -> PublicKey {
        self.root.clone()
    }

    /// The present.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A time before now; after it, if `hours` is negative.
    pub(crate) fn hours_ago(&self, hours: i64) -> String {
        (self.now() - SignedDuration::from_hours(hours)).to_string()
    }

    /// Lets minutes pass.
    pub(crate) fn later(&self, minutes: i64) {
        self.clock.advance(SignedDuration::from_mins(minutes));
    }
}

/// Text as a form sends it.
pub(crate) fn percent_encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// A request that is being put together; awaiting it sends it.
pub(crate) struct Ask<'c> {
    city: &'c City,
    method: Method,
    address: String,
    headers: Vec<(String, String)>,
    body: String,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// The body, if it is JSON.
    pub(crate) json: Value,
    /// The body, if it is text.
    pub(crate) text: String,
    pub(crate) bytes: Vec<u8>,
}

impl Ask<'_> {
    fn new<'c>(city: &'c City, method: Method, address: &str) -> Ask<'c> {
        let (address, headers, body) = (address.to_owned(), Vec::new(), String::new());
        Ask {
            city,
            method,
            address,
            headers,
            body,
        }
    }

    /// With a header.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With a bearer token.
    pub(crate) fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// With an idempotency key.
    pub(crate) fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// With a cookie; of a staff member named by the token of their program, that of their browser.
    pub(crate) fn cookie(self, name: &str, value: &str) -> Self {
        let value = self.city.offices.in_browser(value);
        self.header("cookie", &format!("{name}={value}"))
    }

    /// With a JSON body.
    pub(crate) fn json(mut self, body: &Value) -> Self {
        self.body = body.to_string();
        self.header("content-type", "application/json")
    }

    /// With a text as body.
    pub(crate) fn text(mut self, body: &str) -> Self {
        self.body = body.to_owned();
        self
    }

    /// With a form, sent from a page of ours.
    pub(crate) fn form(mut self, body: &str) -> Self {
        self.body = body.to_owned();
        self.header("content-type", "application/x-www-form-urlencoded")
            .header("host", "code.example")
            .header("origin", "https://code.example")
    }
}

impl<'c> IntoFuture for Ask<'c> {
    type Output = Answer;
    type IntoFuture = Pin<Box<dyn Future<Output = Answer> + 'c>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let mut request = Request::builder().method(self.method).uri(&self.address);
            for (name, value) in &self.headers {
                request = request.header(name, value);
            }
            if self.headers.iter().all(|(name, _)| name != "host") {
                request = request.header(header::HOST, "code.example");
            }
            let request = request.body(Body::from(self.body)).unwrap();
            let response = self.city.router.clone().oneshot(request).await.unwrap();
            let (parts, body) = response.into_parts();
            let bytes = body.collect().await.unwrap().to_bytes().to_vec();
            Answer {
                status: parts.status.as_u16(),
                headers: parts.headers,
                json: serde_json::from_slice(&bytes).unwrap_or_default(),
                text: String::from_utf8(bytes.clone()).unwrap_or_default(),
                bytes,
            }
        })
    }
}

impl Answer {
    /// The value of a cookie that the answer sets.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        let lines = self.headers.get_all(header::SET_COOKIE).iter();
        let pairs = lines.filter_map(|line| line.to_str().ok()?.split(';').next()?.split_once('='));
        pairs
            .filter(|(found, _)| *found == name)
            .map(|(_, value)| value.to_owned())
            .next()
    }
}
