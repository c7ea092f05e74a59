//! The texts of the pages, from the files in `translations/`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

use super::{Language, direction};

/// The translation files of each language, in the order of [`Language::ALL`].
pub(super) const SOURCES: [(&str, &[&str]); 5] = [
    (
        "en",
        &[
            include_str!("../../translations/en/site.ftl"),
            include_str!("../../translations/en/account.ftl"),
            include_str!("../../translations/en/resident.ftl"),
            include_str!("../../translations/en/own_code.ftl"),
            include_str!("../../translations/en/checkpoint.ftl"),
            include_str!("../../translations/en/scanner.ftl"),
            include_str!("../../translations/en/officer.ftl"),
            include_str!("../../translations/en/desk.ftl"),
            include_str!("../../translations/en/today.ftl"),
            include_str!("../../translations/en/public.ftl"),
            include_str!("../../translations/en/statistics.ftl"),
            include_str!("../../translations/en/providers.ftl"),
            include_str!("../../translations/en/demo.ftl"),
            include_str!("../../translations/en/orders.ftl"),
            include_str!("../../translations/en/office.ftl"),
            include_str!("../../translations/en/venues.ftl"),
            include_str!("../../translations/en/gate.ftl"),
            include_str!("../../translations/en/appeals.ftl"),
            include_str!("../../translations/en/contradictions.ftl"),
            include_str!("../../translations/en/log.ftl"),
            include_str!("../../translations/en/policy.ftl"),
        ],
    ),
    (
        "zh",
        &[
            include_str!("../../translations/zh/site.ftl"),
            include_str!("../../translations/zh/account.ftl"),
            include_str!("../../translations/zh/resident.ftl"),
            include_str!("../../translations/zh/own_code.ftl"),
            include_str!("../../translations/zh/checkpoint.ftl"),
            include_str!("../../translations/zh/scanner.ftl"),
            include_str!("../../translations/zh/officer.ftl"),
            include_str!("../../translations/zh/desk.ftl"),
            include_str!("../../translations/zh/today.ftl"),
            include_str!("../../translations/zh/public.ftl"),
            include_str!("../../translations/zh/statistics.ftl"),
            include_str!("../../translations/zh/providers.ftl"),
            include_str!("../../translations/zh/demo.ftl"),
            include_str!("../../translations/zh/orders.ftl"),
            include_str!("../../translations/zh/office.ftl"),
            include_str!("../../translations/zh/venues.ftl"),
            include_str!("../../translations/zh/gate.ftl"),
            include_str!("../../translations/zh/appeals.ftl"),
            include_str!("../../translations/zh/contradictions.ftl"),
            include_str!("../../translations/zh/log.ftl"),
            include_str!("../../translations/zh/policy.ftl"),
        ],
    ),
    (
        "ja",
        &[
            include_str!("../../translations/ja/site.ftl"),
            include_str!("../../translations/ja/account.ftl"),
            include_str!("../../translations/ja/resident.ftl"),
            include_str!("../../translations/ja/own_code.ftl"),
            include_str!("../../translations/ja/checkpoint.ftl"),
            include_str!("../../translations/ja/scanner.ftl"),
            include_str!("../../translations/ja/officer.ftl"),
            include_str!("../../translations/ja/desk.ftl"),
            include_str!("../../translations/ja/today.ftl"),
            include_str!("../../translations/ja/public.ftl"),
            include_str!("../../translations/ja/statistics.ftl"),
            include_str!("../../translations/ja/providers.ftl"),
            include_str!("../../translations/ja/demo.ftl"),
            include_str!("../../translations/ja/orders.ftl"),
            include_str!("../../translations/ja/office.ftl"),
            include_str!("../../translations/ja/venues.ftl"),
            include_str!("../../translations/ja/gate.ftl"),
            include_str!("../../translations/ja/appeals.ftl"),
            include_str!("../../translations/ja/contradictions.ftl"),
            include_str!("../../translations/ja/log.ftl"),
            include_str!("../../translations/ja/policy.ftl"),
        ],
    ),
    (
        "ko",
        &[
            include_str!("../../translations/ko/site.ftl"),
            include_str!("../../translations/ko/account.ftl"),
            include_str!("../../translations/ko/resident.ftl"),
            include_str!("../../translations/ko/own_code.ftl"),
            include_str!("../../translations/ko/checkpoint.ftl"),
            include_str!("../../translations/ko/scanner.ftl"),
            include_str!("../../translations/ko/officer.ftl"),
            include_str!("../../translations/ko/desk.ftl"),
            include_str!("../../translations/ko/today.ftl"),
            include_str!("../../translations/ko/public.ftl"),
            include_str!("../../translations/ko/statistics.ftl"),
            include_str!("../../translations/ko/providers.ftl"),
            include_str!("../../translations/ko/demo.ftl"),
            include_str!("../../translations/ko/orders.ftl"),
            include_str!("../../translations/ko/office.ftl"),
            include_str!("../../translations/ko/venues.ftl"),
            include_str!("../../translations/ko/gate.ftl"),
            include_str!("../../translations/ko/appeals.ftl"),
            include_str!("../../translations/ko/contradictions.ftl"),
            include_str!("../../translations/ko/log.ftl"),
            include_str!("../../translations/ko/policy.ftl"),
        ],
    ),
    (
        "ar",
        &[
            include_str!("../../translations/ar/site.ftl"),
            include_str!("../../translations/ar/account.ftl"),
            include_str!("../../translations/ar/resident.ftl"),
            include_str!("../../translations/ar/own_code.ftl"),
            include_str!("../../translations/ar/checkpoint.ftl"),
            include_str!("../../translations/ar/scanner.ftl"),
            include_str!("../../translations/ar/officer.ftl"),
            include_str!("../../translations/ar/desk.ftl"),
            include_str!("../../translations/ar/today.ftl"),
            include_str!("../../translations/ar/public.ftl"),
            include_str!("../../translations/ar/statistics.ftl"),
            include_str!("../../translations/ar/providers.ftl"),
            include_str!("../../translations/ar/demo.ftl"),
            include_str!("../../translations/ar/orders.ftl"),
            include_str!("../../translations/ar/office.ftl"),
            include_str!("../../translations/ar/venues.ftl"),
            include_str!("../../translations/ar/gate.ftl"),
            include_str!("../../translations/ar/appeals.ftl"),
            include_str!("../../translations/ar/contradictions.ftl"),
            include_str!("../../translations/ar/log.ftl"),
            include_str!("../../translations/ar/policy.ftl"),
        ],
    ),
];

/// The texts by the tag of their language.
pub(super) static TEXTS: LazyLock<BTreeMap<&'static str, FluentBundle<FluentResource>>> =
    LazyLock::new(|| {
        SOURCES
            .into_iter()
            .map(|(tag, files)| (tag, bundle(tag, files)))
            .collect()
    });

fn bundle(tag: &str, files: &[&str]) -> FluentBundle<FluentResource> {
    let mut bundle = FluentBundle::new_concurrent(tag.parse().into_iter().collect());
    // A name in Latin letters, or a time, must not reorder the Arabic words around it.
    bundle.set_use_isolating(direction(tag) == "rtl");
    if tag == Language::Arabic.tag()
        && let Err(errors) = bundle.add_function("FORM", arabic_form)
    {
        tracing::error!(language = tag, ?errors, "a function is defined twice");
    }
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

/// The form that a noun takes after a number in Arabic: `FORM` in its translation files.
///
/// It goes by the last two digits, so that 103 is like 3 (CLDR, plural rules). The rules that Fluent
/// uses by itself (`intl_pluralrules` 7.0.2) look at the whole number.
fn arabic_form<'v>(values: &[FluentValue<'v>], _: &FluentArgs<'_>) -> FluentValue<'v> {
    let Some(FluentValue::Number(number)) = values.first() else {
        return FluentValue::Error;
    };
    let count = number.value as u64;
    FluentValue::from(match (count, count % 100) {
        (0, _) => "zero",
        (1, _) => "one",
        (2, _) => "two",
        (_, 3..=10) => "few",
        (_, 11..) => "many",
        _ => "other",
    })
}
