//! Agent groups: what their form takes, and how two people's edits come together.

use super::agent::words;
use super::agent_form::{ChangedBy, FieldError, FieldErrors, changed_by};
use super::ids::UserId;
use super::text::{Description, GroupName, TextError};
use super::time::Timestamp;

words!(/// What a supervisor edits of a group, by the names that forms, the API and the audit share.
Field { Name = "name", Description = "description" });

impl Field {
    /// As the label of a control.
    pub fn label(self) -> &'static str {
        match self {
            Self::Name => "Name",
            Self::Description => "Description",
        }
    }
}

/// What was typed or sent, by field. Absent means unchanged; present and blank means cleared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupForm {
    pub name: Option<String>,
    pub description: Option<String>,
}

/// A checked change: the fields it holds are to have these values, all others stay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupChange {
    pub name: Option<GroupName>,
    pub description: Option<Description>,
}

/// A group's fields as they are stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupValues {
    pub name: String,
    pub description: String,
}

impl GroupForm {
    /// # Errors
    /// Every field that may not stand as it is, and why.
    pub fn check(&self) -> Result<GroupChange, FieldErrors> {
        let mut errors = FieldErrors::default();
        let name = read(
            &mut errors,
            Field::Name,
            self.name.as_deref(),
            GroupName::parse,
        );
        let typed = self.description.as_deref().map(one_line);
        let description = read(
            &mut errors,
            Field::Description,
            typed.as_deref(),
            Description::parse,
        );
        match errors.is_empty() {
            true => Ok(GroupChange { name, description }),
            false => Err(errors),
        }
    }

    pub fn get(&self, field: Field) -> Option<&str> {
        match field {
            Field::Name => self.name.as_deref(),
            Field::Description => self.description.as_deref(),
        }
    }
}

fn read<T>(
    errors: &mut FieldErrors,
    field: Field,
    typed: Option<&str>,
    parse: impl Fn(&str) -> Result<T, TextError>,
) -> Option<T> {
    match parse(typed?) {
        Ok(value) => Some(value),
        Err(why) => {
            errors.0.push(FieldError {
                name: field.word().into(),
                message: format!("The {} {why}.", field.word()),
            });
            None
        }
    }
}

/// A description is shown in one line, however it was typed.
fn one_line(text: &str) -> String {
    text.replace("\r\n", " ").replace(['\r', '\n'], " ")
}

impl GroupChange {
    pub fn get(&self, field: Field) -> Option<&str> {
        match field {
            Field::Name => self.name.as_ref().map(GroupName::as_str),
            Field::Description => self.description.as_ref().map(Description::as_str),
        }
    }

    /// The same without a field.
    pub fn leave_out(&mut self, field: Field) {
        match field {
            Field::Name => self.name = None,
            Field::Description => self.description = None,
        }
    }

    pub fn fields(&self) -> impl Iterator<Item = Field> {
        Field::ALL
            .iter()
            .copied()
            .filter(|field| self.get(*field).is_some())
    }
}

impl GroupValues {
    pub fn get(&self, field: Field) -> &str {
        match field {
            Field::Name => &self.name,
            Field::Description => &self.description,
        }
    }

    /// As a form carries the values that it was opened with.
    pub fn into_form(self) -> GroupForm {
        GroupForm {
            name: Some(self.name),
            description: Some(self.description),
        }
    }
}

/// What a change comes down to when the group has moved on since it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Merge {
    /// What this person changed and nobody else did.
    pub mine: GroupChange,
    /// Fields that both changed, to different values.
    pub both: Vec<Field>,
}

/// Compares three readings: `was` when the form was opened, `now`, and the change itself. A field that `was`
/// does not know counts as changed by both if it differs.
pub fn merge(was: &GroupForm, now: &GroupValues, change: &GroupChange) -> Merge {
    let mut merged = Merge {
        mine: change.clone(),
        both: Vec::new(),
    };
    for field in change.fields() {
        let Some(mine) = change.get(field) else {
            continue;
        };
        match changed_by(was.get(field).as_ref(), Some(&now.get(field)), &mine) {
            ChangedBy::Me => {}
            ChangedBy::Nobody | ChangedBy::Others => merged.mine.leave_out(field),
            ChangedBy::Both => {
                merged.mine.leave_out(field);
                merged.both.push(field);
            }
        }
    }
    merged
}

/// Who is to come into a group and who is to leave it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Ascending, nobody twice, nobody in both.
    pub add: Vec<UserId>,
    pub remove: Vec<UserId>,
}

impl Difference {
    /// Puts agents in. Whoever was to leave stays.
    pub fn join(&mut self, agents: &[UserId], members: &[UserId]) {
        move_over(&mut self.add, &mut self.remove, agents, |id| {
            members.binary_search(&id).is_err()
        });
    }

    /// Takes agents out. Whoever was to come does not.
    pub fn leave(&mut self, agents: &[UserId], members: &[UserId]) {
        move_over(&mut self.remove, &mut self.add, agents, |id| {
            members.binary_search(&id).is_ok()
        });
    }

    /// Leaves these agents as they are.
    pub fn forget(&mut self, agents: &[UserId]) {
        let kept = |id: &UserId| !agents.contains(id);
        self.add.retain(kept);
        self.remove.retain(kept);
    }

    pub fn is_empty(&self) -> bool {
        self.add.is_empty() && self.remove.is_empty()
    }

    pub fn len(&self) -> usize {
        self.add.len() + self.remove.len()
    }
}

fn move_over(
    into: &mut Vec<UserId>,
    out_of: &mut Vec<UserId>,
    agents: &[UserId],
    matters: impl Fn(UserId) -> bool,
) {
    let mut agents: Vec<UserId> = agents.to_vec();
    agents.sort_unstable();
    agents.dedup();
    out_of.retain(|id| agents.binary_search(id).is_err());
    into.extend(agents.into_iter().filter(|id| matters(*id)));
    into.sort_unstable();
    into.dedup();
}

/// The moment at which somebody looked at a group: what others did later, they did not see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The group's version then.
    pub version: i64,
    pub at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn form(name: &str, description: &str) -> GroupForm {
        GroupForm {
            name: Some(name.to_owned()),
            description: Some(description.to_owned()),
        }
    }

    fn values(name: &str, description: &str) -> GroupValues {
        GroupValues {
            name: name.to_owned(),
            description: description.to_owned(),
        }
    }

    #[test]
    fn a_name_has_1_to_64_characters_and_a_description_500_at_most() {
        let good = form(" Night shift ", "22:00 to 07:00,\r\ntransport arranged");
        let change = good.check().unwrap();
        assert_eq!(change.get(Field::Name), Some("Night shift"));
        assert_eq!(
            change.get(Field::Description),
            Some("22:00 to 07:00, transport arranged")
        );
        let bad = form(&"x".repeat(65), &"y".repeat(501)).check().unwrap_err();
        assert_eq!(
            bad.named("name"),
            Some("The name has 65 characters; the most is 64.")
        );
        assert!(bad.named("description").unwrap().contains("500"));
        assert_eq!(
            form(" ", "").check().unwrap_err().named("name"),
            Some("The name is missing.")
        );
        assert_eq!(
            GroupForm::default().check(),
            Ok(GroupChange::default()),
            "absent is unchanged"
        );
    }

    #[test]
    fn different_fields_merge_and_the_same_one_is_asked_about() {
        let was = form("North", "");
        let mine = form("North", "Mine").check().unwrap();
        let merged = merge(&was, &values("North 2", ""), &mine);
        assert_eq!(
            (
                merged.mine.get(Field::Name),
                merged.mine.get(Field::Description)
            ),
            (None, Some("Mine"))
        );
        assert!(merged.both.is_empty());
        let merged = merge(&was, &values("North", "Theirs"), &mine);
        assert_eq!(merged.both, [Field::Description]);
        assert_eq!(merged.mine.fields().count(), 0);
        let merged = merge(&was, &values("North", "Mine"), &mine);
        assert_eq!(merged, Merge::default(), "both wanted the same");
    }

    proptest! {
        #[test]
        fn whoever_joins_or_leaves_last_is_where_they_were_put(
            members in prop::collection::btree_set(1_i64..40, 0..20),
            steps in prop::collection::vec((any::<bool>(), prop::collection::vec(1_i64..40, 0..10)), 0..8),
        ) {
            let members: Vec<UserId> = members.into_iter().map(UserId).collect();
            let (mut difference, mut wanted) = (Difference::default(), members.clone());
            for (join, agents) in steps {
                let agents: Vec<UserId> = agents.into_iter().map(UserId).collect();
                wanted.retain(|id| !agents.contains(id));
                match join {
                    true => { difference.join(&agents, &members); wanted.extend(&agents); }
                    false => difference.leave(&agents, &members),
                }
            }
            wanted.sort_unstable();
            wanted.dedup();
            let mut reached: Vec<UserId> = members.iter().copied().filter(|id| !difference.remove.contains(id)).chain(difference.add.iter().copied()).collect();
            reached.sort_unstable();
            prop_assert_eq!(reached, wanted);
            prop_assert!(difference.add.iter().all(|id| !members.contains(id) && !difference.remove.contains(id)));
            prop_assert!(difference.remove.iter().all(|id| members.contains(id)));
        }
    }
}
