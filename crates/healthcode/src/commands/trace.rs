//! `trace`: who shared venues with a case, or its household, building or vehicle.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use domain::Timestamp;
use engine::trace::{Case, Search};
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use tables::contacts::{COLUMNS, write};
use tables::files::{
    CaseRow, FileReport, FolderGroupContacts, FolderVisits, Reading, Room, cases, find_table,
};
use tables::mirror::Memory;
use tables::venues;

use super::inputs::{check_strays, tables_called};
use super::memory::MemoryLimit;
use super::policy::counted;
use super::table_files::{self, About, Output, file_error, options, tell_refused};
use crate::outcome::Outcome;
use crate::report::Report;
use crate::system::{time_zone, timestamp};

/// Find who shared venues with a case: case, ring, person, minutes, first, last, venues, relation.
///
/// A contact shares venues with the case for at least --minutes in all. With --by-day there is one
/// row for each pair and local day on which they reach it. DIR may also hold the sorted files of visits
/// of a mirror: only what is needed of them is read, and people are called by their identifiers.
///
/// Somebody of ring 2 met ring 1 after ring 1 met the case. Somebody who is a case is in ring 1 of another
/// case or in none.
///
/// With --venues the answer is the places where two or more of the cases were, each within its window:
/// venue, cases, first, last, days. Those with most cases come first.
///
/// If DIR has a table of companions, those of household, building and vehicle are found too, whatever
/// --minutes says.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    healthcode trace --data city --person p17 --at 2020-02-20T12:00:00+08:00 --minutes 15\n  \
    healthcode trace --data city --cases cases.csv --minutes 15 --rings 2 -o contacts.parquet")]
#[command(group = clap::ArgGroup::new("who").required(true).args(["cases", "person"]))]
pub struct Args {
    /// Folder with the table of visits
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Table of cases: person, from, until (the infectious window)
    #[arg(long, value_name = "FILE", conflicts_with = "at")]
    cases: Option<PathBuf>,
    /// The one case
    #[arg(long, value_name = "ID", requires = "at")]
    person: Option<String>,
    /// When the one case was found: the end of the infectious window
    #[arg(long, value_name = "TIME", value_parser = timestamp, requires = "person")]
    at: Option<Timestamp>,
    /// How many days before that the window begins
    #[arg(long, value_name = "N", default_value_t = 2, conflicts_with = "cases")]
    days: u16,
    /// The least time together, in minutes; 0 means any shared moment
    #[arg(long, value_name = "N", default_value_t = 15)]
    minutes: u32,
    /// 1 finds those who met a case, 2 also those who met them
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=9))]
    rings: u8,
    /// Count each local day by itself
    #[arg(long)]
    by_day: bool,
    /// List the venues where two or more of the cases were
    #[arg(long, conflicts_with_all = ["person", "minutes", "rings", "by_day"])]
    venues: bool,
    /// The zone of the local days and of the times in the answer
    #[arg(long, value_name = "ZONE", default_value = "UTC", value_parser = time_zone)]
    time_zone: TimeZone,
    #[command(flatten)]
    memory: MemoryLimit,
    #[command(flatten)]
    output: Output,
}

/// Traces and writes.
pub fn run(args: Args, report: Report) -> Result<Outcome> {
    let read = tables_called(&["visits", "companions"]);
    // Not the folder: contacts are often written beside the visits that they come from.
    let tables = read.iter().map(|table| find_table(&args.data, table));
    let tables: Vec<_> = tables.collect::<Result<_, _>>().map_err(file_error)?;
    let tables = tables.iter().flatten().map(PathBuf::as_path);
    let inputs: Vec<&Path> = tables.chain(args.cases.as_deref()).collect();
    args.output.check(&inputs)?;
    table_files::check_folder(&args.data)?;
    check_strays(&args.data, &read, report)?;
    let memory = args.memory.limit().fixed();
    let named = named_cases(&args, memory)?;
    let memory = memory.less(named.bytes());
    let mut progress = report.progress_of_reading();
    let mut watch = |done, total| progress.set_of(done, total);
    let reading = Reading {
        options: options(),
        memory,
        watch: &mut watch,
    };
    let visits = FolderVisits::load(&args.data, reading).map_err(file_error)?;
    let reading = Reading {
        options: options(),
        memory: memory.less(visits.bytes()),
        watch: &mut watch,
    };
    let names: Vec<String> = named.cases.iter().map(|case| case.person.clone()).collect();
    // The companions of others matter only to the rings behind the first.
    let around = (args.rings < 2).then_some(&names[..]);
    let people = FolderGroupContacts::load(&args.data, &visits, reading, around);
    let people = people.map_err(file_error)?;
    drop(progress);
    let mut all_good = tell_refused(visits.reports(), report);
    all_good &= people
        .report()
        .is_none_or(|file| tell_refused(std::slice::from_ref(file), report));
    all_good &= tell_refused(named.report.as_slice(), report);
    let cases = numbered(&args, named.cases, &people, report)?;

    if args.venues {
        let room = Room::new(&args.data, memory);
        list_venues(&args, &visits, &cases, &room, report)?;
        return Ok(Outcome::done_if(all_good));
    }
    let by_day = args.by_day.then(|| args.time_zone.clone());
    let search = Search {
        minutes: args.minutes,
        rings: args.rings,
        by_day,
    };
    let contacts = people
        .trace(&cases, &search, &Room::new(&args.data, memory))
        .map_err(file_error)?;
    let names = people.names(&contacts).map_err(file_error)?;
    let mut writer = args
        .output
        .begin(COLUMNS, &args.time_zone, About::People, report)?;
    write(&contacts, |person| names.of(person), &mut writer).map_err(file_error)?;
    table_files::finish(writer, report)?;
    report.remark(format_args!(
        "{}, {}",
        counted(cases.len(), "case", "cases"),
        counted(contacts.len(), "contact", "contacts"),
    ));
    Ok(Outcome::done_if(all_good))
}

fn list_venues(
    args: &Args,
    visits: &FolderVisits,
    cases: &[Case<u32>],
    room: &Room,
    report: Report,
) -> Result<()> {
    let shared = visits.shared_venues(cases, &args.time_zone, room);
    let shared = shared.map_err(file_error)?;
    let mut writer = args
        .output
        .begin(venues::COLUMNS, &args.time_zone, About::People, report)?;
    venues::write(&shared, &mut writer).map_err(file_error)?;
    table_files::finish(writer, report)?;
    report.remark(format_args!(
        "{}, {} where two or more of them were",
        counted(cases.len(), "case", "cases"),
        counted(shared.len(), "venue", "venues"),
    ));
    Ok(())
}

/// The cases as they are named, and what became of their table.
struct NamedCases {
    cases: Vec<CaseRow>,
    report: Option<FileReport>,
}

impl NamedCases {
    /// Bytes in memory, with those of a second list of their names and one of their numbers.
    fn bytes(&self) -> u64 {
        const EACH: usize = size_of::<CaseRow>() + size_of::<String>() + size_of::<Case<u32>>();
        let names: usize = self.cases.iter().map(|case| 2 * case.person.len()).sum();
        (self.cases.capacity() * EACH + names) as u64
    }
}

fn named_cases(args: &Args, memory: Memory) -> Result<NamedCases> {
    if let (Some(person), Some(until)) = (&args.person, args.at) {
        let before = SignedDuration::from_hours(24 * i64::from(args.days));
        let case = CaseRow {
            person: person.clone(),
            from: until.checked_sub(before).unwrap_or(Timestamp::MIN),
            until,
        };
        return Ok(NamedCases {
            cases: vec![case],
            report: None,
        });
    }
    let Some(path) = &args.cases else {
        bail!("give --cases FILE, or --person ID and --at TIME")
    };
    let read = cases(path, options()).and_then(|reader| reader.read_all_within(memory));
    let (cases, report) = read.map_err(file_error)?;
    Ok(NamedCases {
        cases,
        report: Some(report),
    })
}

/// The cases of whom anything is known.
fn numbered(
    args: &Args,
    named: Vec<CaseRow>,
    people: &FolderGroupContacts<'_>,
    report: Report,
) -> Result<Vec<Case<u32>>> {
    let (mut cases, mut unknown) = (Vec::new(), 0);
    for CaseRow {
        person: name,
        from,
        until,
    } in named
    {
        match people.number(&name).map_err(file_error)? {
            Some(person) => cases.push(Case {
                person,
                from,
                until,
            }),
            None if args.cases.is_none() => bail!(
                "nothing in {} names the person {name}; write the name exactly as it stands there",
                args.data.display()
            ),
            None => unknown += 1,
        }
    }
    if unknown > 0 {
        report.remark(format_args!(
            "{} without any visit or company: nobody to be found around them",
            counted(unknown, "case", "cases")
        ));
    }
    Ok(cases)
}
