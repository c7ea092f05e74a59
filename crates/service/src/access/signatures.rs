//! Signed requests of feeds: HTTP Message Signatures (RFC 9421) with Ed25519, over a digest of the body
//! (RFC 9530). A token that was stolen opens nothing then without the feed's private key.
//!
//! What is taken is the part of RFC 9421 that a feed needs: components without parameters, one key. A
//! signature counts once, for five minutes.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::digest::{SHA256, SHA512, digest};
use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain::{FeedId, Timestamp};
use jiff::SignedDuration;

/// How long a signature counts after it was made.
pub(super) const SIGNATURE_LASTS: SignedDuration = SignedDuration::from_mins(5);
/// How far a feed's clock may be ahead of ours.
const SKEW: SignedDuration = SignedDuration::from_secs(30);

/// The Ed25519 public key with which a feed signs its requests: 32 bytes, base64 as text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct FeedKey([u8; 32]);

/// A text that is no public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected an Ed25519 public key: its 32 bytes in base64, 44 characters")]
pub struct BadFeedKey;

/// A request as it came, as far as a signature is about it.
pub struct SignedRequest<'r> {
    /// `POST`.
    pub method: &'r str,
    /// `https` or `http`, as the feed asked.
    pub scheme: &'r str,
    /// What stands in `Host`.
    pub authority: &'r str,
    /// The path, as it was sent.
    pub path: &'r str,
    /// The query without its `?`, if there is one.
    pub query: Option<&'r str>,
    /// The values of a header, by its name in lower case: trimmed, with `, ` between several.
    pub header: &'r (dyn Fn(&str) -> Option<String> + Sync),
}

/// What the body of a signed request must hash to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentDigest {
    is_sha512: bool,
    hash: Vec<u8>,
}

/// Why a signature does not count.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureFault {
    /// There is none.
    #[error("it has none; send `Signature-Input` and `Signature` (RFC 9421)")]
    Missing,
    /// It does not read, or uses what is not taken here.
    #[error("`{0}` does not read; see docs/operating/feeds.md for what is taken")]
    Unreadable(&'static str),
    /// It leaves out what must be signed.
    #[error("it does not cover `{0}`")]
    Uncovered(&'static str),
    /// It names another key.
    #[error("`keyid` must be the identifier of the feed, and `alg`, if it is there, `ed25519`")]
    Key,
    /// It is too old, or from the future.
    #[error(
        "`created` must be at most five minutes ago and `expires`, if it is there, not past, by a clock \
         that is right"
    )]
    Time,
    /// It is not over this request, or made with another key.
    #[error("it does not fit this request and the key that was registered")]
    Wrong,
    /// The same signature came before.
    #[error("it was used before; sign each request anew, a repeat too")]
    Replayed,
    /// The body is another one.
    #[error("the body does not fit `Content-Digest`")]
    Body,
}

/// A signature that fits.
#[derive(Debug)]
pub(super) struct Verified {
    /// What tells it from every other one.
    pub(super) signed_hash: [u8; 32],
    pub(super) created_at: Timestamp,
    pub(super) digest: ContentDigest,
}

/// One member of `Signature-Input`.
#[derive(Debug)]
struct Input<'t> {
    label: &'t str,
    /// As it was sent.
    text: &'t str,
    components: Vec<&'t str>,
    parameters: Vec<(&'t str, &'t str)>,
}

impl FeedKey {
    /// The key of these bytes.
    pub(crate) const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub(crate) const fn to_bytes(self) -> [u8; 32] {
        self.0
    }
}

impl FromStr for FeedKey {
    type Err = BadFeedKey;

    fn from_str(text: &str) -> Result<Self, BadFeedKey> {
        let bytes = BASE64_STANDARD.decode(text.trim());
        let bytes = bytes.ok().and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or(BadFeedKey)
    }
}

impl fmt::Display for FeedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64_STANDARD.encode(self.0))
    }
}

impl fmt::Debug for FeedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FeedKey({self})")
    }
}

impl ContentDigest {
    /// Checks the body.
    ///
    /// # Errors
    /// [`SignatureFault::Body`].
    pub fn check(&self, body: &[u8]) -> Result<(), SignatureFault> {
        let algorithm = if self.is_sha512 { &SHA512 } else { &SHA256 };
        if digest(algorithm, body).as_ref() == self.hash {
            Ok(())
        } else {
            Err(SignatureFault::Body)
        }
    }

    fn read(header: &str) -> Option<Self> {
        members(header).into_iter().find_map(|(name, value)| {
            let is_sha512 = match name {
                "sha-256" => false,
                "sha-512" => true,
                _ => return None,
            };
            let hash = byte_sequence(value)?;
            Some(Self { is_sha512, hash })
        })
    }
}

/// Checks the signature of a request. Whether it came before, and the body, are the caller's business.
pub(super) fn verify(
    request: &SignedRequest<'_>,
    feed: FeedId,
    key: FeedKey,
    now: Timestamp,
) -> Result<Verified, SignatureFault> {
    use SignatureFault as Fault;
    let header = |name: &str| (request.header)(name);
    let inputs = header("signature-input").ok_or(Fault::Missing)?;
    let signatures = header("signature").ok_or(Fault::Missing)?;
    // A proxy may have signed as well: the feed's own is the one that names it.
    let feed = feed.to_string();
    let inputs: Option<Vec<Input<'_>>> = members(&inputs).into_iter().map(input).collect();
    let inputs = inputs.ok_or(Fault::Unreadable("Signature-Input"))?;
    let is_own = |input: &&Input<'_>| input.parameter("keyid").and_then(string) == Some(&*feed);
    let input = inputs.iter().find(is_own).ok_or(Fault::Key)?;
    let algorithm = input.parameter("alg");
    if algorithm.is_some_and(|algorithm| string(algorithm) != Some("ed25519")) {
        return Err(Fault::Key);
    }
    let created = input
        .parameter("created")
        .and_then(|text| text.parse().ok());
    let created = created.and_then(|second| Timestamp::from_second(second).ok());
    let created_at = created.ok_or(Fault::Time)?;
    if created_at > now + SKEW || now.duration_since(created_at) > SIGNATURE_LASTS {
        return Err(Fault::Time);
    }
    // A feed may want its signature to count for a shorter time.
    if let Some(expires) = input.parameter("expires")
        && !expires
            .parse()
            .is_ok_and(|expires: i64| now.as_second() <= expires)
    {
        return Err(Fault::Time);
    }
    input.check_covered(request)?;
    let signatures = members(&signatures);
    let mut signatures = signatures.iter().filter(|(label, _)| *label == input.label);
    let signature = signatures
        .next()
        .and_then(|(_, value)| byte_sequence(value));
    let signature = signature.ok_or(Fault::Unreadable("Signature"))?;
    let base = base(request, input)?;
    UnparsedPublicKey::new(&ED25519, key.0)
        .verify(base.as_bytes(), &signature)
        .map_err(|_| Fault::Wrong)?;
    let said = header("content-digest");
    let said = said.and_then(|said| ContentDigest::read(&said));
    let mut signed_hash = [0; 32];
    signed_hash.copy_from_slice(digest(&SHA256, base.as_bytes()).as_ref());
    Ok(Verified {
        signed_hash,
        created_at,
        digest: said.ok_or(Fault::Unreadable("Content-Digest"))?,
    })
}

impl<'t> Input<'t> {
    fn parameter(&self, name: &str) -> Option<&'t str> {
        let mut all = self.parameters.iter();
        all.find(|(found, _)| *found == name)
            .map(|(_, value)| *value)
    }

    /// Everything that says what is asked must be signed.
    fn check_covered(&self, request: &SignedRequest<'_>) -> Result<(), SignatureFault> {
        let covers = |name: &str| self.components.contains(&name);
        let query = request.query.map(|_| "@query");
        let place = ["@authority", "@path"].into_iter().chain(query);
        let has_key = (request.header)("idempotency-key").is_some();
        let needed = ["@method", "content-digest"]
            .into_iter()
            .chain(place.filter(|_| !covers("@target-uri")))
            .chain(has_key.then_some("idempotency-key"));
        let mut missing = needed.filter(|name| !covers(name));
        missing
            .next()
            .map_or(Ok(()), |name| Err(SignatureFault::Uncovered(name)))
    }
}

/// What was signed (RFC 9421, section 2.5).
fn base(request: &SignedRequest<'_>, input: &Input<'_>) -> Result<String, SignatureFault> {
    let mut base = String::new();
    for (at, name) in input.components.iter().enumerate() {
        let value = component(request, name).filter(|_| !input.components[..at].contains(name));
        let value = value.ok_or(SignatureFault::Unreadable("Signature-Input"))?;
        base.push_str(&format!("\"{name}\": {value}\n"));
    }
    base.push_str(&format!("\"@signature-params\": {}", input.text));
    Ok(base)
}

/// The value of a component of the request; `None` if it has none.
fn component(request: &SignedRequest<'_>, name: &str) -> Option<String> {
    let authority = request.authority.to_ascii_lowercase();
    let port = match request.scheme {
        "https" => ":443",
        _ => ":80",
    };
    let authority = authority.strip_suffix(port).unwrap_or(&authority);
    let query = request.query.map(|query| format!("?{query}"));
    let query = query.as_deref();
    let (scheme, path) = (request.scheme, request.path);
    match name {
        "@method" => Some(request.method.to_owned()),
        "@scheme" => Some(scheme.to_owned()),
        "@authority" => Some(authority.to_owned()),
        "@path" => Some(path.to_owned()),
        "@query" => Some(query.unwrap_or("?").to_owned()),
        "@request-target" => Some(format!("{path}{}", query.unwrap_or_default())),
        "@target-uri" => {
            let query = query.unwrap_or_default();
            Some(format!("{scheme}://{authority}{path}{query}"))
        }
        derived if derived.starts_with('@') => None,
        header => (request.header)(header),
    }
}

/// Reads a member of `Signature-Input`: components in brackets, then parameters.
fn input<'t>((label, text): (&'t str, &'t str)) -> Option<Input<'t>> {
    let (components, parameters) = text.strip_prefix('(')?.split_once(')')?;
    let components = components.split(' ').filter(|one| !one.is_empty());
    let components = components.map(|one| string(one).filter(|name| is_name(name)));
    let mut parameters = outside_quotes(parameters, ';').into_iter();
    if !parameters.next()?.trim().is_empty() {
        return None;
    }
    let parameters = parameters.map(|parameter| parameter.trim().split_once('='));
    Some(Input {
        label,
        text,
        components: components.collect::<Option<_>>()?,
        parameters: parameters.collect::<Option<_>>()?,
    })
}

/// The members of a dictionary (RFC 8941, section 3.2) that have a value.
fn members(text: &str) -> Vec<(&str, &str)> {
    let members = outside_quotes(text, ',').into_iter();
    let members = members.filter_map(|member| member.trim().split_once('='));
    members.collect()
}

/// The parts between `separator`, which counts as a letter within quotes and brackets.
fn outside_quotes(text: &str, separator: char) -> Vec<&str> {
    let (mut is_quoted, mut depth, mut is_escaped) = (false, 0_u32, false);
    let parts = text.split(move |character| {
        let is_letter = std::mem::take(&mut is_escaped);
        match character {
            '\\' if is_quoted && !is_letter => is_escaped = true,
            '"' if !is_letter => is_quoted = !is_quoted,
            '(' if !is_quoted => depth += 1,
            ')' if !is_quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        character == separator && !is_quoted && depth == 0
    });
    parts.collect()
}

/// A string without escapes, of which none is needed here.
fn string(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('"')?.strip_suffix('"')?;
    (!inner.contains(['"', '\\'])).then_some(inner)
}

fn byte_sequence(text: &str) -> Option<Vec<u8>> {
    let inner = text.trim().strip_prefix(':')?.strip_suffix(':')?;
    BASE64_STANDARD.decode(inner).ok()
}

fn is_name(text: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "@-_".contains(c);
    !text.is_empty() && text.chars().all(is_letter)
}

#[cfg(test)]
mod tests;
