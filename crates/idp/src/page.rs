//! The two pages. Everything that came from a request is escaped.

use crate::{DEVELOPMENT_PASSWORD, User};

const STYLE: &str = include_str!("page.css");

/// The login form, with the query it was asked for carried along untouched.
pub(crate) fn login(query: &str, username: &str, problem: Option<&str>, users: &[User]) -> String {
    let action = escape(&format!("/login?{query}"));
    let username = escape(username);
    let problem = problem.map_or_else(String::new, |problem| {
        format!(
            r#"<p class="problem" role="alert" id="problem">{}</p>"#,
            escape(problem)
        )
    });
    document(&format!(
        r#"<h1>Development sign-in</h1>
<p class="notice">This is a development provider on your own machine. It knows demonstration users only: never type a real password here.</p>
{problem}
<form method="post" action="{action}">
<label for="username">Username</label>
<input id="username" name="username" type="text" inputmode="email" value="{username}" autocomplete="username" autocapitalize="none" spellcheck="false" required autofocus>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<button type="submit">Sign in</button>
</form>
<h2>Demonstration users</h2>
<p>The password of every user is <code>{DEVELOPMENT_PASSWORD}</code>.</p>
<ul>{}</ul>"#,
        users
            .iter()
            .map(|user| choice(query, user))
            .collect::<String>()
    ))
}

/// What went wrong before the app could be trusted to hear of it.
pub(crate) fn error(error: &str, client_id: Option<&str>) -> String {
    let advice = match error {
        "redirect_mismatch" => {
            "The app client is unknown, or the address is not among those registered with it."
        }
        "Required parameters missing" => "The app did not say who it is or where to return to.",
        _ => "The development provider could not answer this request.",
    };
    let client = client_id.map_or_else(String::new, |id| {
        format!("<p>App client: <code>{}</code></p>", escape(id))
    });
    document(&format!(
        r#"<h1>Something went wrong</h1>
<p class="problem" role="alert">{}</p>
<p>{advice}</p>
{client}"#,
        escape(error)
    ))
}

/// A link to the same page with the name filled in: `login_hint` does that
/// without a script, and a GET does not sign a user in.
fn choice(query: &str, user: &User) -> String {
    let others = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name != "login_hint");
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(others)
        .append_pair("login_hint", &user.email)
        .finish();
    let groups = match user.groups.as_slice() {
        [] => "in no group".into(),
        groups => groups.join(" "),
    };
    format!(
        r#"<li><a href="{}">{}<small>{}</small></a></li>"#,
        escape(&format!("/login?{query}")),
        escape(&user.email),
        escape(&groups)
    )
}

fn document(main: &str) -> String {
    format!(
        r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Development sign-in</title>
<link rel="icon" href="data:,">
<style>
{STYLE}</style>
</head>
<body>
<main>
{main}
</main>
</body>
</html>
"#
    )
}

/// Escapes for text and for quoted attributes.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_echoed_cannot_become_markup() {
        const ATTACK: &str = r#""'><script>alert(1)</script>&"#;
        let user = User::new(ATTACK, [ATTACK]);
        let pages = [
            login(ATTACK, ATTACK, Some(ATTACK), &[user]),
            error(ATTACK, Some(ATTACK)),
        ];
        for page in pages {
            assert!(!page.contains("<script"), "{page}");
            assert!(!page.contains(r#""'"#), "{page}");
        }
    }
}
