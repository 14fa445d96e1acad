//! Which key may seal what is stored in the browser.
//!
//! Any script of the origin can write a key into storage, or send one in a
//! page's name. One that could be read out, or that says that it is for anything
//! else, is none of ours: it seals nothing, and what it is said to open is lost.

/// The algorithm (Web Cryptography API §29, NIST SP 800-38D).
pub const ALGORITHM: &str = "AES-GCM";

/// How long a key is, in bits.
pub const LENGTH: u32 = 256;

/// What a key is for, and nothing besides.
pub const USAGES: [&str; 2] = ["encrypt", "decrypt"];

/// What the browser says of a key (Web Cryptography API §13).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyDescription {
    /// The name of its algorithm.
    pub algorithm: String,
    /// Its length in bits, if it has one.
    pub length: Option<u32>,
    /// Whether a script can read it out.
    pub is_extractable: bool,
    /// What it is for.
    pub usages: Vec<String>,
}

impl KeyDescription {
    /// Whether such a key may seal and open what is stored.
    pub fn is_acceptable(&self) -> bool {
        let is_for = |usage: &str| self.usages.iter().any(|has| has == usage);
        self.algorithm == ALGORITHM
            && self.length == Some(LENGTH)
            && !self.is_extractable
            && self.usages.len() == USAGES.len()
            && USAGES.into_iter().all(is_for)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_such_a_key_as_ours_is_acceptable() {
        let both = "encrypt decrypt";
        let table = [
            ("AES-GCM", Some(256), false, both, true),
            ("AES-GCM", Some(256), false, "decrypt encrypt", true),
            ("AES-GCM", Some(256), true, both, false),
            ("AES-GCM", Some(128), false, both, false),
            ("AES-GCM", Some(512), false, both, false),
            ("AES-GCM", None, false, both, false),
            ("AES-CBC", Some(256), false, both, false),
            ("AES-CTR", Some(256), false, both, false),
            ("aes-gcm", Some(256), false, both, false),
            ("", Some(256), false, both, false),
            ("AES-GCM", Some(256), false, "", false),
            ("AES-GCM", Some(256), false, "encrypt", false),
            ("AES-GCM", Some(256), false, "encrypt encrypt", false),
            (
                "AES-GCM",
                Some(256),
                false,
                "encrypt decrypt wrapKey",
                false,
            ),
        ];
        for (algorithm, length, is_extractable, usages, expected) in table {
            let key = KeyDescription {
                algorithm: algorithm.to_owned(),
                length,
                is_extractable,
                usages: usages.split_whitespace().map(ToOwned::to_owned).collect(),
            };
            assert_eq!(key.is_acceptable(), expected, "{key:?}");
        }
    }
}
