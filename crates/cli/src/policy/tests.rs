use clap::Parser;
use shell_core::{bounds::REFERENCES_BODY, policy::Policy as Rules};

use super::*;
use crate::{Cli, Command};

const OWN: &str = r#"{"rules": [
    {"name": "reading", "groups": ["lab", "fraud"], "allow": {"*": ["read"]}},
    {"name": "lab", "groups": ["lab"], "allow": {"runs": ["read", "write"], "experiments": ["write"]}},
    {"name": "fraud \"models\"", "groups": ["fraud"], "models": ["fraud-*", "score"],
     "allow": {"registered-models": ["write", "manage"]}},
    {"name": "blind", "groups": ["bots"], "allow": {"runs": ["write"], "webhooks": ["manage"]}},
    {"name": "idle", "groups": ["lab"], "experiments": ["x"], "allow": {"experiments": ["manage"]}}
]}"#;

#[test]
fn a_policy_that_is_shown_is_read_as_the_same() {
    let everywhere = r#"{"rules": [{"name": "a", "groups": ["g"],
        "allow": {"*": ["manage"], "runs": ["read", "write", "manage"]}}]}"#;
    for policy in [Rules::built_in(), rules(OWN), rules(everywhere)] {
        assert_eq!(rules(&show::document(&policy)), policy);
    }
    let expected = r#"{
  "rules": [
    {
      "name": "administration",
      "groups": ["admins"],
      "allow": "everything"
    },
    {
      "name": "reading",
      "groups": ["readers", "model-approvers"],
      "allow": {"*": ["read"]}
    },
    {
      "name": "model-approval",
      "groups": ["model-approvers"],
      "allow": {"registered-models": ["write"]}
    }
  ]
}
"#;
    assert_eq!(show::document(&Rules::built_in()), expected);
}

#[test]
fn a_report_says_what_groups_may_do_and_what_looks_wrong() {
    let expected = "\
built-in is a policy: 3 rules for 3 groups.

  admins           can do everything
  model-approvers  can read everything and change registered models
  readers          can read everything
";
    assert_eq!(check::report("built-in", &Rules::built_in()), expected);
    let expected = "\
own.json is a policy: 5 rules for 3 groups.

  lab    can read everything and change experiments and runs and change certain experiments
  fraud  can read everything and change certain registered models
  bots   can change runs and webhooks

warning: rule `fraud \"models\"` is limited (models fraud-*, score). The gateway asks MLflow what a \
request is about, and shows its part of lists. The Lambda authorizer cannot ask: it starts only if \
rules with limits name experiments or registered models and allow these only; IAM leaves such rules \
out.

warning: rule `idle` allows nothing: no request for this is about such things.

warning: `bots` may change what it may not read: runs. Add \"read\".

warning: `bots` may not read `server`, so MLflow's pages do not open for its members; programs can \
use the rights. Add \"server\": [\"read\"].

warning: no rule allows \"everything\", so what this version does not know, such as an endpoint of a \
later MLflow, is refused to everyone.
";
    assert_eq!(check::report("own.json", &rules(OWN)), expected);
}

#[test]
fn a_table_has_a_letter_for_each_access_that_there_is() {
    let text = table::by_area(&rules(OWN)).print(grid::Format::Text);
    let rows: Vec<&str> = text
        .lines()
        .filter(|line| {
            [
                "area",
                "experiments",
                "runs",
                "registered",
                "webhooks",
                "server",
                "what",
            ]
            .iter()
            .any(|area| line.starts_with(area))
        })
        .collect();
    assert_eq!(
        rows,
        [
            "area               lab  fraud  bots",
            "experiments        rw-  r--    ---",
            "runs               rw   r-     -w",
            "registered-models  r--  r(wm)  ---",
            "webhooks           -    -      m",
            "server             r-   r-     --",
            "what is unknown    ---  ---    ---",
        ]
    );
    let text = table::by_endpoint(&rules(OWN)).print(grid::Format::Csv);
    for row in [
        "method,path,area,access,lab,fraud,bots",
        "POST,/api/2.0/mlflow/runs/search,runs,read,yes,yes,no",
        "POST,/api/2.0/mlflow/registered-models/rename,registered-models,manage,no,some,no",
        "GET,/version,server,read,yes,yes,no",
        "POST,/graphql mlflowGetRun,runs experiments registered-models,read,yes,yes,no",
    ] {
        assert!(text.lines().any(|line| line == row), "{row}");
    }
}

#[test]
fn a_request_is_explained() {
    let table = [
        (
            "--group readers POST /mlflow/ajax-api/2.0/mlflow/runs/search",
            "allowed: by the rule `reading`.\n  request   POST /ajax-api/2.0/mlflow/runs/search\n  \
             endpoint  POST /api/2.0/mlflow/runs/search\n  takes     runs: read\n",
        ),
        (
            "--group readers DELETE /mlflow/@dev/ajax-api/2.0/mlflow/logged-models/m-1",
            "denied: user@example.com may view logged models, but not change them \
             (logged-models/{model_id}). Members of these groups may: admins.\n  \
             server    dev\n  \
             request   DELETE /ajax-api/2.0/mlflow/logged-models/m-1\n  \
             endpoint  DELETE /api/2.0/mlflow/logged-models/{model_id}\n  \
             with      model_id = m-1\n  takes     logged-models: write\n\n\
             The server `dev` may be for certain groups only, beside the policy: \
             `upstreams.groups` in config.json.\n",
        ),
        (
            "--group readers GET /unheard-of",
            "denied: user@example.com asks for something that the access policy does not know, \
             which is for administrators (unknown). Members of these groups may: admins.\n  \
             request   GET /unheard-of\n  endpoint  none that is known\n  takes     everything\n",
        ),
        (
            "--group readers POST /graphql --body {\"query\":\"{mlflowGetRun{a}}\"}",
            "allowed: by the rule `reading`.\n  request  POST /graphql\n  fields   mlflowGetRun\n  \
             takes    experiments: read, registered-models: read, runs: read\n",
        ),
        (
            "--group readers POST /graphql --body {\"query\":\"{mlflowDeleteRun{a}}\"}",
            "denied: user@example.com asks for something that the access policy does not know, \
             which is for administrators (unknown). Members of these groups may: admins.\n  \
             request  POST /graphql\n  fields   not all of them are known\n  takes    everything\n",
        ),
        (
            "--group admins GET /mlflow/a//b",
            "denied: The path can be read in more than one way: it has an empty segment, a dot \
             segment, or an escape that is none. It is for nobody.\n",
        ),
        (
            "--group admins HEAD /version --body {}",
            "denied: A HEAD request has no body. It is for nobody.\n",
        ),
        (
            "--group admins GET /mlflow/@dev/../x",
            "denied: This address leads to no MLflow server of this site.\n",
        ),
        (
            "--group nobody GET /mlflow/static-files/a.js",
            "allowed: MLflow's released bundle is public: nobody is asked who they are.\n",
        ),
        (
            "--group readers POST /mlflow/@shell/tokens",
            "allowed: whoever is admitted may ask for a token for programs, if `python` is \
             configured.\n",
        ),
        (
            "--group nobody POST /mlflow/@shell/tokens",
            "denied: user@example.com is signed in but in none of the groups that may use MLflow. \
             Ask an administrator to add you to one of them, then sign in again: admins, readers, \
             model-approvers.\n",
        ),
    ];
    for (line, expected) in table {
        let output = command(&format!("explain {line}")).output().unwrap();
        assert_eq!(output.text, expected, "{line}");
        assert_eq!(
            output.code,
            u8::from(expected.starts_with("denied")),
            "{line}"
        );
    }
}

#[test]
fn names_are_looked_for_where_the_gateway_looks() {
    let file = file(OWN);
    let rename = "POST /api/2.0/mlflow/registered-models/rename";
    let delete = "DELETE /api/2.0/mlflow/model-versions/delete";
    // As the gateway: what it does not read carries no name.
    let long = format!(
        r#"{{"name":"fraud-1","description":"{}"}}"#,
        "a".repeat(REFERENCES_BODY)
    );
    let table = [
        (delete.to_owned(), "", 1, "give it with --body."),
        (
            delete.to_owned(),
            r#"{"name":"fraud-1"}"#,
            0,
            r#"by the rule `fraud "models"`"#,
        ),
        (
            delete.to_owned(),
            r#"{"name":"other"}"#,
            1,
            "for certain experiments, models or workspaces only",
        ),
        (
            delete.to_owned(),
            &long,
            1,
            "and this request is about something else",
        ),
        (
            rename.to_owned(),
            r#"{"name":"fraud-1","new_name":"score"}"#,
            0,
            "takes     registered-models: manage",
        ),
        (
            rename.to_owned(),
            r#"{"name":"fraud-1"}"#,
            1,
            "No group may.",
        ),
    ];
    for (request, body, code, expected) in table {
        let line = format!(
            "explain --policy {} --group fraud {request}",
            file.path().display()
        );
        let line = if body.is_empty() {
            line
        } else {
            format!("{line} --body {body}")
        };
        let output = command(&line).output().unwrap();
        assert_eq!(output.code, code, "{}", output.text);
        assert!(output.text.contains(expected), "{}", output.text);
    }
}

#[test]
fn what_the_gateway_would_ask_for_can_be_told() {
    let file = file(
        r#"{"rules": [{"name": "team", "groups": ["a"], "experiments": ["team-a-*",
            {"tag": "team", "value": "a"}], "allow": {"runs": ["read"]}},
            {"name": "work", "groups": ["w"], "workspaces": ["lab"], "allow": {"runs": ["read"]}}]}"#,
    );
    let run = "--url https://mlflow.example.com/mlflow/#/experiments/7/runs/abc";
    let table = [
        (
            format!("--group a {run}"),
            2,
            "which experiment the run `abc` is of",
        ),
        (
            format!("--group a --experiment team-a-1 {run}"),
            0,
            "by the rule `team`",
        ),
        (
            format!("--group a --experiment team-b-1 {run}"),
            1,
            "is about something else",
        ),
        (
            format!("--group a --experiment x --tag team=a {run}"),
            0,
            "by the rule `team`",
        ),
        (
            format!("--group a --experiment b --user Ann {run}"),
            1,
            "allows Ann to do this",
        ),
        (format!("--group w {run}"), 1, "with --workspace"),
        (
            format!("--group w --workspace lab {run}"),
            0,
            "by the rule `work`",
        ),
        (
            format!("--group w {run}?workspace=lab"),
            0,
            "by the rule `work`",
        ),
    ];
    for (options, code, expected) in table {
        let line = format!("explain --policy {} {options}", file.path().display());
        let output = command(&line).output().unwrap();
        assert_eq!(output.code, code, "{line}: {}", output.text);
        assert!(output.text.contains(expected), "{line}: {}", output.text);
    }
}

#[test]
fn what_is_no_policy_is_refused_by_its_file_and_place() {
    let file = file(r#"{"rules": [{"name": "a", "groups": ["g"], "allow": {"runz": ["read"]}}]}"#);
    let path = file.path().display();
    let lines = [
        format!("check {path}"),
        format!("show --policy {path}"),
        format!("roles --policy {path}"),
        format!("table --policy {path}"),
        format!("explain --policy {path} --group g GET /version"),
    ];
    for line in lines {
        let error = command(&line).output().unwrap_err().to_string();
        let expected = format!(
            "{path}: the policy's `rules[0].allow.runz` is no area; the areas are: *, experiments"
        );
        assert!(error.starts_with(&expected), "{error}");
    }
    let error = command("check no/such.json")
        .output()
        .unwrap_err()
        .to_string();
    assert_eq!(error, "cannot read `no/such.json`");
    let error = command("explain --group g GET version")
        .output()
        .unwrap_err()
        .to_string();
    assert!(error.starts_with("the path begins with a slash"), "{error}");
}

#[test]
fn the_example_is_a_policy_with_nothing_that_looks_wrong_but_its_limits() {
    let example = include_str!("../../../../deploy/policy.example.json");
    let report = check::report("example", &rules(example));
    let warnings: Vec<&str> = report
        .lines()
        .filter(|line| line.starts_with("warning"))
        .collect();
    assert_eq!(warnings.len(), 1, "{report}");
    assert!(
        warnings[0].contains("is limited (models fraud-*"),
        "{report}"
    );
}

#[test]
fn roles_are_what_a_configuration_takes() {
    let roles = roles::text(&Rules::built_in());
    let config = format!(
        r#"{{"origin": "https://a.example", "provider": {{"domain": "https://b.example",
            "issuer": "https://c.example", "client_id": "d"}}, "roles": {roles}}}"#
    );
    let config = shell_core::Config::parse(&config).unwrap();
    assert_eq!(config.roles, Rules::built_in().roles());
    let first = "[\n  {\"group\": \"admins\", \"rights\": \"can do everything\"},\n";
    assert!(roles.starts_with(first), "{roles}");
}

fn rules(text: &str) -> Rules {
    Rules::parse(text).unwrap()
}

fn file(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, text).unwrap();
    file
}

/// The command of a line without spaces in its words.
fn command(line: &str) -> PolicySubcommand {
    let words = ["mlflow-shell", "policy"]
        .into_iter()
        .chain(line.split(' '));
    match Cli::try_parse_from(words).unwrap().command {
        Command::Policy(policy) => policy.command,
        Command::Config(_)
        | Command::Serve(_)
        | Command::Smoke(_)
        | Command::Tokens(_)
        | Command::Health(_) => panic!("it is a command of `policy`"),
    }
}
