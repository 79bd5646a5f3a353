// The shop window and the long shelf: something to click around in while work runs.

import { get } from './http.js';
import { count, element, price } from './format.js';
import { drawing } from './drawings.js';

const body = document.querySelector('#shelf tbody');
const next = document.querySelector('#shelf-next');
let last = null;

export function startShop() {
  drawFavourites();
  document.querySelector('#shelf-search').addEventListener('submit', event => { event.preventDefault(); browse(null); });
  document.querySelector('#shelf-first').addEventListener('click', () => browse(null));
  next.addEventListener('click', () => browse(last));
  document.querySelector('#shop').addEventListener('shown', () => browse(null));
}

async function drawFavourites() {
  const favourites = await get('/catalogue');
  document.querySelector('#favourites').replaceChildren(...favourites.map(favourite => element('li', { class: 'card' },
    drawing(favourite.id),
    element('h3', {}, favourite.name),
    element('p', {}, favourite.text),
    element('div', { class: 'row' },
      element('span', {}, price(favourite.priceCents)),
      element('button', { type: 'button', 'aria-label': `Add ${favourite.name} to the basket`, onclick: addToBasket }, 'Add')))));
}

function addToBasket() {
  const basket = document.querySelector('#basket');
  basket.textContent = Number(basket.textContent) + 1;
}

async function browse(after) {
  const query = new URLSearchParams({ search: document.querySelector('#shelf-term').value, import: after?.import ?? 0, line: after?.line ?? 0 });
  const page = await get(`/products?${query}`);
  document.querySelector('#shelf-total').textContent = count(page.total);
  body.replaceChildren(...page.products.length ? page.products.map(row) : [empty()]);
  last = page.products.at(-1) ?? null;
  next.disabled = !last;
}

const row = product => element('tr', {},
  element('td', {}, product.sku), element('td', {}, product.name),
  element('td', { class: 'number' }, price(product.priceCents)), element('td', { class: 'number' }, count(product.stock)));

const empty = () => element('tr', {}, element('td', { colspan: 4 }, 'Nothing here. Import a file, or search for something else.'));
