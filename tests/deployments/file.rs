//! What the Compose file says to an engine, which does not run here.

use serde_json::{Value, json};

use crate::compose::{Compose, read, source};

#[test]
fn every_container_has_no_more_rights_than_it_needs() {
    let compose = Compose::start().expect("a Compose file");
    for name in compose.names() {
        let service = compose.service(name);
        assert_eq!(service["read_only"], true, "{name}");
        assert_eq!(service["cap_drop"], json!(["ALL"]), "{name}");
        assert_eq!(
            service["security_opt"],
            json!(["no-new-privileges:true"]),
            "{name}"
        );
        assert!(service["mem_limit"].is_string(), "{name}");
        assert!(service["privileged"].is_null(), "{name}");
    }
}

#[test]
fn only_what_browsers_need_is_published_and_on_this_machine_only() {
    let compose = Compose::start().expect("a Compose file");
    for name in compose.names() {
        let service = compose.service(name);
        if name == "pod" {
            let ports = [8080, 8081, 9000].map(|port| format!("127.0.0.1:{port}:{port}"));
            assert_eq!(service["ports"], json!(ports));
        } else {
            assert_eq!(service["ports"], Value::Null, "{name}");
            assert_eq!(service["network_mode"], "service:pod", "{name}");
        }
    }
    // What is not published listens on loopback only.
    let mlflow = &compose.service("mlflow")["environment"];
    assert_eq!(mlflow["MLFLOW_HOST"], "127.0.0.1");
    let postgres = &compose.service("postgres")["command"];
    assert!(postgres.to_string().contains("listen_addresses=127.0.0.1"));
}

#[test]
fn every_image_has_a_version() {
    let compose = Compose::start().expect("a Compose file");
    for name in compose.names().filter(|name| *name != "gateway") {
        let image = compose.service(name)["image"].as_str().expect("an image");
        let (_, tag) = image.rsplit_once(':').expect("a tag");
        assert_ne!(tag, "latest", "{name}");
    }
}

#[test]
fn a_misspelt_option_is_refused() {
    let text = std::fs::read_to_string(source().join("compose.yaml")).expect("a file");
    let file = tempfile::NamedTempFile::new().expect("a file");
    for (right, wrong) in [
        ("    mem_limit: 32m", "    mem_limits: 32m"),
        ("condition: service_healthy", "condition: service_well"),
    ] {
        std::fs::write(file.path(), text.replacen(right, wrong, 1)).expect("a file");
        read(file.path()).expect_err(wrong);
    }
}
