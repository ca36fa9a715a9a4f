// The stage: a Plotly figure that is drawn once, and a canvas over it that plays a run at 60 frames/s.
//
// Python computes everything; this file draws, plays, and reports the hand. It receives two messages:
//
//   background  UTF-8 JSON of a Plotly figure: {id, figure}. Sent once and cached while it does not change.
//   scene       a header, float32 arrays and bytes, see messages.js
//
// The header, written by gdviz/figures/wire_format.py:
//   background  id of the background it belongs to
//   steps       number of the last step; every layer shows its own last step when it has fewer
//   floats      how many float32 numbers follow the header
//   layers      [{kind, name, color, ..., x: [start, rows, columns], ...}]; a row is a step
//                 track     x, y (rows, 1)       a path walked so far, its head, its fading trail; with a `tail` dots,
//                                                and a line along so many of the last steps
//                 ghost     x, y (rows, 1)       a pinned path, always whole
//                 segments  x0, y0, x1, y1       lines (or arrows) of the current step
//                 points    x, y, sizes          points of the current step, NaN where there is none
//                 polygon   x, y (rows, n)       filled shapes of the current step, NaN between them
//                 line      x, y (rows, n)       a curve of the current step, NaN breaks it
//                 cells     x0 ... y1, values    rectangles coloured by value
//                 image     pixels (bytes)       a picture of the current step
//                 edges     x0 ... y1, weights   lines whose width and colour say a weight
//                 labels    x, y, texts          words of the current step
//                 cursor    x (rows, 1)          a vertical line through every panel
//                 reading   values (rows, 1)     a number shown in the bar under the figure
//   chips       [{name, sample, color, verdict, reason}], the legend
//   ends        names of layers that stand still and tell how the run ends
//   handles     [{id, label, x, y, axes: "x" | "y" | "xy", panel, curve, live, knobs, drawn, size, color, spoken, fixed}];
//               `curve` is the background trace it rides on, `knobs` the settings that its coordinates are, one that is
//               not `drawn` takes clicks, `spoken` is its name where the label is none, one that is `fixed` is a button
//   live        {path, prefix, query, engine} of the route that answers while a hand drags, `question` that of what can be
//               asked of the run, `engine` if the browser can walk the paths itself meanwhile; else null
//   echo        the counter of the last hand that Python has answered (back-pressure)
//   step        the step to show first; null for the last one
//   focus       [name, step] to go to when the name is a new one, else null
//   download    {format, name, id, stamp} when the figure is to be saved, else null
//   large       lecture mode: thick lines, large type
//   fill        whether the stage fills the window
//   framed      whether it ends with the frame in which it stands
//   guess       who asks to hide the run at its first step until it is revealed; else null

import { rgb } from './shades.js';
import { adopt, answer, cancel, onDial, reachChips, showTools } from './grip.js';
import { guessIfAsked, hideAround } from './guess.js';
import { listen } from './handles.js';
import { Line, running } from './line.js';
import { Backgrounds, Queue, loadPlotly, unpack } from './messages.js';
import { isNarrow, narrowed } from './narrow.js';
import { buildBar, goTo, obey, onKey, refresh } from './player.js';
import { hideDrawing } from './plotly_table.js';
import { enlarge, filling, growth } from './projector.js';
import { CSS } from './stage_style.js';
import { download } from './svg.js';
import { noteZoom, unzoom } from './zoom.js';

export function styleOf(root, large) {
  const css = getComputedStyle(root);
  const read = (name, fallback) => css.getPropertyValue(name).trim() || fallback;
  const by = growth(large);
  return {
    by, ink: read('--st-text-color', '#222'), paper: read('--st-background-color', '#fff'),
    family: read('--st-font', 'sans-serif'), scale: large ? 1.6 * by : 1, width: large ? 4 * by : 2.2, font: large ? 20 * by : 13,
  };
}

// The figure carries no colours of its own for paper, ink and grid: they follow the page's theme.
export function themed(layout, style) {
  const ink = { color: style.ink, family: style.family, size: style.font };
  const axes = Object.fromEntries(Object.keys(layout).filter((name) => /^[xy]axis/.test(name)).map((name) => [name, { zerolinecolor: rgba(style.ink, 0.35), gridcolor: rgba(style.ink, 0.12), linecolor: rgba(style.ink, 0.5), ...layout[name] }]));
  return { ...layout, ...axes, modebar: { bgcolor: 'rgba(0,0,0,0)', color: rgba(style.ink, 0.4), activecolor: style.ink }, paper_bgcolor: 'rgba(0,0,0,0)', plot_bgcolor: 'rgba(0,0,0,0)', font: ink, autosize: true, hovermode: false };
}

// A page that was loaded anew while it played goes on where it was; elsewhere the link says the step.
const left = ({ scene }) => `step of ${location.pathname}${scene?.key}`;
const store = () => { try { return sessionStorage; } catch { return null; } }; // the frame of a notebook has none
function stepLeft(scene) {
  const k = store()?.getItem(left({ scene })) ?? null;
  store()?.removeItem(left({ scene }));
  return k === null ? null : Number(k);
}

const rgba = (color, alpha) => `rgba(${rgb(color)},${alpha})`;

// Plotly's own way back goes to the first axes of all. A picture that cannot be zoomed has no tools.
const config = (S) => {
  const zooms = Object.entries(S.layout).some(([name, axis]) => /^[xy]axis/.test(name) && !axis.fixedrange);
  const reset = { name: 'reset', title: 'Reset the axes', icon: S.Plotly.Icons.home, click: () => unzoom(S) };
  return { displaylogo: false, responsive: false, doubleClick: false, modeBarButtons: [['zoom2d', 'pan2d', 'zoomIn2d', 'zoomOut2d', reset]], displayModeBar: zooms && 'hover' };
};

// Heights are meant for a window of 1280 x 720; in a larger one a picture grows in both directions.
const tall = (height) => Math.round(height * Math.max(1, Math.min(2, innerWidth / 1600, innerHeight / 760)));

const BESIDE = 880; // pixels of a window in which knobs stand beside the stage, see page_style.py

function setHeight(S, height) {
  const fills = S.told?.fill && innerWidth > BESIDE;
  const wanted = fills ? filling(S) : tall(height);
  S.gd.style.height = `${S.told?.framed ? Math.min(wanted, filling(S)) : wanted}px`;
}

// Plotly forgets a change of size that comes while it draws.
function fit(S) {
  const { gd } = S;
  if (!S.dressing && gd._fullLayout && gd.clientWidth) S.Plotly.Plots.resize(gd).then(() => refresh(S));
}

export function create(root, height) {
  const S = { root, k: null, speed: 1, loop: false, queue: new Queue(), line: new Line() };
  const shell = document.createElement('div');
  shell.className = 'gd-stage';
  shell.innerHTML = '<div class="gd-chips" role="group" aria-label="Legend"></div><div class="gd-plot" role="figure"></div><div class="gd-bar" role="group" aria-label="Playback"></div><div class="gd-tools" role="group" aria-label="Tools of the drawing"></div><p class="gd-said" aria-live="polite"></p>';
  const css = document.createElement('style');
  css.textContent = CSS;
  root.append(css, shell);
  S.shell = shell;
  S.gd = shell.querySelector('.gd-plot');
  setHeight(S, height);
  S.bar = shell.querySelector('.gd-bar');
  S.chips = shell.querySelector('.gd-chips');
  S.tools = shell.querySelector('.gd-tools');
  S.over = Object.assign(document.createElement('canvas'), { className: 'gd-over' });
  S.tip = Object.assign(document.createElement('div'), { className: 'gd-tip', hidden: true });
  buildBar(S);
  S.onKey = (event) => (event.key === 'Escape' ? cancel(S) : onKey(S, event));
  document.addEventListener('keydown', S.onKey, true);
  document.addEventListener('keyup', S.onKey, true);
  S.onDial = (event) => onDial(S, event);
  document.addEventListener('gdviz-hand', S.onDial);
  S.onFrame = ({ detail }) => obey(S, detail);
  document.addEventListener('gdviz-frame', S.onFrame);
  // Back is followed by Python alone: what the page had still to say belongs to what is left.
  S.onWent = () => {
    clearTimeout(S.telling);
    S.untold = S.line.next = null;
    cancel(S);
  };
  document.addEventListener('gdviz-went', S.onWent);
  // Streamlit forgets a press that the next message overtakes: what waits to be told goes before it.
  S.onPress = (event) => {
    S.byPointer = true;
    if (!event.composedPath().includes(root)) S.tell?.();
  };
  document.addEventListener('pointerdown', S.onPress, true);
  S.onLeave = () => S.playing && store()?.setItem(left(S), Math.round(S.k));
  addEventListener('pagehide', S.onLeave);
  S.watch = new ResizeObserver(() => {
    setHeight(S, S.told?.height ?? height);
    reachChips(S);
    if (S.scene) showTools(S);
    fit(S);
  });
  S.watch.observe(S.gd);
  const page = root.closest('[data-testid="stMainBlockContainer"]'); // what stands above and below the stage
  if (page) S.watch.observe(page);
  S.onResize = () => S.told && S.queue.shown.then(() => dress(S));
  addEventListener('resize', S.onResize);
  return S;
}

export function destroy(S) {
  S.playing = false;
  hideAround(false);
  document.removeEventListener('keydown', S.onKey, true);
  document.removeEventListener('keyup', S.onKey, true);
  removeEventListener('resize', S.onResize);
  document.removeEventListener('gdviz-hand', S.onDial);
  document.removeEventListener('gdviz-went', S.onWent);
  document.removeEventListener('gdviz-frame', S.onFrame);
  document.removeEventListener('pointerdown', S.onPress, true);
  removeEventListener('pagehide', S.onLeave);
  if (S.onUp) document.removeEventListener('pointerup', S.onUp, true);
  clearTimeout(S.announcing);
  S.watch.disconnect();
  S.line.leave();
  S.Plotly?.purge(S.gd);
  S.root.replaceChildren();
}

// Plotly draws anew only when the background, the theme, the size of the type or the kind of window has changed; uirevision keeps zoom and
// pan when only its data have.
async function dress(S) {
  const { Plotly, background } = S;
  const style = (S.style = styleOf(S.root, S.told.large));
  const narrow = isNarrow(S.gd.clientWidth);
  const look = background.id + JSON.stringify(style) + narrow;
  if (S.look === look) return;
  S.look = look;
  const { data, layout: wide } = enlarge(structuredClone(background.figure), style.by);
  const layout = (S.layout = narrow ? narrowed(wide, S.gd.clientWidth, style) : wide);
  S.dressing = true;
  await Plotly.react(S.gd, structuredClone(data), themed(structuredClone(layout), style), config(S));
  S.dressing = false;
  fit(S);
  if (S.over.isConnected) return;
  S.gd.append(S.over, S.tip);
  hideDrawing(S.gd);
  listen(S);
  S.gd.on('plotly_relayout', (changes) => noteZoom(S, changes));
  for (const event of ['plotly_relayout', 'plotly_relayouting', 'plotly_afterplot']) S.gd.on(event, () => S.scene && refresh(S));
}

// Show a scene over a background; called again for every new message.
export async function show(S, Plotly, background, scene) {
  Object.assign(S, { Plotly, background, told: scene });
  S.shell.classList.toggle('gd-large', scene.large);
  S.bar.hidden = scene.steps === 0;
  S.bar.style.display = scene.steps === 0 ? 'none' : '';
  await dress(S);
  // Python has spoken: what the hand asked on the way is answered by this.
  S.wish = S.fresh = S.heard = undefined;
  const goes = S.scene && scene.focus && scene.focus[0] !== S.focus;
  S.focus = scene.focus?.[0];
  if (!S.scene) S.k = stepLeft(scene) ?? scene.step ?? scene.steps;
  S.scene ??= scene;
  guessIfAsked(S, scene);
  adopt(S, scene);
  if (scene.live) document.dispatchEvent(new CustomEvent('gdviz-settings', { detail: { ...scene.live, held: false } }));
  setHeight(S, scene.height);
  if (goes) goTo(S, scene.focus[1]);
  answer(S);
  if (scene.download && scene.download.id !== S.saved) {
    S.saved = scene.download.id;
    await download(S, scene.download);
  }
}

const backgrounds = new Backgrounds();

export default function component({ data, parentElement, setStateValue }) {
  const bytes = data instanceof Uint8Array ? data : new Uint8Array(data);
  const forget = backgrounds.take(bytes, parentElement);
  if (forget) return forget;
  const scene = unpack(bytes);
  const S = (parentElement.gdStage ??= create(parentElement, scene.height));
  S.line.send = (message) => setStateValue('hand', message);
  S.tell = () => {
    clearTimeout(S.telling);
    if (S.untold) setStateValue('step', S.untold);
    S.untold = null;
  };
  S.report = (k) => {
    clearTimeout(S.telling);
    S.untold = { k, of: S.scene.steps };
    // A message says what every widget holds, and would undo what a run under way changes.
    const wait = () => { S.telling = setTimeout(running() ? wait : S.tell, 120); };
    wait();
  };
  S.queue.add(scene, async () => {
    const Plotly = await loadPlotly(new URL(scene.plotly, document.baseURI).href);
    await show(S, Plotly, await backgrounds.get(scene.background), scene);
  });
  return () => {
    delete parentElement.gdStage;
    destroy(S);
  };
}
