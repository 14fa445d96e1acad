//! What is to be known of the documents, and what they cannot express.

use shell_core::policy::{Grant, Policy};

use super::{
    Iam,
    documents::{INLINE, MANAGED, size},
};

/// A line for each.
pub(super) fn notes(iam: &Iam, policy: &Policy, granted: &[Grant], documents: &[String]) -> String {
    let notes = [
        Some(sizes(iam, documents)),
        left_out(iam, policy),
        unknown(granted).map(ToOwned::to_owned),
    ];
    let notes = notes.into_iter().flatten();
    notes.map(|note| note + "\n").collect()
}

fn sizes(iam: &Iam, documents: &[String]) -> String {
    let sizes: Vec<String> = documents.iter().map(|it| size(it).to_string()).collect();
    let sizes = sizes.join(" + ");
    let counted = "characters without white space";
    match (iam.inline, documents.len()) {
        (true, _) => {
            format!("{sizes} of the {INLINE} {counted} that a role's embedded policies have.")
        }
        (false, 1) => format!("{sizes} of the {MANAGED} {counted} that a managed policy has."),
        (false, number) => format!(
            "{sizes} {counted}, of the {MANAGED} that a managed policy has: attach all {number}."
        ),
    }
}

fn left_out(iam: &Iam, policy: &Policy) -> Option<String> {
    let rules = policy
        .rules()
        .iter()
        .filter(|rule| rule.is_for(&iam.groups));
    let limited = rules.filter(|rule| !rule.limits.is_empty());
    let limited: Vec<String> = limited.map(|rule| format!("`{}`", rule.name)).collect();
    (!limited.is_empty()).then(|| {
        let limited = limited.join(", ");
        format!("Left out, because IAM sees no experiments, models or workspaces: {limited}.")
    })
}

fn unknown(granted: &[Grant]) -> Option<&'static str> {
    if granted.iter().any(|grant| grant.method == "*") {
        return Some("Everything is allowed: every path of these stages, whatever it leads to.");
    }
    let is_open = |grant: &Grant| grant.path.ends_with("/*");
    granted.iter().any(is_open).then_some(
        "A path that ends in `*` is also that of endpoints which a later MLflow may add there. \
         All else that is unknown is refused.",
    )
}
