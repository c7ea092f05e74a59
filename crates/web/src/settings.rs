//! What the binary hands in.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicI64;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::{Clock, IdSource, PersonId, StaffId};
use service::providers::{ProvenSignIns, Providers};
use service::{Operator, Token};
use tokio::net::TcpListener;
use tokio_rustls::rustls::ServerConfig;

use crate::connections::ConnectionSettings;
use crate::demo_phones::DemoPhones;
use crate::host::HostNames;
use crate::language::Language;
use crate::overload::HELD_BACK;
use crate::rates::{Proxies, RateSettings};
use crate::redirects::Redirects;
use crate::region_places::RegionPlaces;

/// Choices of an installation that concern the web only.
pub struct WebSettings {
    /// Marks cookies `Secure`. True everywhere but on loopback without TLS.
    pub secure_cookies: bool,
    /// The names under which others ask this server.
    pub hosts: HostNames,
    /// The proxies whose word about the client's address is taken.
    pub proxies: Proxies,
    /// How TLS is spoken; `None` if a proxy in front does that.
    pub tls: Option<Tls>,
    /// Where monitors read `/metrics`, without a token: never where the public asks.
    pub monitors: Option<TcpListener>,
    /// Where people are sent on who ask without TLS; `None` if a proxy does that, or nobody.
    pub redirects: Option<Redirects>,
    /// How many connections clients hold open, and for how long.
    pub connections: ConnectionSettings,
    /// How often the same one may ask.
    pub rates: RateSettings,
    /// An answer that takes longer is given up with a `timed-out` problem.
    pub longest_answer: Duration,
    /// How long those are held back who are refused since too much is asked.
    pub refusals_held_back: Duration,
    /// The clock, the same as the service's: the time that pages show.
    pub clock: Arc<dyn Clock>,
    /// Random bits for the one-time keys in forms.
    pub ids: Arc<dyn IdSource>,
    /// Present while the demonstration runs.
    pub demo: Option<Demo>,
    /// Present if the installation has identity providers.
    pub sign_in: Option<SignIn>,
    /// Where regions lie on the map.
    pub places: RegionPlaces,
}

/// TLS that the server speaks by itself. The certificate may change while it runs.
#[derive(Clone)]
pub struct Tls {
    /// What a listener needs; it resolves to the certificate in use.
    pub config: Arc<ServerConfig>,
    /// When the certificate in use ends, in Unix seconds.
    pub until: Arc<AtomicI64>,
}

/// Sign-in at identity providers.
pub struct SignIn {
    /// The providers.
    pub providers: Arc<Providers>,
    /// Where people go on whom they prove.
    pub doors: Arc<dyn ProvenSignIns>,
}

impl WebSettings {
    /// The choices of the design: cookies for TLS only, ten seconds for an answer, no demonstration.
    pub fn new(clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>) -> Self {
        let longest_answer = Duration::from_secs(10);
        Self {
            secure_cookies: true,
            hosts: HostNames::default(),
            proxies: Proxies::default(),
            tls: None,
            monitors: None,
            redirects: None,
            connections: ConnectionSettings::default(),
            rates: RateSettings::default(),
            longest_answer,
            refusals_held_back: HELD_BACK,
            clock,
            ids,
            demo: None,
            sign_in: None,
            places: RegionPlaces::default(),
        }
    }
}

/// What the demonstration shows. Everybody in it is made up.
pub struct Demo {
    /// Residents whose page can be opened, and whose code the checkpoint can "scan". The first one
    /// is the protagonist: their code turns when the first patient is confirmed.
    pub personas: Vec<Persona>,
    /// People whom the officer can confirm as a case.
    pub patients: Vec<Patient>,
    /// Staff members who sign in at one press; the first confirms cases, another one approves.
    pub officers: Vec<Officer>,
    /// Who runs the demonstration, and lets them.
    pub operator: Operator,
    /// What the checkpoint scanned first.
    pub scanned: Scanned,
    /// The residents' phones.
    pub phones: DemoPhones,
    /// Lets a day pass in the city.
    pub day_passes: DayPasses,
}

/// Moves the clock of the demonstration ahead by a day.
pub struct DayPasses(Box<dyn Fn() + Send + Sync>);

impl DayPasses {
    /// By what is given.
    pub fn new(moves: impl Fn() + Send + Sync + 'static) -> Self {
        Self(Box::new(moves))
    }

    pub(crate) fn pass(&self) {
        (self.0)();
    }
}

/// The first code that each resident of the demonstration showed: a picture that somebody kept.
#[derive(Default)]
pub struct Scanned(Mutex<BTreeMap<String, String>>);

/// A resident of the demonstration.
pub struct Persona {
    /// A short word for forms: lower-case letters, digits, hyphens. Each its own.
    pub key: String,
    /// What they are called.
    pub name: Words,
    /// One sentence about them, for example where they had lunch.
    pub about: Words,
    /// The token of their phone.
    pub token: Token,
}

/// A staff member of the demonstration.
pub struct Officer {
    /// A short word for forms: lower-case letters, digits, hyphens. Each its own.
    pub key: String,
    /// Who.
    pub staff: StaffId,
    /// What they are called.
    pub name: Words,
    /// One sentence about what they are there for.
    pub about: Words,
}

/// Somebody whom the officer of the demonstration can confirm as a case.
pub struct Patient {
    /// Who.
    pub person: PersonId,
    /// What they are called.
    pub name: Words,
    /// One sentence about them, for example how they came to be tested.
    pub about: Words,
    /// First day of illness, offered in the form.
    pub onset: Option<jiff::civil::Date>,
}

/// A text in each language of the pages.
#[derive(Clone, Debug)]
pub struct Words {
    en: String,
    zh: String,
    ja: String,
    ko: String,
    ar: String,
}

impl Words {
    /// One text for each language, in the order of [`Language::ALL`].
    pub fn new(texts: [impl Into<String>; 5]) -> Self {
        let [en, zh, ja, ko, ar] = texts.map(Into::into);
        Self { en, zh, ja, ko, ar }
    }

    /// The text in `language`.
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::English => &self.en,
            Language::Chinese => &self.zh,
            Language::Japanese => &self.ja,
            Language::Korean => &self.ko,
            Language::Arabic => &self.ar,
        }
    }
}

impl Demo {
    /// The resident called `key`.
    pub fn persona(&self, key: &str) -> Option<&Persona> {
        self.personas.iter().find(|persona| persona.key == key)
    }
}

impl Scanned {
    /// The first code of the resident called `key`.
    pub(crate) fn first(&self, key: &str) -> Option<String> {
        let codes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        codes.get(key).cloned()
    }

    /// Keeps the code, unless there is an earlier one.
    pub(crate) fn keep(&self, key: &str, code: &str) {
        let mut codes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        codes
            .entry(key.to_owned())
            .or_insert_with(|| code.to_owned());
    }
}
