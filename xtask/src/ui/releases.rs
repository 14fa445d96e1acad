//! Released wheels, and how they are told from others.

/// The wheels that this was tried with, by their SHA-256.
const KNOWN: &[(&str, &str)] = &[
    (
        "1.30.0",
        "c464f40e902e4fc1f040f03dbb10b5b729a1fc5797e0d0f2e28c50481a416135",
    ),
    (
        "2.2.1",
        "861dc2f0d965daaa67d9925b8f1ea155317fb7c4ddee5133d3ec705f7885a0a2",
    ),
    (
        "2.3.1",
        "699c512d659c7463a498e087c5f74d3d139b5708cf6aaaccfa398d7b0c095204",
    ),
    (
        "2.5.0",
        "981fcb3480ca7383b47e22b5e4c726d21e2c87fb4035e5a1b57574736c665576",
    ),
    (
        "2.8.0",
        "c336c547a508b087a2fe5fb995fe6ce2c0bbe94b60340dda8dee3317f64b02e5",
    ),
    (
        "2.8.1",
        "c14716f2b328cc4a649394013035f8326d4408b9a7c8f378b8f0cb3e0e741af9",
    ),
    (
        "2.9.2",
        "5c1aac70238636bfc798f41925b93c6cce3a8835287311e97b7dbc90d07a8777",
    ),
    (
        "2.12.2",
        "38dd04710fe64ee8229b7233b4d91db32c3ff887934c40d926246a566c886c0b",
    ),
    (
        "2.22.5",
        "5b95b5960e6726d0f9f7115b8593def2b339447d95d8a180caf84a3da121b407",
    ),
    (
        "3.5.0",
        "ea06c79d933c30fe863cb7c809818c36f356e58a3f4007ab1f6c6c3b752c2b3e",
    ),
    (
        "3.18.0",
        "be7d84ba0d0b12392f5b53260cdb3e6d7b7ef4b80c29da90a89b5a1f6db7102f",
    ),
];

/// Returns the SHA-256 of the wheel of the release `version`, if it is known.
pub(super) fn known(version: &str) -> Option<&'static str> {
    let mut all = KNOWN.iter();
    all.find(|(known, _)| *known == version)
        .map(|(_, hash)| *hash)
}
