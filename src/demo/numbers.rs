//! Telephone numbers that a phone-number library accepts and that nobody should answer:
//! round, recognisable ranges (`9x000 …`, `555 01xx`) of the countries people come from.

use super::random::Random;

/// Where a number belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Country {
    India,
    UnitedKingdom,
    Emirates,
    Saudi,
    Philippines,
    Nigeria,
    UnitedStates,
    Mexico,
    Brazil,
    Colombia,
    Kenya,
    Singapore,
}

impl Country {
    pub const ALL: &'static [Self] = &[
        Self::India,
        Self::UnitedKingdom,
        Self::Emirates,
        Self::Saudi,
        Self::Philippines,
        Self::Nigeria,
        Self::UnitedStates,
        Self::Mexico,
        Self::Brazil,
        Self::Colombia,
        Self::Kenya,
        Self::Singapore,
    ];

    /// The beginnings of mobile numbers, each with how many digits are left to choose.
    fn mobile(self) -> &'static [(&'static str, u32)] {
        match self {
            Self::India => &[
                ("+9190000", 5),
                ("+9191000", 5),
                ("+9193000", 5),
                ("+9194000", 5),
                ("+9195000", 5),
                ("+9196000", 5),
                ("+9197000", 5),
                ("+9198000", 5),
                ("+9199000", 5),
            ],
            Self::UnitedKingdom => &[("+4474000", 5), ("+4475000", 5), ("+4478000", 5)],
            Self::Emirates => &[("+971500", 6), ("+971550", 6)],
            Self::Saudi => &[("+966500", 6), ("+966550", 6)],
            Self::Philippines => &[("+63917000", 4), ("+63918000", 4)],
            Self::Nigeria => &[("+234803000", 4), ("+234806000", 4)],
            Self::UnitedStates => &[("+120255501", 2), ("+121255501", 2), ("+141555501", 2)],
            Self::Mexico => &[("+5255", 8), ("+5233", 8)],
            Self::Brazil => &[("+55119000", 5), ("+55219000", 5)],
            Self::Colombia => &[("+57300000", 4), ("+57310000", 4)],
            Self::Kenya => &[("+254700", 6), ("+254722", 6)],
            Self::Singapore => &[("+658123", 4), ("+659123", 4)],
        }
    }

    /// The beginnings of the company's own lines.
    fn line(self) -> &'static [(&'static str, u32)] {
        match self {
            Self::UnitedKingdom => &[("+44207946", 4)],
            Self::Emirates => &[("+9714400", 4)],
            Self::UnitedStates => &[("+121255501", 2)],
            Self::Philippines => &[("+6328000", 4)],
            Self::India
            | Self::Saudi
            | Self::Nigeria
            | Self::Mexico
            | Self::Brazil
            | Self::Colombia
            | Self::Kenya
            | Self::Singapore => &[
                ("+918040", 6),
                ("+912240", 6),
                ("+914440", 6),
                ("+911140", 6),
                ("+914040", 6),
            ],
        }
    }
}

/// A person's mobile number, E.164.
pub fn mobile(random: &mut Random, country: Country) -> String {
    compose(random, country.mobile())
}

/// A number that the company calls from, E.164.
pub fn line(random: &mut Random, country: Country) -> String {
    compose(random, country.line())
}

fn compose(random: &mut Random, beginnings: &[(&str, u32)]) -> String {
    let (beginning, digits) = *random.pick(beginnings);
    let rest = random.below(10_u64.pow(digits));
    let width = digits as usize;
    format!("{beginning}{rest:0width$}")
}

#[cfg(test)]
mod tests {
    use super::super::random::Stream;
    use super::*;

    #[test]
    fn every_number_is_valid_for_the_library() {
        let mut random = Random::of(3, Stream::Person, 0);
        for &country in Country::ALL {
            for _ in 0..400 {
                for number in [mobile(&mut random, country), line(&mut random, country)] {
                    let parsed: rlibphonenumber::PhoneNumber = number.parse().expect("parses");
                    assert!(parsed.is_valid(), "{country:?} {number}");
                }
            }
        }
    }
}
