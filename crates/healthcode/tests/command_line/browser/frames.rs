//! How long a scanner takes from a frame of its camera to the answer: `cargo xtask bench --only frames` prints it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::json;
use service::credential::Qr;

use super::scanner::{film_of, live_text};
use super::webdriver::Driver;
use super::{Town, a_resident_proves_a_phone};

const WIDTH: usize = 640;
const HEIGHT: usize = 480;
/// Frames that are measured, after some to warm up.
const ROUNDS: usize = 230;
const WARM_UP: usize = 30;

#[test]
#[ignore = "measures; run it with `cargo xtask bench --only frames`"]
fn from_the_frame_to_the_answer() {
    let driver = Driver::start().expect("HEALTHCODE_TEST_CHROMEDRIVER names a chromedriver");
    let town = Town::start();
    let phone = driver.browser();
    a_resident_proves_a_phone(&town, &phone);
    town.open(&phone, "/me");
    println!("| 640 x 480, a live code | read | in the middle | 99 % within | longest of 200 |");
    println!("|---|---|---|---|---|");
    for (name, is_there, held) in [
        ("held straight", true, Held::STRAIGHT),
        ("turned by 5°, in noise", true, Held::TURNED),
        ("turned by 12°, blurred, in noise", true, Held::BADLY),
        ("none in the frame, only noise", false, Held::BADLY),
    ] {
        let text = live_text(&phone);
        let code = is_there.then(|| Qr::new(&text).unwrap());
        let film = filmed(&town.folder.path(""), code.as_ref(), held);
        let guard = driver.browser_that_films(&film);
        town.open(&guard, "/checkpoint");
        guard.waits_for_scripts(Duration::from_secs(240));
        let measured = guard.run_and_wait(include_str!("frames.js"), &json!([ROUNDS]));
        assert!(measured["failed"].is_null(), "{measured}");
        let nothing = measured["answers"]["nothing"].as_u64().unwrap_or(0);
        let read = ROUNDS as u64 - nothing;
        let took = measured["took"].as_array().unwrap().iter();
        let mut took: Vec<f64> = took
            .skip(WARM_UP)
            .map(|one| one.as_f64().unwrap())
            .collect();
        took.sort_by(f64::total_cmp);
        let [middle, most, longest] = [50, 99, 100].map(|part| took[(took.len() - 1) * part / 100]);
        println!(
            "| {name} | {read} of {ROUNDS} | {middle:.1} ms | {most:.1} ms | {longest:.1} ms |"
        );
    }
}

/// How a code is held before the camera.
#[derive(Clone, Copy)]
struct Held {
    /// In degrees.
    turned: f64,
    /// How far a point differs at most from what it should be.
    noise: u32,
    /// Whether each point is the mean of its neighbours.
    is_blurred: bool,
}

impl Held {
    const STRAIGHT: Self = Self {
        turned: 0.0,
        noise: 0,
        is_blurred: false,
    };
    const TURNED: Self = Self {
        turned: 5.0,
        noise: 20,
        is_blurred: false,
    };
    const BADLY: Self = Self {
        turned: 12.0,
        noise: 40,
        is_blurred: true,
    };
}

/// The film of it.
fn filmed(folder: &Path, code: Option<&Qr>, held: Held) -> PathBuf {
    let (sine, cosine) = held.turned.to_radians().sin_cos();
    let middle = [WIDTH as f64 / 2.0, HEIGHT as f64 / 2.0];
    let point = |x: usize, y: usize| {
        let Some(code) = code else {
            return 120;
        };
        let scale = HEIGHT as f64 * 0.7 / (code.size() as f64);
        let [dx, dy] = [x as f64 - middle[0], y as f64 - middle[1]];
        let place = |along: f64| (along / scale + code.size() as f64 / 2.0).floor();
        let [column, row] = [cosine * dx + sine * dy, cosine * dy - sine * dx].map(place);
        let inside = 0.0..code.size() as f64;
        let is_dark = inside.contains(&column)
            && inside.contains(&row)
            && code.is_dark(column as usize, row as usize);
        if is_dark { 40 } else { 210 }
    };
    let sharp: Vec<u32> = (0..WIDTH * HEIGHT)
        .map(|place| point(place % WIDTH, place / WIDTH))
        .collect();
    // The same noise each time: a linear congruential generator.
    let mut state = 1_u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) % (2 * held.noise + 1)
    };
    let shown = |place: usize| {
        let (x, y) = (place % WIDTH, place / WIDTH);
        if !held.is_blurred || x == 0 || y == 0 || x == WIDTH - 1 || y == HEIGHT - 1 {
            return sharp[place];
        }
        let rows = (y - 1..=y + 1).map(|row| row * WIDTH + x);
        rows.flat_map(|at| [sharp[at - 1], sharp[at], sharp[at + 1]])
            .sum::<u32>()
            / 9
    };
    let picture = (0..WIDTH * HEIGHT).map(|place| {
        let value = (shown(place) + noise()).saturating_sub(held.noise);
        value.clamp(16, 235) as u8
    });
    film_of(folder, "held.y4m", &picture.collect::<Vec<_>>())
}
