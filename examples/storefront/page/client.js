// The browser's side of a session, all of it: requests that refresh by themselves, and the front-token, which says who is signed
// in. The tokens are in cookies that no script can read. The published package `supertokens-website` does the same and more.

const REFRESH = "/auth/session/refresh";
const listeners = [];

/** Who is signed in, until when, and the typed payload; `null` for nobody. The server signs the access token, and never reads this. */
export function session() {
    const token = localStorage.getItem("front-token");
    if (!token) return null;
    const bytes = Uint8Array.from(atob(token), byte => byte.charCodeAt(0));
    const { uid, ate, up } = JSON.parse(new TextDecoder().decode(bytes));
    return { user: uid, expiresAt: ate, payload: up };
}

/** Calls `listener` with what happened: `created`, `refreshed`, `changed`, `ended`; and whether another tab did it. */
export const onEvent = listener => listeners.push(listener);

/** A request that a session goes with. An expired access token is refreshed, and the request repeated, once. */
export async function request(path, { method = "GET", body } = {}) {
    const before = localStorage.getItem("front-token");
    let response = await send(path, method, body);
    if (response.status === 401 && before && (await refresh(before))) response = await send(path, method, body);
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) throw Object.assign(new Error(answer.message ?? response.statusText), { status: response.status, answer });
    return answer;
}

/** Of all tabs, one refreshes; the others wait for it and find that it is done. */
function refresh(before) {
    return navigator.locks.request("refresh", async () => {
        if (localStorage.getItem("front-token") === before) await send(REFRESH, "POST");
        return localStorage.getItem("front-token") !== null;
    });
}

async function send(path, method, body) {
    // `rid` is what the anti-CSRF mode `CustomHeader` asks for.
    const headers = { "st-auth-mode": "cookie", rid: "storefront" };
    if (body !== undefined) headers["content-type"] = "application/json";
    const response = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    const token = response.headers.get("front-token");
    if (token === "remove") forget();
    else if (token) keep(token, path);
    return response;
}

function keep(token, path) {
    const before = session();
    localStorage.setItem("front-token", token);
    announce(!before ? "created" : path === REFRESH ? "refreshed" : path === "/api/sign-in" ? "created" : "changed", before);
}

function forget() {
    const before = session();
    localStorage.removeItem("front-token");
    if (before) announce("ended", before);
}

function announce(kind, before, elsewhere = false) {
    for (const listener of listeners) listener({ kind, before, now: session(), elsewhere });
}

// What another tab of this browser did.
addEventListener("storage", event => {
    if (event.key !== "front-token" || event.newValue === event.oldValue) return;
    announce(!event.newValue ? "ended" : !event.oldValue ? "created" : "refreshed", null, true);
});
