//! What was seen of each client, for the table.

use std::{env, fs::OpenOptions, io::Write, path::PathBuf};

use serde_json::{Map, Value, json};

use crate::{deployment::Caller, round::Step};

/// Names the file to which lines are added.
const FILE: &str = "SHELL_TEST_REPORT";

/// Adds a line for each step to the report, if there is one.
pub(crate) fn add(client: &str, direct: &[Step], seen: &[(Caller, &Vec<Step>)]) {
    let Some(file) = env::var_os(FILE).map(PathBuf::from) else {
        return;
    };
    let mut lines = String::new();
    for (place, step) in direct.iter().enumerate() {
        lines.push_str(&line(client, place, step, seen).to_string());
        lines.push('\n');
    }
    // In one piece: another test may be adding its own.
    let opened = OpenOptions::new().append(true).create(true).open(&file);
    let written = opened.and_then(|mut file| file.write_all(lines.as_bytes()));
    written.expect("the report can be written");
}

fn line(client: &str, place: usize, step: &Step, seen: &[(Caller, &Vec<Step>)]) -> Value {
    let verdict = |steps: &[Step]| {
        steps
            .get(place)
            .map_or("–", |through| step.verdict(through))
    };
    let mut line = Map::from_iter([
        ("client".to_owned(), json!(client)),
        ("step".to_owned(), json!(step.name)),
        (
            "direct".to_owned(),
            json!(if step.is_done() { "works" } else { "fails" }),
        ),
    ]);
    for (caller, steps) in seen {
        line.insert(caller.name().to_owned(), json!(verdict(steps)));
    }
    Value::Object(line)
}
