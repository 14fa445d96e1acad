use super::*;

fn passphrase(text: &str) -> Passphrase {
    let known = std::cell::OnceCell::new();
    known.set(Secret::new(text)).unwrap();
    Passphrase::Asked(known)
}

fn site(text: &str) -> Origin {
    Origin::parse(text).unwrap()
}

#[test]
fn a_file_opens_for_its_passphrase_and_its_site_alone() {
    let (a, b) = (site("https://a.example"), site("https://b.example"));
    let right = passphrase("correct horse");
    let file = right.seal(&a, &Secret::new("tokens")).unwrap();
    assert!(!file.contains("tokens"));
    assert_eq!(right.unseal(&a, &file).unwrap().expose(), "tokens");
    assert!(right.unseal(&b, &file).is_err());
    assert!(passphrase("wrong horse").unseal(&a, &file).is_err());
    // Each is sealed anew.
    assert_ne!(right.seal(&a, &Secret::new("tokens")).unwrap(), file);
}

#[test]
fn a_damaged_file_is_refused() {
    let a = site("https://a.example");
    let right = passphrase("correct horse");
    let file = right.seal(&a, &Secret::new("tokens")).unwrap();
    let mut damaged: Sealed = serde_json::from_str(&file).unwrap();
    let mut sealed = BASE64_STANDARD.decode(&damaged.ciphertext).unwrap();
    sealed[0] ^= 1;
    damaged.ciphertext = BASE64_STANDARD.encode(sealed);
    let damaged = serde_json::to_string(&damaged).unwrap();
    for text in [
        &damaged,
        "",
        "{}",
        &file.replace("\"version\":1", "\"version\":2"),
    ] {
        assert!(right.unseal(&a, text).is_err(), "{text}");
    }
}
