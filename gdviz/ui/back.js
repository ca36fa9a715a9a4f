// Nothing to see: brings a page back when its connection is there again after it was lost.
//
// Streamlit's browser part connects again by itself, but does not run the page. Where another server answers now, that
// one knows nothing of the page, and what the page's fragments say would go unheard. So the page is run once as a whole,
// with all that its widgets hold, just before the visitor's next move. Until then it shows what it has shown: a hall whose
// server has died does not come to the other one all at once.
//
// In:  data = {session}: the name of the session in which the page was drawn.
// Out: trigger `back` = {session, files}: that name again, and how many uploaded files the page shows.

const SIGNS = ['pointermove', 'pointerdown', 'keydown', 'wheel', 'touchstart'];

export default ({ data, parentElement, setTriggerValue }) => {
  parentElement.gdSession = data.session;
  const app = document.querySelector('[data-testid="stApp"]');
  let lost = false;

  const comeBack = () => {
    forget();
    const files = document.querySelectorAll('[data-testid="stFileUploader"] [data-testid="stFileChip"]').length;
    setTriggerValue('back', { session: parentElement.gdSession, files });
  };
  const forget = () => {
    for (const sign of SIGNS) removeEventListener(sign, comeBack, true);
  };
  const look = () => {
    const connected = app.dataset.testConnectionState === 'CONNECTED';
    if (connected && lost) {
      for (const sign of SIGNS) addEventListener(sign, comeBack, true);
    } else if (!connected) forget();
    lost = !connected;
  };
  const watch = new MutationObserver(look);
  watch.observe(app, { attributeFilter: ['data-test-connection-state'] });
  return () => { watch.disconnect(); forget(); };
};
