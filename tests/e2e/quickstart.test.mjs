// The quickstart, as it starts by itself, with the published front-end package on a page of another origin.
import { test } from "node:test";
import assert from "node:assert/strict";
import { REFRESH, call, events, exists, payload, profile, servers, tab } from "./harness.mjs";

const api = process.env.QUICKSTART;

for (const mode of ["cookie", "header"]) {
    test(`${mode}: a website of another origin signs in, refreshes in time, changes its role, and signs out`, async t => {
        const page = await tab(await profile(t), { origin: servers.website, api, mode });
        assert.equal((await call(page, "/login", { userId: "ada" })).status, 200);
        assert.equal((await payload(page)).role, "customer");
        await events(page);
        // Its access tokens last a second; what answers the first request after that is a refresh.
        const refreshed = page.waitForResponse(response => response.url() === api + REFRESH && response.status() === 200);
        const asked = page.evaluate(async () => {
            while (!events.includes("REFRESH_SESSION")) await call("/me");
        });
        await Promise.all([refreshed, asked]);
        assert.equal((await call(page, "/role", { role: "admin" })).body.role, "admin");
        assert.equal((await payload(page)).role, "admin");
        assert.equal((await call(page, "/cart", { item: "tea" })).status, 200);
        await page.evaluate(() => supertokens.signOut());
        assert.equal(await exists(page), false);
        assert.equal((await call(page, "/me")).status, 401);
    });
}
