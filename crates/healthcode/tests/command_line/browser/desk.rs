//! A list with errors is imported, and the columns that were kept for it are forgotten.

use super::*;

/// Puts a text into a field, as pasting it does.
pub(super) fn pastes(browser: &Browser, field: &str, text: &str) {
    let text = serde_json::to_string(text).unwrap();
    browser.run(&format!(
        "const field = document.querySelector('{field}'); field.value = {text}; \
         field.dispatchEvent(new Event('input'))"
    ));
}

#[test]
fn an_officer_imports_a_list_with_errors_and_forgets_its_columns() {
    let Some(driver) = Driver::start() else {
        return;
    };
    let town = Town::start();
    let (phone, lin) = (driver.browser(), driver.browser());
    a_resident_proves_a_phone(&town, &phone);
    town.joins(&lin, &town.prints(&FIRST_OFFICER), None);
    a_list_with_errors(&town, &lin);
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
