use store::accounts::Account;
use store::blind_indexes::{IndexRewrite, IndexRow, IndexTable, LATER_INDEX, StoredIndex};
use store::identities::BlindIndex;

use crate::record::Record;
use crate::sample::{CHEN, LI, WU, account, newcomer};

/// What a second key makes of what lies under the first.
fn later(index: StoredIndex) -> StoredIndex {
    let mut bytes = [2; LATER_INDEX];
    bytes[1..33].copy_from_slice(index.bytes());
    StoredIndex::Later(bytes)
}

/// By what both keys find the document or phone.
fn under_both(byte: u8) -> BlindIndex {
    let first = BlindIndex::first([byte; 32]);
    BlindIndex {
        newest: later(first.newest),
        older: Some(first.newest),
        ..first
    }
}

pub async fn rewritten_indexes_are_found_under_either_key_and_then_under_the_new_one(
    store: &Record,
) {
    for (person, phone) in [(LI, 7), (WU, 7), (CHEN, 8)] {
        let mut person = newcomer(person, 0);
        person.phones = vec![BlindIndex::first([phone; 32])];
        store.register(person).await.unwrap();
    }
    let first = |person| newcomer(person, 0).document;
    for person in [LI, WU] {
        let claims = vec![(first(person), person)];
        store.claim_documents(claims).await.unwrap();
    }
    let claiming = Account {
        document: Some(first(LI).newest),
        ..account(1, LI)
    };
    store.open_account(claiming.clone()).await.unwrap();
    let li = under_both(LI.as_u128() as u8);
    let new = BlindIndex { older: None, ..li };

    // Before, both keys find; a claim under the new key finds whose the document is.
    let found = store.people_by_documents(vec![li]).await;
    assert_eq!(found, Ok(vec![(li, LI)]));
    let claimed = store.claim_documents(vec![(li, CHEN)]).await.unwrap();
    assert!(claimed.is_empty(), "it is claimed under the old key");
    let phone = under_both(7);
    assert_eq!(store.people_by_phone(phone).await, Ok(vec![LI, WU]));
    assert_eq!(store.claiming(li).await.unwrap().len(), 1);

    for table in IndexTable::ALL {
        let mut after = None;
        while let Some(row) = store.index_rows(table, after, 1).await.unwrap().pop() {
            after = Some(row);
            if row.index.key() == 1 {
                let changes = vec![(row, later(row.index))];
                let left = store.rewrite_indexes(table, changes.clone()).await;
                assert_eq!(left, Ok(0));
                // Another node does the same.
                let again = store.rewrite_indexes(table, changes).await;
                assert_eq!(again, Ok(0), "{table:?}");
            }
        }
        let rows = store.index_rows(table, None, 100).await.unwrap();
        assert!(rows.iter().all(|row| row.index.key() == 2), "{table:?}");
    }

    for index in [li, new] {
        let found = store.people_by_documents(vec![index]).await;
        assert_eq!(found, Ok(vec![(index, LI)]));
        let claims = store.claiming(index).await.unwrap();
        assert_eq!(claims[0].document, Some(li.newest), "the account as well");
    }
    let old = BlindIndex::first(li.stable);
    assert_eq!(store.people_by_documents(vec![old]).await, Ok(vec![]));
    assert_eq!(store.claiming(old).await, Ok(vec![]));
    let new = BlindIndex {
        older: None,
        ..phone
    };
    assert_eq!(store.people_by_phone(new).await, Ok(vec![LI, WU]));

    // What was deleted since it was read stays deleted.
    let gone = IndexRow {
        index: BlindIndex::first([77; 32]).newest,
        of: LI.to_bytes(),
    };
    for table in IndexTable::ALL {
        if table == IndexTable::DocumentPerson {
            continue; // A document is never deleted.
        }
        let before = store.index_rows(table, None, 100).await.unwrap();
        let changes = vec![(gone, later(gone.index))];
        assert_eq!(store.rewrite_indexes(table, changes).await, Ok(0));
        let after = store.index_rows(table, None, 100).await.unwrap();
        assert_eq!(before, after, "{table:?}");
    }
}

pub async fn a_document_of_somebody_else_stays_where_it_is(store: &Record) {
    let old = BlindIndex::first([9; 32]);
    let new = BlindIndex {
        older: None,
        ..under_both(9)
    };
    // Made by a program that did not know the old key: never done, and not made worse.
    store.claim_documents(vec![(old, LI)]).await.unwrap();
    store.claim_documents(vec![(new, WU)]).await.unwrap();
    let row = IndexRow {
        index: old.newest,
        of: LI.to_bytes(),
    };
    let table = IndexTable::DocumentPerson;
    let changes = vec![(row, new.newest)];
    assert_eq!(store.rewrite_indexes(table, changes).await, Ok(1));
    assert_eq!(store.person_by_document(old).await, Ok(Some(LI)));
    assert_eq!(store.person_by_document(new).await, Ok(Some(WU)));
}

pub async fn how_far_indexes_are_rewritten_and_which_key_writes_is_kept(store: &Record) {
    let table = IndexTable::AccountClaim;
    assert_eq!(store.index_progress(table).await, Ok(None));
    let row = IndexRow {
        index: later(StoredIndex::First([3; 32])),
        of: LI.to_bytes(),
    };
    for after in [None, Some(row)] {
        let rewrite = IndexRewrite {
            key: 2,
            after,
            rewritten: 5,
            unopened: 1,
            is_finished: after.is_some(),
        };
        let noted = store.note_index_progress(table, rewrite.clone()).await;
        noted.unwrap();
        assert_eq!(store.index_progress(table).await, Ok(Some(rewrite)));
    }
    assert_eq!(store.index_key().await, Ok(1));
    for (key, then) in [(3, 3), (2, 3)] {
        store.advance_index_key(key).await.unwrap();
        assert_eq!(store.index_key().await, Ok(then), "it never goes back");
    }
}
