// Talks to the server; what went wrong comes as problem details (RFC 9457) and leaves as an Error with words for people.

import { found, lost } from './connection.js';

export async function call(method, path, body) {
  const response = await fetch(path, {
    method,
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  }).catch(() => { throw lost(); });
  found();
  if (!response.ok) throw await problemOf(response);
  return response.status === 204 || response.headers.get('content-length') === '0' ? null : jsonOf(await textOf(response));
}

export const get = path => call('GET', path);
export const post = (path, body) => call('POST', path, body);

export function problemFrom(text, status) {
  const problem = jsonOf(text) ?? {};
  const fields = Object.values(problem.errors ?? {}).flat();
  return Object.assign(new Error(fields[0] ?? problem.detail ?? problem.title ?? `The server answered ${status}.`), { status });
}

const problemOf = async response => problemFrom(await textOf(response), response.status);
const textOf = response => response.text().catch(() => { throw lost(); });

function jsonOf(text) {
  try { return JSON.parse(text); } catch { return null; }
}
