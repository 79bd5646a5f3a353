// Draws the city: streets, zones, drivers, routes and the car. One unit of the drawing is a metre.

const margin = { left: 165, top: 70, rest: 45 };

/** Draws the map and gives what changes it. `picked` is called with the crossing that was clicked. */
export function drawCity(svg, city, picked) {
  const width = Math.max(...city.crossings.map(one => one.x));
  const height = Math.max(...city.crossings.map(one => one.y));
  svg.setAttribute('viewBox', `${-margin.left} ${-margin.top} ${width + margin.left + margin.rest} ${height + margin.top + margin.rest}`);
  const layers = Object.fromEntries(['parks', 'zones', 'streets', 'arrows', 'names', 'zone-names', 'routes', 'drivers', 'pins', 'car'].map(name => [name, shape('g', { class: name })]));
  svg.replaceChildren(...Object.values(layers));

  layers.parks.append(...city.parks.map(park => drawPark(city, park)));
  for (const zone of city.zones) drawZone(city, zone, layers);
  const pieces = piecesOf(city);
  layers.streets.append(...pieces.map(({ a, b, kmh }) => shape('line', { class: `street kmh-${kmh}`, x1: a.x, y1: a.y, x2: b.x, y2: b.y })));
  layers.arrows.append(...pieces.filter(one => one.isOneWay).map(drawArrow));
  layers.names.append(...city.crossings.filter(one => one.column === 0).map(one => text(-28, one.y, 'end', one.address.split(' & ')[0])));
  layers.names.append(...city.crossings.filter(one => one.row === 0).map(one => text(one.x, -36, 'middle', one.address.split(' & ')[1])));

  svg.addEventListener('click', event => {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    picked(city.crossings.reduce((best, one) => distance(one, at) < distance(best, at) ? one : best));
  });

  const car = layers.car.appendChild(drawCar());
  let heading = 0;
  return {
    showPins(from, to) {
      layers.pins.replaceChildren(...[[from, 'from', 'A'], [to, 'to', 'B']].filter(([at]) => at).map(([at, kind, letter]) => drawPin(at, kind, letter)));
    },

    /** Zones by their ids, each with the step that asks it. */
    showZones(steps) {
      for (const node of [...layers.zones.children, ...layers['zone-names'].children]) {
        const step = steps.get(node.dataset.zone);
        if (step) node.dataset.state = step.state;
        else delete node.dataset.state;
      }
    },

    showDrivers(drivers, yours) {
      if (!drivers) return;
      const drawn = new Map([...layers.drivers.children].map(node => [node.dataset.driver, node]));
      for (const driver of drivers) {
        const node = drawn.get(String(driver.id)) ?? layers.drivers.appendChild(drawDriver(driver));
        node.style.transform = `translate(${driver.x}px, ${driver.y}px)`;
        node.dataset.state = driver.id === yours ? 'yours' : driver.free ? 'free' : 'busy';
      }
    },

    showRoutes(toPickup, trip, isOver) {
      layers.routes.replaceChildren(...[[trip, 'trip'], [toPickup, 'to-pickup']].filter(([route]) => route)
        .map(([route, kind]) => shape('path', { class: `route ${kind} ${isOver ? 'over' : ''}`, d: `M${route.stops.map(stop => `${stop.x} ${stop.y}`).join(' L')}` })));
    },

    /** Moves the car; nothing: there is none. */
    moveCar(at, driver) {
      const appears = car.dataset.shown !== 'yes';
      car.dataset.shown = at ? 'yes' : 'no';
      if (!at) return;
      // The shorter way round.
      heading += ((at.heading - heading) % 360 + 540) % 360 - 180;
      car.classList.toggle('appears', appears);
      car.style.transform = `translate(${at.x}px, ${at.y}px)`;
      car.firstElementChild.style.transform = `rotate(${heading}deg)`;
      car.querySelector('title').textContent = driver ? `${driver.name}, ${driver.car}` : '';
    },

    clearRide() {
      layers.routes.replaceChildren();
      this.moveCar(null);
      this.showZones(new Map());
    },
  };
}

/** The streets, both directions of a two-way street as one piece. */
function piecesOf({ crossings, streets }) {
  const there = new Set(streets.map(({ from, to }) => `${from}>${to}`));
  return streets.filter(({ from, to }) => from < to || !there.has(`${to}>${from}`))
    .map(({ from, to, kmh }) => ({ a: crossings[from], b: crossings[to], kmh, isOneWay: !there.has(`${to}>${from}`) }));
}

function drawArrow({ a, b }) {
  const degrees = Math.atan2(b.y - a.y, b.x - a.x) * 180 / Math.PI;
  return shape('path', { d: 'M-7 -7 L4 0 L-7 7', transform: `translate(${(a.x + b.x) / 2} ${(a.y + b.y) / 2}) rotate(${degrees})` });
}

function drawPark({ crossings }, park) {
  const [a, b] = [crossings[park.from], crossings[park.to]];
  return shape('rect', { x: a.x + 14, y: a.y + 14, width: b.x - a.x - 28, height: b.y - a.y - 28, rx: 16 });
}

function drawZone({ crossings }, zone, layers) {
  const inside = crossings.filter(one => one.column >= zone.column && one.column < zone.column + zone.size && one.row >= zone.row && one.row < zone.row + zone.size);
  const [x1, x2] = [Math.min(...inside.map(one => one.x)) - 38, Math.max(...inside.map(one => one.x)) + 38];
  const [y1, y2] = [Math.min(...inside.map(one => one.y)) - 38, Math.max(...inside.map(one => one.y)) + 38];
  const name = text((x1 + x2) / 2, (y1 + y2) / 2, 'middle', zone.name);
  name.dataset.zone = zone.id;
  layers.zones.append(shape('rect', { 'data-zone': zone.id, x: x1, y: y1, width: x2 - x1, height: y2 - y1, rx: 24 }));
  layers['zone-names'].append(name);
}

function drawDriver(driver) {
  const node = shape('g', { class: 'driver', 'data-driver': driver.id }, shape('circle', { r: 14 }), shape('title'));
  node.querySelector('title').textContent = `${driver.name}, ${driver.car}`;
  return node;
}

const drawPin = (at, kind, letter) => shape('g', { class: `pin ${kind}`, transform: `translate(${at.x} ${at.y})` },
  shape('path', { d: 'M0 0 C-8 -22 -28 -34 -28 -56 A28 28 0 0 1 28 -56 C28 -34 8 -22 0 0 Z' }), text(0, -54, 'middle', letter));

const drawCar = () => shape('g', { class: 'own', id: 'ride-car', 'data-shown': 'no' },
  shape('g', {}, shape('rect', { x: -30, y: -17, width: 60, height: 34, rx: 11 }), shape('rect', { class: 'glass', x: 2, y: -12, width: 13, height: 24, rx: 4 }), shape('rect', { class: 'glass', x: -21, y: -11, width: 8, height: 22, rx: 3 })),
  shape('title'));

function text(x, y, anchor, content) {
  const node = shape('text', { x, y, 'text-anchor': anchor, 'dominant-baseline': 'central' });
  node.textContent = content;
  return node;
}

const distance = (one, at) => Math.hypot(one.x - at.x, one.y - at.y);

function shape(tag, attributes = {}, ...children) {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}
