//! What commands answer to programs has a schema, one file for each form in docs/schemas, and every answer that a test
//! reads is held against its own.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::{Value, json};

use crate::source::{self, Kind};

const DIRECTORY: &str = "docs/schemas";
/// What the others refer to.
const VALUES: &str = "values.json";
/// Where the files are for a validator: nobody asks there.
const BASE: &str = "https://strongroom.invalid/schemas/";
/// Its other keys go by the kind of line.
const OPEN: [&str; 1] = ["demo"];
/// No answer: the form of a session file, which FORMAT.md has.
const FILES: [&str; 1] = ["session"];

/// The files of schemas, by their names.
fn files() -> BTreeMap<String, Value> {
    let paths = source::files(DIRECTORY);
    let name = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    paths.iter().map(|path| (name(path), serde_json::from_str(&source::read(path)).unwrap())).collect()
}

/// The schema as tests hold it: a key that it does not name is a fault. Programs must bear one, for keys are added.
fn closed(schema: &mut Value) {
    match schema {
        Value::Object(keys) => {
            keys.values_mut().for_each(closed);
            if keys.contains_key("properties") {
                keys.insert("additionalProperties".to_owned(), false.into());
            }
        }
        Value::Array(parts) => parts.iter_mut().for_each(closed),
        _ => {}
    }
}

fn compiled() -> &'static (Schemas, BTreeMap<String, SchemaIndex>) {
    static COMPILED: OnceLock<(Schemas, BTreeMap<String, SchemaIndex>)> = OnceLock::new();
    COMPILED.get_or_init(|| {
        let (mut schemas, mut compiler, mut indexes) = (Schemas::new(), Compiler::new(), BTreeMap::new());
        let files = files();
        for (name, schema) in &files {
            let mut schema = schema.clone();
            if !OPEN.iter().any(|open| *name == format!("{open}.json")) {
                closed(&mut schema);
            }
            compiler.add_resource(&format!("{BASE}{name}"), schema).unwrap();
        }
        for (name, schema) in files.iter().filter(|(name, _)| *name != VALUES) {
            let index = compiler.compile(&format!("{BASE}{name}"), &mut schemas).unwrap();
            indexes.insert(schema["title"].as_str().unwrap().to_owned(), index);
        }
        (schemas, indexes)
    })
}

/// What is wrong with an answer, by its own schema.
fn faults(answer: &Value) -> Option<String> {
    let name = answer["schema"].as_str()?;
    let (schemas, indexes) = compiled();
    let Some(index) = indexes.get(name) else { return Some(format!("there is no schema `{name}`")) };
    schemas.validate(answer, *index).err().map(|e| format!("{e}\n{answer}"))
}

/// Holds each answer in a command's output against its schema.
pub fn hold(output: &str) {
    for line in output.lines() {
        let Ok(answer) = serde_json::from_str::<Value>(line) else { continue };
        if let Some(fault) = faults(&answer) {
            panic!("{fault}");
        }
    }
}

/// The names under which the program answers: each written out where it answers.
fn answered() -> BTreeSet<String> {
    let mut names: BTreeSet<String> = BTreeSet::new();
    for file in source::rust_files("src/bin/strongroom") {
        for (at, token) in file.product() {
            let behind = |words: &[&str]| at >= words.len() && file.has(at - words.len(), words);
            let says = ["json", "result", "tell"].map(|name| behind(&[".", name, "("]));
            let is_answer = says.contains(&true) || behind(&["written", "("]) || behind(&["came", "("]);
            let whole = token.text.strip_prefix("strongroom.").and_then(|rest| rest.strip_suffix("/1"));
            let name = whole.filter(|name| !name.contains('{')).or(is_answer.then_some(token.text.as_str()));
            names.extend(name.filter(|_| token.kind == Kind::Text).map(str::to_owned));
        }
    }
    names
}

#[test]
fn every_answer_has_a_schema_and_no_schema_is_of_none() {
    let files = files();
    for (name, schema) in files.iter().filter(|(name, _)| *name != VALUES) {
        let form = format!("strongroom.{}/1", name.strip_suffix(".json").unwrap());
        assert_eq!(
            (&schema["title"], &schema["properties"]["schema"]["const"]),
            (&json!(form), &json!(form))
        );
        assert_eq!(schema["required"][0], "schema", "{name}");
    }
    let written: BTreeSet<_> = files.keys().filter(|name| *name != VALUES).cloned().collect();
    let answered: BTreeSet<_> = answered()
        .iter()
        .filter(|name| !FILES.contains(&name.as_str()))
        .map(|name| format!("{name}.json"))
        .collect();
    let missing: Vec<_> = answered.difference(&written).collect();
    assert!(missing.is_empty(), "without a schema in {DIRECTORY}: {missing:?}");
    let idle: Vec<_> = written.difference(&answered).collect();
    assert!(idle.is_empty(), "of no answer: {idle:?}");
}

#[test]
fn what_a_schema_does_not_say_is_found() {
    let good = json!({"schema": "strongroom.staff.disable/1", "principal": "AAAAAAAAAAAAAAAAAAAAAA"});
    assert_eq!(faults(&good), None);
    for (key, value) in [
        ("principal", json!("jane@customer.example")),
        ("principal", json!(7)),
        ("handle", json!("sam")),
        ("schema", json!("strongroom.staff.enable/1")),
    ] {
        let mut bad = good.clone();
        bad[key] = value;
        assert!(faults(&bad).is_some(), "{bad}");
    }
    assert!(faults(&json!({"schema": "strongroom.staff.disable/1"})).is_some());
}
