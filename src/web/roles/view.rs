//! What the templates of roles print: ready strings, no rules.

use crate::domain::role::Permissions;
use crate::domain::role::said::SECTIONS;
use crate::web::changes::Change;
use crate::web::form::Field;
use crate::web::shell::Shell;
use askama::Template;

#[derive(Template)]
#[template(path = "roles/list.html")]
pub struct ListPage<'a> {
    pub shell: &'a Shell,
    pub rows: Vec<RoleRow>,
    pub may_write: bool,
}

pub struct RoleRow {
    pub id: i64,
    pub name: String,
    pub built_in: bool,
    /// `Everyone` or `Own groups`.
    pub holds_on: &'static str,
    /// `13 of 28`, and which.
    pub count: String,
    pub rights: String,
    /// How many people have it.
    pub people: String,
    pub may_change: bool,
}

#[derive(Template)]
#[template(path = "roles/show.html")]
pub struct ShowPage<'a> {
    pub shell: &'a Shell,
    pub id: i64,
    pub name: String,
    pub built_in: bool,
    pub holds_on: &'static str,
    pub sections: Vec<SectionView>,
    /// The first who have it, each with their page, and how many more there are.
    pub people: Vec<(String, String)>,
    pub more_people: usize,
    pub may_change: bool,
    pub may_write: bool,
    pub changes: Vec<Change>,
}

/// Rights under a heading.
pub struct SectionView {
    /// Ends the ids of its controls.
    pub place: usize,
    pub title: &'static str,
    pub rights: Vec<RightView>,
}

pub struct RightView {
    pub word: &'static str,
    pub label: &'static str,
    pub hint: &'static str,
    pub ticked: bool,
    /// The reader has it, and so may give it.
    pub mine: bool,
}

/// Every right, those of a role ticked.
pub fn sections(ticked: Permissions, mine: Permissions) -> Vec<SectionView> {
    let sections = SECTIONS.iter().enumerate();
    sections
        .map(|(place, section)| SectionView {
            place,
            title: section.title,
            rights: section
                .rights
                .iter()
                .map(|&right| RightView {
                    word: right.word(),
                    label: right.label(),
                    hint: right.hint(),
                    ticked: ticked.contains(right),
                    mine: mine.contains(right),
                })
                .collect(),
        })
        .collect()
}

pub fn holds_on(own_groups: bool) -> &'static str {
    match own_groups {
        true => "Own groups",
        false => "Everyone",
    }
}

#[derive(Template)]
#[template(path = "roles/edit.html")]
pub struct EditPage<'a> {
    pub shell: &'a Shell,
    pub form: &'a EditForm,
}

pub struct EditForm {
    /// None for a new one.
    pub id: Option<i64>,
    /// The name as it is stored.
    pub who: String,
    pub name: Field,
    pub sections: Vec<SectionView>,
    pub own_groups: bool,
    /// What is wrong with the rights; empty when nothing is.
    pub rights_error: String,
    /// What is wrong with the form as a whole; empty when nothing is.
    pub message: String,
    pub version: i64,
    /// The values that the form was opened with.
    pub was_name: String,
    pub was_permissions: String,
    pub was_own_groups: &'static str,
    pub once: String,
    pub conflict: Option<Bar>,
    /// The doer proved who they are too long ago.
    pub confirm: bool,
}

impl EditForm {
    pub fn action(&self) -> String {
        match self.id {
            Some(id) => format!("{}/{id}", super::PATH),
            None => super::PATH.to_owned(),
        }
    }
}

/// Two people gave it another name.
pub struct Bar {
    pub title: String,
    /// `P. Nair’s`.
    pub whose: String,
    pub was: String,
    pub theirs: String,
    pub mine: String,
}

#[derive(Template)]
#[template(path = "roles/delete.html")]
pub struct DeletePage<'a> {
    pub shell: &'a Shell,
    pub id: i64,
    pub name: String,
    pub version: i64,
    /// Why it can't be deleted; empty when it can.
    pub refused: String,
    /// The people who have it; empty for none.
    pub users_href: String,
}
