//! Every metric, in the order in which it is answered. `docs/operating/monitoring.md` says of each
//! what it means; a test holds that it does.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use domain::Timestamp;
use jiff::SignedDuration;
use service::{Fault, NodeFigures};

use super::text::{Kind, Label, Page};
use super::{BOUNDS, Metrics, OfKind, process};
use crate::App;
use crate::overload::Work;
use crate::problem::ProblemType;

/// Everything that a monitor reads.
pub(super) fn write(app: &App) -> String {
    let mut page = Page::default();
    program(&mut page, &app.metrics);
    answers(&mut page, &app.metrics);
    load(&mut page, app);
    let node = app.service.node_figures();
    this_node(&mut page, &node);
    transactions(&mut page, &node);
    record(&mut page, &node);
    page.into_text()
}

fn program(page: &mut Page, metrics: &Metrics) {
    let version = env!("CARGO_PKG_VERSION");
    page.metric(Kind::Gauge, "healthcode_build_info", "1, with the version.");
    page.value(&[("version", version)], 1);
    let about = "Since when the program runs, in seconds.";
    page.metric(Kind::Gauge, "healthcode_running_seconds", about);
    page.value(&[], metrics.began.elapsed().as_secs());
    let about = "Memory that the process holds.";
    page.metric(Kind::Gauge, "process_resident_memory_bytes", about);
    page.known(process::resident_bytes());
    let about = "Files and connections that the process holds open.";
    page.metric(Kind::Gauge, "process_open_fds", about);
    page.known(process::open_files());
    let about = "How many of them it may hold.";
    page.metric(Kind::Gauge, "process_max_fds", about);
    page.known(process::most_files());
}

fn answers(page: &mut Page, metrics: &Metrics) {
    let about = "Requests that were answered, by class of status.";
    page.metric(Kind::Counter, "healthcode_answers_total", about);
    for (name, kind) in kinds(metrics) {
        for (class, count) in ["1xx", "2xx", "3xx", "4xx", "5xx"]
            .into_iter()
            .zip(&kind.by_status)
        {
            page.value(&[("work", name), ("status", class)], read(count));
        }
    }
    let about = "Seconds that answers took; those with 429 and 503 are not timed.";
    page.metric(Kind::Histogram, "healthcode_answer_seconds", about);
    for (name, kind) in kinds(metrics) {
        times(page, ("work", name), kind);
    }
    let about = "Answers with 5xx, by the type of the problem.";
    page.metric(Kind::Counter, "healthcode_problems_total", about);
    for (problem, count) in ProblemType::ALL.into_iter().zip(&metrics.problems) {
        // What callers did wrong says more about them than about the server.
        if problem.status().is_server_error() {
            page.value(&[("problem", problem.name())], read(count));
        }
    }
    let about = "Requests whose caller left before the answer.";
    page.metric(Kind::Counter, "healthcode_callers_left_total", about);
    for (name, kind) in kinds(metrics) {
        page.value(&[("work", name)], read(&kind.left));
    }
}

fn times(page: &mut Page, work: Label, kind: &OfKind) {
    let mut count = 0;
    let bounds = BOUNDS.iter().map(|(_, word)| *word).chain(["+Inf"]);
    for (bound, answers) in bounds.zip(&kind.by_time) {
        count += read(answers);
        page.part("_bucket", &[work, ("le", bound)], count);
    }
    let seconds = Duration::from_micros(read(&kind.micros)).as_secs_f64();
    page.part("_sum", &[work], seconds);
    page.part("_count", &[work], count);
}

fn load(page: &mut Page, app: &App) {
    let (metrics, overload) = (&app.metrics, &app.overload);
    let about = "Requests that are being answered or held back.";
    page.metric(Kind::Gauge, "healthcode_in_flight", about);
    for (name, kind) in kinds(metrics) {
        page.value(&[("work", name)], read(&kind.in_flight));
    }
    let about = "How much work that needs the database may be in flight; follows latency.";
    page.metric(Kind::Gauge, "healthcode_in_flight_limit", about);
    page.value(&[], overload.limit());
    let about = "Requests that were refused since too much was asked.";
    page.metric(Kind::Counter, "healthcode_shed_total", about);
    for work in Work::ALL.into_iter().filter(|work| *work != Work::Codes) {
        page.value(&[("work", work.name())], overload.refused(work));
    }
    let about = "Requests that were refused since the same one asks too often.";
    page.metric(Kind::Counter, "healthcode_over_rate_total", about);
    for (name, kind) in kinds(metrics) {
        page.value(&[("work", name)], read(&kind.over_rate));
    }
    let connections = &metrics.connections;
    let about = "Connections of clients that are open.";
    page.metric(Kind::Gauge, "healthcode_connections", about);
    page.value(&[], read(&connections.open));
    let about = "How many of them there may be.";
    page.metric(Kind::Gauge, "healthcode_connections_limit", about);
    page.value(&[], app.settings.connections.most);
    let about = "Connections that were refused: no room, or the system had no file or memory.";
    page.metric(Kind::Counter, "healthcode_connections_refused_total", about);
    page.value(&[("why", "no_room")], read(&connections.refused));
    page.value(&[("why", "system")], read(&connections.failed));
    let about = "Connections whose client did not agree on TLS.";
    page.metric(Kind::Counter, "healthcode_handshakes_failed_total", about);
    page.value(&[], read(&connections.not_agreed));
    let about = "For how long the certificate still holds, in seconds; negative once it ended.";
    page.metric(Kind::Gauge, "healthcode_certificate_left_seconds", about);
    let now = app.settings.clock.now().as_second();
    let until = app
        .settings
        .tls
        .as_ref()
        .map(|tls| tls.until.load(Ordering::Relaxed));
    page.known(until.map(|until| until.saturating_sub(now)));
}

fn this_node(page: &mut Page, node: &NodeFigures) {
    let about = "1 for each fault that /health names now.";
    page.metric(Kind::Gauge, "healthcode_fault", about);
    let is_standby = node.record.as_ref().is_some_and(|record| record.is_standby);
    for name in Fault::NAMES {
        let is_there = node.faults.iter().any(|fault| fault.name() == name)
            || (is_standby && name == Fault::Standby.name());
        page.value(&[("fault", name)], u8::from(is_there));
    }
    let about = "1 for each worker that does its work.";
    page.metric(Kind::Gauge, "healthcode_worker_alive", about);
    for worker in &node.workers {
        let is_alive = u8::from(worker.is_alive);
        page.value(&[("worker", worker.name)], is_alive);
    }
    let about = "Since when each worker has begun or ended no turn, in seconds.";
    page.metric(
        Kind::Gauge,
        "healthcode_worker_last_turn_age_seconds",
        about,
    );
    for worker in &node.workers {
        let age = worker.last_turn_age.as_secs_f64();
        page.value(&[("worker", worker.name)], age);
    }
    let about = "By how much the clock is ahead of the database's, in seconds.";
    page.metric(Kind::Gauge, "healthcode_clock_ahead_seconds", about);
    page.value(&[], node.clock_ahead.as_secs_f64());
    let about = "Age of what is known of revoked codes, in seconds; at 900 no code is signed.";
    page.metric(Kind::Gauge, "healthcode_revocations_age_seconds", about);
    page.known(node.revocations_age.map(|age| age.as_secs_f64()));
    let about = "For how long the case that waits longest has waited for its contacts, in seconds.";
    page.metric(Kind::Gauge, "healthcode_trace_wait_seconds", about);
    page.value(&[], wait(node, node.trace_waits_since));
    let about = "Writes, or on PostgreSQL transactions, that wait for their turn.";
    page.metric(Kind::Gauge, "healthcode_store_queue", about);
    page.value(&[], node.store_queue);
    let about = "For how long what is signed with still holds, in seconds; negative once it ended.";
    page.metric(Kind::Gauge, "healthcode_key_left_seconds", about);
    for (key, ends_at) in node.key_ends {
        let left = ends_at.duration_since(node.now);
        page.value(&[("key", key)], left.as_secs());
    }
    let about = "Bytes that are free on the disk of an embedded database.";
    page.metric(Kind::Gauge, "healthcode_disk_free_bytes", about);
    page.known(node.disk_free);
}

/// In tens, as the store tells them: one that confirms a case is a case.
fn transactions(page: &mut Page, node: &NodeFigures) {
    let transactions = &node.transactions;
    let about = "Transactions and readings of the store by name and outcome, in tens.";
    page.metric(Kind::Counter, "healthcode_transactions_total", about);
    for one in transactions {
        for (outcome, count) in [("done", one.done), ("undone", one.undone)] {
            page.value(&[("name", one.name), ("outcome", outcome)], count);
        }
    }
    let about = "How often one was run again since it collided with another, in tens.";
    page.metric(
        Kind::Counter,
        "healthcode_transactions_repeated_total",
        about,
    );
    for one in transactions {
        page.value(&[("name", one.name)], one.repeated);
    }
    let about = "Mean seconds of the last ten that are complete, waiting for their turn included.";
    page.metric(Kind::Gauge, "healthcode_transaction_seconds", about);
    for one in transactions {
        if let Some(mean) = one.mean {
            page.value(&[("name", one.name)], mean.as_secs_f64());
        }
    }
}

fn record(page: &mut Page, node: &NodeFigures) {
    let found = node.record.as_ref();
    let about = "Whether the database answered when it was asked last.";
    page.metric(Kind::Gauge, "healthcode_database_answers", about);
    page.known(node.database_answers.map(u8::from));
    let about = "Age of the figures below, which are read from the database, in seconds.";
    page.metric(Kind::Gauge, "healthcode_record_figures_age_seconds", about);
    page.known(node.record_age.map(|age| age.as_secs_f64()));
    let about = "Size of the database.";
    page.metric(Kind::Gauge, "healthcode_database_bytes", about);
    page.known(found.and_then(|record| record.bytes));
    let about =
        "For how long the verdict waits to be decided again whose time came first, in seconds.";
    page.metric(Kind::Gauge, "healthcode_sweep_wait_seconds", about);
    page.known(found.map(|record| wait(node, record.verdict_due_since)));
    let about = "For how long the oldest message about a changed colour waits, in seconds.";
    page.metric(Kind::Gauge, "healthcode_outbox_wait_seconds", about);
    page.known(found.map(|record| wait(node, record.outbox_since)));
    let about = "Submissions that wait for a second person.";
    page.metric(Kind::Gauge, "healthcode_held_batches", about);
    page.known(found.map(|record| record.held_batches));
    let about = "Alarms that nobody has said to have seen.";
    page.metric(Kind::Gauge, "healthcode_open_alarms", about);
    page.known(found.map(|record| record.open_alarms));
    let about = "Age of the newest signed checkpoint of the log, in seconds.";
    page.metric(Kind::Gauge, "healthcode_log_checkpoint_age_seconds", about);
    page.known(age(node, found.and_then(|record| record.log_signed_at)));
    let about = "For how long the oldest entry of the log waits to be signed, in seconds.";
    page.metric(Kind::Gauge, "healthcode_log_wait_seconds", about);
    page.known(found.map(|record| wait(node, record.log_waits_since)));
    let about = "Age of the newest generation of the mirror, in seconds.";
    page.metric(Kind::Gauge, "healthcode_mirror_age_seconds", about);
    page.known(age(node, found.and_then(|record| record.mirror_written_at)));
    let about = "How old it may get before it is written anew, in seconds.";
    page.metric(Kind::Gauge, "healthcode_mirror_every_seconds", about);
    page.known(node.mirror_every.map(|every| every.as_secs()));
}

fn kinds(metrics: &Metrics) -> impl Iterator<Item = (&'static str, &OfKind)> {
    let names = Work::ALL.into_iter().map(Work::name).chain(["nowhere"]);
    names.zip(&metrics.kinds)
}

fn read(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

fn age(node: &NodeFigures, at: Option<Timestamp>) -> Option<f64> {
    let age = node.now.duration_since(at?);
    Some(age.max(SignedDuration::ZERO).as_secs_f64())
}

/// None waits where nothing does.
fn wait(node: &NodeFigures, since: Option<Timestamp>) -> f64 {
    age(node, since).unwrap_or_default()
}
