//! What a checkpoint keeps: status lists and trust lists, from whom and how new.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use credential::*;

#[expect(dead_code, reason = "shared with the other tests, which use the rest")]
mod city;

use city::*;

#[test]
fn the_next_keys_status_list_speaks_for_assertions_of_the_old_key() {
    let mut list = StatusListBuilder::new(8192);
    list.revoke(4711).unwrap();
    let list = list.build(at(NOW), seconds(60), hours(24));
    let token = list
        .sign(&next_issuer(), &format!("{STATUS_URI}/7"))
        .unwrap();
    let mut held = StatusLists::new();
    assert_eq!(
        held.add(&token, &trust()),
        Ok(("330100".parse().unwrap(), 7))
    );
    let code = plain(&claims(Bearer::Plain));
    let refused = verify(&code, &trust(), Some(&held), at(NOW), &Settings::default());
    assert_eq!(refused, Err(Refusal::Revoked { known_at: at(NOW) }));
}

#[test]
fn a_signed_status_list_is_never_taken_for_an_assertion() {
    let token = list_token(NOW, &[]);
    assert!(Assertion::decode(&token).is_err());
    let signed_trust = trust().sign(&issuer()).unwrap();
    assert!(Assertion::decode(&signed_trust).is_err());
    assert!(StatusLists::new().add(&signed_trust, &trust()).is_err());
    let assertion = issuer().sign(&claims(Bearer::Plain)).unwrap();
    assert!(
        StatusLists::new()
            .add(assertion.as_bytes(), &trust())
            .is_err()
    );
}

#[test]
fn a_status_list_is_taken_only_from_a_trusted_key_and_for_its_own_issuers_lists() {
    let list =
        |at_second: i64| StatusListBuilder::new(8).build(at(at_second), seconds(60), hours(24));
    let add = |token: Vec<u8>| StatusLists::new().add(&token, &trust());
    let uri = format!("{STATUS_URI}/7");

    let stranger = IssuerKey::from_seed(&[0x99; 32]).unwrap();
    let refused = add(list(NOW).sign(&stranger, &uri).unwrap());
    assert_eq!(
        refused,
        Err(BadStatusList::UnknownIssuer { key: stranger.id() })
    );

    let too_late = add(list(NOW + 3 * 86_400).sign(&issuer(), &uri).unwrap());
    assert_eq!(
        too_late,
        Err(BadStatusList::UnknownIssuer { key: issuer().id() })
    );

    for uri in [
        "https://elsewhere.example/status/7",
        STATUS_URI,
        &format!("{STATUS_URI}/07"),
    ] {
        let refused = add(list(NOW).sign(&issuer(), uri).unwrap());
        assert!(
            matches!(refused, Err(BadStatusList::WrongSubject { .. })),
            "{uri}: {refused:?}"
        );
    }
}

#[test]
fn a_trust_list_opens_with_a_pinned_root_only_and_never_goes_back() {
    let list = trust();
    let roots = [issuer().public_key().clone(), root().public_key().clone()];
    let signed = list.sign(&root()).unwrap();
    assert_eq!(TrustList::open(&signed, &roots, None), Ok(list.clone()));
    assert_eq!(
        TrustList::open(&signed, &roots, Some(&list)),
        Ok(list.clone())
    );

    let unknown = TrustList::open(&signed, &roots[..1], None);
    assert_eq!(unknown, Err(BadTrustList::UnknownRoot { key: root().id() }));

    let older = TrustList::new(2, list.issued_at(), list.keys().to_vec()).unwrap();
    let other = TrustList::new(3, list.issued_at(), list.keys()[..1].to_vec()).unwrap();
    for offered in [older, other] {
        let refused = TrustList::open(&offered.sign(&root()).unwrap(), &roots, Some(&list));
        let offered = offered.sequence();
        assert_eq!(refused, Err(BadTrustList::Superseded { held: 3, offered }));
    }
    let newer = TrustList::new(4, list.issued_at(), vec![]).unwrap();
    assert!(TrustList::open(&newer.sign(&root()).unwrap(), &roots, Some(&list)).is_ok());
}

#[test]
fn a_trust_list_with_keys_that_cannot_be_told_apart_or_used_is_refused() {
    let key = issuer();
    let twice = vec![
        trusted(key.public_key(), 0, 10),
        trusted(key.public_key(), 10, 20),
    ];
    let same = TrustList::new(1, at(NOW), twice);
    assert_eq!(same, Err(BadTrustList::SameName { key: key.id() }));
    let never = TrustList::new(1, at(NOW), vec![trusted(key.public_key(), 10, 10)]);
    assert_eq!(never, Err(BadTrustList::NeverValid { key: key.id() }));
}

#[test]
fn the_trust_list_can_be_read_by_people() {
    let json = trust().to_json();
    for expected in [
        "\"3301\"",
        &issuer().id().to_string(),
        "2020-02-19T08:00:00Z",
        STATUS_URI,
    ] {
        assert!(json.contains(expected), "{expected} in {json}");
    }
}
