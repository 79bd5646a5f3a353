// A card that shows one workflow at a time: its name, its state, its graph, a button that cancels it.

import { isAway, onConnection } from './connection.js';
import { post } from './http.js';
import { drawGraph, eraseGraph, followWorkflow } from './graph.js';
import { isFinished } from './jobs.js';

/** Makes the card show workflows. `changed` is called with each snapshot, `gone` if there is none (any more). */
export function flowCard(name, { changed, gone }) {
  const part = what => document.querySelector(what ? `#${name}-${what}` : `#${name}`);
  let stop = null, shown = null, last = null;

  part('cancel').addEventListener('click', async () => {
    part('cancel').disabled = true;
    await post(`/jobs/workflows/${shown}/cancel`).catch(() => { part('cancel').disabled = false; });
  });

  function drawState() {
    if (!last) return;
    part('state').textContent = isAway() && !isFinished(last) ? 'no connection' : last.state;
    part('state').dataset.state = last.state;
  }

  onConnection(drawState);

  function draw(workflow) {
    last = workflow;
    drawState();
    part('cancel').hidden = isFinished(workflow) || workflow.cancelRequested === true;
    drawGraph(part('graph'), workflow);
    changed(workflow);
  }

  return {
    get shown() { return shown; },
    show(id, title) {
      if (shown === id) return;
      stop?.();
      shown = id;
      last = null;
      part('title').textContent = title;
      part('state').textContent = '';
      eraseGraph(part('graph'));
      part('cancel').hidden = true;
      part('cancel').disabled = false;
      part('').hidden = false;
      // Shown again, it is looked for again: the list may have been a moment ahead of the workflow.
      stop = followWorkflow(id, draw, null, () => { shown = null; gone?.(); });
    },
  };
}
