//! Settings of the install that stand for themselves: its name, the pay cycle, how long things are kept, reasons.

use super::agent_form::{FieldError, FieldErrors};
use super::calendar::{Calendar, parse_minutes, show_minutes};
use super::install::Install;
use super::number_plan::settings::Words;
use super::text::{InstallName, Reason};

/// In the order of the form.
pub const NAMES: [&str; 7] = [
    Install::NAME,
    Install::TIME_ZONE,
    Install::DAY_BEGINS_AT,
    Install::PAY_CYCLE_DAY,
    Install::REASONS,
    Install::QUARANTINE_DAYS,
    Install::AUDIT_DAYS,
];

/// The audit log is kept for at least so many days, where it is not kept for ever.
const LEAST_AUDIT_DAYS: u16 = 30;
const MOST_DAYS: u16 = 3_650;
const MOST_REASONS: usize = 50;

/// The settings as they were saved last: other reporting days come into force when the calls are sorted into them.
pub fn words(install: &Install) -> Words {
    let days = install.chosen_days();
    Words::from([
        (Install::TIME_ZONE, days.zone.name().to_owned()),
        (
            Install::DAY_BEGINS_AT,
            show_minutes(days.day_begins_at_minutes),
        ),
        (Install::NAME, install.name.clone()),
        (Install::PAY_CYCLE_DAY, install.pay_cycle_day.to_string()),
        (Install::REASONS, install.reasons.join("\n")),
        (
            Install::QUARANTINE_DAYS,
            install.quarantine_days.to_string(),
        ),
        (
            Install::AUDIT_DAYS,
            install.audit_days.unwrap_or(0).to_string(),
        ),
    ])
}

/// The reporting days that these words choose; None when they choose none.
pub fn days(now: Calendar, words: &Words) -> Option<Calendar> {
    let (zone, begins) = (
        words.get(Install::TIME_ZONE),
        words.get(Install::DAY_BEGINS_AT),
    );
    if zone.is_none() && begins.is_none() {
        return None;
    }
    let zone = zone.map_or(Some(now.zone), |word| word.parse().ok())?;
    let begins = begins.map_or(Some(now.day_begins_at_minutes), |word| parse_minutes(word))?;
    Some(Calendar::new(zone, begins))
}

/// A word as forms send it and as it is compared: line ends and spaces around are no difference.
pub fn plain(text: &str) -> String {
    let lines = text.lines().map(str::trim);
    let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    lines.join("\n")
}

/// # Errors
/// What is wrong, by the name of the setting.
pub fn check(words: &Words) -> Result<(), FieldErrors> {
    let mut errors = FieldErrors::default();
    for (&name, word) in words {
        if let Err(message) = check_one(name, word) {
            errors.0.push(FieldError {
                name: name.into(),
                message,
            });
        }
    }
    match errors.is_empty() {
        true => Ok(()),
        false => Err(errors),
    }
}

fn check_one(name: &str, word: &str) -> Result<(), String> {
    match name {
        Install::NAME => InstallName::parse(word)
            .map(drop)
            .map_err(|why| format!("The name {why}.")),
        Install::TIME_ZONE => match word.parse::<chrono_tz::Tz>() {
            Ok(_) => Ok(()),
            Err(_) => Err("Choose a time zone such as Asia/Kolkata.".to_owned()),
        },
        Install::DAY_BEGINS_AT => parse_minutes(word)
            .map(drop)
            .ok_or_else(|| "Say a time of the day such as 00:00 or 04:30.".to_owned()),
        Install::PAY_CYCLE_DAY => number(word, 1, 28)
            .map(drop)
            .ok_or_else(|| "The first day of the pay cycle is a number from 1 to 28.".to_owned()),
        Install::QUARANTINE_DAYS => number(word, 0, MOST_DAYS)
            .map(drop)
            .ok_or_else(|| format!("Say a number of days from 0 to {MOST_DAYS}.")),
        Install::AUDIT_DAYS => match number(word, 0, MOST_DAYS) {
            Some(days) if days == 0 || days >= LEAST_AUDIT_DAYS => Ok(()),
            Some(_) | None => Err(format!(
                "Say a number of days from {LEAST_AUDIT_DAYS} to {MOST_DAYS}, or 0 to keep everything."
            )),
        },
        Install::REASONS => reasons(word),
        _ => Err("This is no setting.".to_owned()),
    }
}

fn number(word: &str, from: u16, to: u16) -> Option<u16> {
    let plain = word.bytes().all(|byte| byte.is_ascii_digit());
    let number: Option<u16> = word.parse().ok().filter(|_| plain);
    number.filter(|number| (from..=to).contains(number))
}

fn reasons(lines: &str) -> Result<(), String> {
    if lines.lines().count() > MOST_REASONS {
        return Err(format!("So many are no help: {MOST_REASONS} at most."));
    }
    for line in lines.lines() {
        let shown: String = line.chars().take(40).collect();
        Reason::parse(line).map_err(|why| format!("“{shown}” {why}."))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn what_is_in_force_is_fine_and_reads_back() {
        let install = Install::from_words(&HashMap::new()).unwrap();
        let words = words(&install);
        assert_eq!(words.len(), NAMES.len());
        assert_eq!(check(&words), Ok(()));
        let stored = words
            .iter()
            .map(|(name, word)| ((*name).to_owned(), word.clone()));
        let again = Install::from_words(&stored.collect()).unwrap();
        assert_eq!(super::words(&again), words);
    }

    #[test]
    fn what_makes_no_sense_is_told_at_its_setting() {
        for (name, word) in [
            (Install::NAME, ""),
            (Install::TIME_ZONE, "Mars/Olympus"),
            (Install::TIME_ZONE, ""),
            (Install::DAY_BEGINS_AT, "4:30"),
            (Install::DAY_BEGINS_AT, "24:00"),
            (Install::PAY_CYCLE_DAY, "29"),
            (Install::PAY_CYCLE_DAY, "+1"),
            (Install::QUARANTINE_DAYS, "-1"),
            (Install::AUDIT_DAYS, "7"),
            (Install::AUDIT_DAYS, "99999"),
            (Install::REASONS, "a\u{0}b"),
        ] {
            let errors = check(&Words::from([(name, word.to_owned())])).unwrap_err();
            assert!(errors.named(name).is_some(), "{name} {word}");
        }
        assert_eq!(plain(" sick \r\n\r\nlunch"), "sick\nlunch");
    }
}
