// Drawn here, so that the page needs nothing from anywhere.

const shapes = {
  saucepan: '<path d="M8 20h30v10a6 6 0 0 1-6 6H14a6 6 0 0 1-6-6z"/><path d="M38 22h20M8 20v-2M23 14v-4M19 10h8"/><path d="M8 20c4-8 26-8 30 0"/>',
  kettle: '<path d="M18 20h24l4 16H14z"/><path d="M20 20c0-12 20-12 20 0M14 30l-8-8M30 8V6"/>',
  mug: '<path d="M18 14h24v18a6 6 0 0 1-6 6H24a6 6 0 0 1-6-6z"/><path d="M42 18h5a5 5 0 0 1 0 10h-5M26 9c0-2 2-2 2-4M33 9c0-2 2-2 2-4"/>',
  board: '<rect x="20" y="6" width="24" height="34" rx="4"/><circle cx="32" cy="13" r="2"/><path d="M26 22v12M32 22v12"/>',
  knife: '<path d="M6 24c12-10 22-10 34-10v10z"/><path d="M40 16h16v6H40zM47 19h.1M52 19h.1"/>',
  ladle: '<path d="M40 4c-2 8-4 16-6 22"/><path d="M16 26h18a9 9 0 0 1-18 0z"/><path d="M40 4c2-1 4 0 4 2"/>',
  timer: '<circle cx="32" cy="24" r="15"/><path d="M32 24V15M32 24l6 4M32 9V5M28 5h8"/>',
  mortar: '<path d="M14 20h36c0 10-6 16-12 17v3H26v-3c-6-1-12-7-12-17z"/><path d="M34 20L46 5"/>',
};

export function drawing(id) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 64 44');
  svg.setAttribute('aria-hidden', 'true');
  svg.innerHTML = shapes[id] ?? '';
  return svg;
}
