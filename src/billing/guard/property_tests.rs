//! What holds for every text.

use proptest::prelude::*;

use super::{find, mask};

/// Pieces that a text is put together from, chosen to meet at awkward places.
fn piece() -> impl Strategy<Value = String> {
    let card = prop::sample::select(vec![
        "4111111111111111",
        "378282246310005",
        "30569309025904",
        "4222222222222",
        "6212345678900000003",
        "501800000009",
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "3782.822463.10005",
        "621234-5678900000003",
        "0000 0000 0000 0000",
    ]);
    let joint = prop::sample::select(vec![
        " ",
        "-",
        ".",
        "  ",
        "\u{a0}",
        "\u{200b}",
        "\u{20e3}",
        "\n",
        "+",
        "0.",
        "•",
        "[card •••• 1111]",
        "[code •••]",
        "cvv ",
        "12/27 ",
        "DE89 ",
        "DE89",
        "aaaaaaaaaaaaaaaa",
        "f",
    ]);
    prop_oneof![
        3 => card.prop_map(str::to_owned),
        4 => joint.prop_map(str::to_owned),
        3 => "[0-9]{1,6}",
        1 => "[0-9]{12,20}",
        1 => "([0-9]{4}[ -]){3,5}[0-9]{1,4}",
        1 => "[\u{ff10}-\u{ff19}\u{660}-\u{669}]{1,16}",
        1 => "\\PC{0,8}",
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(piece(), 0..14).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn masking_leaves_nothing_to_find(text in text()) {
        let once = mask(&text);
        prop_assert_eq!(find(&once.text).len(), 0, "{}", &once.text);
        let twice = mask(&once.text);
        prop_assert_eq!(twice.count + twice.codes, 0);
        prop_assert_eq!(twice.text, once.text);
    }

    #[test]
    fn the_rest_stays_as_it_was(text in text()) {
        let found = find(&text);
        let masked = mask(&text);
        prop_assert_eq!(masked.count, found.len());
        let mut expected = String::new();
        let mut done = 0;
        for found in &found {
            prop_assert!(done <= found.range.start && found.range.start < found.range.end);
            expected.push_str(text.get(done..found.range.start).unwrap());
            expected.push_str(&format!("[card •••• {}]", found.last_four));
            done = found.range.end;
        }
        expected.push_str(text.get(done..).unwrap());
        if masked.codes == 0 {
            prop_assert_eq!(masked.text, expected);
        } else {
            prop_assert!(!found.is_empty());
            let marks = |text: &str| text.matches("[code •••]").count();
            prop_assert_eq!(marks(&masked.text), masked.codes + marks(&text));
        }
    }

    #[test]
    fn a_planted_number_is_found(
        before in "[a-z ,.]{0,20}[a-z]",
        after in "([a-z][a-z ,.]{0,20})?",
        number in 0_u64..100_000_000_000_000,
    ) {
        let digits = format!("4{number:014}");
        let check = (0..10).map(|check| format!("{digits}{check}")).find(|whole| {
            super::luhn(&whole.bytes().map(|byte| byte - b'0').collect::<Vec<_>>())
        });
        let whole = check.unwrap();
        let is_found = find(&format!("{before} {whole} {after}")).len() == 1;
        prop_assert!(is_found);
    }
}

#[test]
fn hostile_text_costs_no_more_than_other_text() {
    // The longest ticket message, in an unoptimised build. Quadratic work would take minutes.
    const BYTES: usize = crate::base::limits::MESSAGE_BYTES_MAX;
    for unit in [
        "4",
        "4 ",
        "4111 ",
        "4111-1111 ",
        "\u{200b}4",
        "4\u{200b}",
        "4111111111111111 ",
        "+4222222222222 ",
        "0.4111111111111111 ",
        "a4111111111111111",
        "DE12 ",
        "DE89 3704 0044 ",
        "cvv ",
        "cvv 123 4111111111111111 ",
        "4111111111111111 12/27 ",
        "•",
    ] {
        let text = unit.repeat(BYTES / unit.len());
        let masked = mask(&text);
        assert!(find(&masked.text).is_empty(), "{unit:?}");
    }
}

#[test]
fn a_run_longer_than_any_card_is_none() {
    for length in 20..64 {
        assert!(find(&"4".repeat(length)).is_empty());
    }
    assert!(find(&format!("{}4111111111111111", "1".repeat(1000))).is_empty());
}
