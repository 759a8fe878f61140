//! Plans one file: two passes over its rows, the plan written by the thousand.

use super::{CLEARED_AT_ONCE, Clerk, Hold};
use crate::domain::ids::{ImportId, UserId};
use crate::domain::import::{
    Asked, Claims, Detected, Facts, FileError, Listed, Outcome, Planner, Survey, detect, rows,
};
use crate::store::StoreError;
use crate::store::import::desk::Running;
use crate::store::import::plan::{self, Finished};
use crate::store::import::rows::{NewRow, clear};
use crate::store::import::spool::Spooled;
use crate::store::import::{Import, Phase, errors, facts, hold_others, mapping, rights_of};
use std::io::Seek;
use std::ops::ControlFlow;

/// Rows written in one transaction: what waits in memory.
const AT_ONCE: usize = 1_000;
/// People looked at while the picture is held.
const PEOPLE_AT_ONCE: usize = 5_000;
const NO_RIGHTS: &str = "You may not upload any more.";

/// Why planning ended early.
enum Ended {
    /// The file can't be read; told to whoever uploaded it.
    File(FileError, Option<Box<Detected>>),
    NoRights,
    /// Somebody cancelled it or chose something else, or the server stops.
    Stopped,
    Store(StoreError),
}

impl From<FileError> for Ended {
    fn from(error: FileError) -> Self {
        Self::File(error, None)
    }
}

impl From<StoreError> for Ended {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Clerk {
    pub(super) fn plan(&self, id: ImportId, hold: &mut Hold<'_>) -> Result<(), StoreError> {
        let system = crate::domain::audit::Actor::system();
        let Some(import) = self.write(&system, move |tx| plan::begin(tx, id))? else {
            return Ok(());
        };
        let attempt = import.plan;
        while self.write(&system, move |tx| clear(tx, id, CLEARED_AT_ONCE))? > 0 {}
        let running = self.desk.begin(id, Phase::Plan, 0);
        let refusal = match self.read(&import, &running, hold) {
            Ok(finished) => {
                self.write(&system, move |tx| plan::finish(tx, id, attempt, &finished))?;
                return Ok(());
            }
            Err(Ended::Stopped) => return Ok(()),
            Err(Ended::Store(error)) => return Err(error),
            // It lies in the database: another try may find it.
            Err(Ended::File(error, _)) if error.is_ours() => {
                return Err(StoreError::unavailable(error));
            }
            Err(Ended::File(error, found)) => (error.to_string(), found),
            Err(Ended::NoRights) => (NO_RIGHTS.to_owned(), None),
        };
        self.write(&system, move |tx| {
            plan::refuse(tx, id, attempt, &refusal.0, refusal.1.as_deref())
        })?;
        Ok(())
    }

    fn read(
        &self,
        import: &Import,
        running: &Running,
        hold: &mut Hold<'_>,
    ) -> Result<Finished, Ended> {
        let store = self.floor.store();
        let limits = &self.rules.limits;
        let mut file = Spooled::open(store, import.id, import.size);
        let (asked, found) = self.look(import, &mut file)?;
        if let Err(error) = found.head.ready(&asked.mapping) {
            return Err(Ended::File(error, Some(Box::new(found))));
        }
        let now = store.clock().now();
        let rights = store.read(|conn| rights_of(conn, &import.by, now))?;
        let rights = rights.ok_or(Ended::NoRights)?;
        let me = import.by.user().map(UserId);
        let facts = store.read(|conn| facts(conn, rights, me))?;
        let mut survey = Survey::new(&facts);
        let goes_on = || match self.stops() || running.is_cancelled() {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        };
        file.rewind().map_err(FileError::Io)?;
        let fault = |error| Ended::File(error, Some(Box::new(found.clone())));
        rows::each(&mut file, &found, limits, |record| {
            survey.row(record, &found.head, &facts, &import.options);
            goes_on()
        })
        .map_err(fault)?;
        if goes_on().is_break() {
            return Err(Ended::Stopped);
        }
        running.set_total(survey.rows());
        let pass = Pass {
            clerk: self,
            import,
            running,
            facts: &facts,
            survey: &survey,
        };
        pass.run(asked, found, &mut file, hold)
    }

    /// What the file is; with the mapping that was chosen for such a head the last time.
    fn look(&self, import: &Import, file: &mut Spooled) -> Result<(Asked, Detected), FileError> {
        let limits = &self.rules.limits;
        let mut asked = import.asked.clone();
        let found = detect(&mut *file, &asked, limits)?;
        if !import.is_as_uploaded() {
            return Ok((asked, found));
        }
        let known = self
            .floor
            .store()
            .read(|conn| mapping::find(conn, &found.head, &import.by));
        let known = known.map_err(|error| FileError::Io(std::io::Error::other(error)))?;
        let Some(known) = known else {
            return Ok((asked, found));
        };
        asked.mapping = known;
        file.rewind()?;
        let found = detect(file, &asked, limits)?;
        Ok((asked, found))
    }

    /// All values that are in use. The people are looked at some thousand at a time, so that the picture is not
    /// held for long.
    fn claims(&self) -> Result<Claims, StoreError> {
        let mut claims = Claims::default();
        let mut from = 0;
        loop {
            let picture = self.floor.picture();
            let people = picture.people().get(from..).unwrap_or_default();
            for person in people.iter().take(PEOPLE_AT_ONCE) {
                claims.add(person);
            }
            if people.len() <= PEOPLE_AT_ONCE {
                break;
            }
            from += PEOPLE_AT_ONCE;
        }
        let store = self.floor.store();
        let now = store.clock().now();
        store.read(|conn| hold_others(conn, now, &mut claims))?;
        Ok(claims)
    }
}

/// The second pass.
struct Pass<'a> {
    clerk: &'a Clerk,
    import: &'a Import,
    running: &'a Running,
    facts: &'a Facts,
    survey: &'a Survey,
}

impl Pass<'_> {
    fn run(
        &self,
        asked: Asked,
        found: Detected,
        file: &mut Spooled,
        hold: &mut Hold<'_>,
    ) -> Result<Finished, Ended> {
        let options = &self.import.options;
        let claims = self.clerk.claims()?;
        let mut planner = Planner::new(self.facts, &found, options, self.survey, claims);
        let mut waiting = Vec::with_capacity(AT_ONCE);
        let (mut number, mut ended) = (0, None);
        file.rewind().map_err(FileError::Io)?;
        rows::each(file, &found, &self.clerk.rules.limits, |record| {
            number += 1;
            let planned = planner.row(&*self.clerk.floor.picture(), record);
            let cells = match planned.outcome {
                Outcome::Error(_) => Some(errors::cells(record)),
                Outcome::Create(_)
                | Outcome::Update(_)
                | Outcome::Unchanged(_)
                | Outcome::Skip(_) => None,
            };
            waiting.push(NewRow::new(self.import.id, number, &planned, cells));
            if waiting.len() < AT_ONCE {
                return ControlFlow::Continue(());
            }
            match self.write(&mut waiting, hold) {
                Ok(()) => ControlFlow::Continue(()),
                Err(why) => {
                    ended = Some(why);
                    ControlFlow::Break(())
                }
            }
        })
        .map_err(|error| Ended::File(error, Some(Box::new(found.clone()))))?;
        if let Some(why) = ended {
            return Err(why);
        }
        self.write(&mut waiting, hold)?;
        let listed = Listed::new(self.survey, &planner);
        let counts = planner.counts();
        drop(planner);
        Ok(Finished {
            asked,
            found,
            listed,
            counts,
        })
    }

    fn write(&self, waiting: &mut Vec<NewRow>, hold: &mut Hold<'_>) -> Result<(), Ended> {
        if self.clerk.stops() || self.running.is_cancelled() || !hold.renew()? {
            return Err(Ended::Stopped);
        }
        let rows = std::mem::replace(waiting, Vec::with_capacity(AT_ONCE));
        let many = rows.len() as u64;
        let (id, plan) = (self.import.id, self.import.plan);
        let system = crate::domain::audit::Actor::system();
        let added = self
            .clerk
            .write(&system, move |tx| plan::add(tx, id, plan, &rows))?;
        self.running.advance(many);
        match added {
            true => Ok(()),
            false => Err(Ended::Stopped),
        }
    }
}
