// Nothing to see: brings a page back when its connection is there again after it was lost.
//
// Streamlit's browser part connects again by itself, but does not run the page. Where another server answers now, that
// one knows nothing of the page, and what the page's fragments say would go unheard. So the page is run once as a whole,
// with all that its widgets hold, just before the visitor's next move. Until then it shows what it has shown: a hall whose
// server has died does not come to the other one all at once.
//
// In:  data = {session}: the name of the session in which the page was drawn.
// Out: trigger `back` = {session, files}: the name when the connection was lost (a page that speaks by itself, as one that
//      plays does, may have been run since), and how many uploaded files the page shows.

const SIGNS = ['pointermove', 'pointerdown', 'keydown', 'wheel', 'touchstart'];

function watch(S) {
  const app = document.querySelector('[data-testid="stApp"]');
  const forget = () => {
    for (const sign of SIGNS) removeEventListener(sign, comeBack, true);
  };
  const comeBack = () => {
    forget();
    const files = document.querySelectorAll('[data-testid="stFileUploader"] [data-testid="stFileChip"]').length;
    S.tell('back', { session: S.left, files });
    S.left = undefined;
  };
  const look = () => {
    forget();
    if (app.dataset.testConnectionState !== 'CONNECTED') S.left ??= S.session;
    else if (S.left) for (const sign of SIGNS) addEventListener(sign, comeBack, true);
  };
  const observer = new MutationObserver(look);
  observer.observe(app, { attributeFilter: ['data-test-connection-state'] });
  return () => { observer.disconnect(); forget(); };
}

export default ({ data, parentElement, setTriggerValue }) => {
  const S = (parentElement.gdBack ??= { left: undefined }); // `left`: the session that was lost
  S.session = data.session;
  S.tell = setTriggerValue;
  S.stop ??= watch(S);
  return () => {
    S.stop();
    delete parentElement.gdBack;
  };
};
