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
//   handles     [{id, label, x, y, axes: "x" | "xy", panel, curve, live, knobs, drawn, size, color}]; `curve` is the
//               background trace it rides on, `knobs` the settings that its coordinates are, one that is not `drawn`
//               takes clicks
//   live        {path, prefix, query} of the route that answers while a hand drags, else null
//   echo        the counter of the last hand that Python has answered (back-pressure)
//   step        the step to show first; null for the last one
//   download    {format, name, id} when the figure is to be saved, else null
//   large       lecture mode: thick lines, large type

import { rgb } from './shades.js';
import { adopt, answer, listen, onDial } from './handles.js';
import { Backgrounds, Queue, loadPlotly, unpack } from './messages.js';
import { buildBar, onKey, refresh } from './player.js';
import { download } from './svg.js';

const CSS = `
.gd-stage { position: relative; font-family: var(--st-font, sans-serif); color: var(--st-text-color, #222); }
.gd-plot { position: relative; width: 100%; }
.gd-plot canvas.gd-over { position: absolute; inset: 0; pointer-events: none; }
.gd-chips { display: flex; flex-wrap: wrap; align-content: flex-start; gap: 5px 10px; min-height: 34px; font-size: 0.92rem; }
.gd-many { min-height: 68px; }
.gd-chip { padding: 2px 10px; border: 1px solid var(--st-border-color, #ccc); border-radius: 16px; white-space: nowrap; }
@media (max-width: 640px) { .gd-chip { white-space: normal; } }
.gd-chips:empty { display: none; }
.gd-large .gd-chips { font-size: 20px; }
.gd-bar { display: flex; align-items: center; gap: 4px; height: 36px; font-size: 14px; }
.gd-bar button { display: inline-flex; align-items: center; justify-content: center; }
.gd-bar button, .gd-bar select { min-width: 30px; height: 28px; border: 1px solid transparent; border-radius: 6px; background: transparent; color: inherit; font: inherit; cursor: pointer; padding: 0 5px; }
.gd-bar button:hover, .gd-bar select:hover { border-color: var(--st-border-color, #ccc); }
.gd-bar button:focus-visible, .gd-bar input:focus-visible, .gd-bar select:focus-visible { outline: 2px solid var(--st-primary-color, #06c); }
.gd-bar button[aria-pressed="true"], .gd-bar button[data-do="play"] { color: var(--st-primary-color, #06c); }
.gd-bar select option { color: #222; background: #fff; }
.gd-bar input { flex: 1 1 80px; min-width: 60px; accent-color: var(--st-primary-color, #06c); }
.gd-bar output { min-width: 6.2em; font-variant-numeric: tabular-nums; white-space: nowrap; }
.gd-readings { flex: 0 0 auto; min-width: 19em; padding-left: 8px; font-variant-numeric: tabular-nums; white-space: pre; overflow: hidden; text-overflow: ellipsis; }
.gd-large .gd-bar { height: 48px; font-size: 20px; }
.gd-large .gd-bar button { height: 40px; min-width: 42px; }
.gd-tip { position: absolute; pointer-events: none; padding: 3px 8px; border-radius: 6px; font-size: 13px; white-space: pre; z-index: 3; border: 1px solid var(--st-border-color, #ccc); background: var(--st-background-color, #fff); }
.gd-large .gd-tip { font-size: 20px; }`;

export function styleOf(root, large) {
  const css = getComputedStyle(root);
  const read = (name, fallback) => css.getPropertyValue(name).trim() || fallback;
  return {
    ink: read('--st-text-color', '#222'), paper: read('--st-background-color', '#fff'),
    family: read('--st-font', 'sans-serif'), scale: large ? 1.6 : 1, width: large ? 4 : 2.2, font: large ? 20 : 13,
  };
}

// The figure carries no colours of its own for paper, ink and grid: they follow the page's theme.
export function themed(layout, style) {
  const ink = { color: style.ink, family: style.family, size: style.font };
  const axes = Object.fromEntries(Object.keys(layout).filter((name) => /^[xy]axis/.test(name)).map((name) => [name, { zerolinecolor: rgba(style.ink, 0.35), gridcolor: rgba(style.ink, 0.12), linecolor: rgba(style.ink, 0.5), ...layout[name] }]));
  return { ...layout, ...axes, modebar: { bgcolor: 'rgba(0,0,0,0)', color: rgba(style.ink, 0.4), activecolor: style.ink }, paper_bgcolor: 'rgba(0,0,0,0)', plot_bgcolor: 'rgba(0,0,0,0)', font: ink, autosize: true, hovermode: false };
}

const rgba = (color, alpha) => `rgba(${rgb(color)},${alpha})`;

const CONFIG = { displaylogo: false, responsive: false, doubleClick: false, modeBarButtons: [['zoom2d', 'pan2d', 'zoomIn2d', 'zoomOut2d', 'resetScale2d']], displayModeBar: 'hover' };

export function create(root, height) {
  const S = { root, k: null, speed: 1, loop: false, queue: new Queue() };
  const shell = document.createElement('div');
  shell.className = 'gd-stage';
  shell.innerHTML = '<div class="gd-chips" role="status"></div><div class="gd-plot" role="img"></div><div class="gd-bar" role="group" aria-label="Playback"></div>';
  const css = document.createElement('style');
  css.textContent = CSS;
  root.append(css, shell);
  S.shell = shell;
  S.gd = shell.querySelector('.gd-plot');
  S.gd.style.height = `${height}px`;
  S.bar = shell.querySelector('.gd-bar');
  S.chips = shell.querySelector('.gd-chips');
  S.over = Object.assign(document.createElement('canvas'), { className: 'gd-over' });
  S.tip = Object.assign(document.createElement('div'), { className: 'gd-tip', hidden: true });
  buildBar(S);
  S.onKey = (event) => onKey(S, event);
  document.addEventListener('keydown', S.onKey);
  S.onDial = (event) => onDial(S, event);
  document.addEventListener('gdviz-hand', S.onDial);
  // Streamlit forgets a press that the next message overtakes: what waits to be told goes before it.
  S.onPress = (event) => event.composedPath().includes(root) || S.tell?.();
  document.addEventListener('pointerdown', S.onPress, true);
  S.watch = new ResizeObserver(() => {
    if (S.gd._fullLayout && S.gd.clientWidth) S.Plotly.Plots.resize(S.gd).then(() => refresh(S));
  });
  S.watch.observe(S.gd);
  return S;
}

export function destroy(S) {
  S.playing = false;
  document.removeEventListener('keydown', S.onKey);
  document.removeEventListener('gdviz-hand', S.onDial);
  document.removeEventListener('pointerdown', S.onPress, true);
  if (S.onUp) document.removeEventListener('pointerup', S.onUp, true);
  S.watch.disconnect();
  S.Plotly?.purge(S.gd);
  S.root.replaceChildren();
}

// Show a scene over a background; called again for every new message. Plotly redraws only when the
// background or the theme has changed; uirevision keeps zoom and pan when only its data have.
export async function show(S, Plotly, background, scene) {
  S.Plotly = Plotly;
  const style = styleOf(S.root, scene.large);
  const look = background.id + JSON.stringify(style);
  S.style = style;
  S.shell.classList.toggle('gd-large', scene.large);
  S.gd.setAttribute('aria-label', scene.alt ?? '');
  S.bar.hidden = scene.steps === 0;
  S.bar.style.display = scene.steps === 0 ? 'none' : '';
  if (S.look !== look) {
    S.look = look;
    const { data, layout } = background.figure;
    await Plotly.react(S.gd, structuredClone(data), themed(structuredClone(layout), style), CONFIG);
    if (!S.over.isConnected) {
      S.gd.append(S.over, S.tip);
      listen(S);
      for (const event of ['plotly_relayout', 'plotly_relayouting', 'plotly_afterplot']) S.gd.on(event, () => S.scene && refresh(S));
    }
  }
  // Python has spoken: what the hand asked on the way is answered by this.
  S.wish = S.fresh = undefined;
  if (!S.scene) S.k = scene.step ?? scene.steps;
  S.scene ??= scene;
  adopt(S, scene);
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
  S.gd.style.height = `${scene.height}px`;
  S.move = (message) => setStateValue('hand', message);
  S.tell = () => {
    clearTimeout(S.telling);
    if (S.untold) setStateValue('step', S.untold);
    S.untold = null;
  };
  S.report = (k) => {
    clearTimeout(S.telling);
    S.untold = { k, of: S.scene.steps };
    S.telling = setTimeout(S.tell, 120);
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
