//! A key service that seals the installation's secret: OpenBao, which the test starts itself.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::json;

use crate::newcomer::Folder;
use crate::server::{Server, installation};

const TOKEN: &str = "the-token-of-the-test";

/// OpenBao in development mode: on loopback, in memory.
struct KeyService {
    process: Child,
    url: String,
}

impl KeyService {
    /// Starts it with a key; `None`, said aloud, if there is no such program.
    #[expect(
        clippy::disallowed_methods,
        reason = "a test has no binary that could parse settings"
    )]
    fn start() -> Option<Self> {
        let Ok(program) = std::env::var("HEALTHCODE_TEST_BAO") else {
            eprintln!("SKIPPED: HEALTHCODE_TEST_BAO names no program of OpenBao");
            return None;
        };
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap().to_string();
        drop(free);
        let home = tempfile::tempdir().unwrap();
        let process = Command::new(program)
            .args(["server", "-dev", "-dev-no-store-token"])
            .arg(format!("-dev-root-token-id={TOKEN}"))
            .arg(format!("-dev-listen-address={address}"))
            .env("HOME", home.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let url = format!("http://{address}");
        let service = Self { process, url };
        for _ in 0..3000 {
            if service.post("sys/mounts/transit", &json!({ "type": "transit" })) {
                assert!(service.post("transit/keys/healthcode", &json!({})));
                return Some(service);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("OpenBao does not answer");
    }

    fn post(&self, path: &str, body: &serde_json::Value) -> bool {
        let request = ureq::post(format!("{}/v1/{path}", self.url));
        request
            .header("X-Vault-Token", TOKEN)
            .send_json(body)
            .is_ok()
    }

    fn end(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for KeyService {
    fn drop(&mut self) {
        // It may have ended before.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn private(folder: &Folder, name: &str, text: &str) {
    folder.write(name, text);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let private = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(folder.path(name), private).unwrap();
    }
}

#[test]
fn a_key_service_seals_the_secret_and_is_needed_at_a_start_only() {
    let Some(mut service) = KeyService::start() else {
        return;
    };
    let folder = installation();
    let secret = || std::fs::read_to_string(folder.path("keys/installation.secret")).unwrap();
    let plain = secret();
    private(&folder, "token.txt", TOKEN);
    private(&folder, "wrong.txt", "another");
    let wrap = |key: &str, token: &str| {
        let to = [
            "--transit",
            &service.url,
            "--key",
            key,
            "--token-file",
            token,
        ];
        folder.run(&[&["keys", "wrap"], &to[..]].concat())
    };
    wrap("healthcode", "wrong.txt")
        .exits(1)
        .says(&["does not take the token", "wrong.txt"]);
    wrap("health code", "token.txt")
        .exits(1)
        .says(&["no name of a key"]);
    assert_eq!(secret(), plain, "nothing was changed");
    wrap("healthcode", "token.txt")
        .exits(0)
        .prints(&["ask it when they start"]);
    assert!(secret().starts_with("vault:v1:") && !secret().contains(&plain[..64]));
    folder
        .run(&["doctor"])
        .exits(0)
        .prints(&["sealed by healthcode at http://127.0.0.1"]);

    // Another key of the vault is sealed as well, and people are found as before.
    let server = Server::start(&folder);
    server.register();
    assert!(server.ends());
    folder.run(&["keys", "rotate-vault"]).exits(0);
    assert!(secret().starts_with("vault:v1:"));
    let server = Server::start(&folder);

    // Without the service nothing starts, and what runs goes on, also when keys change.
    let sealed = secret();
    service.end();
    let refused = folder.run(&["doctor"]);
    refused
        .exits(1)
        .prints(&["the key service does not answer", "start and unseal it"]);
    let id = server.process.id().to_string();
    let signalled = Command::new("kill").args(["-HUP", &id]).status();
    assert!(signalled.unwrap().success());
    folder.run(&["keys", "rotate", "--now"]).exits(0);
    std::thread::sleep(Duration::from_secs(4));
    server.post("/api/v1/verifications", None, &json!({ "code": "x" }));
    let health = server.bytes("/health");
    assert!(
        String::from_utf8(health)
            .unwrap()
            .contains("\"status\":\"ok\"")
    );
    assert_eq!(secret(), sealed);
    assert!(server.ends());
}
