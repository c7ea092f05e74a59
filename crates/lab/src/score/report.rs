//! What a score looks like, as a page and as JSON.

use domain::Timestamp;
use engine::columns::Seconds;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::count::PolicyFigures;
use super::{Period, Score};
use crate::page::{ABOUT_STARS, Column, Page, Row, Section, Shown};

/// A row: its label, how far it is set in, and its value for a policy.
type Line<'a> = (&'a str, u8, &'a dyn Fn(&PolicyFigures) -> Shown);

impl Score {
    /// The score as a page, one column a policy.
    pub fn page(&self) -> Page {
        let figures = &self.figures;
        let terms = &self.terms;
        let names = figures.policies.iter().map(|policy| policy.policy.clone());
        let names: Vec<String> = names.collect();
        Page {
            title: format!("How well policies find infections: {}", names.join(", ")),
            facts: vec![
                ("First decision".into(), self.period.timestamp_text(self.period.timestamps.first())),
                ("Last decision".into(), self.period.timestamp_text(self.period.timestamps.last())),
                ("Decisions".into(), self.period.len().to_string()),
                ("Infections".into(), Shown::people(figures.infected).to_string()),
                ("Exposures".into(), Shown::people(figures.exposed).to_string()),
                ("Outside the period".into(), Shown::people(figures.left_out).to_string()),
                ("Infectious after".into(), days(terms.latent)),
                ("To be reached within".into(), days(terms.within)),
                ("Looked at for".into(), days(terms.horizon)),
            ],
            sections: vec![self.infections(), self.exposures(), self.restrictions()],
            notes: vec![
                ABOUT_STARS.into(),
                "Each policy decides everybody once a day, on what was known then: tests from their \
                 report, contacts once they are over and the person met is found, everything else \
                 from its date. A status holds until the next decision."
                    .into(),
                "Rows of the truth outside the period cannot be judged and are left out, and so are \
                 restrictions that only such a row explains. What ends after the last decision is \
                 judged as far as it was seen; a status holds for 24 hours after the last decision."
                    .into(),
            ],
        }
    }

    fn section(&self, title: &str, about: &str, rows: Vec<Line<'_>>) -> Section {
        let policies = &self.figures.policies;
        let rows = rows.into_iter().map(|(label, depth, value)| Row {
            label: label.to_owned(),
            depth,
            cells: policies.iter().map(value).collect(),
        });
        Section {
            title: title.to_owned(),
            about: about.to_owned(),
            columns: policies
                .iter()
                .map(|policy| Column::plain(&policy.policy))
                .collect(),
            rows: rows.collect(),
        }
    }

    fn infections(&self) -> Section {
        let all = self.figures.infected;
        self.section(
            "Of the infected",
            "In time: restricted when they become infectious. Late: only later. Lead time runs from \
             the first restriction to becoming infectious; it is negative if the restriction came \
             late.",
            vec![
                ("in time", 0, &|p| Shown::people(p.infected[0])),
                ("share", 1, &|p| Shown::share(p.infected[0], all)),
                ("late", 0, &|p| Shown::people(p.infected[1])),
                ("missed", 0, &|p| Shown::people(p.infected[2])),
                ("lead time in days: lower quartile", 0, &|p| lead(p, 0)),
                ("median", 1, &|p| lead(p, 1)),
                ("upper quartile", 1, &|p| lead(p, 2)),
            ],
        )
    }

    fn exposures(&self) -> Section {
        let all = self.figures.exposed;
        self.section(
            "Of the exposed",
            "Reached in time: restricted at some time between the exposure and its term. Whoever was \
             infected was exposed.",
            vec![
                ("in time", 0, &|p| Shown::people(p.exposed[0])),
                ("share", 1, &|p| Shown::share(p.exposed[0], all)),
                ("late", 0, &|p| Shown::people(p.exposed[1])),
                ("missed", 0, &|p| Shown::people(p.exposed[2])),
            ],
        )
    }

    fn restrictions(&self) -> Section {
        self.section(
            "Of the restricted",
            "What it cost. A day counts as well placed if it lies between an exposure and the time \
             for which it is looked at.",
            vec![
                ("people restricted at least once", 0, &|p| {
                    Shown::people(p.restricted)
                }),
                ("truly exposed at the time", 1, &|p| {
                    Shown::people(p.rightly)
                }),
                ("share", 1, &|p| Shown::share(p.rightly, p.restricted)),
                ("person-days of restriction", 0, &|p| Shown::people(p.days)),
                ("well placed", 1, &|p| Shown::people(p.days_rightly)),
                ("share", 1, &|p| Shown::share(p.days_rightly, p.days)),
                ("person-days for each infection held in time", 0, &|p| {
                    cost(p).map_or(hidden_or_nothing(p), Shown::Tenths)
                }),
            ],
        )
    }

    /// The score as JSON. `null` stands for what is hidden or does not exist.
    pub fn json(&self) -> Value {
        let figures = &self.figures;
        let reached = |people: &[Option<u64>; 3]| json!({ "in_time": people[0], "late": people[1], "missed": people[2] });
        let in_days = |tenths: i64| tenths as f64 / 10.0;
        let policies = figures.policies.iter().map(|p| {
            json!({
                "policy": p.policy,
                "infected": reached(&p.infected),
                "exposed": reached(&p.exposed),
                "restricted": { "people": p.restricted, "exposed": p.rightly },
                "person_days": { "all": p.days, "well_placed": p.days_rightly },
                "person_days_per_infection_in_time": cost(p).map(in_days),
                "lead_days": p.leads.map(|leads| json!({
                    "lower_quartile": in_days(leads[0]),
                    "median": in_days(leads[1]),
                    "upper_quartile": in_days(leads[2]),
                })),
            })
        });
        json!({
            "first_decision": self.period.timestamp_text(self.period.timestamps.first()),
            "last_decision": self.period.timestamp_text(self.period.timestamps.last()),
            "decisions": self.period.len(),
            "terms": {
                "latent_hours": self.terms.latent.as_hours(),
                "within_hours": self.terms.within.as_hours(),
                "horizon_hours": self.terms.horizon.as_hours(),
            },
            "infected": figures.infected,
            "exposed": figures.exposed,
            "left_out": figures.left_out,
            "policies": policies.collect::<Vec<_>>(),
        })
    }
}

fn lead(policy: &PolicyFigures, quarter: usize) -> Shown {
    match policy.leads {
        Some(leads) => Shown::Tenths(leads[quarter]),
        None if policy.has_no_leads => Shown::Nothing,
        None => Shown::Hidden,
    }
}

/// Tenths of a day of restriction for each infection held in time, rounded.
fn cost(policy: &PolicyFigures) -> Option<i64> {
    let (days, held) = (policy.days?, policy.infected[0]?);
    let tenths = (days * 10 + held / 2).checked_div(held)?;
    i64::try_from(tenths).ok()
}

fn hidden_or_nothing(policy: &PolicyFigures) -> Shown {
    match policy.infected[0] {
        Some(0) => Shown::Nothing,
        _ => Shown::Hidden,
    }
}

fn days(duration: SignedDuration) -> String {
    match duration.as_hours() {
        hours if hours % 24 == 0 => format!("{} days", hours / 24),
        hours => format!("{hours} hours"),
    }
}

impl Period {
    /// A decision's timestamp with the offset of the zone of the days.
    fn timestamp_text(&self, unix_seconds: Option<&Seconds>) -> String {
        let unix_seconds = unix_seconds.map_or(0, |unix_seconds| i64::from(*unix_seconds));
        let at = Timestamp::from_second(unix_seconds).unwrap_or(Timestamp::MAX);
        at.display_with_offset(self.zone.to_offset(at)).to_string()
    }
}
