//! The end of the emergency at the command line, and its proof in other hands.

use crate::newcomer::Folder;
use crate::server::installation;

const LAW: &str = "State Council notice 2022/113";

/// Two staff members have just agreed on it, as the pages would have written it.
fn agreed(folder: &Folder) {
    let id = |byte: &str| format!("x'{}'", byte.repeat(16));
    let agreed = format!(
        "INSERT INTO proposal (proposal_id, kind, content, proposed_staff, proposed_by, \
         proposed_name, proposed_at, outcome, settled_staff, settled_by, settled_name, settled_at, \
         reason) VALUES ({}, 'sunset', '{{\"law\":\"{LAW}\"}}', {}, {}, 'Dr Lin', \
         CAST(strftime('%s') AS INTEGER), 'approved', {}, {}, 'Dr Wu', \
         CAST(strftime('%s') AS INTEGER), 'it is over')",
        id("01"),
        id("02"),
        id("0a"),
        id("03"),
        id("0a"),
    );
    let connection = rusqlite::Connection::open(folder.path("healthcode.db")).unwrap();
    connection.execute_batch(&agreed).unwrap();
}

#[test]
fn the_end_needs_an_agreement_leaves_no_key_and_is_proven_to_anybody() {
    let folder = installation();
    let end = |more: &[&str]| folder.run(&[&["sunset", "--law", LAW][..], more].concat());
    end(&["--dry-run"])
        .exits(0)
        .prints(&["installation.secret"]);
    end(&["--out", "proof"])
        .exits(1)
        .says(&["no two staff members"]);
    assert!(folder.path("keys/installation.secret").exists());

    agreed(&folder);
    end(&["--out", "proof"]).exits(0).prints(&[LAW]);
    let keys = std::fs::read_dir(folder.path("keys")).unwrap();
    for file in keys {
        let file = file.unwrap();
        let name = file.file_name().into_string().unwrap();
        let is_public = matches!(&*name, "root.pub" | "log.pub" | "trust-list.cwt");
        let is_empty = file.metadata().unwrap().len() == 0;
        assert!(is_public || (name == "months.secret" && is_empty), "{name}");
    }
    // Nothing starts on this database any more, and the end is not there twice.
    folder.run(&["serve", "--listen", "127.0.0.1:0"]).exits(1);
    end(&["--out", "proof"]).exits(0);

    let verify = || folder.run(&["audit", "verify-sunset", "proof", "--key", "keys/log.pub"]);
    verify()
        .exits(0)
        .prints(&[LAW, "keys_destroyed installation.secret"]);
    let proof = folder.path("proof/sunset.json");
    let sound = std::fs::read_to_string(&proof).unwrap();
    for (what, with) in [
        (LAW, "another law"),
        ("keys_destroyed", "data_erased"),
        ("\"index\": ", "\"index\": 1"),
    ] {
        std::fs::write(&proof, sound.replace(what, with)).unwrap();
        verify().exits(1);
    }
    std::fs::write(&proof, &sound).unwrap();
    verify().exits(0);
    std::fs::remove_dir_all(folder.path("proof/tile/entries")).unwrap();
    verify().exits(1);
}
