//! The origins of `api.cors_origins`, which browsers compare character by character.

use url::Url;

/// Accepts `*` and what a browser sends in `Origin`.
pub(super) fn check(text: &str) -> Result<(), String> {
    if text == "*" {
        return Ok(());
    }
    let expected = "must be an origin without path and without a slash at the end, such as http://localhost:5173";
    match expected_origin(text) {
        Some(origin) if origin == text => Ok(()),
        Some(origin) => Err(format!("{expected}, got `{text}`; use {origin}")),
        None => Err(format!("{expected}, got `{}`", text.escape_debug())),
    }
}

/// The origin of the hub's own pages at this URL.
pub(super) fn of_url(url: &str) -> Option<String> {
    expected_origin(url)
}

/// The origin of a URL, as browsers write it.
fn expected_origin(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    if rest.contains(['@', '\\']) || text.contains(char::is_whitespace) {
        return None;
    }
    let url = Url::parse(text).ok()?;
    if matches!(url.scheme(), "http" | "https") {
        return Some(url.origin().ascii_serialization());
    }
    // Applications and browser extensions have schemes of their own, such as tauri://localhost.
    let host = rest.split(['/', '?', '#']).next().filter(|host| !host.is_empty())?;
    Some(format!("{scheme}://{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_accepted_as_browsers_send_them() {
        for text in ["*", "http://localhost:5173", "https://example.com", "http://[::1]:80/".trim_end_matches(":80/")] {
            assert!(check(text).is_ok(), "{text}: {:?}", check(text));
        }
        assert!(check("tauri://localhost").is_ok());
    }

    #[test]
    fn what_would_never_match_is_refused_with_the_origin_that_would() {
        for (text, better) in [
            ("http://localhost:5173/", "use http://localhost:5173"),
            ("https://example.com/app", "use https://example.com"),
            ("https://Example.com:443", "use https://example.com"),
            ("tauri://localhost/", "use tauri://localhost"),
        ] {
            let message = check(text).unwrap_err();
            assert!(message.ends_with(better), "{text}: {message}");
        }
        for text in ["localhost:5173", "example.com", "null", "http://", "http://u:p@h", " http://h", "https:h", ""] {
            assert!(check(text).is_err(), "{text}");
        }
    }
}
