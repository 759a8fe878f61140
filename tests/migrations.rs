//! Migrations go up, down and up again, and leave the same schema on both databases and in the code.

use crate::support::TestDb;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use rollcall::store::Conn;
use rollcall::store::connection::{self, Mode};
use std::collections::BTreeSet;
use std::fs;

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// A schema as sorted lines, in words that both databases share.
type Schema = BTreeSet<String>;

#[test]
fn sqlite_goes_up_down_and_up() {
    up_down_up(&TestDb::empty_sqlite());
}

#[test]
fn postgres_goes_up_down_and_up() {
    if let Some(db) = TestDb::empty_postgres() {
        up_down_up(&db);
    }
}

fn up_down_up(db: &TestDb) {
    let mut conn = open(db);
    migrate(&mut conn);
    let first = schema(&mut conn);
    revert(&mut conn);
    assert_eq!(schema(&mut conn), Schema::new(), "down leaves nothing");
    migrate(&mut conn);
    assert_eq!(schema(&mut conn), first);
}

#[test]
fn both_databases_have_the_same_schema() {
    let Some(db) = TestDb::postgres() else { return };
    let on_postgres = schema(&mut open(&db));
    let on_sqlite = schema(&mut open(&TestDb::sqlite()));
    assert_same("Postgres", &on_postgres, "SQLite", &on_sqlite);
}

#[test]
fn the_code_knows_the_schema() {
    let is_column = |line: &&String| line.starts_with("column ") || line.starts_with("key ");
    let on_sqlite = schema(&mut open(&TestDb::sqlite()));
    let columns = on_sqlite.iter().filter(is_column).cloned().collect();
    assert_same(
        "src/store/schema.rs",
        &schema_in_code(),
        "the migrations",
        &columns,
    );
}

#[test]
fn both_databases_have_the_same_migrations() {
    let names = |database: &str| -> BTreeSet<_> {
        let folder = format!("{}/migrations/{database}", env!("CARGO_MANIFEST_DIR"));
        fs::read_dir(folder)
            .expect("migrations")
            .map(|entry| entry.expect("an entry").file_name())
            .collect()
    };
    assert_eq!(names("sqlite"), names("postgres"));
}

fn assert_same(one: &str, a: &Schema, other: &str, b: &Schema) {
    let only = |x: &Schema, y: &Schema| {
        x.difference(y)
            .map(|line| format!("  {line}\n"))
            .collect::<String>()
    };
    assert!(
        a == b,
        "only in {one}:\n{}only in {other}:\n{}",
        only(a, b),
        only(b, a)
    );
}

fn open(db: &TestDb) -> Conn {
    connection::open(&db.database(), Mode::Job).expect("the database opens")
}

fn migrate(conn: &mut Conn) {
    match conn {
        Conn::Pg(c) => drop(c.run_pending_migrations(POSTGRES).expect("up")),
        Conn::Sqlite(c) => drop(c.run_pending_migrations(SQLITE).expect("up")),
    }
}

fn revert(conn: &mut Conn) {
    match conn {
        Conn::Pg(c) => drop(c.revert_all_migrations(POSTGRES).expect("down")),
        Conn::Sqlite(c) => drop(c.revert_all_migrations(SQLITE).expect("down")),
    }
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn lines(conn: &mut Conn, sql: &str) -> Vec<String> {
    let found: Vec<Line> = diesel::sql_query(sql)
        .load(conn)
        .unwrap_or_else(|e| panic!("{sql}: {e}"));
    found.into_iter().map(|row| row.line).collect()
}

fn schema(conn: &mut Conn) -> Schema {
    match conn {
        Conn::Pg(_) => postgres_schema(conn),
        Conn::Sqlite(_) => sqlite_schema(conn),
    }
}

fn postgres_schema(conn: &mut Conn) -> Schema {
    let mut schema: Schema = lines(
        conn,
        "SELECT format('column %s.%s %s %s', c.table_name, c.column_name, c.data_type, c.is_nullable) AS line \
         FROM information_schema.columns c \
         WHERE c.table_schema = 'public' AND c.table_name NOT LIKE '\\_\\_diesel%'",
    )
    .iter()
    .map(|line| {
        line.replace(" bigint ", " BigInt ")
            .replace(" integer ", " Integer ")
            .replace(" text ", " Text ")
            .replace(" boolean ", " Bool ")
            .replace(" bytea ", " Binary ")
    })
    .collect();
    let constraints = lines(
        conn,
        "SELECT format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS line \
         FROM pg_constraint WHERE connamespace = 'public'::regnamespace \
         AND conrelid::regclass::text NOT LIKE '\\_\\_diesel%'",
    );
    for line in constraints {
        let mut words = line.splitn(3, ' ');
        let (table, name, definition) = (next(&mut words), next(&mut words), next(&mut words));
        add_constraint(&mut schema, table, name, definition);
    }
    let indexes = lines(
        conn,
        "SELECT indexdef AS line FROM pg_indexes i WHERE schemaname = 'public' \
         AND tablename NOT LIKE '\\_\\_diesel%' \
         AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conname = i.indexname)",
    );
    schema.extend(indexes.iter().map(|sql| index(sql)));
    schema
}

fn sqlite_schema(conn: &mut Conn) -> Schema {
    let tables = "sqlite_master m WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE '__diesel%'";
    // An AUTOINCREMENT key must be spelled INTEGER; it holds 64 bits and is never null all the same.
    let mut schema: Schema = lines(
        conn,
        &format!(
            "SELECT 'column ' || m.name || '.' || p.name || ' ' || CASE \
               WHEN p.pk > 0 AND m.sql LIKE '%' || p.name || ' INTEGER PRIMARY KEY AUTOINCREMENT%' THEN 'BigInt NO' \
               ELSE CASE p.type WHEN 'BIGINT' THEN 'BigInt' WHEN 'INTEGER' THEN 'Integer' \
                 WHEN 'TEXT' THEN 'Text' WHEN 'BOOLEAN' THEN 'Bool' \
                 WHEN 'BLOB' THEN 'Binary' ELSE p.type END \
               || CASE p.\"notnull\" WHEN 1 THEN ' NO' ELSE ' YES' END END AS line \
             FROM pragma_table_info(m.name) p, {tables}"
        ),
    )
    .into_iter()
    .collect();
    for create in lines(conn, &format!("SELECT m.sql AS line FROM {tables}")) {
        let table = create
            .split_whitespace()
            .nth(2)
            .expect("CREATE TABLE name")
            // A table that was renamed has its name in quotes.
            .replace('"', "");
        for definition in create.lines().map(|line| line.trim().trim_end_matches(',')) {
            if let Some(rest) = definition.strip_prefix("CONSTRAINT ") {
                let (name, definition) = rest.split_once(' ').expect("a name and what it is");
                add_constraint(&mut schema, &table, name, definition);
            } else if let Some((column, _)) =
                definition.split_once(" INTEGER PRIMARY KEY AUTOINCREMENT")
            {
                schema.insert(format!("key {table} ({column})"));
            }
        }
    }
    let indexes = lines(
        conn,
        "SELECT sql AS line FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
    );
    schema.extend(indexes.iter().map(|sql| index(sql)));
    schema
}

fn next<'a>(words: &mut impl Iterator<Item = &'a str>) -> &'a str {
    words.next().expect("three words")
}

/// A primary key is also a line of its own, since SQLite can't name the key of an AUTOINCREMENT table.
fn add_constraint(schema: &mut Schema, table: &str, name: &str, definition: &str) {
    let definition = definition.replace(" (", "(");
    if let Some(columns) = definition.strip_prefix("PRIMARY KEY") {
        schema.insert(format!("key {table} {columns}"));
        if name == format!("{table}_pkey") {
            return;
        }
    }
    // Postgres prints the condition of a check in words of its own.
    let shown = if definition.starts_with("CHECK") {
        "CHECK"
    } else {
        &definition
    };
    schema.insert(format!("constraint {table} {name} {shown}"));
}

/// `CREATE INDEX …` without what Postgres adds to it.
fn index(sql: &str) -> String {
    let mut words = sql
        .replace("public.", "")
        .replace("::text", "")
        .replace("USING btree ", "")
        .replace(['(', ')', '"'], " ");
    words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    words.replace(" ,", ",")
}

/// The `table!` declarations, as columns and keys.
fn schema_in_code() -> Schema {
    let source = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/store/schema.rs"))
        .expect("schema.rs");
    let mut schema = Schema::new();
    let mut table = "";
    for line in source
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with("diesel::"))
    {
        if let Some((column, kind)) = line.trim_end_matches(',').split_once(" -> ") {
            let inner = kind
                .strip_prefix("Nullable<")
                .and_then(|kind| kind.strip_suffix('>'));
            let nullable = if inner.is_some() { "YES" } else { "NO" };
            schema.insert(format!(
                "column {table}.{column} {} {nullable}",
                inner.unwrap_or(kind)
            ));
        } else if let Some((name, key)) = line
            .strip_suffix(" {")
            .and_then(|line| line.split_once(' '))
        {
            table = name;
            schema.insert(format!("key {table} {key}"));
        }
    }
    schema
}
