//! Bulk uploads from the file to the undo, on both databases.

use crate::support::TestDb;
use crate::support::acts::{audit, claim, disable, do_act};
use crate::support::uploads::Office;
use diesel::prelude::*;
use rollcall::domain::ids::{AgentId, UserId};
use rollcall::domain::import::{
    Asked, Choice, Column, Decision, Mapping, Options, Statuses, begin_export, export_row,
    write_row,
};
use rollcall::domain::person::WebLoginStatus;
use rollcall::domain::role::{BuiltInRole, Rights, Scope};
use rollcall::domain::status::ExtensionStatus;
use rollcall::domain::time::HOUR;
use rollcall::floor::Floor;
use rollcall::store::import::commit::{self, Memo, Step};
use rollcall::store::import::{
    Done, Kind, Mode, Outcome, Pressed, Refused, Shown, State, errors, expire, facts, invite,
    mapping, phones, plan, rows, undo,
};
use rollcall::store::link::{self, LinkKind};
use rollcall::store::schema::{
    agents, extensions, import_chunks, import_rows, intervals, one_time_links, users,
};
use rollcall::store::{RecordKind, StoreError, role, seal};
use std::collections::BTreeSet;

const JOINERS: &str = "\
employee_id,login_id,name,email,phone,role,calling_agent,agent_groups,intercom,extension,web_login
E-1,asha.rao,Asha Rao,asha@example.com,+91 98765 43210,Agent,yes,Mornings,(auto),(auto),allowed
E-2,bela.das,Bela Das,bela@example.com,+91 98765 43211,Agent,yes,Mornings|Evenings,(auto),(auto),none
E-3,chand.kaur,Chand Kaur,,,Supervisor,no,,,,none
";

both_databases! {
    fn a_file_becomes_people_and_the_same_file_again_changes_nothing(db: TestDb) {
        let office = office(&db);
        let plan = office.plan(JOINERS);
        assert_eq!(plan.state, State::Planned, "{:?}", plan.fault);
        let counts = plan.counts;
        assert_eq!((counts.rows, counts.create, counts.error), (3, 3, 0), "{:?}", office.said(plan.id));
        assert_eq!(people(&office), 1, "nothing is written before the commit");
        let done = office.carry_out(&plan, Mode::ValidRows);
        assert_eq!((done.state, done.done), (State::Committed, Done { created: 3, ..Done::default() }));
        assert_eq!(people(&office), 4);
        let asha = id_of(&office, "asha.rao");
        assert_eq!(claim(&office.world, "login_id", "asha.rao"), Some((asha, None)));
        assert_eq!(claim(&office.world, "employee_id", "e-1").map(|c| c.0), Some(asha));
        assert_eq!(claim(&office.world, "dial", "1000").map(|c| c.0), Some(asha));
        let axes: Vec<String> = office.world.store.read(|conn| Ok(intervals::table.filter(intervals::agent_id.eq(asha)).order(intervals::id).select(intervals::axis).load(conn)?)).unwrap();
        assert_eq!(axes, ["admin", "duty", "device"]);
        let person = office.floor.picture().person(UserId(asha)).cloned().expect("the list follows");
        let agent = person.living_agent().expect("an agent");
        assert_eq!((&*person.name, agent.extension.as_deref(), agent.groups.len()), ("Asha Rao", Some("5001"), 1));
        assert_eq!(picture_is_right(&office.floor), Vec::<String>::new());
        let chunks: i64 = office.world.store.read(|conn| Ok(import_chunks::table.count().get_result(conn)?)).unwrap();
        assert_eq!(chunks, 0, "the file is gone");
        let lines = audit(&office.world);
        let said: Vec<_> = lines[lines.len() - 4..].iter().map(|(action, name)| format!("{action} {name}")).collect();
        assert_eq!(said, ["user.create Asha Rao", "user.create Bela Das", "user.create Chand Kaur", "import.commit people.csv"]);
        office.world.write(|tx| seal::seal(tx, None).map(drop));
        let again = office.plan(JOINERS);
        assert_eq!((again.counts.rows, again.counts.unchanged), (3, 3), "{:?}", office.said(again.id));
        assert_eq!(office.press(&again, Mode::AllOrNothing), Pressed::Refused(Refused::NothingToDo));
    }

    fn made_as_by_the_form(db: TestDb) {
        use rollcall::domain::user_form::{Rules, UserForm};
        let office = office(&db);
        office.commit(JOINERS);
        let mut form = UserForm::default();
        for (name, text) in [("name", "Asha Rao"), ("username", "other.asha"), ("email", "other@example.com"), ("phone", "+919876543210"), ("call_forwarding_number", "+919876543210"), ("employee_id", "E-9"), ("calling_agent", "yes"), ("web_login", "allowed"), ("intercom_number", "1900"), ("extension", "5900")] {
            form.put(name, text).unwrap();
        }
        let group = group_id(&office, "Mornings");
        form.put("agent_groups", &group.to_string()).unwrap();
        let change = form.check(&Rules::stored()).unwrap();
        office.world.write(move |tx| rollcall::store::user::create::create(tx, &Rights::everything(), None, &change).map(drop));
        let (by_file, by_form) = (row_of(&office, "asha.rao"), row_of(&office, "other.asha"));
        assert_eq!(by_file, by_form);
    }

    fn people_are_changed_and_errors_can_be_mended(db: TestDb) {
        let office = office(&db);
        office.commit(JOINERS);
        let done = office.commit("login_id,name,phone,agent_groups\nasha.rao,Asha R. Rao,+91 98765 00001,Evenings\nbela.das,,9.19877E+11,\nnew.person,New Person,12,\n");
        assert_eq!(done.done, Done { updated: 1, ..Done::default() });
        assert_eq!((done.counts.rows, done.counts.update, done.counts.error), (3, 1, 2));
        let person = office.floor.picture().person(UserId(id_of(&office, "asha.rao"))).cloned().unwrap();
        let agent = person.living_agent().unwrap();
        assert_eq!((&*person.name, agent.forwarding_number.map(|n| n.to_string())), ("Asha R. Rao", Some("+919876500001".to_owned())));
        let mut file = Vec::new();
        errors::write_file(&office.world.store, &done, &mut file).unwrap();
        let text = String::from_utf8(file).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "\u{feff}login_id,name,phone,agent_groups,_line,_column,_reason");
        assert!(lines.len() == 3 && lines[1].starts_with("bela.das,,9.19877E+11,,3,phone,"), "{lines:?}");
        let mended = text.replace("9.19877E+11", "+91 98765 00002").replace("new.person,New Person,12", "new.person,New Person,+91 98765 00003");
        let done = office.commit(&mended);
        assert_eq!((done.counts.error, done.done), (0, Done { created: 1, updated: 1, ..Done::default() }), "{:?}", office.said(done.id));
    }

    fn an_export_comes_back_unchanged(db: TestDb) {
        let office = office(&db);
        office.commit(JOINERS);
        let facts = office.world.store.read(|conn| facts(conn, Rights::everything(), None)).unwrap();
        let mut file = Vec::new();
        let mut writer = begin_export(&mut file).unwrap();
        for person in office.floor.picture().people() {
            let statuses = Statuses { agent: None, extension: ExtensionStatus::Unknown, web_login: WebLoginStatus::Locked };
            write_row(&mut writer, export_row(person, &statuses, &facts)).unwrap();
        }
        drop(writer);
        let plan = office.plan(&String::from_utf8(file).unwrap());
        // The administrator has no address, which an edit would ask for; nothing of it is edited.
        assert_eq!((plan.counts.rows, plan.counts.unchanged), (4, 4), "{:?}", office.said(plan.id));
    }

    fn undo_leaves_the_database_as_it_was(db: TestDb) {
        let office = office(&db);
        office.commit(JOINERS);
        let before = office.dump();
        let done = office.commit("current_login_id,login_id,name,employee_id,email,agent_groups,departments,intercom,extension,web_login,role,calling_agent\n\
            asha.rao,asha.new,Asha R. Rao,E-100,asha.r@example.com,Evenings,Sales,1500,5500,none,,\n\
            ,bela.das,Bela D.,,,Evenings,Sales,,,allowed,Supervisor,\n\
            ,chand.kaur,,,,Mornings,Sales,1700,5700,,,yes\n\
            ,dev.anand,Dev Anand,E-4,dev@example.com,Mornings,Sales,(auto),(auto),allowed,Agent,\n\
            ,esha.gupta,Esha Gupta,E-5,,,,,,none,Auditor,\n");
        assert_eq!(done.done, Done { created: 2, updated: 3, ..Done::default() }, "{:?}", office.said(done.id));
        assert_ne!(office.dump(), before);
        office.world.clock.advance(HOUR);
        let undone = office.undo(&done);
        assert_eq!((undone.state, undone.done.undone, undone.done.kept), (State::Undone, 5, 0), "{:?}", office.said(done.id));
        assert_same(&before, &office.dump());
        assert_eq!(picture_is_right(&office.floor), Vec::<String>::new());
        let again = office.try_undo(&office.me, &done).unwrap();
        assert!(again.again);
        let lines = audit(&office.world);
        assert!(lines.iter().any(|(action, name)| action == "operation.undo" && name == "people.csv"));
        let twice = office.commit("login_id,name\nDev.Anand,Dev Anand\n");
        assert_eq!(twice.done.created, 1, "the names are free at once");
    }

    fn who_was_used_or_edited_since_stays(db: TestDb) {
        let office = office(&db);
        let done = office.commit(JOINERS);
        let [asha, bela] = ["asha.rao", "bela.das"].map(|login| id_of(&office, login));
        do_act(&office.world, &[AgentId::of(UserId(asha))], disable());
        office.world.write(move |tx| {
            diesel::update(users::table.find(bela)).set(users::password_hash.eq("chosen")).execute(tx.conn)?;
            Ok(())
        });
        let undone = office.undo(&done);
        assert_eq!((undone.done.undone, undone.done.kept), (1, 2));
        let said = office.said(done.id);
        assert_eq!(said, ["2 create kept: was changed since", "3 create kept: was used since", "4 create undone"]);
        assert_eq!(people(&office), 3);
    }

    fn undo_has_an_end_and_needs_the_right(db: TestDb) {
        let office = office(&db);
        let done = office.commit(JOINERS);
        let auditor = office.person("Audi Tor", "audi.tor", BuiltInRole::Auditor);
        assert!(matches!(office.try_undo(&auditor, &done), Err(StoreError::NotFound)));
        let lead = office.person("Lead One", "lead.one", BuiltInRole::Supervisor);
        give_scope(&office, &lead, "Mornings");
        assert!(matches!(office.try_undo(&lead, &done), Err(StoreError::NotFound)), "not hers");
        office.world.clock.advance(31 * 24 * HOUR);
        assert!(matches!(office.try_undo(&office.me, &done), Err(StoreError::NotFound)));
    }

    fn rows_edited_since_the_plan_are_conflicts(db: TestDb) {
        let office = office(&db);
        office.commit(JOINERS);
        let text = "login_id,name,email\nasha.rao,Asha Other,\nbela.das,Bela Other,\nzara.khan,Zara Khan,zara@example.com\n";
        let plan = office.plan(text);
        assert_eq!((plan.counts.update, plan.counts.create), (2, 1));
        do_act(&office.world, &[AgentId::of(UserId(id_of(&office, "asha.rao")))], disable());
        office.commit("login_id,name,email\nyusuf.ali,Yusuf Ali,zara@example.com\n");
        let done = office.carry_out(&plan, Mode::ValidRows);
        assert_eq!((done.state, done.done), (State::Committed, Done { updated: 1, conflicts: 2, ..Done::default() }));
        let said = office.said(plan.id);
        assert_eq!(said, ["2 update conflict: Somebody changed this person since the plan was made.", "3 update updated", "4 create conflict: Email zara@example.com is already in use."]);
        let name: String = office.world.store.read(|conn| Ok(users::table.filter(users::login_id.eq("asha.rao")).select(users::name).first(conn)?)).unwrap();
        assert_eq!(name, "Asha Rao", "not overwritten");
        let mut file = Vec::new();
        errors::write_file(&office.world.store, &done, &mut file).unwrap();
        let text = String::from_utf8(file).unwrap();
        assert!(text.contains("asha.rao,Asha Other,") && text.contains("zara.khan,Zara Khan,zara@example.com"), "{text}");
        let page = |shown| office.world.store.read(|conn| rows::page(conn, plan.id, shown, 100, 0)).unwrap().rows.len();
        assert_eq!((page(Shown::Outcome(Outcome::Conflict)), page(Shown::Kind(Kind::Update)), page(Shown::All)), (2, 2, 3));
    }

    fn all_or_nothing_leaves_nothing(db: TestDb) {
        let office = office(&db);
        office.commit(JOINERS);
        let wrong = office.plan("login_id,name,phone\nok.person,Ok Person,\nbad.person,Bad,12\n");
        assert_eq!(office.press(&wrong, Mode::AllOrNothing), Pressed::Refused(Refused::HasErrors(1)));
        let plan = office.plan("login_id,name,agent_groups\nok.person,Ok Person,Mornings\nasha.rao,Asha Other,\nother.person,Other,\n");
        do_act(&office.world, &[AgentId::of(UserId(id_of(&office, "asha.rao")))], disable());
        let before = office.dump();
        let failed = office.carry_out(&plan, Mode::AllOrNothing);
        assert_eq!((failed.state, failed.done.conflicts, failed.operation.as_deref()), (State::Failed, 1, None));
        assert!(failed.fault.as_deref().is_some_and(|fault| fault.starts_with("1 row")), "{:?}", failed.fault);
        assert_same(&before, &office.dump());
        assert_eq!(picture_is_right(&office.floor), Vec::<String>::new());
        assert_eq!(office.press(&failed, Mode::AllOrNothing), Pressed::Refused(Refused::TooLate));
        let (id, viewer, failed_version) = (plan.id, office.viewer(&office.me), failed.version);
        let chosen = office.world.store.write_blocking(office.me.clone(), move |tx| plan::choose(tx, &viewer, id, Some(failed_version), &Asked::default(), &Options::default())).unwrap();
        assert_eq!(chosen, Pressed::Begun);
        office.work();
        let done = office.carry_out(&office.get(id), Mode::AllOrNothing);
        assert_eq!((done.state, done.done), (State::Committed, Done { created: 2, updated: 1, ..Done::default() }));
        assert_eq!(office.press(&done, Mode::AllOrNothing), Pressed::Again);
    }

    fn two_uploads_at_the_same_time(db: TestDb) {
        let office = office(&db);
        let other = office.person("Other Admin", "other.admin", BuiltInRole::Admin);
        let mine = office.plan("login_id,name,intercom,extension\nasha.rao,Asha,(auto),(auto)\nbela.das,Bela,(auto),(auto)\n");
        let theirs = office.plan_with(&other, "login_id,name,intercom,extension\nasha.rao,Asha Two,(auto),(auto)\nchand.kaur,Chand,1000,5002\ndev.anand,Dev,1700,\n", Options::default());
        assert_eq!((mine.counts.create, theirs.counts.create), (2, 3));
        assert_eq!(office.press(&mine, Mode::ValidRows), Pressed::Begun);
        assert_eq!(office.press(&theirs, Mode::ValidRows), Pressed::Begun);
        office.work();
        assert_eq!(office.get(mine.id).done, Done { created: 2, ..Done::default() });
        let theirs = office.get(theirs.id);
        assert_eq!(theirs.done, Done { created: 1, conflicts: 2, ..Done::default() }, "{:?}", office.said(theirs.id));
    }

    fn a_scoped_supervisor_uploads_only_her_own(db: TestDb) {
        let office = office(&db);
        office.commit(JOINERS);
        let lead = office.person("Lead One", "lead.one", BuiltInRole::Supervisor);
        give_scope(&office, &lead, "Evenings");
        let text = "login_id,name,agent_groups,role,email\nasha.rao,Asha Stolen,,,\nbela.das,Bela Mine,,,\nfresh.one,Fresh One,Evenings,,\nfresh.two,Fresh Two,Mornings,,\nfresh.six,Fresh Six,Evenings,Admin,\n";
        let plan = office.plan_with(&lead, text, Options::default());
        assert_eq!(office.said(plan.id), ["2 error", "3 update", "4 create", "5 error", "6 error"]);
        let faults = office.world.store.read(|conn| errors::page(conn, plan.id, 0)).unwrap();
        assert_eq!(faults[0].faults[0].reason, "asha.rao is already in use.", "no name, no more");
        let viewer = rollcall::store::import::Viewer { actor: lead.clone(), scope: Scope::Groups(vec![]) };
        let mine = office.plan(JOINERS);
        let found = office.world.store.read(|conn| rollcall::store::import::find(conn, &viewer, mine.id)).unwrap();
        assert!(found.is_none(), "she sees her own uploads alone");
        // A role that would hold on everyone is refused when it is planned, not when it is carried out.
        let wider = office.plan_with(&lead, "login_id,name,agent_groups,role\nfresh.ten,Fresh Ten,Evenings,Supervisor\nbela.das,,,Supervisor\n", Options::default());
        assert_eq!(office.said(wider.id), ["2 error", "3 error"]);
        let faults = office.world.store.read(|conn| errors::page(conn, wider.id, 0)).unwrap();
        for row in &faults {
            assert_eq!((row.faults[0].column, &*row.faults[0].reason), (Some(Column::Role), "The role Supervisor would hold on more people than your rights do."));
        }
        let listed = office.world.store.read(|conn| rollcall::store::import::page(conn, &viewer, 10, 0)).unwrap();
        assert_eq!((listed.0.len(), listed.1), (2, 2));
        take_scope(&office, &lead, "Evenings", "Mornings");
        let done = office.carry_out(&plan, Mode::ValidRows);
        assert_eq!(done.done, Done { updated: 1, conflicts: 1, ..Done::default() }, "{:?}", office.said(plan.id));
        demote(&office, &lead);
        let late = office.upload_as(&lead, text, Options::default());
        office.work();
        assert_eq!((office.get(late).state, office.get(late).fault.as_deref()), (State::Unreadable, Some("You may not upload any more.")));
    }

    fn nobody_takes_the_last_administrator(db: TestDb) {
        let office = office(&db);
        let other = office.person("Other Admin", "other.admin", BuiltInRole::Admin);
        office.world.write(|tx| {
            diesel::update(users::table).set(users::email.eq("x@example.com")).filter(users::login_id.eq("other.admin")).execute(tx.conn)?;
            Ok(())
        });
        let plan = office.plan_with(&other, "login_id,role\nrohit.admin,Auditor\nother.admin,Auditor\n", Options::default());
        assert_eq!(office.said(plan.id), ["2 update", "3 error"]);
        let mine = office.plan("login_id,role\nother.admin,Auditor\n");
        assert_eq!(office.said(mine.id), ["2 update"]);
        let done = office.carry_out(&mine, Mode::ValidRows);
        assert_eq!(done.done.updated, 1);
        // The other may not upload any more, so that nobody loses the last one by it.
        let refused = office.carry_out(&plan, Mode::ValidRows);
        assert_eq!((refused.state, refused.done), (State::Failed, Done::default()));
        let last = office.plan_with(&rollcall::domain::audit::Actor::shell(), "login_id,role\nrohit.admin,Auditor\n", Options::default());
        assert_eq!(office.said(last.id), ["2 error"]);
        // One who was invited and never chose a password lets nobody in.
        office.world.write(|tx| {
            let admin = role::find_by_name(tx.conn, "Admin")?.unwrap().id.0;
            let other = users::table.filter(users::login_id.eq("other.admin"));
            let other: i64 = diesel::update(other).set((users::role_id.eq(admin), users::password_hash.eq(None::<String>))).returning(users::id).get_result(tx.conn)?;
            tx.touch(RecordKind::User, other);
            Ok(())
        });
        let both = office.plan_with(&rollcall::domain::audit::Actor::shell(), "login_id,role\nother.admin,Auditor\nrohit.admin,Auditor\n", Options::default());
        assert_eq!(office.said(both.id), ["2 update", "3 error"]);
    }

    fn a_plan_goes_on_from_its_beginning_and_a_commit_from_its_place(db: TestDb) {
        let office = office(&db);
        let rows = 1_203;
        let text = many(rows);
        let id = office.upload_as(&office.me, &text, Options::default());
        // The server dies while it plans: some rows are there.
        let half = office.world.write(move |tx| plan::begin(tx, id)).expect("it waits").plan;
        let planned = rollcall::domain::import::Planned { line: 2, outcome: rollcall::domain::import::Outcome::Skip(rollcall::domain::import::Skip::Blank), failed: None };
        let stale = |number| rows::NewRow::new(id, number, &planned, None);
        let (first, late) = (stale(1), stale(2));
        assert!(office.world.write(move |tx| plan::add(tx, id, half, &[first])));
        office.work();
        let planned = office.get(id);
        assert_eq!((planned.state, planned.counts.create, stored(&office, id)), (State::Planned, rows, rows as i64));
        assert!(!office.world.write(move |tx| plan::add(tx, id, half, &[late])), "another attempt counts");
        office.press(&planned, Mode::ValidRows);
        let mut seen = Vec::new();
        // A stop between any two steps: each is whole by itself, and the next one goes on from it.
        for _ in 0..2 {
            let links = office.links();
            let step = office.world.store.write_blocking(office.me.clone(), move |tx| commit::next(tx, id, &mut Memo::default(), &links)).unwrap();
            let now = office.get(id);
            assert_eq!(now.done.created as i64, people(&office) - 1);
            seen.push((step, now.place));
        }
        assert_eq!(seen, [(Step::More(500), 500), (Step::More(1_000), 1_000)]);
        office.work();
        let done = office.get(id);
        assert_eq!((done.state, done.done.created, people(&office)), (State::Committed, rows, rows as i64 + 1));
        let links = office.links();
        let late = office.world.store.write_blocking(office.me.clone(), move |tx| commit::next(tx, id, &mut Memo::default(), &links)).unwrap();
        assert_eq!(late, Step::Stopped);
        office.try_undo(&office.me, &done).unwrap();
        let step = office.world.store.write_blocking(office.me.clone(), move |tx| undo::next(tx, id)).unwrap();
        assert_eq!(step, undo::Step::More(500));
        office.work();
        assert_eq!((office.get(id).state, people(&office)), (State::Undone, 1));
        assert_eq!(picture_is_right(&office.floor), Vec::<String>::new());
    }

    fn a_commit_is_cancelled_between_two_steps(db: TestDb) {
        let office = office(&db);
        let plan = office.plan(&many(1_203));
        office.press(&plan, Mode::ValidRows);
        let (id, links) = (plan.id, office.links());
        office.world.store.write_blocking(office.me.clone(), move |tx| commit::next(tx, id, &mut Memo::default(), &links)).unwrap();
        let viewer = office.viewer(&office.me);
        let cancel = move |viewer: rollcall::store::import::Viewer| office_cancel(id, viewer);
        assert_eq!(office.world.write(cancel(viewer.clone())), Pressed::Begun);
        assert_eq!(office.world.write(cancel(viewer)), Pressed::Again);
        office.work();
        let cancelled = office.get(id);
        assert_eq!((cancelled.state, cancelled.done.created, people(&office)), (State::Cancelled, 500, 501));
        assert!(audit(&office.world).iter().any(|(action, _)| action == "import.commit"));
        let left = office.world.store.read(|conn| rows::page(conn, id, Shown::Left, 1_000, 0)).unwrap().rows;
        assert_eq!((cancelled.left(), left.len(), left[0].number), (703, 703, 501), "what did not come to its turn can be seen");
        let undone = office.undo(&cancelled);
        assert_eq!((undone.state, people(&office)), (State::Undone, 1));
    }

    fn what_nobody_carries_out_expires(db: TestDb) {
        let office = office(&db);
        let plan = office.plan(JOINERS);
        let keep = 24 * HOUR;
        let due = |office: &Office| office.world.store.read(|conn| expire::due(conn, office.world.clock.now(), keep)).unwrap();
        assert!(due(&office).is_empty());
        office.world.clock.advance(25 * HOUR);
        assert_eq!(due(&office), [plan.id]);
        let id = plan.id;
        office.world.write(move |tx| expire::expire(tx, id, keep));
        let expired = office.get(id);
        let chunks: i64 = office.world.store.read(|conn| Ok(import_chunks::table.count().get_result(conn)?)).unwrap();
        assert_eq!((expired.state, chunks), (State::Expired, 0));
        assert_eq!(office.press(&expired, Mode::ValidRows), Pressed::Refused(Refused::TooLate));
        let spent = office.world.store.read(|conn| expire::spent(conn, office.world.clock.now())).unwrap();
        assert_eq!(spent, [id]);
        while office.world.write(move |tx| expire::clear(tx, id, 2)) {}
        assert_eq!(stored(&office, id), 0);
    }

    fn names_are_made_with_the_upload_and_go_with_it(db: TestDb) {
        let office = office(&db);
        let before = office.dump();
        let mut options = Options::default();
        options.decisions.decide(Column::AgentGroups, "Nights", Decision::Create);
        options.decisions.decide(Column::Departments, "Billing", Decision::Create);
        let text = "login_id,name,agent_groups,departments\nasha.rao,Asha,Nights,Billing\nbela.das,Bela,Nights|Mornings,Billing|Sales\n";
        let plan = office.plan_with(&office.me, text, options);
        assert_eq!((plan.counts.create, plan.listed.created.len()), (2, 2));
        let done = office.carry_out(&plan, Mode::AllOrNothing);
        assert_eq!(done.done.created, 2, "{:?}", done.fault);
        assert!(group_id(&office, "Nights") > 0);
        let undone = office.undo(&done);
        assert_eq!(undone.done.undone, 2, "{:?}", office.said(done.id));
        assert_same(&before, &office.dump());
    }

    fn choices_are_remembered_for_the_same_head(db: TestDb) {
        let office = office(&db);
        let text = "login_id,Nick,shoe size\nasha.rao,Asha,42\n";
        let plan = office.plan(text);
        assert_eq!(plan.state, State::Unreadable);
        let fault = plan.fault.as_deref().unwrap();
        assert!(fault.contains("shoe size") && plan.found.is_some(), "{fault}");
        let mut mapping = Mapping::default();
        mapping.choose("Nick", Choice::Column(Column::Name));
        mapping.choose("shoe size", Choice::Ignore);
        let asked = Asked { mapping: mapping.clone(), ..Asked::default() };
        let (id, viewer, version) = (plan.id, office.viewer(&office.me), plan.version);
        let choose = move |tx: &mut rollcall::store::Tx<'_>| plan::choose(tx, &viewer, id, Some(version), &asked, &Options::default());
        office.world.write(choose.clone());
        let stale = office.world.store.write_blocking(office.me.clone(), choose);
        assert!(matches!(stale, Err(StoreError::Stale)));
        office.work();
        let planned = office.get(id);
        assert_eq!((planned.state, planned.counts.create), (State::Planned, 1));
        let head = planned.found.unwrap().head;
        assert_eq!(office.world.store.read(|conn| mapping::find(conn, &head, &office.me)).unwrap(), Some(mapping));
        let again = office.plan(&text.replace("asha.rao", "bela.das"));
        assert_eq!((again.state, again.counts.create), (State::Planned, 1), "remembered");
        let damaged = text.replace("Nick", "Nick,phone").replace("Asha,", "Asha,9.19877E+11,");
        let asked = Asked { mapping: again.asked.mapping.clone(), ..Asked::default() };
        let wrong = office.plan(&damaged);
        assert_eq!(wrong.state, State::Unreadable, "another head");
        let (id, viewer, version) = (wrong.id, office.viewer(&office.me), wrong.version);
        office.world.write(move |tx| plan::choose(tx, &viewer, id, Some(version), &asked, &Options::default()));
        office.work();
        let wrong = office.get(id);
        assert_eq!((wrong.state, wrong.counts.error), (State::Planned, 1));
        let mut file = Vec::new();
        errors::write_file(&office.world.store, &wrong, &mut file).unwrap();
        let mended = office.plan(&String::from_utf8(file).unwrap().replace("9.19877E+11", "+91 98765 00002"));
        assert_eq!((mended.state, mended.counts.create), (State::Planned, 1), "also for its failed rows: {:?}", mended.fault);
    }

    fn a_new_address_ends_the_links_that_went_to_the_old_one(db: TestDb) {
        let office = office(&db);
        office.commit("login_id,name,email,role,calling_agent,web_login\n\
            asha.rao,Asha Rao,asha@example.com,Agent,yes,allowed\n\
            bela.das,Bela Das,bela@example.com,Agent,yes,allowed\n\
            chand.kaur,Chand Kaur,chand@example.com,Supervisor,no,allowed\n");
        let [asha, bela, chand] = ["asha.rao", "bela.das", "chand.kaur"].map(|login| id_of(&office, login));
        let give = |people: &[i64]| {
            for &user in people {
                office.world.write(move |tx| link::insert(tx, LinkKind::Password, Some(UserId(user)), &format!("{user} at {}", tx.now.0), 72 * HOUR));
            }
        };
        let holders = || -> Vec<i64> {
            let unused = one_time_links::table.filter(one_time_links::used_at.is_null()).order(one_time_links::user_id);
            let found: Vec<Option<i64>> = office.world.store.read(|conn| Ok(unused.select(one_time_links::user_id).load(conn)?)).unwrap();
            found.into_iter().flatten().collect()
        };
        give(&[asha, bela, chand]);
        // Asha's row changes fields only, Chand's the role too; Bela's address stays.
        let done = office.commit("login_id,name,email,role\n\
            asha.rao,Asha Rao,asha.rao@example.com,\n\
            bela.das,Bela D.,bela@example.com,\n\
            chand.kaur,Chand Kaur,chand.kaur@example.com,Auditor\n");
        assert_eq!(done.done, Done { updated: 3, ..Done::default() }, "{:?}", office.said(done.id));
        assert_eq!(holders(), [bela]);
        give(&[asha, chand]);
        assert_eq!(holders(), [asha, bela, chand]);
        office.world.clock.advance(HOUR);
        let undone = office.undo(&done);
        assert_eq!((undone.done.undone, undone.done.kept), (3, 0), "{:?}", office.said(done.id));
        assert_eq!(holders(), [bela], "the address of before is back");
    }

    fn whoever_may_sign_in_from_now_on_has_one_link_in_the_mail(db: TestDb) {
        use rollcall::domain::mail::{MailServer, Security};
        use rollcall::domain::text::Email;
        use rollcall::store::schema::mail_queue;
        use rollcall::store::setting;
        let office = office(&db);
        office.commit("login_id,name,email,web_login\nbela.das,Bela Das,bela@example.com,blocked\n");
        let bela = id_of(&office, "bela.das");
        let server = MailServer { host: "localhost".to_owned(), port: 25, security: Security::Plain, user: String::new(), sealed_password: String::new(), from: Email::parse("calls@example.in").unwrap() };
        office.world.write(move |tx| {
            // From before she was blocked.
            link::insert(tx, LinkKind::Password, Some(UserId(bela)), "old", 72 * HOUR)?;
            server.words().iter().try_for_each(|(name, value)| setting::put(tx, name, value))
        });
        let done = office.commit("login_id,name,email,web_login\nbela.das,,,allowed\nasha.rao,Asha Rao,asha@example.com,allowed\nchand.kaur,Chand Kaur,chand@example.com,none\n");
        assert_eq!(done.done, Done { created: 2, updated: 1, ..Done::default() }, "{:?}", office.said(done.id));
        let asha = id_of(&office, "asha.rao");
        let links: Vec<(Option<i64>, String)> = office.world.store.read(|conn| Ok(one_time_links::table.order(one_time_links::user_id).select((one_time_links::user_id, one_time_links::hash)).load(conn)?)).unwrap();
        let holders: Vec<i64> = links.iter().filter_map(|(user, _)| *user).collect();
        assert_eq!(holders, [bela, asha]);
        assert_ne!(links[0].1, "old");
        let letters: Vec<(i64, String)> = office.world.store.read(|conn| Ok(mail_queue::table.order(mail_queue::user_id).select((mail_queue::user_id, mail_queue::recipient)).load(conn)?)).unwrap();
        assert_eq!(letters, [(bela, "bela@example.com".to_owned()), (asha, "asha@example.com".to_owned())]);
    }

    fn invitations_and_phone_passwords_are_made_when_asked_for(db: TestDb) {
        let office = office(&db);
        let done = office.commit(JOINERS);
        let (id, viewer) = (done.id, office.viewer(&office.me));
        let links = |office: &Office| -> i64 { office.world.store.read(|conn| Ok(one_time_links::table.count().get_result(conn)?)).unwrap() };
        assert_eq!(links(&office), 0, "no mail server, no letters");
        let invite = {
            let viewer = viewer.clone();
            move |tx: &mut rollcall::store::Tx<'_>| invite::next(tx, &viewer, &Rights::everything(), id, "https://calls.example.in", None)
        };
        let (first, more) = office.world.write(invite.clone());
        assert_eq!((first.len(), more, links(&office)), (1, None, 1));
        assert!(first[0].login_id == "asha.rao" && first[0].link.starts_with("https://calls.example.in/password?token="));
        let (second, _) = office.world.write(invite);
        assert_ne!(first[0].link, second[0].link);
        assert_eq!(links(&office), 1, "the older one ended");
        let phone = move |tx: &mut rollcall::store::Tx<'_>| phones::next(tx, &viewer, &Rights::everything(), id, None);
        let (sheets, _) = office.world.write(phone.clone());
        let (again, _) = office.world.write(phone);
        let names: Vec<&str> = sheets.iter().map(|sheet| sheet.username.as_str()).collect();
        assert_eq!(names, ["5001", "5002"]);
        assert_ne!(sheets[0].password, again[0].password);
        let digest: Option<String> = office.world.store.read(|conn| Ok(extensions::table.filter(extensions::username.eq("5001")).select(extensions::digest).first(conn)?)).unwrap();
        assert_eq!(digest, Some(rollcall::domain::sip::digest("5001", &again[0].password)));
    }
}

fn office(db: &TestDb) -> Office {
    let office = Office::new(db);
    office.world.group("Mornings");
    office.world.group("Evenings");
    office.world.department("Sales", 0);
    office
}

fn office_cancel(
    id: rollcall::domain::ids::ImportId,
    viewer: rollcall::store::import::Viewer,
) -> impl FnOnce(&mut rollcall::store::Tx<'_>) -> Result<Pressed, StoreError> + Send + 'static {
    move |tx| commit::cancel(tx, &viewer, id)
}

/// A file of so many people.
fn many(rows: u64) -> String {
    let mut text = "login_id,name,employee_id,email,intercom\n".to_owned();
    for row in 0..rows {
        text.push_str(&format!(
            "person.{row:05},Person {row},P{row},p{row}@example.com,{}\n",
            2000 + row
        ));
    }
    text
}

fn people(office: &Office) -> i64 {
    let count = office
        .world
        .store
        .read(|conn| Ok(users::table.count().get_result(conn)?));
    count.unwrap()
}

fn stored(office: &Office, id: rollcall::domain::ids::ImportId) -> i64 {
    let rows = import_rows::table.filter(import_rows::import_id.eq(id.0));
    let count = office
        .world
        .store
        .read(|conn| Ok(rows.count().get_result(conn)?));
    count.unwrap()
}

fn id_of(office: &Office, login: &str) -> i64 {
    let found = users::table
        .filter(users::login_id.eq(login))
        .select(users::id);
    office
        .world
        .store
        .read(|conn| Ok(found.first(conn)?))
        .unwrap()
}

fn group_id(office: &Office, name: &str) -> i64 {
    use rollcall::store::schema::agent_groups;
    let found = agent_groups::table
        .filter(agent_groups::name.eq(name))
        .select(agent_groups::id);
    office
        .world
        .store
        .read(|conn| Ok(found.first(conn)?))
        .unwrap()
}

type Stored = (
    Option<String>,
    String,
    i32,
    String,
    String,
    i64,
    String,
    String,
    String,
    bool,
    String,
    i64,
);

/// What the tables hold of somebody, without names and numbers.
fn row_of(office: &Office, login: &str) -> Stored {
    let id = id_of(office, login);
    office
        .world
        .store
        .read(|conn| {
            Ok(users::table
                .inner_join(agents::table)
                .filter(users::id.eq(id))
                .select((
                    users::phone,
                    users::designation,
                    users::failed_sign_ins,
                    users::allowed_ips,
                    users::preferences,
                    users::version,
                    agents::alternative_numbers,
                    agents::rings_on,
                    agents::outgoing_calls,
                    agents::login_based,
                    agents::admin_state,
                    agents::version,
                ))
                .first(conn)?)
        })
        .unwrap()
}

fn give_scope(office: &Office, to: &rollcall::domain::audit::Actor, group: &str) {
    use rollcall::store::schema::user_scope_groups;
    let (user, group) = (to.id.unwrap(), group_id(office, group));
    office.world.write(move |tx| {
        diesel::insert_into(user_scope_groups::table)
            .values((
                user_scope_groups::user_id.eq(user),
                user_scope_groups::group_id.eq(group),
            ))
            .execute(tx.conn)?;
        tx.touch(rollcall::store::RecordKind::User, user);
        Ok(())
    });
}

fn take_scope(office: &Office, to: &rollcall::domain::audit::Actor, old: &str, new: &str) {
    use rollcall::store::schema::user_scope_groups;
    let (user, old) = (to.id.unwrap(), group_id(office, old));
    office.world.write(move |tx| {
        diesel::delete(user_scope_groups::table.find((user, old))).execute(tx.conn)?;
        Ok(())
    });
    give_scope(office, to, new);
}

fn demote(office: &Office, who: &rollcall::domain::audit::Actor) {
    let user = who.id.unwrap();
    office.world.write(move |tx| {
        diesel::update(users::table.find(user))
            .set(users::web_login.eq("blocked"))
            .execute(tx.conn)?;
        tx.touch(rollcall::store::RecordKind::User, user);
        Ok(())
    });
}

fn picture_is_right(floor: &Floor) -> Vec<String> {
    let found = crate::support::world::block_on(floor.check()).unwrap();
    found
        .into_iter()
        .map(|difference| difference.what)
        .collect()
}

fn assert_same(before: &[String], after: &[String]) {
    let set = |lines: &[String]| lines.iter().cloned().collect::<BTreeSet<_>>();
    let (before, after) = (set(before), set(after));
    let only =
        |a: &BTreeSet<String>, b: &BTreeSet<String>| a.difference(b).cloned().collect::<Vec<_>>();
    assert_eq!(
        (only(&before, &after), only(&after, &before)),
        (Vec::<String>::new(), Vec::<String>::new())
    );
}
