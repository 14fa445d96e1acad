//! A calculation: what many users need, by what was measured of a few.

use crate::{series::Series, table::Table};

/// Who works with MLflow at once.
const USERS: f64 = 10_000.0;

/// What one of them asks for in an hour with a chart page open on which a run goes on:
/// 14 requests a minute (`tests/bench/authorizer/hour.txt`). Who opens a page a minute
/// asks for less than half of that.
const REQUESTS_PER_HOUR: f64 = 14.0 * 60.0;

/// How much more than the mean is asked for when most is.
const PEAK: f64 = 5.0;

/// The share of a processor that is to be in use at most.
const SHARE: f64 = 0.5;

/// The table of the calculation.
pub(crate) fn of_users(table: &Table) -> String {
    let median = |name: &str, figure: fn(&crate::table::Figures) -> &Series| {
        table.of(name).map_or(f64::NAN, |it| figure(it).median())
    };
    let work = median("10000 users, 64 connections", |it| &it.processor);
    let tokens = median("10000 users, 64 connections", |it| &it.memory)
        - median("10 users, 64 connections", |it| &it.memory);
    let paced = |users: usize| {
        let name = format!("{users} users, a connection each, 400 requests/s");
        median(&name, |it| &it.memory)
    };
    let connections = (paced(1000) - paced(10)) / 990.0 * USERS;
    let rate = USERS * REQUESTS_PER_HOUR / 3600.0 * PEAK;
    let processors = rate * work / 1e6;
    let memory = paced(10) + tokens + connections;
    [
        "\n| 10,000 users, calculated | |\n|---|--:|".to_owned(),
        format!("| requests of a user in an hour | {REQUESTS_PER_HOUR:.0} |"),
        format!("| requests/s when most is asked for ({PEAK:.0} × the mean) | {rate:.0} |"),
        format!("| processor time of a request, µs | {work:.0} |"),
        format!("| processors in use | {processors:.2} |"),
        format!(
            "| processors to have, at most {SHARE} of each in use | {:.0} |",
            (processors / SHARE).ceil()
        ),
        format!("| memory of one process for all, MB | {memory:.0} |"),
    ]
    .join("\n")
}
