// What Python sends: messages read, the Plotly library loaded, backgrounds kept.
//
// A message begins with its header: u32 length | JSON (padded to 4 bytes). Then come the float32 arrays, one after
// another, and behind them the bytes. In the header an array is [start, rows, columns], counted in floats from the first
// float; bytes are {bytes: [start, rows, columns]}, counted from the first byte behind the floats.

// A scene without a background of its own (an answer of the live route) has the same form.
export function unpack(bytes) {
  const buffer = bytes.slice().buffer;
  const length = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const numbers = new Float32Array(buffer, 4 + length, header.floats);
  const rest = new Uint8Array(buffer, 4 + length + 4 * header.floats);
  const table = (source, [start, rows, columns]) => ({ rows, columns, data: source.subarray(start, start + rows * columns) });
  for (const layer of header.layers) {
    for (const [name, place] of Object.entries(layer)) {
      if (Array.isArray(place)) layer[name] = table(numbers, place);
      else if (place?.bytes) layer[name] = table(rest, place.bytes);
    }
  }
  return header;
}

// Row k of an array; a layer with fewer steps stays at its last.
export const row = (array, k) => {
  const r = Math.min(k, array.rows - 1);
  return array.data.subarray(r * array.columns, (r + 1) * array.columns);
};

let plotly;
export function loadPlotly(url) {
  plotly ??= window.Plotly ? Promise.resolve(window.Plotly) : new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = url;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => {
      plotly = undefined; // the next message tries again
      reject(new Error('plotly.min.js could not be loaded'));
    };
    document.head.appendChild(script);
  });
  return plotly;
}

// Shows messages one after another; one that has been overtaken while it waited is skipped.
export class Queue {
  newest = undefined;
  shown = Promise.resolve();

  add(message, show) {
    this.newest = message;
    this.shown = this.shown.catch(() => {}).then(() => (this.newest === message ? show() : undefined));
  }
}

// Backgrounds by their id, and those who wait for one that is still on its way.
export class Backgrounds {
  known = new Map();
  awaited = new Map();

  // Take a message if it is a background ("{" is its first byte); return how to forget it, else null.
  take(bytes, element) {
    if (bytes[0] !== 0x7b) return null;
    const background = JSON.parse(new TextDecoder().decode(bytes));
    this.known.set(background.id, background);
    for (const resolve of this.awaited.get(background.id) ?? []) resolve(background);
    this.awaited.delete(background.id);
    element.style.display = 'none';
    return () => { if (this.known.get(background.id) === background) this.known.delete(background.id); };
  }

  async get(id) {
    return this.known.get(id) ?? new Promise((resolve) => this.awaited.set(id, [...(this.awaited.get(id) ?? []), resolve]));
  }
}

