//! Users over HTTP: the list, adding in steps, editing, the three things that are blocked apart, deleting, the
//! API, and who may do what to whom.

use crate::support::TestDb;
use crate::support::app::{Browser, PASSWORD, Person, TestApp, text};
use crate::support::people::{NewAgent, give_scope, insert_agent, insert_group};
use crate::support::programs::token_of;
use diesel::prelude::*;
use reqwest::{Method, Response};
use rollcall::store::schema::{roles, users};
use rollcall::store::{Tx, claim};
use serde_json::{Value, json};
use std::sync::mpsc;

both_databases! {
    async fn the_list_has_everyone_and_is_searched_filtered_sorted_and_paged(db: TestDb) {
        let app = TestApp::start(db);
        office(&app);
        let browser = app.signed_in(Person::Admin).await;
        let page = text(browser.get("/users").await, 200).await;
        assert!(page.contains("8 of 8, 3 of them calling agents"), "{page}");
        for head in ["Name", "Call Forward Number", "Email", "Role", "Agent Status", "Agent Extension", "Web Login Status", "Calling Agent", "Actions"] {
            assert!(page.contains(head), "{head}");
        }
        for (query, shown) in [
            ("q=asha", "1 of 8"), ("q=098765+43210", "3 of 8"), ("q=chitra%40example.com", "1 of 8"), ("calling_agent=yes", "3 of 8"), ("calling_agent=no", "5 of 8"),
            ("web_login=none", "3 of 8"), ("web_login=allowed", "5 of 8"), ("web_login=locked", "0 of 8"), ("status=blocked", "1 of 8"), ("extension=none", "3 of 8"),
            ("calling_agent=no&status=blocked", "0 of 8"), ("q=nobody+at+all", "0 of 8"),
        ] {
            let page = text(browser.get(&format!("/users?{query}")).await, 200).await;
            assert!(page.contains(shown), "{query}\n{page}");
            assert!(page.contains("Remove the filter"), "{query} is a chip");
        }
        let admin = role(&app, "Admin");
        let page = text(browser.get(&format!("/users?role={admin}")).await, 200).await;
        assert!(page.contains("1 of 8") && page.contains("administrator"), "{page}");
        let names = |page: &str| -> Vec<String> { page.match_indices("<tr id=\"user-").map(|(at, _)| between(&page[at..], "<bdi>", "</bdi>")).collect() };
        let up = names(&text(browser.get("/users").await, 200).await);
        let mut down = names(&text(browser.get("/users?sort=-name").await, 200).await);
        down.reverse();
        assert_eq!((up.len(), &up), (8, &down));
        for column in ["call_forward_number", "email", "role", "agent_status", "agent_extension", "web_login", "calling_agent"] {
            for sign in ["", "-"] {
                let sorted = names(&text(browser.get(&format!("/users?sort={sign}{column}")).await, 200).await);
                assert_eq!(sorted.len(), 8, "{sign}{column}");
                let last = sorted.last().unwrap();
                assert!(column == "web_login" || column == "calling_agent" || column == "role" || !last.starts_with("Asha"), "blanks come last: {sign}{column}");
            }
        }
        let part = text(browser.get_part("/users?q=asha").await, 200).await;
        assert!(part.contains("Asha") && !part.contains("<html"), "a part is a block of the page");
        assert!(text(browser.get("/users?page=9").await, 200).await.contains("<b>1–8</b>"), "the last page for a later one");
    }

    async fn a_user_is_added_in_three_steps_without_losing_anything(db: TestDb) {
        let app = TestApp::start(db);
        let office = office(&app);
        let browser = app.signed_in(Person::Supervisor).await;
        let page = text(browser.get("/users/new?calling_agent=yes").await, 200).await;
        let form = Form::of(&page);
        assert!(page.contains("step 1 of 3") && form.value("calling_agent") == "yes", "{page}");
        let wrong = text(form.with("name", "").with("username", "abc").step(&browser, "next").await, 422).await;
        assert!(wrong.contains("The name is missing") && wrong.contains("at least 6") && wrong.contains("value=\"abc\"") && wrong.contains("step 1 of 3"), "{wrong}");
        let used = text(form.with("name", "Dev").with("username", "ASHA.rao").step(&browser, "next").await, 422).await;
        assert!(used.contains("is in use by") && used.contains("step 1 of 3"), "told before the next step\n{used}");
        assert_eq!(used.matches(" autofocus").count(), 1);
        assert!(used.split('<').any(|part| part.contains("id=\"username-\"") && part.contains(" autofocus")), "ready to type another\n{used}");
        let first = form.with("name", "Dev <b>Anand</b>").with("username", "dev.anand").with("email", "Dev@Example.com");
        let second = text(first.step(&browser, "next").await, 200).await;
        assert!(second.contains("step 2 of 3") && second.contains("name=\"username\" value=\"dev.anand\"") && !second.contains("<b>Anand"), "{second}");
        let form = Form::of(&second);
        let wrong = text(form.with("intercom_number", "12").step(&browser, "next").await, 422).await;
        assert!(wrong.contains("exactly 4") && wrong.contains("step 2 of 3"), "{wrong}");
        let form = form.with("intercom_number", "2777").with("extension", "770001").with("call_forwarding_number", "098765 43299").also("agent_groups", &office.south.to_string());
        let back = text(form.step(&browser, "back").await, 200).await;
        assert!(back.contains("step 1 of 3") && back.contains("value=\"dev.anand\"") && back.contains("name=\"intercom_number\" value=\"2777\""), "Back keeps everything\n{back}");
        let third = text(Form::of(&back).step(&browser, "3").await, 200).await;
        assert!(third.contains("step 3 of 3") && third.contains("name=\"agent_groups\" value="), "{third}");
        assert!(third.contains("id=\"user-cancel\" href=\"/agents\""), "Cancel leads to where it began\n{third}");
        let form = Form::of(&third).with("web_login", "allowed").with("allowed_ips", "10.0.0.0/33");
        let wrong = text(form.post(&browser, "/users").await, 422).await;
        assert!(wrong.contains("is no address") && wrong.contains("step 3 of 3"), "{wrong}");
        let form = form.with("allowed_ips", "10.0.0.7/24");
        let made = text(form.post(&browser, "/users").await, 201).await;
        assert!(made.contains("is added") && made.contains("not shown again"), "{made}");
        let link = between(&made, "/password?token=", "\"");
        assert_eq!(app.browser().get(&format!("/password?token={link}")).await.status(), 200, "the link works");
        let again = form.post(&browser, "/users").await;
        let path = location(&again);
        assert!(path.starts_with("/users/"), "sent twice it makes one: {path}");
        let page = text(browser.get(&path).await, 200).await;
        assert!(page.contains("Dev &#60;b&#62;Anand") && page.contains("2777") && page.contains("770001") && page.contains("10.0.0.0/24") && page.contains("not chosen yet"), "{page}");
        assert!(page.contains("dev@example.com") && page.contains("id=\"changes\"") && page.contains("created"), "{page}");
        assert!(text(browser.get("/users").await, 200).await.contains("9 of 9"));
        assert!(text(browser.get(&format!("/agents?group={}", office.south)).await, 200).await.contains("Dev"), "an agent in the group");
    }

    async fn a_user_without_calls_or_without_a_web_login(db: TestDb) {
        let app = TestApp::start(db);
        office(&app);
        let browser = app.signed_in(Person::Admin).await;
        let form = Form::of(&text(browser.get("/users/new").await, 200).await).with("step", "3");
        let auditor = role(&app, "Auditor").to_string();
        let form = form.with("name", "Ravi").with("username", "ravi.auditor").with("calling_agent", "").with("role", &auditor);
        let wrong = text(form.with("web_login", "allowed").post(&browser, "/users").await, 422).await;
        assert!(wrong.contains("needs an email address") && wrong.contains("step 1 of 3"), "led to the step that has it\n{wrong}");
        let made = text(form.with("web_login", "allowed").with("email", "ravi@example.com").post(&browser, "/users").await, 201).await;
        assert!(made.contains("Ravi"));
        let plain = form.with("once", "another").with("username", "ravi.other").with("web_login", "none").post(&browser, "/users").await;
        let page = text(browser.get(&location(&plain)).await, 200).await;
        assert!(page.contains("Ravi is added.") && page.contains("Makes and receives no calls.") && !page.contains("id=\"link\""), "{page}");
        assert!(text(browser.get("/agents").await, 200).await.contains("3 of 3"), "no agents were made");
    }

    async fn numbers_of_who_is_no_calling_agent_are_asked_about_and_never_dropped(db: TestDb) {
        let app = TestApp::start(db);
        let office = office(&app);
        let browser = app.signed_in(Person::Admin).await;
        let first = Form::of(&text(browser.get("/users/new").await, 200).await).with("name", "Ravi").with("username", "ravi.idle").with("web_login", "none");
        let second = Form::of(&text(first.step(&browser, "next").await, 200).await);
        let typed = second.with("calling_agent", "").with("intercom_number", "1001").with("extension", "not a number");
        let why = "Tick Calling agent, or empty: Intercom number, Extension.";
        let wrong = text(typed.step(&browser, "next").await, 422).await;
        assert!(wrong.contains("id=\"calling_agent-err\"") && wrong.contains(why) && wrong.contains("step 2 of 3"), "{wrong}");
        assert!(wrong.contains("value=\"1001\"") && wrong.contains("value=\"not a number\""), "what was typed is kept\n{wrong}");
        assert!(wrong.contains("name=\"calling_agent\" value=\"yes\" autofocus aria-invalid"), "ready to put it right\n{wrong}");
        let wrong = text(typed.with("step", "3").post(&browser, "/users").await, 422).await;
        assert!(wrong.contains(why), "the last step asks again\n{wrong}");
        let third = Form::of(&text(second.with("calling_agent", "").step(&browser, "next").await, 200).await);
        assert_eq!(third.with("web_login", "none").post(&browser, "/users").await.status(), 303, "what nobody typed is no fault");

        let idle = format!("/users/{}", user(&app, Person::Auditor.word()));
        let form = Form::of(&text(browser.get(&format!("{idle}/edit")).await, 200).await);
        let wrong = text(form.with("intercom_number", "1001").post(&browser, &idle).await, 422).await;
        assert!(wrong.contains("Tick Calling agent, or empty: Intercom number.") && wrong.contains("value=\"1001\""), "{wrong}");
        let asha = format!("/users/{}", office.asha);
        let off = Form::of(&text(browser.get(&format!("{asha}/edit")).await, 200).await).with("calling_agent", "");
        assert!(text(off.with("intercom_number", "2888").post(&browser, &asha).await, 422).await.contains("or empty: Intercom number."));
        assert_eq!(off.post(&browser, &asha).await.status(), 303, "the numbers that the agent had go with it");

        for (calling, number) in [(json!(false), "1001"), (Value::Null, "1001")] {
            let mut body = json!({ "name": "Dev", "username": "dev.idle", "intercom_number": number });
            if !calling.is_null() {
                body["calling_agent"] = calling;
            }
            let answer = browser.request(Method::POST, "/api/v1/users").body(body.to_string()).send().await.unwrap();
            assert_eq!(answer.status(), 422);
            let problem: Value = answer.json().await.unwrap();
            assert_eq!(problem["errors"][0]["field"], "calling_agent", "{problem}");
        }
        let path = format!("/api/v1{idle}");
        let answer = browser.request(Method::PATCH, &path).header("If-Match", "*").body(json!({ "extension": "770001" }).to_string()).send().await.unwrap();
        assert_eq!(answer.status(), 422, "not dropped from a change either");
    }

    async fn a_user_is_edited_and_becomes_a_calling_agent_and_none_again(db: TestDb) {
        let app = TestApp::start(db);
        office(&app);
        let browser = app.signed_in(Person::Admin).await;
        let path = format!("/users/{}", user(&app, Person::Auditor.word()));
        let form = Form::of(&text(browser.get(&format!("{path}/edit")).await, 200).await);
        assert_eq!((form.value("web_login"), form.value("calling_agent")), ("allowed".to_owned(), String::new()));
        let saved = form.with("name", "Lakshmi Menon").with("calling_agent", "yes").with("intercom_number", "2999").post(&browser, &path).await;
        assert_eq!(location(&saved), path);
        let page = text(browser.get(&path).await, 200).await;
        assert!(page.contains("Lakshmi Menon is saved.") && page.contains("2999") && page.contains("Agent ID"), "{page}");
        let undo = between(&page, "action=\"/operations/", "/undo\"");
        let form = Form::of(&text(browser.get(&format!("{path}/edit")).await, 200).await);
        assert_eq!(form.with("calling_agent", "").post(&browser, &path).await.status(), 303);
        let page = text(browser.get(&path).await, 200).await;
        assert!(page.contains("Makes and receives no calls."), "{page}");
        let older = text(browser.post(&format!("/operations/{undo}/undo"), &[("back", &path)]).await, 303).await;
        assert!(older.is_empty());
        assert!(text(browser.get(&path).await, 200).await.contains("all of it was changed since"), "an undo never takes back what came after");
        let off = between(&page, "action=\"/operations/", "/undo\"");
        browser.post(&format!("/operations/{off}/undo"), &[("back", &path)]).await;
        let page = text(browser.get(&path).await, 200).await;
        assert!(page.contains("2999") && page.contains("Lakshmi Menon"), "the agent is back with the number\n{page}");
    }

    async fn the_same_field_changed_by_two_is_a_409_with_both_and_others_merge(db: TestDb) {
        let app = TestApp::start(db);
        let office = office(&app);
        let (one, two) = (app.signed_in(Person::Admin).await, app.signed_in(Person::Supervisor).await);
        let path = format!("/users/{}", office.asha);
        let mine = Form::of(&text(two.get(&format!("{path}/edit")).await, 200).await);
        let theirs = Form::of(&text(one.get(&format!("{path}/edit")).await, 200).await);
        assert_eq!(theirs.with("name", "Asha Theirs").with("designation", "Lead").post(&one, &path).await.status(), 303);
        let page = text(mine.with("name", "Asha Mine").post(&two, &path).await, 409).await;
        assert!(page.contains("administrator saved this user at") && page.contains("Keep <bdi>Asha Theirs</bdi>") && page.contains("Use <bdi>Asha Mine</bdi>"), "{page}");
        assert!(page.contains("value=\"Asha Mine\"") && page.contains("value=\"Lead\""), "what was typed is kept, theirs is in the rest\n{page}");
        assert_eq!(mine.with("email", "asha@example.com").post(&two, &path).await.status(), 303, "another field merges");
        let kept = Form::of(&page).with("keep_name", "theirs").post(&two, &path).await;
        assert_eq!(kept.status(), 303);
        let page = text(one.get(&path).await, 200).await;
        assert!(page.contains("Asha Theirs") && page.contains("Lead") && page.contains("asha@example.com"), "{page}");
        assert_eq!(two.post(&path, &[("name", "X")]).await.status(), 428);
        assert_eq!(two.post(&path, &[("name", "X"), ("version", "1"), ("password_hash", "x")]).await.status(), 400);
    }

    async fn the_agent_and_the_web_login_are_blocked_apart_and_sessions_end_at_once(db: TestDb) {
        let app = TestApp::start(db);
        office(&app);
        let browser = app.signed_in(Person::Admin).await;
        let supervisor = app.signed_in(Person::Supervisor).await;
        let path = format!("/users/{}", user(&app, "supervisor"));
        let page = text(browser.get(&format!("{path}/acts")).await, 200).await;
        assert!(page.contains("Block the web login") && !page.contains("Disable the agent"), "{page}");
        let done = browser.post(&format!("{path}/acts"), &[("act", "block_web_login"), ("reason", "on leave")]).await;
        assert_eq!(location(&done), "/users");
        let list = text(browser.get("/users").await, 200).await;
        assert!(list.contains("The web login of supervisor is blocked, and every session ended: on leave."), "{list}");
        assert_eq!(supervisor.get("/agents").await.status(), 303, "signed out at once");
        assert_eq!(app.browser().sign_in("supervisor", PASSWORD).await.status(), 422);
        assert!(text(browser.get("/users?web_login=blocked").await, 200).await.contains("1 of 8"));
        let undo = between(&list, "action=\"/operations/", "/undo\"");
        browser.post(&format!("/operations/{undo}/undo"), &[("back", "/users")]).await;
        assert_eq!(app.browser().sign_in("supervisor", PASSWORD).await.status(), 303, "allowed again");
        assert_eq!(supervisor.get("/agents").await.status(), 303, "an undo brings no session back");
        for _ in 0..6 {
            app.browser().sign_in("supervisor", "not the password").await;
        }
        assert!(text(browser.get("/users?web_login=locked").await, 200).await.contains("1 of 8"));
        assert_eq!(browser.post(&format!("{path}/acts"), &[("act", "unlock")]).await.status(), 303);
        assert!(text(browser.get("/users?web_login=locked").await, 200).await.contains("0 of 8"));
        let asha = format!("/users/{}", user(&app, "asha.rao"));
        let page = text(browser.get(&format!("{asha}/acts")).await, 200).await;
        assert!(page.contains("Disable the agent") && !page.contains("Block the web login"), "{page}");
        assert_eq!(browser.post(&format!("{asha}/acts"), &[("act", "disable"), ("reason", "sick")]).await.status(), 303);
        assert!(text(browser.get("/users?status=disabled").await, 200).await.contains("1 of 8"));
        assert_eq!(browser.post(&format!("{asha}/acts"), &[("act", "enable")]).await.status(), 303);
        assert_eq!(browser.post(&format!("{asha}/acts"), &[("act", "fire")]).await.status(), 422);
    }

    async fn another_role_ends_the_sessions_and_is_in_force(db: TestDb) {
        let app = TestApp::start(db);
        let browser = app.signed_in(Person::Admin).await;
        let supervisor = app.signed_in(Person::Supervisor).await;
        assert_eq!(supervisor.get("/users/new").await.status(), 200);
        let path = format!("/users/{}", user(&app, "supervisor"));
        let form = Form::of(&text(browser.get(&format!("{path}/edit")).await, 200).await);
        let form = form.with("email", "s@example.com");
        let auditor = role(&app, "Auditor").to_string();
        assert_eq!(form.with("role", &auditor).post(&browser, &path).await.status(), 303);
        let page = text(browser.get(&path).await, 200).await;
        assert!(page.contains("signed out everywhere because the rights changed"), "{page}");
        assert_eq!(supervisor.get("/agents").await.status(), 303);
        let again = app.signed_in(Person::Supervisor).await;
        assert_eq!(again.get("/users/new").await.status(), 403);
        assert_eq!(again.get("/users").await.status(), 200);
    }

    async fn whoever_is_deleted_is_gone_at_once_and_comes_back(db: TestDb) {
        let app = TestApp::start(db);
        let office = office(&app);
        let browser = app.signed_in(Person::Admin).await;
        let auditor = app.signed_in(Person::Auditor).await;
        let id = user(&app, "auditor");
        let gone = browser.post(&format!("/users/{id}/acts"), &[("act", "delete"), ("back", &format!("/users/{id}"))]).await;
        assert_eq!(location(&gone), "/users", "the page of who is deleted is gone");
        let list = text(browser.get("/users").await, 200).await;
        assert!(list.contains("auditor is deleted.") && list.contains("7 of 7"), "{list}");
        assert_eq!(auditor.get("/agents").await.status(), 303);
        assert_eq!(browser.get(&format!("/users/{id}")).await.status(), 404);
        let deleted = text(browser.get("/users/deleted").await, 200).await;
        assert!(deleted.contains("auditor") && deleted.contains("administrator"), "{deleted}");
        let taken = Form::of(&text(browser.get("/users/new").await, 200).await);
        let page = text(taken.with("name", "New").with("username", "auditor").step(&browser, "next").await, 422).await;
        assert!(page.contains("in use"), "the user ID stays reserved\n{page}");
        let undo = between(&list, "action=\"/operations/", "/undo\"");
        browser.post(&format!("/operations/{undo}/undo"), &[("back", "/users")]).await;
        assert_eq!(app.browser().sign_in("auditor", PASSWORD).await.status(), 303);
        // An agent goes with the user, whichever list it is deleted from.
        assert_eq!(browser.post(&format!("/users/{}?_method=DELETE", office.asha), &[]).await.status(), 303);
        assert!(text(browser.get("/agents").await, 200).await.contains("2 of 2"));
        assert!(text(browser.get("/agents/deleted").await, 200).await.contains("Asha"));
        let back = browser.post(&format!("/users/{}/restore", office.asha), &[("back", "/users/deleted")]).await;
        assert_eq!(location(&back), "/users/deleted");
        assert!(text(browser.get("/agents").await, 200).await.contains("3 of 3"));
        assert_eq!(browser.post(&format!("/users/{}/restore", office.asha), &[]).await.status(), 404, "nobody deleted");
    }

    async fn the_last_administrator_stays_and_nobody_shuts_themselves_out(db: TestDb) {
        let app = TestApp::start(db);
        let browser = app.signed_in(Person::Admin).await;
        let me = format!("/users/{}", user(&app, "administrator"));
        for act in ["block_web_login", "delete"] {
            let page = text(browser.post(&format!("{me}/acts"), &[("act", act)]).await, 422).await;
            assert!(page.contains("Nobody changes their own role"), "{page}");
        }
        let form = Form::of(&text(browser.get(&format!("{me}/edit")).await, 200).await).with("email", "a@example.com");
        let supervisor = role(&app, "Supervisor").to_string();
        let page = text(form.with("role", &supervisor).post(&browser, &me).await, 422).await;
        assert!(page.contains("Nobody changes their own role") && page.contains("id=\"role-err\""), "{page}");
        assert_eq!(form.with("name", "Chief").post(&browser, &me).await.status(), 303, "one's own name");
        // A program has the rights, but nobody could sign in by it; nor can who was only invited.
        let admin = role(&app, "Admin").to_string();
        let second = Form::of(&text(browser.get("/users/new").await, 200).await).with("step", "3").with("name", "Second").with("username", "second.admin").with("email", "b@example.com").with("role", &admin).with("web_login", "allowed");
        text(second.post(&browser, "/users").await, 201).await;
        let token = token_of(&app, Person::Admin, 0).unwrap();
        let fewer = format!("{{\"role\": {supervisor}}}");
        for (method, path, body) in [
            (Method::PUT, format!("/api/v1{me}/web-login/block"), "{}"),
            (Method::DELETE, format!("/api/v1{me}"), ""),
            (Method::PATCH, format!("/api/v1{me}"), fewer.as_str()),
            (Method::PATCH, format!("/api/v1{me}"), "{\"web_login\": \"none\"}"),
        ] {
            let request = app.browser().request(method.clone(), &path).bearer_auth(&token).header("if-match", "*").header("content-type", "application/json");
            let told = text(request.body(body.to_owned()).send().await.unwrap(), 422).await;
            assert!(told.contains("last administrator"), "{method} {path} {body}: {told}");
        }
        // Somebody with the same rights by another role is an administrator too.
        let all = role_with_all(&app);
        let path = format!("/users/{}", user(&app, "supervisor"));
        let form = Form::of(&text(browser.get(&format!("{path}/edit")).await, 200).await).with("email", "s@example.com");
        assert_eq!(form.with("role", &all.to_string()).post(&browser, &path).await.status(), 303);
        let other = app.signed_in(Person::Supervisor).await;
        assert_eq!(other.post(&format!("{me}/acts"), &[("act", "block_web_login")]).await.status(), 303, "there is another one now");
    }

    async fn nobody_gives_or_touches_more_than_they_have(db: TestDb) {
        let app = TestApp::start(db);
        let office = office(&app);
        let supervisor = app.signed_in(Person::Supervisor).await;
        for who in ["administrator", "auditor"] {
            let path = format!("/users/{}", user(&app, who));
            let page = text(supervisor.get(&path).await, 200).await;
            assert!(!page.contains("/edit\"") && !page.contains("id=\"acts\"") && !page.contains("id=\"link\""), "nothing offered that would be refused");
            assert_eq!(supervisor.get(&format!("{path}/edit")).await.status(), 403);
            assert_eq!(supervisor.get(&format!("{path}/acts")).await.status(), 403);
            for act in ["block_web_login", "unlock", "delete", "reset_second_factor"] {
                assert_eq!(supervisor.post(&format!("{path}/acts"), &[("act", act)]).await.status(), 403, "{who} {act}");
            }
            assert_eq!(supervisor.post(&format!("{path}/link"), &[]).await.status(), 403, "a link to a password is a way to the rights");
            assert_eq!(supervisor.post(&format!("{path}?_method=DELETE"), &[]).await.status(), 403);
            assert_eq!(supervisor.post(&path, &[("version", "1"), ("name", "X")]).await.status(), 403);
        }
        let path = format!("/users/{}", office.asha);
        let page = text(supervisor.get(&format!("{path}/edit")).await, 200).await;
        assert!(!page.contains(">Admin</option>") && !page.contains(">Auditor</option>") && page.contains(">Supervisor</option>"), "{page}");
        for role_name in ["Admin", "Auditor"] {
            let id = role(&app, role_name).to_string();
            let page = text(Form::of(&page).with("role", &id).post(&supervisor, &path).await, 422).await;
            assert!(page.contains("rights that you don’t have"), "{page}");
            let new = Form::of(&text(supervisor.get("/users/new").await, 200).await).with("step", "3").with("name", "Sly").with("username", "sly.person").with("email", "sly@example.com").with("web_login", "allowed").with("role", &id);
            let page = text(new.post(&supervisor, "/users").await, 422).await;
            assert!(page.contains("rights that you don’t have"), "{page}");
        }
        for who in [Person::Agent, Person::Auditor] {
            let browser = app.signed_in(who).await;
            assert_eq!(browser.get("/users/new").await.status(), 403);
            assert_eq!(browser.post(&format!("{path}/acts"), &[("act", "delete")]).await.status(), 403);
        }
        let auditor = text(app.signed_in(Person::Auditor).await.get("/users").await, 200).await;
        assert!(auditor.contains("8 of 8") && !auditor.contains("/edit\"") && !auditor.contains("add-user"), "who reads is offered no change");
    }

    async fn users_out_of_scope_do_not_exist(db: TestDb) {
        let app = TestApp::start(db);
        let office = office(&app);
        let south = office.south;
        app.write(move |tx| give_scope(tx, Person::Scoped.word(), south));
        let scoped = app.signed_in(Person::Scoped).await;
        let list = text(scoped.get("/users").await, 200).await;
        assert!(list.contains("1 of 1") && list.contains("Chitra") && !list.contains("Asha") && !list.contains("administrator"), "{list}");
        let nobody = text(scoped.get("/users?q=Asha").await, 200).await;
        let unknown = text(scoped.get("/users?q=Zoya").await, 200).await;
        assert_eq!(nobody.replace("Asha", "Zoya").len(), unknown.len(), "who is hidden looks like none");
        let path = format!("/users/{}", office.asha);
        for page in ["", "/edit", "/acts"] {
            assert_eq!(scoped.get(&format!("{path}{page}")).await.status(), 404, "{page}");
        }
        for (page, form) in [("", vec![("version", "1")]), ("/acts", vec![("act", "delete")]), ("/link", vec![]), ("?_method=DELETE", vec![]), ("/restore", vec![])] {
            assert_eq!(scoped.post(&format!("{path}{page}"), &form).await.status(), 404, "{page}");
        }
        assert_eq!(scoped.get(&format!("/api/v1/users/{}", office.asha)).await.status(), 404);
        assert_eq!(scoped.get(&format!("/api/v1/users?cursor={}", office.asha)).await.status(), 400, "a place in the order is hidden too");
        let form = Form::of(&text(scoped.get("/users/new").await, 200).await).with("step", "3").with("name", "Hers").with("username", "hers.alone").with("web_login", "none");
        let page = text(form.with("calling_agent", "").post(&scoped, "/users").await, 422).await;
        assert!(page.contains("add nobody else"), "{page}");
        let page = text(form.with("calling_agent", "yes").with("agent_groups", "").post(&scoped, "/users").await, 422).await;
        assert!(page.contains("at least one of your groups"), "{page}");
        let mine = form.with("calling_agent", "yes").with("agent_groups", &south.to_string());
        let wide = role(&app, "Supervisor").to_string();
        let page = text(mine.with("role", &wide).post(&scoped, "/users").await, 422).await;
        assert!(page.contains("rights that you don’t have"), "a supervisor of everyone is more than she is\n{page}");
        let made = mine.with("role", &wide).with("scope_groups", &south.to_string()).post(&scoped, "/users").await;
        assert_eq!(made.status(), 303, "one of her own groups is not");
        let taken = text(mine.with("once", "x").with("username", "ASHA.RAO").post(&scoped, "/users").await, 422).await;
        assert!(taken.contains("is already in use") && !taken.contains("Asha <"), "{taken}");
        let chitra = format!("/users/{}", office.chitra);
        let form = Form::of(&text(scoped.get(&format!("{chitra}/edit")).await, 200).await);
        let page = text(form.with("calling_agent", "").post(&scoped, &chitra).await, 422).await;
        assert!(page.contains("You will not see someone who is no calling agent"), "{page}");
    }

    async fn bad_and_hostile_input_changes_nothing(db: TestDb) {
        let app = TestApp::start(db);
        let office = office(&app);
        let browser = app.signed_in(Person::Admin).await;
        for query in ["sort=wage", "per=7", "page=0", "q=a&q=b", "colour=red", "q=%ff", "web_login=perhaps", "calling_agent=1", "role=Admin", "status=x", "extension=100"] {
            let page = text(browser.get(&format!("/users?{query}")).await, 400).await;
            assert!(page.contains("makes no sense") && !page.contains("<tr id=\"user-"), "{query}");
        }
        for wrong in ["0", "x", "-1", "99999", "%00", "1e3"] {
            for page in ["", "/edit", "/acts"] {
                assert_eq!(browser.get(&format!("/users/{wrong}{page}")).await.status(), 404, "{wrong}{page}");
            }
        }
        for form in [vec![("go", "away")], vec![("step", "9")], vec![("role_id", "1")], vec![("is_admin", "yes")], vec![("step", "1"), ("step", "2")]] {
            assert_eq!(browser.post("/users/new", &form).await.status(), 400, "{form:?}");
        }
        assert_eq!(browser.get("/users/new?calling_agent=perhaps").await.status(), 400);
        assert_eq!(browser.get(&format!("/users/{}?changes=x", office.asha)).await.status(), 400);
        assert_eq!(browser.get("/users/deleted?page=0").await.status(), 400);
        let path = format!("/users/{}", office.asha);
        let form = Form::of(&text(browser.get(&format!("{path}/edit")).await, 200).await);
        for (name, typed) in [("role", "999"), ("role", "1 or 1"), ("scope_groups", "999"), ("web_login", "locked"), ("allowed_ips", "example.com"), ("name", "a\u{202e}b"), ("email", "asha"), ("calling_agent", "maybe")] {
            let page = text(form.with(name, typed).post(&browser, &path).await, 422).await;
            assert!(page.contains("to put right"), "{name}={typed}\n{page}");
        }
        assert_eq!(form.with("was", "[").post(&browser, &path).await.status(), 400);
        for name in ["<img src=x onerror=alert(1)>", "\"'><script>alert(1)</script>", "रात की पाली 👩‍🚒 {{7*7}}"] {
            let form = Form::of(&text(browser.get(&format!("{path}/edit")).await, 200).await);
            assert_eq!(form.with("name", name).with("designation", name).post(&browser, &path).await.status(), 303);
            for page in ["/users".to_owned(), path.clone(), format!("{path}/edit"), format!("{path}/acts")] {
                let html = text(browser.get(&page).await, 200).await;
                assert!(!html.contains("<img") && !html.contains("<script>alert") && !html.contains(">49<"), "{page}\n{html}");
            }
        }
    }

    async fn programs_make_change_block_and_delete_users(db: TestDb) {
        let app = TestApp::start(db);
        let office = office(&app);
        let browser = app.signed_in(Person::Admin).await;
        let send = |method: Method, path: String, body: Value, tag: Option<&'static str>| {
            let mut request = browser.request(method, &path).json(&body);
            if let Some(tag) = tag { request = request.header("If-Match", tag); }
            async move {
                let answer = request.send().await.unwrap();
                let (status, text) = (answer.status().as_u16(), answer.text().await.unwrap());
                (status, serde_json::from_str::<Value>(&text).unwrap_or_default())
            }
        };
        let api = || "/api/v1/users".to_owned();
        let supervisor = role(&app, "Supervisor");
        let new = json!({ "name": "Dev", "username": "dev.anand", "email": "dev@example.com", "web_login": "allowed", "role": supervisor, "calling_agent": true, "intercom_number": "2777", "agent_groups": [office.south], "allowed_ips": ["10.0.0.1"] });
        let (status, made) = send(Method::POST, api(), new, None).await;
        assert_eq!((status, &made["role"]["name"], &made["calling_agent"], &made["web_login"]), (201, &"Supervisor".into(), &true.into(), &"allowed".into()), "{made}");
        let path = format!("{}/{}", api(), made["id"]);
        assert!(made["agent_id"].as_str().unwrap().starts_with('0'));
        let rename = json!({ "name": "Dev Anand" });
        assert_eq!(send(Method::PATCH, path.clone(), rename.clone(), None).await.0, 428);
        assert_eq!(send(Method::PATCH, path.clone(), rename.clone(), Some("\"1\"")).await.0, 409);
        let (status, now) = send(Method::PATCH, path.clone(), rename, Some("*")).await;
        assert_eq!((status, &now["name"]), (200, &"Dev Anand".into()), "{now}");
        assert!(now["version"].as_i64() > made["version"].as_i64());
        for (body, field) in [
            (json!({ "role": 999 }), "role"), (json!({ "web_login": "locked" }), "web_login"), (json!({ "username": "asha.rao" }), "username"), (json!({ "email": null }), "email"),
            (json!({ "password": "x" }), "password"), (json!({ "allowed_ips": ["x"] }), "allowed_ips"), (json!({ "calling_agent": "yes" }), "calling_agent"), (json!({ "name": 7 }), "name"),
        ] {
            let (status, problem) = send(Method::PATCH, path.clone(), body, Some("*")).await;
            assert_eq!((status, problem["errors"][0]["field"].as_str()), (422, Some(field)), "{problem}");
        }
        let (status, off) = send(Method::PATCH, path.clone(), json!({ "calling_agent": false }), Some("*")).await;
        assert_eq!((status, &off["agent_id"], &off["agent_status"]), (200, &Value::Null, &Value::Null), "{off}");
        let block = format!("{path}/web-login/block");
        assert_eq!(send(Method::PUT, block.clone(), json!({ "reason": "leave" }), None).await.0, 204);
        assert_eq!(send(Method::PUT, block.clone(), json!({ "until": "x" }), None).await.0, 400);
        assert_eq!(send(Method::GET, path.clone(), Value::Null, None).await.1["web_login"], "blocked");
        assert_eq!(send(Method::DELETE, block.clone(), json!({}), None).await.0, 204);
        assert_eq!(send(Method::DELETE, block, json!({}), None).await.0, 204, "not in force is no fault");
        let (_, list) = send(Method::GET, format!("{}?sort=-name&limit=2", api()), Value::Null, None).await;
        assert_eq!((&list["total"], list["data"].as_array().unwrap().len()), (&9.into(), 2), "{list}");
        let (mut cursor, mut seen) = (list["next_cursor"].clone(), 2);
        while let Some(next) = cursor.as_str().map(str::to_owned) {
            let (_, list) = send(Method::GET, format!("{}?sort=-name&limit=2&cursor={next}", api()), Value::Null, None).await;
            seen += list["data"].as_array().unwrap().len();
            cursor = list["next_cursor"].clone();
        }
        assert_eq!(seen, 9, "each once");
        for query in ["limit=0", "cursor=x", "cursor=99999", "sort=wage", "web_login=1"] {
            assert_eq!(send(Method::GET, format!("{}?{query}", api()), Value::Null, None).await.0, 400, "{query}");
        }
        let me = format!("{}/{}", api(), user(&app, "administrator"));
        assert_eq!(send(Method::DELETE, me, Value::Null, Some("*")).await.0, 422, "oneself");
        assert_eq!(send(Method::DELETE, path.clone(), Value::Null, None).await.0, 428);
        assert_eq!(send(Method::DELETE, path.clone(), Value::Null, Some("*")).await.0, 204);
        assert_eq!(send(Method::GET, path, Value::Null, None).await.0, 404);
    }
}

/// Three agents without a web login, one of them blocked and one in a group, beside a person of each kind.
struct Office {
    south: i64,
    asha: i64,
    chitra: i64,
}

fn office(app: &TestApp) -> Office {
    let (sender, made) = mpsc::channel();
    app.write(move |tx| {
        let south = insert_group(tx, "South");
        claim::take(tx, "group_name", "south", "group", south).unwrap();
        let mut agent = |name: &str, login_id: &str, email, admin_state, group| {
            let new = NewAgent {
                name,
                login_id,
                email,
                admin_state,
                group,
                ..NewAgent::default()
            };
            let id = insert_agent(tx, &new).user().0;
            claim::take(tx, "login_id", login_id, "user", id).unwrap();
            id
        };
        let asha = agent("Asha", "asha.rao", None, "enabled", None);
        agent("Ben", "ben.okri", None, "blocked", None);
        let email = Some("chitra@example.com");
        let chitra = agent("Chitra", "chitra.s", email, "enabled", Some(south));
        let office = Office {
            south,
            asha,
            chitra,
        };
        sender.send(office).unwrap();
    });
    made.recv().unwrap()
}

/// Asks the database, on the thread that writes.
fn ask<T: Send + 'static>(app: &TestApp, act: impl FnOnce(&mut Tx<'_>) -> T + Send + 'static) -> T {
    let (sender, answer) = mpsc::channel();
    app.write(move |tx| {
        let _ = sender.send(act(tx));
    });
    answer.recv().unwrap()
}

fn user(app: &TestApp, login_id: &'static str) -> i64 {
    ask(app, move |tx| {
        users::table
            .filter(users::login_id.eq(login_id))
            .select(users::id)
            .first(tx.conn)
            .unwrap()
    })
}

fn role(app: &TestApp, name: &'static str) -> i64 {
    ask(app, move |tx| {
        roles::table
            .filter(roles::name.eq(name))
            .select(roles::id)
            .first(tx.conn)
            .unwrap()
    })
}

/// A role with every right that is not the administrator's own.
fn role_with_all(app: &TestApp) -> i64 {
    use rollcall::domain::role::Permissions;
    use rollcall::store::RecordKind;
    ask(app, |tx| {
        let id: i64 = diesel::insert_into(roles::table)
            .values((
                roles::name.eq("Deputy"),
                roles::permissions.eq(Permissions::all().to_string()),
                roles::built_in.eq(false),
                roles::own_groups.eq(false),
                roles::version.eq(1_i64),
            ))
            .returning(roles::id)
            .get_result(tx.conn)
            .unwrap();
        tx.touch(RecordKind::Role, id);
        id
    })
}

/// A form as its page was printed: what a browser would send.
#[derive(Clone)]
struct Form(Vec<(String, String)>);

impl Form {
    fn of(page: &str) -> Self {
        let (_, form) = page.split_once("id=\"user-form\"").expect("a form");
        let form = form.split_once("</form>").expect("an end").0;
        let mut fields = Vec::new();
        for part in form.split('<') {
            let attribute = |name: &str| {
                let (_, rest) = part.split_once(&format!(" {name}=\""))?;
                Some(unescaped(rest.split_once('"')?.0))
            };
            let name = attribute("name").unwrap_or_default();
            match part.split([' ', '>']).next() {
                Some("input") => {
                    let kind = attribute("type").unwrap_or_default();
                    let boxed = kind == "checkbox" || kind == "radio";
                    if !name.is_empty() && (!boxed || part.contains(" checked")) {
                        fields.push((name, attribute("value").unwrap_or_default()));
                    }
                }
                Some("textarea") => {
                    let text = part.split_once('>').map_or("", |(_, text)| text);
                    fields.push((name, unescaped(text)));
                }
                Some("select") => fields.push((name, String::new())),
                Some("option") if part.contains(" selected") => {
                    let last = fields.last_mut().expect("a select");
                    last.1 = attribute("value").unwrap_or_default();
                }
                _ => {}
            }
        }
        Self(fields)
    }

    /// What would be sent last under a name.
    fn value(&self, name: &str) -> String {
        let found = self.0.iter().rev().find(|(n, _)| n == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    }

    /// With one value under a name, and no other.
    fn with(&self, name: &str, value: &str) -> Self {
        let mut form = self.clone();
        form.0.retain(|(n, _)| n != name);
        form.0.push((name.to_owned(), value.to_owned()));
        form
    }

    /// With one more value.
    fn also(&self, name: &str, value: &str) -> Self {
        let mut form = self.clone();
        form.0.push((name.to_owned(), value.to_owned()));
        form
    }

    async fn post(&self, browser: &Browser, path: &str) -> Response {
        let pairs: Vec<(&str, &str)> = self
            .0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        browser.post(path, &pairs).await
    }

    async fn step(&self, browser: &Browser, go: &str) -> Response {
        self.with("go", go).post(browser, "/users/new").await
    }
}

fn unescaped(text: &str) -> String {
    let pairs = [
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#38;", "&"),
    ];
    pairs
        .iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

fn between(text: &str, from: &str, to: &str) -> String {
    let (_, rest) = text
        .split_once(from)
        .unwrap_or_else(|| panic!("no {from} in\n{text}"));
    rest.split_once(to).expect("an end").0.to_owned()
}

fn location(answer: &Response) -> String {
    let to = answer.headers().get("location");
    to.unwrap_or_else(|| panic!("{}: no location", answer.status()))
        .to_str()
        .unwrap()
        .to_owned()
}
