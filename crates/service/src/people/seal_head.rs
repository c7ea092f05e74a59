//! What is written before what is sealed: which keys open it.

use domain::{PersonId, Region};

use super::VaultError;
use super::months::Month;

/// First byte of what is stored; says how the rest is sealed. What version 0.1 sealed does not say
/// with which key: there was one.
pub(super) const OF_FIRST_KEY: u8 = 1;
/// The number of the key follows.
const NUMBERED: u8 = 2;
/// The number of the key follows, then the month and the region of the other key that it needs.
const OF_MONTH: u8 = 3;
/// Which keys open what is sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SealHead {
    /// The key of the vault.
    pub number: u8,
    /// The region and month of the other key; `None` in what was sealed before there were such keys.
    pub month: Option<(Region, Month)>,
    /// How many bytes it has.
    pub length: usize,
}

impl SealHead {
    /// In bytes.
    pub fn to_bytes(number: u8, month: Option<(Region, Month)>) -> Vec<u8> {
        let Some((region, month)) = month else {
            return vec![NUMBERED, number];
        };
        let region = region.to_string();
        let mut bytes = vec![OF_MONTH, number];
        bytes.extend(month.number().to_be_bytes());
        // A region has at most nine characters.
        bytes.push(region.len() as u8);
        bytes.extend(region.as_bytes());
        bytes
    }

    /// Of what is sealed.
    ///
    /// # Errors
    /// [`VaultError::UnknownForm`].
    pub fn read(sealed: &[u8]) -> Result<Self, VaultError> {
        let of_vault = |number, length| Self {
            number,
            month: None,
            length,
        };
        match *sealed {
            [OF_FIRST_KEY, ..] => Ok(of_vault(1, 1)),
            [NUMBERED, number, ..] => Ok(of_vault(number, 2)),
            [OF_MONTH, number, high, low, length, ref rest @ ..] => {
                let region = rest.get(..length.into());
                let region = region.and_then(|region| std::str::from_utf8(region).ok());
                let region: Option<Region> = region.and_then(|region| region.parse().ok());
                let month = Month::from_number(u16::from_be_bytes([high, low]));
                Ok(Self {
                    number,
                    month: Some((region.ok_or(VaultError::UnknownForm)?, month)),
                    length: 5 + usize::from(length),
                })
            }
            _ => Err(VaultError::UnknownForm),
        }
    }
}

/// What a part of something else is sealed for, so that it opens as no other part, of nothing else.
pub(crate) fn part_label(part: [u8; 8], id: [u8; 16]) -> [u8; 24] {
    let mut label = [0; 24];
    label[..8].copy_from_slice(&part);
    label[8..].copy_from_slice(&id);
    label
}

/// What a sealed identity is bound to: its person, and from form 3 on what is written before it.
pub(super) fn associated(person: PersonId, is_of_month: bool, head: &[u8]) -> Vec<u8> {
    let head = if is_of_month { head } else { &[] };
    [&person.to_bytes()[..], head].concat()
}
