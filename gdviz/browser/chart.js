// A chart: a Plotly figure that is looked at, not played. It wears the colours of the page, can be hovered over, zoomed,
// saved and seen alone on the screen, and reports the point that was clicked where Python asks for it.
//
// The message is UTF-8 JSON: {plotly, height, large, alt, name, clicks, figure: {data, layout}}.

import { listenToFingers } from './fingers.js';
import { Queue, loadPlotly } from './messages.js';
import { NumbersOf, hideDrawing } from './plotly_table.js';
import { enlarge, growth } from './projector.js';
import { styleOf, themed } from './stage.js';

const LEAST = 170; // pixels of a panel
const ROWS = { width: 24, height: 24, path: 'M3 4h18v3H3zM3 9h5v3H3zM10 9h11v3H10zM3 14h5v3H3zM10 14h11v3H10zM3 19h5v2H3zM10 19h11v2H10z' };
const CORNERS = { width: 24, height: 24, path: 'M3 9V3h6v2H5v4zM15 3h6v6h-2V5h-4zM21 15v6h-6v-2h4v-4zM9 21H3v-6h2v4h4z' };

// What Plotly offers for the figure's kind, without its button that sends the chart to Plotly's own servers, and without
// its picture button: that one leaves the paper out, and light ink on nothing is lost on a white slide.
function config(S, name) {
  const save = {
    name: 'save', title: 'Save as SVG', icon: S.Plotly.Icons.disk,
    click: (gd) => S.Plotly.downloadImage({ data: gd.data, layout: { ...gd.layout, paper_bgcolor: S.style.paper, plot_bgcolor: S.style.paper } }, { format: 'svg', filename: name, width: gd.clientWidth, height: gd.clientHeight }),
  };
  const numbers = { name: 'numbers', title: 'Table of numbers', icon: ROWS, click: () => S.numbers.turn() };
  const alone = {
    name: 'alone', title: 'Full screen', icon: CORNERS,
    click: () => (document.fullscreenElement ? document.exitFullscreen() : S.gd.requestFullscreen()),
  };
  return { displaylogo: false, responsive: false, displayModeBar: 'hover', plotlyServerURL: '', modeBarButtonsToRemove: ['sendChartToCloud', 'toImage', 'lasso2d', 'select2d'], modeBarButtonsToAdd: [numbers, save, alone] };
}

const fit = (S) => S.gd._fullLayout && S.gd.clientWidth && S.Plotly.Plots.resize(S.gd);

function create(root) {
  const S = { gd: root.appendChild(document.createElement('div')), queue: new Queue() };
  S.gd.className = 'gd-chart';
  S.gd.setAttribute('role', 'figure');
  S.numbers = new NumbersOf(root, S.gd);
  S.watch = new ResizeObserver(() => fit(S));
  S.watch.observe(S.gd);
  return S;
}

// Panels side by side keep a width at which they can be read; on a phone the row of them scrolls.
function widen(gd, layout) {
  const starts = Object.keys(layout).filter((name) => /^xaxis/.test(name)).map((name) => layout[name].domain?.[0] ?? 0);
  gd.style.minWidth = `${LEAST * new Set(starts).size}px`;
  gd.parentElement.style.overflowX = 'auto';
}

async function show(S, { figure: sent, large, name }) {
  const figure = enlarge(structuredClone(sent), growth(large));
  widen(S.gd, figure.layout);
  S.style = styleOf(S.gd, large);
  S.gd.style.background = S.style.paper; // behind a chart that is alone on the screen
  const type = { family: S.style.family, size: S.style.font };
  const layout = { ...themed(figure.layout, S.style), hovermode: figure.layout.hovermode ?? 'closest', hoverlabel: { font: type } };
  const listens = S.gd._fullLayout;
  await S.Plotly.react(S.gd, figure.data, layout, config(S, name));
  // Plotly forgets a change of size that comes while it draws.
  if (Math.abs(S.gd._fullLayout.height - S.gd.clientHeight) > 1) fit(S);
  S.numbers.renew();
  if (listens) return;
  hideDrawing(S.gd);
  S.gd.on('plotly_click', ({ points }) => S.clicked?.(points[0]));
  listenToFingers(S.gd, S.Plotly);
}

export default function component({ data, parentElement, setStateValue }) {
  const message = JSON.parse(new TextDecoder().decode(data));
  const S = (parentElement.gdChart ??= create(parentElement));
  S.gd.style.height = `${Math.round(message.height * growth(message.large))}px`;
  S.gd.setAttribute('aria-label', message.alt || 'A chart');
  S.numbers.name(message.alt);
  S.clicked = message.clicks && (({ customdata }) => setStateValue('point', [customdata ?? null].flat()[0]));
  S.queue.add(message, async () => {
    S.Plotly = await loadPlotly(new URL(message.plotly, document.baseURI).href);
    await show(S, message);
  });
  return () => {
    delete parentElement.gdChart;
    S.watch.disconnect();
    S.Plotly?.purge(S.gd);
    parentElement.replaceChildren();
  };
}
