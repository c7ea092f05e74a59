//! A city whose people sign in at an identity provider.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use domain::{Clock, IdSource};
use service::providers::{
    Audience, Callback, ClaimsConfig, ClaimsFrom, Entrance, ProvenIdentity, ProvenSignIns,
    ProvenSubject, ProviderConfig, ProviderSettings, Providers, PublicAddress, SharedSecret,
};
use service::{Invitation, Token};

use self::stand_in::{CLIENT, SECRET, StandIn};
use super::{City, percent_encoded};
use crate::SignIn;

#[expect(
    dead_code,
    reason = "the stories of the service use all that it can do"
)]
#[path = "../../../service/tests/providers/stand_in.rs"]
pub(crate) mod stand_in;

/// Admits a person who is proven, as a server does, and notes which residents came.
pub(crate) struct Doors {
    /// Who came.
    pub(crate) residents: Mutex<Vec<ProvenIdentity>>,
    rooms: Arc<dyn ProvenSignIns>,
}

#[async_trait]
impl ProvenSignIns for Doors {
    async fn resident_proven(
        &self,
        identity: ProvenIdentity,
        here: Option<Token>,
        label: Option<String>,
        language: &str,
    ) -> service::Result<Entrance> {
        self.residents.lock().unwrap().push(identity.clone());
        let proven = self.rooms.resident_proven(identity, here, label, language);
        proven.await
    }

    async fn staff_proven(
        &self,
        subject: ProvenSubject,
        here: Option<Token>,
    ) -> service::Result<Entrance> {
        self.rooms.staff_proven(subject, here).await
    }

    async fn staff_joins(
        &self,
        subject: ProvenSubject,
        invitation: Invitation,
    ) -> service::Result<Entrance> {
        self.rooms.staff_joins(subject, invitation).await
    }

    async fn staff_bound(
        &self,
        subject: ProvenSubject,
        here: Option<Token>,
    ) -> service::Result<Entrance> {
        self.rooms.staff_bound(subject, here).await
    }
}

impl City {
    /// A city with one provider: residents sign in at `national-id`, staff at `office`.
    pub(crate) async fn start_with_providers() -> (Self, StandIn, Arc<Doors>) {
        let mut city = Self::start().await;
        let provider = StandIn::start(Arc::clone(&city.clock));
        let doors = Arc::new(Doors {
            residents: Mutex::default(),
            rooms: city.service.proven_sign_ins(),
        });
        let providers = [
            ("national-id", Audience::Residents),
            ("office", Audience::Staff),
        ]
        .map(|(key, audience)| settings(key, audience, &provider.issuer));
        let providers = Providers::new(
            providers.into(),
            &service::Keys::from_secret(&[3; 32]),
            Arc::clone(&city.clock) as Arc<dyn Clock>,
            Arc::clone(&city.ids) as Arc<dyn IdSource>,
        );
        let mut settings = city.settings(None);
        settings.sign_in = Some(SignIn {
            providers: Arc::new(providers.unwrap()),
            doors: Arc::clone(&doors) as Arc<dyn ProvenSignIns>,
        });
        city.router = crate::router(Arc::clone(&city.service), settings);
        (city, provider, doors)
    }
}

fn settings(key: &str, audience: Audience, issuer: &str) -> ProviderSettings {
    let names = [("en", "National identity"), ("zh", "国家身份认证")];
    let names = names.map(|(tag, name)| (tag.to_owned(), name.to_owned()));
    let config = ProviderConfig {
        key: key.to_owned(),
        r#for: audience,
        name: names.into(),
        issuer: issuer.to_owned(),
        client_id: CLIENT.to_owned(),
        client_secret_file: "".into(),
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
        document_kinds: [].into(),
    };
    let here = PublicAddress::new("http://127.0.0.1:8080", true).unwrap();
    let settings = ProviderSettings::new(config, SharedSecret::new(SECRET), &here).unwrap();
    settings.with_patience(Duration::from_millis(500))
}

/// The address that the provider sends the browser back to.
pub(crate) fn way_back(key: &str, callback: &Callback) -> String {
    let fields = [
        ("state", &callback.state),
        ("code", &callback.code),
        ("error", &callback.error),
        ("iss", &callback.iss),
    ];
    let fields = fields.into_iter().filter_map(|(name, value)| {
        let value = value.as_deref()?;
        Some(format!("{name}={}", percent_encoded(value)))
    });
    let query: Vec<String> = fields.collect();
    format!("/sign-in/{key}/callback?lang=en&{}", query.join("&"))
}
