// Prints the front-end package as one script that sets `window.supertokens`. The package is published as CommonJS modules only,
// and wrapping those is all that a page needs of a bundler.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const numbers = new Map();
const modules = [];

function add(file) {
    if (numbers.has(file)) return numbers.get(file);
    const number = modules.push(null) - 1;
    numbers.set(file, number);
    const source = readFileSync(file, "utf8");
    const needs = {};
    for (const [, name] of source.matchAll(/require\("([^"]+)"\)/g)) {
        needs[name] = add(createRequire(file).resolve(name));
    }
    modules[number] = `[(module, exports, require) => {${source}\n}, ${JSON.stringify(needs)}]`;
    return number;
}

const entry = add(createRequire(import.meta.url).resolve("supertokens-website"));
process.stdout.write(`(() => {
const modules = [${modules.join(",\n")}];
const loaded = [];
const load = number => {
    if (!loaded[number]) {
        const module = (loaded[number] = { exports: {} });
        const [run, needs] = modules[number];
        run.call(module.exports, module, module.exports, name => load(needs[name]));
    }
    return loaded[number].exports;
};
window.supertokens = load(${entry});
})();
`);
