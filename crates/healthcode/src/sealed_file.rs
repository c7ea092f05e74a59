//! Files sealed as a whole, of any length: chunks of 64 KiB under AES-256-GCM, each bound to its place and
//! the last one to being the last (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár,
//! 2015). Nothing that was changed, reordered or cut off is given out as whole.
//!
//! A key seals one file: its nonces are places.

use std::io::{self, BufRead, Read, Write};

use anyhow::{Context, Result, bail, ensure};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

/// Bytes of a chunk before it is sealed.
const CHUNK: usize = 64 << 10;
/// Bytes by which a sealed chunk is longer.
const TAG: usize = 16;

/// Seals what `from` holds to its end; how many bytes there were.
///
/// # Errors
/// If one cannot be read or the other not written.
pub fn seal(key: [u8; 32], mut from: impl Read, mut to: impl Write) -> Result<u64> {
    let key = cipher(key)?;
    let (mut place, mut total) = (0, 0);
    let mut chunk = next_chunk(&mut from, CHUNK)?;
    loop {
        // One more is read ahead, to know which is the last.
        let next = match chunk.len() {
            CHUNK => next_chunk(&mut from, CHUNK)?,
            _ => Vec::new(),
        };
        total += chunk.len() as u64;
        let sealed =
            key.seal_in_place_append_tag(nonce(place, next.is_empty())?, Aad::empty(), &mut chunk);
        sealed.ok().context("a chunk cannot be sealed")?;
        to.write_all(&chunk)?;
        if next.is_empty() {
            return Ok(total);
        }
        (chunk, place) = (next, place + 1);
    }
}

/// Opens what was sealed; how many bytes there were. What was written to `to` before an error is not to be
/// used.
///
/// # Errors
/// If it was changed or cut off, or sealed with another key; if one cannot be read or the other not
/// written.
pub fn open(key: [u8; 32], mut from: impl BufRead, mut to: impl Write) -> Result<u64> {
    let key = cipher(key)?;
    let (mut place, mut total) = (0, 0);
    loop {
        let mut chunk = next_chunk(&mut from, CHUNK + TAG)?;
        let is_last = from.fill_buf()?.is_empty();
        let opened = key.open_in_place(nonce(place, is_last)?, Aad::empty(), &mut chunk);
        let Ok(opened) = opened else {
            bail!(
                "it was changed or cut off after {total} bytes, or belongs to other keys; nothing of it is used"
            );
        };
        to.write_all(opened)?;
        total += opened.len() as u64;
        if is_last {
            return Ok(total);
        }
        place += 1;
    }
}

fn cipher(key: [u8; 32]) -> Result<LessSafeKey> {
    let key = UnboundKey::new(&AES_256_GCM, &key);
    Ok(LessSafeKey::new(key.ok().context("no such cipher")?))
}

/// Seven zero bytes, the place, and whether it is the last.
fn nonce(place: u64, is_last: bool) -> Result<Nonce> {
    let place = u32::try_from(place);
    ensure!(place.is_ok(), "it is longer than 256 TiB");
    let mut nonce = [0; 12];
    nonce[7..11].copy_from_slice(&place.unwrap_or_default().to_be_bytes());
    nonce[11] = u8::from(is_last);
    Ok(Nonce::assume_unique_for_key(nonce))
}

/// As many bytes as a chunk has, or what is left.
fn next_chunk(from: &mut impl Read, length: usize) -> io::Result<Vec<u8>> {
    let mut chunk = Vec::with_capacity(CHUNK + TAG);
    from.take(length as u64).read_to_end(&mut chunk)?;
    Ok(chunk)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [3; 32];

    fn sealed(content: &[u8]) -> Vec<u8> {
        let mut sealed = Vec::new();
        let total = seal(KEY, content, &mut sealed).unwrap();
        assert_eq!(total, content.len() as u64);
        sealed
    }

    fn opened(sealed: &[u8]) -> Result<Vec<u8>> {
        let mut content = Vec::new();
        open(KEY, sealed, &mut content)?;
        Ok(content)
    }

    #[test]
    fn whatever_is_sealed_opens_again_at_every_length() {
        for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 5] {
            let content: Vec<u8> = (0..length).map(|place| (place % 251) as u8).collect();
            assert_eq!(opened(&sealed(&content)).unwrap(), content, "{length}");
        }
    }

    #[test]
    fn what_was_changed_cut_off_lengthened_or_reordered_does_not_open() {
        let content = vec![9; 2 * CHUNK + 100];
        let sound = sealed(&content);
        let one = CHUNK + TAG;
        let mut wrong = vec![
            sound[..one].to_vec(),
            sound[..2 * one].to_vec(),
            sound[..sound.len() - 1].to_vec(),
            [&sound[..], b"x"].concat(),
            [&sound[one..2 * one], &sound[..one], &sound[2 * one..]].concat(),
            [&sound[..one], &sound[2 * one..]].concat(),
            Vec::new(),
        ];
        for place in [0, one - 1, one, sound.len() - 1] {
            let mut changed = sound.clone();
            changed[place] ^= 1;
            wrong.push(changed);
        }
        for (case, wrong) in wrong.iter().enumerate() {
            assert!(opened(wrong).is_err(), "{case}");
        }
        assert!(open([4; 32], &sound[..], &mut Vec::new()).is_err());
    }
}
