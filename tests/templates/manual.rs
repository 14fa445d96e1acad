//! What `docs/DEPLOY.md` says of the tests.

use std::{collections::BTreeSet, fs};

use shell_tests::environment;

use crate::cloud::Cloud;

/// Begins the list.
const UNMADE: &str = "The emulator makes none of these";

#[expect(clippy::print_stdout, reason = "the list is to be seen")]
pub(crate) fn what_the_emulator_cannot_make_is_listed(cloud: &Cloud) {
    let record = cloud.record();
    let unmade = record.iter().filter(|made| !made.is_real);
    let unmade: BTreeSet<_> = unmade.map(|made| made.kind.as_str()).collect();
    println!("checked, but not made by the emulator: {unmade:?}");

    let manual = fs::read_to_string(environment::workspace().join("docs/DEPLOY.md"));
    let manual = manual.expect("there is a manual");
    let (_, list) = manual.split_once(UNMADE).expect("it has the list");
    let list = list.split("\n\n").next().unwrap_or_default();
    for kind in unmade {
        let name = kind.trim_start_matches("AWS::");
        assert!(
            list.contains(&format!("`{name}`")),
            "{name} is not in the list"
        );
    }
}

/// What may be set is in a table, each in a row.
pub(crate) fn the_settings_it_names_are_parameters() {
    let templates = environment::workspace().join("deploy/templates");
    let templates = fs::read_dir(templates).expect("there are templates");
    let texts = templates.map(|entry| fs::read_to_string(entry.expect("an entry").path()));
    let texts: Vec<_> = texts.map(|text| text.expect("it is text")).collect();
    let manual = fs::read_to_string(environment::workspace().join("docs/DEPLOY.md"));
    let manual = manual.expect("there is a manual");
    let (_, table) = manual
        .split_once("| setting | meaning |")
        .expect("it has the table");
    let rows = table.split("\n\n").next().unwrap_or_default().lines();
    let rows = rows.filter_map(|row| row.split('|').nth(1));
    let names: Vec<_> = rows
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .collect();

    assert!(names.len() > 8, "{names:?}");
    for name in names {
        let parameter = format!("\n  {name}:");
        assert!(texts.iter().any(|text| text.contains(&parameter)), "{name}");
    }
}
