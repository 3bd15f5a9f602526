// The pages that list sessions: one's own devices, and for staff everybody's.
import { request, session } from "/client.js";
import { button, el, notify } from "/dom.js";

/** This user's devices. `again` draws the page anew when one was signed out. */
export async function drawDevices(again) {
    const { devices } = await request("/api/devices");
    const others = button("Sign out everywhere else", () => ended(again, request("/api/devices/end-others", { method: "POST" })), "danger");
    others.disabled = devices.length < 2;
    const note = "Each one is a session of its own. One that you sign out here is refused at its next request, not when its token expires.";
    return [
        el("div.title", {}, el("h1", { textContent: "Your devices" }), others, el("p.faint", { textContent: note })),
        el("ul.card.list", {}, devices.sort((one, other) => other.own - one.own).map(found =>
            drawDevice(again, found, `/api/devices/${found.handle}`, found.device))),
    ];
}

function drawDevice(again, device, path, name) {
    const details = [`last seen ${ago(device.lastSeenAt)}`, `signed in ${ago(device.createdAt)}`];
    details.push(device.remembered ? "stays signed in" : "until the browser is closed");
    if (device.inCart > 0) details.push(`${device.inCart} in the cart`);
    const end = button("Sign out", () => ended(again, request(path, { method: "DELETE" })), "quiet");
    end.setAttribute("aria-label", `Sign out ${name}`);
    const own = device.own ? el("span.tag", { textContent: "this one" }) : null;
    return el("li", {}, el("div", {}, el("b", { textContent: name }), own, el("small", { textContent: details.join(" · ") })), end);
}

async function ended(again, answer) {
    const { ended } = await answer;
    notify(ended === 1 ? "One device was signed out." : `${ended} devices were signed out.`);
    if (session()) await again();
}

/** Who is in the shop, by the names of `people`; for others than staff, the server's refusal. */
export async function drawStaff(again, people) {
    try {
        const { visitors } = await request("/api/staff/visitors");
        const name = id => people.find(person => person.id === id)?.name ?? id;
        const note = "Everybody who is signed in, on every device. The page is behind a guard that the compiler has checked.";
        return [
            el("div.title", {}, el("h1", { textContent: "Who is in the shop" }), el("p.faint", { textContent: note })),
            el("ul.card.list", {}, visitors.map(found =>
                drawDevice(again, found, `/api/staff/visitors/${found.handle}`, `${name(found.user)}, ${found.device}`))),
        ];
    } catch (error) {
        if (error.status !== 403) throw error;
        return [
            el("div.title", {}, el("h1", { textContent: "Staff only" }), el("p.faint", { textContent: "Your session is good, but not for this. The guard’s answer, 403:" })),
            el("pre", { textContent: JSON.stringify(error.answer, null, 2) }),
        ];
    }
}

function ago(time) {
    const seconds = Math.max(0, Math.round((Date.now() - time) / 1000));
    if (seconds < 10) return "just now";
    const [value, unit] = seconds < 60 ? [seconds, "second"] : seconds < 3600 ? [Math.round(seconds / 60), "minute"]
        : seconds < 86400 ? [Math.round(seconds / 3600), "hour"] : [Math.round(seconds / 86400), "day"];
    return new Intl.RelativeTimeFormat("en").format(-value, unit);
}
