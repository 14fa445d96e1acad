//! What is judged is what is forwarded.

use shell_core::{
    canonical_path::CanonicalPath,
    initiator::may_navigate,
    intercept::{self, Arrival, Judgement, RouteTarget},
    refusal::Requester,
};

/// The origin that a page is at.
const OWN: &str = "https://shell.example";

/// The input is the path of a request.
///
/// # Panics
/// If the property does not hold.
pub fn path(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    for path in [text, &format!("/mlflow{text}")] {
        has_one_reading(path);
        has_one_place(path);
    }
}

/// A path that is read at all reads the same as MLflow's server reads it, and
/// so does what is forwarded in its place.
fn has_one_reading(text: &str) {
    let Ok(path) = CanonicalPath::parse(text) else {
        return;
    };
    let canonical = path.canonical();
    assert!(
        canonical.bytes().all(is_url_letter),
        "{canonical:?} is no URL path"
    );
    let again = CanonicalPath::parse(&canonical);
    assert_eq!(again.as_ref(), Ok(&path), "{canonical:?}");
    assert_eq!(
        again.map(|again| again.canonical()).as_ref(),
        Ok(&canonical)
    );

    let mut judged = format!("/{}", path.segments().join("/"));
    if canonical.ends_with('/') && canonical != "/" {
        judged.push('/');
    }
    assert_eq!(as_served(text), judged, "{text:?}");
    assert_eq!(as_served(&canonical), judged, "{canonical:?}");
    for segment in judged.trim_matches('/').split('/') {
        assert!(!matches!(segment, "." | ".."), "{text:?}");
        assert!(!segment.is_empty() || judged == "/", "{text:?}");
        assert!(!segment.contains(['\0', '\r', '\n']), "{text:?}");
    }
}

/// Where a path leads does not change when it is forwarded in its one spelling.
fn has_one_place(text: &str) {
    let place = intercept::route_target(text);
    let is_for_mlflow = matches!(place, RouteTarget::Upstream(..) | RouteTarget::Tokens);
    for requester in [Requester::Script, Requester::Tab] {
        let arrival = Arrival {
            origin: OWN,
            path: text,
            query: "",
            method: "POST",
            requester,
        };
        let judgement = intercept::judge(OWN, &arrival);
        let is_left = matches!(judgement, Judgement::Leave);
        assert_eq!(is_left, !is_for_mlflow, "{text:?}");
        let is_cleared = judgement.clearance().is_some();
        assert_eq!(
            is_cleared,
            is_for_mlflow && requester == Requester::Script,
            "{text:?}"
        );
    }
    match place {
        RouteTarget::Shell | RouteTarget::Nowhere | RouteTarget::Tokens => (),
        RouteTarget::Upstream(name, rest) => is_below("/mlflow", name, rest, text),
        RouteTarget::StaticFile(name, rest) => {
            is_below("/mlflow", name, rest, text);
            is_file(rest);
        }
        RouteTarget::Program(name, rest) => is_below("", name, rest, text),
    }
}

/// A navigation may do as much, however what it asks for is spelt.
fn navigates_alike(rest: &str, canonical: &str) {
    let [spelt, forwarded] = [rest, canonical].map(|path| may_navigate("GET", path));
    assert_eq!(spelt, forwarded, "{rest:?}");
}

fn is_below(prefix: &str, name: Option<&str>, rest: &str, text: &str) {
    let server = name.map(|name| format!("/@{name}")).unwrap_or_default();
    let before = [prefix, &server].concat();
    let is_bare = rest == "/" && text == before;
    assert!(is_bare || text == [&before, rest].concat(), "{text:?}");
    let Ok(path) = CanonicalPath::parse(rest) else {
        return;
    };
    let canonical = path.canonical();
    navigates_alike(rest, &canonical);
    let forwarded = [&before, canonical.as_str()].concat();
    let found = match intercept::route_target(&forwarded) {
        RouteTarget::Upstream(name, rest) | RouteTarget::StaticFile(name, rest) => {
            ("/mlflow", name, rest)
        }
        RouteTarget::Program(name, rest) => ("", name, rest),
        RouteTarget::Shell | RouteTarget::Nowhere | RouteTarget::Tokens => {
            panic!("{text:?}: {forwarded:?}")
        }
    };
    assert_eq!(found, (prefix, name, canonical.as_str()), "{text:?}");
}

/// What is public is below the folder of public files, however it is decoded.
fn is_file(path: &str) {
    let served = as_served(path);
    let twice = as_served(&served);
    let below = served.strip_prefix("/static-files/");
    let mut segments = below.expect("it is in the folder").split(['/', '\\']);
    assert!(
        segments.all(|segment| !matches!(segment, "" | "." | "..")),
        "{path:?}"
    );
    assert!(twice.starts_with("/static-files/"), "{path:?}");
}

/// A path as a WSGI or ASGI server hands it to MLflow: decoded once and whole,
/// by Python's `urllib.parse.unquote`, which leaves broken escapes as they are.
fn as_served(path: &str) -> String {
    let mut pieces = path.split('%');
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        let digits = piece
            .get(..2)
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        if let Some(byte) = byte {
            bytes.push(byte);
            bytes.extend(&piece.as_bytes()[2..]);
        } else {
            bytes.push(b'%');
            bytes.extend(piece.as_bytes());
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What RFC 3986 has in a path.
fn is_url_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/%".contains(&byte)
}
