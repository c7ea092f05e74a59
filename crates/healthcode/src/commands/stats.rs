//! `stats`: the figures of a day.

use std::fmt::Write as _;

use anyhow::Result;
use jiff::civil::Date;
use serde_json::{Value, json};
use service::{Place, PlaceFigures, ROUNDED_TO, Statistics};

use crate::config::ConfigArgs;
use crate::outcome::Outcome;
use crate::report::Report;
use crate::wiring;

/// Show the statistics of a day: people by region and colour, rules, checks.
///
/// First counts what is not counted yet, as `serve` does in the background. The figures are exact,
/// small ones too: keep them to yourself. With --public they are what anybody may see: only days that
/// are over, nothing from 1 to 9 nor what would tell it (a star), everything else rounded down to
/// tens.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  healthcode stats --database-url sqlite:city.db --day 2020-02-17 --public"
)]
pub struct Args {
    /// The local day [default: the one that is being counted; with --public the last that is over]
    #[arg(long, value_name = "DATE")]
    day: Option<Date>,
    /// What anybody may see
    #[arg(long)]
    public: bool,
    #[command(flatten)]
    config: ConfigArgs,
}

/// Counts and shows.
pub fn run(args: Args, report: Report) -> Result<Outcome> {
    let config = args.config.resolve()?;
    wiring::block_on(async {
        let store = wiring::open_store(&config).await?;
        let service = wiring::start(&config, store).await?.service;
        let progress = report.progress("counting", None);
        service.statistics.count_people().await?;
        drop(progress);
        let statistics = if args.public {
            Statistics::clone(&*service.statistics.public_statistics(args.day).await?)
        } else {
            let operator = wiring::operator();
            service
                .statistics
                .statistics_for_operator(&operator, args.day)
                .await?
        };
        report.result(&as_json(&statistics), as_text(&statistics))?;
        if let Some(until) = statistics.counted_until {
            report.remark(format_args!(
                "counted until {until}; what was decided later is still to be counted"
            ));
        }
        Ok(Outcome::Done)
    })
}

fn as_text(statistics: &Statistics) -> String {
    let state = match (statistics.is_closed, statistics.is_public) {
        (false, _) => "so far",
        (true, false) => "closed",
        (true, true) => "closed, as anybody may see it",
    };
    let mut text = format!("{} ({}), {state}\n", statistics.day, statistics.time_zone);
    let heads = [
        "place",
        "people",
        "undeclared",
        "green",
        "yellow",
        "red",
        "registered",
    ];
    let rows = statistics.places.iter().map(place_row);
    write_table(&mut text, heads, rows);
    if !statistics.rules.is_empty() {
        let rows = statistics.rules.iter().map(|rule| {
            [
                rule.rule.clone(),
                rule.colour.to_string(),
                number(rule.people),
                // Not part of what anybody may see.
                rule.restrictions
                    .map_or_else(String::new, |r| r.to_string()),
            ]
        });
        let restrictions = if statistics.is_public {
            ""
        } else {
            "restrictions"
        };
        write_table(&mut text, ["rule", "colour", "people", restrictions], rows);
    }
    let checks = statistics.checks.iter();
    let checks = checks.map(|check| [check.outcome.clone(), number(check.count)]);
    let all = ["all".to_owned(), number(statistics.checks_in_all)];
    write_table(
        &mut text,
        ["check", "number"],
        [all].into_iter().chain(checks),
    );
    text.truncate(text.trim_end().len());
    text
}

fn place_row(row: &PlaceFigures) -> [String; 7] {
    let name = match row.place {
        Place::Everywhere => "everybody".to_owned(),
        Place::Region(region) => region.to_string(),
        Place::SomewhereIn(None) => "region not given".to_owned(),
        Place::SomewhereIn(Some(_)) => "nothing closer given".to_owned(),
    };
    [
        format!("{}{name}", "  ".repeat(usize::from(row.depth))),
        number(row.people),
        number(row.undeclared),
        number(row.green),
        number(row.yellow),
        number(row.red),
        number(row.registered),
    ]
}

/// A blank line, the heads, and the rows: the first column to the left, the others to the right.
fn write_table<const N: usize>(
    text: &mut String,
    heads: [&str; N],
    rows: impl Iterator<Item = [String; N]>,
) {
    let all: Vec<[String; N]> = [heads.map(str::to_owned)].into_iter().chain(rows).collect();
    let widths: [usize; N] = std::array::from_fn(|column| {
        let cells = all.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or(0)
    });
    text.push('\n');
    for row in all {
        let mut line = String::new();
        for (place, (cell, width)) in row.iter().zip(widths).enumerate() {
            let _ = match place {
                0 => write!(line, "{cell:<width$}"),
                _ => write!(line, "  {cell:>width$}"),
            };
        }
        let _ = writeln!(text, "{}", line.trim_end());
    }
}

fn number(figure: Option<u64>) -> String {
    figure.map_or("*".to_owned(), |figure| figure.to_string())
}

/// As the API gives it.
fn as_json(statistics: &Statistics) -> Value {
    let places = statistics.places.iter().map(|row| {
        let (region, is_unknown) = match row.place {
            Place::Everywhere => (None, false),
            Place::Region(region) => (Some(region), false),
            Place::SomewhereIn(region) => (region, true),
        };
        json!({
            "region": region.map(|region| region.to_string()),
            "is_unknown": is_unknown,
            "depth": row.depth,
            "people": row.people,
            "undeclared": row.undeclared,
            "green": row.green,
            "yellow": row.yellow,
            "red": row.red,
            "registered": row.registered,
        })
    });
    let rules = statistics.rules.iter().map(|rule| {
        json!({
            "rule": rule.rule,
            "colour": rule.colour.as_str(),
            "people": rule.people,
            "restrictions": rule.restrictions,
        })
    });
    let outcomes = statistics.checks.iter();
    let outcomes = outcomes.map(|check| json!({ "outcome": check.outcome, "count": check.count }));
    json!({
        "day": statistics.day.to_string(),
        "time_zone": statistics.time_zone,
        "first_day": statistics.days.0.to_string(),
        "last_day": statistics.days.1.to_string(),
        "is_closed": statistics.is_closed,
        "rounded_down_to": if statistics.is_public { ROUNDED_TO } else { 1 },
        "counted_until": statistics.counted_until.map(|until| until.to_string()),
        "places": places.collect::<Value>(),
        "rules": rules.collect::<Value>(),
        "checks": {
            "all": statistics.checks_in_all,
            "outcomes": outcomes.collect::<Value>(),
        },
    })
}

#[cfg(test)]
mod tests {
    use domain::Colour;
    use jiff::civil::date;
    use service::{OutcomeCount, RuleCount};

    use super::*;

    #[test]
    fn a_day_is_a_table_with_its_numbers_lined_up() {
        let row = |place, depth, people| PlaceFigures {
            place,
            depth,
            people,
            undeclared: Some(0),
            green: people,
            yellow: Some(0),
            red: None,
            registered: Some(10),
        };
        let statistics = Statistics {
            day: date(2020, 2, 17),
            time_zone: "Asia/Shanghai".to_owned(),
            days: (date(2020, 2, 17), date(2020, 2, 17)),
            is_closed: true,
            is_public: true,
            counted_until: None,
            places: vec![
                row(Place::Everywhere, 0, Some(12_340)),
                row(Place::Region("33".parse().unwrap()), 1, Some(90)),
                row(Place::SomewhereIn(None), 1, None),
            ],
            rules: vec![RuleCount {
                colour: Colour::Red,
                rule: "close-contact".to_owned(),
                people: None,
                restrictions: None,
            }],
            checks: vec![OutcomeCount {
                outcome: "revoked".to_owned(),
                count: Some(20),
            }],
            checks_in_all: Some(1_020),
        };
        let expected = "\
2020-02-17 (Asia/Shanghai), closed, as anybody may see it

place               people  undeclared  green  yellow  red  registered
everybody            12340           0  12340       0    *          10
  33                    90           0     90       0    *          10
  region not given       *           0      *       0    *          10

rule           colour  people
close-contact     red       *

check    number
all        1020
revoked      20";
        assert_eq!(as_text(&statistics), expected);
    }
}
