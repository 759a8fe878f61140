//! From keys that are pressed to what they mean.

use super::{Argument, Directory, Feature, Meaning, Refusal, Rules, Situation};
use crate::domain::number_plan::{TransferCode, emergency_numbers};
use crate::domain::phone::Phone;

/// No transfer needs as many keys.
const LONGEST: usize = 40;

impl Rules<'_> {
    /// What keys mean in a situation. Spaces and hyphens between keys are passed over.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn read(
        &self,
        situation: &Situation,
        keys: &str,
        directory: &dyn Directory,
    ) -> Result<Meaning, Refusal> {
        let keys = plain(keys)?;
        let rows = self.codes.rows_of(&keys);
        let Some(&first) = rows.first() else {
            return Err(self.unknown(&keys));
        };
        let (code, then) = keys.split_at(self.codes.code(first).len());
        if first.argument() == Argument::Nothing {
            return self.conference(situation, code, then);
        }
        if then.is_empty() {
            return Err(Refusal::NothingAfter {
                code: code.to_owned(),
                needed: self.needed(&rows),
            });
        }
        if !then.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Refusal::NotDigits {
                code: code.to_owned(),
                then: then.to_owned(),
            });
        }
        match first.argument() {
            Argument::External => self.external(situation, first, code, then),
            Argument::Intercom | Argument::TransferCode | Argument::Nothing => {
                self.inside(situation, &rows, (code, then), directory)
            }
        }
    }

    fn conference(
        &self,
        situation: &Situation,
        code: &str,
        then: &str,
    ) -> Result<Meaning, Refusal> {
        self.allow(situation, Feature::Conference)?;
        match then.is_empty() {
            true => Ok(Meaning::Conference),
            false => Err(Refusal::SomethingAfter {
                code: code.to_owned(),
            }),
        }
    }

    fn external(
        &self,
        situation: &Situation,
        feature: Feature,
        code: &str,
        then: &str,
    ) -> Result<Meaning, Refusal> {
        self.allow(situation, feature)?;
        if emergency_numbers(self.region).contains(&then) {
            return Err(Refusal::Emergency {
                number: then.to_owned(),
            });
        }
        let phone = Phone::parse(then, self.region).map_err(|why| Refusal::BadNumber {
            code: code.to_owned(),
            then: then.to_owned(),
            why,
        })?;
        Ok(Meaning::External(feature.how(), phone))
    }

    /// An agent, a department or an IVR: which, the length says.
    fn inside(
        &self,
        situation: &Situation,
        rows: &[Feature],
        (code, then): (&str, &str),
        directory: &dyn Directory,
    ) -> Result<Meaning, Refusal> {
        let of = |argument: Argument| {
            rows.iter()
                .copied()
                .filter(move |row| row.argument() == argument)
        };
        if let Some(row) = of(Argument::Intercom).next()
            && then.len() == self.length.digits()
        {
            let called = directory.agent_by_intercom(then);
            let called = called.ok_or_else(|| Refusal::UnknownIntercom {
                intercom: then.to_owned(),
            })?;
            return Ok(Meaning::Agent(row.how(), called));
        }
        let mut lines = of(Argument::TransferCode).peekable();
        if lines.peek().is_some() && then.len() == TransferCode::DIGITS {
            let allowed: Vec<Result<(), Refusal>> =
                lines.map(|row| self.allow(situation, row)).collect();
            if !allowed.iter().any(Result::is_ok) {
                allowed.into_iter().collect::<Result<(), Refusal>>()?;
            }
            let line = directory.line_by_code(then);
            let line = line.ok_or_else(|| Refusal::UnknownTransferCode {
                transfer_code: then.to_owned(),
            })?;
            return Ok(Meaning::Line(line));
        }
        Err(Refusal::WrongLength {
            code: code.to_owned(),
            given: then.len(),
            needed: self.needed(rows),
        })
    }

    /// What is to be dialled after the code of these rows.
    fn needed(&self, rows: &[Feature]) -> String {
        let mut needed: Vec<String> = Vec::new();
        for row in rows {
            let said = match row.argument() {
                Argument::Intercom => {
                    format!("an agent’s intercom ({} digits)", self.length.digits())
                }
                Argument::External => "an external number".to_owned(),
                Argument::TransferCode => {
                    format!("a transfer code ({} digits)", TransferCode::DIGITS)
                }
                Argument::Nothing => "nothing".to_owned(),
            };
            if !needed.contains(&said) {
                needed.push(said);
            }
        }
        needed.join(" or ")
    }

    fn unknown(&self, keys: &str) -> Refusal {
        let codes = self.codes.distinct().join(", ");
        match keys.starts_with(|c: char| c.is_ascii_digit()) {
            true => Refusal::NoCode { codes },
            false => Refusal::UnknownCode {
                pressed: keys.chars().take(4).collect(),
                codes,
            },
        }
    }
}

/// The keys alone.
fn plain(keys: &str) -> Result<String, Refusal> {
    let keys: String = keys
        .chars()
        .filter(|c| !matches!(c, ' ' | '-' | '\u{a0}'))
        .take(LONGEST + 1)
        .collect();
    if let Some(other) = keys.chars().find(|c| !matches!(c, '0'..='9' | '*' | '#')) {
        return Err(Refusal::NoKey { typed: other });
    }
    match keys.len() {
        0 => Err(Refusal::NoKeys),
        1..=LONGEST => Ok(keys),
        _ => Err(Refusal::TooMany),
    }
}
