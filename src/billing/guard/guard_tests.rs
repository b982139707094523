//! What counts as a card number, and what is put in its place.

use super::{find, luhn, mask, refuse};

fn masked(text: &str) -> String {
    mask(text).text
}

#[test]
fn numbers_are_masked_where_they_stand() {
    for (text, expected) in [
        ("4111111111111111", "[card •••• 1111]"),
        ("pay with 4111 1111 1111 1111.", "pay with [card •••• 1111]."),
        ("4111 1111 1111 1111 12/27", "[card •••• 1111] 12/27"),
        ("2 cards 4111-1111-1111-1111,378282246310005", "2 cards [card •••• 1111],[card •••• 0005]"),
        ("1 4111 1111 1111 1111 2", "1 [card •••• 1111] 2"),
        ("№4242424242424242!", "№[card •••• 4242]!"),
        ("x4242424242424242y", "x[card •••• 4242]y"),
        ("名前4242424242424242様", "名前[card •••• 4242]様"),
        ("3782 822463 10005", "[card •••• 0005]"),
        ("3782 8224 6310 005", "[card •••• 0005]"),
        ("621234 5678900000003", "[card •••• 0003]"),
    ] {
        assert_eq!(masked(text), expected);
    }
}

#[test]
fn digits_of_every_script_and_every_like_separator_count() {
    for text in [
        "４１１１１１１１１１１１１１１１",
        "٤١١١ ١١١١ ١١١١ ١١١١",
        "𝟒𝟏𝟏𝟏-𝟏𝟏𝟏𝟏-𝟏𝟏𝟏𝟏-𝟏𝟏𝟏𝟏",
        "4111\u{a0}1111\u{2009}1111\u{3000}1111",
        "4111‐1111–1111−1111",
        "4111．1111·1111.1111",
        "4111ー1111ー1111ー1111",
        "4111 - 1111 - 1111 - 1111",
        "4111  1111  1111  1111",
        "4111\u{200b}1111\u{ad}1111\u{2060}1111",
        "4️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣",
    ] {
        assert_eq!(find(text).len(), 1, "{text}");
        assert_eq!(find(text)[0].last_four.to_string(), "1111", "{text}");
    }
}

#[test]
fn a_candidate_has_one_grouping_one_separator_and_its_bounds() {
    for text in [
        "4111111111111112",
        "41111111111111111",
        "04111111111111111",
        "4111 1111-1111 1111",
        "4111 1111 1111  1111",
        "411 11111 1111 1111",
        "41111111 11111111",
        "4111:1111:1111:1111",
        "4111\n1111\n1111\n1111",
        "4111a1111a1111a1111",
        "3782 8224 6310 0 05",
        "1111111111111117",
        "¹⁶ 411111111111",
        "[card •••• 1111]",
    ] {
        assert_eq!(masked(text), text);
        assert_eq!(refuse(text), Ok(()));
    }
}

#[test]
fn numbers_that_overlap_are_masked_whole() {
    // Two windows of one chain, both valid: the middle groups belong to either.
    let text = "4111 1111 1111 1111 4111 1111 1111 1111";
    let found = find(text);
    assert_eq!(found.first().map(|f| f.range.start), Some(0));
    assert_eq!(found.last().map(|f| f.range.end), Some(text.len()));
    assert!(!masked(text).contains("4111"));
    let chain = "4000 0000 0000 0002 0000 0000 0000";
    assert!(!masked(chain).starts_with("4000"));
}

#[test]
fn one_card_ends_the_benefit_of_the_doubt() {
    let innocent = "call +4930123456786 or 0.4111111111111111";
    assert_eq!(masked(innocent), innocent);
    assert_eq!(
        masked(&format!("{innocent} 5555555555554444")),
        "call +[card •••• 6786] or 0.[card •••• 1111] [card •••• 4444]"
    );
}

#[test]
fn luhn_counts_from_the_right() {
    assert!(luhn(&[7, 9, 9, 2, 7, 3, 9, 8, 7, 1, 3]));
    assert!(!luhn(&[7, 9, 9, 2, 7, 3, 9, 8, 7, 1, 0]));
    assert!(luhn(&[0]) && luhn(&[]));
}
