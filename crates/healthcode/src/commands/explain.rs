//! `explain`: why one person has their colour.

use std::fmt::{self, Write};
use std::path::PathBuf;

use anyhow::{Result, bail};
use domain::{AuthorityId, EvidenceId, Explanation, Timestamp};
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use tables::files::DataSet;

use super::table_files::{TimesOf, file_error, in_zone};
use super::{inputs, policy, table_files};
use crate::outcome::{Outcome, wrong_use};
use crate::report::Report;
use crate::system::timestamp;

/// Say why one person in a folder of files has their colour.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  healthcode explain --policy policies/hangzhou.toml --data city \
                        --at 2020-02-20T12:00:00+08:00 --person p17 --language en"
)]
pub struct Args {
    /// The policy document
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,
    /// Folder with the tables
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The moment for which to decide (RFC 3339 or Unix seconds)
    #[arg(long, value_name = "TIME", value_parser = timestamp)]
    at: Timestamp,
    /// The person, as the tables call them
    #[arg(long, value_name = "ID")]
    person: String,
    /// Language of the texts [default: the policy's first]
    #[arg(long, value_name = "TAG")]
    language: Option<String>,
    #[command(flatten)]
    times: TimesOf,
}

/// Explains.
pub fn run(args: Args, report: Report) -> Result<Outcome> {
    table_files::check_folder(&args.data)?;
    let Some(policy) = policy::load(&args.policy, "--policy", report)? else {
        return Ok(Outcome::Negative);
    };
    policy::tell_if_not_in_force(&policy, args.at, report);
    inputs::check_strays(&args.data, &inputs::tables_of(&[&policy]), report)?;
    let language = match &args.language {
        Some(tag) => policy.language(tag).ok_or_else(|| {
            let known: Vec<_> = policy
                .languages()
                .iter()
                .map(|known| known.as_str())
                .collect();
            wrong_use(format!(
                "--language {tag}: the policy is published in {}",
                known.join(", ")
            ))
        })?,
        None => match policy.languages().first() {
            Some(first) => first,
            None => bail!("{}: is published in no language", args.policy.display()),
        },
    };
    let progress = report.progress("reading", None);
    let data = DataSet::load_person(&args.data, &args.person, &policy, table_files::options());
    let data = data.map_err(file_error)?;
    drop(progress);
    let all_good = table_files::tell_refused(data.reports(), report);
    let Some(person) = data.names().find(&args.person) else {
        bail!(
            "no table in {} names the person {}; write the name exactly as it stands there",
            args.data.display(),
            args.person
        );
    };
    let evidence = data.evidence_of(person);
    let explanation = domain::explain(&policy, data.levels(), evidence, None, args.at, language);
    let view = ExplanationView {
        person: &args.person,
        at: args.at,
        zone: args.times.zone(&policy),
        explanation: &explanation,
        data: &data,
    };
    report.result(&view.json(), &view)?;
    Ok(Outcome::done_if(all_good))
}

/// An explanation, with rows of tables in place of identifiers.
struct ExplanationView<'a> {
    person: &'a str,
    at: Timestamp,
    zone: TimeZone,
    explanation: &'a Explanation,
    data: &'a DataSet,
}

impl ExplanationView<'_> {
    fn source(&self, id: EvidenceId) -> String {
        match self.data.origin(id) {
            Some(origin) => format!("{} row {}", origin.table.name, origin.row),
            None => id.to_string(),
        }
    }

    fn time(&self, at: Timestamp) -> String {
        in_zone(at, &self.zone)
    }

    fn sources(&self, ids: &[EvidenceId]) -> Vec<String> {
        ids.iter().map(|id| self.source(*id)).collect()
    }

    fn authority(&self, id: AuthorityId) -> String {
        self.data
            .authority(id)
            .map_or_else(|| id.to_string(), |authority| authority.name)
    }

    fn json(&self) -> Value {
        let Explanation {
            verdict,
            restrictions,
            advice,
            not_in_force,
            contest,
        } = self.explanation;
        let reasons = |reasons: &[domain::Reason]| -> Vec<Value> {
            let reason = |reason: &domain::Reason| {
                json!({
                    "rule": reason.finding.rule.as_str(),
                    "gives": gives(reason.gives),
                    "title": reason.texts.title,
                    "reason": reason.texts.reason,
                    "guidance": reason.texts.guidance,
                    "since": self.time(reason.finding.since),
                    "until": self.time(reason.finding.until),
                    "evidence": self.sources(&reason.finding.evidence),
                    "authority": self.authority(reason.finding.authority),
                })
            };
            reasons.iter().map(reason).collect()
        };
        let timestamp = |at: Option<Timestamp>| at.map(|at| self.time(at));
        let past = not_in_force.iter().map(|past| {
            json!({
                "rule": past.rule.as_str(),
                "title": past.title,
                "since": self.time(past.since),
                "until": self.time(past.until),
                "evidence": self.source(past.evidence),
                "lifted_by": self.sources(&past.lifted_by),
            })
        });
        json!({
            "person": self.person,
            "at": self.time(self.at),
            "policy": verdict.policy.to_string(),
            "status": verdict.status.as_str(),
            "since": timestamp(verdict.since),
            "until": timestamp(verdict.until),
            "next_change": timestamp(verdict.next_change),
            "restrictions": reasons(restrictions),
            "advice": reasons(advice),
            "not_in_force": past.collect::<Vec<_>>(),
            "contest": contest,
        })
    }

    fn write_reason(&self, f: &mut fmt::Formatter<'_>, reason: &domain::Reason) -> fmt::Result {
        let finding = &reason.finding;
        writeln!(
            f,
            "\n{}: {}  (rule {})",
            gives(reason.gives),
            reason.texts.title,
            finding.rule
        )?;
        writeln!(f, "  {}", reason.texts.reason)?;
        writeln!(f, "  {}", reason.texts.guidance)?;
        let (since, until) = (self.time(finding.since), self.time(finding.until));
        writeln!(f, "  from {since} until {until}")?;
        let sources = self.sources(&finding.evidence).join(", ");
        writeln!(
            f,
            "  evidence: {sources}; by {}",
            self.authority(finding.authority)
        )
    }
}

impl fmt::Display for ExplanationView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Explanation {
            verdict,
            restrictions,
            advice,
            not_in_force,
            contest,
        } = self.explanation;
        let mut head = format!("{}: {}", self.person, verdict.status);
        if let Some(until) = verdict.until {
            write!(head, " until {}", self.time(until))?;
        }
        let at = self.time(self.at);
        writeln!(f, "{head}, under {} at {at}", verdict.policy)?;
        for reason in restrictions.iter().chain(advice) {
            self.write_reason(f, reason)?;
        }
        for past in not_in_force {
            let (from, until) = (self.time(past.since), self.time(past.until));
            let source = self.source(past.evidence);
            write!(
                f,
                "\nnot in force: {}  (rule {})\n  ",
                past.title, past.rule
            )?;
            write!(f, "from {from} until {until}; evidence: {source}")?;
            if !past.lifted_by.is_empty() {
                write!(
                    f,
                    "; ended early by {}",
                    self.sources(&past.lifted_by).join(", ")
                )?;
            }
            writeln!(f)?;
        }
        if !restrictions.is_empty() {
            writeln!(f, "\n{contest}")?;
        }
        write!(
            f,
            "\nThis holds until {}.",
            match verdict.next_change {
                Some(change) => self.time(change),
                None => "new evidence comes".to_owned(),
            }
        )
    }
}

const fn gives(gives: domain::policy::Outcome) -> &'static str {
    match gives {
        domain::policy::Outcome::Restriction(colour) => colour.as_str(),
        domain::policy::Outcome::Advice => "advice",
    }
}
