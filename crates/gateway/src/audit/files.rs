//! Whether the audit log's files can be written, told without writing.

use std::{fs, path::Path, time::SystemTime};

use rustix::fs::{Access, AtFlags, CWD, accessat};

use super::folder_and_prefix;

/// Checks that the files with this path can be written.
///
/// # Errors
/// With what prevents it.
pub(super) fn check(path: &Path) -> Result<(), String> {
    let (folder, prefix) = folder_and_prefix(path);
    if !folder.exists() {
        // It is made, with all that lead to it.
        let mut above = folder.ancestors().skip(1).map(or_here);
        return above.find(|above| above.exists()).map_or(Ok(()), writable);
    }
    writable(folder)?;
    let today = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
    let today = today.split('T').next().unwrap_or_default();
    let file = folder.join(format!("{prefix}.{today}"));
    if file.exists() { append(&file) } else { Ok(()) }
}

fn or_here(folder: &Path) -> &Path {
    if folder == Path::new("") {
        Path::new(".")
    } else {
        folder
    }
}

fn writable(folder: &Path) -> Result<(), String> {
    if !folder.is_dir() {
        return Err(format!("`{}` is not a folder", folder.display()));
    }
    may(folder, Access::WRITE_OK | Access::EXEC_OK)
}

fn append(file: &Path) -> Result<(), String> {
    match fs::metadata(file) {
        Ok(found) if !found.is_file() => Err(format!("`{}` is not a file", file.display())),
        _ => may(file, Access::WRITE_OK),
    }
}

/// With the effective user, which is the one that writes.
fn may(path: &Path, access: Access) -> Result<(), String> {
    accessat(CWD, path, access, AtFlags::EACCESS)
        .map_err(|error| format!("this user cannot write to `{}`: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_can_be_made_or_written_to_is_good() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["audit", "logs/audit", "logs/of/audit"] {
            assert_eq!(check(&folder.path().join(name)), Ok(()), "{name}");
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_stands_in_the_way_is_named() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), "").unwrap();
        for path in ["file/audit", "file/of/audit"] {
            let said = check(&folder.path().join(path)).unwrap_err();
            assert!(said.ends_with("file` is not a folder"), "{said}");
        }
        let today = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
        fs::create_dir(folder.path().join(format!("audit.{}", &today[..10]))).unwrap();
        let said = check(&folder.path().join("audit")).unwrap_err();
        assert!(said.ends_with("is not a file"), "{said}");
    }
}
