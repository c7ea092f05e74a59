//! Codes that can be checked without a network: what the issuer signs, how a phone shows it, and
//! how a checkpoint verifies it. `docs/credential-format.md` specifies the format to the byte.
//!
//! The issuer's key signs [`Claims`], which gives an [`Assertion`]. A phone that enrolled a key
//! shows it as a *live* code, signed anew every 30 seconds; otherwise it is shown as it is, as a
//! *plain* code or printed on a *card*. [`verify()`] answers [`Accepted`] or a [`Refusal`], from
//! nothing but the text, the pinned keys of a [`TrustList`], the [`StatusLists`] fetched so far and
//! the time. It never asks who the person is.
//!
//! ```
//! # #[cfg(feature = "sign")] {
//! use credential::*;
//! use domain::{Assurance, Colour, Timestamp};
//! use jiff::SignedDuration;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let now: Timestamp = "2020-02-17T08:00:00Z".parse()?;
//!
//! // The issuer signs. In production the bytes come from an `IdSource`.
//! let key = IssuerKey::from_seed(&[7; 32])?;
//! let phone = HolderKey::from_bytes([8; 32])?;
//! let assertion = key.sign(&Claims {
//!     serial: Serial::from_bytes([1; 8]),
//!     colour: Colour::Green,
//!     issued_at: now,
//!     expires_at: now + SignedDuration::from_hours(24),
//!     status: StatusRef { list: 0, index: 4711 },
//!     assurance: Assurance::Seen,
//!     bearer: Bearer::Phone(phone.public_key()?),
//! })?;
//!
//! // The phone shows it, and signs the time.
//! let code = live_code(&assertion, &phone.present(&assertion, now, 1)?)?;
//! let picture = Qr::new(&code)?.svg("Health code of this phone");
//! # assert!(picture.starts_with("<svg"));
//!
//! // The root, which lies in a safe, signs whose keys count. A server says daily that this is news.
//! let (root, fresh) = (IssuerKey::from_seed(&[1; 32])?, IssuerKey::from_seed(&[2; 32])?);
//! let validity = ListValidity {
//!     issued_at: now,
//!     expires_at: now + SignedDuration::from_hours(24 * 90),
//!     freshness_key: fresh.public_key().clone(),
//! };
//! let list = TrustList::new(1, validity, vec![TrustedKey {
//!     issuer: "330100".parse()?,
//!     status_uri: "https://health.example/status".to_owned(),
//!     key: key.public_key().clone(),
//!     from: now,
//!     until: now + SignedDuration::from_hours(24 * 180),
//! }])?;
//! let handed_out = TrustList::join(&list.sign(&root)?, &list.confirm(&fresh, now)?);
//!
//! // The checkpoint pins the root and verifies.
//! let trust = FreshTrustList::open(&handed_out, &[root.public_key().clone()], None, now)?;
//! let accepted = verify(&code, &trust, None, now, &Settings::default())?;
//! assert_eq!(accepted.colour, Colour::Green);
//!
//! // A minute later a picture of it is worth nothing.
//! let later = now + SignedDuration::from_secs(61);
//! let refused = verify(&code, &trust, None, later, &Settings::default());
//! assert_eq!(refused.map_err(|refusal| refusal.word()), Err("shown-too-long-ago"));
//!
//! // The colour gets worse: the issuer revokes the place in its status list.
//! let mut list = StatusListBuilder::new(100_000);
//! list.revoke(4711)?;
//! let list = list.build(now, SignedDuration::from_secs(60), SignedDuration::from_hours(24));
//! let token = list.sign(&key, "https://health.example/status/0")?;
//! let mut lists = StatusLists::new();
//! lists.add(&token, &trust)?;
//! let refused = verify(&code, &trust, Some(&lists), now, &Settings::default());
//! assert_eq!(refused.map_err(|refusal| refusal.word()), Err("revoked"));
//! # Ok(()) }
//! # main().unwrap() }
//! ```
//!
//! Without default features it neither signs nor needs a C compiler, a clock or randomness, and
//! builds for `wasm32-unknown-unknown`.

mod assertion;
mod cbor;
mod claims;
mod code;
mod cose;
mod freshness;
mod hex;
mod holder;
#[cfg(feature = "sign")]
mod issuer;
mod key;
#[cfg(feature = "sign")]
pub mod log;
mod malformed;
mod name;
mod qr;
mod refusal;
mod replay;
mod status;
mod trust;
mod verify;

pub use assertion::Assertion;
pub use claims::{BadClaims, Bearer, Claims, Serial, StatusRef};
pub use code::{BadCode, Code, PREFIX, plain_code};
pub use freshness::{FRESH_FOR, FreshTrustList};
pub use holder::{BadHolderKey, HolderKey, HolderPublicKey, Presentation, live_code, live_message};
#[cfg(feature = "sign")]
pub use issuer::{IssuerKey, KeyError, SignError};
pub use key::{Algorithm, BadKey, KeyId, PublicKey};
pub use malformed::{Malformed, Part};
pub use name::{BadName, MaskedName};
pub use qr::{BadQr, Qr};
pub use refusal::{Refusal, StatusGap};
pub use replay::ReplayCache;
pub use status::{BadStatusList, NoSuchPlace, StatusList, StatusListBuilder, StatusLists};
pub use trust::{BadTrustList, ListValidity, TrustList, TrustedKey};
pub use verify::{Accepted, Form, Settings, Shown, verify};
