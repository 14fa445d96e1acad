//! A zip as Lambda wants it: one program, called `bootstrap`.

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

const BEST: i64 = 9;

/// Writes a zip of `program`. The same program makes the same bytes.
pub(super) fn pack(program: &[u8], zip: impl Write + Seek) -> io::Result<()> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(BEST))
        .unix_permissions(EXECUTABLE)
        // The earliest time that a zip can tell.
        .last_modified_time(DateTime::default());
    let mut zip = ZipWriter::new(zip);
    zip.start_file(PROGRAM, options)?;
    zip.write_all(program)?;
    zip.finish()?;
    Ok(())
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
