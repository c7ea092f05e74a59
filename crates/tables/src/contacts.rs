//! The columns of `healthcode trace`.

use engine::trace::Contact;

use crate::files::{FileError, ResultColumn, ResultKind, ResultWriter, Value};

/// The columns in which contacts are written.
pub const COLUMNS: &[ResultColumn] = &[
    ResultColumn {
        name: "case",
        kind: ResultKind::Text,
    },
    ResultColumn {
        name: "ring",
        kind: ResultKind::Whole,
    },
    ResultColumn {
        name: "person",
        kind: ResultKind::Text,
    },
    ResultColumn {
        name: "minutes",
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
        name: "venues",
        kind: ResultKind::Whole,
    },
    ResultColumn {
        name: "relation",
        kind: ResultKind::Text,
    },
];

/// Writes contacts in [`COLUMNS`]; `name` says what a person is called.
///
/// # Errors
/// [`FileError::Write`].
pub fn write<P: Copy + Sync, N: AsRef<str>>(
    contacts: &[Contact<P>],
    name: impl Fn(P) -> N + Sync,
    writer: &mut ResultWriter,
) -> Result<(), FileError> {
    let row = |place: usize, take: &mut dyn FnMut(&[Value<'_>])| {
        let contact = &contacts[place];
        take(&[
            Value::Text(name(contact.case).as_ref()),
            Value::Whole(contact.ring.into()),
            Value::Text(name(contact.person).as_ref()),
            Value::Whole(contact.minutes.into()),
            Value::Timestamp(contact.first),
            Value::Timestamp(contact.last),
            Value::Whole(contact.venues.into()),
            Value::Text(contact.relation.as_str()),
        ]);
    };
    writer.rows(contacts.len(), row, |_| {})
}
