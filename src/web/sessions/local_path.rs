//! Where to go after signing in: a path of our own, never another site.

/// The path if it can only mean this site, else `/`.
///
/// Browsers read `//x`, `/\x`, `/<tab>/x` as another host, and a proxy may decode `%2f` and `%5c`
/// at the front, so these never pass.
pub fn local(next: &str) -> &str {
    let sound = next.len() <= 2_000
        && next.starts_with('/')
        && next.bytes().all(|b| b.is_ascii_graphic() && b != b'\\')
        && !starts_like_a_host(&next[1..])
        && !next.starts_with("/sign-");
    if sound { next } else { "/" }
}

fn starts_like_a_host(rest: &str) -> bool {
    let front = rest.get(..3).unwrap_or(rest).to_ascii_lowercase();
    rest.starts_with('/') || ["%2f", "%5c", "%09", "%0a", "%0d", "%25"].contains(&front.as_str())
}

/// `/account/confirm`, remembering a path to come back to.
pub fn confirm_url(next: &str) -> String {
    leading_back("/account/confirm", next)
}

/// `/sign-in`, remembering a path to come back to.
pub fn sign_in_url(next: &str) -> String {
    leading_back("/sign-in", next)
}

fn leading_back(path: &str, next: &str) -> String {
    match local(next) {
        "/" => path.to_owned(),
        next => {
            let query = serde_urlencoded::to_string([("next", next)]).unwrap_or_default();
            format!("{path}?{query}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_ours_is_kept_with_its_query() {
        for path in [
            "/agents",
            "/agents?q=a%20b&days=7",
            "/agents/010042",
            "/a/b//c",
            "/?x=http://y",
        ] {
            assert_eq!(local(path), path);
        }
    }

    #[test]
    fn nothing_leads_to_another_site_or_round_in_a_circle() {
        for path in [
            "",
            "agents",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil",
            "http://evil.example",
            "javascript:alert(1)",
            "/\t/evil.example",
            "/ /evil",
            "/%2fevil.example",
            "/%2F/evil",
            "/%5Cevil",
            "/%09/evil",
            "/%252fevil",
            "/\r\nLocation: x",
            "/é",
            "/sign-in?next=/sign-in",
            "/sign-out",
        ] {
            assert_eq!(local(path), "/", "{path:?}");
        }
    }

    #[test]
    fn the_way_back_survives_the_query_string() {
        assert_eq!(sign_in_url("/"), "/sign-in");
        assert_eq!(
            sign_in_url("/agents?q=a&days=7"),
            "/sign-in?next=%2Fagents%3Fq%3Da%26days%3D7"
        );
    }
}
