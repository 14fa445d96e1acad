use clap::Parser;
use shell_core::policy::{Operation, Request, endpoints};

use super::*;
use crate::{Cli, Command, policy::PolicySubcommand};

const ARN: &str = "arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5";

/// Write access to every area, and a rule that is limited to names.
const WRITERS: &str = r#"{"rules": [
    {"name": "work", "groups": ["writers"], "allow": {"*": ["read", "write"]}},
    {"name": "runs", "groups": ["trainers"], "allow": {"runs": ["write"], "artifacts": ["write"],
     "traces": ["write"], "datasets": ["write"], "skills": ["write"]}},
    {"name": "webhooks", "groups": ["ops"], "allow": {"webhooks": ["manage"], "users": ["manage"]}},
    {"name": "fraud", "groups": ["ops", "fraud"], "models": ["fraud-*"],
     "allow": {"registered-models": ["write"]}}
]}"#;

#[test]
fn documents_allow_what_the_policy_allows_and_nothing_else() {
    let writers = Policy::parse(WRITERS).unwrap();
    let table: [(&Policy, &[&str]); 7] = [
        (&Policy::built_in(), &["readers"]),
        (&Policy::built_in(), &["model-approvers"]),
        (&Policy::built_in(), &["readers", "admins"]),
        (&writers, &["writers"]),
        (&writers, &["trainers"]),
        (&writers, &["ops"]),
        (&writers, &["ops", "trainers", "fraud"]),
    ];
    for (policy, groups) in table {
        let iam = iam(groups, &["prod", "test-2"], false);
        let documents = documents(&iam, policy).unwrap();
        assert!(documents.len() <= MOST_MANAGED);
        assert!(documents.iter().all(|it| documents::size(it) <= MANAGED));
        let resources: Vec<String> = documents.iter().flat_map(|it| read(it)).collect();
        for line in requests() {
            let (method, path) = line.split_once(' ').unwrap();
            let request = Request::read(method, path).unwrap();
            let allowed = policy.allowing(&iam.groups, &request).is_some();
            for stage in ["prod", "test-2"] {
                let arn = format!("{ARN}/{stage}/{method}{path}");
                let covered = resources.iter().any(|pattern| matches(pattern, &arn));
                if *request.operation() != Operation::Unknown {
                    assert_eq!(covered, allowed, "{groups:?} {arn}");
                }
            }
            let elsewhere = format!("{ARN}/dev/{method}{path}");
            assert!(!resources.iter().any(|pattern| matches(pattern, &elsewhere)));
        }
    }
}

/// Every endpoint of the API, with names that try to look like another.
fn requests() -> Vec<String> {
    let names = ["x", "search", "tags", "a.b:c@d", "GET"];
    let paths = [
        "x/y",
        "GET/api/2.0/mlflow/metrics/get-history",
        "POST/api/2.0/mlflow/runs/search",
        "prod/GET/api/3.0/mlflow/traces/x",
        "x/tags",
    ];
    let of_endpoint = |endpoint: &endpoints::Endpoint| {
        let filled = |index: usize| {
            let segment = |segment: &str| match segment.starts_with('{') {
                true if segment.ends_with("*}") => paths[index].to_owned(),
                true => names[index].to_owned(),
                false => segment.to_owned(),
            };
            let segments: Vec<String> = endpoint.path.split('/').map(segment).collect();
            format!("{} /api/{}", endpoint.method, segments.join("/"))
        };
        (0..names.len()).map(filled).collect::<Vec<_>>()
    };
    endpoints::all()
        .filter(|endpoint| endpoint.is_api)
        .flat_map(of_endpoint)
        .collect()
}

#[test]
fn what_nobody_knows_is_covered_below_a_star_only() {
    let resources = resources_of(&["model-approvers"]);
    let covered = |request: &str| {
        let arn = format!("{ARN}/prod/{request}");
        resources.iter().any(|pattern| matches(pattern, &arn))
    };
    let table = [
        ("GET/api/3.0/mlflow/traces/of-a-later-version", true),
        ("POST/api/3.0/mlflow/traces/of-a-later-version", false),
        ("GET/api/4.0/mlflow/runs/get", false),
        ("POST/api/2.0/mlflow/runs/searches", false),
        ("GET/ajax-api/2.0/mlflow/runs/get", false),
        ("GET/graphql", false),
        ("POST/graphql", false),
        ("GET/", false),
        ("PUT/x/GET/api/3.0/mlflow/traces/x", false),
    ];
    for (request, expected) in table {
        assert_eq!(covered(request), expected, "{request}");
    }
}

/// Why a stage is no pattern: `*` goes across slashes.
#[test]
fn a_star_for_the_stage_would_allow_writing() {
    let write =
        format!("{ARN}/prod/PUT/api/2.0/mlflow-artifacts/artifacts/GET/api/3.0/mlflow/traces/x");
    let resources = resources_of(&["readers"]);
    assert!(!resources.iter().any(|pattern| matches(pattern, &write)));

    let any_stage = |resource: &String| resource.replace("/prod/", "/*/");
    let resources: Vec<String> = resources.iter().map(any_stage).collect();
    assert!(resources.iter().any(|pattern| matches(pattern, &write)));
}

#[test]
fn the_documents_are_as_large_as_iam_takes() {
    let writers = Policy::parse(WRITERS).unwrap();
    let table: [(&Policy, &str, bool, &[usize]); 7] = [
        (&Policy::built_in(), "readers", false, &[6138, 496]),
        (&Policy::built_in(), "readers", true, &[6534]),
        (&Policy::built_in(), "model-approvers", false, &[6048, 1796]),
        (&Policy::built_in(), "model-approvers", true, &[7744]),
        (&Policy::built_in(), "admins", false, &[168]),
        (&writers, "writers", false, &[6052, 6040, 6064, 2553]),
        (&writers, "trainers", false, &[6057, 1231]),
    ];
    for (policy, group, inline, expected) in table {
        let documents = documents(&iam(&[group], &["prod"], inline), policy).unwrap();
        let sizes: Vec<usize> = documents.iter().map(|it| documents::size(it)).collect();
        assert_eq!(sizes, expected, "{group} {inline}");
    }
}

#[test]
fn a_document_is_written_to_be_read() {
    let documents = documents(
        &iam(&["admins"], &["prod", "$default"], false),
        &Policy::built_in(),
    );
    let expected = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "execute-api:Invoke",
      "Resource": [
        "arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5/prod/*/*",
        "arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5/$default/*/*"
      ]
    }
  ]
}
"#;
    assert_eq!(documents.unwrap(), [expected]);
}

#[test]
fn more_than_a_role_has_is_refused() {
    let refused = |groups: &[&str], stages: usize, inline| {
        let stages: Vec<String> = (0..stages).map(|stage| format!("stage{stage}")).collect();
        let stages: Vec<&str> = stages.iter().map(String::as_str).collect();
        let writers = Policy::parse(WRITERS).unwrap();
        documents(&iam(groups, &stages, inline), &writers)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        refused(&["writers"], 8, false),
        "these rights take 28 policies, and a role has 10: name fewer stages"
    );
    assert_eq!(
        refused(&["writers"], 1, true),
        "these rights take 3 policies, and a role has 1: leave out --inline, or name fewer stages"
    );
    assert_eq!(
        refused(&["writer"], 1, false),
        "no rule is for `writer` (--group); the groups are: writers, trainers, ops, fraud"
    );
    assert_eq!(
        refused(&["fraud"], 1, false),
        "nothing that IAM can express is allowed to fraud: rules with limits are left out"
    );
}

#[test]
fn what_is_no_api_is_refused_by_the_option_s_name() {
    let table = [
        (
            "arn:aws-cn:execute-api:cn-north-1:123456789012:abc123",
            "prod",
            "",
        ),
        (
            "arn:aws-us-gov:execute-api:us-gov-west-1:123456789012:abc123",
            "v1_a-b",
            "",
        ),
        (
            "a1b2c3d4e5",
            "prod",
            "'--api-arn <ARN>': it has six parts: arn:aws:",
        ),
        (
            "arn:aws:execute-api:*:123456789012:abc",
            "prod",
            "'--api-arn <ARN>': it names one API",
        ),
        (
            "arn:aws:execute-api:eu-west-1:123456789012:*",
            "prod",
            "'--api-arn <ARN>': it names one API",
        ),
        (
            "arn:gcp:execute-api:eu-west-1:123456789012:abc",
            "prod",
            "'--api-arn <ARN>': it begins with",
        ),
        (
            "arn:aws:apigateway:eu-west-1:123456789012:abc",
            "prod",
            "'--api-arn <ARN>': its service is",
        ),
        (
            "arn:aws:execute-api::123456789012:abc",
            "prod",
            "'--api-arn <ARN>': its region",
        ),
        (
            "arn:aws:execute-api:eu-west-1:1234:abc",
            "prod",
            "'--api-arn <ARN>': its account",
        ),
        (
            "arn:aws:execute-api:eu-west-1:123456789012:abc/prod",
            "prod",
            "'--api-arn <ARN>': it ends with the API's id: stages",
        ),
        (
            "arn:aws:execute-api:eu-west-1:123456789012:a\"c",
            "prod",
            "'--api-arn <ARN>': it ends with the API's id",
        ),
        (ARN, "*", "'--stage <NAME>': name each stage"),
        (ARN, "", "'--stage <NAME>'"),
        (ARN, "a/b", "'--stage <NAME>': a stage has letters"),
    ];
    for (arn, stage, expected) in table {
        let line = [
            "mlflow-shell",
            "policy",
            "iam",
            "--group",
            "readers",
            "--api-arn",
            arn,
            "--stage",
            stage,
        ];
        match Cli::try_parse_from(line) {
            Ok(_) => assert_eq!(expected, "", "{arn} {stage}"),
            Err(error) => {
                let error = error.to_string();
                assert!(!expected.is_empty() && error.contains(expected), "{error}");
            }
        }
    }
}

fn resources_of(groups: &[&str]) -> Vec<String> {
    let documents = documents(&iam(groups, &["prod"], false), &Policy::built_in()).unwrap();
    documents.iter().flat_map(|it| read(it)).collect()
}

/// The options, as they are given.
fn iam(groups: &[&str], stages: &[&str], inline: bool) -> Iam {
    let mut line = vec!["mlflow-shell", "policy", "iam", "--api-arn", ARN];
    line.extend(groups.iter().flat_map(|group| ["--group", group]));
    line.extend(stages.iter().flat_map(|stage| ["--stage", stage]));
    line.extend(inline.then_some("--inline"));
    let Command::Policy(policy) = Cli::try_parse_from(line).unwrap().command else {
        panic!("it is a command of `policy`");
    };
    let PolicySubcommand::Iam(iam) = policy.command else {
        panic!("it is `iam`");
    };
    iam
}

/// The resources that a document allows, read as JSON.
fn read(document: &str) -> Vec<String> {
    let document: serde_json::Value = serde_json::from_str(document).unwrap();
    assert_eq!(document["Version"], "2012-10-17");
    let statement = &document["Statement"][0];
    assert_eq!(statement["Effect"], "Allow");
    assert_eq!(statement["Action"], "execute-api:Invoke");
    let resources = statement["Resource"].as_array().unwrap();
    let texts = resources
        .iter()
        .map(|resource| resource.as_str().unwrap().to_owned());
    texts.collect()
}

/// As IAM matches: `*` is any text, slashes included, and `?` any character.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at, mut here) = (0, 0);
    // Where the last `*` stands, and how much of the text it has taken.
    let mut star: Option<(usize, usize)> = None;
    while here < text.len() {
        match (pattern.get(at), star) {
            (Some(b'*'), _) => {
                star = Some((at, here));
                at += 1;
            }
            (Some(&part), _) if part == b'?' || part == text[here] => {
                (at, here) = (at + 1, here + 1);
            }
            (_, Some((position, taken))) => {
                star = Some((position, taken + 1));
                (at, here) = (position + 1, taken + 1);
            }
            (_, None) => return false,
        }
    }
    pattern[at..].iter().all(|part| *part == b'*')
}

#[test]
fn the_matcher_matches_as_iam_does() {
    let table = [
        ("a", "a", true),
        ("a", "ab", false),
        ("*", "", true),
        ("a*c", "a/b/c", true),
        ("a*c", "a/b/cd", false),
        ("a?c", "a/c", true),
        ("a?c", "ac", false),
        ("*/a/*", "x/a/", true),
        ("*/a/*", "x/a", false),
    ];
    for (pattern, text, expected) in table {
        assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
    }
}
