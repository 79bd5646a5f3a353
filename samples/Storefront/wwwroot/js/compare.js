// The same mail inline, after the response and as a durable job. The waiting is measured here, as the visitor feels it;
// the server is asked how many of the mails have really gone out.

import { get, post } from './http.js';
import { element, milliseconds, say, uuid } from './format.js';

const ways = [
  { id: 'inline', label: 'Inline', text: 'the visitor waits for the gateway' },
  { id: 'after-response', label: 'After the response', text: 'lost if the server dies in that moment' },
  { id: 'durable', label: 'Durable job', text: 'committed before the answer, survives a kill' },
];
const bars = document.querySelector('#bars');
const said = document.querySelector('#compare-said');
const buttons = [document.querySelector('#compare-one'), document.querySelector('#compare-ten')];

export function startCompare() {
  bars.replaceChildren(...ways.map(bar));
  buttons[0].addEventListener('click', () => run(1));
  buttons[1].addEventListener('click', () => run(10));
}

async function run(times) {
  for (const button of buttons) button.disabled = true;
  const id = uuid();
  const measured = new Map(ways.map(way => [way.id, []]));
  try {
    for (let round = 1; round <= times; round++) {
      say(said, `Round ${round} of ${times} …`);
      for (const way of ways) {
        measured.get(way.id).push(await time(`/compare/${way.id}?run=${id}`));
        draw(measured);
      }
    }
    await drawSent(id, times);
    say(said, 'Done: every mail has gone out.');
  } catch (error) {
    say(said, error.message, true);
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}

async function time(path) {
  const started = performance.now();
  await post(path);
  return performance.now() - started;
}

// The background is behind by one mail at most when the last answer is there; ask until it has caught up.
async function drawSent(id, times) {
  for (let attempt = 0; attempt < 100; attempt++) {
    const summary = await get(`/compare/${id}`);
    for (const way of summary.ways) bars.querySelector(`[data-way="${way.way}"] .sent`).textContent = `${way.sent} of ${times} mails sent`;
    if (summary.ways.every(way => way.sent >= times)) return;
    await new Promise(resolve => setTimeout(resolve, 200));
  }
  throw new Error('Some mails have not gone out yet.');
}

function draw(measured) {
  const medianOf = times => [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)];
  // The longest median fills the bar but for a little; a single slow outlier must not squeeze all the others.
  const scale = 90 / Math.max(...[...measured.values()].filter(times => times.length).map(medianOf));
  for (const [way, times] of measured) {
    if (times.length === 0) continue;
    const median = medianOf(times);
    const node = bars.querySelector(`[data-way="${way}"]`);
    node.dataset.median = median;
    node.querySelector('.value').textContent = times.length > 1 ? `${milliseconds(median)} (slowest ${milliseconds(Math.max(...times))})` : milliseconds(median);
    node.querySelector('.median').style.width = `${median * scale}%`;
    node.querySelector('.slowest').style.width = `${Math.min(100, Math.max(...times) * scale)}%`;
  }
}

const bar = way => element('div', { class: 'bar', 'data-way': way.id },
  element('div', { class: 'label' }, element('b', {}, way.label), element('span', { class: 'value' }, '–')),
  element('div', { class: 'track', 'aria-hidden': 'true' }, element('div', { class: 'slowest' }), element('div', { class: 'median' })),
  element('div', { class: 'label meta' }, element('span', {}, way.text), element('span', { class: 'sent' })));
