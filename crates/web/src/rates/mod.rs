//! How often the same one may ask.
//!
//! Each kind of request that can be abused belongs to a [`RateClass`], and each class is counted by one
//! key: the client's address, the account, the authority, or whom the request is about. The values are
//! in the configuration. A phone that fetches its code is in no class: that costs no database, and a
//! whole city does it from a few addresses.
//!
//! Counts are this node's alone and forgotten when it ends. What must hold over all nodes is a cap, in
//! the service.

mod client;
mod feeds;
mod limit;
mod soft_lock;

use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use axum::extract::{FromRequestParts, MatchedPath, Request};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, Method, StatusCode};
use domain::Clock;
use governor::clock::Clock as _;
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use service::{AlarmKind, AskedFrom};
use tracing::warn;

use crate::App;
use crate::problem::Problem;

pub use client::{BadProxy, Proxies, ProxyHeader};
pub(crate) use feeds::FeedRates;
pub use limit::{BadRate, Rate, RateSettings};
pub(crate) use soft_lock::SoftLocks;

/// So many keys of one class are distinguished. More share one count, so that memory is bounded:
/// about 100 bytes each.
const MOST_KEYS: usize = 100_000;

/// A limit that refused so many requests bites somebody hard.
const BITES: u64 = 1000;

/// A kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateClass {
    /// Opening an account, or reporting a glitch, by address.
    Registrations,
    /// Checking a code online, by address.
    Verifications,
    /// Signing in, by address.
    SignIns,
    /// Sending a one-time code, by account or by whom it goes to.
    OneTimeCodes,
    /// What a resident writes, by account.
    Writes,
    /// What staff members submit, by authority. A feed has a rate of its own instead.
    Evidence,
    /// Proposing something to everybody, by authority.
    Proposals,
}

/// Who asks, or whom a request is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum RateKey {
    /// A client: an IPv4 address, or the /64 of an IPv6 address, which is one customer's.
    Address(IpAddr),
    /// An account, an authority or a target, by a number of its own.
    Number(u128),
    /// All that there was no room for.
    Others,
}

impl RateKey {
    /// The client at `address`.
    pub(crate) fn address(address: IpAddr) -> Self {
        Self::Address(match address.to_canonical() {
            IpAddr::V4(address) => IpAddr::V4(address),
            IpAddr::V6(address) => {
                let network = u128::from(address) >> 64 << 64;
                IpAddr::V6(Ipv6Addr::from(network))
            }
        })
    }
}

/// Which class a request belongs to, by the pattern of its address. One table, so that it can be
/// reviewed. What it does not name is an office's business, and counted as such.
fn class_of(method: &Method, route: &str) -> Option<RateClass> {
    // The way to an identity provider is a link, because a form of ours leads to no other site.
    if matches!(
        route,
        "/sign-in/{provider}/start" | "/sign-in/{provider}/bind"
    ) {
        return Some(RateClass::Registrations);
    }
    if *method != Method::POST {
        return None;
    }
    Some(match route {
        "/api/v1/registrations" | "/register" | "/help/report" => RateClass::Registrations,
        "/api/v1/verifications" | "/checkpoint" => RateClass::Verifications,
        "/api/v1/sign-ins"
        | "/api/v1/sign-ins/confirmations"
        | "/sign-in"
        | "/sign-in/code"
        | "/staff/sign-in"
        | "/checkpoint/enrol"
        | "/staff/invitation"
        | "/staff/invitation/{provider}"
        | "/staff/passkey" => RateClass::SignIns,
        "/api/v1/me/phone-codes" | "/me/prove-phone/send" => RateClass::OneTimeCodes,
        "/declare" | "/checkpoint/visits" => RateClass::Writes,
        "/api/v1/policies"
        | "/api/v1/regions/levels"
        | "/officer/propose/policy"
        | "/officer/propose/levels" => RateClass::Proposals,
        // A phone that fetches its code costs no database.
        assertion if assertion.ends_with("/assertion") => return None,
        // Requests that end something.
        end if end.ends_with("/end") || end.ends_with("/sign-out") => return None,
        demo if demo.starts_with("/demo/") => return None,
        own if own.starts_with("/me/") || own.starts_with("/api/v1/me/") => RateClass::Writes,
        _ => RateClass::Evidence,
    })
}

/// Counts requests and refuses those that come too often.
pub(crate) struct Rates {
    limiters: [Option<Limiter>; RateClass::ALL.len()],
    clock: WallClock,
    swept_at: AtomicI64,
    refused: [AtomicU64; RateClass::ALL.len()],
    /// Up to which doubling an alarm was raised.
    bitten: [AtomicU32; RateClass::ALL.len()],
}

type Limiter =
    RateLimiter<RateKey, HashMapStateStore<RateKey>, WallClock, NoOpMiddleware<Duration>>;

impl RateClass {
    /// Every class.
    pub const ALL: [Self; 7] = [
        Self::Registrations,
        Self::Verifications,
        Self::SignIns,
        Self::OneTimeCodes,
        Self::Writes,
        Self::Evidence,
        Self::Proposals,
    ];

    /// Its name in the configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Registrations => "registrations",
            Self::Verifications => "verifications",
            Self::SignIns => "sign_ins",
            Self::OneTimeCodes => "one_time_codes",
            Self::Writes => "writes",
            Self::Evidence => "evidence",
            Self::Proposals => "proposals",
        }
    }

    /// The class of a request, by the pattern of its address.
    pub(crate) fn of(request: &Request) -> Option<Self> {
        let route = request.extensions().get::<MatchedPath>();
        route.and_then(|route| class_of(request.method(), route.as_str()))
    }

    /// Whether it is counted by the client's address, which is known before anybody has signed in.
    const fn is_by_address(self) -> bool {
        matches!(
            self,
            Self::Registrations | Self::Verifications | Self::SignIns
        )
    }
}

impl Rates {
    pub(crate) fn new(settings: &RateSettings, clock: Arc<dyn Clock>) -> Self {
        let clock = WallClock(clock);
        Self {
            limiters: RateClass::ALL.map(|class| {
                let rate = settings.of(class)?;
                let one_in = rate.per() / rate.count().get();
                let quota = Quota::with_period(one_in)?.allow_burst(rate.count());
                Some(RateLimiter::hashmap_with_clock(quota, clock.clone()))
            }),
            clock,
            swept_at: AtomicI64::new(i64::MIN),
            refused: Default::default(),
            bitten: Default::default(),
        }
    }

    /// Counts one request.
    ///
    /// # Errors
    /// `too-many-requests`, with the time after which the next one is taken.
    pub(crate) fn check(&self, class: RateClass, key: RateKey) -> Result<(), Problem> {
        let Some(limiter) = &self.limiters[class as usize] else {
            return Ok(());
        };
        let key = if limiter.len() < MOST_KEYS || self.makes_room(limiter) {
            key
        } else {
            RateKey::Others
        };
        limiter.check_key(&key).map_err(|denied| {
            let wait = denied.wait_time_from(self.clock.now());
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            self.note_refusal(class);
            let detail = format!(
                "Too many {} in a short time. Nothing is lost; ask again in {seconds} seconds.",
                class.in_words()
            );
            Problem::too_many(detail, seconds)
        })
    }

    /// Counts a request of a class that is counted by account, if the address belongs to one.
    ///
    /// # Errors
    /// As [`Self::check`].
    pub(crate) fn check_signed_in(&self, parts: &Parts, number: u128) -> Result<(), Problem> {
        let route = parts.extensions.get::<MatchedPath>();
        let class = route.and_then(|route| class_of(&parts.method, route.as_str()));
        match class.filter(|class| !class.is_by_address()) {
            Some(class) => self.check(class, RateKey::Number(number)),
            None => Ok(()),
        }
    }

    /// Forgets keys that have been quiet for long enough, at most once a second.
    fn makes_room(&self, limiter: &Limiter) -> bool {
        let now = i64::try_from(self.clock.now().as_secs()).unwrap_or(i64::MAX);
        if self.swept_at.swap(now, Ordering::Relaxed) != now {
            limiter.retain_recent();
        }
        limiter.len() < MOST_KEYS
    }

    /// How many requests of a class were refused, if an alarm is due: at 1,000 and each doubling, so that
    /// an attack does not write a row for each request.
    fn bites(&self, class: RateClass) -> Option<u64> {
        let refused = self.refused[class as usize].load(Ordering::Relaxed);
        let step = (refused / BITES).checked_ilog2()? + 1;
        let before = self.bitten[class as usize].fetch_max(step, Ordering::Relaxed);
        (before < step).then_some(refused)
    }

    /// The first refusal of a class and each power of two after it is a line in the log: an attack is
    /// seen there, and does not fill it.
    fn note_refusal(&self, class: RateClass) {
        let refused = self.refused[class as usize].fetch_add(1, Ordering::Relaxed) + 1;
        if refused.is_power_of_two() {
            warn!(class = class.name(), refused, "requests come too often");
        }
    }
}

impl RateClass {
    const fn in_words(self) -> &'static str {
        match self {
            Self::Registrations => "registrations",
            Self::Verifications => "checks of codes",
            Self::SignIns => "attempts to sign in",
            Self::OneTimeCodes => "one-time codes",
            Self::Writes => "reports",
            Self::Evidence => "submissions",
            Self::Proposals => "proposals",
        }
    }
}

/// Counts a request of a class that is counted by address.
///
/// # Errors
/// As [`Rates::check`].
pub(crate) fn limit_by_address(
    app: &App,
    class: Option<RateClass>,
    request: &Request,
) -> Result<(), Problem> {
    let Some(class) = class.filter(|class| class.is_by_address()) else {
        return Ok(());
    };
    let client = client_of(app, request.extensions(), request.headers());
    app.rates.check(class, client)
}

/// Raises an alarm when many requests of a class were refused, by any counter.
pub(crate) async fn note_over_rate(app: &App, class: Option<RateClass>, status: StatusCode) {
    if let Some(class) = class
        && status == StatusCode::TOO_MANY_REQUESTS
        && let Some(refused) = app.rates.bites(class)
    {
        let alarms = &app.service.alarms;
        let raised = alarms.raise(AlarmKind::RateBites, class.name(), refused);
        raised.await;
    }
}

/// The client that asks, as it is counted.
pub(crate) struct ClientKey(pub(crate) RateKey);

impl ClientKey {
    /// The same, for counting one-time codes.
    pub(crate) fn asked_from(&self) -> AskedFrom {
        match self.0 {
            RateKey::Address(IpAddr::V4(address)) => {
                AskedFrom::address(address.to_ipv6_mapped().octets())
            }
            RateKey::Address(IpAddr::V6(address)) => AskedFrom::address(address.octets()),
            RateKey::Number(_) | RateKey::Others => AskedFrom::HERE,
        }
    }
}

impl FromRequestParts<App> for ClientKey {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        Ok(Self(client_of(app, &parts.extensions, &parts.headers)))
    }
}

fn client_of(app: &App, extensions: &Extensions, headers: &HeaderMap) -> RateKey {
    RateKey::address(app.settings.proxies.client(extensions, headers))
}

/// The clock of the installation, as `governor` reads it: the time since 1970.
#[derive(Clone)]
struct WallClock(Arc<dyn Clock>);

impl governor::clock::Clock for WallClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        let since = self.0.now().as_duration();
        Duration::try_from(since).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
