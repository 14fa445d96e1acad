//! The sections of a module, as far as the build reads and writes them.

use crate::fold::reader::{Reader, put_number};

/// What a module is given by whoever starts it.
pub(super) struct Import<'a> {
    pub(super) name: &'a str,
    /// Its kind and type.
    pub(super) what: &'a [u8],
}

impl Import<'_> {
    pub(super) fn is_function(&self) -> bool {
        self.what.first() == Some(&0)
    }
}

/// Data and where it goes in memory.
pub(super) struct Segment<'a> {
    /// Everything before the size.
    pub(super) head: &'a [u8],
    pub(super) address: usize,
    pub(super) bytes: Vec<u8>,
}

pub(super) fn read_sections(bytes: &[u8]) -> Option<Vec<(u8, Vec<u8>)>> {
    let mut reader = Reader::new(bytes);
    let mut sections = Vec::new();
    while !reader.is_empty() {
        sections.push((reader.byte()?, reader.sized()?.to_vec()));
    }
    Some(sections)
}

/// The entries of a section that is a list, each with its bytes.
pub(super) fn entries<'a, T>(
    section: &'a [u8],
    read: impl Fn(&mut Reader<'a>) -> Option<T>,
) -> Option<Vec<(T, &'a [u8])>> {
    let mut reader = Reader::new(section);
    let count = reader.size()?;
    let entries = (0..count).map(|_| reader.spanned(&read)).collect();
    reader.is_empty().then_some(entries)?
}

/// A section that is a list.
pub(super) fn list<T>(
    entries: impl Iterator<Item = T>,
    mut put: impl FnMut(&mut Vec<u8>, T),
) -> Vec<u8> {
    let (mut count, mut content) = (0, Vec::new());
    for entry in entries {
        put(&mut content, entry);
        count += 1;
    }
    let mut section = Vec::new();
    put_number(&mut section, count);
    section.extend(content);
    section
}

pub(super) fn import<'a>(reader: &mut Reader<'a>) -> Option<Import<'a>> {
    let (_module, name) = (reader.text()?, reader.text()?);
    // wasm-bindgen imports functions only; of anything else the type is longer.
    let ((), what) = reader.spanned(|reader| {
        let is_function = reader.byte()? == 0;
        reader.number().filter(|_| is_function).map(drop)
    })?;
    Some(Import { name, what })
}

pub(super) fn export<'a>(reader: &mut Reader<'a>) -> Option<(&'a str, &'a [u8])> {
    let name = reader.text()?;
    let (_, what) = reader.spanned(|reader| Some((reader.byte()?, reader.number()?)))?;
    Some((name, what))
}

pub(super) fn segment<'a>(reader: &mut Reader<'a>) -> Option<Segment<'a>> {
    let (address, head) = reader.spanned(place_of_segment)?;
    let bytes = reader.sized()?.to_vec();
    Some(Segment {
        head,
        address,
        bytes,
    })
}

/// Where a segment of the first memory or table goes.
fn place_of_segment(reader: &mut Reader<'_>) -> Option<usize> {
    const I32_CONST: u8 = 0x41;
    const END: u8 = 0x0b;
    let is_first = reader.number()? == 0 && reader.byte()? == I32_CONST;
    let place = reader.size().filter(|_| is_first)?;
    (reader.byte()? == END).then_some(place)
}

/// A segment of the table: everything before its functions, and their numbers.
pub(super) fn elements_of_table<'a>(reader: &mut Reader<'a>) -> Option<(&'a [u8], Vec<usize>)> {
    let ((), head) = reader.spanned(|reader| place_of_segment(reader).map(drop))?;
    let count = reader.size()?;
    let functions = (0..count).map(|_| reader.size()).collect::<Option<_>>()?;
    Some((head, functions))
}

/// The numbers and names of the functions.
pub(super) fn function_names(mut reader: Reader<'_>) -> Option<Vec<(usize, &str)>> {
    const FUNCTIONS: u8 = 1;
    while !reader.is_empty() {
        let (kind, content) = (reader.byte()?, reader.sized()?);
        if kind == FUNCTIONS {
            let names = entries(content, |name| Some((name.size()?, name.text()?)))?;
            return Some(names.into_iter().map(|(name, _)| name).collect());
        }
    }
    None
}
