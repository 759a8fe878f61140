//! Query strings of the lists: no text breaks their reading, and what is read writes an address that reads the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rollcall::domain::audit::filter::AuditFilter;
use rollcall::domain::call::filter::CallFilter;
use rollcall::domain::filter::AgentFilter;
use rollcall::domain::group_filter::GroupFilter;
use rollcall::domain::routing::Noun;
use rollcall::domain::routing::filter::ListFilter;
use rollcall::domain::user_filter::UserFilter;

fuzz_target!(|raw: &str| {
    let (agents, bad) = AgentFilter::readable(raw);
    assert_eq!(AgentFilter::parse(&agents.to_query()).as_ref(), Ok(&agents));
    assert!(bad.len() <= raw.len() + 1, "{bad:?}");
    if let Ok(users) = UserFilter::parse(raw) {
        assert_eq!(
            UserFilter::parse(query_of(&users.link(""))).as_ref(),
            Ok(&users)
        );
    }
    if let Ok(groups) = GroupFilter::parse(raw) {
        assert_eq!(
            GroupFilter::parse(query_of(&groups.link(""))).as_ref(),
            Ok(&groups)
        );
    }
    if let Ok(entries) = AuditFilter::parse(raw, &[]) {
        assert_eq!(
            AuditFilter::parse(query_of(&entries.link("")), &[]).as_ref(),
            Ok(&entries)
        );
    }
    for numbers in [true, false] {
        if let Ok(calls) = CallFilter::parse(raw, numbers) {
            let again = CallFilter::parse(query_of(&calls.link("")), numbers);
            assert_eq!(again.as_ref(), Ok(&calls));
        }
    }
    for &noun in Noun::ALL {
        if let Ok(list) = ListFilter::parse(noun, raw, &[]) {
            let link = list.link();
            let again = ListFilter::parse(noun, query_of(&link), &[]);
            assert_eq!(again.as_ref(), Ok(&list));
        }
    }
});

fn query_of(link: &str) -> &str {
    link.split_once('?').map_or("", |(_, query)| query)
}
