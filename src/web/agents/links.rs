//! Links of the agents page: the query as it is, with one thing changed.

use std::borrow::Cow;

/// The query of the page as names and values, in canonical order, without the page position.
/// Every link of the page is this with something left out or put in, so none forgets a filter.
#[derive(Clone, Debug, Default)]
pub struct Query<'a>(Vec<(&'static str, Cow<'a, str>)>);

impl<'a> Query<'a> {
    pub fn new(pairs: Vec<(&'static str, Cow<'a, str>)>) -> Self {
        Self(pairs)
    }

    pub fn pairs(&self) -> &[(&'static str, Cow<'a, str>)] {
        &self.0
    }

    /// The query string, without `?`.
    pub fn encoded(&self) -> String {
        encode(self.0.iter())
    }

    /// The address of the page as it is.
    pub fn href(&self) -> String {
        address(self.encoded())
    }

    /// Without these names.
    pub fn without(&self, names: &[&str]) -> String {
        address(encode(
            self.0.iter().filter(|(name, _)| !names.contains(name)),
        ))
    }

    /// Without one value of a name that may be given more than once.
    pub fn without_value(&self, name: &str, value: &str) -> String {
        address(encode(
            self.0.iter().filter(|(n, v)| !(*n == name && v == value)),
        ))
    }

    /// With this value in place of all values of the name.
    pub fn with(&self, name: &str, value: &str) -> String {
        self.base(name).with(name, value)
    }

    /// Ready for many links that differ in one name only.
    pub fn base(&self, name: &str) -> Base {
        Base(encode(self.0.iter().filter(|(n, _)| *n != name)))
    }

    /// What a form that sets these names must carry as hidden fields to keep the rest.
    pub fn keep(&self, names: &[&str]) -> Vec<(&'static str, &str)> {
        self.0
            .iter()
            .filter(|(name, _)| !names.contains(name))
            .map(|(name, value)| (*name, value.as_ref()))
            .collect()
    }
}

/// An encoded query that waits for its last pair.
pub struct Base(String);

impl Base {
    pub fn with(&self, name: &str, value: &str) -> String {
        let mut out = String::with_capacity(self.0.len() + name.len() + value.len() + 10);
        out.push_str("/agents?");
        if !self.0.is_empty() {
            out.push_str(&self.0);
            out.push('&');
        }
        // Names and sort words need no encoding; free text must go through `encode`.
        out.push_str(&encode([(name, Cow::Borrowed(value))].iter()));
        out
    }

    pub fn bare(&self) -> String {
        address(self.0.clone())
    }
}

fn address(query: String) -> String {
    if query.is_empty() {
        "/agents".to_owned()
    } else {
        format!("/agents?{query}")
    }
}

fn encode<'p, 'v: 'p, N: AsRef<str> + 'p>(
    pairs: impl Iterator<Item = &'p (N, Cow<'v, str>)>,
) -> String {
    let mut out = String::new();
    for (name, value) in pairs {
        if !out.is_empty() {
            out.push('&');
        }
        out.push_str(name.as_ref());
        out.push('=');
        push_encoded(&mut out, value);
    }
    out
}

/// `application/x-www-form-urlencoded`, by hand because nearly every value is a plain word.
fn push_encoded(out: &mut String, value: &str) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in value.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'*' => {
                out.push(char::from(byte));
            }
            b' ' => out.push('+'),
            _ => {
                out.push('%');
                out.push(char::from(HEX[usize::from(byte >> 4)]));
                out.push(char::from(HEX[usize::from(byte & 15)]));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query() -> Query<'static> {
        Query::new(vec![
            ("q", "a&b é".into()),
            ("group", "4".into()),
            ("group", "7".into()),
            ("sort", "-name".into()),
        ])
    }

    #[test]
    fn one_thing_changes_and_the_rest_stays() {
        assert_eq!(
            query().href(),
            "/agents?q=a%26b+%C3%A9&group=4&group=7&sort=-name"
        );
        assert_eq!(
            query().with("sort", "name"),
            "/agents?q=a%26b+%C3%A9&group=4&group=7&sort=name"
        );
        assert_eq!(
            query().without_value("group", "4"),
            "/agents?q=a%26b+%C3%A9&group=7&sort=-name"
        );
        assert_eq!(query().without(&["q", "group", "sort"]), "/agents");
        assert_eq!(
            query().keep(&["q", "sort"]),
            [("group", "4"), ("group", "7")]
        );
    }

    #[test]
    fn what_is_encoded_reads_back() {
        let back: Vec<(String, String)> =
            serde_urlencoded::from_str(&query().encoded()).expect("a query string");
        assert_eq!(back[0].1, "a&b é");
    }
}
