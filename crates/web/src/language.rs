//! Which language a person reads, and the texts of the pages in it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

use crate::cookie;

/// The languages a person asks for, most wanted first, as primary tags (`zh`, `en`).
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
        let tag = self.choose(&tags);
        Language::ALL
            .into_iter()
            .find(|l| Some(l.tag()) == tag)
            .unwrap_or(Language::English)
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
}

impl Language {
    /// Every language, the one for people who ask for none of them first.
    pub const ALL: [Self; 2] = [Self::English, Self::Chinese];

    /// The tag used in addresses, cookies and policies.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh",
        }
    }

    /// The tag for the `lang` attribute, from which a screen reader takes the voice.
    pub const fn html(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-Hans",
        }
    }

    /// Its name in itself, as the language switch shows it.
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Chinese => "中文",
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
        let mut errors = Vec::new();
        let text = texts
            .format_pattern(pattern, args, &mut errors)
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

/// The placeholder of a text that is missing; tests look for it on every page.
fn missing(id: &str) -> String {
    format!("⟦{id}⟧")
}

const SOURCES: [(&str, &[&str]); 2] = [
    (
        "en",
        &[
            include_str!("../translations/en/site.ftl"),
            include_str!("../translations/en/account.ftl"),
            include_str!("../translations/en/office.ftl"),
            include_str!("../translations/en/venues.ftl"),
            include_str!("../translations/en/orders.ftl"),
            include_str!("../translations/en/demo.ftl"),
            include_str!("../translations/en/resident.ftl"),
            include_str!("../translations/en/checkpoint.ftl"),
            include_str!("../translations/en/officer.ftl"),
            include_str!("../translations/en/desk.ftl"),
            include_str!("../translations/en/statistics.ftl"),
            include_str!("../translations/en/providers.ftl"),
            include_str!("../translations/en/log.ftl"),
        ],
    ),
    (
        "zh",
        &[
            include_str!("../translations/zh/site.ftl"),
            include_str!("../translations/zh/account.ftl"),
            include_str!("../translations/zh/office.ftl"),
            include_str!("../translations/zh/venues.ftl"),
            include_str!("../translations/zh/orders.ftl"),
            include_str!("../translations/zh/demo.ftl"),
            include_str!("../translations/zh/resident.ftl"),
            include_str!("../translations/zh/checkpoint.ftl"),
            include_str!("../translations/zh/officer.ftl"),
            include_str!("../translations/zh/desk.ftl"),
            include_str!("../translations/zh/statistics.ftl"),
            include_str!("../translations/zh/providers.ftl"),
            include_str!("../translations/zh/log.ftl"),
        ],
    ),
];

static TEXTS: LazyLock<BTreeMap<&'static str, FluentBundle<FluentResource>>> =
    LazyLock::new(|| {
        SOURCES
            .into_iter()
            .map(|(tag, files)| (tag, bundle(tag, files)))
            .collect()
    });

fn bundle(tag: &str, files: &[&str]) -> FluentBundle<FluentResource> {
    let mut bundle = FluentBundle::new_concurrent(tag.parse().into_iter().collect());
    bundle.set_use_isolating(false);
    for file in files {
        let resource = match FluentResource::try_new((*file).to_owned()) {
            Ok(resource) => resource,
            Err((resource, errors)) => {
                tracing::error!(
                    language = tag,
                    ?errors,
                    "a translation file has faulty lines"
                );
                resource
            }
        };
        if let Err(errors) = bundle.add_resource(resource) {
            tracing::error!(language = tag, ?errors, "a text is defined twice");
        }
    }
    bundle
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn ids(files: &[&str]) -> BTreeSet<String> {
        let mut ids = BTreeSet::new();
        for file in files {
            assert!(
                FluentResource::try_new((*file).to_owned()).is_ok(),
                "no faulty line"
            );
            let starts_a_text = |line: &&str| line.starts_with(|c: char| c.is_ascii_lowercase());
            for line in file.lines().filter(starts_a_text) {
                let (id, _) = line.split_once(" = ").expect("a text has a name");
                assert!(ids.insert(id.to_owned()), "{id} twice");
            }
        }
        ids
    }

    #[test]
    fn every_text_exists_in_every_language() {
        let english = ids(SOURCES[0].1);
        assert!(english.len() > 50);
        for (tag, files) in SOURCES {
            assert_eq!(ids(files), english, "{tag}");
        }
    }

    #[test]
    fn the_heaviest_wish_that_we_offer_wins() {
        let wishes = |header: &str| Preferred(accepted(header)).page().tag();
        for (header, expected) in [
            ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
            ("en;q=0.5, zh-Hant;q=0.7", "zh"),
            ("fr, en;q=0.3, zh;q=0.2", "en"),
            ("zh;q=0, en", "en"),
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
