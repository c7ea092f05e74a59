//! What an installation says of each provider, read from its configuration and checked once.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use domain::DocumentKind;
use openidconnect::url::{Host, Url};
use serde::Deserialize;

/// How long one answer of a provider may take. A sign-in asks three times, within ten seconds.
const PATIENCE: Duration = Duration::from_secs(4);

/// The longest key of a provider: it stands in addresses.
const LONGEST_KEY: usize = 32;

/// One `[[sign_in.provider]]` of the configuration file, as written there.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderConfig {
    /// A short word for addresses: lower-case letters, digits, hyphens.
    pub key: String,
    /// Who signs in with it.
    pub r#for: Audience,
    /// What it is called, by language tag (`en`, `zh`).
    pub name: BTreeMap<String, String>,
    /// Its address, exactly as its discovery document and its tokens spell it.
    pub issuer: String,
    /// What it calls this installation.
    pub client_id: String,
    /// The file that holds the secret which it shares with us; read by who reads the configuration.
    pub client_secret_file: PathBuf,
    /// What to ask for beside `openid`.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// Authentication contexts (`acr`) that prove who somebody is.
    #[serde(default)]
    pub acr: Vec<String>,
    /// Says that the provider has nobody but people whose document it saw.
    #[serde(default)]
    pub all_are_proven: bool,
    /// Where the claims are read.
    #[serde(default)]
    pub claims_from: ClaimsFrom,
    /// Which claims say what. Each is the name of a claim, or a JSON pointer into one (`/id/number`).
    #[serde(default)]
    pub claims: ClaimsConfig,
    /// The two digits of the kind of document, if every person of the provider has the same kind.
    pub document_kind: Option<String>,
    /// What the provider calls a kind of document, and the two digits of it here.
    #[serde(default)]
    pub document_kinds: BTreeMap<String, String>,
}

/// Who signs in with a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Audience {
    /// Residents, whose document it proves.
    Residents,
    /// Staff members, whose account names them as the provider does.
    Staff,
}

/// Where a provider puts its claims about somebody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimsFrom {
    /// Into the ID token.
    #[default]
    IdToken,
    /// Into the answer of its userinfo endpoint.
    Userinfo,
}

/// Which claims say what.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClaimsConfig {
    /// The name as in the document.
    pub name: Option<String>,
    /// The document's number.
    pub document_number: Option<String>,
    /// The kind of document, in words of the provider.
    pub document_kind: Option<String>,
    /// A telephone number that the provider has checked.
    pub phone: Option<String>,
}

/// What this installation and a provider share. Prints as `***`.
#[derive(Clone)]
pub struct SharedSecret(String);

impl SharedSecret {
    /// Takes what the secret's file holds; a line break at its end does not count.
    pub fn new(text: &str) -> Self {
        Self(text.trim_end_matches(['\r', '\n']).to_owned())
    }

    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SharedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedSecret(***)")
    }
}

/// Where this installation is reached from outside, and whether it is one for trials.
#[derive(Clone, Debug)]
pub struct PublicAddress {
    url: Url,
    is_development: bool,
}

/// A provider, checked.
#[derive(Clone, Debug)]
pub struct ProviderSettings {
    pub(super) key: String,
    pub(super) audience: Audience,
    pub(super) names: BTreeMap<String, String>,
    pub(super) issuer: String,
    pub(super) client_id: String,
    pub(super) secret: SharedSecret,
    pub(super) scopes: Vec<String>,
    pub(super) acr: Vec<String>,
    pub(super) claims_from: ClaimsFrom,
    /// Present for [`Audience::Residents`].
    pub(super) claims: Option<ResidentClaims>,
    pub(super) redirect: String,
    pub(super) is_development: bool,
    pub(super) patience: Duration,
}

/// Which claims say who a resident is.
#[derive(Clone, Debug)]
pub(super) struct ResidentClaims {
    pub(super) name: String,
    pub(super) document_number: String,
    pub(super) document_kind: DocumentKindFrom,
    pub(super) phone: Option<String>,
}

/// How the kind of document is known.
#[derive(Clone, Debug)]
pub(super) enum DocumentKindFrom {
    /// Everybody's is the same.
    Fixed(DocumentKind),
    /// A claim says it, in these words.
    Claim(String, BTreeMap<String, DocumentKind>),
}

/// What is wrong with a provider's configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadProvider {
    /// The key does not fit into an address.
    #[error("`key` has 1 to 32 lower-case letters, digits and hyphens")]
    Key,
    /// The key is taken.
    #[error("`key` is taken by another provider; give each its own")]
    KeyTaken,
    /// A language without a name.
    #[error("`name` is empty; write what people call the provider, as `name.en = \"…\"`")]
    Name,
    /// An address that may not be used.
    #[error(
        "`{0}` must be an https address without `?`, `#` or a user name; http works on a loopback \
         address and with `development = true` only"
    )]
    Address(&'static str),
    /// No client id or no secret.
    #[error("`client_id` and the file of `client_secret_file` may not be empty")]
    Client,
    /// Nothing says which of the provider's people are proven.
    #[error(
        "residents are bound to a document by this provider: list the `acr` values under which it \
         has seen the document, or write `all_are_proven = true` if it has nobody else"
    )]
    NoProof,
    /// Both say which of the provider's people are proven.
    #[error("`acr` and `all_are_proven = true` exclude each other; keep the one that is right")]
    TwoProofs,
    /// A claim that a resident's identity needs is not named.
    #[error("`claims.{0}` is missing; name the claim of the provider that holds it")]
    NoClaim(&'static str),
    /// The kind of document is said in no way or in two.
    #[error(
        "say the kind of document once: `document_kind = \"20\"` if it is always the same, or \
         `claims.document_kind` with a table `document_kinds`"
    )]
    DocumentKind,
    /// Two digits that stand for no kind of document.
    #[error("`{0}` is no kind of document; known: 10, 14, 15, 20, 34, 99")]
    UnknownDocumentKind(String),
}

impl PublicAddress {
    /// `url` is how browsers reach this installation, without a path. `is_development` lets http
    /// through on loopback addresses.
    ///
    /// # Errors
    /// [`BadProvider::Address`].
    pub fn new(url: &str, is_development: bool) -> Result<Self, BadProvider> {
        let url = checked(url, is_development).ok_or(BadProvider::Address("public_url"))?;
        if url.path() != "/" {
            return Err(BadProvider::Address("public_url"));
        }
        Ok(Self {
            url,
            is_development,
        })
    }

    /// Where a provider sends the browser back to. Each provider has an address of its own, so that
    /// what one sends is never taken for another's (RFC 9700, section 4.4).
    fn callback(&self, key: &str) -> String {
        format!("{}sign-in/{key}/callback", self.url)
    }
}

impl ProviderSettings {
    /// Checks what the configuration says.
    ///
    /// # Errors
    /// [`BadProvider`] with what is wrong and what to write.
    pub fn new(
        config: ProviderConfig,
        secret: SharedSecret,
        here: &PublicAddress,
    ) -> Result<Self, BadProvider> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if config.key.is_empty() || config.key.len() > LONGEST_KEY || !config.key.chars().all(plain)
        {
            return Err(BadProvider::Key);
        }
        if config.name.is_empty() || config.name.values().any(|name| name.trim().is_empty()) {
            return Err(BadProvider::Name);
        }
        checked(&config.issuer, here.is_development).ok_or(BadProvider::Address("issuer"))?;
        if config.client_id.is_empty() || secret.expose().is_empty() {
            return Err(BadProvider::Client);
        }
        let claims = match config.r#for {
            Audience::Residents => Some(resident_claims(&config)?),
            Audience::Staff => None,
        };
        Ok(Self {
            redirect: here.callback(&config.key),
            is_development: here.is_development,
            key: config.key,
            audience: config.r#for,
            names: config.name,
            issuer: config.issuer,
            client_id: config.client_id,
            secret,
            scopes: config.scopes,
            acr: config.acr,
            claims_from: config.claims_from,
            claims,
            patience: PATIENCE,
        })
    }

    /// The same, for a provider whose answers may take no longer than `patience`.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// The word for it in addresses.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Who signs in with it.
    pub const fn audience(&self) -> Audience {
        self.audience
    }

    /// What it is called in a language, or else in English, or else in the first one that it has a
    /// name in.
    pub fn name(&self, language: &str) -> &str {
        let own = self.names.get(language);
        own.or_else(|| self.names.get("en"))
            .or_else(|| self.names.values().next())
            .map_or(&*self.key, |name| name)
    }

    /// Its address.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }
}

fn resident_claims(config: &ProviderConfig) -> Result<ResidentClaims, BadProvider> {
    match (config.acr.is_empty(), config.all_are_proven) {
        (true, false) => return Err(BadProvider::NoProof),
        (false, true) => return Err(BadProvider::TwoProofs),
        _ => {}
    }
    let kind = |code: &String| {
        let kind = DocumentKind::from_code(code);
        kind.ok_or_else(|| BadProvider::UnknownDocumentKind(code.clone()))
    };
    let claims = &config.claims;
    let document_kind = match (&config.document_kind, &claims.document_kind) {
        (Some(code), None) if config.document_kinds.is_empty() => {
            DocumentKindFrom::Fixed(kind(code)?)
        }
        (None, Some(claim)) if !config.document_kinds.is_empty() => {
            let kinds = config.document_kinds.iter();
            let kinds = kinds.map(|(word, code)| Ok((word.clone(), kind(code)?)));
            DocumentKindFrom::Claim(claim.clone(), kinds.collect::<Result<_, _>>()?)
        }
        _ => return Err(BadProvider::DocumentKind),
    };
    let named = |claim: &Option<String>, what| claim.clone().ok_or(BadProvider::NoClaim(what));
    Ok(ResidentClaims {
        name: named(&claims.name, "name")?,
        document_number: named(&claims.document_number, "document_number")?,
        document_kind,
        phone: claims.phone.clone(),
    })
}

/// The address, if it is one that secrets and people may be sent to.
fn checked(address: &str, is_development: bool) -> Option<Url> {
    let url = Url::parse(address).ok()?;
    let is_bare = url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    (is_bare && may_be_asked(&url, is_development)).then_some(url)
}

/// Whether secrets and people may be sent to this address: with TLS, or within this machine during
/// development.
pub(super) fn may_be_asked(url: &Url, is_development: bool) -> bool {
    let is_loopback = match url.host() {
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    match url.scheme() {
        "https" => url.host().is_some(),
        "http" => is_development && is_loopback,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> ProviderConfig {
        ProviderConfig {
            key: "national-id".to_owned(),
            r#for: Audience::Residents,
            name: BTreeMap::from([("en".to_owned(), "National identity".to_owned())]),
            issuer: "https://id.example".to_owned(),
            client_id: "healthcode".to_owned(),
            client_secret_file: PathBuf::new(),
            scopes: Vec::new(),
            acr: vec!["high".to_owned()],
            all_are_proven: false,
            claims_from: ClaimsFrom::IdToken,
            claims: ClaimsConfig {
                name: Some("name".to_owned()),
                document_number: Some("/document/number".to_owned()),
                document_kind: None,
                phone: None,
            },
            document_kind: Some("20".to_owned()),
            document_kinds: BTreeMap::new(),
        }
    }

    fn check(change: impl FnOnce(&mut ProviderConfig)) -> Result<ProviderSettings, BadProvider> {
        let mut config = config();
        change(&mut config);
        let here = PublicAddress::new("https://code.example", false)?;
        ProviderSettings::new(config, SharedSecret::new("secret\n"), &here)
    }

    #[test]
    fn a_provider_has_a_way_back_of_its_own() {
        let provider = check(|_| {}).unwrap();
        assert_eq!(
            provider.redirect,
            "https://code.example/sign-in/national-id/callback"
        );
        assert_eq!(provider.name("zh"), "National identity");
        assert_eq!(provider.secret.expose(), "secret");
        assert!(!format!("{provider:?}").contains("\"secret\""));
    }

    #[test]
    fn http_is_for_loopback_and_development_only() {
        for (address, development, fits) in [
            ("https://id.example", false, true),
            ("http://id.example", false, false),
            ("http://id.example", true, false),
            ("http://127.0.0.1:4444", false, false),
            ("http://127.0.0.1:4444", true, true),
            ("http://[::1]:4444", true, true),
            ("http://localhost:4444", true, true),
            ("http://localhost.evil.example", true, false),
            ("http://127.0.0.1@evil.example", true, false),
            ("https://user@id.example", false, false),
            ("https://id.example/?a", false, false),
            ("file:///etc/passwd", true, false),
            ("id.example", true, false),
        ] {
            assert_eq!(checked(address, development).is_some(), fits, "{address}");
        }
    }

    #[test]
    fn what_is_missing_is_said() {
        type Change = fn(&mut ProviderConfig);
        let cases: [(Change, BadProvider); 9] = [
            (|c| c.key = "National".into(), BadProvider::Key),
            (|c| c.key = "a/b".into(), BadProvider::Key),
            (|c| c.name.clear(), BadProvider::Name),
            (
                |c| c.issuer = "http://id.example".into(),
                BadProvider::Address("issuer"),
            ),
            (|c| c.client_id.clear(), BadProvider::Client),
            (|c| c.acr.clear(), BadProvider::NoProof),
            (|c| c.all_are_proven = true, BadProvider::TwoProofs),
            (|c| c.claims.name = None, BadProvider::NoClaim("name")),
            (|c| c.document_kind = None, BadProvider::DocumentKind),
        ];
        for (change, fault) in cases {
            assert_eq!(check(change).unwrap_err(), fault);
        }
        let unknown = check(|c| c.document_kind = Some("77".into())).unwrap_err();
        assert_eq!(unknown, BadProvider::UnknownDocumentKind("77".into()));
    }
}
