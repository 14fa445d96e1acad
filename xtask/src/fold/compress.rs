//! Files compressed beside themselves, so that no server has to.

use std::{
    ffi::OsString,
    io::Write,
    path::{Path, PathBuf},
};

use brotli::enc::BrotliEncoderParams;
use flate2::{Compression, write::GzEncoder};

use super::{files, read, write};
use crate::failure::{Explain, Result};

const COMPRESSIBLE: &[&str] = &["html", "js", "css", "wasm", "svg", "json"];

/// Writes a `.br` and a `.gz` beside every compressible file below `folder`.
pub(super) fn folder(folder: &Path) -> Result<()> {
    for file in files(folder)? {
        if is_compressible(&file) {
            let bytes = read(&file)?;
            write(&beside(&file, "br"), &brotli(&bytes)?)?;
            write(&beside(&file, "gz"), &gzip(&bytes)?)?;
        }
    }
    Ok(())
}

pub(super) fn is_compressible(file: &Path) -> bool {
    file.extension()
        .is_some_and(|extension| COMPRESSIBLE.iter().any(|known| extension == *known))
}

fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(".");
    name.push(ending);
    name.into()
}

fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    // The standard window: browsers do not read the large one.
    let parameters = BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        size_hint: bytes.len(),
        ..BrotliEncoderParams::default()
    };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut compressed, &parameters)
        .explain(|| "brotli compression failed".to_owned())?;
    Ok(compressed)
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder
        .write_all(bytes)
        .and_then(|()| encoder.finish())
        .explain(|| "gzip compression failed".to_owned())
}
