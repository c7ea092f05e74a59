//! What the system shows to the outside: the JSON interface under `/api/v1` and the pages.
//!
//! The binary builds a [`service::Service`], hands it to [`router`] or [`serve`] with
//! [`WebSettings`], and starts the service's workers itself.
//!
//! For the demonstration it also hands in [`Demo`]:
//! * `personas`: registered residents with their tokens, the protagonist first. Their pages open
//!   with one press and the checkpoint can "scan" them. None needs an enrolled phone.
//! * `patients`: registered people whom the officer can confirm as a case; confirming the first
//!   one must turn the protagonist's code.
//! * `officers`: staff members who sign in at one press.
//!
//! Everything else the pages read from the service, as in production.
//!
//! | file | holds |
//! |---|---|
//! | `api/` | one file for each endpoint |
//! | `pages/` | one file for each page; its template lies in `templates/` |
//! | `wire/` | how domain values look in JSON |
//! | `principal` | the gate: tokens and cookies become principals |
//! | `problem` | every refusal, and the layer that answers it in JSON or on a page |
//! | `connections/` | how many connections are open, for how long, and which one makes room |
//! | `host` | which site a request is for |
//! | `overload/` | what is refused, and what goes on, when there is too much to do |
//! | `rates` | how often the same one may ask |
//! | `region_places` | where regions lie on the map |
//! | `metrics/` | what a monitor reads, on a listener of its own |
//! | `middleware` | time limit, size limits, headers, one log line a request |
//! | `../authz.txt` | who may do what, reviewed by people and held against the router by a test |

mod api;
mod assets;
mod connections;
mod cookie;
mod demo_phones;
mod host;
mod idempotency_key;
mod language;
mod metrics;
mod middleware;
mod overload;
mod pages;
mod principal;
mod problem;
mod rates;
mod redirects;
mod region_places;
mod same_origin;
mod settings;
mod slow_body;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod who_may;
mod wire;

use std::future::pending;
use std::ops::Deref;
use std::sync::Arc;

use axum::Router;
use service::Service;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

pub use connections::{ConnectionSettings, FILES_KEPT_FREE};
pub use demo_phones::DemoPhones;
pub use host::{BadHostName, HostNames};
pub use language::Language;
pub use rates::{BadProxy, BadRate, Proxies, ProxyHeader, Rate, RateClass, RateSettings};
pub use redirects::Redirects;
pub use region_places::RegionPlaces;
pub use settings::{
    DayPasses, Demo, Officer, Patient, Persona, Scanned, SignIn, Tls, WebSettings, Words,
};

use connections::Door;
use metrics::Metrics;
use overload::Overload;
use problem::{Problem, ProblemType, Repeats};
use rates::{FeedRates, RateKey, Rates, SoftLocks};

/// What every handler may use. One counted reference: it is cloned for every request.
#[derive(Clone)]
pub(crate) struct App(Arc<Shared>);

/// What an [`App`] holds.
pub(crate) struct Shared {
    pub(crate) service: Arc<Service>,
    pub(crate) settings: WebSettings,
    pub(crate) rates: Rates,
    pub(crate) feed_rates: FeedRates,
    /// What is in flight, and what was refused for it.
    pub(crate) overload: Overload,
    /// What was counted, for monitors.
    pub(crate) metrics: Metrics,
    /// Which faults were logged lately.
    pub(crate) logged: Repeats,
    /// Wrong attempts to sign in, by address.
    pub(crate) sign_in_locks: SoftLocks<RateKey>,
}

impl App {
    fn new(service: Arc<Service>, settings: WebSettings) -> Self {
        let clock = || Arc::clone(&settings.clock);
        Self(Arc::new(Shared {
            service,
            rates: Rates::new(&settings.rates, clock()),
            feed_rates: FeedRates::new(clock()),
            overload: Overload::new(Arc::clone(&settings.ids)),
            metrics: Metrics::new(),
            logged: Repeats::default(),
            sign_in_locks: SoftLocks::new(clock()),
            settings,
        }))
    }
}

impl Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

#[cfg(test)]
impl App {
    /// The settings, before anybody else holds the app.
    pub(crate) fn settings_mut(&mut self) -> &mut WebSettings {
        &mut Arc::get_mut(&mut self.0)
            .expect("held by nobody else")
            .settings
    }
}

/// Everything that the system answers over HTTP.
pub fn router(service: Arc<Service>, settings: WebSettings) -> Router {
    routed(App::new(service, settings))
}

fn routed(app: App) -> Router {
    let (api, _) = api::router().split_for_parts();
    let routes = api
        .merge(pages::routes(&app).router)
        .merge(assets::router());
    let routes = routes
        .fallback(nothing_here)
        .method_not_allowed_fallback(another_method);
    middleware::around(routes, &app).with_state(app)
}

/// The OpenAPI document of the JSON interface, pretty-printed, as committed in `docs/api`.
pub fn openapi_json() -> String {
    let (_, document) = api::router().split_for_parts();
    let mut json = document.to_pretty_json().unwrap_or_default();
    json.push('\n');
    json
}

/// What a one-time code says on the phone, in the person's language.
pub fn one_time_code_text(message: &service::CodeMessage) -> String {
    let language = Language::of(&message.language).unwrap_or(Language::English);
    let text = language.with("one-time-code", "code", message.code.expose().clone());
    language::without_isolates(&text)
}

/// What a notice says on the phone, in the person's language.
pub fn notice_text(notice: &service::Notice) -> String {
    let language = Language::of(&notice.language).unwrap_or(Language::English);
    match notice.kind {
        service::NoticeKind::ProviderBound => language.text("notice-provider-bound"),
        service::NoticeKind::ToBeHeard => language.text("notice-to-be-heard"),
    }
}

/// Answers on `listener`, in TLS if `settings` hold certificates, until `shutdown` is ready, then lets running requests end. Monitors are
/// answered at `/metrics` on the listener that `settings` hold, if they do, and nowhere else; who asks
/// without TLS is sent on, if they hold a listener for that.
///
/// # Errors
/// An I/O error of the listener; a demonstration, in which everybody signs in with one press, on an
/// address that other machines can reach.
pub async fn serve(
    listener: TcpListener,
    service: Arc<Service>,
    mut settings: WebSettings,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    if settings.demo.is_some() && !listener.local_addr()?.ip().is_loopback() {
        let why = "a demonstration is for this machine only: listen on a loopback address";
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, why));
    }
    let (monitors, redirects) = (settings.monitors.take(), settings.redirects.take());
    let door = Door {
        limits: settings.connections.clone(),
        proxies: settings.proxies.clone(),
        tls: settings
            .tls
            .clone()
            .map(|tls| TlsAcceptor::from(tls.config)),
    };
    let app = App::new(service, settings);
    let counts = Arc::clone(&app.metrics.connections);
    let routes = routed(app.clone());
    let public = connections::answer(listener, routes, door, &counts, shutdown);
    // Monitors are answered, and people sent on, until the last request is.
    let monitors = async {
        match monitors {
            Some(monitors) => metrics::answer_monitors(monitors, app, pending()).await,
            None => pending().await,
        }
    };
    let redirects = async {
        match redirects {
            Some(redirects) => redirects::answer(redirects).await,
            None => pending().await,
        }
    };
    tokio::select! {
        ended = public => ended,
        ended = monitors => ended,
        ended = redirects => ended,
    }
}

async fn nothing_here() -> Problem {
    Problem::not_found()
}

async fn another_method() -> Problem {
    let detail = "The OpenAPI document lists the methods of each address.";
    Problem::new(ProblemType::MethodNotAllowed, detail)
}

#[cfg(test)]
mod tests {
    use service::Operator;

    use super::*;
    use crate::testing::City;

    #[tokio::test]
    async fn a_demonstration_is_served_on_this_machine_only() {
        let city = City::start().await;
        let demo = Demo {
            personas: Vec::new(),
            patients: Vec::new(),
            officers: Vec::new(),
            operator: Operator::at_the_command_line("the test"),
            scanned: Scanned::default(),
            phones: DemoPhones::default(),
            day_passes: DayPasses::new(|| ()),
        };
        let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
        let served = serve(
            listener,
            Arc::clone(&city.service),
            city.settings(Some(demo)),
            std::future::ready(()),
        );
        let refused = served.await.unwrap_err();
        assert!(refused.to_string().contains("loopback"), "{refused}");
    }
}
