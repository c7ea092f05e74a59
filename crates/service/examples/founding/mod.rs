//! A city to measure in: a policy in force, and people who feel well.

use std::error::Error;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use credential::{IssuerKey, ListValidity, TrustList, TrustedKey};
use domain::evidence::{ContactAnswer, Symptoms};
use domain::{
    AuthorityKind, Clock, Document, DocumentKind, IdSource, Identity, Pii, Region, RequestKey,
    Role, SystemClock,
};
use jiff::SignedDuration;
use service::{
    Caps, CodeMessage, CodeSender, CountingNotifier, Declaration, Dependencies, Invitation, Keys,
    NewMember, Notice, Operator, Publisher, RegistrationRequest, SendError, Service, ServiceError,
    SessionKind, Settings, SigningKeys, Staff,
};
use store::Store;

pub type Failure = Box<dyn Error + Send + Sync>;

pub const POLICY: &str = include_str!("../../../../policies/hangzhou.toml");

/// Runs a measurement to its end on all cores.
pub fn run(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(work)
}

/// A city with a policy in force.
pub struct Founded {
    pub service: Arc<Service>,
}

impl Founded {
    /// Founds it on an empty database.
    pub async fn on(
        store: Arc<Store>,
        ids: Arc<Sequence>,
        choose: impl FnOnce(&mut Settings),
    ) -> Result<Self, Failure> {
        let Self { service } = Self::again(store, ids, choose).await?;
        let operator = Operator::at_the_command_line("the load generator");
        let publisher = Publisher::from(&operator);
        service
            .publishing
            .publish_policy(&publisher, POLICY)
            .await?;
        service.reevaluation.decide_everybody().await?;
        Ok(Self { service })
    }

    /// Opens one that was founded before.
    pub async fn again(
        store: Arc<Store>,
        ids: Arc<Sequence>,
        choose: impl FnOnce(&mut Settings),
    ) -> Result<Self, Failure> {
        let mut dependencies = dependencies(store, ids)?;
        choose(&mut dependencies.settings);
        let service = Service::start(dependencies).await?;
        Ok(Self { service })
    }
}

/// The first health officer of an authority of the city.
pub async fn officer(service: &Service) -> Result<Staff, Failure> {
    officer_of(service, "3301".parse()?).await
}

/// The first health officer of an authority of a region.
async fn officer_of(service: &Service, region: Region) -> Result<Staff, Failure> {
    let operator = Operator::at_the_command_line("the load generator");
    let (access, accounts) = (&service.access, &service.staff);
    let name = format!("Health Commission of {region}, {}", service.now());
    let kind = AuthorityKind::Health;
    let office = access.add_authority(&operator, kind, &name, region);
    let member = NewMember {
        authority: office.await?.id,
        name: "Dr Lin".to_owned(),
        roles: Role::ALL.into_iter().collect(),
        regions: [region].into_iter().collect(),
    };
    let invitation = accounts.invite_first(&operator, member).await?;
    let invitation = Invitation::Whole(invitation);
    let id = accounts.accept_at_one_press(&operator, &invitation).await?;
    let session = accounts.sign_in_at_one_press(&operator, id).await?;
    Ok(access.staff(&session).await?)
}

/// Somebody who feels well; each has another passport.
pub fn somebody(ids: &Sequence) -> Result<RegistrationRequest, Failure> {
    let number = format!("L{:015}", ids.next());
    Ok(RegistrationRequest {
        request: RequestKey::generate(ids),
        identity: Identity {
            name: Pii::new("Li Ming".to_owned()),
            document: Document::new(DocumentKind::Passport, &number)?,
            phones: vec![Pii::new("138 0000 0000".to_owned())],
        },
        declaration: Some(Declaration {
            symptoms: Symptoms::NONE,
            temperature: None,
            contact: ContactAnswer::None,
        }),
        stays: Vec::new(),
        session: SessionKind::Api,
        label: None,
    })
}

fn dependencies(store: Arc<Store>, ids: Arc<Sequence>) -> Result<Dependencies, Failure> {
    let now = SystemClock.now();
    let issuer = "330100".parse()?;
    let root = IssuerKey::from_seed(&[1; 32])?;
    let freshness_key = IssuerKey::from_seed(&[4; 32])?;
    let issuer_key = IssuerKey::from_seed(&[2; 32])?;
    let trusted = TrustedKey {
        issuer,
        status_uri: "https://health.example/status".to_owned(),
        key: issuer_key.public_key().clone(),
        from: now,
        until: now + SignedDuration::from_hours(24 * 365),
    };
    let validity = ListValidity {
        issued_at: now,
        expires_at: now + SignedDuration::from_hours(24 * 365),
        freshness_key: freshness_key.public_key().clone(),
    };
    let trust_list = TrustList::new(1, validity, vec![trusted])?.sign(&root)?;
    let roots = vec![root.public_key().clone()];
    let signing = move |_: domain::Timestamp| -> service::Result<SigningKeys> {
        let key = |seed| {
            let key = IssuerKey::from_seed(&[seed; 32]);
            key.map_err(|error| ServiceError::Signing(error.to_string()))
        };
        Ok(SigningKeys {
            issuer_key: key(2)?,
            freshness_key: key(4)?,
            trust_list: trust_list.clone(),
            roots: roots.clone(),
        })
    };
    Ok(Dependencies {
        store,
        keys: Keys::from_secret(&[3; 32]),
        signing: Arc::new(signing),
        log_key: IssuerKey::from_seed(&[5; 32])?,
        clock: Arc::new(SystemClock),
        ids,
        notifier: Arc::new(CountingNotifier::default()),
        code_sender: Arc::new(NoCodes),
        settings: Settings {
            caps: Caps::UNLIMITED,
            is_demonstration: true,
            ..Settings::new(issuer)
        },
    })
}

/// Nobody asks for a code here.
struct NoCodes;

#[async_trait]
impl CodeSender for NoCodes {
    async fn send(&self, _message: &CodeMessage) -> Result<(), SendError> {
        Err(SendError("nothing is sent in a measurement".to_owned()))
    }

    async fn tell(&self, _notice: &Notice) -> Result<(), SendError> {
        Err(SendError("nothing is sent in a measurement".to_owned()))
    }
}

/// Bits that look random and never repeat (SplitMix64). A run begins behind those before it, so that it
/// may go on with their database.
pub struct Sequence {
    state: AtomicU64,
}

impl Sequence {
    pub fn from_clock() -> Self {
        let begun_at = SystemClock.now().as_second().unsigned_abs();
        Self {
            state: AtomicU64::new(begun_at << 16),
        }
    }

    pub fn next(&self) -> u64 {
        self.state.fetch_add(1, Ordering::Relaxed)
    }
}

impl IdSource for Sequence {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let mut word = (self.next() + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            word ^= word >> 31;
            chunk.copy_from_slice(&word.to_be_bytes()[..chunk.len()]);
        }
    }
}
