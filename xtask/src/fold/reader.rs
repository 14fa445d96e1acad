//! The few encodings of the WebAssembly binary format that the build reads.

/// Reads bytes from front to back; every reading is `None` at the end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a> {
    left: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { left: bytes }
    }

    pub(super) fn is_empty(self) -> bool {
        self.left.is_empty()
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        let (&byte, left) = self.left.split_first()?;
        self.left = left;
        Some(byte)
    }

    pub(super) fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (bytes, left) = self.left.split_at_checked(count)?;
        self.left = left;
        Some(bytes)
    }

    /// A number of up to 32 bits (LEB128). A negative one, which only an
    /// address or a bound could be, comes out as its lower bits.
    pub(super) fn number(&mut self) -> Option<u32> {
        let mut number = 0;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            number |= u32::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    pub(super) fn size(&mut self) -> Option<usize> {
        usize::try_from(self.number()?).ok()
    }

    /// Bytes after their number.
    pub(super) fn sized(&mut self) -> Option<&'a [u8]> {
        let size = self.size()?;
        self.bytes(size)
    }

    pub(super) fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.sized()?).ok()
    }

    /// What `read` reads, and the bytes of it.
    pub(super) fn spanned<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Option<(T, &'a [u8])> {
        let before = self.left;
        let value = read(self)?;
        let span = before.len() - self.left.len();
        Some((value, &before[..span]))
    }
}

/// Writes a number (LEB128).
pub(super) fn put_number(out: &mut Vec<u8>, number: usize) {
    let mut left = number;
    while left >= 0x80 {
        out.push(low_bits(left) | 0x80);
        left >>= 7;
    }
    out.push(low_bits(left));
}

/// Writes bytes after their number.
pub(super) fn put_sized(out: &mut Vec<u8>, bytes: &[u8]) {
    put_number(out, bytes.len());
    out.extend_from_slice(bytes);
}

fn low_bits(number: usize) -> u8 {
    u8::try_from(number & 0x7f).unwrap_or_default()
}
