// The scale of a dial: where a value lies, the ticks, and labels that do not collide.

const GAP = 6; // px between two labels
const REACH = 3; // px that a label may stand off its tick

export const clamp = (x, lo, hi) => Math.min(hi, Math.max(lo, x));

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

export const shown = (v) => String(Number(v.toPrecision(6)));

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
