//! A code in the hand and a scanner at the gate, with and without a network.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use service::credential::Qr;

use super::webdriver::{Browser, Driver};
use super::{Town, a_resident_proves_a_phone};

/// The film of a camera before which a code is held.
pub fn film(folder: &Path, name: &str, square: &Qr) -> PathBuf {
    const WIDTH: usize = 640;
    const HEIGHT: usize = 480;
    let side = square.size() + 8;
    let scale = HEIGHT / side;
    let edge = (WIDTH - side * scale) / 2;
    let mut picture = vec![235; WIDTH * HEIGHT];
    for y in 0..square.size() * scale {
        for x in 0..square.size() * scale {
            if square.is_dark(x / scale, y / scale) {
                picture[(y + 4 * scale) * WIDTH + x + edge + 4 * scale] = 16;
            }
        }
    }
    film_of(folder, name, &picture)
}

/// The film of a camera before which nothing moves: the brightness of 640 by 480 points, row by row.
pub fn film_of(folder: &Path, name: &str, picture: &[u8]) -> PathBuf {
    let path = folder.join(name);
    let mut file = std::fs::File::create(&path).unwrap();
    writeln!(file, "YUV4MPEG2 W640 H480 F10:1 Ip A1:1 C420jpeg").unwrap();
    for _ in 0..3 {
        writeln!(file, "FRAME").unwrap();
        file.write_all(picture).unwrap();
        file.write_all(&vec![128; picture.len() / 2]).unwrap();
    }
    path
}

/// The text of the code that a phone shows live.
pub fn live_text(phone: &Browser) -> String {
    phone.waits_for("document.documentElement.dataset.live === \"yes\"");
    phone.text_of("#code-text")
}

pub fn shows(guard: &Browser, answer: &str) {
    guard.waits_for(&format!(
        "document.querySelector(\"#scanner-answer [data-answer={answer}]\")"
    ));
}

pub fn types(guard: &Browser, text: &str) {
    // As a hand scanner does, which ends with the enter key (w3.org/TR/webdriver2, keyboard actions).
    guard.type_into("#code", &format!("{text}\u{e007}"));
}

/// A page that was opened once and is kept from then on.
pub fn is_kept(town: &Town, browser: &Browser, path: &str) {
    browser
        .run("window.kept = navigator.serviceWorker.ready.then(() => { window.isKept = true; });");
    browser.waits_for("window.isKept");
    town.open(browser, path);
}

#[test]
fn code_and_scanner_work_for_a_day_without_a_network() {
    let Some(driver) = Driver::start() else {
        return;
    };
    let (_town, guard, text) = without_a_network(&driver);
    later(&guard, 25 * 60);
    types(&guard, &text);
    shows(&guard, "no-news");
    guard.waits_for(
        "document.getElementById(\"scanner-age\").textContent.includes(\"No news for a day\")",
    );
}

#[test]
fn code_and_scanner_work_without_a_network_in_firefox_too() {
    if let Some(driver) = Driver::of_firefox() {
        without_a_network(&driver);
    }
}

/// From the first visit to a green code, which passes while neither phone nor checkpoint has a network; the
/// guard's browser, and the code.
fn without_a_network(driver: &Driver) -> (Town, Browser, String) {
    let mut town = Town::start();
    let (phone, guard) = (driver.browser(), driver.browser());
    a_resident_proves_a_phone(&town, &phone);
    live_text(&phone);
    is_kept(&town, &phone, "/me");
    phone.reads("/me", "Live on this phone");
    phone.has_no_barriers();
    town.open(&guard, "/checkpoint");
    guard.waits_for("document.getElementById(\"scanner-age\").textContent.includes(\"Lists of\")");
    is_kept(&town, &guard, "/checkpoint");
    guard.waits_for("document.getElementById(\"scanner-age\").textContent.includes(\"Lists of\")");
    guard.has_no_barriers();
    // Once more, so that what the scanner runs is kept as well.
    types(&guard, "not a code");
    shows(&guard, "not-known");
    guard.has_no_barriers();

    town.open(&phone, "/declare");
    phone.reads("/declare", "You reported today");
    town.loses_its_network();
    // What was filled in stays, and waits.
    phone.press("input[name='symptom'][value='cough']");
    phone.press("input[name='contact'][value='none']");
    phone.press("form[data-keep] button");
    phone.reads("/declare", "Leave this page open");
    phone.waits_for("document.querySelector(\"input[value=cough]\").checked");
    phone.has_no_barriers();
    town.open(&phone, "/me");
    phone.reads("/me", "No network since");
    phone.reads("/me", "Green");
    let text = live_text(&phone);
    phone.has_no_barriers();
    town.open(&guard, "/checkpoint");
    guard.reads("/checkpoint", "No network since");
    types(&guard, &text);
    shows(&guard, "unproven");
    guard.reads("/checkpoint", "Name not checked");
    types(&guard, &text);
    shows(&guard, "copied");
    let forged = format!("{}{}", &text[..20], &text[21..]);
    types(&guard, &forged);
    shows(&guard, "unreadable");
    // What is not kept says so.
    town.open(&phone, "/declare");
    phone.reads("/declare", "No network");
    (town, guard, text)
}

#[test]
fn a_guard_films_a_real_code_a_copy_of_it_and_a_forged_one() {
    let Some(driver) = Driver::start() else {
        return;
    };
    let town = Town::start();
    let phone = driver.browser();
    a_resident_proves_a_phone(&town, &phone);
    town.open(&phone, "/me");
    let text = live_text(&phone);
    let forged = format!("{}{}", &text[..20], &text[21..]);
    let folder = town.folder.path("");
    for (name, text, answer) in [
        ("real.y4m", &text, "unproven"),
        ("copied.y4m", &text, "copied"),
        ("forged.y4m", &forged, "unreadable"),
    ] {
        let guard = driver.browser_that_films(&film(&folder, name, &Qr::new(text).unwrap()));
        town.open(&guard, "/checkpoint");
        guard.press("#scanner-start");
        shows(&guard, answer);
        guard.reads("/checkpoint", "Scanned since the start: 1");
        guard.has_no_barriers();
        let took = guard.attribute("#scanner", "data-took");
        println!("{name}: from the frame to what stands in it in {took} ms");
    }
}

#[test]
fn a_screenshot_an_expired_code_and_one_that_was_shown_before_do_not_pass() {
    let Some(driver) = Driver::start() else {
        return;
    };
    let town = Town::start();
    let phone = driver.browser();
    a_resident_proves_a_phone(&town, &phone);
    town.open(&phone, "/me");
    let live = live_text(&phone);
    let page = "fetch(\"/me\").then((answer) => answer.text()).then((html) => { window.plain = \
        new DOMParser().parseFromString(html, \"text/html\").getElementById(\"code-text\").textContent; });";
    phone.run(page);
    phone.waits_for("window.plain");
    let plain = phone.run("return window.plain");
    let plain = plain.as_str().unwrap().trim();
    let folder = town.folder.path("");
    for (name, text, minutes, answer) in [
        ("screenshot.y4m", &*live, 3, "copied"),
        ("expired.y4m", plain, 20, "too-old"),
    ] {
        let guard = driver.browser_that_films(&film(&folder, name, &Qr::new(text).unwrap()));
        town.open(&guard, "/checkpoint");
        guard.waits_for(
            "document.getElementById(\"scanner-age\").textContent.includes(\"Lists of\")",
        );
        // The door has lists, and no network to ask the server.
        guard.does_not_reach("*/api/v1/verifications");
        later(&guard, minutes);
        guard.press("#scanner-start");
        shows(&guard, answer);
        guard.has_no_barriers();
    }
    let guard = driver.browser();
    town.open(&guard, "/checkpoint");
    guard.waits_for("document.getElementById(\"scanner-age\").textContent.includes(\"Lists of\")");
    guard.does_not_reach("*/api/v1/verifications");
    types(&guard, &live);
    shows(&guard, "unproven");
    types(&guard, &live);
    shows(&guard, "copied");
    // What was answered before is gone as soon as the next code is scanned.
    guard.run("AbortSignal.timeout = () => new AbortController().signal; fetch = () => new Promise(() => {});");
    types(&guard, &live);
    guard.waits_for("document.querySelector(\"#scanner-answer .ready\")");
}

/// The clock of a guard's device goes on.
fn later(guard: &Browser, minutes: u32) {
    guard.run(&format!(
        "const now = Date.now.bind(Date); Date.now = () => now() + {minutes} * 60 * 1000;"
    ));
}

#[test]
fn a_camera_that_is_refused_is_explained_and_typing_goes_on() {
    let Some(driver) = Driver::start() else {
        return;
    };
    let town = Town::start();
    let guard = driver.browser();
    town.open(&guard, "/checkpoint");
    guard.waits_for("!document.getElementById(\"scanner\").hidden");
    guard.press("#scanner-start");
    guard.waits_for(
        "document.getElementById(\"scanner-note\").textContent.includes(\"hand scanner\")",
    );
    guard.has_no_barriers();
    types(&guard, "https://example.org/");
    shows(&guard, "not-known");
}
