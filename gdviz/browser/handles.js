// The hand: handles that are dragged, clicks, hovering, and the questions it asks of Python on the way.

import { panel } from './drawing.js';
import { number, row, unpack } from './messages.js';
import { refresh } from './player.js';

const GRAB = 16; // pixels around a handle that take hold of it

function onCurve(gd, index, x) {
  const xs = gd._fullData[index].x;
  const ys = gd._fullData[index].y;
  let [lo, hi] = [0, xs.length - 1];
  if (!(x >= xs[lo] && x <= xs[hi])) return ys[x < xs[lo] ? lo : hi];
  while (hi - lo > 1) {
    const mid = (lo + hi) >> 1;
    if (xs[mid] <= x) lo = mid; else hi = mid;
  }
  return ys[lo] + ((x - xs[lo]) / (xs[hi] - xs[lo])) * (ys[hi] - ys[lo]);
}

function pointAt(S, handle, event) {
  const box = S.gd.getBoundingClientRect();
  const view = panel(S.gd, handle.panel);
  const px = Math.max(view.left, Math.min(view.left + view.width, event.clientX - box.left));
  const py = Math.max(view.top, Math.min(view.top + view.height, event.clientY - box.top));
  const x = Number(view.x(px).toPrecision(4));
  const y = handle.curve !== null ? onCurve(S.gd, handle.curve, x) : handle.axes === 'x' ? handle.y : Number(view.y(py).toPrecision(4));
  return { x, y };
}

function nearest(S, event) {
  const box = S.gd.getBoundingClientRect();
  const [px, py] = [event.clientX - box.left, event.clientY - box.top];
  return closest(S, S.scene.handles.filter((handle) => handle.drawn), px, py, GRAB * S.style.scale);
}

// The handle closest to a place in pixels, within reach.
function closest(S, handles, px, py, reach = Infinity) {
  let best = { distance: reach };
  for (const handle of handles) {
    const view = panel(S.gd, handle.panel);
    if (!view) continue;
    const distance = Math.hypot(view.px(handle.x) - px, view.py(handle.y) - py);
    if (distance <= best.distance) best = { distance, handle };
  }
  return best.handle;
}

// While a hand drags a handle or a dial, the scene of the settings under the hand is asked of a route of the app: no
// rerun of the page, and the next question only when the last has been answered. What is let go is Streamlit's.
async function ask(S, changes) {
  S.wish = { ...S.wish, ...changes };
  if (S.asking) return;
  S.asking = true;
  while (S.fresh !== S.wish) {
    const wish = (S.fresh = S.wish);
    const { path, query } = S.scene.live;
    const settings = new URLSearchParams(query);
    for (const [name, value] of Object.entries(wish)) settings.set(name, value);
    const answer = await fetch(new URL(`${path}?${settings}`, document.baseURI)).catch(() => null);
    const bytes = answer?.ok ? new Uint8Array(await answer.arrayBuffer()) : null;
    if (bytes && S.wish && S.root.isConnected) overlay(S, unpack(bytes));
  }
  S.asking = false;
}

// A dial of this page tells of its moves; its key is the page's prefix and the name of the setting.
export function onDial(S, { detail }) {
  const prefix = S.scene?.live?.prefix;
  if (prefix && detail.key.startsWith(prefix)) ask(S, { [detail.key.slice(prefix.length)]: detail.value });
}

// Show what the live route answered over the background that stands; pinned ghosts stay.
function overlay(S, { layers, handles, steps, alt, chips }) {
  const ghosts = S.scene.layers.filter((layer) => layer.kind === 'ghost');
  adopt(S, { ...S.scene, layers: [...ghosts, ...layers], handles, steps, alt, chips });
  S.answers = (S.answers ?? 0) + 1;
}

// Take a scene; the step stays, at the end it stays at the end.
export function adopt(S, scene) {
  const wasAtEnd = S.k >= S.scene.steps;
  S.scene = scene;
  if (wasAtEnd && !S.playing) S.k = scene.steps;
  S.k = Math.min(S.k, scene.steps);
  drawChips(S);
  refresh(S);
}

function drawChips(S) {
  const chips = S.scene.chips ?? [];
  const text = JSON.stringify(chips);
  if (S.chipText === text) return;
  S.chipText = text;
  // Room for two rows from the start: the figure must not jump while a knob moves.
  S.chips.classList.toggle('gd-many', chips.length > 2);
  S.chips.replaceChildren(...chips.map((chip) => {
    const node = Object.assign(document.createElement('span'), { className: 'gd-chip', title: chip.reason });
    const sample = Object.assign(document.createElement('span'), { textContent: chip.sample });
    sample.style.color = chip.color;
    const verdict = Object.assign(document.createElement('b'), { textContent: chip.verdict });
    node.append(sample, ` ${chip.name}: `, verdict);
    return node;
  }));
}

// Back-pressure: one value is under way at a time; the newest waits and replaces what waited before.
function send(S, down) {
  const { handle, point } = S.held;
  if (down && !handle.live) return;
  if (down && S.scene.live) {
    const names = Object.values(handle.knobs);
    ask(S, names.length ? Object.fromEntries(names.map((name, i) => [name, i ? point.y : point.x])) : { hand: `${handle.id},${point.x},${point.y}` });
    return;
  }
  S.waiting = { id: S.held.id, ...S.held.point, down, shift: Boolean(S.held.shift) };
  flush(S);
}

function flush(S) {
  if (S.underWay || !S.waiting) return;
  const message = { ...S.waiting, n: (S.n = (S.n ?? 0) + 1) };
  S.waiting = undefined;
  S.underWay = true;
  S.move?.(message);
}

export function listen(S) {
  const { gd } = S;
  gd.addEventListener('pointerdown', (event) => {
    S.press = undefined;
    if (event.button !== 0 || event.target.closest?.('.modebar')) return;
    const handle = nearest(S, event);
    S.press = { x: event.clientX, y: event.clientY, handle };
    if (!handle) return;
    // Plotly starts its own drag from the compatibility mouse event, which this suppresses.
    event.preventDefault();
    event.stopPropagation();
    gd.setPointerCapture(event.pointerId);
    take(S, handle, event);
  }, true);
  gd.addEventListener('pointermove', (event) => {
    if (inHand(S)) {
      event.stopPropagation();
      S.held.point = pointAt(S, S.held.handle, event);
      refresh(S);
      send(S, true);
    } else hover(S, event);
  }, true);
  // On the document, for at a press Plotly covers the whole page with a slip that takes the release.
  S.onUp = (event) => {
    if (inHand(S)) return release(S, event);
    const handle = S.press && !S.press.handle && clicked(S, event);
    S.press = undefined;
    if (!handle) return;
    take(S, handle, event);
    release(S, event);
  };
  document.addEventListener('pointerup', S.onUp, true);
  gd.addEventListener('pointercancel', () => { if (inHand(S)) release(S); });
  gd.addEventListener('pointerleave', () => { S.tip.hidden = true; fill(S, -1, -1); });
}

// A click (no drag) inside the panel of a handle moves that handle there; where some handles are made for clicks, one of them.
function clicked(S, event) {
  if (Math.hypot(event.clientX - S.press.x, event.clientY - S.press.y) > 4) return null;
  const box = S.gd.getBoundingClientRect();
  const [px, py] = [event.clientX - box.left, event.clientY - box.top];
  const here = S.scene.handles.filter((handle) => panel(S.gd, handle.panel).holds(px, py));
  const forClicks = here.filter((handle) => !handle.drawn);
  return closest(S, forClicks.length ? forClicks : here, px, py);
}

// A handle that was let go stays where the hand left it until Python has answered, but follows no more.
const inHand = (S) => S.held && S.held !== S.letGo;

function take(S, handle, event) {
  S.letGo = undefined;
  S.held = { id: handle.id, handle, point: pointAt(S, handle, event), shift: event.shiftKey };
  S.tip.hidden = true;
  S.gd.style.cursor = 'grabbing';
  refresh(S);
  send(S, true);
}

function release(S, event) {
  if (event) S.held.point = pointAt(S, S.held.handle, event);
  send(S, false);
  S.letGo = S.held;
  S.gd.style.cursor = '';
}

// The places of a layer that have something to tell a hand above them: steps of a track, points with words.
function tellable(layer, k) {
  if (layer.kind === 'track' || layer.kind === 'ghost') {
    const told = (a, j, i) => `${layer.labels[j]} = ${number(a.data[i])}`;
    return { x: layer.x.data, y: layer.y.data, words: (i) => `${layer.name}, step ${i}\n${told(layer.x, 0, i)}\n${told(layer.y, 1, i)}` };
  }
  if (!layer.tips) return null;
  return { x: row(layer.x, Math.round(k)), y: row(layer.y, Math.round(k)), words: (i) => layer.tips[i] };
}

// The line of a layer of weights that a place in pixels is on, within reach: its distance and its words.
function onLine(S, layer, px, py, reach) {
  const view = panel(S.gd, layer.panel ?? 0);
  const k = Math.round(S.k);
  const [x0, y0, x1, y1, weights] = ['x0', 'y0', 'x1', 'y1', 'weights'].map((name) => row(layer[name], k));
  let best = { distance: reach };
  weights.forEach((weight, i) => {
    const [ax, ay, bx, by] = [view.px(x0[i]), view.py(y0[i]), view.px(x1[i]), view.py(y1[i])];
    const along = Math.max(0, Math.min(1, ((px - ax) * (bx - ax) + (py - ay) * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2)));
    const distance = Math.hypot(ax + along * (bx - ax) - px, ay + along * (by - ay) - py);
    if (Number.isNaN(weight) || distance >= best.distance) return;
    const slope = layer.slopes ? `\n∂L/∂w = ${number(row(layer.slopes, k)[i])}` : '';
    best = { distance, words: `${layer.tips[i]}\nw = ${number(weight)}${slope}` };
  });
  return best;
}

// A picture that can fill another one does so while the hand is over it.
function fill(S, px, py) {
  const images = S.scene.layers.filter((layer) => layer.kind === 'image');
  let changed = false;
  for (const target of images) {
    const by = images.find((layer) => {
      if (layer.fills !== target.name) return false;
      const view = panel(S.gd, layer.panel ?? 0);
      return px >= view.px(layer.left) && px <= view.px(layer.right) && py >= view.py(layer.top) && py <= view.py(layer.bottom);
    });
    changed ||= target.filledBy !== by;
    target.filledBy = by;
  }
  if (changed) refresh(S);
}

function hover(S, event) {
  const box = S.gd.getBoundingClientRect();
  const [px, py] = [event.clientX - box.left, event.clientY - box.top];
  fill(S, px, py);
  S.gd.style.cursor = nearest(S, event) ? 'grab' : '';
  let best = { distance: 12 * S.style.scale };
  for (const layer of S.scene.layers) {
    if (layer.kind === 'edges' && layer.tips) {
      const near = onLine(S, layer, px, py, Math.min(best.distance, 5 * S.style.scale));
      if (near.words) best = near;
      continue;
    }
    const places = tellable(layer, S.k);
    const view = places && panel(S.gd, layer.panel ?? 0);
    places?.x.forEach((_, i) => {
      const distance = Math.hypot(view.px(places.x[i]) - px, view.py(places.y[i]) - py);
      if (distance < best.distance) best = { distance, words: places.words(i) };
    });
  }
  S.tip.hidden = !best.words;
  if (!best.words) return;
  S.tip.textContent = best.words;
  S.tip.style.left = Math.min(px + 14, S.gd.clientWidth - S.tip.offsetWidth - 4) + 'px';
  S.tip.style.top = Math.max(0, py - S.tip.offsetHeight - 8) + 'px';
}

// Python has answered: the next may be sent, and a handle that was let go is where it was put.
export function answer(S) {
  if (!S.underWay || S.scene.echo === S.n || S.scene.echo === null) {
    S.underWay = false;
    if (S.letGo && !S.waiting) S.held = S.letGo = undefined;
  }
  flush(S);
}
