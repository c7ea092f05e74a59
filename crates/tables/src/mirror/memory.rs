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

    /// What is left of it once so many bytes are taken.
    #[must_use]
    pub fn less(self, taken: u64) -> Self {
        self.limit()
            .map_or(self, |limit| Self::AtMost(limit.saturating_sub(taken)))
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

/// The bytes of memory that programs may still take, as Linux estimates them, and no more than the
/// container leaves if this runs in one; `None` elsewhere.
pub fn available_memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let machine = parse(&text)?;
    let container = container_memory(Path::new("/sys/fs/cgroup"), "/proc/self/cgroup");
    Some(container.map_or(machine, |left| left.min(machine)))
}

/// What the groups of processes around this one leave, the tightest of them; `None` without a limit.
fn container_memory(root: &Path, own: &str) -> Option<u64> {
    let groups = std::fs::read_to_string(own).unwrap_or_default();
    let unified = groups.lines().find_map(|line| line.strip_prefix("0::"));
    let path = root.join(unified.unwrap_or("/").trim_start_matches('/'));
    let around = path.ancestors().take_while(|path| path.starts_with(root));
    let unified = around.filter_map(|group| left_in(group, "memory.max", "memory.current"));
    let first = root.join("memory");
    let first = left_in(&first, "memory.limit_in_bytes", "memory.usage_in_bytes");
    unified.chain(first).min()
}

/// What a group may still take: its limit less what it holds, without files that are only cached.
fn left_in(group: &Path, limit: &str, held: &str) -> Option<u64> {
    let read = |name: &str| std::fs::read_to_string(group.join(name)).ok();
    let number = |name: &str| read(name)?.trim().parse::<u64>().ok();
    let (limit, held) = (number(limit)?, number(held)?);
    let cached = read("memory.stat").and_then(|text| {
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix("inactive_file "));
        line?.trim().parse::<u64>().ok()
    });
    Some(limit.saturating_sub(held.saturating_sub(cached.unwrap_or(0))))
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
    fn the_tightest_limit_of_a_container_counts() {
        let root = tempfile::tempdir().unwrap();
        let inner = root.path().join("outer/inner");
        std::fs::create_dir_all(&inner).unwrap();
        let own = root.path().join("own");
        std::fs::write(&own, "0::/outer/inner\n").unwrap();
        let left = || container_memory(root.path(), own.to_str().unwrap());
        assert_eq!(left(), None);
        let write = |group: &str, max: &str, held: &str, cached: &str| {
            let group = root.path().join(group);
            std::fs::write(group.join("memory.max"), max).unwrap();
            std::fs::write(group.join("memory.current"), held).unwrap();
            std::fs::write(
                group.join("memory.stat"),
                format!("anon 1\ninactive_file {cached}\n"),
            )
            .unwrap();
        };
        write("outer/inner", "max\n", "700\n", "0");
        assert_eq!(left(), None);
        write("outer", "1000\n", "700\n", "200");
        assert_eq!(left(), Some(500));
        write("outer/inner", "600\n", "400\n", "100");
        assert_eq!(left(), Some(300));
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
