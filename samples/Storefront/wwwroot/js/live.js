// Follows what lives under an address of MapJobs, a job or a workflow: live by server-sent events where there is room, by a look now and then where there is none.

import { check, onConnection } from './connection.js';
import { get } from './http.js';

// A browser opens six connections to a server and an event stream holds one for as long as it lives: with six streams no click
// would get through. So three are open at a time, whoever asked for them.
const atOnce = 3;
const lookEvery = 2000;
const followed = new Map();     // path → { path, events, last, followers }
let looking = null;

/** Calls `changed` with what is under the path, now and after each change. `gone`: it is not known (any more). Gives the function that ends it. */
export function watch(path, changed, gone) {
  const one = followed.get(path) ?? { path, events: null, last: null, followers: new Set() };
  const follower = { changed, gone };
  followed.set(path, one);
  one.followers.add(follower);
  if (one.last) queueMicrotask(() => { if (one.followers.has(follower)) changed(one.last); });
  looking ??= setInterval(lookAtTheOthers, lookEvery);
  openStreams();
  return () => leave(one, follower);
}

// The streams go on by themselves, after a while; until then each is looked at once.
onConnection(async isAway => {
  if (isAway) return;
  for (const one of [...followed.values()]) await look(one);
});

function leave(one, follower) {
  one.followers.delete(follower);
  if (one.followers.size > 0) return;
  close(one);
  if (followed.get(one.path) === one) followed.delete(one.path);
  openStreams();
}

function openStreams() {
  let room = atOnce - [...followed.values()].filter(one => one.events).length;
  for (const one of followed.values()) {
    if (room > 0 && !one.events) {
      open(one);
      room--;
    }
  }
}

function open(one) {
  const events = one.events = new EventSource(`${one.path}/events`);
  const changed = message => tell(one, JSON.parse(message.data));
  for (const type of ['message', 'state', 'progress', 'end']) events.addEventListener(type, changed);

  // When the server is away the browser tries again by itself, and goes on after the last event it saw. Only an answer
  // that is no event stream (it is gone, or there are too many streams) closes it for good.
  events.onerror = () => {
    check();
    if (events.readyState !== EventSource.CLOSED || one.events !== events) return;
    one.events = null;
    look(one);
  };
}

function close(one) {
  one.events?.close();
  one.events = null;
}

async function lookAtTheOthers() {
  for (const one of [...followed.values()].filter(one => !one.events)) await look(one);
  openStreams();
}

async function look(one) {
  try {
    tell(one, await get(one.path));
  } catch (error) {
    if (error.status === 404) forget(one);    // otherwise the server is away: later
  }
}

function tell(one, state) {
  if (state.state === 'unknown') return forget(one);
  one.last = { ...one.last, ...state };
  for (const follower of [...one.followers]) follower.changed(one.last);
}

function forget(one) {
  close(one);
  followed.delete(one.path);
  for (const follower of [...one.followers]) follower.gone?.();
}
