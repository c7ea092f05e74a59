//! The time in the city, which moves ahead by days at a press.

use std::fs;
use std::path::{Path, PathBuf};
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
    pub fn in_folder(folder: &Path) -> Self {
        let file = folder.join(AHEAD);
        let text = fs::read_to_string(&file).unwrap_or_default();
        let ahead = SignedDuration::from_secs(text.trim().parse().unwrap_or_default());
        Self {
            clock: Arc::new(MovedClock::ahead_by(ahead)),
            file,
        }
    }

    /// What moves it ahead by a day.
    pub fn day_passes(&self) -> DayPasses {
        let time = self.clone();
        DayPasses::new(move || time.pass_a_day())
    }

    /// Also for a later start of a city that is kept.
    fn pass_a_day(&self) {
        let ahead = self.clock.advance(SignedDuration::from_hours(24));
        if let Err(error) = fs::write(&self.file, ahead.as_secs().to_string()) {
            warn!(%error, "it is not kept that a day has passed");
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{Clock, SystemClock};

    use super::*;

    #[test]
    fn days_that_passed_in_a_city_that_is_kept_have_passed_there_for_good() {
        let folder = tempfile::tempdir().unwrap();
        let ahead = |time: &CityTime| {
            let ahead = time.clock.now().duration_since(SystemClock.now());
            (ahead.as_secs() + 5) / (24 * 3600)
        };
        let time = CityTime::in_folder(folder.path());
        assert_eq!(ahead(&time), 0);
        time.pass_a_day();
        time.pass_a_day();
        assert_eq!(ahead(&time), 2);
        assert_eq!(ahead(&CityTime::in_folder(folder.path())), 2);
    }
}
