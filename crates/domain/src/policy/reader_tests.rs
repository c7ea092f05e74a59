//! Durations, numbers, and the places of faults in a text.

use super::*;

#[test]
fn durations_are_days_or_hours_and_nothing_else() {
    for (text, duration) in [
        ("14d", Some(Duration::Days(14))),
        ("0d", Some(Duration::Days(0))),
        ("72h", Some(Duration::Hours(72))),
        ("", None),
        ("d", None),
        ("14", None),
        ("-1d", None),
        ("+1d", None),
        ("1.5d", None),
        ("14 d", None),
        ("70000d", None),
        ("2w", None),
        ("２日", None),
    ] {
        assert_eq!(parse_duration(text), duration, "{text}");
    }
}

#[test]
fn numbers_keep_three_decimals_exactly() {
    for (text, number) in [
        ("37.3", Some(37_300)),
        ("-0.5", Some(-500)),
        ("1_800", Some(1_800_000)),
        ("15", Some(15_000)),
        ("0.0005", None),
        ("1e3", None),
        ("inf", None),
    ] {
        assert_eq!(thousandths(text).map(Number::thousandths), number, "{text}");
    }
}

#[test]
fn columns_count_characters() {
    assert_eq!(Report::new("a\n红色 x").position("a\n红色 ".len()), (2, 4));
    assert_eq!(Report::new("").position(0), (1, 1));
}
