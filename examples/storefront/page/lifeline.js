// The life-line: what happened to the session's tokens, newest first, and how long the access token is good for.
import { onEvent, session } from "/client.js";

const WORDS = {
    created: ["Session created", "You signed in. Two cookies came, which no script can read, and a front-token, which says what this page knows."],
    refreshed: ["Tokens refreshed", "The access token had expired. One request exchanged the refresh token, and the one before was retired."],
    changed: ["Payload changed", "The server changed what the token says, and sent a new one that expires when the old one would have."],
    ended: ["Session ended", "The cookies are gone here, and the server refuses their tokens everywhere."],
};
const MOST = 30;

const list = document.querySelector("#lifeline");
const clock = document.querySelector("#clock");
const bar = document.querySelector("#clock-bar");

export function start() {
    for (const event of kept()) list.append(entry(event));
    onEvent(event => {
        const detail = event.kind === "changed" ? difference(event) : "";
        record({ kind: event.kind, at: Date.now(), detail, elsewhere: event.elsewhere });
    });
    setInterval(tick, 250);
    tick();
}

function kept() {
    return JSON.parse(sessionStorage.getItem("lifeline") ?? "[]");
}

function record(event) {
    sessionStorage.setItem("lifeline", JSON.stringify([event, ...kept()].slice(0, MOST)));
    list.prepend(entry(event));
    while (list.children.length > MOST) list.lastElementChild.remove();
}

function entry({ kind, at, detail, elsewhere }) {
    const [title, text] = WORDS[kind];
    const item = document.createElement("li");
    item.className = kind;
    const time = document.createElement("time");
    time.textContent = new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
    const head = document.createElement("strong");
    head.textContent = elsewhere ? `${title}, in another tab` : title;
    const body = document.createElement("p");
    body.textContent = detail || text;
    item.append(time, head, body);
    return item;
}

/** Which fields of the payload have changed, and how. */
function difference({ before, now }) {
    const fields = Object.keys(now.payload).filter(name => !["iat", "exp"].includes(name));
    const changed = fields.filter(name => JSON.stringify(now.payload[name]) !== JSON.stringify(before?.payload[name]));
    return changed.map(name => `${name}: ${JSON.stringify(before?.payload[name])} → ${JSON.stringify(now.payload[name])}`).join(", ");
}

function tick() {
    const current = session();
    if (!current) return;
    const left = Math.max(0, current.expiresAt - Date.now());
    const whole = (current.payload.exp - current.payload.iat) * 1000;
    bar.value = Math.min(1, left / whole);
    clock.textContent = left > 0 ? `good for ${Math.ceil(left / 1000)} s` : "expired: the next request refreshes it";
}
