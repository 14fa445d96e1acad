//! What is looked for in a UI before it is served from this site.

use std::collections::BTreeMap;

use shell_core::ui::{UiVersion, evaluation};

use super::{
    has_ending,
    urls::{self, Hosts, Use},
};
use crate::{
    console::say,
    failure::{Failure, Result},
};

/// Endings of the files that are looked into.
const CODE: &[&str] = &["js", "mjs", "cjs", "html", "css"];

/// How a sandbox is written down in a script or a document.
const SANDBOX: &[&str] = &["sandbox:\"", "sandbox=\"", "sandbox:'", "sandbox='"];

/// What was found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Findings {
    /// What frames for HTML artifacts are allowed, as far as it is written out.
    pub(super) sandboxes: BTreeMap<String, usize>,
    /// Registrations of a service worker, which would take the place of ours.
    pub(super) workers: usize,
    /// Texts that are run as scripts, by `eval` and by `new Function`.
    pub(super) evaluations: [usize; 2],
    /// Other hosts.
    pub(super) hosts: Hosts,
}

impl Findings {
    /// Looks into `files`.
    pub(super) fn of(files: &BTreeMap<String, Vec<u8>>) -> Self {
        let mut findings = Self::default();
        let is_code = |name: &str| CODE.iter().any(|ending| has_ending(name, ending));
        for (_, content) in files.iter().filter(|(name, _)| is_code(name)) {
            findings.add(&String::from_utf8_lossy(content));
        }
        findings
    }

    fn add(&mut self, text: &str) {
        for word in SANDBOX {
            for rest in text.split(word).skip(1) {
                let rights = rest.split(['"', '\'']).next().unwrap_or_default();
                *self.sandboxes.entry(rights.to_owned()).or_default() += 1;
            }
        }
        self.workers += text.matches("serviceWorker.register").count();
        self.evaluations[0] += calls(text, "eval(");
        self.evaluations[1] += calls(text, "Function(");
        urls::add(text, &mut self.hosts);
    }

    /// Tells what was found in the UI of the release `version`.
    ///
    /// # Errors
    /// If it must not be served from here.
    pub(super) fn report(&self, version: &str) -> Result<()> {
        self.refuse(version)?;
        say(format!("what is in the UI of MLflow {version}:"));
        for line in self.lines(version) {
            say(format!("  {line}"));
        }
        Ok(())
    }

    fn refuse(&self, version: &str) -> Result<()> {
        let opens = |rights: &&String| rights.contains("allow-same-origin");
        if let Some(rights) = self.sandboxes.keys().find(opens) {
            return Err(Failure::because(format!(
                "the UI of MLflow {version} shows artifacts in a frame with sandbox=\"{rights}\": \
                 a page that somebody uploads could act as whoever looks at it; this UI \
                 is not for a site of the shell"
            )));
        }
        if self.workers > 0 {
            return Err(Failure::because(format!(
                "the UI of MLflow {version} registers a service worker, which would take the \
                 place of the shell's below /mlflow/: its requests would have no token"
            )));
        }
        Ok(())
    }

    fn lines(&self, version: &str) -> Vec<String> {
        let mut lines = vec![
            self.sandbox_line(),
            "no service worker of its own".to_owned(),
            self.evaluation_line(version),
        ];
        lines.extend(self.host_lines());
        lines
    }

    fn sandbox_line(&self) -> String {
        let Some((rights, _)) = self.sandboxes.first_key_value() else {
            return "no sandbox was found: look how this release shows HTML artifacts".to_owned();
        };
        let all: Vec<_> = self.sandboxes.keys().map(String::as_str).collect();
        let all = if all.len() == 1 {
            rights
        } else {
            &all.join("; ")
        };
        format!("frames for artifacts: sandbox=\"{all}\", without allow-same-origin")
    }

    fn evaluation_line(&self, version: &str) -> String {
        let [direct, made] = self.evaluations;
        let may = if evaluation(UiVersion::parse(version)) == "'unsafe-eval'" {
            "which its policy allows: pages of this release need it"
        } else {
            "which its policy refuses"
        };
        format!("texts run as scripts: {direct} × eval, {made} × Function, {may}")
    }

    fn host_lines(&self) -> Vec<String> {
        let of = |wanted: Use| {
            let hosts = self.hosts.iter();
            hosts.filter(move |((found, _), _)| *found == wanted)
        };
        let count = |wanted: Use| of(wanted).count();
        let listed = |wanted: Use| of(wanted).map(|((_, host), url)| format!("  {host}  {url}"));
        let mut lines = vec![format!(
            "other hosts that it would load from, were it allowed to: {}",
            count(Use::Loaded)
        )];
        lines.extend(listed(Use::Loaded));
        lines.push(format!(
            "addresses of which it cannot be seen what they are for: {}",
            count(Use::Unclear)
        ));
        lines.extend(listed(Use::Unclear));
        lines.push(format!(
            "hosts of links: {}; hosts named in texts, licences and namespaces: {}",
            count(Use::Linked),
            count(Use::Told)
        ));
        lines.push(
            "this was read, not run: an address put together from parts is not seen, and one \
             that is seen may never be used. The page's policy lets browsers ask no other host"
                .to_owned(),
        );
        lines
    }
}

/// How often a function is called, not counting names that end like its own.
fn calls(text: &str, call: &str) -> usize {
    let is_part = |character: char| character.is_alphanumeric() || "_$.".contains(character);
    let found = text.match_indices(call);
    found
        .filter(|(at, _)| {
            let before = text.get(..*at).unwrap_or_default();
            !before.ends_with(is_part)
        })
        .count()
}
