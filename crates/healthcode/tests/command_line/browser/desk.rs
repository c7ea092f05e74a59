//! A list with errors is imported, a policy is written and checked as one types, a second officer reads whom it
//! would change and approves, an auditor reads who did it, and a citizen what changed.

use super::*;

/// A second version, of which people read another reason.
fn next_policy(first: &str) -> String {
    first
        .replace("version = 1", "version = 2")
        .replace("Something was ordered.", "Two officials ordered this.")
}

/// Puts a text into a field, as pasting it does.
fn pastes(browser: &Browser, field: &str, text: &str) {
    let text = serde_json::to_string(text).unwrap();
    browser.run(&format!(
        "const field = document.querySelector('{field}'); field.value = {text}; \
         field.dispatchEvent(new Event('input'))"
    ));
}

fn check_says(browser: &Browser, words: &str) {
    browser.waits_for(&format!(
        "document.getElementById('check').innerText.includes('{words}')"
    ));
}

/// A second member of the office, with these roles.
fn a_colleague_joins(town: &Town, (lin, other): (&Browser, &Browser), name: &str, roles: &[&str]) {
    town.open(lin, "/officer/staff");
    lin.reads("/officer/staff", "Dr Lin");
    lin.type_into("#name", name);
    for role in roles {
        lin.press(&format!("input[name='role'][value='{role}']"));
    }
    lin.press("form[action='/officer/staff/propose'] button");
    let read = lin.reads("/officer/staff/propose", "your half of the invitation");
    let mut words = read.split_whitespace();
    let half = words.find(|word| word.len() == 64).unwrap();
    let decides = "form[action^='/officer/staff/proposals/']:not([action$='/half'])";
    let address = lin.attribute(decides, "action");
    let proposal = address.rsplit('/').next().unwrap();
    let second = town.prints(&["staff", "approve", proposal]);
    town.joins(other, half, Some(&second));
}

#[test]
fn an_officer_imports_writes_a_rule_and_a_second_one_approves_what_everybody_reads() {
    let Some(driver) = Driver::start() else {
        return;
    };
    let town = Town::start();
    let (phone, lin, zhao) = (driver.browser(), driver.browser(), driver.browser());
    a_resident_proves_a_phone(&town, &phone);
    let invited = [&FIRST_OFFICER[..], &["--role", "policy_author"]].concat();
    town.joins(&lin, &town.prints(&invited), None);
    a_colleague_joins(&town, (&lin, &zhao), "Dr Zhao", &["approver", "auditor"]);

    a_list_with_errors(&town, &lin);
    let address = a_policy_is_written(&town, &lin);

    town.open(&zhao, &address);
    zhao.reads(&address, "Whom it would change");
    zhao.has_no_barriers();
    zhao.type_into("#reason", "read and agreed");
    zhao.press("button[value='approve']");
    zhao.reads(&address, "Approved");

    town.open(&zhao, "/officer/log");
    zhao.reads("/officer/log", "City health office");
    zhao.has_no_barriers();
    town.open(&zhao, "/log");
    zhao.reads("/log", "Root of the tree");

    town.open(&phone, "/rules/versions");
    phone.reads("/rules/versions", "in force now");
    phone.has_no_barriers();
    phone.press("a[href$='/2/changes']");
    let changes = "/rules/test-town/2/changes";
    let read = phone.reads(changes, "Only its texts changed");
    assert!(read.contains("By order"), "{read}");
    phone.has_no_barriers();
}

/// A list is looked at, its columns are kept under a name, what can be is taken in, and the columns are forgotten.
fn a_list_with_errors(town: &Town, lin: &Browser) {
    town.open(lin, "/officer/imports");
    lin.reads("/officer/imports", "Look at the list");
    lin.press("#kind option[value='test']");
    let person = town.only_person();
    let rows = format!(
        "Number\tTaken\tWhat\n{person}\t2020-02-19\tpositive\n{person}\t2020-02-19\tperhaps\n"
    );
    pastes(lin, "#rows", &rows);
    lin.press("button[value='look']");
    lin.reads("/officer/imports", "Nothing goes to");
    lin.has_no_barriers();
    for (column, field) in [("c0", "number"), ("c1", "sampled"), ("c2", "result")] {
        lin.press(&format!("#{column} option[value='{field}']"));
    }
    lin.press("button[value='look']");
    let read = lin.reads("/officer/imports", "1 can be taken in");
    assert!(read.contains("perhaps"), "{read}");
    lin.type_into("#columns_name", "North laboratory");
    lin.press("button[value='save']");
    lin.reads("/officer/imports", "Kept.");
    lin.press("button[value='take']");
    lin.reads("/officer/imports", "Taken in: 1");
    lin.has_no_barriers();
    town.open(lin, "/officer/imports/columns");
    lin.reads("/officer/imports/columns", "North laboratory");
    lin.has_no_barriers();
    lin.press("main section form button");
    lin.reads("/officer/imports/columns", "keeps no columns yet");
}

/// A policy is wrong, then right, then found again in its tab, and is proposed; where.
fn a_policy_is_written(town: &Town, lin: &Browser) -> String {
    let next = next_policy(&std::fs::read_to_string(town.folder.path("policy.toml")).unwrap());
    town.open(lin, "/officer/propose");
    lin.reads("/officer/propose", "Check and propose");
    pastes(lin, "#toml", &next.replace("version = 2", "verzion = 2"));
    check_says(lin, "Line 4");
    check_says(lin, "This field is not known here");
    lin.has_no_barriers();
    pastes(lin, "#toml", &next);
    check_says(lin, "Nothing is proposed yet");
    lin.has_no_barriers();
    town.open(lin, "/officer/propose");
    lin.waits_for("document.getElementById('toml').value.includes('version = 2')");
    lin.press("button[value='propose']");
    lin.waits_for("location.pathname.startsWith('/officer/proposals/')");
    lin.waits_for("document.body.innerText.includes('Waiting for a second person')");
    let address = lin.address();
    let path = address.strip_prefix(&town.origin).unwrap();
    path.split('?').next().unwrap().to_owned()
}
