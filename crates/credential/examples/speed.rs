//! How fast codes are signed and verified on one core:
//! `cargo run --release -p credential --example speed`.

#![expect(clippy::print_stdout, reason = "it reports on the terminal")]
#![expect(
    clippy::disallowed_methods,
    reason = "a measurement reads the machine's clock"
)]

use std::error::Error;
use std::time::Instant;

use credential::*;
use domain::{Assurance, Colour, Timestamp};
use jiff::SignedDuration;

fn main() -> Result<(), Box<dyn Error>> {
    let now = Timestamp::from_second(1_581_926_400)?;
    let key = IssuerKey::from_seed(&[7; 32])?;
    let phone = HolderKey::from_bytes([8; 32])?;
    let freshness = IssuerKey::from_seed(&[9; 32])?;
    let validity = ListValidity {
        issued_at: now,
        expires_at: now + SignedDuration::from_hours(24),
        freshness_key: freshness.public_key().clone(),
    };
    let list = TrustList::new(
        1,
        validity,
        vec![TrustedKey {
            issuer: "330100".parse()?,
            status_uri: "https://health.example/status".to_owned(),
            key: key.public_key().clone(),
            from: now,
            until: now + SignedDuration::from_hours(24),
        }],
    )?;
    let statement = list.confirm(&freshness, now)?;
    let trust = FreshTrustList::confirmed(list, &statement, now)?;
    let claims = |bearer: Bearer| Claims {
        serial: Serial::from_bytes([1; 8]),
        colour: Colour::Green,
        issued_at: now,
        expires_at: now + bearer.form().longest_life(),
        status: StatusRef {
            list: 0,
            index: 4711,
        },
        assurance: Assurance::Seen,
        bearer,
    };
    let list = StatusListBuilder::new(1_000_000);
    let list = list.build(
        now,
        SignedDuration::from_secs(60),
        SignedDuration::from_hours(24),
    );
    let mut lists = StatusLists::new();
    lists.hold("330100".parse()?, 0, list)?;

    let plain_claims = claims(Bearer::Plain);
    let phone_claims = claims(Bearer::Phone(phone.public_key()?));
    let plain = plain_code(&key.sign(&plain_claims)?);
    let assertion = key.sign(&phone_claims)?;
    let live = live_code(&assertion, &phone.present(&assertion, now, 1)?)?;
    let settings = Settings::default();

    println!("machine: {}, one core", processor());
    println!(
        "verifier: {}",
        if cfg!(feature = "fast") {
            "aws-lc-rs"
        } else {
            "pure Rust"
        }
    );
    measure("sign an assertion for a phone", || {
        key.sign(&phone_claims).is_ok()
    });
    measure("sign and write a plain code", || {
        key.sign(&plain_claims)
            .is_ok_and(|assertion| !plain_code(&assertion).is_empty())
    });
    measure("read a live code, verify nothing", || {
        Code::decode(&live).is_ok()
    });
    measure("verify a plain code", || {
        verify(&plain, &trust, Some(&lists), now, &settings).is_ok()
    });
    measure("verify a live code", || {
        verify(&live, &trust, Some(&lists), now, &settings).is_ok()
    });
    measure("draw a live code as SVG", || {
        Qr::new(&live).is_ok_and(|qr| qr.svg("code").len() > 9)
    });
    Ok(())
}

/// Repeats `work` for about a second, and says how long one took.
fn measure(what: &str, mut work: impl FnMut() -> bool) {
    let start = Instant::now();
    let mut times = 0u32;
    while start.elapsed().as_millis() < 1000 {
        assert!(work(), "{what} failed");
        times += 1;
    }
    let seconds = start.elapsed().as_secs_f64();
    let (rate, each) = (f64::from(times) / seconds, seconds / f64::from(times) * 1e6);
    println!("{what:<34} {rate:>9.0} a second  {each:>7.1} µs each");
}

fn processor() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info
        .lines()
        .find_map(|line| line.strip_prefix("model name"));
    name.map_or("unknown processor", |name| {
        name.trim_start_matches([' ', '\t', ':'])
    })
    .to_owned()
}
