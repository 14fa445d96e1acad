//! What a gateway keeps of tokens between two starts, where no settings say where:
//! a key, and the list of tokens.
//!
//! Each site has files of its own, named by its origin and its issuer: a key that two
//! sites share would let a user of one, such as of a development provider, work as a
//! user of the other.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{self, ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use ring::rand::{SecureRandom, SystemRandom};
use sha2::{Digest, Sha256};
use shell_core::Config;

use super::{draw_id, keys::KEY};
use crate::settings::TokenSettings;

/// The tokens' settings of the site of `config`, with the files of `folder` if no keys
/// are given.
pub fn in_state_folder(given: &TokenSettings, folder: &Path, config: &Config) -> TokenSettings {
    if given.has_keys() {
        return given.clone();
    }
    let name = site_name(config);
    let registry = || folder.join(format!("{name}.tokens.jsonl"));
    TokenSettings {
        key_file: Some(folder.join(format!("{name}.keys"))),
        registry: Some(given.registry.clone().unwrap_or_else(registry)),
        keys: None,
    }
}

/// Makes a file with a new key, readable for its owner only, unless there is a file.
///
/// # Errors
/// If that is not possible.
pub fn make_key_file(path: &Path) -> io::Result<()> {
    if path.exists() {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
    }
    let mut key = [0; KEY];
    let drawn = SystemRandom::new().fill(&mut key);
    drawn.map_err(|_| no_randomness())?;
    // In containers all processes have the same number.
    let drawn = draw_id().ok_or_else(no_randomness)?;
    let new = path.with_extension(format!("keys.{drawn}"));
    let written = write(&new, &BASE64_STANDARD.encode(key));
    // Of two gateways that start at once, one makes the file and both read it.
    let linked = written.and_then(|()| fs::hard_link(&new, path));
    let removed = fs::remove_file(&new);
    match linked {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
        Ok(()) => removed,
    }
}

fn no_randomness() -> io::Error {
    io::Error::other("the system has no randomness")
}

fn write(path: &Path, key: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let mut file = options
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(path)?;
    writeln!(file, "{key}")?;
    file.sync_all()
}

/// `mlflow.example.com-1a2b3c4d`.
fn site_name(config: &Config) -> String {
    let origin = config.origin.as_str();
    let text = format!("{origin}\0{}", config.provider.issuer);
    let digest: [u8; 32] = Sha256::digest(text.as_bytes()).into();
    let [one, two, three, four, ..] = digest;
    let digest = u32::from_be_bytes([one, two, three, four]);
    let (_, host) = origin.split_once("://").unwrap_or(("", origin));
    let plain = |letter: char| {
        let is_plain = letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-');
        if is_plain { letter } else { '_' }
    };
    let host: String = host.chars().map(plain).collect();
    format!("{host}-{digest:08x}")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::{TokenKeys, settings::Inline};

    fn config(origin: &str, issuer: &str) -> Config {
        let text = serde_json::json!({
            "origin": origin,
            "provider": {
                "domain": "https://login.example.com",
                "issuer": issuer,
                "client_id": "app",
            },
        });
        Config::parse(&text.to_string()).unwrap()
    }

    #[test]
    fn each_site_has_files_of_its_own() {
        let folder = Path::new("/state");
        let names = [
            ("https://mlflow.example.com", "https://issuer.example"),
            ("https://mlflow.example.com:8443", "https://issuer.example"),
            ("https://mlflow.example.com", "https://other.example"),
            ("http://127.0.0.1:8080", "https://issuer.example"),
        ]
        .map(|(origin, issuer)| {
            let config = config(origin, issuer);
            let found = in_state_folder(&TokenSettings::default(), folder, &config);
            found.key_file.unwrap()
        });
        assert!(names[0].starts_with(folder));
        assert!(
            names[0]
                .display()
                .to_string()
                .contains("/mlflow.example.com-")
        );
        for (place, name) in names.iter().enumerate() {
            assert!(!names[..place].contains(name), "{name:?}");
        }
        let in_file = TokenSettings {
            key_file: Some("/etc/keys".into()),
            ..TokenSettings::default()
        };
        let inline = TokenSettings {
            keys: Some(Inline::new("a key")),
            ..TokenSettings::default()
        };
        let config = config("https://a.example", "https://issuer.example");
        for given in [in_file, inline] {
            assert_eq!(in_state_folder(&given, folder, &config), given);
        }
    }

    #[test]
    fn a_key_is_made_once_and_for_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b/site.keys");
        make_key_file(&path).unwrap();
        let first = fs::read_to_string(&path).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        TokenKeys::read(&path).unwrap();

        make_key_file(&path).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), first);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
        assert!(make_key_file(Path::new("/proc/none/site.keys")).is_err());
    }
}
