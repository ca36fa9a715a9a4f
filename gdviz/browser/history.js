// One action of the visitor makes one entry in the browser's history, and Back undoes it.
//
// Streamlit makes an entry whenever a run changes the address, however often, and on its own when a page opens; for an
// opened tab it makes none. Here an entry needs a press or a key since the last one; what comes without one belongs to
// the entry that stands. The step of a stage makes no entry: a film has hundreds.

const ACTS = ['pointerdown', 'pointerup', 'keydown'];
const PATIENCE = 20_000; // milliseconds

let acted = false;
let asked = 0; // how often Back and Forward have been told to Python
let waiting = false; // whether Python has still to follow them
let since = 0; // when it was told; one that has not followed after `PATIENCE` never will

function act({ key, button, altKey, metaKey }) {
  if (button > 2 || (key && (altKey || metaKey))) return; // the browser's own Back and Forward
  acted = true;
  if (performance.now() - since > PATIENCE) waiting = false;
}

const page = () => location.pathname.split('/').pop();
const pathOf = (address) => new URL(address, location.href).pathname;
const tabOf = (address) => new URL(address, location.href).searchParams.get(`${page()}_tab`);

// What two addresses have in common that are one entry.
function entryOf(address) {
  const url = new URL(address, location.href);
  for (const name of [`${page()}_step`, 'heard']) url.searchParams.delete(name);
  url.searchParams.sort();
  return url.href;
}

// Python marks a link that only who has heard of it sends back, see gdviz/ui/unheard.py.
function native(name, state, title, address = location.href) {
  const url = new URL(address, location.href);
  if (url.searchParams.has('heard')) url.searchParams.delete('heard');
  History.prototype[name].call(history, state, title, url.href);
}

function push(state, title, address) {
  const elsewhere = pathOf(address) !== location.pathname;
  if (waiting && !elsewhere) return; // of a run from before Back, perhaps
  const other = elsewhere || entryOf(address) !== entryOf(location.href);
  native(other && (acted || elsewhere) ? 'pushState' : 'replaceState', state, title, address);
  if (other) acted = false;
}

function replace(state, title, address) {
  if (acted && tabOf(address) !== tabOf(location.href)) push(state, title, address);
  else native('replaceState', state, title, address);
}

// Python has followed the last of Back and Forward, and this is its link. What it said on the way was not listened to.
export function followed(n, query) {
  if (!waiting || n !== asked) return;
  waiting = false;
  const address = location.pathname + (query && `?${query}`);
  if (entryOf(address) !== entryOf(location.href)) native('replaceState', history.state, '', address);
}

// Listen; `tell` is told of the address to which Back and Forward lead while the page that is shown, `shown()`, stays.
// Returns how to stop.
export function listenToHistory(tell, shown) {
  const went = () => {
    acted = waiting = false;
    if (page() !== shown()) return;
    // Streamlit has listened first: its own run comes with what its widgets still say, and its address.
    [waiting, since] = [true, performance.now()];
    document.dispatchEvent(new CustomEvent('gdviz-went'));
    tell({ to: `${page()}${location.search}`, n: (asked += 1) });
  };
  for (const name of ACTS) addEventListener(name, act, true);
  addEventListener('popstate', went, true);
  Object.assign(history, { pushState: push, replaceState: replace });
  return () => {
    for (const name of ACTS) removeEventListener(name, act, true);
    removeEventListener('popstate', went, true);
    delete history.pushState;
    delete history.replaceState;
  };
}
