//! `mlflow-shell policy table`: what members of each group may do.

use anyhow::Result;
use clap::Args;
use shell_core::policy::{
    Access, Area, Coverage, Policy,
    endpoints::{self, About, Endpoint},
    graphql,
};

use super::{
    grid::{Format, Grid},
    output::CommandOutput,
    policy_source::PolicySource,
};

/// Prints what members of each group may do, by area or by endpoint.
#[derive(Debug, Args)]
pub(super) struct Table {
    #[command(flatten)]
    policy_source: PolicySource,
    /// Print a row for each endpoint instead of each area
    #[arg(long)]
    endpoints: bool,
    /// Format of the table
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

const LEGEND: &str = "\nr read, w write, m manage; (in parentheses) for certain experiments, models or workspaces; - not allowed;\n\
                      no letter where MLflow has no such endpoint.\n";

pub(super) fn output(table: &Table) -> Result<CommandOutput> {
    let policy = table.policy_source.policy()?;
    let grid = if table.endpoints {
        by_endpoint(&policy)
    } else {
        by_area(&policy)
    };
    let mut text = grid.print(table.format);
    if !table.endpoints && table.format == Format::Text {
        text.push_str(LEGEND);
    }
    Ok(CommandOutput::new(text))
}

/// A row for each area, with a letter for each access.
pub(super) fn by_area(policy: &Policy) -> Grid {
    let row = |area: Area| {
        let cells = policy
            .groups()
            .into_iter()
            .map(|group| letters(policy, group, area));
        [area.as_str().to_owned()]
            .into_iter()
            .chain(cells)
            .collect()
    };
    let unknown = policy.groups().into_iter().map(|group| {
        let group = [group.to_owned()];
        let mut rules = policy.rules().iter().filter(|rule| rule.is_for(&group));
        let word = if rules.any(|rule| rule.allow.is_everything()) {
            "rwm"
        } else {
            "---"
        };
        word.to_owned()
    });
    let unknown = ["what is unknown".to_owned()]
        .into_iter()
        .chain(unknown)
        .collect();
    Grid {
        head: head(&["area"], policy),
        rows: Area::ALL.into_iter().map(row).chain([unknown]).collect(),
    }
}

/// A letter for each access that some endpoint of the area takes.
fn letters(policy: &Policy, group: &str, area: Area) -> String {
    let group = [group.to_owned()];
    let letter = |access: Access| {
        let of_access = endpoints::all().filter(|it| it.area == area && it.access == access);
        let reach = of_access
            .map(|it| policy.reach(&group, area, access, it.about))
            .max();
        match (reach, access) {
            (None, _) => "",
            (Some(Coverage::Nothing), _) => "-",
            (Some(Coverage::Some), Access::Read) => "(r)",
            (Some(Coverage::Some), Access::Write) => "(w)",
            (Some(Coverage::Some), Access::Manage) => "(m)",
            (Some(Coverage::All), Access::Read) => "r",
            (Some(Coverage::All), Access::Write) => "w",
            (Some(Coverage::All), Access::Manage) => "m",
        }
    };
    let letters: String = Access::ALL.into_iter().map(letter).collect();
    letters.replace(")(", "")
}

/// A row for each endpoint, and for each field of the GraphQL schema.
pub(super) fn by_endpoint(policy: &Policy) -> Grid {
    let row = |method: &str, path: String, areas: &[Area], access: Access, about: About| {
        let cells = policy.groups().into_iter().map(|group| {
            let group = [group.to_owned()];
            let reach = |area: &Area| policy.reach(&group, *area, access, about);
            let reach = areas.iter().map(reach).min();
            word(reach.unwrap_or(Coverage::Nothing)).to_owned()
        });
        let areas: Vec<&str> = areas.iter().map(|area| area.as_str()).collect();
        let areas = areas.join(" ");
        let about = [method, &path, &areas, access.as_str()].map(ToOwned::to_owned);
        about.into_iter().chain(cells).collect()
    };
    let of_endpoint = |it: &Endpoint| row(it.method, path(it), &[it.area], it.access, it.about);
    let of_field = |it: &graphql::Field| {
        let path = format!("/graphql {}", it.name);
        row("POST", path, it.areas, it.access, it.about())
    };
    let fields = graphql::FIELDS.iter().map(of_field);
    Grid {
        head: head(&["method", "path", "area", "access"], policy),
        rows: endpoints::all().map(of_endpoint).chain(fields).collect(),
    }
}

fn head(columns: &[&str], policy: &Policy) -> Vec<String> {
    let all = columns.iter().copied().chain(policy.groups());
    all.map(ToOwned::to_owned).collect()
}

/// An endpoint's path; of the API, as programs call it.
pub(super) fn path(endpoint: &Endpoint) -> String {
    let prefix = if endpoint.is_api { "/api/" } else { "/" };
    [prefix, &endpoint.path].concat()
}

fn word(reach: Coverage) -> &'static str {
    match reach {
        Coverage::All => "yes",
        Coverage::Some => "some",
        Coverage::Nothing => "no",
    }
}
