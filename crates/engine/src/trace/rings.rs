//! The search itself, ring by ring, over visits wherever they are.
//!
//! For a few index cases each of their visits is looked up at its venue. For many, all those look-ups
//! are put in order of venue first and done in one pass, so that memory and files are read from
//! front to back. Both find the same.

use super::days::Days;
use super::held::Held;
use super::index_cases::{IndexCase, Task, Windows, first, tasks, windows_of};
use super::source::Source;
use super::span::Span;
use super::{Case, Contact, Placed, Search};
use crate::parallel::{parallel_map, pieces};

/// Index cases in one ordered pass; it bounds the memory that the pass takes.
const PASS: usize = 1 << 16;

/// Looking after one index case out of order costs about as much as reading so many visits in order.
const INDEX_CASE_COST: usize = 24;

/// How the look-ups are done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    /// Whichever of the others costs less.
    Cheaper,
    /// One by one.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "tests compare it with the pass")
    )]
    LookUps,
    /// In order of venue.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "tests compare it with the look-ups")
    )]
    Pass,
}

/// Finds the contacts of every case, in order of case, ring, person and day.
pub(super) fn trace<S: Source>(
    source: &S,
    cases: &[Case<u32>],
    search: &Search,
    placed: &[Placed<u32>],
    method: Method,
) -> Result<Vec<Contact<u32>>, S::Error> {
    let cases = windows_of(cases);
    let Some(extent) = source.extent() else {
        return Ok(Vec::new());
    };
    let asked = cases.iter().flat_map(|case| &case.windows);
    let asked = asked.filter_map(|window| window.overlap(extent));
    let days = match &search.by_day {
        Some(zone) => Days::split(asked, zone),
        None => Days::all_as_one(),
    };
    let tracing = Tracing {
        source,
        least: (u64::from(search.minutes) * 60).max(1),
        cases,
        placed,
        days,
        method,
        held: Held::default(),
    };
    tracing.run(search.rings)
}

/// One run over all cases.
pub(super) struct Tracing<'a, S> {
    pub(super) source: &'a S,
    /// The least time together, in seconds.
    pub(super) least: u64,
    /// In order of person.
    pub(super) cases: Vec<Windows<u32>>,
    pub(super) placed: &'a [Placed<u32>],
    pub(super) days: Days,
    pub(super) method: Method,
    pub(super) held: Held,
}

/// An index case was there, and others may have been.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct VisitInterval {
    venue: u32,
    span: Span,
}

/// Somebody was there too.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Hit {
    person: u32,
    day: u32,
    venue: u32,
    span: Span,
}

/// Somebody met an index case for long enough.
#[derive(Clone, Copy)]
pub(super) struct Meeting {
    pub(super) person: u32,
    pub(super) day: u32,
    pub(super) through: u32,
    pub(super) seconds: u64,
    pub(super) together: Span,
}

/// What some index cases of one case found.
#[derive(Default)]
pub(super) struct Found {
    pub(super) meetings: Vec<Meeting>,
    /// With repeats.
    pub(super) places: Vec<Place>,
}

/// Person, day and venue.
pub(super) type Place = (u32, u32, u32);

impl Found {
    /// For how many meetings and places it has room.
    fn counts(&self) -> (usize, usize) {
        (self.meetings.capacity(), self.places.capacity())
    }
}

/// Room for one thread to work in.
struct Workspace<S: Source> {
    scratch: S::Scratch,
    intervals: Vec<VisitInterval>,
    hits: Vec<Hit>,
    pieces: Vec<Hit>,
}

impl<S: Source> Default for Workspace<S> {
    fn default() -> Self {
        Self {
            scratch: S::Scratch::default(),
            intervals: Vec::new(),
            hits: Vec::new(),
            pieces: Vec::new(),
        }
    }
}

impl<S: Source> Tracing<'_, S> {
    fn run(&self, rings: u8) -> Result<Vec<Contact<u32>>, S::Error> {
        let mut index_cases: Vec<IndexCase> =
            self.cases.iter().enumerate().filter_map(first).collect();
        let mut placed: Vec<Vec<u32>> = self.cases.iter().map(|case| vec![case.person]).collect();
        let mut contacts: Vec<Vec<Contact<u32>>> = self.cases.iter().map(|_| Vec::new()).collect();
        for ring in 1..=rings {
            let tasks = tasks(&index_cases);
            let found = self.meet(ring, &index_cases, &tasks)?;
            let mut of_case: Vec<(usize, Vec<Found>)> = Vec::new();
            for (task, found) in tasks.iter().zip(found) {
                match of_case.last_mut() {
                    Some((case, all)) if *case == task.case => all.push(found),
                    _ => of_case.push((task.case, vec![found])),
                }
            }
            let settled = parallel_map(of_case, |(case, found)| {
                let bounds = found.iter().map(Found::counts);
                let (meetings, places) = bounds.fold((0, 0), |(a, b), (m, p)| (a + m, b + p));
                let settled = self.settle(ring, case, found, &placed[case]);
                // All contacts are put into one list in the end.
                self.held
                    .add::<Contact<u32>, S>(self.source, 2 * settled.0.len())?;
                self.held
                    .add::<IndexCase, S>(self.source, settled.1.len())?;
                self.held.release::<Meeting>(meetings);
                self.held.release::<Place>(places);
                Ok((case, settled))
            });
            index_cases.clear();
            for settled in settled {
                let (case, (mut new, next)) = settled?;
                contacts[case].append(&mut new);
                placed[case].extend(next.iter().map(|index_case| index_case.person));
                placed[case].sort_unstable();
                index_cases.extend(next);
            }
            self.join(ring, &mut index_cases, &mut placed);
        }
        Ok(contacts.concat())
    }

    /// Whom each task's index cases met.
    fn meet(
        &self,
        ring: u8,
        index_cases: &[IndexCase],
        tasks: &[Task],
    ) -> Result<Vec<Found>, S::Error> {
        let in_order = match self.method {
            Method::Cheaper => index_cases.len() > self.source.rows() / INDEX_CASE_COST,
            Method::LookUps => false,
            Method::Pass => true,
        };
        if in_order {
            return self.meet_in_order(ring, index_cases, tasks);
        }
        let found = parallel_map(tasks.to_vec(), |task| {
            self.held.check(self.source)?;
            let mut workspace = Workspace::<S>::default();
            let mut found = Found::default();
            let index_cases = &index_cases[task.index_cases];
            let mut people = index_cases.iter().map(|index_case| index_case.person);
            self.source.announce_people(&mut people);
            let mut bounds = vec![0];
            for index_case in index_cases {
                self.add_intervals(&mut workspace, ring, index_case)?;
                bounds.push(workspace.intervals.len());
            }
            let timestamps = workspace.intervals.iter().map(|p| (p.venue, p.span.from));
            self.source.announce_venues(&mut { timestamps });
            for (index_case, bounds) in index_cases.iter().zip(bounds.windows(2)) {
                workspace.hits.clear();
                let Workspace {
                    scratch,
                    intervals,
                    hits,
                    ..
                } = &mut workspace;
                for interval in &intervals[bounds[0]..bounds[1]] {
                    self.source.present_at(
                        scratch,
                        interval.venue,
                        interval.span,
                        |person, span| {
                            if person != index_case.person {
                                hits.push(Hit {
                                    person,
                                    day: 0,
                                    venue: interval.venue,
                                    span,
                                });
                            }
                        },
                    )?;
                }
                self.add_up(
                    &mut workspace.hits,
                    &mut workspace.pieces,
                    index_case.person,
                    &mut found,
                );
            }
            self.hold(found)
        });
        found.into_iter().collect()
    }

    /// The same in one pass in order of venue for every [`PASS`] index cases.
    fn meet_in_order(
        &self,
        ring: u8,
        index_cases: &[IndexCase],
        tasks: &[Task],
    ) -> Result<Vec<Found>, S::Error> {
        let mut found = Vec::with_capacity(tasks.len());
        let mut rest = tasks;
        while let Some(first) = rest.first() {
            let start = first.index_cases.start;
            let fits = |task: &&Task| task.index_cases.end <= start + PASS;
            let (now, later) = rest.split_at(rest.iter().take_while(fits).count().max(1));
            let end = now.last().map_or(start, |task| task.index_cases.end);
            let (hits, bounds) = self.pass(ring, &index_cases[start..end])?;
            let of_tasks = parallel_map(now.to_vec(), |task| {
                let mut workspace = Workspace::<S>::default();
                let mut found = Found::default();
                for place in task.index_cases {
                    workspace.hits.clear();
                    workspace
                        .hits
                        .extend(&hits[bounds[place - start]..bounds[place - start + 1]]);
                    let person = index_cases[place].person;
                    self.add_up(
                        &mut workspace.hits,
                        &mut workspace.pieces,
                        person,
                        &mut found,
                    );
                }
                self.hold(found)
            });
            for of_task in of_tasks {
                found.push(of_task?);
            }
            self.held.release::<(usize, Hit)>(2 * hits.len());
            rest = later;
        }
        Ok(found)
    }

    /// Counts what a task found.
    fn hold(&self, found: Found) -> Result<Found, S::Error> {
        let (meetings, places) = found.counts();
        self.held.add::<Meeting, S>(self.source, meetings)?;
        self.held.add::<Place, S>(self.source, places)?;
        Ok(found)
    }

    /// Everybody whom the index cases met, by index case; and where each one's begin.
    fn pass(
        &self,
        ring: u8,
        index_cases: &[IndexCase],
    ) -> Result<(Vec<Hit>, Vec<usize>), S::Error> {
        let visits = parallel_map(pieces(index_cases.len(), 1024), |part| {
            let mut workspace = Workspace::<S>::default();
            let mut visits = Vec::new();
            for place in part {
                workspace.intervals.clear();
                self.add_intervals(&mut workspace, ring, &index_cases[place])?;
                visits.extend(
                    workspace
                        .intervals
                        .iter()
                        .map(|interval| (*interval, place)),
                );
            }
            Ok(visits)
        });
        let mut visits = visits.into_iter().collect::<Result<Vec<_>, _>>()?.concat();
        visits.sort_unstable();
        let hits = parallel_map(pieces(visits.len(), 1024), |part| {
            self.held.check(self.source)?;
            let mut scratch = S::Scratch::default();
            let mut hits = Vec::new();
            for (interval, place) in &visits[part] {
                let (venue, own) = (interval.venue, index_cases[*place].person);
                self.source
                    .present_at(&mut scratch, venue, interval.span, |person, span| {
                        if person != own {
                            hits.push((
                                *place,
                                Hit {
                                    person,
                                    day: 0,
                                    venue,
                                    span,
                                },
                            ));
                        }
                    })?;
            }
            // They are dealt to their index cases once all are known.
            let count = 2 * hits.len();
            self.held.add::<(usize, Hit), S>(self.source, count)?;
            Ok(hits)
        });
        let hits = hits.into_iter().collect::<Result<Vec<_>, _>>()?;
        let mut bounds = vec![0; index_cases.len() + 1];
        for (place, _) in hits.iter().flatten() {
            bounds[place + 1] += 1;
        }
        for place in 0..index_cases.len() {
            bounds[place + 1] += bounds[place];
        }
        let nothing = Hit {
            person: 0,
            day: 0,
            venue: 0,
            span: Span { from: 0, until: 0 },
        };
        let mut dealt = vec![nothing; bounds[index_cases.len()]];
        let mut next = bounds.clone();
        for (place, hit) in hits.into_iter().flatten() {
            dealt[next[place]] = hit;
            next[place] += 1;
        }
        Ok((dealt, bounds))
    }

    /// Adds where an index case was while it counts; overlapping visits to one venue are one interval.
    fn add_intervals(
        &self,
        workspace: &mut Workspace<S>,
        ring: u8,
        index_case: &IndexCase,
    ) -> Result<(), S::Error> {
        let windows = if ring == 1 {
            &self.cases[index_case.case].windows[..]
        } else {
            std::slice::from_ref(&index_case.during)
        };
        let Workspace {
            scratch, intervals, ..
        } = workspace;
        let start = intervals.len();
        let (person, during) = (index_case.person, index_case.during);
        self.source
            .visits_of(scratch, person, during, |venue, span| {
                for window in windows {
                    let span = span.overlap(*window);
                    intervals.extend(span.map(|span| VisitInterval { venue, span }));
                }
            })?;
        intervals[start..].sort_unstable();
        let mut kept = start;
        for place in start + 1..intervals.len() {
            let next = intervals[place];
            let last = &mut intervals[kept];
            if next.venue == last.venue && next.span.from <= last.span.until {
                last.span.until = last.span.until.max(next.span.until);
            } else {
                kept += 1;
                intervals[kept] = next;
            }
        }
        intervals.truncate((kept + 1).min(intervals.len()));
        Ok(())
    }

    /// Adds up one index case's time with each person and day, and keeps what is long enough.
    fn add_up(&self, hits: &mut Vec<Hit>, pieces: &mut Vec<Hit>, through: u32, found: &mut Found) {
        hits.sort_unstable();
        hits.dedup_by(|next, kept| {
            let same = (next.person, next.venue) == (kept.person, kept.venue);
            let joins = same && next.span.from <= kept.span.until;
            if joins {
                kept.span.until = kept.span.until.max(next.span.until);
            }
            joins
        });
        let hits = if self.days.matter() {
            pieces.clear();
            for hit in &*hits {
                let cut = self.days.pieces(hit.span);
                pieces.extend(cut.map(|(day, span)| Hit { day, span, ..*hit }));
            }
            pieces.sort_unstable();
            pieces
        } else {
            hits
        };
        for with_one in hits.chunk_by(|a, b| (a.person, a.day) == (b.person, b.day)) {
            let length = |hit: &Hit| u64::from(hit.span.until - hit.span.from);
            let seconds = with_one.iter().map(length).sum();
            if seconds < self.least {
                continue;
            }
            let Hit {
                person, day, span, ..
            } = with_one[0];
            found.meetings.push(Meeting {
                person,
                day,
                through,
                seconds,
                together: with_one.iter().fold(span, |all, hit| all.cover(hit.span)),
            });
            let venues = with_one.chunk_by(|a, b| a.venue == b.venue);
            found
                .places
                .extend(venues.map(|at| (person, day, at[0].venue)));
        }
    }
}
