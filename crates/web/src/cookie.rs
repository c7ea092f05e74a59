//! Reading and writing cookies.

use axum::http::{HeaderMap, HeaderValue, header};

/// The value of the cookie called `name`.
pub(crate) fn value<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value)
}

/// A cookie that scripts cannot read and that other sites cannot make a browser send.
///
/// `None` if `value` holds a character that a cookie cannot hold.
pub(crate) fn set(name: &str, value: &str, days: u32, secure: bool) -> Option<HeaderValue> {
    lasting(name, value, u64::from(days) * 24 * 3600, secure)
}

/// The same, for eight hours.
pub(crate) fn set_for_a_shift(name: &str, value: &str, secure: bool) -> Option<HeaderValue> {
    lasting(name, value, 8 * 3600, secure)
}

/// Makes the browser forget a cookie.
pub(crate) fn clear(name: &str, secure: bool) -> Option<HeaderValue> {
    lasting(name, "", 0, secure)
}

/// A cookie for ten minutes that also comes along when another site sends the browser back to us.
/// With TLS its name begins with `__Host-`, so that no other host of the domain can set it.
pub(crate) fn set_for_a_return(name: &str, value: &str, secure: bool) -> Option<HeaderValue> {
    written(&bound(name, secure), value, 600, "Lax", secure)
}

/// The value of the cookie that [`set_for_a_return`] set.
pub(crate) fn value_for_a_return<'h>(
    headers: &'h HeaderMap,
    name: &str,
    secure: bool,
) -> Option<&'h str> {
    value(headers, &bound(name, secure))
}

/// Makes the browser forget the cookie that [`set_for_a_return`] set.
pub(crate) fn forget_return(name: &str, secure: bool) -> Option<HeaderValue> {
    written(&bound(name, secure), "", 0, "Lax", secure)
}

fn bound(name: &str, secure: bool) -> String {
    let prefix = if secure { "__Host-" } else { "" };
    format!("{prefix}{name}")
}

fn lasting(name: &str, value: &str, seconds: u64, secure: bool) -> Option<HeaderValue> {
    written(name, value, seconds, "Strict", secure)
}

fn written(
    name: &str,
    value: &str,
    seconds: u64,
    same_site: &str,
    secure: bool,
) -> Option<HeaderValue> {
    let fits = |b: u8| b.is_ascii_graphic() && !matches!(b, b'"' | b',' | b';' | b'\\');
    if !value.bytes().all(fits) {
        return None;
    }
    let secure = if secure { "; Secure" } else { "" };
    let text = format!(
        "{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite={same_site}{secure}"
    );
    HeaderValue::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, "lang=zh; session=abc".parse().unwrap());
        headers.append(header::COOKIE, "officer=def".parse().unwrap());
        assert_eq!(value(&headers, "session"), Some("abc"));
        assert_eq!(value(&headers, "officer"), Some("def"));
        assert_eq!(value(&headers, "sess"), None);
    }

    #[test]
    fn a_cookie_for_a_return_is_bound_to_this_host() {
        let cookie = set_for_a_return("sign-in", "ab", true).unwrap();
        assert_eq!(
            cookie,
            "__Host-sign-in=ab; Path=/; Max-Age=600; HttpOnly; SameSite=Lax; Secure"
        );
        let mut headers = HeaderMap::new();
        headers.append(
            header::COOKIE,
            "sign-in=evil; __Host-sign-in=ab".parse().unwrap(),
        );
        assert_eq!(value_for_a_return(&headers, "sign-in", true), Some("ab"));
    }

    #[test]
    fn a_value_cannot_smuggle_in_attributes() {
        assert_eq!(set("session", "a; Path=/x", 1, true), None);
        let cookie = set("session", "a", 1, true).unwrap();
        assert_eq!(
            cookie,
            "session=a; Path=/; Max-Age=86400; HttpOnly; SameSite=Strict; Secure"
        );
    }
}
