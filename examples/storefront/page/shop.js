// The shop's pages. What happens to the session is in client.js; what is drawn of it, in lifeline.js.
import { onEvent, request, session } from "/client.js";
import { start as startLifeline } from "/lifeline.js";

const find = selector => document.querySelector(selector);
const PAGES = { shop: drawShop, devices: drawDevices, staff: drawStaff };
const HEARTBEAT = 4000;
let shop = { people: [], products: [] };
let cart = [];

/** An element: its tag and classes as in `li.tea`, its properties, its children. */
function el(name, properties = {}, ...children) {
    const [tag, ...classes] = name.split(".");
    const element = Object.assign(document.createElement(tag), properties);
    element.classList.add(...classes);
    element.append(...children.flat().filter(child => child !== null));
    return element;
}

/** A button that does one thing at a time, and says what went wrong. It stays enabled meanwhile, so that it keeps the focus. */
function button(label, work, kind = "") {
    const element = el("button", { textContent: label, className: kind, type: "button" });
    element.onclick = async () => {
        if (element.ariaBusy === "true") return;
        element.ariaBusy = "true";
        await attempt(work);
        element.ariaBusy = "false";
    };
    return element;
}

/** Draws something anew; whoever was on one of its buttons with the keyboard stays there. */
function redraw(element, children) {
    const buttons = () => [...element.querySelectorAll("button")];
    const focused = buttons().indexOf(document.activeElement);
    element.replaceChildren(...children);
    buttons()[focused]?.focus();
}

async function attempt(work) {
    try {
        return await work();
    } catch (error) {
        if (session()) notify(error.status ? error.message : "The shop cannot be reached.");
    }
}

let quiet;
function notify(text) {
    find("#notice").textContent = text;
    clearTimeout(quiet);
    quiet = setTimeout(() => (find("#notice").textContent = ""), 4000);
}

const euros = cents => (cents / 100).toLocaleString("en-IE", { style: "currency", currency: "EUR" });
const price = product => (session()?.payload.club ? Math.round(product.price * 0.9) : product.price);

// ---- Signing in

function drawPeople() {
    const cards = shop.people.map(person => {
        const card = button("", () => signIn(person), "person");
        card.append(el("b", { textContent: person.name }), el("span.faint", { textContent: person.about }));
        card.setAttribute("aria-label", `Sign in as ${person.name}, who ${person.about}`);
        return card;
    });
    find("#people").replaceChildren(...cards);
    find("#shelf").replaceChildren(...shop.products.map(product => tin(product.hue)));
}

async function signIn(person) {
    await request("/api/sign-in", { method: "POST", body: { person: person.id, remember: find("#remember").checked } });
    location.hash = person.role === "staff" ? "#staff" : "#shop";
    await draw();
    find("#view").focus();
}

// ---- The shop

function drawShop() {
    const { payload } = session();
    const title = el("div.title", {}, el("h1", { textContent: "Today’s teas" }), clubButton(payload.club));
    return [title, el("ul.teas", {}, shop.products.map(drawTea)), el("section.card.cart", { id: "cart" }, drawCart())];
}

function clubButton(member) {
    const change = () => request("/api/club", { method: "POST", body: { member: !member } });
    return button(member ? "Leave the tea club" : "Join the tea club: 10 % off", change, "quiet");
}

function drawTea(product) {
    const add = async () => {
        ({ cart } = await request(`/api/cart/${product.id}`, { method: "POST" }));
        redrawCart();
        notify(`${product.name} is in your cart.`);
    };
    const before = price(product) === product.price ? null : el("s", { textContent: euros(product.price) });
    const buy = button("Add", add);
    buy.setAttribute("aria-label", `Add ${product.name} to the cart`);
    return el("li.card.tea", {}, tin(product.hue), el("h3", { textContent: product.name }), el("p", { textContent: product.about }),
        el("div.row", {}, el("span", {}, euros(price(product)), " ", before ?? ""), buy));
}

function tin(hue) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 64 76");
    svg.setAttribute("aria-hidden", "true");
    svg.style.setProperty("--hue", hue);
    svg.innerHTML = `<rect class="tin" x="6" y="16" width="52" height="56" rx="7"/><rect class="lid" x="3" y="6" width="58" height="15" rx="6"/>
        <rect class="paper" x="14" y="32" width="36" height="28" rx="4"/><path class="sprig" d="M22 54q10-2 19-15M28 51q-1-6 3-9M34 47q6 1 9-2"/>`;
    return svg;
}

function drawCart() {
    if (cart.length === 0) {
        return [el("h2", { textContent: "Your cart" }), el("p.faint", { textContent: "Empty. It lives in the database, one for each device." })];
    }
    const lines = cart.map(line => ({ ...line, product: shop.products.find(product => product.id === line.product) }));
    const total = lines.reduce((sum, line) => sum + price(line.product) * line.count, 0);
    return [
        el("h2", { textContent: "Your cart" }),
        el("ul", {}, lines.map(drawLine)),
        el("div.row", {}, el("span.total", { textContent: euros(total) }), button("Pay", pay)),
    ];
}

function drawLine({ product, count }) {
    const change = method => async () => {
        ({ cart } = await request(`/api/cart/${product.id}`, { method }));
        redrawCart();
    };
    const [less, more] = [button("−", change("DELETE"), "quiet"), button("+", change("POST"), "quiet")];
    less.setAttribute("aria-label", `One ${product.name} less`);
    more.setAttribute("aria-label", `One ${product.name} more`);
    return el("li", {}, el("span", { textContent: product.name }), el("span.count", {}, less, String(count), more),
        el("span", { textContent: euros(price(product) * count) }));
}

function redrawCart() {
    if (find("#cart")) redraw(find("#cart"), drawCart());
}

// ---- The step up

async function pay() {
    try {
        await paid();
    } catch (error) {
        if (error.status !== 403) throw error;
        askForPin(error.answer);
    }
}

async function paid() {
    ({ cart } = await request("/api/pay", { method: "POST" }));
    redrawCart();
    notify("Paid. The kettle is on.");
}

function askForPin(answer) {
    find("#step-up-reason").textContent = JSON.stringify(answer.claimValidationErrors, null, 1);
    find("#step-up-error").textContent = "";
    find("#pin").value = "";
    find("#step-up").showModal();
    find("#pin").focus();
}

find("#step-up form").onsubmit = async event => {
    event.preventDefault();
    try {
        await request("/api/confirm", { method: "POST", body: { pin: find("#pin").value } });
        await paid();
        find("#step-up").close();
    } catch (error) {
        find("#step-up-error").textContent = error.message;
        find("#pin").select();
    }
};
find("#step-up-cancel").onclick = () => find("#step-up").close();

// ---- Devices and staff

async function drawDevices() {
    const { devices } = await request("/api/devices");
    const others = button("Sign out everywhere else", () => ended(request("/api/devices/end-others", { method: "POST" })), "danger");
    others.disabled = devices.length < 2;
    const note = "Each one is a session of its own. One that you sign out here is refused at its next request, not when its token expires.";
    return [
        el("div.title", {}, el("h1", { textContent: "Your devices" }), others, el("p.faint", { textContent: note })),
        el("ul.card.list", {}, devices.sort((one, other) => other.own - one.own).map(device => drawDevice(device, `/api/devices/${device.handle}`, device.device))),
    ];
}

function drawDevice(device, path, name) {
    const details = [`last seen ${ago(device.lastSeenAt)}`, `signed in ${ago(device.createdAt)}`];
    details.push(device.remembered ? "stays signed in" : "until the browser is closed");
    if (device.inCart > 0) details.push(`${device.inCart} in the cart`);
    const end = button("Sign out", () => ended(request(path, { method: "DELETE" })), "quiet");
    end.setAttribute("aria-label", `Sign out ${name}`);
    const own = device.own ? el("span.tag", { textContent: "this one" }) : null;
    return el("li", {}, el("div", {}, el("b", { textContent: name }), own, el("small", { textContent: details.join(" · ") })), end);
}

async function ended(answer) {
    const { ended } = await answer;
    notify(ended === 1 ? "One device was signed out." : `${ended} devices were signed out.`);
    if (session()) await draw();
}

async function drawStaff() {
    try {
        const { visitors } = await request("/api/staff/visitors");
        const name = id => shop.people.find(person => person.id === id)?.name ?? id;
        const note = "Everybody who is signed in, on every device. The page is behind a guard that the compiler has checked.";
        return [
            el("div.title", {}, el("h1", { textContent: "Who is in the shop" }), el("p.faint", { textContent: note })),
            el("ul.card.list", {}, visitors.map(found =>
                drawDevice(found, `/api/staff/visitors/${found.handle}`, `${name(found.user)}, ${found.device}`))),
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

// ---- All of it

async function draw() {
    const current = session();
    for (const part of ["#app", "nav", ".who"]) find(part).hidden = !current;
    find("#welcome").hidden = Boolean(current);
    if (!current) return find("#step-up").close();
    find("#name").textContent = current.payload.name;
    drawPayload(current);
    const page = location.hash.slice(1) in PAGES ? location.hash.slice(1) : "shop";
    for (const link of document.querySelectorAll("nav a")) {
        if (link.hash === `#${page}`) link.setAttribute("aria-current", "page");
        else link.removeAttribute("aria-current");
    }
    const drawn = await attempt(PAGES[page]);
    if (drawn && session()) redraw(find("#view"), drawn);
}

function drawPayload({ user, payload }) {
    const { name, role, club, confirmed } = payload;
    const shown = Object.entries({ user, name, role, club, confirmed });
    const before = new Map([...find("#payload").children].filter(found => found.dataset.field).map(found => [found.dataset.field, found.textContent]));
    find("#payload").replaceChildren(...shown.flatMap(([field, value]) => {
        const text = JSON.stringify(value);
        const shown = el("dd", { textContent: text });
        shown.dataset.field = field;
        shown.classList.toggle("changed", before.has(field) && before.get(field) !== text);
        return [el("dt", { textContent: field }), shown];
    }));
}

/** Asks now and then, as pages do: it is what refreshes an expired token, and notices that the session was ended elsewhere. */
async function heartbeat() {
    if (!session() || document.hidden) return;
    const answer = await attempt(() => request("/api/cart"));
    if (answer && JSON.stringify(answer.cart) !== JSON.stringify(cart)) {
        cart = answer.cart;
        redrawCart();
    }
}

find("#sign-out").onclick = () => attempt(() => request("/auth/signout", { method: "POST" }));
addEventListener("hashchange", draw);
onEvent(({ kind, before }) => {
    if (kind === "refreshed") return drawPayload(session());
    if (kind === "created" || kind === "ended") cart = [];
    if (kind === "ended" && before) notify("You are signed out.");
    draw();
});

shop = await request("/api/shop");
startLifeline();
drawPeople();
await heartbeat();
await draw();
setInterval(heartbeat, HEARTBEAT);
