// The storefront as people use it: with the mouse, with the keyboard alone, on two devices, wide and narrow, light and dark. The
// pictures are kept for people to look at.
import { test } from "node:test";
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { profile } from "./harness.mjs";

const { STOREFRONT: origin, SCREENSHOTS: pictures } = process.env;

async function open(t, options) {
    const page = await (await profile(t, options)).newPage();
    page.problems = [];
    page.on("pageerror", error => page.problems.push(error.message));
    page.on("console", message => message.type() === "error" && page.problems.push(message.text()));
    await page.goto(origin);
    return page;
}

async function enter(page, name) {
    await page.getByRole("button", { name: `Sign in as ${name}` }).click();
    await page.locator("#view h1").waitFor();
}

const life = page => page.locator("#lifeline strong").allTextContents();

test("a shopper fills a cart, joins the club, and pays after a step up", async t => {
    const page = await open(t);
    await enter(page, "Mira");
    await page.getByRole("button", { name: "Add Sencha to the cart" }).click();
    await page.locator(".total", { hasText: "€9.80" }).waitFor();
    await page.getByRole("button", { name: "Join the tea club" }).click();
    await page.locator(".total", { hasText: "€8.82" }).waitFor();
    assert.deepEqual(await life(page), ["Payload changed", "Session created"]);
    await page.getByRole("button", { name: "Pay" }).click();
    await page.locator("#step-up-reason", { hasText: "confirmed" }).waitFor();
    await page.keyboard.type("9999");
    await page.keyboard.press("Enter");
    await page.locator("#step-up-error", { hasText: "not the PIN" }).waitFor();
    await page.keyboard.type("1234");
    await page.keyboard.press("Enter");
    await page.locator("#notice", { hasText: "Paid" }).waitFor();
    await page.locator("#cart", { hasText: "Empty" }).waitFor();
    await page.getByRole("link", { name: "Staff" }).click();
    await page.getByRole("heading", { name: "Staff only" }).waitFor();
    const refusals = page.problems.filter(problem => !/status of (401|403|422)/.test(problem));
    assert.deepEqual(refusals, []);
});

test("an expired access token is refreshed before one's eyes", async t => {
    const page = await open(t);
    await enter(page, "Mira");
    await page.locator("#lifeline .refreshed").first().waitFor();
    await page.getByRole("button", { name: "Add Assam to the cart" }).click();
    await page.locator(".total").waitFor();
});

test("a device that is signed out elsewhere notices by itself", async t => {
    const one = await open(t);
    await enter(one, "Tomás");
    const two = await open(t);
    await enter(two, "Tomás");
    await one.goto(`${origin}/#devices`);
    await one.locator(".list li").nth(1).waitFor();
    await one.getByRole("button", { name: "Sign out everywhere else" }).click();
    await two.getByRole("heading", { name: "Who is having tea?" }).waitFor();
    assert.equal(await one.locator(".list li").count(), 1);
});

test("staff see who is in the shop and can show somebody the door", async t => {
    const guest = await open(t);
    await enter(guest, "Mira");
    const staff = await open(t);
    await enter(staff, "June");
    await staff.getByRole("heading", { name: "Who is in the shop" }).waitFor();
    // The last to come; others may be there from elsewhere.
    await staff.getByRole("button", { name: "Sign out Mira" }).last().click();
    await staff.locator("#notice", { hasText: "signed out" }).waitFor();
    await guest.getByRole("heading", { name: "Who is having tea?" }).waitFor();
});

test("the keyboard alone is enough, and another tab follows", async t => {
    const page = await open(t);
    await page.getByRole("button", { name: "Sign in as Mira" }).waitFor();
    const press = async (key, times = 1) => {
        for (let count = 0; count < times; count += 1) await page.keyboard.press(key);
    };
    // The skip link, the brand, and the first of the people.
    await press("Tab", 3);
    await press("Enter");
    await page.locator("#view h1", { hasText: "teas" }).waitFor();
    const add = page.getByRole("button", { name: "Add Assam to the cart" });
    await add.focus();
    await press("Enter");
    await page.locator(".total", { hasText: "€7.20" }).waitFor();
    const more = page.getByRole("button", { name: "One Assam more" });
    await more.focus();
    for (const total of ["€14.40", "€21.60"]) {
        await press("Enter");
        await page.locator(".total", { hasText: total }).waitFor();
        assert.ok(await more.evaluate(button => button === document.activeElement), "the focus stays");
    }
    const tab = await page.context().newPage();
    await tab.goto(origin);
    await tab.getByRole("button", { name: "Add Oolong to the cart" }).waitFor();
    await page.getByRole("button", { name: "Sign out" }).focus();
    await press("Enter");
    await page.getByRole("heading", { name: "Who is having tea?" }).waitFor();
    await tab.getByRole("heading", { name: "Who is having tea?" }).waitFor();
});

for (const colorScheme of ["light", "dark"]) {
    for (const width of [1280, 390]) {
        test(`it fits ${width} pixels in ${colorScheme}`, async t => {
            const page = await open(t, { colorScheme, reducedMotion: "reduce", viewport: { width, height: width > 600 ? 860 : 844 } });
            await mkdir(pictures, { recursive: true });
            const picture = async name => {
                const wide = await page.evaluate(() => document.documentElement.scrollWidth);
                assert.ok(wide <= width, `${name} is ${wide} pixels wide`);
                await page.screenshot({ path: `${pictures}/${name}-${width}-${colorScheme}.png`, fullPage: true });
            };
            await page.getByRole("button", { name: "Sign in as June" }).waitFor();
            await picture("welcome");
            await enter(page, "June");
            await page.locator(".list li").first().waitFor();
            await picture("staff");
            await page.getByRole("link", { name: "Shop", exact: true }).click();
            await page.getByRole("button", { name: "Join the tea club" }).click();
            for (const tea of ["Sencha", "Earl Grey"]) await page.getByRole("button", { name: `Add ${tea}` }).click();
            await page.locator(".cart li").nth(1).waitFor();
            await picture("shop");
            await page.getByRole("button", { name: "Pay" }).click();
            await page.locator("#pin").waitFor();
            await picture("step-up");
            await page.getByRole("button", { name: "Cancel" }).click();
            await page.getByRole("link", { name: "Devices" }).click();
            await page.getByRole("heading", { name: "Your devices" }).waitFor();
            await picture("devices");
        });
    }
}
