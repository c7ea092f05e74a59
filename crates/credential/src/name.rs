//! A name that a guard can compare with a document but not read off.

use std::fmt;

/// A masked name on a card, such as `王*明` or `J. S.`: 1 to 12 bytes of UTF-8.
#[derive(Clone, PartialEq, Eq)]
pub struct MaskedName(String);

/// Text that cannot stand on a card as a masked name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a masked name has 1 to 12 bytes of UTF-8 and no control characters; shorten it")]
pub struct BadName;

impl MaskedName {
    /// The longest, in bytes of UTF-8: what keeps a card within 135 bytes.
    pub const LONGEST: usize = 12;

    /// Takes a name that is already masked.
    ///
    /// # Errors
    /// [`BadName`] if it is empty, too long or holds control characters.
    pub fn new(masked: &str) -> Result<Self, BadName> {
        if masked.is_empty() || masked.len() > Self::LONGEST || masked.chars().any(char::is_control)
        {
            return Err(BadName);
        }
        Ok(Self(masked.to_owned()))
    }

    /// Masks a full name. A name of several words becomes initials (`J. S.`), as many as there is
    /// room for; of one word the first and the last letter stay (`王*明`), of two letters the first
    /// (`王*`).
    ///
    /// # Errors
    /// [`BadName`] if there is nothing to mask.
    pub fn mask(full: &str) -> Result<Self, BadName> {
        let words: Vec<&str> = full.split_whitespace().collect();
        match words.as_slice() {
            [] => Err(BadName),
            [word] => Self::new(&mask_word(word)),
            words => Self::new(&initials(words)),
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn mask_word(word: &str) -> String {
    let letters: Vec<char> = word.chars().collect();
    match letters.as_slice() {
        [first] => format!("{first}*"),
        [first, _] => format!("{first}*"),
        [first, hidden @ .., last] => format!("{first}{}{last}", "*".repeat(hidden.len().min(3))),
        [] => String::new(),
    }
}

fn initials(words: &[&str]) -> String {
    let mut masked = String::new();
    for first in words.iter().filter_map(|word| word.chars().next()) {
        let space = if masked.is_empty() { "" } else { " " };
        if masked.len() + space.len() + first.len_utf8() + 1 > MaskedName::LONGEST {
            break;
        }
        masked.push_str(space);
        masked.push(first);
        masked.push('.');
    }
    masked
}

impl fmt::Display for MaskedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for MaskedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MaskedName(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_name_is_masked_so_that_it_can_be_compared() {
        let table = [
            ("王明", "王*"),
            ("王小明", "王*明"),
            ("欧阳小明", "欧**明"),
            ("阿卜杜热西提·麦麦提", "阿***提"),
            ("Pelé", "P**é"),
            ("Maximilian", "M***n"),
            ("Jane Smith", "J. S."),
            ("Мария Ивановна Петрова Сидорова", "М. И. П."),
            ("𠮷", "𠮷*"),
        ];
        for (full, masked) in table {
            assert_eq!(MaskedName::mask(full).unwrap().as_str(), masked, "{full}");
        }
    }

    #[test]
    fn a_name_that_has_no_room_is_refused() {
        for text in ["", "1234567890123", "王*明王*明", "a\nb"] {
            assert_eq!(MaskedName::new(text), Err(BadName), "{text:?}");
        }
        assert_eq!(MaskedName::mask("  "), Err(BadName));
    }
}
