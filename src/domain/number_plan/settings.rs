//! The settings that make up the number plan: how long intercoms are, the region, the feature codes. They are
//! changed together, by name, and checked together.

use super::{IntercomLength, Reserved, reserved};
use crate::domain::agent_form::{FieldError, FieldErrors};
use crate::domain::feature_code::{Code, Codes, Feature};
use crate::domain::install::Install;
use crate::domain::phone::Region;
use std::collections::BTreeMap;

/// Settings as words, by name: as stored, or as typed.
pub type Words = BTreeMap<&'static str, String>;

/// A plan that is sound in itself.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanSettings {
    pub length: IntercomLength,
    pub region: Region,
    pub codes: Codes,
}

/// Every setting of the plan, in the order of the form.
pub fn names() -> impl Iterator<Item = &'static str> {
    [Install::INTERCOM_LENGTH, Install::REGION]
        .into_iter()
        .chain(Feature::ALL.iter().map(|feature| feature.setting()))
}

impl PlanSettings {
    pub fn of(install: &Install) -> Self {
        Self {
            length: install.intercoms(),
            region: install.region,
            codes: install.codes.clone(),
        }
    }

    pub fn words(&self) -> Words {
        let codes = Feature::ALL.iter();
        let codes = codes.map(|&feature| (feature.setting(), self.codes.code(feature).to_owned()));
        let length = self.length.digits().to_string();
        Words::from_iter(codes.chain([
            (Install::INTERCOM_LENGTH, length),
            (Install::REGION, self.region.code()),
        ]))
    }

    /// This plan with other words; what is not among them stays.
    ///
    /// # Errors
    /// What is wrong, by the name of the setting.
    pub fn with(&self, words: &Words) -> Result<Self, FieldErrors> {
        let mut plan = self.clone();
        let mut errors = FieldErrors::default();
        let mut wrong = |name: &'static str, message: String| {
            errors.0.push(FieldError {
                name: name.into(),
                message,
            });
        };
        let now = self.words();
        // A word that stands already is not refused, whatever is asked of new ones.
        let changed = words
            .iter()
            .filter(|(name, word)| now.get(*name) != Some(*word));
        for (&name, word) in changed {
            match name {
                Install::INTERCOM_LENGTH => match IntercomLength::parse(word) {
                    Ok(length) => plan.length = length,
                    Err(why) => wrong(name, format!("The length of intercom numbers {why}.")),
                },
                Install::REGION => match word.trim().parse() {
                    Ok(region) => plan.region = region,
                    Err(_) => wrong(name, "Choose a region from the list.".to_owned()),
                },
                _ => {
                    let row = Feature::ALL.iter().find(|row| row.setting() == name);
                    match (row, Code::parse(word)) {
                        (Some(&feature), Ok(code)) => plan.codes.set(feature, code),
                        (Some(_), Err(why)) => wrong(name, format!("The code {why}.")),
                        (None, _) => wrong(name, "This is no setting.".to_owned()),
                    }
                }
            }
        }
        // One fault at a field is enough: codes are compared once each can be read.
        if errors.is_empty() {
            for clash in plan.codes.clashes() {
                errors.0.push(FieldError {
                    name: clash.feature.setting().into(),
                    message: plan.told_apart(clash.feature, clash.with),
                });
            }
        }
        match errors.is_empty() {
            true => Ok(plan),
            false => Err(errors),
        }
    }

    fn told_apart(&self, feature: Feature, with: Feature) -> String {
        let (code, other) = (self.codes.code(feature), self.codes.code(with));
        let label = with.label();
        match code == other {
            true => format!("{code} is the code of “{label}” already. Choose another."),
            false => {
                format!("{code} can’t be told apart from {other} (“{label}”). Choose another.")
            }
        }
    }

    /// The setting that a number which is in use would collide with: an intercom of another length, a number
    /// that is reserved.
    pub fn collides(&self, number: &str, is_intercom: bool) -> Option<Collides> {
        if is_intercom && number.len() != self.length.digits() {
            return Some(Collides {
                setting: Install::INTERCOM_LENGTH,
                with: self.length.digits().to_string(),
            });
        }
        let (with, what) = reserved(number, self.region, &self.codes)?;
        Some(Collides {
            setting: match what {
                Reserved::Emergency => Install::REGION,
                Reserved::FeatureCode(feature) => feature.setting(),
            },
            with: with.to_owned(),
        })
    }
}

/// What stands in the way of a number that is in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collides {
    pub setting: &'static str,
    /// The digits that an intercom should have, or the number that is reserved.
    pub with: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    fn plan() -> PlanSettings {
        PlanSettings::of(&Install::from_words(&HashMap::new()).unwrap())
    }

    fn with(name: &'static str, word: &str) -> Result<PlanSettings, FieldErrors> {
        plan().with(&Words::from([(name, word.to_owned())]))
    }

    #[test]
    fn words_read_back() {
        let plan = plan();
        assert_eq!(plan.words().len(), names().count());
        assert_eq!(plan.with(&plan.words()), Ok(plan.clone()));
        let other = with("region", "GB").unwrap();
        assert_eq!(
            (other.region.code().as_str(), other.length),
            ("GB", plan.length)
        );
    }

    #[test]
    fn each_setting_says_what_is_wrong_with_it() {
        for (name, word, why) in [
            ("intercom_length", "5", "transfer codes have five"),
            ("intercom_length", "9", "3, 4 or 6"),
            ("region", "XX", "from the list"),
            ("feature_code_blind", "11", "begin with # or *"),
            (
                "feature_code_attended",
                "#1",
                "the code of “Blind transfer” already",
            ),
            (
                "feature_code_queue_on",
                "*31",
                "can’t be told apart from *3 (“Conference”)",
            ),
        ] {
            let errors = with(name, word).unwrap_err();
            let said = errors.named(name).unwrap_or_default();
            assert!(said.contains(why), "{name} {word}: {errors:?}");
        }
        assert!(with("feature_code_queue_on", "#1").is_ok());
    }

    #[test]
    fn a_length_from_the_first_day_may_stay() {
        let words = HashMap::from([("intercom_length".to_owned(), "5".to_owned())]);
        let old = PlanSettings::of(&Install::from_words(&words).unwrap());
        let mut kept = old.words();
        kept.insert("feature_code_conference", "*9".to_owned());
        assert_eq!(old.with(&kept).unwrap().length.digits(), 5);
    }

    #[test]
    fn numbers_in_use_stand_in_the_way() {
        let setting = |plan: &PlanSettings, number, intercom| {
            plan.collides(number, intercom)
                .map(|found| (found.setting, found.with))
        };
        let six = with("intercom_length", "6").unwrap();
        assert_eq!(
            setting(&six, "2001", true),
            Some(("intercom_length", "6".to_owned()))
        );
        assert_eq!(setting(&six, "90001", false), None);
        let australia = with("region", "AU").unwrap();
        assert_eq!(
            setting(&australia, "0001", true),
            Some(("region", "000".to_owned()))
        );
        assert_eq!(setting(&plan(), "2001", true), None);
    }
}
