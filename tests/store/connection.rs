//! Reaching Postgres through TLS.

use crate::support::postgres;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use rollcall::store::connection::{self, Mode};

#[test]
fn a_checked_certificate_is_encrypted() {
    let Some(url) = tls_url() else { return };
    let mut conn = connection::open(&url.parse().unwrap(), Mode::Read).unwrap();
    let ssl = "(select ssl from pg_stat_ssl where pid = pg_backend_pid())";
    let ssl = diesel::dsl::sql::<Bool>(ssl);
    let encrypted: bool = diesel::select(ssl).get_result(&mut conn).unwrap();
    assert!(encrypted);
}

#[test]
fn a_certificate_nobody_vouches_for_is_refused() {
    let Some(url) = tls_url() else { return };
    let url = url.replace("server.crt", "missing.crt");
    let refusal = connection::open(&url.parse().unwrap(), Mode::Read)
        .err()
        .unwrap();
    assert!(refusal.to_string().contains("missing.crt"), "{refusal}");
}

fn tls_url() -> Option<String> {
    postgres::server_or_skip()?.tls_url("postgres")
}
