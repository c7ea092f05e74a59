//! An installation from its keys to a checkpoint that refuses.

use std::process::Command;

use serde_json::{Value, json};

use crate::newcomer::{Folder, POLICY};
use crate::passkey::first_worker;
use crate::server::{DOCUMENT, Server, installation};

#[test]
fn doctor_leads_a_newcomer_from_nothing_to_a_sound_installation() {
    let folder = Folder::new();
    folder.write("policy.toml", POLICY);
    let run = folder.run(&["doctor"]);
    run.exits(1)
        .prints(&["healthcode keys generate", "healthcode migrate"]);
    folder
        .run(&[
            "keys",
            "generate",
            "--issuer",
            "3301",
            "--url",
            "http://localhost",
        ])
        .exits(0);
    folder.run(&["migrate"]).exits(0);
    folder
        .run(&["doctor"])
        .exits(1)
        .prints(&["healthcode policy publish FILE"]);
    folder.run(&["policy", "publish", "policy.toml"]).exits(0);
    folder
        .run(&["doctor"])
        .exits(0)
        .prints(&["test-town v1", "schema version"]);
    folder.run(&["migrate"]).exits(0).prints(&["already"]);
}

#[test]
fn doctor_says_that_nobody_could_prove_their_phone() {
    let folder = installation();
    let needs_a_phone = POLICY.replace("version = 1", "version = 2");
    let needs_a_phone = needs_a_phone.replace("needs = \"claimed\"", "needs = \"phone\"");
    folder.write("strict.toml", &needs_a_phone);
    folder.run(&["policy", "publish", "strict.toml"]).exits(0);
    folder
        .run(&["doctor"])
        .exits(1)
        .prints(&["BAD   proofs", "[one_time_codes]"]);
    folder.write("sends.toml", "[one_time_codes]\nsend = \"console\"\n");
    folder
        .run(&["doctor", "--config", "sends.toml"])
        .exits(0)
        .prints(&["a code needs phone; one-time codes are sent"]);
}

#[test]
fn keys_are_made_for_an_address_that_a_checkpoint_can_fetch_from() {
    for wrong in [
        "codes.example.org",
        "ftp://codes.example.org",
        "https://",
        "https://a b",
    ] {
        let folder = Folder::new();
        let run = folder.run(&["keys", "generate", "--issuer", "3301", "--url", wrong]);
        run.exits(2).says(&[wrong, "--url", "https://"]);
        assert!(!folder.path("keys").exists(), "{wrong}");
    }
}

#[test]
fn a_second_server_on_one_file_does_not_start_and_reading_goes_on() {
    let folder = installation();
    let server = Server::start(&folder);
    let second = folder.run(&["serve", "--listen", "127.0.0.1:0", "--plain-http"]);
    second
        .exits(1)
        .says(&["healthcode.db: another server uses", "PostgreSQL"]);
    folder.run(&["doctor"]).exits(0);
    // It ends with the process, however that ends.
    let mut server = server;
    server.process.kill().unwrap();
    server.process.wait().unwrap();
    Server::start(&folder);
}

#[test]
fn doctor_finds_keys_that_belong_to_another_database() {
    let folder = installation();
    folder.run(&["doctor"]).exits(0).prints(&["holds nobody"]);
    Server::start(&folder).register();
    folder
        .run(&["doctor"])
        .exits(0)
        .prints(&["opens with this"]);
    let issuer = ["--issuer", "3301", "--url", "http://localhost"];
    folder
        .run(&[&["keys", "generate", "--keys", "other"], &issuer[..]].concat())
        .exits(0);
    folder
        .run(&["doctor", "--keys", "other"])
        .exits(1)
        .prints(&["BAD   vault", "does not belong to this database"]);
    folder
        .run(&["serve", "--listen", "127.0.0.1:0", "--keys", "other"])
        .exits(1)
        .says(&["does not belong to this database", "put back"]);
}

#[cfg(unix)]
#[test]
fn doctor_finds_a_key_that_others_may_read() {
    use std::os::unix::fs::PermissionsExt;
    let folder = installation();
    let readable = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(folder.path("keys/installation.secret"), readable).unwrap();
    folder
        .run(&["doctor"])
        .exits(1)
        .prints(&["installation.secret", "chmod 600"]);
}

#[test]
fn a_code_is_issued_passes_and_is_refused_after_a_positive_test() {
    let folder = installation();
    let server = Server::start(&folder);
    folder.write("token.txt", &server.register());

    let issued = folder.run(&["issue", "--token", "token.txt", "-o", "code.svg"]);
    issued.exits(0);
    folder.write("code.txt", &issued.out);
    assert!(
        std::fs::read_to_string(folder.path("code.svg"))
            .unwrap()
            .starts_with("<svg")
    );
    folder
        .run(&["inspect", "code.txt"])
        .exits(0)
        .prints(&["plain", "green"]);
    folder
        .run(&["verify", "code.txt"])
        .exits(1)
        .prints(&["LOOK AT THE DOCUMENT, GREEN", "name not checked"]);
    folder
        .run(&["verify", "code.txt", "--with-document"])
        .exits(0)
        .prints(&["GREEN"]);
    folder
        .run(&["verify", "code.txt", "--live-only"])
        .exits(1)
        .prints(&["form-not-taken"]);
    let card = folder.run(&["issue", "--token", "token.txt", "--form", "card", "--json"]);
    card.exits(0).prints(&["\"form\":\"card\""]);
    let live = folder.run(&["issue", "--token", "token.txt", "--phone", "phone.key"]);
    folder.write("live.txt", &live.exits(0).out);
    let live = ["verify", "live.txt", "--live-only"];
    folder.run(&live).exits(1).prints(&[
        "LOOK AT THE DOCUMENT, GREEN: a live code",
        "name not checked",
    ]);
    folder
        .run(&[&live[..], &["--with-document"]].concat())
        .exits(0)
        .prints(&["GREEN: a live code"]);

    let offline = [
        "verify",
        "code.txt",
        "--trust-list",
        "trust-list.bin",
        "--root",
        "keys/root.pub",
        "--status-list",
        "0.cwt",
        "--with-document",
    ];
    std::fs::write(
        folder.path("trust-list.bin"),
        server.bytes("/api/v1/trust-list"),
    )
    .unwrap();
    std::fs::write(folder.path("0.cwt"), server.bytes("/api/v1/status-lists/0")).unwrap();
    folder.run(&offline).exits(0).prints(&["GREEN"]);

    // Anybody may type a number: what is known of the document turns the code of its holder only.
    server.is_seen(&first_worker(&folder, &server, &[]));
    let seen = folder.run(&["issue", "--token", "token.txt", "--json"]);
    let seen: Value = serde_json::from_str(&seen.exits(0).out).unwrap();
    folder.write("code.txt", seen["code"].as_str().unwrap());
    folder
        .run(&["verify", "code.txt", "--with-document"])
        .exits(0)
        .prints(&["GREEN"]);
    let laboratory = [
        "keys",
        "token",
        "--kind",
        "laboratory",
        "--name",
        "City Laboratory",
    ];
    folder.run(&laboratory).exits(0);
    let sampled = &folder.an_hour_ago();
    folder.write(
        "results.csv",
        &format!("person,kind,result,sampled\n{DOCUMENT},pcr,positive,{sampled}\n"),
    );
    let import = [
        "import",
        "tests",
        "results.csv",
        "--authority",
        "City Laboratory",
    ];
    folder
        .run(&import)
        .exits(0)
        .prints(&["1 rows imported, 0 refused"]);
    folder.run(&import).exits(0);

    folder
        .run(&["verify", "code.txt"])
        .exits(1)
        .prints(&["revoked"]);
    let again = folder.run(&["issue", "--token", "token.txt", "--json"]);
    again.exits(0).prints(&["\"colour\":\"red\""]);
    let code: Value = serde_json::from_str(&again.out).unwrap();
    folder.write("red.txt", code["code"].as_str().unwrap());
    folder.run(&["verify", "red.txt"]).exits(1).prints(&["RED"]);
}

#[test]
fn another_first_invitation_takes_the_place_of_the_one_before() {
    let folder = installation();
    let server = Server::start(&folder);
    let invite = || {
        let run = folder.run(&[
            "staff",
            "invite",
            "--first",
            "--authority",
            "Health",
            "--name",
            "Dr Lin",
        ]);
        run.exits(0).says(&["An earlier one", "works no more"]);
        run.out.trim().to_owned()
    };
    let works = |invitation: &str| {
        let form = format!("invitation={invitation}");
        let page = server.form("/staff/invitation", &form).0;
        page.contains("data-challenge")
    };
    let first = invite();
    assert!(works(&first));
    let second = invite();
    assert!(works(&second) && !works(&first));
    let refused = folder.run(&["staff", "approve", &"0".repeat(32)]);
    refused.exits(1).says(&["no proposal with this id"]);
    let key = ["keys", "token", "--kind", "laboratory", "--name", "Lab"];
    let key = [&key[..], &["--public-key", "AAAA"]].concat();
    folder.run(&key).exits(2).says(&["44 characters"]);
}

#[test]
fn rows_that_cannot_be_taken_in_are_kept_beside_the_file_with_their_reason() {
    let folder = installation();
    let server = Server::start(&folder);
    server.register();
    folder
        .run(&["keys", "token", "--kind", "laboratory", "--name", "Lab"])
        .exits(0);
    let now = folder.an_hour_ago();
    folder.write(
        "results.csv",
        &format!(
            "person,kind,result,sampled\n\
             {DOCUMENT},pcr,negative,{now}\n\
             990101199003077716,pcr,negative,{now}\n\
             20:E1234567,pcr,negative,{now}\n\
             {DOCUMENT},pcr,negatve,{now}\n"
        ),
    );
    let run = folder.run(&["import", "tests", "results.csv", "--authority", "Lab"]);
    // Row 4 is about a document whose holder nobody knows: it waits for them.
    run.exits(1).prints(&["2 rows imported, 2 refused"]);
    run.says(&[
        "results.csv",
        "row 3, person",
        "check digit",
        "row 5, result",
    ]);
    assert!(!run.err.contains("199003077716"), "{}", run.err);
    let refused = std::fs::read_to_string(folder.path("results.csv.refused.csv")).unwrap();
    assert_eq!(refused.lines().count(), 3, "{refused}");
}

#[test]
fn an_import_that_cannot_be_meant_says_what_to_write() {
    let folder = installation();
    folder.write("results.csv", "person,kind,result,sampled\n");
    let run = folder.run(&[
        "import",
        "test-results",
        "results.csv",
        "--authority",
        "Lab",
    ]);
    run.exits(2).says(&["test-results", "tests", "regions"]);
    folder
        .run(&["import", "tests", "nothing.csv", "--authority", "Lab"])
        .exits(2)
        .says(&["nothing"]);
    let run = folder.run(&["import", "tests", "results.csv", "--authority", "Lab"]);
    run.exits(1).says(&["Lab", "healthcode keys token"]);
    folder
        .run(&["import", "tests", "results.csv"])
        .exits(2)
        .says(&["--authority"]);
}

#[test]
fn a_machine_submits_what_lies_in_the_regions_that_it_was_given() {
    let folder = installation();
    let server = Server::start(&folder);
    let arrived: i64 = folder.an_hour_ago().parse().unwrap();
    let arrived = domain::Timestamp::from_second(arrived).unwrap().to_string();
    let evidence = json!({ "items": [{
        "document": { "kind": "10", "number": DOCUMENT },
        "fact": {
            "kind": "stay", "region": "420102", "arrived": arrived,
            "mode": "stay", "source": "hotel",
        },
    }] });
    let office = ["keys", "token", "--kind", "community", "--name", "Office"];
    for (regions, accepted) in [(None, 0), (Some("3301 42"), 1)] {
        let more = regions.map(|regions| ["--reports-of", regions]);
        let given: Vec<&str> = office
            .into_iter()
            .chain(more.into_iter().flatten())
            .collect();
        let made = folder.run(&given);
        made.exits(0);
        let receipt = server.post("/api/v1/evidence/batches", Some(made.out.trim()), &evidence);
        assert_eq!(receipt["accepted"].as_array().unwrap().len(), accepted);
        if accepted == 0 {
            let error = &receipt["refused"][0]["errors"][0];
            assert_eq!(error["field"], "region", "{receipt}");
        }
    }
    let wrong = ["--reports-of", "Hangzhou"];
    folder.run(&[&office[..], &wrong].concat()).exits(2);
}

#[test]
fn an_authority_may_not_import_what_is_not_its_business() {
    let folder = installation();
    let server = Server::start(&folder);
    server.register();
    folder
        .run(&["keys", "token", "--kind", "laboratory", "--name", "Lab"])
        .exits(0);
    folder.write(
        "found.csv",
        &format!(
            "person,status,at\n{DOCUMENT},confirmed,{}\n",
            folder.an_hour_ago()
        ),
    );
    let run = folder.run(&["import", "diagnoses", "found.csv", "--authority", "Lab"]);
    run.exits(1)
        .says(&["laboratory authority may not submit diagnosis"]);
}

#[test]
fn companions_are_imported_from_those_who_keep_such_lists() {
    let folder = installation();
    let server = Server::start(&folder);
    server.register();
    for (kind, name) in [("community", "Office"), ("laboratory", "Lab")] {
        folder
            .run(&["keys", "token", "--kind", kind, "--name", name])
            .exits(0);
    }
    folder.write(
        "companions.csv",
        &format!(
            "person,group,relation,from,until\n\
             {DOCUMENT},flat 3,household,2001-01-01T00:00:00Z,\n\
             {DOCUMENT},train 9,vehicle,2020-01-01T00:00:00Z,2020-01-01T02:00:00Z\n\
             {DOCUMENT},train 9,vehicle,2020-01-01T00:00:00Z,\n\
             20:E1234567,flat 3,household,2001-01-01T00:00:00Z,\n\
             990101199003077716,flat 3,household,2001-01-01T00:00:00Z,\n"
        ),
    );
    for _ in 0..2 {
        let run = folder.run(&[
            "import",
            "companions",
            "companions.csv",
            "--authority",
            "Office",
        ]);
        run.exits(1).prints(&["2 rows imported, 3 refused"]).says(&[
            "row 3, relation",
            "row 4, until",
            "row 6, person",
        ]);
        assert!(!run.err.contains("199003077716"), "{}", run.err);
    }
    let run = folder.run(&[
        "import",
        "companions",
        "companions.csv",
        "--authority",
        "Lab",
    ]);
    run.exits(1).says(&["community or transport authority"]);
}

#[test]
fn text_that_is_no_code_is_refused() {
    let folder = installation();
    folder.write("code.txt", "HELLO");
    folder
        .run(&["verify", "code.txt"])
        .exits(1)
        .prints(&["REFUSED"]);
    folder
        .run(&["inspect", "code.txt"])
        .exits(1)
        .says(&["no health code"]);
    folder
        .run(&["verify", "none.txt"])
        .exits(2)
        .says(&["none.txt"]);
}

#[test]
fn a_server_needs_keys_and_serves_an_empty_database() {
    let folder = Folder::new();
    folder.write("healthcode.db", "");
    let run = folder.run(&["serve", "--listen", "127.0.0.1:0"]);
    run.exits(1).says(&["healthcode keys generate"]);
    folder
        .run(&[
            "keys",
            "generate",
            "--issuer",
            "3301",
            "--url",
            "http://localhost",
        ])
        .exits(0);
    let server = Server::start(&folder);
    let health: Value = serde_json::from_slice(&server.bytes("/health")).unwrap();
    assert!(health.is_object(), "{health}");
}

#[test]
fn cookies_in_clear_stay_on_this_machine() {
    let run = Folder::new().run(&["serve", "--listen", "0.0.0.0:0", "--plain-http"]);
    run.exits(2).says(&["--plain-http", "127.0.0.1"]);
}

#[cfg(unix)]
#[test]
fn a_server_that_is_told_to_end_ends_well() {
    let folder = installation();
    let mut server = Server::start(&folder);
    let id = server.process.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &id])
            .status()
            .unwrap()
            .success()
    );
    assert!(server.process.wait().unwrap().success());
}

#[test]
fn the_api_document_is_json() {
    let run = Folder::new().run(&["openapi"]);
    run.exits(0);
    let document: Value = serde_json::from_str(&run.out).unwrap();
    assert!(document["paths"]["/api/v1/registrations"].is_object());
}
