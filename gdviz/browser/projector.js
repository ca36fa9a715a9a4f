// The projector: type, lines and marks grow with the window as if one of 1280 × 720 were enlarged, and the stage fills it.

const LEAST = 0.8; // a phone in lecture mode keeps type that can be read

export const growth = (large) => (large ? Math.max(LEAST, Math.min(innerWidth / 1280, innerHeight / 720)) : 1);

const LENGTHS = [['font', 'size'], ['marker', 'size'], ['line', 'width'], ['margin', '[lrtb]'], ['title', 'standoff'], ['colorbar', 'thickness'], ['.*', '[xy]shift|a[xy]']]
  .map(([inside, name]) => [new RegExp(`${inside}$`), new RegExp(`^(${name})$`)]);

// Enlarge every length that a figure says in pixels, in place.
export function enlarge(node, by, inside = '') {
  if (by === 1) return node;
  for (const [name, value] of Object.entries(node)) {
    if (typeof value === 'number') {
      if (LENGTHS.some(([place, length]) => place.test(inside) && length.test(name))) node[name] = value * by;
    } else if (value && typeof value === 'object' && !(Array.isArray(value) && typeof value[0] !== 'object')) enlarge(value, by, name);
  }
  return node;
}

// What stays in sight under a stage.
const [TABS, TOUR, HALL] = ['.stTabs [role="tablist"]', '.st-key-tour_bar', '.gd-hall'];
const AIR = 12; // pixels
const LEAST_SHARE = 0.5; // of the window: a picture goes before the sentences under it

const heightOf = (selector) => document.querySelector(selector)?.getBoundingClientRect().height ?? 0;
const endOf = (column) => Math.max(0, ...[...column.querySelectorAll('[data-testid="stVerticalBlock"] > *')].map((node) => node.getBoundingClientRect().bottom));

// The height with which picture, player and what stands below them in their column end with the window.
export function filling({ shell, gd }) {
  const [around, plot] = [shell.getBoundingClientRect(), gd.getBoundingClientRect()];
  const scrolled = shell.closest('[data-testid="stMain"]')?.scrollTop ?? 0;
  const column = shell.closest('[data-testid="stColumn"]');
  const end = Math.max(around.bottom, column ? endOf(column) : 0);
  // Where the knobs beside it go beyond the window, the tabs are out of sight anyway.
  const knobs = Math.max(0, ...[...column?.parentElement.children ?? []].filter((node) => node !== column).map(endOf));
  const below = heightOf(TOUR) + heightOf(HALL) + (knobs + scrolled < innerHeight ? heightOf(TABS) : 0);
  const room = innerHeight - (plot.top + scrolled) - (end - plot.bottom) - below - AIR;
  return Math.round(Math.max(LEAST_SHARE * innerHeight, room));
}
