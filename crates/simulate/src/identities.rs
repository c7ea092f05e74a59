//! Made-up names, documents and telephone numbers.

use std::collections::HashSet;

use domain::{Document, DocumentKind, Identity, Pii};
use rand::RngExt;
use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::IndexedRandom;

use crate::epidemic::Profile;
use crate::names;

/// People who carry a passport instead of an identity card, in percent.
const FOREIGNERS: f64 = 0.04;

/// Gives identities, no document twice.
#[derive(Default)]
pub(crate) struct Registry {
    documents: HashSet<String>,
    phones: u32,
}

impl Registry {
    /// The identities of the people of one household, whose years of age are known in `year`.
    pub fn family(
        &mut self,
        members: &[Profile],
        year: i16,
        rng: &mut Xoshiro256PlusPlus,
    ) -> Vec<Identity> {
        let abroad = rng.random_bool(FOREIGNERS);
        let family_name = if abroad {
            names::FAMILY_ABROAD.choose(rng)
        } else {
            names::FAMILY.choose(rng)
        };
        let family_name = family_name.copied().unwrap_or_default();
        let mut shared_phone = None;
        let mut family = Vec::with_capacity(members.len());
        for (place, member) in members.iter().enumerate() {
            // Partners keep their own names.
            let family_name = match place {
                1 if !abroad => names::FAMILY.choose(rng).copied().unwrap_or(family_name),
                _ => family_name,
            };
            let age = year - member.birth_year;
            family.push(Identity {
                phones: self.phones(age, &mut shared_phone, rng),
                document: self.document(abroad, member, rng),
                name: Pii::new(full_name(abroad, family_name, rng)),
            });
        }
        family
    }

    /// Children and one old person in three use the phone of the first adult; one adult in twenty
    /// has two.
    fn phones(
        &mut self,
        age: i16,
        shared: &mut Option<String>,
        rng: &mut Xoshiro256PlusPlus,
    ) -> Vec<Pii<String>> {
        let borrows = age < 12 || (age >= 65 && rng.random_bool(0.33));
        if let (true, Some(phone)) = (borrows, &*shared) {
            return vec![Pii::new(phone.clone())];
        }
        let own = self.next_phone();
        shared.get_or_insert_with(|| own.clone());
        let mut phones = vec![Pii::new(own)];
        if rng.random_bool(0.05) {
            phones.push(Pii::new(self.next_phone()));
        }
        phones
    }

    /// Country code 999 is reserved and belongs to no country.
    fn next_phone(&mut self) -> String {
        self.phones += 1;
        format!("+9995{:08}", self.phones)
    }

    fn document(
        &mut self,
        abroad: bool,
        member: &Profile,
        rng: &mut Xoshiro256PlusPlus,
    ) -> Document {
        loop {
            let (kind, number) = if abroad {
                (
                    DocumentKind::Passport,
                    format!("ZZ99{:06}", rng.random_range(0..1_000_000)),
                )
            } else {
                (DocumentKind::IdentityCard, identity_card(member, rng))
            };
            // A number that is taken, or one that the domain refuses, is drawn again.
            if self.documents.insert(number.clone())
                && let Ok(document) = Document::new(kind, &number)
            {
                return document;
            }
        }
    }
}

/// A number after GB 11643: district, date of birth, three digits, check digit.
fn identity_card(member: &Profile, rng: &mut Xoshiro256PlusPlus) -> String {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECKS: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];
    let month = rng.random_range(1..=12);
    let day = rng.random_range(1..=28);
    let order: u32 = rng.random_range(0..1000);
    // The last digit of the three is odd for men and even for women.
    let order = order - order % 2 + u32::from(!member.is_female);
    let area = member
        .region
        .map_or_else(String::new, |region| region.to_string());
    let year = member.birth_year;
    let body = format!("{area:0<6}{year:04}{month:02}{day:02}{order:03}");
    let digits = body.chars().filter_map(|c| c.to_digit(10));
    let sum: u32 = digits
        .zip(WEIGHTS)
        .map(|(digit, weight)| digit * weight)
        .sum();
    format!("{body}{}", CHECKS[(sum % 11) as usize])
}

fn full_name(abroad: bool, family: &str, rng: &mut Xoshiro256PlusPlus) -> String {
    if abroad {
        let given = names::GIVEN_ABROAD.choose(rng).copied().unwrap_or_default();
        return format!("{given} {family}");
    }
    let syllables = if rng.random_bool(0.75) { 2 } else { 1 };
    let given: String = (0..syllables)
        .filter_map(|_| names::GIVEN.choose(rng).copied())
        .collect();
    format!("{family}{given}")
}
