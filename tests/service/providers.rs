//! The configurations in `docs/PROVIDERS.md` are ones.

use std::{collections::BTreeMap, fs};

use shell_gateway::{
    PendingConfig,
    settings::{KeySource, SettingsSources, TrustedIssuer},
};
use shell_tests::environment;

/// The blocks of a section, by language.
type Blocks = BTreeMap<String, String>;

/// Where the keys of each provider are, whether its endpoints are asked for, and
/// whether the gateway needs settings.
const PROVIDERS: [(&str, Keys, bool, bool); 10] = [
    ("Amazon Cognito", Keys::Known, false, true),
    ("Google", Keys::Asked, false, true),
    ("Keycloak", Keys::Asked, true, true),
    ("Microsoft Entra ID", Keys::Asked, true, true),
    ("Okta", Keys::Asked, false, true),
    ("canaille", Keys::Asked, true, true),
    ("django-oauth-toolkit", Keys::Asked, true, false),
    ("Glewlwyd", Keys::Asked, false, false),
    ("LemonLDAP::NG", Keys::Asked, true, false),
    ("oidc-provider", Keys::Asked, true, false),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keys {
    Known,
    Asked,
}

#[test]
fn every_configuration_can_be_used_as_it_is() {
    let sections = sections();
    for (name, keys, is_asked, has_settings) in PROVIDERS {
        let blocks = &sections[name];
        let draft = PendingConfig::read(&blocks["json"]);
        let draft = draft.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(draft.is_complete(), !is_asked, "{name}");

        let file = tempfile::NamedTempFile::new().expect("a file");
        let text = blocks.get("toml").map(String::as_str).unwrap_or_default();
        fs::write(file.path(), text).expect("written");
        let told = SettingsSources::default().with_file(file.path()).read();
        let told = told.unwrap_or_else(|errors| panic!("{name}: {errors:?}"));
        let given = told.settings;
        assert_eq!(given.client.is_given(), name == "Google", "{name}");

        let trusted = TrustedIssuer::all(draft.config(), None, &given.issuers);
        let trusted = trusted.unwrap_or_else(|error| panic!("{name}: {error}"));
        // What else is accepted is of the same issuer.
        let [issuer] = trusted.as_slice() else {
            panic!("{name}: {trusted:?}");
        };
        let accepted = if has_settings { 2 } else { 1 };
        assert_eq!(issuer.issuer.accepted.len(), accepted, "{name}");
        let is_known = matches!(issuer.keys, KeySource::At(_));
        assert_eq!(is_known, keys == Keys::Known, "{name}");
    }
}

#[test]
fn every_block_belongs_to_one_of_them() {
    for (name, blocks) in sections() {
        let mut providers = PROVIDERS.iter();
        let provider = providers.find(|(known, ..)| *known == name);
        let has_settings = provider.is_some_and(|(.., has_settings)| *has_settings);
        assert_eq!(blocks.contains_key("json"), provider.is_some(), "{name}");
        assert_eq!(blocks.contains_key("toml"), has_settings, "{name}");
    }
}

/// The sections of the document, with their fenced blocks.
fn sections() -> BTreeMap<String, Blocks> {
    let text = fs::read_to_string(environment::workspace().join("docs/PROVIDERS.md"));
    let text = text.expect("the document");
    let sections = text.split("\n## ").skip(1);
    sections
        .map(|section| {
            let (name, text) = section.split_once('\n').expect("a heading");
            (name.to_owned(), blocks(name, text))
        })
        .collect()
}

fn blocks(name: &str, text: &str) -> Blocks {
    let mut blocks = Blocks::new();
    // Every other part is inside a fence.
    for fenced in text.split("```").skip(1).step_by(2) {
        let (language, block) = fenced.split_once('\n').expect("a line");
        if !language.is_empty() {
            let before = blocks.insert(language.to_owned(), block.to_owned());
            assert_eq!(before, None, "{name} has one block of each kind");
        }
    }
    blocks
}
