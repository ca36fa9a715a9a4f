// The line to Python: one message under way at a time; of those that wait, only the newest is kept.
//
// A message that was under way when the connection broke is sent again when the page has come back, and what takes
// longer than half a second is said.

const PATIENCE = 4000; // ms to wait for an answer (a failed run) before going on
const SOON = 500; // ms until a visitor is told that the answer is late

const app = () => document.querySelector('[data-testid="stApp"]');

// Tell whether the page has its server; a figure that stands alone needs none.
export const connected = () => (app()?.dataset.testConnectionState ?? 'CONNECTED') === 'CONNECTED';

// Tell whether the page's script runs.
export const running = () => (app()?.dataset.testScriptState ?? 'notRunning') !== 'notRunning';

// How often the connection was lost since the page was opened.
let cuts = 0;
let watched;
function countCuts() {
  if (watched === app()) return;
  watched = app();
  new MutationObserver(() => { if (!connected()) cuts += 1; }).observe(watched, { attributeFilter: ['data-test-connection-state'] });
}

const NOTICE = 'position:fixed;left:50%;top:0.6rem;transform:translateX(-50%);z-index:1000001;padding:4px 14px;border-radius:16px;font:15px sans-serif;color:CanvasText;background:Canvas;border:1px solid currentColor;pointer-events:none';
const late = new Set();
let notice;
function sayLate() {
  notice ??= Object.assign(document.createElement('div'), { id: 'gd-waiting', style: NOTICE });
  notice.setAttribute('role', 'status');
  if (!notice.isConnected) document.body.append(notice);
  notice.hidden = !late.size;
  notice.textContent = !late.size ? '' : connected() ? 'Waiting for the server …' : 'No connection. What you set last is sent when it is back.';
}

// Begin to wait for an answer; call what this returns when it is there.
export function wait() {
  const it = {};
  const timer = setTimeout(() => { late.add(it); sayLate(); }, SOON);
  return () => {
    clearTimeout(timer);
    if (late.delete(it)) sayLate();
  };
}

export class Line {
  constructor(n = 0) {
    this.n = n;
    this.busy = false;
    this.next = null; // what waits
    this.sent = null; // what is under way, and how often the connection had been lost before
  }

  get idle() {
    return !this.busy && !this.next;
  }

  post(message) {
    this.next = message;
    this.flush();
  }

  flush() {
    if (this.busy || !this.next) return;
    countCuts();
    const message = { ...this.next, n: (this.n += 1) };
    this.close();
    this.sent = { message: this.next, cuts: connected() ? cuts : -1, done: wait() };
    this.next = null;
    this.busy = true;
    this.timer = setTimeout(() => this.goOn(), PATIENCE);
    this.send(message);
  }

  // Python has answered message `n`. After a cut, the page that has come back may have answered without hearing.
  answered(n) {
    const lost = this.sent && this.sent.cuts !== cuts && connected();
    if (n !== this.n && !lost) return; // an older run, or one that something else has started
    if (lost) this.next ??= this.sent.message;
    this.close();
    this.goOn();
  }

  goOn() {
    clearTimeout(this.timer);
    this.busy = false;
    this.flush();
  }

  // Say the last word: nobody is here any more who could wait for an answer.
  leave() {
    const word = this.next;
    this.next = null;
    this.close();
    if (word) this.send({ ...word, n: (this.n += 1) });
  }

  close() {
    clearTimeout(this.timer);
    this.sent?.done();
    this.sent = null;
  }
}
