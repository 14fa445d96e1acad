//! HTTP methods.

/// Whether a request of this method reads and changes nothing: what is public is
/// so for these alone.
pub fn is_read(method: &str) -> bool {
    matches!(method, "GET" | "HEAD")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_public_is_so_for_reading_alone() {
        let table = [
            ("GET", true),
            ("HEAD", true),
            ("POST", false),
            ("PUT", false),
            ("DELETE", false),
            ("OPTIONS", false),
            ("get", false),
        ];
        for (method, expected) in table {
            assert_eq!(is_read(method), expected, "{method}");
        }
    }
}
