//! The time in the city, which moves ahead by days at a press.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use domain::MovedClock;
use jiff::SignedDuration;
use tracing::warn;
use web::DayPasses;

/// How far time was moved ahead, in seconds: the file beside the city.
const AHEAD: &str = "city.ahead";

/// The clock of a city, and where it is written how far that is ahead.
#[derive(Clone)]
pub struct CityTime {
    /// The clock.
    pub clock: Arc<MovedClock>,
    file: PathBuf,
}

impl CityTime {
    /// The time in the city in `folder`: where it was left, and on from there.
    pub fn in_folder(folder: &std::path::Path) -> Self {
        let file = folder.join(AHEAD);
        let text = fs::read_to_string(&file).unwrap_or_default();
        let ahead = SignedDuration::from_secs(text.trim().parse().unwrap_or_default());
        Self {
            clock: Arc::new(MovedClock::ahead_by(ahead)),
            file,
        }
    }

    /// What moves it ahead by a day, also for a later start of a city that is kept.
    pub fn day_passes(&self) -> DayPasses {
        let Self { clock, file } = self.clone();
        DayPasses::new(move || {
            let ahead = clock.advance(SignedDuration::from_hours(24));
            if let Err(error) = fs::write(&file, ahead.as_secs().to_string()) {
                warn!(%error, "it is not kept that a day has passed");
            }
        })
    }
}
