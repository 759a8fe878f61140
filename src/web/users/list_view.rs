//! What the list of users prints: ready strings, no rules.

use crate::domain::agent::words;
use crate::domain::filter::PerPage;
use crate::domain::person::WebLoginStatus;
use crate::domain::query::BadParam;
use crate::domain::show;
use crate::domain::user_filter::{UserColumn, UserFilter};
use crate::web::agents::view::Badge;
use crate::web::shell::Shell;
use askama::Template;

const PATH: &str = "/users";

/// The whole page; `as_list()` is the part that follows the query.
#[derive(Template)]
#[template(path = "users/list.html", blocks = ["list"])]
pub struct UsersPage<'a> {
    pub shell: &'a Shell,
    pub page: &'a UsersView<'a>,
}

/// Everything below the shell.
pub struct UsersView<'a> {
    pub filter: UserFilter,
    /// Parameters that make no sense: marked chips, no rows, answered with 400.
    pub bad: &'a [BadParam],
    pub rows: Vec<UserLine>,
    pub shown: usize,
    /// Users in sight, and how many of them are calling agents.
    pub total: usize,
    pub calling: usize,
    pub last: usize,
    pub may_write: bool,
    pub selects: Vec<Select>,
    pub chips: Vec<Chip>,
}

/// A row, ready to print; empty text prints as a dash.
pub struct UserLine {
    pub id: i64,
    pub name: String,
    pub call_forward_number: String,
    pub email: String,
    pub role: String,
    pub status: Option<Badge>,
    /// `on a call`, `lunch`; empty for none.
    pub also: String,
    pub extension: String,
    /// Whether the extension is registered; nothing without one.
    pub extension_badge: Option<Badge>,
    pub web_login: Login,
    pub calling: bool,
    pub can_edit: bool,
    /// What can be done to them; it comes back to this very list.
    pub acts_href: String,
}

/// A web login's status: its word, its label, and the mark that stands for it.
#[derive(Clone, Copy, Debug)]
pub struct Login {
    pub word: &'static str,
    pub label: &'static str,
    /// Empty for none.
    pub mark: &'static str,
}

impl From<WebLoginStatus> for Login {
    fn from(status: WebLoginStatus) -> Self {
        Self {
            word: status.word(),
            label: status.label(),
            mark: match status {
                WebLoginStatus::Allowed => "active",
                WebLoginStatus::Locked => "disabled",
                WebLoginStatus::Blocked => "blocked",
                WebLoginStatus::None => "",
            },
        }
    }
}

words!(/// The filters, by their names in the query.
FilterName {
    Role = "role",
    CallingAgent = "calling_agent",
    Status = "status",
    Extension = "extension",
    WebLogin = "web_login",
});

impl FilterName {
    pub fn label(self) -> &'static str {
        match self {
            Self::Role => "Role",
            Self::CallingAgent => "Calling agent",
            Self::Status => "Agent status",
            Self::Extension => "Agent extension",
            Self::WebLogin => "Web login",
        }
    }

    /// What it says when nothing is chosen.
    pub fn any(self) -> &'static str {
        match self {
            Self::Role => "Any role",
            Self::CallingAgent => "Agents and others",
            Self::Status => "Any agent status",
            Self::Extension => "Any extension",
            Self::WebLogin => "Any web login",
        }
    }
}

/// A filter with its choices.
pub struct Select {
    pub filter: FilterName,
    /// Value, label, chosen.
    pub options: Vec<(String, String, bool)>,
}

/// A filter in force.
pub struct Chip {
    pub label: &'static str,
    pub value: String,
    pub remove: String,
}

/// A head of the table with its link.
pub struct Head {
    pub key: &'static str,
    pub label: &'static str,
    pub href: String,
    /// `ascending`, `descending`, or empty.
    pub order: &'static str,
    pub icon: &'static str,
}

impl UsersView<'_> {
    pub fn heads(&self) -> Vec<Head> {
        let head = |&column: &UserColumn| {
            let sorted = self.filter.sort.column == column;
            let (order, icon) = match (sorted, self.filter.sort.descending) {
                (false, _) => ("", "sort"),
                (true, false) => ("ascending", "asc"),
                (true, true) => ("descending", "desc"),
            };
            Head {
                key: column.word(),
                label: match column {
                    UserColumn::Name => "Name",
                    UserColumn::CallForwardNumber => "Call Forward Number",
                    UserColumn::Email => "Email",
                    UserColumn::Role => "Role",
                    UserColumn::AgentStatus => "Agent Status",
                    UserColumn::AgentExtension => "Agent Extension",
                    UserColumn::WebLogin => "Web Login Status",
                    UserColumn::CallingAgent => "Calling Agent",
                },
                href: self.filter.with_sort(column).link(PATH),
                order,
                icon,
            }
        };
        UserColumn::ALL.iter().map(head).collect()
    }

    /// What the search form must carry along.
    pub fn keep(&self) -> Vec<(&'static str, String)> {
        let filter = &self.filter;
        let usual = UserFilter::default();
        let sort = (filter.sort != usual.sort).then(|| filter.sort.to_string());
        let per = (filter.per != PerPage::default()).then(|| filter.per.word().to_owned());
        let all = [("sort", sort), ("per", per)];
        let given = |(name, value): (&'static str, Option<String>)| Some((name, value?));
        all.into_iter().filter_map(given).collect()
    }

    pub fn here(&self) -> String {
        self.filter.link(PATH)
    }

    /// Everyone, in the same order.
    pub fn clear_href(&self) -> String {
        self.filter.without_filters().link(PATH)
    }

    pub fn shown_said(&self) -> String {
        show::count(self.shown as i64)
    }

    pub fn total_said(&self) -> String {
        show::count(self.total as i64)
    }

    pub fn calling_said(&self) -> String {
        show::count(self.calling as i64)
    }

    /// `1–50`.
    pub fn range(&self) -> (String, String) {
        let per = self.filter.per.rows();
        let from = (self.filter.page as usize - 1) * per;
        let to = (from + per).min(self.shown);
        (show::count(from as i64 + 1), show::count(to as i64))
    }

    pub fn per_pages(&self) -> impl Iterator<Item = (&'static str, bool, String)> {
        PerPage::ALL.iter().map(|per| {
            (
                per.word(),
                *per == self.filter.per,
                self.filter.with_per(*per).link(PATH),
            )
        })
    }

    /// The ways out of this page: address, name, icon.
    pub fn ends(&self) -> [(Option<String>, &'static str, &'static str); 4] {
        let page = self.filter.page;
        let last = u32::try_from(self.last).unwrap_or(u32::MAX);
        let to = |page: u32, there: bool| there.then(|| self.filter.with_page(page).link(PATH));
        [
            (to(1, page > 1), "First", "first"),
            (to(page.saturating_sub(1), page > 1), "Previous", "left"),
            (to(page + 1, page < last), "Next", "right"),
            (to(last, page < last), "Last", "last"),
        ]
    }
}
