use domain::{PersonId, Status};
use store::ColourChange;

use super::{GREEN, RED, YELLOW};
use crate::record::Record;
use crate::sample::{CHEN, LI, WU, at, id};

pub async fn changes_of_colour_wait_in_the_outbox_until_delivered(store: &Record) {
    let messages = [
        change(1, WU, Some(GREEN), RED, 10),
        change(2, LI, Some(GREEN), YELLOW, 11),
        change(3, LI, Some(YELLOW), RED, 12),
        change(4, CHEN, None, YELLOW, 13),
    ];
    let [first, second, third, fourth] = messages.clone();
    store.touch(vec![LI, WU, CHEN]).await.unwrap();
    let later = vec![fourth.clone(), third.clone()];
    store.add_messages(later).await.unwrap();
    let earlier = vec![first.clone(), second.clone()];
    store.add_messages(earlier).await.unwrap();
    store.add_messages(Vec::new()).await.unwrap();
    assert_eq!(
        store.outbox(10).await,
        Ok(messages.to_vec()),
        "oldest first"
    );
    assert_eq!(store.outbox(1).await, Ok(vec![first.clone()]));

    let delivered = [(third.person, third.id), (first.person, first.id)];
    for hour in [14, 15] {
        let delivered = delivered.to_vec();
        store.delivered(delivered, at(0, hour)).await.unwrap();
    }
    assert_eq!(store.outbox(10).await, Ok(vec![second, fourth]));
}

fn change(
    number: u128,
    person: PersonId,
    before: Option<Status>,
    after: Status,
    hour: i64,
) -> ColourChange {
    ColourChange {
        person,
        id: id(number),
        before,
        after,
        at: at(0, hour),
    }
}
