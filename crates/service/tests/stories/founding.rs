//! A service on a database, as a process of the city starts it.

use std::sync::Arc;

use credential::IssuerKey;
use domain::ManualClock;
use service::{Dependencies, Keys, Service, Settings};
use store::Store;

use crate::base::Base;
use crate::city::{Seeded, hangzhou};
use crate::key_folder::KeyFolder;
use crate::messages::SentMessages;

pub async fn start(
    base: &Base,
    clock: &Arc<ManualClock>,
    ids: &Arc<Seeded>,
    messages: &Arc<SentMessages>,
    folder: &KeyFolder,
    settings: Settings,
) -> Arc<Service> {
    let started = try_start(base, clock, ids, messages, folder, settings).await;
    started.unwrap()
}

pub async fn try_start(
    base: &Base,
    clock: &Arc<ManualClock>,
    ids: &Arc<Seeded>,
    messages: &Arc<SentMessages>,
    folder: &KeyFolder,
    settings: Settings,
) -> service::Result<Arc<Service>> {
    try_start_with(base, clock, ids, messages, folder, settings, |_| {}).await
}

pub async fn try_start_with(
    base: &Base,
    clock: &Arc<ManualClock>,
    ids: &Arc<Seeded>,
    messages: &Arc<SentMessages>,
    folder: &KeyFolder,
    settings: Settings,
    change: impl FnOnce(&mut Dependencies),
) -> service::Result<Arc<Service>> {
    // Its own random bits: how many a database draws must not show in the city's ids.
    let store = Store::migrate(&base.url, &Seeded::new(7)).await.unwrap();
    let store = Arc::new(store);
    let folder = folder.clone();
    let mut dependencies = Dependencies {
        store,
        keys: Keys::from_secret(&[3; 32]),
        signing: Arc::new(move |now| folder.load(now)),
        log_key: IssuerKey::from_seed(&[5; 32]).unwrap(),
        clock: Arc::clone(clock) as _,
        ids: Arc::clone(ids) as _,
        notifier: Arc::clone(messages) as _,
        code_sender: Arc::clone(messages) as _,
        settings,
    };
    change(&mut dependencies);
    Service::start(dependencies).await
}

pub fn settings() -> Settings {
    Settings {
        people_per_batch: 3,
        is_demonstration: true,
        ..Settings::new(hangzhou())
    }
}
