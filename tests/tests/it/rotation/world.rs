//! The small world: one session's row, two nodes, an honest cookie jar with two tabs, a thief, a network that loses, delays and
//! reorders, a clock, a replica that lags.
//!
//! Generations are told relative to the row's, and times relative to now, so that the world stays small while the histories in
//! it have any length: whatever is older than [`STALE`] behaves as [`STALE`] does, and all times past the grace are alike.
//! Everything between two statements is a step of its own, and each step may be the last one of its request or its node.

use std::time::Duration;

use session_runtime::rotation::{Decision, RotationRule, RotationState};
use session_runtime::{Generation, Recovery, Timestamp};

pub(crate) const GRACE: Duration = Duration::from_secs(30);
const NOW: Timestamp = Timestamp::from_secs(1_000_000);
const CURRENT: i8 = 0;
/// Two generations back is past all grace, and stays so; unless the database may lose one more rotation.
const STALE: i8 = -2;
const STALE_FOR_THE_REPLICA: i8 = -3;

/// Ages of a rotation: just now, the grace's last instant, the first instant after it.
const LAST_OF_GRACE: u8 = 1;
const PAST_GRACE: u8 = 2;

/// Where the world knows of the current generation's use: written, noted by a node, on its way from there, or nowhere any more.
const WRITTEN: u8 = 1;
const FORGOTTEN: u8 = 32;
const fn noted(node: usize) -> u8 {
    2 << node
}
const fn taken(node: usize) -> u8 {
    8 << node
}

pub(crate) type Decide = fn(&RotationState, Generation, Timestamp, &RotationRule) -> Decision;

/// Which rule is explored, against what.
#[derive(Clone, Copy)]
pub(crate) struct World {
    pub(crate) decide: Decide,
    pub(crate) rule: RotationRule,
    /// What the desk or the store does wrong, to see whether it is noticed.
    pub(crate) flaw: Option<Flaw>,
    pub(crate) network: Network,
    /// How many refreshes the honest jar has under way at once.
    pub(crate) tabs: usize,
    /// How many refreshes anybody has under way at once.
    pub(crate) under_way: usize,
    /// Whether other things happen while a node writes its notes.
    pub(crate) slow_notes: bool,
    pub(crate) thief: bool,
    /// What is to be held against the second of two parties.
    pub(crate) uses: Uses,
    /// Whether the user signs out, and the session's time runs out.
    pub(crate) ends: bool,
    pub(crate) time_passes: bool,
    /// How often the database falls back to a state that it had before.
    pub(crate) failovers: u8,
}

/// What the network may do to the honest client's messages. They may always be lost.
#[derive(Clone, Copy)]
pub(crate) struct Network {
    pub(crate) requests: Requests,
    /// A response does not overtake a newer one on its way into the jar.
    pub(crate) responses_in_order: bool,
    /// The jar itself is refreshed while what it holds is fresh.
    pub(crate) jar_stays_fresh: bool,
}

/// How late a request may be decided.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Requests {
    /// While its token is [`fresh`](State::is_fresh).
    WhileFresh,
    /// Before the rotation after the one that it asks for.
    NotOvertaken,
    Whenever,
}

impl Network {
    pub(crate) const IN_TIME: Self =
        Self { requests: Requests::WhileFresh, responses_in_order: true, jar_stays_fresh: false };
    pub(crate) const ANY: Self =
        Self { requests: Requests::Whenever, responses_in_order: false, jar_stays_fresh: false };
}

/// Which uses of the current generation count against one who comes with the previous one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Uses {
    /// Those that are written, or that the deciding node noted itself.
    KnownToTheNode,
    /// Also those that another node noted and has not written yet.
    KnownAnywhere,
    /// Also those that a node noted and took with it when it crashed.
    EvenForgotten,
}

/// What the desk or the store could do wrong around the rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    SwapComparesNothing,
    SavesBringRowsBack,
    NotesConfirmAnyGeneration,
    RotationKeepsConfirmed,
    NotesKeepTheOldest,
    OwnNotesAreIgnored,
    OwnNotesAreReadAfterTheRow,
    NotesAreTakenBeforeTheyAreWritten,
}

/// The promises, in the order of the design.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Promise {
    HonestStaySignedIn,
    ReuseIsCaught,
    OneLiveGeneration,
    RevokedStaysRevoked,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Party {
    Honest,
    Thief,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// A refresh leaves with the token that the party holds.
    Send(Party),
    /// A node takes the request in and looks at its own notes.
    Begin {
        slot: usize,
        node: usize,
    },
    /// It reads the row.
    Read {
        slot: usize,
    },
    /// The rule decides.
    Decide {
        slot: usize,
    },
    /// The statement that the decision asks for.
    Commit {
        slot: usize,
    },
    /// The answer arrives.
    Deliver {
        slot: usize,
    },
    /// The request or its answer is lost for good, or its handler dropped.
    Lose {
        slot: usize,
    },
    /// An access token is verified, which the node notes.
    Use {
        party: Party,
        node: usize,
    },
    /// A node starts to write its notes.
    Take {
        node: usize,
    },
    /// The notes' statement.
    Write {
        node: usize,
    },
    /// A node ends, with what it had under way.
    Crash {
        node: usize,
    },
    /// Time passes: within the grace, then past it.
    Tick,
    Steal,
    SignOut,
    Expire,
    Replicate,
    FailOver,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Row {
    generation: i8,
    confirmed: bool,
    age: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Stage {
    Sent,
    Begun { node: usize, seen: Option<i8> },
    Read { node: usize, row: Row },
    Swap { node: usize, expected: i8, next: i8, age: u8 },
    Revoke { node: usize },
    Answered { generation: i8 },
    Refused,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Request {
    by: Party,
    token: i8,
    stage: Stage,
    /// The promise that an answer with tokens would break.
    forbids: Option<Promise>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Node {
    noted: Option<i8>,
    /// What is on its way into the database.
    taken: Option<i8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct State {
    row: Option<Row>,
    replica: Option<Row>,
    jar: i8,
    thief: Option<i8>,
    requests: [Option<Request>; 3],
    nodes: [Node; 2],
    /// Where it is known that the current generation was used.
    used: u8,
    over: bool,
    failovers: u8,
}

impl State {
    pub(crate) fn is_signed_in(&self) -> bool {
        self.row.is_some()
    }

    pub(crate) fn parties_share_a_generation(&self) -> bool {
        self.row.is_some() && self.jar == CURRENT && self.thief == Some(CURRENT)
    }

    /// Whether no rule may hold this token against who presents it: it is the current one, or the one before, while the grace
    /// lasts or nothing shows that the current one was received.
    fn is_fresh(&self, token: i8) -> bool {
        let row_age = self.row.map_or(PAST_GRACE, |row| row.age);
        token >= CURRENT || (token == CURRENT - 1 && (row_age <= LAST_OF_GRACE || self.used & !FORGOTTEN == 0))
    }

    /// Honest tokens whose fate is not decided yet.
    fn undecided(&self) -> impl Iterator<Item = &Request> {
        let requests = self.requests.iter().flatten();
        requests.filter(|request| {
            let undecided =
                matches!(request.stage, Stage::Sent | Stage::Begun { .. } | Stage::Read { .. } | Stage::Swap { .. });
            undecided && request.by == Party::Honest
        })
    }

    fn has_requests_in_time(&self, requests: Requests) -> bool {
        self.undecided().all(|request| match requests {
            Requests::WhileFresh => self.is_fresh(request.token),
            Requests::NotOvertaken => request.token >= CURRENT - 1,
            Requests::Whenever => true,
        })
    }

    fn held(&self, party: Party) -> Option<i8> {
        match party {
            Party::Honest => Some(self.jar),
            Party::Thief => self.thief,
        }
    }
}

impl World {
    pub(crate) fn start(&self) -> State {
        let row = Some(Row { generation: CURRENT, confirmed: false, age: 0 });
        State {
            row,
            replica: row.filter(|_| self.failovers > 0),
            jar: CURRENT,
            thief: None,
            requests: [None; 3],
            nodes: [Node::default(); 2],
            used: 0,
            over: false,
            failovers: self.failovers,
        }
    }

    pub(crate) fn events(&self) -> Vec<Event> {
        use Event::*;
        let mut events =
            vec![Send(Party::Honest), Send(Party::Thief), Tick, Steal, SignOut, Expire, Replicate, FailOver];
        for slot in 0..3 {
            events.extend([Read { slot }, Decide { slot }, Commit { slot }, Deliver { slot }, Lose { slot }]);
        }
        for node in 0..2 {
            events.extend((0..3).map(|slot| Begin { slot, node }));
            events.extend([Party::Honest, Party::Thief].map(|party| Use { party, node }));
            events.extend([Take { node }, Write { node }, Crash { node }]);
        }
        events
    }

    /// What the event makes of the state; nothing, where it cannot happen now.
    pub(crate) fn apply(&self, before: &State, event: Event) -> Option<Result<State, Promise>> {
        let mut after = *before;
        match self.happen(&mut after, event) {
            Err(broken) => return Some(Err(broken)),
            Ok(false) => return None,
            Ok(true) => {}
        }
        after.rebase();
        if !self.may_happen(before, &after, event) {
            return None;
        }
        Some(self.check(before, &after).map(|()| after))
    }

    fn happen(&self, state: &mut State, event: Event) -> Result<bool, Promise> {
        match event {
            Event::Send(party) => Ok(self.send(state, party)),
            Event::Begin { slot, node } => Ok(self.begin(state, slot, node)),
            Event::Read { slot } => Ok(read(state, slot)),
            Event::Decide { slot } => self.decided(state, slot),
            Event::Commit { slot } => self.commit(state, slot),
            Event::Deliver { slot } => Ok(self.deliver(state, slot)),
            Event::Lose { slot } => Ok(state.requests[slot].take().is_some()),
            Event::Use { party, node } => Ok(self.verify(state, party, node)),
            Event::Take { node } => Ok(self.take(state, node)),
            Event::Write { node } => Ok(self.write(state, node)),
            Event::Crash { node } => Ok(self.crash(state, node)),
            Event::Tick => Ok(self.time_passes && tick(state)),
            Event::Steal => Ok(self.steal(state)),
            Event::SignOut => Ok(self.ends && state.row.take().is_some()),
            Event::Expire => Ok(self.ends && !std::mem::replace(&mut state.over, true)),
            Event::Replicate => Ok(self.replicate(state)),
            Event::FailOver => Ok(fail_over(state)),
        }
    }

    fn send(&self, state: &mut State, by: Party) -> bool {
        let most = match by {
            Party::Honest => self.tabs,
            Party::Thief => 1,
        };
        let under_way = |by| state.requests.iter().flatten().filter(|request| request.by == by).count();
        let (own, all) = (under_way(by), under_way(Party::Honest) + under_way(Party::Thief));
        let free = state.requests.iter_mut().find(|request| request.is_none());
        let (Some(free), true) = (free, own < most && all < self.under_way) else { return false };
        let held = if by == Party::Honest { Some(state.jar) } else { state.thief };
        *free = held.map(|token| Request { by, token, stage: Stage::Sent, forbids: None });
        held.is_some()
    }

    fn begin(&self, state: &mut State, slot: usize, node: usize) -> bool {
        let Some(Request { stage: Stage::Sent, token, .. }) = state.requests[slot] else { return false };
        let forbids = self.forbidden(state, token, node);
        let blind = matches!(self.flaw, Some(Flaw::OwnNotesAreIgnored | Flaw::OwnNotesAreReadAfterTheRow));
        let seen = state.nodes[node].noted.filter(|_| !blind);
        let Some(request) = &mut state.requests[slot] else { return false };
        request.forbids = forbids;
        request.stage = Stage::Begun { node, seen };
        true
    }

    /// What an answer to a request that begins now would break. Facts of the world, not what the node can know of them: that
    /// it knows enough is what is to be shown.
    fn forbidden(&self, state: &State, token: i8, node: usize) -> Option<Promise> {
        let Some(row) = state.row.filter(|_| !state.over) else { return Some(Promise::RevokedStaysRevoked) };
        if self.failovers > 0 {
            return None;
        }
        let strict = self.rule.grace.is_zero() && self.rule.recovery == Recovery::Never;
        let counts = match self.uses {
            Uses::KnownToTheNode => WRITTEN | noted(node) | taken(node),
            Uses::KnownAnywhere => !FORGOTTEN,
            Uses::EvenForgotten => WRITTEN | noted(node) | taken(node) | FORGOTTEN,
        };
        let known = state.used & counts != 0;
        let replayed = token == CURRENT - 1 && (strict || (row.age == PAST_GRACE && known));
        (replayed || token < CURRENT - 1).then_some(Promise::ReuseIsCaught)
    }

    fn decided(&self, state: &mut State, slot: usize) -> Result<bool, Promise> {
        let Some(Request { stage: Stage::Read { node, mut row }, token, forbids, .. }) = state.requests[slot] else {
            return Ok(false);
        };
        if self.flaw == Some(Flaw::OwnNotesAreReadAfterTheRow) {
            row.confirmed |= state.nodes[node].noted == Some(row.generation);
        }
        let swap = |next| Stage::Swap { node, expected: row.generation, next, age: 0 };
        let stage = match (self.decide)(&rotation_state(row, state.over), generation(token), NOW, &self.rule) {
            Decision::Rotate { next } | Decision::FastForward { next } => swap(relative(next)),
            Decision::Repeat | Decision::Recover => answer(token, row.generation, forbids)?,
            Decision::Reused(_) => Stage::Revoke { node },
            Decision::Expired => Stage::Refused,
        };
        set_stage(state, slot, stage);
        Ok(true)
    }

    fn commit(&self, state: &mut State, slot: usize) -> Result<bool, Promise> {
        let Some(Request { stage, token, forbids, .. }) = state.requests[slot] else { return Ok(false) };
        match stage {
            Stage::Revoke { .. } => {
                state.row = None;
                set_stage(state, slot, Stage::Refused);
            }
            Stage::Swap { expected, next, age, .. } => {
                if self.swap(state, expected, next, age)? {
                    set_stage(state, slot, answer(token, next, forbids)?);
                } else {
                    // The desk reads the row again and decides again.
                    set_stage(state, slot, Stage::Sent);
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn swap(&self, state: &mut State, expected: i8, next: i8, age: u8) -> Result<bool, Promise> {
        let new = Row { generation: next, confirmed: false, age };
        let Some(row) = state.row else {
            state.row = Some(new).filter(|_| self.flaw == Some(Flaw::SavesBringRowsBack));
            return Ok(state.row.is_some());
        };
        if row.generation != expected && self.flaw != Some(Flaw::SwapComparesNothing) {
            return Ok(false);
        }
        if next <= row.generation || (self.failovers == 0 && next != row.generation + 1) {
            return Err(Promise::OneLiveGeneration);
        }
        let keeps = self.flaw == Some(Flaw::RotationKeepsConfirmed);
        state.row = Some(Row { confirmed: keeps && row.confirmed, ..new });
        state.used = state.notes_of(next);
        Ok(true)
    }

    fn deliver(&self, state: &mut State, slot: usize) -> bool {
        let Some(Request { by, stage, .. }) = state.requests[slot] else { return false };
        match (by, stage) {
            (Party::Honest, Stage::Answered { generation }) => {
                if self.network.responses_in_order && generation < state.jar {
                    return false;
                }
                state.jar = generation;
            }
            (Party::Thief, Stage::Answered { generation }) => state.thief = Some(generation),
            (_, Stage::Refused) => {}
            _ => return false,
        }
        state.requests[slot] = None;
        true
    }

    fn verify(&self, state: &mut State, party: Party, node: usize) -> bool {
        let Some(generation) = state.held(party) else { return false };
        let note = &mut state.nodes[node].noted;
        let keeps_oldest = self.flaw == Some(Flaw::NotesKeepTheOldest);
        *note = Some(match *note {
            Some(earlier) if keeps_oldest => earlier.min(generation),
            Some(earlier) => earlier.max(generation),
            None => generation,
        });
        if generation == CURRENT && state.row.is_some() {
            state.used |= noted(node);
        }
        true
    }

    fn take(&self, state: &mut State, node: usize) -> bool {
        let notes = &mut state.nodes[node];
        if notes.noted.is_none() || notes.taken.is_some() {
            return false;
        }
        notes.taken = notes.noted;
        if self.flaw == Some(Flaw::NotesAreTakenBeforeTheyAreWritten) {
            notes.noted = None;
        }
        state.move_use(noted(node), taken(node));
        self.slow_notes || self.write(state, node)
    }

    fn write(&self, state: &mut State, node: usize) -> bool {
        let notes = &mut state.nodes[node];
        let Some(generation) = notes.taken.take() else { return false };
        notes.noted = notes.noted.filter(|noted| *noted != generation);
        let any = self.flaw == Some(Flaw::NotesConfirmAnyGeneration);
        if let Some(row) = state.row.as_mut().filter(|row| any || row.generation == generation) {
            row.confirmed = true;
        }
        state.move_use(taken(node), WRITTEN);
        true
    }

    fn crash(&self, state: &mut State, node: usize) -> bool {
        for request in &mut state.requests {
            *request = request.filter(|request| request.node() != Some(node));
        }
        state.nodes[node] = Node::default();
        let lost = noted(node) | taken(node);
        if self.uses == Uses::EvenForgotten {
            state.move_use(lost, FORGOTTEN);
        }
        state.used &= !lost;
        true
    }

    fn steal(&self, state: &mut State) -> bool {
        self.thief && state.thief.replace(state.jar) != Some(state.jar)
    }

    fn replicate(&self, state: &mut State) -> bool {
        state.failovers > 0 && std::mem::replace(&mut state.replica, state.row) != state.row
    }

    /// Whether the network is as good as it is assumed to be. What would come too late is lost instead, which is another event.
    fn may_happen(&self, before: &State, after: &State, event: Event) -> bool {
        // A token that is not fresh when it is sent is no fault of the network.
        let by_network = !matches!(event, Event::Send(_));
        let in_time = |state: &State| state.has_requests_in_time(self.network.requests);
        if by_network && in_time(before) && !in_time(after) {
            return false;
        }
        !self.network.jar_stays_fresh || after.is_fresh(after.jar)
    }

    fn check(&self, before: &State, after: &State) -> Result<(), Promise> {
        if before.row.is_none() && after.row.is_some() {
            return Err(Promise::RevokedStaysRevoked);
        }
        let all_honest = !self.thief && !self.ends;
        let refused = after.requests.iter().flatten().any(|request| request.stage == Stage::Refused);
        if all_honest && (after.row.is_none() || refused) {
            return Err(Promise::HonestStaySignedIn);
        }
        let newest = after.jar.max(after.thief.unwrap_or(STALE));
        if self.failovers == 0 && after.row.is_some_and(|row| newest > row.generation) {
            return Err(Promise::OneLiveGeneration);
        }
        Ok(())
    }
}

impl State {
    /// The notes of a generation that becomes the row's; there are none unless the database had it before and lost it.
    fn notes_of(&self, generation: i8) -> u8 {
        let mut known = 0;
        for (index, node) in self.nodes.iter().enumerate() {
            known |= if node.noted == Some(generation) { noted(index) } else { 0 };
            known |= if node.taken == Some(generation) { taken(index) } else { 0 };
        }
        known
    }

    fn move_use(&mut self, from: u8, to: u8) {
        if self.used & from != 0 {
            self.used = self.used & !from | to;
        }
    }

    /// Tells generations relative to the row's again, and forgets what makes no difference.
    fn rebase(&mut self) {
        if let Some(row) = self.row {
            self.shift(row.generation);
        } else {
            // Notes of a session that is gone change nothing.
            (self.used, self.nodes) = (0, [Node::default(); 2]);
        }
        self.name_nodes();
        self.requests.sort_unstable();
    }

    /// The nodes are alike, so what differs only in which is which is one state.
    fn name_nodes(&mut self) {
        let first = self.requests.iter().flatten().find_map(Request::node);
        let [one, other] = [0, 1].map(|node| (self.nodes[node], self.used & noted(node) != 0, first == Some(node)));
        if one < other {
            self.nodes.swap(0, 1);
            let bits = self.used >> 1;
            let swapped = (bits & 0b0101) << 1 | (bits & 0b1010) >> 1;
            self.used = self.used & (WRITTEN | FORGOTTEN) | swapped << 1;
            self.requests.iter_mut().flatten().for_each(Request::swap_node);
        }
    }

    fn shift(&mut self, by: i8) {
        let oldest = if self.replica.is_some() { STALE_FOR_THE_REPLICA } else { STALE };
        // Notes of older generations are all alike, unless the row can go back to one of them.
        let oldest_note = if self.replica.is_some() { oldest } else { CURRENT - 1 };
        let shifted = |generation: i8| (generation - by).max(oldest);
        for row in [&mut self.row, &mut self.replica].into_iter().flatten() {
            row.generation = shifted(row.generation);
        }
        self.jar = shifted(self.jar);
        self.thief = self.thief.map(shifted);
        for note in self.nodes.iter_mut().flat_map(|node| [&mut node.noted, &mut node.taken]) {
            *note = note.map(|note| shifted(note).max(oldest_note));
        }
        self.requests.iter_mut().flatten().for_each(|request| request.shift(by, oldest, oldest_note));
    }
}

impl Request {
    fn node(&self) -> Option<usize> {
        match self.stage {
            Stage::Begun { node, .. }
            | Stage::Read { node, .. }
            | Stage::Swap { node, .. }
            | Stage::Revoke { node } => Some(node),
            Stage::Sent | Stage::Answered { .. } | Stage::Refused => None,
        }
    }

    fn swap_node(&mut self) {
        match &mut self.stage {
            Stage::Begun { node, .. }
            | Stage::Read { node, .. }
            | Stage::Swap { node, .. }
            | Stage::Revoke { node } => {
                *node = 1 - *node;
            }
            Stage::Sent | Stage::Answered { .. } | Stage::Refused => {}
        }
    }

    /// A request that has read the row keeps its distance from what it read.
    fn shift(&mut self, by: i8, oldest: i8, oldest_note: i8) {
        let shifted = |generation: i8| (generation - by).max(oldest);
        let token = shifted(self.token);
        let beside =
            |read: i8, earlier: i8, token: i8| (read + (token - earlier).max(oldest)).min(shifted(token).max(STALE));
        match &mut self.stage {
            Stage::Read { row, .. } => {
                let earlier = row.generation;
                row.generation = shifted(earlier);
                self.token = beside(row.generation, earlier, self.token);
            }
            Stage::Swap { expected, next, .. } => {
                let earlier = *expected;
                *expected = shifted(earlier);
                *next = *expected + (*next - earlier);
                self.token = beside(*expected, earlier, self.token);
            }
            Stage::Begun { seen, .. } => {
                *seen = seen.map(|seen| shifted(seen).max(oldest_note));
                self.token = token;
            }
            Stage::Answered { generation } => {
                *generation = shifted(*generation);
                self.token = CURRENT;
            }
            Stage::Sent => self.token = token,
            Stage::Revoke { .. } | Stage::Refused => self.token = CURRENT,
        }
    }
}

fn read(state: &mut State, slot: usize) -> bool {
    let Some(Request { stage: Stage::Begun { node, seen }, .. }) = state.requests[slot] else { return false };
    let noticed = |row: Row| Row { confirmed: row.confirmed || seen == Some(row.generation), ..row };
    let stage = state.row.map_or(Stage::Refused, |row| Stage::Read { node, row: noticed(row) });
    set_stage(state, slot, stage);
    true
}

/// Every answer must be the one successor of what was presented, and allowed.
fn answer(token: i8, generation: i8, forbids: Option<Promise>) -> Result<Stage, Promise> {
    if let Some(broken) = forbids {
        return Err(broken);
    }
    if generation != token + 1 {
        return Err(Promise::OneLiveGeneration);
    }
    Ok(Stage::Answered { generation })
}

fn set_stage(state: &mut State, slot: usize, stage: Stage) {
    if let Some(request) = &mut state.requests[slot] {
        let over = matches!(stage, Stage::Sent | Stage::Answered { .. } | Stage::Refused | Stage::Revoke { .. });
        request.forbids = request.forbids.filter(|_| !over);
        request.stage = stage;
    }
}

fn tick(state: &mut State) -> bool {
    let older = |age: &mut u8| *age = (*age + 1).min(PAST_GRACE);
    for row in [&mut state.row, &mut state.replica].into_iter().flatten() {
        older(&mut row.age);
    }
    for request in state.requests.iter_mut().flatten() {
        match &mut request.stage {
            Stage::Read { row, .. } => older(&mut row.age),
            Stage::Swap { age, .. } => older(age),
            _ => {}
        }
    }
    true
}

fn fail_over(state: &mut State) -> bool {
    let Some(replica) = state.replica.filter(|_| state.failovers > 0 && state.replica != state.row) else {
        return false;
    };
    state.failovers -= 1;
    state.row = Some(replica);
    state.replica = state.replica.filter(|_| state.failovers > 0);
    state.used = state.notes_of(replica.generation) | if replica.confirmed { WRITTEN } else { 0 };
    true
}

fn rotation_state(row: Row, over: bool) -> RotationState {
    let since = match row.age {
        0 => Duration::ZERO,
        LAST_OF_GRACE => GRACE,
        _ => GRACE + Duration::from_millis(1),
    };
    let rotated_at = Timestamp::from_millis(NOW.as_millis() - since.as_millis() as i64);
    let expires_at = if over { NOW } else { NOW.after(GRACE) };
    RotationState { generation: generation(row.generation), confirmed: row.confirmed, rotated_at, expires_at }
}

/// Where relative generations lie on the real scale; the rule looks at differences only, which has a test of its own.
const ORIGIN: u32 = 100;

fn generation(relative: i8) -> Generation {
    Generation::new(ORIGIN.saturating_add_signed(relative.into()))
}

fn relative(generation: Generation) -> i8 {
    (i64::from(generation.number()) - i64::from(ORIGIN)) as i8
}
