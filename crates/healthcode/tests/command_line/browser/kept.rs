//! What a phone keeps for a time without a network, and until when: the code page, and visits.

use std::time::Duration;

use serde_json::{Value, json};

use super::residents::{hangs_a_screen_at_a_door, scanned};
use super::scanner::{is_kept, live_text};
use super::webdriver::{Browser, Driver};
use super::{Town, a_resident_proves_a_phone, opens_an_account};

/// Somebody who uses the same phone later.
const OTHER: (&str, &str, &str) = ("Hao Wu", "330100198001010023", "13800000002");
/// Somebody who used it before, and whose session ended.
const EARLIER: &str = "ffffffffffffffffffffffffffffffff";

#[test]
fn a_network_that_hangs_leaves_nobody_before_an_empty_page() {
    let Some(driver) = Driver::start() else {
        return;
    };
    let mut town = Town::start();
    let phone = driver.browser();
    a_resident_proves_a_phone(&town, &phone);
    is_kept(&town, &phone, "/me");
    live_text(&phone);
    // A quarter of an hour later: the phone would renew what it signs, and fetch what pages share.
    let renewed = "window.isDone = false; const opened = indexedDB.open(\"healthcode\", 1); \
        opened.onsuccess = () => { \
          const changing = opened.result.transaction(\"keys\", \"readwrite\"); \
          const keys = changing.objectStore(\"keys\"); \
          keys.getAll().onsuccess = ({ target }) => { \
            for (const key of target.result) keys.put({ ...key, renewAt: 0 }); }; \
          changing.oncomplete = () => { opened.result.close(); window.isDone = true; }; };";
    phone.run(renewed);
    phone.waits_for("window.isDone");
    phone.fetches_anew();
    phone.waits_for_pages(Duration::from_secs(30));

    let _silence = town.has_a_network_that_hangs();
    town.open(&phone, "/me");
    phone.reads("/me", "Green");
    phone.waits_for("document.styleSheets[0].cssRules.length > 0");
    phone.reads("/me", "No network since");
    live_text(&phone);
}

#[test]
fn visits_that_wait_go_once_their_own_account_left_the_phone() {
    let Some(driver) = Driver::start() else {
        return;
    };
    let town = Town::start();
    let phone = driver.browser();
    a_resident_proves_a_phone(&town, &phone);
    let account = account_of(&phone);
    is_kept(&town, &phone, "/me");
    phone.waits_for("document.documentElement.dataset.visits === \"0\"");
    // A page that sends nothing.
    town.open(&phone, "/me/data/delete");
    phone.reads("/me/data/delete", "Send me the code");
    waits(&phone, EARLIER, "1");
    waits(&phone, &account, "2");
    let both = [EARLIER.to_owned(), account];
    assert_eq!(who_waits(&phone), both);

    // Signing out is refused: as it would be to somebody who asks too often.
    phone.run("document.querySelector(\"form.sign-out\").enctype = \"text/plain\"");
    phone.press("form.sign-out button");
    phone.reads("/sign-out", "");
    assert_eq!(who_waits(&phone), both, "nobody signed out");
    town.open(&phone, "/me/data/delete");
    a_day_passes_since_the_last_code(&town);
    let press = "form[action='/me/data/delete'] button";
    phone.press(press);
    phone.reads("/me/data/delete", "A code is on its way");
    assert_eq!(who_waits(&phone), both, "a code was asked for");
    phone.type_into("#code", "wrong");
    phone.press(press);
    phone.reads("/me/data/delete", "This code is wrong");
    assert_eq!(who_waits(&phone), both, "nothing was deleted");
    phone.type_into("#code", &town.last_code());
    phone.press(press);
    phone.reads("/me/data/delete", "Your account is deleted");
    assert_eq!(who_waits(&phone), [EARLIER]);

    opens_an_account(&town, &phone, OTHER);
    let account = account_of(&phone);
    phone.waits_for("document.documentElement.dataset.visits === \"0\"");
    town.open(&phone, "/me/security");
    waits(&phone, &account, "3");
    phone.press("form.sign-out button");
    phone.reads("/", "");
    assert_eq!(who_waits(&phone), [EARLIER]);
}

#[test]
fn who_enters_without_a_network_leaves_with_one() {
    let Some(driver) = Driver::start() else {
        return;
    };
    let mut town = Town::start();
    let (phone, lin) = (driver.browser(), driver.browser());
    a_resident_proves_a_phone(&town, &phone);
    let account = account_of(&phone);
    is_kept(&town, &phone, "/me");
    phone.waits_for("document.documentElement.dataset.visits === \"0\"");
    hangs_a_screen_at_a_door(&town, &lin);
    let sign = scanned(&lin);

    // Three days ago somebody forgot to leave.
    town.open(&phone, "/me/security");
    let three_days = 3 * 24 * 3600;
    put(&phone, &account, "1", &"0".repeat(64), three_days);
    town.loses_its_network();
    enters_at_the_door(&phone, &sign);
    let forgotten = waiting(&phone).into_iter().next().unwrap();
    let times = ["entered", "left"].map(|time| forgotten[time].as_i64().unwrap());
    assert_eq!(times[1] - times[0], 12 * 3600, "not three days");

    // The page at the door is still open when the network is there again.
    town.has_its_network_again();
    phone.run("window.dispatchEvent(new Event(\"online\"))");
    phone.reads("/visit", "You are at Noodle bar");
    assert_eq!(who_waits(&phone), [""; 0]);
    phone.press("main form button");
    phone.reads("/visit", "You left Noodle bar");

    // It was closed, and the sign is opened once more.
    town.open(&lin, "/venue-screen");
    lin.reads("/venue-screen", "Noodle bar");
    let sign = scanned(&lin);
    town.loses_its_network();
    enters_at_the_door(&phone, &sign);
    town.has_its_network_again();
    phone.open(&sign);
    phone.reads("/visit", "You are at Noodle bar");
    assert_eq!(who_waits(&phone), [""; 0]);
}

#[test]
fn an_end_that_is_kept_while_the_visit_is_sent_is_sent_after_it() {
    let Some(driver) = Driver::start() else {
        return;
    };
    let town = Town::start();
    let (phone, lin) = (driver.browser(), driver.browser());
    a_resident_proves_a_phone(&town, &phone);
    let account = account_of(&phone);
    hangs_a_screen_at_a_door(&town, &lin);
    town.open(&phone, "/me");
    phone.waits_for("document.documentElement.dataset.visits === \"0\"");
    let sign = scanned(&lin);
    let (_, sign) = sign.split_once("sign=").unwrap();
    let sign = sign.split('&').next().unwrap();
    // Another page of the phone keeps the end before the answer is there.
    let meanwhile = "window.sent = 0; const real = window.fetch; \
        window.fetch = async (address, how) => { \
          const answer = await real(address, how); \
          if (String(address).startsWith(\"/me/visits/scans\") && window.sent++ === 0) \
            await new Promise((done) => { \
              const opened = indexedDB.open(\"healthcode-visits\", 1); \
              opened.onsuccess = () => { \
                const changing = opened.result.transaction(\"queue\", \"readwrite\"); \
                const queue = changing.objectStore(\"queue\"); \
                queue.getAll().onsuccess = ({ target }) => { \
                  for (const one of target.result) queue.put({ ...one, left: one.entered + 1 }); }; \
                changing.oncomplete = () => { opened.result.close(); done(); }; }; }); \
          return answer; };";
    phone.run(meanwhile);
    put(&phone, &account, "1", sign, 0);
    phone.run("window.dispatchEvent(new Event(\"online\"))");
    phone.waits_for("document.documentElement.dataset.visits === \"1\"");
    phone.run("window.dispatchEvent(new Event(\"online\"))");
    phone.waits_for("window.sent === 2 && document.documentElement.dataset.visits === \"0\"");
    town.open(&phone, "/me/visits");
    let read = phone.reads("/me/visits", "Noodle bar");
    assert!(!read.contains("You are at"), "{read}");
}

/// The record says that codes were sent a day ago: the next one need not wait.
fn a_day_passes_since_the_last_code(town: &Town) {
    let record = rusqlite::Connection::open(town.folder.path("healthcode.db")).unwrap();
    let earlier = "UPDATE code_sent SET sent_at = sent_at - 86400";
    assert!(record.execute(earlier, []).unwrap() > 0);
}

/// Whose page the phone shows.
fn account_of(phone: &Browser) -> String {
    phone.attribute("html", "data-account")
}

/// Scans the sign and says that they are there; the phone keeps it.
fn enters_at_the_door(phone: &Browser, sign: &str) {
    phone.open(sign);
    phone.reads("/visit", "Are you at the place of this sign?");
    phone.waits_for("!document.getElementById(\"visit-offline-enter\").hidden");
    phone.press("#visit-offline-enter");
    phone.reads("/visit", "Kept on this phone since");
}

/// A visit of an hour ago waits on the phone.
fn waits(phone: &Browser, account: &str, request: &str) {
    put(phone, account, request, &"0".repeat(64), 3600);
}

/// Keeps a visit on the phone that began so many seconds ago, as the page at the door does.
fn put(phone: &Browser, account: &str, request: &str, sign: &str, ago: u32) {
    let request = request.repeat(32);
    let visit = json!({ "request": request, "account": account, "who": "", "sign": sign });
    in_the_queue(
        phone,
        &format!("queue.put({{ ...{visit}, entered: Math.floor(Date.now() / 1000) - {ago} }});"),
    );
}

/// The accounts whose visits wait on the phone.
fn who_waits(phone: &Browser) -> Vec<String> {
    let waiting = waiting(phone).into_iter();
    let mut accounts: Vec<String> = waiting
        .map(|visit| visit["account"].as_str().unwrap().to_owned())
        .collect();
    accounts.sort_by_key(|account| account != EARLIER);
    accounts
}

/// What waits on the phone, the oldest first.
fn waiting(phone: &Browser) -> Vec<Value> {
    in_the_queue(
        phone,
        "queue.getAll().onsuccess = ({ target }) => { window.waiting = target.result; };",
    );
    let waiting = phone.run("return window.waiting");
    let mut waiting = waiting.as_array().unwrap().clone();
    waiting.sort_by_key(|visit| visit["entered"].as_i64());
    waiting
}

/// Does something with what waits on the phone.
fn in_the_queue(phone: &Browser, step: &str) {
    phone.run(&format!(
        "window.isDone = false; const opened = indexedDB.open(\"healthcode-visits\", 1); \
         opened.onupgradeneeded = () => {{ \
           opened.result.createObjectStore(\"queue\", {{ keyPath: \"request\" }}); \
           opened.result.createObjectStore(\"who\"); }}; \
         opened.onsuccess = () => {{ \
           const changing = opened.result.transaction(\"queue\", \"readwrite\"); \
           const queue = changing.objectStore(\"queue\"); {step} \
           changing.oncomplete = () => {{ opened.result.close(); window.isDone = true; }}; }};"
    ));
    phone.waits_for("window.isDone");
}
