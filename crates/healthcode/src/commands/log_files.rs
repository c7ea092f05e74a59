//! The files of a log: at an address, or in a folder.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use credential::log::{LogFiles, NotServed};
use ureq::Agent;

use crate::outcome::wrong_use;

/// A server that answers later than this does not answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// Bytes of the longest file that is read.
const LONGEST: u64 = 1 << 20;

/// A log that a server serves.
#[derive(Clone)]
pub struct Served {
    agent: Agent,
    base: String,
}

/// A log in a folder.
pub struct Files {
    folder: PathBuf,
}

impl Served {
    /// The log at an address.
    ///
    /// # Errors
    /// Wrong use if it is no address.
    pub fn at(url: &str) -> Result<Self> {
        if !url.starts_with("https://") && !url.starts_with("http://") {
            return Err(wrong_use(format!(
                "{url}: expected an address such as https://code.example/log"
            )));
        }
        let config = Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .max_redirects(0)
            .build();
        Ok(Self {
            agent: Agent::new_with_config(config),
            base: url.trim_end_matches('/').to_owned(),
        })
    }

    /// A file as text.
    ///
    /// # Errors
    /// If it is not served, or is no text.
    pub fn text(&mut self, path: &str) -> Result<String> {
        String::from_utf8(self.read(path)?).with_context(|| format!("{}/{path}", self.base))
    }

    /// Sends a text.
    ///
    /// # Errors
    /// If the server does not answer, or does not take it.
    pub fn post(&mut self, path: &str, text: &str) -> Result<()> {
        let url = format!("{}/{path}", self.base);
        let request = self
            .agent
            .post(&url)
            .header("Content-Type", "text/plain; charset=utf-8");
        request.send(text).with_context(|| {
            format!("{url}: the server did not take it; is this witness in its configuration?")
        })?;
        Ok(())
    }
}

impl LogFiles for Served {
    fn read(&mut self, path: &str) -> Result<Vec<u8>, NotServed> {
        let url = format!("{}/{path}", self.base);
        let not_served = |why: ureq::Error| NotServed {
            path: url.clone(),
            why: why.to_string(),
        };
        let mut response = self.agent.get(&url).call().map_err(not_served)?;
        let body = response.body_mut().with_config().limit(LONGEST);
        body.read_to_vec().map_err(not_served)
    }
}

impl Files {
    /// The log in a folder.
    pub fn in_folder(folder: &str) -> Self {
        Self {
            folder: PathBuf::from(folder),
        }
    }
}

impl LogFiles for Files {
    fn read(&mut self, path: &str) -> Result<Vec<u8>, NotServed> {
        let file = self.folder.join(path);
        fs::read(&file).map_err(|error| NotServed {
            path: file.display().to_string(),
            why: error.to_string(),
        })
    }
}
