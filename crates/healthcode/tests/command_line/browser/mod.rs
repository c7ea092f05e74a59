//! What people press in a real browser: staff members with passkeys, a resident with a phone. Run
//! where `HEALTHCODE_TEST_CHROMEDRIVER` names the program that drives Chromium.

mod desk;
mod frames;
mod gate;
mod kept;
mod pictures;
mod residents;
mod rules;
mod scanner;
mod screenshots;
mod webdriver;

use std::net::TcpListener;
use std::process::{Command, Stdio};

use self::webdriver::{Browser, Driver, PAUSE};
use crate::newcomer::{Folder, POLICY};
use crate::server::{DOCUMENT, Server};

/// A policy in which orders count.
const ORDERS: &str = r#"
[[rule]]
id = "order"
reads = "order"
where = { colour = "red" }
gives = "red"
starts = "from"
lasts = "until"
title.en = "By order"
reason.en = "Something was ordered."
guidance.en = "Stay at home until {until}."
"#;

/// What a policy says about appeals.
const APPEALS: &str = "\n[appeal]\nanswer_within = \"24h\"\n";

/// Makes Dr Lin the first health officer.
const FIRST_OFFICER: [&str; 9] = [
    "staff",
    "invite",
    "--first",
    "--authority",
    "City health office",
    "--name",
    "Dr Lin",
    "--role",
    "health_officer",
];

/// An installation that people reach at `http://localhost`, which browsers trust as they trust TLS.
struct Town {
    folder: Folder,
    /// What is in force when it starts.
    policy: String,
    origin: String,
    server: Option<Server>,
}

impl Town {
    fn start() -> Self {
        Self::start_with("")
    }

    /// The same, with more in its policy.
    fn start_with(more: &str) -> Self {
        let folder = Folder::new();
        let policy = POLICY.replace("needs = \"claimed\"", "needs = \"phone\"");
        let policy = format!("{policy}{ORDERS}{more}");
        folder.write("policy.toml", &policy);
        let send = "[one_time_codes]\nsend = \"file\"\nfile = \"codes.txt\"\n";
        folder.write("healthcode.toml", send);
        let keys = [
            "keys",
            "generate",
            "--issuer",
            "3301",
            "--url",
            "http://localhost",
        ];
        folder.run(&keys).exits(0);
        folder.run(&["migrate"]).exits(0);
        folder.run(&["policy", "publish", "policy.toml"]).exits(0);
        // A passkey belongs to an address, so that the port must be known before.
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let mut town = Self {
            folder,
            policy,
            origin: format!("http://localhost:{port}"),
            server: None,
        };
        town.has_its_network_again();
        town
    }

    /// The server answers at the address that it had.
    fn has_its_network_again(&mut self) {
        let origin = self.origin.clone();
        let listen = origin.replace("http://localhost", "127.0.0.1");
        let mut serve = Command::new(env!("CARGO_BIN_EXE_healthcode"));
        serve
            .args(["serve", "--plain-http", "--log", "error"])
            .args(["--config", "healthcode.toml"])
            .args(["--listen", &listen, "--origin", &origin])
            .current_dir(self.folder.path(""))
            .env_clear()
            .stdout(Stdio::null());
        let process = serve.spawn().unwrap();
        self.server = Some(Server::running(process, origin.clone()));
        let is_up = || ureq::get(format!("{origin}/health")).call().is_ok();
        let mut looks = (0..600).map(|_| std::thread::sleep(PAUSE));
        assert!(looks.any(|()| is_up()), "the server does not answer");
    }

    /// Opens a page in English.
    fn open(&self, browser: &Browser, path: &str) {
        self.open_in(browser, path, "en");
    }

    /// Opens a page in a language.
    fn open_in(&self, browser: &Browser, path: &str, language: &str) {
        let at = path.find('#').unwrap_or(path.len());
        let (path, fragment) = path.split_at(at);
        browser.open(&format!("{}{path}?lang={language}{fragment}", self.origin));
    }

    /// Nobody reaches the server any more.
    fn loses_its_network(&mut self) {
        drop(self.server.take());
    }

    /// A caller of the server is connected, and waits for an answer for as long as this is held.
    #[must_use]
    fn has_a_network_that_hangs(&mut self) -> TcpListener {
        self.loses_its_network();
        TcpListener::bind(self.origin.replace("http://localhost", "127.0.0.1")).unwrap()
    }

    /// What a command prints.
    fn prints(&self, arguments: &[&str]) -> String {
        let run = self.folder.run(arguments);
        run.exits(0);
        run.out.trim().to_owned()
    }

    /// Ms Tang, of a community office, takes up her invitation in a browser.
    fn community_worker_joins(&self, browser: &Browser) {
        let first = ["staff", "invite", "--first", "--kind", "community"];
        let office = ["--authority", "Community office", "--name", "Ms Tang"];
        let role = ["--role", "community_worker"];
        let invitation = self.prints(&[&first[..], &office, &role].concat());
        self.joins(browser, &invitation, None);
    }

    /// The holder of an invitation, or of both halves of one, takes it up with a passkey.
    fn joins(&self, browser: &Browser, invitation: &str, second: Option<&str>) {
        self.open(browser, &format!("/staff/invitation#{invitation}"));
        browser.reads("/staff/invitation", "invitation");
        browser.has_no_barriers();
        if let Some(second) = second {
            browser.type_into("#second", second);
        }
        browser.press("main form button");
        browser.reads("/staff/invitation", "Welcome");
        browser.has_no_barriers();
        browser.press("form[data-passkey] button");
        browser.reads("/officer", "Signed in as");
    }

    /// Dr Lin proposes Dr Zhao for these roles, the operator approves, and Dr Zhao takes both halves.
    fn a_second_one_joins(&self, lin: &Browser, zhao: &Browser, roles: &[&str]) {
        self.open(lin, "/officer/staff");
        lin.reads("/officer/staff", "Dr Lin");
        lin.has_no_barriers();
        lin.type_into("#name", "Dr Zhao");
        for role in roles {
            lin.press(&format!("input[name='role'][value='{role}']"));
        }
        lin.press("form[action='/officer/staff/propose'] button");
        let read = lin.reads("/officer/staff/propose", "your half of the invitation");
        lin.has_no_barriers();
        let mut words = read.split_whitespace();
        let half = words.find(|word| word.len() == 64).unwrap();
        let decides = "form[action^='/officer/staff/proposals/']:not([action$='/half'])";
        let address = lin.attribute(decides, "action");
        let proposal = address.rsplit('/').next().unwrap();
        let other = self.prints(&["staff", "approve", proposal]);
        self.joins(zhao, half, Some(&other));
    }

    /// What people declared is held against what was recorded when the server starts, and each day.
    fn another_day_begins_for_comparing(&mut self) {
        self.loses_its_network();
        let record = rusqlite::Connection::open(self.folder.path("healthcode.db")).unwrap();
        let begins = "DELETE FROM walk WHERE name = 'contradictions'";
        record.execute(begins, []).unwrap();
        self.has_its_network_again();
    }

    /// The record says that everybody showed their passkey ten minutes ago.
    fn ten_minutes_pass_at_the_desk(&self) {
        let record = rusqlite::Connection::open(self.folder.path("healthcode.db")).unwrap();
        let earlier = "UPDATE staff_session SET stepped_up_at = stepped_up_at - 600";
        assert!(record.execute(earlier, []).unwrap() > 0);
    }

    /// The identifier under which a laboratory would report the only resident.
    fn only_person(&self) -> String {
        let record = rusqlite::Connection::open(self.folder.path("healthcode.db")).unwrap();
        let asked = "SELECT lower(hex(person_id)) FROM account";
        record.query_row(asked, [], |row| row.get(0)).unwrap()
    }

    /// The one-time code that was sent last: six digits that stand alone.
    fn last_code(&self) -> String {
        let sent = std::fs::read_to_string(self.folder.path("codes.txt")).unwrap();
        let last = sent.lines().last().unwrap().to_owned();
        let mut words = last.split(|c: char| !c.is_ascii_digit());
        words.find(|word| word.len() == 6).unwrap().to_owned()
    }
}

/// A resident opens an account, proves the phone with the code that was sent, and has a code.
fn a_resident_proves_a_phone(town: &Town, phone: &Browser) {
    opens_an_account(town, phone, ("Mei Lan", DOCUMENT, "13800000000"));
}

fn opens_an_account(town: &Town, phone: &Browser, (name, document, number): (&str, &str, &str)) {
    town.open(phone, "/register");
    phone.reads("/register", "You do this once");
    phone.has_no_barriers();
    phone.type_into("#name", name);
    phone.type_into("#document_number", document);
    phone.type_into("#phone", number);
    phone.press("form[action='/register'] button");
    phone.reads("/me/prove-phone", "Prove your phone");
    phone.press("form[action='/me/prove-phone/send'] button");
    phone.reads("/me/prove-phone/send", "A code is on its way");
    phone.has_no_barriers();
    types_the_code_at_the_second_try(town, phone, "/me/prove-phone");
    phone.reads("/declare", "How are you");
    phone.has_no_barriers();
    phone.press("input[name='contact'][value='none']");
    phone.press("form[action='/declare'] button");
    phone.reads("/me", "You can move around freely");
    phone.has_no_barriers();
}

fn types_the_code_at_the_second_try(town: &Town, phone: &Browser, address: &str) {
    let code = town.last_code();
    let wrong = if code == "000000" { "111111" } else { "000000" };
    let press = format!("form[action='{address}'] button");
    phone.type_into("#code", wrong);
    phone.press(&press);
    phone.reads(address, "This code is wrong");
    phone.type_into("#code", &code);
    phone.press(&press);
}

#[test]
fn officers_with_passkeys_order_by_two_and_the_resident_reads_who_and_why() {
    let Some(driver) = Driver::start() else {
        return;
    };
    let town = Town::start();
    let (phone, lin, zhao) = (driver.browser(), driver.browser(), driver.browser());
    a_resident_proves_a_phone(&town, &phone);

    let first = [
        "staff",
        "invite",
        "--first",
        "--authority",
        "City health office",
    ];
    let who = ["--name", "Dr Lin", "--role", "health_officer"];
    let invitation = town.prints(&[&first[..], &who].concat());
    town.joins(&lin, &invitation, None);
    lin.has_no_barriers();
    lin.press("form[action='/staff/sign-out'] button");
    lin.reads("/", "");
    town.open(&lin, "/staff/sign-in");
    lin.reads("/staff/sign-in", "passkey");
    lin.has_no_barriers();
    lin.press("form[data-passkey] button");
    lin.reads("/officer", "Signed in as Dr Lin");

    town.a_second_one_joins(&lin, &zhao, &["approver"]);
    town.ten_minutes_pass_at_the_desk();
    town.open(&lin, "/officer/orders");
    lin.reads("/officer/orders", "passkey");
    lin.has_no_barriers();
    lin.press("a[href='/staff/sign-in?then=orders']");
    lin.reads("/staff/sign-in", "passkey");
    lin.press("form[data-passkey] button");
    lin.reads("/officer/orders", "Propose an order");
    lin.type_into("#people", &town.only_person());
    lin.press("input[name='colour'][value='red']");
    lin.type_into("#basis", "Infectious Diseases Act, section 39");
    lin.press("form[method='post'][action='/officer/orders'] button");
    lin.reads("/officer/orders", "section 39");
    lin.has_no_barriers();

    town.open(&phone, "/me");
    phone.reads("/me", "You can move around freely");
    town.open(&zhao, "/officer/orders");
    zhao.reads("/officer/orders", "passkey");
    zhao.press("a[href='/staff/sign-in?then=orders']");
    zhao.reads("/staff/sign-in", "passkey");
    zhao.press("form[data-passkey] button");
    zhao.reads("/officer/orders", "section 39");
    zhao.type_into("input[name='reason']", "seen and agreed");
    zhao.press("button[value='approve']");
    zhao.reads("/officer/orders", "Approved");

    town.open(&phone, "/me");
    let read = phone.reads("/me", "By order");
    for words in ["section 39", "two officials of City health office"] {
        assert!(read.contains(words), "{words}: {read}");
    }
    phone.has_no_barriers();
    a_case_at_the_desk(&town, &lin);
    a_screen_at_a_door(&town, &lin);
}

/// An officer enters a case, mends what was refused, and follows its search.
fn a_case_at_the_desk(town: &Town, lin: &Browser) {
    town.open(lin, "/officer");
    lin.reads("/officer", "Nothing waits for you");
    lin.has_no_barriers();
    town.open(lin, "/officer/cases/new");
    lin.reads("/officer/cases/new", "People the case names");
    lin.has_no_barriers();
    lin.press("#kind option[value='id']");
    lin.type_into("#document", &town.only_person());
    lin.press("#k1 option[value='20']");
    lin.type_into("#n1", "E1234567");
    lin.type_into("#a1", "E1234568");
    lin.press("form.broad > button");
    let read = lin.reads("/officer/cases/new", "The two numbers differ");
    assert!(read.contains("Give the first day"), "{read}");
    lin.has_no_barriers();
    lin.run("for (const id of ['n1', 'a1']) document.getElementById(id).value = ''");
    lin.press("form.broad > button");
    lin.waits_for("document.body.innerText.includes('Nobody was found')");
    lin.has_no_barriers();
    town.open(lin, "/officer/cases");
    let read = lin.reads("/officer/cases", "C-");
    assert!(read.contains("Done"), "{read}");
    lin.has_no_barriers();
    for page in ["/officer/imports", "/officer/glitches"] {
        town.open(lin, page);
        lin.reads(page, "");
        lin.has_no_barriers();
    }
}

/// An officer makes their browser the screen at a door, and is signed out of it.
fn a_screen_at_a_door(town: &Town, lin: &Browser) {
    town.open(lin, "/officer/venues");
    lin.reads("/officer/venues", "Add a place");
    lin.has_no_barriers();
    lin.type_into("#name", "Noodle bar");
    lin.press("form[method='post'][action='/officer/venues'] button");
    lin.reads("/officer/venues", "Noodle bar was added");
    lin.press("form[action='/officer/venues/screen'] button");
    lin.reads("/venue-screen", "Noodle bar");
    lin.has_no_barriers();
    town.open(lin, "/officer");
    lin.reads("/staff/sign-in", "passkey");
}

#[test]
fn a_worker_at_the_counter_connects_an_account_and_its_holder_reads_it() {
    let Some(driver) = Driver::start() else {
        return;
    };
    let town = Town::start();
    let (phone, tang) = (driver.browser(), driver.browser());
    a_resident_proves_a_phone(&town, &phone);

    town.community_worker_joins(&tang);
    tang.has_no_barriers();
    town.open(&tang, "/officer/office");
    tang.reads("/officer/office", "The document in your hand");
    tang.has_no_barriers();
    tang.type_into("#number", DOCUMENT);
    tang.press("button[value='find']");
    tang.reads("/officer/office", "Phone number ends in 00");
    tang.has_no_barriers();
    tang.press("button[value='bind']");
    tang.reads("/officer/office", "is connected now");
    tang.press("main summary");
    tang.has_no_barriers();
    tang.press("form[action='/officer/office/card'] button");
    tang.reads("/officer/office/card", "keep the card with your document");
    tang.has_no_barriers();

    town.open(&phone, "/me/security");
    let read = phone.reads("/me/security", "An office saw your document");
    assert!(read.contains("An office printed a card"), "{read}");
    phone.has_no_barriers();
}
