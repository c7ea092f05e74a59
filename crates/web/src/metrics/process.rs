//! What the system says of this process. Elsewhere than on Linux nothing is known.

use std::fs;

/// Bytes of memory that it holds.
pub(super) fn resident_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let kilobytes: u64 = field(&status, "VmRSS:")?.parse().ok()?;
    Some(kilobytes * 1024)
}

/// Files and connections that it holds open.
pub(super) fn open_files() -> Option<usize> {
    Some(fs::read_dir("/proc/self/fd").ok()?.count())
}

/// How many of them it may; `None` also if there is no limit.
pub(super) fn most_files() -> Option<u64> {
    let limits = fs::read_to_string("/proc/self/limits").ok()?;
    field(&limits, "Max open files")?.parse().ok()
}

/// The first word after a name at the start of a line.
fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_process_knows_its_memory_and_its_files() {
        assert!(resident_bytes().unwrap() > 1_000_000);
        let (open, most) = (open_files().unwrap(), most_files().unwrap_or(u64::MAX));
        assert!(
            open > 2 && u64::try_from(open).unwrap() <= most,
            "{open} {most}"
        );
    }
}
