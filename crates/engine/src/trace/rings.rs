//! The search itself, ring by ring, over visits wherever they are.
//!
//! For a few carriers each of their visits is looked up at its venue. For many, all those look-ups
//! are put in order of venue first and done in one pass, so that memory and files are read from
//! front to back. Both find the same.

use super::days::Days;
use super::source::Source;
use super::span::{Span, merge, second};
use super::{Case, Contact, Placed, Search};
use crate::columns::Seconds;
use crate::parallel::{parallel_map, pieces};

/// Carriers looked after together by one thread.
const TOGETHER: usize = 32;

/// Carriers in one ordered pass; it bounds the memory that the pass takes.
const PASS: usize = 1 << 16;

/// Looking after one carrier out of order costs about as much as reading so many visits in order.
const CARRIER_COST: usize = 24;

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
    };
    tracing.run(search.rings)
}

/// A case with its windows, merged and in order.
pub(super) struct Windows<P> {
    pub(super) person: P,
    pub(super) windows: Vec<Span>,
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
}

/// Somebody whose company counts, and from when to when.
#[derive(Clone, Copy)]
pub(super) struct Carrier {
    /// Position in the list of cases.
    pub(super) case: usize,
    pub(super) person: u32,
    /// In ring 1 the case's own windows count instead.
    pub(super) during: Span,
}

/// A carrier was there, and others may have been.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Presence {
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

/// Somebody met a carrier for long enough.
#[derive(Clone, Copy)]
pub(super) struct Meeting {
    pub(super) person: u32,
    pub(super) day: u32,
    pub(super) through: u32,
    pub(super) seconds: u64,
    pub(super) together: Span,
}

/// What some carriers of one case found.
#[derive(Default)]
pub(super) struct Found {
    pub(super) meetings: Vec<Meeting>,
    /// Person, day and venue, with repeats.
    pub(super) places: Vec<(u32, u32, u32)>,
}

/// Room for one thread to work in.
struct Bench<S: Source> {
    scratch: S::Scratch,
    presences: Vec<Presence>,
    hits: Vec<Hit>,
    pieces: Vec<Hit>,
}

impl<S: Source> Default for Bench<S> {
    fn default() -> Self {
        Self {
            scratch: S::Scratch::default(),
            presences: Vec::new(),
            hits: Vec::new(),
            pieces: Vec::new(),
        }
    }
}

impl<S: Source> Tracing<'_, S> {
    fn run(&self, rings: u8) -> Result<Vec<Contact<u32>>, S::Error> {
        let mut carriers: Vec<Carrier> = self.cases.iter().enumerate().filter_map(first).collect();
        let mut placed: Vec<Vec<u32>> = self.cases.iter().map(|case| vec![case.person]).collect();
        let mut contacts: Vec<Vec<Contact<u32>>> = self.cases.iter().map(|_| Vec::new()).collect();
        for ring in 1..=rings {
            let tasks = tasks(&carriers);
            let found = self.meet(ring, &carriers, &tasks)?;
            let mut of_case: Vec<(usize, Vec<Found>)> = Vec::new();
            for (task, found) in tasks.iter().zip(found) {
                match of_case.last_mut() {
                    Some((case, all)) if *case == task.case => all.push(found),
                    _ => of_case.push((task.case, vec![found])),
                }
            }
            let settled = parallel_map(of_case, |(case, found)| {
                (case, self.settle(ring, case, found, &placed[case]))
            });
            carriers.clear();
            for (case, (mut new, next)) in settled {
                contacts[case].append(&mut new);
                placed[case].extend(next.iter().map(|carrier| carrier.person));
                placed[case].sort_unstable();
                carriers.extend(next);
            }
            self.join(ring, &mut carriers, &mut placed);
        }
        Ok(contacts.concat())
    }

    /// Whom each task's carriers met.
    fn meet(&self, ring: u8, carriers: &[Carrier], tasks: &[Task]) -> Result<Vec<Found>, S::Error> {
        let in_order = match self.method {
            Method::Cheaper => carriers.len() > self.source.rows() / CARRIER_COST,
            Method::LookUps => false,
            Method::Pass => true,
        };
        if in_order {
            return self.meet_in_order(ring, carriers, tasks);
        }
        let found = parallel_map(tasks.to_vec(), |task| {
            let mut bench = Bench::<S>::default();
            let mut found = Found::default();
            let carriers = &carriers[task.carriers];
            let mut people = carriers.iter().map(|carrier| carrier.person);
            self.source.announce_people(&mut people);
            let mut bounds = vec![0];
            for carrier in carriers {
                self.add_presences(&mut bench, ring, carrier)?;
                bounds.push(bench.presences.len());
            }
            let moments = bench.presences.iter().map(|p| (p.venue, p.span.from));
            self.source.announce_venues(&mut { moments });
            for (carrier, bounds) in carriers.iter().zip(bounds.windows(2)) {
                bench.hits.clear();
                let Bench {
                    scratch,
                    presences,
                    hits,
                    ..
                } = &mut bench;
                for presence in &presences[bounds[0]..bounds[1]] {
                    self.source.present_at(
                        scratch,
                        presence.venue,
                        presence.span,
                        |person, span| {
                            if person != carrier.person {
                                hits.push(Hit {
                                    person,
                                    day: 0,
                                    venue: presence.venue,
                                    span,
                                });
                            }
                        },
                    )?;
                }
                self.add_up(
                    &mut bench.hits,
                    &mut bench.pieces,
                    carrier.person,
                    &mut found,
                );
            }
            Ok(found)
        });
        found.into_iter().collect()
    }

    /// The same in one pass in order of venue for every [`PASS`] carriers.
    fn meet_in_order(
        &self,
        ring: u8,
        carriers: &[Carrier],
        tasks: &[Task],
    ) -> Result<Vec<Found>, S::Error> {
        let mut found = Vec::with_capacity(tasks.len());
        let mut rest = tasks;
        while let Some(first) = rest.first() {
            let start = first.carriers.start;
            let fits = |task: &&Task| task.carriers.end <= start + PASS;
            let (now, later) = rest.split_at(rest.iter().take_while(fits).count().max(1));
            let end = now.last().map_or(start, |task| task.carriers.end);
            let (hits, bounds) = self.pass(ring, &carriers[start..end])?;
            found.extend(parallel_map(now.to_vec(), |task| {
                let mut bench = Bench::<S>::default();
                let mut found = Found::default();
                for place in task.carriers {
                    bench.hits.clear();
                    bench
                        .hits
                        .extend(&hits[bounds[place - start]..bounds[place - start + 1]]);
                    let person = carriers[place].person;
                    self.add_up(&mut bench.hits, &mut bench.pieces, person, &mut found);
                }
                found
            }));
            rest = later;
        }
        Ok(found)
    }

    /// Everybody whom the carriers met, by carrier; and where each carrier's begin.
    fn pass(&self, ring: u8, carriers: &[Carrier]) -> Result<(Vec<Hit>, Vec<usize>), S::Error> {
        let visits = parallel_map(pieces(carriers.len(), 1024), |part| {
            let mut bench = Bench::<S>::default();
            let mut visits = Vec::new();
            for place in part {
                bench.presences.clear();
                self.add_presences(&mut bench, ring, &carriers[place])?;
                visits.extend(bench.presences.iter().map(|presence| (*presence, place)));
            }
            Ok(visits)
        });
        let mut visits = visits.into_iter().collect::<Result<Vec<_>, _>>()?.concat();
        visits.sort_unstable();
        let hits = parallel_map(pieces(visits.len(), 1024), |part| {
            let mut scratch = S::Scratch::default();
            let mut hits = Vec::new();
            for (presence, place) in &visits[part] {
                let (venue, own) = (presence.venue, carriers[*place].person);
                self.source
                    .present_at(&mut scratch, venue, presence.span, |person, span| {
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
            Ok(hits)
        });
        let hits = hits.into_iter().collect::<Result<Vec<_>, _>>()?;
        let mut bounds = vec![0; carriers.len() + 1];
        for (place, _) in hits.iter().flatten() {
            bounds[place + 1] += 1;
        }
        for place in 0..carriers.len() {
            bounds[place + 1] += bounds[place];
        }
        let nothing = Hit {
            person: 0,
            day: 0,
            venue: 0,
            span: Span { from: 0, until: 0 },
        };
        let mut dealt = vec![nothing; bounds[carriers.len()]];
        let mut next = bounds.clone();
        for (place, hit) in hits.into_iter().flatten() {
            dealt[next[place]] = hit;
            next[place] += 1;
        }
        Ok((dealt, bounds))
    }

    /// Adds where a carrier was while it counts; overlapping visits to one venue are one presence.
    fn add_presences(
        &self,
        bench: &mut Bench<S>,
        ring: u8,
        carrier: &Carrier,
    ) -> Result<(), S::Error> {
        let windows = if ring == 1 {
            &self.cases[carrier.case].windows[..]
        } else {
            std::slice::from_ref(&carrier.during)
        };
        let Bench {
            scratch, presences, ..
        } = bench;
        let start = presences.len();
        let (person, during) = (carrier.person, carrier.during);
        self.source
            .visits_of(scratch, person, during, |venue, span| {
                for window in windows {
                    let span = span.overlap(*window);
                    presences.extend(span.map(|span| Presence { venue, span }));
                }
            })?;
        presences[start..].sort_unstable();
        let mut kept = start;
        for place in start + 1..presences.len() {
            let next = presences[place];
            let last = &mut presences[kept];
            if next.venue == last.venue && next.span.from <= last.span.until {
                last.span.until = last.span.until.max(next.span.until);
            } else {
                kept += 1;
                presences[kept] = next;
            }
        }
        presences.truncate((kept + 1).min(presences.len()));
        Ok(())
    }

    /// Adds up one carrier's time with each person and day, and keeps what is long enough.
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
                together: with_one.iter().fold(span, |all, hit| all.hull(hit.span)),
            });
            let venues = with_one.chunk_by(|a, b| a.venue == b.venue);
            found
                .places
                .extend(venues.map(|at| (person, day, at[0].venue)));
        }
    }
}

/// Some carriers of one case.
#[derive(Clone)]
struct Task {
    case: usize,
    carriers: std::ops::Range<usize>,
}

fn tasks(carriers: &[Carrier]) -> Vec<Task> {
    let mut tasks = Vec::new();
    let mut start = 0;
    for of_case in carriers.chunk_by(|a, b| a.case == b.case) {
        for part in pieces(of_case.len(), TOGETHER) {
            let carriers = start + part.start..start + part.end;
            tasks.push(Task {
                case: of_case[0].case,
                carriers,
            });
        }
        start += of_case.len();
    }
    tasks
}

fn first((case, windows): (usize, &Windows<u32>)) -> Option<Carrier> {
    let whole = windows.windows.iter().copied().reduce(Span::hull)?;
    Some(Carrier {
        case,
        person: windows.person,
        during: whole,
    })
}

/// Each case once, in order of person.
pub(super) fn windows_of<P: Copy + Ord>(cases: &[Case<P>]) -> Vec<Windows<P>> {
    let mut all: Vec<(P, Span)> = cases
        .iter()
        .map(|case| {
            let (from, until): (Seconds, Seconds) = (second(case.from), second(case.until));
            (case.person, Span { from, until })
        })
        .collect();
    all.sort_unstable();
    all.chunk_by(|a, b| a.0 == b.0)
        .map(|own| Windows {
            person: own[0].0,
            windows: merge(own.iter().map(|(_, span)| *span).collect()),
        })
        .collect()
}
