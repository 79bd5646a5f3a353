import { onConnection } from './connection.js';

// Tabs as the ARIA practices describe them; the address remembers the tab. Leaving a tab stops nothing: the jobs are drawn beside it.

const tabs = [...document.querySelectorAll('#tabs [role=tab]')];

export function startTabs() {
  for (const tab of tabs) tab.addEventListener('click', () => { location.hash = tab.getAttribute('aria-controls'); });
  document.querySelector('#tabs').addEventListener('keydown', move);
  window.addEventListener('hashchange', show);

  // What the open tab could not read while the server was away.
  onConnection(isAway => { if (!isAway) document.querySelector('[role=tabpanel]:not([hidden])').dispatchEvent(new Event('shown')); });
  show();
}

function show() {
  const selected = tabs.find(tab => '#' + tab.getAttribute('aria-controls') === location.hash) ?? tabs[0];
  for (const tab of tabs) {
    tab.setAttribute('aria-selected', tab === selected);
    tab.tabIndex = tab === selected ? 0 : -1;
    const panel = document.getElementById(tab.getAttribute('aria-controls'));
    panel.hidden = tab !== selected;
    if (tab === selected) panel.dispatchEvent(new Event('shown'));
  }
  selected.scrollIntoView({ inline: 'nearest', block: 'nearest' });
  window.scrollTo(0, 0);
}

function move(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const next = tabs[(tabs.indexOf(document.activeElement) + step + tabs.length) % tabs.length];
  next.focus();
  next.click();
}
