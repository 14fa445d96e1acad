// What surrounds the worker in its tests: a site and an identity provider in
// the place of `fetch`, and a page that asks.
const encode = (value) => btoa(JSON.stringify(value)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const latin1 = (bytes) => new TextDecoder("latin1").decode(bytes);
const json = (value) => new Response(JSON.stringify(value), { headers: { "content-type": "application/json" } });
const around = {
  // Each test says what it wants of these.
  config: null,
  nonce: "",
  token: "",
  issued: 0,
  unreachable: false,
  silent: false,
  refusals: 0,
  document: "",
  status: 200,
  sent: [],
  fetched: self.fetch,

  async fetch(input) {
    const request = new Request(input);
    const { pathname } = new URL(request.url);
    const body = await request.text();
    around.sent.push(`${request.method} ${pathname} ${request.headers.get("authorization")} ${body}`);
    while (around.silent) await new Promise((resolve) => setTimeout(resolve, 5));
    if (around.unreachable) throw new TypeError("Failed to fetch");
    if (pathname === "/config.json") return new Response(around.config, { status: around.config ? 200 : 404 });
    if (pathname.startsWith("/mlflow/") && around.refusals-- > 0) return new Response("", { status: 401 });
    if (pathname === "/" || pathname === "/mlflow/") {
      return new Response(around.document, { status: around.status, headers: { "content-type": "text/html" } });
    }
    return pathname === "/oauth2/token" ? json(around.tokens()) : json({});
  },
  tokens() {
    const claims = {
      iss: `${location.origin}/issuer`, aud: "client", sub: "s", nonce: around.nonce,
      iat: 1000, exp: 4600, email: "ada@example.com", "cognito:groups": ["readers"],
    };
    const signature = `${around.token}-${++around.issued}`;
    const id_token = [encode({ alg: "RS256" }), encode(claims), signature].join(".");
    return { token_type: "Bearer", access_token: "access", id_token, refresh_token: `refresh-${signature}`, expires_in: 3600 };
  },
  // What the worker answers to the page at `url`, or to a port if that is empty;
  // `null` to what it does not listen to.
  async ask(onMessage, text, key, url) {
    const channel = new MessageChannel();
    const [page] = await clients.matchAll({ includeUncontrolled: true, type: "window" });
    const answered = new Promise((resolve) => {
      channel.port1.onmessage = resolve;
      if (url !== `${location.origin}/`) setTimeout(() => resolve({ data: null }), 300);
    });
    const event = new ExtendableMessageEvent("message", { data: [text, key], ports: [channel.port2] });
    const source = url ? Object.create(page, { url: { value: url } }) : channel.port1;
    Object.defineProperty(event, "source", { value: source });
    onMessage(event);
    return (await answered).data;
  },
  // The answer to a request of MLflow's; `null` if it is left to the browser.
  async request(onFetch, url) {
    const event = new FetchEvent("fetch", { request: new Request(url) });
    let answer = null;
    event.respondWith = (promise) => { answer = promise; };
    onFetch(event);
    const response = await answer;
    // To its end, as a page does: until then the worker counts it.
    await response?.arrayBuffer();
    return response?.status ?? null;
  },
  // The document that a visit gets: `null` if it is left to the browser.
  async visit(onFetch, url, destination, cache) {
    const request = new Request(url, { cache });
    for (const [name, value] of Object.entries({ mode: "navigate", destination })) Object.defineProperty(request, name, { value });
    const event = new FetchEvent("fetch", { request });
    let answer = null;
    event.respondWith = (promise) => { answer = promise; };
    onFetch(event);
    return (await answer)?.text() ?? null;
  },
  // A value of the store as text, its bytes as one character each.
  text(value) {
    if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return latin1(value);
    return Array.isArray(value) ? value.map(around.text).join() : typeof value === "string" ? value : JSON.stringify(value);
  },
  foreignKey: () => crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, true, ["encrypt", "decrypt"]),
  async seal(key, text, label) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const additionalData = new TextEncoder().encode(label);
    return [iv, await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData }, key, new TextEncoder().encode(text))];
  },
};
return around;
