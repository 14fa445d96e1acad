use super::*;
use crate::Timestamp;

/// Each product's own documentation names these.
const CLAIMED: &str = "
    X-Forwarded-User X-Forwarded-Email X-Forwarded-Groups X-Forwarded-Preferred-Username
    X-Forwarded-Access-Token X-Auth-Request-User X-Auth-Request-Email X-Auth-Request-Access-Token
    X-Amzn-Oidc-Data X-Amzn-Oidc-Identity X-Amzn-Oidc-Accesstoken X-Amzn-Ava-User-Context
    X-Amzn-Mtls-Clientcert-Subject Remote-User Remote-Name Remote-Email Remote-Groups Remote-Addr
    X-Remote-User X-Remote-Group X-Remote-Groups X-Remote-Extra-Scopes Impersonate-User
    X-Goog-Authenticated-User-Email X-Goog-Authenticated-User-Id X-Goog-IAP-JWT-Assertion
    Cf-Access-Jwt-Assertion Cf-Access-Authenticated-User-Email CF-Connecting-IP
    X-MS-CLIENT-PRINCIPAL X-MS-CLIENT-PRINCIPAL-NAME X-MS-TOKEN-AAD-ID-TOKEN X-ARR-ClientCert
    Tailscale-User-Login Tailscale-User-Name X-Pomerium-Jwt-Assertion X-Pomerium-Claim-Email
    X-authentik-username X-Vouch-User X-WEBAUTH-USER kubeflow-userid X-User X-User-Id X-Username
    X-Consumer-Username X-Credential-Identifier X-Authenticated-Userid X-JWT-Assertion
    OIDC_CLAIM_email MELLON_uid Shib-Identity-Provider SM_USER iv-user OAM_REMOTE_USER eppn
    X-SSL-Client-CN SSL_CLIENT_S_DN Client-Cert Client-Cert-Chain X-Client-Cert X-Client-IP
    X-Forwarded-Client-Cert X-Forwarded-For X-Forwarded-Host X-Forwarded-Proto X-Forwarded-Prefix
    X-Forwarded-Port X-Forwarded-Server X-Forwarded-Uri X-Forwarded-Method Forwarded X-Real-IP
    True-Client-IP X-Cluster-Client-IP X-Original-URL X-Original-Host X-Original-Forwarded-For
    X-Rewrite-URL X-Envoy-Original-Path X-Envoy-External-Address Script-Name Path-Info Proxy
    X-HTTP-Method-Override X-HTTP-Method X-Method-Override Authorization Proxy-Authorization
    X-API-Key X-Goog-API-Key API-Key
    X-MLflow-Authorization X-MLflow-Assistant-Delegation X-MLflow-Guardrail-Bypass
    Origin Host Connection Transfer-Encoding Upgrade";

/// What MLflow, its clients and its AI gateway's clients send (read, MLflow
/// 3.18.0), and what HTTP needs.
const NEEDED: &str = "
    X-MLFLOW-WORKSPACE X-MLflow-Experiment-Id X-MLflow-Run-Id X-MLflow-Client-Version
    X-MLflow-Gateway-Caller X-Databricks-Org-Id anthropic-version OpenAI-Organization
    Content-Type Content-Length Content-Encoding Content-Range Accept Accept-Encoding Range
    If-None-Match If-Match If-Modified-Since If-Range Cache-Control User-Agent Referer Cookie
    traceparent tracestate X-Request-Id X-Amzn-Trace-Id Sec-Fetch-Mode Expect Via";

#[test]
fn what_claims_an_identity_or_a_route_does_not_reach_mlflow_in_any_spelling() {
    for name in CLAIMED.split_whitespace() {
        let spellings = [
            name.to_owned(),
            name.to_lowercase(),
            name.to_uppercase(),
            name.replace('-', "_"),
            name.replace(['-', '_'], "."),
            name.replacen('-', "_", 1),
        ];
        for name in spellings {
            assert!(!is_forwarded(&name), "{name}");
        }
    }
}

#[test]
fn what_mlflow_needs_reaches_it() {
    for name in NEEDED.split_whitespace() {
        assert!(is_forwarded(name), "{name}");
    }
}

#[test]
fn the_lists_are_in_the_spelling_that_is_compared() {
    for name in HOP_BY_HOP.iter().chain(&NOT_FORWARDED).chain(&FAMILIES) {
        assert!(is_spelling(name, name), "{name}");
    }
}

#[test]
fn mlflow_can_be_told_who_asks() {
    let table: [(&str, &str, &[&str], &[&str]); 5] = [
        (
            "s",
            "a@b.example",
            &["x", "y"],
            &[
                "x-forwarded-user: s",
                "x-forwarded-preferred-username: a@b.example",
                "x-forwarded-email: a@b.example",
                "x-forwarded-groups: x,y",
            ],
        ),
        (
            "s",
            "alice",
            &[],
            &[
                "x-forwarded-user: s",
                "x-forwarded-preferred-username: alice",
            ],
        ),
        (
            "s 1%\r\nx: y",
            "J\u{fc}rgen@b\u{2028}",
            &["a b", "\u{fc}"],
            &[
                "x-forwarded-user: s%201%25%0D%0Ax:%20y",
                "x-forwarded-preferred-username: J%C3%BCrgen@b%E2%80%A8",
                "x-forwarded-email: J%C3%BCrgen@b%E2%80%A8",
                "x-forwarded-groups: a%20b,%C3%BC",
            ],
        ),
        // No group is made of a part of another.
        (
            "s",
            "n",
            &["a", "b,admins", ",", "c"],
            &[
                "x-forwarded-user: s",
                "x-forwarded-preferred-username: n",
                "x-forwarded-groups: a,c",
            ],
        ),
        (
            "s",
            "a@b@c",
            &[""],
            &[
                "x-forwarded-user: s",
                "x-forwarded-preferred-username: a@b@c",
            ],
        ),
    ];
    for (subject, name, groups, expected) in table {
        let told = identity(&claims(subject, name, groups));
        let told: Vec<_> = told
            .map(|(name, value)| format!("{name}: {value}"))
            .collect();
        assert_eq!(told, expected);
    }
}

#[test]
fn groups_that_have_no_room_are_left_out_whole() {
    let long = "g".repeat(MOST_GROUPS - 4);
    let table: [(&[&str], &str); 3] = [
        (&[&long, "abc"], &format!("{long},abc")),
        (&[&long, "abcd"], &long),
        (&[&long, "abcd", "ab"], &format!("{long},ab")),
    ];
    for (given, expected) in table {
        let told = identity(&claims("s", "n", given)).last();
        assert_eq!(told, Some(("x-forwarded-groups", expected.to_owned())));
    }
}

fn claims(subject: &str, name: &str, groups: &[&str]) -> Claims {
    Claims {
        issuer: "https://issuer.example".to_owned(),
        subject: subject.to_owned(),
        name: name.to_owned(),
        groups: groups.iter().copied().map(ToOwned::to_owned).collect(),
        groups_error: None,
        issued_at: None,
        expires_at: Timestamp(0),
        nonce: None,
    }
}

#[test]
fn mlflow_never_sees_the_cookie_of_a_session() {
    let withheld = [
        "__Host-mlflow-shell-session=x",
        "__Host-mlflow-shell-session-2=x",
        "__host-MLflow-shell-session=x",
        "mlflow-shell-session-8080=x",
        "mlflow-shell-session-8080-3=x",
        "mlflow-request-header-X=1",
    ];
    for cookie in withheld {
        assert!(!is_cookie_forwarded(cookie), "{cookie}");
    }
    for cookie in ["mlflow-shell=x", "session=x", "__Host-other=x", ""] {
        assert!(is_cookie_forwarded(cookie), "{cookie}");
    }
}
