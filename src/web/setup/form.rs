//! The set-up form: what was typed, and what it means.

use crate::domain::number_plan::IntercomLength;
use crate::domain::password;
use crate::domain::phone::Region;
use crate::domain::text::{Email, LoginId, Name};
use crate::web::setup::view::SetUpPage;
use chrono_tz::Tz;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub struct SetUpForm {
    time_zone: String,
    region: String,
    intercom_length: String,
    name: String,
    login_id: String,
    email: String,
    password: String,
}

/// A form without faults, apart from the password, which is never kept as it is.
pub struct Checked {
    pub time_zone: Tz,
    pub region: Region,
    pub intercom_length: IntercomLength,
    pub name: Name,
    pub login_id: LoginId,
    pub email: Email,
}

/// What is wrong, by field; empty where nothing is.
#[derive(Default)]
pub struct Faults {
    time_zone: String,
    region: String,
    intercom_length: String,
    name: String,
    login_id: String,
    email: String,
    password: String,
}

impl SetUpForm {
    pub fn password(&self) -> &str {
        &self.password
    }

    pub fn check(&self) -> Result<Checked, Box<Faults>> {
        let mut faults = Box::<Faults>::default();
        let time_zone = self.time_zone.trim().parse::<Tz>().ok();
        if time_zone.is_none() {
            faults.time_zone = "Choose a time zone such as Asia/Kolkata.".to_owned();
        }
        let region = self.region.trim().parse::<Region>().ok();
        if region.is_none() {
            faults.region = "Choose a region from the list.".to_owned();
        }
        let length = IntercomLength::parse(&self.intercom_length)
            .map_err(|why| {
                faults.intercom_length = format!("The length of intercom numbers {why}.")
            })
            .ok();
        let name = Name::parse(&self.name)
            .map_err(|e| faults.name = format!("The name {e}."))
            .ok();
        let login_id = LoginId::parse(&self.login_id)
            .map_err(|e| faults.login_id = format!("The user ID {e}."))
            .ok();
        let email = Email::parse(&self.email)
            .map_err(|e| faults.email = format!("The email {e}."))
            .ok();
        if let Err(fault) = password::check(&self.password, &[&self.name, &self.login_id], false) {
            faults.password = fault.to_string();
        }
        match (time_zone, region, length, name, login_id, email) {
            (
                Some(time_zone),
                Some(region),
                Some(intercom_length),
                Some(name),
                Some(login_id),
                Some(email),
            ) if faults.password.is_empty() => Ok(Checked {
                time_zone,
                region,
                intercom_length,
                name,
                login_id,
                email,
            }),
            _ => Err(faults),
        }
    }

    /// Everything as it was typed but the password, with what is wrong beside it.
    pub fn show_again(&self, page: &mut SetUpPage<'_>, faults: &Faults) {
        let fields = [
            (&mut page.time_zone, &self.time_zone, &faults.time_zone),
            (&mut page.region, &self.region, &faults.region),
            (
                &mut page.intercom_length,
                &self.intercom_length,
                &faults.intercom_length,
            ),
            (&mut page.name, &self.name, &faults.name),
            (&mut page.login_id, &self.login_id, &faults.login_id),
            (&mut page.email, &self.email, &faults.email),
        ];
        for (field, typed, fault) in fields {
            field.value = typed.chars().take(256).collect();
            field.error.clone_from(fault);
        }
        page.password.error.clone_from(&faults.password);
        let mut in_order = [
            &mut page.time_zone,
            &mut page.region,
            &mut page.intercom_length,
            &mut page.name,
            &mut page.login_id,
            &mut page.email,
            &mut page.password,
        ];
        if let Some(first) = in_order.iter_mut().find(|field| !field.error.is_empty()) {
            first.focus = true;
        }
        page.message = "Nothing was saved yet: some fields need another look.".to_owned();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(change: impl FnOnce(&mut SetUpForm)) -> SetUpForm {
        let mut form = SetUpForm {
            time_zone: "Asia/Kolkata".to_owned(),
            region: "IN".to_owned(),
            intercom_length: "4".to_owned(),
            name: "Priya Nair".to_owned(),
            login_id: "priya.nair".to_owned(),
            email: "priya.nair@example.org".to_owned(),
            password: "wet green lamp seven".to_owned(),
        };
        change(&mut form);
        form
    }

    #[test]
    fn each_fault_stands_beside_its_field() {
        assert!(form(|_| {}).check().is_ok());
        let faults = SetUpForm::default().check().err().unwrap();
        let all = [
            &faults.time_zone,
            &faults.region,
            &faults.intercom_length,
            &faults.name,
            &faults.login_id,
            &faults.email,
        ];
        assert!(all.iter().all(|fault| !fault.is_empty()) && !faults.password.is_empty());
        let faults = form(|f| f.password = "priya.nair priya".to_owned())
            .check()
            .err()
            .unwrap();
        assert!(faults.password.contains("easy to guess") && faults.name.is_empty());
        let faults = form(|f| f.intercom_length = "5".to_owned())
            .check()
            .err()
            .unwrap();
        assert!(faults.intercom_length.contains("transfer codes have five"));
    }
}
