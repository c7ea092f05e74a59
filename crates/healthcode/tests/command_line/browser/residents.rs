//! What residents live through on a phone: signing out of one that others use, a visit without a network,
//! a family on one phone, an appeal until its answer.

use super::scanner::{is_kept, live_text};
use super::webdriver::{Browser, Driver};
use super::{
    APPEALS, DOCUMENT, FIRST_OFFICER, Town, a_resident_proves_a_phone, opens_an_account,
    types_the_code_at_the_second_try,
};

/// Other people with documents of their own.
const OTHER: (&str, &str, &str) = ("Hao Wu", "330100198001010023", "13800000002");
const CHILDREN: [&str; 2] = ["330100201503010036", "330100201705010042"];

#[test]
fn nothing_of_whoever_signed_out_is_left_on_the_phone() {
    let Some(driver) = Driver::start() else {
        return;
    };
    let town = Town::start();
    let phone = driver.browser();
    a_resident_proves_a_phone(&town, &phone);
    let first = live_text(&phone);
    let account = phone.attribute("html", "data-account");
    is_kept(&town, &phone, "/me");
    phone.waits_for("document.documentElement.dataset.live === \"yes\"");
    phone.press("form.sign-out button");
    phone.reads("/", "");
    let keys = "window.left = -1; const look = () => { \
        const asked = indexedDB.open(\"healthcode\", 1); \
        asked.onsuccess = () => { \
          const read = asked.result.transaction(\"keys\").objectStore(\"keys\").count(); \
          read.onsuccess = () => { window.left = read.result; asked.result.close(); }; }; \
        caches.has(\"healthcode-kept\").then((is) => { window.isKept = is; }); }; \
        look(); setInterval(look, 200);";
    phone.run(keys);
    phone.waits_for("window.left === 0 && window.isKept === false");

    // The person who signs in next shows a code of their own, and no minute of the one before.
    opens_an_account(&town, &phone, OTHER);
    let second = live_text(&phone);
    assert_ne!(phone.attribute("html", "data-account"), account);
    assert_ne!(first[..120], second[..120], "another assertion");

    // The session ends elsewhere while a report is filled in: it stays, and is not lost.
    town.open(&phone, "/declare");
    phone.reads("/declare", "You reported today");
    phone.press("input[name='symptom'][value='cough']");
    phone.press("input[name='contact'][value='none']");
    phone.loses_its_cookies();
    phone.press("form[data-keep] button");
    phone.waits_for("document.querySelector(\".kept-note\").textContent.includes(\"signed out\")");
    phone.waits_for("document.querySelector(\"input[value=cough]\").checked");
    phone.has_no_barriers();
    town.open(&phone, "/me");
    phone.reads("/sign-in", "Sign in");
}

#[test]
fn a_visit_without_a_network_is_sent_once() {
    let Some(driver) = Driver::start() else {
        return;
    };
    let mut town = Town::start();
    let (phone, lin) = (driver.browser(), driver.browser());
    a_resident_proves_a_phone(&town, &phone);
    is_kept(&town, &phone, "/me");
    phone.waits_for("document.documentElement.dataset.live === \"yes\"");
    hangs_a_screen_at_a_door(&town, &lin);
    let sign = scanned(&lin);
    let (_, sign) = sign.split_once("/visit").unwrap();

    town.loses_its_network();
    phone.open(&format!("{}/visit{sign}", town.origin));
    phone.reads("/visit", "Are you at the place of this sign?");
    phone.waits_for("!document.getElementById(\"visit-offline-enter\").hidden");
    phone.has_no_barriers();
    phone.press("#visit-offline-enter");
    phone.reads("/visit", "Kept on this phone since");
    town.open(&phone, "/me");
    phone.reads("/me", "wait on this phone for a network: 1");
    town.has_its_network_again();
    // The session ended meanwhile, and the first try to sign in fails: the visit waits all the same.
    phone.loses_its_cookies();
    town.open(&phone, "/me");
    signs_in(&town, &phone);
    town.open(&phone, "/me");
    phone.waits_for("document.documentElement.dataset.visits === \"0\"");
    town.open(&phone, "/me/visits");
    let read = phone.reads("/me/visits", "You are at Noodle bar");
    assert_eq!(
        read.matches("Noodle bar").count(),
        2,
        "here, and in the diary: {read}"
    );
    phone.has_no_barriers();
    phone.press("form.inside button");
    phone.reads("/visit", "You left Noodle bar");
    town.open(&phone, "/me/visits");
    let read = phone.reads("/me/visits", "Noodle bar");
    assert_eq!(read.matches("Noodle bar").count(), 1, "{read}");
}

/// With the number and a code, of which the first is wrong.
fn signs_in(town: &Town, phone: &Browser) {
    phone.reads("/sign-in", "Sign in");
    phone.type_into("#document_number", DOCUMENT);
    phone.type_into("#phone", "13800000000");
    phone.press("form[action='/sign-in'] button");
    phone.reads("/sign-in", "code");
    types_the_code_at_the_second_try(town, phone, "/sign-in/code");
    phone.reads("/me", "You can move around freely");
}

/// An officer makes their browser the screen at the door of a noodle bar.
pub fn hangs_a_screen_at_a_door(town: &Town, lin: &Browser) {
    let invitation = town.prints(&FIRST_OFFICER);
    town.joins(lin, &invitation, None);
    town.open(lin, "/officer/venues");
    lin.reads("/officer/venues", "Add a place");
    lin.type_into("#name", "Noodle bar");
    lin.press("form[action='/officer/venues'] button");
    lin.reads("/officer/venues", "Noodle bar was added");
    lin.press("form[action='/officer/venues/screen'] button");
    lin.reads("/venue-screen", "Noodle bar");
}

/// What a camera reads on the screen at a door.
pub fn scanned(screen: &Browser) -> String {
    let look = "const svg = document.querySelector(\"#sign svg\"); \
        const side = svg.viewBox.baseVal.width; const scale = 8; const width = side * scale; \
        const points = new Uint8ClampedArray(width * width * 4).fill(255); \
        const dark = svg.querySelectorAll(\"path\")[1].getAttribute(\"d\"); \
        for (const [, x, y, run] of dark.matchAll(/M(\\d+) (\\d+)h(\\d+)v1/g)) \
          for (let down = y * scale; down < (Number(y) + 1) * scale; down++) \
            for (let at = x * scale; at < (Number(x) + Number(run)) * scale; at++) \
              points.fill(0, (down * width + at) * 4, (down * width + at) * 4 + 3); \
        const worker = new Worker(\"/assets/scanner-worker.js\"); \
        worker.onmessage = ({ data }) => { window.scanned = data.text ?? JSON.stringify(data); }; \
        worker.postMessage({ id: 1, do: \"look\", points: points.buffer, width, height: width });";
    screen.run(look);
    screen.waits_for("window.scanned");
    screen
        .run("return window.scanned")
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn a_parent_shows_the_codes_of_two_children_in_two_languages() {
    let Some(driver) = Driver::start() else {
        return;
    };
    let town = Town::start();
    let (phone, tang) = (driver.browser(), driver.browser());
    a_resident_proves_a_phone(&town, &phone);
    town.community_worker_joins(&tang);
    town.open(&tang, "/officer/office");
    tang.type_into("#number", DOCUMENT);
    tang.press("button[value='find']");
    tang.reads("/officer/office", "Phone number ends in 00");
    tang.press("button[value='bind']");
    tang.reads("/officer/office", "is connected now");
    for child in CHILDREN {
        tang.press("main summary");
        tang.press("input[name='relation'][value='guardian']");
        tang.type_into("input[name='other_number']", child);
        tang.press("button[value='add']");
        tang.reads("/officer/office", "may show the other person's code");
    }
    tang.has_no_barriers();
    town.open(&phone, "/me");
    phone.reads("/me", "You can move around freely");
    let own = live_text(&phone);
    let children = "return [...document.querySelectorAll(\".whose a\")].slice(1).map((one) => one.getAttribute(\"href\"))";
    let children = phone.run(children);
    let children: Vec<&str> = children
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one.as_str())
        .collect();
    assert_eq!(children.len(), 2);
    let mut codes = vec![own];
    for (child, (language, no_report, green)) in children.into_iter().zip([
        ("en", "Please tell us how you are", "Green"),
        ("ar", "يُرجى إخبارنا بحالتك الصحية", "أخضر"),
    ]) {
        let (_, person) = child.split_once('?').unwrap();
        phone.open(&format!("{}/me?{person}&lang={language}", town.origin));
        phone.reads("/me", no_report);
        phone.has_no_barriers();
        phone.open(&format!("{}/declare?{person}&lang={language}", town.origin));
        phone.press("input[name='contact'][value='none']");
        phone.press("form[data-keep] button");
        phone.reads("/me", green);
        phone.has_no_barriers();
        codes.push(live_text(&phone));
    }
    codes.sort();
    codes.dedup();
    assert_eq!(codes.len(), 3, "each has a code of their own");
}

#[test]
fn an_appeal_is_sent_in_one_language_and_answered_in_another() {
    let Some(driver) = Driver::start() else {
        return;
    };
    let mut town = Town::start_with(APPEALS);
    let (phone, lin) = (driver.browser(), driver.browser());
    a_resident_proves_a_phone(&town, &phone);
    town.open(&phone, "/declare");
    phone.press("input[name='symptom'][value='fever']");
    phone.press("input[name='contact'][value='none']");
    phone.press("form[data-keep] button");
    phone.reads("/me", "You reported a fever");
    phone.has_no_barriers();
    town.open_in(&phone, "/me/appeals/new", "zh");
    phone.reads("/me/appeals/new", "申诉");
    phone.has_no_barriers();
    phone.type_into("#why", "我点错了，我没有发烧。");
    // What was written waits on the page for a network.
    town.loses_its_network();
    phone.press("form[action='/me/appeals/new'] button");
    phone.reads("/me/appeals/new", "请不要关闭此页");
    phone.has_no_barriers();
    town.has_its_network_again();
    phone.run("dispatchEvent(new Event(\"online\"))");
    phone.reads("/me/appeals", "我点错了");
    phone.has_no_barriers();

    let invitation = town.prints(&FIRST_OFFICER);
    town.joins(&lin, &invitation, None);
    town.open(&lin, "/officer/appeals");
    lin.reads("/officer/appeals", "Open the appeal");
    lin.has_no_barriers();
    lin.press("a[href^='/officer/appeals/']");
    lin.waits_for("document.body.innerText.includes(\"我点错了\")");
    lin.has_no_barriers();
    lin.press("input[name='withdraw']");
    lin.type_into(
        "#reasons",
        "Your temperature was normal. The report is taken back.",
    );
    lin.press("main form button");
    lin.reads("/officer/appeals", "Appeals");
    for page in [
        "/officer",
        "/officer/records",
        "/officer/alarms",
        "/officer/waiting",
        "/officer/batches",
    ] {
        town.open(&lin, page);
        lin.reads(page, "");
        lin.has_no_barriers();
    }

    town.open_in(&phone, "/me/appeals", "zh");
    phone.reads("/me/appeals", "您是对的");
    phone.reads("/me/appeals", "Your temperature was normal");
    phone.has_no_barriers();
    town.open_in(&phone, "/me", "zh");
    phone.reads("/me", "绿");
    a_double_tap_sends_once(&town, &phone);
}

/// Where no number in the form makes it count once.
fn a_double_tap_sends_once(town: &Town, phone: &Browser) {
    town.open(phone, "/me/people");
    phone.reads("/me/people", "");
    let taps = phone.run(
        "const sent = []; \
         addEventListener(\"submit\", (event) => { sent.push(!event.defaultPrevented); event.preventDefault(); }); \
         const button = document.querySelector(\"[name=give] + button\"); button.click(); button.click(); \
         return sent;",
    );
    assert_eq!(taps, serde_json::json!([true, false]));
}
