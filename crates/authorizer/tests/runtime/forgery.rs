//! What tokens are made up with.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jwt_compact::{
    Algorithm, AlgorithmSignature,
    alg::{Hs256, Hs256Key, ModulusBits, Rsa, RsaPrivateKey, StrongAlg, StrongKey},
    jwk::JsonWebKey,
};
use rand_core::OsRng;
use serde_json::{Value, json};

use crate::lambda::claims;

/// The name of the issuer's key.
pub(crate) const KID: &str = "a+/b=";

/// The same bytes, with another last letter: four of its six bits count for
/// nothing.
pub(crate) fn trailing_bits(token: &str) -> String {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (rest, last) = token.split_at(token.len() - 1);
    let place = ALPHABET.find(last).expect("base64url");
    format!("{rest}{}", &ALPHABET[place + 1..place + 2])
}

pub(crate) fn deep() -> String {
    format!("{}{}", "[".repeat(2_000), "]".repeat(2_000))
}

pub(crate) fn header(changes: &Value) -> String {
    let mut header = json!({"alg": "RS256", "kid": KID});
    merge(&mut header, changes);
    header.to_string()
}

fn merge(into: &mut Value, changes: &Value) {
    for (name, value) in changes.as_object().expect("an object") {
        into[name] = value.clone();
    }
}

pub(crate) fn unsigned(header: &str, body: &str) -> String {
    let [header, body] = [header, body].map(|part| BASE64_URL_SAFE_NO_PAD.encode(part));
    format!("{header}.{body}.")
}

/// A key that signs any text.
pub(crate) struct Key {
    private: StrongKey<RsaPrivateKey>,
    public: Value,
}

impl Key {
    pub(crate) fn generate() -> Self {
        let (private, public) =
            Rsa::generate(&mut OsRng, ModulusBits::TwoKibibytes).expect("a key");
        let mut public = serde_json::to_value(JsonWebKey::from(public.as_ref())).expect("JSON");
        merge(
            &mut public,
            &json!({"kid": KID, "alg": "RS256", "use": "sig"}),
        );
        Self { private, public }
    }

    pub(crate) fn jwk(&self) -> Value {
        self.public.clone()
    }

    pub(crate) fn jwks(&self) -> String {
        json!({"keys": [self.public]}).to_string()
    }

    pub(crate) fn sign(&self, header: &str, body: &str) -> String {
        let unsigned = unsigned(header, body);
        let signed = &unsigned[..unsigned.len() - 1];
        let signature = StrongAlg(Rsa::rs256()).sign(&self.private, signed.as_bytes());
        format!(
            "{signed}.{}",
            BASE64_URL_SAFE_NO_PAD.encode(signature.as_bytes())
        )
    }

    pub(crate) fn hs256(&self, body: &str) -> String {
        let unsigned = unsigned(&header(&json!({"alg": "HS256"})), body);
        let signed = &unsigned[..unsigned.len() - 1];
        let secret = Hs256Key::new(self.public.to_string().as_bytes());
        let signature = Hs256.sign(&secret, signed.as_bytes());
        format!(
            "{signed}.{}",
            BASE64_URL_SAFE_NO_PAD.encode(signature.as_bytes())
        )
    }

    pub(crate) fn claiming(&self, changes: &Value) -> String {
        let mut claims = claims("admins");
        merge(&mut claims, changes);
        let fields = claims.as_object_mut().expect("an object");
        fields.retain(|_, value| !value.is_null());
        self.sign(&header(&json!({})), &claims.to_string())
    }

    pub(crate) fn good(&self) -> String {
        self.claiming(&json!({}))
    }

    /// A good token, but for one letter of its claims.
    pub(crate) fn forged(&self) -> String {
        let good = self.good();
        let (signed, signature) = good.rsplit_once('.').expect("three parts");
        let (header, _) = signed.split_once('.').expect("two parts");
        let mut claims = claims("admins");
        claims["sub"] = "root".into();
        let body = BASE64_URL_SAFE_NO_PAD.encode(claims.to_string());
        format!("{header}.{body}.{signature}")
    }
}
