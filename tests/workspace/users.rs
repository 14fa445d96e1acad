//! The script that makes users, as far as it can be read without running it.

use std::{collections::BTreeSet, fs};

use shell_core::policy::Policy;
use shell_tests::environment;

fn read(file: &str) -> String {
    let folder = environment::workspace().join("deploy/users");
    fs::read_to_string(folder.join(file)).expect("it is part of the script")
}

/// What follows `before` in `text`, each time, up to the next of `ends`.
fn after<'a>(text: &'a str, before: &str, ends: &[char]) -> BTreeSet<&'a str> {
    let parts = text.split(before).skip(1);
    let found = parts.filter_map(|part| part.split(ends).next());
    found.collect()
}

#[test]
fn the_script_makes_the_groups_that_the_shell_knows() {
    let script = read("users.py");

    let made = after(&script, "    Group(\"", &['"']);

    assert_eq!(made, Policy::built_in().groups().into_iter().collect());
}

#[test]
fn the_permissions_to_give_are_those_that_the_script_uses() {
    let pool = read("pool.py");
    let mut used = after(&pool, "cognito.get_paginator(\"", &['"']);
    used.extend(after(&pool, "cognito.", &['(']));
    used.retain(|name| name.chars().all(|c| c.is_ascii_lowercase() || c == '_'));
    used.remove("get_paginator");

    let readme = read("README.md");
    let given = after(&readme, "\"cognito-idp:", &['"']);
    let given: BTreeSet<_> = given.into_iter().map(snake_case).collect();

    let used: BTreeSet<_> = used.into_iter().map(str::to_owned).collect();
    assert_eq!(given, used);
}

fn snake_case(name: &str) -> String {
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !words.is_empty() {
            words.push('_');
        }
        words.push(letter.to_ascii_lowercase());
    }
    words
}
