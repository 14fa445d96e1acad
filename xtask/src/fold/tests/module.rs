//! Modules, made by hand.

use crate::fold::{
    module::Module,
    reader::{Reader, put_number, put_sized},
};

/// A body that traps at its end, as what never returns does.
const PANIC: &[u8] = &[0, 0x10, 0x00, 0x00, 0x0b];

/// A body that returns.
const WORK: &[u8] = &[0, 0x01, 0x0b];

const BASE: u8 = 0x10;

/// One segment of the table, from its first place on, with both functions.
const TABLE: [u8; 8] = [1, 0, 0x41, 0, 0x0b, 2, 1, 2];

/// A module that imports one function, has two that [`names`] names, exports
/// the second under two names, and has `data` at [`BASE`].
pub(super) fn sample(names: [&str; 2], data: &[u8]) -> Vec<u8> {
    let mut module = b"\0asm\x01\0\0\0".to_vec();
    let mut section = |kind: u8, content: &[u8]| {
        module.push(kind);
        put_sized(&mut module, content);
    };
    section(1, &[1, 0x60, 0, 0]);
    section(
        2,
        &list(&[import("./shell_bg.js", "__wbg_now_aa4ccb83129e9e55")]),
    );
    section(3, &[2, 0, 0]);
    section(5, &[1, 0, 1]);
    section(
        7,
        &list(&[export("on_fetch", 2), export("__wbindgen_free", 2)]),
    );
    section(9, &TABLE);
    section(10, &list(&[sized(PANIC), sized(WORK)]));
    section(
        11,
        &list(&[[&[0, 0x41, BASE, 0x0b], &*sized(data)].concat()]),
    );
    section(
        0,
        &[sized(b"name"), vec![1], sized(&name_map(names))].concat(),
    );
    module
}

#[test]
fn a_panic_becomes_a_trap_and_nothing_else_does() {
    let table = [
        ("core[c5930c85a12de822]::panicking::panic_fmt", true),
        (
            "core[c5930c85a12de822]::panicking::assert_failed::<u8, u8>",
            true,
        ),
        (
            "core::panicking::unreachable_display::hd572b23edd0fadc0",
            true,
        ),
        ("core[c5930c85a12de822]::option::unwrap_failed", true),
        ("std[a543996e6e7dbf1e]::panicking::catch_unwind", false),
        ("shell_worker::on_fetch::hd572b23edd0fadc0", false),
    ];
    for (name, is_panic) in table {
        // The body decides, too: what returns is no panic.
        let bytes = sample([name, "core::option::unwrap_failed"], b"");
        let mut module = Module::read(&bytes).unwrap();
        module.cut_panics().unwrap();

        let cut = if is_panic { &[0, 0x00, 0x0b] } else { PANIC };
        let code = list(&[sized(cut), sized(WORK)]);
        assert_eq!(section(&module.write(), 10), code, "{name}");
    }
}

#[test]
fn the_table_forgets_what_formats_and_nothing_else() {
    let table = [
        ("<usize as core[c5930c85a12de822]::fmt::Display>::fmt", true),
        (
            "<&dyn core::fmt::Debug as core::fmt::Debug>::fmt::hd572b23edd0fadc0",
            true,
        ),
        ("<shell_core::Origin as core::fmt::Display>::fmt", true),
        (
            "<alloc::string::String as core::fmt::Write>::write_str",
            false,
        ),
        ("shell_worker::fmt", false),
    ];
    for (name, is_format) in table {
        let bytes = sample(["core::option::unwrap_failed", name], b"");
        let mut module = Module::read(&bytes).unwrap();
        module.forget_formats().unwrap();

        let mut expected = TABLE;
        expected[7] = if is_format { 1 } else { 2 };
        assert_eq!(section(&module.write(), 9), expected, "{name}");
    }
}

#[test]
fn a_module_that_still_formats_is_refused() {
    let table = [
        ("core[c5930c85a12de822]::fmt::write", false),
        ("alloc::fmt::format::format_inner::hd572b23edd0fadc0", false),
        ("shell_core::form::write", true),
    ];
    for (name, passes) in table {
        let module = Module::read(&sample(["a", name], b"")).unwrap();
        assert_eq!(module.require_no_formats().is_ok(), passes, "{name}");
    }
    let mut nameless = Module::read(&sample(["a", "b"], b"")).unwrap();
    nameless.strip();
    assert!(nameless.require_no_formats().is_err());
}

#[test]
fn a_module_without_the_names_of_panics_is_refused() {
    let mut module = Module::read(&sample(["a", "b"], b"")).unwrap();
    assert!(module.cut_panics().is_err());
    module.strip();
    assert!(module.cut_panics().is_err());
}

#[test]
fn unused_exports_go() {
    let mut module = Module::read(&sample(["a", "b"], b"")).unwrap();
    module.keep_exports(|name| name == "on_fetch").unwrap();
    assert_eq!(section(&module.write(), 7), list(&[export("on_fetch", 2)]));
}

#[test]
fn names_become_short_where_nobody_else_knows_them() {
    let mut module = Module::read(&sample(["a", "b"], b"")).unwrap();
    let renamed = module.rename(|name| name.starts_with("__wb")).unwrap();

    let pair = |old: &str, new: &str| (old.to_owned(), new.to_owned());
    let expected = [
        pair("__wbg_now_aa4ccb83129e9e55", "_a"),
        pair("__wbindgen_free", "$b"),
    ];
    assert_eq!(renamed, expected);
    let written = module.write();
    assert_eq!(section(&written, 2), list(&[import("a", "_a")]));
    let exports = list(&[export("on_fetch", 2), export("$b", 2)]);
    assert_eq!(section(&written, 7), exports);
}

#[test]
fn what_is_not_changed_keeps_its_bytes() {
    let bytes = sample(["a", "b"], b"data");
    let mut module = Module::read(&bytes).unwrap();
    module.keep_exports(|_| true).unwrap();
    module.forget_places().unwrap();
    assert_eq!(module.write(), bytes);

    module.strip();
    let (custom, rest) = (section(&bytes, 0), module.write());
    assert_eq!(rest, bytes[..bytes.len() - custom.len() - 2]);
}

#[test]
fn places_in_the_sources_are_forgotten_and_other_texts_are_not() {
    let texts = *b"src/lib.rs, text";
    // Address, length, line and column; the second is a text and two numbers.
    let place = [BASE, 0, 0, 0, 10, 0, 0, 0, 7, 0, 0, 0, 5, 0, 0, 0];
    let other = [BASE + 12, 0, 0, 0, 4, 0, 0, 0, 7, 0, 0, 0, 5, 0, 0, 0];
    let bytes = sample(["a", "b"], &[texts, place, other].concat());
    let mut module = Module::read(&bytes).unwrap();
    module.forget_places().unwrap();

    let data = section(&module.write(), 11);
    let blank = [*b"\0\0\0\0\0\0\0\0\0\0, text", [0; 16], other].concat();
    assert!(data.ends_with(&blank), "{data:?}");
}

#[test]
fn messages_of_panics_are_forgotten_and_what_is_beside_them_is_not() {
    let texts = "oneRefCell already borrowedtwoRefCell already mutably borrowed";
    let mut module = Module::read(&sample(["a", "b"], texts.as_bytes())).unwrap();
    module.forget_places().unwrap();

    let blank = ["one", &"\0".repeat(24), "two", &"\0".repeat(32)].concat();
    assert!(section(&module.write(), 11).ends_with(blank.as_bytes()));
}

#[test]
fn what_is_no_module_is_refused() {
    let whole = sample(["a", "b"], b"data");
    for bytes in [b"module", &whole[..4], &whole[..whole.len() - 1]] {
        assert!(Module::read(bytes).is_err(), "{bytes:?}");
    }
}

#[test]
fn numbers_are_read_as_they_are_written() {
    for number in [0, 1, 127, 128, 300, 16_384, u32::MAX] {
        let mut bytes = Vec::new();
        put_number(&mut bytes, usize::try_from(number).unwrap());
        let mut reader = Reader::new(&bytes);
        assert_eq!(reader.number(), Some(number));
        assert!(reader.is_empty());
    }
    assert_eq!(Reader::new(&[0x80]).number(), None);
}

fn import(module: &str, name: &str) -> Vec<u8> {
    [sized(module.as_bytes()), sized(name.as_bytes()), vec![0, 0]].concat()
}

fn export(name: &str, function: u8) -> Vec<u8> {
    [sized(name.as_bytes()), vec![0, function]].concat()
}

fn name_map(names: [&str; 2]) -> Vec<u8> {
    let [first, second] = names.map(|name| sized(name.as_bytes()));
    [&[2, 1], &*first, &[2], &*second].concat()
}

fn list(entries: &[Vec<u8>]) -> Vec<u8> {
    let mut list = Vec::new();
    put_number(&mut list, entries.len());
    list.extend(entries.concat());
    list
}

fn sized(bytes: &[u8]) -> Vec<u8> {
    let mut sized = Vec::new();
    put_sized(&mut sized, bytes);
    sized
}

/// The content of the first section of this kind.
fn section(module: &[u8], kind: u8) -> Vec<u8> {
    let mut reader = Reader::new(&module[8..]);
    loop {
        let (found, content) = (reader.byte().unwrap(), reader.sized().unwrap());
        if found == kind {
            return content.to_vec();
        }
    }
}
