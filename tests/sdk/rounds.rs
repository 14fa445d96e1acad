//! Every call of the client, directly and through the gateway.

use shell_core::policy::Policy;

use crate::{
    deployment::{ADMIN, APPROVER, Deployment, READER},
    round::{Call, play},
};

/// The client sends spans when a trace ends, and does not fail with them.
const WARNS: [&str; 2] = ["end_span", "end_trace"];

#[tokio::test(flavor = "multi_thread")]
async fn programs_see_no_difference_but_denials() {
    for deployment in Deployment::all().await {
        let direct = play(&deployment, &deployment.direct, "", "direct").await;
        expected(&deployment, &direct);
        for group in [ADMIN, READER, APPROVER] {
            let token = deployment.token(group).await;
            let origin = deployment.world.origin.clone();
            let through = play(&deployment, &origin, &token, group).await;
            compare(&deployment, group, &direct, &through);
        }
    }
}

/// Directly, each call does what the table says.
fn expected(deployment: &Deployment, direct: &[Call]) {
    for call in direct {
        let name = call.name();
        let version = &deployment.version;
        assert_eq!(
            call.failure(),
            call.should_fail(),
            "{version}: {name}: {call:?}"
        );
    }
}

fn compare(deployment: &Deployment, group: &str, direct: &[Call], through: &[Call]) {
    let policy = Policy::built_in();
    assert_eq!(direct.len(), through.len());
    let mut denied = 0;
    for (direct, through) in direct.iter().zip(through) {
        let named = format!("{}: {group}: {}", deployment.version, direct.name());
        assert_eq!(direct.name(), through.name());
        for origin in through.shown_to() {
            assert_eq!(origin, deployment.world.origin, "{named}");
        }
        let is_allowed = direct.is_allowed(&policy, group);
        assert_eq!(is_allowed, may(group, direct.name()), "{named}: {direct:?}");
        if is_allowed {
            assert_eq!(through.outcome(), direct.outcome(), "{named}");
            assert_eq!(
                through.exchanges().len(),
                direct.exchanges().len(),
                "{named}: {through:?}"
            );
        } else if WARNS.contains(&direct.name()) {
            assert!(through.is_warned_of_denial(), "{named}: {through:?}");
            denied += 1;
        } else {
            assert!(through.is_denied(), "{named}: {through:?}");
            denied += 1;
        }
    }
    report(deployment, group, through.len(), denied);
}

/// Written by hand and apart from the policy: who may make which call.
fn may(group: &str, call: &str) -> bool {
    let method = call.split("__").next().unwrap_or_default();
    let reads = [
        "get_",
        "search_",
        "list_",
        "download_",
        "load_",
        "parse_",
        "start_",
    ];
    let administration = ["webhook", "workspace"];
    let registry = [
        "create_registered_model",
        "update_registered_model",
        "set_registered_model",
        "delete_registered_model_",
        "create_model_version",
        "update_model_version",
        "set_model_version",
        "delete_model_version_",
        "transition_model_version",
        "copy_model_version",
    ];
    let begins = |all: &[&str]| all.iter().any(|start| method.starts_with(start));
    match group {
        ADMIN => true,
        _ if administration.iter().any(|part| method.contains(part)) => false,
        APPROVER if begins(&registry) => true,
        _ => begins(&reads),
    }
}

#[expect(clippy::print_stderr, reason = "the figures are a result")]
fn report(deployment: &Deployment, group: &str, calls: usize, denied: usize) {
    let same = calls - denied;
    eprintln!(
        "MLflow {}: {group}: {same} calls as without the gateway, {denied} denied",
        deployment.version
    );
}
