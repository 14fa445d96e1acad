//! The keys that tokens for programs and kept sessions are sealed with.
//!
//! AES-256-GCM under random nonces of 96 bits: one key is good for some four
//! thousand million tokens (NIST SP 800-38D §8.3). Whether a token opens is
//! compared in constant time, by `ring`. Sessions have keys of their own, derived
//! from the same ones (HKDF, RFC 5869), so that neither opens as the other.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, sync::Arc};

use base64::{Engine, prelude::BASE64_STANDARD};
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hkdf::{HKDF_SHA256, Salt},
    rand::{SecureRandom, SystemRandom},
};

use super::registry::{RegistryError, TokenRegistry};
use crate::settings::TokenSettings;

/// Bytes of a key.
pub(super) const KEY: usize = 32;

/// Most keys that are tried.
const MOST: usize = 8;

/// Others than the owner and the group, and anybody who may write but the owner.
const FORBIDDEN: u32 = 0o027;

/// What the keys of sessions are derived for.
const SESSIONS: &[u8] = b"mlflow-auth-shell kept sessions";

/// The keys of the environment, in errors.
const INLINE: &str = "MLFLOW_SHELL_TOKENS__KEYS (tokens.keys)";

/// The keys of a gateway, for each use.
#[derive(Clone)]
pub struct TokenKeys {
    api_tokens: SealingKeys,
    sessions: SealingKeys,
    /// Whether they are there after a restart.
    are_kept: bool,
    registry: Option<TokenRegistry>,
}

/// The keys of one use. The first seals, and all of them open.
#[derive(Clone)]
pub(crate) struct SealingKeys(Arc<[LessSafeKey]>);

/// Why keys were refused.
#[derive(Debug, thiserror::Error)]
pub enum TokenKeysError {
    /// The file cannot be read.
    #[error("the keys for program tokens cannot be read from `{0}` (tokens.key_file): {1}")]
    InspectionError(String, std::io::Error),
    /// The list of tokens cannot be used.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// Others can read it.
    #[error(
        "`{0}` (tokens.key_file) has the mode {1:03o}: whoever reads these keys can make \
         tokens of anybody's. `chmod 600` it, or 640 for a group of its own"
    )]
    Open(String, u32),
    /// What is there, such as `line 2`, is no key.
    #[error("{0}, {1}: not 32 bytes in base64. Make one with `openssl rand -base64 32`")]
    NoKey(String, String),
    /// There is none, or there are too many.
    #[error("{0} has {1} keys: it takes one to {MOST}, {2}")]
    Count(String, usize, &'static str),
    /// The system has no randomness.
    #[error("no key for program tokens could be drawn: the system has no randomness")]
    NoRandomness,
}

impl TokenKeys {
    /// The keys that `by` has or names the file of, or one of its own, and the list of
    /// tokens if `by` names its file, which is made if it is not there.
    ///
    /// # Errors
    /// If there are none, or the list cannot be used.
    pub fn new(by: &TokenSettings) -> Result<Self, TokenKeysError> {
        let keys = Self::given(by).unwrap_or_else(Self::draw)?;
        let registry = by
            .registry
            .as_deref()
            .map(TokenRegistry::open)
            .transpose()?;
        Ok(Self { registry, ..keys })
    }

    /// Checks that [`new`](Self::new) would do, and makes nothing.
    ///
    /// # Errors
    /// As that.
    pub fn check(by: &TokenSettings) -> Result<(), TokenKeysError> {
        Self::given(by).transpose()?;
        match &by.registry {
            Some(file) if file.exists() => Ok(TokenRegistry::existing(file).map(drop)?),
            Some(_) | None => Ok(()),
        }
    }

    fn given(by: &TokenSettings) -> Option<Result<Self, TokenKeysError>> {
        let inline = by.keys.as_ref().map(|keys| Self::of_text(keys.expose()));
        inline.or_else(|| by.key_file.as_deref().map(Self::read))
    }

    /// Whether the keys are there after a restart.
    pub fn are_kept(&self) -> bool {
        self.are_kept
    }

    /// The list of tokens, if there is one.
    pub(crate) fn registry(&self) -> Option<&TokenRegistry> {
        self.registry.as_ref()
    }

    /// Draws a key that no other gateway has.
    ///
    /// # Errors
    /// If the system has no randomness.
    pub fn draw() -> Result<Self, TokenKeysError> {
        let mut bytes = [0; KEY];
        let drawn = SystemRandom::new().fill(&mut bytes);
        drawn.map_err(|_| TokenKeysError::NoRandomness)?;
        Self::of(&[bytes]).ok_or(TokenKeysError::NoRandomness)
    }

    /// The keys of both uses; `None` if `ring` takes none of these.
    fn of(keys: &[[u8; KEY]]) -> Option<Self> {
        let api_tokens: Option<_> = keys.iter().map(key).collect();
        let sessions: Option<_> = keys.iter().map(session_key).collect();
        Some(Self {
            api_tokens: SealingKeys(api_tokens?),
            sessions: SealingKeys(sessions?),
            are_kept: false,
            registry: None,
        })
    }

    /// What seals sessions.
    pub(crate) fn sessions(&self) -> &SealingKeys {
        &self.sessions
    }

    pub(super) fn api_tokens(&self) -> &SealingKeys {
        &self.api_tokens
    }

    /// Reads keys from a file: 32 bytes in base64 a line, the newest first.
    /// Empty lines and those that begin with `#` say nothing.
    ///
    /// # Errors
    /// If there are none, or others may read them.
    pub fn read(file: &Path) -> Result<Self, TokenKeysError> {
        let name = || file.display().to_string();
        let unreadable = |error| TokenKeysError::InspectionError(name(), error);
        let mode = fs::metadata(file).map_err(unreadable)?.permissions().mode() & 0o777;
        if mode & FORBIDDEN != 0 {
            return Err(TokenKeysError::Open(name(), mode));
        }
        let text = fs::read_to_string(file).map_err(unreadable)?;
        let lines = text.lines().map(str::trim).zip(1..);
        let lines = lines.filter(|(line, _)| !line.is_empty() && !line.starts_with('#'));
        let lines = lines.map(|(line, number)| (line, format!("line {number}")));
        let name = format!("`{}` (tokens.key_file)", name());
        Self::parse(lines, &name, "each on its own line")
    }

    /// Reads keys that white space or commas are between, the newest first.
    fn of_text(text: &str) -> Result<Self, TokenKeysError> {
        let words = text.split(|it: char| it.is_whitespace() || it == ',');
        let words = words.filter(|word| !word.is_empty()).zip(1..);
        let words = words.map(|(word, number)| (word, format!("key {number}")));
        Self::parse(words, INLINE, "with white space or commas between")
    }

    /// Parses keys, each with its place in `name`.
    fn parse<'a>(
        keys: impl Iterator<Item = (&'a str, String)>,
        name: &str,
        separation: &'static str,
    ) -> Result<Self, TokenKeysError> {
        let key = |(text, place)| {
            let bytes = BASE64_STANDARD.decode(text).ok();
            let key = bytes.and_then(|bytes| <[u8; KEY]>::try_from(bytes).ok());
            key.ok_or_else(|| TokenKeysError::NoKey(name.to_owned(), place))
        };
        let keys = keys.map(key).collect::<Result<Vec<_>, _>>()?;
        let count = || TokenKeysError::Count(name.to_owned(), keys.len(), separation);
        if keys.is_empty() || keys.len() > MOST {
            return Err(count());
        }
        let are_kept = true;
        let keys = Self::of(&keys).ok_or_else(count)?;
        Ok(Self { are_kept, ..keys })
    }
}

impl SealingKeys {
    /// A nonce, and `plain` sealed under it together with what is `said` openly.
    pub(crate) fn seal(&self, said: &[u8], mut plain: Vec<u8>) -> Option<Vec<u8>> {
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).ok()?;
        let sealing = Nonce::assume_unique_for_key(nonce);
        let key = self.0.first()?;
        key.seal_in_place_append_tag(sealing, Aad::from(said), &mut plain)
            .ok()?;
        Some([nonce.as_slice(), &plain].concat())
    }

    /// What was sealed, if it was with one of these keys.
    pub(crate) fn open(&self, said: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN)?;
        self.0.iter().find_map(|key| {
            let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
            let mut text = sealed.to_vec();
            let plain = key.open_in_place(nonce, Aad::from(said), &mut text).ok()?;
            Some(plain.to_vec())
        })
    }
}

fn key(bytes: &[u8; KEY]) -> Option<LessSafeKey> {
    UnboundKey::new(&AES_256_GCM, bytes)
        .ok()
        .map(LessSafeKey::new)
}

fn session_key(bytes: &[u8; KEY]) -> Option<LessSafeKey> {
    let extracted = Salt::new(HKDF_SHA256, &[]).extract(bytes);
    let derived = extracted.expand(&[SESSIONS], &AES_256_GCM).ok()?;
    Some(LessSafeKey::new(UnboundKey::from(derived)))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::settings::Inline;

    const ONE: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    const TWO: &str = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";

    #[test]
    fn a_file_of_keys_is_read_or_refused_with_a_cure() {
        let table: [(&str, &str, u32, &str); 9] = [
            ("one", ONE, 0o600, ""),
            ("one for its owner's group", ONE, 0o440, ""),
            (
                "two and a word",
                &format!("# newest\n{TWO}\n\n{ONE}\n"),
                0o400,
                "",
            ),
            ("for everybody", ONE, 0o644, "`chmod 600`"),
            ("changed by the group", ONE, 0o660, "`chmod 600`"),
            ("nothing", "# none\n", 0o600, "has 0 keys"),
            ("too many", &[ONE; 9].join("\n"), 0o600, "has 9 keys"),
            ("a short one", "AAEC", 0o600, "line 1: not 32 bytes"),
            (
                "a word",
                &format!("{ONE}\nsecret"),
                0o600,
                "line 2: not 32 bytes",
            ),
        ];
        for (case, text, mode, cure) in table {
            let mut file = tempfile::NamedTempFile::new().unwrap();
            file.write_all(text.as_bytes()).unwrap();
            fs::set_permissions(file.path(), fs::Permissions::from_mode(mode)).unwrap();
            let read = TokenKeys::read(file.path());
            let told = read
                .err()
                .map(|error| error.to_string())
                .unwrap_or_default();
            assert!(
                told.contains(cure) && told.is_empty() == cure.is_empty(),
                "{case}: {told}"
            );
            assert!(!told.contains("secret"), "{case}: {told}");
        }
        let missing = TokenKeys::read(Path::new("/nowhere/keys")).unwrap_err();
        assert!(missing.to_string().contains("/nowhere/keys"));
    }

    #[test]
    fn keys_of_the_environment_are_read_or_refused_with_a_cure() {
        let table = [
            (ONE.to_owned(), ""),
            (format!("{ONE},{TWO}"), ""),
            (format!(" {ONE} ,\n\t{TWO}\r\n"), ""),
            (" ,".to_owned(), "has 0 keys: it takes one to 8, with"),
            ([ONE; 9].join(" "), "has 9 keys"),
            (format!("{ONE} secret"), "key 2: not 32 bytes"),
            (format!("{ONE}{TWO}"), "key 1: not 32 bytes"),
        ];
        for (text, cure) in table {
            let by = TokenSettings {
                keys: Some(Inline::new(&text)),
                ..TokenSettings::default()
            };
            let told = TokenKeys::check(&by).err().map(|error| error.to_string());
            let told = told.unwrap_or_default();
            assert_eq!(told.is_empty(), cure.is_empty(), "{text:?}: {told}");
            assert!(told.contains(cure), "{text:?}: {told}");
            for secret in ["secret", ONE, TWO] {
                assert!(!told.contains(secret), "{text:?}: {told}");
            }
            assert!(told.is_empty() || told.contains("MLFLOW_SHELL_TOKENS__KEYS"));
            assert_eq!(
                TokenKeys::new(&by).is_ok_and(|keys| keys.are_kept()),
                told.is_empty()
            );
        }
    }

    #[test]
    fn the_first_key_seals_and_all_of_them_open() {
        let keys = |text: &str| TokenKeys::of_text(text).unwrap();
        let (old, new) = (keys(ONE), keys(TWO));
        let both = keys(&format!("{TWO}\n{ONE}"));

        for of in [TokenKeys::api_tokens, TokenKeys::sessions] {
            let (old, new, both) = (of(&old), of(&new), of(&both));
            let of_old = old.seal(b"a", b"text".to_vec()).unwrap();
            let of_both = both.seal(b"a", b"text".to_vec()).unwrap();
            assert_eq!(both.open(b"a", &of_old).unwrap(), b"text");
            assert_eq!(new.open(b"a", &of_both).unwrap(), b"text");
            assert_eq!(old.open(b"a", &of_both), None);
            assert_eq!(both.open(b"b", &of_old), None);
        }
    }

    #[test]
    fn no_key_opens_what_another_use_sealed() {
        let keys = TokenKeys::of_text(ONE).unwrap();
        let token = keys.api_tokens().seal(b"a", b"text".to_vec()).unwrap();
        let session = keys.sessions().seal(b"a", b"text".to_vec()).unwrap();
        assert_eq!(keys.sessions().open(b"a", &token), None);
        assert_eq!(keys.api_tokens().open(b"a", &session), None);
    }
}
