//! Backups: made while the server runs, opened again, and opened no more when their month is over.

use std::fs;

use crate::databases::{Schema, on_server};
use crate::newcomer::Folder;
use crate::server::{Server, installation, installation_on};

#[test]
fn a_backup_made_while_the_server_runs_opens_to_the_same_database() {
    let folder = installation();
    let server = Server::start(&folder);
    let made = folder.run(&["backup", "monday.backup"]);
    made.exits(0).prints(&["monday.backup"]);
    drop(server);
    // Nothing of it lies beside the database in clear.
    let names = |folder: &Folder| {
        let files = fs::read_dir(folder.path(".")).unwrap();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.starts_with('.')).count()
    };
    assert_eq!(names(&folder), 0);
    let sealed = fs::read(folder.path("monday.backup")).unwrap();
    let in_clear = sealed.windows(6).any(|bytes| bytes == b"SQLite");
    assert!(!in_clear && sealed.starts_with(b"healthcode-backup-1 {"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(folder.path("monday.backup"))
            .unwrap()
            .permissions();
        assert_eq!(mode.mode() & 0o777, 0o600);
    }

    let restore = |to: &str| folder.run(&["restore", "monday.backup", "--to", to]);
    restore("again.db").exits(0).prints(&["again.db"]);
    let doctor = ["doctor", "--database-url", "sqlite:again.db"];
    folder.run(&doctor).exits(0).prints(&["database"]);
    // Neither is written over.
    restore("again.db").exits(2).says(&["is there already"]);
    folder
        .run(&["backup", "monday.backup"])
        .exits(2)
        .says(&["is there already"]);
}

#[test]
fn a_backup_that_was_changed_or_is_of_another_installation_opens_to_nothing() {
    let folder = installation();
    folder.run(&["backup", "sound.backup"]).exits(0);
    let sound = fs::read(folder.path("sound.backup")).unwrap();
    let mut changed = sound.clone();
    *changed.last_mut().unwrap() ^= 1;
    let later = sound.iter().position(|byte| *byte == b'\n').unwrap();
    let mut of_later = sound.clone();
    of_later[later - 3] ^= 1;
    let cases: [(&str, &[u8], &str); 4] = [
        ("changed", &changed, "changed or cut off"),
        ("short", &sound[..sound.len() / 2], "changed or cut off"),
        ("head", &of_later, "changed or cut off"),
        ("other", b"SQLite format 3", "no backup of this program"),
    ];
    for (name, content, said) in cases {
        fs::write(folder.path(name), content).unwrap();
        let opened = folder.run(&["restore", name, "--to", "out.db"]);
        opened.exits(1).says(&[said]);
        assert!(!folder.path("out.db").exists(), "{name}");
    }
    let other = installation();
    fs::write(other.path("theirs"), &sound).unwrap();
    let opened = other.run(&["restore", "theirs", "--to", "out.db"]);
    opened.exits(1).says(&["other keys"]);
    fs::remove_file(folder.path("keys/months.secret")).unwrap();
    let opened = folder.run(&["restore", "sound.backup", "--to", "out.db"]);
    opened.exits(1).says(&["months.secret"]);
}

#[test]
fn a_backup_opens_no_more_when_the_keys_of_its_month_are_destroyed() {
    let folder = installation();
    folder.run(&["backup", "old.backup"]).exits(0);
    let path = folder.path("keys/months.secret");
    let text = fs::read_to_string(&path).unwrap();
    // As the worker leaves it once the time of a month is over: a line that begins later.
    let mut words: Vec<&str> = text.lines().next().unwrap().split_whitespace().collect();
    let month = words
        .iter()
        .position(|word| word.len() == 7 && word.contains('-'));
    words[month.unwrap()] = "2099-01";
    fs::write(&path, words.join(" ") + "\n").unwrap();
    let opened = folder.run(&["restore", "old.backup", "--to", "out.db"]);
    opened.exits(1).says(&["was destroyed"]);
    assert!(!folder.path("out.db").exists());
}

#[test]
fn a_backup_of_a_server_is_a_dump_that_pg_restore_reads() {
    let Some(schema) = Schema::fresh("a backup of a server") else {
        return;
    };
    // A dump is of a whole database, and that of the tests changes all the time.
    let name = format!("healthcode_backup_{}", std::process::id());
    let server = schema.server();
    let drop_it = format!("DROP DATABASE IF EXISTS {name}");
    on_server(server, &drop_it);
    on_server(server, &format!("CREATE DATABASE {name}"));
    let (base, _) = server.rsplit_once('/').unwrap();
    let url = format!("{base}/{name}");
    let database = ["--database-url", &*url];
    let folder = installation_on(&database);
    folder
        .run(&[&["backup", "monday.backup"], &database[..]].concat())
        .exits(0);
    let restored = ["restore", "monday.backup", "--to", "monday.dump"];
    folder.run(&restored).exits(0).prints(&["pg_restore"]);
    let dump = fs::read(folder.path("monday.dump")).unwrap();
    assert!(dump.starts_with(b"PGDMP"));
    on_server(server, &drop_it);
    let gone = folder.run(&[&["backup", "tuesday.backup"], &database[..]].concat());
    gone.exits(1).says(&["pg_dump", &name]);
    assert!(!folder.path("tuesday.backup").exists());
}
