//! `cargo xtask amplify`: the site as AWS Amplify Hosting serves it.
//!
//! `amplify.yml` calls it. What an app is told by environment variables becomes
//! `config.json` and the headers; the site and MLflow's UI are put beside it.

mod headers;
mod settings;

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

use clap::Subcommand;
use shell_core::{
    Config,
    hosting::{Deployment, ONE_DOCUMENT},
};

use self::settings::Settings;
use crate::{
    console::say,
    failure::{Explain, Failure, Result},
    places, site, ui,
};

/// What is to be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    /// Say what is wrong with the environment variables, if anything is
    Check,
    /// Build the site into `dist-amplify`, and its headers beside it
    Build,
    /// Write the headers only, into `dist-amplify.headers`
    Headers {
        /// Those that fit any deployment, into the repository's `customHttp.yml`
        #[arg(long)]
        any: bool,
    },
}

/// Does it, with the environment's variables.
pub(crate) fn run(task: &Task) -> Result<()> {
    let settings = || Settings::read(|name| env::var(name).ok());
    match task {
        Task::Check => settings().map(|settings| say(settings.summary())),
        Task::Build => build(&settings()?),
        Task::Headers { any: true } => {
            let file = places::workspace().join(headers::FILE);
            write(&file, &headers::for_any().to_yaml())
        }
        Task::Headers { any: false } => write_headers(&settings()?.config),
    }
}

fn build(settings: &Settings) -> Result<()> {
    site::ensure()?;
    let folder = artefact();
    assemble(&folder, settings.config.ui.as_deref())?;
    write(&folder.join("config.json"), &settings.to_json())?;
    write_headers(&settings.config)?;
    say(settings.summary());
    say(format!("the site is in {}", folder.display()));
    Ok(())
}

/// Puts into `folder` what a host serves that compresses by itself and knows
/// only files: the built site without its compressed doubles, the document
/// under each of its names, and the UI of the release `version`.
pub(crate) fn assemble(folder: &Path, version: Option<&str>) -> Result<()> {
    let cannot_write = || format!("cannot write {}", folder.display());
    if folder.exists() {
        fs::remove_dir_all(folder).explain(cannot_write)?;
    }
    copy(&places::site(), folder).explain(cannot_write)?;
    version.map_or(Ok(()), |version| ui::put(version, folder))
}

fn copy(site: &Path, folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for entry in fs::read_dir(site)? {
        let path = entry?.path();
        if path.is_file() && !ui::is_double(&path) {
            fs::copy(&path, folder.join(path.file_name().unwrap_or_default()))?;
        }
    }
    let document = site.join("index.html");
    for (_, file) in ONE_DOCUMENT {
        fs::copy(&document, folder.join(file.trim_start_matches('/')))?;
    }
    Ok(())
}

fn write_headers(config: &Config) -> Result<()> {
    let headers = headers::Headers::new(&Deployment::of(config), &config.frame_ancestors);
    let folder = headers_folder();
    fs::create_dir_all(&folder).explain(|| format!("cannot write {}", folder.display()))?;
    write(&folder.join(headers::FILE), &headers.to_yaml())?;
    write(&folder.join(headers::JSON), &headers.to_json())
}

fn write(file: &Path, text: &str) -> Result<()> {
    fs::write(file, text).explain(|| format!("cannot write {}", file.display()))
}

fn artefact() -> PathBuf {
    places::workspace().join("dist-amplify")
}

/// Beside the artefact, not in it: it is nobody's business.
fn headers_folder() -> PathBuf {
    places::workspace().join("dist-amplify.headers")
}

/// Makes a failure that begins with the name of a variable.
fn wrong(variable: &str, problem: &str) -> Failure {
    Failure::because(format!("{variable} {problem}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_of_files_has_the_document_under_each_of_its_names() {
        let [site, folder] = [(); 2].map(|()| tempfile::tempdir().unwrap());
        for name in ["index.html", "index.html.br", "sw.js", "sw.js.gz", "a.gz"] {
            fs::write(site.path().join(name), name).unwrap();
        }
        fs::create_dir(site.path().join("mlflow")).unwrap();

        copy(site.path(), folder.path()).unwrap();

        let read = |name: &str| fs::read_to_string(folder.path().join(name)).ok();
        for name in ["index.html", "callback.html", "relay.html"] {
            assert_eq!(read(name).as_deref(), Some("index.html"), "{name}");
        }
        for name in ["sw.js", "a.gz"] {
            assert_eq!(read(name).as_deref(), Some(name));
        }
        for name in ["index.html.br", "sw.js.gz"] {
            assert_eq!(read(name), None, "{name}");
        }
        assert!(!folder.path().join("mlflow").exists());
    }
}
