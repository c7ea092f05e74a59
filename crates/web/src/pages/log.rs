//! `/log`: the state of the log of what staff members do and see, and its files, by which anybody can
//! check it; `/officer/log`: what it says, for auditors.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use service::{Actor, LogEntry, LogWitness, RecordRead, RecordReads};

use super::dates::Calendar;
use super::{Frame, go_to, page};
use crate::App;
use crate::principal::{StaffMay, act};
use crate::problem::Problem;
use crate::same_origin::SameOriginForm;

/// A file that never changes.
const FOR_EVER: (HeaderName, &str) = (header::CACHE_CONTROL, "public, max-age=31536000, immutable");
/// A file that changes within seconds.
const FOR_SECONDS: (HeaderName, &str) = (header::CACHE_CONTROL, "public, max-age=2");

#[derive(Template)]
#[template(path = "log.html")]
struct LogPage {
    frame: Frame,
    size: u64,
    /// The root of the tree, in hexadecimal digits; `None` before the first checkpoint.
    root: Option<String>,
    key: String,
    witnesses: Vec<WitnessView>,
}

/// A witness and what it saw last.
struct WitnessView {
    name: String,
    seen: Option<(u64, String)>,
}

/// Shows the state of the log and how to check it.
pub(super) async fn show(State(app): State<App>, frame: Frame) -> Result<Response, Problem> {
    let audit = &app.service.audit;
    let signed = audit.signed_checkpoint().await?;
    let checkpoint = signed.as_ref().map(|signed| signed.checkpoint());
    let view = |witness: LogWitness| WitnessView {
        name: witness.name,
        seen: witness.seen.map(|(size, at)| (size, at.to_string())),
    };
    page(&LogPage {
        size: checkpoint.map_or(0, |checkpoint| checkpoint.size),
        root: checkpoint.map(|checkpoint| checkpoint.root.to_string()),
        key: audit.verifier().to_string(),
        witnesses: audit.witnesses().await?.into_iter().map(view).collect(),
        frame,
    })
}

/// The newest checkpoint, with the signatures of the witnesses that have seen it.
pub(super) async fn checkpoint(State(app): State<App>) -> Result<Response, Problem> {
    let signed = app.service.audit.signed_checkpoint().await?;
    let signed = signed.ok_or_else(Problem::not_found)?;
    let text = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    Ok((text, [FOR_SECONDS], signed.to_string()).into_response())
}

/// A tile of hashes, or a bundle of entries: commitments, which say nothing without what they commit
/// to.
pub(super) async fn tile(
    State(app): State<App>,
    Path(path): Path<String>,
) -> Result<Response, Problem> {
    let path = format!("tile/{path}").parse();
    let path = path.map_err(|_| Problem::not_found())?;
    let tile = app.service.audit.tile(path).await?;
    let tile = tile.ok_or_else(Problem::not_found)?;
    let bytes = [(header::CONTENT_TYPE, "application/octet-stream")];
    Ok((bytes, [FOR_EVER], tile).into_response())
}

/// Takes a checkpoint that a witness signed.
pub(super) async fn cosign(State(app): State<App>, text: String) -> Result<Response, Problem> {
    app.service.audit.take_cosignature(&text).await?;
    Ok(axum::http::StatusCode::NO_CONTENT.into_response())
}

/// Where to go on reading.
#[derive(Deserialize)]
pub(super) struct Before {
    before: Option<u64>,
}

#[derive(Template)]
#[template(path = "officer_log.html")]
struct EntriesPage {
    frame: Frame,
    entries: Vec<EntryView>,
    before: Option<u64>,
    /// How much the read of the whole record that goes on has read.
    read_so_far: Option<String>,
    last_read: Option<ReadView>,
}

/// What the last read of the whole record found.
struct ReadView {
    when: String,
    entries: String,
    findings: Vec<String>,
}

/// An entry in the list.
struct EntryView {
    index: u64,
    when: String,
    who: String,
    did: String,
    what: String,
    why: Option<String>,
}

/// Shows what the log says, the newest first.
pub(super) async fn entries(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::ReadLog>,
    Query(Before { before }): Query<Before>,
) -> Result<Response, Problem> {
    let calendar = Calendar::of(&frame, &app)?;
    let found = app.service.audit.entries(&staff, before).await?;
    let oldest = found.last().map(|entry| entry.index);
    let entries = found.into_iter();
    let RecordReads { read_so_far, last } = app.service.audit.reads(&staff)?;
    let so_far = |count: u64| frame.with("log-reading", "count", &count.to_string());
    page(&EntriesPage {
        read_so_far: read_so_far.map(so_far),
        last_read: last.map(|last| read_view(&last, &frame, &calendar)),
        entries: entries.map(|one| view(one, &frame, &calendar)).collect(),
        before: oldest.filter(|oldest| *oldest > 0),
        frame,
    })
}

/// Has the whole record read, in the background: a large log takes longer than an answer may.
pub(super) async fn read_whole(
    State(app): State<App>,
    StaffMay(staff, _): StaffMay<act::ReadLog>,
    SameOriginForm(()): SameOriginForm<()>,
) -> Result<Response, Problem> {
    app.service.audit.begin_reading(&staff)?;
    Ok(go_to("/officer/log", None))
}

fn read_view(read: &RecordRead, frame: &Frame, calendar: &Calendar) -> ReadView {
    let checked = &read.checked;
    let findings = checked.findings.iter();
    ReadView {
        when: frame.with("log-read-at", "when", &calendar.date_time(read.begun_at)),
        entries: frame.with("log-size", "count", &checked.entries.to_string()),
        findings: findings.map(ToString::to_string).collect(),
    }
}

fn view(one: LogEntry, frame: &Frame, calendar: &Calendar) -> EntryView {
    let Some(entry) = one.entry else {
        return EntryView {
            index: one.index,
            when: String::new(),
            who: String::new(),
            did: frame.t("log-erased"),
            what: String::new(),
            why: None,
        };
    };
    let who = match entry.by {
        Actor::Staff { id, .. } => id.to_string(),
        Actor::Feed { id, .. } => id.to_string(),
        Actor::Operator { .. } => frame.t("log-operator"),
        Actor::Nobody => frame.t("log-nobody"),
        Actor::Resident => frame.t("log-resident"),
        Actor::Program => frame.t("log-program"),
    };
    let office = one.office.map(|office| format!("{office}, "));
    let count = entry.count.map(|count| format!(" × {count}"));
    EntryView {
        index: one.index,
        when: calendar.date_time(entry.at),
        who: format!("{}{who}", office.unwrap_or_default()),
        did: frame.t(&did_text(entry.did)),
        what: format!(
            "{}{}",
            entry.what.unwrap_or_default(),
            count.unwrap_or_default()
        ),
        why: entry.why.map(|why| stated(&why, frame)),
    }
}

/// The name of the text for something that was done.
pub(super) fn did_text(did: service::Did) -> String {
    format!("did-{did}")
}

/// A purpose in words, with the case that it is for.
pub(super) fn stated(why: &service::Stated, frame: &Frame) -> String {
    let purpose = frame.t(&format!("purpose-{}", why.purpose()));
    match why.reference() {
        Some(reference) => format!("{purpose}: {reference}"),
        None => purpose,
    }
}

#[cfg(test)]
mod tests {
    use service::credential::log::{LogFiles, NotServed, check_log};
    use service::{Did, Purpose};

    use super::super::tests::{assert_sound, frames};
    use super::*;
    use crate::principal::SECURE_STAFF_COOKIE;
    use crate::testing::City;

    #[test]
    fn the_log_renders_in_every_language_with_everything_that_can_be_done() {
        for frame in frames() {
            for did in Did::ALL {
                assert!(!frame.t(&did_text(*did)).contains('⟦'), "{did}");
            }
            for purpose in Purpose::ALL {
                assert!(!frame.t(&format!("purpose-{purpose}")).contains('⟦'));
            }
            let witness = |seen| WitnessView {
                name: "<i>".to_owned(),
                seen,
            };
            for root in [None, Some("0".repeat(64))] {
                let page = LogPage {
                    frame: frame.clone(),
                    size: 7,
                    root,
                    key: "healthcode/330100+00000000+AAAA".to_owned(),
                    witnesses: vec![witness(None), witness(Some((7, "today".to_owned())))],
                };
                assert!(!assert_sound(&frame, &page).contains("<i>"));
            }
            let entry = |why| EntryView {
                index: 3,
                when: "today".to_owned(),
                who: "<i>".to_owned(),
                did: "did".to_owned(),
                what: "what".to_owned(),
                why,
            };
            let read = |findings| ReadView {
                when: "today".to_owned(),
                entries: "7".to_owned(),
                findings,
            };
            for (read_so_far, last_read) in [
                (None, None),
                (Some("3".to_owned()), Some(read(Vec::new()))),
                (None, Some(read(vec!["<i>".to_owned()]))),
            ] {
                let page = EntriesPage {
                    frame: frame.clone(),
                    entries: vec![entry(None), entry(Some("why".to_owned()))],
                    before: Some(3),
                    read_so_far,
                    last_read,
                };
                assert!(!assert_sound(&frame, &page).contains("<i>"));
            }
        }
    }

    /// The files of a log as they were fetched.
    struct Fetched(std::collections::BTreeMap<String, Vec<u8>>);

    impl LogFiles for Fetched {
        fn read(&mut self, path: &str) -> Result<Vec<u8>, NotServed> {
            self.0.get(path).cloned().ok_or_else(|| NotServed {
                path: path.to_owned(),
                why: "it was not fetched".to_owned(),
            })
        }
    }

    #[tokio::test]
    async fn anybody_checks_the_log_from_its_files() {
        let city = City::start().await;
        city.service.audit.checkpoint().await.unwrap();
        let checkpoint = city.get("/log/checkpoint").await;
        assert_eq!(checkpoint.status, 200);
        let size: u64 = checkpoint.text.lines().nth(1).unwrap().parse().unwrap();
        assert!(size > 3 && size < 256, "{size}");
        let mut files = Fetched(std::collections::BTreeMap::new());
        for path in [
            "checkpoint".to_owned(),
            format!("tile/0/000.p/{size}"),
            format!("tile/entries/000.p/{size}"),
        ] {
            let file = city.get(&format!("/log/{path}")).await;
            assert_eq!(file.status, 200, "{path}");
            files.0.insert(path, file.bytes);
        }
        let key = city.service.audit.verifier().clone();
        let checked = check_log(&mut files, &key, None).unwrap();
        assert_eq!((checked.entries, checked.flaws), (size, Vec::new()));
        for path in [
            format!("tile/0/000.p/{}", size + 1),
            "tile/0/000".to_owned(),
            "tile/0/../../me".to_owned(),
            "tile/7/000.p/1".to_owned(),
        ] {
            assert_eq!(
                city.get(&format!("/log/{path}")).await.status,
                404,
                "{path}"
            );
        }
        let page = city.get("/log?lang=en").await;
        assert!(
            page.text.contains(&key.to_string().replace('+', "&#43;"))
                || page.text.contains(&key.to_string()),
            "{}",
            page.text
        );
        let refused = city.post("/log/cosignature").form("a=b").await;
        assert!(
            refused.status == 400 || refused.status == 422,
            "{refused:?}"
        );
    }

    #[tokio::test]
    async fn an_auditor_reads_what_was_done() {
        let city = City::start().await;
        city.service.audit.checkpoint().await.unwrap();
        let kind = domain::AuthorityKind::Health;
        let auditor = city.staff_with(kind, domain::Role::Auditor).await;
        let page = city.get("/officer/log?lang=en");
        let page = page.cookie(SECURE_STAFF_COOKIE, &auditor).await;
        assert_eq!(page.status, 200);
        assert!(
            page.text.contains("A staff member signed in"),
            "{}",
            page.text
        );
    }

    #[tokio::test]
    async fn an_auditor_has_the_whole_log_read_and_others_do_not() {
        let city = City::start().await;
        city.service.audit.checkpoint().await.unwrap();
        let kind = domain::AuthorityKind::Health;
        let auditor = city.staff_with(kind, domain::Role::Auditor).await;
        let officer = city.browser_of(city.officer).await;
        let begin = async |by: &str| {
            let begin = city.post("/officer/log/read").form("");
            begin.cookie(SECURE_STAFF_COOKIE, by).await.status
        };
        let page = async || {
            let page = city.get("/officer/log?lang=en");
            page.cookie(SECURE_STAFF_COOKIE, &auditor).await.text
        };
        assert_eq!(begin(&officer).await, 403);
        assert!(page().await.contains("Read it now"));
        assert_eq!(begin(&auditor).await, 303);
        let mut read = page().await;
        while read.contains("It is being read") {
            read = page().await;
        }
        assert!(read.contains("All are as they were written."), "{read}");
    }
}
