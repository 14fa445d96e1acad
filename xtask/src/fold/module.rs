//! A WebAssembly module without what the site does not need.
//!
//! 1. A panic ends the module at once. It did so before, but with a message
//!    that nobody hears: no hook is set, and the platform has no output.
//! 2. What only the messages named goes with them: the places in the sources,
//!    and the functions in the table that would have formatted them.
//! 3. Exports that the glue never calls go, and what only they kept.
//! 4. Imports and exports have short names. wasm-bindgen's end in hashes that
//!    compress to nothing less.

use super::{
    panics,
    reader::{Reader, put_number, put_sized},
    sections::{
        elements_of_table, entries, export, function_names, import, list, read_sections, segment,
    },
};
use crate::failure::{Failure, Result};

const HEADER: &[u8] = b"\0asm\x01\0\0\0";

const CUSTOM: u8 = 0;
const IMPORTS: u8 = 2;
const EXPORTS: u8 = 7;
const ELEMENTS: u8 = 9;
const CODE: u8 = 10;
const DATA: u8 = 11;

/// A function that has no locals, and traps.
const TRAP: &[u8] = &[0, 0x00, 0x0b];

/// How the body of a function ends that never returns.
const NO_RETURN: &[u8] = &[0x00, 0x0b];

/// A module as its sections.
#[derive(Debug)]
pub(super) struct Module {
    sections: Vec<(u8, Vec<u8>)>,
}

/// An old name and the new one.
pub(super) type Renamed = (String, String);

impl Module {
    pub(super) fn read(bytes: &[u8]) -> Result<Self> {
        let sections = bytes.strip_prefix(HEADER).and_then(read_sections);
        let sections = sections.ok_or_else(|| {
            Failure::because("the module is not WebAssembly as this command knows it")
        })?;
        Ok(Self { sections })
    }

    pub(super) fn write(&self) -> Vec<u8> {
        let mut bytes = HEADER.to_vec();
        for (kind, content) in &self.sections {
            bytes.push(*kind);
            put_sized(&mut bytes, content);
        }
        bytes
    }

    /// Makes every function that begins a panic end the module instead. To be
    /// followed by an optimiser, which drops what only those functions called.
    ///
    /// # Errors
    ///
    /// Fails if the module has no function names, or none of these: the
    /// compiler has changed, and with it the list.
    pub(super) fn cut_panics(&mut self) -> Result<()> {
        let panics = self.panics()?;
        let imported = self.imported_functions().unwrap_or_default();
        self.change(CODE, |code| {
            let bodies = entries(code, Reader::sized)?;
            let cut = bodies.into_iter().enumerate().map(|(index, (body, _))| {
                let cut = panics.contains(&(imported + index)) && body.ends_with(NO_RETURN);
                if cut { TRAP } else { body }
            });
            Some(list(cut, put_sized))
        })
    }

    /// Takes what would have formatted the messages of panics out of the table:
    /// in its place is a function that begins a panic, and so traps. To be
    /// followed by [`require_no_formats`](Self::require_no_formats).
    pub(super) fn forget_formats(&mut self) -> Result<()> {
        let panic = self.panics()?.first().copied().unwrap_or_default();
        let formats = self.functions_called(panics::is_format).unwrap_or_default();
        self.change(ELEMENTS, |elements| {
            let segments = entries(elements, elements_of_table)?.into_iter();
            Some(list(segments, |out, ((head, functions), _)| {
                out.extend_from_slice(head);
                let kept = functions.into_iter();
                let kept = kept.map(|index| {
                    if formats.contains(&index) {
                        panic
                    } else {
                        index
                    }
                });
                out.extend(list(kept, put_number));
            }))
        })
    }

    /// Makes sure that nothing formats any more, in a module that still has its
    /// names: it would ask the table for a function that is no longer there.
    ///
    /// # Errors
    ///
    /// Fails if something does.
    pub(super) fn require_no_formats(&self) -> Result<()> {
        match self.functions_called(panics::formats) {
            Some(found) if found.is_empty() => Ok(()),
            Some(_) => Err(Failure::because(
                "the page or the worker formats text: no `format!` or `Display` in what they \
                 use, but `[..].concat()`; it is smaller, too",
            )),
            None => Err(unreadable()),
        }
    }

    /// Drops the exports that `is_used` does not know.
    pub(super) fn keep_exports(&mut self, is_used: impl Fn(&str) -> bool) -> Result<()> {
        self.change(EXPORTS, |exports| {
            let exports = entries(exports, export)?.into_iter();
            let used = exports.filter(|((name, _), _)| is_used(name));
            Some(list(used, |out, (_, span)| out.extend_from_slice(span)))
        })
    }

    /// The names of the imports.
    pub(super) fn imports(&self) -> Result<Vec<String>> {
        let imports = self.section(IMPORTS).map_or(Some(Vec::new()), |imports| {
            let imports = entries(imports, import)?.into_iter();
            Some(imports.map(|(import, _)| import.name.to_owned()).collect())
        });
        imports.ok_or_else(unreadable)
    }

    /// Gives each import, and each export whose name `may_change`, a short name.
    pub(super) fn rename(&mut self, may_change: impl Fn(&str) -> bool) -> Result<Vec<Renamed>> {
        let mut renamed = Vec::new();
        self.change(IMPORTS, |imports| {
            let imports = entries(imports, import)?.into_iter().enumerate();
            Some(list(imports, |out, (index, (import, _))| {
                let short = short_name('_', index);
                put_sized(out, MODULE.as_bytes());
                put_sized(out, short.as_bytes());
                out.extend_from_slice(import.what);
                renamed.push((import.name.to_owned(), short));
            }))
        })?;
        self.change(EXPORTS, |exports| {
            let exports = entries(exports, export)?.into_iter().enumerate();
            Some(list(exports, |out, (index, ((name, what), _))| {
                let short = Some(short_name('$', index)).filter(|_| may_change(name));
                put_sized(out, short.as_deref().unwrap_or(name).as_bytes());
                out.extend_from_slice(what);
                renamed.extend(short.map(|short| (name.to_owned(), short)));
            }))
        })?;
        Ok(renamed)
    }

    /// Drops the custom sections: names, and what the tools tell each other.
    pub(super) fn strip(&mut self) {
        self.sections.retain(|(kind, _)| *kind != CUSTOM);
    }

    /// Blanks the places in the sources that panics would have named, and the
    /// libraries' messages.
    pub(super) fn forget_places(&mut self) -> Result<()> {
        self.change(DATA, |data| {
            let segments = entries(data, segment)?.into_iter();
            let mut segments: Vec<_> = segments.map(|(segment, _)| segment).collect();
            for segment in &mut segments {
                panics::blank_places(segment.address, &mut segment.bytes);
                panics::blank_messages(&mut segment.bytes);
            }
            Some(list(segments.into_iter(), |out, segment| {
                out.extend_from_slice(segment.head);
                put_sized(out, &segment.bytes);
            }))
        })
    }

    fn section(&self, kind: u8) -> Option<&[u8]> {
        let mut sections = self.sections.iter();
        let (_, content) = sections.find(|(found, _)| *found == kind)?;
        Some(content)
    }

    fn change(&mut self, kind: u8, change: impl FnOnce(&[u8]) -> Option<Vec<u8>>) -> Result<()> {
        let mut sections = self.sections.iter_mut();
        if let Some((_, content)) = sections.find(|(found, _)| *found == kind) {
            *content = change(content).ok_or_else(unreadable)?;
        }
        Ok(())
    }

    fn imported_functions(&self) -> Option<usize> {
        let imports = entries(self.section(IMPORTS)?, import)?;
        let functions = imports.iter().filter(|(import, _)| import.is_function());
        Some(functions.count())
    }

    /// The numbers of the functions that begin a panic.
    fn panics(&self) -> Result<Vec<usize>> {
        let panics = self.functions_called(panics::begins);
        panics.filter(|panics| !panics.is_empty()).ok_or_else(|| {
            Failure::because(
                "the module names no function that begins a panic: see xtask/src/fold/module.rs",
            )
        })
    }

    /// The numbers of the functions with such names; `None` without names.
    fn functions_called(&self, is_such: fn(&str) -> bool) -> Option<Vec<usize>> {
        let mut custom = self.sections.iter().filter(|(kind, _)| *kind == CUSTOM);
        let names = custom.find_map(|(_, content)| {
            let mut reader = Reader::new(content);
            (reader.text()? == "name").then_some(reader)
        })?;
        let names = function_names(names)?.into_iter();
        let such = names.filter(|(_, name)| is_such(name));
        Some(such.map(|(index, _)| index).collect())
    }
}

/// The name under which the glue offers what the module imports.
pub(super) const MODULE: &str = "a";

/// A name of its own for each number: `a` to `z`, `ba` to `bz` and so on.
fn short_name(sigil: char, number: usize) -> String {
    let letter = |digit: usize| char::from(b'a' + u8::try_from(digit % 26).unwrap_or_default());
    let mut letters = vec![letter(number)];
    let mut left = number / 26;
    while left > 0 {
        letters.push(letter(left));
        left /= 26;
    }
    std::iter::once(sigil)
        .chain(letters.into_iter().rev())
        .collect()
}

fn unreadable() -> Failure {
    Failure::because("the module has a section that this command cannot read")
}
