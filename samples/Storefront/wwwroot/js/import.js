// Uploads, generated files and the list of imports.

import { lost, onConnection } from './connection.js';
import { get, post, problemFrom } from './http.js';
import { count, element, say, size } from './format.js';
import { follow, isFinished, isUnderWay, stateOf } from './jobs.js';

const upload = { form: document.querySelector('#upload-form'), file: document.querySelector('#upload-file'), bar: document.querySelector('#upload-progress'), said: document.querySelector('#upload-said') };
const sample = { form: document.querySelector('#sample-form'), rows: document.querySelector('#sample-rows'), said: document.querySelector('#sample-said'), ready: document.querySelector('#sample-ready'), import: document.querySelector('#sample-import'), download: document.querySelector('#sample-download') };

export function startImport() {
  upload.form.addEventListener('submit', uploadFile);
  sample.form.addEventListener('submit', makeSample);
  document.querySelector('#import').addEventListener('shown', drawImports);
  onConnection(isAway => { if (!isAway) findUnfinished(); });
  findUnfinished();
}

async function uploadFile(event) {
  event.preventDefault();
  const file = upload.file.files[0];
  const button = upload.form.querySelector('button');
  button.disabled = true;
  upload.bar.hidden = false;
  try {
    const job = await send(file, fraction => { upload.bar.value = fraction; say(upload.said, `Uploading: ${Math.round(fraction * 100)} %`); });
    say(upload.said, 'Uploaded. The import runs in the background; go and look around.');
    followImport(job.id, file.name);
    upload.form.reset();
  } catch (error) {
    say(upload.said, error.message, true);
  } finally {
    button.disabled = false;
    upload.bar.hidden = true;
  }
}

// fetch cannot tell how much of a body has left; XMLHttpRequest can.
function send(file, progress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `/imports?name=${encodeURIComponent(file.name)}`);
    request.setRequestHeader('content-type', 'text/csv');
    request.upload.onprogress = event => progress(event.total ? event.loaded / event.total : 0);
    request.onload = () => request.status < 300 ? resolve(JSON.parse(request.responseText)) : reject(problemFrom(request.responseText, request.status));
    request.onerror = () => { lost(); reject(new Error('The connection broke; nothing was imported. Try again.')); };
    request.send(file);
  });
}

async function makeSample(event) {
  event.preventDefault();
  try {
    const rows = Number(sample.rows.value);
    const job = await post(`/samples?rows=${rows}`);
    sample.ready.hidden = true;
    say(sample.said, 'The file is being made.');
    follow(job.id, `A file of ${count(rows)} rows`, ended => sampleEnded(ended));
  } catch (error) {
    say(sample.said, error.message, true);
  }
}

async function sampleEnded(job) {
  if (stateOf(job) !== 'succeeded') return say(sample.said, `No file: the job was ${stateOf(job)}.`, true);
  const file = job.result ?? await get(`/jobs/${job.id}/result`);
  say(sample.said, `${file.name} is there: ${size(file.bytes)}.`);
  sample.download.href = `/samples/${file.name}`;
  sample.import.onclick = () => importSample(file.name);
  sample.ready.hidden = false;
}

async function importSample(name) {
  try {
    followImport((await post(`/samples/${encodeURIComponent(name)}/import`)).id, name);
  } catch (error) {
    say(sample.said, error.message, true);
  }
}

function followImport(id, name) {
  follow(id, `Import of ${name}`, drawImports);
  drawImports();
}

// An import that was started elsewhere, or before the server was killed, belongs into the strip as well.
async function findUnfinished() {
  for (const { job, name, finished } of await get('/imports')) {
    if (!finished && !isFinished(await get(`/jobs/${job}`).catch(() => ({ state: 'failed' })))) followImport(job, name);
  }
}

async function drawImports() {
  const imports = await get('/imports');
  document.querySelector('#imports').replaceChildren(...imports.map(draw));
  document.querySelector('#imports-none').hidden = imports.length > 0;
}

function draw(one) {
  const bad = element('ol');
  const details = element('details', { 'data-import': one.job },
    element('summary', {}, element('span', { class: 'name' }, one.name), ` ${size(one.bytes)} — ${summaryOf(one)}`), bad);
  details.addEventListener('toggle', async () => {
    if (details.open) bad.replaceChildren(...await badRows(one));
  });
  return element('li', {}, details, ...one.finished || isUnderWay(one.job) ? [] : [continueButton(one)]);
}

// While it runs, the numbers are in the strip, live.
const summaryOf = one => isUnderWay(one.job) ? 'being imported' : `${count(one.imported)} rows${one.bad ? `, ${count(one.bad)} bad` : ''}${one.finished ? '' : ' so far'}`;

async function badRows(one) {
  const { report } = await get(`/imports/${one.job}`);
  const rows = report.firstBadRows.map(row => element('li', {}, element('b', {}, `line ${count(row.line)}`), ` ${row.reason}`));
  const more = report.bad - rows.length;
  return rows.length === 0 ? [element('li', {}, 'No bad rows.')] : more > 0 ? [...rows, element('li', {}, `and ${count(more)} more`)] : rows;
}

// For an import that was cancelled or has failed: the same job, from its checkpoint.
function continueButton(one) {
  const said = element('span', { class: 'meta', role: 'status' });
  const button = element('button', { class: 'quiet', type: 'button' }, 'Continue');
  button.addEventListener('click', async () => {
    try {
      await post(`/imports/${one.job}/continue`);
      followImport(one.job, one.name);
    } catch (error) {
      said.textContent = error.message;
    }
  });
  return element('p', { class: 'row' }, button, said);
}
