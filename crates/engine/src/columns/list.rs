//! The lists of a table, whatever their width, for those who go through all of them alike.

/// What a list holds.
#[derive(Clone, Copy, Debug)]
pub struct Held {
    /// Fields of evidence; two of words lie in the low and the high four bits.
    pub fields: &'static [&'static str],
    /// By which dictionary texts and regions are numbers.
    pub numbered_by: Option<Named>,
}

/// A dictionary of [`Columns`](super::Columns).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// `Columns::regions`.
    Regions,
    /// `Columns::products`.
    Products,
    /// `Columns::categories`.
    Categories,
}

/// A list in memory, to be read.
#[derive(Clone, Copy, Debug)]
pub enum List<'a> {
    /// Timestamps and numbers.
    Wide(&'a [u32]),
    /// Numbers of dictionaries, sets of symptoms, tenths of degrees.
    Middle(&'a [u16]),
    /// Words and small numbers.
    Narrow(&'a [u8]),
}

/// A list in memory, to be filled.
#[derive(Debug)]
pub enum ListMut<'a> {
    /// Timestamps and numbers.
    Wide(&'a mut Vec<u32>),
    /// Numbers of dictionaries, sets of symptoms, tenths of degrees.
    Middle(&'a mut Vec<u16>),
    /// Words and small numbers.
    Narrow(&'a mut Vec<u8>),
}

impl List<'_> {
    /// How many rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Wide(list) => list.len(),
            Self::Middle(list) => list.len(),
            Self::Narrow(list) => list.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl ListMut<'_> {
    /// Gives the list `rows` entries of nothing.
    pub fn clear_to(&mut self, rows: usize) {
        match self {
            Self::Wide(list) => **list = vec![0; rows],
            Self::Middle(list) => **list = vec![0; rows],
            Self::Narrow(list) => **list = vec![0; rows],
        }
    }
}

/// What lists hold.
pub(super) trait Number: Sized {
    fn list(list: &[Self]) -> List<'_>;
    fn list_mut(list: &mut Vec<Self>) -> ListMut<'_>;
}

impl Number for u32 {
    fn list(list: &[Self]) -> List<'_> {
        List::Wide(list)
    }

    fn list_mut(list: &mut Vec<Self>) -> ListMut<'_> {
        ListMut::Wide(list)
    }
}

impl Number for u16 {
    fn list(list: &[Self]) -> List<'_> {
        List::Middle(list)
    }

    fn list_mut(list: &mut Vec<Self>) -> ListMut<'_> {
        ListMut::Middle(list)
    }
}

impl Number for u8 {
    fn list(list: &[Self]) -> List<'_> {
        List::Narrow(list)
    }

    fn list_mut(list: &mut Vec<Self>) -> ListMut<'_> {
        ListMut::Narrow(list)
    }
}
