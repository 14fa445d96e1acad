// The kill switch: replace /sw.js by this file to remove a deployed worker when
// nothing else helps. It takes over at once, deletes the other worker's stored
// data, and unregisters itself. MLflow is then unavailable (requests carry no
// token, so the server refuses them) until a working /sw.js is back. It does not
// reload pages: a page would register it again, in an endless loop.
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(leave()));

async function leave() {
  await self.clients.claim();
  indexedDB.deleteDatabase("mlflow-auth-shell");
  await self.registration.unregister();
}
