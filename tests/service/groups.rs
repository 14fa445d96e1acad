//! Which groups a user's token says, by the rules of `config.json`.

use serde_json::{Value, json};

use crate::fixture::{Fixture, SCRIPT};

const READ: &str = "/mlflow/ajax-api/2.0/mlflow/experiments/search";
/// Only administrators may ask for unknown endpoints.
const ANYTHING: &str = "/mlflow/ajax-api/2.0/mlflow/unheard-of";

/// What the user of a token is to the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    Admin,
    Reader,
    /// Signed in, and not admitted.
    Nobody,
    /// The same, because a claim cannot be read.
    Unreadable,
}

use Found::{Admin, Nobody, Reader, Unreadable};

/// Tries tokens with these claims in place of Cognito's groups.
async fn check(rules: Value, table: &[(&str, Value, Found)]) {
    let keys = [("provider.groups", rules)];
    let fixture = Fixture::configured(&keys).await;
    for (case, claims, expected) in table {
        let mut all = fixture.claims();
        all["cognito:groups"] = Value::Null;
        for (name, value) in claims.as_object().expect("claims") {
            all[name] = value.clone();
        }
        let token = fixture.issuer.sign(&all);
        let read = fixture.get_with(READ, &token, SCRIPT).await;
        let anything = fixture.get_with(ANYTHING, &token, SCRIPT).await;
        let is_unreadable = read
            .text()
            .contains("groups of this account cannot be read");
        let found = match (read.status.as_u16(), anything.status.as_u16()) {
            (200, 200) => Admin,
            (200, 403) => Reader,
            (403, 403) if is_unreadable => Unreadable,
            (403, 403) => Nobody,
            other => panic!("{case}: {other:?}"),
        };
        assert_eq!(found, *expected, "{case}: {claims}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn okta_and_entra_have_a_list() {
    let rules = json!([
        { "claim": "groups", "value": "ml-admins", "group": "admins" },
        { "claim": "groups", "value": "5f0c1a2e-8d31-4c1f-9a55-0b6f6f1c2d3e", "group": "readers" },
    ]);
    let table = [
        (
            "a member",
            json!({"groups": ["Everyone", "ml-admins"]}),
            Admin,
        ),
        (
            "of the other",
            json!({"groups": ["5f0c1a2e-8d31-4c1f-9a55-0b6f6f1c2d3e"]}),
            Reader,
        ),
        (
            "a group of our own name",
            json!({"groups": ["admins"]}),
            Nobody,
        ),
        ("in another case", json!({"groups": ["ML-Admins"]}), Nobody),
        ("of none", json!({"groups": []}), Nobody),
        ("without the claim", json!({}), Nobody),
        (
            "too many to say (Entra's overage)",
            json!({"_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {"endpoint": "https://graph.example"}}}),
            Nobody,
        ),
        ("one, as a text", json!({"groups": "ml-admins"}), Admin),
        ("a number", json!({"groups": 7}), Unreadable),
        (
            "an object",
            json!({"groups": {"ml-admins": true}}),
            Unreadable,
        ),
        (
            "a number among them",
            json!({"groups": ["ml-admins", 7]}),
            Unreadable,
        ),
    ];
    check(rules, &table).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keycloak_has_them_inside_another_claim() {
    let rules = json!([{ "claim": ["realm_access", "roles"] }]);
    let table = [
        (
            "a role",
            json!({"realm_access": {"roles": ["offline_access", "readers"]}}),
            Reader,
        ),
        (
            "two",
            json!({"realm_access": {"roles": ["readers", "admins"]}}),
            Admin,
        ),
        (
            "none of ours",
            json!({"realm_access": {"roles": ["uma_authorization"]}}),
            Nobody,
        ),
        ("none at all", json!({"realm_access": {}}), Nobody),
        ("outside", json!({"roles": ["admins"]}), Nobody),
        (
            "in a name with a dot",
            json!({"realm_access.roles": ["admins"]}),
            Nobody,
        ),
        (
            "through a list",
            json!({"realm_access": [{"roles": ["admins"]}]}),
            Nobody,
        ),
        ("through a text", json!({"realm_access": "roles"}), Nobody),
        (
            "as a text",
            json!({"realm_access": {"roles": "admins"}}),
            Admin,
        ),
        (
            "as an object",
            json!({"realm_access": {"roles": {"admins": {}}}}),
            Unreadable,
        ),
    ];
    check(rules, &table).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_may_be_had_by_either_of_two_rules() {
    let rules = json!([
        { "claim": "groups", "value": "data", "group": "readers" },
        { "claim": "roles", "value": "viewer", "group": "readers" },
        { "claim": "roles", "value": "owner", "group": "admins" },
    ]);
    let table = [
        ("by the first", json!({"groups": ["data"]}), Reader),
        ("by the second", json!({"roles": ["viewer"]}), Reader),
        (
            "by both",
            json!({"groups": ["data"], "roles": ["viewer"]}),
            Reader,
        ),
        (
            "and by a third more",
            json!({"groups": ["data"], "roles": ["owner"]}),
            Admin,
        ),
        (
            "by none",
            json!({"groups": ["viewer"], "roles": ["data"]}),
            Nobody,
        ),
        (
            "one good, one broken",
            json!({"groups": ["data"], "roles": 7}),
            Unreadable,
        ),
    ];
    check(rules, &table).await;
}

/// Google has no groups: there it is the address that admits.
#[tokio::test(flavor = "multi_thread")]
async fn an_address_admits_if_it_is_verified_and_in_the_domain() {
    let rules = json!([
        { "claim": "email", "value": "@example.com", "group": "readers" },
        { "claim": "email", "value": "boss@example.com", "group": "admins" },
    ]);
    let address = |text: &str| json!({"email": text, "email_verified": true});
    let table = [
        ("of the domain", address("ann@example.com"), Reader),
        ("in upper case", address("Ann@EXAMPLE.com"), Reader),
        ("by name", address("boss@example.com"), Admin),
        ("below the domain", address("ann@sub.example.com"), Nobody),
        (
            "a domain that begins so",
            address("ann@example.com.evil.org"),
            Nobody,
        ),
        (
            "a domain that ends so",
            address("ann@notexample.com"),
            Nobody,
        ),
        (
            "the domain before the @",
            address("@example.com@evil.org"),
            Nobody,
        ),
        (
            "a name that ends so",
            address("notboss@example.com"),
            Reader,
        ),
        ("no address", address("example.com"), Nobody),
        (
            "unverified",
            json!({"email": "ann@example.com", "email_verified": false}),
            Nobody,
        ),
        (
            "of which nobody says it",
            json!({"email": "ann@example.com"}),
            Nobody,
        ),
        (
            "verified as a text",
            json!({"email": "ann@example.com", "email_verified": "false"}),
            Nobody,
        ),
        (
            "a list",
            json!({"email": ["ann@example.com"], "email_verified": true}),
            Unreadable,
        ),
    ];
    check(rules, &table).await;
}

/// `hd` is the domain that Google hosts the account for.
#[tokio::test(flavor = "multi_thread")]
async fn googles_hosted_domain_is_compared_whole() {
    let rules = json!([{ "claim": "hd", "value": "example.com", "group": "readers" }]);
    let table = [
        ("ours", json!({"hd": "example.com"}), Reader),
        ("another's", json!({"hd": "example.com.evil.org"}), Nobody),
        (
            "nobody's",
            json!({"email": "ann@example.com", "email_verified": true}),
            Nobody,
        ),
    ];
    check(rules, &table).await;
}
