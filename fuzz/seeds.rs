//! Writes what the test vectors hold to `corpus/decode`, each piece once as it is and once as the
//! claims inside its signature, so that fuzzing begins with inputs that are nearly right.

use std::error::Error;
use std::fs;
use std::path::Path;

use minicbor::Decoder;
use serde_json::Value;

/// What the first byte of an input says about the rest, as in `fuzz_targets/decode.rs`.
const TEXT: u8 = 0;
const ASSERTION: u8 = 2;
const STATUS_LIST: u8 = 3;
const TRUST_LIST: u8 = 4;
/// From something signed to the claims inside.
const CLAIMS_OF: u8 = 3;

fn main() -> Result<(), Box<dyn Error>> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let corpus = here.join("corpus/decode");
    fs::create_dir_all(&corpus)?;
    let mut count = 0;
    for file in ["assertions", "status-list", "trust-list", "verify"] {
        let path = here.join(format!("../crates/credential/vectors/{file}.json"));
        let mut seeds = Vec::new();
        collect(&serde_json::from_slice(&fs::read(path)?)?, &mut seeds);
        for seed in &seeds {
            fs::write(corpus.join(format!("{file}-{count:03}")), seed)?;
            count += 1;
        }
    }
    println!("{count} inputs written to {}", corpus.display());
    Ok(())
}

fn collect(value: &Value, seeds: &mut Vec<Vec<u8>>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match (&**name, value) {
                    ("code" | "text", Value::String(code)) => seeds.push(seed(TEXT, code.as_bytes())),
                    ("assertion", Value::String(hex)) => add_signed(ASSERTION, hex, seeds),
                    ("token", Value::String(hex)) => add_signed(STATUS_LIST, hex, seeds),
                    ("signed" | "trust_list", Value::String(hex)) => add_signed(TRUST_LIST, hex, seeds),
                    _ => collect(value, seeds),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, seeds)),
        _ => {}
    }
}

fn add_signed(choice: u8, hex: &str, seeds: &mut Vec<Vec<u8>>) {
    let pair = |digits: &[u8]| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok();
    let Some(bytes) = hex.as_bytes().chunks(2).map(pair).collect::<Option<Vec<u8>>>() else {
        return;
    };
    if let Ok(claims) = claims(&bytes) {
        seeds.push(seed(choice + CLAIMS_OF, claims));
    }
    seeds.push(seed(choice, &bytes));
}

fn seed(choice: u8, rest: &[u8]) -> Vec<u8> {
    [&[choice], rest].concat()
}

/// The payload of a COSE_Sign1.
fn claims(bytes: &[u8]) -> Result<&[u8], minicbor::decode::Error> {
    let mut cbor = Decoder::new(bytes);
    cbor.tag()?;
    cbor.array()?;
    cbor.skip()?;
    cbor.skip()?;
    cbor.bytes()
}
