//! The navigation: each page of the console by its right, and which of them someone sees.

use super::Shell;
use crate::domain::role::Permission;

/// A page that the navigation knows; `None` for pages outside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    None,
    Dashboard,
    Agents,
    Groups,
    Departments,
    Audit,
    Calls,
    Directory,
    FeatureCodes,
    Own,
    Roles,
    Settings,
    TimeGroups,
    Users,
    AddUser,
}

/// One line of the navigation.
pub struct NavEntry {
    pub page: Page,
    pub href: &'static str,
    pub label: &'static str,
    /// Symbol in `icons.svg`; also ends the id of the link.
    pub icon: &'static str,
    needs: Permission,
}

pub struct NavGroup {
    /// Empty for the entries that stand alone.
    pub heading: &'static str,
    pub entries: &'static [NavEntry],
}

/// The navigation shows only pages that exist: each new one adds its line here.
static NAV: &[NavGroup] = &[
    NavGroup {
        heading: "",
        entries: &[NavEntry {
            page: Page::Dashboard,
            href: "/",
            label: "Dashboard",
            icon: "dashboard",
            needs: Permission::AgentsRead,
        }],
    },
    NavGroup {
        heading: "Services",
        entries: &[
            NavEntry {
                page: Page::Agents,
                href: "/agents",
                label: "Agents",
                icon: "headset",
                needs: Permission::AgentsRead,
            },
            NavEntry {
                page: Page::Groups,
                href: "/agent-groups",
                label: "Agent groups",
                icon: "groups",
                needs: Permission::AgentsRead,
            },
            NavEntry {
                page: Page::Departments,
                href: "/departments",
                label: "Departments",
                icon: "department",
                needs: Permission::AgentsRead,
            },
            NavEntry {
                page: Page::TimeGroups,
                href: "/time-groups",
                label: "Time groups",
                icon: "clock",
                needs: Permission::AgentsRead,
            },
            NavEntry {
                page: Page::FeatureCodes,
                href: "/feature-codes",
                label: "Feature codes",
                icon: "codes",
                needs: Permission::FeatureCodes,
            },
        ],
    },
    NavGroup {
        heading: "Users",
        entries: &[
            NavEntry {
                page: Page::Users,
                href: "/users",
                label: "All users",
                icon: "user",
                needs: Permission::UsersRead,
            },
            NavEntry {
                page: Page::AddUser,
                href: "/users/new",
                label: "Add user",
                icon: "user-plus",
                needs: Permission::UsersWrite,
            },
            NavEntry {
                page: Page::Roles,
                href: "/roles",
                label: "Roles",
                icon: "shield",
                needs: Permission::RolesRead,
            },
        ],
    },
    NavGroup {
        heading: "Records",
        entries: &[
            NavEntry {
                page: Page::Calls,
                href: "/calls",
                label: "Calls",
                icon: "phone",
                needs: Permission::CallsRead,
            },
            NavEntry {
                page: Page::Audit,
                href: "/audit",
                label: "Audit log",
                icon: "audit",
                needs: Permission::AuditRead,
            },
            NavEntry {
                page: Page::Settings,
                href: "/settings",
                label: "Settings",
                icon: "settings",
                needs: Permission::SettingsRead,
            },
        ],
    },
];

/// What someone has for themselves stands first where there is no more: supervisors have their lists.
static OWN: NavGroup = NavGroup {
    heading: "",
    entries: &[
        NavEntry {
            page: Page::Own,
            href: crate::web::own::PATH,
            label: "My page",
            icon: "headset",
            needs: Permission::OwnPage,
        },
        NavEntry {
            page: Page::Directory,
            href: "/directory",
            label: "Directory",
            icon: "groups",
            needs: Permission::Directory,
        },
    ],
};

impl NavEntry {
    pub fn seen_by(&self, shell: &Shell) -> bool {
        shell.rights.contains(self.needs)
    }
}

impl NavGroup {
    fn seen_by(&self, shell: &Shell) -> bool {
        self.entries.iter().any(|entry| entry.seen_by(shell))
    }
}

impl Shell {
    /// The groups with at least one page that this person may open.
    pub fn nav(&self) -> impl Iterator<Item = &'static NavGroup> {
        let own = (!self.rights.contains(Permission::AgentsRead)).then_some(&OWN);
        own.into_iter()
            .chain(NAV)
            .filter(|group| group.seen_by(self))
    }
}
