// A website of another origin than the API's, through the documented CORS recipe.
import { test } from "node:test";
import assert from "node:assert/strict";
import { HOUR, REFRESHED, advance, call, cookie, events, exists, payload, profile, servers, signIn, tab } from "./harness.mjs";

const crossSite = servers.website.replace("localhost", "127.0.0.1");

async function live(page, api) {
    await signIn(page);
    assert.equal((await payload(page)).role, "customer");
    assert.equal((await call(page, "/me", {})).status, 200);
    await advance(api, HOUR);
    assert.equal((await call(page, "/me", {})).status, 200);
    assert.equal(page.context().refreshes, 1);
    assert.equal((await call(page, "/admin")).status, 403);
    await call(page, "/role", "admin");
    assert.equal((await payload(page)).role, "admin");
    await page.evaluate(() => supertokens.signOut());
    const seen = [...REFRESHED, "API_INVALID_CLAIM", "ACCESS_TOKEN_PAYLOAD_UPDATED", "SIGN_OUT"];
    assert.deepEqual(await events(page), seen);
    assert.equal(await exists(page), false);
}

for (const csrf of ["origin", "header", "token", "none"]) {
    const api = servers[csrf];

    test(`cookies work from another origin of the same site, anti-CSRF ${csrf}`, async t => {
        const page = await tab(await profile(t), { origin: servers.website, api });
        await live(page, api);
        assert.equal(await cookie(page.context(), "sAccessToken"), undefined, "signed out");
    });
}

for (const [name, origin] of [["origin", servers.website], ["site", crossSite]]) {
    test(`headers work from another ${name}`, async t => {
        const api = servers.origin;
        const page = await tab(await profile(t), { origin, api, mode: "header" });
        await live(page, api);
        assert.equal(await cookie(page.context(), "sAccessToken"), undefined);
    });
}

test("a website that the policy does not name reads nothing", async t => {
    const page = await tab(await profile(t), { origin: servers.evil, api: servers.origin });
    await assert.rejects(call(page, "/login", { user: "ada", role: "customer" }), /Failed to fetch/);
});
