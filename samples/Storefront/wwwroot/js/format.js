const integer = new Intl.NumberFormat('en');
const money = new Intl.NumberFormat('en', { style: 'currency', currency: 'EUR' });

export const count = number => integer.format(number);
export const price = cents => money.format(cents / 100);
export const milliseconds = value => value < 10 ? `${value.toFixed(1)} ms` : `${Math.round(value)} ms`;

export function size(bytes) {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(bytes, 1)) / 3)));
  return `${power === 0 ? bytes : (bytes / 1000 ** power).toFixed(1)} ${units[power]}`;
}

// Text is always set as text: names of uploaded files are written by strangers.
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children);
  return node;
}

export function say(node, text, wrong = false) {
  node.textContent = text;
  node.classList.toggle('wrong', wrong);
}

// randomUUID needs HTTPS or localhost; the shop may be looked at from a phone in the same network.
export const uuid = () => crypto.randomUUID?.() ?? '10000000-1000-4000-8000-100000000000'.replace(/[018]/g, digit => (digit ^ crypto.getRandomValues(new Uint8Array(1))[0] & 15 >> digit / 4).toString(16));
