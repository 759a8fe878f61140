//! Programs: tokens with the role of each kind of person.

use super::app::{Person, TestApp};
use rollcall::domain::ids::GroupId;
use rollcall::store::role;
use rollcall::store::token::{self, NewToken};
use rollcall::web::sessions::secret::SecretHash;

/// A token with the role that this person has; for the scoped one it holds on a group. None for nobody's.
pub fn token_of(app: &TestApp, person: Person, group: i64) -> Option<String> {
    let built_in = person.role()?;
    let token = format!("rc_{}", person.word());
    let hash = SecretHash::of(&token).hex();
    app.write(move |tx| {
        let (name, groups) = match person {
            Person::Scoped => ("Team lead", vec![GroupId(group)]),
            _ => (built_in.name(), Vec::new()),
        };
        let role = role::find_by_name(tx.conn, name)
            .expect("the roles are read")
            .expect("a role");
        let new = NewToken {
            name: person.word().to_owned(),
            hash,
            role: role.id,
            groups,
            created_by: None,
            expires_at: None,
        };
        token::insert(tx, &new).expect("the token is new");
    });
    Some(token)
}
