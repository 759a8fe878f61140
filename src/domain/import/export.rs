//! The columns of the template and of exports, and what an export writes into them, so that a file which was
//! not changed comes back as unchanged.

use super::cell::{join_list, written};
use super::column::Column;
use super::facts::Facts;
use super::names::NewRecord;
use crate::domain::agent::words;
use crate::domain::agent_form::{Field, Value, Values};
use crate::domain::ids::{AgentId, CallerIdId, DepartmentId, GroupId, TimeGroupId};
use crate::domain::person::{Person, WebLoginStatus};
use crate::domain::phone::Phone;
use crate::domain::status::{AgentStatus, ExtensionStatus};
use crate::domain::text::cell::neutral;
use csv::{QuoteStyle, Terminator, Writer, WriterBuilder};
use std::io::{self, Write};

/// The columns of the template, in its order.
pub const TEMPLATE: [Column; 20] = [
    Column::EmployeeId,
    Column::LoginId,
    Column::Name,
    Column::Designation,
    Column::Email,
    Column::Phone,
    Column::AlternativeNumbers,
    Column::Role,
    Column::CallingAgent,
    Column::AgentGroups,
    Column::Departments,
    Column::TimeGroup,
    Column::Intercom,
    Column::Extension,
    Column::CallerIds,
    Column::RingsOn,
    Column::OutgoingCalls,
    Column::LoginBasedCalling,
    Column::AdminState,
    Column::WebLogin,
];

/// The columns of an export that come back: the template's, with the keys that hold whatever else is edited, and the number
/// that calls go to where it is not the phone.
const EXPORT: [Column; 23] = [
    Column::AgentId,
    Column::CurrentLoginId,
    Column::EmployeeId,
    Column::LoginId,
    Column::Name,
    Column::Designation,
    Column::Email,
    Column::Phone,
    Column::CallForwardingNumber,
    Column::AlternativeNumbers,
    Column::Role,
    Column::CallingAgent,
    Column::AgentGroups,
    Column::Departments,
    Column::TimeGroup,
    Column::Intercom,
    Column::Extension,
    Column::CallerIds,
    Column::RingsOn,
    Column::OutgoingCalls,
    Column::LoginBasedCalling,
    Column::AdminState,
    Column::WebLogin,
];

words!(/// What an export tells behind these columns and no file can set: the import knows the names and skips them.
Told {
    AgentStatus = "agent_status",
    StatusDetails = "status_details",
    ExtensionStatus = "extension_status",
    WebLoginStatus = "web_login_status",
});

/// How somebody is at the moment of an export.
#[derive(Clone, Debug)]
pub struct Statuses {
    /// Of a calling agent, with the cause that the status hides; empty for none.
    pub agent: Option<(AgentStatus, String)>,
    pub extension: ExtensionStatus,
    pub web_login: WebLoginStatus,
}

/// A writer as all files of ours are: with a mark, so that a spreadsheet reads it as UTF-8.
pub(super) fn writer<W: Write>(mut out: W) -> io::Result<Writer<W>> {
    out.write_all("\u{feff}".as_bytes())?;
    Ok(WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .quote_style(QuoteStyle::Necessary)
        .flexible(true)
        .from_writer(out))
}

/// Writes a row; what a spreadsheet would run as a formula is neutralised, and the import takes that off again.
pub fn write_row<W: Write, C: AsRef<str>>(
    writer: &mut Writer<W>,
    cells: impl IntoIterator<Item = C>,
) -> io::Result<()> {
    for cell in cells {
        writer
            .write_field(neutral(cell.as_ref()).as_bytes())
            .map_err(io::Error::other)?;
    }
    writer.write_record(None::<&[u8]>).map_err(io::Error::other)
}

/// Begins a file with the names of these columns; the template has nothing else.
pub fn template<W: Write>(out: W, columns: &[Column]) -> io::Result<Writer<W>> {
    let mut writer = writer(out)?;
    write_row(&mut writer, columns.iter().map(|column| column.word()))?;
    Ok(writer)
}

/// Begins an export.
pub fn begin_export<W: Write>(out: W) -> io::Result<Writer<W>> {
    let mut writer = writer(out)?;
    write_row(&mut writer, export_head())?;
    Ok(writer)
}

/// The names of the columns of an export: those that come back, then those that only tell.
pub fn export_head() -> Vec<&'static str> {
    let columns = EXPORT.iter().map(|column| column.word());
    columns
        .chain(Told::ALL.iter().map(|told| told.word()))
        .collect()
}

/// The cells of someone, in the order of [`export_head`].
pub fn export_row(person: &Person, statuses: &Statuses, facts: &Facts) -> Vec<String> {
    let values = Values::of(person);
    let agent = person.living_agent();
    let of_agents = |text: String| if agent.is_some() { text } else { String::new() };
    let cell = |column: &Column| match column {
        Column::AgentId => of_agents(AgentId::of(person.id).to_string()),
        Column::CurrentLoginId => person.login_id.to_string(),
        Column::Role => facts
            .role(person.role)
            .map_or(String::new(), |role| written(&role.name).into_owned()),
        Column::CallingAgent => yes_or_no(agent.is_some()),
        Column::AdminState => {
            agent.map_or(String::new(), |agent| agent.admin.state.word().to_owned())
        }
        Column::WebLogin => person.web_login.word().to_owned(),
        column if column.is_of_agents() && agent.is_none() => String::new(),
        column => {
            let value = column
                .field()
                .and_then(|field| Some((field, values.get(field)?)));
            value.map_or(String::new(), |(field, value)| {
                value_cell(field, value, facts, &[])
            })
        }
    };
    let told = Told::ALL.iter().map(|told| statuses.cell(*told));
    EXPORT.iter().map(cell).chain(told).collect()
}

impl Statuses {
    fn cell(&self, told: Told) -> String {
        let agent = self.agent.as_ref();
        match told {
            Told::AgentStatus => agent.map_or("", |(status, _)| status.word()).to_owned(),
            Told::StatusDetails => agent.map_or(String::new(), |(_, details)| details.clone()),
            Told::ExtensionStatus => match self.extension {
                ExtensionStatus::None => String::new(),
                status => status.word().to_owned(),
            },
            Told::WebLoginStatus => self.web_login.word().to_owned(),
        }
    }
}

/// A value as an export writes it.
pub(super) fn value_cell(
    field: Field,
    value: &Value,
    facts: &Facts,
    created: &[NewRecord],
) -> String {
    let name = |id: &i64| name_of(field, *id, facts, created);
    let text = match value {
        Value::Text(None) | Value::One(None) => String::new(),
        Value::Text(Some(text)) => match field {
            Field::Phone | Field::CallForwardingNumber => spaced(text),
            _ => text.clone(),
        },
        Value::Texts(numbers) => join_list(numbers.iter().map(|number| spaced(number))),
        Value::Flag(flag) => yes_or_no(*flag),
        Value::One(Some(id)) => name(id).unwrap_or_default(),
        Value::Many(ids) => join_list(ids.iter().filter_map(name)),
    };
    written(&text).into_owned()
}

fn yes_or_no(flag: bool) -> String {
    if flag { "yes" } else { "no" }.to_owned()
}

/// With its country code and spaces, which keep a spreadsheet from reckoning with it: `+91 98765 43210`.
fn spaced(number: &str) -> String {
    let Some(phone) = Phone::from_e164(number) else {
        return number.to_owned();
    };
    let shown = phone.shown().international;
    let spaced: String = shown
        .chars()
        .map(|c| {
            if c.is_ascii_digit() || c == '+' {
                c
            } else {
                ' '
            }
        })
        .collect();
    let spaced = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
    // Some countries write nothing in between.
    match spaced.split_once(' ') {
        Some(_) => spaced,
        None => number
            .chars()
            .take(3)
            .chain([' '])
            .chain(number.chars().skip(3))
            .collect(),
    }
}

fn name_of(field: Field, id: i64, facts: &Facts, created: &[NewRecord]) -> Option<String> {
    if let Some(new) = NewRecord::at(id) {
        return created.get(new).map(|new| new.name.clone());
    }
    match field {
        Field::AgentGroups => {
            let mut groups = facts.groups.iter();
            let group = groups.find(|group| group.id == GroupId(id))?;
            let scope = &facts.rights.scope;
            (scope.is_all() || scope.sees(&[group.id])).then(|| group.name.clone())
        }
        Field::Departments => {
            let mut departments = facts.departments.iter();
            departments
                .find(|one| one.id == DepartmentId(id))
                .map(|one| one.name.clone())
        }
        Field::TimeGroup => {
            let mut time_groups = facts.time_groups.iter();
            time_groups
                .find(|one| one.id == TimeGroupId(id))
                .map(|one| one.name.clone())
        }
        Field::CallerIds => {
            let mut caller_ids = facts.caller_ids.iter();
            let found = caller_ids.find(|(caller_id, _)| *caller_id == CallerIdId(id));
            found.map(|(_, number)| spaced(&number.to_string()))
        }
        _ => None,
    }
}
