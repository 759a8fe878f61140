//! The server with one address more, `/prebuilt`: the bytes of a file behind the same session and the
//! same middleware as any page. What a page costs beside it is what making the page costs.
//!
//! usage: prebuilt DATABASE LISTEN FILE

use actix_web::middleware::from_fn;
use actix_web::web::Bytes;
use actix_web::{HttpResponse, web};
use rollcall::app::App;
use rollcall::config::Config;
use rollcall::domain::role::Permission;
use rollcall::domain::time::Clock;
use rollcall::web::middleware::access::{self, Access, Gate};
use std::rc::Rc;
use std::sync::OnceLock;

// As the program itself.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

static BYTES: OnceLock<Bytes> = OnceLock::new();

async fn show() -> HttpResponse {
    let bytes = BYTES.get().cloned().unwrap_or_default();
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header(("Vary", "HX-Request-Type"))
        .body(bytes)
}

fn prebuilt(cfg: &mut web::ServiceConfig) {
    let gate: Gate = Rc::new([(
        actix_web::http::Method::GET,
        Access::Needs(Permission::AgentsRead),
    )]);
    let checked = from_fn(move |req, next| access::check(req, next, Rc::clone(&gate)));
    let route = web::get().to(show);
    cfg.service(web::resource("/prebuilt").route(route).wrap(checked));
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [database, listen, file] = args.as_slice() else {
        return Err("usage: prebuilt DATABASE LISTEN FILE".into());
    };
    let _ = BYTES.set(std::fs::read(file).unwrap_or_default().into());
    let mut config = Config::for_database(database.parse()?);
    config.listen = listen.parse()?;
    actix_web::rt::System::new().block_on(async move {
        let app = App::build_with(config, Clock::system(), prebuilt).await?;
        println!("{}", app.url);
        app.run().await?;
        Ok(())
    })
}
