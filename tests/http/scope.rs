//! Rights that hold on one's own groups: others' agents do not exist, in lists, counts, searches and parts.

use crate::support::TestDb;
use crate::support::app::{Person, TestApp, text};
use crate::support::people::{NewAgent, give_scope, insert_agent, insert_group};

both_databases! {
    async fn a_scoped_supervisor_sees_her_groups_and_nobody_else(db: TestDb) {
        let app = TestApp::start(db);
        app.write(|tx| {
            let (north, south) = (insert_group(tx, "North"), insert_group(tx, "South"));
            let people = [("Asha North", "asha.north", north), ("Bela North", "bela.north", north), ("Chitra South", "chitra.south", south)];
            for (name, login_id, group) in people {
                insert_agent(tx, &NewAgent { name, login_id, group: Some(group), ..NewAgent::default() });
            }
            give_scope(tx, Person::Scoped.word(), north);
        });
        let scoped = app.signed_in(Person::Scoped).await;
        let everyone = app.signed_in(Person::Supervisor).await;
        let page = text(everyone.get("/agents").await, 200).await;
        assert!(page.contains("Chitra South") && page.contains("3 of 3"));
        for path in ["/agents", "/agents?sort=-name", "/agents?q=o", "/agents?status=unknown&days=30"] {
            for page in [text(scoped.get(path).await, 200).await, text(scoped.get_part(path).await, 200).await] {
                assert!(page.contains("Asha North") && page.contains("2 of 2"), "{path}\n{page}");
                assert!(!page.contains("Chitra") && !page.contains("South"), "{path}");
            }
        }
        let nobody = text(scoped.get("/agents?q=Chitra").await, 200).await;
        let unknown = text(scoped.get("/agents?q=Zaphod").await, 200).await;
        assert_eq!(nobody.matches("data-agent").count(), 0);
        assert_eq!(nobody.replace("Chitra", "Zaphod").len(), unknown.len(), "a hidden agent looks like none");
    }
}
