// The shop's pages. What happens to the session is in client.js; what is drawn of it, in lifeline.js.
import { onEvent, request, session } from "/client.js";
import { drawDevices, drawStaff } from "/devices.js";
import { attempt, button, el, find, notify, redraw } from "/dom.js";
import { start as startLifeline } from "/lifeline.js";

const PAGES = { shop: drawShop, devices: () => drawDevices(draw), staff: () => drawStaff(draw, shop.people) };
const HEARTBEAT = 4000;
let shop = { people: [], products: [] };
let cart = [];

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
