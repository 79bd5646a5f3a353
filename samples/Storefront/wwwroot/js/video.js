// Videos: uploads and test clips, the steps as they go, and the result to play.

import { lost } from './connection.js';
import { get, post, problemFrom } from './http.js';
import { element, say, size } from './format.js';
import { flowCard } from './flow.js';
import { followWhole, isFinished } from './jobs.js';

const upload = { form: document.querySelector('#video-form'), file: document.querySelector('#video-file'), bar: document.querySelector('#video-upload'), said: document.querySelector('#video-said') };
const clip = { form: document.querySelector('#clip-form'), seconds: document.querySelector('#clip-seconds'), said: document.querySelector('#clip-said') };
const result = document.querySelector('#film-result');
const waits = document.querySelector('#film-waits');
const card = flowCard('film', { changed, gone: () => say(document.querySelector('#film-said'), 'The steps of this video are not known (any more).', true) });
let settings = { worksHere: true, maxBytes: Infinity }, film = null, waiting = null;

export function startVideo() {
  upload.form.addEventListener('submit', event => { event.preventDefault(); start(upload, uploadFile); });
  clip.form.addEventListener('submit', event => { event.preventDefault(); start(clip, () => post(`/videos/test?seconds=${clip.seconds.value}`)); });
  document.querySelector('#video').addEventListener('shown', shown);
}

async function shown() {
  settings = await get('/videos/settings');
  document.querySelector('#video-most').textContent = `, up to ${size(settings.maxBytes)}`;
  await drawFilms();
}

async function start({ form, said }, send) {
  const button = form.querySelector('button');
  button.disabled = true;
  try {
    const { id } = await send();
    say(said, 'The video is here and is worked on in the background.');
    const films = await drawFilms();
    const mine = films.find(one => one.workflow === id);
    followWhole(id, `Video ${mine.name}`, drawFilms);
    show(mine);
  } catch (error) {
    say(said, error.message, true);
  } finally {
    button.disabled = false;
    upload.bar.hidden = true;
  }
}

function uploadFile() {
  const file = upload.file.files[0];
  // The server says the same, but only after some of it was sent.
  if (file.size > settings.maxBytes) throw new Error(`The file has ${size(file.size)}; at most ${size(settings.maxBytes)} are accepted.`);
  upload.bar.hidden = false;
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `/videos?name=${encodeURIComponent(file.name)}`);
    request.setRequestHeader('content-type', file.type || 'video/x-matroska');
    request.upload.onprogress = event => { upload.bar.value = event.total ? event.loaded / event.total : 0; };
    request.onload = () => request.status < 300 ? resolve(JSON.parse(request.responseText)) : reject(problemFrom(request.responseText, request.status));
    request.onerror = () => { lost(); reject(new Error('The connection broke; nothing was uploaded. Try again.')); };
    request.send(file);
  });
}

async function drawFilms() {
  const films = await get('/videos');
  document.querySelector('#films').replaceChildren(...films.map(one => element('li', {}, element('button',
    { class: 'quiet', type: 'button', 'data-film': one.id, 'aria-pressed': String(one.id === film?.id), onclick: () => show(one) }, one.name))));
  document.querySelector('#films-none').hidden = films.length > 0;
  if (!film && films.length) show(films[0]);
  return films;
}

function show(one) {
  film = one;
  for (const button of document.querySelectorAll('#films button')) button.setAttribute('aria-pressed', button.dataset.film === one.id);
  if (card.shown === one.workflow) return;
  result.replaceChildren();
  say(document.querySelector('#film-said'), '', true);
  drawWaiting({ state: 'succeeded' });
  card.show(one.workflow, one.name);
}

function changed(workflow) {
  document.querySelector('#film-progress').value = workflow.progress ?? 0;
  document.querySelector('#film-percent').textContent = `${Math.floor((workflow.progress ?? 0) * 100)} %`;
  const failed = workflow.steps?.find(step => step.state === 'failed');
  say(document.querySelector('#film-said'), failed ? `${failed.name}: ${failed.reason ?? failed.problem?.detail ?? 'failed'}` : '', true);
  drawWaiting(workflow);
  if (workflow.state === 'succeeded') drawResult();
}

// Between two steps nothing runs for a moment, wherever the worker is; after two seconds there is none.
function drawWaiting(workflow) {
  const idle = !settings.worksHere && !isFinished(workflow) && workflow.steps?.some(step => step.state === 'ready') && !workflow.steps.some(step => step.state === 'running');
  if (idle) waiting ??= setTimeout(() => { waits.hidden = false; }, 2000);
  else {
    clearTimeout(waiting);
    waiting = null;
    waits.hidden = true;
  }
}

function drawResult() {
  if (result.hasChildNodes()) return;
  const folder = `/videos/${film.id}`;
  result.replaceChildren(
    element('video', { controls: true, playsinline: true, preload: 'metadata', poster: `${folder}/thumbnail.jpg`, src: `${folder}/video.webm`, 'aria-label': film.name }),
    element('p', { class: 'row meta' }, element('a', { href: `${folder}/video.webm`, download: film.name.replace(/\.[^.]*$/, '') + '.webm' }, 'Download'), element('a', { href: `${folder}/thumbnail.jpg` }, 'Thumbnail')));
}
