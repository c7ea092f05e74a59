//! Against oidc-provider, which the OpenID Foundation certified, as it comes from npm. `cargo xtask
//! test` installs it and says where in `HEALTHCODE_TEST_OIDC_PROVIDER`.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use domain::{Clock, SystemClock};
use openidconnect::url::Url;
use service::Invitation;
use service::providers::{
    Audience, Callback, ClaimsFrom, Departure, Proven, ProviderConfig, Providers, Purpose,
    SignInError,
};

use crate::stand_in::SECRET;
use crate::{config, node, resident, settings};

const CALLBACK: &str = "http://127.0.0.1:8080/sign-in/certified/callback";
const DOCUMENT_SEEN: &str = "urn:example:document-seen";

#[tokio::test]
async fn a_certified_provider_proves_a_resident_with_each_kind_of_signature() {
    let Some(provider) = Certified::start() else {
        return;
    };
    for client in ["rs256", "es256", "ps256"] {
        let ours = provider.node(client, DOCUMENT_SEEN);
        let identity = resident(provider.sign_in(&ours).await);
        assert_eq!(identity.name.expose(), "Mei Lan", "{client}");
        assert_eq!(identity.document.number().expose(), "E1234567");
        assert_eq!(identity.phone.unwrap().expose(), "+8613800000000");
        assert_eq!(identity.by.subject.expose(), "mei");
        assert_eq!(identity.by.acr.as_deref(), Some(DOCUMENT_SEEN));
        assert_eq!(identity.by.issuer, provider.issuer);
    }
}

#[tokio::test]
async fn a_certified_provider_takes_a_code_once_and_with_its_verifier_only() {
    let Some(provider) = Certified::start() else {
        return;
    };
    let ours = provider.node("es256", DOCUMENT_SEEN);
    let departure = ours
        .begin("certified", Purpose::SignIn, None)
        .await
        .unwrap();
    let callback = provider.browse(&departure.address).await;
    assert_eq!(callback.iss.as_deref(), Some(&*provider.issuer));
    // A code of somebody else in the answer to an attempt of one's own.
    let attacker = ours
        .begin("certified", Purpose::SignIn, None)
        .await
        .unwrap();
    let own = provider.browse(&attacker.address).await;
    let injected = Callback {
        code: callback.code.clone(),
        ..own
    };
    let refused = ours.finish("certified", Some(&attacker.attempt), injected);
    assert_eq!(refused.await, Err(SignInError::CodeRefused));
    // The same answer at another node, after a sign-in.
    let departure = ours
        .begin("certified", Purpose::SignIn, None)
        .await
        .unwrap();
    let callback = provider.browse(&departure.address).await;
    let attempt = Some(&*departure.attempt);
    let arrival = ours.finish("certified", attempt, callback.clone()).await;
    resident(arrival.map(|arrival| arrival.proven));
    let other = provider.node("es256", DOCUMENT_SEEN);
    let again = other.finish("certified", attempt, callback).await;
    assert_eq!(again, Err(SignInError::CodeRefused));
}

#[tokio::test]
async fn a_certified_provider_that_saw_no_document_proves_nobody() {
    let Some(provider) = Certified::start() else {
        return;
    };
    let ours = provider.node("rs256", "urn:example:face-compared");
    assert_eq!(provider.sign_in(&ours).await, Err(SignInError::NotProven));
}

#[tokio::test]
async fn a_certified_provider_says_when_a_staff_member_proved_themselves() {
    let Some(provider) = Certified::start() else {
        return;
    };
    let mut config = provider.config("es256", DOCUMENT_SEEN);
    config.r#for = Audience::Staff;
    let ours = node(vec![settings(config, SECRET)], Arc::new(SystemClock));
    // In one browser, which the provider knows from the first time on.
    let mut browser = BTreeMap::new();
    let mut proven = async |departure: Departure| {
        let callback = provider.browse_in(&mut browser, &departure.address).await;
        let attempt = Some(&*departure.attempt);
        let arrival = ours.finish("certified", attempt, callback).await;
        arrival.unwrap().proven
    };
    let departure = ours.begin("certified", Purpose::SignIn, None).await;
    let Proven::Staff(first) = proven(departure.unwrap()).await else {
        panic!("a staff member signs in");
    };
    assert_eq!(first.subject.expose(), "mei");
    let proven_at = first.authenticated_at.unwrap();
    let age = SystemClock.now().duration_since(proven_at);
    assert!(age.as_secs().abs() < 60, "{age}");
    // Seconds are all that a provider says.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let [one, other] = ["5", "6"].map(|digit| digit.repeat(64).parse().unwrap());
    let invitation = Invitation::Halves(one, other);
    let departure = ours.begin_joining("certified", invitation.clone()).await;
    let Proven::ToJoin(second, brought) = proven(departure.unwrap()).await else {
        panic!("somebody takes up an invitation");
    };
    assert_eq!((&second.subject, brought), (&first.subject, invitation));
    let again_at = second.authenticated_at.unwrap();
    assert!(again_at > proven_at, "they proved themselves anew");
}

/// The provider, until the test ends.
struct Certified {
    issuer: String,
    process: Child,
    _ends_it: Option<ChildStdin>,
    /// It ends when nobody listens to what it says.
    _listens: BufReader<ChildStdout>,
}

impl Certified {
    /// Starts it, if it is installed.
    #[expect(
        clippy::disallowed_methods,
        reason = "only tests read it, and a test has no other parameters"
    )]
    fn start() -> Option<Self> {
        let Some(folder) = std::env::var_os("HEALTHCODE_TEST_OIDC_PROVIDER") else {
            println!("skipped: HEALTHCODE_TEST_OIDC_PROVIDER names no folder with oidc-provider");
            return None;
        };
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/providers/certified.mjs");
        let mut process = Command::new("node")
            .arg(script)
            .arg(folder)
            .arg(CALLBACK)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node runs");
        let mut listens = BufReader::new(process.stdout.take().unwrap());
        let mut issuer = String::new();
        while !issuer.starts_with("http://") {
            issuer.clear();
            let length = listens.read_line(&mut issuer).unwrap();
            assert!(length > 0, "the provider ended without saying its address");
        }
        Some(Self {
            issuer: issuer.trim().to_owned(),
            _ends_it: process.stdin.take(),
            _listens: listens,
            process,
        })
    }

    /// A node of ours that is `client` there, and for which `acr` proves somebody.
    fn node(&self, client: &str, acr: &str) -> Providers {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        node(vec![settings(self.config(client, acr), SECRET)], clock)
    }

    fn config(&self, client: &str, acr: &str) -> ProviderConfig {
        let mut config = config("certified", &self.issuer);
        config.client_id = client.to_owned();
        config.acr = vec![acr.to_owned()];
        config.claims_from = ClaimsFrom::Userinfo;
        config.scopes = ["profile", "document", "phone"].map(str::to_owned).into();
        config
    }

    async fn sign_in(&self, ours: &Providers) -> Result<Proven, SignInError> {
        let departure = ours.begin("certified", Purpose::SignIn, None).await?;
        let callback = self.browse(&departure.address).await;
        let attempt = Some(&*departure.attempt);
        let arrival = ours.finish("certified", attempt, callback).await?;
        Ok(arrival.proven)
    }

    /// What a new browser does: follows every redirect with its cookies, until one leads back to us.
    async fn browse(&self, address: &str) -> Callback {
        self.browse_in(&mut BTreeMap::new(), address).await
    }

    /// The same in a browser with these cookies.
    async fn browse_in(&self, browser: &mut Cookies, address: &str) -> Callback {
        let (issuer, address) = (self.issuer.clone(), address.to_owned());
        let mut cookies = std::mem::take(browser);
        let work = tokio::task::spawn_blocking(move || {
            let callback = browse(&issuer, &mut cookies, address);
            (callback, cookies)
        });
        let (callback, cookies) = work.await.unwrap();
        *browser = cookies;
        callback
    }
}

impl Drop for Certified {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

type Cookies = BTreeMap<String, String>;

fn browse(issuer: &str, cookies: &mut Cookies, mut address: String) -> Callback {
    let config = ureq::Agent::config_builder().max_redirects(0);
    let agent = config.max_redirects_will_error(false).build().new_agent();
    for _ in 0..12 {
        let pairs = cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        let cookie = pairs.collect::<Vec<_>>().join("; ");
        let answer = agent.get(&address).header("cookie", cookie).call().unwrap();
        for line in answer.headers().get_all("set-cookie") {
            let pair = line.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            match value.is_empty() {
                true => drop(cookies.remove(name)),
                false => drop(cookies.insert(name.to_owned(), value.to_owned())),
            }
        }
        let to = answer.headers().get("location");
        let to = to.unwrap_or_else(|| panic!("{}: {address}", answer.status()));
        let to = Url::parse(issuer)
            .unwrap()
            .join(to.to_str().unwrap())
            .unwrap();
        if to.as_str().starts_with(CALLBACK) {
            let mut brought: HashMap<_, _> = to.query_pairs().into_owned().collect();
            return Callback {
                state: brought.remove("state"),
                code: brought.remove("code"),
                error: brought.remove("error"),
                iss: brought.remove("iss"),
            };
        }
        address = to.into();
    }
    panic!("the provider never sends the browser back");
}
