//! What a comparison looks like, as a page and as JSON.

use serde_json::{Value, json};

use super::figures::{Figures, RuleFigures};
use super::{PolicyDiff, STATUSES, restricts};
use crate::page::{ABOUT_STARS, Column, Page, Row, Section, Shown};
use crate::suppress::tree::{FIGURES, Node, Tree};

/// A page shows so many groups of one table; JSON shows all.
const MOST_GROUPS: usize = 60;

const CHANGE_NAMES: [&str; 4] = [
    "newly restricted",
    "yellow to red",
    "red to yellow",
    "newly freed",
];

impl PolicyDiff {
    /// The comparison as a page.
    pub fn page(&self) -> Page {
        let figures = &self.figures;
        let mut sections = vec![self.in_short(), moves(figures), rules(figures)];
        for (title, tree) in [
            ("By region", &self.regions),
            ("By age", &self.ages),
            ("By sex", &self.sexes),
        ] {
            sections.push(groups(title, tree));
        }
        if let Some(met) = &figures.met {
            let row = |label: &str, people| Row {
                label: label.to_owned(),
                depth: 0,
                cells: vec![Shown::people(people), Shown::share(people, met.people)],
            };
            sections.push(Section {
                title: "Contacts of cases".into(),
                about:
                    "Contacts of ring 1 within the last 14 days, as listed or traced. Those missed \
                        are what the new policy costs, those found what it gains."
                        .into(),
                columns: vec![Column::plain("people"), Column::plain("share")],
                rows: vec![
                    row("all", met.people),
                    row("restricted by both", met.by_both),
                    row("missed: restricted by the old policy only", met.missed),
                    row("found: restricted by the new policy only", met.found),
                    row("restricted by neither", met.by_neither),
                ],
            });
        }
        Page {
            title: format!("What would change: {} to {}", self.old, self.new),
            facts: vec![
                ("Old policy".into(), self.old.clone()),
                ("New policy".into(), self.new.clone()),
                (
                    "Decided at".into(),
                    self.at.strftime("%Y-%m-%d %H:%M:%S %:z").to_string(),
                ),
                ("People".into(), Shown::people(figures.people).to_string()),
            ],
            sections,
            notes: vec![
                ABOUT_STARS.into(),
                "Newly restricted: free under the old policy (green or undeclared), yellow or red \
                 under the new one. Newly freed: the other way round. Person-days of restriction \
                 run from the moment of the decision to the end of the restriction that gives the \
                 colour. Region, age and sex only group this report; no rule reads them."
                    .into(),
            ],
        }
    }

    fn in_short(&self) -> Section {
        let figures = &self.figures;
        let people = |label: &str, people, of: Option<u64>| Row {
            label: label.to_owned(),
            depth: 0,
            cells: vec![Shown::people(people), Shown::share(people, of)],
        };
        let days = |label: &str, tenths: Option<u64>| Row {
            label: label.to_owned(),
            depth: 0,
            cells: vec![tenths_shown(tenths), Shown::Nothing],
        };
        let all = figures.people;
        let d = &figures.days;
        Section {
            title: "In short".into(),
            about: "How many people would change colour, and how much time at home that is.".into(),
            columns: vec![Column::plain("number"), Column::plain("of all people")],
            rows: vec![
                people("newly restricted", figures.newly_restricted, all),
                people("yellow to red", figures.stricter, all),
                people("red to yellow", figures.milder, all),
                people("newly freed", figures.newly_freed, all),
                days("person-days of restriction, old policy", d.before),
                days("person-days of restriction, new policy", d.after),
                days("person-days added", d.added),
                days("person-days removed", d.removed),
            ],
        }
    }

    /// The comparison as JSON. `null` stands for what is hidden.
    pub fn json(&self) -> Value {
        let f = &self.figures;
        let moves: Vec<Value> = STATUSES
            .iter()
            .zip(&f.moves)
            .flat_map(|(from, row)| {
                let to = STATUSES.iter().zip(row);
                to.map(move |(to, people)| json!({ "from": from, "to": to, "people": people }))
            })
            .collect();
        let by_status = |totals: &[Option<u64>; 4]| {
            let pairs = STATUSES.iter().zip(totals);
            pairs
                .map(|(status, people)| ((*status).to_owned(), json!(people)))
                .collect::<Value>()
        };
        let rules: Vec<Value> = f
            .rules
            .iter()
            .map(|rule| {
                json!({
                    "rule": rule.id,
                    "gives_old": rule.gives[0].map(|status| STATUSES[status]),
                    "gives_new": rule.gives[1].map(|status| STATUSES[status]),
                    "restricted_old": rule.before,
                    "restricted_new": rule.after,
                    "newly_restricted": rule.newly_restricted,
                    "newly_freed": rule.newly_freed,
                })
            })
            .collect();
        let met = f.met.as_ref().map(|met| {
            json!({
                "people": met.people,
                "restricted_by_both": met.by_both,
                "missed": met.missed,
                "found": met.found,
                "restricted_by_neither": met.by_neither,
            })
        });
        let days = |tenths: Option<u64>| tenths.map(|tenths| tenths as f64 / 10.0);
        json!({
            "old": self.old,
            "new": self.new,
            "at": self.at.timestamp().display_with_offset(self.at.offset()).to_string(),
            "people": f.people,
            "before": by_status(&f.before),
            "after": by_status(&f.after),
            "moves": moves,
            "newly_restricted": f.newly_restricted,
            "yellow_to_red": f.stricter,
            "red_to_yellow": f.milder,
            "newly_freed": f.newly_freed,
            "person_days": {
                "old": days(f.days.before),
                "new": days(f.days.after),
                "added": days(f.days.added),
                "removed": days(f.days.removed),
            },
            "rules": rules,
            "regions": tree_json(&self.regions),
            "ages": tree_json(&self.ages),
            "sexes": tree_json(&self.sexes),
            "contacts": met,
        })
    }
}

fn tenths_shown(tenths: Option<u64>) -> Shown {
    let tenths = tenths.map(|tenths| i64::try_from(tenths).unwrap_or(i64::MAX));
    tenths.map_or(Shown::Hidden, Shown::Tenths)
}

fn moves(figures: &Figures) -> Section {
    let row = |label: &str, cells: &[Option<u64>], total: Option<u64>| Row {
        label: label.to_owned(),
        depth: 0,
        cells: cells
            .iter()
            .copied()
            .chain([total])
            .map(Shown::people)
            .collect(),
    };
    let mut rows: Vec<Row> = (0..STATUSES.len())
        .map(|from| {
            let label = format!("{} under the old policy", STATUSES[from]);
            row(&label, &figures.moves[from], figures.before[from])
        })
        .collect();
    rows.push(row("all", &figures.after, figures.people));
    let columns = STATUSES
        .iter()
        .map(|to| Column::plain(format!("{to}, new")));
    Section {
        title: "From colour to colour".into(),
        about: "Each row is a status under the old policy, each column one under the new.".into(),
        columns: columns.chain([Column::plain("all")]).collect(),
        rows,
    }
}

fn rules(figures: &Figures) -> Section {
    let word = |rule: &RuleFigures| match rule.gives.map(|place| place.map(|at| STATUSES[at])) {
        [Some(old), Some(new)] if old == new => new.to_owned(),
        [Some(old), Some(new)] => format!("{old}, then {new}"),
        [Some(old), None] => format!("{old}, in the old policy only"),
        [None, Some(new)] => format!("{new}, in the new policy only"),
        [None, None] => String::new(),
    };
    let rows = figures.rules.iter().map(|rule| {
        let of = |which: usize, people| match rule.gives[which] {
            Some(status) if restricts(status) => Shown::people(people),
            _ => Shown::Nothing,
        };
        Row {
            label: format!("{} ({})", rule.id, word(rule)),
            depth: 0,
            cells: vec![
                of(0, rule.before),
                of(1, rule.after),
                of(1, rule.newly_restricted),
                of(0, rule.newly_freed),
            ],
        }
    });
    let titles: Vec<String> = figures
        .rules
        .iter()
        .filter(|rule| !rule.title.is_empty())
        .map(|rule| format!("{}: {}", rule.id, rule.title))
        .collect();
    Section {
        title: "By rule".into(),
        about: format!(
            "Whose colour each rule gives: of several restrictions the one that counts. {}.",
            titles.join("; ")
        ),
        columns: vec![
            Column::plain("old policy"),
            Column::plain("new policy"),
            Column::drawn("newly restricted"),
            Column::drawn("newly freed"),
        ],
        rows: rows.collect(),
    }
}

/// The groups with somebody who changes; of many those with the most.
fn groups(title: &str, tree: &Tree) -> Section {
    let all = tree.in_order();
    let changed =
        |node: &Node| -> u64 { (1..FIGURES).filter_map(|figure| node.shown(figure)).sum() };
    let mut sizes: Vec<u64> = all.iter().map(|node| changed(node)).collect();
    sizes.sort_unstable_by(|a, b| b.cmp(a));
    let least = sizes.get(MOST_GROUPS).map_or(0, |size| size + 1);
    let listed = |node: &&&Node| node.depth <= 1 || changed(node) >= least.max(1);
    let shown: Vec<&&Node> = all.iter().filter(listed).collect();
    let left_out = all.len() - shown.len();
    let about = if left_out > 0 {
        format!(
            "The groups with the most changes; {left_out} with fewer, none or only hidden ones are \
             left out here and are in the JSON."
        )
    } else {
        "People by group, and how many of them change.".to_owned()
    };
    let rows = shown.into_iter().map(|node| Row {
        label: node.label.clone(),
        depth: node.depth,
        cells: (0..FIGURES)
            .map(|figure| Shown::people(node.shown(figure)))
            .collect(),
    });
    let changes = CHANGE_NAMES
        .iter()
        .enumerate()
        .map(|(place, name)| match place {
            0 | 3 => Column::drawn(*name),
            _ => Column::plain(*name),
        });
    Section {
        title: title.into(),
        about,
        columns: [Column::plain("people")]
            .into_iter()
            .chain(changes)
            .collect(),
        rows: rows.collect(),
    }
}

/// Every group except everybody, each with the groups around it.
fn tree_json(tree: &Tree) -> Vec<Value> {
    let mut path = Vec::new();
    let mut rows = Vec::new();
    for node in tree.in_order() {
        if node.depth == 0 {
            continue;
        }
        path.truncate(usize::from(node.depth) - 1);
        path.push(node.label.clone());
        rows.push(json!({
            "group": path,
            "people": node.shown(0),
            "newly_restricted": node.shown(1),
            "yellow_to_red": node.shown(2),
            "red_to_yellow": node.shown(3),
            "newly_freed": node.shown(4),
        }));
    }
    rows
}
