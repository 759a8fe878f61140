//! The session's cookie: `__Host-rollcall` over HTTPS, `rollcall` on this machine's plain http.

use crate::web::middleware::request_info::RequestInfo;
use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::http::header::{self, HeaderMap};

/// The name that fits how the browser speaks to us.
pub fn name(info: &RequestInfo) -> &'static str {
    if info.secure {
        "__Host-rollcall"
    } else {
        "rollcall"
    }
}

/// The key that the browser sent, if any. Reads the header itself: a request has few cookies, and
/// parsing all of them into a jar costs more than the rest of the check.
pub fn key<'a>(headers: &'a HeaderMap, info: &RequestInfo) -> Option<&'a str> {
    let name = name(info);
    headers
        .get_all(header::COOKIE)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
        .filter(|key| key.len() == 52)
}

/// Lives as long as the browser; how long the session holds is for the server to say.
pub fn set(info: &RequestInfo, key: String) -> Cookie<'static> {
    Cookie::build(name(info), key)
        .path("/")
        .http_only(true)
        .secure(info.secure)
        .same_site(SameSite::Lax)
        .finish()
}

pub fn clear(info: &RequestInfo) -> Cookie<'static> {
    let mut cookie = set(info, String::new());
    cookie.set_max_age(Duration::ZERO);
    cookie
}
