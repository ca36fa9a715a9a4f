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

import { place, shown, spread, stepped, ticks, valueAt } from './dial_scale.js';
import { CSS } from './dial_style.js';
import { Line } from './line.js';

const FINGER = 22; // px: half of what a finger can hit
const STEPS = {
  ArrowRight: 0.01, ArrowUp: 0.01, ArrowLeft: -0.01, ArrowDown: -0.01,
  PageUp: 0.1, PageDown: -0.1, Home: -1, End: 1,
};

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
    if (this.grip) this.release(this.grip); // whoever holds it can no longer let go
    this.line.leave();
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
    on("pointerup", (e) => this.lift(e));
    on("pointercancel", () => this.cancel()); // the finger scrolls the page
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
    const reach = event.pointerType === "touch" ? FINGER : radius;
    this.offset = Math.abs(off) <= reach ? off : 0;
    this.start = this.offset === off ? event.clientX : null;
    this.before = this.value;
    // A finger that lands beside the knob may be about to scroll: only its move or its lifting counts.
    if (this.start === null && event.pointerType !== "touch") this.move(event);
    else this.draw();
  }

  lift(event) {
    if (this.grip === "pointer" && this.start === null && event.pointerType === "touch") this.move(event);
  }

  // The hand gives up: the value is again what it was.
  cancel() {
    if (this.grip !== "pointer") return;
    if (this.held !== null) this.set(this.before, true);
    this.release("pointer");
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
    if (event.key === "Escape") return this.cancel();
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
