//! A browser that is driven as WebDriver says (w3.org/TR/webdriver2): Chromium without a window, with a
//! passkey device made of software (w3.org/TR/webauthn-3, section 11); or Firefox, without one.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// How often a page is looked at before it counts as the wrong one, and the pause in between.
const LOOKS: u32 = 300;
pub const PAUSE: Duration = Duration::from_millis(100);

/// What a found element is called on the wire.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Starts browsers: Chromium, or Firefox.
pub enum Driver {
    /// One program drives them all.
    Chromium(Running),
    /// Each has a program of its own, at this path.
    Firefox(PathBuf),
}

/// A program that drives browsers, ended when dropped.
pub struct Running {
    process: Child,
    base: String,
}

impl Driver {
    /// Of Chromium; `None` where `HEALTHCODE_TEST_CHROMEDRIVER` names no program.
    pub fn start() -> Option<Self> {
        let program = named_in("HEALTHCODE_TEST_CHROMEDRIVER")?;
        let running = Running::start(&program, &["--port=0"], "started successfully on port ");
        Some(Self::Chromium(running))
    }

    /// Of Firefox; `None` where `HEALTHCODE_TEST_GECKODRIVER` names no program.
    pub fn of_firefox() -> Option<Self> {
        named_in("HEALTHCODE_TEST_GECKODRIVER").map(Self::Firefox)
    }

    /// A browser of somebody, with a screen as wide as a phone's. Chromium has a device that holds passkeys.
    pub fn browser(&self) -> Browser {
        self.browser_with(&[])
    }

    /// The same, with a camera that films what a file holds (YUV4MPEG2). Chromium only.
    pub fn browser_that_films(&self, film: &Path) -> Browser {
        self.browser_with(&[
            "--use-fake-device-for-media-stream".to_owned(),
            "--use-fake-ui-for-media-stream".to_owned(),
            format!("--use-file-for-fake-video-capture={}", film.display()),
        ])
    }

    fn browser_with(&self, more: &[String]) -> Browser {
        match self {
            Self::Chromium(running) => chromium(running, more),
            Self::Firefox(program) => firefox(program),
        }
    }
}

fn chromium(running: &Running, more: &[String]) -> Browser {
    let folder = tempfile::tempdir().unwrap();
    let profile = format!("--user-data-dir={}", folder.path().display());
    let mut arguments = vec![
        "--headless=new",
        // Containers and a root user have none.
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--hide-scrollbars",
        "--window-size=500,900",
        &profile,
    ];
    arguments.extend(more.iter().map(String::as_str));
    let browser = Browser {
        base: running.session(&json!({
            "goog:chromeOptions": { "args": arguments },
            "webauthn:virtualAuthenticators": true,
        })),
        _profile: Some(folder),
        _driver: None,
    };
    let device = json!({
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": true,
        "hasUserVerification": true, "isUserConsenting": true, "isUserVerified": true,
    });
    browser.post("/webauthn/authenticator", &device);
    browser
}

fn firefox(program: &Path) -> Browser {
    let free_ports = ["--port", "0", "--websocket-port", "0"];
    let running = Running::start(program, &free_ports, "Listening on 127.0.0.1:");
    let arguments = ["-headless", "--width=500", "--height=900"];
    Browser {
        base: running.session(&json!({ "moz:firefoxOptions": { "args": arguments } })),
        _profile: None,
        _driver: Some(running),
    }
}

impl Running {
    /// The program says on its standard output, after `mark`, on which port it listens.
    fn start(program: &Path, arguments: &[&str], mark: &str) -> Self {
        let mut process = Command::new(program)
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut ports = lines.by_ref().filter_map(|line| {
            let line = line.unwrap();
            let (_, port) = line.split_once(mark)?;
            Some(port.trim_end_matches('.').to_owned())
        });
        let base = format!("http://127.0.0.1:{}", ports.next().unwrap());
        // It stops if nobody takes what it says later.
        thread::spawn(move || lines.for_each(drop));
        Self { process, base }
    }

    /// Where a new browser that can do so much is driven.
    fn session(&self, capabilities: &Value) -> String {
        let asked = json!({ "capabilities": { "alwaysMatch": capabilities } });
        let session = send("POST", &format!("{}/session", self.base), &asked);
        let id = session["sessionId"].as_str().unwrap();
        format!("{}/session/{id}", self.base)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests are configured by the gate through the environment"
)]
fn named_in(variable: &str) -> Option<PathBuf> {
    let program = std::env::var_os(variable).map(PathBuf::from);
    if program.is_none() {
        eprintln!("SKIPPED: {variable} names no program that drives a browser");
    }
    program
}

/// One person's browser, closed when dropped.
pub struct Browser {
    base: String,
    _profile: Option<tempfile::TempDir>,
    _driver: Option<Running>,
}

impl Browser {
    /// Opens an address.
    pub fn open(&self, address: &str) {
        self.post("/url", &json!({ "url": address }));
    }

    /// Where it is.
    pub fn address(&self) -> String {
        let address = send("GET", &format!("{}/url", self.base), &Value::Null);
        address.as_str().unwrap().to_owned()
    }

    /// Waits until the page at an address that ends so is there, and holds `text` where people read it.
    #[track_caller]
    pub fn reads(&self, path: &str, text: &str) -> String {
        let script = "return [location.pathname, document.readyState, document.body.innerText]";
        let mut seen = Value::Null;
        for _ in 0..LOOKS {
            seen = self.run(script);
            let [at, state, read] = [0, 1, 2].map(|at| seen[at].as_str().unwrap_or_default());
            if at == path && state == "complete" && read.contains(text) {
                return read.to_owned();
            }
            thread::sleep(PAUSE);
        }
        panic!("not at {path} with {text:?}, but {seen}");
    }

    /// Presses what a selector finds first.
    #[track_caller]
    pub fn press(&self, selector: &str) {
        let element = self.find(selector);
        self.post(&format!("/element/{element}/click"), &json!({}));
    }

    /// Types into what a selector finds first.
    #[track_caller]
    pub fn type_into(&self, selector: &str, text: &str) {
        let element = self.find(selector);
        let typed = json!({ "text": text });
        self.post(&format!("/element/{element}/value"), &typed);
    }

    /// An attribute of what a selector finds first.
    #[track_caller]
    pub fn attribute(&self, selector: &str, name: &str) -> String {
        let script = "return document.querySelector(arguments[0]).getAttribute(arguments[1])";
        let found = self.run_with(script, json!([selector, name]));
        found.as_str().unwrap().to_owned()
    }

    /// What keeps somebody from using the page, as axe-core finds it by the rules of WCAG 2.2 AA;
    /// nothing is looked for where `HEALTHCODE_TEST_AXE` names no folder with it.
    #[track_caller]
    #[expect(
        clippy::disallowed_methods,
        reason = "tests are configured by the gate through the environment"
    )]
    pub fn has_no_barriers(&self) {
        let Some(folder) = std::env::var_os("HEALTHCODE_TEST_AXE") else {
            eprintln!("SKIPPED: HEALTHCODE_TEST_AXE names no folder with axe-core");
            return;
        };
        let file = PathBuf::from(folder).join("node_modules/axe-core/axe.min.js");
        let axe = std::fs::read_to_string(file).unwrap();
        self.run(&axe);
        let rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
        let script = "const done = arguments[1]; \
            axe.run({ runOnly: arguments[0] }).then((found) => done(found.violations.map((one) => \
            [one.id, one.help, one.nodes.map((node) => node.html)])), (error) => done([`${error}`]))";
        let found = self.run_and_wait(script, &json!([rules]));
        assert_eq!(found, json!([]), "at {}", self.address());
    }

    /// Waits until a script answers true.
    #[track_caller]
    pub fn waits_for(&self, script: &str) {
        let asked = format!("return Boolean({script})");
        for _ in 0..LOOKS {
            if self.run(&asked) == Value::Bool(true) {
                return;
            }
            thread::sleep(PAUSE);
        }
        let read = self.run("return document.body.innerText");
        panic!("{script} never came true at {}: {read}", self.address());
    }

    /// The text of what a selector finds first, also where it is folded away.
    #[track_caller]
    pub fn text_of(&self, selector: &str) -> String {
        let script = "return document.querySelector(arguments[0]).textContent";
        let found = self.run_with(script, json!([selector]));
        found.as_str().unwrap().trim().to_owned()
    }

    /// Makes the screen so many points wide, of somebody who prefers light or dark pages.
    pub fn looks_like(&self, width: u32, is_dark: bool) {
        let screen =
            json!({ "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", &screen);
        let value = if is_dark { "dark" } else { "light" };
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": value }] });
        self.devtools("Emulation.setEmulatedMedia", &media);
    }

    /// Presents no session any more, as one that was ended elsewhere.
    pub fn loses_its_cookies(&self) {
        self.devtools("Network.clearBrowserCookies", &json!({}));
    }

    /// Keeps nothing any more of what it fetched; what a worker keeps stays.
    pub fn fetches_anew(&self) {
        self.devtools("Network.clearBrowserCache", &json!({}));
    }

    /// Waits so long for a script, and no longer.
    pub fn waits_for_scripts(&self, time: Duration) {
        self.post("/timeouts", &json!({ "script": time.as_secs() * 1000 }));
    }

    /// Waits so long for a page, and no longer.
    pub fn waits_for_pages(&self, time: Duration) {
        self.post("/timeouts", &json!({ "pageLoad": time.as_secs() * 1000 }));
    }

    /// Reaches no address that looks so; with the rest of the server it goes on.
    pub fn does_not_reach(&self, pattern: &str) {
        self.devtools("Network.enable", &json!({}));
        self.devtools("Network.setBlockedURLs", &json!({ "urls": [pattern] }));
    }

    /// Makes the screen that of a phone, or of a desk, with so many dots a point.
    pub fn has_a_screen(&self, (width, height): (u32, u32), scale: f32) {
        let screen = json!({
            "width": width, "height": height, "deviceScaleFactor": scale, "mobile": false,
        });
        self.devtools("Emulation.setDeviceMetricsOverride", &screen);
    }

    /// What the screen shows, as WebP.
    pub fn screen(&self) -> Vec<u8> {
        let asked = json!({ "format": "webp", "quality": 70 });
        let taken = self.devtools("Page.captureScreenshot", &asked);
        STANDARD.decode(taken["data"].as_str().unwrap()).unwrap()
    }

    /// A picture of the whole page.
    pub fn takes_picture(&self, file: &Path) {
        std::fs::write(file, self.picture()).unwrap();
    }

    /// The same, as PNG.
    pub fn picture(&self) -> Vec<u8> {
        let asked = json!({ "format": "png", "captureBeyondViewport": true });
        let taken = self.devtools("Page.captureScreenshot", &asked);
        STANDARD.decode(taken["data"].as_str().unwrap()).unwrap()
    }

    fn devtools(&self, command: &str, parameters: &Value) -> Value {
        let asked = json!({ "cmd": command, "params": parameters });
        self.post("/goog/cdp/execute", &asked)
    }

    /// Runs a script.
    pub fn run(&self, script: &str) -> Value {
        self.run_with(script, json!([]))
    }

    /// Runs a script until it calls its last argument; what it calls that with.
    #[track_caller]
    pub fn run_and_wait(&self, script: &str, arguments: &Value) -> Value {
        let asked = json!({ "script": script, "args": arguments });
        self.post("/execute/async", &asked)
    }

    #[track_caller]
    fn run_with(&self, script: &str, arguments: Value) -> Value {
        let asked = json!({ "script": script, "args": arguments });
        self.post("/execute/sync", &asked)
    }

    #[track_caller]
    fn find(&self, selector: &str) -> String {
        let asked = json!({ "using": "css selector", "value": selector });
        let found = self.post("/element", &asked);
        found[ELEMENT].as_str().unwrap().to_owned()
    }

    #[track_caller]
    fn post(&self, path: &str, body: &Value) -> Value {
        send("POST", &format!("{}{path}", self.base), body)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = ureq::delete(&self.base).call();
    }
}

/// Sends a command; what came back, which must be no fault.
#[track_caller]
fn send(method: &str, address: &str, body: &Value) -> Value {
    let config = ureq::Agent::config_builder().http_status_as_error(false);
    let agent: ureq::Agent = config.build().into();
    let sent = if method == "GET" {
        agent.get(address).call()
    } else {
        agent.post(address).send_json(body)
    };
    let mut answer: Value = sent.unwrap().body_mut().read_json().unwrap();
    let value = answer["value"].take();
    assert!(value["error"].is_null(), "{address}: {value}");
    value
}
