//! Rights in words, in the order and under the headings of the page of checkboxes.

use super::{Permission, Permissions};
use Permission as P;

/// Rights that belong together.
pub struct Section {
    pub title: &'static str,
    pub rights: &'static [Permission],
}

/// Every right, once.
pub const SECTIONS: &[Section] = &[
    Section {
        title: "For oneself",
        rights: &[P::OwnPage, P::OwnDuty, P::Directory, P::FeatureCodes],
    },
    Section {
        title: "Agents",
        rights: &[
            P::AgentsRead,
            P::AgentsWrite,
            P::AgentsState,
            P::AgentsDelete,
            P::GroupsWrite,
            P::Exports,
        ],
    },
    Section {
        title: "Routing of calls",
        rights: &[
            P::DepartmentsWrite,
            P::TimeGroupsWrite,
            P::IvrsWrite,
            P::CallerIdsWrite,
        ],
    },
    Section {
        title: "Calls",
        rights: &[P::CallsRead, P::CustomerNumbers, P::CallsEnd],
    },
    Section {
        title: "Users",
        rights: &[P::UsersRead, P::UsersWrite, P::Uploads],
    },
    Section {
        title: "Administration",
        rights: &[
            P::AuditRead,
            P::AuditExport,
            P::RolesRead,
            P::RolesWrite,
            P::SettingsRead,
            P::SettingsWrite,
            P::TokensWrite,
            P::EventsWrite,
        ],
    },
];

impl Permission {
    /// What it lets someone do, as the label of a checkbox.
    pub fn label(self) -> &'static str {
        match self {
            Self::AgentsRead => "See agents",
            Self::AgentsWrite => "Add and edit agents",
            Self::AgentsState => "Block, disable and pause agents",
            Self::AgentsDelete => "Delete and restore agents",
            Self::GroupsWrite => "Change agent groups",
            Self::DepartmentsWrite => "Change departments",
            Self::TimeGroupsWrite => "Change time groups",
            Self::IvrsWrite => "Change IVRs",
            Self::CallerIdsWrite => "Change caller IDs",
            Self::UsersRead => "See users",
            Self::UsersWrite => "Add and edit users",
            Self::Uploads => "Upload users in bulk",
            Self::Exports => "Export lists",
            Self::CallsRead => "See calls",
            Self::CallsEnd => "End calls",
            Self::CustomerNumbers => "See customers’ full numbers",
            Self::Directory => "Directory",
            Self::AuditRead => "See the audit log",
            Self::AuditExport => "Export the audit log",
            Self::RolesRead => "See roles",
            Self::RolesWrite => "Change roles",
            Self::SettingsRead => "See settings",
            Self::SettingsWrite => "Change settings",
            Self::TokensWrite => "Make and end API tokens",
            Self::OwnPage => "Own page",
            Self::OwnDuty => "Start, stop and pause",
            Self::FeatureCodes => "Feature codes",
            Self::EventsWrite => "Send phone events",
        }
    }

    /// More about it, below the label; empty where the label says all.
    pub fn hint(self) -> &'static str {
        match self {
            Self::AgentsRead => {
                "The dashboard, agents, groups, departments and time groups with their live state"
            }
            Self::AgentsState => "Also put off duty, and lift all of these",
            Self::GroupsWrite => "Make, rename and delete groups, and choose who is in them",
            Self::DepartmentsWrite
            | Self::TimeGroupsWrite
            | Self::IvrsWrite
            | Self::CallerIdsWrite => "Only where the role holds on everyone",
            Self::UsersWrite => "Also roles up to one’s own rights, web logins and second factors",
            Self::Exports => "Agents and calls as files",
            Self::CallsEnd => "Blocking never does",
            Self::CustomerNumbers => {
                "Also search and export by them; others see the last four digits"
            }
            Self::Directory => {
                "Name, intercom and status of everyone, whatever the groups; needed to act on those who have it, as agents do"
            }
            Self::AuditRead => "Who did what, and from which address",
            Self::RolesWrite => "Up to one’s own rights",
            Self::TokensWrite => "For programs, up to one’s own rights",
            Self::OwnPage => "One’s own status, numbers and calls",
            Self::OwnDuty => "Takes calls, stops, or pauses with a reason",
            Self::FeatureCodes => "The table, the dial helper and the sheet",
            Self::EventsWrite => "For phone systems, with a token",
            Self::AgentsWrite
            | Self::AgentsDelete
            | Self::UsersRead
            | Self::Uploads
            | Self::CallsRead
            | Self::AuditExport
            | Self::RolesRead
            | Self::SettingsRead
            | Self::SettingsWrite => "",
        }
    }
}

impl Permissions {
    /// The labels of all that are in it, in the order of the page: `See agents, Export lists`.
    pub fn said(self) -> String {
        let all = SECTIONS.iter().flat_map(|section| section.rights);
        let here = all.filter(|right| self.contains(**right));
        here.map(|right| right.label())
            .collect::<Vec<_>>()
            .join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_right_stands_on_the_page_once() {
        let shown: Vec<Permission> = SECTIONS
            .iter()
            .flat_map(|section| section.rights)
            .copied()
            .collect();
        assert_eq!(shown.len(), Permission::ALL.len());
        for right in Permission::ALL {
            assert!(shown.contains(right), "{right:?}");
            assert!(!right.label().is_empty());
        }
        let mut labels: Vec<&str> = shown.iter().map(|right| right.label()).collect();
        labels.sort_unstable();
        labels.dedup();
        assert_eq!(labels.len(), shown.len(), "no two are called the same");
    }

    #[test]
    fn a_set_is_said_in_the_order_of_the_page() {
        let set = Permissions::NONE.with(P::Exports).with(P::OwnPage);
        assert_eq!(set.said(), "Own page, Export lists");
        assert_eq!(Permissions::NONE.said(), "");
    }
}
