//! What a row does to someone: made, changed, or left as they are.

use super::super::cell::Cell;
use super::super::column::Column;
use super::super::export::value_cell;
use super::super::facts::People;
use super::super::fault::mend;
use super::super::options::Options;
use super::row::Row;
use super::{Draft, Edit, Newcomer, Outcome, Planner};
use crate::domain::agent_form::{Field, Value, Values};
use crate::domain::ids::{GroupId, RoleId};
use crate::domain::person::{Person, WebLogin};
use crate::domain::status::AdminState;

/// The fields of users who are no agents.
const OF_USERS: [Field; 6] = [
    Field::Name,
    Field::EmployeeId,
    Field::Designation,
    Field::Phone,
    Field::Email,
    Field::Username,
];

impl<'a> Planner<'a> {
    /// Whom a row makes that is about nobody who is here; with the defaults of the file in its empty cells.
    pub(super) fn newcomer<'r>(&self, row: &mut Row<'r>) -> Newcomer
    where
        'a: 'r,
    {
        self.fill_defaults(row, false);
        let newcomer = Newcomer::of(self.will_be_agent(row));
        if newcomer == Newcomer::Agent {
            self.fill_defaults(row, true);
        }
        newcomer
    }

    pub(super) fn create(
        &mut self,
        people: &impl People,
        newcomer: Newcomer,
        row: &mut Row<'_>,
    ) -> Option<Outcome> {
        let now = Values::default();
        let calling_agent = newcomer == Newcomer::Agent;
        self.refuse_agent_cells(calling_agent, row);
        let mut values = self.read(row, &now, true);
        if calling_agent && row.is_blank(Column::CallForwardingNumber) {
            follow_phone(&mut values, None);
        }
        self.make_login_id(row, &mut values);
        self.take_free(row, &now, &mut values);
        let role = self
            .role(row)
            .or_else(|| Some(self.facts.role_of_agents()?.id))?;
        let web_login = self.web_login(row).unwrap_or(WebLogin::None);
        let state: Option<AdminState> = self.word(row, Column::AdminState, |_| None);
        let auto = [
            (Column::Intercom, Field::IntercomNumber),
            (Column::Extension, Field::Extension),
        ];
        let auto = auto
            .into_iter()
            .filter(|(column, _)| *row.cell(*column) == Cell::Auto);
        let draft = Draft {
            auto: auto.map(|(_, field)| field).collect(),
            values: filled(&values),
            role,
            calling_agent,
            web_login,
            admin_state: state.unwrap_or(AdminState::Enabled),
        };
        self.needs_email(row, None, &draft.values, WebLogin::None, web_login);
        self.may_create(row, &draft);
        self.claim(people, row, None, &draft.values);
        Some(Outcome::Create(Box::new(draft)))
    }

    pub(super) fn update(
        &mut self,
        people: &impl People,
        person: &Person,
        row: &mut Row<'_>,
    ) -> Option<Outcome> {
        let agent = person.living_agent();
        let now = self.values_of(person);
        row.forgive(|column| {
            let field = column.field()?;
            let value = now.get(field)?;
            Some(value_cell(field, value, self.facts, self.names.created()))
        });
        let wants = self.flag(row, Column::CallingAgent);
        if wants == Some(false) && agent.is_some() {
            row.fault(
                Column::CallingAgent,
                format!(
                    "{} is a calling agent, and an upload deletes nothing.",
                    person.name
                ),
                "Leave the cell empty, and delete the agent in the list.",
            );
        }
        let becomes_agent = agent.is_none() && wants == Some(true);
        self.refuse_agent_cells(agent.is_some() || becomes_agent, row);
        let mut values = self.read(row, &now, false);
        let forwarding = row.is_blank(Column::CallForwardingNumber);
        let together = now.get(Field::Phone) == now.get(Field::CallForwardingNumber);
        if forwarding && (becomes_agent || (agent.is_some() && together)) {
            let theirs = now.get(Field::Phone).filter(|_| becomes_agent);
            follow_phone(&mut values, theirs);
        }
        self.take_free(row, &now, &mut values);
        // A field that a new agent does not have yet is blank.
        let differs = |(field, value): &(Field, &Value)| match now.get(*field) {
            Some(there) => there != *value,
            None => !is_blank(Some(*value)),
        };
        let changed: Vec<Field> = values
            .iter()
            .filter(differs)
            .map(|(field, _)| field)
            .collect();
        let role = self.role(row).filter(|new| *new != person.role);
        let role = role.map(|new| (person.role, new));
        let web_login = self.web_login(row).filter(|new| *new != person.web_login);
        let web_login = web_login.map(|new| (person.web_login, new));
        let state: Option<AdminState> = self.word(row, Column::AdminState, |_| None);
        let state_now = agent.map_or(AdminState::Enabled, |agent| agent.admin.state);
        let admin_state = state
            .filter(|new| *new != state_now)
            .map(|new| (state_now, new));
        let edit = Edit {
            user: person.id,
            user_version: person.version,
            agent_version: agent.map(|agent| agent.version),
            before: now.only(changed.iter().copied()),
            after: values.only(changed.iter().copied()),
            role,
            web_login,
            admin_state,
            becomes_agent,
        };
        if edit.is_empty() {
            return Some(Outcome::Unchanged(person.id));
        }
        let login = edit.web_login.map_or(person.web_login, |(_, new)| new);
        self.needs_email(row, Some(person), &edit.after, person.web_login, login);
        self.may_update(row, person, &edit);
        self.claim(people, row, Some(person.id), &edit.after);
        Some(Outcome::Update(Box::new(edit)))
    }

    /// As the uploader may see them.
    fn values_of(&self, person: &Person) -> Values {
        let all = Values::of(person);
        if person.living_agent().is_none() {
            return all.only(OF_USERS);
        }
        let mut seen = all;
        let scope = &self.facts.rights.scope;
        if let Some(Value::Many(groups)) = seen.get(Field::AgentGroups)
            && !scope.is_all()
        {
            let groups = groups.iter().copied();
            let groups = groups.filter(|&id| scope.sees(&[GroupId(id)])).collect();
            seen.set(Field::AgentGroups, Value::Many(groups));
        }
        seen
    }

    /// The defaults of columns that only agents have, or of the others.
    fn fill_defaults<'r>(&self, row: &mut Row<'r>, of_agents: bool)
    where
        'a: 'r,
    {
        let options: &'a Options = self.options;
        let columns = Column::ALL.iter().copied();
        for column in columns.filter(|column| column.is_of_agents() == of_agents) {
            row.fill(column, options.default_of(column));
        }
    }

    /// A new user takes calls if the row says so; if it says nothing, when it has anything that only agents
    /// have, or the role of agents.
    fn will_be_agent(&self, row: &mut Row<'_>) -> bool {
        if let Some(said) = self.flag(row, Column::CallingAgent) {
            return said;
        }
        let agents = self.facts.role_of_agents().map(|role| role.name.as_str());
        let has_cells = Column::ALL
            .iter()
            .any(|column| column.is_of_agents() && row.is_filled(*column));
        match row.text(Column::Role) {
            None => true,
            Some(role) => {
                has_cells || agents.is_some_and(|agents| agents.eq_ignore_ascii_case(role))
            }
        }
    }

    fn refuse_agent_cells(&self, is_agent: bool, row: &mut Row<'_>) {
        if is_agent {
            return;
        }
        for &column in Column::ALL {
            if column.is_of_agents() && row.is_filled(column) && !row.is_wrong(column) {
                row.fault(
                    column,
                    "Only calling agents have this.",
                    "Write yes in calling_agent, or leave the cell empty.",
                );
            }
        }
    }

    fn role(&mut self, row: &mut Row<'_>) -> Option<RoleId> {
        let column = Column::Role;
        match row.cell(column) {
            Cell::Blank => None,
            Cell::Clear | Cell::Auto => {
                row.fault(column, "Everybody has a role.", mend(column));
                None
            }
            Cell::Text(_) if row.is_wrong(column) => None,
            Cell::Text(text) => match self.names.role(text, self.facts, &self.options.decisions) {
                Ok(role) => Some(role),
                Err(bad) => {
                    row.fault(column, bad.reason, mend(column));
                    None
                }
            },
        }
    }

    fn web_login(&self, row: &mut Row<'_>) -> Option<WebLogin> {
        self.word(row, Column::WebLogin, |word| match super::read::yes(word) {
            Some(true) => Some(WebLogin::Allowed),
            Some(false) => Some(WebLogin::None),
            None => None,
        })
    }

    /// Whoever signs in needs an address.
    fn needs_email(
        &self,
        row: &mut Row<'_>,
        person: Option<&Person>,
        after: &Values,
        was: WebLogin,
        will: WebLogin,
    ) {
        let signs_in = match will {
            WebLogin::Allowed | WebLogin::Blocked => true,
            WebLogin::None => false,
        };
        let there = person.is_some_and(|person| person.email.is_some());
        let missing = match after.get(Field::Email) {
            Some(value) => is_blank(Some(value)),
            None => !there,
        };
        let theirs_now = was != will || there;
        if signs_in && missing && theirs_now && !row.is_wrong(Column::Email) {
            row.fault(
                Column::Email,
                "Whoever signs in to the console needs an email address, for links and codes.",
                mend(Column::Email),
            );
        }
    }
}

impl Edit {
    /// Nothing differs.
    pub fn is_empty(&self) -> bool {
        let values = self.after.fields().next().is_none();
        let words = self.role.is_none() && self.web_login.is_none() && self.admin_state.is_none();
        values && words && !self.becomes_agent
    }
}

/// A calling agent's calls go to the phone unless another number is said.
fn follow_phone(values: &mut Values, theirs: Option<&Value>) {
    let phone = values.get(Field::Phone).or(theirs);
    if let Some(phone) = phone.cloned() {
        values.set(Field::CallForwardingNumber, phone);
    }
}

pub(super) fn is_blank(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Text(None) | Value::One(None) | Value::Flag(false)) => true,
        Some(Value::Texts(texts)) => texts.is_empty(),
        Some(Value::Many(ids)) => ids.is_empty(),
        Some(Value::Text(Some(_)) | Value::One(Some(_)) | Value::Flag(true)) => false,
    }
}

/// Blank fields were never set.
fn filled(values: &Values) -> Values {
    let filled = values.iter().filter(|(_, value)| !is_blank(Some(*value)));
    values.only(filled.map(|(field, _)| field))
}
