//! Zips that are the same bytes each time: of one program, called `bootstrap`,
//! as Lambda wants it, and of a site.

use std::{
    fs::{self, File},
    io::{self, Seek, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter, write::SimpleFileOptions};

/// What Lambda starts.
const PROGRAM: &str = "bootstrap";

const EXECUTABLE: u32 = 0o755;

const READABLE: u32 = 0o644;

const BEST: i64 = 9;

/// Writes a zip of `program`. The same program makes the same bytes.
pub(super) fn pack(program: &[u8], zip: impl Write + Seek) -> io::Result<()> {
    let mut zip = ZipWriter::new(zip);
    zip.start_file(PROGRAM, options(EXECUTABLE))?;
    zip.write_all(program)?;
    zip.finish()?;
    Ok(())
}

/// Writes a zip of all files below `folder`. The same files make the same bytes.
pub(super) fn pack_folder(folder: &Path, zip: impl Write + Seek) -> io::Result<()> {
    let mut zip = ZipWriter::new(zip);
    let mut left = vec![folder.to_owned()];
    let mut files = Vec::new();
    while let Some(path) = left.pop() {
        for entry in fs::read_dir(path)? {
            let path = entry?.path();
            let kind = if path.is_dir() { &mut left } else { &mut files };
            kind.push(path);
        }
    }
    files.sort();
    for file in files {
        let name = file.strip_prefix(folder).unwrap_or(&file);
        zip.start_file_from_path(name, options(READABLE))?;
        io::copy(&mut File::open(&file)?, &mut zip)?;
    }
    zip.finish()?;
    Ok(())
}

fn options(permissions: u32) -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(BEST))
        .unix_permissions(permissions)
        // The earliest time that a zip can tell.
        .last_modified_time(DateTime::default())
}

/// Takes the program out of a zip, and returns its path below `folder`.
pub(super) fn unpack(zip: &Path, folder: &Path) -> io::Result<PathBuf> {
    let mut zip = ZipArchive::new(File::open(zip)?)?;
    let mut packed = zip.by_name(PROGRAM)?;
    fs::create_dir_all(folder)?;
    let program = folder.join(PROGRAM);
    // One that is running can be removed, but not written to.
    match fs::remove_file(&program) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = File::options();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(EXECUTABLE)
        .open(&program)?;
    io::copy(&mut packed, &mut file)?;
    Ok(program)
}

#[cfg(test)]
mod tests {
    use std::{io::Cursor, os::unix::fs::PermissionsExt};

    use super::*;

    #[test]
    fn a_zip_has_one_executable_of_no_particular_time() {
        let mut zip = ZipArchive::new(Cursor::new(packed())).unwrap();

        assert_eq!(zip.len(), 1);
        let file = zip.by_index(0).unwrap();
        assert_eq!(file.name().unwrap(), "bootstrap");
        assert_eq!(file.unix_mode().map(|mode| mode & 0o7777), Some(0o755));
        assert_eq!(file.last_modified(), Some(DateTime::default()));
    }

    #[test]
    fn the_same_program_makes_the_same_bytes() {
        assert_eq!(packed(), packed());
    }

    #[test]
    fn the_same_folder_makes_the_same_bytes_in_any_order() {
        let pack = |names: &[&str]| {
            let folder = tempfile::tempdir().unwrap();
            fs::create_dir(folder.path().join("b")).unwrap();
            for name in names {
                fs::write(folder.path().join(name), name).unwrap();
            }
            let mut zip = Cursor::new(Vec::new());
            pack_folder(folder.path(), &mut zip).unwrap();
            zip
        };
        let zip = pack(&["c", "b/d", "a"]);
        assert_eq!(zip, pack(&["a", "c", "b/d"]));

        let zip = ZipArchive::new(zip).unwrap();
        let names: Vec<_> = zip.file_names().map(Result::unwrap).collect();
        assert_eq!(names, ["a", "b/d", "c"]);
    }

    #[test]
    fn what_is_unpacked_can_be_run_and_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let zip = folder.path().join("a.zip");
        fs::write(&zip, packed()).unwrap();

        for _ in 0..2 {
            let program = unpack(&zip, folder.path()).unwrap();
            assert_eq!(fs::read(&program).unwrap(), b"a program");
            let mode = fs::metadata(&program).unwrap().permissions().mode();
            assert_eq!(mode & 0o100, 0o100);
        }
    }

    fn packed() -> Vec<u8> {
        let mut zip = Cursor::new(Vec::new());
        pack(b"a program", &mut zip).unwrap();
        zip.into_inner()
    }
}
