// Starts the page before its module has loaded. Any step may fail, for instance
// where the browser blocks site data: the module repeats every step and reports
// errors.
const attempt = (step) => { try { return step(); } catch { return undefined; } };
const stored = (name) => attempt(() => localStorage.getItem(name));
const { pathname, search, hash } = location;

// MLflow's own setting, applied before the first paint: a dark page must not flash.
document.documentElement.dataset.dark = stored("_mlflow_dark_mode_toggle_enabled") ?? "";

// The relay window shares the worker of the page that it returns to.
if (pathname !== "/relay") {
  attempt(() => navigator.serviceWorker.register("/sw.js", { updateViaCache: "none" }).catch(() => {}));
}

// MLflow's document of the last visit: it loads together with the module.
attempt(() => {
  const last = JSON.parse(stored("mlflow-auth-shell:frame"));
  const isOurs = /^\/mlflow\/(@[a-z0-9-]{1,32}\/)?$/.test(last.document) && last.query === search;
  if (navigator.serviceWorker.controller && pathname === "/" && search !== "?reset" && isOurs) {
    document.getElementById("mlflow").src = last.document + (hash.startsWith("#/") ? hash : "");
  }
});

// A restarted worker asks every page for the session's key. This page has none
// until its module gets it from the worker.
const answer = ({ ports }) => ports[0]?.postMessage(null);
attempt(() => navigator.serviceWorker.addEventListener("message", answer));

import("@@page-glue@@")
  .then((glue) => glue.default({ module_or_path: "@@page-module@@" }))
  .then(() => attempt(() => navigator.serviceWorker.removeEventListener("message", answer)));
