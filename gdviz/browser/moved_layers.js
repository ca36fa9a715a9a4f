// The layers of a scene for paths that were walked in the browser, as figure.py of *descent* and *race* has them.
//
// `shown` of a method names what its pictures need: { velocity, downhill, squares }, the memory that is drawn as its
// momentum, its sign, and the memory that is drawn as the ellipse of √v.

const RING = 40; // corners of an ellipse

const asTable = (rows) => ({ rows: rows.length, columns: rows[0].length, data: Float64Array.from(rows.flat()) });
const largest = (values) => values.reduce((most, v) => (v > most ? v : most), 1e-300);

// --- of one variable: the panels are f and f′ ---------------------------------------------------------------------

// Along x by Δx, and f′Δx at its end.
const moves = (path) => path.map(({ x, f, grad }, k) => {
  const dx = (path[k + 1] ?? path[k]).x[0] - x[0];
  return { x: x[0], f, slope: grad[0], dx };
});

function tangents(path, { box: [[lo, hi]] }) {
  const rows = moves(path).map(({ x, f, slope, dx }) => {
    const reach = 1.6 * (dx === 0 ? 0.04 * (hi - lo) : dx);
    return [x - reach, f - slope * reach, x + reach, f + slope * reach];
  });
  return { x0: rows.map(([a]) => [a]), y0: rows.map(([, a]) => [a]), x1: rows.map(([, , a]) => [a]), y1: rows.map(([, , , a]) => [a]) };
}

const ON_A_LINE = {
  tangent: tangents,
  step: (path) => {
    const all = moves(path);
    const [level, from] = [all.map(({ f }) => [f]), all.map(({ x }) => [x])];
    return { x0: from, y0: level, x1: all.map(({ x, dx }) => [x + dx]), y1: level };
  },
  'step triangle': (path) => ({
    x: moves(path).map(({ x, dx }) => [x, x + dx, x + dx]),
    y: moves(path).map(({ f, slope, dx }) => [f, f, f + slope * dx]),
  }),
};

// --- of two variables: the panel is the plane ---------------------------------------------------------------------

// Arrows from the points along a direction; a square root compresses their lengths, as `_arrow` of the race does.
function arrows(path, along, { box, reach }) {
  const size = along.map((way) => Math.hypot(...way.map((v, i) => v / (box[i][1] - box[i][0]))));
  const longest = largest(size);
  const tips = path.map(({ x }, k) => x.map((v, i) => v + (along[k][i] * reach * Math.sqrt(size[k] / longest)) / Math.max(size[k], 1e-300)));
  return segmentsBetween(path.map(({ x }) => x), tips);
}

const segmentsBetween = (from, to) => ({ x0: from.map(([a]) => [a]), y0: from.map(([, b]) => [b]), x1: to.map(([a]) => [a]), y1: to.map(([, b]) => [b]) });

function ellipses(path, { box, reach }, memory) {
  const turn = Array.from({ length: RING }, (_, i) => (2 * Math.PI * i) / (RING - 1));
  const rings = path.map(({ x, memory: own }) => {
    const root = own[memory].map(Math.sqrt);
    return x.map((v, i) => turn.map((angle) => v + (root[i] / largest(root)) * 0.5 * reach * (box[i][1] - box[i][0]) * (i ? Math.sin(angle) : Math.cos(angle))));
  });
  return { x: rings.map(([a]) => a), y: rings.map(([, b]) => b) };
}

const memoryOf = ({ memories }, name, path) => path.map(({ memory }) => memory[memories.indexOf(name)]);
const fromStart = (path, method, name) => memoryOf(method, name, path).map((point, k) => (k ? point : path[0].x));
const onMap = (points) => ({ x: points.map(([a]) => [a]), y: points.map(([, b]) => [b]) });

const ON_A_MAP = {
  '−∇f': (path, told) => arrows(path, path.map(({ grad }) => grad.map((g) => -g)), told),
  momentum: (path, told, method) => arrows(path, memoryOf(method, method.shown.velocity, path).map((v) => v.map((part) => method.shown.downhill * part)), told),
  step: (path) => segmentsBetween(path.map(({ x }) => x), path.map((_, k) => path[k + 1]?.x ?? [NaN, NaN])),
  'slow point': (path, told, method) => onMap(fromStart(path, method, 'slow')),
};

// --- of both ------------------------------------------------------------------------------------------------------

const READ_OFF = { x: ({ x }) => x[0], y: ({ x }) => x[1], f: ({ f }) => f, 'f′': ({ grad }) => grad[0], '|∇f|': ({ grad }) => Math.hypot(...grad) };

function arraysOf(layer, path, told, method) {
  const line = told.box.length === 1;
  if (layer.kind === 'reading') return { values: path.map((point) => [(READ_OFF[layer.name] ?? (() => NaN))(point)]) };
  if (layer.kind === 'cursor') return { x: path.map(({ x }) => [x[0]]) };
  if (layer.kind === 'ghost') return onMap(fromStart(path, method, 'average'));
  if (layer.kind === 'track' && line) return { x: path.map(({ x }) => [x[0]]), y: path.map(({ f, grad }) => [layer.panel ? grad[0] : f]) };
  if (layer.kind === 'track') return onMap(path.map(({ x }) => x));
  if (layer.name === `√${method.shown.squares}`) return ellipses(path, told, method.memories.indexOf(method.shown.squares));
  return (line ? ON_A_LINE : ON_A_MAP)[layer.name]?.(path, told, method);
}

// A layer of a method for the path that it walks now; null for one that only Python can draw.
export function movedLayer(layer, path, told, method) {
  const arrays = arraysOf(layer, path, told, method);
  return arrays ? { ...layer, ...Object.fromEntries(Object.entries(arrays).map(([name, rows]) => [name, asTable(rows)])) } : null;
}
