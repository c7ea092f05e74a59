//! The proxies of `packaging/proxy`, each in front of a server that runs, on this machine alone.
//!
//! Ports, names of files and the place of the server are exchanged; the rest is what is shipped.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use super::client::Client;
use super::{Shipped, Tried, free_port, missing};
use crate::bench::{Running, Server};
use crate::run::{output, say};

const HOST: &str = "codes.example.org";
/// Nobody registers twice in a minute from one address, so that it shows which address counts.
const CONFIG: &str = "hosts = [\"codes.example.org\"]
proxies = [\"127.0.0.1\"]

[rates]
registrations = \"1 in 1m\"
";
/// More than proxies and server let in.
const TOO_LARGE: u64 = 33 << 20;

/// A proxy, told to end when dropped: it ends those that it started.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let process = self.0.id().to_string();
        if output(Command::new("kill").args(["-TERM", &process])).is_err() {
            let _ = self.0.kill();
        }
        let _ = self.0.wait();
    }
}

/// A server, and what its proxy needs.
struct Behind {
    server: Running,
    folder: PathBuf,
    port: u16,
}

/// nginx.
pub(super) fn nginx(shipped: &Shipped<'_>) -> Result<Tried> {
    let programs = [
        ("nginx", "nginx-light"),
        ("curl", "curl"),
        ("openssl", "openssl"),
    ];
    if let Some(why) = missing(&programs)? {
        return Ok(Tried::Skipped(why));
    }
    let behind = behind(shipped, "nginx")?;
    let folder = behind.folder.display();
    let (port, clear) = (behind.port, free_port()?);
    let site = shipped.settings.root.join("packaging/proxy/nginx.conf");
    let site = exchanged(
        &site,
        &[
            ("127.0.0.1:8080", &behind.server.address.to_string()),
            ("listen 80;", &format!("listen 127.0.0.1:{clear};")),
            ("listen [::]:80;", ""),
            ("listen 443 ssl", &format!("listen 127.0.0.1:{port} ssl")),
            ("listen [::]:443 ssl http2;", ""),
            (
                "/etc/ssl/healthcode/fullchain.pem",
                &format!("{folder}/fullchain.pem"),
            ),
            (
                "/etc/ssl/healthcode/privkey.pem",
                &format!("{folder}/privkey.pem"),
            ),
            (
                "/var/log/nginx/healthcode.log",
                &format!("{folder}/access.log"),
            ),
        ],
    )?;
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .iter()
        .map(|name| format!("{name}_temp_path {folder}/{name};\n"))
        .collect();
    let config = behind.folder.join("nginx.conf");
    fs::write(
        &config,
        format!(
            "daemon off;\npid {folder}/nginx.pid;\nevents {{}}\nhttp {{\n{temporary}{site}\n}}\n"
        ),
    )?;
    let mut nginx = Command::new("nginx");
    let log = behind.folder.join("error.log");
    nginx
        .arg("-e")
        .arg(&log)
        .arg("-p")
        .arg(&behind.folder)
        .arg("-c")
        .arg(&config);
    let nginx = nginx.stdin(Stdio::null()).stdout(Stdio::null()).spawn();
    let _process = Ended(nginx.context("cannot start nginx")?);
    let client = client(&behind);
    client
        .wait()
        .with_context(|| fs::read_to_string(&log).unwrap_or_default())?;
    holds(&behind, &client)?;
    let in_clear = Client::new(
        &format!("http://127.0.0.1:{clear}"),
        &["-H", "host: codes.example.org"],
    );
    let sent = in_clear.get("/sign-in")?;
    let to = format!("location: https://{HOST}/sign-in");
    ensure!(
        sent.status == 308 && sent.head.contains(&to),
        "in clear: {}",
        sent.head
    );
    Ok(Tried::Held)
}

/// Caddy.
pub(super) fn caddy(shipped: &Shipped<'_>) -> Result<Tried> {
    let programs = [("caddy", "caddy"), ("curl", "curl"), ("openssl", "openssl")];
    if let Some(why) = missing(&programs)? {
        return Ok(Tried::Skipped(why));
    }
    let behind = behind(shipped, "caddy")?;
    let (folder, port) = (behind.folder.display(), behind.port);
    let site = shipped.settings.root.join("packaging/proxy/Caddyfile");
    let site = exchanged(
        &site,
        &[
            ("127.0.0.1:8080", &behind.server.address.to_string()),
            (
                "codes.example.org {",
                &format!(
                    "{HOST}:{port} {{\n\tbind 127.0.0.1\n\ttls {folder}/fullchain.pem {folder}/privkey.pem"
                ),
            ),
        ],
    )?;
    let config = behind.folder.join("Caddyfile");
    fs::write(
        &config,
        format!("{{\n\tadmin off\n\tauto_https disable_redirects\n}}\n{site}"),
    )?;
    let log = fs::File::create(behind.folder.join("log"))?;
    let mut caddy = Command::new("caddy");
    caddy
        .args(["run", "--adapter", "caddyfile", "--config"])
        .arg(&config);
    caddy
        .env("HOME", &behind.folder)
        .env("XDG_DATA_HOME", &behind.folder);
    let caddy = caddy
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn();
    let _process = Ended(caddy.context("cannot start Caddy")?);
    let client = client(&behind);
    let said = || fs::read_to_string(behind.folder.join("log")).unwrap_or_default();
    client.wait().with_context(said)?;
    holds(&behind, &client)?;
    Ok(Tried::Held)
}

/// A server that takes the word of this machine, and a certificate for its proxy.
fn behind(shipped: &Shipped<'_>, name: &str) -> Result<Behind> {
    let folder = shipped.folder(name)?;
    let server = Server::of(shipped.settings, shipped.program);
    let server = server.start_with(&folder.join("server"), CONFIG)?;
    let mut made = Command::new("openssl");
    made.args([
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
    ])
    .args(["-nodes", "-days", "2", "-subj", &format!("/CN={HOST}")])
    .args(["-addext", &format!("subjectAltName=DNS:{HOST}")])
    .args(["-keyout", "privkey.pem", "-out", "fullchain.pem"])
    .current_dir(&folder);
    output(&mut made)?;
    Ok(Behind {
        server,
        folder,
        port: free_port()?,
    })
}

/// A file in which words are exchanged; each must stand in it.
fn exchanged(file: &Path, words: &[(&str, &str)]) -> Result<String> {
    let mut text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
    for (from, to) in words {
        ensure!(
            text.contains(from),
            "{} does not say `{from}`",
            file.display()
        );
        text = text.replace(from, to);
    }
    Ok(text)
}

/// Somebody who knows the proxy by its name, and trusts its certificate.
fn client(behind: &Behind) -> Client {
    let port = behind.port;
    let place = SocketAddr::from(([127, 0, 0, 1], port));
    let resolve = format!("{HOST}:{port}:{}", place.ip());
    let trusted = behind.folder.join("fullchain.pem").display().to_string();
    let more = ["--resolve", &resolve, "--cacert", &trusted];
    Client::new(&format!("https://{HOST}:{port}"), &more)
}

/// What holds behind each proxy.
fn holds(behind: &Behind, client: &Client) -> Result<()> {
    // Under a name that is none of its own the server answers nobody, so that the name came through.
    let page = client.get("/sign-in")?;
    ensure!(
        page.status == 200 && page.body.contains("<form"),
        "/sign-in: {}",
        page.status
    );
    ensure!(page.version == "2", "HTTP/{} and not 2", page.version);
    let secured = page.head.matches("strict-transport-security:").count();
    ensure!(
        secured == 1,
        "Strict-Transport-Security {secured} times:\n{}",
        page.head
    );
    let direct = Client::new(&format!("http://{}", behind.server.address), &[]);
    let other = direct.ask("/sign-in", &["-H", "host: healthcode"])?;
    ensure!(
        other.status == 421,
        "the server answers to any name: {}",
        other.status
    );

    // The address that the proxy sees counts, and not what a client says of itself.
    let near = client.with(&["--interface", "127.0.0.2"]);
    let token = near.register("ZZ9800002")?;
    let claims = near.with(&["-H", "x-forwarded-for: 192.0.2.1"]);
    let again = claims.try_register("ZZ9800003")?;
    ensure!(
        again.status == 429,
        "an address that a client made up counts: {}",
        again.status
    );
    client
        .with(&["--interface", "127.0.0.3"])
        .register("ZZ9800004")?;

    let code = near.code(&token)?;
    ensure!(code.starts_with("HK1:"), "no code: {code}");

    let body = behind.folder.join("large");
    fs::File::create(&body)?.set_len(TOO_LARGE)?;
    let body = format!("@{}", body.display());
    let words = [
        "--data-binary",
        &body,
        "-H",
        "content-type: application/json",
        "-H",
        "idempotency-key: 00112233445566778899aabbccddeeff",
    ];
    let large = client.ask("/api/v1/registrations", &words);
    let large = large.context("a body that is too large")?;
    ensure!(
        large.status == 413,
        "a body of {TOO_LARGE} bytes: {}",
        large.status
    );
    say("a page, a code, two addresses, and a body that is too large");
    Ok(())
}
