//! The test vectors, made anew from fixed keys. `vectors/*.json` hold what this gives; the example
//! `vectors` writes them, and the test `vectors` fails when they are stale.

use credential::*;
use domain::{Assurance, Colour};
use serde_json::{Value, json};

use super::city::*;

mod cases;

pub use cases::accepted_json;

/// The name and the content of each file.
pub fn files() -> Vec<(&'static str, String)> {
    let text = |value: Value| format!("{value:#}\n");
    vec![
        ("keys.json", text(keys())),
        ("assertions.json", text(assertions())),
        ("trust-list.json", text(trust_list())),
        ("status-list.json", text(status_list())),
        ("verify.json", text(cases::verify_cases())),
    ]
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An issuer in a hardware module that only does ES256.
pub fn hardware() -> p256::ecdsa::SigningKey {
    p256::ecdsa::SigningKey::from_slice(&[0x55; 32]).unwrap()
}

pub fn hardware_public() -> PublicKey {
    let point = hardware().verifying_key().to_sec1_point(true);
    PublicKey::new(Algorithm::Es256, point.as_bytes()).unwrap()
}

/// The trust list of the vectors: two Ed25519 keys that overlap, and an ES256 key.
pub fn trust_with_hardware() -> TrustList {
    let mut keys = trusted_keys();
    keys.push(trusted(&hardware_public(), NOW, NOW + 86_400));
    list_of(3, keys)
}

fn keys() -> Value {
    let issuer_key = |name: &str, seed: u8, key: &IssuerKey| {
        json!({
            "name": name,
            "algorithm": "ed25519",
            "seed": hex(&[seed; 32]),
            "public_key": hex(key.public_key().as_bytes()),
            "key_id": key.id().to_string(),
        })
    };
    json!({
        "about": "Private keys of the vectors, all bytes in hexadecimal. Never use them for anything else. seed: RFC 8032 private key; scalar: P-256 private key, big-endian. key_id: the first 4 bytes of SHA-256(public_key).",
        "keys": [
            issuer_key("root", 0xf0, &root()),
            issuer_key("issuer", 0x11, &issuer()),
            issuer_key("next-issuer", 0x22, &next_issuer()),
            issuer_key("freshness", 0x66, &freshness()),
            {
                "name": "hardware-issuer",
                "algorithm": "es256",
                "scalar": hex(&[0x55; 32]),
                "public_key": hex(hardware_public().as_bytes()),
                "key_id": hardware_public().id().to_string(),
            },
            {
                "name": "phone",
                "algorithm": "es256",
                "scalar": hex(&[0x33; 32]),
                "public_key": hex(&phone().public_key().unwrap().to_bytes()),
            },
        ],
    })
}

fn assertions() -> Value {
    let table = [
        (
            "plain-green",
            Claims {
                colour: Colour::Green,
                ..claims(Bearer::Plain)
            },
        ),
        (
            "plain-yellow",
            Claims {
                colour: Colour::Yellow,
                ..claims(Bearer::Plain)
            },
        ),
        (
            "phone-red",
            Claims {
                colour: Colour::Red,
                ..phone_claims()
            },
        ),
        (
            "card-name-not-checked",
            Claims {
                assurance: Assurance::Claimed,
                ..card_claims()
            },
        ),
        (
            "largest-numbers",
            Claims {
                issued_at: at(i64::from(u32::MAX) - 1),
                expires_at: at(i64::from(u32::MAX)),
                status: StatusRef {
                    list: u32::MAX,
                    index: u32::MAX,
                },
                ..claims(Bearer::Plain)
            },
        ),
        (
            "small-numbers",
            Claims {
                status: StatusRef { list: 0, index: 23 },
                ..claims(Bearer::Plain)
            },
        ),
    ];
    let written = table.iter().map(|(name, claims)| {
        let assertion = issuer().sign(claims).unwrap();
        json!({
            "name": name,
            "claims": claims_json(claims),
            "assertion": hex(assertion.as_bytes()),
            "code": plain_code(&assertion),
        })
    });
    let assertion = issuer().sign(&phone_claims()).unwrap();
    let shown = phone().present(&assertion, at(NOW + 5), 1).unwrap();
    json!({
        "about": "Claims, the assertion that the key 'issuer' makes of them (Ed25519 is deterministic, so every byte must agree) and its text. Then what the phone signs for a live code; its ECDSA signature is one of many valid ones.",
        "assertions": written.collect::<Vec<_>>(),
        "live": {
            "assertion": hex(assertion.as_bytes()),
            "shown_at": NOW + 5,
            "counter": 1,
            "message": hex(&live_message(&assertion, at(NOW + 5), 1).unwrap()),
            "signature": hex(&shown.signature),
            "code": live_code(&assertion, &shown).unwrap(),
        },
    })
}

fn claims_json(claims: &Claims) -> Value {
    let mut written = json!({
        "serial": claims.serial.to_string(),
        "colour": claims.colour.as_str(),
        "issued_at": claims.issued_at.as_second(),
        "expires_at": claims.expires_at.as_second(),
        "status_list": claims.status.list,
        "status_index": claims.status.index,
        "assurance": claims.assurance.as_str(),
    });
    written["form"] = json!(claims.bearer.form().as_str());
    match &claims.bearer {
        Bearer::Card { name } => written["name"] = json!(name.as_str()),
        Bearer::Phone(key) => written["holder_key"] = json!(hex(&key.to_bytes())),
        Bearer::Plain => {}
    }
    written
}

fn trust_list() -> Value {
    let list = trust_with_hardware();
    let signed = list.sign(&root()).unwrap();
    let mut forged = signed.clone();
    *forged.last_mut().unwrap() ^= 1;
    let older = list_of(2, list.keys().to_vec());
    let statement = list.confirm(&freshness(), at(NOW)).unwrap();
    json!({
        "about": "A trust list signed by the key 'root', what is in it, and lists that a verifier which pins 'root' and holds the first must refuse. `handed_out` is the list with the statement of the key 'freshness', made at `confirmed_at`, that it is the newest.",
        "root": root().public_key().to_string(),
        "signed": hex(&signed),
        "content": serde_json::from_str::<Value>(&list.to_json()).unwrap(),
        "confirmed_at": NOW,
        "freshness": hex(&statement),
        "handed_out": hex(&TrustList::join(&signed, &statement)),
        "refused": [
            { "why": "bad-signature", "signed": hex(&forged) },
            { "why": "unknown-root", "signed": hex(&list.sign(&issuer()).unwrap()) },
            { "why": "superseded", "signed": hex(&older.sign(&root()).unwrap()) },
        ],
    })
}

fn status_list() -> Value {
    let revoked = [0, 7, 8, 4711, 8191];
    let token = list_token(NOW, &revoked);
    let mut forged = token.clone();
    *forged.last_mut().unwrap() ^= 1;
    let list = || StatusListBuilder::new(8192).build(at(NOW), seconds(60), hours(24));
    let elsewhere = list()
        .sign(&issuer(), "https://elsewhere.example/status/7")
        .unwrap();
    let stranger = list().sign(&root(), &format!("{STATUS_URI}/7")).unwrap();
    json!({
        "about": "Status list 7 of the issuer, what is in it, and tokens that a verifier which holds the trust list must refuse. The packed bytes of a list may differ from one zlib to another; the unpacked ones may not.",
        "token": hex(&token),
        "uri": format!("{STATUS_URI}/7"),
        "issued_at": NOW,
        "expires_at": NOW + 86_400,
        "ttl": 60,
        "places": 8192,
        "revoked": revoked,
        "refused": [
            { "why": "bad-signature", "token": hex(&forged) },
            { "why": "wrong-subject", "token": hex(&elsewhere) },
            { "why": "unknown-issuer", "token": hex(&stranger) },
        ],
    })
}
