//! Project automation: `cargo xtask test` is the gate.

mod bench;
mod browser;
mod deny;
mod gate;
mod generate;
mod key_service;
mod load;
mod npm;
mod outsider;
mod package;
mod postgres;
mod prerequisites;
mod python;
mod run;
mod schemathesis;
mod settings;
mod soak;

use std::process::ExitCode;

use settings::Settings;

const HELP: &str = "\
cargo xtask VERB

  test                the gate: formatting, lints, wasm, tests on both databases, documentation,
                      tidiness, licences, advisories, and the main job end to end; exit status 0 only if
                      everything passed
  tidy                only the tests of the house rules: arrows, names, sizes, links
  postgres COMMAND…   runs a command, for example `cargo test -p store`, with a throwaway PostgreSQL
                      named in HEALTHCODE_TEST_POSTGRES
  bench [OPTIONS]     our kernels beside other engines, and what a server does in a second;
                      `cargo xtask bench --help` lists the options
  load [PROFILE…]     what a server does when a whole city asks at once; `cargo xtask load --help`
                      lists the profiles
  soak [--minutes N]  every property test a hundred times, each time from a new seed, or until the
                      minutes are over
  pictures            takes the pictures in the README anew, of the demonstration in Chromium; then
                      look at each of them
  generate            write the generated files anew; then look at `git diff`
  package [--oci] [--check]
                      a Debian package of the release build and an image for containers, in
                      target/package, and all of it tried; `cargo xtask package --help`
  help                this text

Environment
  HEALTHCODE_TEST_POSTGRES   a PostgreSQL the tests may use, as postgres://USER@HOST:PORT/DATABASE;
                             without one that answers, `test` starts a throwaway cluster
  HEALTHCODE_TEST_SCHEMATHESIS
                             if set, `test` also asks a running server at random, for two minutes,
                             whether it answers as its document says
  HEALTHCODE_TEST_ADVISORIES
                             the git repository from which `test` fetches advisories about
                             dependencies; default the public one of RustSec
  HEALTHCODE_DATA            the folder with the real data; default ../shared/data
  HEALTHCODE_BENCH_DATA      where benchmarks keep their data; default ~/.cache/healthcode-bench
  CARGO_TARGET_DIR           where builds go
";

fn main() -> ExitCode {
    let verb = std::env::args().nth(1);
    let settings = Settings::read();
    let outcome = match verb.as_deref() {
        Some("test") => gate::test(&settings),
        Some("tidy") => gate::tidy(&settings),
        Some("postgres") => gate::with_postgres(&settings, std::env::args_os().skip(2)),
        Some("bench") if std::env::args().nth(2).as_deref() == Some("--help") => {
            run::say(bench::HELP);
            Ok(true)
        }
        Some("bench") => bench::bench(&settings, std::env::args().skip(2)),
        Some("load") if std::env::args().nth(2).as_deref() == Some("--help") => {
            run::say(load::HELP);
            Ok(true)
        }
        Some("load") => load::load(&settings, std::env::args().skip(2)),
        Some("soak") => soak::soak(&settings, std::env::args().skip(2)),
        Some("package") if std::env::args().nth(2).as_deref() == Some("--help") => {
            run::say(package::HELP);
            Ok(true)
        }
        Some("package") => package::package(&settings, std::env::args().skip(2)),
        Some("pictures") => browser::pictures(&settings),
        Some("generate") => generate::generate(&settings),
        Some("help" | "--help" | "-h") => {
            run::say(HELP);
            Ok(true)
        }
        other => {
            let problem = other.map_or("no verb given".to_owned(), |verb| {
                format!("no verb `{verb}`")
            });
            run::say(&format!("{problem}\n\n{HELP}"));
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            run::say(&format!("xtask: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
