//! The stream of a page: for those who may see it, as long as they may.

use crate::support::TestDb;
use crate::support::app::{Browser, Person, TestApp};
use crate::support::people::{NewAgent, insert_agent, insert_group};
use diesel::prelude::*;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use reqwest::Method;
use rollcall::store::RecordKind;
use rollcall::store::schema::users;
use std::sync::mpsc;
use std::time::Duration;

both_databases! {
    async fn a_change_arrives_as_the_row_that_the_page_would_show(db: TestDb) {
        let app = TestApp::start(db);
        app.write(|tx| _ = insert_agent(tx, &NewAgent::default()));
        let browser = app.signed_in(Person::Supervisor).await;
        let mut stream = Stream::open(&browser, "/live").await;
        stream.until("Asha Rao").await;
        app.write(|tx| rename(tx, "Asha Kulkarni <b>"));
        let message = stream.until("Asha Kulkarni").await;
        assert!(message.contains("hx-partial") && !message.contains("<b>Asha") && !message.contains("Kulkarni <b>"), "{message}");
    }

    async fn a_stream_ends_when_its_session_is_signed_out(db: TestDb) {
        let app = TestApp::start(db);
        let browser = app.signed_in(Person::Supervisor).await;
        let stream = Stream::open(&browser, "/live").await;
        browser.post("/sign-out", &[]).await;
        stream.end().await;
    }

    async fn a_stream_ends_when_its_person_is_blocked(db: TestDb) {
        let app = TestApp::start(db);
        let browser = app.signed_in(Person::Supervisor).await;
        let stream = Stream::open(&browser, "/live").await;
        app.write(|tx| {
            let her = users::table.filter(users::login_id.eq(Person::Supervisor.word()));
            let id: i64 = diesel::update(her).set(users::web_login.eq("blocked")).returning(users::id).get_result(tx.conn).unwrap();
            tx.touch(RecordKind::User, id);
        });
        stream.end().await;
        assert_eq!(browser.get("/agents").await.status(), 303);
    }

    async fn a_stream_never_tells_of_agents_out_of_scope(db: TestDb) {
        let app = TestApp::start(db);
        app.write(|tx| {
            let south = insert_group(tx, "South");
            insert_agent(tx, &NewAgent { group: Some(south), ..NewAgent::default() });
        });
        let scoped = app.signed_in(Person::Scoped).await;
        let mut stream = Stream::open(&scoped, "/live").await;
        app.write(|tx| rename(tx, "Asha Kulkarni"));
        let heard = stream.for_a_while(Duration::from_secs(4)).await;
        assert!(!heard.contains("Asha") && !heard.contains("010"), "{heard}");
    }

    async fn a_list_of_a_group_hears_who_comes_into_it(db: TestDb) {
        let app = TestApp::start(db);
        let (sender, made) = mpsc::channel();
        app.write(move |tx| {
            let agent = insert_agent(tx, &NewAgent::default());
            sender.send((insert_group(tx, "South"), agent.to_string())).unwrap();
        });
        let (south, agent) = made.recv().unwrap();
        let browser = app.signed_in(Person::Supervisor).await;
        let mut stream = Stream::open(&browser, &format!("/live?group={south}")).await;
        let put = browser.request(Method::PUT, &format!("/api/v1/agent-groups/{south}/agents/{agent}"));
        assert_eq!(put.json(&()).send().await.unwrap().status(), 204);
        let message = stream.until("order-changed").await;
        assert!(message.contains("data-follow") && message.contains("1 of 1"), "{message}");
    }
}

fn rename(tx: &mut rollcall::store::Tx<'_>, name: &str) {
    let her = users::table.filter(users::login_id.eq("asha.rao"));
    let renamed = diesel::update(her)
        .set(users::name.eq(name))
        .returning(users::id);
    let id: i64 = renamed.get_result(tx.conn).unwrap();
    tx.touch(RecordKind::User, id);
}

pub(super) struct Stream {
    chunks: BoxStream<'static, String>,
}

impl Stream {
    pub(super) async fn open(browser: &Browser, path: &str) -> Self {
        let answer = browser.get(path).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        let chunks = answer
            .bytes_stream()
            .take_while(|chunk| std::future::ready(chunk.is_ok()));
        let chunks = chunks.map(|chunk| String::from_utf8_lossy(&chunk.unwrap()).into_owned());
        Self {
            chunks: chunks.boxed(),
        }
    }

    /// Everything up to and with the message that this text is in.
    async fn until(&mut self, text: &str) -> String {
        let mut heard = String::new();
        let waiting = async {
            while !heard.contains(text) {
                heard += &self.chunks.next().await.expect("the stream goes on");
            }
        };
        let waited = actix_web::rt::time::timeout(Duration::from_secs(10), waiting).await;
        assert!(waited.is_ok(), "no {text} in\n{heard}");
        heard
    }

    async fn for_a_while(&mut self, how_long: Duration) -> String {
        let mut heard = String::new();
        let listening = async {
            while let Some(chunk) = self.chunks.next().await {
                heard += &chunk;
            }
        };
        let _ = actix_web::rt::time::timeout(how_long, listening).await;
        heard
    }

    /// It ends soon: long before a beat would find out.
    pub(super) async fn end(mut self) {
        let rest = async { while self.chunks.next().await.is_some() {} };
        let ended = actix_web::rt::time::timeout(Duration::from_secs(8), rest).await;
        assert!(ended.is_ok(), "the stream goes on");
    }
}
