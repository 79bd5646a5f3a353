// Draws a workflow as MapJobs shows it: layers from left to right, what undoes and what comes last in a row of its own below.

import { isFinished } from './jobs.js';
import { watch } from './live.js';
import { count } from './format.js';

const box = { width: 138, height: 66, across: 30, down: 16 };
const edge = 8;                 // room around the drawing
const manyInALayer = 12;        // more steps of one kind side by side are drawn as one box
const order = ['failed', 'cancelled', 'running', 'scheduled', 'ready', 'waiting', 'succeeded', 'skipped'];
const words = { waiting: 'waiting', ready: 'in the queue', scheduled: 'later', running: 'running', succeeded: 'succeeded', failed: 'failed', cancelled: 'cancelled', skipped: 'skipped' };
const roles = { undo: 'undo', onFailure: 'on failure', finally: 'finally' };

/** Follows a workflow until its last step is final. Gives the function that stops it. */
export function followWorkflow(id, onChange, onEnd, onGone) {
  const stop = watch(`/jobs/workflows/${id}`, workflow => {
    onChange(workflow);
    if (!isFinished(workflow)) return;
    stop();
    onEnd?.(workflow);
  }, () => { stop(); onGone?.(); });
  return stop;
}

/** Draws a workflow into a node, or brings the drawing there up to date. */
export function drawGraph(node, workflow) {
  const boxes = place(boxesOf(workflow));
  const svg = node.querySelector('svg.graph') ?? begin(node);
  const width = 2 * edge + Math.max(...boxes.map(one => one.x + box.width), 0);
  const height = 2 * edge + Math.max(...boxes.map(one => one.y + box.height), 0);
  set(svg, { viewBox: `${-edge} ${-edge} ${width} ${height}`, 'aria-label': `Steps of ${workflow.name ?? 'the workflow'}` });
  svg.style.setProperty('--natural', `${width}px`);
  svg.querySelector('.edges').replaceChildren(...edgesOf(workflow, boxes).map(drawEdge));
  drawBoxes(svg.querySelector('.boxes'), boxes);
  tick(node, workflow);
}

/** Makes room for the drawing of another workflow. */
export function eraseGraph(node) {
  clearTimeout(node.tick);
  node.replaceChildren();
}

// The time of a running step goes on between two events.
function tick(node, workflow) {
  clearTimeout(node.tick);
  if (workflow.steps?.some(step => step.state === 'running')) node.tick = setTimeout(() => { if (node.isConnected) drawGraph(node, workflow); }, 500);
}

// --- what is drawn ---

/** One box per step; of a layer with many steps of one kind, one for all of them. */
function boxesOf(workflow) {
  const layers = layersOf(workflow);
  const sets = new Map();
  for (const step of workflow.steps ?? []) {
    const key = `${layers.get(step.number)}/${step.role ?? ''}/${step.kind}`;
    if (!sets.has(key)) sets.set(key, []);
    sets.get(key).push(step);
  }
  const boxOf = (key, steps) => ({ key, steps, layer: layers.get(steps[0].number), role: steps[0].role, undoes: undoneBy(steps[0], workflow) });
  return [...sets].flatMap(([key, steps]) => steps.length > manyInALayer ? [boxOf(key, steps)] : steps.map(step => boxOf(String(step.number), [step])))
    .sort((a, b) => a.steps[0].number - b.steps[0].number);
}

/** An ordinary step is right of all its parents. What undoes a step is below it; what comes last is below the end. */
function layersOf({ steps = [], edges = [] }) {
  const roleOf = new Map(steps.map(step => [step.number, step.role]));
  const layers = new Map(steps.map(step => [step.number, 0]));
  const parents = new Map(steps.map(step => [step.number, 0]));
  const forward = edges.filter(({ from, to }) => !roleOf.get(from) && !roleOf.get(to));
  const next = Map.groupBy(forward, ({ from }) => from);
  for (const { to } of forward) parents.set(to, parents.get(to) + 1);

  const free = steps.filter(step => !step.role && parents.get(step.number) === 0).map(step => step.number);
  for (const from of free) {
    for (const { to } of next.get(from) ?? []) {
      layers.set(to, Math.max(layers.get(to), layers.get(from) + 1));
      parents.set(to, parents.get(to) - 1);
      if (parents.get(to) === 0) free.push(to);
    }
  }

  const last = Math.max(0, ...layers.values());
  for (const step of steps.filter(step => step.role)) layers.set(step.number, layers.get(undoneBy(step, { edges })) ?? last);
  return layers;
}

const undoneBy = (step, { edges = [] }) => step.role === 'undo' ? edges.find(({ to }) => to === step.number)?.from : undefined;

function place(boxes) {
  const ordinary = boxes.filter(one => !one.role);
  const tall = Math.max(1, ...columns(ordinary).map(column => column.length));
  const undone = new Set(boxes.filter(one => one.undoes).map(one => one.undoes));
  for (const column of columns(ordinary)) {
    // The columns are centred on one line; what has an undo is at the bottom, next to it.
    column.sort((a, b) => undone.has(a.steps[0].number) - undone.has(b.steps[0].number));
    column.forEach((one, row) => at(one, row + (tall - column.length) / 2, 0));
  }
  for (const column of columns(boxes.filter(one => one.role))) column.forEach((one, row) => at(one, tall + row, box.down / 2));
  return boxes;
}

const columns = boxes => [...Map.groupBy(boxes, one => one.layer).values()];

function at(one, row, extra) {
  one.x = one.layer * (box.width + box.across);
  one.y = row * (box.height + box.down) + extra;
}

/** Edges between boxes: many steps in one box make one edge. One that only says what two others say is left out. */
function edgesOf({ edges = [] }, boxes) {
  const boxOf = new Map(boxes.flatMap(one => one.steps.map(step => [step.number, one])));
  const drawn = new Map();
  for (const { from, to, labels } of edges) {
    const [a, b] = [boxOf.get(from), boxOf.get(to)];
    if (!a || !b || a === b) continue;
    const key = `${a.key}→${b.key}`;
    drawn.set(key, { a, b, labels: new Set([...drawn.get(key)?.labels ?? [], ...labels ?? []]) });
  }
  return [...drawn.values()].filter(({ a, b, labels }) => labels.size > 0 || !boxes.some(c => drawn.has(`${a.key}→${c.key}`) && drawn.has(`${c.key}→${b.key}`)));
}

// --- how it is drawn ---

function begin(node) {
  const svg = shape('svg', { class: 'graph', role: 'group' }, shape('g', { class: 'edges', 'aria-hidden': 'true' }), shape('g', { class: 'boxes' }));
  node.classList.add('graph-frame');
  node.replaceChildren(svg);
  return svg;
}

function drawEdge({ a, b, labels }) {
  const state = stateOf(b) === 'skipped' || stateOf(a) === 'skipped' ? 'off' : stateOf(a) === 'succeeded' ? 'on' : '';
  const [x1, y1, x2, y2] = b.role
    ? [a.x + box.width / 2, a.y + box.height, b.x + box.width / 2, b.y]
    : [a.x + box.width, a.y + box.height / 2, b.x, b.y + box.height / 2];
  const middle = (x1 + x2) / 2;
  const path = b.role ? `M${x1} ${y1} L${x2} ${y2}` : `M${x1} ${y1} C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`;
  return shape('g', { class: `edge ${state} ${b.role ?? ''}` }, shape('path', { d: path }),
    ...labels.size ? [shape('text', { x: middle, y: (y1 + y2) / 2 - 6 }, [...labels].join(', '))] : []);
}

function drawBoxes(layer, boxes) {
  const keys = new Set(boxes.map(one => one.key));
  for (const old of [...layer.children]) if (!keys.has(old.dataset.box)) old.remove();
  const drawn = new Map([...layer.children].map(node => [node.dataset.box, node]));
  for (const one of boxes) {
    const node = drawn.get(one.key) ?? layer.appendChild(newBox(one));
    node.style.transform = `translate(${one.x}px, ${one.y}px)`;
    if (one.steps.length === 1) fillOne(node, one.steps[0]);
    else fillMany(node, one);
  }
}

const newBox = one => shape('g', { class: 'box', role: 'img', 'data-box': one.key },
  shape('title'), ...one.role ? [shape('text', { class: 'role', x: 1, y: -6 }, roles[one.role] ?? one.role)] : [],
  shape('rect', { class: 'ground', width: box.width, height: box.height, rx: 9 }),
  shape('text', { class: 'name', x: 11, y: 23 }), shape('circle', { class: 'dot', cx: 15, cy: 41, r: 4 }), shape('text', { class: 'state', x: 25, y: 45.5 }),
  shape('text', { class: 'time', x: box.width - 11, y: 45.5, 'text-anchor': 'end' }),
  shape('rect', { class: 'track', x: 12, y: 53, width: box.width - 24, height: 5, rx: 2.5 }), shape('rect', { class: 'bar', x: 12, y: 53, height: 5, rx: 2.5 }));

function fillOne(node, step) {
  const state = words[step.state] ?? step.state;
  const attempt = step.attempt > 1 && step.state !== 'succeeded' ? `, attempt ${step.attempt}` : '';
  fill(node, { name: step.name, state: state + attempt, time: timeOf([step]), worst: step.state, fraction: step.state === 'running' ? step.progress?.fraction ?? null : null, more: step.reason ?? step.problem?.detail ?? step.progress?.text });
}

function fillMany(node, { steps }) {
  const states = Map.groupBy(steps, step => step.state);
  const said = order.filter(state => states.has(state)).map(state => `${count(states.get(state).length)} ${words[state]}`).join(', ');
  const done = steps.reduce((sum, step) => sum + (isFinished(step) ? 1 : step.progress?.fraction ?? 0), 0) / steps.length;
  fill(node, { name: `${count(steps.length)} × ${steps[0].kind}`, state: said, time: '', worst: stateOf({ steps }), fraction: done < 1 ? done : null });
}

function fill(node, { name, state, time, worst, fraction, more }) {
  const part = selector => node.querySelector(selector);
  node.dataset.state = worst;
  node.setAttribute('aria-label', [name, state, time].filter(Boolean).join(', '));
  part('title').textContent = [`${name}: ${state}`, more].filter(Boolean).join('\n');
  part('.name').textContent = shorten(name, 17);
  part('.state').textContent = shorten(state, time ? 13 : 20);
  part('.time').textContent = time;
  part('.track').style.display = part('.bar').style.display = fraction === null ? 'none' : '';
  if (fraction !== null) part('.bar').style.width = `${(box.width - 24) * Math.min(1, fraction)}px`;
}

const stateOf = ({ steps }) => order.find(state => steps.some(step => step.state === state));

function timeOf([step]) {
  if (!step.startedAt) return '';
  const seconds = Math.max(0, (step.finishedAt ? new Date(step.finishedAt) : Date.now()) - new Date(step.startedAt)) / 1000;
  return seconds < 10 ? `${seconds.toFixed(1)} s` : seconds < 60 ? `${Math.round(seconds)} s` : `${Math.floor(seconds / 60)} min`;
}

const shorten = (text, length) => text.length > length ? `${text.slice(0, length - 1)}…` : text;

function shape(tag, attributes = {}, ...children) {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  set(node, attributes);
  node.append(...children);
  return node;
}

function set(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
}
