//! Every scheme's published test numbers are found: in every grouping, with every separator, in every script, anywhere.

use super::{Found, find, mask};

const NUMBERS: &str = include_str!("../../../tests/vectors/card_numbers.txt");

const SEPARATORS: [&str; 16] = [
    " ", "-", ".", "\u{a0}", "\u{2007}", "\u{2009}", "\u{202f}", "\u{3000}", "\t", "\u{2010}", "\u{2011}",
    "\u{2013}", "\u{2014}", "\u{2212}", "\u{ff0d}", " - ",
];

const FRAMES: [&str; 17] = [
    "#",
    " # ",
    "#.",
    "(#)",
    "\"#\"",
    "card:#",
    "card no #, exp 12/27",
    "Please charge # and not the other.",
    "my number is # 12/27",
    "1 # 1234567",
    "Visa#EUR",
    "<b>#</b>",
    "{\"pan\":\"#\"}",
    "pan=#&amount=12.00",
    "信用卡#谢谢",
    "\n#\n",
    "a\t#\tb",
];

/// Zeros of scripts in which people and keyboards write digits.
const ZEROS: [char; 7] = ['0', '\u{ff10}', '\u{660}', '\u{6f0}', '\u{966}', '\u{1d7ce}', '\u{1d7f6}'];

fn numbers() -> impl Iterator<Item = (&'static str, &'static str)> {
    NUMBERS.lines().filter(|line| !line.starts_with('#')).map(|line| line.split_once(' ').unwrap())
}

/// The groupings that the scheme's cards bear or its forms ask for.
fn groupings(scheme: &str, length: usize) -> Vec<Vec<usize>> {
    let fours = || (0..length).step_by(4).map(|at| (length - at).min(4)).collect();
    match (scheme, length) {
        ("amex" | "maestro", 15) => vec![vec![4, 6, 5], fours()],
        ("jcb", 15) => vec![vec![4, 6, 5]],
        ("diners", 14) => vec![vec![4, 6, 4], fours()],
        ("visa", 13) => vec![vec![4, 3, 3, 3]],
        ("unionpay", 19) => vec![vec![6, 13], fours()],
        _ => vec![fours()],
    }
}

fn grouped(number: &str, groups: &[usize], separator: &str) -> String {
    let mut rest = number;
    let parts: Vec<&str> = groups
        .iter()
        .map(|digits| {
            let (part, behind) = rest.split_at(*digits);
            rest = behind;
            part
        })
        .collect();
    parts.join(separator)
}

fn in_script(text: &str, zero: char) -> String {
    let fold = |c: char| c.to_digit(10).map_or(c, |digit| char::from_u32(u32::from(zero) + digit).unwrap());
    text.chars().map(fold).collect()
}

/// Finds exactly the written number in the frame.
fn assert_found(frame: &str, written: &str, number: &str) {
    let text = frame.replace('#', written);
    let at = frame.find('#').unwrap();
    let [Found { range, last_four }] = &find(&text)[..] else { panic!("not found once: {text:?}") };
    assert_eq!(*range, at..at + written.len(), "{text:?}");
    assert_eq!(last_four.to_string(), number[number.len() - 4..], "{text:?}");
    assert_eq!(mask(&text).text, frame.replace('#', &format!("[card •••• {last_four}]")));
}

#[test]
fn every_test_number_is_found_in_every_grouping() {
    let mut schemes = std::collections::BTreeSet::new();
    for (scheme, number) in numbers() {
        schemes.insert(scheme);
        for frame in FRAMES {
            assert_found(frame, number, number);
            for groups in groupings(scheme, number.len()) {
                for separator in SEPARATORS {
                    assert_found(frame, &grouped(number, &groups, separator), number);
                }
            }
        }
    }
    assert!(schemes.len() >= 12, "the vectors are there: {schemes:?}");
}

#[test]
fn every_test_number_is_found_in_every_script() {
    for (scheme, number) in numbers() {
        for zero in ZEROS {
            assert_found("(#)", &in_script(number, zero), number);
            for groups in groupings(scheme, number.len()) {
                assert_found("(#)", &in_script(&grouped(number, &groups, "-"), zero), number);
            }
        }
    }
}

#[test]
fn a_wrong_digit_is_no_card_number() {
    for (_, number) in numbers() {
        for at in 0..number.len() {
            let digit = number.as_bytes()[at] - b'0';
            let changed = format!("{}{}{}", &number[..at], (digit + 1) % 10, &number[at + 1..]);
            assert!(find(&changed).is_empty(), "{changed}");
        }
    }
}

#[test]
fn all_numbers_at_once() {
    let text: Vec<&str> = numbers().map(|(_, number)| number).collect();
    assert_eq!(find(&text.join(", ")).len(), text.len());
    assert_eq!(find(&text.join("\n")).len(), text.len());
    assert_eq!(mask(&text.join(" ")).count, text.len());
}
