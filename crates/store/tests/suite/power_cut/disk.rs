//! A disk whose power may fail: what was written to it, and what of that is sure.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// What a program did to its files, in order.
#[derive(Debug)]
pub enum Event {
    Opens(String),
    Writes {
        path: String,
        at: usize,
        bytes: Vec<u8>,
    },
    Cuts {
        path: String,
        length: usize,
    },
    SyncBegins {
        thread: String,
        path: String,
    },
    SyncEnds {
        thread: String,
    },
    Removes(String),
    /// Writes to its standard output.
    Says(String),
}

/// Reads a line of `strace -f -y -xx`. Calls about files outside the folder mean nothing here.
pub fn events_of(line: &str, folder: &str) -> Vec<Event> {
    let (thread, call) = line.split_once(' ').unwrap();
    let (thread, call) = (thread.to_owned(), call.trim_start());
    if call.starts_with("<... fsync resumed>") || call.starts_with("<... fdatasync resumed>") {
        return vec![Event::SyncEnds { thread }];
    }
    let Some((name, rest)) = call.split_once('(') else {
        return Vec::new();
    };
    if rest.contains(") = -1 ") {
        return Vec::new();
    }
    let is_over = rest.contains(") = ");
    let arguments = rest.split(") = ").next().unwrap_or_default();
    let arguments = arguments.trim_end_matches(" <unfinished ...>");
    let arguments: Vec<&str> = arguments.trim_end_matches(')').split(", ").collect();
    if name == "write" && arguments[0].starts_with("1<") {
        let said = String::from_utf8(bytes_in(arguments[1])).unwrap();
        return vec![Event::Says(said)];
    }
    let path = match name {
        "openat" => arguments[1],
        "unlink" => arguments[0],
        // A file that was removed has no name any more, and what is written to it is of no use.
        _ => match arguments[0].strip_suffix('>') {
            Some(descriptor) => descriptor,
            None => return Vec::new(),
        },
    };
    let path = String::from_utf8(bytes_in(path)).unwrap();
    if !path.starts_with(folder) || path.ends_with("-shm") {
        return Vec::new();
    }
    let number = |place: usize| arguments[place].parse().unwrap();
    match name {
        "openat" if arguments[2].contains("O_CREAT") => vec![Event::Opens(path)],
        "pwrite64" => {
            let bytes = bytes_in(arguments[1]);
            assert_eq!(bytes.len(), number(2), "strace shows all of it");
            let at = number(3);
            vec![Event::Writes { path, at, bytes }]
        }
        "ftruncate" => vec![Event::Cuts {
            path,
            length: number(1),
        }],
        "unlink" => vec![Event::Removes(path)],
        "fsync" | "fdatasync" => {
            let begins = Event::SyncBegins {
                thread: thread.clone(),
                path,
            };
            let ends = is_over.then_some(Event::SyncEnds { thread });
            [begins].into_iter().chain(ends).collect()
        }
        _ => Vec::new(),
    }
}

/// The bytes that are spelled `\x0d\x0a` in a text.
fn bytes_in(text: &str) -> Vec<u8> {
    let digits = text.split("\\x").skip(1);
    digits
        .map(|digits| u8::from_str_radix(&digits[..2], 16).unwrap())
        .collect()
}

pub struct Disk {
    folder: String,
    files: Vec<File>,
    /// Which file has which name, as programs see it.
    names: BTreeMap<String, usize>,
    /// The same, as it was when the folder was last synced.
    sure_names: BTreeMap<String, usize>,
    syncing: BTreeMap<String, Sync>,
}

#[derive(Default)]
struct File {
    changes: Vec<Change>,
    /// How many of the changes are sure.
    sure: usize,
}

#[derive(Clone)]
enum Change {
    Write(usize, Vec<u8>),
    Cut(usize),
}

/// What is sure once a sync that has begun is over.
enum Sync {
    Changes(usize, usize),
    Names(BTreeMap<String, usize>),
}

impl Disk {
    /// A disk with one file, of which everything is sure.
    pub fn at_rest(file: &Path) -> Self {
        let path = file.to_str().unwrap().to_owned();
        let names = BTreeMap::from([(path, 0)]);
        Self {
            folder: file.parent().unwrap().to_str().unwrap().to_owned(),
            files: vec![File {
                changes: vec![Change::Write(0, fs::read(file).unwrap())],
                sure: 1,
            }],
            names: names.clone(),
            sure_names: names,
            syncing: BTreeMap::new(),
        }
    }

    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Opens(path) => {
                self.names.entry(path.clone()).or_insert_with(|| {
                    self.files.push(File::default());
                    self.files.len() - 1
                });
            }
            Event::Writes { path, at, bytes } => {
                self.change(path, Change::Write(*at, bytes.clone()));
            }
            Event::Cuts { path, length } => self.change(path, Change::Cut(*length)),
            Event::SyncBegins { thread, path } => {
                let sync = if *path == self.folder {
                    Sync::Names(self.names.clone())
                } else {
                    let file = self.names[path];
                    Sync::Changes(file, self.files[file].changes.len())
                };
                self.syncing.insert(thread.clone(), sync);
            }
            Event::SyncEnds { thread } => match self.syncing.remove(thread) {
                Some(Sync::Names(names)) => self.sure_names = names,
                Some(Sync::Changes(file, count)) => {
                    let file = &mut self.files[file];
                    file.sure = file.sure.max(count);
                }
                None => {}
            },
            Event::Removes(path) => {
                self.names.remove(path);
            }
            Event::Says(_) => {}
        }
    }

    fn change(&mut self, path: &str, change: Change) {
        let file = self.names[path];
        self.files[file].changes.push(change);
    }

    /// The files as they are if nothing came through that is not sure.
    pub fn that_kept_nothing_more(&self) -> BTreeMap<String, Vec<u8>> {
        self.files_of(&self.sure_names, |_| Kept::Nothing)
    }

    /// The files as they are if some of the rest came through as well, and some of that in part.
    pub fn that_kept_some(&self, chance: &mut Chance) -> BTreeMap<String, Vec<u8>> {
        let names = match chance.below(2) {
            0 => &self.sure_names,
            _ => &self.names,
        };
        self.files_of(names, |length| match chance.below(4) {
            0 => Kept::Nothing,
            1 => Kept::Beginning(chance.below(length + 1)),
            _ => Kept::All,
        })
    }

    /// The files with those names; `keep` says what is kept of a change that is not sure, by its length.
    fn files_of(
        &self,
        names: &BTreeMap<String, usize>,
        mut keep: impl FnMut(usize) -> Kept,
    ) -> BTreeMap<String, Vec<u8>> {
        let files = names.iter().map(|(path, file)| {
            let file = &self.files[*file];
            let mut content = Vec::new();
            for (number, change) in file.changes.iter().enumerate() {
                let kept = match change {
                    _ if number < file.sure => Kept::All,
                    Change::Write(_, bytes) => keep(bytes.len()),
                    Change::Cut(_) => keep(0),
                };
                change.make(&mut content, kept);
            }
            (path.clone(), content)
        });
        files.collect()
    }
}

enum Kept {
    Nothing,
    Beginning(usize),
    All,
}

impl Change {
    fn make(&self, content: &mut Vec<u8>, kept: Kept) {
        match (self, kept) {
            (_, Kept::Nothing) | (Self::Cut(_), Kept::Beginning(_)) => {}
            (Self::Cut(length), Kept::All) => content.resize(*length, 0),
            (Self::Write(at, bytes), kept) => {
                let bytes = match kept {
                    Kept::Beginning(length) => &bytes[..length],
                    _ => &bytes[..],
                };
                let end = at + bytes.len();
                if content.len() < end {
                    content.resize(end, 0);
                }
                content[*at..end].copy_from_slice(bytes);
            }
        }
    }
}

/// Numbers that look random and are the same in every run (SplitMix64).
pub struct Chance(pub u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((word ^ (word >> 31)) % limit as u64) as usize
    }
}
