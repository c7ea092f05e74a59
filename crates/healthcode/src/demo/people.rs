//! The people of the made-up city, as they register and prove their phones.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result};
use async_trait::async_trait;
use domain::{Assurance, RequestKey};
use service::{
    AskedFrom, CodeMessage, CodeSender, Notice, Registered, RegistrationRequest, SendError,
    SessionKind,
};
use simulate::Resident;

use crate::codes::Console;
use crate::wiring::Runtime;

/// The phones of the city: the last code can be read. Once somebody watches, the terminal is
/// everybody's phone: the people of the story prove theirs before, and people who register on the
/// pages do not have the phone that they made up.
#[derive(Default)]
pub struct MadeUpPhones {
    last: Mutex<Option<String>>,
    is_watched: AtomicBool,
}

impl MadeUpPhones {
    /// The code that came last.
    ///
    /// # Errors
    /// If none came.
    pub fn last_code(&self) -> Result<String> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.clone().context("no one-time code came")
    }

    /// Shows each code on the terminal from now on.
    pub fn show(&self) {
        self.is_watched.store(true, Ordering::Relaxed);
    }
}

#[async_trait]
impl CodeSender for MadeUpPhones {
    async fn send(&self, message: &CodeMessage) -> Result<(), SendError> {
        let code = message.code.expose().clone();
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(code);
        if self.is_watched.load(Ordering::Relaxed) {
            Console.send(message).await?;
        }
        Ok(())
    }

    async fn tell(&self, notice: &Notice) -> Result<(), SendError> {
        if self.is_watched.load(Ordering::Relaxed) {
            Console.tell(notice).await?;
        }
        Ok(())
    }
}

/// Registers a resident; the same one again gives the same person and token.
///
/// # Errors
/// If the service refuses.
pub async fn register(runtime: &Runtime, resident: &Resident) -> Result<Registered> {
    let request = RegistrationRequest {
        request: RequestKey::from_u128(resident.id.as_u128()),
        identity: resident.identity.clone(),
        declaration: None,
        stays: Vec::new(),
        session: SessionKind::Api,
        label: None,
    };
    Ok(runtime.service.people.register(request).await?)
}

/// Proves the phone of somebody of the story, unless it was proven before.
///
/// # Errors
/// If the service refuses.
pub async fn prove_phone(
    runtime: &Runtime,
    phones: &MadeUpPhones,
    registered: &Registered,
) -> Result<()> {
    let service = &runtime.service;
    let resident = service.access.resident(&registered.token).await?;
    if resident.assurance() >= Assurance::Phone {
        return Ok(());
    }
    let accounts = &service.accounts;
    let challenge = accounts
        .send_phone_code(&resident, AskedFrom::HERE, "en")
        .await?;
    let code = phones.last_code()?;
    accounts.prove_phone(&resident, challenge, &code).await?;
    Ok(())
}
