//! Finding a code in a picture.

use rxing::common::{DetectorRXingResult as _, HybridBinarizer};
use rxing::qrcode::decoder::qrcode_decoder::decode_bitmatrix_with_hints;
use rxing::qrcode::detector::Detector;
use rxing::{Binarizer as _, DecodeHints, Luma8LuminanceSource};

/// A picture in shades of grey, a byte for each point, line by line.
#[derive(Clone, Debug)]
pub struct Grey {
    /// The points.
    pub points: Vec<u8>,
    /// How many in a line.
    pub width: u32,
    /// How many lines.
    pub height: u32,
}

impl Grey {
    /// Of a picture with red, green, blue and opacity for each point, as a canvas gives it.
    pub fn from_rgba(rgba: &[u8], width: u32, height: u32) -> Option<Self> {
        let count = usize::try_from(u64::from(width) * u64::from(height)).ok()?;
        let points: Vec<u8> = rgba
            .chunks_exact(4)
            .map(|point| {
                let [red, green, blue] = [point[0], point[1], point[2]].map(u32::from);
                u8::try_from((red * 77 + green * 150 + blue * 29) >> 8).unwrap_or(u8::MAX)
            })
            .collect();
        (count > 0 && points.len() == count).then_some(Self {
            points,
            width,
            height,
        })
    }

    /// How bright it is in the middle, from 0 to 255.
    pub fn brightness(&self) -> u8 {
        let count = self.points.len().max(1) as u64;
        let sum: u64 = self.points.iter().map(|point| u64::from(*point)).sum();
        u8::try_from(sum / count).unwrap_or(u8::MAX)
    }
}

/// The text of the code in a picture, if there is one. Not by the reader of the library: that asks for
/// the time, which a browser does not give to what is compiled without glue.
pub fn read(picture: Grey) -> Option<String> {
    let source = Luma8LuminanceSource::new(picture.points, picture.width, picture.height);
    let points = HybridBinarizer::new(source.ok()?);
    let hints = DecodeHints::default();
    let found = Detector::new(points.get_black_matrix().ok()?)
        .detect_with_hints(&hints)
        .ok()?;
    let read = decode_bitmatrix_with_hints(found.getBits(), &hints).ok()?;
    Some(read.getText().to_owned())
}
