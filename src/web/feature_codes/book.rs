//! Who can be transferred to, as far as the reader may know: agents, departments and IVRs by their numbers and
//! by their names.

use crate::domain::feature_code::{Called, Directory, Line, LineKind, Queue, Refusal, Target};
use crate::domain::ids::{AgentId, DepartmentId};
use crate::domain::number_plan::TransferCode;
use crate::domain::person::Person;
use crate::domain::phone::{Phone, PhoneError};
use crate::domain::role::{Permission, Rights, Scope};
use crate::domain::text::fold;
use crate::floor::Picture;

/// So many of those who are meant by a name are told.
const NAMED: usize = 8;

/// The picture as a directory for one reader.
pub struct Book<'a> {
    pub picture: &'a Picture,
    scope: Scope,
}

/// Why a text names nobody to transfer to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NobodyMeant {
    #[error(
        "Say whom to transfer to: a name, an intercom number, a transfer code or a phone number."
    )]
    Nothing,
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("That number {0}.")]
    Phone(PhoneError),
    #[error("Nobody is called “{0}”: no agent, no department, no IVR.")]
    Unknown(String),
    #[error("Several are meant: {}. Give the number.", .0.join(", "))]
    Several(Vec<String>),
}

impl<'a> Book<'a> {
    /// Whoever may read the directory may know everyone's name and intercom; others know those in their scope.
    pub fn new(picture: &'a Picture, rights: &Rights) -> Self {
        let scope = match rights.permissions.contains(Permission::Directory) {
            true => Scope::All,
            false => rights.scope.clone(),
        };
        Self { picture, scope }
    }

    /// Every agent that the reader may know.
    pub fn agents(&self) -> impl Iterator<Item = Called> {
        self.people().map(called)
    }

    fn people(&self) -> impl Iterator<Item = &Person> {
        self.picture.people().iter().filter(|person| {
            let agent = person.living_agent();
            agent.is_some_and(|agent| self.scope.sees(&agent.groups))
        })
    }

    /// Departments and then IVRs, each by name.
    pub fn lines(&self) -> impl Iterator<Item = Line> {
        let records = self.picture.records();
        let departments = records.departments().iter().map(|department| Line {
            kind: LineKind::Department,
            id: department.id.0,
            name: department.name.clone(),
            transfer_code: department.transfer_code.clone(),
        });
        let ivrs = records.ivrs().iter().map(|ivr| Line {
            kind: LineKind::Ivr,
            id: ivr.id.0,
            name: ivr.name.clone(),
            transfer_code: Some(ivr.transfer_code.clone()),
        });
        departments.chain(ivrs)
    }

    /// How a call came that came through this department; `None` when there is no such department.
    pub fn queue(&self, department: DepartmentId) -> Option<Queue> {
        let department = self.picture.records().department(department)?;
        let name = department.name.clone();
        Some(match department.use_as_queue {
            true => Queue::On(name),
            false => Queue::Off(name),
        })
    }

    /// Whom a text means: an intercom, a transfer code, an agent id, a phone number or a name.
    ///
    /// # Errors
    /// What is wrong with it, and who is meant when that is more than one.
    pub fn target(&self, text: &str) -> Result<Target, NobodyMeant> {
        let text = text.trim();
        if text.is_empty() {
            return Err(NobodyMeant::Nothing);
        }
        if text.bytes().all(|b| b.is_ascii_digit())
            && let Some(found) = self.by_digits(text)
        {
            return Ok(found?);
        }
        match Phone::parse(text, self.picture.install().region) {
            Ok(phone) => Ok(Target::External(phone)),
            Err(why) if text.chars().any(char::is_alphabetic) => self.by_name(text, why),
            Err(why) => Err(NobodyMeant::Phone(why)),
        }
    }

    /// `None` for digits of another length than any number inside has.
    fn by_digits(&self, digits: &str) -> Option<Result<Target, Refusal>> {
        if digits.len() == self.picture.install().intercoms().digits() {
            let found = self.agent_by_intercom(digits).map(Target::Agent);
            return Some(found.ok_or_else(|| Refusal::UnknownIntercom {
                intercom: digits.to_owned(),
            }));
        }
        if digits.len() == TransferCode::DIGITS {
            let found = self.line_by_code(digits).map(Target::Line);
            return Some(found.ok_or_else(|| Refusal::UnknownTransferCode {
                transfer_code: digits.to_owned(),
            }));
        }
        let id: AgentId = digits.parse().ok()?;
        let mut people = self.people();
        let found = people.find(|person| person.id == id.user())?;
        Some(Ok(Target::Agent(called(found))))
    }

    fn by_name(&self, text: &str, why: PhoneError) -> Result<Target, NobodyMeant> {
        let wanted = fold(text);
        if wanted.is_empty() {
            return Err(NobodyMeant::Phone(why));
        }
        let mut exact = self.named(|name| name == wanted);
        if exact.is_empty() {
            exact = self.named(|name| name.contains(&wanted));
        }
        match exact.len() {
            0 => Err(NobodyMeant::Unknown(text.chars().take(60).collect())),
            1 => exact.pop().ok_or(NobodyMeant::Nothing),
            _ => Err(NobodyMeant::Several(exact.iter().map(label).collect())),
        }
    }

    /// The first of those with such a name.
    fn named(&self, fits: impl Fn(&str) -> bool) -> Vec<Target> {
        let agents = self.people().filter(|person| fits(&fold(&person.name)));
        let agents = agents.map(|person| Target::Agent(called(person)));
        let lines = self.lines().filter(|line| fits(&fold(&line.name)));
        agents.chain(lines.map(Target::Line)).take(NAMED).collect()
    }
}

impl Directory for Book<'_> {
    fn agent_by_intercom(&self, intercom: &str) -> Option<Called> {
        let has_it = |person: &&Person| {
            let agent = person.living_agent();
            agent.is_some_and(|agent| agent.intercom.as_deref() == Some(intercom))
        };
        self.people().find(has_it).map(called)
    }

    fn line_by_code(&self, transfer_code: &str) -> Option<Line> {
        self.lines()
            .find(|line| line.transfer_code.as_deref() == Some(transfer_code))
    }
}

fn called(person: &Person) -> Called {
    let intercom = person
        .living_agent()
        .and_then(|agent| agent.intercom.as_deref());
    Called {
        id: AgentId::of(person.id),
        name: person.name.to_string(),
        intercom: intercom.map(str::to_owned),
    }
}

/// A name and its number.
fn label(target: &Target) -> String {
    let (name, number) = match target {
        Target::Agent(called) => (&called.name, called.intercom.as_deref()),
        Target::Line(line) => (&line.name, line.transfer_code.as_deref()),
        Target::External(phone) => return phone.to_string(),
    };
    match number {
        Some(number) => format!("{name} ({number})"),
        None => format!("{name} (no number)"),
    }
}
