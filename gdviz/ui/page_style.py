"""How a page looks around its stage: on a wide screen, on a phone, in a lecture, in print."""

# What Streamlit writes in 60 % of the ink has a contrast of 4.2 : 1, the numbers of its code on a
# marked line 1.9 : 1, and 4.5 : 1 can be read.
READABLE = """<style>
[data-testid="stCaptionContainer"] { color: inherit; opacity: 0.8; }
:is(.stMultiSelect span[title], button[kind="primary"] p) { color: light-dark(#fff, #10161d); }
.stMainBlockContainer .stCode .token.keyword { color: light-dark(#00549e, #8cc8f7); }
.stMainBlockContainer .stCode .token.number { color: light-dark(#005f56, #6fd6c6); }
.stMainBlockContainer .stCode .token.decorator { color: light-dark(#8a3d00, #f7b77a); }
.stMainBlockContainer .stCode .token:is(.string, .string-interpolation, .boolean)
{ color: light-dark(#0f662c, #63d391); }
@media (prefers-reduced-motion: reduce) {
  *, ::before, ::after { animation-duration: 1ms !important; transition-duration: 1ms !important; }
}
</style>"""
# Of every page, too: it lies on a sheet, without what can be pressed, and is dark on light.
PRINT = """<style>
@media print {
  @page { size: landscape; margin: 1cm; }
  html, body, #root, .stApp, [data-testid="stAppViewContainer"], .stMain
  { position: static; display: block; height: auto; overflow: visible; }
  .stMainBlockContainer { padding: 0; }
  :is(header.stAppHeader, .st-key-presets, .st-key-share_bar, [data-testid="stPopover"],
  .stMainBlockContainer .stButton, [data-testid="stButtonGroup"], [role="tablist"],
  .st-key-live > * > [data-testid="stHorizontalBlock"] > [data-testid="stColumn"] +
  [data-testid="stColumn"], .st-key-tour_bar, .st-key-back, .stMainBlockContainer :is(.stCheckbox,
  .stSelectbox, .stMultiSelect, .stNumberInput, .stTextInput, .stFileUploader, .stDownloadButton))
  { display: none; }
  .modebar { display: none !important; }
  .stElementContainer, .stDataFrame, [class*="st-key-card_"] { break-inside: avoid; }
  .stBidiComponent div:has(> :is(.gd-chart, .gd-stage)) { overflow: visible; }
  .gd-dark-print .stApp { background: #000; filter: invert(1) hue-rotate(180deg); }
  .gd-dark-print :is(body, .gd-chart, .main-svg) { background: transparent !important; }
}
</style>"""
# Streamlit leaves six rem of air above a page; a projector of 720 lines has none to spare.
CSS = """<style>
.stMainBlockContainer { padding: 3.6rem 1.5rem 1rem; max-width: 220rem; }
.stMainBlockContainer .stVerticalBlock { gap: 0.55rem; }
.stMainBlockContainer h1 { padding: 0 0 0.1rem; font-size: 1.1rem; }
.stMainBlockContainer h2 { padding: 0 0 0.1rem; font-size: 1rem; }
/* Streamlit takes back the air under a paragraph, also where words end with a heading. */
[data-testid="stHeadingWithActionElements"]:last-child { margin-bottom: 1rem; }
.stMainBlockContainer .st-key-presets { gap: 0.35rem; }
.st-key-presets { flex-wrap: nowrap; overflow-x: auto; scrollbar-width: thin; padding: 2px; }
.st-key-presets > * { flex: none; }
.st-key-presets button { min-height: 1.9rem; padding: 0 0.45rem; }
.st-key-presets button p { font-size: 0.8rem; }
.stMainBlockContainer .st-key-presets button * { gap: 0.25rem; }
.st-key-presets [data-testid="stIconMaterial"] { font-size: 1rem; width: 1rem; }
.st-key-share_bar button { min-height: 2.1rem; }
.stTextArea textarea { font-family: var(--st-code-font, monospace); font-size: 0.8rem; }
.st-key-reason { min-height: 1.5rem; }
.st-key-reason p { font-size: 0.875rem; }
.st-key-live [data-testid="stHorizontalBlock"]:has(> [data-testid="stColumn"] .gd-stage)
{ flex-direction: row-reverse; }
.stMainBlockContainer [class*="_beside_"] { flex-wrap: nowrap; }
.stMainBlockContainer [class*="_beside_"] > * { min-width: 0; flex: 1 1 0; }
[data-testid="stColumn"]:has(> * .st-key-share_bar) { flex: 0 0 auto; min-width: max-content; }
.st-key-share_bar { flex-wrap: nowrap; }
/* Who points with a mouse sees the knobs of most pages without a scroll. */
@media (min-width: 881px) and (pointer: fine) {
  .st-key-live [data-testid="stColumn"]:not(:has(.gd-stage)) .stVerticalBlock { gap: 0.35rem; }
  .st-key-live [data-testid="stWidgetLabel"] { min-height: 1.25rem; margin-bottom: 0.1rem; }
  .st-key-live :is([data-testid="stNumberInputContainer"], [data-testid="stPopoverButton"],
  [data-testid="stTextInputRootElement"], .stSelectbox [role="group"], .stButton button)
  { height: 2.1rem; min-height: 2.1rem; }
}
@media (max-width: 880px) {
  .st-key-live > * > [data-testid="stHorizontalBlock"] > [data-testid="stColumn"]
  { flex: 1 1 100%; min-width: 100%; }
}
@media (max-width: 640px) {
  [data-testid="stLayoutWrapper"]:has(> .st-key-reason) { order: 1; }
  .stMainBlockContainer { padding: 3.6rem 1rem 1rem; }
  .stMainBlockContainer :is(table, .katex-display, .stLatex, [data-testid="stButtonGroup"])
  { display: block; max-width: calc(100vw - 2rem); overflow-x: auto; }
  :is(.st-key-presets, [data-testid="stButtonGroup"] > *)
  { flex-wrap: nowrap; overflow-x: auto; scrollbar-width: none; }
  :is(.st-key-presets, [data-testid="stButtonGroup"] > *) > * { flex: none; }
  [data-testid="stHorizontalBlock"]:has(> * .st-key-share_bar) { position: relative; }
  [data-testid="stColumn"]:has(.st-key-share_bar)
  { position: absolute; right: 2.2rem; top: -2.9rem; z-index: 1000000; width: auto; }
  .st-key-lecture_toggle { display: none; }
}
@media (pointer: coarse) {
  .stMainBlockContainer :is(button, [role="combobox"], [role="tab"], summary)
  { min-height: 44px; min-width: 44px; }
}
@media (forced-colors: active) {
  [role="tab"][aria-selected="true"], [aria-checked="true"] { border: 2px solid Highlight; }
  button[kind="primary"] { border: 3px solid Highlight; }
  [data-testid="stCheckbox"] label > div:first-of-type { border: 1px solid CanvasText; }
  [data-testid="stCheckbox"] label > div:first-of-type > div
  { background: CanvasText; forced-color-adjust: none; }
  [data-testid="stCheckbox"] label:has(input:checked) > div:first-of-type
  { background: Highlight; forced-color-adjust: none; }
}
:root:has([data-testid="stDialog"]) [data-testid="stPopoverBody"] { display: none; }
</style>"""
LECTURE = """<style>
html { font-size: clamp(16px, min(1.5625vw, 2.7778vh), 80px); }
.stMainBlockContainer { padding-top: 0.4rem; }
.stMainBlockContainer .stVerticalBlock { gap: 0.3rem; }
.stMainBlockContainer :is(p, label p, input, textarea, .gd-chips, .stMultiSelect span)
{ font-size: 1rem; }
.stMainBlockContainer :is(.st-key-presets, .st-key-reason) p { font-size: 0.85rem; }
.st-key-presets { scrollbar-width: none; }
[data-testid="stHorizontalBlock"]:has(> * .st-key-share_bar) > [data-testid="stColumn"]
{ flex: 0 1 auto; width: auto; min-width: 0; }
[data-testid="stHorizontalBlock"]:has(> * .st-key-share_bar)
> [data-testid="stColumn"]:has(.st-key-presets) { flex: 1 1 0; }
[data-testid="stHorizontalBlock"] > [data-testid="stColumn"]:has(.st-key-share_bar) { flex: none; }
header.stAppHeader { display: none; }
</style>"""
OUTDATED = "The picture of the last text that was valid"


def over_stage(words: str) -> str:
    """Return the style that pales a stage and writes over it what it shows, plain words of ours."""
    return _OVER % words.translate(str.maketrans("", "", '"\\\\<>%'))


_OVER = """<style>
.gd-plot { opacity: 0.45; }
.gd-stage::after { content: "%s"; position: absolute;
  top: 35%%; left: 50%%; transform: translateX(-50%%); padding: 0.3rem 0.8rem; border-radius: 6px;
  background: #A84300; color: #fff; z-index: 5; pointer-events: none; }
</style>"""
