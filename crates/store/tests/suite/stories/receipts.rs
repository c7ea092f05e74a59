use jiff::SignedDuration;
use store::receipts::{EarlierReceipt, Receipt, RequestHash};

use crate::record::Record;
use crate::sample::{at, receipt};

pub async fn a_request_is_claimed_once_and_answered_again(store: &Record) {
    let claims = vec![receipt(2), receipt(1)];
    let claimed = store.claim_requests(claims).await.unwrap();
    let hashes = |numbers: [u8; 2]| numbers.map(|number| RequestHash([number; 32]));
    assert_eq!(Vec::from_iter(claimed), hashes([1, 2]));
    let answers = hashes([1, 2]).map(|request| (request, format!("{:?}", request.0[0])));
    store.finish_requests(answers.to_vec()).await.unwrap();

    // The second request says something else under the first one's key.
    let other = Receipt {
        content: [0; 32],
        ..receipt(1)
    };
    let claims = vec![other, receipt(3)];
    let claimed = store.claim_requests(claims).await.unwrap();
    assert_eq!(Vec::from_iter(claimed), [RequestHash([3; 32])]);
    let first = EarlierReceipt {
        content: receipt(1).content,
        outcome: "1".into(),
    };
    let found = store.receipt(RequestHash([1; 32])).await;
    assert_eq!(found, Ok(Some(first)), "what was carried out stays");
    assert_eq!(store.receipt(RequestHash([4; 32])).await, Ok(None));
}

pub async fn receipts_are_forgotten_after_24_hours(store: &Record) {
    let later = Receipt {
        at: at(0, 9),
        ..receipt(2)
    };
    let claims = vec![receipt(1), later.clone()];
    store.claim_requests(claims).await.unwrap();
    let day = SignedDuration::from_hours(24);
    assert_eq!(store.forget_receipts(at(1, 8) - day).await, Ok(0));
    assert_eq!(store.forget_receipts(at(1, 9) - day).await, Ok(1));
    assert_eq!(store.receipt(receipt(1).request).await, Ok(None));
    assert!(store.receipt(later.request).await.unwrap().is_some());
    // A request whose receipt is gone counts as a new one.
    let claimed = store.claim_requests(vec![receipt(1), later]).await;
    assert_eq!(Vec::from_iter(claimed.unwrap()), [receipt(1).request]);
}
