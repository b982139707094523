//! Cards: the two views, and the frozen stored form.

use proptest::prelude::*;

use super::{BadCard, Brand, Expiry, LastFour, MaskedCard};

fn card(brand: Brand, last_four: &str, expiry: Option<&str>) -> MaskedCard {
    MaskedCard::new(
        brand,
        LastFour::parse(last_four).ok().unwrap(),
        expiry.map(|e| Expiry::parse(e).ok().unwrap()),
    )
}

#[test]
fn the_two_views() {
    let visa = card(Brand::Visa, "4242", Some("12/27"));
    assert_eq!(visa.masked().to_string(), "Visa •••• 4242");
    assert_eq!(visa.clear().to_string(), "Visa •••• 4242 12/27");
    let debit = card(Brand::UnionPay, "0005", None);
    assert_eq!(debit.clear().to_string(), "UnionPay •••• 0005");
    assert_eq!(Expiry::parse("01/2030").ok().unwrap().to_string(), "01/30");
}

#[test]
fn the_stored_form_is_frozen() {
    assert_eq!(card(Brand::Visa, "4242", Some("12/27")).to_bytes(), *b"\x01\x014242\x0c\x1b");
    assert_eq!(card(Brand::Other, "0000", None).to_bytes(), *b"\x01\xff0000\0\0");
    for refused in [
        &b""[..],
        b"\x01\x014242\x0c",
        b"\x01\x014242\x0c\x1b\0",
        b"\x02\x014242\x0c\x1b",
        b"\x01\x004242\x0c\x1b",
        b"\x01\x01424a\x0c\x1b",
        b"\x01\x014242\x0d\x1b",
        b"\x01\x014242\x00\x1b",
        b"\x01\x014242\x0c\x64",
    ] {
        assert!(MaskedCard::from_bytes(refused).is_err(), "{refused:?}");
    }
}

#[test]
fn a_whole_number_fits_no_field() {
    for pasted in ["4111111111111111", "4111 1111 1111 1111", "411", "41111", "\u{664}\u{662}", "abcd", ""] {
        assert_eq!(LastFour::parse(pasted).err(), Some(BadCard::NotLastFour), "{pasted:?}");
        assert_eq!(Brand::from_name(pasted), Err(BadCard::UnknownBrand), "{pasted:?}");
        assert_eq!(Expiry::parse(pasted).err(), Some(BadCard::NotAnExpiry), "{pasted:?}");
    }
    for refused in ["00/27", "13/27", "1/27", "12/1999", "12/2100", "12/271", "12/", "/27", "+1/27", "12-27"]
    {
        assert_eq!(Expiry::parse(refused).err(), Some(BadCard::NotAnExpiry), "{refused:?}");
    }
}

#[test]
fn brands_are_known_by_number_and_name() {
    for brand in Brand::ALL {
        assert_eq!(Brand::from_number(brand.number()), Some(brand));
        assert_eq!(Brand::from_name(brand.name()), Ok(brand));
    }
    assert_eq!(Brand::from_name("AMERICAN_EXPRESS"), Ok(Brand::Amex));
    assert_eq!(Brand::from_name("amex"), Ok(Brand::Amex));
    assert_eq!(Brand::from_number(0), None);
}

proptest! {
    #[test]
    fn one_card_has_one_form(
        bytes in prop::array::uniform8(prop_oneof![any::<u8>(), 0_u8..16, b'0'..=b'9']),
    ) {
        if let Ok(card) = MaskedCard::from_bytes(&bytes) {
            prop_assert_eq!(card.to_bytes(), bytes);
        }
    }

    #[test]
    fn every_card_comes_back(
        brand in prop::sample::select(Brand::ALL.to_vec()),
        last in 0_u16..10_000,
        month in 1_u8..13,
        year in 2000_u16..2100,
    ) {
        let expiry = Expiry::new(month, year).ok();
        let card = MaskedCard::new(brand, LastFour::parse(&format!("{last:04}")).ok().unwrap(), expiry);
        let back = MaskedCard::from_bytes(&card.to_bytes()).ok().unwrap();
        prop_assert_eq!(back.clear().to_string(), card.clear().to_string());
    }
}
