// What a passive script in MLflow's document can see of the shell: everything
// in storage, every message that reaches a document, every global.
const heard = [];
const listen = (target, name) =>
  target.addEventListener(name, (event) => heard.push(describe(event.data)));

function describe(value, depth = 0) {
  if (value instanceof CryptoKey || Object.prototype.toString.call(value) === "[object CryptoKey]") {
    // A key that can be used, wherever it was found.
    return { type: "CryptoKey", extractable: value.extractable };
  }
  if (value === null || typeof value !== "object" || depth > 4) return String(value);
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) {
    return new TextDecoder("latin1").decode(value).slice(0, 20000);
  }
  const entries = Object.entries(value).slice(0, 200);
  return Object.fromEntries(entries.map(([key, item]) => [key, describe(item, depth + 1)]));
}

for (const each of [window, parent]) {
  listen(each, "message");
  listen(each.navigator.serviceWorker, "message");
}
navigator.serviceWorker.startMessages();

async function databases() {
  const found = {};
  for (const { name, version } of await indexedDB.databases()) {
    const database = await settled(indexedDB.open(name, version));
    for (const store of database.objectStoreNames) {
      const values = database.transaction(store).objectStore(store);
      const [keys, items] = [await settled(values.getAllKeys()), await settled(values.getAll())];
      found[`${name}/${store}`] = keys.map((key, index) => [key, stored(items[index])]);
    }
    database.close();
  }
  return found;
}

// A key in storage is there for the worker: what matters is that no script can
// read it out.
const stored = (item) =>
  item instanceof CryptoKey && !item.extractable ? "a key that cannot be read out" : describe(item);

const settled = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

async function cached() {
  const names = await caches.keys();
  const requests = names.map(async (name) => (await (await caches.open(name)).keys()).map((key) => key.url));
  return Promise.all(requests);
}

// Names that the browser itself gives a window are no finding.
function globals(target) {
  const plain = target.document.createElement("iframe");
  target.document.body.append(plain);
  const usual = new Set(Object.getOwnPropertyNames(plain.contentWindow));
  plain.remove();
  const own = Object.getOwnPropertyNames(target).filter((name) => !usual.has(name));
  return own.map((name) => {
    try {
      return [name, describe(target[name], 2)];
    } catch {
      return [name, "unreadable"];
    }
  });
}

document.addEventListener("collect", async () => {
  const found = {
    stores: await databases(),
    local: { ...localStorage },
    session: { ...sessionStorage },
    cookies: document.cookie,
    caches: await cached(),
    heard,
    globals: globals(parent),
    address: [parent.location.href, location.href],
    resources: parent.performance.getEntriesByType("resource").map((entry) => entry.name),
  };
  document.documentElement.dataset.found = JSON.stringify(found);
});
