//! The files under version control, or about to be.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A set of text files, with paths from the repository's root.
pub struct Repository {
    /// Where it lies.
    pub root: PathBuf,
    /// The files, in order of path.
    pub files: Vec<TextFile>,
}

/// One file.
pub struct TextFile {
    /// Its path from the root, with `/`.
    pub path: String,
    /// What it holds.
    pub text: String,
}

impl Repository {
    /// This one. Files that hold no UTF-8 are left out.
    pub fn here() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .expect("xtask lies in the repository")
            .to_owned();
        let mut paths = listed_by_git(&root).unwrap_or_else(|| found_in(&root, &root));
        paths.sort();
        let files = paths.into_iter().filter_map(|path| {
            let text = fs::read_to_string(root.join(&path)).ok()?;
            Some(TextFile { path, text })
        });
        let files: Vec<TextFile> = files.collect();
        assert!(
            files.len() > 20,
            "only {} files found in {}",
            files.len(),
            root.display()
        );
        Self { root, files }
    }

    /// One made up for a test.
    pub fn planted(files: &[(&str, &str)]) -> Self {
        let files = files
            .iter()
            .map(|(path, text)| TextFile {
                path: (*path).to_owned(),
                text: (*text).to_owned(),
            })
            .collect();
        Self {
            root: PathBuf::from("/nowhere"),
            files,
        }
    }

    /// The files whose name ends in `.extension`.
    pub fn with_extension(&self, extension: &str) -> impl Iterator<Item = &TextFile> {
        let ending = format!(".{extension}");
        self.files
            .iter()
            .filter(move |file| file.path.ends_with(&ending))
    }

    /// The file at `path`.
    pub fn file(&self, path: &str) -> Option<&TextFile> {
        self.files.iter().find(|file| file.path == path)
    }

    /// Whether a file or folder lies at `path`, whatever it holds.
    pub fn holds(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        let folder = format!("{path}/");
        let listed = |file: &TextFile| file.path == path || file.path.starts_with(&folder);
        self.files.iter().any(listed) || self.root.join(path).exists()
    }
}

fn listed_by_git(root: &Path) -> Option<Vec<String>> {
    let arguments = [
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ];
    let output = Command::new("git")
        .args(arguments)
        .current_dir(root)
        .output()
        .ok()?;
    let listed = output.status.success().then_some(output.stdout)?;
    let paths = String::from_utf8(listed).ok()?;
    Some(
        paths
            .split('\0')
            .filter(|path| !path.is_empty())
            .map(str::to_owned)
            .collect(),
    )
}

/// Without git (a downloaded archive): everything but build output and hidden folders.
fn found_in(root: &Path, folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() && name != "target" && (!name.starts_with('.') || name == ".ci") {
            found.extend(found_in(root, &path));
        } else if path.is_file() {
            found.extend(
                path.strip_prefix(root)
                    .ok()
                    .map(|path| path.to_string_lossy().into_owned()),
            );
        }
    }
    found
}
