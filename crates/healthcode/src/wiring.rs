//! Puts the parts together: runtime, database, keys, service.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use domain::{Authority, AuthorityKind, Clock, MovedClock, Region, SystemClock, Timestamp};
use service::{
    Cap, Caps, CodeSender, CountingNotifier, Dependencies, Mirror, Operator, Publisher, Service,
    ServiceError, Settings,
};
use store::Store;

use crate::bucket;
use crate::codes;
use crate::config::Config;
use crate::keystore::KeyFolder;
use crate::outcome::wrong_use;
use crate::system::SystemIds;

/// A service and the record beneath it.
pub struct Runtime {
    /// All use cases.
    pub service: Arc<Service>,
    /// The record.
    pub store: Arc<Store>,
}

/// Runs asynchronous work to its end.
///
/// # Errors
/// Those of the work.
pub fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the operating system gives no threads")?
        .block_on(work)
}

/// Opens a database that has this program's schema.
///
/// # Errors
/// What is wrong and what to do: it is newer, older, absent, or does not answer.
pub async fn open_store(config: &Config) -> Result<Arc<Store>> {
    let store = Store::open(&config.database_url, &SystemIds).await;
    Ok(Arc::new(
        store.with_context(|| shown(&config.database_url))?,
    ))
}

/// As [`open_store`], but a database without any schema gets one first. The file of an embedded one must
/// be there: a path that was mistyped would begin an empty city.
///
/// # Errors
/// As [`open_store`]; if there is no such file.
pub async fn open_to_serve(config: &Config) -> Result<Arc<Store>> {
    let url = &config.database_url;
    if let Some(file) = sqlite_file(url)
        && !file.exists()
    {
        let absolute = std::path::absolute(&file).unwrap_or(file);
        bail!(
            "{}: there is no such database; correct `database_url`, or make a new one with `healthcode \
             migrate`",
            absolute.display()
        );
    }
    let version = Store::schema_version(url, &SystemIds).await;
    if version.with_context(|| shown(url))? > 0 {
        return open_store(config).await;
    }
    Ok(Arc::new(
        Store::migrate(url, &SystemIds)
            .await
            .with_context(|| shown(url))?,
    ))
}

/// A service on an open database, with the keys in the folder of the configuration.
///
/// # Errors
/// If the keys cannot be used or the database does not answer.
pub async fn start(config: &Config, store: Arc<Store>) -> Result<Runtime> {
    let folder = KeyFolder::at(&config.keys);
    let settings = Settings {
        caps: config.caps,
        retention: config.retention,
        origin: config.origin.clone(),
        witnesses: config.witnesses.clone(),
        ..Settings::new(folder.issuer(SystemClock.now())?)
    };
    let code_sender = codes::sender(&config.one_time_codes)?;
    start_choosing(folder, store, settings, code_sender, Arc::new(SystemClock)).await
}

/// A service on the database of a demonstration, in which everybody is made up.
///
/// # Errors
/// As [`start`].
pub async fn start_demonstration(
    folder: KeyFolder,
    store: Arc<Store>,
    code_sender: Arc<dyn CodeSender>,
    clock: Arc<MovedClock>,
) -> Result<Runtime> {
    let settings = Settings {
        is_demonstration: true,
        is_time_moved: true,
        // On some days the case of the story met hundreds, and they turn while somebody looks on.
        caps: Caps::DESIGN.with(Cap::RestrictedByBatch, 10_000),
        ..Settings::new(folder.issuer(clock.now())?)
    };
    start_choosing(folder, store, settings, code_sender, clock).await
}

async fn start_choosing(
    folder: KeyFolder,
    store: Arc<Store>,
    settings: Settings,
    code_sender: Arc<dyn CodeSender>,
    clock: Arc<dyn Clock>,
) -> Result<Runtime> {
    let mut secret = folder.secret()?;
    let months = folder.months(settings.issuer, clock.now(), &SystemIds)?;
    secret.vault = secret.vault.with_months(months, settings.issuer);
    let log_key = folder.log_key(settings.issuer, &SystemIds)?;
    // Read again while the service runs: keys are rotated and retired without a restart.
    let signing = move |now: Timestamp| {
        let keys = folder.signing_keys(now);
        keys.map(|(_, signing)| signing)
            .map_err(|error| ServiceError::Signing(format!("{error:#}")))
    };
    let service = Service::start(Dependencies {
        store: Arc::clone(&store),
        keys: secret,
        signing: Arc::new(signing),
        log_key,
        clock,
        ids: Arc::new(SystemIds),
        notifier: Arc::new(CountingNotifier::default()),
        code_sender,
        settings,
    })
    .await?;
    Ok(Runtime { service, store })
}

/// Whether the keys open what the vault of the database holds; `None` if it holds nobody.
///
/// # Errors
/// If they belong to another database, or this one does not answer.
pub async fn try_vault(service: &Service) -> Result<Option<()>> {
    let foreign = "the folder of keys does not belong to this database; put back the one that does";
    service.people.try_vault().await.context(foreign)
}

/// The mirror of a database, if the configuration names its folder or bucket.
///
/// # Errors
/// Wrong use if a bucket is named and cannot be used.
pub fn mirror(config: &Config, store: &Arc<Store>) -> Result<Option<Arc<Mirror>>> {
    let Some(place) = config.mirror.as_deref() else {
        return Ok(None);
    };
    let bucket = bucket::named(place)?;
    let folder = match (&bucket, config.mirror_cache.as_deref()) {
        (None, _) => place,
        (Some(_), Some(folder)) => folder,
        (Some(_), None) => {
            return Err(wrong_use(
                "name a folder of this machine for the files of the bucket with --mirror-cache DIR",
            ));
        }
    };
    let store = Arc::clone(store);
    let mirror = Mirror::new(store, folder, Arc::new(SystemClock), Arc::new(SystemIds));
    Ok(Some(Arc::new(match bucket {
        Some(bucket) => mirror.in_bucket(bucket),
        None => mirror,
    })))
}

/// Keeps other servers from the file of an embedded database. It ends with the process, however that
/// ends; `None` for a database on a server, which many may use.
///
/// # Errors
/// If another server has it.
pub fn only_server(database_url: &str) -> Result<Option<File>> {
    let Some(database) = sqlite_file(database_url) else {
        return Ok(None);
    };
    // However the file is named, it is the same one.
    let database = database.canonicalize().unwrap_or(database);
    let mut name = database.clone().into_os_string();
    name.push(".server");
    let place = || format!("{}: cannot be written", Path::new(&name).display());
    let lock = File::options().create(true).append(true).open(&name);
    let lock = lock.with_context(place)?;
    match lock.try_lock() {
        Ok(()) => Ok(Some(lock)),
        Err(TryLockError::WouldBlock) => bail!(
            "{}: another server uses this database; end that one first, or use PostgreSQL, which \
             several servers share",
            database.display()
        ),
        Err(TryLockError::Error(error)) => Err(error).with_context(place),
    }
}

/// The operator at the terminal.
pub fn operator() -> Operator {
    Operator::at_the_command_line("the operator at the command line")
}

/// The authority called `name`, made if there is none: in `region`, or in the issuer's.
///
/// # Errors
/// If the authority of that name is of another kind; if the database does not answer.
pub async fn authority(
    service: &Service,
    kind: AuthorityKind,
    name: &str,
    region: Option<Region>,
) -> Result<Authority> {
    let known = service.access.authorities().await?;
    match known.into_iter().find(|known| known.name == name) {
        Some(known) if known.kind != kind => bail!(
            "{name} is a {} authority; choose another name, or that kind",
            known.kind
        ),
        Some(known) => Ok(known),
        None => {
            let region = region.unwrap_or(service.settings().issuer);
            let access = &service.access;
            Ok(access
                .add_authority(&operator(), kind, name, region)
                .await?)
        }
    }
}

/// The operator at the terminal, as who publishes: alone, and so only while nobody is registered.
///
/// # Errors
/// Wrong use if names are given: names in a text are not persons.
pub fn publisher(approved_by: &[String]) -> Result<Publisher> {
    if approved_by.is_empty() {
        return Ok(Publisher::from(&operator()));
    }
    Err(wrong_use(
        "--approved-by: names in a text are not persons. Sign in as a staff member and propose it on \
         /officer/propose; another staff member approves it",
    ))
}

/// A database address without the password, for messages.
pub fn shown(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    match rest.rsplit_once('@') {
        Some((user, host)) => {
            let user = user.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}@{host}")
        }
        None => url.to_owned(),
    }
}

/// The file of an embedded database; `None` for a server's.
pub fn sqlite_file(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite:")?;
    Some(Path::new(path.strip_prefix("//").unwrap_or(path)).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_shown_nowhere() {
        assert_eq!(
            shown("postgres://hc:s3cret@db.example/hc"),
            "postgres://hc@db.example/hc"
        );
        assert_eq!(
            shown("postgres://hc:s3@cret@db.example/hc"),
            "postgres://hc@db.example/hc"
        );
        assert_eq!(
            shown("postgres://db.example/hc"),
            "postgres://db.example/hc"
        );
        assert_eq!(shown("sqlite:city.db"), "sqlite:city.db");
    }
}
