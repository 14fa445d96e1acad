//! The script that makes users in Cognito, against an emulator of its API.

mod authenticator;
mod fixture;
mod passwords;
mod problems;

use serde_json::json;

use fixture::{Pool, SAMPLE, passwords};

#[tokio::test(flavor = "multi_thread")]
async fn the_first_run_makes_groups_and_users_and_the_second_changes_nothing() {
    let Some(pool) = Pool::start().await else {
        return;
    };

    let first = pool.run(&["--sample-users", "--permanent"]);

    assert_eq!(first.status, 0, "{first:?}");
    assert!(first.said.contains("\ngroup readers: created\n"));
    assert!(
        first
            .said
            .contains("\n9 changes made\npasswords (permanent), not shown again:\n")
    );
    let groups = [("admins", 1), ("model-approvers", 2), ("readers", 3)];
    assert_eq!(
        pool.precedences().await,
        groups.map(|(name, rank)| (name.to_owned(), rank))
    );
    for (name, group) in SAMPLE {
        let user = pool.user(name).await;
        assert_eq!(user["email"], name);
        assert_eq!(user["email_verified"], "true");
        assert_eq!(pool.groups_of(name).await, [group]);
    }

    let second = pool.run(&["--sample-users", "--permanent"]);

    assert_eq!(second.status, 0, "{second:?}");
    assert!(second.said.ends_with("\nnothing to change\n"), "{second:?}");
    assert!(
        second
            .said
            .contains("\nuser mlflow-reader@example.com: is in readers\n")
    );
    for (name, password) in passwords(&first.said) {
        let signed_in = pool.sign_in(name, password).await;
        assert!(signed_in["AuthenticationResult"].is_object(), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_says_what_would_be_done_and_does_nothing() {
    let Some(pool) = Pool::start().await else {
        return;
    };

    let output = pool.run(&["--sample-users", "--dry-run"]);

    assert_eq!(output.status, 0, "{output:?}");
    assert!(
        output
            .said
            .contains("\nuser mlflow-admin@example.com: would be added to admins\n")
    );
    assert!(
        output
            .said
            .ends_with("\n9 changes to make; nothing was changed\n")
    );
    assert_eq!(pool.precedences().await, []);
    let users = pool.ask("ListUsers", json!({})).await;
    assert_eq!(users["Users"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_existing_user_is_put_into_the_missing_group_and_keeps_the_password() {
    let Some(pool) = Pool::start().await else {
        return;
    };
    let alice = ["--user", "alice@example.com", "--group", "readers"];
    let first = pool.run(&alice);
    let (name, password) = passwords(&first.said)[0];

    let output = pool.run(&[&alice[..], &["--group", "admins"]].concat());

    let expected = "\
        user alice@example.com: exists\n\
        user alice@example.com: is in readers\n\
        user alice@example.com: added to admins\n\
        1 change made\n";
    assert!(output.said.ends_with(expected), "{output:?}");
    assert_eq!(pool.groups_of(name).await, ["admins", "readers"]);
    let signed_in = pool.sign_in(name, password).await;
    assert_eq!(signed_in["ChallengeName"], "NEW_PASSWORD_REQUIRED");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_somebody_else_may_have_signed_up_with_is_given_no_rights() {
    let Some(pool) = Pool::start().await else {
        return;
    };
    let email = json!([{ "Name": "email", "Value": "boss@example.com" }]);
    let stranger = json!({ "Username": "boss@example.com", "UserAttributes": email });
    pool.ask("AdminCreateUser", stranger).await;
    let boss = ["--user", "boss@example.com", "--group", "admins"];

    let refused = pool.run(&[&boss[..], &["--reset-password"]].concat());

    assert_eq!(refused.status, 1);
    assert!(
        refused
            .complained
            .contains("the address was never verified"),
        "{refused:?}"
    );
    assert_eq!(
        pool.groups_of("boss@example.com").await,
        Vec::<String>::new()
    );

    let accepted = pool.run(&[&boss[..], &["--accept-unverified"]].concat());

    assert_eq!(accepted.status, 0, "{accepted:?}");
    assert_eq!(pool.groups_of("boss@example.com").await, ["admins"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_whose_users_have_names_of_their_own_gets_users_with_names() {
    let settings = json!({ "AliasAttributes": ["email"] });
    let Some(pool) = Pool::start_with(settings).await else {
        return;
    };

    let samples = pool.run(&["--sample-users"]);
    let alice = [
        "--user",
        "alice",
        "--email",
        "a@example.com",
        "--group",
        "readers",
    ];
    let named = pool.run(&alice);
    let unnamed = pool.run(&["--user", "bob@example.com", "--group", "readers"]);
    let other = pool.run(&[
        "--user",
        "alice",
        "--email",
        "b@example.com",
        "--group",
        "admins",
    ]);

    assert_eq!(
        (samples.status, named.status),
        (0, 0),
        "{samples:?} {named:?}"
    );
    assert_eq!(pool.groups_of("mlflow-reader").await, ["readers"]);
    assert_eq!(
        pool.user("mlflow-reader").await["email"],
        "mlflow-reader@example.com"
    );
    assert_eq!(pool.user("alice").await["email"], "a@example.com");
    assert!(
        unnamed
            .complained
            .contains("say --user NAME --email ADDRESS"),
        "{unnamed:?}"
    );
    assert!(
        other.complained.contains("has the address a@example.com"),
        "{other:?}"
    );
    assert_eq!(pool.groups_of("alice").await, ["readers"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_is_found_by_its_name_among_very_many() {
    let Some(pool) = Pool::start().await else {
        return;
    };
    for number in 0..61 {
        let name = format!("other-{number}");
        pool.cognito.create_pool(&name, json!({})).await;
    }
    let last = pool.cognito.create_pool("last", json!({})).await;

    let found = pool.cognito_run(&["--user-pool-name", "last"]);
    let default = pool.cognito_run(&[]);

    assert!(
        found.said.starts_with(&format!("user pool last: {last}\n")),
        "{found:?}"
    );
    let expected = format!("user pool mlflow-user-pool: {}\n", pool.id);
    assert!(default.said.starts_with(&expected), "{default:?}");

    let twin = pool.cognito.create_pool("last", json!({})).await;
    let refused = pool.cognito_run(&["--user-pool-name", "last"]);

    assert_eq!(refused.status, 1);
    let sentence = format!("2 user pools in {} are called last", pool.cognito.region);
    assert!(refused.complained.contains(&sentence), "{refused:?}");
    assert!(
        [last, twin]
            .iter()
            .all(|id| refused.complained.contains(id)),
        "{refused:?}"
    );
}
