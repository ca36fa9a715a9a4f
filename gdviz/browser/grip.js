// The grip: what a hand or a key holds, where it goes, the questions asked of Python on the way, and the answers.

import { panel } from './drawing.js';
import { wait } from './line.js';
import { unpack } from './messages.js';
import { refresh } from './player.js';
import { drawTools } from './tools.js';

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

// Where a handle goes that is taken to a place in pixels: inside its panel, on its curve, along its axis.
export function placed(S, handle, px, py) {
  const view = panel(S.gd, handle.panel);
  const x = Number(view.x(Math.max(view.left, Math.min(view.left + view.width, px))).toPrecision(4));
  const up = view.y(Math.max(view.top, Math.min(view.top + view.height, py)));
  return { x, y: handle.curve !== null ? onCurve(S.gd, handle.curve, x) : handle.axes === 'x' ? handle.y : Number(up.toPrecision(4)) };
}

// A handle that was let go stays where the hand left it until Python has answered, but follows no more.
export const inHand = (S) => S.held && S.held !== S.letGo;

export function take(S, handle, point, shift) {
  S.letGo = undefined;
  S.held = { id: handle.id, handle, point, shift };
  S.tip.hidden = true;
  refresh(S);
  send(S, true);
}

export function drag(S, point) {
  S.held.point = point;
  if (!S.follow) refresh(S);
  send(S, true);
}

export function release(S, point = S.held.point) {
  S.held.point = point;
  S.letGo = S.held;
  send(S, false);
  S.gd.style.cursor = '';
}

// The hand gives up: everything is as Python last said it.
export function cancel(S) {
  if (!inHand(S)) return;
  S.held = S.wish = S.fresh = S.heard = undefined;
  S.gd.style.cursor = '';
  if (S.follow) S.follow(); else adopt(S, S.told);
}

function send(S, down) {
  const { handle, point } = S.held;
  if (handle.put) { // a guess, which is the stage's own
    if (!down) handle.put(point);
    return;
  }
  if (down && !handle.live) return;
  if (S.follow) { // a file that walks the paths itself: see explore.js
    S.follow(S.held, down);
    return;
  }
  if (down && S.scene.live) {
    const names = Object.values(handle.knobs);
    ask(S, names.length ? Object.fromEntries(names.map((name, i) => [name, i ? point.y : point.x])) : { hand: `${handle.id},${point.x},${point.y}` });
    return;
  }
  S.line.post({ id: S.held.id, ...point, down, shift: Boolean(S.held.shift) });
}

// While a hand drags a handle or a dial, the scene of the settings under the hand is asked of a route of the app: no
// rerun of the page, and the next question only when the last has been answered. What is let go is Streamlit's.
async function ask(S, changes) {
  S.wish = { ...S.wish, ...changes };
  goAhead(S);
  if (S.asking) return;
  S.asking = true;
  const done = wait();
  while (S.fresh !== S.wish) {
    const wish = (S.fresh = S.wish);
    const { path, query } = S.scene.live;
    const settings = new URLSearchParams(query);
    for (const [name, value] of Object.entries(wish)) settings.set(name, value);
    document.dispatchEvent(new CustomEvent('gdviz-settings', { detail: { path, query: String(settings), held: true } }));
    const answer = await fetch(new URL(`${path}?${settings}`, document.baseURI)).catch(() => null);
    const bytes = answer?.ok ? new Uint8Array(await answer.arrayBuffer()) : null;
    if (bytes && S.wish && S.root.isConnected) overlay(S, unpack(bytes));
  }
  done();
  S.asking = false;
}

// A dial of this page tells of its moves; its key is the page's prefix and the name of the setting.
export function onDial(S, { detail }) {
  const prefix = S.scene?.live?.prefix;
  if (prefix && detail.key.startsWith(prefix)) ask(S, { [detail.key.slice(prefix.length)]: detail.value });
}

// Show what the live route answered over the background that stands; pinned ghosts stay, but not those of the run.
function overlay(S, { layers, handles, steps, alt, chips }) {
  const own = new Set(layers.map(({ name }) => name));
  const ghosts = S.scene.layers.filter(({ kind, name }) => kind === 'ghost' && !own.has(name));
  S.heard = { ...S.scene, layers: [...ghosts, ...layers], handles, steps, alt, chips };
  if (S.fresh === S.wish || !S.isAhead) adopt(S, S.heard); // else the next move is drawn over it
  S.answers = (S.answers ?? 0) + 1;
}

// Draw what the hand wishes before Python has answered, where the page has an engine that can. Verdicts that are older than
// the picture are faint.
function goAhead(S) {
  const scene = engineOf(S)?.(S.heard ?? S.told, S.wish);
  S.isAhead = Boolean(scene);
  if (!scene) return;
  adopt(S, scene);
  S.chips.classList.add('gd-late');
}

// The engine of these settings, once it has come.
function engineOf(S) {
  const { engine, path, query } = S.scene.live;
  if (!engine || S.engineFor === query) return S.engine;
  Object.assign(S, { engineFor: query, engine: undefined });
  const came = ({ walker }) => { if (S.engineFor === query) S.engine = walker; };
  import(new URL(`${path}/engine.js?${query}`, document.baseURI).href).then(came, () => {});
  return undefined;
}

// Take a scene; the step stays, at the end it stays at the end.
export function adopt(S, scene) {
  S.chips.classList.remove('gd-late');
  const wasAtEnd = S.k >= S.scene.steps;
  S.scene = scene;
  S.ask.moved();
  if (wasAtEnd && !S.playing && !S.guessing) S.k = scene.steps;
  S.k = Math.min(S.k, scene.steps);
  drawChips(S);
  showTools(S);
  refresh(S);
}

export function showTools(S) {
  drawTools(S, (handle) => {
    take(S, handle, { x: handle.x, y: handle.y }, false);
    release(S);
  });
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
  reachChips(S);
}

// A legend that scrolls is reached by keys, which scroll it.
export function reachChips({ chips }) {
  if (chips.scrollWidth > chips.clientWidth) chips.tabIndex = 0; else chips.removeAttribute('tabindex');
}

// Python has answered: the next may be sent, and a handle that was let go is where it was put.
export function answer(S) {
  S.line.answered(S.scene.echo);
  if (S.letGo && S.line.idle) S.held = S.letGo = undefined;
}
