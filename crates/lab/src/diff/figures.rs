//! The figures about everybody, linked by their sums, small ones hidden.

use super::count::{Counts, Sum};
use super::{STATUS_COUNT, restricts};
use crate::suppress::tree::FIGURES;
use crate::suppress::{FigureId, LinkedFigures};

/// Seconds in a tenth of a day.
const TENTH: u64 = 8640;

/// Figures that readers may see.
#[derive(Clone, Debug)]
pub(super) struct Figures {
    pub(super) people: Option<u64>,
    pub(super) moves: [[Option<u64>; STATUS_COUNT]; STATUS_COUNT],
    pub(super) before: [Option<u64>; STATUS_COUNT],
    pub(super) after: [Option<u64>; STATUS_COUNT],
    pub(super) newly_restricted: Option<u64>,
    pub(super) stricter: Option<u64>,
    pub(super) milder: Option<u64>,
    pub(super) newly_freed: Option<u64>,
    pub(super) rules: Vec<RuleFigures>,
    pub(super) days: DayFigures,
    pub(super) met: Option<MetFigures>,
}

/// A rule, and whose colour it gives.
#[derive(Clone, Debug)]
pub(super) struct RuleFigures {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) gives: [Option<usize>; 2],
    pub(super) before: Option<u64>,
    pub(super) after: Option<u64>,
    pub(super) newly_restricted: Option<u64>,
    pub(super) newly_freed: Option<u64>,
}

/// Person-days of restriction ahead, in tenths.
#[derive(Clone, Debug)]
pub(super) struct DayFigures {
    pub(super) before: Option<u64>,
    pub(super) after: Option<u64>,
    pub(super) added: Option<u64>,
    pub(super) removed: Option<u64>,
}

/// People who truly met a case.
#[derive(Clone, Debug)]
pub(super) struct MetFigures {
    pub(super) people: Option<u64>,
    pub(super) by_both: Option<u64>,
    /// The old policy restricts them, the new one would not.
    pub(super) missed: Option<u64>,
    /// The new policy would restrict them, the old one does not.
    pub(super) found: Option<u64>,
    pub(super) by_neither: Option<u64>,
}

impl Figures {
    /// Links all counts by their sums and hides what must be hidden.
    pub(super) fn new(counts: &Counts) -> Self {
        let mut system = LinkedFigures::default();
        let moves = MovePlaces::new(&mut system, counts);
        let rules = rule_places(&mut system, counts, &moves);
        let days = day_places(&mut system, counts);
        let met = counts
            .met
            .map(|met| met_places(&mut system, met, &moves, counts));
        system.hide();
        let shown = |place: FigureId| system.shown(place);
        let tenths = |place: FigureId| system.shown(place).map(|seconds| seconds / TENTH);
        Self {
            people: shown(moves.people),
            moves: moves.cells.map(|row| row.map(shown)),
            before: moves.before.map(shown),
            after: moves.after.map(shown),
            newly_restricted: shown(moves.newly_restricted),
            stricter: shown(moves.cells[2][3]),
            milder: shown(moves.cells[3][2]),
            newly_freed: shown(moves.newly_freed),
            rules: counts
                .rules
                .iter()
                .zip(rules)
                .map(|(rule, places)| RuleFigures {
                    id: rule.id.clone(),
                    title: rule.title.clone(),
                    gives: rule.gives,
                    before: shown(places.before),
                    after: shown(places.after),
                    newly_restricted: shown(places.newly_restricted),
                    newly_freed: shown(places.newly_freed),
                })
                .collect(),
            days: DayFigures {
                before: tenths(days[0]),
                after: tenths(days[1]),
                added: tenths(days[2]),
                removed: tenths(days[3]),
            },
            met: met.map(|places| MetFigures {
                people: shown(places[0]),
                by_both: shown(places[1]),
                missed: shown(places[2]),
                found: shown(places[3]),
                by_neither: shown(places[4]),
            }),
        }
    }

    /// Which figures of the groups are hidden for everybody: people, then the changes.
    pub(super) fn hidden_of_everybody(&self) -> [bool; FIGURES] {
        let figures = [
            self.people,
            self.newly_restricted,
            self.stricter,
            self.milder,
            self.newly_freed,
        ];
        figures.map(|figure| figure.is_none())
    }
}

struct MovePlaces {
    cells: [[FigureId; STATUS_COUNT]; STATUS_COUNT],
    before: [FigureId; STATUS_COUNT],
    after: [FigureId; STATUS_COUNT],
    people: FigureId,
    newly_restricted: FigureId,
    newly_freed: FigureId,
}

impl MovePlaces {
    fn new(system: &mut LinkedFigures, counts: &Counts) -> Self {
        let moves = &counts.moves;
        let cells = moves.map(|row| row.map(|people| system.count(people)));
        let of_row = |row: usize| moves[row].iter().sum::<u64>();
        let of_column = |column: usize| moves.iter().map(|row| row[column]).sum::<u64>();
        let before: [FigureId; STATUS_COUNT] = std::array::from_fn(|row| system.count(of_row(row)));
        let after: [FigureId; STATUS_COUNT] =
            std::array::from_fn(|column| system.count(of_column(column)));
        let everybody = counts.changes.len() as u64;
        let people = system.count(everybody);
        for status in 0..STATUS_COUNT {
            system.sum(before[status], cells[status]);
            system.sum(after[status], cells.map(|row| row[status]));
        }
        system.sum(people, before);
        system.sum(people, after);

        let pairs = |from: [usize; 2], to: [usize; 2]| {
            let pair = move |from: usize| to.map(|to| (from, to));
            [pair(from[0]), pair(from[1])].concat()
        };
        let mut change = |pairs: &[(usize, usize)]| {
            let place = system.count(pairs.iter().map(|(from, to)| moves[*from][*to]).sum());
            system.sum(place, pairs.iter().map(|(from, to)| cells[*from][*to]));
            place
        };
        let newly_restricted = change(&pairs([0, 1], [2, 3]));
        let newly_freed = change(&pairs([2, 3], [0, 1]));

        // Reports by group let readers compute how many do not change.
        let changes = [newly_restricted, cells[2][3], cells[3][2], newly_freed];
        let unchanged = counts.changes.iter();
        let unchanged = unchanged.filter(|change| **change == crate::groups::UNCHANGED);
        let unchanged = system.implied(unchanged.count() as u64);
        system.sum(people, changes.into_iter().chain([unchanged]));
        Self {
            cells,
            before,
            after,
            people,
            newly_restricted,
            newly_freed,
        }
    }
}

struct RulePlaces {
    before: FigureId,
    after: FigureId,
    newly_restricted: FigureId,
    newly_freed: FigureId,
}

fn rule_places(system: &mut LinkedFigures, counts: &Counts, moves: &MovePlaces) -> Vec<RulePlaces> {
    let places: Vec<RulePlaces> = counts
        .rules
        .iter()
        .map(|rule| {
            let places = RulePlaces {
                before: system.count(rule.before),
                after: system.count(rule.after),
                newly_restricted: system.count(rule.newly_restricted),
                newly_freed: system.count(rule.newly_freed),
            };
            // Those restricted before and after, of whom the rule gives the colour once.
            let remain = system.implied(rule.before - rule.newly_freed);
            system.sum(places.before, [places.newly_freed, remain]);
            let were = system.implied(rule.after - rule.newly_restricted);
            system.sum(places.after, [places.newly_restricted, were]);
            places
        })
        .collect();
    let giving = |which: usize, status: usize| {
        let rules = counts.rules.iter().zip(&places);
        let rules = rules.filter(move |(rule, _)| rule.gives[which] == Some(status));
        rules.map(|(_, places)| places).collect::<Vec<_>>()
    };
    for status in (0..STATUS_COUNT).filter(|status| restricts(*status)) {
        let (old, new) = (giving(0, status), giving(1, status));
        system.sum(moves.before[status], old.iter().map(|rule| rule.before));
        system.sum(moves.after[status], new.iter().map(|rule| rule.after));
        let restricted = system.implied((0..2).map(|from| counts.moves[from][status]).sum());
        system.sum(restricted, (0..2).map(|from| moves.cells[from][status]));
        system.sum(restricted, new.iter().map(|rule| rule.newly_restricted));
        let freed = system.implied((0..2).map(|to| counts.moves[status][to]).sum());
        system.sum(freed, (0..2).map(|to| moves.cells[status][to]));
        system.sum(freed, old.iter().map(|rule| rule.newly_freed));
    }
    places
}

/// Before, after, added, removed.
fn day_places(system: &mut LinkedFigures, counts: &Counts) -> [FigureId; 4] {
    let days = &counts.days;
    let mut amount = |sum: Sum| system.amount(sum.seconds, sum.people);
    let places = [days.before, days.after, days.added, days.removed].map(&mut amount);
    let [before, after, added, removed] = places;
    let most = u64::MAX;
    let both = system.implied_amount(days.before.seconds + days.added.seconds, most);
    system.sum(both, [before, added]);
    system.sum(both, [after, removed]);
    places
}

/// All, restricted by both, by the old only, by the new only, by neither.
fn met_places(
    system: &mut LinkedFigures,
    met: [[u64; 2]; 2],
    moves: &MovePlaces,
    counts: &Counts,
) -> [FigureId; 5] {
    let [[neither, found], [missed, both]] = met;
    let people = system.count(neither + found + missed + both);
    let places = [both, missed, found, neither].map(|people| system.count(people));
    system.sum(people, places);
    let change = |change| {
        let changed = counts.changes.iter().filter(|other| **other == change);
        changed.count() as u64
    };
    let others = system.implied(change(super::count::NEWLY_FREED) - missed);
    system.sum(moves.newly_freed, [places[1], others]);
    let others = system.implied(change(super::count::NEWLY_RESTRICTED) - found);
    system.sum(moves.newly_restricted, [places[2], others]);
    [people, places[0], places[1], places[2], places[3]]
}
