// After-response tasks are no jobs: nothing to follow, so the feed is asked while the tab is open.

import { get, post } from './http.js';
import { element, milliseconds, say } from './format.js';

const panel = document.querySelector('#notify');
const feed = document.querySelector('#feed');
const said = document.querySelector('#notify-said');
let last = 0;

export function startNotify() {
  document.querySelector('#notify-form').addEventListener('submit', notify);
  panel.addEventListener('shown', refresh);
  setInterval(() => { if (!panel.hidden && !document.hidden) refresh(); }, 1000);
}

async function notify(event) {
  event.preventDefault();
  const started = performance.now();
  try {
    const answer = await post(`/notify/${encodeURIComponent(document.querySelector('#notify-email').value)}`);
    say(said, `${answer.message}. Answered in ${milliseconds(performance.now() - started)}.`);
  } catch (error) {
    say(said, error.message, true);
  }
}

async function refresh() {
  const arrived = await get(`/notifications?after=${last}`).catch(() => []);
  for (const one of arrived.filter(one => one.number > last)) {
    last = one.number;
    const took = new Date(one.arrivedAt) - new Date(one.askedAt);
    feed.prepend(element('li', {}, element('strong', {}, one.email), ` was notified ${took} ms after the click.`));
  }
  document.querySelector('#feed-none').hidden = last > 0;
}
