//! Evidence read by column: for each list that `engine::columns` declares, what the field of that name
//! holds.

use domain::FactKind;
use domain::evidence::{Holds, Vocabulary};
use engine::columns::{Columns, Held, ListMut, Named, Seconds, held};

use super::plain::Plain;

/// The rows of a batch as evidence of `kind`, nobody's yet, in columns of their own, numbered by the
/// dictionaries of `all`. Rows that are odd hold nothing that means anything.
pub(super) fn facts_of(kind: FactKind, plain: &mut Plain<'_>, all: &mut Columns) -> Columns {
    let mut rows = Columns::default();
    if matches!(kind, FactKind::Order | FactKind::Withdrawal) {
        // Orders are few, and valid or not as a whole.
        plain.odd.fill(true);
        return rows;
    }
    let mut begins: Option<Vec<Seconds>> = None;
    let own = |(of, lists)| (of == kind).then_some(lists);
    // The first list, whose each row is, comes with the names.
    let lists = rows.lists_mut().into_iter().find_map(own).into_iter();
    for (list, held) in lists.flatten().skip(1).zip(held(kind)) {
        match list {
            ListMut::Wide(list) => {
                *list = wide(kind, held, plain, begins.as_deref());
                begins.get_or_insert_with(|| list.clone());
            }
            ListMut::Middle(list) => *list = middle(kind, held, plain, all),
            ListMut::Narrow(list) => *list = narrow(kind, held, plain),
        }
    }
    rows
}

fn wide(
    kind: FactKind,
    held: &Held,
    plain: &mut Plain<'_>,
    begins: Option<&[Seconds]>,
) -> Vec<u32> {
    let name = held.fields[0];
    match (kind, name, begins) {
        (_, _, None) => plain.timestamps(name),
        // An illness may have begun before it was found.
        (FactKind::Diagnosis, "onset", _) => plain.timestamps(name),
        (FactKind::ForeignVerdict, "until", Some(begins)) => plain.validity_ends(name, begins),
        (_, _, Some(begins)) => match holds(kind, name) {
            Some(Holds::Past | Holds::Time) => plain.ends(name, begins),
            _ => plain.wholes(name),
        },
    }
}

fn middle(kind: FactKind, held: &Held, plain: &mut Plain<'_>, all: &mut Columns) -> Vec<u16> {
    let name = held.fields[0];
    match held.numbered_by {
        Some(Named::Regions) => plain.regions(name, &mut all.regions),
        Some(Named::Products) => plain.texts(name, &mut all.products),
        Some(Named::Categories) => plain.texts(name, &mut all.categories),
        None => match holds(kind, name) {
            Some(Holds::Degrees) => plain.temperatures(name),
            _ => plain.symptoms(name),
        },
    }
}

fn narrow(kind: FactKind, held: &Held, plain: &mut Plain<'_>) -> Vec<u8> {
    let mut together = vec![0; plain.rows];
    // Two that share a list lie in the low and the high four bits.
    for (name, shift) in held.fields.iter().zip([0, 4]) {
        let numbers = match holds(kind, name) {
            Some(Holds::Word(words)) => plain.words(name, |word| place(words, word)),
            _ => bytes(&plain.wholes(name)),
        };
        for (all, number) in together.iter_mut().zip(numbers) {
            *all |= number << shift;
        }
    }
    together
}

fn holds(kind: FactKind, name: &str) -> Option<Holds> {
    kind.field(name).map(|field| field.holds)
}

/// The place of a word among all of its type.
fn place(words: Vocabulary, word: &str) -> Option<u8> {
    let place = words.all.iter().position(|other| *other == word)?;
    u8::try_from(place).ok()
}

fn bytes(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().map(|number| *number as u8).collect()
}
