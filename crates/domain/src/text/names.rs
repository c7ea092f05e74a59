//! Which names read as one: for persons of whom there must be two.

use unicode_normalization::UnicodeNormalization;

/// Whether two names read as one. Case, spaces, marks, accents and what cannot be seen do not make another
/// person, nor does a letter of another script that looks the same (Cyrillic `а` for Latin `a`, capital
/// `I` for small `l`).
///
/// Letters are taken apart as in Unicode's compatibility decomposition (annex 15); those that look alike
/// are some of its confusables (technical standard 39): the ones of scripts beside Latin whose letters
/// stand in ordinary fonts.
pub fn is_one_name(one: &str, other: &str) -> bool {
    by_letter(one).eq(by_letter(other)) || by_look(one).eq(by_look(other))
}

/// Whether a name has any letter or digit.
pub fn has_letters(name: &str) -> bool {
    letters(name).next().is_some()
}

/// Its letters and digits.
fn letters(name: &str) -> impl Iterator<Item = char> + '_ {
    name.nfkd().filter(|character| match character {
        // Apostrophes and strokes that count as letters, and a stroke that only makes a word longer.
        '\u{2b0}'..='\u{2ff}' | '\u{640}' => false,
        // They tell Japanese syllables apart.
        '\u{3099}' | '\u{309a}' => true,
        character => character.is_alphanumeric(),
    })
}

/// By what each letter is, whatever its case.
fn by_letter(name: &str) -> impl Iterator<Item = char> + '_ {
    letters(name).flat_map(char::to_lowercase).map(look)
}

/// By what each letter looks like in its case.
fn by_look(name: &str) -> impl Iterator<Item = char> + '_ {
    letters(name)
        .map(|character| match character {
            'I' | '\u{399}' | '\u{406}' => 'l',
            character => look(character),
        })
        .flat_map(char::to_lowercase)
}

/// The letter that a letter looks like. Each line: Cyrillic, Greek, Armenian and Cherokee, then small
/// capitals and other Latin letters; at the end Katakana that look like Han.
const fn look(character: char) -> char {
    match character {
        '\u{410}' | '\u{430}' | '\u{391}' | '\u{3b1}' | '\u{13aa}' | '\u{251}' | '\u{1d00}' => 'a',
        '\u{412}' | '\u{432}' | '\u{42c}' | '\u{44c}' | '\u{392}' | '\u{13f4}' | '\u{299}' => 'b',
        '\u{421}' | '\u{441}' | '\u{3f2}' | '\u{3f9}' | '\u{13df}' | '\u{1d04}' => 'c',
        '\u{500}' | '\u{501}' | '\u{13a0}' | '\u{1d05}' => 'd',
        '\u{415}' | '\u{435}' | '\u{4bd}' | '\u{395}' | '\u{3b5}' | '\u{13ac}' | '\u{1d07}' => 'e',
        '\u{50c}' | '\u{50d}' | '\u{581}' | '\u{13c0}' | '\u{261}' | '\u{262}' => 'g',
        '\u{41d}' | '\u{43d}' | '\u{4ba}' | '\u{4bb}' | '\u{397}' | '\u{570}' | '\u{13bb}'
        | '\u{29c}' => 'h',
        '\u{456}' | '\u{3b9}' | '\u{13a5}' | '\u{131}' | '\u{269}' | '\u{26a}' => 'i',
        '\u{408}' | '\u{458}' | '\u{3f3}' | '\u{13ab}' | '\u{1d0a}' => 'j',
        '\u{41a}' | '\u{43a}' | '\u{39a}' | '\u{3ba}' | '\u{13e6}' | '\u{1d0b}' => 'k',
        '1' | '\u{4c0}' | '\u{4cf}' | '\u{13de}' | '\u{29f}' => 'l',
        '\u{41c}' | '\u{43c}' | '\u{39c}' | '\u{13b7}' | '\u{1d0d}' => 'm',
        '\u{39d}' | '\u{3b7}' | '\u{578}' | '\u{274}' => 'n',
        '0' | '\u{41e}' | '\u{43e}' | '\u{39f}' | '\u{3bf}' | '\u{555}' | '\u{585}'
        | '\u{1d0f}' => 'o',
        '\u{420}' | '\u{440}' | '\u{3a1}' | '\u{3c1}' | '\u{13e2}' | '\u{1d18}' => 'p',
        '\u{51a}' | '\u{51b}' | '\u{566}' => 'q',
        '\u{413}' | '\u{433}' | '\u{13a1}' | '\u{280}' => 'r',
        '\u{405}' | '\u{455}' | '\u{54f}' | '\u{13da}' | '\u{a731}' => 's',
        '\u{422}' | '\u{442}' | '\u{3a4}' | '\u{3c4}' | '\u{13a2}' | '\u{1d1b}' => 't',
        '\u{3c5}' | '\u{54d}' | '\u{57d}' | '\u{1d1c}' => 'u',
        '\u{474}' | '\u{475}' | '\u{3bd}' | '\u{13d9}' | '\u{1d20}' => 'v',
        '\u{460}' | '\u{461}' | '\u{51c}' | '\u{51d}' | '\u{3c9}' | '\u{13b3}' | '\u{1d21}' => 'w',
        '\u{425}' | '\u{445}' | '\u{3a7}' | '\u{3c7}' => 'x',
        '\u{423}' | '\u{443}' | '\u{4ae}' | '\u{4af}' | '\u{3a5}' | '\u{3b3}' | '\u{54e}'
        | '\u{13bd}' | '\u{28f}' => 'y',
        '\u{396}' | '\u{13c3}' | '\u{1d22}' => 'z',
        '\u{30ab}' => '\u{529b}',
        '\u{30ed}' => '\u{53e3}',
        '\u{30cb}' => '\u{4e8c}',
        '\u{30a8}' => '\u{5de5}',
        '\u{30bf}' => '\u{5915}',
        '\u{30c8}' => '\u{535c}',
        '\u{30cf}' => '\u{516b}',
        '\u{30fc}' => '\u{4e00}',
        character => character,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_looks_like_another_name_is_the_same() {
        for (one, other) in [
            ("Dr Zhao", "dr. ZH-AO"),
            ("A", "A\u{200b}"),
            ("Dr Zhao", "Dr Zh\u{430}o"),
            ("Dr Zhao", "DR ZH\u{410}O"),
            ("Dr Li", "DR L\u{406}"),
            ("Dr Li", "Dr L\u{456}"),
            ("Posa", "\u{420}\u{43e}\u{455}\u{430}"),
            ("Nora", "\u{39d}\u{3bf}ra"),
            ("Dr Lin", "Dr \u{ff2c}\u{ff49}\u{ff4e}"),
            ("Dr Lin", "Dr \u{1d40b}in"),
            ("Jose\u{301}", "Jos\u{e9}"),
            ("Jose", "Jos\u{e9}"),
            ("O'Neill", "O\u{2bc}Neill"),
            ("Bill", "BiII"),
            ("Auditor 10", "Auditor lO"),
            ("\u{529b}\u{4e8c}", "\u{30ab}\u{30cb}"),
            ("\u{91d1}", "\u{f90a}"),
        ] {
            assert!(is_one_name(one, other), "{one:?} {other:?}");
            assert!(is_one_name(other, one), "{one:?} {other:?}");
        }
    }

    #[test]
    fn names_that_differ_are_of_two() {
        for (one, other) in [
            ("Dr Li", "Dr Lin"),
            ("Dr Li", "Dr Lu"),
            ("李明", "李华"),
            ("王土", "王士"),
            ("Иван", "Ирина"),
            ("かく", "がく"),
            ("Νίκος", "Νίκη"),
            ("A", ""),
        ] {
            assert!(!is_one_name(one, other), "{one:?} {other:?}");
        }
        assert!(has_letters("李") && has_letters("7"));
        assert!(!has_letters("—") && !has_letters("\u{200d}'"));
    }
}
