//! Carries plans out and takes them back, a step after the other.

use super::{Clerk, Hold};
use crate::domain::audit::Actor;
use crate::domain::ids::ImportId;
use crate::domain::role::Scope;
use crate::store::StoreError;
use crate::store::import::commit::{self, Memo, Step};
use crate::store::import::desk::Running;
use crate::store::import::{Import, Mode, Phase, State, Viewer, errors, find, undo};
use std::sync::Arc;
use std::time::Duration;

/// So often a step is tried again when another node was in its way.
const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_millis(100);

impl Clerk {
    pub(super) fn carry(&self, id: ImportId, hold: &mut Hold<'_>) -> Result<(), StoreError> {
        let Some(import) = self.import(id)? else {
            return Ok(());
        };
        match (import.state, import.mode) {
            (State::Committing, Some(Mode::ValidRows)) => self.valid_rows(&import, hold),
            (State::Committing, Some(Mode::AllOrNothing)) => self.all_or_nothing(&import),
            (State::Undoing, _) => self.undo(&import, hold),
            // It was cancelled meanwhile.
            (_, _) => Ok(()),
        }
    }

    fn import(&self, id: ImportId) -> Result<Option<Import>, StoreError> {
        let everyone = Viewer {
            actor: Actor::system(),
            scope: Scope::All,
        };
        self.floor.store().read(|conn| find(conn, &everyone, id))
    }

    fn valid_rows(&self, import: &Import, hold: &mut Hold<'_>) -> Result<(), StoreError> {
        let id = import.id;
        let running = self.desk.begin(id, Phase::Commit, import.counts.rows);
        running.begin_at(import.place);
        let mut memo = Memo::default();
        loop {
            if self.stops() || !hold.renew()? {
                return Ok(());
            }
            let step;
            (step, memo) = self.again(|| {
                let (links, mut memo) = (self.links.clone(), memo.clone());
                self.write(&import.by, move |tx| {
                    let step = commit::next(tx, id, &mut memo, &links)?;
                    Ok((step, memo))
                })
            })?;
            match step {
                Step::More(place) => running.set(place),
                Step::Last => return self.finish(id),
                Step::Stopped => return Ok(()),
            }
        }
    }

    fn all_or_nothing(&self, import: &Import) -> Result<(), StoreError> {
        let id = import.id;
        let running = Arc::new(self.desk.begin(id, Phase::Commit, import.counts.rows));
        let (told, links, clerk) = (Arc::clone(&running), self.links.clone(), self.clone());
        let step = self.write(&import.by, move |tx| {
            commit::all(tx, id, &links, |rows| clerk.goes_on(&told, id, rows))
        })?;
        match step {
            Step::Last => self.finish(id),
            Step::More(_) | Step::Stopped => self.keep_conflicts(id),
        }
    }

    /// Notes how far a transaction has come that nobody else can see; `false`: it is to be given up.
    fn goes_on(&self, running: &Running, id: ImportId, rows: u64) -> bool {
        running.set(rows);
        if self.stops() || running.is_cancelled() {
            return false;
        }
        // Cancelled on another node. A read that fails says nothing.
        match self.floor.store().has_other_nodes() {
            true => self
                .import(id)
                .ok()
                .flatten()
                .is_none_or(|import| import.state == State::Committing),
            false => true,
        }
    }

    /// All rows are carried out: those that were not are kept for the file of errors, then the file goes.
    fn finish(&self, id: ImportId) -> Result<(), StoreError> {
        self.keep_conflicts(id)?;
        self.write(&Actor::system(), move |tx| errors::finish(tx, id))?;
        Ok(())
    }

    fn keep_conflicts(&self, id: ImportId) -> Result<(), StoreError> {
        match self.import(id)? {
            Some(import) if import.done.conflicts > 0 => {
                errors::keep_conflicts(self.floor.store(), &import, &self.rules.limits)
            }
            Some(_) | None => Ok(()),
        }
    }

    fn undo(&self, import: &Import, hold: &mut Hold<'_>) -> Result<(), StoreError> {
        let id = import.id;
        let running = self.desk.begin(id, Phase::Undo, import.counts.rows);
        running.begin_at(import.place);
        let by = import.undone_by.clone().unwrap_or_else(Actor::system);
        loop {
            if self.stops() || !hold.renew()? {
                return Ok(());
            }
            match self.again(|| self.write(&by, move |tx| undo::next(tx, id)))? {
                undo::Step::More(place) => running.set(place),
                undo::Step::Last | undo::Step::Stopped => return Ok(()),
            }
        }
    }

    /// Tries a step again that failed for a reason that passes.
    fn again<T>(&self, act: impl Fn() -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut tries = 0;
        loop {
            match act() {
                Err(StoreError::Unavailable(_)) if tries < TRIES && !self.stops() => {
                    tries += 1;
                    std::thread::sleep(PAUSE * tries);
                }
                done => return done,
            }
        }
    }
}
