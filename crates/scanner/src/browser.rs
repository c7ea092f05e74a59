//! The scanner as scripts call it: a script writes into [`input`], calls, and reads [`output`].
//!
//! A function that cannot do what it is asked answers 0 and leaves the reason in the output.

use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use domain::Timestamp;
use serde_json::json;

use crate::{Grey, Scanner, read, to_json};

#[derive(Default)]
struct Workspace {
    scanner: Scanner,
    input: Vec<u8>,
    output: Vec<u8>,
}

static WORKSPACE: LazyLock<Mutex<Workspace>> = LazyLock::new(Mutex::default);

fn workspace() -> MutexGuard<'static, Workspace> {
    WORKSPACE.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Workspace {
    fn says(&mut self, what: impl ToString) {
        self.output = what.to_string().into_bytes();
    }

    fn done<E: std::fmt::Debug>(&mut self, outcome: Result<(), E>) -> u32 {
        match outcome {
            Ok(()) => 1,
            Err(error) => {
                self.says(format!("{error:?}"));
                0
            }
        }
    }
}

fn at(seconds: f64) -> Timestamp {
    // Scripts have no other numbers.
    Timestamp::from_second(seconds as i64).unwrap_or(Timestamp::MIN)
}

/// Room for `length` bytes, into which the script writes.
#[expect(
    unsafe_code,
    reason = "a browser calls it by this name; nothing else has it"
)]
#[unsafe(no_mangle)]
pub extern "C" fn input(length: u32) -> *mut u8 {
    let mut workspace = workspace();
    workspace.input.clear();
    workspace.input.resize(length as usize, 0);
    workspace.input.as_mut_ptr()
}

/// Where the output of the last call begins.
#[expect(
    unsafe_code,
    reason = "a browser calls it by this name; nothing else has it"
)]
#[unsafe(no_mangle)]
pub extern "C" fn output() -> *const u8 {
    workspace().output.as_ptr()
}

/// How long it is.
#[expect(
    unsafe_code,
    reason = "a browser calls it by this name; nothing else has it"
)]
#[unsafe(no_mangle)]
pub extern "C" fn output_length() -> u32 {
    u32::try_from(workspace().output.len()).unwrap_or(u32::MAX)
}

/// Begins anew, believing the roots in the input: one in a line, as text.
#[expect(
    unsafe_code,
    reason = "a browser calls it by this name; nothing else has it"
)]
#[unsafe(no_mangle)]
pub extern "C" fn pin() -> u32 {
    let mut workspace = workspace();
    let text = String::from_utf8_lossy(&workspace.input).into_owned();
    let roots: Result<Vec<_>, _> = text.lines().map(str::parse).collect();
    match roots {
        Ok(roots) if !roots.is_empty() => {
            workspace.scanner = Scanner::new(roots);
            1
        }
        Ok(_) => workspace.done(Err("no root")),
        Err(error) => workspace.done(Err(error)),
    }
}

/// Takes in the trust list in the input.
#[expect(
    unsafe_code,
    reason = "a browser calls it by this name; nothing else has it"
)]
#[unsafe(no_mangle)]
pub extern "C" fn trust_list(now: f64) -> u32 {
    let mut workspace = workspace();
    let bytes = std::mem::take(&mut workspace.input);
    let taken = workspace.scanner.take_trust_list(&bytes, at(now));
    workspace.done(taken)
}

/// Takes in the status list in the input.
#[expect(
    unsafe_code,
    reason = "a browser calls it by this name; nothing else has it"
)]
#[unsafe(no_mangle)]
pub extern "C" fn status_list() -> u32 {
    let mut workspace = workspace();
    let bytes = std::mem::take(&mut workspace.input);
    let taken = workspace.scanner.take_status_list(&bytes);
    workspace.done(taken)
}

/// Reads the text of a code out of the picture in the input; with the brightness, from 0 to 255.
#[expect(
    unsafe_code,
    reason = "a browser calls it by this name; nothing else has it"
)]
#[unsafe(no_mangle)]
pub extern "C" fn look(width: u32, height: u32) -> u32 {
    let mut workspace = workspace();
    let rgba = std::mem::take(&mut workspace.input);
    let picture = Grey::from_rgba(&rgba, width, height);
    workspace.input = rgba;
    let Some(picture) = picture else {
        return workspace.done(Err("not a picture of this size"));
    };
    let brightness = picture.brightness();
    let text = read(&picture);
    workspace.says(json!({ "text": text, "brightness": brightness }));
    1
}

/// Verifies the text in the input.
#[expect(
    unsafe_code,
    reason = "a browser calls it by this name; nothing else has it"
)]
#[unsafe(no_mangle)]
pub extern "C" fn check(now: f64) -> u32 {
    let mut workspace = workspace();
    let text = String::from_utf8_lossy(&workspace.input).trim().to_owned();
    let checked = workspace.scanner.check(&text, at(now));
    workspace.says(to_json(checked.as_ref()));
    1
}
