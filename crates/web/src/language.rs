//! Which language a person reads, and the texts of the pages in it.

mod texts;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use fluent_bundle::{FluentArgs, FluentValue};

use self::texts::TEXTS;
use crate::cookie;

/// The languages a person asks for, most wanted first, as primary tags (`zh`, `ar`).
///
/// Read from `?lang=`, then from the cookie that the language switch sets, then from
/// `Accept-Language`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preferred(Vec<String>);

impl Preferred {
    /// The first of `offered` that the person asks for; else the first offered.
    pub fn choose<'a>(&self, offered: &[&'a str]) -> Option<&'a str> {
        let wanted = self.0.iter().find_map(|wanted| {
            offered
                .iter()
                .copied()
                .find(|offered| primary(offered) == *wanted)
        });
        wanted.or_else(|| offered.first().copied())
    }

    /// The language of the pages.
    pub fn page(&self) -> Language {
        let tags: Vec<&str> = Language::ALL
            .iter()
            .map(|language| language.tag())
            .collect();
        let chosen = self.choose(&tags).and_then(Language::of);
        chosen.unwrap_or(Language::English)
    }

    /// The languages that a request asks for.
    pub(crate) fn from_request(query: Option<&str>, headers: &HeaderMap) -> Self {
        let mut wanted = Vec::new();
        wanted.extend(asked_for(query));
        wanted.extend(cookie::value(headers, "lang").map(primary));
        let header = headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok());
        wanted.extend(header.map(accepted).unwrap_or_default());
        Self(wanted)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Preferred {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::from_request(parts.uri.query(), &parts.headers))
    }
}

/// The value of `?lang=`, as a primary tag.
pub(crate) fn asked_for(query: Option<&str>) -> Option<String> {
    let pairs = query
        .unwrap_or_default()
        .split('&')
        .filter_map(|pair| pair.split_once('='));
    let mut tags = pairs
        .filter(|(name, _)| *name == "lang")
        .map(|(_, tag)| primary(tag));
    tags.next().filter(|tag| (2..=3).contains(&tag.len()))
}

/// `zh-Hans-CN;q=0.8` → `zh`.
fn primary(tag: &str) -> String {
    let end = tag.find(['-', '_', ';']).unwrap_or(tag.len());
    tag[..end].trim().to_ascii_lowercase()
}

/// The tags of an `Accept-Language` header, by weight, ties in the order given (RFC 9110, 12.5.4).
fn accepted(header: &str) -> Vec<String> {
    let weight = |entry: &str| {
        let weight = entry
            .split(';')
            .skip(1)
            .find_map(|p| p.trim().strip_prefix("q="));
        weight
            .map_or(Some(1.0), |weight| weight.trim().parse::<f32>().ok())
            .unwrap_or(0.0)
    };
    let mut entries: Vec<(f32, String)> = header
        .split(',')
        .take(20)
        .map(|entry| (weight(entry), primary(entry)))
        .filter(|(weight, tag)| *weight > 0.0 && tag != "*" && !tag.is_empty())
        .collect();
    entries.sort_by(|a, b| b.0.total_cmp(&a.0));
    entries.into_iter().map(|(_, tag)| tag).collect()
}

/// The languages in which the pages exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// Chinese, simplified characters.
    Chinese,
    /// Japanese.
    Japanese,
    /// Korean.
    Korean,
    /// Modern Standard Arabic, written from right to left.
    Arabic,
}

impl Language {
    /// Every language, the one for people who ask for none of them first.
    pub const ALL: [Self; 5] = [
        Self::English,
        Self::Chinese,
        Self::Japanese,
        Self::Korean,
        Self::Arabic,
    ];

    /// The language with this tag, in whatever case it is written.
    pub fn of(tag: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|language| language.tag().eq_ignore_ascii_case(tag))
    }

    /// The tag used in addresses, cookies and policies.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh",
            Self::Japanese => "ja",
            Self::Korean => "ko",
            Self::Arabic => "ar",
        }
    }

    /// The tag for the `lang` attribute, from which a screen reader takes the voice.
    pub const fn html(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-Hans",
            Self::Japanese => "ja",
            Self::Korean => "ko",
            Self::Arabic => "ar",
        }
    }

    /// The direction in which it is written, for the `dir` attribute.
    pub fn direction(self) -> &'static str {
        direction(self.tag())
    }

    /// Its name in itself, as the language switch shows it.
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Chinese => "中文",
            Self::Japanese => "日本語",
            Self::Korean => "한국어",
            Self::Arabic => "العربية",
        }
    }

    /// The other languages, for the switch.
    pub fn others(self) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |other| *other != self)
    }

    /// The text called `id`.
    pub fn text(self, id: &str) -> String {
        self.format(id, None)
    }

    /// The text called `id` with `{ $name }` filled in.
    pub fn with<'v>(self, id: &str, name: &'v str, value: impl Into<FluentValue<'v>>) -> String {
        let mut args = FluentArgs::new();
        args.set(name, value);
        self.format(id, Some(&args))
    }

    /// The text called `id` with several values filled in.
    pub fn fill(self, id: &str, args: &FluentArgs<'_>) -> String {
        self.format(id, Some(args))
    }

    fn format(self, id: &str, args: Option<&FluentArgs<'_>>) -> String {
        let texts = &TEXTS[self.tag()];
        let Some(pattern) = texts.get_message(id).and_then(|message| message.value()) else {
            tracing::error!(text = id, language = self.tag(), "text is missing");
            return missing(id);
        };
        let plain = args.filter(|_| self.direction() == "rtl").map(plain_values);
        let mut errors = Vec::new();
        let text = texts
            .format_pattern(pattern, plain.as_ref().or(args), &mut errors)
            .into_owned();
        if errors.is_empty() {
            return text;
        }
        tracing::error!(
            text = id,
            language = self.tag(),
            ?errors,
            "text lacks a value"
        );
        missing(id)
    }
}

/// The direction in which the language of a tag is written, for the `dir` attribute.
pub(crate) fn direction(tag: &str) -> &'static str {
    const RIGHT_TO_LEFT: [&str; 10] = ["ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"];
    match RIGHT_TO_LEFT.contains(&&*primary(tag)) {
        true => "rtl",
        false => "ltr",
    }
}

/// A text without the marks that keep a value in it apart from the words around it. A page needs
/// them; a person who copies a one-time code out of a message must not copy one along.
pub(crate) fn without_isolates(text: &str) -> String {
    text.replace(['\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}'], "")
}

/// The same values without marks. A value that is a text of ours has marks already. If all its words
/// stand between marks, a browser finds none that tells the direction of the whole, takes it to run
/// from left to right, and the day stands where the year should.
fn plain_values<'v>(args: &'v FluentArgs<'_>) -> FluentArgs<'v> {
    let values = args.iter().map(|(name, value)| match value {
        FluentValue::String(text) => (name, FluentValue::from(without_isolates(text))),
        other => (name, other.clone()),
    });
    values.collect()
}

/// The placeholder of a text that is missing; tests look for it on every page.
fn missing(id: &str) -> String {
    format!("⟦{id}⟧")
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use fluent_bundle::FluentResource;

    use super::texts::SOURCES;
    use super::*;

    /// The names of the texts in a file, each with the values that are filled into it.
    fn texts_in(file: &str) -> BTreeMap<String, BTreeSet<String>> {
        assert!(
            FluentResource::try_new(file.to_owned()).is_ok(),
            "no faulty line"
        );
        let mut texts = BTreeMap::new();
        let mut current = String::new();
        for line in file.lines().filter(|line| !line.starts_with('#')) {
            if line.starts_with(|c: char| c.is_ascii_lowercase()) {
                let (id, _) = line.split_once(" = ").expect("a text has a name");
                current = id.to_owned();
                let earlier = texts.insert(current.clone(), BTreeSet::new());
                assert_eq!(earlier, None, "{id} twice");
            }
            let values = line.split('$').skip(1).map(|rest| {
                let end = rest.find(|c: char| !c.is_ascii_lowercase());
                rest[..end.unwrap_or(rest.len())].to_owned()
            });
            if let Some(text) = texts.get_mut(&current) {
                text.extend(values);
            }
        }
        texts
    }

    #[test]
    fn every_text_exists_in_every_language_with_the_same_values() {
        let (_, english) = SOURCES[0];
        assert!(
            english
                .iter()
                .map(|file| texts_in(file).len())
                .sum::<usize>()
                > 500
        );
        for (language, (tag, files)) in Language::ALL.into_iter().zip(SOURCES) {
            assert_eq!(language.tag(), tag);
            assert_eq!(files.len(), english.len(), "{tag}");
            for (file, english) in files.iter().zip(english) {
                assert_eq!(texts_in(file), texts_in(english), "{tag}");
            }
        }
    }

    #[test]
    fn every_language_is_found_by_its_tag_and_named_in_its_own_script() {
        let mut names = BTreeSet::new();
        for language in Language::ALL {
            assert_eq!(Language::of(language.tag()), Some(language));
            assert!(language.html().starts_with(language.tag()));
            assert!(names.insert(language.own_name()));
            assert_eq!(language.others().count(), Language::ALL.len() - 1);
            let is_arabic = language == Language::Arabic;
            assert_eq!(language.direction(), if is_arabic { "rtl" } else { "ltr" });
        }
        assert_eq!(Language::of("tlh"), None);
        assert_eq!(direction("fa-IR"), "rtl");
        assert_eq!(direction("fr"), "ltr");
    }

    #[test]
    fn a_number_takes_the_form_that_its_language_asks_for() {
        let found = |language: Language, count: u32| {
            without_isolates(&language.with("officer-case-found", "count", count))
        };
        for (count, expected) in [
            (0, "لم يُعثر على أحد"),
            (1, "عُثر على شخص واحد"),
            (2, "عُثر على شخصين"),
            (3, "عُثر على 3 أشخاص"),
            (10, "عُثر على 10 أشخاص"),
            (11, "عُثر على 11 شخصًا"),
            (99, "عُثر على 99 شخصًا"),
            (100, "عُثر على 100 شخص"),
            (102, "عُثر على 102 شخص"),
            (103, "عُثر على 103 أشخاص"),
            (111, "عُثر على 111 شخصًا"),
        ] {
            assert_eq!(found(Language::Arabic, count), expected);
        }
        assert_eq!(found(Language::English, 1), "1 person was found");
        assert_eq!(found(Language::English, 2), "2 people were found");
        for count in [1, 2, 100] {
            let japanese = format!("{count}人が見つかりました");
            assert_eq!(found(Language::Japanese, count), japanese);
            let korean = format!("{count}명을 찾았습니다");
            assert_eq!(found(Language::Korean, count), korean);
        }
    }

    #[test]
    fn a_name_in_arabic_stands_apart_from_the_words_around_it() {
        let named = Language::Arabic.with("code-greeting", "name", "Ming");
        assert_eq!(named, "رمز \u{2068}Ming\u{2069}");
        assert_eq!(without_isolates(&named), "رمز Ming");
        let english = Language::English.with("code-greeting", "name", "Ming");
        assert_eq!(english, "Ming's code");
    }

    #[test]
    fn the_heaviest_wish_that_we_offer_wins() {
        let wishes = |header: &str| Preferred(accepted(header)).page().tag();
        for (header, expected) in [
            ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
            ("en;q=0.5, zh-Hant;q=0.7", "zh"),
            ("fr, en;q=0.3, zh;q=0.2", "en"),
            ("zh;q=0, en", "en"),
            ("ja-JP,ja;q=0.9,en;q=0.8", "ja"),
            ("ko-KR, en", "ko"),
            ("fr, ar-EG;q=0.9, en;q=0.8", "ar"),
            ("*", "en"),
            ("", "en"),
        ] {
            assert_eq!(wishes(header), expected, "{header}");
        }
    }

    #[test]
    fn the_address_beats_the_cookie_and_the_cookie_beats_the_browser() {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, "en".parse().unwrap());
        assert_eq!(
            Preferred::from_request(None, &headers).page(),
            Language::English
        );
        headers.insert(header::COOKIE, "lang=zh".parse().unwrap());
        assert_eq!(
            Preferred::from_request(None, &headers).page(),
            Language::Chinese
        );
        let asked = Preferred::from_request(Some("a=b&lang=en"), &headers);
        assert_eq!(asked.page(), Language::English);
    }

    #[test]
    fn a_text_that_is_missing_can_be_found_on_the_page() {
        assert_eq!(Language::English.text("no-such-text"), "⟦no-such-text⟧");
    }
}
