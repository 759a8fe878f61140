//! Phone numbers as people write them: no text breaks their reading, and a number that is read stays itself in every
//! form in which it is kept, shown or dialled.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rollcall::domain::phone::{Phone, Region, masked, search_digits};
use rollcall_fuzz::switches;

const REGIONS: [&str; 8] = ["IN", "US", "GB", "DE", "IT", "BR", "SG", "MX"];

fuzz_target!(|text: &str| {
    let region = REGIONS[usize::from(switches(text.as_bytes())) % REGIONS.len()];
    let region: Region = region.parse().expect("a region");
    let digits = search_digits(text).unwrap_or_default();
    assert!(digits.bytes().all(|b| b.is_ascii_digit()));
    assert!(masked(text).chars().filter(char::is_ascii_digit).count() <= 4);
    let phone = match Phone::parse(text, region) {
        Ok(phone) => phone,
        Err(why) => {
            assert!(why.to_string().len() < 200);
            return;
        }
    };
    assert_eq!(Phone::from_e164(&phone.to_string()), Some(phone), "{phone}");
    let shown = phone.shown();
    assert_eq!(
        Phone::parse(&shown.international, region),
        Ok(phone),
        "{shown:?}"
    );
    if let Some(dialled) = phone.dialled_from(region) {
        assert_eq!(Phone::parse(&dialled, region), Ok(phone), "{dialled}");
    }
});
