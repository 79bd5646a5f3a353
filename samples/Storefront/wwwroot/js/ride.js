// Rides: asks for one, follows its steps and its car, and shows both.

import { onConnection } from './connection.js';
import { get, post } from './http.js';
import { element, say } from './format.js';
import { drawGraph, followWorkflow } from './graph.js';
import { drawCity } from './city.js';
import { followWhole } from './jobs.js';

const storageKey = 'storefront.ride';
const panel = document.querySelector('#ride');
const said = document.querySelector('#ride-said');
const from = document.querySelector('#ride-from');
const to = document.querySelector('#ride-to');
const buttons = { request: document.querySelector('#ride-request'), cancel: document.querySelector('#ride-cancel'), crowd: document.querySelector('#ride-crowd') };
let city, map;
let followed = null;            // the id of the ride that is followed
let ride = null;                // what the positions said last
let waiting = '';               // what the step that picks a driver says
let stop = () => {};

export function startRide() {
  document.querySelector('#ride-form').addEventListener('submit', request);
  buttons.cancel.addEventListener('click', cancel);
  buttons.crowd.addEventListener('click', crowd);
  for (const input of [from, to]) input.addEventListener('input', drawPins);
  panel.addEventListener('shown', open);
  onConnection(isAway => { if (ride && !isOver(ride)) say(said, isAway ? 'No connection to the server. Shown is what was known last.' : textOf(ride), isAway); });
  setInterval(() => { if (map && !panel.hidden && !document.hidden) drawDrivers(); }, 1000);
}

// The map is drawn when somebody looks at it for the first time.
async function open() {
  if (map) return drawDrivers();
  city ??= await get('/rides/city');
  if (map) return;
  map = drawCity(document.querySelector('#city'), city, pick);
  document.querySelector('#ride-addresses').replaceChildren(...city.crossings.map(crossing => element('option', { value: crossing.address })));
  drawPins();
  drawDrivers();
  const watched = new URLSearchParams(location.search).get('ride') ?? localStorage.getItem(storageKey);
  if (watched) follow(watched);
}

async function request(event) {
  event.preventDefault();
  buttons.request.disabled = true;
  try {
    const { id } = await post('/rides', { from: from.value, to: to.value });
    localStorage.setItem(storageKey, id);
    say(said, `Looking for a driver near ${from.value}.`);
    drawButtons(true);
    followWhole(id, `Ride to ${to.value}`);
    follow(id);
  } catch (error) {
    say(said, error.message, true);
  } finally {
    buttons.request.disabled = false;
  }
}

async function cancel() {
  buttons.cancel.disabled = true;
  try {
    await post(`/jobs/workflows/${followed}/cancel`);
  } catch (error) {
    say(said, error.message, true);
    buttons.cancel.disabled = false;
  }
}

// Ten at once, from around the same place: each gets another driver.
async function crowd() {
  buttons.crowd.disabled = true;
  const near = city.crossings.find(crossing => crossing.address === from.value) ?? city.crossings[0];
  const around = city.crossings.filter(one => one !== near && Math.abs(one.column - near.column) <= 3 && Math.abs(one.row - near.row) <= 3);
  const any = list => list[Math.floor(Math.random() * list.length)];
  try {
    await Promise.all(Array.from({ length: 10 }, () => post('/rides', { from: any(around).address, to: any(city.crossings.filter(one => !around.includes(one))).address })));
  } catch (error) {
    say(said, error.message, true);
  } finally {
    buttons.crowd.disabled = false;
  }
}

// --- following a ride ---

function follow(id) {
  stop();
  followed = id;
  ride = null;
  waiting = '';
  map.clearRide();
  const stopSteps = followWorkflow(id, drawSteps, null, () => {});
  const positions = followPositions(id);
  stop = () => { stopSteps(); positions.close(); };
}

function followPositions(id) {
  const events = new EventSource(`/rides/${id}/positions`);
  events.addEventListener('position', message => moved(JSON.parse(message.data)));
  events.addEventListener('end', message => { events.close(); moved(JSON.parse(message.data)); });

  // While the server is away the browser tries again by itself. An answer that is no event stream closes it, and so does leaving the page.
  events.onerror = () => { if (events.readyState === EventSource.CLOSED) forgetIfUnknown(id); };
  return events;
}

async function forgetIfUnknown(id) {
  const status = await get(`/rides/${id}`).then(() => 200, error => error.status);
  if (status !== 404 || followed !== id) return;
  if (localStorage.getItem(storageKey) === id) localStorage.removeItem(storageKey);
  stop();
  drawButtons(false);
}

async function moved(now) {
  const before = ride;
  ride = now;
  if (before?.id !== now.id) {
    [from.value, to.value] = [now.from, now.to];
    drawPins();
  }
  drawButtons(!isOver(now));
  say(said, textOf(now), now.state === 'off' && now.reason !== 'cancelled');
  document.querySelector('#ride-watching').textContent = now.watching > 1 ? `${now.watching} are watching` : '';
  map.moveCar(isOver(now) ? null : now.car, now.driver);
  if (before?.state !== now.state) {
    drawDrivers();
    const details = now.driver && now.state !== 'off' ? await get(`/rides/${now.id}`) : {};
    if (ride?.id === now.id) map.showRoutes(ride.state === 'coming' ? details.toPickup : null, details.trip, isOver(ride));
  }
}

function drawSteps(workflow) {
  document.querySelector('#ride-graph-title').hidden = false;
  const graph = document.querySelector('#ride-graph');
  drawGraph(graph, workflow);
  keepInView(graph, graph.querySelector('[data-state=running]'));
  map.showZones(new Map(workflow.steps.filter(step => step.kind === 'ask-zone').map(step => [step.name.split('/').at(-1), step])));
  const assign = workflow.steps.find(step => step.name === 'assign');
  waiting = assign?.state === 'scheduled' ? assign.progress?.text ?? '' : '';
  if (ride?.state === 'searching') say(said, textOf(ride));
}

// The graph may be wider than its frame; the page itself must not move.
function keepInView(frame, box) {
  if (!box) return;
  const [outer, inner] = [frame.getBoundingClientRect(), box.getBoundingClientRect()];
  if (inner.right > outer.right) frame.scrollLeft += inner.right - outer.right + 12;
  else if (inner.left < outer.left) frame.scrollLeft += inner.left - outer.left - 12;
}

const isOver = one => one.state === 'arrived' || one.state === 'off';

function textOf({ state, driver, from, to, secondsLeft, reason }) {
  switch (state) {
    case 'searching': return waiting ? sentence(waiting) : `Looking for a driver near ${from}.`;
    case 'coming': return `${driver.name} comes in the ${driver.car}: ${minutes(secondsLeft)}.`;
    case 'riding': return `On the way with ${driver.name}: at ${to} in ${minutes(secondsLeft)}.`;
    case 'arrived': return `You are there: ${to}. ${driver.name} is free again.`;
    default: return reason === 'cancelled' ? 'The ride is cancelled. No driver is kept waiting.' : `No ride: ${reason}.`;
  }
}

const sentence = text => `${text[0].toUpperCase()}${text.slice(1)}.`;
const minutes = seconds => seconds < 60 ? `${Math.max(0, Math.round(seconds))} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;

// --- what is drawn beside ---

function drawButtons(isUnderWay) {
  buttons.request.hidden = isUnderWay;
  buttons.cancel.hidden = !isUnderWay;
  if (!isUnderWay) buttons.cancel.disabled = false;
}

const crossingOf = address => city.crossings.find(one => one.address.replaceAll(' ', '').toLowerCase() === address.replaceAll(' ', '').toLowerCase());

function drawPins() {
  map?.showPins(crossingOf(from.value), crossingOf(to.value));
}

async function drawDrivers() {
  map.showDrivers(await get('/rides/drivers').catch(() => null), ride && !isOver(ride) ? ride.driver?.id : null);
}

// A click on the map says where: first from, then to, and so on; who has just typed into one of the two means that one.
let next = from;
for (const input of [from, to]) input.addEventListener('focus', () => { next = input; });

function pick(crossing) {
  if (buttons.request.hidden) return;
  next.value = crossing.address;
  next = next === from ? to : from;
  drawPins();
}
