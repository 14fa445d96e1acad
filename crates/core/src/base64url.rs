//! Base64 with the alphabet for URLs and without padding (RFC 4648 §5).

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Writes `bytes`.
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::new();
    let mut bits = Bits::default();
    for &byte in bytes {
        bits.put(byte.into(), 8);
        while let Some(digit) = bits.take(6) {
            text.push(letter(digit));
        }
    }
    if bits.count > 0 {
        // The last digit is filled up with zeros.
        text.push(letter(bits.value << (6 - bits.count)));
    }
    text
}

/// Reads what [`encode`] writes, and nothing else: no padding, no other
/// letters, and the bits that fill up the last one are zero.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut bits = Bits::default();
    for letter in text.bytes() {
        bits.put(digit(letter)?, 6);
        bytes.extend(bits.take(8).and_then(|byte| u8::try_from(byte).ok()));
    }
    (bits.count < 6 && bits.value == 0).then_some(bytes)
}

/// A few bits on their way from one grouping to another.
#[derive(Default)]
struct Bits {
    value: u32,
    count: u32,
}

impl Bits {
    fn put(&mut self, value: u32, count: u32) {
        self.value = self.value << count | value;
        self.count += count;
    }

    /// The first `count` bits, if there are so many.
    fn take(&mut self, count: u32) -> Option<u32> {
        self.count = self.count.checked_sub(count)?;
        let taken = self.value >> self.count;
        self.value &= (1 << self.count) - 1;
        Some(taken)
    }
}

fn letter(digit: u32) -> char {
    let found = usize::try_from(digit)
        .ok()
        .and_then(|digit| ALPHABET.get(digit));
    found.copied().map_or('A', char::from)
}

fn digit(letter: u8) -> Option<u32> {
    let place = ALPHABET.iter().position(|known| *known == letter)?;
    u32::try_from(place).ok()
}

#[cfg(test)]
mod tests {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

    use super::*;

    #[test]
    fn texts_match_the_published_vectors() {
        // RFC 4648 §10 without the padding, and the two letters of §5.
        let table: [(&[u8], &str); 9] = [
            (b"", ""),
            (b"f", "Zg"),
            (b"fo", "Zm8"),
            (b"foo", "Zm9v"),
            (b"foob", "Zm9vYg"),
            (b"fooba", "Zm9vYmE"),
            (b"foobar", "Zm9vYmFy"),
            (b"\xfb\xff", "-_8"),
            (b"\0\0\0", "AAAA"),
        ];
        for (bytes, text) in table {
            assert_eq!(encode(bytes), text);
            assert_eq!(decode(text).as_deref(), Some(bytes), "{text}");
        }
    }

    #[test]
    fn every_byte_in_every_place_is_written_as_others_write_it() {
        for length in 0..=9 {
            for byte in 0..=u8::MAX {
                let bytes: Vec<u8> = (0..length).map(|n| byte.wrapping_mul(n + 1)).collect();
                let text = BASE64_URL_SAFE_NO_PAD.encode(&bytes);
                assert_eq!(encode(&bytes), text);
                assert_eq!(decode(&text), Some(bytes));
            }
        }
    }

    #[test]
    fn what_others_refuse_is_refused() {
        for text in [
            "A", "AAAAA", "Zg==", "Zg=", "Zh", "Zm9", "Zm+v", "Zm/v", "Zm 9v", "Zmé",
        ] {
            assert!(BASE64_URL_SAFE_NO_PAD.decode(text).is_err(), "{text}");
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
