// A chart: a Plotly figure that is looked at, not played. It wears the colours of the page, can be hovered over, zoomed,
// saved and seen alone on the screen, and reports the point that was clicked where Python asks for it.
//
// The message is UTF-8 JSON: {plotly, height, large, alt, name, clicks, figure: {data, layout}}.

import { Queue, loadPlotly } from './messages.js';
import { styleOf, themed } from './stage.js';

const CORNERS = { width: 24, height: 24, path: 'M3 9V3h6v2H5v4zM15 3h6v6h-2V5h-4zM21 15v6h-6v-2h4v-4zM9 21H3v-6h2v4h4z' };

// What Plotly offers for the figure's kind, without its button that sends the chart to Plotly's own servers, and without
// its picture button: that one leaves the paper out, and light ink on nothing is lost on a white slide.
function config(S, name) {
  const save = {
    name: 'save', title: 'Save as SVG', icon: S.Plotly.Icons.disk,
    click: (gd) => S.Plotly.downloadImage({ data: gd.data, layout: { ...gd.layout, paper_bgcolor: S.style.paper, plot_bgcolor: S.style.paper } }, { format: 'svg', filename: name, width: gd.clientWidth, height: gd.clientHeight }),
  };
  const alone = {
    name: 'alone', title: 'Full screen', icon: CORNERS,
    click: () => (document.fullscreenElement ? document.exitFullscreen() : S.gd.requestFullscreen()),
  };
  return { displaylogo: false, responsive: false, displayModeBar: 'hover', plotlyServerURL: '', modeBarButtonsToRemove: ['sendChartToCloud', 'toImage', 'lasso2d', 'select2d'], modeBarButtonsToAdd: [save, alone] };
}

function create(root) {
  const S = { gd: root.appendChild(document.createElement('div')), queue: new Queue() };
  S.gd.className = 'gd-chart';
  S.gd.setAttribute('role', 'img');
  S.watch = new ResizeObserver(() => S.gd._fullLayout && S.gd.clientWidth && S.Plotly.Plots.resize(S.gd));
  S.watch.observe(S.gd);
  return S;
}

async function show(S, { figure, large, name }) {
  S.style = styleOf(S.gd, large);
  S.gd.style.background = S.style.paper; // behind a chart that is alone on the screen
  const type = { family: S.style.family, size: S.style.font };
  const layout = { ...themed(figure.layout, S.style), hovermode: figure.layout.hovermode ?? 'closest', hoverlabel: { font: type } };
  const listens = S.gd._fullLayout;
  await S.Plotly.react(S.gd, figure.data, layout, config(S, name));
  if (!listens) S.gd.on('plotly_click', ({ points }) => S.clicked?.(points[0]));
}

export default function component({ data, parentElement, setStateValue }) {
  const message = JSON.parse(new TextDecoder().decode(data));
  const S = (parentElement.gdChart ??= create(parentElement));
  S.gd.style.height = `${message.height}px`;
  S.gd.setAttribute('aria-label', message.alt);
  S.clicked = message.clicks && (({ customdata }) => setStateValue('point', [customdata ?? null].flat()[0]));
  S.queue.add(message, async () => {
    S.Plotly = await loadPlotly(new URL(message.plotly, document.baseURI).href);
    await show(S, message);
  });
  return () => {
    delete parentElement.gdChart;
    S.watch.disconnect();
    S.Plotly?.purge(S.gd);
    S.gd.remove();
  };
}
