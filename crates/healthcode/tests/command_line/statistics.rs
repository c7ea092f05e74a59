//! The statistics, asked for beside a running server and without one.

use serde_json::Value;

use crate::server::{Server, identity_card, installation, registration};

#[test]
fn statistics_count_who_registered_and_keep_the_day_that_goes_on_from_the_public() {
    let folder = installation();
    folder
        .run(&["stats"])
        .exits(0)
        .prints(&["everybody", "so far"]);
    let server = Server::start(&folder);
    for number in 1..=3 {
        let key = format!("{number:032x}");
        let body = registration(&identity_card(number));
        server
            .try_post("/api/v1/registrations", &key, None, &body)
            .unwrap();
    }
    let beside = folder.run(&["stats", "--json"]);
    let figures: Value = serde_json::from_str(&beside.exits(0).out).unwrap();
    let all = &figures["places"][0];
    assert_eq!(all["people"], 3, "{figures}");
    assert_eq!(
        (&all["green"], &all["registered"]),
        (&all["people"], &all["people"])
    );
    assert_eq!(figures["places"][1]["is_unknown"], true);
    drop(server);
    let again = folder.run(&["stats", "--json"]);
    let again: Value = serde_json::from_str(&again.exits(0).out).unwrap();
    assert_eq!(again["places"], figures["places"]);

    folder
        .run(&["stats", "--public"])
        .exits(1)
        .says(&["there are no statistics of this day", "once it is over"]);
    folder
        .run(&["stats", "--day", "2020-02-17"])
        .exits(1)
        .says(&["there are some from"]);
    folder.run(&["stats", "--day", "yesterday"]).exits(2);
}
