//! `rollcall import`: the same plan and commit as in the console, from a shell.

mod said;

use super::{CliError, existing};
use crate::config::Config;
use crate::domain::audit::Actor;
use crate::domain::ids::ImportId;
use crate::domain::import::{Asked, Options};
use crate::domain::role::Scope;
use crate::floor::Floor;
use crate::jobs::imports::{Rules, run_waiting};
use crate::store::import::commit::{self, Links};
use crate::store::import::spool::{PIECE, Upload, UploadError};
use crate::store::import::{Desk, Import, Mode, Pressed, State, Viewer, find};
use crate::store::{Keeper, Store, StoreError};
use clap::Args;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// Everything that could be carried out was, and some rows could not.
const WITH_ERRORS: u8 = 4;
/// How often the progress is drawn on a terminal, and told where there is none.
const DRAWN: Duration = Duration::from_millis(200);

#[derive(Args)]
#[command(
    after_help = "Ends with 0 when every row is in, was so already, or (with --dry-run) could be; 1 when it could not \
    be done; 2 for wrong usage; 3 when nothing was written, because the file makes no sense or some rows have errors and \
    all or nothing was asked for; 4 when the other rows are in (with --dry-run: could be) and some have errors or were \
    changed meanwhile. Errors go to standard error, a line each. It is written to the audit log as done from the shell, \
    and can be undone in the console for 30 days."
)]
pub struct ImportArgs {
    /// CSV or Excel file; `-` reads standard input
    file: PathBuf,
    /// Say what would be done, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Write nothing unless every row can be
    #[arg(long)]
    all_or_nothing: bool,
    /// Leave columns out that nothing is known of
    #[arg(long)]
    ignore_unknown: bool,
}

pub fn run(args: &ImportArgs, config: &Config, print_json: bool) -> Result<ExitCode, CliError> {
    let store = existing(config)?;
    let broken = |error| CliError::Database(config.database.clone(), error);
    let floor = Floor::load(store.clone()).map_err(broken)?;
    let shell = Shell {
        config,
        links: Links {
            keeper: Keeper::new(config.key_file()),
            url: base_url(config).as_str().into(),
        },
        rules: Rules {
            limits: config.upload,
            keep: i64::try_from(config.upload_keep.as_micros()).unwrap_or(i64::MAX),
        },
        desk: Desk::default(),
        floor,
        viewer: Viewer {
            actor: Actor::shell(),
            scope: Scope::All,
        },
    };
    let id = shell.upload(&store, args)?;
    let plan = shell.work(id)?;
    if plan.state == State::Planned {
        said::left_out(&plan);
    }
    let outcome = match plan.state {
        State::Planned if args.dry_run => Outcome::Planned,
        State::Planned => shell.commit(id, args)?,
        _ => Outcome::Refused(
            plan.fault
                .clone()
                .unwrap_or_else(|| "the file can't be planned".to_owned()),
        ),
    };
    let import = shell.find(id)?;
    shell.say_errors(&import)?;
    said::outcome(&import, &outcome, print_json);
    // A plan that nobody carries out is not kept.
    if !matches!(outcome, Outcome::Done) {
        shell.discard(id)?;
    }
    Ok(code(&import, &outcome))
}

/// What came of it.
pub enum Outcome {
    Planned,
    Done,
    /// No row changes anything.
    Nothing,
    /// Nothing was written; why.
    Refused(String),
}

fn code(import: &Import, outcome: &Outcome) -> ExitCode {
    let failed = import.counts.error + import.done.conflicts > 0;
    match (outcome, failed) {
        (Outcome::Refused(_), _) => ExitCode::from(super::REFUSED),
        (_, true) => ExitCode::from(WITH_ERRORS),
        (Outcome::Planned | Outcome::Done | Outcome::Nothing, false) => ExitCode::SUCCESS,
    }
}

/// What links begin with.
fn base_url(config: &Config) -> String {
    match &config.public_url {
        Some(url) => url.to_string(),
        None => format!("http://{}", config.listen),
    }
}

struct Shell<'a> {
    config: &'a Config,
    floor: Floor,
    desk: Desk,
    links: Links,
    rules: Rules,
    viewer: Viewer,
}

impl Shell<'_> {
    fn broken(&self, error: StoreError) -> CliError {
        CliError::Database(self.config.database.clone(), error)
    }

    fn upload(&self, store: &Store, args: &ImportArgs) -> Result<ImportId, CliError> {
        let name = args.file.to_string_lossy().into_owned();
        match name.as_str() {
            "-" => self.store_file(store, "standard input", io::stdin().lock(), args),
            name => {
                let file = File::open(&args.file)
                    .map_err(|error| CliError::Refused(format!("{name} can't be read: {error}")))?;
                self.store_file(store, name, file, args)
            }
        }
    }

    /// Piece by piece, as over HTTP.
    fn store_file(
        &self,
        store: &Store,
        name: &str,
        mut file: impl Read,
        args: &ImportArgs,
    ) -> Result<ImportId, CliError> {
        let mut asked = Asked::default();
        asked.mapping.ignore_unknown = args.ignore_unknown;
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        runtime.block_on(async {
            let by = self.viewer.actor.clone();
            let upload = Upload::begin(store, by, name, self.config.upload.bytes).await;
            let mut upload = upload.map_err(|error| self.broken(error))?;
            let mut piece = vec![0; PIECE];
            loop {
                match file.read(&mut piece)? {
                    0 => break,
                    read => upload
                        .push(&piece[..read])
                        .await
                        .map_err(|error| self.told(error))?,
                }
            }
            upload
                .finish(asked, Options::default())
                .await
                .map_err(|error| self.told(error))
        })
    }

    fn told(&self, error: UploadError) -> CliError {
        match error {
            UploadError::TooLarge(most) => CliError::Refused(format!(
                "the file is larger than {most} bytes: split it, or raise upload_bytes"
            )),
            UploadError::Store(error) => self.broken(error),
        }
    }

    fn find(&self, id: ImportId) -> Result<Import, CliError> {
        let found = self.floor.store().read(|conn| find(conn, &self.viewer, id));
        let found = found.map_err(|error| self.broken(error))?;
        found.ok_or_else(|| CliError::Refused("the upload is gone".to_owned()))
    }

    /// Does what the upload waits for and says how far it is; a server on the same database may do it as well, and
    /// then this one looks on.
    fn work(&self, id: ImportId) -> Result<Import, CliError> {
        let (ended, ends) = channel();
        std::thread::scope(|scope| {
            let worker = scope.spawn(move || {
                let work = || run_waiting(&self.floor, &self.desk, self.links.clone(), self.rules);
                let mut done = work();
                // Whatever another program began is waited for, and taken over should that one end.
                while done.is_ok() && self.find(id).is_ok_and(|import| import.is_busy()) {
                    std::thread::sleep(DRAWN);
                    done = work();
                }
                // The one who listens may have gone.
                let _ = ended.send(());
                done
            });
            let mut line = said::Line::new();
            while let Err(RecvTimeoutError::Timeout) = ends.recv_timeout(DRAWN) {
                if let Ok(import) = self.find(id) {
                    line.draw(self.desk.progress(&import));
                }
            }
            line.end();
            match worker.join() {
                Ok(done) => done.map_err(|error| self.broken(error)),
                Err(_) => Err(CliError::Refused("the import broke off".to_owned())),
            }
        })?;
        self.find(id)
    }

    fn commit(&self, id: ImportId, args: &ImportArgs) -> Result<Outcome, CliError> {
        let mode = match args.all_or_nothing {
            true => Mode::AllOrNothing,
            false => Mode::ValidRows,
        };
        let (viewer, by) = (self.viewer.clone(), self.viewer.actor.clone());
        let pressed = self
            .floor
            .store()
            .write_blocking(by, move |tx| commit::press(tx, &viewer, id, mode))
            .map_err(|error| self.broken(error))?;
        match pressed {
            Pressed::Begun | Pressed::Again => {}
            Pressed::Refused(crate::store::import::Refused::NothingToDo) => {
                return Ok(Outcome::Nothing);
            }
            Pressed::Refused(why) => return Ok(Outcome::Refused(why.to_string())),
        }
        let import = self.work(id)?;
        Ok(match import.state {
            State::Failed if import.done.written() == 0 => Outcome::Refused(
                import
                    .fault
                    .unwrap_or_else(|| "nothing was written".to_owned()),
            ),
            _ => Outcome::Done,
        })
    }

    fn discard(&self, id: ImportId) -> Result<(), CliError> {
        let (viewer, by) = (self.viewer.clone(), self.viewer.actor.clone());
        let cancelled = self
            .floor
            .store()
            .write_blocking(by, move |tx| commit::cancel(tx, &viewer, id));
        cancelled.map(|_| ()).map_err(|error| self.broken(error))
    }

    /// A line for each row that failed.
    fn say_errors(&self, import: &Import) -> Result<(), CliError> {
        let mut after = 0;
        loop {
            let read = self
                .floor
                .store()
                .read(|conn| crate::store::import::errors::page(conn, import.id, after));
            let rows = read.map_err(|error| self.broken(error))?;
            let Some(last) = rows.last() else {
                return Ok(());
            };
            after = last.number;
            rows.iter().for_each(|row| said::errors(import, row));
        }
    }
}
