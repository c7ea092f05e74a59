//! Telephone numbers, brought into one form so that the same phone is found however it was written.
//!
//! The form is that of ITU-T E.164: the country's calling code, then the national number, digits only.
//! How a number without a country is completed follows from the region of the issuer:
//!
//! 1. Only digits and a leading `+` count; full-width ones count as well. Blanks, hyphens, brackets
//!    and everything else are dropped, and so is the `(0)` of `+49 (0)30 …`.
//! 2. `+86 …` and `0086 …` name their country.
//! 3. A number of 12 digits or more that begins with the calling code of the issuer's country names
//!    it as well: only the plus was left out.
//! 4. Every other number is the issuer's country's own. The digits before an area code that are
//!    dialled inside the country only are dropped: `0` nearly everywhere, `1` in North America, `8` in
//!    Russia and Kazakhstan, `06` in Hungary, none in Italy, where the `0` is part of the number.
//!
//! A region of China stands for China, except 81 (Hong Kong), 82 (Macao) and 71 (Taiwan), which have
//! calling codes of their own. A number written from another country without its code is taken for
//! one of the issuer's country; it is found again if it is written the same way.

use domain::Region;

/// Countries and their calling codes: ISO 3166-1 alpha-2 against the list of ITU-T E.164 assigned
/// country codes.
const CALLING_CODES: &str = include_str!("calling_codes.csv");
/// A number with so many digits that begins with the country's calling code has it in front: the
/// longest national numbers have 11.
const LONGER_THAN_NATIONAL: usize = 12;

/// The number in the form of E.164, digits only. `home` is the issuer's region.
pub(crate) fn international(phone: &str, home: Region) -> String {
    let phone = phone.replace("(0)", "").replace("（0）", "");
    let written: String = phone.chars().filter_map(digit_or_plus).collect();
    let names_country = written.starts_with('+');
    let digits: String = written.chars().filter(char::is_ascii_digit).collect();
    if names_country {
        return digits;
    }
    if let Some(rest) = digits.strip_prefix("00") {
        return rest.to_owned();
    }
    let Some(code) = calling_code(home) else {
        return digits;
    };
    if digits.len() >= LONGER_THAN_NATIONAL && digits.starts_with(code) {
        return digits;
    }
    format!("{code}{}", national(&digits, code))
}

/// The calling code of the country that a region lies in; `None` if it has none.
fn calling_code(region: Region) -> Option<&'static str> {
    let own = [("81", "HK"), ("82", "MO"), ("71", "TW")];
    let inside = |outer: &str| outer.parse().is_ok_and(|outer| region.lies_within(outer));
    let apart = own.iter().find(|(division, _)| inside(division));
    let country = apart.map(|(_, country)| (*country).to_owned());
    let country = country.or_else(|| region.chain().last().map(|outer| outer.to_string()))?;
    CALLING_CODES.lines().find_map(|line| {
        let (name, code) = line.split_once(',')?;
        (name == country).then_some(code)
    })
}

/// Drops what is dialled before an area code inside the country only.
fn national<'a>(digits: &'a str, calling_code: &str) -> &'a str {
    let prefix = match calling_code {
        "39" | "378" => "",
        "1" if digits.len() == 11 => "1",
        "1" => "",
        "7" if digits.len() == 11 => "8",
        "7" => "",
        "36" => "06",
        _ => "0",
    };
    digits.strip_prefix(prefix).unwrap_or(digits)
}

fn digit_or_plus(c: char) -> Option<char> {
    match c {
        '+' | '＋' => Some('+'),
        '０'..='９' => char::from_digit(c as u32 - '０' as u32, 10),
        _ => c.is_ascii_digit().then_some(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_phone_has_one_form_however_it_is_written() {
        let table = [
            // A mobile and a landline of Hangzhou.
            ("3301", "8613800000000", "138 0000 0000"),
            ("3301", "8613800000000", "+86 138-0000-0000"),
            ("3301", "8613800000000", "0086 13800000000"),
            ("3301", "8613800000000", "86 138 0000 0000"),
            ("3301", "8613800000000", "＋８６ １３８００００００００"),
            ("3301", "8613800000000", "013800000000"),
            ("330106", "8657187000000", "0571-8700 0000"),
            ("CN", "8657187000000", "(0571) 87000000"),
            ("CN", "8657187000000", "+86 571 8700 0000"),
            // A mobile that begins with the digits of its own country.
            ("3301", "8618600000000", "186 0000 0000"),
            // Others, as written in Hangzhou and at home.
            ("3301", "85251000000", "+852 5100 0000"),
            ("81", "85251000000", "5100 0000"),
            ("82", "85366000000", "6600 0000"),
            ("71", "886912000000", "0912 000 000"),
            ("DE", "493012345678", "+49 (0)30 12345678"),
            ("DE", "493012345678", "030 / 1234 5678"),
            ("DE", "4915112345678", "0151 12345678"),
            ("IT", "390612345678", "06 1234 5678"),
            ("US", "12125550100", "1 (212) 555-0100"),
            ("US", "12125550100", "212-555-0100"),
            ("CA", "12125550100", "+1 212 555 0100"),
            ("RU", "79120000000", "8 912 000-00-00"),
            ("KZ", "77010000000", "+7 701 000 00 00"),
            ("HU", "36201234567", "06 20 123 4567"),
            ("GB", "447700900123", "07700 900123"),
        ];
        for (home, expected, written) in table {
            let home = home.parse().unwrap();
            assert_eq!(
                international(written, home),
                expected,
                "{written} in {home}"
            );
        }
    }

    #[test]
    fn other_phones_stay_other_phones() {
        let home = "3301".parse().unwrap();
        let forms = [
            "13800000000",
            "13800000001",
            "+49 13800000000",
            "1380000000",
        ];
        for (place, one) in forms.iter().enumerate() {
            for other in &forms[place + 1..] {
                assert_ne!(international(one, home), international(other, home));
            }
        }
    }

    #[test]
    fn a_country_without_a_calling_code_completes_nothing() {
        assert_eq!(international("0123", "AQ".parse().unwrap()), "0123");
    }

    #[test]
    fn every_calling_code_is_well_formed_and_no_country_stands_twice() {
        let mut countries = std::collections::BTreeSet::new();
        for line in CALLING_CODES.lines().skip(1) {
            let (country, code) = line.split_once(',').unwrap();
            country.parse::<Region>().unwrap();
            assert!((1..=3).contains(&code.len()) && code.parse::<u16>().unwrap() > 0);
            assert!(countries.insert(country), "{country}");
        }
        assert!(countries.len() > 230);
    }
}
