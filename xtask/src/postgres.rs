//! A PostgreSQL for the tests: the one that was named, or a throwaway cluster.

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};

use crate::prerequisites::{is_root, postgres_programs};
use crate::run::{find_program, output, say};

/// A database for the tests. Dropping it ends and removes what was started for it.
pub enum TestPostgres {
    /// Runs already; somebody else's to end.
    Running {
        /// Its address.
        url: String,
    },
    /// Started here.
    Throwaway(Cluster),
}

impl TestPostgres {
    /// Takes the database at `named` if it answers, and otherwise starts a cluster.
    ///
    /// # Errors
    /// PostgreSQL is missing, or the cluster does not start.
    pub fn provide(named: Option<&str>) -> Result<Self> {
        if let Some(url) = named {
            if answers(url) {
                say("PostgreSQL: the one that HEALTHCODE_TEST_POSTGRES names");
                return Ok(Self::Running {
                    url: url.to_owned(),
                });
            }
            say("the database that HEALTHCODE_TEST_POSTGRES names does not answer");
        }
        Cluster::start(&postgres_programs()?, FOR_TESTS).map(Self::Throwaway)
    }

    /// How a test reaches it.
    pub fn url(&self) -> String {
        match self {
            Self::Running { url } => url.clone(),
            Self::Throwaway(cluster) => cluster.url(),
        }
    }
}

fn answers(url: &str) -> bool {
    let Some(psql) = find_program("psql") else {
        return false;
    };
    output(Command::new(psql).args(["--no-psqlrc", "--no-password", "--command=select 1", url]))
        .is_ok()
}

/// Every test may open a pool of its own; the data is thrown away, so no sync to the disk.
const FOR_TESTS: &[&str] = &["max_connections=300", "fsync=off", "full_page_writes=off"];

/// A cluster in a temporary folder, on loopback, that nobody else uses.
pub struct Cluster {
    server: Child,
    folder: PathBuf,
    port: u16,
}

impl Cluster {
    /// Makes a cluster and starts its server with `settings`, each as `name=value`.
    ///
    /// # Errors
    /// It cannot be made or does not start.
    pub fn start(programs: &Path, settings: &[&str]) -> Result<Self> {
        let owner = Owner::pick()?;
        let folder =
            std::env::temp_dir().join(format!("healthcode-test-postgres-{}", std::process::id()));
        let port = free_port()?;
        owner.make_folder(&folder)?;
        match initialise(programs, &folder, &owner)
            .and_then(|()| spawn(programs, &folder, port, &owner, settings))
        {
            Ok(server) => {
                let mut cluster = Self {
                    server,
                    folder,
                    port,
                };
                cluster.wait_until_it_answers(programs)?;
                say(&format!(
                    "PostgreSQL: a throwaway cluster at {}",
                    cluster.url()
                ));
                Ok(cluster)
            }
            Err(error) => {
                let _ = fs::remove_dir_all(&folder);
                Err(error)
            }
        }
    }

    /// How to reach it.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    fn wait_until_it_answers(&mut self, programs: &Path) -> Result<()> {
        let port = format!("--port={}", self.port);
        for _ in 0..300 {
            let mut asked = Command::new(programs.join("pg_isready"));
            if output(asked.args(["--host=127.0.0.1", &port])).is_ok() {
                return Ok(());
            }
            if let Some(status) = self.server.try_wait()? {
                bail!("PostgreSQL ended with {status}:\n{}", self.log());
            }
            sleep(Duration::from_millis(200));
        }
        bail!("PostgreSQL does not answer after a minute:\n{}", self.log())
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

impl Drop for Cluster {
    /// Asks the server to end at once, with its children, and removes the folder.
    fn drop(&mut self) {
        let process = self.server.id().to_string();
        if output(Command::new("kill").args(["-QUIT", &process])).is_err() {
            let _ = self.server.kill();
        }
        let _ = self.server.wait();
        if let Err(error) = fs::remove_dir_all(&self.folder) {
            say(&format!("{} stays behind: {error}", self.folder.display()));
        }
    }
}

fn initialise(programs: &Path, folder: &Path, owner: &Owner) -> Result<()> {
    let mut initdb = Command::new(programs.join("initdb"));
    initdb.arg("--pgdata").arg(folder.join("data"));
    initdb.args([
        "--username=postgres",
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C",
        "--no-sync",
    ]);
    output(owner.runs(&mut initdb, folder)).context("cannot make a PostgreSQL cluster")?;
    Ok(())
}

/// Starts the server as a child in the same process group, so that an interrupt ends it too.
fn spawn(
    programs: &Path,
    folder: &Path,
    port: u16,
    owner: &Owner,
    settings: &[&str],
) -> Result<Child> {
    let log = File::create(folder.join("log")).context("cannot write PostgreSQL's log")?;
    let mut server = Command::new(programs.join("postgres"));
    server.arg("-D").arg(folder.join("data"));
    server.args(["-p", &port.to_string(), "-h", "127.0.0.1", "-k", ""]);
    for setting in settings.iter().chain(&["log_min_messages=warning"]) {
        server.args(["-c", setting]);
    }
    owner.runs(&mut server, folder);
    server
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log);
    server.spawn().context("cannot start PostgreSQL")
}

fn free_port() -> Result<u16> {
    let listener =
        TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port on loopback")?;
    Ok(listener.local_addr()?.port())
}

/// Who owns the cluster: the user who runs this, but for root, whom PostgreSQL refuses.
enum Owner {
    Myself,
    Other { user: u32, group: u32 },
}

impl Owner {
    fn pick() -> Result<Self> {
        if !is_root()? {
            return Ok(Self::Myself);
        }
        for name in ["postgres", "nobody"] {
            let number = |flag| {
                let text = output(Command::new("id").args([flag, name])).ok()?;
                text.trim().parse().ok()
            };
            if let (Some(user), Some(group)) = (number("-u"), number("-g")) {
                return Ok(Self::Other { user, group });
            }
        }
        bail!("PostgreSQL refuses to run as root, and there is no user `postgres`; add one")
    }

    fn make_folder(&self, folder: &Path) -> Result<()> {
        let shown = folder.display();
        if folder.exists() {
            fs::remove_dir_all(folder).with_context(|| format!("cannot remove {shown}"))?;
        }
        fs::create_dir(folder).with_context(|| format!("cannot create {shown}"))?;
        if let Self::Other { user, group } = self {
            std::os::unix::fs::chown(folder, Some(*user), Some(*group))
                .with_context(|| format!("cannot hand {shown} to PostgreSQL's user"))?;
        }
        ensure!(folder.is_dir(), "{shown} is gone");
        Ok(())
    }

    /// Has `command` run as the owner, in a folder that the owner may enter.
    fn runs<'a>(&self, command: &'a mut Command, folder: &Path) -> &'a mut Command {
        command.current_dir(folder);
        if let Self::Other { user, group } = self {
            command.uid(*user).gid(*group);
        }
        command
    }
}
