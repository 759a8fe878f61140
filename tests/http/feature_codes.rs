//! Feature codes over HTTP: the table in force, the dial helper and the reader of keys, the sheet, the API.

use crate::support::TestDb;
use crate::support::app::{Browser, Person, TestApp, text};
use crate::support::people::{give_scope, insert_department, insert_group};
use diesel::prelude::*;
use reqwest::Method;
use rollcall::domain::agent_form::{AgentForm, Rules};
use rollcall::domain::ids::AgentId;
use rollcall::domain::role::Scope;
use rollcall::store::agent::create::create;
use rollcall::store::schema::{departments, ivrs};
use rollcall::store::{RecordKind, Tx};
use serde_json::{Value, json};
use std::sync::mpsc;

both_databases! {
    async fn the_table_in_force_is_shown_to_everyone_who_has_the_right(db: TestDb) {
        let (app, _) = office(db);
        for person in [Person::Agent, Person::Scoped, Person::Supervisor, Person::Auditor, Person::Admin] {
            let page = text(app.signed_in(person).await.get("/feature-codes").await, 200).await;
            for said in ["<kbd>#1</kbd>", "<kbd>#4</kbd>", "<kbd>*2</kbd>", "<kbd>*4</kbd>", "<kbd>*3</kbd>", "<kbd>#2</kbd>", "5-digit transfer code", "4 digits are an agent"] {
                assert!(page.contains(said), "{person:?}: {said}\n{page}");
            }
            let sets = matches!(person, Person::Auditor | Person::Admin);
            assert_eq!(page.contains("href=\"/settings#codes\""), sets, "{person:?}");
        }
    }

    async fn the_helper_shows_keys_or_why_not(db: TestDb) {
        let (app, office) = office(db);
        let browser = app.signed_in(Person::Supervisor).await;
        let (support, sales) = (office.support, office.sales);
        for (query, said) in [
            ("transfer=blind&to=2001".to_owned(), "<kbd>#</kbd><kbd>1</kbd><kbd>2</kbd><kbd>0</kbd><kbd>0</kbd><kbd>1</kbd>"),
            ("transfer=attended&to=bela+das".to_owned(), "<kbd>*</kbd><kbd>2</kbd><kbd>2</kbd><kbd>0</kbd><kbd>0</kbd><kbd>2</kbd>"),
            (format!("transfer=blind&to={}", office.asha), "Asha Rao"),
            (format!("transfer=blind&to=90001&department={support}"), "<kbd>#</kbd><kbd>2</kbd><kbd>9</kbd>"),
            (format!("transfer=blind&to=90001&department={sales}"), "<kbd>#</kbd><kbd>1</kbd><kbd>9</kbd>"),
            ("transfer=blind&to=Main+menu".to_owned(), "the IVR Main menu"),
            (format!("transfer=blind&to=080+4000+2291&department={support}"), "<kbd>#</kbd><kbd>4</kbd><kbd>0</kbd>"),
            ("transfer=blind&to=080+4000+2291".to_owned(), "came through no department"),
            ("transfer=attended&to=90001".to_owned(), "can’t be spoken to first"),
            ("transfer=conference".to_owned(), "only after a successful attended transfer"),
            ("transfer=conference&after=attended".to_owned(), "All three talk together"),
            ("transfer=blind&to=2999".to_owned(), "No agent has the intercom number 2999"),
            ("transfer=blind&to=a".to_owned(), "Several are meant: "),
            ("transfer=blind&to=nobody+here".to_owned(), "Nobody is called “nobody here”"),
            ("transfer=blind&to=Chitra".to_owned(), "Chitra Sen has no intercom number"),
            ("keys=%2312001".to_owned(), "goes to Asha Rao at once"),
            (format!("keys=%23190001&department={support}"), "Press #2 instead of #1"),
            ("keys=%23".to_owned(), "Nothing would happen."),
        ] {
            let address = format!("/feature-codes?{query}");
            let page = text(browser.get(&address).await, 200).await;
            assert!(page.contains(said) && page.contains("<html"), "{query}: {said}\n{page}");
            let part = text(browser.get_part(&address).await, 200).await;
            assert!(part.contains(said) && !part.contains("<html") && part.contains("id=\"dial-help\""), "{query}\n{part}");
        }
        let dialog = browser.request(Method::GET, "/feature-codes").header("HX-Request", "true").header("HX-Request-Type", "partial").header("HX-Target", "div#dialog");
        let dialog = text(dialog.send().await.unwrap(), 200).await;
        assert!(dialog.starts_with("<dialog") && dialog.contains("<kbd>*4</kbd>") && !dialog.contains("<html"));
        let list = text(browser.get("/agents").await, 200).await;
        assert!(list.contains("id=\"feature-codes\" href=\"/feature-codes\""), "the button stands above the agents");
    }

    async fn an_address_that_makes_no_sense_is_marked_and_answers_nothing(db: TestDb) {
        let (app, _) = office(db);
        let browser = app.signed_in(Person::Agent).await;
        for query in ["department=99", "department=x", "transfer=maybe", "after=lunch", "to=1&to=2", "colour=red", "keys=%ff", &format!("to={}", "x".repeat(300))] {
            let page = text(browser.get(&format!("/feature-codes?transfer=blind&to=2001&{query}")).await, 400).await;
            assert!(page.contains("makes no sense") && !page.contains("<b>Press</b>"), "{query}");
        }
        let hostile = "%22%3E%3Cscript%3Ealert(1)%3C/script%3E";
        let page = text(browser.get(&format!("/feature-codes?transfer=blind&to={hostile}&keys={hostile}")).await, 200).await;
        assert!(!page.contains("<script>alert"));
    }

    async fn the_sheet_has_every_number_that_the_reader_may_know(db: TestDb) {
        let (app, office) = office(db);
        let page = text(app.signed_in(Person::Agent).await.get("/feature-codes/sheet").await, 200).await;
        for said in ["2001", "Asha Rao", "2002", "Bela Das", "90001", "Billing", "90501", "Main menu (IVR)", "<kbd>#4</kbd>"] {
            assert!(page.contains(said), "{said}\n{page}");
        }
        assert!(!page.contains("Chitra Sen"), "without an intercom there is nothing to dial");
        // Without the directory only the own groups are known: to sheet, helper and reader alike.
        app.write(move |tx| {
            give_scope(tx, Person::Scoped.word(), office.north);
            forget_directory(tx);
        });
        let scoped = app.signed_in(Person::Scoped).await;
        let page = text(scoped.get("/feature-codes/sheet").await, 200).await;
        assert!(page.contains("Asha Rao") && !page.contains("Bela Das"), "{page}");
        let page = text(scoped.get("/feature-codes?transfer=blind&to=2002&keys=%2312002").await, 200).await;
        assert!(page.contains("No agent has the intercom number 2002") && !page.contains("Bela Das"), "{page}");
    }

    async fn the_agents_page_tells_how_to_transfer_by_the_same_rules(db: TestDb) {
        let (app, office) = office(db);
        let browser = app.signed_in(Person::Supervisor).await;
        let page = text(browser.get(&format!("/agents/{}", office.asha)).await, 200).await;
        assert!(page.contains("How to transfer to this agent") && page.contains("<kbd>*</kbd><kbd>2</kbd><kbd>2</kbd><kbd>0</kbd><kbd>0</kbd><kbd>1</kbd>"), "{page}");
        let page = text(browser.get(&format!("/agents/{}", office.chitra)).await, 200).await;
        assert!(page.contains("Chitra Sen has no intercom number, so no code reaches them."), "{page}");
    }

    async fn the_api_reads_and_composes(db: TestDb) {
        let (app, office) = office(db);
        let browser = app.signed_in(Person::Agent).await;
        let (support, sales) = (office.support, office.sales);
        for (body, keys, name) in [
            (json!({ "keys": "#12001" }), "#12001", json!("Asha Rao")),
            (json!({ "keys": "#12001", "department": support }), "#12001", json!("Asha Rao")),
            (json!({ "keys": "#11002" }), "#11002", json!("Esha Nair")),
            (json!({ "keys": "#11002", "department": support }), "#11002", json!("Esha Nair")),
            (json!({ "keys": "#11002", "department": sales }), "#11002", json!("Esha Nair")),
            (json!({ "keys": "*2 2002", "department": sales.to_string() }), "*2 2002", json!("Bela Das")),
            (json!({ "keys": "#290501", "department": support }), "#290501", json!("Main menu")),
            (json!({ "transfer": "blind", "to": "2001" }), "#12001", json!("Asha Rao")),
            (json!({ "transfer": "blind", "to": 2001 }), "#12001", json!("Asha Rao")),
            (json!({ "transfer": "attended", "to": "Bela Das", "department": null }), "*22002", json!("Bela Das")),
            (json!({ "transfer": "blind", "to": "90001" }), "#190001", json!("Billing")),
            (json!({ "transfer": "blind", "to": "90001", "department": support }), "#290001", json!("Billing")),
            (json!({ "transfer": "attended", "to": "+442079460161", "department": support }), "*400442079460161", Value::Null),
            (json!({ "transfer": "conference", "after": "attended" }), "*3", Value::Null),
            (json!({ "keys": "*3", "after": "attended" }), "*3", Value::Null),
        ] {
            let (status, answer) = dial(&browser, &body.to_string()).await;
            assert_eq!((status, &answer["keys"], &answer["to"]["name"]), (200, &json!(keys), &name), "{body} {answer}");
            assert!(!answer["said"].as_str().unwrap().is_empty());
        }
        for (body, why) in [
            (json!({ "keys": "#19999" }), "No agent has the intercom number 9999."),
            (json!({ "keys": "#290001" }), "Press #1 instead of #2"),
            (json!({ "keys": "#290001", "department": sales }), "Press #1 instead of #2"),
            (json!({ "keys": "#190001", "department": support }), "Press #2 instead of #1"),
            (json!({ "keys": "*3" }), "only after a successful attended transfer"),
            (json!({ "keys": "#1900" }), "3 digits follow after #1"),
            (json!({ "keys": "#29000", "department": support }), "4 digits follow after #2"),
            (json!({ "keys": "*290001" }), "5 digits follow after *2"),
            (json!({ "keys": "*32001", "after": "attended" }), "Nothing is dialled after *3"),
            (json!({ "keys": "#1" }), "Nothing follows #1"),
            (json!({ "keys": "#9" }), "begins with no feature code"),
            (json!({ "keys": "#4080", "department": sales }), "is not used as a queue"),
            (json!({ "keys": "#12001", "department": 99 }), "no such department"),
            (json!({ "transfer": "blind", "to": "+918040002291" }), "came through no department"),
            (json!({ "transfer": "blind" }), "Say whom to transfer to"),
            (json!({ "transfer": "conference" }), "only after a successful attended transfer"),
        ] {
            let (status, problem) = dial(&browser, &body.to_string()).await;
            let said = problem["detail"].as_str().unwrap_or_default();
            assert!(status == 422 && problem["status"] == 422 && said.contains(why), "{body}: {status} {problem}");
        }
        for body in ["", "[]", "{", "{}", r##"{"keys":"#1","transfer":"blind"}"##, r#"{"transfer":"sideways","to":"2001"}"#, r#"{"keys":["1"]}"#, r#"{"keys":"1","after":"lunch"}"#, r#"{"keys":"1","x":1}"#, r#"{"transfer":"conference","to":"2001"}"#, r#"{"keys":"1","department":-3}"#] {
            assert_eq!(dial(&browser, body).await.0, 400, "{body}");
        }
    }
}

async fn dial(browser: &Browser, body: &str) -> (u16, Value) {
    let request = browser.request(Method::POST, "/api/v1/dial");
    let answer = request.body(body.to_owned()).send().await.unwrap();
    let status = answer.status().as_u16();
    (
        status,
        serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default(),
    )
}

/// Asha in North has 2001, Bela in South 2002, Esha 1002, Chitra no intercom; Support is a queue, Sales is not.
struct Office {
    asha: AgentId,
    chitra: AgentId,
    support: i64,
    sales: i64,
    north: i64,
}

fn office(db: TestDb) -> (TestApp, Office) {
    let app = TestApp::start(db);
    let (told, office) = mpsc::channel();
    app.write(move |tx| {
        let (north, south) = (insert_group(tx, "North"), insert_group(tx, "South"));
        let (support, sales, billing) = (
            insert_department(tx, "Support"),
            insert_department(tx, "Sales"),
            insert_department(tx, "Billing"),
        );
        diesel::update(departments::table.find(sales))
            .set(departments::use_as_queue.eq(false))
            .execute(tx.conn)
            .unwrap();
        diesel::update(departments::table.find(billing))
            .set(departments::transfer_code.eq("90001"))
            .execute(tx.conn)
            .unwrap();
        insert_ivr(tx, "Main menu", "90501");
        let asha = add(tx, "Asha Rao", "asha.rao", "2001", north);
        add(tx, "Bela Das", "bela.das", "2002", south);
        add(tx, "Esha Nair", "esha.nair", "1002", south);
        let chitra = add(tx, "Chitra Sen", "chitra.sen", "", south);
        told.send(Office {
            asha,
            chitra,
            support,
            sales,
            north,
        })
        .unwrap();
    });
    (app, office.recv().unwrap())
}

fn add(tx: &mut Tx<'_>, name: &str, username: &str, intercom: &str, group: i64) -> AgentId {
    let mut form = AgentForm::default();
    let group = group.to_string();
    for (field, value) in [
        ("name", name),
        ("username", username),
        ("intercom_number", intercom),
        ("agent_groups", &group),
    ] {
        form.put(field, value);
    }
    let change = form.check(&Rules::stored()).unwrap();
    AgentId::of(create(tx, &Scope::All, None, &change).unwrap().id)
}

fn insert_ivr(tx: &mut Tx<'_>, name: &str, code: &str) {
    let id: i64 = diesel::insert_into(ivrs::table)
        .values((
            ivrs::name.eq(name),
            ivrs::transfer_code.eq(code),
            ivrs::target.eq("ivr-main,s,1"),
            ivrs::created_at.eq(tx.now.0),
            ivrs::updated_at.eq(tx.now.0),
            ivrs::version.eq(1_i64),
        ))
        .returning(ivrs::id)
        .get_result(tx.conn)
        .unwrap();
    tx.touch(RecordKind::Ivr, id);
}

/// The scoped role as an administrator may have cut it.
fn forget_directory(tx: &mut Tx<'_>) {
    use rollcall::domain::role::Permission;
    use rollcall::store::schema::roles;
    let left = Person::Scoped.permissions().without(Permission::Directory);
    diesel::update(roles::table.filter(roles::own_groups.eq(true)))
        .set(roles::permissions.eq(left.to_string()))
        .execute(tx.conn)
        .unwrap();
    let id: i64 = roles::table
        .filter(roles::own_groups.eq(true))
        .select(roles::id)
        .first(tx.conn)
        .unwrap();
    tx.touch(RecordKind::Role, id);
}
