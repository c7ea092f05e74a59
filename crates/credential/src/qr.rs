//! Drawing a code as a QR code: error correction M, with a quiet zone of 4 modules. Codes are
//! alphanumeric; addresses, which a camera opens, are bytes.

use fast_qr::{ECL, Mode, QRBuilder, QRCode};

/// Light modules around the code, on each side.
const QUIET: usize = 4;

/// A text that cannot be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadQr {
    /// A character that the alphanumeric mode does not have.
    #[error(
        "character {at} cannot stand in an alphanumeric QR code (0-9 A-Z space $ % * + - . / :)"
    )]
    NotAlphanumeric {
        /// How many characters before it can.
        at: usize,
    },
    /// More than the largest QR code holds.
    #[error("the text is too long for a QR code: {length} characters")]
    TooLong {
        /// How long it is.
        length: usize,
    },
}

/// A QR code, ready to be drawn.
pub struct Qr {
    code: QRCode,
}

impl Qr {
    /// Lays out a text.
    ///
    /// # Errors
    /// [`BadQr`] if it has other characters than codes have, or too many.
    pub fn new(text: &str) -> Result<Self, BadQr> {
        let stranger = text
            .bytes()
            .position(|byte| base45::alphabet::decode(byte).is_none());
        if let Some(at) = stranger {
            return Err(BadQr::NotAlphanumeric { at });
        }
        Self::laid_out(text, Mode::Alphanumeric)
    }

    /// Lays out an address, which may have every character.
    ///
    /// # Errors
    /// [`BadQr::TooLong`].
    pub fn of_address(address: &str) -> Result<Self, BadQr> {
        Self::laid_out(address, Mode::Byte)
    }

    fn laid_out(text: &str, mode: Mode) -> Result<Self, BadQr> {
        let code = QRBuilder::new(text).mode(mode).ecl(ECL::M).build();
        code.map(|code| Self { code })
            .map_err(|_| BadQr::TooLong { length: text.len() })
    }

    /// The version, 1 to 40; the code has 17 + 4 × version modules on each side.
    pub fn version(&self) -> usize {
        (self.code.size - 17) / 4
    }

    /// The modules on each side, without the quiet zone.
    pub fn size(&self) -> usize {
        self.code.size
    }

    /// Whether a module is dark; the quiet zone, beyond the edges, is not.
    pub fn is_dark(&self, x: usize, y: usize) -> bool {
        x < self.code.size && y < self.code.size && self.code[y][x].value()
    }

    /// An SVG image that scales to any size. `title` is read aloud in place of the picture: say
    /// what it is, never the colour alone.
    pub fn svg(&self, title: &str) -> String {
        let side = self.size() + 2 * QUIET;
        let title = escape(title);
        let mut path = String::new();
        for y in 0..self.size() {
            let mut x = 0;
            while x < self.size() {
                let run = (x..self.size()).take_while(|x| self.is_dark(*x, y)).count();
                if run > 0 {
                    path.push_str(&format!("M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET));
                }
                x += run.max(1);
            }
        }
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" role=\"img\" \
             aria-label=\"{title}\" shape-rendering=\"crispEdges\"><title>{title}</title>\
             <path fill=\"#fff\" d=\"M0 0h{side}v{side}h-{side}z\"/><path d=\"{path}\"/></svg>"
        )
    }

    /// Lines of half blocks for a terminal with light text on a dark ground.
    pub fn terminal(&self) -> String {
        let side = self.size() + 2 * QUIET;
        let is_light = |x: usize, y: usize| {
            // Below the quiet zone the terminal's own dark ground begins.
            y < side && !(x >= QUIET && y >= QUIET && self.is_dark(x - QUIET, y - QUIET))
        };
        let mut drawn = String::new();
        for y in (0..side).step_by(2) {
            drawn.extend(
                (0..side).map(|x| match (is_light(x, y), is_light(x, y + 1)) {
                    (true, true) => '█',
                    (true, false) => '▀',
                    (false, true) => '▄',
                    (false, false) => ' ',
                }),
            );
            drawn.push('\n');
        }
        drawn
    }
}

fn escape(text: &str) -> String {
    let escaped = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    escaped.replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_shows_the_same_modules_in_every_form() {
        let qr = Qr::new("HK1:0123456789").unwrap();
        assert_eq!((qr.version(), qr.size()), (1, 21));
        let dark = (0..21).flat_map(|y| (0..21).map(move |x| (x, y)));
        let dark = dark.filter(|(x, y)| qr.is_dark(*x, *y)).count();

        let svg = qr.svg("A code");
        let runs = svg
            .split('h')
            .filter_map(|part| part.split_once("v1")?.0.parse::<usize>().ok());
        assert_eq!(runs.sum::<usize>(), dark);

        let lines = qr.terminal();
        assert_eq!(lines.lines().count(), 15);
        assert!(lines.lines().all(|line| line.chars().count() == 29));
        let light = |c| match c {
            '█' => 2,
            '▀' | '▄' => 1,
            _ => 0,
        };
        let drawn: usize = lines.chars().map(light).sum();
        assert_eq!(29 * 29 - drawn, dark);
    }

    #[test]
    fn the_title_cannot_break_out_of_the_picture() {
        let svg = Qr::new("HK1:").unwrap().svg("\"><script>&");
        assert!(
            svg.contains("<title>&quot;&gt;&lt;script&gt;&amp;</title>"),
            "{svg}"
        );
        assert!(
            svg.contains("aria-label=\"&quot;&gt;&lt;script&gt;&amp;\""),
            "{svg}"
        );
    }

    #[test]
    fn an_address_is_drawn_as_it_is_written() {
        let address = |length| format!("https://a.example/{}", "x".repeat(length - 18));
        // 14 bytes fit into the smallest one (ISO/IEC 18004, table 7), 26 into the next.
        assert_eq!(Qr::of_address("http://a/?b=c").unwrap().version(), 1);
        assert_eq!(Qr::of_address(&address(26)).unwrap().version(), 2);
        assert_eq!(Qr::of_address(&address(27)).unwrap().version(), 3);
        let length = 4000;
        assert_eq!(
            Qr::of_address(&address(length)).err(),
            Some(BadQr::TooLong { length })
        );
    }

    #[test]
    fn text_that_no_code_has_is_not_drawn() {
        assert_eq!(
            Qr::new("HK1:é").err(),
            Some(BadQr::NotAlphanumeric { at: 4 })
        );
        assert_eq!(Qr::new("hk1").err(), Some(BadQr::NotAlphanumeric { at: 0 }));
        let length = 4000;
        assert_eq!(
            Qr::new(&"A".repeat(length)).err(),
            Some(BadQr::TooLong { length })
        );
    }
}
