//! Real case counts of February and March 2020 become region levels.

use std::fs;
use std::path::Path;

use domain::{Level, Policy, Region, RegionLevels};
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use tables::files::{DataSet, ReadOptions, ResultWriter, read_levels};
use tables::population::{Decision, decide_population};
use tables::risk::{COLUMNS, CaseCounts, RegionRisk, RiskNote, RiskReport};

use super::{real, say};

const QUIET: ReadOptions = ReadOptions {
    now: None,
    keep_refused: false,
};

fn report(folder: &Path, day: Date) -> RiskReport {
    let (counts, files) = CaseCounts::read(folder, QUIET).unwrap();
    assert_eq!(files.len(), 51);
    let refused: Vec<String> = files
        .iter()
        .flat_map(|file| &file.examples)
        .map(ToString::to_string)
        .collect();
    assert_eq!(refused, Vec::<String>::new());
    counts.levels_on(day).unwrap()
}

fn region(code: &str) -> Region {
    code.parse().unwrap()
}

fn risk(report: &RiskReport, code: &str) -> RegionRisk {
    *report
        .regions
        .iter()
        .find(|risk| risk.region == region(code))
        .unwrap()
}

/// Figures taken from the files by hand: level, new in 14 days, in all.
fn assert_risks(report: &RiskReport, expected: &[(&str, Level, u64, u64)]) {
    for (code, level, new_14d, cumulative) in expected {
        let found = risk(report, code);
        let figures = (found.level, found.new_14d, found.cumulative);
        assert_eq!(
            figures,
            (*level, *new_14d, *cumulative),
            "{code} on {}",
            report.date
        );
    }
}

#[test]
fn the_levels_of_20_february_2020_follow_from_the_published_counts() {
    let Some(folder) = real("cn-case-counts") else {
        return;
    };
    let report = report(&folder, date(2020, 2, 20));
    assert_risks(
        &report,
        &[
            ("4201", Level::High, 33_409, 45_027),
            ("3301", Level::High, 13, 169),
            ("3303", Level::High, 83, 504),
            ("3307", Level::High, 7, 55),
            ("3305", Level::Medium, 1, 10),
            ("110115", Level::Medium, 5, 39),
            ("5401", Level::Low, 0, 1),
            ("33", Level::High, 209, 1_215),
            ("42", Level::High, 40_976, 63_088),
            ("CN", Level::High, 44_832, 75_993),
            // Neighbours were counted 14 days before and Iran was not: it had none.
            ("IR", Level::Medium, 5, 5),
            ("IT", Level::Medium, 1, 3),
        ],
    );
    let count = |level| {
        report
            .regions
            .iter()
            .filter(|risk| risk.level == level)
            .count()
    };
    say(&format!(
        "levels on 2020-02-20: {} high, {} medium, {} low",
        count(Level::High),
        count(Level::Medium),
        count(Level::Low),
    ));
    assert_eq!(report.regions.len(), 511);
}

#[test]
fn by_1_march_2020_cities_without_new_cases_are_low_and_wuhan_is_still_high() {
    let Some(folder) = real("cn-case-counts") else {
        return;
    };
    let report = report(&folder, date(2020, 3, 1));
    assert_risks(
        &report,
        &[
            ("4201", Level::High, 9_660, 49_122),
            ("3301", Level::Medium, 3, 169),
            ("3303", Level::Medium, 2, 504),
            ("3307", Level::Low, 0, 55),
            ("3305", Level::Low, 0, 10),
            ("110115", Level::Low, 0, 39),
            ("33", Level::High, 47, 1_218),
            ("IT", Level::High, 1_125, 1_128),
            ("KR", Level::High, 3_707, 3_736),
            // The count fell: prison cases were moved to a row without a code.
            ("3308", Level::Low, 0, 14),
        ],
    );
    let fell = RiskNote::Fell {
        region: region("3308"),
        before: 21,
        now: 14,
    };
    assert!(report.notes.contains(&fell));
    assert_eq!(report.regions.len(), 546);
}

#[test]
fn what_is_odd_about_the_real_counts_is_said_with_figures() {
    let Some(folder) = real("cn-case-counts") else {
        return;
    };
    let report = report(&folder, date(2020, 2, 20));
    for note in &report.notes {
        say(&format!("2020-02-20: {note}"));
    }
    let has = |note: RiskNote| assert!(report.notes.contains(&note), "{note}");
    has(RiskNote::WithoutCode {
        rows: 33,
        cases: 252,
        in_larger: 252,
    });
    let totals = |region, own, parts, without_code| RiskNote::TotalsDisagree {
        region,
        own,
        parts,
        without_code,
    };
    has(totals(region("CN"), 75_993, 76_005, 0));
    has(totals(region("33"), 1_215, 1_175, 0));
    has(totals(region("42"), 63_088, 62_031, 0));
    let silent = report.notes.iter().find_map(|note| match note {
        RiskNote::NoCount { regions } => Some(regions.len()),
        _ => None,
    });
    assert_eq!(silent, Some(13));
}

#[test]
fn a_city_without_a_case_does_not_take_the_level_of_its_province() {
    let Some(folder) = real("cn-case-counts") else {
        return;
    };
    let report = report(&folder, date(2020, 2, 20));
    let zone = TimeZone::get("Asia/Shanghai").unwrap();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("regions.csv");
    let mut writer = ResultWriter::create(&path, COLUMNS).unwrap();
    report.write(&zone, &mut writer).unwrap();
    writer.finish().unwrap();
    let (levels, file) = read_levels(&path, QUIET).unwrap();
    assert_eq!((file.read, file.refused), (511, 0));

    let levels = RegionLevels::new(levels);
    let day = date(2020, 2, 20).to_zoned(zone).unwrap().timestamp();
    assert_eq!(levels.at(region("420106"), day), Some(Level::High));
    // Yunfu and Dongying were counted and had no case. Fushun was not listed at all. The provinces of
    // the first two are high, that of the third is at least medium.
    for (city, level) in [
        ("4453", Some(Level::Low)),
        ("3705", Some(Level::Low)),
        ("2104", None),
    ] {
        assert!(risk(&report, &city[..2]).level > Level::Low);
        assert_eq!(levels.at(region(city), day), level, "{city}");
    }
}

/// Everybody has declared good health on 20 February; the stays are what differs.
const STAYS: &str = "\
person,region,arrived,left,mode,source
anqi-in-lhasa,540100,2020-02-20T08:00:00+08:00,2020-02-20T20:00:00+08:00,stay,hotel
bo-in-fushun,210400,2020-02-20T08:00:00+08:00,2020-02-20T20:00:00+08:00,stay,hotel
chen-in-huzhou,330500,2020-02-20T08:00:00+08:00,2020-02-20T20:00:00+08:00,stay,hotel
du-in-jinhua,330700,2020-02-20T08:00:00+08:00,2020-02-20T20:00:00+08:00,stay,hotel
fan-in-wuhan,420106,2020-02-20T08:00:00+08:00,2020-02-20T20:00:00+08:00,resident,declared
gao-through-wuhan,420106,2020-02-20T08:00:00+08:00,2020-02-20T08:20:00+08:00,transit,rail
hu-in-jinhua-in-march,330700,2020-03-01T08:00:00+08:00,,stay,hotel
ji-in-wuhan-in-march,420106,2020-03-01T08:00:00+08:00,,stay,hotel
";

#[test]
fn people_who_stayed_in_those_regions_get_the_verdicts_of_the_hangzhou_policy() {
    let Some(folder) = real("cn-case-counts") else {
        return;
    };
    let policy = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies/hangzhou.toml");
    let policy = Policy::parse(&fs::read_to_string(policy).unwrap()).unwrap();
    let days = [date(2020, 2, 20), date(2020, 3, 1)];
    let published = days.map(|day| report(&folder, day).levels(policy.time_zone()));
    let levels = RegionLevels::new(published.into_iter().flatten());

    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("stays.csv"), STAYS).unwrap();
    let people = STAYS
        .lines()
        .skip(1)
        .filter_map(|line| line.split(',').next());
    let declared = people.map(|person| format!("{person},2020-02-20T07:00:00+08:00,,none\n"));
    let declared: String = declared.collect();
    let header = "person,at,symptoms,contact\n";
    fs::write(
        dir.path().join("declarations.csv"),
        format!("{header}{declared}"),
    )
    .unwrap();
    let data = DataSet::load(dir.path(), QUIET).unwrap();
    assert!(data.reports().iter().all(|file| file.refused == 0));

    let verdicts = |at: &str| -> Vec<String> {
        let decisions = decide_population(&policy, &levels, &data, at.parse().unwrap());
        let line = |decision: &Decision| {
            let rule = decision.rule.as_ref().map_or("", |rule| rule.as_str());
            format!("{} {} {rule}", decision.person, decision.status)
                .trim_end()
                .to_owned()
        };
        decisions.iter().map(line).collect()
    };
    assert_eq!(
        verdicts("2020-02-21T12:00:00+08:00"),
        [
            "anqi-in-lhasa green",
            "bo-in-fushun green",
            "chen-in-huzhou yellow medium-risk-area",
            "du-in-jinhua red high-risk-area",
            "fan-in-wuhan red high-risk-area",
            "gao-through-wuhan green",
            "hu-in-jinhua-in-march green",
            "ji-in-wuhan-in-march green",
        ]
    );
    // By March yellow is over, red is not; Jinhua is low by now, and Wuhan still high.
    assert_eq!(
        verdicts("2020-03-02T12:00:00+08:00"),
        [
            "anqi-in-lhasa green",
            "bo-in-fushun green",
            "chen-in-huzhou green",
            "du-in-jinhua red high-risk-area",
            "fan-in-wuhan red high-risk-area",
            "gao-through-wuhan green",
            "hu-in-jinhua-in-march green",
            "ji-in-wuhan-in-march red high-risk-area",
        ]
    );

    let fan = data.names().find("fan-in-wuhan").unwrap();
    let english = policy.language("en").unwrap();
    let at = "2020-02-21T12:00:00+08:00".parse().unwrap();
    let why = domain::explain(&policy, &levels, data.evidence_of(fan), None, at, english);
    let reason = &why.restrictions[0].texts.reason;
    assert!(
        reason.contains("420106") && reason.contains("high"),
        "{reason}"
    );
    let origin = data.origin(why.restrictions[0].finding.because).unwrap();
    assert_eq!((origin.table.name, origin.row), ("stays", 6));
}
