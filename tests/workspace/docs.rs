//! The manual's links lead somewhere, and the book has every page.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use shell_tests::environment;

/// Folders in which nothing of ours is.
const FOREIGN: &[&str] = &["target", "node_modules", ".git", ".amplify-cache"];

#[test]
fn links_lead_to_files_and_headings_that_exist() {
    let root = environment::workspace();
    let mut broken = Vec::new();
    let pages = pages(root);
    assert!(pages.len() > 30, "{pages:?}");
    for page in pages {
        let text = fs::read_to_string(&page).expect("a page can be read");
        for link in links(&text) {
            let (path, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if path.is_empty() {
                page.clone()
            } else {
                page.parent().expect("a folder").join(path)
            };
            if !target.exists() || !has_heading(&target, heading) {
                broken.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn the_book_has_every_page_of_the_manual() {
    let docs = environment::workspace().join("docs");
    let summary = fs::read_to_string(docs.join("SUMMARY.md")).expect("the summary");
    let listed: BTreeSet<_> = links(&summary).map(|link| docs.join(link)).collect();
    let mut there: BTreeSet<_> = pages(&docs).into_iter().collect();
    there.remove(&docs.join("SUMMARY.md"));
    assert_eq!(listed, there);
}

/// Paths there may leave out the folders that tell nothing: `core/x.rs`, or in a
/// paragraph about core `session/tests.rs`.
#[test]
fn sources_that_the_manual_names_exist() {
    let root = environment::workspace();
    let sources: Vec<_> = files(root, "rs")
        .into_iter()
        .map(|file| file.display().to_string().replace("/src/", "/"))
        .collect();
    let is_there = |path: &str| {
        let path = format!("/{}", path.replace("/src/", "/"));
        sources.iter().any(|source| source.ends_with(&path))
    };
    let mut checked = 0;
    for page in pages(root) {
        if page
            .components()
            .any(|part| part.as_os_str() == "decisions")
        {
            continue;
        }
        let text = fs::read_to_string(&page).expect("a page can be read");
        for path in named_sources(&text) {
            assert!(is_there(path), "{}: `{path}`", page.display());
            checked += 1;
        }
    }
    assert!(checked > 60, "{checked}");
}

/// Returns the Rust files that are named in backticks, alone or with a symbol.
fn named_sources(text: &str) -> impl Iterator<Item = &str> {
    let quoted = text.split('`').skip(1).step_by(2);
    let paths = quoted.map(|quoted| quoted.split(": ").next().unwrap_or_default());
    let is_source = |path: &&str| Path::new(path).extension().is_some_and(|it| it == "rs");
    paths.filter(move |path| is_source(path) && !path.contains(['{', '*', ' ', '\n']))
}

/// Returns every Markdown file below `folder`.
fn pages(folder: &Path) -> Vec<PathBuf> {
    files(folder, "md")
}

/// Returns every file of ours below `folder` whose name ends so.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder can be read") {
        let path = entry.expect("an entry can be read").path();
        let name = path.file_name().expect("a name").to_string_lossy();
        let is_built = name.starts_with("dist") && folder == environment::workspace();
        if path.is_dir() && !is_built && !FOREIGN.contains(&&*name) {
            found.extend(files(&path, ending));
        } else if path
            .extension()
            .is_some_and(|extension| extension == ending)
        {
            found.push(path);
        }
    }
    found
}

/// Returns the relative targets of a page's links and pictures.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let after = |start: &'static str, end: char| {
        let rests = text
            .match_indices(start)
            .map(move |(at, _)| &text[at + start.len()..]);
        rests.filter_map(move |rest| rest.split_once(end).map(|(link, _)| link))
    };
    let all = after("](", ')').chain(after("src=\"", '"'));
    let all = all.chain(after("srcset=\"", '"'));
    all.filter(|link| !link.contains(':') && !link.contains(char::is_whitespace))
}

/// Whether a page has this heading, as GitHub and mdBook name it.
fn has_heading(page: &Path, heading: &str) -> bool {
    if heading.is_empty() {
        return true;
    }
    let text = fs::read_to_string(page).unwrap_or_default();
    let mut headings = text.lines().filter(|line| line.starts_with('#'));
    headings.any(|line| anchor(line.trim_start_matches('#')) == heading)
}

fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    let kept = kept.chars().filter_map(|c| match c {
        ' ' => Some('-'),
        c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c),
        _ => None,
    });
    kept.collect()
}

#[test]
fn headings_are_named_as_github_names_them() {
    assert_eq!(
        anchor(" Bounds of what is parsed"),
        "bounds-of-what-is-parsed"
    );
    assert_eq!(anchor(" `up`, and more"), "up-and-more");
    let text = "[a](b.md#c) [d](https://e.example) <img src=\"f.png\">";
    assert_eq!(links(text).collect::<Vec<_>>(), ["b.md#c", "f.png"]);
}
