// What a visitor expects of every page: the keyboard goes into a menu that it opens and comes back, a number field
// understands a decimal comma, and says so where it understands nothing, and a picture fits the paper.

const MENU = '[data-testid="stPopoverBody"]';
const OPENER = '[data-testid="stPopover"] button, [data-testid="stPopoverButton"]';
const REACHED = 'a[href], button:not(:disabled), input:not(:disabled), textarea, select, [tabindex]';
const NO_NUMBER = 'This is not a number. Please use digits, a point and perhaps e, such as 1.5e-3.';

const seen = (node) => node.getClientRects().length > 0;
const reached = (menu) => [...menu.querySelectorAll(REACHED)].filter((node) => node.tabIndex >= 0 && seen(node));

// Try with the menu that opens, whenever the page changes, until it is done.
function onceOpen(tried) {
  const look = () => {
    const menu = [...document.querySelectorAll(MENU)].find(seen);
    if (!menu || !tried(menu)) return;
    clearTimeout(timer);
    observer.disconnect();
  };
  const observer = new MutationObserver(look);
  const timer = setTimeout(() => observer.disconnect(), 5000);
  observer.observe(document.body, { childList: true, subtree: true });
  look();
}

// A menu that a key has opened gets the focus as soon as it has something to hold it.
function enter(opener, menu) {
  const first = reached(menu)[0];
  if (first && (document.activeElement === opener || document.activeElement === document.body)) first.focus();
  return Boolean(first);
}

// A menu opens where an empty one has room, and is filled then: told how tall it is, it goes where there is more room.
const SHARE = 0.45; // of the window, which one of both sides of a button has
function unfold(menu) {
  const content = menu.firstElementChild;
  const told = () => { menu.style.minHeight = `${Math.min(content.offsetHeight + 2 * parseFloat(getComputedStyle(menu).paddingTop), SHARE * innerHeight)}px`; };
  if (content) new ResizeObserver(told).observe(content);
  return Boolean(content);
}

const onClick = ({ target }) => { if (target.closest?.(OPENER)) setTimeout(() => onceOpen(unfold)); };

// Tab stays in an open menu; Esc, which closes it, gives the focus back to its button.
function stay(event, menu) {
  const nodes = reached(menu);
  const last = event.shiftKey ? nodes[0] : nodes.at(-1);
  if (document.activeElement !== last) return;
  event.preventDefault();
  (event.shiftKey ? nodes.at(-1) : nodes[0]).focus();
}

function onKey(event) {
  const target = event.composedPath()[0];
  const menu = target.closest?.(MENU);
  const opener = target.closest?.(OPENER);
  if (event.key === 'Tab' && menu) stay(event, menu);
  else if (opener && (event.key === 'Enter' || event.key === ' ')) setTimeout(() => onceOpen((menu) => enter(opener, menu)));
  else if (event.key === 'Enter' && isNumber(target)) check(event, target);
  else if (event.key !== ' ' && isTheirs(event, target)) event.stopImmediatePropagation();
}

const GRID = '[role=grid], [data-testid=stDataFrame]';

// Whether a letter is meant for a table or an open menu, and for none of the page's short cuts.
const isTheirs = (event, target) => event.key.length === 1 && !event.ctrlKey && !event.metaKey && !target.closest?.('input, textarea')
  && Boolean(target.closest?.(GRID) || [...document.querySelectorAll(MENU)].some(seen));

const isNumber = (node) => node?.matches?.('[data-testid="stNumberInput"] input');

// Before a number is taken: what the browser could not read is said, and not replaced in silence.
function check(event, field) {
  field.setCustomValidity('');
  if (!field.validity.badInput) return;
  event.stopPropagation();
  if (event.type === 'keydown') event.preventDefault();
  field.setCustomValidity(NO_NUMBER);
  field.reportValidity();
}

function onInput(event) {
  const field = event.target;
  if (!isNumber(field)) return;
  field.setCustomValidity('');
  const words = event.data ?? event.dataTransfer?.getData('text/plain');
  if (!words) return;
  const point = words.trim().replace(/^(-?\d*),(\d*)$/, '$1.$2').replace('−', '-');
  if (point === words && /^[-+.\deE]*$/.test(words)) return;
  event.preventDefault();
  if (/^[-+.\deE]*$/.test(point)) document.execCommand('insertText', false, point);
  else {
    field.setCustomValidity(NO_NUMBER);
    field.reportValidity();
  }
}

// On paper a picture cannot be drawn anew, but shrinks to the sheet; dark ones are turned to light, see page_style.py.
const SHEET = 1000; // CSS pixels across an A4 page that lies
function onPrint({ type }) {
  const app = document.querySelector('.stApp');
  const dark = app && getComputedStyle(app).colorScheme === 'dark';
  document.documentElement.classList.toggle('gd-dark-print', type === 'beforeprint' && dark);
  for (const node of document.querySelectorAll('.gd-stage, .gd-chart')) {
    const wide = node.matches('.gd-stage') ? node.clientWidth : innerWidth;
    node.style.zoom = type === 'beforeprint' ? Math.min(1, SHEET / wide) : '';
  }
}

// Listen on the whole page; returns how to stop.
export function listenForManners() {
  const heard = { click: onClick, keydown: onKey, beforeinput: onInput, beforeprint: onPrint, afterprint: onPrint, focusout: (event) => isNumber(event.target) && check(event, event.target) };
  for (const [name, hear] of Object.entries(heard)) addEventListener(name, hear, true);
  return () => { for (const [name, hear] of Object.entries(heard)) removeEventListener(name, hear, true); };
}
