//! The site in its bucket.

use std::{collections::BTreeMap, fs};

use crate::cloud::Cloud;

/// A site as it is built: `dist` with MLflow's UI in it.
const FILES: [&str; 8] = [
    "index.html",
    "index.html.br",
    "sw.js",
    "boot-1704dc4a8961c735.js",
    "shell-app-d527723430b7c3a2_bg.wasm",
    "shell-app-d527723430b7c3a2_bg.wasm.gz",
    "mlflow/index.html",
    "mlflow/static-files/static/media/pdf.worker.0f2a1b3c4d5e6f70.mjs",
];

/// Prints what is in the only bucket of a site, with its type and caching.
const LIST: &str = r#"
import boto3, json, sys
s3 = boto3.client("s3", endpoint_url=sys.argv[1], region_name="us-east-1",
                  aws_access_key_id="testing", aws_secret_access_key="testing")
names = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
bucket = next(name for name in names if name.startswith("mlflow-site-"))
heads = {each["Key"]: s3.head_object(Bucket=bucket, Key=each["Key"])
         for each in s3.list_objects_v2(Bucket=bucket)["Contents"]}
print(json.dumps({key: f'{head["ContentType"]}; {head["CacheControl"]}'
                  for key, head in heads.items()}))
"#;

pub(crate) fn each_file_goes_up_with_its_type_and_its_doubles_stay(cloud: &Cloud) {
    let site = cloud.path("site");
    for name in FILES {
        let path = std::path::Path::new(&site).join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("there is room");
        fs::write(path, name).expect("there is room");
    }
    cloud.configure(&["--site", &site]);

    let stored: BTreeMap<String, String> = serde_json::from_value(cloud.ask(LIST)).expect("texts");
    let forever = "public, max-age=31536000, immutable";
    let expected = [
        ("boot-1704dc4a8961c735.js", "text/javascript", forever),
        ("config.json", "application/json", "no-cache"),
        ("index.html", "text/html", "no-cache"),
        ("mlflow/index.html", "text/html", "no-cache"),
        (FILES[7], "text/javascript", forever),
        (FILES[4], "application/wasm", forever),
        ("sw.js", "text/javascript", "no-cache"),
    ];
    let expected = expected.map(|(name, kind, kept)| (name.to_owned(), format!("{kind}; {kept}")));
    assert_eq!(stored, BTreeMap::from(expected));
}

pub(crate) fn a_site_without_mlflows_ui_is_refused(cloud: &Cloud) {
    let site = cloud.path("empty");
    fs::create_dir_all(&site).expect("there is room");
    fs::write(format!("{site}/index.html"), "").expect("there is room");
    let file = cloud.path("config.json");

    let output = cloud.run("deploy/configure.py", &["--out", &file, "--site", &site]);

    assert!(!output.succeeded);
    let cure = "put it there with `cargo xtask ui --mlflow 3.18.0`";
    assert!(output.complained.contains(cure), "{output:?}");
}
