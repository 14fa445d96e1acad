//! Where passwords come from, and where they do not go.

use super::fixture::{Pool, passwords};

const ALICE: &[&str] = &["--user", "alice@example.com", "--group", "readers"];

/// Strong enough for the pool.
const TYPED: &str = "Typed by somebody, at 11 o'clock";

fn alice<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [ALICE, more].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn generated_passwords_are_strong_different_and_for_the_first_sign_in() {
    let Some(pool) = Pool::start().await else {
        return;
    };

    let output = pool.run(&["--sample-users"]);

    assert!(
        output
            .said
            .contains("(for the first sign-in, within 3 days)"),
        "{output:?}"
    );
    let made = passwords(&output.said);
    for (name, password) in &made {
        let has = |kind: fn(char) -> bool| password.contains(kind);
        assert!(password.len() == 24 && password.is_ascii(), "{password}");
        assert!(
            has(|c| c.is_ascii_lowercase()) && has(|c| c.is_ascii_uppercase()),
            "{password}"
        );
        assert!(
            has(|c| c.is_ascii_digit()) && has(|c| c.is_ascii_punctuation()),
            "{password}"
        );
        let answer = pool.sign_in(name, password).await;
        assert_eq!(answer["ChallengeName"], "NEW_PASSWORD_REQUIRED", "{name}");
    }
    assert!(made[0].1 != made[1].1 && made[1].1 != made[2].1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_existing_user_is_given_a_new_password_if_it_is_asked_for() {
    let Some(pool) = Pool::start().await else {
        return;
    };
    let first = pool.run(&alice(&["--permanent"]));
    let (name, old) = passwords(&first.said)[0];

    let output = pool.run(&alice(&["--permanent", "--reset-password"]));

    assert!(
        output
            .said
            .contains("\nuser alice@example.com: given a new password\n")
    );
    let (_, new) = passwords(&output.said)[0];
    assert!(pool.sign_in(name, new).await["AuthenticationResult"].is_object());
    assert!(pool.sign_in(name, old).await["AuthenticationResult"].is_null());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_is_typed_is_taken_and_not_shown() {
    let Some(pool) = Pool::start().await else {
        return;
    };

    let input = format!("{TYPED}\n");
    let output = pool.run_with(&alice(&["--password", "prompt", "--permanent"]), &input);

    assert_eq!(output.status, 0, "{output:?}");
    assert!(!output.said.contains(TYPED) && !output.complained.contains(TYPED));
    let answer = pool.sign_in("alice@example.com", TYPED).await;
    assert!(answer["AuthenticationResult"].is_object());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_will_not_do_is_refused_with_the_reason() {
    let Some(pool) = Pool::start().await else {
        return;
    };
    let table = [
        ("weak\n", "the pool refuses that password: "),
        ("", "there is no password for alice@example.com"),
        (" blank before it\n", "begins or ends with a space"),
    ];
    pool.run(ALICE);
    let prompt = ["--password", "prompt", "--reset-password"];
    for (input, sentence) in table {
        let output = pool.run_with(&alice(&prompt), input);

        assert_eq!(output.status, 1, "{output:?}");
        assert!(output.complained.contains(sentence), "{output:?}");
        assert!(input.is_empty() || !output.complained.contains(input.trim()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invited_user_has_a_password_that_only_cognito_knows() {
    let Some(pool) = Pool::start().await else {
        return;
    };

    let output = pool.run(&alice(&["--password", "invite"]));
    let nameless = [
        "--user",
        "bob",
        "--group",
        "readers",
        "--password",
        "invite",
    ];
    let refused = pool.run(&nameless);

    assert!(
        output
            .said
            .contains("\nuser alice@example.com: created, and invited by e-mail\n")
    );
    assert!(output.said.ends_with("\n5 changes made\n"), "{output:?}");
    assert_eq!(pool.groups_of("alice@example.com").await, ["readers"]);
    assert!(refused.complained.contains("say --email"), "{refused:?}");
}
