//! `GET /health`

use axum::extract::State;
use serde::Serialize;
use service::Fault;
use utoipa::ToSchema;

use super::Refusals;
use crate::App;
use crate::problem::{Problem, ProblemType};

/// The program answers and so does its database.
#[derive(Serialize, ToSchema)]
#[schema(as = Health)]
pub(crate) struct HealthBody {
    /// Always `ok`; a fault is answered with 503.
    status: &'static str,
    /// Whether a policy is in force. Without one nobody can be decided.
    has_policy: bool,
    /// How many alarms nobody has seen yet.
    open_alarms: u64,
    /// How far the vault is rewritten, once it has another key.
    #[serde(skip_serializing_if = "Option::is_none")]
    vault: Option<VaultBody>,
}

/// How far the vault is rewritten under its newest key.
#[derive(Serialize, ToSchema)]
#[schema(as = VaultHealth)]
struct VaultBody {
    /// The number of the key.
    key: u8,
    /// How many identities, and rows by which they are found, were rewritten.
    rewritten: u64,
    /// How many do not open, and stay as they are.
    unopened: u64,
    /// Whether the older key can be dropped.
    is_finished: bool,
}

/// Ask whether the system works
///
/// For load balancers and monitors. Answers 503, with every fault in `detail`, while the system does
/// not work: the database is out of reach, for example.
#[utoipa::path(
    get, path = "/health", tag = "public",
    responses((status = 200, body = HealthBody), Refusals),
)]
pub(crate) async fn health(State(app): State<App>) -> Result<axum::Json<HealthBody>, Problem> {
    let health = app.service.health().await.map_err(|error| {
        let detail = "The database does not answer.";
        Problem::caused_by(ProblemType::Unavailable, detail, &error)
    })?;
    let mut faults = app.service.faults();
    if health.is_standby {
        faults.push(Fault::Standby);
    }
    if !faults.is_empty() {
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        return Err(Problem::new(ProblemType::Unavailable, faults.join("; ")));
    }
    let has_policy = app.service.policies.policy().is_some();
    let open_alarms = app.service.alarms.count_open().await?;
    let vault = app.service.people.vault_progress().await?;
    Ok(axum::Json(HealthBody {
        status: "ok",
        has_policy,
        open_alarms,
        vault: vault.map(|progress| VaultBody {
            key: progress.key,
            rewritten: progress.resealed + progress.reindexed,
            unopened: progress.unopened,
            is_finished: progress.is_finished,
        }),
    }))
}

#[cfg(test)]
mod tests {
    use crate::testing::City;

    #[tokio::test]
    async fn a_working_system_says_so() {
        let city = City::start().await;
        let answer = city.get("/health").await;
        assert_eq!(
            answer.json,
            serde_json::json!({ "status": "ok", "has_policy": true, "open_alarms": 0 })
        );
    }
    /// Takes over a minute, since a worker is given as much.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_worker_that_is_dead_is_named() {
        let city = City::start().await;
        let workers = city.service.spawn_workers();
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        // All of them end without having been asked to.
        drop(workers);
        let named = async {
            loop {
                let answer = city.get("/health").await;
                let detail = answer.json["detail"].as_str().unwrap_or_default();
                if detail.contains("the worker `sweep` does not do its work") {
                    break answer;
                }
                tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            }
        };
        let patience = std::time::Duration::from_secs(180);
        let answer = tokio::time::timeout(patience, named).await.unwrap();
        assert_eq!(answer.status, 503);
        assert!(answer.headers.contains_key("retry-after"));
    }
}
