import { readFileSync } from 'node:fs';

// Some packages do not export their package.json.
export const versionOf = (name) => JSON.parse(readFileSync(new URL(`./node_modules/${name}/package.json`, import.meta.url))).version;
