//! Groups and departments that a plan needs and that are not there yet: made before its first row, by the functions
//! of their forms.

use crate::domain::group::GroupForm;
use crate::domain::import::{Column, Made, NewRecord};
use crate::domain::role::{Permission, Rights};
use crate::domain::routing::{Field, Noun, Value, Values};
use crate::store::error::StoreError;
use crate::store::tx::Tx;
use crate::store::{group, routing};

/// Makes them, or finds those that somebody made meanwhile; the inner error is for whoever uploaded.
pub(super) fn make(
    tx: &mut Tx<'_>,
    rights: &Rights,
    new: &[NewRecord],
) -> Result<Result<Vec<Made>, String>, StoreError> {
    let mut made = Vec::with_capacity(new.len());
    for record in new {
        match one(tx, rights, record)? {
            Some(record) => made.push(record),
            None => {
                let name = &record.name;
                return Ok(Err(format!("You may not add “{name}”.")));
            }
        }
    }
    Ok(Ok(made))
}

fn one(tx: &mut Tx<'_>, rights: &Rights, record: &NewRecord) -> Result<Option<Made>, StoreError> {
    let noun = Makeable::of(record.column);
    let Some(noun) = noun.filter(|noun| rights.scope.is_all() && rights.may(&[noun.needs()]))
    else {
        return Ok(None);
    };
    let made = tx.attempt(|tx| match noun {
        Makeable::Group => make_group(tx, rights, &record.name),
        Makeable::Department => make_department(tx, rights, &record.name),
    });
    match made {
        Ok(id) => Ok(Some(Made { id, found: false })),
        Err(StoreError::Taken(taken)) => Ok(taken.owner.map(|owner| Made {
            id: owner.id,
            found: true,
        })),
        Err(error) => Err(error),
    }
}

/// What can be made by its name alone.
#[derive(Clone, Copy)]
pub(in crate::store::import) enum Makeable {
    Group,
    Department,
}

impl Makeable {
    pub fn of(column: Column) -> Option<Self> {
        match column {
            Column::AgentGroups => Some(Self::Group),
            Column::Departments => Some(Self::Department),
            _ => None,
        }
    }

    fn needs(self) -> Permission {
        match self {
            Self::Group => Permission::GroupsWrite,
            Self::Department => Permission::DepartmentsWrite,
        }
    }
}

fn make_group(tx: &mut Tx<'_>, rights: &Rights, name: &str) -> Result<i64, StoreError> {
    let form = GroupForm {
        name: Some(name.to_owned()),
        ..GroupForm::default()
    };
    let change = form
        .check()
        .map_err(|why| StoreError::broken(format!("the name of a new group: {why:?}")))?;
    let created = group::create::create(tx, &rights.scope, None, &change)?;
    Ok(created.id.0)
}

fn make_department(tx: &mut Tx<'_>, rights: &Rights, name: &str) -> Result<i64, StoreError> {
    let mut values = Values::default();
    values.set(Field::Name, Value::Text(Some(name.to_owned())));
    let created = routing::create(tx, &rights.scope, Noun::Department, None, &values)?;
    Ok(created.id)
}
