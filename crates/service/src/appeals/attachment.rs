//! Which files are taken with an appeal: a PDF, or a picture as JPEG, PNG or WebP.
//!
//! What a file is, its content says, not its name. Nothing here is decoded or unpacked: sizes are
//! read from headers, and a picture whose header promises more than a screen can use is refused, so
//! that it cannot burst the browser of the officer who answers.

use std::fmt;

/// So many bytes are taken.
const MOST_BYTES: usize = 5_000_000;
/// Pixels of the longer side of a picture, and in all.
const LONGEST_SIDE: u32 = 12_000;
const MOST_PIXELS: u64 = 50_000_000;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileForm {
    /// A document.
    Pdf,
    /// A photograph.
    Jpeg,
    /// A picture.
    Png,
    /// A picture.
    WebP,
}

/// Why a file is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum BadFile {
    /// There is nothing in it.
    #[error("this file is empty; choose another one, or send none")]
    Empty,
    /// It is too large.
    #[error("this file has more than {} MB; send a smaller one", MOST_BYTES / 1_000_000)]
    TooLarge,
    /// It is none of the forms.
    #[error("this file is neither a PDF nor a picture (JPEG, PNG or WebP); send one of these")]
    Unknown,
    /// It is cut off, or is not what it begins as.
    #[error("this {0} is damaged or not whole; send it again, or another one")]
    Damaged(FileForm),
    /// The picture is too large to be shown.
    #[error(
        "this picture has {width} by {height} pixels; send one with at most {LONGEST_SIDE} on a side and \
         {} million in all", MOST_PIXELS / 1_000_000
    )]
    TooManyPixels {
        /// How wide its header says that it is.
        width: u32,
        /// How high.
        height: u32,
    },
    /// It moves.
    #[error("this picture moves; send one that stands still")]
    Moves,
    /// The document does more than show pages.
    #[error(
        "this PDF holds a script or another file; print it into a PDF of pages only, and send that"
    )]
    Active,
}

impl FileForm {
    /// Every form.
    pub const ALL: [Self; 4] = [Self::Pdf, Self::Jpeg, Self::Png, Self::WebP];

    /// The word in the database and in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Jpeg => "jpeg",
            Self::Png => "png",
            Self::WebP => "webp",
        }
    }

    /// Reads [`Self::as_str`].
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.as_str() == word)
    }

    /// The media type under which it is sent.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
        }
    }
}

impl fmt::Display for FileForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pdf => "PDF",
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::WebP => "WebP",
        })
    }
}

/// What a file is, if it may be taken.
pub(super) fn look_at(file: &[u8]) -> Result<FileForm, BadFile> {
    if file.is_empty() {
        return Err(BadFile::Empty);
    }
    if file.len() > MOST_BYTES {
        return Err(BadFile::TooLarge);
    }
    let form = form_of(file).ok_or(BadFile::Unknown)?;
    let size = match form {
        FileForm::Pdf => return pdf(file).map(|()| form),
        FileForm::Jpeg => jpeg(file),
        FileForm::Png => png(file)?,
        FileForm::WebP => webp(file)?,
    };
    let (width, height) = size.ok_or(BadFile::Damaged(form))?;
    if width == 0 || height == 0 {
        return Err(BadFile::Damaged(form));
    }
    let pixels = u64::from(width) * u64::from(height);
    if width.max(height) > LONGEST_SIDE || pixels > MOST_PIXELS {
        return Err(BadFile::TooManyPixels { width, height });
    }
    Ok(form)
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

fn form_of(file: &[u8]) -> Option<FileForm> {
    if file.starts_with(b"%PDF-") {
        Some(FileForm::Pdf)
    } else if file.starts_with(&[0xff, 0xd8, 0xff]) {
        Some(FileForm::Jpeg)
    } else if file.starts_with(PNG) {
        Some(FileForm::Png)
    } else if file.starts_with(b"RIFF") && file.get(8..12) == Some(b"WEBP") {
        Some(FileForm::WebP)
    } else {
        None
    }
}

/// Width and height; `None` if they cannot be read.
type Size = Option<(u32, u32)>;

/// What makes a document do something, or hides what it does (ISO 32000-1, 12.6 and 7.11).
const ACTING: [&[u8]; 11] = [
    b"/JavaScript",
    b"/JS",
    b"/Launch",
    b"/EmbeddedFile",
    b"/RichMedia",
    b"/SubmitForm",
    b"/ImportData",
    b"/GoToR",
    b"/GoToE",
    b"/XFA",
    b"/Encrypt",
];

/// A document ends as one, and has no part that acts, however its name is spelled. What is compressed
/// within it is not looked into.
fn pdf(file: &[u8]) -> Result<(), BadFile> {
    let tail = &file[file.len().saturating_sub(1024)..];
    if !holds(tail, b"%%EOF") {
        return Err(BadFile::Damaged(FileForm::Pdf));
    }
    let plain = without_escapes(file);
    match ACTING.iter().any(|name| holds_name(&plain, name)) {
        true => Err(BadFile::Active),
        false => Ok(()),
    }
}

/// The same with `#xx` in the place of the byte that it stands for (ISO 32000-1, 7.3.5).
fn without_escapes(file: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(file.len());
    let mut rest = file;
    while let Some((&first, after)) = rest.split_first() {
        let digits = after.first_chunk::<2>();
        let digits = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) if first == b'#' => {
                plain.push(byte);
                rest = &after[2..];
            }
            _ => {
                plain.push(first);
                rest = after;
            }
        }
    }
    plain
}

/// Whether a name is there as a whole: what comes after it is no part of a name.
fn holds_name(bytes: &[u8], name: &[u8]) -> bool {
    let ends =
        |next: Option<&u8>| next.is_none_or(|next| b"\0\t\n\x0c\r ()<>[]{}/%".contains(next));
    let mut windows = bytes.windows(name.len()).enumerate();
    windows.any(|(at, window)| window == name && ends(bytes.get(at + name.len())))
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// ITU T.81, annex B: segments up to the first scan; the frame header has the size. A second frame header
/// before the scan is no photograph.
fn jpeg(file: &[u8]) -> Size {
    if !file.trim_ascii_end().ends_with(&[0xff, 0xd9]) {
        return None;
    }
    let mut size = None;
    let mut rest = file.get(2..)?;
    loop {
        let (&[0xff, marker], after) = rest.split_first_chunk::<2>()? else {
            return None;
        };
        match marker {
            // A fill byte.
            0xff => {
                rest = &rest[1..];
                continue;
            }
            0xda => return size,
            // Markers that stand alone do not come before a scan.
            0x00 | 0x01 | 0xd0..=0xd9 => return None,
            _ => {}
        }
        let length = usize::from(be16(after)?);
        let segment = after.get(2..length)?;
        let is_frame = matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc);
        if is_frame {
            let (height, width) = (be16(segment.get(1..)?)?, be16(segment.get(3..)?)?);
            if size
                .replace((u32::from(width), u32::from(height)))
                .is_some()
            {
                return None;
            }
        }
        rest = &after[length..];
    }
}

/// The PNG specification, section 5: the header comes first, chunks follow each other, and the end is the
/// end of the file.
fn png(file: &[u8]) -> Result<Size, BadFile> {
    let mut rest = &file[PNG.len()..];
    let mut size = None;
    loop {
        let Some((kind, data, after)) = png_chunk(rest) else {
            return Ok(None);
        };
        match (&kind, size) {
            (b"IHDR", None) if data.len() == 13 => size = be32(data).zip(be32(&data[4..])),
            (b"IHDR", _) | (_, None) => return Ok(None),
            (b"acTL", _) => return Err(BadFile::Moves),
            (b"IEND", _) => return Ok(size.filter(|_| after.is_empty())),
            _ => {}
        }
        rest = after;
    }
}

fn png_chunk(rest: &[u8]) -> Option<([u8; 4], &[u8], &[u8])> {
    let length = usize::try_from(be32(rest)?).ok()?;
    let kind: [u8; 4] = rest.get(4..8)?.try_into().ok()?;
    let data = rest.get(8..8_usize.checked_add(length)?)?;
    let after = rest.get(8 + length + 4..)?;
    Some((kind, data, after))
}

/// The WebP container specification: one picture, whose own header has the size, and which an extended
/// header may only repeat.
fn webp(file: &[u8]) -> Result<Size, BadFile> {
    let length = file.get(4..).and_then(le32).unwrap_or_default() as usize;
    let Some(mut rest) = file.get(12..).filter(|_| length + 8 == file.len()) else {
        return Ok(None);
    };
    let (mut canvas, mut picture) = (None, None);
    while !rest.is_empty() {
        let Some((kind, data, after)) = webp_chunk(rest) else {
            return Ok(None);
        };
        let size = match &kind {
            b"VP8X" => {
                if data.first().is_some_and(|flags| flags & 0x02 != 0) {
                    return Err(BadFile::Moves);
                }
                canvas = vp8x(data);
                canvas
            }
            b"ANIM" | b"ANMF" => return Err(BadFile::Moves),
            b"VP8 " => vp8(data),
            b"VP8L" => vp8l(data),
            _ => {
                rest = after;
                continue;
            }
        };
        if size.is_none() {
            return Ok(None);
        }
        if kind != *b"VP8X" && std::mem::replace(&mut picture, size).is_some() {
            return Ok(None);
        }
        rest = after;
    }
    let is_repeated = canvas.is_none() || canvas == picture;
    Ok(picture.filter(|_| is_repeated))
}

fn webp_chunk(rest: &[u8]) -> Option<([u8; 4], &[u8], &[u8])> {
    let kind: [u8; 4] = rest.get(..4)?.try_into().ok()?;
    let length = usize::try_from(le32(rest.get(4..)?)?).ok()?;
    let data = rest.get(8..8_usize.checked_add(length)?)?;
    let after = rest.get(8 + length + length % 2..)?;
    Some((kind, data, after))
}

fn vp8x(data: &[u8]) -> Size {
    let side = |from: usize| {
        let bytes = data.get(from..from + 3)?;
        Some(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], 0]) + 1)
    };
    side(4).zip(side(7))
}

/// RFC 6386, section 9.1: a key frame, its start code, and two sides of 14 bits.
fn vp8(data: &[u8]) -> Size {
    let is_key_frame = data.first()? & 1 == 0;
    let is_begun = data.get(3..6)? == [0x9d, 0x01, 0x2a];
    let side = |from: usize| {
        let bytes = data.get(from..from + 2)?;
        Some(u32::from(u16::from_le_bytes([bytes[0], bytes[1]]) & 0x3fff))
    };
    side(6).zip(side(8)).filter(|_| is_key_frame && is_begun)
}

/// The lossless form: its sign, and two sides of 14 bits less one.
fn vp8l(data: &[u8]) -> Size {
    let bits = le32(data.get(1..)?)?;
    let is_begun = *data.first()? == 0x2f;
    let size = ((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1);
    Some(size).filter(|_| is_begun)
}

fn be16(bytes: &[u8]) -> Option<u16> {
    bytes.first_chunk().copied().map(u16::from_be_bytes)
}

fn be32(bytes: &[u8]) -> Option<u32> {
    bytes.first_chunk().copied().map(u32::from_be_bytes)
}

fn le32(bytes: &[u8]) -> Option<u32> {
    bytes.first_chunk().copied().map(u32::from_le_bytes)
}

#[cfg(test)]
mod tests;
