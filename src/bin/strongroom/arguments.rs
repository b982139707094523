//! What can be typed, and what each command is.

use std::path::PathBuf;

use clap::{CommandFactory, Parser, Subcommand};

use crate::{
    account::Account,
    approval::Approval,
    attachment::Attachment,
    audit::Audit,
    backup::Backup,
    billing::Billing,
    call::{Call, Reach, Takes},
    case::Case,
    config::Config,
    demo, doctor,
    failed::{Exit, Failed},
    find::Find,
    globals::Globals,
    health,
    hold::Hold,
    import::Import,
    inbox,
    init::Init,
    key::Key,
    login::{self, Login},
    manual::{Completions, Man},
    outbox::Outbox,
    output::Output,
    own_session::OwnSessions,
    paged::Paged,
    policy::Policy,
    recover::Recover,
    relay,
    restore::Restore,
    room::Room,
    serve::Serve,
    staff::Staff,
    telephone::Telephone,
    ticket::Ticket,
    waiver::Waiver,
    work::Work,
};

/// An audit-logged secure account store: no member of staff sees a customer's data before it is on record
#[derive(Parser)]
#[command(name = "strongroom", version, disable_help_subcommand = true)]
pub struct Arguments {
    #[command(flatten)]
    pub globals: Globals,
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Subcommand)]
pub enum Command {
    /// Make a room, in a ceremony that appoints its first people
    Init(Init),
    /// Show what this program is for, in a room of its own with invented people
    Demo {
        /// Where to make that room; without it in `strongroom-demo`
        directory: Option<PathBuf>,
    },
    /// Look the room over, as an operator should now and then
    Doctor,
    /// Say whether the room does its work: ready, degraded or down, and why
    Health,
    /// Print the room's metrics, as a monitoring system reads them
    Metrics,
    /// What is set for this host and for the room, and by what
    #[command(subcommand)]
    Config(Config),
    /// People who work here: enrol, log in, appoint
    #[command(subcommand)]
    Staff(Staff),
    /// Customers' accounts
    #[command(subcommand)]
    Account(Account),
    /// Find accounts by words of a name, an address, an invoice or a reference (staff)
    Find(Find),
    /// Data of other systems
    #[command(subcommand)]
    Import(Import),
    /// Log in as a customer
    Login(Login),
    /// End a customer's session
    Logout,
    /// Where a customer is logged in
    #[command(subcommand)]
    Session(OwnSessions),
    /// Keys of a customer's programs
    #[command(subcommand)]
    Key(Key),
    /// Show what is one's own to do: tickets and cases, with when each is due
    Inbox(Paged),
    /// Work on a case: it stands for `--purpose` and `--case` until it is closed, or the session is over
    Work(Work),
    /// Take a customer's telephone call: a ticket, and whether the caller knows the account's name
    Call(Telephone),
    /// Customers' tickets
    #[command(subcommand)]
    Ticket(Ticket),
    /// Files attached to tickets
    #[command(subcommand)]
    Attachment(Attachment),
    /// Payments and invoices
    #[command(subcommand)]
    Billing(Billing),
    /// Cases of staff: why data is read where no ticket says so
    #[command(subcommand)]
    Case(Case),
    /// Holds: what is kept from being destroyed, whoever asks for its erasure
    #[command(subcommand)]
    Hold(Hold),
    /// What takes a second person: who asked for what, and who approves exactly that
    #[command(subcommand)]
    Approval(Approval),
    /// Rules that are out of force for a time: what a small team cannot keep
    #[command(subcommand)]
    Waiver(Waiver),
    /// The audit log: read it, verify it
    #[command(subcommand)]
    Audit(Audit),
    /// What was promised to customers, and whether the room keeps it
    #[command(subcommand)]
    Policy(Policy),
    /// What people and programs are to be told, until it is delivered
    #[command(subcommand)]
    Outbox(Outbox),
    /// Backups: the data in one directory, the keyring in another
    #[command(subcommand)]
    Backup(Backup),
    /// Appoint who administers access when nobody does any more, by the shares of the ceremony, while no process has the
    /// room open
    Recover(Recover),
    /// Put a room back from its backups, while no process has it open
    Restore(Restore),
    /// The room itself: its format, and the end of an alarm
    #[command(subcommand)]
    Room(Room),
    /// Serve a room at a socket, for everybody who may not read its files
    Serve(Serve),
    /// Carry a connection from standard input and output to the socket: what SSH runs for staff on other machines
    Relay,
    /// Print what makes a shell complete these commands
    Completions(Completions),
    /// Write the manual, a page for each command
    Man(Man),
}

impl Command {
    /// What it takes of the arguments for every command.
    pub const fn takes(&self) -> Takes {
        match self {
            Self::Init(_)
            | Self::Demo { .. }
            | Self::Health
            | Self::Metrics
            | Self::Config(_)
            | Self::Outbox(_)
            | Self::Backup(_)
            | Self::Recover(_)
            | Self::Restore(_)
            | Self::Import(_)
            | Self::Serve(_)
            | Self::Relay
            | Self::Completions(_)
            | Self::Man(_) => Takes::Nothing,
            Self::Login(_) | Self::Logout => Takes::Session,
            Self::Inbox(_) | Self::Work(_) | Self::Call(_) => Takes::Actor,
            Self::Doctor
            | Self::Find(_)
            | Self::Session(_)
            | Self::Key(_)
            | Self::Ticket(_)
            | Self::Attachment(_)
            | Self::Billing(_)
            | Self::Case(_)
            | Self::Hold(_)
            | Self::Approval(_)
            | Self::Waiver(_)
            | Self::Audit(_) => Takes::Actor,
            Self::Room(room) => room.takes(),
            Self::Staff(staff) => staff.takes(),
            Self::Account(account) => account.takes(),
            Self::Policy(policy) => policy.takes(),
        }
    }

    /// What it works on.
    pub const fn reach(&self) -> Reach {
        match self {
            Self::Init(_)
            | Self::Demo { .. }
            | Self::Config(_)
            | Self::Outbox(_)
            | Self::Backup(_)
            | Self::Recover(_)
            | Self::Restore(_)
            | Self::Import(_) => Reach::Files,
            Self::Room(room) => room.reach(),
            Self::Audit(audit) => audit.reach(),
            Self::Account(account) => account.reach(),
            Self::Serve(_) | Self::Relay => Reach::Listener,
            Self::Policy(Policy::Explain { .. }) | Self::Completions(_) | Self::Man(_) => Reach::Nothing,
            Self::Login(_)
            | Self::Logout
            | Self::Doctor
            | Self::Health
            | Self::Metrics
            | Self::Find(_)
            | Self::Session(_)
            | Self::Key(_)
            | Self::Ticket(_)
            | Self::Attachment(_)
            | Self::Billing(_)
            | Self::Case(_)
            | Self::Inbox(_)
            | Self::Work(_)
            | Self::Call(_)
            | Self::Hold(_)
            | Self::Approval(_)
            | Self::Waiver(_)
            | Self::Staff(_)
            | Self::Policy(_) => Reach::Room,
        }
    }

    /// Carries it out.
    ///
    /// # Errors
    /// Why it came to nothing.
    pub fn run(self, call: &Call, out: &mut Output) -> Result<Exit, Failed> {
        let done = match self {
            Self::Audit(audit) => return audit.run(call, out),
            Self::Hold(hold) => return hold.run(call, out),
            Self::Account(account) => return account.run(call, out),
            Self::Policy(policy) => return policy.run(call, out),
            Self::Doctor => return doctor::run(call, out),
            Self::Health => return health::health(call, out),
            Self::Import(import) => return import.run(call, out),
            Self::Outbox(outbox) => return outbox.run(call, out),
            Self::Metrics => health::metrics(call, out),
            Self::Config(config) => config.run(call, out),
            Self::Init(init) => init.run(call, out),
            Self::Demo { directory } => demo::run(directory, out),
            Self::Staff(staff) => staff.run(call, out),
            Self::Login(login) => login.run(call, out),
            Self::Logout => login::logout(call, out),
            Self::Find(find) => find.run(call, out),
            Self::Session(sessions) => sessions.run(call, out),
            Self::Key(key) => key.run(call, out),
            Self::Ticket(ticket) => ticket.run(call, out),
            Self::Inbox(paged) => inbox::run(&paged, call, out),
            Self::Work(work) => work.run(call, out),
            Self::Call(telephone) => telephone.run(call, out),
            Self::Attachment(attachment) => attachment.run(call, out),
            Self::Billing(billing) => billing.run(call, out),
            Self::Case(case) => case.run(call, out),
            Self::Approval(approval) => approval.run(call, out),
            Self::Waiver(waiver) => waiver.run(call, out),
            Self::Backup(backup) => backup.run(call, out),
            Self::Recover(recover) => recover.run(call, out),
            Self::Restore(restore) => restore.run(call, out),
            Self::Room(room) => room.run(call, out),
            Self::Relay => return relay::run(&call.reached(), call.client()),
            Self::Serve(_) => Err(Failed::usage("a room is served by a process of its own")),
            Self::Completions(completions) => completions.run(Arguments::command(), out),
            Self::Man(man) => man.run(Arguments::command(), out),
        };
        done.map(|()| Exit::Done)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::{Args, CommandFactory};

    use super::{Arguments, Globals};

    /// An argument of a command under the name of one for every command would be taken for it.
    #[test]
    fn no_command_has_an_argument_of_the_same_name_as_all() {
        fn walk(command: &clap::Command, taken: &BTreeSet<String>) {
            for under in command.get_subcommands() {
                for argument in under.get_arguments() {
                    assert!(!taken.contains(argument.get_id().as_str()), "{}: {argument}", under.get_name());
                }
                walk(under, taken);
            }
        }
        let globals = Globals::augment_args(clap::Command::new("globals"));
        let taken = globals.get_arguments().map(|argument| argument.get_id().to_string()).collect();
        let command = Arguments::command();
        command.clone().debug_assert();
        walk(&command, &taken);
    }
}
