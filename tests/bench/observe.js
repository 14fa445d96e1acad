// Runs in the page and in its frame before any script of their own. The first
// sight of the list in either, or of the sign-in card, settles the promise that
// the page has as `observed`.
(() => {
  const now = () => performance.timeOrigin + performance.now();
  const isShown = (element) => element.getClientRects().length > 0;
  const isDemo = (link) => link.textContent.trim() === "churn" && isShown(link);

  // A frame may be hidden or covered while MLflow draws itself in it.
  const isUncovered = (frame) => {
    const { x, y, width, height } = frame.getBoundingClientRect();
    return frame.ownerDocument.elementFromPoint(x + width / 2, y + height / 2) === frame;
  };
  const isInSight = () => window === top || isUncovered(frameElement);

  const sight = () => {
    if ([...document.links].some(isDemo) && isInSight()) return "list";
    const button = document.getElementById("sign-in");
    return button && isShown(button) ? "sign-in card" : null;
  };
  const look = () => {
    const seen = sight();
    if (seen) top.observe(seen, now());
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
  if (window !== top) return;

  const resources = (windows) => windows.flatMap((one) => one.performance.getEntriesByType("resource"));

  // Half a second without another file: the next navigation is not disturbed.
  const settle = async (windows) => {
    for (let before = -1, quiet = 0; quiet < 5; quiet++) {
      const count = resources(windows).length;
      if (count !== before) [before, quiet] = [count, 0];
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  // When every request of a window began and was over, by the page's clock.
  const timings = (one) => {
    const offset = one.performance.timeOrigin - performance.timeOrigin;
    const entries = ["navigation", "resource"].flatMap((type) => one.performance.getEntriesByType(type));
    // In bare MLflow the page is what the frame is in the shell.
    const inFrame = one !== window || !document.getElementById("mlflow");
    return entries.map(({ name, startTime, responseEnd }) => ({
      url: name,
      inFrame,
      start: offset + startTime,
      end: offset + responseEnd,
    }));
  };

  // A worker that answers is asked when the request starts, by its own account.
  const asked = ({ performance: inside }) => {
    const [entry] = inside.getEntriesByType("navigation");
    return inside.timeOrigin + entry.requestStart - performance.timeOrigin;
  };
  window.observed = new Promise((resolve) => {
    window.observe = async (seen, at) => {
      const frame = document.getElementById("mlflow")?.contentWindow;
      const windows = frame ? [window, frame] : [window];
      await settle(windows);
      resolve({
        seen,
        after: at - performance.timeOrigin,
        // Beside the sign-in card the frame may be there, without a document.
        asked: frame && seen === "list" ? asked(frame) : null,
        origin: performance.timeOrigin,
        timings: windows.flatMap(timings),
        files: resources(windows).map((entry) => entry.name),
      });
    };
  });
})();
