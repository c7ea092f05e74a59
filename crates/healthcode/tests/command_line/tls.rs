//! A server that speaks TLS by itself, and what it says of its certificate.

use std::fs::{self, File, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rustls::crypto::aws_lc_rs;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use crate::newcomer::Folder;
use crate::server::{ORIGIN, Server, installation};

const PAUSE: Duration = Duration::from_millis(100);
const CONFIG: &str = "[tls]\ncertificate = \"fullchain.pem\"\nkey = \"privkey.pem\"\n";

/// A certificate for the server of the stories, and its key.
struct Made {
    certificate: String,
    key: String,
}

impl Made {
    fn until(year: i32) -> Self {
        let names = ["127.0.0.1", "localhost", "code.example"];
        let mut wanted = rcgen::CertificateParams::new(names.map(str::to_owned)).unwrap();
        wanted.not_after = rcgen::date_time_ymd(year, 1, 1);
        let key = rcgen::KeyPair::generate().unwrap();
        Self {
            certificate: wanted.self_signed(&key).unwrap().pem(),
            key: key.serialize_pem(),
        }
    }

    fn is_written_to(&self, folder: &Folder) {
        folder.write("fullchain.pem", &self.certificate);
        folder.write("privkey.pem", &self.key);
        fs::set_permissions(folder.path("privkey.pem"), Permissions::from_mode(0o600)).unwrap();
    }

    /// What somebody is answered who trusts this certificate alone, on a connection of their own.
    fn trusted(&self, address: &str) -> Result<ureq::http::Response<ureq::Body>, ureq::Error> {
        let root = Certificate::from_pem(self.certificate.as_bytes()).unwrap();
        let tls = TlsConfig::builder()
            .unversioned_rustls_crypto_provider(Arc::new(aws_lc_rs::default_provider()))
            .root_certs(RootCerts::Specific(Arc::new(vec![root])));
        let config = ureq::Agent::config_builder()
            .tls_config(tls.build())
            .timeout_global(Some(Duration::from_secs(60)));
        let agent = ureq::Agent::new_with_config(config.build());
        agent.get(format!("{address}/health")).call()
    }
}

fn serving(folder: &Folder) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_healthcode"));
    command
        .args(["serve", "--listen", "127.0.0.1:0", "--origin", ORIGIN])
        .args(["--config", "tls.toml", "--log", "warn"])
        .current_dir(folder.path(""))
        .env_clear()
        .stdout(Stdio::piped());
    command
}

#[test]
fn a_certificate_is_renewed_while_the_server_runs() {
    let folder = installation();
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let monitor = free.local_addr().unwrap();
    drop(free);
    let metrics = format!("{CONFIG}[metrics]\nlisten = \"{monitor}\"\n");
    folder.write("tls.toml", &metrics);
    let (first, second) = (Made::until(2090), Made::until(2091));
    first.is_written_to(&folder);
    let server = Server::started(&mut serving(&folder));
    let address = server.address().to_owned();
    assert!(address.starts_with("https://"), "{address}");
    let answer = first.trusted(&address).unwrap();
    assert_eq!(answer.status(), 200);
    assert!(answer.headers().contains_key("strict-transport-security"));
    assert!(second.trusted(&address).is_err());
    let listen = address.strip_prefix("https://").unwrap();
    let doctor = ["doctor", "--config", "tls.toml", "--listen", listen];
    folder.run(&doctor).exits(0).prints(&[
        "good  certificate   fullchain.pem ends at 2090-01-01",
        "works, and so do its workers",
    ]);

    let left = || -> i64 {
        let mut page = ureq::get(format!("http://{monitor}/metrics"))
            .call()
            .unwrap();
        let page = page.body_mut().read_to_string().unwrap();
        let name = "healthcode_certificate_left_seconds ";
        let left = page.lines().find_map(|line| line.strip_prefix(name));
        left.unwrap().parse().unwrap()
    };
    let before = left();
    assert!(before > 0, "{before}");

    second.is_written_to(&folder);
    let process = server.process.id().to_string();
    let told = Command::new("kill").args(["-HUP", &process]).status();
    assert!(told.unwrap().success());
    let mut looks = (0..600).map(|_| thread::sleep(PAUSE));
    assert!(looks.any(|()| second.trusted(&address).is_ok()));
    assert!(first.trusted(&address).is_err());
    assert!(left() > before + 300 * 24 * 3600);
    assert!(server.ends());
}

#[test]
fn who_asks_without_tls_is_sent_on_where_that_is_asked_for() {
    let folder = installation();
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let plain = free.local_addr().unwrap();
    drop(free);
    let redirecting = format!("{CONFIG}redirect = \"{plain}\"\n");
    folder.write("tls.toml", &redirecting);
    Made::until(2090).is_written_to(&folder);
    folder
        .run(&["serve", "--config", "tls.toml", "--listen", "127.0.0.1:0"])
        .exits(2)
        .says(&["redirect = ", "`origin`"]);
    let server = Server::started(&mut serving(&folder));
    let asked = ureq::get(format!("http://{plain}/check?lang=zh")).config();
    let asked = asked.max_redirects(0).http_status_as_error(false);
    let answer = asked
        .max_redirects_will_error(false)
        .build()
        .call()
        .unwrap();
    assert_eq!(answer.status(), 308);
    let found = answer.headers()["location"].to_str().unwrap().to_owned();
    assert_eq!(found, format!("{ORIGIN}/check?lang=zh"));
    assert!(server.ends());
}

#[test]
fn what_is_wrong_with_a_certificate_is_said_before_anything_is_served() {
    let folder = installation();
    folder.write("tls.toml", CONFIG);
    let serve = ["serve", "--config", "tls.toml", "--listen", "127.0.0.1:0"];
    folder
        .run(&serve)
        .exits(2)
        .says(&["tls: certificate = \"fullchain.pem\"", "no such file"]);
    let (made, other) = (Made::until(2090), Made::until(2090));
    made.is_written_to(&folder);
    folder.write("privkey.pem", &other.key);
    folder
        .run(&serve)
        .exits(2)
        .says(&["tls: key = \"privkey.pem\"", "issued together"]);
    folder
        .run(&["doctor", "--config", "tls.toml"])
        .exits(1)
        .prints(&["BAD   certificate", "issued together"]);
    made.is_written_to(&folder);
    folder
        .run(&[&serve[..], &["--plain-http"]].concat())
        .exits(2)
        .says(&["--plain-http and [tls]"]);
    let other_name = ["--origin", "https://codes.example.org"];
    folder
        .run(&[&["doctor", "--config", "tls.toml"], &other_name[..]].concat())
        .exits(1)
        .prints(&["BAD   certificate", "not for codes.example.org"]);
}

/// It is served: a resident at a gate has more use of a warning of their browser than of no answer.
#[test]
fn a_certificate_that_ended_is_served_and_said_aloud() {
    let folder = installation();
    folder.write("tls.toml", CONFIG);
    Made::until(2025).is_written_to(&folder);
    let log = File::create(folder.path("log")).unwrap();
    let server = Server::started(serving(&folder).stderr(log));
    assert!(server.ends());
    let log = fs::read_to_string(folder.path("log")).unwrap();
    assert!(log.contains("no browser takes it any more"), "{log}");
    folder
        .run(&["doctor", "--config", "tls.toml"])
        .exits(1)
        .prints(&["BAD   certificate", "write both files anew"]);
}
