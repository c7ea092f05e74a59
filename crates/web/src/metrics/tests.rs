//! What a monitor reads, and that pages, rules and dashboards speak of nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use super::*;
use crate::testing::City;

async fn ask(router: &Router, address: &str) -> (u16, String) {
    let request = Request::get(address).header(header::HOST, "localhost");
    let request = request.body(Body::empty()).unwrap();
    let answer = router.clone().oneshot(request).await.unwrap();
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8_lossy(&body).into_owned())
}

fn assert_lines(page: &str, lines: &[&str]) {
    for line in lines {
        assert!(page.lines().any(|found| found == *line), "{line}\n{page}");
    }
}

#[tokio::test]
async fn a_monitor_reads_what_was_asked_by_kind_and_strangers_read_nothing() {
    let city = City::start().await;
    let app = city.app();
    let public = crate::routed(app.clone());
    assert_eq!(ask(&public, "/api/v1/trust-list").await.0, 200);
    assert_eq!(ask(&public, "/api/v1/me/status").await.0, 401);
    assert_eq!(ask(&public, "/metrics").await.0, 404);
    let (status, page) = ask(&routes(app, HostNames::default()), "/metrics").await;
    assert_eq!(status, 200);
    assert_lines(
        &page,
        &[
            "healthcode_answers_total{work=\"codes\",status=\"2xx\"} 1",
            "healthcode_answers_total{work=\"showing\",status=\"4xx\"} 1",
            "healthcode_answers_total{work=\"nowhere\",status=\"4xx\"} 1",
            "healthcode_answer_seconds_bucket{work=\"codes\",le=\"+Inf\"} 1",
            "healthcode_answer_seconds_count{work=\"codes\"} 1",
            "healthcode_in_flight{work=\"codes\"} 0",
            "healthcode_callers_left_total{work=\"codes\"} 0",
        ],
    );
}

#[tokio::test]
async fn a_page_of_another_site_reads_no_figures() {
    let city = City::start().await;
    let names = HostNames::new(["node1.example"]).unwrap();
    let monitor = routes(city.app(), names);
    let asked = async |host: &str| {
        let request = Request::get("/metrics").header(header::HOST, host);
        let request = request.body(Body::empty()).unwrap();
        monitor.clone().oneshot(request).await.unwrap().status()
    };
    for ours in ["localhost:9464", "127.0.0.1:9464", "node1.example:9464"] {
        assert_eq!(asked(ours).await, StatusCode::OK, "{ours}");
    }
    for other in ["rebound.evil.example:9464", "192.0.2.7:9464"] {
        let status = asked(other).await;
        assert_eq!(status, StatusCode::MISDIRECTED_REQUEST, "{other}");
    }
}

#[tokio::test]
async fn a_monitor_reads_how_the_node_and_its_record_are() {
    let city = City::start().await;
    let monitor = routes(city.app(), HostNames::default());
    let (_, before) = ask(&monitor, "/metrics").await;
    assert!(!before.contains("\nhealthcode_database_answers "));
    city.service.gather_figures().await;
    // The clock of the test is years behind the database's.
    city.service.watch_clock().await.unwrap();
    let (_, page) = ask(&monitor, "/metrics").await;
    assert_lines(
        &page,
        &[
            "healthcode_fault{fault=\"wrong_clock\"} 1",
            "healthcode_fault{fault=\"disk_full\"} 0",
            "healthcode_fault{fault=\"standby\"} 0",
            "healthcode_database_answers 1",
            "healthcode_held_batches 0",
            "healthcode_open_alarms 0",
            "healthcode_store_queue 0",
            "healthcode_trace_wait_seconds 0",
            "healthcode_sweep_wait_seconds 0",
        ],
    );
    assert!(page.contains("\nhealthcode_log_checkpoint_age_seconds "));
    for name in ["key_left_seconds{key=\"trust-list\"}", "disk_free_bytes"] {
        let line = page
            .lines()
            .find_map(|line| line.strip_prefix("healthcode_")?.strip_prefix(name));
        let value: f64 = line
            .unwrap_or_else(|| panic!("{name}\n{page}"))
            .trim()
            .parse()
            .unwrap();
        assert!(value > 0.0, "{name} {value}");
    }
    // No mirror is kept.
    assert!(!page.contains("\nhealthcode_mirror_age_seconds "));
}

#[tokio::test]
async fn invariant_13_a_monitor_reads_transactions_by_name_in_tens() {
    let city = City::start().await;
    let monitor = routes(city.app(), HostNames::default());
    let counted = "healthcode_transactions_total{name=\"figures.waiting\",outcome=\"done\"} ";
    for (so_many, told) in [(9, None), (1, Some("10")), (5, Some("10")), (5, Some("20"))] {
        for _ in 0..so_many {
            city.service.gather_figures().await;
        }
        let (_, page) = ask(&monitor, "/metrics").await;
        let found = page.lines().find_map(|line| line.strip_prefix(counted));
        assert_eq!(found, told, "{page}");
    }
}

/// Whose request it was, from where and about what is nowhere in it.
#[tokio::test]
async fn invariant_10_a_metric_has_a_few_labels_of_a_few_words() {
    let city = City::start().await;
    let workers = city.service.spawn_workers();
    let app = city.app();
    let public = crate::routed(app.clone());
    ask(
        &public,
        "/api/v1/venues/990101199003077719?phone=+8613800000000",
    )
    .await;
    let (_, page) = ask(&routes(app, HostNames::default()), "/metrics").await;
    workers.stop().await;
    let labels = [
        "work", "status", "le", "why", "fault", "worker", "version", "problem", "name", "outcome",
        "key",
    ];
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-.+I".contains(c);
    for line in page.lines().filter(|line| !line.starts_with('#')) {
        let (name, value) = line.rsplit_once(' ').unwrap();
        assert!(value.parse::<f64>().is_ok(), "{line}");
        let Some((_, named)) = name.split_once('{') else {
            continue;
        };
        for label in named.strip_suffix('}').unwrap().split(',') {
            let (label, word) = label.split_once('=').unwrap();
            assert!(labels.contains(&label), "{line}");
            let word = word.trim_matches('"');
            assert!(word.len() <= 32 && word.chars().all(is_plain), "{line}");
        }
    }
    assert!(
        !page.contains("990101") && !page.contains("138000"),
        "{page}"
    );
}

#[test]
fn each_kind_and_each_problem_has_a_place_of_its_own() {
    let kinds = Work::ALL.map(|work| work as usize);
    assert!(kinds.into_iter().eq(0..Work::ALL.len()), "{kinds:?}");
    let problems = ProblemType::ALL.map(|problem| problem as usize);
    assert!(
        problems.into_iter().eq(0..ProblemType::ALL.len()),
        "{problems:?}"
    );
}

/// The names of metrics, each with what may stand behind it.
fn families(page: &str) -> BTreeMap<String, String> {
    let types = page.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    let named = types.filter_map(|line| line.split_once(' '));
    named
        .map(|(name, kind)| (name.to_owned(), kind.to_owned()))
        .collect()
}

fn repository_file(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    std::fs::read_to_string(root.join(path)).unwrap()
}

/// An alarm or a curve of a metric that does not exist is silent for ever.
#[tokio::test]
async fn dashboard_and_alert_rules_name_metrics_that_exist() {
    let page = figures::write(&City::start().await.app());
    let known: BTreeSet<String> = families(&page)
        .into_iter()
        .flat_map(|(name, kind)| match kind.as_str() {
            "histogram" => ["_bucket", "_sum", "_count"]
                .map(|part| format!("{name}{part}"))
                .to_vec(),
            _ => vec![name],
        })
        .collect();
    for file in ["grafana-dashboard.json", "prometheus-alerts.yml"] {
        let text = repository_file(&format!("packaging/monitoring/{file}"));
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let is_name = |word: &&str| word.starts_with("healthcode_") || word.starts_with("process_");
        let named: BTreeSet<&str> = words.filter(is_name).collect();
        assert!(named.len() > 15, "{file}: {named:?}");
        for name in named {
            assert!(known.contains(name), "{file} names {name}");
        }
    }
}

#[tokio::test]
async fn every_metric_is_described_for_operators() {
    let page = figures::write(&City::start().await.app());
    let described = repository_file("docs/operating/monitoring.md");
    let rows = described
        .lines()
        .filter_map(|line| line.strip_prefix("| `"));
    let rows = rows.filter_map(|row| row.split('`').next());
    let rows: BTreeSet<&str> = rows.filter(|name| name.contains('_')).collect();
    let families = families(&page);
    let answered: BTreeSet<&str> = families.keys().map(String::as_str).collect();
    assert!(answered.len() > 25);
    assert_eq!(rows, answered);
}

/// The operator who is woken reads what to do, and where more of it stands.
#[test]
fn every_alert_says_what_to_do_and_leads_to_a_paragraph() {
    let rules = repository_file("packaging/monitoring/prometheus-alerts.yml");
    let mut names = BTreeSet::new();
    for rule in rules.split("- alert: ").skip(1) {
        let name = rule.lines().next().unwrap();
        assert!(names.insert(name), "{name} is there twice");
        for part in ["expr: ", "severity: ", "summary: ", "do: "] {
            assert!(rule.contains(part), "{name} has no {part}");
        }
        let link = rule.split("operating/").nth(1).unwrap();
        let (file, anchor) = link.lines().next().unwrap().split_once('#').unwrap();
        let text = repository_file(&format!("docs/operating/{file}"));
        let headings = text.lines().filter_map(|line| line.strip_prefix("## "));
        let anchors: BTreeSet<String> = headings
            .map(|heading| {
                let kept = |c: &char| c.is_alphanumeric() || " -".contains(*c);
                let plain: String = heading.to_lowercase().chars().filter(kept).collect();
                plain.replace(' ', "-")
            })
            .collect();
        assert!(anchors.contains(anchor), "{name}: {file} has no {anchor}");
    }
    assert!(names.len() > 10, "{names:?}");
}
