// Thieves, and cookies that no server has set.
import { test } from "node:test";
import assert from "node:assert/strict";
import { HOUR, REFRESH, REFRESHED, advance, call, cookie, events, exists, profile, refreshCookie, servers, signIn, tab } from "./harness.mjs";

const api = servers.origin;
const host = new URL(api).hostname;
const good = { status: 200, body: { user: "ada", role: "customer" } };

async function signedIn(t, origin = api) {
    const page = await tab(await profile(t), { origin });
    await signIn(page);
    return page;
}

/** Another browser with the first one's cookies. */
async function thiefOf(t, page) {
    const context = await profile(t);
    await context.addCookies([...(await page.context().cookies()), await refreshCookie(page.context(), api)]);
    return tab(context, { origin: api });
}

test("a stolen refresh cookie that was overtaken ends the session for both", async t => {
    const page = await signedIn(t);
    const thief = await thiefOf(t, page);
    await advance(api, HOUR);
    assert.deepEqual(await call(page, "/me"), good);
    await advance(api, HOUR);
    assert.equal((await call(thief, "/me")).status, 401);
    assert.equal(await exists(thief), false);
    assert.equal(await cookie(thief.context(), "sAccessToken"), undefined, "its cookies are gone");
    assert.equal((await call(page, "/me")).status, 401);
    assert.deepEqual(await events(page), [...REFRESHED, "UNAUTHORISED"]);
    assert.equal(await exists(page), false);
});

test("a thief who was faster is thrown out by the user", async t => {
    const page = await signedIn(t);
    const thief = await thiefOf(t, page);
    await advance(api, HOUR);
    assert.deepEqual(await call(thief, "/me"), good);
    await advance(api, HOUR);
    assert.equal((await call(page, "/me")).status, 401);
    assert.equal((await call(thief, "/me")).status, 401);
    assert.equal(await exists(thief), false);
});

for (const [name, value] of [
    ["malformed", "a.b.c"],
    ["oversized", "x".repeat(4000)],
    ["of bytes that decode to no text", "%ff%fe"],
    ["percent-encoded in part", "%"],
]) {
    test(`an access cookie that is ${name} is replaced by a refresh where it is noticed`, async t => {
        const page = await signedIn(t);
        await page.context().addCookies([{ name: "sAccessToken", value, domain: host, path: "/", httpOnly: true }]);
        assert.deepEqual(await call(page, "/me"), good);
        assert.notEqual((await cookie(page.context(), "sAccessToken")).value, value);
    });

    test(`a refresh cookie that is ${name} is no session, and is cleared`, async t => {
        const page = await signedIn(t);
        const context = page.context();
        await context.addCookies([{ name: "sRefreshToken", value, domain: host, path: REFRESH, httpOnly: true }]);
        await advance(api, HOUR);
        assert.equal((await call(page, "/me")).status, 401);
        assert.equal(await exists(page), false);
        assert.equal(await refreshCookie(context, api), undefined);
    });
}

test("a second cookie of the same name, which browsers send first, does no harm", async t => {
    const page = await signedIn(t);
    const twin = (name, path) => ({ name, value: "stale", domain: host, path });
    await page.context().addCookies([twin("sAccessToken", "/me"), twin("sRefreshToken", "/auth")]);
    assert.deepEqual(await call(page, "/me"), good);
    await advance(api, HOUR);
    assert.deepEqual(await call(page, "/me"), good);
    assert.deepEqual(await events(page), REFRESHED);
});

test("an older refresh cookie beside the newer one is not taken for a reuse", async t => {
    const page = await signedIn(t);
    const older = await refreshCookie(page.context(), api);
    await advance(api, HOUR);
    assert.deepEqual(await call(page, "/me"), good);
    await page.context().addCookies([{ ...older, path: "/auth" }]);
    await advance(api, HOUR);
    assert.deepEqual(await call(page, "/me"), good);
});

test("another application's cookies may hold what they like", async t => {
    const page = await signedIn(t);
    await page.evaluate(() => {
        for (const foreign of ["name=Zoë 🍰", 'odd="a', "=bare", "x=" + "y".repeat(3900), "SACCESSTOKEN=z", "sIdRefreshToken=old"]) {
            document.cookie = `${foreign}; path=/`;
        }
    });
    assert.deepEqual(await call(page, "/me"), good);
    assert.equal(await cookie(page.context(), "sIdRefreshToken"), undefined, "nobody reads that one any more");
    await advance(api, HOUR);
    assert.deepEqual(await call(page, "/me"), good);
    assert.ok((await page.evaluate(() => document.cookie)).includes("Zoë 🍰"), "what is not ours is left alone");
});

test("somebody else's refresh cookie is somebody else's session", async t => {
    const page = await signedIn(t);
    const other = await tab(await profile(t), { origin: api });
    await signIn(other, "bob");
    await page.context().addCookies([await refreshCookie(other.context(), api)]);
    await advance(api, HOUR);
    assert.equal((await call(page, "/me")).body.user, "bob");
    assert.equal(await page.evaluate(() => supertokens.getUserId()), "bob", "and the page is told so");
});
