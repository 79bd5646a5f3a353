// The strip of jobs: follows each by server-sent events, whatever tab is open, and finds them again after a reload.

import { call, get } from './http.js';
import { element } from './format.js';

// A browser opens six connections to a server and an event stream holds one for as long as it lives: with six jobs followed
// by streams, no click would get through. So three are followed live; the others wait for their turn, and are looked at now and then.
const liveAtOnce = 3;
const lookEvery = 2000;
const remembered = 12;
const storageKey = 'storefront.jobs';

const jobs = new Map();      // id → { id, title, job, live, node }
const endings = new Map();   // id → functions that want to know how it ended
let list, none, announce;

export function startJobs() {
  list = document.querySelector('#jobs');
  none = document.querySelector('#jobs-none');
  announce = document.querySelector('#announce');
  for (const { id, title, job } of load()) add(id, title, job);
  setInterval(lookAtTheOthers, lookEvery);
  followNext();
}

/** Follows a job. `ended` is called with the job when it has finished. */
export function follow(id, title, ended) {
  if (ended) endings.set(id, [...(endings.get(id) ?? []), ended]);
  const entry = jobs.get(id);
  if (entry) followAgain(entry);
  else add(id, title, null);
  followNext();
  save();
}

export const isUnderWay = id => jobs.has(id) && !isFinished(jobs.get(id).job);
export const isFinished = job => ['succeeded', 'failed', 'cancelled', 'skipped'].includes(stateOf(job));
export const stateOf = job => (job?.state ?? 'waiting').toLowerCase();

function add(id, title, job) {
  jobs.set(id, { id, title, job, live: null, node: null });
  draw(jobs.get(id));
  forgetOldest();
}

function followAgain(entry) {
  if (isFinished(entry.job)) entry.job = null;
  draw(entry);
}

function followNext() {
  const unfinished = [...jobs.values()].filter(entry => !isFinished(entry.job));
  let room = liveAtOnce - unfinished.filter(entry => entry.live).length;
  for (const entry of unfinished) {
    if (room > 0 && !entry.live) {
      followLive(entry);
      room--;
    }
  }
}

function followLive(entry) {
  const events = entry.live = new EventSource(`/jobs/${entry.id}/events`);
  const changed = message => update(entry, JSON.parse(message.data));
  for (const type of ['message', 'state', 'progress', 'end']) events.addEventListener(type, changed);

  // When the server is away the browser tries again by itself, and goes on after the last event it saw. Only an answer
  // that is no event stream (the job is gone) closes it for good.
  events.onerror = () => { if (events.readyState === EventSource.CLOSED) look(entry); };
}

function update(entry, job) {
  if (entry.job && isFinished(entry.job)) return;
  const before = stateOf(entry.job);
  entry.job = { ...entry.job, ...job };
  draw(entry);
  if (isFinished(entry.job)) end(entry);
  else if (before !== stateOf(entry.job)) save();
}

async function end(entry) {
  unfollow(entry);
  announce.textContent = `${entry.title}: ${stateOf(entry.job)}`;
  save();
  followNext();
  const waiting = endings.get(entry.id) ?? [];
  endings.delete(entry.id);
  for (const ended of waiting) ended(entry.job);
}

function unfollow(entry) {
  entry.live?.close();
  entry.live = null;
}

async function lookAtTheOthers() {
  for (const entry of jobs.values()) {
    if (!entry.live && !isFinished(entry.job)) await look(entry);
  }
}

async function look(entry) {
  try {
    update(entry, await get(`/jobs/${entry.id}`));
    if (entry.live?.readyState === EventSource.CLOSED) unfollow(entry);
    followNext();
  } catch (error) {
    if (error.status === 404) forget(entry);    // pruned, or the data directory was replaced; otherwise the server is away: later
  }
}

function draw(entry) {
  const state = stateOf(entry.job);
  const node = entry.node ??= list.insertBefore(element('li', { class: 'card', 'data-job': entry.id },
    element('div', { class: 'head' }, element('span', { class: 'title' }, entry.title), element('span', { class: 'state' })),
    element('progress', { max: 1, 'aria-label': `Progress of ${entry.title}` }),
    element('p', { class: 'text' }),
    element('div', { class: 'foot' })), list.firstChild);
  node.dataset.state = state;
  node.querySelector('.state').textContent = state === 'scheduled' ? 'will try again' : state;
  node.querySelector('.text').textContent = textOf(entry.job);
  const fraction = fractionOf(entry.job);
  const bar = node.querySelector('progress');
  if (fraction === null && !isFinished(entry.job)) bar.removeAttribute('value');
  else bar.value = fraction ?? 0;
  drawFoot(entry, node.querySelector('.foot'));
  none.hidden = jobs.size > 0;
}

function drawFoot(entry, foot) {
  const wanted = isFinished(entry.job) ? 'dismiss' : 'cancel';
  if (foot.dataset.shows === wanted) return;
  foot.dataset.shows = wanted;
  foot.replaceChildren(wanted === 'cancel'
    ? element('button', { class: 'quiet', type: 'button', onclick: () => cancel(entry) }, 'Cancel')
    : element('button', { class: 'quiet', type: 'button', onclick: () => forget(entry) }, 'Dismiss'));
}

async function cancel(entry) {
  try {
    await call('POST', `/jobs/${entry.id}/cancel`);
  } catch (error) {
    entry.node.querySelector('.text').textContent = error.message;
  }
}

function forget(entry) {
  unfollow(entry);
  jobs.delete(entry.id);
  entry.node.remove();
  none.hidden = jobs.size > 0;
  save();
}

function forgetOldest() {
  const finished = [...jobs.values()].filter(entry => isFinished(entry.job));
  for (const entry of finished.slice(0, Math.max(0, jobs.size - remembered))) forget(entry);
}

const fractionOf = job => job?.progress?.fraction ?? (typeof job?.progress === 'number' ? job.progress : null);
const textOf = job => job?.reason ?? job?.problem?.detail ?? job?.progress?.text ?? job?.progressText ?? (isFinished(job) ? '' : 'in the queue');

const save = () => localStorage.setItem(storageKey, JSON.stringify([...jobs.values()].map(({ id, title, job }) => ({ id, title, job: isFinished(job) ? job : null }))));

function load() {
  try { return JSON.parse(localStorage.getItem(storageKey)) ?? []; } catch { return []; }
}
