//! What a module has for panics: functions that say where and why, and the
//! places they name. Nobody hears them in a browser.

use std::ops::Range;

/// The functions that begin a panic, besides all of `core::panicking`.
const PANICS: &[&str] = &[
    "alloc::alloc::handle_alloc_error",
    "alloc::raw_vec::handle_error",
    "core::cell::lazy::panic_poisoned",
    "core::cell::panic_already_borrowed",
    "core::cell::panic_already_mutably_borrowed",
    "core::option::expect_failed",
    "core::option::unwrap_failed",
    "core::result::unwrap_failed",
    "core::slice::copy_from_slice_impl::len_mismatch_fail",
    "core::slice::index::slice_index_fail",
    "core::str::slice_error_fail",
    "std::thread::local::panic_access_error",
];

/// What puts texts together. Where it is gone, nothing asks the table for a
/// function that formats.
const FORMATS: &[&str] = &["core::fmt::write", "alloc::fmt::format::format_inner"];

/// Whether the function of this name begins a panic.
pub(super) fn begins(name: &str) -> bool {
    let plain = plain(name);
    plain.starts_with("core::panicking::") || PANICS.contains(&&*plain)
}

/// Whether the function of this name is one of those by which a message is
/// formatted, each found through the table.
pub(super) fn is_format(name: &str) -> bool {
    let plain = plain(name);
    let traits = ["Display", "Debug", "LowerHex", "UpperHex"];
    let mut ends = traits
        .iter()
        .map(|name| [" as core::fmt::", name, ">::fmt"].concat());
    ends.any(|end| plain.ends_with(&end))
}

/// Whether the function of this name puts texts together.
pub(super) fn formats(name: &str) -> bool {
    FORMATS.contains(&&*plain(name))
}

/// A name without what the compiler adds to it: names look like
/// `core[c5930c85a12de822]::panicking::panic` or end in `::h3e5ca5b640d572a5`.
fn plain(name: &str) -> String {
    let mut plain = String::with_capacity(name.len());
    let mut rest = name;
    while let Some((before, after)) = rest.split_once('[') {
        plain.push_str(before);
        rest = after.split_once(']').map_or("", |(_, after)| after);
    }
    plain.push_str(rest);
    match plain.rsplit_once("::h") {
        Some((path, hash)) if is_hash(hash) => path.to_owned(),
        _ => plain,
    }
}

fn is_hash(text: &str) -> bool {
    text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Blanks every `core::panic::Location` among the data that goes to `address`,
/// and the path it names.
pub(super) fn blank_places(address: usize, bytes: &mut [u8]) {
    const PLACE: usize = 16;
    let first = (4 - address % 4) % 4;
    let starts = (first..bytes.len().saturating_sub(PLACE - 1)).step_by(4);
    let places: Vec<_> = starts
        .filter_map(|start| {
            let path = path_of_place(&bytes[start..start + PLACE], address, bytes)?;
            Some([start..start + PLACE, path])
        })
        .collect();
    for range in places.into_iter().flatten() {
        bytes[range].fill(0);
    }
}

/// What panics of the libraries would have said, and nothing else does. A text
/// that is not there any more does no harm: the byte budget would tell.
const MESSAGES: &[&str] = &[
    "`async fn` resumed after completion",
    "AccessError",
    "Attempted to initialize thread-local while it is being dropped",
    "Lazy instance has previously been poisoned",
    "Once instance has previously been poisoned",
    "RefCell already borrowed",
    "RefCell already mutably borrowed",
    "Tried to shrink to a larger capacity",
    "called `Option::unwrap()` on a `None` value",
    "called `Result::unwrap()` on an `Err` value",
    "cannot access a Thread Local Storage value during or after destruction: ",
    "failed to generate unique thread ID: bitspace exhausted",
    "internal error: entered unreachable code: The JS binding should only ever produce a valid \
     value or the specific 'invalid' value",
    "one-time initialization may not be performed recursively",
];

/// Blanks the messages of panics.
pub(super) fn blank_messages(bytes: &mut [u8]) {
    for message in MESSAGES.iter().map(|message| message.as_bytes()) {
        let found = bytes
            .windows(message.len())
            .position(|text| text == message);
        if let Some(start) = found {
            bytes[start..start + message.len()].fill(0);
        }
    }
}

/// Where the path of `place` is among `bytes`, if that is what `place` is: the
/// address of a path, its length, a line and a column.
fn path_of_place(place: &[u8], base: usize, bytes: &[u8]) -> Option<Range<usize>> {
    let word = |index: usize| {
        let word = place.get(4 * index..4 * index + 4)?;
        usize::try_from(u32::from_le_bytes(word.try_into().ok()?)).ok()
    };
    let (address, length) = (word(0)?, word(1)?);
    let (line, column) = (word(2)?, word(3)?);
    let start = address.checked_sub(base)?;
    let range = start..start.checked_add(length)?;
    let path = bytes.get(range.clone())?;
    let is_path = path.ends_with(b".rs") && path.iter().all(u8::is_ascii_graphic);
    let is_place = is_path && (1..100_000).contains(&line) && (1..1_000).contains(&column);
    is_place.then_some(range)
}
