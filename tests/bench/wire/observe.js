// Runs in the page and in its frame before any script of their own. Once IS_THERE can be
// seen in either, the promise that the page has as `observed` is settled.
(() => {
  const isShown = (element) => element.getClientRects().length > 0;
  const isUncovered = (frame) => {
    const { x, y, width, height } = frame.getBoundingClientRect();
    return frame.ownerDocument.elementFromPoint(x + width / 2, y + height / 2) === frame;
  };
  const look = () => {
    const isInSight = window === top || isUncovered(frameElement);
    if (IS_THERE && isInSight) top.observe(performance.timeOrigin + performance.now());
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
  if (window !== top) return;

  const resources = () => {
    const frame = document.getElementById("mlflow")?.contentWindow;
    const windows = frame ? [window, frame] : [window];
    return windows.flatMap((one) => one.performance.getEntriesByType("resource").map((entry) => ({
      name: entry.name,
      waiting: entry.responseStart - entry.requestStart,
      end: one.performance.timeOrigin + entry.responseEnd,
    })));
  };
  // Half a second without another file: the next navigation is not disturbed.
  const settle = async () => {
    for (let before = -1, quiet = 0; quiet < 5; quiet++) {
      const count = resources().length;
      if (count !== before) [before, quiet] = [count, 0];
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  window.observed = new Promise((resolve) => {
    window.observe = async (at) => {
      window.observe = () => {};
      const api = resources().filter(({ name, end }) => name.includes("ajax-api/2.0/mlflow") && end <= at);
      await settle();
      resolve({
        after: at - performance.timeOrigin,
        drawing: at - Math.max(...api.map(({ end }) => end)),
        waiting: Math.max(...api.map(({ waiting }) => waiting)),
        files: resources().map(({ name }) => name),
      });
    };
  });
})();
