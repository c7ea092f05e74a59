//! The pictures in the README, taken of the demonstration, in which everybody is made up: `cargo xtask
//! pictures` writes them anew.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::scanner::live_text;
use super::webdriver::{Browser, Driver};
use crate::newcomer::Folder;

/// A README that loads at once, also over a poor line.
const LARGEST: usize = 60_000;
const PHONE: (u32, u32) = (360, 640);
const DESK: (u32, u32) = (1040, 660);

#[test]
#[ignore = "writes docs/images anew; run it with `cargo xtask pictures`"]
fn the_pictures_of_the_readme() {
    let driver = Driver::start().expect("HEALTHCODE_TEST_CHROMEDRIVER names a chromedriver");
    let city = City::start();
    let (phone, guard, desk) = (driver.browser(), driver.browser(), driver.browser());
    for one in [&phone, &guard] {
        one.has_a_screen(PHONE, 1.5);
    }
    desk.has_a_screen(DESK, 1.0);

    city.opens(&phone, "/?lang=en");
    presses(&phone, "form[action='/demo/resident'] button");
    for (language, name) in [
        ("en", "code-green"),
        ("ar", "code-arabic"),
        ("zh", "code-chinese"),
    ] {
        city.opens(&phone, &format!("/me?lang={language}"));
        live_text(&phone);
        keeps(&phone, "main", name);
    }
    city.opens(&guard, "/?lang=en");
    presses(&guard, "form[action='/demo/scan'] button");
    guard.waits_for("document.querySelector('.result[data-answer]')");
    keeps(&guard, ".result", "checkpoint");
    presses(&guard, "form[action='/checkpoint'].stack button");
    guard.waits_for("document.querySelector('.result[data-answer=copied]')");
    keeps(&guard, ".result", "checkpoint-copied");

    city.opens(&desk, "/?lang=en");
    keeps(&desk, "main", "demonstration");
    presses(&desk, "form[action='/demo/case'] button");
    desk.waits_for("document.getElementById('chain')");
    keeps(&desk, "#chain", "case");

    city.opens(&phone, "/me?lang=en");
    live_text(&phone);
    keeps(&phone, "main", "code-yellow");
    city.opens(&phone, "/me/why?lang=en");
    keeps(&phone, "main", "why");
}

/// A city of the demonstration, ended when dropped.
struct City {
    address: String,
    process: Child,
    _folder: Folder,
}

impl City {
    fn start() -> Self {
        let folder = Folder::new();
        let mut demo = Command::new(env!("CARGO_BIN_EXE_healthcode"));
        demo.args(["demo", "--json", "--port", "0", "--people", "2000"])
            .current_dir(folder.path(""))
            .env_clear()
            .stdout(Stdio::piped());
        let mut process = demo.spawn().unwrap();
        let mut welcome = String::new();
        let out = process.stdout.take().unwrap();
        BufReader::new(out).read_line(&mut welcome).unwrap();
        let welcome: Value = serde_json::from_str(&welcome).unwrap();
        let address = welcome["open"].as_str().unwrap().trim_end_matches('/');
        Self {
            address: address.to_owned(),
            process,
            _folder: folder,
        }
    }

    fn opens(&self, browser: &Browser, path: &str) {
        browser.open(&format!("{}{path}", self.address));
    }
}

impl Drop for City {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What would open a window of its own opens in this one.
fn presses(browser: &Browser, selector: &str) {
    browser.run("for (const form of document.forms) form.removeAttribute('target')");
    browser.press(selector);
}

/// Keeps what the screen shows, from what a selector finds first on.
fn keeps(browser: &Browser, from: &str, name: &str) {
    browser.waits_for("document.readyState === 'complete'");
    browser.run(&format!(
        "document.querySelector('{from}').scrollIntoView()"
    ));
    let picture = browser.screen();
    assert!(picture.len() < LARGEST, "{name}: {} bytes", picture.len());
    let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/images");
    fs::write(folder.join(format!("{name}.webp")), picture).unwrap();
}
