//! Query strings, read strictly: whatever makes no sense is kept and named, never guessed at
//! (product rule §11), and written in one canonical way.

use std::fmt::Write;

/// A parameter that makes no sense, ready to be shown as a marked chip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadParam {
    pub name: String,
    /// As it was given, shortened, without control characters.
    pub value: String,
    /// What is wrong, in plain words.
    pub reason: String,
}

/// So many characters of a bad value are kept to be shown.
const SHOWN: usize = 120;
/// So many bad parameters are named; a hostile query must not make a long page.
const NAMED: usize = 20;
/// So many parameters are read; no list has as many, and each is compared with all others.
const READ: usize = 100;

/// The parameters of one query string. Take what is known, then [`finish`](Self::finish).
#[derive(Clone, Debug)]
pub struct QueryReader {
    values: Vec<(String, String)>,
    bad: Vec<BadParam>,
}

impl QueryReader {
    /// Splits and decodes. Repeated parameters, broken encodings and control characters are bad and
    /// read as absent; `since`, `_…` and `utm_…` mean nothing to any list and are dropped.
    pub fn new(raw: &str) -> Self {
        let mut reader = Self {
            values: Vec::new(),
            bad: Vec::new(),
        };
        let mut parts = raw.split('&').filter(|part| !part.is_empty());
        for part in parts.by_ref().take(READ) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            match (decode(name), decode(value)) {
                (Ok(name), _) if is_noise(&name) => {}
                (Ok(name), Ok(value)) => reader.add(name, value),
                (Ok(name), Err(reason)) => {
                    reader.values.retain(|(known, _)| *known != name);
                    reader.reject(&name, value, reason);
                }
                (Err(reason), _) => reader.reject(name, value, reason),
            }
        }
        if let Some(part) = parts.next() {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            reader.bad.truncate(NAMED - 1);
            reader.reject(
                name,
                value,
                format!("comes after {READ} others, which is too many"),
            );
        }
        reader
    }

    fn add(&mut self, name: String, value: String) {
        if let Some(index) = self.values.iter().position(|(known, _)| *known == name) {
            self.values.swap_remove(index);
            self.reject(&name, &value, "given more than once");
        } else if self.bad.iter().any(|bad| bad.name == name) {
            // Named already; a third copy must not come back as the only one.
        } else {
            self.values.push((name, value));
        }
    }

    /// Says that a parameter makes no sense.
    pub fn reject(&mut self, name: &str, value: &str, reason: impl Into<String>) {
        let bad = BadParam {
            name: showable(name),
            value: showable(value),
            reason: reason.into(),
        };
        let known = self.bad.iter().any(|other| other.name == bad.name);
        if !known && self.bad.len() < NAMED {
            self.bad.push(bad);
        }
    }

    /// The trimmed value; None if absent or empty, which is what a plain form sends for "any".
    pub fn take(&mut self, name: &str) -> Option<String> {
        let index = self.values.iter().position(|(known, _)| known == name)?;
        let (_, value) = self.values.swap_remove(index);
        let trimmed = value.trim();
        (!trimmed.is_empty()).then(|| trimmed.to_owned())
    }

    /// As [`take`](Self::take), read by `read`, whose error is the reason that is shown.
    pub fn take_as<T, E: std::fmt::Display>(
        &mut self,
        name: &str,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let value = self.take(name)?;
        read(&value)
            .map_err(|reason| self.reject(name, &value, reason.to_string()))
            .ok()
    }

    /// Everything that made no sense; names that nobody took are unknown filters, except `ignored`.
    pub fn finish(mut self, ignored: &[&str]) -> Vec<BadParam> {
        for (name, value) in std::mem::take(&mut self.values) {
            if !ignored.contains(&name.as_str()) {
                self.reject(&name, &value, "unknown filter");
            }
        }
        self.bad
    }
}

fn is_noise(name: &str) -> bool {
    name == "since" || name.starts_with('_') || name.starts_with("utm_")
}

/// A value as it can be shown: whatever came, shortened and without control characters.
fn showable(text: &str) -> String {
    let mut shown: String = text
        .chars()
        .take(SHOWN)
        .map(|c| {
            if c.is_control() {
                char::REPLACEMENT_CHARACTER
            } else {
                c
            }
        })
        .collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

/// Decodes `+` and percent-encoding; the error is the reason that is shown.
fn decode(text: &str) -> Result<String, &'static str> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = (rest.next().and_then(hex), rest.next().and_then(hex));
                let (Some(high), Some(low)) = digits else {
                    return Err("broken percent-encoding");
                };
                high << 4 | low
            }
            plain => plain,
        });
    }
    let text = String::from_utf8(bytes).map_err(|_| "not readable as text")?;
    if text.chars().any(char::is_control) {
        Err("has control characters")
    } else {
        Ok(text)
    }
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

/// Writes `name=value` pairs joined by `&`. A page has dozens of links, so nothing is built twice.
#[derive(Clone, Debug)]
pub struct QueryWriter(String);

impl Default for QueryWriter {
    fn default() -> Self {
        Self(String::with_capacity(96))
    }
}

/// Percent-encodes whatever is written to it.
struct Encoded<'a>(&'a mut String);

impl Write for Encoded<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        const HEX: &[u8; 16] = b"0123456789ABCDEF";
        let plain =
            |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
        if text.as_bytes().iter().all(plain) {
            self.0.push_str(text);
            return Ok(());
        }
        for byte in text.bytes() {
            match byte {
                _ if plain(&byte) => self.0.push(byte.into()),
                b' ' => self.0.push('+'),
                other => self.0.extend([
                    '%',
                    HEX[usize::from(other >> 4)].into(),
                    HEX[usize::from(other & 15)].into(),
                ]),
            }
        }
        Ok(())
    }
}

impl QueryWriter {
    fn separate(&mut self) {
        if !(self.0.is_empty() || self.0.ends_with('?')) {
            self.0.push('&');
        }
    }

    /// Begins behind a path, if there is anything to write at all.
    pub fn behind(path: &str) -> Self {
        let mut link = String::with_capacity(path.len() + 96);
        link.push_str(path);
        link.push('?');
        Self(link)
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: impl std::fmt::Display) -> Self {
        self.separate();
        self.0.push_str(name);
        self.0.push('=');
        write!(Encoded(&mut self.0), "{value}").unwrap_or_default();
        self
    }

    #[must_use]
    pub fn with_some(self, name: &str, value: Option<impl std::fmt::Display>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// The query, or the whole link; a link without parameters has no `?`.
    pub fn finish(mut self) -> String {
        if self.0.ends_with('?') {
            self.0.pop();
        }
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bad(raw: &str) -> Vec<(String, String)> {
        let bad = QueryReader::new(raw).finish(&["q"]);
        bad.into_iter().map(|bad| (bad.name, bad.reason)).collect()
    }

    #[test]
    fn senseless_parameters_are_named() {
        for (raw, name, reason) in [
            ("q=1&q=2", "q", "given more than once"),
            ("q=1&q=1&q=1", "q", "given more than once"),
            ("q=%zz", "q", "broken percent-encoding"),
            ("q=%", "q", "broken percent-encoding"),
            ("q=%4", "q", "broken percent-encoding"),
            ("q=%ff", "q", "not readable as text"),
            ("q=%C3%28", "q", "not readable as text"),
            ("q=a%00b", "q", "has control characters"),
            ("q=a%0d%0ab", "q", "has control characters"),
            ("color=red", "color", "unknown filter"),
            ("color", "color", "unknown filter"),
            ("%00=1", "%00", "has control characters"),
        ] {
            assert_eq!(bad(raw), [(name.to_owned(), reason.to_owned())], "{raw}");
        }
        for fine in [
            "",
            "&&",
            "q=1",
            "q=",
            "since=12&since=13",
            "_=1",
            "utm_source=x&utm_source=y",
        ] {
            assert_eq!(bad(fine), [], "{fine}");
        }
    }

    #[test]
    fn a_repeated_or_broken_parameter_reads_as_absent() {
        for raw in [
            "q=1&q=2",
            "q=1&q=2&q=3",
            "q=%ff&q=1",
            "q=1&q=%ff",
            "q=",
            "q=+",
        ] {
            let mut reader = QueryReader::new(raw);
            assert_eq!(reader.take("q"), None, "{raw}");
        }
        assert_eq!(
            QueryReader::new("q=+a%2Bb+").take("q").as_deref(),
            Some("a+b")
        );
    }

    #[test]
    fn what_is_shown_of_bad_values_is_short() {
        let raw = (0..100)
            .map(|i| format!("x{i}={}", "é".repeat(10_000)))
            .collect::<Vec<_>>()
            .join("&");
        let bad = QueryReader::new(&raw).finish(&[]);
        assert_eq!(bad.len(), NAMED);
        let many = "a=1&".repeat(100_000);
        assert!(QueryReader::new(&many).finish(&[]).len() <= 2);
        assert!(bad.iter().all(|bad| bad.value.chars().count() == SHOWN + 1));
    }

    proptest! {
        #[test]
        fn any_text_survives_writing_and_reading(text in "[^\\p{Cc}]{0,20}", other in "[^\\p{Cc}]{0,20}") {
            let raw = QueryWriter::default().with("a", &text).with_some("b", Some(&other)).finish();
            prop_assert!(raw.is_ascii());
            let mut reader = QueryReader::new(&raw);
            let kept = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
            prop_assert_eq!(reader.take("a"), kept(&text));
            prop_assert_eq!(reader.take("b"), kept(&other));
            prop_assert_eq!(reader.finish(&[]), vec![]);
        }

        #[test]
        fn no_query_breaks_the_reader(raw in "[a-c=&%+0-9\u{0}\u{e9}_]{0,40}") {
            let bad = QueryReader::new(&raw).finish(&[]);
            prop_assert!(bad.iter().all(|bad| !bad.reason.is_empty() && !bad.value.contains('\0')));
        }
    }
}
