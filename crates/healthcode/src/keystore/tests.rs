use super::*;
use crate::system::SystemIds;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn fresh(dir: &tempfile::TempDir) -> (KeyFolder, KeyId) {
    let folder = KeyFolder::at(dir.path().join("keys"));
    let issuer = "3301".parse().unwrap();
    let uri = "https://codes.example/api/v1/status-lists";
    let now = at("2020-02-01T00:00:00Z");
    let first = folder.generate(issuer, uri, &SystemIds, now).unwrap();
    (folder, first)
}

#[test]
fn a_new_key_signs_only_after_checkpoints_could_learn_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let (folder, first) = fresh(&dir);
    let (second, _) = folder
        .rotate(&SystemIds, at("2020-03-01T00:00:00Z"))
        .unwrap();
    let signs = |now| folder.signing_keys(at(now)).unwrap().1.issuer_key.id();
    assert_eq!(signs("2020-03-01T23:59:59Z"), first);
    assert_eq!(signs("2020-03-02T00:00:00Z"), second);
    let roles = folder.roles(at("2020-03-03T00:00:00Z")).unwrap();
    assert_eq!(
        roles.iter().map(|(_, role)| *role).collect::<Vec<_>>(),
        [Role::Trusted, Role::Signs]
    );
    let third = folder.rotate(&SystemIds, at("2020-04-01T00:00:00Z"));
    assert!(
        third
            .unwrap_err()
            .to_string()
            .contains(&format!("keys retire {first}"))
    );
}

#[test]
fn a_retired_key_is_trusted_no_more() {
    let dir = tempfile::tempdir().unwrap();
    let (folder, first) = fresh(&dir);
    let (second, _) = folder
        .rotate(&SystemIds, at("2020-03-01T00:00:00Z"))
        .unwrap();
    folder.retire(first, at("2020-03-20T00:00:00Z")).unwrap();
    let list = folder.trust_list().unwrap();
    assert_eq!(
        list.keys()
            .iter()
            .map(|key| key.key.id())
            .collect::<Vec<_>>(),
        [second]
    );
    assert_eq!(list.sequence(), 3);
}

#[test]
fn keys_are_never_replaced_by_accident() {
    let dir = tempfile::tempdir().unwrap();
    let (folder, _) = fresh(&dir);
    let again = folder.generate(
        "3301".parse().unwrap(),
        "x",
        &SystemIds,
        at("2020-02-01T00:00:00Z"),
    );
    assert!(again.unwrap_err().to_string().contains("keys rotate"));
}

#[cfg(unix)]
#[test]
fn a_key_that_others_may_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let (folder, first) = fresh(&dir);
    for path in [folder.path().join(SECRET), folder.issuer_file(first)] {
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let signing = folder.signing_keys(at("2020-02-02T00:00:00Z"));
        let refused = signing.err().or_else(|| folder.secret().err()).unwrap();
        assert!(refused.to_string().contains("chmod 600"), "{refused}");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }
}

#[test]
fn a_key_in_wrong_hands_is_replaced_in_one_act() {
    let dir = tempfile::tempdir().unwrap();
    let (folder, first) = fresh(&dir);
    let before = folder.trust_list().unwrap();
    let now = at("2020-03-01T00:00:00Z");
    let second = folder.rotate_now(true, &SystemIds, now).unwrap();
    let keys = folder.signing_keys(now).unwrap().1;
    assert_eq!(keys.issuer_key.id(), second, "it signs at once");
    let list = folder.trust_list().unwrap();
    assert!(list.key(first).is_none() && list.key(second).is_some());
    assert_ne!(list.freshness_key(), before.freshness_key());
    assert!(folder.handed_out(now).is_ok());
    // Without the word the old key stays trusted: what it signed is honest.
    let third = folder.rotate_now(false, &SystemIds, now).unwrap();
    let list = folder.trust_list().unwrap();
    assert!(list.key(second).is_some() && list.key(third).is_some());
    assert_eq!(list.sequence(), 3);
}

#[test]
fn a_trust_list_has_to_be_renewed_by_the_root_twice_a_year() {
    let dir = tempfile::tempdir().unwrap();
    let (folder, _) = fresh(&dir);
    let list = folder.trust_list().unwrap();
    assert_eq!(list.expires_at(), at("2020-02-01T00:00:00Z") + LIST_LASTS);
    let until = folder
        .renew(&SystemIds, at("2020-07-01T00:00:00Z"))
        .unwrap();
    assert_eq!(until, at("2020-07-01T00:00:00Z") + LIST_LASTS);
    assert_eq!(folder.trust_list().unwrap().keys(), list.keys());
}
