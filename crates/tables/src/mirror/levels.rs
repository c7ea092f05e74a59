//! The region levels of a mirror: the table of regions, as the command line reads it.

use std::path::Path;

use domain::RegionLevel;

use crate::files::{FileError, REGIONS, ResultColumn, ResultKind, ResultWriter, Value};

/// Columns of the table of regions.
const COLUMNS: &[ResultColumn] = &[
    ResultColumn {
        name: "region",
        kind: ResultKind::Text,
    },
    ResultColumn {
        name: "level",
        kind: ResultKind::Text,
    },
    ResultColumn {
        name: "from",
        kind: ResultKind::Timestamp,
    },
    ResultColumn {
        name: "until",
        kind: ResultKind::Timestamp,
    },
];

/// Writes the levels into the folder `dir`, in the order in which they were published, which counts
/// where two of one region begin together. The name of the file.
pub(super) fn write(dir: &Path, levels: &[RegionLevel]) -> Result<String, FileError> {
    let name = format!("{}.parquet", REGIONS.name);
    let mut writer = ResultWriter::create(&dir.join(&name), COLUMNS)?;
    for level in levels {
        let region = level.region.to_string();
        writer.row(&[
            Value::Text(&region),
            Value::Text(level.level.as_str()),
            Value::Timestamp(level.from),
            level.until.into(),
        ])?;
    }
    writer.finish()?;
    Ok(name)
}
