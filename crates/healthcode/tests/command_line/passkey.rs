//! A staff member with a passkey: the device is made of software and answers as a real one would,
//! through the forms of the pages.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use crate::newcomer::Folder;
use crate::server::{ORIGIN, Server};

/// What stands before a P-256 key in a `SubjectPublicKeyInfo`.
const P256_INFO: &str = "3059301306072a8648ce3d020106082a8648ce3d030107034200";

/// The first staff member of a health authority, with every role that officers have; the token of
/// their program.
pub fn first_officer(folder: &Folder, server: &Server, database: &[&str]) -> String {
    let health = ["--authority", "Health", "--name", "Dr Lin"];
    let officer = ["--role", "health_officer", "--role", "venue_owner"];
    first_member(folder, server, &[&health, &officer, database].concat())
}

/// The first staff member of a community office, who sees documents; the token of their program.
pub fn first_worker(folder: &Folder, server: &Server, database: &[&str]) -> String {
    let office = ["--kind", "community", "--authority", "Office"];
    let worker = ["--name", "Ms Wu", "--role", "community_worker"];
    first_member(folder, server, &[&office, &worker, database].concat())
}

/// Invites the first staff member and takes up the invitation.
fn first_member(folder: &Folder, server: &Server, who: &[&str]) -> String {
    let invited = folder.run(&[&["staff", "invite", "--first"], who].concat());
    invited.exits(0);
    let invitation = invited.out.trim();
    let page = server.form("/staff/invitation", &format!("invitation={invitation}"));
    let challenge = attribute(&page.0, "challenge");
    let bytes: Vec<u8> = (0..32)
        .map(|at| u8::from_str_radix(&challenge[2 * at..][..2], 16).unwrap())
        .collect();
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let client_data =
        format!(r#"{{"type":"webauthn.create","challenge":"{challenge}","origin":"{ORIGIN}"}}"#);
    let site = digest(&SHA256, attribute(&page.0, "site").as_bytes());
    let device = [site.as_ref(), &[0b101], &[0; 4]].concat();
    let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
    let form = format!(
        "invitation={invitation}&credential=0707&client_data={}&authenticator_data={}&public_key={}{}",
        hex(client_data.as_bytes()),
        hex(&device),
        P256_INFO,
        hex(key.public_key().as_ref()),
    );
    let (_, cookie) = server.form("/staff/passkey", &form);
    let session = cookie.unwrap();
    let again = server.form("/staff/invitation", &format!("invitation={invitation}"));
    assert!(!again.0.contains("data-challenge"), "it works once");
    let made = server.form_of(&session, "/officer/account/token", "");
    let (_, token) = made.0.split_once("class=\"mono once\">").unwrap();
    token[..64].to_owned()
}

/// The value of an attribute `data-NAME`.
fn attribute(page: &str, name: &str) -> String {
    let start = format!("data-{name}=\"");
    let (_, rest) = page.split_once(&start).unwrap();
    rest.split_once('"').unwrap().0.to_owned()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
