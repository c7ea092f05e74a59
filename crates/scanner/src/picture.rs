//! Finding a code in a picture.

use rqrr::PreparedImage;

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

/// The text of the code in a picture, if there is one. What cannot be read is tried once more at half the
/// size, in which noise and blurred edges are smaller.
pub fn read(picture: &Grey) -> Option<String> {
    read_once(picture).or_else(|| read_once(&halved(picture)))
}

fn read_once(picture: &Grey) -> Option<String> {
    let (width, height) = (picture.width as usize, picture.height as usize);
    let point = |x: usize, y: usize| picture.points.get(y * width + x).copied().unwrap_or(255);
    let mut prepared = PreparedImage::prepare_from_greyscale(width, height, point);
    let found = prepared.detect_grids();
    found
        .iter()
        .find_map(|code| code.decode().ok())
        .map(|(_, text)| text)
}

/// Each point the mean of four.
fn halved(picture: &Grey) -> Grey {
    let (width, height) = (picture.width / 2, picture.height / 2);
    let line = picture.width as usize;
    let mut points = Vec::with_capacity(width as usize * height as usize);
    for y in 0..height as usize {
        for x in 0..width as usize {
            let at = 2 * y * line + 2 * x;
            let four = [at, at + 1, at + line, at + line + 1];
            let sum: u16 = four.iter().map(|at| u16::from(picture.points[*at])).sum();
            points.push((sum / 4) as u8);
        }
    }
    Grey {
        points,
        width,
        height,
    }
}
