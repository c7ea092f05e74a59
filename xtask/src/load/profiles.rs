//! The loads, and what is said of each.

use std::fmt::Write as _;
use std::io::Write as _;
use std::net::TcpStream;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::sleep;
use std::time::Duration;

use anyhow::Result;

use super::arrivals::{Arrival, Random, poisson};
use super::city::{City, Kind};
use super::client::Client;
use super::drive::{Clients, Driven, drive, now};
use super::report::{HEAD, lines, shown};
use crate::bench::{Running, Server, UNLIMITED, bytes};

/// What a city asks on a morning, in parts of a hundred: nearly everything is a code that is fetched
/// or checked.
const MORNING: [(Kind, u32); 4] = [
    (Kind::Refresh, 70),
    (Kind::Check, 22),
    (Kind::Declare, 6),
    (Kind::Register, 2),
];
const REGISTRATIONS: [(Kind, u32); 1] = [(Kind::Register, 1)];
const REFRESHES: [(Kind, u32); 1] = [(Kind::Refresh, 1)];

/// Named proxies, and otherwise the rates of every installation.
const USUAL_RATES: &str = "proxies = [\"127.0.0.1\"]\n";
/// The address that asks without end.
const NOISY: &str = "X-Forwarded-For: 203.0.113.7\r\n";

const SILENT: usize = 1000;
const SLOW: usize = 1000;

/// An answer is as quick as before if it takes no longer than this.
const QUICK: Duration = Duration::from_millis(100);
/// So many quick answers in a row, and the server has recovered.
const QUICK_IN_A_ROW: u32 = 5;
const LONGEST_RECOVERY: Duration = Duration::from_secs(40);
/// How long it is asked without pause to see how much it can do.
const CAPACITY_TIME: Duration = Duration::from_secs(5);

/// A load.
#[derive(Clone, Copy)]
pub enum Profile {
    Morning,
    Overload,
    RetryStorm,
    Idle,
    Noisy,
}

impl Profile {
    pub const ALL: [Self; 5] = [
        Self::Morning,
        Self::Overload,
        Self::RetryStorm,
        Self::Idle,
        Self::Noisy,
    ];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Morning => "morning",
            Self::Overload => "overload",
            Self::RetryStorm => "retry-storm",
            Self::Idle => "idle",
            Self::Noisy => "noisy",
        }
    }

    /// Starts a server in `folder`, asks it for `length`, and says what came of it.
    ///
    /// # Errors
    /// The server does not start or ends.
    pub fn run(
        self,
        server: &Server,
        folder: &Path,
        length: Duration,
        clients: usize,
    ) -> Result<String> {
        let config = match self {
            Self::Noisy => USUAL_RATES,
            _ => UNLIMITED,
        };
        let running = server.start_with(folder, config)?;
        let city = City::found(running.address)?;
        let clients = Clients {
            count: clients,
            patience: Duration::from_secs(2),
            retries: 0,
            headers: own_address,
        };
        let scene = Scene {
            running,
            city,
            clients,
            length,
            peak: AtomicU64::new(0),
        };
        let idle = scene.running.memory()?;
        let mut text = match self {
            Self::Morning => scene.morning(),
            Self::Overload => scene.overload(),
            Self::RetryStorm => scene.retry_storm(),
            Self::Idle => scene.idle(),
            Self::Noisy => scene.noisy(),
        };
        let _ = write!(
            text,
            "\nMemory of the server: {} before, {} at most, {} afterwards.",
            bytes(idle),
            bytes(scene.peak.load(Ordering::Relaxed)),
            bytes(scene.running.memory()?)
        );
        drop(scene);
        std::fs::remove_dir_all(folder)?;
        Ok(text)
    }
}

struct Scene {
    running: Running,
    city: City,
    clients: Clients,
    length: Duration,
    peak: AtomicU64,
}

impl Scene {
    fn morning(&self) -> String {
        let (best, mut text) = self.capacity(&MORNING);
        let driven = self.load(&MORNING, best / 2.0, self.clients);
        text += &lines("half of that", &driven);
        text + &own_cost(&driven)
    }

    fn overload(&self) -> String {
        let mut text = String::new();
        for mix in [&REGISTRATIONS, &REFRESHES] {
            let (best, said) = self.capacity(mix);
            text += &said;
            let usual = self.load(mix, best * 0.8, self.clients);
            text += &lines("0.8 times", &usual);
            let many = self.load(mix, best * 10.0, self.clients);
            text += &lines("10 times", &many);
            let kind = mix[0].0;
            let recovery = self.recovery(kind);
            // The record has grown meanwhile, and the first of it was written on an empty file: what
            // the overload cost is seen beside both.
            let (best_after, said) = self.capacity(mix);
            text += &said;
            let part = |best: f64| many.goodput(kind) / best * 100.0;
            let _ = writeln!(
                text,
                "\n{}: goodput at ten times capacity {:.0} % of the best before it and {:.0} % of the \
                 best after it; {recovery}\n",
                kind.name(),
                part(best),
                part(best_after),
            );
            text += &own_cost(&many);
            text += "\n";
        }
        text
    }

    fn retry_storm(&self) -> String {
        let (best, mut text) = self.capacity(&REGISTRATIONS);
        let clients = Clients {
            retries: 3,
            ..self.clients
        };
        let driven = self.load(&REGISTRATIONS, best * 2.0, clients);
        text += &lines("twice, each refused one again at once", &driven);
        let _ = writeln!(text, "\n{}", self.recovery(Kind::Register));
        text + &own_cost(&driven)
    }

    fn idle(&self) -> String {
        let (best, mut text) = self.capacity(&MORNING);
        let mut held: Vec<TcpStream> = Vec::new();
        for number in 0..SILENT + SLOW {
            let Ok(mut stream) = TcpStream::connect(self.city.address) else {
                break;
            };
            let half = b"POST /api/v1/registrations HTTP/1.1\r\nHost: localhost\r\nX: ";
            // One that cannot write was closed already.
            if number >= SILENT && stream.write_all(half).is_err() {
                continue;
            }
            held.push(stream);
        }
        let connected = held.len();
        let driven = self.load(&MORNING, best / 2.0, self.clients);
        text += &lines("half of that, beside them", &driven);
        let left = held.iter().filter(|stream| is_open(stream)).count();
        let _ = writeln!(
            text,
            "\n{connected} connections were opened that were silent or sent half a head; {left} of \
             them were still open after {}.",
            shown(driven.took)
        );
        text + &own_cost(&driven)
    }

    fn noisy(&self) -> String {
        let rate = 50.0;
        let mix = [(Kind::Refresh, 8), (Kind::Check, 1), (Kind::Register, 1)];
        let alone = self.load(&mix, rate, self.clients);
        let mut text = format!("{HEAD}{}", lines("the city alone", &alone));
        let noise = Clients {
            headers: |_| NOISY.to_owned(),
            ..self.clients
        };
        let (beside, noisy) = std::thread::scope(|scope| {
            let noisy = scope.spawn(|| self.load(&REGISTRATIONS, 1000.0, noise));
            let beside = self.load(&mix, rate, self.clients);
            (beside, noisy.join())
        });
        text += &lines("the city beside it", &beside);
        if let Ok(noisy) = noisy {
            text += &lines("the one address", &noisy);
        }
        text
    }

    /// How many a second are carried out when every client asks again as soon as it is answered.
    fn capacity(&self, mix: &[(Kind, u32)]) -> (f64, String) {
        let all = poisson(mix, 1e5, CAPACITY_TIME, 1);
        let at_once: Vec<Arrival> = all
            .into_iter()
            .map(|arrival| Arrival {
                at: Duration::ZERO,
                ..arrival
            })
            .collect();
        let clients = Clients {
            patience: CAPACITY_TIME * 2,
            ..self.clients
        };
        let mut driven = self.watched(|| drive(&self.city, &at_once, clients, CAPACITY_TIME));
        // All of them were due at the start, which says nothing.
        for outcome in &mut driven.outcomes {
            outcome.from_due = outcome.from_sent.clone();
        }
        let best = mix.iter().map(|(kind, _)| driven.goodput(*kind)).sum();
        (
            best,
            format!("\n{HEAD}{}", lines("as fast as answered", &driven)),
        )
    }

    fn load(&self, mix: &[(Kind, u32)], rate: f64, clients: Clients) -> Driven {
        let arrivals = poisson(mix, rate, self.length, 2);
        self.watched(|| drive(&self.city, &arrivals, clients, self.length * 2))
    }

    /// Does `work` while the server's memory is watched.
    fn watched<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        let is_done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !is_done.load(Ordering::Relaxed) {
                    let held = self.running.memory().unwrap_or(0);
                    self.peak.fetch_max(held, Ordering::Relaxed);
                    sleep(Duration::from_millis(100));
                }
            });
            let done = work();
            is_done.store(true, Ordering::Relaxed);
            done
        })
    }

    /// How long until answers are as quick as before, each on a connection of its own.
    fn recovery(&self, kind: Kind) -> String {
        let start = now();
        let mut random = Random::new(3);
        let (mut quick, mut since) = (0, start);
        while start.elapsed() < LONGEST_RECOVERY {
            let asked = now();
            let request = self.city.request(kind, random.next(), "");
            let mut client = Client::new(self.city.address);
            let answer = client.ask(&request);
            let is_good = answer.is_ok_and(|answer| answer.status < 300);
            if is_good && asked.elapsed() <= QUICK {
                if quick == 0 {
                    since = asked;
                }
                quick += 1;
                if quick == QUICK_IN_A_ROW {
                    let took = shown(since - start);
                    return format!("answers within {} again after {took}", shown(QUICK));
                }
            } else {
                quick = 0;
            }
            sleep(Duration::from_millis(20));
        }
        format!("**not recovered** after {}", shown(LONGEST_RECOVERY))
    }
}

/// Everybody has an address of their own.
fn own_address(draw: u64) -> String {
    let [_, .., a, b, c] = draw.to_le_bytes();
    format!("X-Forwarded-For: 10.{a}.{b}.{c}\r\n")
}

fn own_cost(driven: &Driven) -> String {
    let delay = &driven.own_delay;
    if delay.total() == 0 {
        return "\nThe generator's clients were never free: what was due waited for them.\n"
            .to_owned();
    }
    format!(
        "\nOf requests that found a free client, half were sent within {} of when they were due, 99 % \
         within {}.\n",
        shown(delay.per_mille(500)),
        shown(delay.per_mille(990))
    )
}

/// Whether the server still holds a connection on which it has said nothing.
fn is_open(stream: &TcpStream) -> bool {
    let mut byte = [0];
    if stream.set_nonblocking(true).is_err() {
        return false;
    }
    match stream.peek(&mut byte) {
        Ok(read) => read > 0,
        Err(error) => error.kind() == std::io::ErrorKind::WouldBlock,
    }
}
