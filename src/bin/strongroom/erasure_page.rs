//! What an erasure would do, and what it did, as pages.

use serde_json::{Value, json};
use strongroom::room::{
    AccountId, Class, Destroyed, ErasureReceipt, Fate, HORIZON, HoldId, Line, OPEN_FACTS, Plan,
};

use crate::{failed::Exit, output::Output, shown, table::Table};

/// Shows what would go and what would stay.
pub fn plan(account: AccountId, plan: &Plan, out: &mut Output) {
    if out.is_json() {
        let lines: Vec<_> = plan.lines().iter().map(line).collect();
        out.json("account.erase.plan", json!({"account": account.to_string(), "plan": lines}));
        return;
    }
    let mut table = Table::new(["class", "what becomes of it"]);
    for line in plan.lines() {
        let stays = if line.fate == Fate::Destroy { "" } else { "stays: " };
        table.row([part(line.class, line.year), format!("{stays}{}", fate(line.fate))]);
    }
    out.line(table);
    out.note("nothing was erased: this is what would be");
}

/// Shows the receipt; what is not at its end ends with its own code.
pub fn receipt(receipt: &ErasureReceipt, out: &mut Output) -> Exit {
    if out.is_json() {
        out.json("account.erase", value(receipt));
    } else {
        printed(receipt, out);
    }
    outcome(receipt, out)
}

/// Shows what the release of a hold set free, behind what it says of the hold itself.
pub fn released(hold: HoldId, receipt: Option<&ErasureReceipt>, out: &mut Output) -> Exit {
    let erasure = receipt.map(value);
    out.result(
        "hold.release",
        json!({"hold": hold.to_string(), "erasure": erasure}),
        format_args!("released hold {hold}"),
    );
    let Some(receipt) = receipt else { return Exit::Done };
    if !out.is_json() {
        out.line("");
        printed(receipt, out);
    }
    outcome(receipt, out)
}

fn outcome(receipt: &ErasureReceipt, out: &mut Output) -> Exit {
    for left in &receipt.probe.left {
        out.warn(format_args!("not gone: {left}"), "keep the room as it is, and find out why");
    }
    if !receipt.probe.left.is_empty() {
        return Exit::Integrity;
    }
    if receipt.is_deferred() {
        out.warn("a hold keeps a part of it", "what it keeps goes when the hold is released");
    }
    if !receipt.log_emptied {
        out.warn(
            "somebody was reading: older pages of the store are left for a while",
            "they hold nothing that opens; they go with the next reading that ends",
        );
    }
    if receipt.is_deferred() || !receipt.log_emptied { Exit::Incomplete } else { Exit::Done }
}

fn printed(receipt: &ErasureReceipt, out: &mut Output) {
    out.line(format_args!("erased account {}", receipt.account));
    out.line("");
    let mut table = Table::new(["destroyed", "keys", "rows", "files"]);
    for gone in &receipt.destroyed {
        let Destroyed { class, year, keys, rows, blobs, bytes } = *gone;
        let files = if blobs == 0 { "–".to_owned() } else { format!("{blobs}, {}", shown::bytes(bytes)) };
        table.row([part(class, year), keys.to_string(), rows.to_string(), files]);
    }
    out.line(table);
    out.line(format_args!("indexes by which it was found: {}", receipt.indexes));
    out.line("");
    let mut table = Table::new(["kept", "why"]);
    for line in &receipt.kept {
        table.row([part(line.class, line.year), fate(line.fate)]);
    }
    out.line(table);
    out.line("");
    out.line("open facts that remain:");
    for fact in OPEN_FACTS {
        out.line(format_args!("  {fact}"));
    }
    out.line("");
    out.line(format_args!("backups  {HORIZON}"));
    let looked = shown::count(receipt.probe.looked as u64, "place", "places");
    out.line(format_args!("probe    {looked} looked at, {} not gone", receipt.probe.left.len()));
    out.line(format_args!(
        "entries  {} begun, {} done; the keyring's epoch is {}",
        receipt.begun, receipt.done, receipt.epoch
    ));
    if let Some(request) = receipt.request {
        out.line(format_args!("request  {request}"));
    }
}

fn value(receipt: &ErasureReceipt) -> Value {
    let gone = |gone: &Destroyed| {
        let Destroyed { class, year, keys, rows, blobs, bytes } = gone;
        json!({"class": class.name(), "year": year, "keys": keys, "rows": rows, "blobs": blobs, "bytes": bytes})
    };
    json!({
        "account": receipt.account.to_string(),
        "begun": receipt.begun,
        "done": receipt.done,
        "request": receipt.request.map(|request| request.to_string()),
        "epoch": receipt.epoch,
        "indexes": receipt.indexes,
        "destroyed": receipt.destroyed.iter().map(gone).collect::<Vec<_>>(),
        "kept": receipt.kept.iter().map(line).collect::<Vec<_>>(),
        "deferred": receipt.is_deferred(),
        "log_emptied": receipt.log_emptied,
        "open_facts": OPEN_FACTS,
        "horizon_days": Value::Null,
        "horizon": HORIZON,
        "probe": {
            "looked": receipt.probe.looked,
            "left": receipt.probe.left.iter().map(ToString::to_string).collect::<Vec<_>>(),
        },
    })
}

fn part(class: Class, year: Option<u32>) -> String {
    year.map_or_else(|| class.name().to_owned(), |year| format!("{} {year}", class.name()))
}

fn fate(fate: Fate) -> String {
    match fate {
        Fate::Destroy => "goes".to_owned(),
        Fate::Keep { clause, until: Some(until) } => format!("{clause}, until {}", shown::time(until)),
        Fate::Keep { clause, until: None } => clause.to_string(),
        Fate::Held(held) => format!("hold {}, review {}", held.hold, shown::time(held.review)),
    }
}

fn line(line: &Line) -> Value {
    let (fate, clause, until, hold) = match line.fate {
        Fate::Destroy => ("destroy", None, None, None),
        Fate::Keep { clause, until } => ("keep", Some(clause.id()), until, None),
        Fate::Held(held) => ("held", None, Some(held.review), Some(held.hold.to_string())),
    };
    json!({
        "class": line.class.name(),
        "year": line.year,
        "fate": fate,
        "clause": clause,
        "until": until.map(|until| until.to_string()),
        "hold": hold,
    })
}
