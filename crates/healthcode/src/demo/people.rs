//! The people of the made-up city, as they register.

use anyhow::Result;
use domain::RequestKey;
use service::{Registered, RegistrationRequest, SessionKind};
use simulate::Resident;

use crate::wiring::Runtime;

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
