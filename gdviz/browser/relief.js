// The relief: a surface in three dimensions beside a stage, whose camera stays where it was turned.
//
// It receives the message of the stage (see stage.js) with one track per method in x, y, z, and
// follows the step of the stage whose key the header names, by the event that the stage sends.

import { listenToFingers } from './fingers.js';
import { Backgrounds, Queue, loadPlotly, unpack } from './messages.js';
import { enlarge, growth } from './projector.js';
import { styleOf, themed } from './stage.js';

const backgrounds = new Backgrounds();
const PAUSE = 120; // ms between two moves of the heads: WebGL in software takes that long to draw

const lines = (scene) => scene.layers.map((l) => ({
  type: 'scatter3d', mode: 'lines', x: l.x.data, y: l.y.data, z: l.z.data, hoverinfo: 'skip', showlegend: false,
  line: { color: l.color, width: scene.large ? 8 : 5 },
}));

const heads = (scene, k) => {
  const at = (array) => array.data[Math.min(k, array.rows - 1)];
  return {
    type: 'scatter3d', mode: 'markers', hoverinfo: 'skip', showlegend: false,
    x: scene.layers.map((l) => at(l.x)), y: scene.layers.map((l) => at(l.y)), z: scene.layers.map((l) => at(l.z)),
    marker: { color: scene.layers.map((l) => l.color), size: scene.large ? 9 : 6, line: { color: '#fff', width: 1 } },
  };
};

async function show(S, background, scene) {
  const style = styleOf(S.gd, scene.large);
  const { data, layout } = enlarge(structuredClone(background.figure), style.by);
  const flat = themed(layout, style);
  await S.Plotly.react(S.gd, [...data, ...lines(scene), heads(scene, S.k ?? scene.steps)], flat, { displaylogo: false, displayModeBar: false, responsive: true });
}

function follow(S, event) {
  if (event.detail.key !== S.scene?.key) return;
  S.k = event.detail.step;
  if (S.timer) return;
  S.timer = setTimeout(() => {
    S.timer = undefined;
    const { x, y, z } = heads(S.scene, S.k);
    const index = S.gd.data.length - 1;
    S.Plotly.restyle(S.gd, { x: [x], y: [y], z: [z] }, [index]);
  }, PAUSE);
}

export default function component({ data, parentElement }) {
  const forget = backgrounds.take(data, parentElement);
  if (forget) return forget;
  const scene = unpack(data);
  const S = (parentElement.gdRelief ??= { queue: new Queue() });
  if (!S.gd) {
    S.gd = parentElement.appendChild(document.createElement('div'));
    S.gd.setAttribute('role', 'img');
    S.listener = (event) => follow(S, event);
    document.addEventListener('gdviz-step', S.listener);
  }
  S.gd.style.height = `${Math.round(scene.height * growth(scene.large))}px`;
  S.gd.setAttribute('aria-label', scene.alt);
  S.queue.add(scene, async () => {
    S.Plotly = await loadPlotly(new URL(scene.plotly, document.baseURI).href);
    if (!S.scene) listenToFingers(S.gd, S.Plotly);
    S.scene = scene;
    await show(S, await backgrounds.get(scene.background), scene);
  });
  return () => {
    document.removeEventListener('gdviz-step', S.listener);
    clearTimeout(S.timer);
    S.Plotly?.purge(S.gd);
    S.gd.remove();
    delete parentElement.gdRelief;
  };
}
