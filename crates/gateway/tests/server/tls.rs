//! TLS, with certificates that change.

use std::{
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use shell_gateway::{
    Certificate, CertificateError,
    settings::{Settings, TlsSettings},
};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::ring,
        pki_types::{CertificateDer, ServerName},
    },
};

use crate::{
    fixture::{SHORT, TestServer, answer, within},
    http2::{WIDE, expect_here, speak},
};

/// Files of a certificate.
struct Files {
    folder: TempDir,
    tls: TlsSettings,
}

impl Files {
    fn new() -> (Self, CertificateDer<'static>) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| Some(folder.path().join(name));
        let tls = TlsSettings {
            certificate: path("cert.pem"),
            key: path("key.pem"),
        };
        let files = Self { folder, tls };
        let certificate = files.renew();
        (files, certificate)
    }

    fn write(&self, name: &str, text: &str) {
        // As those that renew certificates do: nobody reads half a file.
        let new = self.folder.path().join("new");
        fs::write(&new, text).expect("room");
        fs::rename(new, self.folder.path().join(name)).expect("the same folder");
    }

    fn renew(&self) -> CertificateDer<'static> {
        let CertifiedKey { cert, signing_key } = issue();
        self.write("cert.pem", &cert.pem());
        self.write("key.pem", &signing_key.serialize_pem());
        cert.der().clone()
    }

    fn load(&self) -> Certificate {
        Certificate::load(&self.tls)
            .expect("it is good")
            .expect("there is one")
    }
}

fn issue() -> CertifiedKey<KeyPair> {
    generate_simple_self_signed(["localhost".to_owned()]).expect("it is made")
}

async fn connect(
    server: &TestServer,
    trusted: &CertificateDer<'static>,
    protocols: &[&str],
) -> std::io::Result<TlsStream<tokio::net::TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).expect("a certificate");
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("TLS 1.2 and 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols
        .iter()
        .map(|name| name.as_bytes().to_vec())
        .collect();
    let name = ServerName::try_from("localhost").expect("a name");
    let connector = TlsConnector::from(Arc::new(config));
    within(connector.connect(name, server.connect().await)).await
}

#[tokio::test]
async fn the_protocol_is_agreed_on_in_the_handshake() {
    let (files, trusted) = Files::new();
    let server = TestServer::with(&Settings::default(), Some(files.load()));

    let stream = connect(&server, &trusted, &["h2", "http/1.1"])
        .await
        .expect("a handshake");
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let mut client = speak(stream, WIDE).await;
    expect_here(&mut client).await;

    for protocols in [&["http/1.1"][..], &[]] {
        let mut stream = connect(&server, &trusted, protocols)
            .await
            .expect("a handshake");
        stream
            .write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
            .await
            .expect("it is open");
        assert!(answer(&mut stream).await.ends_with("here"));
    }
}

#[tokio::test]
async fn a_handshake_that_stalls_is_given_up() {
    let (files, _) = Files::new();
    let mut settings = Settings::default();
    settings.timeouts.handshake = SHORT;
    let server = TestServer::with(&settings, Some(files.load()));
    for begun in [&b""[..], b"\x16\x03\x01\x02\x00\x01"] {
        let mut stream = server.connect().await;
        stream.write_all(begun).await.expect("it listens");
        let ended = within(stream.read_u8()).await;
        assert!(ended.is_err(), "{ended:?}");
    }
}

/// Whoever connects meanwhile trusts the certificate before or the one after.
#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_renewed_under_load_without_a_failed_request() {
    let (files, before) = Files::new();
    let certificate = files.load();
    let server = Arc::new(TestServer::with(
        &Settings::default(),
        Some(certificate.clone()),
    ));
    let mut lasting = connect(&server, &before, &[]).await.expect("a handshake");
    let CertifiedKey { cert, signing_key } = issue();
    let after = cert.der().clone();

    let is_over = Arc::new(AtomicBool::new(false));
    let load: Vec<_> = (0..4)
        .map(|_| {
            tokio::spawn(visit(
                server.clone(),
                [before.clone(), after.clone()],
                is_over.clone(),
            ))
        })
        .collect();
    // Between the two files of a pair, one is not the other's.
    files.write("cert.pem", &cert.pem());
    certificate.reload();
    assert!(
        connect(&server, &before, &[]).await.is_ok(),
        "the pair before stays"
    );
    files.write("key.pem", &signing_key.serialize_pem());
    certificate.reload();
    assert!(connect(&server, &after, &[]).await.is_ok());
    assert!(connect(&server, &before, &[]).await.is_err());
    is_over.store(true, Ordering::SeqCst);
    for visits in load {
        assert!(visits.await.expect("no visit fails") > 0);
    }

    lasting
        .write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        .await
        .expect("it is open");
    assert!(
        answer(&mut lasting).await.ends_with("here"),
        "it keeps what it began with"
    );
}

/// Connects and asks, again and again, as one who trusts both certificates.
async fn visit(
    server: Arc<TestServer>,
    trusted: [CertificateDer<'static>; 2],
    is_over: Arc<AtomicBool>,
) -> usize {
    let mut count = 0;
    while !is_over.load(Ordering::SeqCst) || count == 0 {
        let mut stream = match connect(&server, &trusted[0], &[]).await {
            Ok(stream) => stream,
            Err(_) => connect(&server, &trusted[1], &[])
                .await
                .expect("one of the two"),
        };
        stream
            .write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
            .await
            .expect("it is open");
        assert!(answer(&mut stream).await.ends_with("here"));
        count += 1;
    }
    count
}

/// Nobody sends a signal: the files are looked at.
#[tokio::test]
async fn a_renewed_certificate_is_found_without_being_told() {
    let (files, before) = Files::new();
    let server = TestServer::with(&Settings::default(), Some(files.load()));
    assert!(connect(&server, &before, &[]).await.is_ok());
    let after = files.renew();
    within(async {
        while connect(&server, &after, &[]).await.is_err() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[test]
fn what_is_wrong_with_a_certificate_is_said_by_its_file() {
    let (files, _) = Files::new();
    let load = |tls: &TlsSettings| match Certificate::load(tls) {
        Ok(_) => "nothing".to_owned(),
        Err(error) => error.to_string(),
    };
    let half = TlsSettings {
        key: None,
        ..files.tls.clone()
    };
    assert!(matches!(
        Certificate::load(&half),
        Err(CertificateError::Half)
    ));
    assert!(matches!(
        Certificate::load(&TlsSettings::default()),
        Ok(None)
    ));

    let other = issue().signing_key.serialize_pem();
    let name = |name: &str| files.folder.path().join(name).display().to_string();
    let table = [
        ("key.pem", other.as_str(), "do not go together"),
        ("key.pem", "", "has no private key in PEM"),
        ("cert.pem", "nothing", "has no certificate in PEM"),
    ];
    for (file, text, expected) in table {
        files.write(file, text);
        let said = load(&files.tls);
        assert!(
            said.contains(expected) && said.contains(&name(file)),
            "{said}"
        );
    }
    fs::remove_file(Path::new(&name("cert.pem"))).expect("it is there");
    let said = load(&files.tls);
    assert!(said.contains("cannot be read: No such file"), "{said}");
}
