//! A lead makes a guard's phone a scanner, and the scanner records whom it lets in; a resident films the sign
//! at a door.

use service::credential::Qr;

use super::scanner::{film, is_kept, live_text, shows, types};
use super::webdriver::{Browser, Driver};
use super::{Town, a_resident_proves_a_phone};

const LEAD: [&str; 11] = [
    "staff",
    "invite",
    "--first",
    "--authority",
    "City health office",
    "--name",
    "Mr Guan",
    "--role",
    "checkpoint_lead",
    "--role",
    "venue_owner",
];

/// A lead adds a place and makes a scanner for it; the address in the square.
fn a_lead_makes_a_scanner(town: &Town, lead: &Browser) -> String {
    let invitation = town.prints(&LEAD);
    town.joins(lead, &invitation, None);
    town.open(lead, "/officer/venues");
    lead.reads("/officer/venues", "Add a place");
    lead.type_into("#name", "Library");
    lead.press("form[action='/officer/venues'] button");
    lead.reads("/officer/venues", "Library was added");
    town.open(lead, "/officer/scanners");
    lead.reads("/officer/scanners", "There is no scanner yet");
    lead.has_no_barriers();
    lead.type_into("#name", "North gate");
    lead.press("#venue option:last-child");
    lead.press("form[action='/officer/scanners'] button");
    lead.reads("/officer/scanners", "Waits for a phone until");
    fits(lead, "scanner-square");
    lead.press(".code summary");
    lead.text_of(".code .once")
}

/// The guard's phone is a scanner after one press.
fn a_phone_becomes_the_scanner(guard: &Browser, address: &str) {
    opens_the_square(guard, address);
    guard.reads("/checkpoint/enrol", "North gate");
    let (_, pass) = address.split_once('#').unwrap();
    assert!(!guard.address().contains(pass), "it stays in no history");
    fits(guard, "scanner-enrol");
    guard.press("form[action='/checkpoint/enrol'] button");
    guard.reads("/checkpoint", "Visits to Library are recorded here");
    guard.waits_for("document.getElementById(\"scanner-age\").textContent.includes(\"Lists of\")");
    fits(guard, "scanner-page");
}

/// As its camera does. What stands behind the `#` is sent in no address.
fn opens_the_square(guard: &Browser, address: &str) {
    let (page, pass) = address.split_once('#').unwrap();
    guard.open(&format!("{page}?lang=en#{pass}"));
}

/// The page as it is now fits every screen and has no barriers; pictures of it where
/// `HEALTHCODE_TEST_SCREENSHOTS` names a folder.
#[expect(
    clippy::disallowed_methods,
    reason = "whoever wants pictures says where through the environment"
)]
fn fits(browser: &Browser, name: &str) {
    let folder = std::env::var_os("HEALTHCODE_TEST_SCREENSHOTS").map(std::path::PathBuf::from);
    for width in [320, 1280, 360] {
        browser.looks_like(width, false);
        let over = "const page = document.documentElement; \
            return page.scrollWidth - page.clientWidth";
        assert_eq!(browser.run(over), 0, "{name} scrolls sideways at {width}");
        let below = "const [main, footer] = [\"main\", \"footer\"].map((one) => \
            document.querySelector(one).getBoundingClientRect()); return footer.top >= main.bottom";
        assert_eq!(
            browser.run(below),
            true,
            "{name} ends with its footer at {width}"
        );
        if let Some(folder) = folder.as_ref().filter(|_| width > 320) {
            browser.takes_picture(&folder.join(format!("{name}-{width}-light.png")));
        }
    }
    browser.has_no_barriers();
}

fn has_waiting(guard: &Browser, number: u32) {
    guard.waits_for(&format!(
        "document.getElementById(\"door\").dataset.waiting === \"{number}\""
    ));
}

/// What the device keeps can be read by nobody who takes it apart with a script.
fn is_sealed(guard: &Browser, text: &str) {
    guard.run(
        "const opened = indexedDB.open(\"healthcode-door\", 1); opened.onsuccess = () => { \
         const from = opened.result.transaction([\"queue\", \"keys\"]); \
         const kept = from.objectStore(\"queue\").getAll(); \
         const key = from.objectStore(\"keys\").get(\"visits\"); \
         from.oncomplete = () => { opened.result.close(); \
         const letters = (bytes) => String.fromCharCode(...new Uint8Array(bytes)); \
         crypto.subtle.exportKey(\"raw\", key.result).then(() => \"taken\", () => \"locked\") \
         .then((key) => { window.kept = [key, kept.result.map((one) => \
         Object.keys(one).join() + letters(one.sealed)).join()]; }); }; };",
    );
    guard.waits_for("Array.isArray(window.kept)");
    let kept = guard.run("return window.kept");
    assert_eq!(kept[0], "locked", "the key leaves no browser");
    let sealed = kept[1].as_str().unwrap();
    assert!(sealed.starts_with("request,iv,sealed"), "{sealed}");
    assert!(!sealed.contains(&text[..40]) && !sealed.contains("36.8"));
}

#[test]
fn a_scanner_records_whom_it_lets_in_once_also_without_a_network() {
    let Some(driver) = Driver::start() else {
        return;
    };
    let mut town = Town::start();
    let (phone, lead, guard) = (driver.browser(), driver.browser(), driver.browser());
    a_resident_proves_a_phone(&town, &phone);
    live_text(&phone);
    is_kept(&town, &phone, "/me");
    let address = a_lead_makes_a_scanner(&town, &lead);
    a_phone_becomes_the_scanner(&guard, &address);
    // Somebody else photographed the square.
    let thief = driver.browser();
    opens_the_square(&thief, &address);
    thief.reads("/checkpoint/enrol", "used already");
    thief.has_no_barriers();

    is_kept(&town, &guard, "/checkpoint");
    guard.waits_for("document.getElementById(\"scanner-age\").textContent.includes(\"Lists of\")");
    types(&guard, "not a code");
    shows(&guard, "not-known");
    town.loses_its_network();
    town.open(&guard, "/checkpoint");
    guard.reads("/checkpoint", "No network since");
    town.open(&phone, "/me");
    phone.reads("/me", "No network since");
    let text = live_text(&phone);
    types(&guard, &text);
    shows(&guard, "unproven");
    guard.press("#scanner-answer .result");
    guard.reads("/checkpoint", "Compare the person with the document first");
    has_waiting(&guard, 0);
    guard.press("#door-let-in");
    has_waiting(&guard, 1);
    guard.press("#door-measure");
    for key in ["3", "6", "8"] {
        guard.press(&format!("[data-key='{key}']"));
    }
    fits(&guard, "scanner-temperature");
    guard.press("#door-save");
    guard.reads("/checkpoint", "36.8 °C");
    guard.reads("/checkpoint", "Visits: 1, with a temperature: 1.");
    fits(&guard, "scanner-kept");
    has_waiting(&guard, 1);
    is_sealed(&guard, &text);
    // A code that is held up once more is no second visit, nor is one of somebody who turned away.
    types(&guard, &text);
    shows(&guard, "copied");
    guard.press("#scanner-answer .result");
    has_waiting(&guard, 1);

    // Green, with a document that was seen, needs no press; a press takes it back.
    guard.run(
        "document.dispatchEvent(new CustomEvent(\"healthcode-scan\", { detail: \
         { answer: \"green\", text: \"HK1:ABC\", at: Math.floor(Date.now() / 1000) } }))",
    );
    has_waiting(&guard, 2);
    guard.press("#door-not");
    has_waiting(&guard, 1);
    guard.reads("/checkpoint", "Not let in: nothing was recorded.");

    town.has_its_network_again();
    for _ in 0..2 {
        town.open(&guard, "/checkpoint");
        has_waiting(&guard, 0);
    }
    assert_eq!(town.visits(), [("Library".to_owned(), Some(368))]);
    town.open(&phone, "/me/visits");
    let read = phone.reads("/me/visits", "Measured there: 36.8 °C");
    assert_eq!(
        read.matches("Library").count(),
        2,
        "inside, and in the diary: {read}"
    );
    fits(&phone, "visits-by-door");

    town.open(&lead, "/officer/scanners");
    lead.reads("/officer/scanners", "Records visits to Library");
    lead.press("main summary");
    fits(&lead, "scanner-list");
    lead.press("form[action$='/end'] button");
    lead.reads("/officer/scanners", "There is no scanner yet");
    guard.run("dispatchEvent(new Event(\"online\"))");
    guard.reads("/checkpoint", "no longer a scanner of your office");
    guard.has_no_barriers();
}

#[test]
fn a_resident_films_the_sign_at_a_door_and_what_is_none_is_said() {
    let Some(driver) = Driver::start() else {
        return;
    };
    let town = Town::start();
    let folder = town.folder.path("");
    let sign = format!("{}/visit?sign=none", town.origin);
    for (name, text, says) in [
        ("sign.y4m", &*sign, "This is no sign of a place"),
        (
            "other.y4m",
            "https://example.org/",
            "not the sign of a place",
        ),
    ] {
        let film = film(&folder, name, &Qr::of_address(text).unwrap());
        let phone = driver.browser_that_films(&film);
        a_resident_proves_a_phone(&town, &phone);
        town.open(&phone, "/me/visits");
        phone.press("main a.button[href='/visit']");
        phone.reads("/visit", "Hold the camera over the square");
        fits(&phone, "sign-scan");
        phone.press("#sign-scan-start");
        phone.reads("/visit", says);
        phone.has_no_barriers();
    }
}

impl Town {
    /// The visits on record: where, and what was measured in tenths of a degree.
    fn visits(&self) -> Vec<(String, Option<i64>)> {
        let record = rusqlite::Connection::open(self.folder.path("healthcode.db")).unwrap();
        let mut asked = record
            .prepare(
                "SELECT venue.name, door_visit.temperature FROM visit_by_person \
                 JOIN venue USING (venue_id) \
                 LEFT JOIN door_visit USING (person_id, visit_id) ORDER BY entered_at",
            )
            .unwrap();
        let rows = asked.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
        rows.unwrap().map(Result::unwrap).collect()
    }
}
