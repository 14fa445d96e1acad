//! The notice about an HTML artifact that loads from origins the policy blocks.
//!
//! MLflow's UI shows it as a document from a `blob:` URL in a sandboxed frame: it
//! inherits the policy of MLflow's document, and what that refuses is missing
//! without a word. The page reads what it shows, and says so.

use crate::messages;

/// Most bytes of an artifact that are read, so that a tab does not stand still
/// over a large one. One with all of plotly's library in it has 5 MB.
pub const LARGEST: u32 = 16 * 1024 * 1024;

/// Most origins that a sentence names.
const NAMED: usize = 3;

/// The origins an HTML artifact refers to, as a URL parser gives them: of each
/// reference, relative ones left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct References {
    /// Of scripts, styles, images and media.
    pub loaded: Vec<String>,
    /// Of frames.
    pub framed: Vec<String>,
}

/// What to say of an artifact with these references on a page at `own`, whose
/// artifact pages may load from `allowed`; `None` if nothing of it is missing.
pub fn notice(references: &References, own: &str, allowed: &[String]) -> Option<String> {
    let loaded = others(&references.loaded, |origin| {
        origin == own || allowed.iter().any(|listed| listed == origin)
    });
    if !loaded.is_empty() {
        return Some(messages::blocked_loads(&named(&loaded), loaded.len() > 1));
    }
    // What may be framed is not for an administrator to list.
    let framed = others(&references.framed, |origin| origin == own);
    (!framed.is_empty()).then(|| messages::blocked_frames(&named(&framed)))
}

/// Those on the web that are not `fine`, each once.
fn others(origins: &[String], fine: impl Fn(&str) -> bool) -> Vec<&str> {
    let mut others: Vec<&str> = Vec::new();
    for origin in origins {
        let is_web = origin.starts_with("https://") || origin.starts_with("http://");
        if is_web && !fine(origin) && !others.contains(&origin.as_str()) {
            others.push(origin);
        }
    }
    others
}

/// As part of a sentence.
fn named(origins: &[&str]) -> String {
    let (first, more) = origins.split_at(origins.len().min(NAMED));
    match (first, more.len()) {
        (first, more @ 1..) => format!("{} and {more} more", first.join(", ")),
        ([first @ .., last], 0) if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        (first, 0) => first.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "https://mlflow.example.com";
    const CDN: &str = "https://cdn.plot.ly";
    const CURE: &str = "under `artifacts.page_origins`.";

    fn check(loaded: &[&str], framed: &[&str], allowed: &[&str], expected: Option<&str>) {
        let texts = |texts: &[&str]| texts.iter().map(ToString::to_string).collect::<Vec<_>>();
        let references = References {
            loaded: texts(loaded),
            framed: texts(framed),
        };
        let said = notice(&references, OWN, &texts(allowed));
        assert_eq!(said.as_deref(), expected, "{references:?}");
    }

    #[test]
    fn what_is_missing_is_named_with_its_cure() {
        let one = format!(
            "This page loads from https://cdn.plot.ly, which this site does not allow. An \
             administrator can list it {CURE}"
        );
        let two = format!(
            "This page loads from https://cdn.plot.ly and http://a.example:8080, which this site \
             does not allow. An administrator can list them {CURE}"
        );
        let many = format!(
            "This page loads from https://a, https://b, https://c and 2 more, which this site \
             does not allow. An administrator can list them {CURE}"
        );
        check(&[CDN], &[], &[], Some(&one));
        check(&[OWN, CDN, CDN, "null"], &[CDN], &["https://b"], Some(&one));
        check(&[CDN, "http://a.example:8080"], &[], &[], Some(&two));
        let origins = [
            "https://a",
            "https://b",
            "https://c",
            "https://d",
            "https://e",
        ];
        check(&origins, &[], &[], Some(&many));
        check(
            &[],
            &[CDN],
            &[CDN],
            Some("This page shows https://cdn.plot.ly in a frame, which this site does not allow."),
        );
    }

    #[test]
    fn nothing_is_said_where_nothing_is_missing() {
        check(&[], &[], &[], None);
        check(&[OWN, CDN], &[OWN], &[CDN, "https://other.example"], None);
        // Data, scripts in links, and what no parser reads.
        check(&["null", "", "https"], &["null"], &[], None);
    }

    #[test]
    fn an_origin_is_not_the_beginning_of_another() {
        let longer = "https://mlflow.example.com.evil.test";
        let said = notice(
            &References {
                loaded: vec![longer.to_owned()],
                framed: Vec::new(),
            },
            OWN,
            &["https://mlflow.example.com.evil".to_owned()],
        );
        assert!(said.is_some_and(|said| said.contains(longer)));
    }
}
