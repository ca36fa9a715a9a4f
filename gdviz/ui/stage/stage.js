// The stage: a Plotly figure that is drawn once, and a canvas over it that plays a run at 60 frames/s.
//
// Python computes everything; this file draws, plays, and reports the hand. It receives two messages:
//
//   background  UTF-8 JSON of a Plotly figure: {id, figure}. Sent once and cached while it does not change.
//   scene       u32 header length | JSON header (padded to 4 bytes) | float32 arrays, one after another.
//
// The header, written by gdviz/figures/scene.py:
//   background  id of the background it belongs to
//   steps       number of the last step; every layer shows its own last step when it has fewer
//   layers      [{kind, name, color, ..., x: [start, rows, columns], ...}]; a row is a step
//                 track     x, y (rows, 1)       a path walked so far, its head, its fading trail
//                 ghost     x, y (rows, 1)       a pinned path, always whole
//                 segments  x0, y0, x1, y1       lines (or arrows) of the current step
//                 points    x, y (rows, n)       points of the current step, NaN where there is none
//                 polygon   x, y (rows, n)       a filled shape of the current step
//                 cursor    x (rows, 1)          a vertical line through every panel
//                 reading   values (rows, 1)     a number shown in the bar under the figure
//   chips       [{name, sample, color, verdict, reason}], the legend
//   handles     [{id, label, x, y, axes: "x" | "xy", panel, curve, live, knobs}]; `curve` is the background trace it
//               rides on, `knobs` the settings that its coordinates are
//   live        {path, prefix, query} of the route that answers while a hand drags, else null
//   echo        the counter of the last hand that Python has answered (back-pressure)
//   step        the step to show first; null for the last one
//   download    {format, name, id} when the figure is to be saved, else null
//   large       lecture mode: thick lines, large type

const PANELS = ['', '2', '3', '4'];
const DASHES = { solid: [], dash: [9, 5], dot: [2, 4], dashdot: [9, 4, 2, 4] };
const FAR = 1e5; // pixels: canvas coordinates are clamped here, far outside any window
const GRAB = 16; // pixels around a handle that take hold of it
const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 4, 10];
const RUN_SECONDS = 6; // a run at speed 1 takes this long, unless that is under MIN_RATE steps/s
const MIN_RATE = 4;

// --- messages ---------------------------------------------------------------------------------------

// A scene without a background of its own (an answer of the live route) has the same form.
export function unpack(bytes) {
  const buffer = bytes.slice().buffer;
  const length = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const numbers = new Float32Array(buffer, 4 + length);
  for (const layer of header.layers) {
    for (const [name, place] of Object.entries(layer)) {
      if (!Array.isArray(place)) continue;
      const [start, rows, columns] = place;
      layer[name] = { rows, columns, data: numbers.subarray(start, start + rows * columns) };
    }
  }
  return header;
}

const row = (array, k) => {
  const r = Math.min(k, array.rows - 1);
  return array.data.subarray(r * array.columns, (r + 1) * array.columns);
};

let plotly;
export function loadPlotly(url) {
  plotly ??= window.Plotly ? Promise.resolve(window.Plotly) : new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = url;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => reject(new Error('plotly.min.js could not be loaded'));
    document.head.appendChild(script);
  });
  return plotly;
}

// --- drawing: the same strokes go to the canvas and, on export, to SVG --------------------------------

function panel(gd, index) {
  const layout = gd._fullLayout;
  const suffix = PANELS[index];
  const ya = layout['yaxis' + suffix];
  const xa = layout['xaxis' + suffix] ?? layout.xaxis;
  if (!ya) return null;
  const clamp = (v) => Math.max(-FAR, Math.min(FAR, v));
  return {
    left: xa._offset, top: ya._offset, width: xa._length, height: ya._length,
    px: (x) => clamp(xa._offset + xa.l2p(xa.d2l(x))),
    py: (y) => clamp(ya._offset + ya.l2p(ya.d2l(y))),
    x: (px) => xa.l2d(xa.p2l(px - xa._offset)),
    y: (py) => ya.l2d(ya.p2l(py - ya._offset)),
    holds(px, py) {
      return px >= this.left && py >= this.top && px <= this.left + this.width && py <= this.top + this.height;
    },
  };
}

// Position of a track at a fractional step, so that slow playback glides.
function at(layer, k) {
  const i = Math.min(Math.floor(k), layer.x.rows - 1);
  const j = Math.min(i + 1, layer.x.rows - 1);
  const part = Math.min(k - i, 1);
  // Between two infinite values there is no way; what is not finite is a jump, not a glide.
  const mix = (a) => (j > i && Number.isFinite(a.data[j] - a.data[i]) ? a.data[i] + part * (a.data[j] - a.data[i]) : a.data[i]);
  return [mix(layer.x), mix(layer.y)];
}

const PENS = {
  ghost(g, layer, view, k, style) {
    g.globalAlpha = 0.4;
    g.setLineDash([3, 3]);
    path(g, layer, view, layer.x.rows - 1, style.width);
    dots(g, layer, view, 0, layer.x.rows - 1, 2.5 * style.scale, () => 0.35);
  },
  track(g, layer, view, k, style) {
    g.setLineDash(DASHES[layer.dash] ?? []);
    if (k < layer.x.rows - 1) { // what is still to come, faintly
      g.globalAlpha = 0.25;
      path(g, layer, view, layer.x.rows - 1, style.width * 0.7);
    }
    // A long run that jumps about would fill its valley with ink.
    const long = layer.x.rows > 80;
    g.globalAlpha = long ? 0.6 : 0.9;
    path(g, layer, view, k, long ? style.width * 0.7 : style.width);
    g.setLineDash([]);
    const last = Math.min(Math.floor(k), layer.x.rows - 1);
    dots(g, layer, view, Math.max(0, last - 30), last, 3 * style.scale, (age) => Math.max(0.25, 1 - age / 25));
    g.globalAlpha = 1;
    head(g, layer, view, k, style);
  },
  segments(g, layer, view, k, style) {
    const [x0, y0, x1, y1] = ['x0', 'y0', 'x1', 'y1'].map((name) => row(layer[name], Math.round(k)));
    g.setLineDash(DASHES[layer.dash] ?? []);
    g.lineWidth = style.width;
    x0.forEach((_, i) => {
      const ends = [view.px(x0[i]), view.py(y0[i]), view.px(x1[i]), view.py(y1[i])];
      if (ends.some(Number.isNaN)) return;
      line(g, ends);
      if (layer.arrow) arrowhead(g, ends, 5 * style.scale);
    });
  },
  points(g, layer, view, k, style) {
    const [x, y] = [row(layer.x, Math.round(k)), row(layer.y, Math.round(k))];
    g.lineWidth = 1.5 * style.scale;
    x.forEach((_, i) => {
      if (Number.isNaN(x[i]) || Number.isNaN(y[i])) return;
      mark(g, layer.symbol, view.px(x[i]), view.py(y[i]), 4.5 * style.scale);
    });
  },
  polygon(g, layer, view, k) {
    const [x, y] = [row(layer.x, Math.round(k)), row(layer.y, Math.round(k))];
    g.globalAlpha = 0.18;
    g.beginPath();
    x.forEach((_, i) => (i ? g.lineTo(view.px(x[i]), view.py(y[i])) : g.moveTo(view.px(x[i]), view.py(y[i]))));
    g.closePath();
    g.fill();
  },
  reading() {},
  cursor() {},
};

function path(g, layer, view, k, width) {
  g.lineWidth = width;
  g.beginPath();
  const whole = Math.min(Math.floor(k), layer.x.rows - 1);
  for (let i = 0; i <= whole; i++) {
    const [px, py] = [view.px(layer.x.data[i]), view.py(layer.y.data[i])];
    if (i) g.lineTo(px, py); else g.moveTo(px, py);
  }
  if (k > whole) {
    const [x, y] = at(layer, k);
    g.lineTo(view.px(x), view.py(y));
  }
  g.stroke();
}

function dots(g, layer, view, first, last, radius, alpha) {
  for (let i = first; i <= last; i++) {
    g.globalAlpha = alpha(last - i);
    mark(g, layer.symbol, view.px(layer.x.data[i]), view.py(layer.y.data[i]), radius);
  }
}

function head(g, layer, view, k, style) {
  const [x, y] = at(layer, k);
  const [px, py] = [view.px(x), view.py(y)];
  if (view.holds(px, py)) {
    g.lineWidth = 1.5 * style.scale;
    mark(g, layer.symbol, px, py, 6.5 * style.scale);
    g.strokeStyle = style.paper;
    g.stroke();
    return;
  }
  // A run that has left the window is not clipped away: an arrow on the edge points to it.
  const edge = 9 * style.scale;
  const ex = Math.max(view.left + edge, Math.min(view.left + view.width - edge, px));
  const ey = Math.max(view.top + edge, Math.min(view.top + view.height - edge, py));
  const turn = Math.atan2(py - ey, px - ex);
  arrowhead(g, [ex - Math.cos(turn), ey - Math.sin(turn), ex + edge * Math.cos(turn), ey + edge * Math.sin(turn)], edge);
}

function mark(g, symbol, x, y, r) {
  g.beginPath();
  if (symbol === 'square') g.rect(x - r * 0.9, y - r * 0.9, 1.8 * r, 1.8 * r);
  else if (symbol === 'diamond') corners(g, x, y, r * 1.25, 4, 0);
  else if (symbol === 'triangle') corners(g, x, y, r * 1.25, 3, -Math.PI / 2);
  else if (symbol === 'cross') {
    g.moveTo(x - r, y - r); g.lineTo(x + r, y + r); g.moveTo(x + r, y - r); g.lineTo(x - r, y + r);
  } else g.arc(x, y, r, 0, 2 * Math.PI);
  if (symbol === 'cross' || symbol === 'open') g.stroke(); else g.fill();
}

function corners(g, x, y, r, n, turn) {
  for (let i = 0; i < n; i++) {
    const a = turn + (2 * Math.PI * i) / n;
    if (i) g.lineTo(x + r * Math.cos(a), y + r * Math.sin(a)); else g.moveTo(x + r * Math.cos(a), y + r * Math.sin(a));
  }
  g.closePath();
}

function line(g, [ax, ay, bx, by]) {
  g.beginPath();
  g.moveTo(ax, ay);
  g.lineTo(bx, by);
  g.stroke();
}

function arrowhead(g, [ax, ay, bx, by], size) {
  if (Math.hypot(bx - ax, by - ay) < 1e-6) return;
  const turn = Math.atan2(by - ay, bx - ax);
  g.beginPath();
  corners(g, bx - size * 0.5 * Math.cos(turn), by - size * 0.5 * Math.sin(turn), size, 3, turn);
  g.fill();
}

function drawHandle(g, handle, view, style) {
  const [px, py] = [view.px(handle.x), view.py(handle.y)];
  if (!view.holds(px, py)) return;
  g.globalAlpha = 1;
  g.lineWidth = 2.5 * style.scale;
  g.strokeStyle = style.ink;
  g.fillStyle = style.paper;
  g.beginPath();
  g.arc(px, py, 8 * style.scale, 0, 2 * Math.PI);
  g.fill();
  g.stroke();
  g.fillStyle = style.ink;
  g.font = `${style.font}px ${style.family}`;
  g.textAlign = 'center';
  g.textBaseline = 'bottom';
  g.fillText(handle.label, px, py - 12 * style.scale);
}

// Draw step k of a scene with pen `g` (a canvas context, or the SVG recorder below).
function draw(g, gd, scene, k, style) {
  for (const layer of scene.layers) {
    const view = panel(gd, layer.panel ?? 0);
    if (!view) continue;
    g.save();
    g.beginPath();
    g.rect(view.left, view.top, view.width, view.height);
    g.clip();
    g.strokeStyle = g.fillStyle = layer.color ?? style.ink;
    g.lineJoin = 'round';
    PENS[layer.kind](g, layer, view, k, style);
    g.restore();
    if (layer.kind === 'cursor') drawCursor(g, gd, layer, k, style);
  }
}

function drawCursor(g, gd, layer, k, style) {
  const views = PANELS.map((_, i) => panel(gd, i)).filter(Boolean);
  const x = at({ x: layer.x, y: layer.x }, k)[0];
  const px = views[0].px(x);
  if (px < views[0].left || px > views[0].left + views[0].width) return;
  g.save();
  g.strokeStyle = layer.color ?? style.ink;
  g.globalAlpha = 0.45;
  g.lineWidth = style.scale;
  g.setLineDash([4, 4]);
  for (const view of views) line(g, [px, view.top, px, view.top + view.height]);
  g.restore();
}

// --- SVG: a pen with the strokes of a canvas context that writes elements instead -------------------

export class SvgPen {
  constructor(prefix) {
    Object.assign(this, { parts: [], stack: [], d: '', clips: 0, prefix, dash: [] });
    Object.assign(this, { globalAlpha: 1, lineWidth: 1, strokeStyle: '#000', fillStyle: '#000', font: '12px sans-serif', textAlign: 'start', textBaseline: 'alphabetic', clipId: '' });
  }
  static kept = ['globalAlpha', 'lineWidth', 'strokeStyle', 'fillStyle', 'font', 'textAlign', 'textBaseline', 'clipId', 'dash'];
  save() { this.stack.push(SvgPen.kept.map((name) => this[name])); }
  restore() { this.stack.pop().forEach((value, i) => { this[SvgPen.kept[i]] = value; }); }
  setLineDash(dash) { this.dash = dash; }
  beginPath() { this.d = ''; }
  moveTo(x, y) { this.d += `M${n2(x)} ${n2(y)}`; }
  lineTo(x, y) { this.d += `L${n2(x)} ${n2(y)}`; }
  closePath() { this.d += 'Z'; }
  rect(x, y, w, h) { this.d += `M${n2(x)} ${n2(y)}h${n2(w)}v${n2(h)}h${n2(-w)}Z`; }
  arc(x, y, r) { this.d += `M${n2(x - r)} ${n2(y)}a${n2(r)} ${n2(r)} 0 1 0 ${n2(2 * r)} 0a${n2(r)} ${n2(r)} 0 1 0 ${n2(-2 * r)} 0Z`; }
  clip() {
    this.clipId = `${this.prefix}clip${this.clips++}`;
    this.parts.push(`<clipPath id="${this.clipId}"><path d="${this.d}"/></clipPath>`);
  }
  attributes() { return `opacity="${n2(this.globalAlpha)}"${this.clipId ? ` clip-path="url(#${this.clipId})"` : ''}`; }
  stroke() {
    const dash = this.dash.length ? ` stroke-dasharray="${this.dash.join(' ')}"` : '';
    this.parts.push(`<path d="${this.d}" fill="none" stroke="${escape(this.strokeStyle)}" stroke-width="${n2(this.lineWidth)}" stroke-linejoin="round"${dash} ${this.attributes()}/>`);
  }
  fill() { this.parts.push(`<path d="${this.d}" fill="${escape(this.fillStyle)}" ${this.attributes()}/>`); }
  fillText(text, x, y) {
    const size = parseFloat(this.font);
    this.parts.push(`<text x="${n2(x)}" y="${n2(y)}" font-size="${size}" font-family="sans-serif" text-anchor="middle" fill="${escape(this.fillStyle)}" ${this.attributes()}>${escape(text)}</text>`);
  }
}

const n2 = (v) => Math.round(v * 100) / 100;
const escape = (text) => String(text).replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]);

export async function toSvg(S) {
  const { Plotly, gd } = S;
  const url = await Plotly.toImage(gd, { format: 'svg', width: gd.clientWidth, height: gd.clientHeight });
  const svg = decodeURIComponent(url.slice(url.indexOf(',') + 1));
  const pen = new SvgPen('stage');
  draw(pen, gd, S.scene, S.k, S.style);
  const paper = `<rect width="100%" height="100%" fill="${escape(S.style.paper)}"/>`;
  return svg.replace(/<svg [^>]*>/, (open) => open + paper)
    .replace(/<\/svg>\s*$/, `<g>${pen.parts.join('')}</g></svg>`);
}

async function toPng(S, scale = 3) {
  const image = new Image();
  image.src = 'data:image/svg+xml;charset=utf-8,' + encodeURIComponent(await toSvg(S));
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = scale * S.gd.clientWidth;
  canvas.height = scale * S.gd.clientHeight;
  const g = canvas.getContext('2d');
  g.fillStyle = S.style.paper;
  g.fillRect(0, 0, canvas.width, canvas.height);
  g.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
}

export async function download(S, { format, name }) {
  const blob = format === 'png' ? await toPng(S) : new Blob([await toSvg(S)], { type: 'image/svg+xml' });
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = `${name}.${format}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

// --- the player -------------------------------------------------------------------------------------

const ICONS = { // drawn here, for not every font has the signs of a player
  first: 'M5 4v12M16 4l-8 6 8 6z', back: 'M14 4l-8 6 8 6z', play: 'M6 3l11 7-11 7z', pause: 'M6 3h3v14H6zM12 3h3v14h-3z',
  next: 'M6 4l8 6-8 6z', last: 'M15 4v12M4 4l8 6-8 6z', loop: 'M4 10a6 6 0 1 0 2-4.5M6 2v4h4',
};
const icon = (name) => `<svg viewBox="0 0 20 20" width="1.15em" height="1.15em" stroke="currentColor" stroke-width="2" stroke-linejoin="round" fill="${name === 'loop' ? 'none' : 'currentColor'}" aria-hidden="true"><path d="${ICONS[name]}"/></svg>`;
const button = (name, label, key) => `<button data-do="${name}" aria-label="${label}" title="${label}${key ? ` (${key})` : ''}">${icon(name)}</button>`;
const BAR = [
  button('first', 'Go to the start', 'Home'), button('back', 'One step back', '←'), button('play', 'Play', 'Space'),
  button('next', 'One step forward', '→'), button('last', 'Go to the end', 'End'),
  '<input type="range" min="0" step="1" aria-label="Step"><output></output>',
  `<select aria-label="Speed" title="Speed">${SPEEDS.map((s) => `<option value="${s}"${s === 1 ? ' selected' : ''}>${s}×</option>`).join('')}</select>`,
  button('loop', 'Loop', ''), '<span class="gd-readings"></span>',
].join('');

const CSS = `
.gd-stage { position: relative; font-family: var(--st-font, sans-serif); color: var(--st-text-color, #222); }
.gd-plot { position: relative; width: 100%; }
.gd-plot canvas.gd-over { position: absolute; inset: 0; pointer-events: none; }
.gd-chips { display: flex; flex-wrap: wrap; align-content: flex-start; gap: 5px 10px; min-height: 34px; font-size: 0.92rem; }
.gd-many { min-height: 68px; }
.gd-chip { padding: 2px 10px; border: 1px solid var(--st-border-color, #ccc); border-radius: 16px; white-space: nowrap; }
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

const still = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

function setStep(S, k, byHand) {
  S.k = Math.max(0, Math.min(S.scene.steps, k));
  refresh(S);
  if (byHand) S.report?.(Math.round(S.k));
}

function play(S, on) {
  if (on && S.k >= S.scene.steps) S.k = 0;
  S.playing = on && S.scene.steps > 0;
  S.clock = undefined;
  const button = S.bar.querySelector('[data-do="play"]');
  button.innerHTML = icon(S.playing ? 'pause' : 'play');
  button.setAttribute('aria-label', S.playing ? 'Pause' : 'Play');
  if (S.playing) requestAnimationFrame((now) => frame(S, now)); else setStep(S, Math.round(S.k), true);
}

function frame(S, now) {
  if (!S.playing || !S.root.isConnected) return;
  const rate = Math.max(MIN_RATE, S.scene.steps / RUN_SECONDS) * S.speed;
  S.exact = (S.clock === undefined ? S.k : S.exact) + (rate * (now - (S.clock ?? now))) / 1000;
  S.clock = now;
  if (S.exact >= S.scene.steps) {
    S.k = S.scene.steps;
    if (!S.loop) return play(S, false);
    S.exact = 0;
  }
  S.k = still() ? Math.floor(S.exact) : S.exact;
  refresh(S);
  S.frames = (S.frames ?? 0) + 1;
  requestAnimationFrame((t) => frame(S, t));
}

const ACTIONS = {
  first: (S) => setStep(S, 0, true),
  back: (S) => setStep(S, Math.ceil(S.k) - 1, true),
  play: (S) => play(S, !S.playing),
  next: (S) => setStep(S, Math.floor(S.k) + 1, true),
  last: (S) => setStep(S, S.scene.steps, true),
  loop: (S) => {
    S.loop = !S.loop;
    S.bar.querySelector('[data-do="loop"]').setAttribute('aria-pressed', S.loop);
  },
};
const KEYS = { ' ': 'play', ArrowLeft: 'back', ArrowRight: 'next', Home: 'first', End: 'last' };

// Keys are the stage's unless another control has the focus: a dial and a text field keep theirs.
function onKey(S, event) {
  const busy = event.composedPath().some((node) => node.matches?.('input:not([type=range]), textarea, select, [role=slider], [role=tab], [role=radio], [role=listbox], [role=combobox], [role=dialog], [contenteditable=true]'));
  const onButton = event.key === ' ' && event.composedPath()[0].closest?.('button, a, summary');
  if (busy || onButton || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || !(event.key in KEYS)) return;
  event.preventDefault();
  if (event.key !== ' ' && S.playing) play(S, false);
  ACTIONS[KEYS[event.key]](S);
}

function buildBar(S) {
  S.bar.innerHTML = BAR;
  S.bar.addEventListener('click', (event) => {
    const button = event.target.closest('button');
    if (!button) return;
    if (button.dataset.do !== 'play' && button.dataset.do !== 'loop' && S.playing) play(S, false);
    ACTIONS[button.dataset.do](S);
  });
  const scrub = S.bar.querySelector('input');
  scrub.addEventListener('input', () => { S.playing = false; setStep(S, Number(scrub.value), false); });
  scrub.addEventListener('change', () => { play(S, false); });
  S.bar.querySelector('select').addEventListener('change', (event) => { S.speed = Number(event.target.value); });
}

const number = (v) => (Number.isFinite(v) ? (v !== 0 && (Math.abs(v) < 1e-3 || Math.abs(v) >= 1e5) ? v.toExponential(3) : String(Number(v.toPrecision(4)))) : '–');

function refresh(S) {
  const { gd, over, scene, style } = S;
  if (!gd._fullLayout) return;
  const ratio = devicePixelRatio || 1;
  const [w, h] = [gd.clientWidth, gd.clientHeight];
  if (over.width !== Math.round(w * ratio) || over.height !== Math.round(h * ratio)) {
    over.width = Math.round(w * ratio);
    over.height = Math.round(h * ratio);
    over.style.width = w + 'px';
    over.style.height = h + 'px';
  }
  const g = over.getContext('2d');
  g.setTransform(ratio, 0, 0, ratio, 0, 0);
  g.clearRect(0, 0, w, h);
  draw(g, gd, scene, S.k, style);
  for (const handle of handlesNow(S)) drawHandle(g, handle, panel(gd, handle.panel), style);
  const step = Math.floor(S.k);
  if (S.announced !== step) {
    S.announced = step;
    document.dispatchEvent(new CustomEvent('gdviz-step', { detail: { key: scene.key, step, playing: Boolean(S.playing) } }));
  }
  const scrub = S.bar.querySelector('input');
  scrub.max = scene.steps;
  scrub.value = step;
  S.bar.querySelector('output').textContent = `step ${step} / ${scene.steps}`;
  S.bar.querySelector('.gd-readings').textContent = scene.layers.filter((l) => l.kind === 'reading')
    .map((l) => `${l.name} = ${number(row(l.values, step)[0])}`).join('   ');
}

// --- the hand ---------------------------------------------------------------------------------------

// While a handle is held it is drawn where the hand is, riding its curve, not where Python last put it.
function handlesNow(S) {
  return S.scene.handles.map((handle) => {
    if (S.held?.id !== handle.id) return handle;
    const { x, y } = S.held.point;
    return { ...handle, x, y, label: `${handle.label} ${number(x)}${handle.axes === 'xy' ? `, ${number(y)}` : ''}` };
  });
}

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
  const reach = GRAB * S.style.scale;
  return S.scene.handles.find((handle) => {
    const view = panel(S.gd, handle.panel);
    return Math.hypot(view.px(handle.x) - px, view.py(handle.y) - py) <= reach;
  });
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
function onDial(S, { detail }) {
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
function adopt(S, scene) {
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
  if (down && S.scene.live && handle.knobs[0]) {
    ask(S, Object.fromEntries(Object.values(handle.knobs).map((name, i) => [name, i ? point.y : point.x])));
    return;
  }
  S.waiting = { id: S.held.id, ...S.held.point, down };
  flush(S);
}

function flush(S) {
  if (S.underWay || !S.waiting) return;
  const message = { ...S.waiting, n: (S.n = (S.n ?? 0) + 1) };
  S.waiting = undefined;
  S.underWay = true;
  S.move?.(message);
}

function listen(S) {
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
  gd.addEventListener('pointerleave', () => { S.tip.hidden = true; });
}

// A click (no drag) inside the panel of a handle moves that handle there.
function clicked(S, event) {
  if (Math.hypot(event.clientX - S.press.x, event.clientY - S.press.y) > 4) return null;
  const box = S.gd.getBoundingClientRect();
  return S.scene.handles.find((handle) => panel(S.gd, handle.panel).holds(event.clientX - box.left, event.clientY - box.top));
}

// A handle that was let go stays where the hand left it until Python has answered, but follows no more.
const inHand = (S) => S.held && S.held !== S.letGo;

function take(S, handle, event) {
  S.letGo = undefined;
  S.held = { id: handle.id, handle, point: pointAt(S, handle, event) };
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

function hover(S, event) {
  const box = S.gd.getBoundingClientRect();
  const [px, py] = [event.clientX - box.left, event.clientY - box.top];
  S.gd.style.cursor = nearest(S, event) ? 'grab' : '';
  let best = { distance: 12 * S.style.scale };
  for (const layer of S.scene.layers) {
    if (layer.kind !== 'track' && layer.kind !== 'ghost') continue;
    const view = panel(S.gd, layer.panel ?? 0);
    for (let i = 0; i < layer.x.rows; i++) {
      const distance = Math.hypot(view.px(layer.x.data[i]) - px, view.py(layer.y.data[i]) - py);
      if (distance < best.distance) best = { distance, layer, i };
    }
  }
  S.tip.hidden = !best.layer;
  if (!best.layer) return;
  const { layer, i } = best;
  S.tip.textContent = `${layer.name}, step ${i}\n${[layer.x, layer.y].map((a, j) => `${layer.labels[j]} = ${number(a.data[i])}`).join('\n')}`;
  S.tip.style.left = Math.min(px + 14, S.gd.clientWidth - S.tip.offsetWidth - 4) + 'px';
  S.tip.style.top = Math.max(0, py - S.tip.offsetHeight - 8) + 'px';
}

// --- mounting ---------------------------------------------------------------------------------------

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

function rgba(color, alpha) {
  const g = document.createElement('canvas').getContext('2d');
  g.fillStyle = color;
  const hex = g.fillStyle;
  const [r, gr, b] = hex.startsWith('#') ? [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)) : hex.match(/[\d.]+/g).map(Number);
  return `rgba(${r},${gr},${b},${alpha})`;
}

const CONFIG = { displaylogo: false, responsive: false, doubleClick: false, modeBarButtons: [['zoom2d', 'pan2d', 'zoomIn2d', 'zoomOut2d', 'resetScale2d']], displayModeBar: 'hover' };

export function create(root, height) {
  const S = { root, k: null, speed: 1, loop: false, queue: Promise.resolve() };
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

function answer(S) {
  if (!S.underWay || S.scene.echo === S.n || S.scene.echo === null) {
    S.underWay = false;
    if (S.letGo && !S.waiting) S.held = S.letGo = undefined;
  }
  flush(S);
}

// --- the Streamlit component ------------------------------------------------------------------------

const backgrounds = new Map(); // by stage key: {id, figure}
const awaited = new Map(); // by background id: those who wait for it

export default function component({ data, parentElement, setStateValue }) {
  const bytes = data instanceof Uint8Array ? data : new Uint8Array(data);
  if (bytes[0] === 0x7b) { // "{": a background
    const background = JSON.parse(new TextDecoder().decode(bytes));
    backgrounds.set(background.id, background);
    for (const resolve of awaited.get(background.id) ?? []) resolve();
    awaited.delete(background.id);
    parentElement.style.display = 'none';
    return () => backgrounds.delete(background.id);
  }
  const scene = unpack(bytes);
  const S = (parentElement.gdStage ??= create(parentElement, scene.height));
  S.gd.style.height = `${scene.height}px`;
  S.move = (message) => setStateValue('hand', message);
  S.report = (k) => {
    clearTimeout(S.reporting);
    S.reporting = setTimeout(() => setStateValue('step', { k, of: S.scene.steps }), 120);
  };
  // Messages are shown one after another, and a message that has been overtaken is skipped.
  S.newest = scene;
  S.queue = S.queue.then(async () => {
    if (S.newest !== scene) return;
    const Plotly = await loadPlotly(new URL(scene.plotly, document.baseURI).href);
    if (!backgrounds.has(scene.background)) {
      await new Promise((resolve) => awaited.set(scene.background, [...(awaited.get(scene.background) ?? []), resolve]));
    }
    await show(S, Plotly, backgrounds.get(scene.background), scene);
  });
  return () => {
    delete parentElement.gdStage;
    destroy(S);
  };
}
