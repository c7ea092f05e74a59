//! Files that are taken, and files that are not.

use super::*;

fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap().to_be_bytes();
    [&length[..], kind, data, &[0; 4]].concat()
}

/// A PNG whose header says so large, with chunks before its end.
fn png_of(width: u32, height: u32, more: &[u8]) -> Vec<u8> {
    let header = [
        &width.to_be_bytes()[..],
        &height.to_be_bytes(),
        &[8, 2, 0, 0, 0],
    ]
    .concat();
    let data = chunk(b"IDAT", &[0; 30]);
    [
        PNG,
        &chunk(b"IHDR", &header),
        more,
        &data,
        &chunk(b"IEND", &[]),
    ]
    .concat()
}

fn jpeg_of(width: u16, height: u16) -> Vec<u8> {
    let sides = [height.to_be_bytes(), width.to_be_bytes()].concat();
    let frame = [&[0xff, 0xc0, 0, 11, 8][..], &sides, &[1, 1, 0x11, 0]].concat();
    let begin = [0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2];
    [&begin[..], &frame, &[0xff, 0xda, 0, 2, 9, 9, 9, 0xff, 0xd9]].concat()
}

fn riff(chunks: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let mut body = b"WEBP".to_vec();
    for (kind, data) in chunks {
        let length = u32::try_from(data.len()).unwrap().to_le_bytes();
        body.extend([&kind[..], &length, data].concat());
        body.extend(std::iter::repeat_n(0, data.len() % 2));
    }
    let length = u32::try_from(body.len()).unwrap().to_le_bytes();
    [b"RIFF", &length[..], &body].concat()
}

fn vp8_of(width: u16, height: u16) -> Vec<u8> {
    let sides = [width.to_le_bytes(), height.to_le_bytes()].concat();
    [&[0, 0, 0, 0x9d, 0x01, 0x2a][..], &sides, &[7; 5]].concat()
}

fn vp8l_of(width: u32, height: u32) -> Vec<u8> {
    let bits = (width - 1) | (height - 1) << 14;
    [&[0x2f][..], &bits.to_le_bytes(), &[7; 4]].concat()
}

fn vp8x_of(flags: u8, width: u32, height: u32) -> Vec<u8> {
    let side = |side: u32| (side - 1).to_le_bytes()[..3].to_vec();
    [vec![flags, 0, 0, 0], side(width), side(height)].concat()
}

const PDF: &[u8] = b"%PDF-1.7\n1 0 obj << /Type /Catalog >> endobj\ntrailer\n%%EOF";

#[test]
fn a_pdf_and_a_picture_are_taken_by_their_content() {
    let extended = riff(&[(b"VP8X", vp8x_of(0, 40, 30)), (b"VP8 ", vp8_of(40, 30))]);
    for (file, form) in [
        (PDF.to_vec(), FileForm::Pdf),
        (jpeg_of(4000, 3000), FileForm::Jpeg),
        (png_of(4000, 3000, &[]), FileForm::Png),
        (riff(&[(b"VP8 ", vp8_of(4000, 3000))]), FileForm::WebP),
        (riff(&[(b"VP8L", vp8l_of(4000, 3000))]), FileForm::WebP),
        (extended, FileForm::WebP),
    ] {
        assert_eq!(look_at(&file), Ok(form));
        assert_eq!(FileForm::from_word(form.as_str()), Some(form));
    }
}

#[test]
fn a_file_of_another_type_is_refused() {
    for file in [
        &b"GIF89a\x01\x00\x01\x00"[..],
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"PK\x03\x04",
        b"MZ\x90\x00",
        b"RIFF\x04\x00\x00\x00WAVE",
        b"hello",
    ] {
        assert_eq!(look_at(file), Err(BadFile::Unknown), "{file:?}");
    }
    assert_eq!(look_at(&[]), Err(BadFile::Empty));
    let large = [PDF, &vec![b' '; MOST_BYTES]].concat();
    assert_eq!(look_at(&large), Err(BadFile::TooLarge));
}

#[test]
fn a_picture_bomb_is_refused_by_its_header() {
    let too_many = |width, height| Err(BadFile::TooManyPixels { width, height });
    assert_eq!(
        look_at(&png_of(50_000, 50_000, &[])),
        too_many(50_000, 50_000)
    );
    assert_eq!(look_at(&png_of(12_001, 1, &[])), too_many(12_001, 1));
    assert_eq!(
        look_at(&png_of(u32::MAX, u32::MAX, &[])),
        too_many(u32::MAX, u32::MAX)
    );
    assert_eq!(look_at(&jpeg_of(65_535, 65_535)), too_many(65_535, 65_535));
    let lossless = riff(&[(b"VP8L", vp8l_of(16_384, 16_384))]);
    assert_eq!(look_at(&lossless), too_many(16_384, 16_384));
    let canvas = riff(&[
        (b"VP8X", vp8x_of(0, 1 << 24, 1 << 24)),
        (b"VP8 ", vp8_of(40, 30)),
    ]);
    assert_eq!(look_at(&canvas), Err(BadFile::Damaged(FileForm::WebP)));
}

#[test]
fn a_picture_that_moves_is_refused() {
    let moves = png_of(40, 30, &chunk(b"acTL", &[0; 8]));
    assert_eq!(look_at(&moves), Err(BadFile::Moves));
    let moves = riff(&[(b"VP8X", vp8x_of(2, 40, 30)), (b"ANIM", vec![0; 6])]);
    assert_eq!(look_at(&moves), Err(BadFile::Moves));
}

#[test]
fn a_file_that_is_not_whole_or_goes_on_after_its_end_is_refused() {
    let damaged = |file: &[u8], form| assert_eq!(look_at(file), Err(BadFile::Damaged(form)));
    let png = png_of(40, 30, &[]);
    damaged(&png[..png.len() - 3], FileForm::Png);
    damaged(&[&png[..], b"PK\x03\x04"].concat(), FileForm::Png);
    damaged(&png_of(0, 30, &[]), FileForm::Png);
    let jpeg = jpeg_of(40, 30);
    damaged(&jpeg[..jpeg.len() - 2], FileForm::Jpeg);
    damaged(&[&jpeg[..], b"<script>"].concat(), FileForm::Jpeg);
    let webp = riff(&[(b"VP8 ", vp8_of(40, 30))]);
    damaged(&webp[..webp.len() - 4], FileForm::WebP);
    damaged(
        &riff(&[(b"VP8 ", vp8_of(40, 30)), (b"VP8 ", vp8_of(4, 3))]),
        FileForm::WebP,
    );
    damaged(b"%PDF-1.7\n1 0 obj", FileForm::Pdf);
}

#[test]
fn a_pdf_that_acts_is_refused() {
    for name in [
        "/JavaScript (app.alert)",
        "/S /Launch",
        "/Type /EmbeddedFile",
        "/S /J#61vaScript /J#53 (app.alert(1))",
        "/S /L#61unch",
        "/S/SubmitForm/F(http://a)",
        "/S /GoToR /F (\\\\host\\share)",
        "/Encrypt 5 0 R",
        "/XFA[",
    ] {
        let file = format!("%PDF-1.7\n1 0 obj << {name} >> endobj\n%%EOF");
        assert_eq!(look_at(file.as_bytes()), Err(BadFile::Active), "{name}");
    }
}

#[test]
fn a_pdf_is_not_refused_for_bytes_that_only_look_like_such_a_name() {
    for bytes in ["/JSx", "/Launcher", "#4", "#zz /Names", "/XFAces"] {
        let file = format!("%PDF-1.7\n1 0 obj << {bytes} >> endobj\n%%EOF");
        assert_eq!(look_at(file.as_bytes()), Ok(FileForm::Pdf), "{bytes}");
    }
}

#[test]
fn a_damaged_file_is_taken_or_refused_and_never_panics() {
    let files = [
        PDF.to_vec(),
        jpeg_of(40, 30),
        png_of(40, 30, &[]),
        riff(&[(b"VP8X", vp8x_of(0, 40, 30)), (b"VP8L", vp8l_of(40, 30))]),
    ];
    for file in files {
        for cut in 0..file.len() {
            assert!(look_at(&file[..cut]).is_err(), "cut off at {cut}");
            for put in [
                &[0][..],
                &[0xff],
                &[0xff; 4],
                &[0; 8],
                &[0x7f, 0xff, 0xff, 0xff],
            ] {
                let rest = &file[(cut + put.len()).min(file.len())..];
                let _ = look_at(&[&file[..cut], put, rest].concat());
            }
        }
    }
}
