//! Codes as a camera sees them: turned, dark, small, with noise.

use credential::Qr;
use scanner::{Grey, read};

/// What a camera of `width` by `height` sees of a square with this text.
struct Camera {
    width: u32,
    height: u32,
    /// How long the edge of the square with its margin is, as a part of the height.
    fills: f64,
    /// By how many degrees it is turned.
    turned: f64,
    dark: u8,
    light: u8,
    /// How far a point may be off.
    noise: u32,
}

impl Camera {
    fn sees(&self, text: &str) -> Grey {
        let square = Qr::new(text).expect("the text fits into a square");
        let side = (square.size() + 8) as f64;
        let scale = f64::from(self.height) * self.fills / side;
        let (sine, cosine) = self.turned.to_radians().sin_cos();
        let mut random: u32 = 7;
        let mut points = Vec::new();
        for y in 0..self.height {
            for x in 0..self.width {
                let x = f64::from(x) - f64::from(self.width) / 2.0;
                let y = f64::from(y) - f64::from(self.height) / 2.0;
                let column = (x * cosine + y * sine) / scale + side / 2.0 - 4.0;
                let row = (y * cosine - x * sine) / scale + side / 2.0 - 4.0;
                let inside = |at: f64| at >= 0.0 && at < square.size() as f64;
                let is_dark =
                    inside(column) && inside(row) && square.is_dark(column as usize, row as usize);
                random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let off = (random >> 16) % (2 * self.noise + 1);
                let point = u32::from(if is_dark { self.dark } else { self.light });
                points.push((point + off).saturating_sub(self.noise).min(255) as u8);
            }
        }
        Grey {
            points,
            width: self.width,
            height: self.height,
        }
    }
}

#[test]
fn a_code_is_read_as_a_camera_sees_it() {
    // As long as a live code.
    let text = format!("HK1:{}", "A1 $%*+-./:".repeat(33));
    let steady = Camera {
        width: 720,
        height: 720,
        fills: 0.8,
        turned: 0.0,
        dark: 20,
        light: 230,
        noise: 8,
    };
    assert_eq!(read(&steady.sees(&text)).as_deref(), Some(&*text));
    for turned in [-30.0, -8.0, 5.0, 45.0, 90.0, 180.0] {
        // A hand is never still: of four pictures in a row one must do.
        let pictures = [0.0, 0.6, 1.3, 2.1].map(|more| Camera {
            turned: turned + more,
            // The corners stay in the picture.
            fills: 0.65,
            ..steady
        });
        let found = pictures.iter().find_map(|camera| read(&camera.sees(&text)));
        assert_eq!(found.as_deref(), Some(&*text), "{turned}");
    }
    let dusk = Camera {
        dark: 14,
        light: 60,
        ..steady
    };
    assert_eq!(read(&dusk.sees(&text)).as_deref(), Some(&*text));
    let far = Camera {
        fills: 0.45,
        ..steady
    };
    assert_eq!(read(&far.sees(&text)).as_deref(), Some(&*text));
    let wide = Camera {
        width: 1280,
        ..steady
    };
    assert_eq!(read(&wide.sees(&text)).as_deref(), Some(&*text));
}

#[test]
fn nothing_is_read_where_nothing_is() {
    let grey = |points: Vec<u8>| Grey {
        points,
        width: 100,
        height: 100,
    };
    assert_eq!(read(&grey(vec![0; 100 * 100])), None);
    assert_eq!(read(&grey(vec![255; 100 * 100])), None);
    let stripes = (0..100 * 100).map(|at| if at % 7 < 3 { 0 } else { 255 });
    assert_eq!(read(&grey(stripes.collect())), None);
    assert!(Grey::from_rgba(&[0; 12], 2, 2).is_none(), "too short");
    assert_eq!(Grey::from_rgba(&[], 0, 0).map(|grey| grey.width), None);
    let white = Grey::from_rgba(&[255; 16], 2, 2).unwrap();
    assert_eq!((white.points, white.width), (vec![255; 4], 2));
}
