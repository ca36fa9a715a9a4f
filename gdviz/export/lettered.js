// Pictures in the type of the app: an SVG that is drawn as an image sees no fonts but its own, so
// Plotly's SVG is given them before it becomes a PNG or a page of a PDF. A plain SVG leaves as it
// is, and gets the letters that it needs in Python.
// Plotly names its clip paths by chance; here chance begins anew with each picture, so that the same
// figure is the same bytes.
let chance = 1;
Math.random = () => (chance = (chance * 48271) % 2147483647) / 2147483647; // Park and Miller (1988)

const faces = document.getElementById("faces").textContent;
const plain = Plotly.toImage;

for (const font of document.fonts) font.load(); // or the first figure is measured by another font

const lettered = (svg) => svg.replace(/<svg\b[^>]*>/, (tag) => `${tag}<style>${faces}</style>`);

const rasterized = async (url, { format, width, height, scale = 1 }) => {
  const image = new Image();
  image.src = url;
  await image.decode();
  const canvas = new OffscreenCanvas(Math.round(width * scale), Math.round(height * scale));
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  const blob = await canvas.convertToBlob({ type: `image/${format}` });
  const reader = new FileReader();
  await new Promise((done) => { reader.onload = done; reader.readAsDataURL(blob); });
  return reader.result;
};

Plotly.toImage = async (figure, options) => {
  chance = 1;
  document.title = figure.layout?.meta?.title ?? ""; // the title of a PDF
  if (options.format === "svg" && options.imageDataOnly) return plain(figure, options);
  const drawn = { ...options, format: "svg", scale: 1, imageDataOnly: true };
  const whole = figure.layout?.meta?.svg; // figures that were drawn before, as one
  const url = "data:image/svg+xml," + encodeURIComponent(lettered(whole ?? await plain(figure, drawn)));
  if (options.format === "svg") return url;
  const made = await rasterized(url, options);
  return options.imageDataOnly ? made.slice(made.indexOf(",") + 1) : made;
};
