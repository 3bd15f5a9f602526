//! Machines, as far as networks are concerned: namespaces, each joined to this process by a cable of its own. This process is the router
//! between them, which can lose what two of them send each other. Nobody outside is reached or changed, and the kernel clears all of it
//! away when the last process in it ends, however that happens.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use crate::process::run;

/// Where a program runs.
#[derive(Clone, Default)]
pub enum Place {
    #[default]
    Here,
    On(Arc<Machine>),
}

impl Place {
    /// Where what listens there is reached.
    pub fn address(&self) -> Ipv4Addr {
        match self {
            Self::Here => Ipv4Addr::LOCALHOST,
            Self::On(machine) => machine.address(),
        }
    }

    /// A program that starts there. It is the process itself that is started, so that signals reach it.
    pub fn command(&self, program: &Path) -> Command {
        match self {
            Self::Here => Command::new(program),
            Self::On(machine) => machine.command(program),
        }
    }
}

/// A network namespace. It is there as long as this value, or what runs in it.
pub struct Machine {
    /// Does nothing, and ends with this process.
    holder: Child,
    number: u8,
}

/// What the machines' addresses begin with. Nobody outside of the namespaces hears of them.
const NETWORK: [u8; 2] = [10, 79];

/// An address that moves from one machine to another.
pub const VIRTUAL: Ipv4Addr = Ipv4Addr::new(10, 79, 255, 1);

/// The networks of all machines.
pub const ALL: &str = "10.79.0.0/16";

impl Machine {
    /// The machine with this number. This process must be its [router](become_router).
    pub fn start(number: u8) -> Self {
        let mut holder = Command::new("unshare");
        holder.args(["--net", "sh", "-c", "ip link set lo up && echo up && exec cat"]);
        let mut holder = holder.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("unshare");
        let is_up = BufReader::new(holder.stdout.take().expect("its output")).lines().next();
        assert!(is_up.is_some(), "no network namespace");
        let machine = Self { holder, number };
        machine.connect();
        machine
    }

    fn connect(&self) {
        let (number, holder) = (self.number, self.holder.id());
        let (gateway, address) = (self.in_network(1), self.address());
        let cable = format!("machine{number}");
        ip(&format!("link add {cable} type veth peer name eth0 netns {holder}"));
        ip(&format!("address add {gateway}/24 dev {cable}"));
        ip(&format!("link set {cable} up"));
        for command in [
            format!("address add {address}/24 dev eth0"),
            "link set eth0 up".into(),
            format!("route add default via {gateway}"),
        ] {
            run(self.command(Path::new("ip")).args(command.split(' ')));
        }
    }

    /// Has the router send here what is for the [virtual address](VIRTUAL).
    pub fn take_virtual_address(&self) {
        let replace = format!("address replace {VIRTUAL}/32 dev lo");
        run(self.command(Path::new("ip")).args(replace.split(' ')));
        ip(&format!("route replace {VIRTUAL}/32 via {}", self.address()));
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new("nsenter");
        command.arg(format!("--net=/proc/{}/ns/net", self.holder.id()));
        // Whoever is left would keep the network.
        command.args(["setpriv", "--pdeathsig", "KILL"]).arg(program);
        command
    }

    fn address(&self) -> Ipv4Addr {
        self.in_network(2)
    }

    fn in_network(&self, host: u8) -> Ipv4Addr {
        let [a, b] = NETWORK;
        Ipv4Addr::new(a, b, self.number, host)
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

/// Makes this process the router between machines that are to be.
///
/// # Panics
///
/// Where it shares its network with others: `unshare --net --mount` starts it with its own.
pub fn become_router() {
    let interfaces = fs::read_to_string("/proc/self/net/dev").expect("the interfaces");
    let is_alone = interfaces.lines().skip(2).all(|line| line.trim_start().starts_with("lo:"));
    assert!(is_alone, "not in a network namespace of its own");
    ip("link set lo up");
    fs::write("/proc/sys/net/ipv4/ip_forward", "1").expect("a router");
}

/// From now on nothing that one of two sends arrives at the other, and neither is told.
#[must_use = "the network is whole again when this is dropped"]
pub struct Parted(Vec<String>);

impl Parted {
    pub fn from_each_other(one: Ipv4Addr, others: &[Ipv4Addr]) -> Self {
        let rules =
            others.iter().flat_map(|other| [format!("from {one} to {other}"), format!("from {other} to {one}")]);
        // Filled one by one: what was laid is taken up again, also where the next fails.
        let mut parted = Self(Vec::new());
        for rule in rules {
            ip(&format!("rule add {rule} blackhole"));
            parted.0.push(rule);
        }
        parted
    }
}

impl Drop for Parted {
    fn drop(&mut self) {
        for rule in &self.0 {
            ip(&format!("rule delete {rule} blackhole"));
        }
    }
}

fn ip(command: &str) {
    run(Command::new("ip").args(command.split(' ')));
}
