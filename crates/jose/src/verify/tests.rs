use std::sync::LazyLock;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use shell_core::{bounds::TOKEN_LENGTH, claims::Audience};

use super::*;
use crate::{SigningKey, jwks};

static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::generate("key+/1=").unwrap());
static KEYS: LazyLock<KeySet> =
    LazyLock::new(|| KeySet::parse(&jwks([&*KEY]).to_string()).unwrap());

/// RFC 7515 appendix A.2: header, payload and signature under the key below.
const RFC_TOKEN: &str = "eyJhbGciOiJSUzI1NiJ9.\
    eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.\
    cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5\
    jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb\
    1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QO\
    YEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";

/// The public half of the key of RFC 7515 appendix A.2.
const RFC_KEY: &str = r#"{"keys":[{"kid":"rfc","kty":"RSA","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"}]}"#;

/// The vector's header has no `kid`, and its claims no `sub`.
#[test]
fn rfc_7515_appendix_a2_verifies() {
    let keys = KeySet::parse(RFC_KEY).unwrap();
    let (signed, signature) = RFC_TOKEN.rsplit_once('.').unwrap();
    let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap();
    let hint = KeyHint::new(Some("rfc".to_owned()), Algorithm::Rs256);
    let key = keys.candidates(&hint).next().unwrap();
    let check = |signed: &str| key.verifies(Algorithm::Rs256, signed.as_bytes(), &signature);

    assert!(check(signed));
    assert!(!check(
        &signed.replace("joe", "eve").replace("eyJpc3", "eyJpc4")
    ));
    let lacking = "the token's `sub` is missing or is not a text";
    assert_eq!(
        check_all(RFC_TOKEN, &keys).unwrap_err().to_string(),
        lacking
    );
}

/// RFC 8037 appendix A.4: an Ed25519 signature of a text.
#[test]
fn rfc_8037_appendix_a4_verifies() {
    const SIGNED: &str = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    const SIGNATURE: &str = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5\
        BhVsPt9g7sVvpAr_MuM0KAg";
    let keys = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
    let keys = KeySet::parse(keys).unwrap();
    let hint = KeyHint::new(None, Algorithm::EdDsa);
    let key = keys.candidates(&hint).next().unwrap();
    let signature = BASE64_URL_SAFE_NO_PAD.decode(SIGNATURE).unwrap();
    assert!(key.verifies(Algorithm::EdDsa, SIGNED.as_bytes(), &signature));
    assert!(!key.verifies(Algorithm::EdDsa, &SIGNED.as_bytes()[1..], &signature));
}

/// Each with a key of its own kind, and with no other key or algorithm.
#[test]
fn each_algorithm_verifies_its_own_tokens_only() {
    let all = Algorithms::all();
    let keys = Algorithm::ALL.map(own_key);
    for (own, key) in Algorithm::ALL.into_iter().zip(&keys) {
        let token = key.sign(&claims()).unwrap();
        let set = KeySet::parse(&jwks([key]).to_string()).unwrap();
        let found = verify(token.expose(), &set, &all).unwrap();
        assert_eq!(found.sub, "user", "{own}");

        let only_own = Algorithms::parse([own.name()]).unwrap();
        assert!(verify(token.expose(), &set, &only_own).is_ok(), "{own}");
        for (other, key) in Algorithm::ALL.into_iter().zip(&keys) {
            if other == own {
                continue;
            }
            // The key's issuer says that it is for another algorithm.
            let set = KeySet::parse(&jwks([key]).to_string()).unwrap();
            let refused = verify(token.expose(), &set, &all).unwrap_err();
            let algorithm = own;
            assert_eq!(refused, VerifyError::KeyUse { algorithm }, "{own} {other}");

            let others = Algorithms::parse([other.name()]).unwrap();
            let refused = verify(token.expose(), &set, &others).unwrap_err();
            let expected = format!("the token is signed with {own}, this site takes {other}");
            assert_eq!(refused.to_string(), expected);
        }
    }
}

/// A header that names another algorithm of the same key makes it no signature of
/// that.
#[test]
fn an_rsa_key_for_any_algorithm_verifies_what_was_signed_with_the_one_in_the_header() {
    let mut jwk = KEY.public_jwk();
    jwk.as_object_mut().unwrap().remove("alg");
    let keys = KeySet::parse(&json!({ "keys": [jwk] }).to_string()).unwrap();
    for own in &Algorithm::ALL[..6] {
        for named in &Algorithm::ALL[..6] {
            let header = json!({ "alg": named.name(), "kid": KEY.kid() });
            let key = KEY.signing_with(*own);
            let token = key.sign_unchecked(&header.to_string(), &claims().to_string());
            let verified = check_all(token.expose(), &keys);
            assert_eq!(verified.is_ok(), own == named, "{own} {named}");
        }
    }
}

/// A token without a name, or keys without any: those of its kind are tried.
#[test]
fn keys_without_names_are_tried() {
    let other = SigningKey::generate("other").unwrap();
    let unnamed = |key: &SigningKey| {
        let mut jwk = key.public_jwk();
        jwk.as_object_mut().unwrap().remove("kid");
        jwk
    };
    let set = |keys: Value| KeySet::parse(&json!({ "keys": keys }).to_string()).unwrap();
    let named = signed(&claims());
    let nameless = KEY.sign_unchecked(r#"{"alg":"RS256"}"#, &claims().to_string());
    let nameless = nameless.expose();
    let both = set(json!([unnamed(&other), unnamed(&KEY)]));
    let only_other = set(json!([unnamed(&other)]));
    let (unknown, signature) = (
        Err(VerifyError::UnknownKey { kid: None }),
        Err(VerifyError::Signature),
    );
    let table = [
        ("both without names", nameless, &both, Ok(())),
        ("a name that no key has", &named, &both, Ok(())),
        ("a token without", nameless, &*KEYS, Ok(())),
        ("none of them signed", &named, &only_other, signature),
        ("none of its kind", nameless, &set(json!([ed()])), unknown),
    ];
    for (case, token, keys, expected) in table {
        assert_eq!(check_all(token, keys).map(drop), expected, "{case}");
    }
}

#[test]
fn a_token_with_extra_claims_is_read_straight() {
    let mut claims = claims();
    claims["cognito:groups"] = json!(["readers", "us-east-1_EXAMPLE_Google"]);
    claims["aud"] = json!(["one", "two"]);
    claims["https://example.com/tenant"] = json!({"nested": [1, 2, 3]});

    let raw = check_all(&signed(&claims), &KEYS).unwrap();

    assert_eq!((raw.sub.as_str(), raw.exp.0), ("user", 2_000_000_000));
    let both = ["one", "two"].map(String::from).to_vec();
    assert_eq!(raw.aud, Some(Audience::Many(both)));
}

#[test]
fn longer_tokens_are_not_looked_at() {
    let of_length = |filler: usize| {
        let mut claims = claims();
        claims["filler"] = "x".repeat(filler).into();
        signed(&claims)
    };

    assert!(check_all(&of_length(TOKEN_LENGTH / 2), &KEYS).is_ok());
    let error = check_all(&of_length(TOKEN_LENGTH), &KEYS).unwrap_err();
    assert!(matches!(error, VerifyError::TooLong(_)), "{error}");
}

/// A real case: 152 groups whose names have a hundred characters.
#[test]
fn a_user_may_be_in_many_groups() {
    let mut claims = claims();
    let group = |number| format!("{number:0>100}");
    claims["groups"] = (0..152).map(group).collect();
    let token = signed(&claims);
    assert!(token.len() > 16 * 1024, "{}", token.len());
    assert!(check_all(&token, &KEYS).is_ok());
}

#[test]
fn the_issuer_and_the_key_are_read_without_keys() {
    let good = signed(&claims());
    let token = UnverifiedToken::read(&good).unwrap();
    assert_eq!(token.issuer(), "https://issuer.example");
    let hint = KeyHint::new(Some("key+/1=".to_owned()), Algorithm::Rs256);
    assert_eq!(token.key_hint(&Algorithms::all()), Ok(hint));
    for claims in [
        json!({"sub": "s", "exp": 1}),
        json!({"iss": ["i"], "sub": "s", "exp": 1}),
    ] {
        let error = UnverifiedToken::read(&signed(&claims))
            .map(drop)
            .unwrap_err();
        let expected = "the token's `iss` is missing or is not a text";
        assert_eq!(error.to_string(), expected, "{claims}");
    }
}

fn own_key(algorithm: Algorithm) -> SigningKey {
    if algorithm.is_rsa() {
        return KEY.signing_with(algorithm);
    }
    SigningKey::generate_for("key+/1=", algorithm).unwrap()
}

fn ed() -> Value {
    own_key(Algorithm::EdDsa).public_jwk()
}

fn check_all(token: &str, keys: &KeySet) -> Result<RawClaims, VerifyError> {
    verify(token, keys, &Algorithms::all())
}

fn claims() -> Value {
    json!({"iss": "https://issuer.example", "sub": "user", "exp": 2_000_000_000, "iat": 1})
}

fn signed(claims: &Value) -> String {
    KEY.sign(claims).unwrap().expose().into()
}
