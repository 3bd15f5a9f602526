// Small helpers to draw with.
import { session } from "/client.js";

export const find = selector => document.querySelector(selector);

/** An element: its tag and classes as in `li.tea`, its properties, its children. */
export function el(name, properties = {}, ...children) {
    const [tag, ...classes] = name.split(".");
    const element = Object.assign(document.createElement(tag), properties);
    element.classList.add(...classes);
    element.append(...children.flat().filter(child => child !== null));
    return element;
}

/** A button that does one thing at a time, and says what went wrong. It stays enabled meanwhile, so that it keeps the focus. */
export function button(label, work, kind = "") {
    const element = el("button", { textContent: label, className: kind, type: "button" });
    element.onclick = async () => {
        if (element.ariaBusy === "true") return;
        element.ariaBusy = "true";
        await attempt(work);
        element.ariaBusy = "false";
    };
    return element;
}

/** Draws something anew; whoever was on one of its buttons with the keyboard stays there. */
export function redraw(element, children) {
    const buttons = () => [...element.querySelectorAll("button")];
    const focused = buttons().indexOf(document.activeElement);
    element.replaceChildren(...children);
    buttons()[focused]?.focus();
}

export async function attempt(work) {
    try {
        return await work();
    } catch (error) {
        if (session()) notify(error.status ? error.message : "The shop cannot be reached.");
    }
}

let quiet;
export function notify(text) {
    find("#notice").textContent = text;
    clearTimeout(quiet);
    quiet = setTimeout(() => (find("#notice").textContent = ""), 4000);
}
