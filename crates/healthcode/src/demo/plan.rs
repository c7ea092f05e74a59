//! Where the demonstration keeps its data, and which city it is.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use domain::{Clock, SystemClock, Timestamp};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use simulate::Plan;

/// Written into the folder once the city is complete.
const COMPLETE: &str = "city.complete";
const PLAN: &str = "city.json";
const DAYS: u16 = 14;
/// Any number will do; this one is the day on which Hangzhou began.
const SEED: u64 = 20_200_211;

/// The folder with database and keys. A temporary one goes away with this value.
pub struct DataFolder {
    path: PathBuf,
    _temporary: Option<tempfile::TempDir>,
}

/// Which city: kept beside it, so that a later start finds the same people.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemoPlan {
    /// How many people.
    pub people: u32,
    seed: u64,
    now: i64,
}

impl DataFolder {
    /// The folder at `path`, made if absent, or a temporary one.
    ///
    /// # Errors
    /// If it cannot be made, or holds something else.
    pub fn open(path: Option<PathBuf>) -> Result<Self> {
        let Some(path) = path else {
            let made = tempfile::Builder::new()
                .prefix("healthcode-demo-")
                .tempdir();
            let temporary = made.context("no temporary folder can be made; give one with --dir")?;
            return Ok(Self {
                path: temporary.path().to_owned(),
                _temporary: Some(temporary),
            });
        };
        fs::create_dir_all(&path).with_context(|| {
            format!(
                "{}: cannot be made; give another folder with --dir",
                path.display()
            )
        })?;
        let is_empty = fs::read_dir(&path)?.next().is_none();
        if !is_empty && !path.join(PLAN).exists() {
            bail!(
                "{}: holds something that is no demonstration; give an empty folder with --dir",
                path.display()
            );
        }
        Ok(Self {
            path,
            _temporary: None,
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The city that is in the folder, or one of `people` people that will be.
    ///
    /// # Errors
    /// If what is written there cannot be read.
    pub fn plan(&self, people: u32) -> Result<DemoPlan> {
        let path = self.path.join(PLAN);
        if path.exists() {
            let text = fs::read_to_string(&path)?;
            return serde_json::from_str(&text).with_context(|| {
                format!("{}: remove the folder for a fresh city", path.display())
            });
        }
        let plan = DemoPlan {
            people,
            seed: SEED,
            now: SystemClock.now().as_second(),
        };
        fs::write(&path, serde_json::to_string_pretty(&plan)?)?;
        Ok(plan)
    }

    /// Whether everybody is in the database.
    pub fn is_complete(&self) -> bool {
        self.path.join(COMPLETE).exists()
    }

    /// Remembers that everybody is in the database.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn complete(&self) -> Result<()> {
        Ok(fs::write(self.path.join(COMPLETE), "")?)
    }
}

impl DemoPlan {
    /// When the city was made.
    pub fn made_at(&self) -> Timestamp {
        Timestamp::from_second(self.now).unwrap_or(Timestamp::MIN)
    }

    /// What the city is made from.
    ///
    /// # Errors
    /// If the time-zone table, which is built in, does not know the city's zone.
    pub fn for_simulation(&self) -> Result<Plan> {
        Ok(Plan {
            people: self.people,
            days: DAYS,
            seed: self.seed,
            now: self.made_at(),
            time_zone: TimeZone::get("Asia/Shanghai")?,
        })
    }
}
