// The strip of jobs and workflows: follows each, whatever tab is open, and finds them again after a reload.

import { isAway, onConnection } from './connection.js';
import { call } from './http.js';
import { element } from './format.js';
import { watch } from './live.js';

const remembered = 12;
const storageKey = 'storefront.jobs';

const jobs = new Map();      // id → { id, title, path, job, stop, node }
const endings = new Map();   // id → functions that want to know how it ended
let list, none, announce;

export function startJobs() {
  list = document.querySelector('#jobs');
  none = document.querySelector('#jobs-none');
  announce = document.querySelector('#announce');
  for (const { id, title, path, job } of load()) add(id, title, path ?? pathOf(id), job);
  onConnection(() => { for (const entry of jobs.values()) draw(entry); });
}

/** Follows a job. `ended` is called with the job when it has finished. */
export function follow(id, title, ended, path = pathOf(id)) {
  if (ended) endings.set(id, [...(endings.get(id) ?? []), ended]);
  const entry = jobs.get(id);
  if (entry) followAgain(entry);
  else add(id, title, path, null);
  save();
}

/** The same for a workflow as a whole. */
export const followWhole = (id, title, ended) => follow(id, title, ended, `/jobs/workflows/${id}`);

const pathOf = id => `/jobs/${id}`;

export const isUnderWay = id => jobs.has(id) && !isFinished(jobs.get(id).job);
export const isFinished = job => ['succeeded', 'failed', 'cancelled', 'skipped'].includes(stateOf(job));
export const stateOf = job => (job?.state ?? 'waiting').toLowerCase();

function add(id, title, path, job) {
  const entry = { id, title, path, job, stop: null, node: null };
  jobs.set(id, entry);
  draw(entry);
  if (!isFinished(job)) start(entry);
  forgetOldest();
}

function followAgain(entry) {
  if (isFinished(entry.job)) entry.job = null;
  draw(entry);
  if (!entry.stop) start(entry);
}

// Gone: pruned, or the data directory was replaced.
function start(entry) {
  entry.stop = watch(entry.path, job => update(entry, job), () => forget(entry));
}

function update(entry, job) {
  if (entry.job && isFinished(entry.job)) return;
  const before = stateOf(entry.job);
  entry.job = job;
  draw(entry);
  if (isFinished(entry.job)) end(entry);
  else if (before !== stateOf(entry.job)) save();
}

async function end(entry) {
  unfollow(entry);
  announce.textContent = `${entry.title}: ${stateOf(entry.job)}`;
  save();
  const waiting = endings.get(entry.id) ?? [];
  endings.delete(entry.id);
  for (const ended of waiting) ended(entry.job);
}

function unfollow(entry) {
  entry.stop?.();
  entry.stop = null;
}

function draw(entry) {
  const state = stateOf(entry.job);
  const node = entry.node ??= list.insertBefore(element('li', { class: 'card', 'data-job': entry.id },
    element('div', { class: 'head' }, element('span', { class: 'title' }, entry.title), element('span', { class: 'state' })),
    element('progress', { max: 1, 'aria-label': `Progress of ${entry.title}` }),
    element('p', { class: 'text' }),
    element('div', { class: 'foot' })), list.firstChild);
  node.dataset.state = state;
  const unknown = isAway() && !isFinished(entry.job);
  node.classList.toggle('unknown', unknown);
  node.querySelector('.state').textContent = unknown ? 'no connection' : state === 'scheduled' ? 'will try again' : state;
  node.querySelector('.text').textContent = textOf(entry.job);
  const fraction = fractionOf(entry.job);
  const bar = node.querySelector('progress');
  if (fraction === null && !isFinished(entry.job)) bar.removeAttribute('value');
  else bar.value = fraction ?? 0;
  bar.hidden = isFinished(entry.job) && entry.path !== pathOf(entry.id);    // all steps of a workflow that failed are final as well
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
    await call('POST', `${entry.path}/cancel`);
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
const textOf = job => job?.reason ?? job?.problem?.detail ?? job?.progress?.text ?? job?.progressText ?? stepsOf(job) ?? (isFinished(job) ? '' : 'in the queue');

// Of a workflow: why it failed, or what runs.
function stepsOf(job) {
  if (!job?.steps) return null;
  const failed = job.steps.find(step => step.state === 'failed');
  if (failed && isFinished(job)) return failed.reason ?? failed.problem?.detail ?? `${failed.name} failed`;
  return job.steps.filter(step => step.state === 'running').map(step => step.name).slice(0, 3).join(', ');
}

const save = () => localStorage.setItem(storageKey, JSON.stringify([...jobs.values()].map(({ id, title, path, job }) => ({ id, title, path, job: isFinished(job) ? brief(job) : null }))));

const brief = job => ({ state: job.state, reason: textOf(job), progress: job.progress });

function load() {
  try { return JSON.parse(localStorage.getItem(storageKey)) ?? []; } catch { return []; }
}
