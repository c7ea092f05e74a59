//! Stories on real data, through the whole service, on both databases with equal results. The data
//! are not in the repository: `$HEALTHCODE_DATA`, or `../shared/data` beside it. Where they are absent
//! the stories say so aloud and pass.

mod case_counts;
mod conference;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::PersonId;
use service::Publisher;

use crate::base::{self, Base};
use crate::city::{City, Persona};

/// Prints even when the test passes: what was measured, or that nothing was.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// A folder or file of the real data, if it is there.
#[expect(
    clippy::disallowed_methods,
    reason = "only the machine knows where its test data is"
)]
fn real(name: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("HEALTHCODE_DATA").map_or_else(beside, PathBuf::from);
    let path = folder.join(name);
    if path.exists() {
        return Some(path);
    }
    say(&format!(
        "SKIPPED: {} is not there; set HEALTHCODE_DATA to the data folder",
        path.display()
    ));
    None
}

/// Tells a story on SQLite, and on PostgreSQL if there is one, and compares line by line what is
/// left in the record. Returns it.
async fn on_both_databases(story: impl AsyncFn(Arc<Base>) -> Vec<String>) -> Vec<String> {
    let on_sqlite = story(Arc::new(base::sqlite())).await;
    let Some(postgresql) = base::postgresql().await else {
        say("SKIPPED on PostgreSQL: HEALTHCODE_TEST_POSTGRES names no server");
        return on_sqlite;
    };
    let postgresql = Arc::new(postgresql);
    let on_postgresql = story(Arc::clone(&postgresql)).await;
    for (one, other) in on_sqlite.iter().zip(&on_postgresql) {
        assert_eq!(one, other, "SQLite on the left, PostgreSQL on the right");
    }
    assert_eq!(on_sqlite.len(), on_postgresql.len());
    say(&format!(
        "{} lines of the record are equal on SQLite and PostgreSQL",
        on_sqlite.len()
    ));
    postgresql.remove().await;
    on_sqlite
}

/// A city under the Hangzhou policy.
async fn hangzhou(base: Arc<Base>) -> City {
    let city = City::found(base).await;
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies/hangzhou.toml");
    let policy = std::fs::read_to_string(file).unwrap();
    city.service
        .publishing
        .publish_policy(&Publisher::from(&city.operator), &policy)
        .await
        .unwrap();
    assert_eq!(
        city.service.policies.policy().unwrap().reference().id,
        "hangzhou",
        "the latest that came into effect"
    );
    city
}

/// Colour and rule of somebody now.
async fn shown(city: &City, who: &Persona) -> String {
    let verdict = city.report(who).await.explanation.verdict;
    let rule = verdict.restrictions.first();
    let rule = rule.map_or(String::new(), |restriction| {
        format!(" {}", restriction.finding.rule)
    });
    format!("{}{rule}", verdict.status)
}

/// What the database holds about somebody: evidence and verdict, to the last identifier.
async fn record(city: &City, name: &str, person: PersonId, who: &Persona) -> Vec<String> {
    let evidence = city
        .service
        .evidence
        .own_evidence_of(&who.resident)
        .await
        .unwrap();
    let verdict = city.report(who).await.explanation.verdict;
    let evidence = evidence
        .iter()
        .map(|piece| format!("{name} {person}: {piece:?}"));
    evidence
        .chain([format!("{name} {person}: {verdict:?}")])
        .collect()
}
