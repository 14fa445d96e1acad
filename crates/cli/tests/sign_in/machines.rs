//! Machines, whose name and secret are in the environment.

use std::fs;

use shell_idp::{DEVELOPMENT_READER, DEVELOPMENT_SECRET, Fault};

use crate::fixture::{Machine, Site, Spec};

const TOKEN: [&str; 2] = ["token", "--json"];

fn machine(site: &Site) -> Machine {
    Machine::new()
        .with("MLFLOW_TRACKING_URI", &site.origin)
        .with("MLFLOW_SHELL_CLIENT_ID", DEVELOPMENT_READER)
        .with("MLFLOW_SHELL_CLIENT_SECRET", DEVELOPMENT_SECRET)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_asks_once_for_all_its_processes() {
    let site = Site::start(Spec::default()).await;
    let machine = machine(&site);
    let processes: Vec<_> = (0..8)
        .map(|_| machine.command(&TOKEN).spawn().expect("it runs"))
        .collect();
    let printed: Vec<_> = processes
        .into_iter()
        .map(|process| process.wait_with_output().expect("it ends").stdout)
        .collect();
    assert!(
        printed
            .iter()
            .all(|one| *one == printed[0] && !one.is_empty())
    );
    let (token, _) = machine.run(&TOKEN).token();
    assert_eq!(site.api_status(&token), 200);
    let kept: Vec<_> = machine.files();
    assert_eq!(kept.len(), 2, "{kept:?}");
    assert!(kept.iter().all(|(_, mode, content)| {
        let text = String::from_utf8_lossy(content);
        *mode == 0o600 && !text.contains(DEVELOPMENT_SECRET)
    }));

    // The provider is away: what was asked for before still serves.
    site.provider.faults().set(Fault::TokenStatus(503));
    assert_eq!(machine.run(&TOKEN).token().0, token);
    let other = machine.with("MLFLOW_SHELL_SCOPE", "mlflow/read");
    let ran = other.run(&TOKEN);
    assert_eq!(ran.status, 4, "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_machine_is_said_without_its_secret() {
    let site = Site::start(Spec::default()).await;
    let folder = tempfile::tempdir().unwrap();
    let file = |text: &str| {
        let path = folder.path().join(text.trim());
        fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let refused = machine(&site).with("MLFLOW_SHELL_CLIENT_SECRET", "wrong-secret");
    let ran = refused.run(&TOKEN);
    assert_eq!(ran.status, 3, "{ran:?}");
    assert!(
        ran.said
            .contains("refuses the machine `mlflow-machine-reader`"),
        "{ran:?}"
    );
    assert!(!ran.said.contains("wrong-secret"), "{ran:?}");

    let scope = machine(&site)
        .with("MLFLOW_SHELL_SCOPE", "mlflow/write")
        .run(&TOKEN);
    assert!(scope.said.contains("invalid_scope"), "{scope:?}");
    let both = machine(&site)
        .with("MLFLOW_SHELL_CLIENT_SECRET_FILE", "a")
        .run(&TOKEN);
    assert!(both.said.contains("not both"), "{both:?}");
    let half = machine(&site)
        .with("MLFLOW_SHELL_CLIENT_ID", "")
        .run(&TOKEN);
    assert!(half.said.contains("without its name"), "{half:?}");
    let none = machine(&site)
        .with("MLFLOW_SHELL_CLIENT_SECRET", "")
        .run(&TOKEN);
    assert!(none.said.contains("without a secret"), "{none:?}");
    let plain = machine(&site)
        .with("MLFLOW_SHELL_TOKEN_URL", "http://login.example.com/token")
        .run(&TOKEN);
    assert!(plain.said.contains("must use https://"), "{plain:?}");

    let secret = file(&format!("{DEVELOPMENT_SECRET}\n"));
    let filed = machine(&site)
        .with("MLFLOW_SHELL_CLIENT_SECRET", "")
        .with("MLFLOW_SHELL_CLIENT_SECRET_FILE", &secret);
    let (token, _) = filed.run(&TOKEN).token();
    assert_eq!(site.api_status(&token), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machines_secret_is_not_sent_where_another_site_says() {
    let (own, other) = (
        Site::start(Spec::default()).await,
        Site::start(Spec::default()).await,
    );
    let at_other = ["token", "--json", "--url", &other.origin];
    let ran = machine(&own).run(&at_other);
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.said.contains("MLFLOW_TRACKING_URI"), "{ran:?}");

    // Without a site of MLflow's client it is for the one that is named.
    let named = machine(&own).with("MLFLOW_TRACKING_URI", "");
    let (token, _) = named.run(&at_other).token();
    assert_eq!(other.api_status(&token), 200);
}
