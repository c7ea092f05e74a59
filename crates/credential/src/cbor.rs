//! The little CBOR (RFC 8949) that credentials need: always the shortest form.

use minicbor::Decoder;

use crate::malformed::{Malformed, Part};

/// Writes CBOR in its deterministic encoding; cannot fail. Map keys come in the caller's order.
#[derive(Default)]
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn uint(self, value: u64) -> Self {
        self.head(0, value)
    }

    pub(crate) fn int(self, value: i64) -> Self {
        if value < 0 {
            self.head(1, !value as u64)
        } else {
            self.head(0, value as u64)
        }
    }

    pub(crate) fn bytes(mut self, value: &[u8]) -> Self {
        self = self.head(2, value.len() as u64);
        self.0.extend_from_slice(value);
        self
    }

    pub(crate) fn text(mut self, value: &str) -> Self {
        self = self.head(3, value.len() as u64);
        self.0.extend_from_slice(value.as_bytes());
        self
    }

    pub(crate) fn array(self, items: u64) -> Self {
        self.head(4, items)
    }

    pub(crate) fn map(self, pairs: u64) -> Self {
        self.head(5, pairs)
    }

    pub(crate) fn tag(self, number: u64) -> Self {
        self.head(6, number)
    }

    pub(crate) fn bool(mut self, value: bool) -> Self {
        self.0.push(if value { 0xf5 } else { 0xf4 });
        self
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.0
    }

    fn head(mut self, major: u8, value: u64) -> Self {
        let major = major << 5;
        let big_endian = value.to_be_bytes();
        let (info, argument) = match value {
            0..=23 => (value as u8, &big_endian[8..]),
            24..=0xff => (24, &big_endian[7..]),
            0x100..=0xffff => (25, &big_endian[6..]),
            0x1_0000..=0xffff_ffff => (26, &big_endian[4..]),
            _ => (27, &big_endian[..]),
        };
        self.0.push(major | info);
        self.0.extend_from_slice(argument);
        self
    }
}

/// Reads CBOR item by item and says where it is not what was expected.
///
/// It takes longer encodings than the shortest; a caller that must refuse those writes the value
/// again and calls [`same_bytes`].
pub(crate) struct Reader<'b> {
    decoder: Decoder<'b>,
    part: Part,
}

impl<'b> Reader<'b> {
    pub(crate) fn new(part: Part, bytes: &'b [u8]) -> Self {
        Self {
            decoder: Decoder::new(bytes),
            part,
        }
    }

    pub(crate) fn int(&mut self, expected: &'static str) -> Result<i64, Malformed> {
        self.read(expected, Decoder::i64)
    }

    pub(crate) fn uint(&mut self, expected: &'static str) -> Result<u64, Malformed> {
        self.read(expected, Decoder::u64)
    }

    /// An unsigned number below 2^32.
    pub(crate) fn u32(&mut self, expected: &'static str) -> Result<u32, Malformed> {
        self.read(expected, Decoder::u32)
    }

    pub(crate) fn bool(&mut self, expected: &'static str) -> Result<bool, Malformed> {
        self.read(expected, Decoder::bool)
    }

    pub(crate) fn bytes(&mut self, expected: &'static str) -> Result<&'b [u8], Malformed> {
        self.read(expected, Decoder::bytes)
    }

    pub(crate) fn text(&mut self, expected: &'static str) -> Result<&'b str, Malformed> {
        self.read(expected, Decoder::str)
    }

    /// A byte string of exactly `N` bytes.
    pub(crate) fn exactly<const N: usize>(
        &mut self,
        expected: &'static str,
    ) -> Result<[u8; N], Malformed> {
        let at = self.decoder.position();
        let bytes = self.bytes(expected)?;
        bytes.try_into().map_err(|_| self.malformed(at, expected))
    }

    /// The length of an array; not of one without a declared length.
    pub(crate) fn array(&mut self, expected: &'static str) -> Result<u64, Malformed> {
        let at = self.decoder.position();
        self.read(expected, Decoder::array)?
            .ok_or_else(|| self.malformed(at, expected))
    }

    /// The number of pairs of a map; not of one without a declared length.
    pub(crate) fn map(&mut self, expected: &'static str) -> Result<u64, Malformed> {
        let at = self.decoder.position();
        self.read(expected, Decoder::map)?
            .ok_or_else(|| self.malformed(at, expected))
    }

    /// Goes over exactly this array head, this map head, this number or this tag.
    pub(crate) fn expect<T: PartialEq>(
        &mut self,
        wanted: T,
        expected: &'static str,
        read: impl FnOnce(&mut Self, &'static str) -> Result<T, Malformed>,
    ) -> Result<(), Malformed> {
        let at = self.decoder.position();
        if read(self, expected)? == wanted {
            Ok(())
        } else {
            Err(self.malformed(at, expected))
        }
    }

    pub(crate) fn tag(&mut self, expected: &'static str) -> Result<u64, Malformed> {
        self.read(expected, |decoder| decoder.tag().map(|tag| tag.as_u64()))
    }

    /// Goes over one item of any kind.
    pub(crate) fn skip(&mut self) -> Result<(), Malformed> {
        self.read("an item of CBOR", Decoder::skip)
    }

    /// Nothing may follow.
    pub(crate) fn end(&self) -> Result<(), Malformed> {
        let at = self.decoder.position();
        if at == self.decoder.input().len() {
            Ok(())
        } else {
            Err(self.malformed(at, "the end"))
        }
    }

    pub(crate) fn position(&self) -> usize {
        self.decoder.position()
    }

    pub(crate) fn malformed(&self, at: usize, expected: &'static str) -> Malformed {
        Malformed {
            part: self.part,
            at,
            expected,
        }
    }

    fn read<T>(
        &mut self,
        expected: &'static str,
        read: impl FnOnce(&mut Decoder<'b>) -> Result<T, minicbor::decode::Error>,
    ) -> Result<T, Malformed> {
        let at = self.decoder.position();
        read(&mut self.decoder).map_err(|_| Malformed {
            part: self.part,
            at,
            expected,
        })
    }
}

/// Refuses `found` unless it is `canonical`, byte for byte: one value has one encoding.
pub(crate) fn same_bytes(part: Part, found: &[u8], canonical: &[u8]) -> Result<(), Malformed> {
    if found == canonical {
        return Ok(());
    }
    let at = found
        .iter()
        .zip(canonical)
        .take_while(|(a, b)| a == b)
        .count();
    Err(Malformed {
        part,
        at,
        expected: "the shortest encoding, with map keys in order",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_in_the_shortest_form_of_rfc_8949() {
        // Appendix A of the RFC.
        let table: [(i64, &[u8]); 12] = [
            (0, &[0x00]),
            (23, &[0x17]),
            (24, &[0x18, 0x18]),
            (255, &[0x18, 0xff]),
            (256, &[0x19, 0x01, 0x00]),
            (1000, &[0x19, 0x03, 0xe8]),
            (1_000_000, &[0x1a, 0x00, 0x0f, 0x42, 0x40]),
            (
                1_000_000_000_000,
                &[0x1b, 0x00, 0x00, 0x00, 0xe8, 0xd4, 0xa5, 0x10, 0x00],
            ),
            (-1, &[0x20]),
            (-100, &[0x38, 0x63]),
            (-1000, &[0x39, 0x03, 0xe7]),
            (-65537, &[0x3a, 0x00, 0x01, 0x00, 0x00]),
        ];
        for (value, encoded) in table {
            assert_eq!(Writer::new().int(value).finish(), encoded, "{value}");
            assert_eq!(
                Reader::new(Part::Claims, encoded).int("a number"),
                Ok(value)
            );
        }
    }

    #[test]
    fn an_array_without_a_declared_length_is_refused_with_its_place() {
        let mut reader = Reader::new(Part::Claims, &[0x01, 0x9f, 0xff]);
        assert_eq!(reader.uint("one"), Ok(1));
        let refused = reader.array("an array");
        assert_eq!(
            refused,
            Err(Malformed {
                part: Part::Claims,
                at: 1,
                expected: "an array"
            })
        );
    }
}
