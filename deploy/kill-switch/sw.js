// The kill switch: put this in place of /sw.js when a worker that was deployed
// has to go and nothing else helps. It takes over at once, forgets what the
// other stored, and unregisters itself. MLflow is then out of reach (requests
// carry no token, so the server refuses them) until a working /sw.js is back.
// It loads no page again: a page would register it once more, without end.
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(leave()));

async function leave() {
  await self.clients.claim();
  indexedDB.deleteDatabase("mlflow-auth-shell");
  await self.registration.unregister();
}
