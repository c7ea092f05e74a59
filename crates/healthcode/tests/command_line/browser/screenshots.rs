//! Pictures of every page that residents, guards and the public see, for people to look at: at the width
//! of a phone and of a desk, in light and in the dark. Taken where `HEALTHCODE_TEST_SCREENSHOTS` names a
//! folder.

use std::path::PathBuf;

use super::webdriver::{Browser, Driver};
use super::{Town, a_resident_proves_a_phone};

const PAGES: [(&str, &str); 27] = [
    ("home", "/"),
    ("register", "/register"),
    ("sign-in", "/sign-in"),
    ("code", "/me"),
    ("why", "/me/why"),
    ("history", "/me/history"),
    ("people", "/me/people"),
    ("phones", "/me/security"),
    ("data", "/me/data"),
    ("delete", "/me/data/delete"),
    ("visits", "/me/visits"),
    ("card", "/me/card"),
    ("report", "/declare"),
    ("visit", "/visit"),
    ("checkpoint", "/checkpoint"),
    ("answers", "/checkpoint/answers"),
    ("rules", "/rules"),
    ("versions", "/rules/versions"),
    ("check", "/check"),
    ("kept", "/data"),
    ("limits", "/limits"),
    ("help", "/help"),
    ("glitch", "/help/report"),
    ("figures", "/stats"),
    ("offline", "/offline"),
    ("visit-offline", "/offline/visit"),
    ("staff-sign-in", "/staff/sign-in"),
];

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "whoever wants pictures says where through the environment"
)]
fn no_page_is_wider_than_a_screen_or_has_barriers_in_light_or_dark() {
    let Some(driver) = Driver::start() else {
        return;
    };
    let folder = std::env::var_os("HEALTHCODE_TEST_SCREENSHOTS").map(PathBuf::from);
    let town = Town::start();
    let phone = driver.browser();
    a_resident_proves_a_phone(&town, &phone);
    for (width, is_dark) in [
        (320, false),
        (360, false),
        (360, true),
        (1280, false),
        (1280, true),
    ] {
        phone.looks_like(width, is_dark);
        for (name, path) in PAGES {
            town.open(&phone, path);
            let over = "const page = document.documentElement; \
                return page.scrollWidth - page.clientWidth";
            assert_eq!(phone.run(over), 0, "{path} scrolls sideways at {width}");
            if width == 360 {
                phone.has_no_barriers();
            }
            if name == "code" {
                let apart = "const buttons = [...document.querySelectorAll(\".tiles .button\")].map((one) => \
                    one.getBoundingClientRect()); return buttons[1].top - buttons[0].bottom > 4";
                assert_eq!(
                    phone.run(apart),
                    true,
                    "buttons touch each other at {width}"
                );
            }
            if let Some(folder) = folder.as_ref().filter(|_| width > 320) {
                let light = if is_dark { "dark" } else { "light" };
                phone.takes_picture(&folder.join(format!("{name}-{width}-{light}.png")));
            }
        }
    }
    answers(&town, &phone, folder.as_deref());
}

/// What a guard sees: the answer on the whole screen.
fn answers(town: &Town, guard: &Browser, folder: Option<&std::path::Path>) {
    guard.looks_like(360, false);
    for (name, text) in [
        ("not-known", "https://example.org/"),
        ("unreadable", "HK1:ABC"),
    ] {
        town.open(guard, "/checkpoint");
        guard.waits_for("!document.getElementById(\"scanner\").hidden");
        guard.type_into("#code", &format!("{text}\n"));
        guard.waits_for(&format!(
            "document.querySelector(\"#scanner-answer [data-answer={name}]\")"
        ));
        if let Some(folder) = folder {
            guard.takes_picture(&folder.join(format!("answer-{name}-360-light.png")));
        }
    }
}
