//! How much memory a command on files may take.

use tables::mirror::Memory;

/// The limit on memory.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct MemoryLimit {
    /// The most memory to take, such as 8G or 500M [default: what the machine has available]. What
    /// would not fit is refused before it is begun
    #[arg(long, value_name = "SIZE", value_parser = size)]
    memory: Option<u64>,
}

impl MemoryLimit {
    /// The limit as the engine takes it.
    pub fn limit(self) -> Memory {
        self.memory.map_or(Memory::Available, Memory::AtMost)
    }
}

/// Bytes, or so many K, M, G or T of them, each 1024 times the one before; `GB` and `GiB` are `G`.
fn size(text: &str) -> Result<u64, String> {
    let expected = || "expected a size such as 8G, 500M or a number of bytes".to_owned();
    let end = text.find(|c: char| !c.is_ascii_digit());
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    let number: u64 = number.parse().map_err(|_| expected())?;
    let unit = unit.trim().to_ascii_uppercase();
    let letter = unit.trim_end_matches('B').trim_end_matches('I');
    let power = match (unit.as_str(), letter) {
        ("" | "B", _) => 0,
        (_, "K") => 1,
        (_, "M") => 2,
        (_, "G") => 3,
        (_, "T") => 4,
        _ => return Err(expected()),
    };
    number
        .checked_mul(1 << (10 * power))
        .filter(|bytes| *bytes > 0)
        .ok_or_else(expected)
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn a_size_is_a_number_and_a_unit() {
        for (text, bytes) in [
            ("8G", Some(8 << 30)),
            ("8GiB", Some(8 << 30)),
            ("8 gb", Some(8 << 30)),
            ("500M", Some(500 << 20)),
            ("64k", Some(64 << 10)),
            ("1T", Some(1 << 40)),
            ("1048576", Some(1 << 20)),
            ("0", None),
            ("G", None),
            ("8X", None),
            ("1.5G", None),
            ("-8G", None),
            ("99999999999T", None),
        ] {
            assert_eq!(size(text).ok(), bytes, "{text}");
        }
    }
}
