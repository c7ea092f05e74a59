use domain::{Fact, PersonId, VenueId};
use futures::future::join_all;
use store::mirror::{Generation, Noted};
use store::{Recorded, Visit};

use crate::record::Record;
use crate::sample::{CHEN, LI, WU, at, contact, declaration, id, newcomer, withdrawal};

pub async fn everybody_is_read_with_all_their_evidence(store: &Record) {
    for person in [LI, WU] {
        store.register(newcomer(person, 0)).await.unwrap();
    }
    let evidence = [
        contact(1, LI, at(-300, 8)),
        withdrawal(2, LI, 1, at(1, 8)),
        declaration(3, CHEN, at(2, 8)),
    ];
    store.append(evidence.to_vec()).await.unwrap();
    let visit = scan(4, WU);
    store.put_visits(vec![visit], Recorded::Late).await.unwrap();

    let whole = store.people_with_evidence(None, 10).await.unwrap();
    let shape = |place: usize| {
        let one = &whole[place];
        let mut kinds: Vec<&str> = one
            .evidence
            .iter()
            .map(|(_, fact)| fact.kind().as_str())
            .collect();
        kinds.sort_unstable();
        (one.person, one.revision, kinds)
    };
    assert_eq!(whole.len(), 3);
    let of_li = vec!["contact", "declaration", "withdrawal"];
    assert_eq!(shape(0), (LI, 2, of_li), "however old it is");
    assert_eq!(shape(1), (WU, 1, vec!["declaration", "visit"]));
    assert_eq!(shape(2), (CHEN, 1, vec!["declaration"]));
    let withdrawn =
        |(_, fact): &(_, Fact)| matches!(fact, Fact::Withdrawal { of, .. } if *of == id(1));
    assert!(whole[0].evidence.iter().any(withdrawn));

    let mut pages = Vec::new();
    loop {
        let after = pages
            .last()
            .map(|one: &store::mirror::PersonEvidence| one.person);
        let page = store.people_with_evidence(after, 2).await.unwrap();
        if page.is_empty() {
            break;
        }
        pages.extend(page);
    }
    assert_eq!(pages, whole, "page by page it is the same");
}

pub async fn whoever_has_new_evidence_is_noted(store: &Record) {
    store.register(newcomer(LI, 0)).await.unwrap();
    store.append(vec![contact(1, WU, at(0, 8))]).await.unwrap();
    assert_eq!(noted(store).await, [(LI, 1), (WU, 1)]);

    store.touch(vec![LI, WU]).await.unwrap();
    assert_eq!(
        noted(store).await,
        [(LI, 1), (WU, 1)],
        "who is only decided has no new evidence"
    );
    store.append(vec![contact(1, WU, at(0, 8))]).await.unwrap();
    assert_eq!(noted(store).await, [(LI, 1), (WU, 1)], "it was there");
    store
        .put_visits(vec![scan(4, WU)], Recorded::Late)
        .await
        .unwrap();
    assert_eq!(noted(store).await, [(LI, 1), (WU, 1)], "scans note nobody");

    let withdrawn = vec![withdrawal(2, WU, 1, at(1, 8))];
    store.append(withdrawn).await.unwrap();
    assert_eq!(noted(store).await, [(LI, 1), (WU, 4)]);
    // Somebody about whom nothing is known but that they exist.
    store.touch(vec![CHEN]).await.unwrap();
    assert_eq!(noted(store).await, [(LI, 1), (WU, 4), (CHEN, 1)]);
    let page = store.noted(Some(LI), 1).await.unwrap();
    assert_eq!(
        page,
        [Noted {
            person: WU,
            revision: 4
        }]
    );
}

pub async fn a_note_goes_only_once_a_copy_holds_it(store: &Record) {
    store.register(newcomer(LI, 0)).await.unwrap();
    store.append(vec![contact(1, WU, at(0, 8))]).await.unwrap();
    let copied = store.people_with_evidence(None, 10).await.unwrap();
    store.append(vec![contact(2, LI, at(0, 8))]).await.unwrap();
    let held: Vec<Noted> = copied
        .iter()
        .map(|one| Noted {
            person: one.person,
            revision: one.revision,
        })
        .collect();
    store.forget_noted(held).await.unwrap();
    assert_eq!(
        noted(store).await,
        [(LI, 2)],
        "the copy lacks the second contact"
    );
}

pub async fn generations_are_listed_newest_first_and_dropped_with_all_older(store: &Record) {
    assert_eq!(store.generations().await.unwrap(), []);
    for number in 1..=3 {
        assert!(store.add_generation(generation(number)).await.unwrap());
    }
    let taken = Generation {
        place: "elsewhere".into(),
        ..generation(3)
    };
    assert!(!store.add_generation(taken).await.unwrap());
    let all = [generation(3), generation(2), generation(1)];
    assert_eq!(store.generations().await.unwrap(), all);
    store.drop_generations(2).await.unwrap();
    assert_eq!(store.generations().await.unwrap(), [generation(3)]);
    store.drop_generations(3).await.unwrap();
    assert_eq!(store.generations().await.unwrap(), []);
}

pub async fn one_mirror_belongs_to_a_database(store: &Record) {
    assert_eq!(store.claim_mirror([7; 16]).await.unwrap(), [7; 16]);
    assert_eq!(store.claim_mirror([8; 16]).await.unwrap(), [7; 16]);
}

/// Each transaction gives its person the next revision and one more piece, so a reader of a
/// revision must find as many pieces.
pub async fn a_copy_holds_whatever_its_revision_counts(store: &Record) {
    let writers = (0..60_u128).map(|number| async move {
        let person = if number % 2 == 0 { LI } else { WU };
        let piece = vec![contact(number, person, at(0, 8))];
        store.append(piece).await.unwrap();
    });
    let reader = async {
        let mut seen = 0;
        while seen < 60 {
            let page = store.people_with_evidence(None, 10).await.unwrap();
            for one in &page {
                let pieces = one.evidence.len() as u64;
                assert!(pieces >= one.revision, "{pieces} of {}", one.revision);
            }
            seen = page.iter().map(|one| one.revision).sum();
        }
    };
    tokio::join!(join_all(writers), reader);
    assert_eq!(noted(store).await, [(LI, 30), (WU, 30)]);
}

async fn noted(store: &Record) -> Vec<(PersonId, u64)> {
    let noted = store.noted(None, 100).await.unwrap();
    noted.iter().map(|one| (one.person, one.revision)).collect()
}

fn scan(number: u128, person: PersonId) -> Visit {
    Visit {
        id: id(number),
        person,
        venue: VenueId::from_u128(9),
        category: Some("market".into()),
        entered: at(0, 10),
        left: Some(at(0, 11)),
    }
}

fn generation(number: u64) -> Generation {
    Generation {
        number,
        place: "/var/lib/healthcode/mirror".into(),
        digest: [number as u8; 32],
        people: 10,
        facts: 43,
        bytes: 4096,
        begun_at: at(0, number as i64),
        written_at: at(1, number as i64),
    }
}
