//! What a package brings along.

use crate::newcomer::Folder;

#[test]
fn the_configuration_that_is_packaged_is_read() {
    let folder = Folder::new();
    let packaged = include_str!("../../../../packaging/healthcode.toml");
    let here = packaged.replace("/var/lib/healthcode/", "");
    assert_ne!(here, packaged, "database and keys lie there");
    folder.write("healthcode.toml", &here);
    let doctor = folder.run(&["doctor", "--config", "healthcode.toml"]);
    doctor.exits(1).prints(&["healthcode keys generate"]);
}
