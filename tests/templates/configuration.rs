//! `config.json`, which an administrator may have changed by hand.

use std::fs;

use crate::cloud::Cloud;

pub(crate) fn another_file_is_kept_and_the_same_stays(cloud: &Cloud) {
    let file = cloud.path("config.json");
    let write = || cloud.run("deploy/configure.py", &["--out", &file]);
    let made = fs::read_to_string(&file).expect("it was written");

    let same = write();
    assert!(
        same.said
            .contains("config.json: is up to date, for https://"),
        "{same:?}"
    );
    let kept = format!("{file}.before");
    assert!(fs::metadata(&kept).is_err());

    fs::write(&file, "by hand").expect("there is room");
    let other = write();
    let words = format!("config.json: replaced (what it was is in {kept}), for https://");
    assert!(other.said.contains(&words), "{other:?}");
    assert_eq!(fs::read_to_string(&kept).expect("it is kept"), "by hand");
    assert_eq!(fs::read_to_string(&file).expect("it is there"), made);
}
