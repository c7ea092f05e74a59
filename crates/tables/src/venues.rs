//! The columns of `healthcode trace --venues`.

use engine::trace::SharedVenue;

use crate::files::{FileError, ResultColumn, ResultKind, ResultWriter, Value};

/// The columns in which venues are written.
pub const COLUMNS: &[ResultColumn] = &[
    ResultColumn {
        name: "venue",
        kind: ResultKind::Text,
    },
    ResultColumn {
        name: "cases",
        kind: ResultKind::Whole,
    },
    ResultColumn {
        name: "first",
        kind: ResultKind::Timestamp,
    },
    ResultColumn {
        name: "last",
        kind: ResultKind::Timestamp,
    },
    ResultColumn {
        name: "days",
        kind: ResultKind::Text,
    },
];

/// Writes venues in [`COLUMNS`]; days are separated by semicolons.
///
/// # Errors
/// [`FileError::Write`].
pub fn write(venues: &[SharedVenue<String>], writer: &mut ResultWriter) -> Result<(), FileError> {
    for shared in venues {
        let days: Vec<String> = shared.days.iter().map(ToString::to_string).collect();
        writer.row(&[
            Value::Text(&shared.venue),
            Value::Whole(shared.cases.into()),
            Value::Timestamp(shared.first),
            Value::Timestamp(shared.last),
            Value::Text(&days.join(";")),
        ])?;
    }
    Ok(())
}
