//! The algorithms that tokens may be signed with (RFC 7518 §3.1, RFC 8037 §3.1).
//!
//! Neither `none` nor HMAC is among them: a token without a signature proves
//! nothing, and with HMAC each of its readers could write one.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// A signature algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256: what Cognito signs with.
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    Rs512,
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// RSASSA-PSS with SHA-384.
    Ps384,
    /// RSASSA-PSS with SHA-512.
    Ps512,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// `EdDSA` on Ed25519.
    EdDsa,
}

/// The algorithms that a site takes: `provider.algorithms`, by default all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Algorithms(Vec<Algorithm>);

/// A token is signed with an algorithm that is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlgorithmError {
    /// The token's `alg`, [`SHOWN`] characters at most, and none that is not visible.
    pub found: String,
    /// What is taken.
    pub accepted: Algorithms,
}

/// How much of a name that a token brings is repeated, in characters.
const SHOWN: usize = 40;

impl Algorithm {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::Es256,
        Self::Es384,
        Self::EdDsa,
    ];

    /// Its name in `alg`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::EdDsa => "EdDSA",
        }
    }

    /// Whether it takes an RSA key.
    pub fn is_rsa(self) -> bool {
        !matches!(self, Self::Es256 | Self::Es384 | Self::EdDsa)
    }

    /// The algorithm of this name, letter by letter. `Ed25519` is RFC 9864's name
    /// for `EdDSA` on that curve.
    pub fn named(name: &str) -> Option<Self> {
        if name == "Ed25519" {
            return Some(Self::EdDsa);
        }
        Self::ALL.into_iter().find(|known| known.name() == name)
    }
}

impl Algorithms {
    /// The algorithms of these names.
    ///
    /// # Errors
    /// With the first unknown one, and if there are none.
    pub fn parse<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        let mut found = Vec::new();
        for name in names {
            match Algorithm::named(name) {
                Some(known) if !found.contains(&known) => found.push(known),
                Some(_) => {}
                None => return Err(format!("has `{name}`, which is none of {}", Self::all())),
            }
        }
        if found.is_empty() {
            return Err(format!("is empty: name some of {}", Self::all()));
        }
        Ok(Self(found))
    }

    /// All that there are.
    pub fn all() -> Self {
        Self(Algorithm::ALL.to_vec())
    }

    /// Whether they are all, which need not be written down.
    pub(crate) fn are_usual(&self) -> bool {
        *self == Self::default()
    }

    /// Whether this one is among them.
    pub fn has(&self, algorithm: Algorithm) -> bool {
        self.0.contains(&algorithm)
    }

    /// The algorithm that a token's `alg` names.
    ///
    /// # Errors
    /// If it is not among these.
    pub fn check(&self, name: &str) -> Result<Algorithm, AlgorithmError> {
        let known = Algorithm::named(name).filter(|known| self.has(*known));
        known.ok_or_else(|| AlgorithmError {
            found: name.chars().take(SHOWN).map(shown).collect(),
            accepted: self.clone(),
        })
    }
}

/// A character of a name that anybody may have written, for a log of lines.
fn shown(sign: char) -> char {
    if sign.is_ascii_graphic() { sign } else { '?' }
}

impl Default for Algorithms {
    fn default() -> Self {
        Self::all()
    }
}

impl<'de> Deserialize<'de> for Algorithms {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let names = Vec::<String>::deserialize(deserializer)?;
        Self::parse(names.iter().map(String::as_str)).map_err(Error::custom)
    }
}

impl Serialize for Algorithms {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|algorithm| algorithm.name()))
    }
}

impl fmt::Display for Algorithms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.0.iter().map(|algorithm| algorithm.name()).collect();
        f.write_str(&names.join(", "))
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for AlgorithmError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { found, accepted } = self;
        write!(
            f,
            "the token is signed with {found}, this site takes {accepted}"
        )
    }
}

impl std::error::Error for AlgorithmError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nine_algorithms_have_their_names_and_no_other() {
        for algorithm in Algorithm::ALL {
            assert_eq!(Algorithm::named(algorithm.name()), Some(algorithm));
        }
        assert_eq!(Algorithm::named("Ed25519"), Some(Algorithm::EdDsa));
        for name in [
            "none", "None", "", "HS256", "HS512", "ES256K", "ES512", "Ed448", "eddsa", "rs256",
            "RS256 ", "RSA-OAEP",
        ] {
            assert_eq!(Algorithm::named(name), None, "{name}");
        }
    }

    #[test]
    fn a_site_takes_what_it_lists_and_says_so() {
        let listed = Algorithms::parse(["PS256", "EdDSA", "PS256", "Ed25519"]).unwrap();
        assert_eq!(listed.check("PS256"), Ok(Algorithm::Ps256));
        assert_eq!(listed.check("Ed25519"), Ok(Algorithm::EdDsa));
        let refused = listed.check("RS256").unwrap_err().to_string();
        assert_eq!(
            refused,
            "the token is signed with RS256, this site takes PS256, EdDSA"
        );
        let long = listed.check(&"x".repeat(1_000)).unwrap_err();
        assert_eq!(long.found.len(), SHOWN);
        let forged = listed.check("no\n\u{1b}[2JINFO all is well").unwrap_err();
        assert_eq!(forged.found, "no??[2JINFO?all?is?well");
    }

    #[test]
    fn unknown_names_are_refused_with_the_list() {
        let refused = Algorithms::parse(["RS256", "HS256"]).unwrap_err();
        assert_eq!(
            refused,
            "has `HS256`, which is none of RS256, RS384, RS512, PS256, PS384, PS512, ES256, \
             ES384, EdDSA"
        );
        let none = Algorithms::parse([]).unwrap_err();
        assert!(none.starts_with("is empty: name some of RS256"), "{none}");
    }
}
