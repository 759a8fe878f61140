//! Links of the agents page: the query as it is, with one thing changed.

use std::borrow::Cow;

use crate::domain::day_range::DayChoice;
use crate::domain::filter::{AgentFilter, PerPage, Sort};

/// The query of the page as names and values, in canonical order, without the page position.
/// Every link of the page is this with something left out or put in, so none forgets a filter.
#[derive(Clone, Debug, Default)]
pub struct Query<'a>(Vec<(&'static str, Cow<'a, str>)>);

impl<'a> From<&'a AgentFilter> for Query<'a> {
    /// Leaves out what is as by default, like [`AgentFilter::to_query`].
    fn from(filter: &'a AgentFilter) -> Self {
        let mut pairs: Vec<(&'static str, Cow<'a, str>)> = Vec::with_capacity(8);
        let mut add = |name, value: Option<Cow<'a, str>>| {
            pairs.extend(value.map(|value| (name, value)));
        };
        let id = |id: Option<String>| id.map(Cow::Owned);
        add(
            "q",
            (!filter.q.is_empty()).then_some(filter.q.as_str().into()),
        );
        add("status", filter.status.map(|status| status.word().into()));
        add(
            "extension",
            filter.extension.map(|extension| extension.word().into()),
        );
        add("group", id(filter.group.map(|group| group.to_string())));
        add(
            "department",
            id(filter.department.map(|department| department.to_string())),
        );
        add(
            "time_group",
            id(filter.time_group.map(|time_group| time_group.to_string())),
        );
        add(
            "sort",
            (filter.sort != Sort::default()).then(|| filter.sort.to_string().into()),
        );
        add(
            "per",
            (filter.per != PerPage::default()).then_some(filter.per.word().into()),
        );
        match filter.days {
            DayChoice::Between(from, to) => {
                add("from", Some(from.date().to_string().into()));
                add("to", Some(to.date().to_string().into()));
            }
            days if days == DayChoice::default() => {}
            days => add("days", Some(days.word())),
        }
        Self(pairs)
    }
}

impl<'a> Query<'a> {
    pub fn new(pairs: Vec<(&'static str, Cow<'a, str>)>) -> Self {
        Self(pairs)
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

    /// With this value in place of all values of the name.
    pub fn with(&self, name: &str, value: &str) -> String {
        self.base(name).with(name, value)
    }

    /// Ready for many links that differ in one name only.
    pub fn base(&self, name: &str) -> Base {
        Base(encode(self.0.iter().filter(|(n, _)| *n != name)))
    }

    /// What a form that sets these names must carry as hidden fields to keep the rest.
    pub fn keep<const N: usize>(mut self, names: &[&str; N]) -> Vec<(&'static str, Cow<'a, str>)> {
        self.0.retain(|(name, _)| !names.contains(name));
        self.0
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
            ("sort", "-name".into()),
        ])
    }

    #[test]
    fn one_thing_changes_and_the_rest_stays() {
        assert_eq!(query().href(), "/agents?q=a%26b+%C3%A9&group=4&sort=-name");
        assert_eq!(
            query().with("sort", "name"),
            "/agents?q=a%26b+%C3%A9&group=4&sort=name"
        );
        assert_eq!(query().without(&["q", "group", "sort"]), "/agents");
        assert_eq!(query().keep(&["q", "sort"]), [("group", "4".into())]);
    }

    #[test]
    fn a_filter_reads_back_from_its_links() {
        for text in [
            "",
            "q=a%26b&status=busy&group=4&sort=-missed&per=100&days=7",
            "from=2026-11-01&to=2026-11-22",
        ] {
            let filter = AgentFilter::parse(text).expect("a good filter");
            let link = Query::from(&filter).encoded();
            assert_eq!(AgentFilter::parse(&link).expect("a good link"), filter);
        }
    }

    #[test]
    fn what_is_encoded_reads_back() {
        let back: Vec<(String, String)> =
            serde_urlencoded::from_str(&query().encoded()).expect("a query string");
        assert_eq!(back[0].1, "a&b é");
    }
}
