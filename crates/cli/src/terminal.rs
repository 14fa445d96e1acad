//! Texts of others on a terminal, where characters of control move the cursor, hide
//! what was printed, or set the clipboard.

/// The text in one line, with `�` in place of each character that is none to see: those
/// of control, and those that turn the direction of the text around (Unicode TR 36
/// §3.1).
pub(crate) fn printable(text: &str) -> String {
    let plain = |sign| if is_visible(sign) { sign } else { '\u{fffd}' };
    text.chars().map(plain).collect()
}

/// The same for a text of several lines.
pub(crate) fn printable_lines(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(printable).collect();
    lines.join("\n")
}

fn is_visible(sign: char) -> bool {
    let turns = matches!(
        sign,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    );
    !sign.is_control() && !turns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_command_the_terminal_is_not_printed() {
        let table = [
            ("Zoë Müller (山田)", "Zoë Müller (山田)"),
            ("\u{1b}]52;c;eA==\u{7}", "�]52;c;eA==�"),
            ("a\rb\nc\u{9b}2J", "a�b�c�2J"),
            ("\u{202e}nimda", "�nimda"),
        ];
        for (text, expected) in table {
            assert_eq!(printable(text), expected);
        }
        assert_eq!(printable_lines("a\u{8}\nb"), "a�\nb");
    }
}
