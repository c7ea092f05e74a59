//! What two officers do about a rule and a contradiction, what an auditor sees of it, and what a citizen reads.

use domain::{Clock, SystemClock, Timestamp};
use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::desk::pastes;
use super::*;

/// What a hotel records is held against what people declared.
const COMPARES: &str = "\n[contradictions]\nstays = \"medium\"\nhear_within = \"48h\"\n";

/// What the next version says besides.
const STAYS: &str = r#"
[[rule]]
id = "stay"
reads = "stay"
where = { level = "high" }
gives = "yellow"
starts = "arrived"
lasts = "14d"
title.en = "You were where many are ill"
reason.en = "You were in a region of high risk."
guidance.en = "Stay at home until {until}."
"#;

#[test]
fn a_contradiction_is_dismissed_and_a_rule_changes_by_two_before_everybodys_eyes() {
    let Some(driver) = Driver::start() else {
        return;
    };
    let mut town = Town::start_with(COMPARES);
    let (phone, lin, zhao) = (driver.browser(), driver.browser(), driver.browser());
    a_region_is_of_high_risk(&town);
    a_resident_proves_a_phone(&town, &phone);
    let more = ["--role", "policy_author"];
    let invitation = town.prints(&[&FIRST_OFFICER[..], &more].concat());
    town.joins(&lin, &invitation, None);
    town.a_second_one_joins(&lin, &zhao, &["approver", "auditor"]);

    somebody_was_elsewhere_than_a_hotel_says(&mut town, &phone);
    a_contradiction_is_dismissed(&town, &lin, &phone);
    an_officer_proposes_a_rule(&town, &lin);
    another_officer_reads_whom_it_changes_and_approves(&town, &zhao);
    a_citizen_reads_why_and_what_changed(&town, &phone);
    an_auditor_reads_who_did_what(&town, &zhao);
}

fn days_ago(days: i64) -> Timestamp {
    SystemClock.now() - SignedDuration::from_hours(days * 24)
}

/// Said by the operator, while there is nobody on the staff.
fn a_region_is_of_high_risk(town: &Town) {
    let levels = format!(
        "region,level,from\n4201,high,{}\n",
        days_ago(20).as_second()
    );
    town.folder.write("levels.csv", &levels);
    town.prints(&["import", "regions", "levels.csv"]);
}

/// The resident named another place for those days.
fn somebody_was_elsewhere_than_a_hotel_says(town: &mut Town, phone: &Browser) {
    town.open(phone, "/declare");
    phone.press("input[name='contact'][value='none']");
    phone.press("#journeys summary");
    phone.type_into("#region1", "330106");
    for (field, ago) in [("from1", 9), ("until1", 1)] {
        let day = days_ago(ago).to_zoned(TimeZone::UTC).date();
        phone.run(&format!(
            "document.getElementById('{field}').value = '{day}'"
        ));
    }
    phone.press("form[data-keep] button");
    phone.reads("/me", "You can move around freely");

    let hotels = [
        "keys",
        "token",
        "--kind",
        "transport",
        "--name",
        "Lake Hotels",
        "--reports-of",
        "CN",
    ];
    town.prints(&hotels);
    let (arrived, left) = (days_ago(5).as_second(), days_ago(4).as_second());
    let person = town.only_person();
    let stay = format!(
        "person,region,arrived,left,mode,source\n{person},420102,{arrived},{left},stay,hotel\n"
    );
    town.folder.write("stays.csv", &stay);
    town.prints(&["import", "stays", "stays.csv", "--authority", "Lake Hotels"]);
    town.another_day_begins_for_comparing();
}

fn a_contradiction_is_dismissed(town: &Town, lin: &Browser, phone: &Browser) {
    let mut looks = (0..600).map(|_| std::thread::sleep(PAUSE));
    let is_found = looks.any(|()| {
        town.open(phone, "/me/contradictions");
        phone.text_of("main").contains("Somebody recorded")
    });
    assert!(is_found, "nothing was found to contradict");
    phone.has_no_barriers();
    phone.type_into("textarea[name='words']", "My brother used my card.");
    phone.press("form[data-keep] button");
    phone.reads("/me/contradictions", "My brother used my card.");

    town.open(lin, "/officer/contradictions");
    lin.reads("/officer/contradictions", "The person was heard");
    lin.has_no_barriers();
    lin.press("a[href^='/officer/contradictions/']");
    lin.waits_for("document.body.innerText.includes('My brother used my card.')");
    lin.has_no_barriers();
    lin.type_into("#reasons", "The hotel found the other name.");
    lin.press("button[value='dismiss']");
    lin.waits_for("document.body.innerText.includes('No contradiction waits')");
    town.open(phone, "/me/contradictions");
    let read = phone.reads("/me/contradictions", "An officer dismissed it");
    assert!(read.contains("The hotel found the other name."), "{read}");
    phone.has_no_barriers();
    town.open(phone, "/me");
    phone.reads("/me", "You can move around freely");
}

/// A mistake is said with its line, and what was typed stays.
fn an_officer_proposes_a_rule(town: &Town, lin: &Browser) {
    let policy = town.policy.replace("version = 1", "version = 2");
    let policy = policy.replace("effective = 2020-02-01", "effective = 2020-02-02") + STAYS;
    town.open(lin, "/officer/propose");
    lin.has_no_barriers();
    pastes(
        lin,
        "#toml",
        &policy.replace(
            "gives = \"yellow\"\nstarts = \"arrived\"",
            "gives = \"orange\"\nstarts = \"arrived\"",
        ),
    );
    lin.press("#propose");
    let read = lin.reads("/officer/propose/policy", "Nothing was proposed");
    assert!(read.contains("orange"), "{read}");
    lin.has_no_barriers();
    pastes(lin, "#toml", &policy);
    lin.press("#propose");
    lin.waits_for("document.body.innerText.includes('Waiting for a second person')");
    lin.has_no_barriers();
    let read = lin.text_of("main");
    for words in ["Whom it would change", "1 to 9"] {
        assert!(read.contains(words), "{words}: {read}");
    }
}

fn another_officer_reads_whom_it_changes_and_approves(town: &Town, zhao: &Browser) {
    town.open(zhao, "/officer/proposals");
    zhao.reads("/officer/proposals", "Waiting for a second person");
    zhao.has_no_barriers();
    zhao.press("main section h2 a");
    zhao.waits_for("document.body.innerText.includes('Whom it would change')");
    zhao.press("main details summary");
    assert!(zhao.text_of("main").contains("You were where many are ill"));
    zhao.type_into("#reason", "The numbers of the region ask for it.");
    zhao.press("button[value='approve']");
    zhao.waits_for("document.body.innerText.includes('Approved')");
    zhao.has_no_barriers();
}

fn a_citizen_reads_why_and_what_changed(town: &Town, phone: &Browser) {
    let mut looks = (0..600).map(|_| std::thread::sleep(PAUSE));
    let is_yellow = looks.any(|()| {
        town.open(phone, "/me");
        phone
            .text_of("main")
            .contains("You were where many are ill")
    });
    assert!(is_yellow, "the rule in force does not reach the code page");
    town.open(phone, "/rules");
    phone.reads("/rules", "You were where many are ill");
    phone.has_no_barriers();
    phone.press("a[href='/rules/versions']");
    phone.reads("/rules/versions", "in force now");
    phone.has_no_barriers();
    phone.press("main li:first-child a[href$='/changes']");
    phone.waits_for("document.body.innerText.includes('New rule')");
    let read = phone.text_of("main");
    assert!(read.contains("You were where many are ill"), "{read}");
    assert!(
        !read.contains("You reported a fever"),
        "what stays is not called changed: {read}"
    );
    phone.has_no_barriers();
}

fn an_auditor_reads_who_did_what(town: &Town, zhao: &Browser) {
    town.open(zhao, "/officer/log");
    let read = zhao.reads("/officer/log", "Who did what");
    assert!(read.contains("A policy was published"), "{read}");
    zhao.has_no_barriers();
    zhao.press("main a[href='/log']");
    zhao.reads("/log", "Root of the tree");
    zhao.has_no_barriers();
    town.open(zhao, "/officer/alarms");
    zhao.reads("/officer/alarms", "");
    zhao.has_no_barriers();
}
