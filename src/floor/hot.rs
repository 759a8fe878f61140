//! What filters and sorts read of every person, packed so that a pass over 100,000 is short.

use super::records::Records;
use crate::domain::agent::RingsOn;
use crate::domain::ids::RoleId;
use crate::domain::person::{Person, WebLogin};
use crate::domain::status::{AdminState, CallState, Causes, Device, Duty};

/// Everything that decides the badges, apart from the clock, and what lists of users filter by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hot {
    /// 0: none.
    time_group: u32,
    /// 0: none that there could be.
    role: u32,
    web_login: WebLogin,
    /// Failed sign-ins have shut the person out, perhaps long ago.
    was_locked: bool,
    admin: AdminState,
    duty: Duty,
    call: CallState,
    device: Device,
    rings_on: RingsOn,
    login_based: bool,
    has_extension: bool,
    has_number: bool,
}

impl Hot {
    pub fn of(person: &Person) -> Self {
        let role = u32::try_from(person.role.0).unwrap_or(0);
        let (web_login, was_locked) = (person.web_login, person.locked_until.is_some());
        match person.agent.as_deref() {
            Some(agent) => Self {
                time_group: agent
                    .time_group
                    .and_then(|id| u32::try_from(id.0).ok())
                    .unwrap_or(0),
                role,
                web_login,
                was_locked,
                admin: agent.admin.state,
                duty: agent.live.duty,
                call: agent.live.call,
                device: agent.live.device,
                rings_on: agent.rings_on,
                login_based: agent.login_based,
                has_extension: agent.extension.is_some(),
                has_number: agent.forwarding_number.is_some()
                    || !agent.alternative_numbers.is_empty(),
            },
            None => Self {
                time_group: 0,
                role,
                web_login,
                was_locked,
                admin: AdminState::Enabled,
                duty: Duty::Off,
                call: CallState::Idle,
                device: Device::Unknown,
                rings_on: RingsOn::Phone,
                login_based: false,
                has_extension: false,
                has_number: false,
            },
        }
    }

    pub fn time_group(self) -> Option<i64> {
        (self.time_group != 0).then_some(i64::from(self.time_group))
    }

    pub fn role(self) -> RoleId {
        RoleId(self.role.into())
    }

    pub fn web_login(self) -> WebLogin {
        self.web_login
    }

    pub fn was_locked(self) -> bool {
        self.was_locked
    }

    pub fn call(self) -> CallState {
        self.call
    }

    pub fn causes(self, records: &Records, source_alive: bool) -> Causes {
        Causes {
            admin: self.admin,
            duty: self.duty,
            login_based: self.login_based,
            call: self.call,
            device: self.device,
            has_extension: self.has_extension,
            rings_on: self.rings_on,
            has_number: self.has_number,
            open: self.time_group == 0 || records.is_open(self.time_group),
            source_alive,
        }
    }
}

/// Sort keys of the columns that are not text. Blank ones are the greatest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    pub forwarding: Vec<u64>,
    pub alternative: Vec<u64>,
    pub intercom: Vec<u64>,
    pub extension: Vec<u64>,
    pub phone: Vec<u64>,
    pub time_group: Vec<u64>,
    pub departments: Vec<u64>,
    pub caller_id: Vec<u64>,
}

use super::rank::BLANK;

impl Keys {
    /// Sets the keys of a slot; slots are added in order.
    pub fn set(&mut self, slot: u32, person: &Person, records: &Records) {
        let agent = person.agent.as_deref();
        let number = |phone: Option<crate::domain::phone::Phone>| {
            phone.map_or(BLANK, |phone| phone.digits())
        };
        put(&mut self.phone, slot, number(person.phone));
        put(
            &mut self.forwarding,
            slot,
            number(agent.and_then(|a| a.forwarding_number)),
        );
        put(
            &mut self.alternative,
            slot,
            number(agent.and_then(|a| a.alternative_numbers.first().copied())),
        );
        // A leading 1 keeps "0042" apart from "42": shorter numbers come first, then by value.
        let intercom = agent
            .and_then(|a| a.intercom.as_deref())
            .and_then(|digits| format!("1{digits}").parse().ok());
        put(&mut self.intercom, slot, intercom.unwrap_or(BLANK));
        let extension = agent.and_then(|a| a.extension.as_deref());
        put(&mut self.extension, slot, digits_key(extension));
        let time_group = agent
            .and_then(|a| a.time_group)
            .and_then(|id| records.time_group_place(id));
        put(&mut self.time_group, slot, time_group.unwrap_or(BLANK));
        put(
            &mut self.departments,
            slot,
            agent.map_or(BLANK, |a| records.departments_key(&a.departments)),
        );
        let caller_id = agent
            .and_then(|a| a.caller_ids.first())
            .and_then(|&id| records.caller_id(id));
        put(
            &mut self.caller_id,
            slot,
            caller_id.map_or(BLANK, |caller_id| caller_id.number.digits()),
        );
    }
}

fn put(column: &mut Vec<u64>, slot: u32, key: u64) {
    match column.get_mut(slot as usize) {
        Some(place) => *place = key,
        None => column.push(key),
    }
}

/// Shorter ones first, then by value; what is longer than any key holds by its first digits.
fn digits_key(digits: Option<&str>) -> u64 {
    let Some(digits) = digits else {
        return BLANK;
    };
    let value: u64 = digits
        .get(..digits.len().min(16))
        .and_then(|first| first.parse().ok())
        .unwrap_or(0);
    // 16 digits are below 2^54; the length, 32 at most, stands before them.
    ((digits.len().min(63) as u64) << 54) | value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_sort_as_numbers_do_and_none_comes_last() {
        let key = |digits: &str| digits_key(Some(digits));
        assert!(key("99") < key("100") && key("100") < key("101"));
        assert!(key("0100") > key("101"), "longer");
        assert!(key(&"9".repeat(32)) < digits_key(None));
    }
}
