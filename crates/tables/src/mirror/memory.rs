//! How much memory there is, asked before it is taken.

use std::path::Path;

use crate::files::FileError;

/// How much memory may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Memory {
    /// What the system has available, if it says so.
    Available,
    /// At most so many bytes.
    AtMost(u64),
}

impl Memory {
    /// The bytes that may be used, asked now; `None` if nobody knows.
    pub fn limit(self) -> Option<u64> {
        match self {
            Self::Available => available_memory(),
            Self::AtMost(bytes) => Some(bytes),
        }
    }

    /// The same limit as of now: what is taken from here on does not lower it.
    pub fn fixed(self) -> Self {
        self.limit().map_or(self, Self::AtMost)
    }

    /// Refuses to begin what would not fit.
    ///
    /// # Errors
    /// [`FileError::TooLarge`] with both figures.
    pub fn check(self, path: &Path, needed: u64) -> Result<(), FileError> {
        match self.limit() {
            Some(limit) if needed > limit => Err(FileError::TooLarge {
                path: path.to_owned(),
                needed,
                limit,
            }),
            _ => Ok(()),
        }
    }
}

/// The bytes of memory that programs may still take, as Linux estimates them; `None` elsewhere.
pub fn available_memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    parse(&text)
}

fn parse(meminfo: &str) -> Option<u64> {
    let line = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kilobytes.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn available_memory_is_read_as_linux_writes_it() {
        let text = "MemTotal:       24670932 kB\nMemAvailable:   23015872 kB\nBuffers: 1 kB\n";
        assert_eq!(parse(text), Some(23_015_872 * 1024));
        assert_eq!(parse("MemTotal: 1 kB\n"), None);
    }

    #[test]
    fn what_would_not_fit_is_refused_with_both_figures() {
        let error = Memory::AtMost(3 << 30)
            .check(Path::new("mirror"), 5 << 30)
            .unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("5.0 GiB") && text.contains("3.0 GiB"),
            "{text}"
        );
        Memory::AtMost(5 << 30)
            .check(Path::new("mirror"), 5 << 30)
            .unwrap();
    }
}
