use std::fs;

use domain::Region;
use jiff::civil::date;

use super::*;
use crate::files::{CountRow, CountedPlace, FileError, PlaceName, ReadOptions, ResultWriter};
use crate::mirror::Memory;

const KEEP: ReadOptions = ReadOptions {
    now: None,
    keep_refused: false,
};

fn region(code: &str) -> Region {
    code.parse().unwrap()
}

/// Counts as `day of February`, `region`, `confirmed`.
fn counts(rows: &[(i8, &str, u64)]) -> CaseCounts {
    let mut counts = CaseCounts::default();
    for (day, code, confirmed) in rows {
        let place = CountedPlace::Region {
            region: region(code),
            inside: None,
        };
        counts.add(&CountRow {
            date: date(2020, 2, *day),
            place,
            name: PlaceName::default(),
            confirmed: *confirmed,
        });
    }
    counts
}

fn without_code(counts: &mut CaseCounts, day: i8, inside: &str, confirmed: u64) {
    let place = CountedPlace::NoCode {
        inside: Some(region(inside)),
    };
    counts.add(&CountRow {
        date: date(2020, 2, day),
        place,
        name: PlaceName::default(),
        confirmed,
    });
}

/// `region level new cumulative`, one a region.
fn table(report: &RiskReport) -> Vec<String> {
    let line = |risk: &RegionRisk| {
        let total = if risk.is_total { " total" } else { "" };
        format!(
            "{} {} {} {}{total}",
            risk.region, risk.level, risk.new_14d, risk.cumulative
        )
    };
    report.regions.iter().map(line).collect()
}

fn on(counts: &CaseCounts, day: i8) -> RiskReport {
    counts.levels_on(date(2020, 2, day)).unwrap()
}

#[test]
fn the_official_rule_at_each_of_its_edges() {
    for (before, now, level) in [
        (0, 0, "low"),
        (400, 400, "low"),
        (0, 1, "medium"),
        (0, 50, "medium"),
        (46, 51, "high"),
        (47, 51, "medium"),
        (46, 50, "medium"),
        (1000, 1004, "medium"),
        (1000, 1005, "high"),
    ] {
        let report = on(&counts(&[(1, "3301", before), (15, "3301", now)]), 15);
        assert_eq!(report.regions[0].level.as_str(), level, "{before} -> {now}");
    }
}

#[test]
fn only_the_last_14_days_are_new() {
    let counts = counts(&[(1, "IT", 10), (2, "IT", 90), (15, "IT", 90), (16, "IT", 90)]);
    assert_eq!(table(&on(&counts, 15)), ["IT high 80 90"]);
    assert_eq!(table(&on(&counts, 16)), ["IT low 0 90"]);
}

#[test]
fn a_count_that_fell_is_no_new_case_and_is_said() {
    let report = on(&counts(&[(1, "3308", 21), (15, "3308", 14)]), 15);
    assert_eq!(table(&report), ["3308 low 0 14"]);
    assert_eq!(
        report.notes,
        [RiskNote::Fell {
            region: region("3308"),
            before: 21,
            now: 14
        }]
    );
}

#[test]
fn a_region_first_counted_later_than_its_neighbours_had_none_before() {
    let report = on(
        &counts(&[
            (1, "3301", 3),
            (10, "3302", 60),
            (15, "3301", 3),
            (15, "3302", 60),
        ]),
        15,
    );
    assert_eq!(table(&report), ["3301 low 0 3", "3302 high 60 60"]);
    // Its code may only be new.
    let regions = vec![region("3302")];
    assert_eq!(report.notes, [RiskNote::FirstCounted { regions }]);
}

#[test]
fn a_region_first_counted_later_had_none_before_if_the_larger_region_had_none() {
    let report = on(
        &counts(&[
            (1, "33", 0),
            (10, "3302", 60),
            (15, "33", 60),
            (15, "3302", 60),
        ]),
        15,
    );
    assert_eq!(table(&report)[1], "3302 high 60 60");
}

/// A folder of days of February, each with rows of `province,provinceCode,city,cityCode,confirmed`.
fn days(days: &[(i8, &[&str])]) -> CaseCounts {
    let dir = tempfile::tempdir().unwrap();
    for (day, rows) in days {
        let day = date(2020, 2, *day);
        let rows: String = rows
            .iter()
            .map(|row| format!("{day},中国,CN,{row}\n"))
            .collect();
        let header = "date,country,countryCode,province,provinceCode,city,cityCode,confirmed\n";
        fs::write(
            dir.path().join(format!("{day}.csv")),
            header.to_owned() + &rows,
        )
        .unwrap();
    }
    CaseCounts::read(dir.path(), KEEP).unwrap().0
}

#[test]
fn a_region_whose_code_is_new_takes_the_count_that_its_name_had() {
    let counts = days(&[
        (1, &["甲省,330000,乙市,330100,3", "甲省,330000,丙区,,17"]),
        (
            15,
            &["甲省,330000,乙市,330100,3", "甲省,330000,丙区,330200,17"],
        ),
    ]);
    let report = on(&counts, 15);
    assert_eq!(table(&report), ["3301 low 0 3", "3302 low 0 17"]);
    let said: Vec<String> = report.notes.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "3302: had no count under this code 14 days before; 17 cases counted then as 中国, 甲省, 丙区 \
          are taken as its own"
        ]
    );
}

#[test]
fn a_region_first_counted_later_may_have_been_in_what_the_larger_one_had() {
    for (whole, own, expected) in [
        // 10 of the 70 were counted by no part.
        (70, 12, "3302 medium 2 12"),
        // More than it has now cannot have been its.
        (70, 6, "3302 low 0 6"),
        (60, 12, "3302 medium 12 12"),
    ] {
        let report = on(
            &counts(&[
                (1, "33", whole),
                (1, "3301", 60),
                (15, "33", 90),
                (15, "3301", 60),
                (15, "3302", own),
            ]),
            15,
        );
        assert_eq!(table(&report)[2], expected);
        let is_said = |note: &RiskNote| match note {
            RiskNote::CountedInWhole { region, .. } => *region == self::region("3302"),
            RiskNote::FirstCounted { .. } => whole == 60,
            _ => false,
        };
        assert!(report.notes.iter().any(is_said), "{:?}", report.notes);
    }
}

#[test]
fn rows_without_a_code_are_counted_once_though_a_larger_place_stands_among_them() {
    let counts = days(&[(
        15,
        &[
            ",,,,110",
            "甲省,330000,,,60",
            "甲省,330000,来源未知,,4",
            // A place without a code, and its parts, one of which has one.
            "兵团,,,,30",
            "兵团,,一师,,10",
            "兵团,,二师,659001,15",
            // A province again as its only city.
            "丁区,810000,,,10",
            "丁区,810000,丁,,10",
        ],
    )]);
    let report = on(&counts, 15);
    let without_code = RiskNote::WithoutCode {
        // The source that is not known, the corps beside its divisions, and the first of these.
        rows: 3,
        cases: 4 + 5 + 10,
        in_larger: 19,
    };
    assert!(report.notes.contains(&without_code), "{:?}", report.notes);
    let country = region("CN");
    let disagree = |note: &&RiskNote| matches!(note, RiskNote::TotalsDisagree { region, .. } if *region == country);
    let disagree = report.notes.iter().find(disagree).unwrap();
    let own = "its own count is 110, its parts add up to 85 and 15 more without a code";
    assert!(disagree.to_string().contains(own), "{disagree}");
}

#[test]
fn counts_that_do_not_fit_into_memory_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("case_counts.csv");
    let rows = "2020-02-15,3301,70\n".repeat(70_000);
    fs::write(&path, format!("date,region,confirmed\n{rows}")).unwrap();
    let read = |bytes| CaseCounts::read_within(&path, KEEP, Memory::AtMost(bytes));
    let refused = read(1 << 20).unwrap_err();
    assert!(matches!(refused, FileError::TooLarge { .. }), "{refused}");
    assert!(read(1 << 30).is_ok());
}

#[test]
fn a_count_set_to_0_is_no_count() {
    let report = on(
        &counts(&[
            (1, "3301", 40),
            (1, "3302", 0),
            (14, "3301", 60),
            (15, "3301", 0),
            (15, "3302", 0),
        ]),
        15,
    );
    assert_eq!(table(&report), ["3302 low 0 0"]);
    let (region, before) = (region("3301"), 60);
    assert_eq!(report.notes, [RiskNote::SetToZero { region, before }]);
}

#[test]
fn a_count_that_stays_at_0_is_none_and_makes_no_later_one_new() {
    let counts = counts(&[
        (1, "3301", 40),
        (2, "3301", 0),
        (3, "3301", 0),
        (16, "3301", 41),
        (17, "3301", 0),
    ]);
    for day in [3, 17] {
        let report = on(&counts, day);
        assert_eq!(table(&report), [""; 0], "{day}");
        let is_said = |note: &RiskNote| matches!(note, RiskNote::SetToZero { .. });
        assert!(report.notes.iter().any(is_said), "{:?}", report.notes);
    }
    // 14 days before, the count was 0.
    assert_eq!(table(&on(&counts, 16)), ["3301 medium 1 41"]);
}

#[test]
fn a_day_with_another_header_does_not_stop_the_others() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
    write(
        "2020-02-01.csv",
        "date,region,confirmed\n2020-02-01,3301,10\n",
    );
    write("2020-02-08.csv", "day,region,cases\n2020-02-08,3301,10\n");
    write(
        "2020-02-15.csv",
        "date,region,confirmed\n2020-02-15,3301,11\n",
    );
    let (counts, reports) = CaseCounts::read(dir.path(), KEEP).unwrap();
    assert_eq!(reports.len(), 2);
    assert_eq!(table(&on(&counts, 15)), ["3301 medium 1 11"]);
    let [skipped] = counts.skipped() else {
        panic!("{:?}", counts.skipped());
    };
    assert!(skipped.contains("2020-02-08.csv"), "{skipped}");
    // Asked for by itself it is refused.
    assert!(CaseCounts::read(&dir.path().join("2020-02-08.csv"), KEEP).is_err());
}

#[test]
fn a_table_that_does_not_reach_back_makes_no_level_worse() {
    let report = on(
        &counts(&[(10, "3301", 900), (15, "3301", 902), (15, "33", 902)]),
        15,
    );
    assert_eq!(table(&report), ["33 low 0 902 total", "3301 medium 2 902"]);
    let regions = vec![region("33"), region("3301")];
    assert_eq!(report.notes, [RiskNote::NotCoveredYet { regions }]);
}

#[test]
fn a_region_without_a_count_on_the_day_gets_no_level_and_is_named() {
    let report = on(
        &counts(&[(1, "3301", 1), (1, "3302", 1), (15, "3302", 9)]),
        15,
    );
    assert_eq!(table(&report), ["3302 medium 8 9"]);
    assert_eq!(
        report.notes,
        [RiskNote::NoCount {
            regions: vec![region("3301")]
        }]
    );
}

#[test]
fn a_day_outside_the_table_is_refused_with_the_days_there_are() {
    let counts = counts(&[(1, "3301", 1), (15, "3301", 9)]);
    let refused = counts.levels_on(date(2020, 3, 1)).unwrap_err().to_string();
    assert!(
        refused.contains("runs from 2020-02-01 to 2020-02-15"),
        "{refused}"
    );
    assert!(counts.levels_on(date(2020, 2, 10)).is_err());
    assert_eq!(
        CaseCounts::default()
            .levels_on(date(2020, 2, 1))
            .unwrap_err(),
        RiskError::Empty
    );
}

#[test]
fn disagreeing_totals_are_said_with_figures_and_the_own_row_counts() {
    let mut counts = counts(&[
        (1, "CN", 0),
        (1, "33", 0),
        (1, "3301", 0),
        (1, "3303", 0),
        (15, "CN", 99),
        (15, "33", 100),
        (15, "3301", 40),
        (15, "3303", 49),
    ]);
    without_code(&mut counts, 15, "33", 6);
    let report = on(&counts, 15);
    assert_eq!(
        table(&report),
        [
            "CN high 99 99 total",
            "33 high 100 100 total",
            "3301 medium 40 40",
            "3303 medium 49 49",
        ]
    );
    let said: Vec<String> = report.notes.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "1 rows with 6 cases have no code; 6 of these cases are in the counts of larger regions, \
             and no smaller region has any",
            "CN: its own count is 99, its parts add up to 100 and 0 more without a code; its own count \
         is used",
            "33: its own count is 100, its parts add up to 89 and 6 more without a code; its own count \
         is used",
        ]
    );
}

#[test]
fn a_total_is_nobodys_level_so_a_city_without_a_case_stays_unknown() {
    let report = on(
        &counts(&[
            (1, "44", 0),
            (1, "4401", 0),
            (15, "44", 90),
            (15, "4401", 90),
        ]),
        15,
    );
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
    let levels = domain::RegionLevels::new(report.levels(&zone));
    let day: domain::Timestamp = "2020-02-14T16:00:00Z".parse().unwrap();
    assert_eq!(levels.at(region("440106"), day), Some(domain::Level::High));
    assert_eq!(levels.at(region("4453"), day), None);
    assert_eq!(
        levels.at(region("4401"), day - jiff::SignedDuration::from_secs(1)),
        None
    );
}

#[test]
fn a_region_whose_parts_tell_only_some_of_its_cases_keeps_its_level() {
    let report = on(
        &counts(&[(1, "3301", 0), (15, "3301", 90), (15, "330106", 10)]),
        15,
    );
    assert_eq!(table(&report)[0], "3301 high 90 90");
}

#[test]
fn what_is_written_can_be_read_as_region_levels() {
    let report = on(
        &counts(&[(1, "CN", 0), (1, "33", 0), (15, "CN", 60), (15, "33", 60)]),
        15,
    );
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
    let dir = tempfile::tempdir().unwrap();
    for name in ["regions.csv", "regions.ndjson", "regions.parquet"] {
        let path = dir.path().join(name);
        let mut writer = ResultWriter::create(&path, COLUMNS).unwrap();
        report.write(&zone, &mut writer).unwrap();
        writer.finish().unwrap();
        let (levels, read) = crate::files::read_levels(&path, KEEP).unwrap();
        assert_eq!((levels, read.refused), (report.levels(&zone), 0), "{name}");
    }
}

#[test]
fn both_layouts_and_a_folder_of_days_are_read() {
    let dir = tempfile::tempdir().unwrap();
    let header = "date,country,countryCode,province,provinceCode,city,cityCode,confirmed,suspected,cured,dead\n";
    let day = |day: &str, city: u64| {
        format!(
            "{header}{day},中国,CN,,,,,{n},0,0,0\n{day},中国,CN,浙江省,330000,,,{n},0,0,0\n\
             {day},中国,CN,浙江省,330000,未公布来源,3300xx,1,0,0,0\n\
             {day},中国,CN,浙江省,330000,杭州市,330100,{city},0,0,0\n",
            n = city + 1,
        )
    };
    fs::write(dir.path().join("2020-02-01.csv"), day("2020-02-01", 10)).unwrap();
    fs::write(dir.path().join("2020-02-15.csv"), day("2020-02-15", 70)).unwrap();
    fs::write(dir.path().join("LICENSE"), "MIT").unwrap();
    let (daily, reports) = CaseCounts::read(dir.path(), KEEP).unwrap();
    assert_eq!(
        reports.iter().map(|report| report.read).collect::<Vec<_>>(),
        [4, 4]
    );
    let expected = [
        "CN high 60 71 total",
        "33 high 60 71 total",
        "3301 high 60 70",
    ];
    assert_eq!(table(&on(&daily, 15)), expected);

    let one = tempfile::tempdir().unwrap();
    let path = one.path().join("case_counts.csv");
    fs::write(
        &path,
        "date,region,confirmed\n2020-02-01,330100,10\n2020-02-15,3301,70\nx,33,1\n",
    )
    .unwrap();
    let (counts, reports) = CaseCounts::read(&path, KEEP).unwrap();
    assert_eq!(table(&on(&counts, 15)), ["3301 high 60 70"]);
    assert_eq!(reports[0].refused, 1);
    let empty = tempfile::tempdir().unwrap();
    assert!(CaseCounts::read(empty.path(), KEEP).is_err());
}
