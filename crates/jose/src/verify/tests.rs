use std::sync::LazyLock;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use shell_core::claims::Audience;

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

/// The vector's header has no `kid`, so the signature is checked below `verify`.
#[test]
fn rfc_7515_appendix_a2_verifies() {
    let keys = KeySet::parse(RFC_KEY).unwrap();
    let (signed, signature) = RFC_TOKEN.rsplit_once('.').unwrap();
    let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap();
    let key = keys.get("rfc").unwrap();
    let check = |signed: &str| key.verifies(signed.as_bytes(), &signature);

    assert!(check(signed));
    assert!(!check(
        &signed.replace("joe", "eve").replace("eyJpc3", "eyJpc4")
    ));
    assert_eq!(
        verify(RFC_TOKEN, &keys).unwrap_err(),
        VerifyError::MissingKeyId
    );
}

#[test]
fn a_token_with_extra_claims_is_read_straight() {
    let mut claims = claims();
    claims["cognito:groups"] = json!(["readers", "us-east-1_EXAMPLE_Google"]);
    claims["aud"] = json!(["one", "two"]);
    claims["https://example.com/tenant"] = json!({"nested": [1, 2, 3]});

    let raw = verify(KEY.sign(&claims).unwrap().expose(), &KEYS).unwrap();

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

    assert!(verify(&of_length(MAX_TOKEN_LENGTH / 2), &KEYS).is_ok());
    let error = verify(&of_length(MAX_TOKEN_LENGTH), &KEYS).unwrap_err();
    assert_eq!(error, VerifyError::Malformed);
}

#[test]
fn the_key_id_is_read_without_keys() {
    assert_eq!(key_id(&signed(&claims())).unwrap(), "key+/1=");
    assert_eq!(key_id(RFC_TOKEN).unwrap_err(), VerifyError::MissingKeyId);
}

#[test]
fn the_issuer_is_read_without_keys() {
    let good = signed(&claims());
    let issuer = "https://issuer.example".to_owned();
    assert_eq!(unverified_issuer(&good), Ok(issuer));
    for claims in [
        json!({"sub": "s", "exp": 1}),
        json!({"iss": ["i"], "sub": "s", "exp": 1}),
    ] {
        let error = unverified_issuer(&signed(&claims)).unwrap_err();
        assert_eq!(error, VerifyError::Malformed, "{claims}");
    }
    let error = unverified_issuer(RFC_TOKEN).unwrap_err();
    assert_eq!(error, VerifyError::MissingKeyId);
}

fn claims() -> Value {
    json!({"iss": "https://issuer.example", "sub": "user", "exp": 2_000_000_000, "iat": 1})
}

fn signed(claims: &Value) -> String {
    KEY.sign(claims).unwrap().expose().into()
}
