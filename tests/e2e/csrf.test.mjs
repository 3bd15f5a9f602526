// What another site can do to a signed-in user, by anti-CSRF mode: nothing, and least of all sign the user out.
import { test } from "node:test";
import assert from "node:assert/strict";
import { HOUR, REFRESH, REFRESHED, advance, call, events, profile, servers, signIn, tab } from "./harness.mjs";

/** Posts from a page of another origin of the same site, whose requests carry even `Lax` cookies. Answers the status. */
async function forge(context, api, path) {
    const page = await context.newPage();
    await page.goto(servers.evil);
    const answered = page.waitForResponse(api + path);
    await page.evaluate(url => bareFetch(url, { method: "POST", mode: "no-cors", credentials: "include" }), api + path);
    return (await answered).status();
}

for (const mode of ["origin", "header", "token", "none"]) {
    const api = servers[mode];
    // `None` relies on SameSite alone, which does not tell two ports of one host apart. That it answers 200 also shows that the
    // browser attaches the cookies, which the other modes then refuse.
    const refused = mode === "none" ? 200 : 401;

    test(`${mode}: the website itself is not disturbed`, async t => {
        const page = await tab(await profile(t), { origin: api });
        await signIn(page);
        assert.equal((await call(page, "/me", {})).status, 200);
        await advance(api, HOUR);
        assert.equal((await call(page, "/me", {})).status, 200);
        assert.equal((await call(page, "/me", {})).status, 200);
        assert.equal(page.context().refreshes, 1);
        await page.evaluate(() => supertokens.signOut());
        assert.deepEqual(await events(page), [...REFRESHED, "SIGN_OUT"]);
    });

    test(`${mode}: another site ${refused === 401 ? "changes nothing" : "is held off by SameSite alone"}`, async t => {
        const page = await tab(await profile(t), { origin: api });
        await signIn(page);
        assert.equal(await forge(page.context(), api, "/me"), refused);
        assert.equal(await forge(page.context(), api, REFRESH), refused);
        if (refused === 401) {
            assert.equal(await forge(page.context(), api, "/auth/signout"), 401);
            assert.equal((await call(page, "/me", {})).status, 200, "nobody was signed out");
        }
    });
}
