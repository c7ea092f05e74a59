//! The house rules, as tests. Each rule is a function that lists what breaks it, and each is shown
//! a planted fault first, so that none of them can pass by looking at nothing.

mod arrows;
mod asvs;
mod documents;
mod manifests;
mod repository;
mod sources;
mod words;

use repository::Repository;

#[test]
fn arrows_between_crates_point_down() {
    let crates = arrows::of_workspace(&Repository::here());
    assert!(
        crates.len() >= 8,
        "cargo metadata shows only {} crates",
        crates.len()
    );
    assert_clean(arrows::that_point_elsewhere(&crates));
}

#[test]
fn a_crate_is_named_like_its_folder() {
    assert_clean(manifests::named_unlike_their_folder(&Repository::here()));
}

#[test]
fn every_crate_keeps_the_shared_lints_and_versions() {
    assert_clean(manifests::with_settings_of_their_own(&Repository::here()));
}

#[test]
fn every_shared_dependency_is_used() {
    assert_clean(manifests::unused_shared_dependencies(&Repository::here()));
}

#[test]
fn files_stay_short() {
    assert_clean(sources::too_long(&Repository::here()));
}

#[test]
fn names_say_what_a_file_holds() {
    assert_clean(sources::empty_names(&Repository::here()));
}

#[test]
fn a_silenced_lint_gives_its_reason() {
    assert_clean(sources::silenced_lints(&Repository::here()));
}

#[test]
fn nothing_is_left_to_be_done_later() {
    assert_clean(sources::leftovers(&Repository::here()));
}

#[test]
fn property_tests_draw_from_one_seed() {
    assert_clean(sources::seeds_of_their_own(&Repository::here()));
}

#[test]
fn a_contract_of_the_store_can_be_read_at_once() {
    assert_clean(sources::too_wide_contracts(&Repository::here()));
}

#[test]
fn a_type_has_the_name_of_the_field() {
    assert_clean(words::retired_names(&Repository::here()));
}

#[test]
fn a_comment_names_the_thing() {
    assert_clean(words::circling_comments(&Repository::here()));
}

#[test]
fn the_changelog_tells_what_is_unreleased() {
    assert_clean(documents::changelog(&Repository::here()));
}

#[test]
fn links_and_paths_in_documents_lead_somewhere() {
    assert_clean(documents::dead_links(&Repository::here()));
    assert_clean(documents::dead_paths(&Repository::here()));
}

#[test]
fn decisions_are_numbered_and_complete() {
    assert_clean(documents::decisions(&Repository::here()));
}

#[test]
fn every_invariant_names_tests_that_exist() {
    assert_clean(documents::invariants(&Repository::here()));
}

#[test]
fn every_line_of_the_verification_standard_is_answered() {
    assert_clean(asvs::faults(&Repository::here()));
}

#[test]
fn every_threat_names_tests_that_exist() {
    assert_clean(asvs::untold_threats(&Repository::here()));
}

#[track_caller]
fn assert_clean(faults: Vec<String>) {
    assert!(
        faults.is_empty(),
        "{} faults:\n  {}",
        faults.len(),
        faults.join("\n  ")
    );
}
