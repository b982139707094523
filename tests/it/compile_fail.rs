//! What must not compile: each file under `tests/ui/` is a program against the public face, and beside it stands what
//! the compiler answers. After a change of wording, `TRYBUILD=overwrite cargo test compile_fail` writes the answers
//! anew; read each before it is committed, because a program that fails for another reason proves nothing.

#[test]
fn what_must_not_compile_does_not() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/evidence/*.rs");
    cases.compile_fail("tests/ui/floors/*.rs");
}
