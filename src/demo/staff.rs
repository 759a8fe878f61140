//! Those who sign in to the console of a demo.

use crate::domain::role::BuiltInRole;

/// Someone who runs the call centre and takes no calls.
pub struct Member {
    pub name: &'static str,
    pub login_id: &'static str,
    pub designation: &'static str,
    pub role: BuiltInRole,
}

/// Id of a user = place here + 1.
pub const STAFF: &[Member] = &[
    Member {
        name: "Priya Nair",
        login_id: "priya.nair",
        designation: "Operations manager",
        role: BuiltInRole::Admin,
    },
    Member {
        name: "Rohit Kulkarni",
        login_id: "rohit.kulkarni",
        designation: "Floor supervisor",
        role: BuiltInRole::Supervisor,
    },
    Member {
        name: "Fatima Al Mansoori",
        login_id: "fatima.almansoori",
        designation: "Floor supervisor",
        role: BuiltInRole::Supervisor,
    },
    Member {
        name: "Gareth Hughes",
        login_id: "gareth.hughes",
        designation: "Internal audit",
        role: BuiltInRole::Auditor,
    },
];
