//! Every call of the client, directly and through the gateway.

use futures_util::future::{join, join_all};
use shell_core::policy::Policy;

use crate::{
    deployment::{ADMIN, APPROVER, READER, SdkDeployment},
    round::{Call, make_all_calls},
};

/// The client sends spans when they end, and does not fail with them.
const QUIET: [&str; 2] = ["end_span", "end_trace"];

/// The client itself does not do these: nothing is sent.
const NOT_SENT: [&str; 2] = ["detach_prompt_from_run", "unlink_traces_from_run"];

#[tokio::test(flavor = "multi_thread")]
async fn programs_see_no_difference_but_denials() {
    for deployment in SdkDeployment::all().await {
        let groups = [ADMIN, READER, APPROVER];
        let direct = make_all_calls(&deployment, &deployment.direct, "", "direct");
        let through = join_all(groups.map(|group| as_member(&deployment, group)));
        let (direct, through) = join(direct, through).await;
        expected(&deployment, &direct);
        for (group, through) in groups.iter().zip(&through) {
            compare(&deployment, group, &direct, through);
        }
    }
}

async fn as_member(deployment: &SdkDeployment, group: &str) -> Vec<Call> {
    let token = deployment.token(group).await;
    make_all_calls(deployment, &deployment.inner.origin, &token, group).await
}

/// Directly, each call does what the table says.
fn expected(deployment: &SdkDeployment, direct: &[Call]) {
    let other = direct
        .iter()
        .filter(|call| call.failure() != call.should_fail());
    let other: Vec<_> = other.collect();
    assert!(other.is_empty(), "{}: {other:#?}", deployment.version);
}

fn compare(deployment: &SdkDeployment, group: &str, direct: &[Call], through: &[Call]) {
    assert_eq!(direct.len(), through.len());
    let pairs = || direct.iter().zip(through);
    let wrong: Vec<_> = pairs()
        .filter_map(|(direct, through)| {
            let problem = difference(deployment, group, direct, through)?;
            Some(format!("{}: {problem}", direct.name()))
        })
        .collect();
    let version = &deployment.version;
    assert!(wrong.is_empty(), "{version}: {group}: {wrong:#?}");
    let denied = pairs().filter(|(direct, _)| !may(group, direct.name()));
    report(deployment, group, through.len(), denied.count());
}

/// What is not as it should be, of one call.
fn difference(
    deployment: &SdkDeployment,
    group: &str,
    direct: &Call,
    through: &Call,
) -> Option<String> {
    let origin = deployment.inner.origin.as_str();
    if direct.name() != through.name() || through.shown_to().any(|shown| shown != origin) {
        return Some(format!("another call, or a token elsewhere: {through:?}"));
    }
    let is_allowed = direct.is_allowed(&Policy::built_in(), group);
    if is_allowed != may(group, direct.name()) {
        return Some(format!("the policy says {is_allowed} of {direct:?}"));
    }
    let is_right = if is_allowed {
        through.outcome() == direct.outcome() && through.exchanges() == direct.exchanges()
    } else if QUIET.contains(&direct.name()) {
        through.is_refused()
    } else {
        through.is_denied()
    };
    (!is_right).then(|| format!("through the gateway {through:?}, directly {direct:?}"))
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
    // MLflow keeps prompts in the registry; to delete one takes its versions.
    let prompts = [
        "register_prompt",
        "create_prompt",
        "set_prompt",
        "delete_prompt_alias",
        "delete_prompt_tag",
        "delete_prompt_version_tag",
    ];
    let begins = |all: &[&str]| all.iter().any(|start| method.starts_with(start));
    match group {
        ADMIN => true,
        _ if NOT_SENT.contains(&method) => true,
        // Their addresses are secrets.
        _ if method.contains("webhook") => false,
        APPROVER if begins(&registry) || begins(&prompts) => true,
        _ => begins(&reads),
    }
}

#[expect(clippy::print_stderr, reason = "the figures are a result")]
fn report(deployment: &SdkDeployment, group: &str, calls: usize, denied: usize) {
    let same = calls - denied;
    eprintln!(
        "MLflow {}: {group}: {same} calls as without the gateway, {denied} denied",
        deployment.version
    );
}
