//! The log again: nobody changes it unseen.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use credential::log::{
    BadProof, Checkpoint, Flaw, LogFiles, NotServed, TileKind, TilePath, check_log,
};
use domain::{AuthorityKind, Role};
use service::{Actor, AuditEntry, AuditLog, Did, Finding, RecordChecked};
use store::Store;

use crate::audit::{auditor, entries};
use crate::city::{City, Seeded};

crate::stories! {
    invariant_11_every_mutation_of_the_record_is_found
    invariant_11_no_entry_is_edited_dropped_or_moved_unseen
    a_log_that_is_rolled_back_as_a_whole_is_found_by_whoever_saw_it
    a_log_that_was_changed_is_signed_no_further_and_codes_go_on
    nodes_that_sign_at_once_give_each_entry_one_place
    the_files_of_the_log_are_those_that_were_signed
    what_is_erased_and_counted_leaves_the_log_whole
    what_happens_while_the_log_is_read_is_no_finding
    an_auditor_has_the_whole_log_read_in_the_background
    of_two_entries_with_one_place_none_hides_between_two_pages
}

async fn open(city: &City) -> Store {
    Store::open(&city.base.url, &Seeded::new(7)).await.unwrap()
}

async fn verify(city: &City, store: &Store, seen: Option<&Checkpoint>) -> RecordChecked {
    let key = city.service.audit.verifier();
    AuditLog::verify(store, key, seen, Arc::new(|_| {}))
        .await
        .unwrap()
}

/// What lies in the tables of the log, kept so that it can be put back.
const TABLES: [&str; 4] = ["audit_entry", "audit_person", "audit_tile", "audit_head"];

async fn keep(city: &City) {
    for table in TABLES {
        let kept = format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}");
        city.base.tamper(&kept).await;
    }
}

async fn put_back(city: &City) {
    for table in TABLES {
        let put = format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept_{table}");
        city.base.tamper(&put).await;
    }
}

async fn invariant_11_every_mutation_of_the_record_is_found(city: City) {
    let ming = city.resident("Ming").await;
    let kind = AuthorityKind::Community;
    let office = city.office(kind, "North Community Office").await;
    let worker = city
        .hire(&office, "Xiao Bai", &[Role::CommunityWorker])
        .await;
    let official = worker.at_the_office().unwrap();
    let accounts = &city.service.accounts;
    accounts.claims_of(&official, &ming.document).await.unwrap();
    let all = entries(&city, &auditor(&city).await).await;
    let size = all.len() as u64;
    let look = all
        .iter()
        .find(|one| !one.entry.as_ref().unwrap().people.is_empty())
        .unwrap()
        .index;
    let store = open(&city).await;
    let sound = verify(&city, &store, None).await;
    assert_eq!((sound.findings, sound.entries), (Vec::new(), size));
    keep(&city).await;

    let entry = |index| Finding::Log(Flaw::Entry { index });
    let file = || {
        Finding::Log(Flaw::File {
            path: format!("tile/0/000.p/{size}"),
            index: 0,
        })
    };
    let table: [(&str, String, Finding); 15] = [
        (
            "what it says is changed",
            "UPDATE audit_entry SET payload = (SELECT payload FROM kept_audit_entry WHERE leaf_index = 5) \
             WHERE leaf_index = 4"
                .to_owned(),
            Finding::Changed { index: 4 },
        ),
        (
            "its salt is changed",
            "UPDATE audit_entry SET salt = (SELECT salt FROM kept_audit_entry WHERE leaf_index = 5) \
             WHERE leaf_index = 4"
                .to_owned(),
            Finding::Changed { index: 4 },
        ),
        (
            "it is dated back",
            "UPDATE audit_entry SET recorded_at = recorded_at - 3600 WHERE leaf_index = 4".to_owned(),
            Finding::Changed { index: 4 },
        ),
        (
            "it is dropped",
            "DELETE FROM audit_entry WHERE leaf_index = 4".to_owned(),
            Finding::Missing { index: 4 },
        ),
        (
            "it is dropped and the others close the gap",
            "DELETE FROM audit_entry WHERE leaf_index = 4; \
             UPDATE audit_entry SET leaf_index = leaf_index - 1 WHERE leaf_index > 4"
                .to_owned(),
            entry(4),
        ),
        (
            "two are exchanged",
            "UPDATE audit_entry SET leaf_index = 9 - leaf_index WHERE leaf_index IN (4, 5)".to_owned(),
            entry(4),
        ),
        (
            "two have one place",
            "UPDATE audit_entry SET leaf_index = 4 WHERE leaf_index = 5".to_owned(),
            Finding::Twice { index: 4 },
        ),
        (
            "it has no place any more",
            "UPDATE audit_entry SET leaf_index = NULL WHERE leaf_index = 4".to_owned(),
            Finding::Missing { index: 4 },
        ),
        (
            "it is erased and nobody counted that",
            "UPDATE audit_entry SET salt = NULL, payload = NULL WHERE leaf_index = 4".to_owned(),
            Finding::Erased {
                erased: 1,
                counted: 0,
                index: 4,
            },
        ),
        (
            "it is hidden from the person",
            format!(
                "DELETE FROM audit_person WHERE commitment = \
                 (SELECT commitment FROM audit_entry WHERE leaf_index = {look})"
            ),
            Finding::Hidden { index: look },
        ),
        (
            "it is dated back for the person, who then reads it last",
            format!(
                "UPDATE audit_person SET recorded_at = 0 WHERE commitment = \
                 (SELECT commitment FROM audit_entry WHERE leaf_index = {look})"
            ),
            Finding::Hidden { index: look },
        ),
        (
            "the count is set back, so that nothing more is signed",
            "UPDATE audit_head SET size = size - 2".to_owned(),
            Finding::Counted { count: size - 2, size },
        ),
        (
            "a tile is dropped",
            "DELETE FROM audit_tile".to_owned(),
            file(),
        ),
        (
            "a tile is cut short",
            "UPDATE audit_tile SET hashes = SUBSTR(hashes, 1, 64)".to_owned(),
            file(),
        ),
        (
            "the signature is gone",
            "UPDATE audit_head SET checkpoint = ''".to_owned(),
            Finding::Behind { index: 0 },
        ),
    ];
    for (what, statement, finding) in table {
        city.base.tamper(&statement).await;
        let checked = verify(&city, &store, None).await;
        assert!(
            checked.findings.contains(&finding),
            "{what}: {:?}",
            checked.findings
        );
        put_back(&city).await;
        assert_eq!(verify(&city, &store, None).await.findings, [], "{what}");
    }
}

async fn invariant_11_no_entry_is_edited_dropped_or_moved_unseen(city: City) {
    city.service.audit.checkpoint().await.unwrap();
    let store = open(&city).await;
    let size = verify(&city, &store, None).await.entries;
    assert!(size > 5, "{size}");
    keep(&city).await;
    for index in 0..size {
        let at = format!("WHERE leaf_index = {index}");
        let mut tried = vec![
            (
                format!("UPDATE audit_entry SET salt = SUBSTR(commitment, 1, 16) {at}"),
                Finding::Changed { index },
            ),
            (
                format!("UPDATE audit_entry SET payload = SUBSTR(payload, 1, 9) {at}"),
                Finding::Changed { index },
            ),
            (
                format!("DELETE FROM audit_entry {at}"),
                Finding::Missing { index },
            ),
        ];
        if index + 1 < size {
            let (next, sum) = (index + 1, 2 * index + 1);
            tried.push((
                format!(
                    "UPDATE audit_entry SET leaf_index = {sum} - leaf_index \
                     WHERE leaf_index IN ({index}, {next})"
                ),
                Finding::Log(Flaw::Entry { index }),
            ));
        }
        for (statement, finding) in tried {
            city.base.tamper(&statement).await;
            let findings = verify(&city, &store, None).await.findings;
            assert!(findings.contains(&finding), "{statement}: {findings:?}");
            put_back(&city).await;
        }
    }
    assert_eq!(verify(&city, &store, None).await.findings, []);
}

async fn a_log_that_is_rolled_back_as_a_whole_is_found_by_whoever_saw_it(city: City) {
    city.service.audit.checkpoint().await.unwrap();
    let store = open(&city).await;
    let early = verify(&city, &store, None).await;
    let (old, early) = (early.checkpoint.unwrap(), early.signed);
    keep(&city).await;
    city.approver().await;
    city.service.audit.checkpoint().await.unwrap();
    let seen = verify(&city, &store, None).await.checkpoint.unwrap();
    assert!(seen.size > old.size);
    assert_eq!(verify(&city, &store, Some(&old)).await.findings, []);

    // The head alone: entries lie behind its end.
    let head = format!(
        "UPDATE audit_head SET size = {}, checkpoint = '{early}'",
        old.size
    );
    city.base.tamper(&head).await;
    let found = verify(&city, &store, None).await.findings;
    assert!(
        found.contains(&Finding::Behind { index: old.size }),
        "{found:?}"
    );
    // Everything: nothing in the database shows it, only a party that saw the later state.
    put_back(&city).await;
    assert_eq!(verify(&city, &store, None).await.findings, []);
    let smaller = BadProof::Smaller {
        old: seen.size,
        new: old.size,
    };
    let found = verify(&city, &store, Some(&seen)).await.findings;
    assert_eq!(found, [Finding::Log(Flaw::NotContinued(smaller))]);
    // So does the server that signed it, and it signs no further.
    city.approver().await;
    assert!(city.service.audit.checkpoint().await.is_err());
}

async fn a_log_that_was_changed_is_signed_no_further_and_codes_go_on(city: City) {
    city.service.audit.checkpoint().await.unwrap();
    let store = open(&city).await;
    let signed = verify(&city, &store, None).await.checkpoint;
    city.base
        .tamper("UPDATE audit_tile SET hashes = SUBSTR(hashes, 33)")
        .await;
    let ming = city.resident("Ming").await;
    city.approver().await;
    let error = city.service.audit.checkpoint().await.unwrap_err();
    assert!(format!("{error:?}").contains("audit verify"), "{error:?}");
    assert_eq!(verify(&city, &store, None).await.checkpoint, signed);
    let phone = city.enrol(&ming).await;
    let code = city.live_code(&ming, &phone).await;
    assert_eq!(
        city.check(&city.show(&phone, &code)),
        Ok(domain::Colour::Green)
    );
    // A server starts all the same.
    city.another_node().await;
}

async fn nodes_that_sign_at_once_give_each_entry_one_place(city: City) {
    let nodes = [city.another_node().await, city.another_node().await];
    for _ in 0..5 {
        city.approver().await;
        let [one, other] = nodes.each_ref().map(|node| node.audit.checkpoint());
        let (one, other) = futures::future::join(one, other).await;
        one.unwrap();
        other.unwrap();
    }
    let store = open(&city).await;
    let checked = verify(&city, &store, None).await;
    assert_eq!(checked.findings, []);
    let signed = checked.checkpoint.unwrap();
    assert_eq!(checked.entries, signed.size);
}

/// The files of a log as they were served.
#[derive(Clone)]
struct Files(BTreeMap<String, Vec<u8>>);

impl LogFiles for Files {
    fn read(&mut self, path: &str) -> Result<Vec<u8>, NotServed> {
        self.0.get(path).cloned().ok_or_else(|| NotServed {
            path: path.to_owned(),
            why: "it was not served".to_owned(),
        })
    }
}

async fn served(city: &City) -> Files {
    let audit = &city.service.audit;
    let signed = audit.signed_checkpoint().await.unwrap().unwrap();
    let size = signed.checkpoint().size;
    let mut files = BTreeMap::new();
    files.insert("checkpoint".to_owned(), signed.to_string().into_bytes());
    let kinds = (0..8).map(TileKind::Hashes).chain([TileKind::Entries]);
    for kind in kinds {
        for path in (0..).map_while(|index| TilePath::in_tree(kind, index, size)) {
            let tile = audit.tile(path).await.unwrap().unwrap();
            files.insert(path.to_string(), tile);
        }
    }
    Files(files)
}

async fn the_files_of_the_log_are_those_that_were_signed(city: City) {
    // More than one tile.
    for _ in 0..270 {
        city.approver().await;
    }
    city.service.audit.checkpoint().await.unwrap();
    let files = served(&city).await;
    let key = city.service.audit.verifier().clone();
    let checked = check_log(&mut files.clone(), &key, None).unwrap();
    assert_eq!(checked.flaws, []);
    let seen = checked.checkpoint.unwrap();
    assert!(seen.size > 270, "{}", seen.size);
    for _ in 0..3 {
        city.approver().await;
        city.service.audit.checkpoint().await.unwrap();
    }
    let grown = served(&city).await;
    let checked = check_log(&mut grown.clone(), &key, Some(&seen)).unwrap();
    assert_eq!(checked.flaws, []);
    assert_eq!(checked.entries, seen.size + 3);
    for (path, bytes) in &grown.0 {
        let mut changed = grown.clone();
        changed.0.get_mut(path).unwrap()[bytes.len() / 2] ^= 1;
        let checked = check_log(&mut changed, &key, Some(&seen)).unwrap();
        assert_ne!(checked.flaws, [], "{path}");
    }
}

/// Erases what the first entry says, and says so.
async fn erase_one(city: &City, store: &Store) {
    let entry = AuditEntry::new(Actor::Program, Did::EntriesErased, city.now());
    let entry = entry.count(1).seal(&Seeded::new(9));
    let erased = store.transaction("erase", entry, |tx, entry| {
        Box::pin(async move {
            let first = store::audit::from(tx, 0, 1).await?.remove(0);
            store::audit::erase(tx, first.commitment, &[]).await?;
            store::audit::append(tx, std::slice::from_ref(entry)).await
        })
    });
    erased.await.unwrap();
}

async fn what_is_erased_and_counted_leaves_the_log_whole(city: City) {
    city.service.audit.checkpoint().await.unwrap();
    let store = open(&city).await;
    erase_one(&city, &store).await;
    let checked = verify(&city, &store, None).await;
    assert_eq!((checked.findings, checked.erased), (Vec::new(), 1));
    city.service.audit.checkpoint().await.unwrap();
    let checked = verify(&city, &store, None).await;
    assert_eq!((checked.findings, checked.erased), (Vec::new(), 1));
    let auditor = auditor(&city).await;
    let all = city.service.audit.entries(&auditor, Some(1)).await.unwrap();
    assert_eq!((all.len(), &all[0].entry), (1, &None));
}

async fn what_happens_while_the_log_is_read_is_no_finding(city: City) {
    city.service.audit.checkpoint().await.unwrap();
    let store = Arc::new(open(&city).await);
    let (begun, mut has_begun) = tokio::sync::mpsc::unbounded_channel();
    let (go_on, may_go_on) = std::sync::mpsc::channel();
    let may_go_on = Mutex::new(may_go_on);
    // Stops between the end that was signed and the first entry.
    let stop = move |entries: u64| {
        if entries == 0 {
            begun.send(()).unwrap();
            may_go_on.lock().unwrap().recv().unwrap();
        }
    };
    let reading = {
        let (store, key) = (Arc::clone(&store), city.service.audit.verifier().clone());
        let handle = tokio::runtime::Handle::current();
        let verify = async move { AuditLog::verify(&store, &key, None, Arc::new(stop)).await };
        tokio::task::spawn_blocking(move || handle.block_on(verify))
    };
    has_begun.recv().await.unwrap();
    erase_one(&city, &store).await;
    city.approver().await;
    city.service.audit.checkpoint().await.unwrap();
    go_on.send(()).unwrap();
    let read = reading.await.unwrap().unwrap();
    assert_eq!((read.findings, read.erased), (Vec::new(), 0));
    let after = verify(&city, &store, None).await;
    assert_eq!((after.findings, after.erased), (Vec::new(), 1));
    assert!(after.entries > read.entries);
}

async fn an_auditor_has_the_whole_log_read_in_the_background(city: City) {
    let auditor = auditor(&city).await;
    let size = entries(&city, &auditor).await.len() as u64;
    let audit = &city.service.audit;
    let read = async || {
        audit.begin_reading(&auditor).unwrap();
        while audit.reads(&auditor).unwrap().read_so_far.is_some() {
            tokio::task::yield_now().await;
        }
        audit.reads(&auditor).unwrap().last.unwrap().checked
    };
    let sound = read().await;
    assert_eq!((sound.findings.len(), sound.entries), (0, size));
    let dated_back = "UPDATE audit_entry SET recorded_at = recorded_at - 60 WHERE leaf_index = 4";
    city.base.tamper(dated_back).await;
    assert_eq!(read().await.findings, [Finding::Changed { index: 4 }]);
    // Put right: who asks now is not told what was found before.
    let put_right = "UPDATE audit_entry SET recorded_at = recorded_at + 60 WHERE leaf_index = 4";
    city.base.tamper(put_right).await;
    assert_eq!(read().await.findings, []);
    let approver = city.approver().await;
    assert!(audit.begin_reading(&approver).is_err());
}

async fn of_two_entries_with_one_place_none_hides_between_two_pages(city: City) {
    // As many as are read at once.
    const PAGE: u64 = 10_000;
    let audit = &city.service.audit;
    while audit.checkpoint().await.unwrap() > 0 {}
    let store = open(&city).await;
    let append = async |count: u64| {
        let entry = |_| AuditEntry::new(Actor::Program, Did::DataErased, city.now());
        let entries: Vec<_> = (0..count).map(|n| entry(n).seal(&*city.ids)).collect();
        let write = store.transaction("append", entries, |tx, entries| {
            Box::pin(store::audit::append(tx, entries))
        });
        write.await.unwrap();
    };
    append(PAGE - 1 - verify(&city, &store, None).await.entries).await;
    while audit.checkpoint().await.unwrap() > 0 {}
    append(1).await;
    while audit.checkpoint().await.unwrap() > 0 {}
    let sound = verify(&city, &store, None).await;
    assert_eq!((sound.findings, sound.entries), (Vec::new(), PAGE));
    append(20).await;
    let index = PAGE - 1;
    let beside = format!(
        "UPDATE audit_entry SET leaf_index = {index} WHERE leaf_index IS NULL AND commitment > \
         (SELECT placed.commitment FROM audit_entry AS placed WHERE placed.leaf_index = {index})"
    );
    city.base.tamper(&beside).await;
    let found = verify(&city, &store, None).await.findings;
    assert_eq!(found, [Finding::Twice { index }]);
}
