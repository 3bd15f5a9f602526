// What the scenarios share: a browser, its contexts and pages, and the servers that the Rust side has started.
import { chromium } from "playwright-core";
import { after, before } from "node:test";
import assert from "node:assert/strict";

/** Origins by name: `origin`, `header`, `token`, `none` are APIs by their anti-CSRF mode; `website` may call them, `evil` may not.
 *  `host_only`, `shared`, `careless` are one API with other cookie domains. */
export const servers = JSON.parse(process.env.SERVERS ?? "{}");

export const HOUR = 3600;
export const REFRESH = "/auth/session/refresh";

/** What the front-end package announces at a refresh: it compares whole payloads, and the times in them have changed. */
export const REFRESHED = ["ACCESS_TOKEN_PAYLOAD_UPDATED", "REFRESH_SESSION"];

const FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    // Hosts of one site, for the domains of cookies.
    "--host-resolver-rules=MAP *.shop.test 127.0.0.1",
];

let browser;
before(async () => {
    browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
});
after(() => browser?.close());

/** A browser profile of its own: cookies and storage shared by its tabs only. Closed when the test ends. */
export async function profile(t, options = {}) {
    const context = await browser.newContext(options);
    t.after(() => context.close());
    context.refreshes = 0;
    context.on("request", request => {
        if (request.method() === "POST" && request.url().endsWith(REFRESH)) context.refreshes += 1;
    });
    return context;
}

/** A tab with the front-end package, on a page of `origin` that calls `api`. */
export async function tab(context, { origin, api = origin, mode = "cookie" }) {
    const page = await context.newPage();
    await page.goto(`${origin}/?${new URLSearchParams({ api, mode })}`);
    return page;
}

export const call = (page, path, body) => page.evaluate(([path, body]) => call(path, body), [path, body]);
export const events = page => page.evaluate(() => events.splice(0));
export const exists = page => page.evaluate(() => supertokens.doesSessionExist());
export const payload = page => page.evaluate(() => supertokens.getAccessTokenPayloadSecurely());

/** Signs in, and forgets what it took: the first request of a new visitor asks for a refresh. */
export async function signIn(page, user = "ada", role = "customer") {
    assert.equal((await call(page, "/login", { user, role })).status, 200);
    page.context().refreshes = 0;
    const seen = await events(page);
    assert.ok(seen.includes("SESSION_CREATED"), seen.join());
}

/** Turns the clock of an API forward. */
export async function advance(api, seconds) {
    const turned = await fetch(`${api.replace("api.shop.test", "localhost")}/clock`, { method: "POST", body: String(seconds) });
    assert.equal(turned.status, 204);
}

/** A cookie of the browser's, by the end of its name. */
export async function cookie(context, name) {
    return (await context.cookies()).find(found => found.name.endsWith(name));
}

/** The path that refreshes is needed to see the cookie that goes there. */
export async function refreshCookie(context, api) {
    return (await context.cookies(api + REFRESH)).find(found => found.name.endsWith("sRefreshToken"));
}
