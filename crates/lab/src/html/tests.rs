//! The page is well-formed, tells the figures, and loads nothing.

use super::*;
use crate::city::{self, new_policy, noon, old_policy, people_of};
use crate::page::Column;
use crate::{Period, Terms, compare, score};

/// Every element is closed in order, every attribute quoted, every `&` an entity.
fn assert_well_formed(html: &str) {
    let mut open = Vec::new();
    let mut rest = html.strip_prefix("<!DOCTYPE html>").unwrap();
    while let Some(start) = rest.find('<') {
        let text = &rest[..start];
        assert!(!text.contains('>'), "a stray > in {text:?}");
        let end = rest[start..].find('>').unwrap() + start;
        let tag = &rest[start + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name), "closed out of order");
        } else {
            assert_eq!(
                tag.matches('"').count() % 2,
                0,
                "an attribute is not quoted: {tag}"
            );
            let name = tag.split([' ', '/']).next().unwrap();
            if name == "style" {
                rest = &rest[rest.find("</style>").unwrap()..];
            }
            if !tag.ends_with('/') && name != "meta" {
                open.push(name.to_owned());
            }
        }
    }
    assert!(open.is_empty(), "left open: {open:?}");
    for entity in html.split('&').skip(1) {
        let known = ["amp;", "lt;", "gt;", "quot;", "#39;"];
        assert!(
            known.iter().any(|known| entity.starts_with(known)),
            "a bare & before {entity:.9}"
        );
    }
}

fn report() -> Page {
    let people = people_of(&city::tables());
    compare(&old_policy(), &new_policy(), &people, noon())
        .unwrap()
        .page()
}

#[test]
fn the_report_of_a_comparison_is_well_formed_and_tells_the_figures() {
    let html = html(&report());
    assert_well_formed(&html);
    for part in [
        "<html lang=\"en\">",
        "<title>What would change: town v1 to town v2</title>",
        "<dt>People</dt><dd>40</dd>",
        "<th scope=\"row\">newly freed</th><td>15</td><td>37.5 %</td>",
        "<th scope=\"row\">newly restricted</th><td><abbr title=\"hidden\">*</abbr></td>",
        "venue (yellow, in the old policy only)",
        "missed: restricted by the old policy only</th><td>15</td>",
        "<rect width=\"100\"",
        "<dd>2020-02-20 12:00:00 +08:00</dd>",
        "<th scope=\"row\" class=\"in0\">everybody</th><td>40</td>",
        "@page { size: A4",
    ] {
        assert!(html.contains(part), "no {part:?} in:\n{html}");
    }
}

#[test]
fn the_report_of_a_score_is_well_formed() {
    let until = noon() + jiff::SignedDuration::from_hours(24 * 5);
    let zone = old_policy().time_zone().clone();
    let period = Period::daily(noon(), until, 0, &zone).unwrap();
    let policies = [old_policy(), new_policy()];
    let people = people_of(&city::tables());
    let score = score(&policies, people, &[], period, Terms::default(), |_, _| ());
    let html = html(&score.page());
    assert_well_formed(&html);
    assert!(
        html.contains("<th scope=\"col\">town v1</th><th scope=\"col\">town v2</th>"),
        "{html}"
    );
}

#[test]
fn the_page_loads_nothing_and_runs_nothing() {
    let html = html(&report());
    for part in [
        "<script",
        "javascript:",
        "src=",
        "href=",
        "url(",
        "@import",
        "http",
        " on",
    ] {
        let outside_text = html
            .split('<')
            .skip(1)
            .filter_map(|tag| tag.split('>').next());
        let mut inside = outside_text.filter(|tag| tag.contains(part));
        assert_eq!(inside.next(), None, "{part}");
    }
    assert!(!html.contains("url(") && !html.contains("@import"));
}

#[test]
fn what_a_file_says_cannot_become_markup() {
    let row = Row {
        label: "<script>alert(\"1\")</script> & 'x'\u{7}".into(),
        depth: 0,
        cells: vec![Shown::People(10)],
    };
    let page = Page {
        title: "</title><b>".into(),
        facts: vec![("<i>".into(), "&amp;".into())],
        sections: vec![Section {
            title: "<u>".into(),
            about: "a < b".into(),
            columns: vec![Column::drawn("\"quoted\"")],
            rows: vec![row],
        }],
        notes: vec!["<p>".into()],
    };
    let html = html(&page);
    assert_well_formed(&html);
    assert!(
        html.contains("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39; </th>")
    );
}
