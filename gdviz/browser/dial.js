// The dial: a thin slider under a number field that answers while it is dragged.
//
// Python is the truth and this file only reports the hand. Streamlit calls the default export
// again, on the same parent element, each time Python has answered; the DOM, the pointer capture
// and the keyboard focus must survive that, so everything lives in one Dial per parent element.
//
// In:  data = {label, lo, hi, value, log, integer, marks: [[value, label]], large, disabled, live, n}
//      live is the key of the knob if a stage on the page listens: it is told of every move by an
//      event, and Python only of the last one.
// Out: state "hand" = {v, down, n}: v is null when the hand has not moved, down is true while
//      the hand still holds on, n counts the messages and comes back in data.n as the answer.

const PATIENCE = 4000; // ms to wait for an answer (lost connection, failed run) before going on
const GAP = 6; // px between two labels
const REACH = 3; // px that a label may stand off its tick
const STEPS = {
  ArrowRight: 0.01, ArrowUp: 0.01, ArrowLeft: -0.01, ArrowDown: -0.01,
  PageUp: 0.1, PageDown: -0.1, Home: -1, End: 1,
};

const CSS = `
  .dial {
    --knob: 14px; --line: 3px; --ink: var(--st-text-color, #31333f);
    --halo: color-mix(in srgb, var(--st-primary-color, #0072b2) 35%, transparent);
    position: relative; padding: 0 calc(var(--knob) / 2); user-select: none;
    margin-top: -10px; /* nearer to its own field above than to the next one below */
    font: 0.78rem/1.25 var(--st-font, sans-serif); color: var(--ink);
  }
  .dial.large { --knob: 24px; --line: 6px; font-size: 20px; }
  .rail {
    position: relative; height: calc(var(--knob) + 12px); outline: none;
    cursor: pointer; touch-action: none;
    /* the ends of the track stay easy to hit: the rail reaches over the padding */
    margin: 0 calc(var(--knob) / -2); padding: 0 calc(var(--knob) / 2);
  }
  .track { position: relative; height: 100%; }
  .line, .fill, .tick, .knob { position: absolute; pointer-events: none; }
  .line, .fill {
    left: 0; top: calc(50% - var(--line) / 2); height: var(--line);
    border-radius: var(--line);
  }
  .line { right: 0; background: color-mix(in srgb, var(--ink) 18%, transparent); }
  .fill { width: calc(var(--at) * 100%); background: var(--st-primary-color, #0072b2); }
  .tick {
    left: calc(var(--at) * 100%); width: 1px; margin-left: -0.5px;
    top: calc(50% + var(--line) / 2 + 2px); height: 4px;
    background: color-mix(in srgb, var(--ink) 40%, transparent);
  }
  .tick.mark {
    width: 2px; margin-left: -1px; background: var(--ink);
    top: calc(50% - var(--knob) / 2 + 1px); height: auto; bottom: 1px;
  }
  .large .tick { width: 2px; margin-left: -1px; height: 6px; }
  .large .tick.mark { width: 3px; margin-left: -1.5px; height: auto; }
  .knob {
    left: calc(var(--at) * 100%); top: calc(50% - var(--knob) / 2); box-sizing: border-box;
    width: var(--knob); height: var(--knob); margin-left: calc(var(--knob) / -2);
    border-radius: 50%; background: var(--st-primary-color, #0072b2);
    /* a rim in the page's colour lifts the knob off a mark that stands right behind it */
    border: 2px solid var(--st-background-color, #fff);
    box-shadow: 0 0 0 1px var(--st-primary-color, #0072b2);
  }
  .bubble {
    position: absolute; left: calc(var(--at) * 100%); bottom: calc(50% + var(--knob) / 2 + 3px);
    transform: translateX(-50%); padding: 1px 7px; border-radius: 5px; pointer-events: none;
    background: var(--st-primary-color, #0072b2); color: var(--st-background-color, #fff);
    font-variant-numeric: tabular-nums; z-index: 2;
  }
  .bubble[hidden] { display: none; }
  .rail:hover .knob { box-shadow: 0 0 0 3px var(--halo); }
  .rail:focus-visible .knob, .rail.held .knob { box-shadow: 0 0 0 5px var(--halo); }
  .labels { position: relative; height: 1.25em; }
  .labels:empty { display: none; }
  .labels button {
    all: unset; position: absolute; top: 0; white-space: nowrap; cursor: pointer;
    color: color-mix(in srgb, var(--ink) 80%, transparent);
  }
  .labels button:hover, .labels button:focus-visible {
    color: var(--st-primary-color, #0072b2); text-decoration: underline;
    text-underline-offset: 2px;
  }
  .disabled { opacity: 0.4; }
  .disabled .rail, .disabled button { cursor: not-allowed; }
  @media (prefers-reduced-motion: no-preference) { .knob { transition: box-shadow 120ms; } }
  @media (forced-colors: active) {
    .line, .tick { background: CanvasText; }
    .fill, .knob { background: Highlight; }
    .rail:focus-visible { outline: 2px solid Highlight; }
  }
`;

const dials = new WeakMap();

export default function ({ data, parentElement, setStateValue }) {
  let dial = dials.get(parentElement);
  if (!dial) dials.set(parentElement, (dial = new Dial(parentElement, data.n ?? 0)));
  dial.update(data, (hand) => setStateValue("hand", hand));
  return () => {
    dial.close();
    dials.delete(parentElement);
  };
}

// ---- the scale -------------------------------------------------------------------------------

const clamp = (x, lo, hi) => Math.min(hi, Math.max(lo, x));

// Where a value lies on the track, 0 to 1.
export function place(v, { lo, hi, log }) {
  if (log && v <= 0) return 0;
  return clamp(log ? Math.log(v / lo) / Math.log(hi / lo) : (v - lo) / (hi - lo), 0, 1);
}

// The value at a place on the track, snapped.
export function valueAt(at, scale) {
  const { lo, hi, log } = scale;
  const p = clamp(at, 0, 1);
  return snap(log ? lo * (hi / lo) ** p : lo + p * (hi - lo), scale);
}

// Three significant digits: of the value on a log scale, of the whole span on a linear one
// (so that neither [100, 101] nor the neighbourhood of zero comes out ragged).
export function snap(v, { lo, hi, log, integer }) {
  let s;
  if (log) {
    s = Number(v.toPrecision(hi / lo < 2 ? 5 : 3));
  } else {
    const decimals = 3 - Math.ceil(Math.log10(hi - lo));
    const unit = 10 ** Math.abs(decimals);
    // the division by a power of ten, not the product with 0.001, gives the nearest float
    s = decimals > 0 ? Math.round(v * unit) / unit : Math.round(v / unit) * unit;
  }
  return clamp(integer ? Math.round(s) : s, lo, hi) + 0; // + 0 turns -0 into 0
}

// The value a share of the track away; whole numbers move by at least one.
export function stepped(v, share, scale) {
  if (Math.abs(share) === 1) return share > 0 ? scale.hi : scale.lo;
  const next = valueAt(place(v, scale) + share, scale);
  const stuck = scale.integer && Math.abs(next - v) < 1;
  return stuck ? clamp(v + Math.sign(share), scale.lo, scale.hi) : next;
}

// Places of the quiet ticks: powers of ten on a log scale, round steps on a linear one.
export function ticks({ lo, hi, log }) {
  const found = [];
  if (log) {
    const first = Math.ceil(Math.log10(lo) - 1e-9);
    const last = Math.floor(Math.log10(hi) + 1e-9);
    for (let k = first; k <= last; k += 1) found.push(10 ** k);
    return found;
  }
  const decade = 10 ** Math.floor(Math.log10(hi - lo));
  const count = (hi - lo) / decade;
  const step = count < 2.5 ? decade / 5 : count < 5 ? decade / 2 : decade;
  for (let k = Math.ceil(lo / step - 1e-9); k * step <= hi + 1e-9 * step; k += 1) {
    found.push(k * step);
  }
  return found;
}

const shown = (v) => String(Number(v.toPrecision(6)));

// ---- labels that do not collide ---------------------------------------------------------------

// Gives each label {x, w} its `left` and returns those that found room, in the order of the track.
// Neighbours that would overlap move apart; a label that would make one lose touch with its tick
// is left out, so the first-named have the right of way.
export function spread(labels, width) {
  let kept = [];
  for (const label of labels) {
    const tried = [...kept, label].sort((a, b) => a.x - b.x);
    clusters(tried, width);
    if (!tried.some((l) => strays(l, width))) kept = tried;
  }
  clusters(kept, width);
  return kept;
}

function clusters(labels, width) {
  const done = [];
  for (const label of labels) {
    let c = settle([label], width);
    while (done.length && done.at(-1).left + done.at(-1).width + GAP > c.left) {
      c = settle([...done.pop().labels, ...c.labels], width);
    }
    done.push(c);
  }
  return done;
}

// Sets labels side by side, where they are nearest to their ticks on average.
function settle(labels, width) {
  let used = 0;
  let wish = 0;
  for (const l of labels) {
    wish += l.x - l.w / 2 - used;
    l.left = used;
    used += l.w + GAP;
  }
  used -= GAP;
  const left = clamp(wish / labels.length, 0, Math.max(0, width - used));
  for (const l of labels) l.left += left;
  return { labels, left, width: used };
}

const strays = (l, width) =>
  l.x < l.left - REACH || l.x > l.left + l.w + REACH || l.left + l.w > width + REACH;

// ---- the line to Python -----------------------------------------------------------------------

// One message under way at a time; of those that wait, only the newest is kept.
class Line {
  constructor(n) {
    this.n = n;
    this.waiting = false;
    this.next = null;
  }

  get idle() {
    return !this.waiting && !this.next;
  }

  post(hand) {
    this.next = hand;
    this.flush();
  }

  flush() {
    if (this.waiting || !this.next) return;
    const hand = { ...this.next, n: (this.n += 1) };
    this.next = null;
    this.waiting = true;
    this.timer = setTimeout(() => this.answered(this.n), PATIENCE);
    this.send(hand);
  }

  answered(n) {
    if (n !== this.n) return; // an older run, or one that something else has started
    clearTimeout(this.timer);
    this.waiting = false;
    this.flush();
  }
}

// ---- the dial ---------------------------------------------------------------------------------

function make(tag, name, parent) {
  const node = document.createElement(tag);
  node.className = name;
  parent.append(node);
  return node;
}

class Dial {
  constructor(parent, n) {
    this.line = new Line(n);
    this.grip = null; // what holds on: "pointer", "key" or nothing
    this.held = null; // the hand's own value, until Python has answered the last message
    this.style = make("style", "", parent);
    this.style.textContent = CSS;
    this.box = make("div", "dial", parent);
    this.rail = make("div", "rail", this.box);
    this.track = make("div", "track", this.rail);
    make("div", "line", this.track);
    make("div", "fill", this.track);
    this.scale = make("div", "scale", this.track);
    make("div", "knob", this.track);
    this.bubble = make("div", "bubble", this.track);
    this.labels = make("div", "labels", this.box);
    this.rail.setAttribute("role", "slider");
    this.rail.setAttribute("aria-orientation", "horizontal");
    this.listen();
    this.watch = new ResizeObserver(() => this.arrange());
    this.watch.observe(this.track);
  }

  close() {
    clearTimeout(this.line.timer);
    this.watch.disconnect();
    this.box.remove();
    this.style.remove();
  }

  update(data, send) {
    this.data = data;
    this.line.send = send;
    this.line.answered(data.n);
    if (data.disabled && this.grip) this.release(this.grip);
    if (!this.grip && this.line.idle) this.held = null;
    this.dress();
    this.draw();
  }

  get value() {
    return this.held ?? this.data.value;
  }

  // -- drawing --

  // What does not follow the hand: redone only when it differs from the last time.
  dress() {
    const { label, lo, hi, log, marks, large, disabled } = this.data;
    const sign = JSON.stringify([label, lo, hi, log, marks, large, disabled]);
    if (sign === this.sign) return;
    this.sign = sign;
    this.box.classList.toggle("large", large);
    this.box.classList.toggle("disabled", disabled);
    this.rail.tabIndex = disabled ? -1 : 0;
    const aria = { label, valuemin: lo, valuemax: hi, disabled };
    for (const [name, v] of Object.entries(aria)) this.rail.setAttribute(`aria-${name}`, v);
    this.scale.replaceChildren();
    for (const v of ticks(this.data)) this.tick("tick", v);
    for (const [v] of marks) this.tick("tick mark", v);
    this.labels.replaceChildren(...marks.map(([v, text]) => this.button(v, text)));
    this.arrange();
  }

  tick(name, v) {
    make("div", name, this.scale).style.setProperty("--at", place(v, this.data));
  }

  button(v, text) {
    const node = document.createElement("button");
    node.type = "button";
    node.textContent = text; // never HTML: a label may hold a user's text
    node.title = `${text} = ${shown(v)}`;
    node.disabled = this.data.disabled;
    node.addEventListener("click", () => this.set(v, false));
    return node;
  }

  arrange() {
    const width = this.rail.clientWidth;
    if (!width || !this.data) return; // in a closed tab there is nothing to measure yet
    const inset = (width - this.track.clientWidth) / 2; // labels may use the rail's full width
    const labels = [...this.labels.children].map((node, i) => {
      node.style.display = "";
      const at = place(this.data.marks[i][0], this.data);
      return { node, x: inset + at * this.track.clientWidth, w: node.offsetWidth };
    });
    const kept = new Set(spread(labels, width));
    for (const l of labels) {
      l.node.style.display = kept.has(l) ? "" : "none";
      l.node.style.left = `${l.left - inset}px`;
    }
  }

  draw() {
    const v = this.value;
    const mark = this.data.marks.find(([m]) => m === v);
    this.track.style.setProperty("--at", place(v, this.data));
    this.rail.classList.toggle("held", this.grip === "pointer");
    // The number field follows when the hand lets go; until then the value stands at the knob.
    this.bubble.hidden = !this.grip || !this.data.live;
    this.bubble.textContent = shown(v);
    this.rail.setAttribute("aria-valuenow", v);
    this.rail.setAttribute("aria-valuetext", mark ? `${shown(v)} (${mark[1]})` : shown(v));
  }

  // -- the hand --

  listen() {
    const on = (name, act) => this.rail.addEventListener(name, act);
    on("pointerdown", (e) => this.press(e));
    on("pointermove", (e) => this.grip === "pointer" && this.move(e));
    // sent after pointerup and pointercancel alike
    on("lostpointercapture", () => this.release("pointer"));
    on("keydown", (e) => this.key(e));
    on("keyup", () => this.release("key"));
    on("blur", () => this.release("key"));
  }

  set(v, down) {
    this.held = v;
    this.draw();
    if (down && this.data.live) {
      document.dispatchEvent(new CustomEvent("gdviz-hand", { detail: { key: this.data.live, value: v } }));
    } else this.line.post({ v, down });
  }

  press(event) {
    if (event.button !== 0 || this.data.disabled) return;
    this.rail.setPointerCapture(event.pointerId);
    this.grip = "pointer";
    // A press on the knob takes hold of it where it is: a value typed to more digits than the
    // track can show must not change by a mere touch. Elsewhere the knob jumps to the hand.
    const { x, radius } = this.knob();
    const off = event.clientX - x;
    this.offset = Math.abs(off) <= radius ? off : 0;
    this.start = this.offset === off ? event.clientX : null;
    if (this.start === null) this.move(event);
    else this.draw();
  }

  knob() {
    const track = this.track.getBoundingClientRect();
    const radius = (this.rail.clientWidth - track.width) / 2;
    return { x: track.left + place(this.value, this.data) * track.width, radius };
  }

  move(event) {
    if (event.clientX === this.start) return;
    this.start = null;
    const track = this.track.getBoundingClientRect();
    const v = valueAt((event.clientX - this.offset - track.left) / track.width, this.data);
    if (v !== this.held) this.set(v, true);
  }

  key(event) {
    const step = STEPS[event.key];
    if (!step || event.ctrlKey || event.altKey || event.metaKey || this.data.disabled) return;
    event.preventDefault(); // the page shall not scroll ...
    event.stopPropagation(); // ... nor a stage beside the dial take the arrow for its own
    if (this.grip === "pointer") return;
    const arrow = event.key.startsWith("Arrow");
    const v = stepped(this.value, arrow && event.shiftKey ? 10 * step : step, this.data);
    this.grip = "key"; // a key that is held down answers live, like a drag
    this.set(v, true);
  }

  release(grip) {
    if (this.grip !== grip) return;
    this.grip = null;
    this.line.post({ v: this.held, down: false });
    this.draw();
  }
}
