//! Who may do what: `authz.txt`, reviewed by people, against what the router really does.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use domain::{AuthorityKind, Role};

use crate::pages;
use crate::principal::{RESIDENT_COOKIE, SECURE_STAFF_COOKIE};
use crate::testing::{Answer, Ask, City};

/// Besides these, every role of staff members.
const OTHERS: [&str; 4] = ["nobody", "stranger", "resident", "feed"];

const ABOUT: &str = "\
# Who may do what: a line for each endpoint and page, a column for each role.
#
# stranger   somebody with a token that nobody was given
# resident   a registered person
# feed       a machine of a transport agency
# others     a staff member with that role alone: at a community office for a community worker, at a
#            health authority for everybody else
#
# yes  the gate opens: what comes then depends on the request, and on whose record it names.
#      Somebody else's record answers 404, as if it did not exist.
# -    the gate stays shut, whatever the request says.
#
# A test asks every address in every role and compares. To change a line, change the code, run
# `cargo test -p web who_may`, and copy what the test prints; the change is reviewed here.
";

#[tokio::test]
async fn the_table_is_what_the_router_does() {
    let city = City::start().await;
    let resident = city.proven_resident("Ming").await;
    let mut table = String::from(ABOUT);
    let mut roles: Vec<(String, String)> = Vec::new();
    for other in OTHERS {
        let token = match other {
            "stranger" => "5".repeat(64),
            "resident" => resident.token.clone(),
            "feed" => city.transport.clone(),
            _ => String::new(),
        };
        roles.push((other.to_owned(), token));
    }
    for role in Role::ALL {
        let kind = match role {
            Role::CommunityWorker => AuthorityKind::Community,
            _ => AuthorityKind::Health,
        };
        let token = city.staff_with(kind, role).await;
        roles.push((role.to_string(), token));
    }
    let heads: Vec<String> = roles
        .iter()
        .map(|(role, _)| format!("{role:<17}"))
        .collect();
    let _ = write!(table, "\n{:<62}{}", "# endpoint", heads.concat());
    for (method, address) in endpoints(&city) {
        let _ = write!(table, "\n{:<62}", format!("{method} {address}"));
        // New sessions for each: some requests end them.
        let (resident_token, resident_session) = city.sessions_of(&resident).await;
        for (role, token) in &roles {
            let (token, session) = match &**role {
                "resident" => (&resident_token, &*resident_session),
                "stranger" => (token, &**token),
                _ => (token, ""),
            };
            let answer = ask(&city, &method, &address, token, session).await;
            assert!(
                answer.status < 500,
                "{method} {address} as {role}: {answer:?}"
            );
            let word = if is_shut(&answer) { "-" } else { "yes" };
            let _ = write!(table, "{word:<17}");
        }
    }
    let table: String = table
        .lines()
        .map(|line| format!("{}\n", line.trim_end()))
        .collect();
    let reviewed = Path::new(env!("CARGO_MANIFEST_DIR")).join("authz.txt");
    let reviewed = std::fs::read_to_string(reviewed).unwrap_or_default();
    assert!(
        reviewed == table,
        "authz.txt says something else than the router does:\n{table}"
    );
}

#[tokio::test]
async fn what_the_document_locks_is_locked_and_what_it_leaves_open_is_open() {
    let city = City::start().await;
    let document: serde_json::Value = serde_json::from_str(&crate::openapi_json()).unwrap();
    for (address, methods) in document["paths"].as_object().unwrap() {
        for (method, endpoint) in methods.as_object().unwrap() {
            let method = method.to_uppercase();
            let answer = ask(&city, &method, address, "", "").await;
            let is_locked = endpoint["security"].is_array();
            assert_eq!(
                is_shut(&answer),
                is_locked,
                "{method} {address}: {answer:?}"
            );
        }
    }
}

/// What says nothing about a person, so that it may be kept.
const ABOUT_NOBODY: [&str; 7] = [
    "GET /api/v1/openapi.json",
    "GET /api/v1/policies",
    "GET /api/v1/policies/{id}/{version}",
    "GET /api/v1/stats",
    "GET /api/v1/status-lists/{number}",
    "GET /api/v1/trust-list",
    "GET /log/checkpoint",
];

#[tokio::test]
async fn nothing_keeps_an_answer_that_may_be_about_a_person() {
    let city = City::start().await;
    let resident = city.well_resident("Ming").await;
    for (method, address) in endpoints(&city) {
        for token in [&resident.token, &city.health, &city.community] {
            let answer = ask(&city, &method, &address, token, &resident.session).await;
            let kept = answer.headers.get("cache-control");
            let is_kept = kept.is_none_or(|kept| kept != "no-store");
            let may_be = ABOUT_NOBODY.contains(&&*format!("{method} {address}"));
            assert!(!is_kept || may_be, "{method} {address}: {kept:?}");
        }
    }
}

/// Every endpoint of the interface and every page. Assets are open to all and hold nothing.
fn endpoints(city: &City) -> BTreeSet<(String, String)> {
    let document: serde_json::Value = serde_json::from_str(&crate::openapi_json()).unwrap();
    let mut endpoints = BTreeSet::new();
    for (address, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            endpoints.insert((method.to_uppercase(), address.clone()));
        }
    }
    for (method, address) in pages::routes(&city.app()).list {
        endpoints.insert((method.to_owned(), address.to_owned()));
    }
    endpoints
}

/// Asks with an empty request, as a program and as a browser at once.
async fn ask(city: &City, method: &str, address: &str, token: &str, session: &str) -> Answer {
    let mut concrete = address.to_owned();
    while let (Some(from), Some(to)) = (concrete.find('{'), concrete.find('}')) {
        let name = concrete[from + 1..to].to_owned();
        let value = if matches!(&*name, "number" | "version") {
            "0".into()
        } else {
            "0".repeat(32)
        };
        concrete.replace_range(from..=to, &value);
    }
    let is_program = crate::middleware::is_for_programs(address);
    let mut ask: Ask<'_> = if method == "GET" {
        city.get(&concrete)
    } else {
        city.post(&concrete)
    };
    if method == "POST" {
        ask = if is_program {
            ask.json(&serde_json::json!({}))
        } else {
            ask.form("a=b")
        };
    }
    if !token.is_empty() {
        ask = if is_program {
            ask.token(token)
        } else {
            let staff = city.in_browser(token);
            ask.header(
                "cookie",
                &format!("{RESIDENT_COOKIE}={session}; {SECURE_STAFF_COOKIE}={staff}"),
            )
        };
    }
    ask.await
}

/// Refused for who asks, not for what is asked.
fn is_shut(answer: &Answer) -> bool {
    let is_sent_away = answer.status == 303;
    matches!(answer.status, 401 | 403) || is_sent_away
}

#[tokio::test]
async fn assets_are_open_and_come_from_us() {
    let city = City::start().await;
    for address in crate::assets::addresses() {
        let answer = city.get(address).await;
        assert_eq!(answer.status, 200, "{address}");
        assert!(
            !answer.text.contains("https://"),
            "{address} loads from elsewhere"
        );
    }
}
