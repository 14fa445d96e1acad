//! The rules that comments cite are in `docs/BROWSER_RULES.md`.

use std::{collections::BTreeSet, fs};

use shell_tests::environment;

use crate::modules::sources;

const RULES: &str = "docs/BROWSER_RULES.md";

#[test]
fn every_rule_that_a_comment_cites_is_defined() {
    let document = fs::read_to_string(environment::workspace().join(RULES)).expect(RULES);
    let rows = document.lines().filter_map(|line| line.strip_prefix("| "));
    let defined: BTreeSet<_> = rows.filter_map(|row| row.split(' ').next()).collect();
    let comments = comments();
    let cited: BTreeSet<_> = comments
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| is_rule(word))
        .collect();
    assert!(cited.len() > 10, "{cited:?}");
    let missing: Vec<_> = cited.difference(&defined).collect();
    assert!(missing.is_empty(), "{RULES} lacks {missing:?}");
}

/// Every comment of the crates' sources, in one text.
fn comments() -> String {
    let folders = ["app", "crates"].map(|folder| environment::workspace().join(folder));
    let files = folders.iter().flat_map(|folder| sources(folder));
    let texts = files.map(|file| fs::read_to_string(file).expect("a source can be read"));
    let lines: Vec<String> = texts
        .flat_map(|text| text.lines().map(ToOwned::to_owned).collect::<Vec<_>>())
        .filter(|line| line.trim_start().starts_with("//"))
        .collect();
    lines.join("\n")
}

fn is_rule(word: &str) -> bool {
    let number = word.strip_prefix(['W', 'S', 'E', 'U', 'T']);
    number.is_some_and(|number| {
        (1..=2).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}
