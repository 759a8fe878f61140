//! Puts the rooms together: database, floor, workers, and the server in front of them.

use crate::config::{Config, TlsFiles};
use crate::demo;
use crate::domain::audit::Actor;
use crate::domain::time::{Clock, HOUR};
use crate::floor::Floor;
use crate::jobs::Jobs;
use crate::jobs::imports::Rules;
use crate::store::import::Desk;
use crate::store::import::commit::Links;
use crate::store::link::LinkKind;
use crate::store::migrate::{self, Migrated};
use crate::store::{DatabaseUrl, Keeper, Store, StoreError, lease, link, role};
use crate::web::error::AppError;
use crate::web::middleware::edge::edge;
use crate::web::routes;
use crate::web::sessions::secret::{self, SecretHash};
use crate::web::state::{AppState, Shown};
use actix_web::dev::{Server, ServerHandle};
use actix_web::middleware::from_fn;
use actix_web::{HttpServer, web};
use openssl::ssl::{SslAcceptor, SslAcceptorBuilder, SslFiletype, SslMethod};
use std::fs::{File, TryLockError};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// How long a set-up link can be used.
const SET_UP_LINK: i64 = 24 * HOUR;
/// How long requests may take to finish when the server stops.
const GRACE_SECONDS: u64 = 5;
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// How often what is past its time is cleared away.
const SWEEP: Duration = Duration::from_secs(600);

/// A server that is ready to run.
pub struct App {
    /// Where it listens; the port is the real one even if 0 was asked for.
    pub addr: SocketAddr,
    /// How a browser on this machine reaches it, or the public address.
    pub url: String,
    /// The one-time link to set a new install up.
    pub set_up_url: Option<String>,
    pub migrated: Migrated,
    state: web::Data<AppState>,
    /// What runs by itself; ends with the server.
    _jobs: Jobs,
    server: Server,
    closing: watch::Sender<bool>,
    /// Held for as long as the server runs.
    _claim: Claim,
}

/// The sole right to serve a SQLite file: a second server would miss what the first one writes.
/// Nodes on Postgres hear of each other, so there it is no matter.
pub struct Claim(
    /// Locked for as long as it is open.
    #[expect(dead_code, reason = "held, never read")]
    Option<File>,
);

/// Why the server can't start.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    #[error("can't listen on {0}: {1}")]
    Listen(SocketAddr, #[source] std::io::Error),
    #[error("{0:?} is in use by another Rollcall: one server at a time works on a SQLite file")]
    Locked(PathBuf),
    #[error("{0:?}: {1}")]
    Lock(PathBuf, #[source] std::io::Error),
    #[error("the certificate or its key can't be used: {0}")]
    Tls(#[from] openssl::error::ErrorStack),
    #[error("{0}: {1}")]
    Database(String, #[source] StoreError),
    #[error(transparent)]
    Other(#[from] AppError),
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

impl App {
    /// Opens the port and the database, brings its schema up to date and loads the floor.
    /// Takes its time on the thread that calls it, which has nothing else to do yet.
    ///
    /// # Errors
    /// Whatever keeps it from serving; nothing is left open.
    pub async fn build(
        config: Config,
        clock: Clock,
        shown: Option<Shown>,
    ) -> Result<Self, BuildError> {
        let claim = Claim::take(&config.database)?;
        Self::build_on(claim, config, clock, shown).await
    }

    /// The same with addresses of the caller's own, for measuring beside the product's.
    ///
    /// # Errors
    /// As for [`App::build`].
    pub async fn build_with(
        config: Config,
        clock: Clock,
        more: fn(&mut web::ServiceConfig),
    ) -> Result<Self, BuildError> {
        let claim = Claim::take(&config.database)?;
        Self::assemble(claim, config, clock, None, more).await
    }

    /// The same on a database that is claimed already. `shown` is a sign-in that everyone may know.
    ///
    /// # Errors
    /// As for [`App::build`].
    pub async fn build_on(
        claim: Claim,
        config: Config,
        clock: Clock,
        shown: Option<Shown>,
    ) -> Result<Self, BuildError> {
        Self::assemble(claim, config, clock, shown, |_| {}).await
    }

    async fn assemble(
        claim: Claim,
        config: Config,
        clock: Clock,
        shown: Option<Shown>,
        more: fn(&mut web::ServiceConfig),
    ) -> Result<Self, BuildError> {
        let listener =
            TcpListener::bind(config.listen).map_err(|e| BuildError::Listen(config.listen, e))?;
        let addr = listener.local_addr()?;
        let broken = |error| BuildError::Database(config.database.to_string(), error);
        let migrated = migrate::run(&config.database).map_err(broken)?;
        let store = Store::open(&config.database, clock).map_err(broken)?;
        store
            .write(Actor::system(), |tx| {
                role::ensure_built_in(tx)?;
                lease::end_earlier(tx)
            })
            .await
            .map_err(broken)?;
        let floor = Floor::load(store.clone()).map_err(broken)?;
        let joiners = demo::joiners(&store).map_err(broken)?;
        let keeper = Keeper::new(config.key_file());
        // Whoever has no second factor can sign in all the same, so this does not end the start.
        if let Some(fault) = store.read(|conn| keeper.fault(conn)).map_err(broken)? {
            tracing::error!("{fault}");
        }
        let name = config.mail_name();
        let url = url(&config, addr);
        let uploads = Desk::default();
        let links = Links {
            keeper: keeper.clone(),
            url: url.as_str().into(),
        };
        let rules = upload_rules(&config);
        let jobs = Jobs::start_with_key(&floor, &keeper)
            .and_then(|jobs| jobs.with_mail(&floor, &keeper, name))
            .and_then(|jobs| jobs.with_imports(&floor, &uploads, links, rules))
            .map_err(broken)?;
        let (closing, closes) = watch::channel(false);
        let config = Arc::new(config);
        let mut state = AppState::new(
            Arc::clone(&config),
            floor,
            keeper,
            url.clone(),
            uploads,
            shown,
            closes,
        )?;
        state.joiners = joiners.map(web::Bytes::from);
        let state = web::Data::new(state);
        let set_up_url = match state.waits_for_set_up() {
            true => Some(set_up_link(&store, &url).await?),
            false => None,
        };
        let server = serve(listener, &config, state.clone(), more)?;
        Ok(Self {
            addr,
            url,
            set_up_url,
            migrated,
            state,
            _jobs: jobs,
            server,
            closing,
            _claim: claim,
        })
    }

    pub fn state(&self) -> &web::Data<AppState> {
        &self.state
    }

    /// How many agents there are.
    pub fn agents(&self) -> usize {
        self.state
            .floor
            .picture()
            .people()
            .iter()
            .filter(|person| person.living_agent().is_some())
            .count()
    }

    pub fn handle(&self) -> ServerHandle {
        self.server.handle()
    }

    /// Serves until SIGTERM or SIGINT, or until the handle stops it; finishes what was begun.
    pub async fn run(self) -> std::io::Result<()> {
        let (mut term, mut int) = (
            signal(SignalKind::terminate())?,
            signal(SignalKind::interrupt())?,
        );
        let (handle, closing) = (self.server.handle(), self.closing);
        let stopper = tokio::spawn(async move {
            tokio::select! {
                _ = term.recv() => {}
                _ = int.recv() => {}
            }
            tracing::info!("stopping");
            closing.send_replace(true);
            handle.stop(true).await;
        });
        let sweeper = tokio::spawn(sweep(self.state.clone()));
        let done = self.server.await;
        stopper.abort();
        sweeper.abort();
        done
    }
}

fn serve(
    listener: TcpListener,
    config: &Arc<Config>,
    state: web::Data<AppState>,
    more: fn(&mut web::ServiceConfig),
) -> Result<Server, BuildError> {
    let body_limit = config.body_limit;
    let server = HttpServer::new(move || {
        actix_web::App::new()
            .app_data(state.clone())
            .app_data(web::PayloadConfig::new(body_limit))
            .app_data(web::FormConfig::default().limit(body_limit))
            .app_data(web::JsonConfig::default().limit(body_limit))
            .configure(more)
            .configure(routes::register)
            .wrap(from_fn(edge))
    })
    .workers(config.workers)
    // Few: each holds a stack, and the database's readers are fewer still.
    .worker_max_blocking_threads(4)
    .tcp_nodelay(true)
    // Longer than proxies keep a connection (nginx: 60 s): else one is closed here as a request comes over it.
    .keep_alive(KEEP_ALIVE)
    .disable_signals()
    .shutdown_timeout(GRACE_SECONDS);
    let server = match &config.tls {
        Some(files) => server.listen_openssl(listener, tls(files)?)?,
        None => server.listen(listener)?,
    };
    Ok(server.run())
}

/// Mozilla's intermediate settings: TLS 1.2 and 1.3.
fn tls(files: &TlsFiles) -> Result<SslAcceptorBuilder, openssl::error::ErrorStack> {
    let mut builder = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls())?;
    builder.set_private_key_file(&files.key, SslFiletype::PEM)?;
    builder.set_certificate_chain_file(&files.cert)?;
    builder.check_private_key()?;
    Ok(builder)
}

impl Claim {
    /// # Errors
    /// `Locked` when another Rollcall has it.
    pub fn take(database: &DatabaseUrl) -> Result<Self, BuildError> {
        let DatabaseUrl::Sqlite(path) = database else {
            return Ok(Self(None));
        };
        let mut name = path.as_os_str().to_owned();
        name.push("-lock");
        let name = PathBuf::from(name);
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&name)
            .map_err(|e| BuildError::Lock(name.clone(), e))?;
        match file.try_lock() {
            Ok(()) => Ok(Self(Some(file))),
            Err(TryLockError::WouldBlock) => Err(BuildError::Locked(path.clone())),
            Err(TryLockError::Error(error)) => Err(BuildError::Lock(name, error)),
        }
    }
}

fn upload_rules(config: &Config) -> Rules {
    Rules {
        limits: config.upload,
        keep: i64::try_from(config.upload_keep.as_micros()).unwrap_or(i64::MAX),
    }
}

fn url(config: &Config, addr: SocketAddr) -> String {
    if let Some(url) = &config.public_url {
        return url.to_string();
    }
    let scheme = if config.tls.is_some() {
        "https"
    } else {
        "http"
    };
    let host = match addr.ip() {
        ip if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        ip => ip,
    };
    format!("{scheme}://{}", SocketAddr::new(host, addr.port()))
}

async fn set_up_link(store: &Store, url: &str) -> Result<String, AppError> {
    let token = secret::fresh("")?;
    let hash = SecretHash::of(&token).hex();
    store
        .write(Actor::system(), move |tx| {
            link::insert(tx, LinkKind::SetUp, None, &hash, SET_UP_LINK)
        })
        .await?;
    Ok(format!("{url}/set-up?token={token}"))
}

async fn sweep(state: web::Data<AppState>) {
    loop {
        tokio::time::sleep(SWEEP).await;
        state.throttle.sweep();
        if let Err(error) = state.sessions.sweep().await {
            tracing::warn!(%error, "sessions past their time could not be removed");
        }
    }
}
