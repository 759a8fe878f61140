//! What a newcomer does first: in the demo what shows the best of it, in a new install what comes after set-up.

use crate::domain::role::Permission;
use crate::floor::Picture;
use crate::web::extract::CurrentUser;

/// The card above the numbers.
pub struct Guide {
    pub title: &'static str,
    pub note: &'static str,
    pub steps: Vec<&'static Step>,
}

impl Guide {
    /// None for an install with agents, and for those who may do none of it.
    pub fn of(picture: &Picture, user: &CurrentUser) -> Option<Self> {
        if picture.install().simulated {
            return Some(Self {
                title: "Try these five",
                note: "the best of Rollcall, on made-up people",
                steps: TRIES.iter().collect(),
            });
        }
        let mut people = picture.people().iter();
        if people.any(|person| person.living_agent().is_some()) {
            return None;
        }
        let may = |needs: Permission, everyone: bool| {
            user.may(needs) && (!everyone || user.scope.is_all())
        };
        let steps: Vec<&Step> = NEXT
            .iter()
            .filter(|(needs, everyone, _)| may(*needs, *everyone))
            .map(|(_, _, step)| step)
            .collect();
        (!steps.is_empty()).then_some(Self {
            title: "What comes next",
            note: "there are no agents yet",
            steps,
        })
    }
}

/// One thing to do.
pub struct Step {
    pub title: &'static str,
    pub text: &'static str,
    pub href: &'static str,
    /// Something to take along, and its address.
    pub file: Option<(&'static str, &'static str)>,
}

/// What shows a newcomer the best of it.
static TRIES: &[Step] = &[
    Step {
        title: "Open Agents in two tabs and watch a simulated call tick up",
        text: "An agent turns Busy when a simulated customer is answered, and Calls Answered rises in both tabs.",
        href: "/agents?status=busy&sort=-calls_answered",
        file: None,
    },
    Step {
        title: "Upload 40 people who join on Monday, from a spreadsheet with damage in it",
        text: "The plan names a rounded phone number, a lost zero, a row that is there twice and a group that nobody has. Mend the error file and upload it, commit, press Undo, and all is as before.",
        href: "/users/upload",
        file: Some(("Take joiners.xlsx along", "/demo/joiners.xlsx")),
    },
    Step {
        title: "Block somebody, “sick, until end of shift”, with the list open in a second tab",
        text: "Press ⋯ in a row: it turns red in the other tab too, with your name, the reason and the time that is left. Undo is one press away, and one block that is there already lifts itself within two minutes of the start.",
        href: "/agents?status=active",
        file: None,
    },
    Step {
        title: "Change the same agent in two tabs",
        text: "Open a row for editing in both, save one, then the other. Other fields are kept from both; the same field is asked about, with both values and a name, and nothing typed is lost.",
        href: "/agents?status=offline",
        file: None,
    },
    Step {
        title: "Read in the audit log what you have just done",
        text: "Each change with who, when, from where, before and after. The log is sealed: rollcall check --audit tells if one letter of it was changed behind its back.",
        href: "/audit",
        file: None,
    },
];

/// What comes after set-up, the right that it needs, and whether on everyone.
static NEXT: [(Permission, bool, Step); 2] = [
    (
        Permission::TimeGroupsWrite,
        true,
        Step {
            title: "Set up time groups",
            text: "The hours in which agents are called, with holidays. Agents without one can be called at any time.",
            href: "/time-groups",
            file: None,
        },
    ),
    (
        Permission::Uploads,
        false,
        Step {
            title: "Upload your agents",
            text: "From a spreadsheet, as it is. You see what it would do before anything is saved, and can take it back afterwards.",
            href: "/users/upload",
            file: None,
        },
    ),
];
