use serde_json::json;

use super::super::tests::{assert_sound, frames};
use super::*;
use crate::principal::SECURE_STAFF_COOKIE;
use crate::testing::City;

fn sample() -> ProposalDiff {
    let difference = json!({ "moves": [["green", "red", 31], ["undeclared", "yellow", null]] });
    let moves = difference["moves"].as_array().unwrap().iter().map(|one| {
        let word = |place: usize| one[place].as_str().unwrap().parse().unwrap();
        service::Move {
            before: word(0),
            after: word(1),
            people: one[2].as_u64(),
            rules: vec![
                service::ByRule {
                    rule: Some("stay".into()),
                    people: one[2].as_u64(),
                },
                service::ByRule {
                    rule: None,
                    people: None,
                },
            ],
        }
    });
    ProposalDiff {
        people: 1_000,
        moves: moves.collect(),
    }
}

#[test]
fn a_proposal_renders_in_every_language_in_every_state() {
    for frame in frames() {
        let states = [
            ("proposal-comparing", true),
            ("proposal-open", true),
            ("proposal-approved", false),
            ("proposal-rejected", false),
        ];
        for (state, is_waiting) in states {
            let progress = Progress {
                decided: 400,
                changed: if is_waiting { 9 } else { 12 },
                people: 1000,
                is_finished: false,
            };
            for error in [
                None,
                Some("proposal-bad-reason"),
                Some("proposal-not-compared"),
                Some("proposal-too-late"),
                Some("proposal-own"),
                Some("step-up-first"),
            ] {
                let html = assert_sound(
                    &frame,
                    &ProposalPage {
                        frame: frame.clone(),
                        proposal: Line {
                            id: "0".repeat(32),
                            name: frame.count("proposal-levels", &2),
                            state,
                            proposed: "City".into(),
                        },
                        error,
                        typed: "<b>because".into(),
                        is_moving: state == "proposal-comparing",
                        is_waiting,
                        is_own: error.is_some(),
                        is_stale: frame.is_demo,
                        can_approve: error.is_none(),
                        progress: Some(bar(&frame, "proposal-progress-bar", progress)),
                        settled: Some("Province".into()),
                        reason: Some("agreed".into()),
                        difference: Some(table(&frame, &sample())),
                        content: "[policy]".into(),
                    },
                );
                assert!(!html.contains("<b>because"));
                assert!(html.contains("value=\"400\" max=\"1000\""));
                assert!(
                    !is_waiting || !html.contains("http-equiv"),
                    "a page that comes anew loses what was typed: {html}"
                );
                let look_again = format!("<a href=\"/officer/proposals/{}\">", "0".repeat(32));
                assert_eq!(html.contains(&look_again), is_waiting, "{html}");
                assert_eq!(html.contains("10–19"), !is_waiting, "{html}");
                assert_eq!(
                    html.contains("<form"),
                    is_waiting || html.contains("sign-out")
                );
            }
        }
    }
}

#[tokio::test]
async fn a_second_officer_sees_whom_levels_change_and_approves_them() {
    let city = City::start().await;
    let ming = city.well_resident("Ming").await;
    let levels = json!({ "levels": [
        { "region": "4201", "level": "high", "from": city.hours_ago(240) },
    ]});
    let proposed = city
        .post("/api/v1/regions/levels")
        .token(&city.health)
        .json(&levels)
        .await;
    let id = proposed.json["id"].as_str().unwrap().to_owned();
    let address = format!("/officer/proposals/{id}?lang=en");
    let other = city.another_officer().await;
    let read = async |token: &str| city.get(&address).cookie(SECURE_STAFF_COOKIE, token).await;
    let comparing = read(&other).await;
    assert!(comparing.text.contains("Being compared"), "{comparing:?}");
    assert!(comparing.text.contains("<progress"), "{comparing:?}");
    assert!(!comparing.text.contains("Approve and publish"));
    city.service.publishing.compare_proposals().await.unwrap();
    let own = read(&city.health).await;
    assert!(own.text.contains("never whoever proposed it"), "{own:?}");
    assert!(!own.text.contains("Approve and publish"));
    let open = read(&other).await;
    assert!(open.text.contains("Approve and publish"), "{open:?}");
    assert!(open.text.contains("Nobody&#39;s status") || open.text.contains("status would"));
    let silent = city
        .post(&address)
        .cookie(SECURE_STAFF_COOKIE, &other)
        .form("decision=approve&reason=")
        .await;
    assert!(silent.text.contains("Please give a reason"), "{silent:?}");
    let approved = city
        .post(&address)
        .cookie(SECURE_STAFF_COOKIE, &other)
        .form("decision=approve&reason=agreed")
        .await;
    assert_eq!(approved.status, 303, "{approved:?}");
    let running = read(&other).await;
    assert!(running.text.contains("decided again"), "{running:?}");
    city.service.reevaluation.decide_everybody().await.unwrap();
    let done = read(&other).await;
    assert!(!done.text.contains("<progress"), "{done:?}");
    let list = city
        .get("/officer/proposals?lang=en")
        .cookie(SECURE_STAFF_COOKIE, &other)
        .await;
    assert!(list.text.contains("Approved") && list.text.contains("1 region level"));
    assert!(
        city.service
            .policies
            .region_levels()
            .is_some_and(|levels| !levels.is_empty())
    );
    assert_eq!(city.status(&ming).await, "green");
}

#[tokio::test]
async fn approving_needs_the_passkey_again_and_the_reason_that_was_typed_is_kept() {
    let city = City::start().await;
    let other = city.another_officer().await;
    let id = city.propose_next_policy().await;
    let address = format!("/officer/proposals/{}?lang=en", id.as_str().unwrap());
    let approve = async |session: &str| {
        let ask = city.post(&address).cookie(SECURE_STAFF_COOKIE, session);
        ask.form("decision=approve&reason=the+ring+is+calm").await
    };
    let read = async |session: &str| {
        city.get(&address)
            .cookie(SECURE_STAFF_COOKIE, session)
            .await
    };
    let comparing = read(&other).await;
    assert!(!comparing.text.contains("http-equiv"), "{comparing:?}");
    assert!(
        comparing.text.contains("See how far it is now"),
        "{comparing:?}"
    );
    city.service.publishing.compare_proposals().await.unwrap();
    let in_another_tab = "href=\"/staff/sign-in?then=proposals\" target=\"_blank\"";
    assert!(!read(&other).await.text.contains(in_another_tab));
    city.later(6);
    let told = read(&other).await;
    assert!(told.text.contains(in_another_tab), "{told:?}");
    let refused = approve(&other).await;
    for kept in ["the ring is calm", "Nothing was done yet", in_another_tab] {
        assert!(refused.text.contains(kept), "{kept}: {refused:?}");
    }
    assert!(refused.text.contains("Approve and publish"), "{refused:?}");
    // As the passkey that was shown in another tab.
    let again = city.another_officer().await;
    assert_eq!(approve(&again).await.status, 303);
}
