// A session's life as the published front-end package sees it, with tokens in cookies and in headers.
import { test } from "node:test";
import assert from "node:assert/strict";
import { dropping } from "./proxy.mjs";
import { HOUR, REFRESH, REFRESHED, advance, call, cookie, events, exists, payload, profile, servers, signIn, tab } from "./harness.mjs";

const api = servers.origin;
const me = role => ({ status: 200, body: { user: "ada", role } });

for (const mode of ["cookie", "header"]) {
    const open = async (t, context) => tab(context ?? (await profile(t)), { origin: api, mode });

    test(`${mode}: signing in makes a session that the page can read`, async t => {
        const page = await open(t);
        assert.equal(await exists(page), false);
        await signIn(page, "ada", "customer");
        assert.equal(await exists(page), true);
        assert.equal(await page.evaluate(() => supertokens.getUserId()), "ada");
        assert.equal((await payload(page)).role, "customer");
        assert.deepEqual(await call(page, "/me"), me("customer"));
        const access = await cookie(page.context(), "sAccessToken");
        if (mode === "cookie") assert.ok(access.httpOnly, "scripts cannot read the access token");
        else assert.equal(access, undefined);
    });

    test(`${mode}: an expired token is refreshed and the call repeated`, async t => {
        const page = await open(t);
        await signIn(page);
        await advance(api, HOUR);
        assert.deepEqual(await call(page, "/me"), me("customer"));
        assert.equal(page.context().refreshes, 1);
        assert.deepEqual(await events(page), REFRESHED);
    });

    test(`${mode}: a burst of calls with an expired token refreshes once`, async t => {
        const page = await open(t);
        await signIn(page);
        await advance(api, HOUR);
        const answers = await page.evaluate(() => Promise.all(Array.from({ length: 20 }, () => call("/me"))));
        assert.ok(answers.every(answer => answer.status === 200));
        assert.equal(page.context().refreshes, 1);
    });

    test(`${mode}: two tabs that refresh at once both go on`, async t => {
        const one = await open(t);
        await signIn(one);
        const two = await open(t, one.context());
        for (let round = 0; round < 3; round += 1) {
            await advance(api, HOUR);
            const answers = await Promise.all([one, two].map(page => call(page, "/me")));
            assert.deepEqual(answers, [me("customer"), me("customer")]);
        }
    });

    test(`${mode}: a refresh whose response is lost costs nobody the session, however late`, async t => {
        const proxy = await dropping(t, api);
        const page = await tab(await profile(t), { origin: proxy.origin, mode });
        await signIn(page);
        await advance(api, HOUR);
        proxy.lose(REFRESH);
        await assert.rejects(call(page, "/me"));
        assert.equal(proxy.lost(), 1);
        // Long after the grace: the new generation was never seen in use, so the old one is good.
        await advance(api, HOUR);
        assert.deepEqual(await call(page, "/me"), me("customer"));
    });

    test(`${mode}: signing out in one tab is seen in the other`, async t => {
        const one = await open(t);
        await signIn(one);
        const two = await open(t, one.context());
        assert.deepEqual(await call(two, "/me"), me("customer"));
        await one.evaluate(() => supertokens.signOut());
        assert.deepEqual(await events(one), ["SIGN_OUT"]);
        assert.equal(await exists(two), false);
        assert.equal((await call(two, "/me")).status, 401);
    });

    test(`${mode}: a changed payload is announced and read at once`, async t => {
        const page = await open(t);
        await signIn(page);
        await call(page, "/role", "admin");
        assert.deepEqual(await events(page), ["ACCESS_TOKEN_PAYLOAD_UPDATED"]);
        assert.equal((await payload(page)).role, "admin");
        assert.equal(page.context().refreshes, 0);
    });

    test(`${mode}: a failed claim is announced and costs nothing`, async t => {
        const page = await open(t);
        await signIn(page);
        const refused = await call(page, "/admin");
        assert.deepEqual([refused.status, refused.body.message], [403, "invalid claim"]);
        assert.equal(refused.body.claimValidationErrors[0].reason.message, "wrong value");
        assert.deepEqual(await events(page), ["API_INVALID_CLAIM"]);
        assert.deepEqual(await call(page, "/me"), me("customer"));
    });

    test(`${mode}: a session that was ended elsewhere ends in the page`, async t => {
        const page = await open(t);
        await signIn(page);
        await call(page, "/logout-everywhere-behind-my-back", {});
        assert.equal(await exists(page), true, "it has not heard of it");
        assert.equal((await call(page, "/me")).status, 401);
        const seen = await events(page);
        assert.ok(seen.length > 0 && seen.every(event => event === "UNAUTHORISED"), seen.join());
        assert.equal(await exists(page), false);
    });
}

test("tabs that refresh without any lock end with one session that lives on", async t => {
    const one = await tab(await profile(t), { origin: api });
    await signIn(one);
    const two = await tab(one.context(), { origin: api });
    await advance(api, HOUR);
    const bare = page => page.evaluate(async path => (await bareFetch(path, { method: "POST" })).status, REFRESH);
    assert.deepEqual(await Promise.all([one, two, one, two].map(bare)), [200, 200, 200, 200]);
    await advance(api, HOUR);
    assert.deepEqual(await call(one, "/me"), me("customer"));
    assert.deepEqual(await call(two, "/me"), me("customer"));
});

test("a cookie session outlives the browser's run only if it is persistent", async t => {
    const page = await tab(await profile(t), { origin: api });
    await signIn(page);
    assert.ok((await cookie(page.context(), "sAccessToken")).expires > 0);
    await call(page, "/login-for-now", { user: "ada", role: "customer" });
    assert.equal((await cookie(page.context(), "sAccessToken")).expires, -1);
    await advance(api, HOUR);
    assert.deepEqual(await call(page, "/me"), me("customer"));
    assert.equal((await cookie(page.context(), "sAccessToken")).expires, -1, "a refresh does not change that");
});
