// The page's start: what need not wait for the page's module. Any step may
// fail, for instance where the browser blocks site data: the module takes every
// step again and reports what is wrong.
const attempt = (step) => { try { return step(); } catch { return undefined; } };
const stored = (name) => attempt(() => localStorage.getItem(name));
const { pathname, search, hash } = location;

// MLflow's own setting, before the first paint: a dark page does not flash.
document.documentElement.dataset.dark = stored("_mlflow_dark_mode_toggle_enabled") ?? "";

// The relay window shares the worker of the page that it returns to.
if (pathname !== "/relay") {
  attempt(() => navigator.serviceWorker.register("/sw.js", { updateViaCache: "none" }).catch(() => {}));
}

// MLflow's document as the last visit had it: it loads while the module does.
attempt(() => {
  const last = JSON.parse(stored("mlflow-auth-shell:frame"));
  const isOurs = /^\/mlflow\/(@[a-z0-9-]{1,32}\/)?$/.test(last.document) && last.query === search;
  if (navigator.serviceWorker.controller && pathname === "/" && search !== "?reset" && isOurs) {
    document.getElementById("mlflow").src = last.document + (hash.startsWith("#/") ? hash : "");
  }
});

// A woken worker asks every page for the session's key. This one has none until
// its module gets it from the worker.
const answer = ({ ports }) => ports[0]?.postMessage(null);
attempt(() => navigator.serviceWorker.addEventListener("message", answer));

import("@@page-glue@@")
  .then((glue) => glue.default({ module_or_path: "@@page-module@@" }))
  .then(() => attempt(() => navigator.serviceWorker.removeEventListener("message", answer)));
