//! The install's settings as the rest of the product uses them.

use super::calendar::{Calendar, parse_minutes};
use super::feature_code::{Code, Codes, Feature, Rules};
use super::mail::MailServer;
use super::number_plan::IntercomLength;
use super::phone::Region;
use std::collections::HashMap;

/// Settings of this install, read from their stored words.
#[derive(Clone, Debug, PartialEq)]
pub struct Install {
    /// Shown to people, for example the company's name.
    pub name: String,
    pub calendar: Calendar,
    /// Country of numbers without a country code, and of the readers.
    pub region: Region,
    /// Digits of an intercom number, 3–6.
    pub intercom_length: u8,
    /// What is pressed during a call to pass it on.
    pub codes: Codes,
    /// First day of the pay cycle, 1–28.
    pub pay_cycle_day: u8,
    /// Generation of `day_counts` in force.
    pub count_generation: i32,
    /// The days that the calls are being sorted into, until all are and these days are in force.
    pub next_days: Option<NextDays>,
    /// The phone system is a simulation (a demo's database).
    pub simulated: bool,
    /// Days for which a deleted record holds its login id, email and intercom.
    pub quarantine_days: u16,
    /// Reasons that are proposed for a block or a pause.
    pub reasons: Vec<String>,
    /// Days for which the audit log is kept; none: for ever.
    pub audit_days: Option<u16>,
    /// Takes the letters; none: links are shown instead of sent.
    pub mail: Option<MailServer>,
}

/// Reporting days that were chosen and are not in force yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextDays {
    pub calendar: Calendar,
    /// Generation of `day_counts` that is being built with them.
    pub generation: i32,
}

impl Install {
    /// Names of the settings, as stored.
    pub const TIME_ZONE: &'static str = "time_zone";
    pub const DAY_BEGINS_AT: &'static str = "day_begins_at";
    pub const REGION: &'static str = "region";
    pub const INTERCOM_LENGTH: &'static str = "intercom_length";
    pub const PAY_CYCLE_DAY: &'static str = "pay_cycle_day";
    pub const COUNT_GENERATION: &'static str = "count_generation";
    pub const NEXT_TIME_ZONE: &'static str = "next_time_zone";
    pub const NEXT_DAY_BEGINS_AT: &'static str = "next_day_begins_at";
    /// There while calls are being sorted into other days.
    pub const NEXT_GENERATION: &'static str = "next_generation";
    pub const SIMULATED: &'static str = "simulated";
    pub const NAME: &'static str = "install_name";
    pub const QUARANTINE_DAYS: &'static str = "quarantine_days";
    pub const AUDIT_DAYS: &'static str = "audit_days";
    /// One a line.
    pub const REASONS: &'static str = "reasons";

    const USUAL_REASONS: [&str; 6] = [
        "sick",
        "on leave",
        "training",
        "lunch",
        "meeting",
        "technical trouble",
    ];

    /// A setting that is absent has its default; before first start the zone is UTC.
    ///
    /// # Errors
    /// The name of the setting whose stored word can't be read.
    pub fn from_words(words: &HashMap<String, String>) -> Result<Self, BadSetting> {
        let zone = read(words, Self::TIME_ZONE, chrono_tz::UTC, |word| {
            word.parse().ok()
        })?;
        let begins = read(words, Self::DAY_BEGINS_AT, 0, parse_minutes)?;
        Ok(Self {
            name: words
                .get(Self::NAME)
                .cloned()
                .unwrap_or_else(|| "Rollcall".to_owned()),
            calendar: Calendar::new(zone, begins),
            region: read(words, Self::REGION, Region::INDIA, |word| word.parse().ok())?,
            intercom_length: read(words, Self::INTERCOM_LENGTH, 4, between(3, 6))?,
            codes: codes(words)?,
            pay_cycle_day: read(words, Self::PAY_CYCLE_DAY, 1, between(1, 28))?,
            count_generation: read(words, Self::COUNT_GENERATION, 1, |word| word.parse().ok())?,
            next_days: next_days(words, zone, begins)?,
            simulated: words
                .get(Self::SIMULATED)
                .is_some_and(|word| word == "true"),
            quarantine_days: read(words, Self::QUARANTINE_DAYS, 30, |word| {
                word.parse().ok().filter(|days| *days <= 3_650)
            })?,
            audit_days: read(words, Self::AUDIT_DAYS, None, |word| {
                let days: u16 = word.parse().ok().filter(|days| *days <= 3_650)?;
                Some(Some(days).filter(|days| *days > 0))
            })?,
            reasons: match words.get(Self::REASONS) {
                Some(lines) => lines
                    .lines()
                    .map(str::trim)
                    .filter(|line| !line.is_empty())
                    .map(str::to_owned)
                    .collect(),
                None => Self::USUAL_REASONS.map(str::to_owned).to_vec(),
            },
            mail: MailServer::stored(words),
        })
    }

    /// The reporting days that were chosen last, in force or about to be.
    pub fn chosen_days(&self) -> Calendar {
        self.next_days.map_or(self.calendar, |next| next.calendar)
    }

    /// How many digits an intercom number has.
    pub fn intercoms(&self) -> IntercomLength {
        IntercomLength::new(usize::from(self.intercom_length)).unwrap_or_default()
    }

    /// The rules of transfers with these settings.
    pub fn transfer_rules(&self) -> Rules<'_> {
        Rules {
            codes: &self.codes,
            length: self.intercoms(),
            region: self.region,
        }
    }
}

/// Days on their way; what is not said of them is as it was.
fn next_days(
    words: &HashMap<String, String>,
    zone: chrono_tz::Tz,
    begins: u16,
) -> Result<Option<NextDays>, BadSetting> {
    let generation = read(words, Install::NEXT_GENERATION, None, |word| {
        word.parse().ok().map(Some)
    })?;
    let Some(generation) = generation else {
        return Ok(None);
    };
    let zone = read(words, Install::NEXT_TIME_ZONE, zone, |word| {
        word.parse().ok()
    })?;
    let begins = read(words, Install::NEXT_DAY_BEGINS_AT, begins, parse_minutes)?;
    Ok(Some(NextDays {
        calendar: Calendar::new(zone, begins),
        generation,
    }))
}

/// The feature codes; a row that was never changed has its default.
fn codes(words: &HashMap<String, String>) -> Result<Codes, BadSetting> {
    let mut codes = Codes::default();
    for &feature in Feature::ALL {
        if let Some(word) = words.get(feature.setting()) {
            let code = Code::parse(word).map_err(|_| bad(feature, word))?;
            codes.set(feature, code);
        }
    }
    match codes.clashes().first() {
        None => Ok(codes),
        Some(clash) => Err(bad(clash.feature, codes.code(clash.feature))),
    }
}

fn bad(feature: Feature, value: &str) -> BadSetting {
    BadSetting {
        name: feature.setting(),
        value: value.to_owned(),
    }
}

/// A stored setting that this version can't read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the setting {name} has the unreadable value {value:?}")]
pub struct BadSetting {
    name: &'static str,
    value: String,
}

fn between(from: u8, to: u8) -> impl Fn(&str) -> Option<u8> {
    move |word| {
        word.parse()
            .ok()
            .filter(|number| (from..=to).contains(number))
    }
}

fn read<T>(
    words: &HashMap<String, String>,
    name: &'static str,
    default: T,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<T, BadSetting> {
    match words.get(name) {
        None => Ok(default),
        Some(word) => parse(word).ok_or_else(|| BadSetting {
            name,
            value: word.clone(),
        }),
    }
}
