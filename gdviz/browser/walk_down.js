// A descent in the browser: a formula and an update rule that Python wrote as JavaScript, walked from a start to where a
// run of Python ends. gdviz/optimize/descend.py and outcomes.py say the same in Python, and a test compares the paths.

// What the written code calls by name: the file is one text.
import * as elementary from './elementary.js';

const AWAY = 1e6; // a point this many times farther out than the start, and no better, has diverged
const OVERFLOWN = 1e100; // a gradient that is not finite where f is larger has overflowed

const lengthOf = (v) => (v.length === 1 ? Math.abs(v[0]) : Math.hypot(v[0], v[1]));
const apartBy = (a, b) => lengthOf(a.map((value, i) => value - b[i]));

// Each tells at step k whether the rule of its name ends a path.
const STOP_RULES = {
  gradient: (path, k, { tol, rounding }) => lengthOf(path[k].grad) <= Math.max(tol * Math.min(1, lengthOf(path[0].grad)), rounding),
  step: (path, k, { tol }) => k > 0 && path[k].left && apartBy(path[k].x, path[k - 1].x) <= tol * Math.max(1, lengthOf(path[k].x)),
  value: (path, k, { tol }) => k > 0 && path[k].left && Math.abs(path[k].f - path[k - 1].f) <= tol,
};

function leaves(path, k) {
  if (!(lengthOf(path[k].x) > AWAY * Math.max(1, lengthOf(path[0].x)))) return false;
  return path[k].f > path[0].f || (k > 1 && apartBy(path[k].x, path[k - 1].x) > apartBy(path[k - 1].x, path[k - 2].x));
}

// How a path ends at its last point: '' if it goes on.
function ending(path, around) {
  const k = path.length - 1;
  const { x, f, grad } = path[k];
  if (!Number.isFinite(f) || !Number.isFinite(lengthOf(x)) || (around.stop && leaves(path, k))) return 'lost';
  if (!Number.isFinite(lengthOf(grad))) return Math.abs(f) < OVERFLOWN ? 'kink' : 'lost';
  return around.stop && STOP_RULES[around.stop](path, k, around) ? 'done' : '';
}

// The gradient that the rule sees at step t: with its noise, shortened to the length `clip`.
function gradientSeen(grad, t, { noise, clip }) {
  const noisy = noise ? grad.map((g, i) => g + noise[t - 1][i]) : grad;
  const share = clip ? Math.min(1, clip / Math.max(lengthOf(noisy), 1e-300)) : 1;
  return share < 1 ? noisy.map((g) => share * g) : noisy;
}

// One update: the new point, and behind it the new memory.
function updated({ rule, couples }, x, g, t, memory, values) {
  if (couples) return rule(x, g, t, ...memory, ...values);
  const rows = x.map((_, i) => rule(x[i], g[i], t, ...memory.map((m) => m[i]), ...values));
  return rows[0].map((_, j) => rows.map((row) => row[j]));
}

// The knobs at step t: a schedule changes the rate.
function valuesAt(t, { knobs }, { factors }) {
  return Object.entries(knobs).map(([name, value]) => (name === 'lr' && factors ? value * factors[t - 1] : value));
}

// Walk down from a start: the points of the path, each { x, f, grad, memory }. Where it is lost it ends at the point before.
//   problem  { value, gradient } of the coordinates
//   method   { rule, couples, memories, knobs }: knobs by name, in the order of the rule's arguments
//   around   { steps, stop, tol, rounding, factors, noise, clip }
export function walkDown(problem, method, start, around) {
  const path = [];
  const constant = around.factors ? null : valuesAt(1, method, around);
  let [x, ...memory] = [start, ...method.memories.map(() => start.map(() => 0))];
  for (let t = 1; ; t += 1) {
    const grad = problem.gradient(...x);
    const moved = x.some((value, i) => value !== start[i]) || grad.every((g) => g === 0);
    path.push({ x, f: problem.value(...x), grad, memory, left: Boolean(path.at(-1)?.left) || moved });
    const how = ending(path, around);
    if (how === 'kink') path.at(-1).grad = grad.map(() => 0);
    if (how === 'lost' && path.length > 1) path.pop();
    if (how || t > around.steps) return path;
    [x, ...memory] = updated(method, x, gradientSeen(grad, t, around), t, memory, constant ?? valuesAt(t, method, around));
  }
}
