use super::*;

#[cfg(feature = "fast")]
use ed25519_dalek::Signer as _;

fn ed25519_pair(seed: u8) -> (ed25519_dalek::SigningKey, PublicKey) {
    let secret = ed25519_dalek::SigningKey::from_bytes(&[seed; 32]);
    let public = PublicKey::new(Algorithm::Ed25519, secret.verifying_key().as_bytes());
    (secret, public.unwrap())
}

#[test]
fn a_public_key_survives_text() {
    let (_, key) = ed25519_pair(7);
    assert_eq!(key.to_string().parse(), Ok(key.clone()));
    assert_eq!("ed25519:00".parse::<PublicKey>(), Err(BadKey::NotAKey));
    assert_eq!("rsa:00".parse::<PublicKey>(), Err(BadKey::NotText));
    assert_eq!("ed25519".parse::<PublicKey>(), Err(BadKey::NotText));
}

#[test]
fn a_weak_key_that_anybody_could_sign_for_is_refused() {
    // The identity point: y = 1.
    let mut identity = [0; 32];
    identity[0] = 1;
    assert_eq!(
        PublicKey::new(Algorithm::Ed25519, &identity),
        Err(BadKey::NotAKey)
    );
    assert_eq!(
        PublicKey::new(Algorithm::Es256, &[0; 33]),
        Err(BadKey::NotAKey)
    );
    assert_eq!(
        PublicKey::new(Algorithm::Es256, &[2; 32]),
        Err(BadKey::NotAKey)
    );
}

#[test]
fn the_signature_of_rfc_8032_is_accepted() {
    // RFC 8032 section 7.1, test 3.
    let key = "ed25519:fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025";
    let key: PublicKey = key.parse().unwrap();
    let signature = "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac\
                     18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a";
    let signature: [u8; 64] = hex::decode(signature).unwrap().try_into().unwrap();
    assert!(key.verifies(&[0xaf, 0x82], &signature));
    assert!(!key.verifies(&[0xaf, 0x83], &signature));
}

#[cfg(feature = "fast")]
proptest::proptest! {
    #![proptest_config(domain::testing::property_cases(256))]

    #[test]
    fn both_verifiers_agree_on_ed25519(
        seed: u8,
        message: Vec<u8>,
        flip in proptest::option::of(0usize..512),
    ) {
        let (secret, public) = ed25519_pair(seed);
        let signature = flipped(secret.sign(&message).to_bytes(), flip);
        let pure = pure::Verifier::new(Algorithm::Ed25519, public.as_bytes()).unwrap();
        let fast = fast::Verifier::new(Algorithm::Ed25519, public.as_bytes()).unwrap();
        proptest::prop_assert_eq!(pure.verifies(&message, &signature), flip.is_none());
        proptest::prop_assert_eq!(fast.verifies(&message, &signature), flip.is_none());
    }

    #[test]
    fn both_verifiers_agree_on_es256(
        seed in 1u8..255,
        message: Vec<u8>,
        flip in proptest::option::of(0usize..512),
        negate: bool,
    ) {
        let secret = p256::ecdsa::SigningKey::from_slice(&[seed; 32]).unwrap();
        let key: [u8; 33] =
            secret.verifying_key().to_sec1_point(true).as_bytes().try_into().unwrap();
        let signature: p256::ecdsa::Signature = secret.sign(&message);
        // A browser may give either of the two signatures that differ in the sign of s.
        let signature = if negate {
            let (r, s) = signature.split_scalars();
            p256::ecdsa::Signature::from_scalars(*r, -*s).unwrap()
        } else {
            signature
        };
        let signature = flipped(signature.to_bytes().into(), flip);
        let pure = pure::p256_verifies(&key, &message, &signature);
        let fast = fast::p256_verifies(&key, &message, &signature);
        proptest::prop_assert_eq!(pure, flip.is_none());
        proptest::prop_assert_eq!(fast, flip.is_none());
    }

    #[test]
    fn both_verifiers_refuse_random_keys_and_signatures_alike(
        key in proptest::array::uniform32(proptest::num::u8::ANY),
        signature in proptest::collection::vec(proptest::num::u8::ANY, 64),
    ) {
        let signature: [u8; 64] = signature.try_into().unwrap();
        let compressed: [u8; 33] = [&[2], &key[..]].concat().try_into().unwrap();
        proptest::prop_assert!(!pure::p256_verifies(&compressed, b"message", &signature));
        proptest::prop_assert!(!fast::p256_verifies(&compressed, b"message", &signature));
    }
}

#[cfg(feature = "fast")]
fn flipped(mut signature: [u8; 64], bit: Option<usize>) -> [u8; 64] {
    if let Some(bit) = bit {
        signature[bit / 8] ^= 1 << (bit % 8);
    }
    signature
}
