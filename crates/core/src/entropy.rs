use base64ct::{Base64UrlUnpadded, Encoding};

/// 256 random bits that the caller drew from its platform's secure source.
///
/// Not `Clone`: what is drawn once is used once.
#[derive(Debug)]
pub struct Entropy(pub [u8; 32]);

impl Entropy {
    /// Spends the bits on a value of 43 characters from `[A-Za-z0-9_-]`.
    ///
    /// That alphabet survives every URL encoding; Cognito encodes `state`
    /// twice when a login session exists.
    pub fn into_text(self) -> String {
        Base64UrlUnpadded::encode_string(&self.0)
    }
}
