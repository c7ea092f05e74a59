//! The phones of the residents of the demonstration, of which the server plays the part.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::DeviceId;
use service::credential::{Assertion, HolderKey, live_code};
use service::{EnrolledKey, Resident, ServiceError};

use crate::App;

/// A phone for each resident, with a key for the day.
#[derive(Default)]
pub struct DemoPhones(Mutex<Phones>);

#[derive(Default)]
struct Phones {
    by_persona: BTreeMap<String, (EnrolledKey, Arc<HolderKey>)>,
    shown: u32,
}

impl DemoPhones {
    /// What the phone of a resident draws now.
    ///
    /// # Errors
    /// As [`service::Codes::live_code`].
    pub(crate) async fn show(
        &self,
        app: &App,
        resident: &Resident,
        persona: &str,
    ) -> Result<String, ServiceError> {
        let (device, key) = self.phone(app, resident, persona).await?;
        let code = app.service.codes.live_code(resident, device).await?;
        let failed = |why: String| ServiceError::Signing(why);
        let assertion =
            Assertion::decode(&code.assertion).map_err(|error| failed(error.to_string()))?;
        let shown = key.present(&assertion, app.service.now(), self.count());
        shown
            .and_then(|shown| live_code(&assertion, &shown))
            .map_err(|error| failed(error.to_string()))
    }

    async fn phone(
        &self,
        app: &App,
        resident: &Resident,
        persona: &str,
    ) -> Result<(DeviceId, Arc<HolderKey>), ServiceError> {
        let now = app.service.now();
        if let Some((enrolled, key)) = self.lock().by_persona.get(persona)
            && now < enrolled.until
        {
            return Ok((enrolled.device, Arc::clone(key)));
        }
        let failed = |why: String| ServiceError::Signing(why);
        let mut secret = [0; 32];
        app.settings.ids.fill(&mut secret);
        let key = HolderKey::from_bytes(secret).map_err(|error| failed(error.to_string()))?;
        let public = key
            .public_key()
            .map_err(|error| failed(error.to_string()))?;
        let public = [public.to_bytes().to_vec()];
        let enrolled = app.service.codes.enrol(resident, &public, 0).await?;
        let enrolled = enrolled.first().copied();
        let enrolled = enrolled.ok_or(ServiceError::UnknownDevice)?;
        let key = Arc::new(key);
        let phone = (enrolled, Arc::clone(&key));
        self.lock().by_persona.insert(persona.to_owned(), phone);
        Ok((enrolled.device, key))
    }

    /// Goes up with each code that is drawn.
    fn count(&self) -> u32 {
        let mut phones = self.lock();
        phones.shown = phones.shown.saturating_add(1);
        phones.shown
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Phones> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
