use rcgen::{CertificateParams, KeyPair};

use super::*;

fn authority() -> String {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(Vec::new()).unwrap();
    certificate.self_signed(&key).unwrap().pem()
}

#[test]
fn a_file_may_have_several_authorities_and_words_beside_them() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    let text = format!("Our authorities\n{}\n{}", authority(), authority());
    fs::write(&file, text).unwrap();
    let mut roots = built_in();
    let before = roots.len();
    add_file(&mut roots, &file).unwrap();
    assert_eq!(roots.len(), before + 2);
}

#[test]
fn a_file_that_cannot_be_used_is_named_with_the_cause() {
    let key = KeyPair::generate().unwrap().serialize_pem();
    let no_certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let cut_off = &authority()[..100];
    let second = format!("{}{no_certificate}", authority());
    let table = [
        (None, "cannot be read: No such file"),
        (Some(""), "has no certificate in PEM"),
        (Some(key.as_str()), "has no certificate in PEM"),
        (Some(cut_off), "is no PEM"),
        (Some(no_certificate), "certificate 1 of"),
        (Some(&second), "certificate 2 of"),
    ];
    for (text, expected) in table {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        if let Some(text) = text {
            fs::write(&file, text).unwrap();
        }
        let error = add_file(&mut RootCertStore::empty(), &file).unwrap_err();
        let said = error.to_string();
        assert!(said.starts_with("`trust.ca_file`: "), "{said}");
        assert!(said.contains(&file.display().to_string()), "{said}");
        assert!(said.contains(expected), "{said}");
    }
}
