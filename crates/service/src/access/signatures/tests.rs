//! Signatures of the standards, and of a feed that signs too little, too late or something else.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};

use super::*;

const NOON: i64 = 1_618_884_473;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn feed() -> FeedId {
    FeedId::from_u128(7)
}

/// RFC 9421, appendix B.2.6: the components, the base, the key and the signature.
#[test]
fn the_example_of_the_standard_verifies() {
    let header = |name: &str| {
        let value = match name {
            "date" => "Tue, 20 Apr 2021 02:07:55 GMT",
            "content-type" => "application/json",
            "content-length" => "18",
            _ => return None,
        };
        Some(value.to_owned())
    };
    let request = SignedRequest {
        method: "POST",
        scheme: "https",
        authority: "Example.com:443",
        path: "/foo",
        query: Some("param=Value&Pet=dog"),
        header: &header,
    };
    let text = "sig-b26=(\"date\" \"@method\" \"@path\" \"@authority\" \"content-type\" \
                \"content-length\");created=1618884473;keyid=\"test-key-ed25519\"";
    let input = input(members(text)[0]).unwrap();
    let base = base(&request, &input).unwrap();
    let key: FeedKey = "JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs="
        .parse()
        .unwrap();
    let signature = byte_sequence(
        ":wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:",
    );
    let fits = UnparsedPublicKey::new(&ED25519, key.0).verify(base.as_bytes(), &signature.unwrap());
    assert!(fits.is_ok(), "{base}");
}

/// RFC 9530, appendix A.
#[test]
fn the_digests_of_the_standard_fit_their_body() {
    let body = b"{\"hello\": \"world\"}\n";
    let said = "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:";
    assert_eq!(ContentDigest::read(said).unwrap().check(body), Ok(()));
    let changed = ContentDigest::read(said).unwrap().check(b"{}");
    assert_eq!(changed, Err(SignatureFault::Body));
    for unknown in ["", "md5=:AAAA:", "sha-256=AAAA", "sha-256=:?:"] {
        assert_eq!(ContentDigest::read(unknown), None, "{unknown}");
    }
}

/// What a feed sends; signed over what `change` makes of it.
fn outcome(
    components: &str,
    parameters: &str,
    change: impl Fn(&mut Vec<(&'static str, String)>),
) -> Result<(), SignatureFault> {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[5; 32]).unwrap();
    let key = FeedKey(pair.public_key().as_ref().try_into().unwrap());
    let body = BASE64_STANDARD.encode(digest(&SHA256, b"{}"));
    let mut headers = vec![
        ("content-digest", format!("sha-256=:{body}:")),
        ("idempotency-key", "k".to_owned()),
    ];
    let text = format!("{components}{parameters}");
    let signed = {
        let header = |name: &str| {
            let mut all = headers.iter();
            all.find(|(found, _)| *found == name)
                .map(|one| one.1.clone())
        };
        base(&asked(&header), &input(("sig", &text)).unwrap()).unwrap()
    };
    let signature = BASE64_STANDARD.encode(pair.sign(signed.as_bytes()));
    headers.push((
        "signature-input",
        format!("proxy=(\"@method\");keyid=\"a,b\", sig={text}"),
    ));
    headers.push(("signature", format!("proxy=:AAAA:, sig=:{signature}:")));
    change(&mut headers);
    let header = |name: &str| {
        let mut all = headers.iter();
        all.find(|(found, _)| *found == name)
            .map(|one| one.1.clone())
    };
    let verified = verify(&asked(&header), feed(), key, at(NOON))?;
    verified.digest.check(b"{}")
}

fn asked(header: &(dyn Fn(&str) -> Option<String> + Sync)) -> SignedRequest<'_> {
    SignedRequest {
        method: "POST",
        scheme: "https",
        authority: "code.example",
        path: "/api/v1/evidence",
        query: None,
        header,
    }
}

const COVERED: &str =
    "(\"@method\" \"@authority\" \"@path\" \"content-digest\" \"idempotency-key\")";

fn parameters(created: i64) -> String {
    format!(";created={created};keyid=\"{}\"", feed())
}

#[test]
fn a_signature_counts_over_the_whole_request_and_for_five_minutes() {
    use SignatureFault as Fault;
    let same = |_: &mut Vec<(&'static str, String)>| {};
    let by_address = "(\"@method\" \"@target-uri\" \"content-digest\" \"idempotency-key\")";
    for components in [COVERED, by_address] {
        for age in [0, 300, -30] {
            assert_eq!(
                outcome(components, &parameters(NOON - age), same),
                Ok(()),
                "{age}"
            );
        }
    }
    for age in [301, -31] {
        let wrong = outcome(COVERED, &parameters(NOON - age), same);
        assert_eq!(wrong, Err(Fault::Time), "{age}");
    }
    for missing in [
        "@method",
        "@authority",
        "@path",
        "content-digest",
        "idempotency-key",
    ] {
        let fewer = COVERED.replace(&format!("\"{missing}\""), "");
        let wrong = outcome(&fewer, &parameters(NOON), same);
        assert_eq!(wrong, Err(Fault::Uncovered(missing)));
    }
    let no_time = outcome(COVERED, &format!(";keyid=\"{}\"", feed()), same);
    assert_eq!(no_time, Err(Fault::Time));
    let foreign = format!(";created={NOON};keyid=\"{}\"", FeedId::from_u128(8));
    assert_eq!(outcome(COVERED, &foreign, same), Err(Fault::Key));
    let other = format!("{};alg=\"hmac-sha256\"", parameters(NOON));
    assert_eq!(outcome(COVERED, &other, same), Err(Fault::Key));
    let named = format!("{};alg=\"ed25519\";nonce=\"a;b=(c\"", parameters(NOON));
    assert_eq!(outcome(COVERED, &named, same), Ok(()));
    for (expires, expected) in [(NOON, Ok(())), (NOON - 1, Err(Fault::Time))] {
        let short = format!("{};expires={expires}", parameters(NOON - 9));
        assert_eq!(outcome(COVERED, &short, same), expected, "{expires}");
    }
}

#[test]
fn what_was_changed_or_does_not_read_is_refused() {
    use SignatureFault as Fault;
    let put = |name: &'static str, value: &'static str| {
        let change = move |headers: &mut Vec<(&'static str, String)>| {
            headers.retain(|(found, _)| *found != name);
            headers.push((name, value.to_owned()));
        };
        outcome(COVERED, &parameters(NOON), change)
    };
    assert_eq!(put("idempotency-key", "another"), Err(Fault::Wrong));
    let empty = "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:";
    assert_eq!(put("content-digest", empty), Err(Fault::Wrong));
    assert_eq!(put("signature", "sig=:AAAA:"), Err(Fault::Wrong));
    let unreadable = Err(Fault::Unreadable("Signature"));
    assert_eq!(put("signature", "other=:AAAA:"), unreadable);
    assert_eq!(put("signature", "sig=AAAA"), unreadable);
    for text in [
        "sig=1",
        "sig=()x",
        "sig=(\"@method\";req)",
        "sig=(\"A\")",
        "sig=(\"\")",
    ] {
        let wrong = put("signature-input", text);
        assert_eq!(wrong, Err(Fault::Unreadable("Signature-Input")), "{text}");
    }
    let gone = |headers: &mut Vec<(&'static str, String)>| {
        headers.retain(|(name, _)| !name.starts_with("signature"));
    };
    let missing = outcome(COVERED, &parameters(NOON), gone);
    assert_eq!(missing, Err(Fault::Missing));
}

#[test]
fn a_key_survives_its_text() {
    let text = "JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=";
    assert_eq!(text.parse::<FeedKey>().unwrap().to_string(), text);
    for bad in ["", "AAAA", "JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs"] {
        assert_eq!(bad.parse::<FeedKey>(), Err(BadFeedKey), "{bad}");
    }
}
