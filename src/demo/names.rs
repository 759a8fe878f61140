//! Names of people from where call centres are: given and family names kept together by region,
//! some written in their own script with the Latin form that a login id is made of.

use super::numbers::Country;
use super::random::Random;

/// A name as it is shown, the Latin words a login id is made of, and where its bearer lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    pub shown: String,
    pub login: String,
    pub country: Country,
}

struct Region {
    country: Country,
    /// How many people of a hundred thousand.
    share: f64,
    given: &'static [&'static str],
    family: &'static [&'static str],
}

/// A name in another script: as shown, and in Latin letters.
type Pair = (&'static str, &'static str);

struct Script {
    country: Country,
    given: &'static [Pair],
    family: &'static [Pair],
}

/// Of a hundred people so many have their name in their own script.
const IN_OWN_SCRIPT: f64 = 2.5;

pub fn name(random: &mut Random) -> Name {
    if random.percent(IN_OWN_SCRIPT) {
        return in_own_script(random);
    }
    let weights: Vec<f64> = REGIONS.iter().map(|region| region.share).collect();
    let region = &REGIONS[random.weighted(&weights)];
    let given = *random.pick(region.given);
    let family = *random.pick(region.family);
    Name {
        shown: format!("{given} {family}"),
        login: format!("{}.{}", latin(given), latin(family)),
        country: region.country,
    }
}

fn in_own_script(random: &mut Random) -> Name {
    let script = random.pick(SCRIPTS);
    let given = random.pick(script.given);
    let family = random.pick(script.family);
    Name {
        shown: format!("{} {}", given.0, family.0),
        login: format!("{}.{}", given.1, family.1),
        country: script.country,
    }
}

/// Lower-case ASCII letters of a Latin name; accents go, as they do in real login ids.
fn latin(name: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    name.nfd()
        .filter(char::is_ascii_alphabetic)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

#[rustfmt::skip]
const REGIONS: &[Region] = &[
    Region {
        country: Country::India,
        share: 20.0,
        given: &[
            "Aarav", "Aditi", "Amit", "Ananya", "Anjali", "Arjun", "Deepak", "Divya", "Gaurav", "Isha", "Kavya",
            "Kunal", "Manish", "Megha", "Mohit", "Neha", "Nikhil", "Pooja", "Priyanka", "Rahul", "Ritu", "Rohit",
            "Sakshi", "Sandeep", "Shreya", "Sneha", "Tanvi", "Varun", "Vikas", "Vivek",
        ],
        family: &[
            "Agarwal", "Bhardwaj", "Chauhan", "Dixit", "Gupta", "Jain", "Kumar", "Mishra", "Pandey", "Rathore",
            "Saxena", "Sharma", "Shukla", "Singh", "Srivastava", "Tiwari", "Tripathi", "Verma", "Yadav",
        ],
    },
    Region {
        country: Country::India,
        share: 13.0,
        given: &[
            "Aravind", "Bhuvana", "Dinesh", "Gayathri", "Gokul", "Harini", "Karthik", "Kavitha", "Keerthana",
            "Lakshmi", "Madhan", "Meenakshi", "Murugan", "Nandhini", "Pavithra", "Prabhu", "Revathi", "Saravanan",
            "Selvi", "Senthil", "Sivakumar", "Vignesh", "Yamini",
        ],
        family: &[
            "Annamalai", "Balasubramanian", "Chidambaram", "Ganesan", "Iyer", "Kannan", "Krishnan", "Manickam",
            "Natarajan", "Palaniswamy", "Raghavan", "Rajendran", "Ramaswamy", "Sivaraman", "Subramanian",
            "Sundaram", "Thangavel", "Venkatesan",
        ],
    },
    Region {
        country: Country::India,
        share: 10.0,
        given: &[
            "Abhilash", "Aiswarya", "Ajith", "Akhil", "Anoop", "Arya", "Aswathy", "Bindu", "Fathima", "Gopika",
            "Jithin", "Lijo", "Manju", "Nimisha", "Rakesh", "Remya", "Sanju", "Sreejith", "Sruthi", "Vineeth",
        ],
        family: &[
            "Chacko", "George", "Kurian", "Kurup", "Mathew", "Menon", "Nair", "Namboothiri", "Panicker", "Pillai",
            "Thomas", "Varghese", "Varma",
        ],
    },
    Region {
        country: Country::India,
        share: 11.0,
        given: &[
            "Aishwarya", "Akshata", "Anand", "Basavaraj", "Chaitra", "Ganesh", "Girish", "Harsha", "Kiran",
            "Mahesh", "Manjunath", "Nagaraj", "Pallavi", "Prashanth", "Ramya", "Sahana", "Shruthi", "Suma",
            "Sunil", "Vinay",
        ],
        family: &[
            "Bhat", "Gowda", "Hegde", "Hiremath", "Kamath", "Kulkarni", "Naik", "Patil", "Prabhu", "Rao", "Shenoy",
            "Shetty", "Swamy",
        ],
    },
    Region {
        country: Country::India,
        share: 10.0,
        given: &[
            "Anusha", "Bhavani", "Charan", "Haritha", "Jyothi", "Kalyan", "Lavanya", "Mounika", "Naresh", "Pavan",
            "Praneeth", "Rajesh", "Ravi", "Sai Kiran", "Sirisha", "Srinivas", "Sowmya", "Swathi", "Tejaswi",
            "Venkat",
        ],
        family: &[
            "Bandaru", "Chowdary", "Gaddam", "Kondapalli", "Konduru", "Maddala", "Naidu", "Pothuri", "Raju",
            "Reddy", "Sastry", "Vemula", "Yerra",
        ],
    },
    Region {
        country: Country::India,
        share: 9.0,
        given: &[
            "Aditya", "Amruta", "Chirag", "Dhara", "Hetal", "Jignesh", "Ketan", "Mayuri", "Mihir", "Nilesh",
            "Omkar", "Prachi", "Rohan", "Rutuja", "Sachin", "Sayali", "Snehal", "Tejas", "Vaishali", "Yash",
        ],
        family: &[
            "Bhosale", "Chavan", "Desai", "Deshmukh", "Gaikwad", "Jadhav", "Joshi", "Kadam", "Mehta", "Modi",
            "More", "Parmar", "Patel", "Pawar", "Shah", "Shinde", "Solanki", "Trivedi",
        ],
    },
    Region {
        country: Country::India,
        share: 7.0,
        given: &[
            "Abir", "Anirban", "Arpita", "Debjani", "Dipankar", "Indrani", "Joyeeta", "Koushik", "Moumita",
            "Paromita", "Ritwik", "Sayan", "Shreyasi", "Soumya", "Subhash", "Sudipta", "Swagata", "Tanmoy",
        ],
        family: &[
            "Banerjee", "Basu", "Bhattacharya", "Chatterjee", "Das", "Dutta", "Ghosh", "Kar", "Majumdar", "Mitra",
            "Mukherjee", "Roy", "Saha", "Sen",
        ],
    },
    Region {
        country: Country::India,
        share: 5.0,
        given: &[
            "Amrit", "Gurpreet", "Harleen", "Harjit", "Jasleen", "Jaspreet", "Kulwinder", "Manpreet", "Navdeep",
            "Parminder", "Simran", "Sukhdeep",
        ],
        family: &["Bajwa", "Dhillon", "Gill", "Grewal", "Kaur", "Sandhu", "Sidhu", "Sodhi", "Virk"],
    },
    Region {
        country: Country::India,
        share: 4.0,
        given: &[
            "Aamir", "Arshad", "Farhan", "Imran", "Nazia", "Rehana", "Rizwan", "Saba", "Shabnam", "Tabassum",
            "Zainab", "Zubair",
        ],
        family: &["Ansari", "Baig", "Hussain", "Khan", "Mirza", "Pathan", "Qureshi", "Shaikh", "Siddiqui", "Syed"],
    },
    Region {
        country: Country::India,
        share: 2.0,
        given: &["Banri", "Dawa", "Lalrin", "Mhasi", "Nongthombam", "Pema", "Rinzing", "Tenzin", "Thangjam"],
        family: &["Bhutia", "Hmar", "Kharkongor", "Lepcha", "Lyngdoh", "Meitei", "Sangma", "Zeliang"],
    },
    Region {
        country: Country::UnitedKingdom,
        share: 2.0,
        given: &[
            "Alice", "Callum", "Charlotte", "Eilidh", "George", "Harriet", "Imogen", "Jack", "Niamh", "Oliver",
            "Rhys", "Siân", "Zoë",
        ],
        family: &[
            "Barker", "Campbell", "Davies", "Evans", "Fletcher", "Hughes", "MacDonald", "O'Brien", "Patterson",
            "Smith-Jones", "Taylor", "Whitfield",
        ],
    },
    Region {
        country: Country::Philippines,
        share: 2.0,
        given: &[
            "Angelica", "Bea", "Carlo", "Jericho", "Jhoanna", "Joy", "Kristine", "Mark Anthony", "Mary Grace",
            "Paolo", "Rodel",
        ],
        family: &[
            "Aquino", "Bautista", "Cruz", "Dela Cruz", "Domingo", "Garcia", "Mendoza", "Peña", "Reyes", "Santos",
            "Villanueva",
        ],
    },
    Region {
        country: Country::Emirates,
        share: 1.5,
        given: &["Ahmed", "Dana", "Fatima", "Hessa", "Khalid", "Layla", "Mariam", "Omar", "Rashid", "Salma", "Yousef"],
        family: &["Al Balushi", "Al Farsi", "Al Hashimi", "Al Mansoori", "Al Shamsi", "Haddad", "Nasser", "Saleh"],
    },
    Region {
        country: Country::Nigeria,
        share: 1.0,
        given: &["Adaeze", "Babatunde", "Chidi", "Chinonso", "Emeka", "Folake", "Ngozi", "Olumide", "Temitope", "Yusuf"],
        family: &["Adeyemi", "Afolabi", "Balogun", "Eze", "Ibrahim", "Nwosu", "Okafor", "Okonkwo", "Oyelaran"],
    },
    Region {
        country: Country::Mexico,
        share: 0.8,
        given: &["Alejandra", "Diego", "Fernanda", "José Luis", "María José", "Martín", "Sofía", "Ximena"],
        family: &["Álvarez", "Castañeda", "García Márquez", "Gutiérrez", "Hernández", "Núñez", "Ramírez", "Zúñiga"],
    },
    Region {
        country: Country::Brazil,
        share: 0.6,
        given: &["Ana Clara", "Beatriz", "Caio", "João", "Letícia", "Luís", "Thaís", "Vinícius"],
        family: &["Araújo", "Conceição", "Ferreira", "Gonçalves", "Lourenço", "Magalhães", "Souza"],
    },
    Region {
        country: Country::Colombia,
        share: 0.4,
        given: &["Andrés", "Camila", "Juan Pablo", "Laura", "Santiago", "Valentina"],
        family: &["Cárdenas", "Gómez", "Londoño", "Ospina", "Quiñones", "Restrepo"],
    },
    Region {
        country: Country::Kenya,
        share: 0.4,
        given: &["Achieng", "Brian", "Faith", "Kamau", "Mercy", "Wanjiru"],
        family: &["Kariuki", "Kiprotich", "Mutua", "Mwangi", "Odhiambo", "Otieno"],
    },
    Region {
        country: Country::Singapore,
        share: 0.4,
        given: &["Hui Min", "Jia Hao", "Kai Xin", "Mei Ling", "Wei Jie", "Xin Yi"],
        family: &["Chua", "Goh", "Lim", "Ng", "Ong", "Tan", "Teo"],
    },
];

#[rustfmt::skip]
const SCRIPTS: &[Script] = &[
    Script {
        country: Country::India,
        given: &[
            ("अनन्या", "ananya"), ("आरती", "aarti"), ("कविता", "kavita"), ("गीता", "geeta"), ("प्रिया", "priya"),
            ("राजेश", "rajesh"), ("संजय", "sanjay"), ("सुनीता", "sunita"), ("विजय", "vijay"), ("ऋषि", "rishi"),
        ],
        family: &[
            ("शर्मा", "sharma"), ("वर्मा", "verma"), ("कुलकर्णी", "kulkarni"), ("देशपांडे", "deshpande"),
            ("त्रिपाठी", "tripathi"), ("श्रीवास्तव", "srivastava"), ("यादव", "yadav"),
        ],
    },
    Script {
        country: Country::India,
        given: &[("கார்த்திக்", "karthik"), ("மீனா", "meena"), ("செல்வி", "selvi"), ("அருண்", "arun")],
        family: &[("முருகன்", "murugan"), ("சுப்பிரமணியன்", "subramanian"), ("ராஜா", "raja")],
    },
    Script {
        country: Country::Saudi,
        given: &[
            ("أحمد", "ahmed"), ("خالد", "khalid"), ("ريم", "reem"), ("فاطمة", "fatima"), ("ليلى", "layla"),
            ("محمد", "mohammed"), ("نورة", "noura"),
        ],
        family: &[
            ("الحربي", "alharbi"), ("الغامدي", "alghamdi"), ("القحطاني", "alqahtani"), ("الزهراني", "alzahrani"),
            ("الشمري", "alshammari"),
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::super::random::Stream;
    use super::*;

    #[test]
    fn every_name_makes_a_login_id_of_at_least_six_ascii_characters() {
        for region in REGIONS {
            for given in region.given {
                for family in region.family {
                    let login = format!("{}.{}", latin(given), latin(family));
                    assert!(login.len() >= 6, "{login}");
                    assert!(
                        login.bytes().all(|b| b.is_ascii_lowercase() || b == b'.'),
                        "{login}"
                    );
                }
            }
        }
        for script in SCRIPTS {
            for (_, latin) in script.given.iter().chain(script.family) {
                assert!(
                    latin.len() >= 3 && latin.bytes().all(|b| b.is_ascii_lowercase()),
                    "{latin}"
                );
            }
        }
    }

    #[test]
    fn three_hundred_people_come_from_many_places_and_some_write_in_their_own_script() {
        let people: Vec<Name> = (0..300)
            .map(|i| name(&mut Random::of(1, Stream::Person, i)))
            .collect();
        let countries: std::collections::HashSet<_> = people.iter().map(|p| p.country).collect();
        assert!(countries.len() >= 6, "{countries:?}");
        assert!(people.iter().any(|p| !p.shown.is_ascii()));
    }
}
