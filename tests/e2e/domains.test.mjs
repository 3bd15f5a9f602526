// A change of the cookies' domain while users are signed in: nobody notices.
import { test } from "node:test";
import assert from "node:assert/strict";
import { HOUR, REFRESHED, advance, call, events, profile, servers, signIn, tab } from "./harness.mjs";

const good = { status: 200, body: { user: "ada", role: "customer" } };

/** The domains of the cookies of a name; one that begins with a dot is shared with the hosts below. */
async function domains(context, api, name) {
    const cookies = await context.cookies([api, `${api}/auth/session/refresh`]);
    return cookies.filter(found => found.name === name).map(found => found.domain);
}

async function lives(page, api) {
    await events(page);
    assert.deepEqual(await call(page, "/me"), good);
    await advance(api, HOUR);
    assert.deepEqual(await call(page, "/me"), good);
    await advance(api, HOUR);
    assert.deepEqual(await call(page, "/me"), good);
    assert.deepEqual(await events(page), [...REFRESHED, ...REFRESHED]);
}

test("cookies move to the new domain with the next refresh, and no request is lost", async t => {
    const before = await tab(await profile(t), { origin: servers.host_only });
    await signIn(before);
    const page = await tab(before.context(), { origin: servers.shared });
    await lives(page, servers.shared);
    for (const name of ["sAccessToken", "sRefreshToken"]) {
        assert.deepEqual(await domains(page.context(), servers.shared, name), [".shop.test"]);
    }
});

test("signing out after a change leaves no cookie behind", async t => {
    const before = await tab(await profile(t), { origin: servers.host_only });
    await signIn(before);
    const page = await tab(before.context(), { origin: servers.shared });
    await page.evaluate(() => supertokens.signOut());
    assert.deepEqual(await domains(page.context(), servers.shared, "sAccessToken"), []);
    assert.equal((await call(page, "/me")).status, 401);
});

test("a change that nobody told the policy of costs no session either, and its twins are removed when seen", async t => {
    const before = await tab(await profile(t), { origin: servers.host_only });
    await signIn(before);
    const page = await tab(before.context(), { origin: servers.careless });
    await lives(page, servers.careless);
    assert.deepEqual(await domains(page.context(), servers.careless, "sAccessToken"), [".shop.test"]);
    assert.deepEqual(await domains(page.context(), servers.careless, "sRefreshToken"), [".shop.test"]);
});
