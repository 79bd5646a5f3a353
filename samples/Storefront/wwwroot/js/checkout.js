// Orders: a button for each case, the order's steps as they go, and what the shop's books say in the end.

import { get, post } from './http.js';
import { element, price, say, uuid } from './format.js';
import { flowCard } from './flow.js';
import { followWhole, isFinished } from './jobs.js';

const cases = {
  buy: { product: 'saucepan', card: 'card-good' },
  declined: { product: 'kettle', card: 'card-declined' },
  last: { product: 'fish-kettle', card: 'card-good' },
  slow: { product: 'mortar', card: 'card-slow' },
};
const form = document.querySelector('#checkout-form');
const said = document.querySelector('#checkout-said');
const card = flowCard('order', { changed, gone });
const unsure = new Map();       // case → the order that may have arrived or not
let order = null, seen = null;

export function startCheckout() {
  form.addEventListener('submit', buy);
  document.querySelector('#checkout').addEventListener('shown', drawOrders);
}

async function buy(event) {
  event.preventDefault();
  const { value } = event.submitter;
  // After a broken connection the same order is sent again: the server knows it by its id and takes it once.
  const id = unsure.get(value) ?? uuid();
  unsure.set(value, id);
  event.submitter.disabled = true;
  try {
    const { id: workflow } = await post('/checkout', { order: id, email: document.querySelector('#checkout-email').value, ...cases[value] });
    unsure.delete(value);
    say(said, 'Ordered: all its steps are stored, whatever happens to the server now.');
    await drawOrders();
    const ordered = await get(`/orders/${id}`);
    followWhole(workflow, titleOf(ordered.order));
    show(ordered.order);
  } catch (error) {
    if (error.status) unsure.delete(value);
    say(said, error.message, true);
  } finally {
    event.submitter.disabled = false;
  }
}

async function drawOrders() {
  const orders = await get('/orders');
  document.querySelector('#orders').replaceChildren(...orders.map(one => element('li', {}, element('button',
    { class: 'quiet', type: 'button', 'data-order': one.id, 'aria-pressed': String(one.id === order?.id), onclick: () => show(one) }, titleOf(one)))));
  document.querySelector('#orders-none').hidden = orders.length > 0;
  if (!order && orders.length) show(orders[0]);
}

function show(one) {
  order = one;
  for (const button of document.querySelectorAll('#orders button')) button.setAttribute('aria-pressed', button.dataset.order === one.id);
  if (card.shown === one.workflow) return;
  seen = null;
  drawFacts({ chargedCents: 0, refundedCents: 0 }, { state: 'running' });
  card.show(one.workflow, titleOf(one));
}

// The books change with the steps; asking once for each change of a step is enough.
async function changed(workflow) {
  const states = workflow.steps?.map(step => step.state).join() + workflow.state;
  if (states === seen) return;
  seen = states;
  const id = order.id;
  const outcome = await get(`/orders/${id}`).catch(() => null);
  if (outcome && order.id === id && states === seen) drawFacts(outcome, workflow);
}

function gone() {
  document.querySelector('#order-facts').replaceChildren(element('li', { class: 'wrong' }, 'The steps of this order are not known (any more).'));
}

function drawFacts({ chargedCents, refundedCents, reserved, released, invoice, mail }, workflow) {
  const yet = isFinished(workflow) ? '' : ' yet';
  const trouble = (workflow.steps ?? []).filter(step => step.state === 'failed').map(step => step.reason ?? step.problem?.detail).filter(Boolean);
  document.querySelector('#order-facts').replaceChildren(
    ...trouble.map(text => element('li', { class: 'wrong' }, text)),
    ...workflow.state === 'cancelled' ? [element('li', { class: 'wrong' }, 'The order was cancelled.')] : [],
    fact('charged', chargedCents, `${price(chargedCents)} charged.`, `Nothing charged${yet}.`),
    ...refundedCents || trouble.length || workflow.state === 'cancelled' ? [fact('refunded', refundedCents, `${price(refundedCents)} given back.`, chargedCents ? `Nothing given back${yet}.` : 'Nothing to give back.')] : [],
    fact('stock', reserved, 'One piece laid aside.', released ? 'The piece was put back on the shelf.' : `No piece laid aside${yet}.`),
    fact('invoice', invoice, `Invoice no. ${invoice} written.`, `No invoice${yet}.`),
    fact('mail', mail, 'Confirmation mail sent.', `No mail sent${yet}.`));
}

const fact = (name, is, yes, no) => element('li', { class: is ? 'done' : '', 'data-fact': name }, is ? yes : no);
const titleOf = one => `Order ${one.number}: ${one.product}`;
