//! Requests that change something must come from our own pages.

use super::request_info::RequestInfo;
use crate::config::Config;
use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap};

/// Whether an unsafe request proves that it comes from the same origin: by `Sec-Fetch-Site`, else by
/// `Origin`. Without either only a request without a cookie passes: no browser stands behind it.
pub fn is_same_origin(req: &ServiceRequest, info: &RequestInfo, config: &Config) -> bool {
    if is_safe(req.method()) || req.headers().contains_key(header::AUTHORIZATION) {
        // A bearer token is never sent by itself, so no other site can borrow it.
        return true;
    }
    let headers = req.headers();
    match value(headers, "sec-fetch-site") {
        Some("same-origin" | "none") => true,
        Some(_) => false,
        None => match value(headers, "origin") {
            Some(origin) => is_own(origin, info, config),
            None => !headers.contains_key(header::COOKIE) && !headers.contains_key(header::ORIGIN),
        },
    }
}

pub fn is_safe(method: &Method) -> bool {
    matches!(
        *method,
        Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE
    )
}

fn is_own(origin: &str, info: &RequestInfo, config: &Config) -> bool {
    let Some((scheme, host)) = origin.split_once("://") else {
        return false;
    };
    let own_port = if scheme == "https" { ":443" } else { ":80" };
    let bare = |host: &str| {
        host.strip_suffix(own_port)
            .unwrap_or(host)
            .to_ascii_lowercase()
    };
    let public = config
        .public_url
        .as_ref()
        .is_some_and(|url| url.host == bare(host));
    public || (!info.host.is_empty() && bare(&info.host) == bare(host))
}

fn value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::DatabaseUrl;
    use actix_web::test::TestRequest;

    fn passes(headers: &[(&'static str, &'static str)]) -> bool {
        let config = Config::for_database(DatabaseUrl::Sqlite("x.db".into()));
        let mut req = TestRequest::post().append_header(("host", "calls.example.in:8080"));
        for header in headers {
            req = req.append_header(*header);
        }
        let req = req.to_srv_request();
        is_same_origin(&req, &RequestInfo::read(&req, &config), &config)
    }

    const COOKIE: (&str, &str) = ("cookie", "rollcall=x");

    #[test]
    fn browsers_that_say_where_from_are_believed() {
        assert!(passes(&[COOKIE, ("sec-fetch-site", "same-origin")]));
        assert!(passes(&[COOKIE, ("sec-fetch-site", "none")]));
        for site in ["cross-site", "same-site", "junk"] {
            assert!(
                !passes(&[
                    COOKIE,
                    ("sec-fetch-site", site),
                    ("origin", "http://calls.example.in:8080")
                ]),
                "{site}"
            );
        }
    }

    #[test]
    fn on_plain_http_the_origin_must_be_our_host() {
        assert!(passes(&[
            COOKIE,
            ("origin", "http://calls.example.in:8080")
        ]));
        for origin in [
            "http://evil.example",
            "null",
            "http://calls.example.in",
            "http://calls.example.in:8080.evil.example",
            "",
        ] {
            assert!(!passes(&[COOKIE, ("origin", origin)]), "{origin}");
        }
    }

    #[test]
    fn without_either_a_cookie_is_refused_and_a_program_passes() {
        assert!(!passes(&[COOKIE]));
        assert!(passes(&[]));
        assert!(passes(&[
            ("authorization", "Bearer rc_x"),
            ("sec-fetch-site", "cross-site")
        ]));
    }
}
