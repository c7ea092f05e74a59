//! The time in the city, which moves ahead by days at a press.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use domain::MovedClock;
use jiff::SignedDuration;
use tables::files::{AtomicFile, FileError};
use tracing::warn;
use web::DayPasses;

/// How far time was moved ahead, in seconds: the file beside the city.
const AHEAD: &str = "city.ahead";

/// The clock of a city, and where it is written how far that is ahead.
#[derive(Clone)]
pub struct CityTime {
    /// The clock.
    pub clock: Arc<MovedClock>,
    file: Arc<Mutex<PathBuf>>,
}

impl CityTime {
    /// The time in the city in `folder`: where it was left, and on from there.
    ///
    /// # Errors
    /// If what is written there is no number of seconds: the city must not fall back in time.
    pub fn in_folder(folder: &Path) -> Result<Self> {
        let file = folder.join(AHEAD);
        let not_read = || {
            format!(
                "{}: says in seconds how far the city is ahead, and cannot be read; remove the folder \
                 for a fresh city",
                file.display()
            )
        };
        let ahead = match fs::read_to_string(&file) {
            Err(error) if error.kind() == ErrorKind::NotFound => 0,
            read => read
                .map_err(anyhow::Error::from)
                .and_then(|text| Ok(text.trim().parse()?))
                .with_context(not_read)?,
        };
        Ok(Self {
            clock: Arc::new(MovedClock::ahead_by(SignedDuration::from_secs(ahead))),
            file: Arc::new(Mutex::new(file)),
        })
    }

    /// What moves it ahead by a day.
    pub fn day_passes(&self) -> DayPasses {
        let time = self.clone();
        DayPasses::new(move || time.pass_a_day())
    }

    /// Also for a later start of a city that is kept. One day at a time, so that the last one that passed
    /// is the last one that is written.
    fn pass_a_day(&self) {
        let file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let ahead = self.clock.advance(SignedDuration::from_hours(24));
        if let Err(error) = write(&file, ahead) {
            warn!(%error, "it is not kept that a day has passed");
        }
    }
}

/// Whole or not at all.
fn write(path: &Path, ahead: SignedDuration) -> Result<(), FileError> {
    let mut file = AtomicFile::create(path)?;
    file.write_all(ahead.as_secs().to_string().as_bytes())
        .map_err(|source| FileError::Write {
            path: path.to_owned(),
            source,
        })?;
    file.commit().map(drop)
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
        let time = CityTime::in_folder(folder.path()).unwrap();
        assert_eq!(ahead(&time), 0);
        time.pass_a_day();
        time.pass_a_day();
        assert_eq!(ahead(&time), 2);
        let again = CityTime::in_folder(folder.path()).unwrap();
        assert_eq!(ahead(&again), 2);
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(left.len(), 1, "no half-written file: {left:?}");
    }

    #[test]
    fn a_city_does_not_fall_back_in_time_because_its_file_is_broken() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(AHEAD), "").unwrap();
        let refused = CityTime::in_folder(folder.path()).map(drop).unwrap_err();
        assert!(refused.to_string().contains("city.ahead"), "{refused}");
    }
}
