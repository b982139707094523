//! Who issues which numbers: leading digits, lengths and the groupings on the card.
//!
//! Collected from what the schemes and their acquirers publish (ISO/IEC 7812 leaves the register itself closed).
//! Ranges are wide where cards are in use and narrow where a scheme has ended, because a wide range over an odd length
//! mostly catches other people's reference numbers.

/// Digits per group; a run without separators is a group of its own.
type Shape = &'static [usize];

const S12: [Shape; 2] = [&[12], &[4, 4, 4]];
const S13: [Shape; 3] = [&[13], &[4, 3, 3, 3], &[4, 4, 5]];
const S14: [Shape; 3] = [&[14], &[4, 6, 4], &[4, 4, 4, 2]];
const S15: [Shape; 3] = [&[15], &[4, 6, 5], &[4, 4, 4, 3]];
const S16: [Shape; 2] = [&[16], &[4, 4, 4, 4]];
const S17: [Shape; 2] = [&[17], &[4, 4, 4, 4, 1]];
const S18: [Shape; 2] = [&[18], &[4, 4, 4, 4, 2]];
const S19: [Shape; 2] = [&[19], &[4, 4, 4, 4, 3]];
/// Printed by `UnionPay` alone.
const UNIONPAY: [Shape; 1] = [&[6, 13]];

/// Lengths that any number can have.
#[cfg(test)]
const DIGITS: std::ops::RangeInclusive<usize> = 12..=super::DIGITS_MAX;

/// Every shape that a number can have.
pub(super) const SHAPES: [Shape; 20] = [
    S12[0],
    S12[1],
    S13[0],
    S13[1],
    S13[2],
    S14[0],
    S14[1],
    S14[2],
    S15[0],
    S15[1],
    S15[2],
    S16[0],
    S16[1],
    S17[0],
    S17[1],
    S18[0],
    S18[1],
    S19[0],
    S19[1],
    UNIONPAY[0],
];

/// Numbers that one scheme gives out.
struct Issue {
    /// First six digits, inclusive.
    leads: &'static [(u32, u32)],
    shapes: &'static [&'static [Shape]],
}

const ISSUES: [Issue; 12] = [
    // Visa; Elo and Dankort cards that share its range.
    Issue { leads: &[(400_000, 499_999)], shapes: &[&S16, &S19] },
    // Visa's first cards had 13 digits. 49 15x to 49 17x with 13 digits is a German mobile telephone.
    Issue { leads: &[(400_000, 491_499), (491_800, 499_999)], shapes: &[&S13] },
    // Mastercard, both series; Diners Club of North America.
    Issue { leads: &[(222_100, 272_099), (510_000, 559_999)], shapes: &[&S16] },
    // American Express.
    Issue { leads: &[(340_000, 349_999), (370_000, 379_999)], shapes: &[&S15] },
    // Diners Club and Discover's numbers for it; Hipercard's first series in 38.
    Issue {
        leads: &[(300_000, 305_999), (309_500, 309_599), (360_000, 369_999), (380_000, 399_999)],
        shapes: &[&S14, &S16, &S19],
    },
    // JCB, and its first series, which acquirers still test with.
    Issue { leads: &[(352_800, 358_999)], shapes: &[&S16, &S17, &S18, &S19] },
    Issue {
        leads: &[
            (308_800, 309_499),
            (309_600, 310_299),
            (311_200, 312_099),
            (315_800, 315_999),
            (333_700, 334_999),
        ],
        shapes: &[&S16],
    },
    Issue { leads: &[(180_000, 180_099), (213_100, 213_199)], shapes: &[&S15] },
    // UnionPay; RuPay and Discover's numbers in 81.
    Issue { leads: &[(620_000, 629_999), (810_000, 817_199)], shapes: &[&S16, &S17, &S18, &S19, &UNIONPAY] },
    // Mir.
    Issue { leads: &[(220_000, 220_499)], shapes: &[&S16, &S17, &S18, &S19] },
    // Maestro and the national schemes within its ranges: Discover, RuPay, Elo, Hipercard, Verve, Dankort, Bancontact,
    // InterPayment, Ukrcard; then RuPay's own, Troy, Humo and UzCard, Napas.
    Issue {
        leads: &[
            (500_000, 509_999),
            (560_000, 589_999),
            (600_000, 699_999),
            (817_200, 829_999),
            (860_000, 860_099),
            (970_400, 970_499),
            (979_200, 979_299),
            (986_000, 986_099),
        ],
        shapes: &[&S16, &S19],
    },
    // Odd lengths of Maestro, Verve and Bancontact: the ranges that were really given out.
    Issue {
        leads: &[
            (501_800, 501_899),
            (502_000, 502_099),
            (503_300, 503_399),
            (503_800, 503_899),
            (506_000, 506_199),
            (507_800, 507_999),
            (586_800, 586_899),
            (589_300, 589_399),
            (630_400, 630_499),
            (639_000, 639_099),
            (670_300, 670_399),
            (675_900, 675_999),
            (676_100, 676_399),
            (677_100, 677_199),
        ],
        shapes: &[&S12, &S13, &S14, &S15, &S17, &S18],
    },
];

/// Whether an issuer gives out numbers with the leading digits of `digits` in this shape.
pub(super) fn issues(digits: &[u8], shape: &[usize]) -> bool {
    let lead = digits.iter().take(6).fold(0, |lead, digit| lead * 10 + u32::from(*digit));
    ISSUES.iter().any(|issue| {
        issue.leads.iter().any(|(low, high)| (*low..=*high).contains(&lead))
            && issue.shapes.iter().any(|shapes| shapes.contains(&shape))
    })
}

#[cfg(test)]
mod tests {
    use super::{DIGITS, ISSUES, SHAPES, issues};

    #[test]
    fn the_table_is_well_formed() {
        for shape in SHAPES {
            assert!(DIGITS.contains(&shape.iter().sum()), "{shape:?}");
        }
        for issue in &ISSUES {
            for (low, high) in issue.leads {
                assert!((100_000..=999_999).contains(low) && low <= high && *high <= 999_999, "{low} {high}");
            }
            assert!(issue.shapes.iter().flat_map(|shapes| shapes.iter()).all(|shape| SHAPES.contains(shape)));
        }
    }

    #[test]
    fn timestamps_of_this_generation_have_no_issuer() {
        // Seconds to nanoseconds since 1970 begin with 1 until May 2033, and with 20 until the year 2039; dates as
        // digits begin with 19 or 20.
        for lead in ["1", "20"] {
            for shape in SHAPES.iter().filter(|shape| shape.len() == 1) {
                let digits: Vec<u8> =
                    lead.bytes().chain(std::iter::repeat(b'7')).take(shape[0]).map(|b| b - b'0').collect();
                assert!(!issues(&digits, shape), "{lead} {shape:?}");
            }
        }
    }
}
