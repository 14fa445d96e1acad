//! Sets of paths.

/// Which paths a row of the table is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paths {
    /// Exactly these.
    These(&'static [&'static str]),
    /// Below this folder, and with a hash in the name: see [`is_hashed`].
    Hashed(&'static str),
    /// Everything below this folder.
    Below(&'static str),
}

impl Paths {
    /// Whether `path`, an absolute URL path without a query, is one of them.
    pub fn have(&self, path: &str) -> bool {
        match self {
            Self::These(paths) => paths.contains(&path),
            Self::Hashed(folder) => path.strip_prefix(folder).is_some_and(is_hashed),
            Self::Below(folder) => path.starts_with(folder),
        }
    }
}

/// Whether a build put a hash of 8 hex digits or more into the name: such a
/// file never changes.
pub fn is_hashed(path: &str) -> bool {
    path.split(['-', '_', '.', '/'])
        .any(|part| part.len() >= 8 && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hashed_names_are_kept_for_ever() {
        let table = [
            ("/shell-app-1a2b3c4d5e6f7a8b.js", true),
            ("/shell-app-1a2b3c4d5e6f7a8b_bg.wasm", true),
            ("/", false),
            ("/sw.js", false),
            ("/favicon.svg", false),
            ("/config.json", false),
            ("/static-files/static/js/main.00d66947.js", true),
            ("/static-files/favicon.ico", false),
        ];
        for (path, hashed) in table {
            assert_eq!(is_hashed(path), hashed, "{path}");
        }
    }

    #[test]
    fn a_folder_has_what_is_below_it() {
        let these = Paths::These(&["/", "/a"]);
        let below = Paths::Below("/a/");
        let hashed = Paths::Hashed("/a/");
        let table = [
            ("/", [true, false, false]),
            ("/a", [true, false, false]),
            ("/a/", [false, true, false]),
            ("/a/b.js", [false, true, false]),
            ("/a/b.00d66947.js", [false, true, true]),
            ("/00d66947/a/b.js", [false, false, false]),
        ];
        for (path, expected) in table {
            let found = [these, below, hashed].map(|paths| paths.have(path));
            assert_eq!(found, expected, "{path}");
        }
    }
}
