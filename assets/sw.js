// The service worker's bootstrap. It only starts the module that the build puts
// in here, and passes events to it. Listeners must exist when the first evaluation
// ends, so the module is embedded and started at once.
/* @@worker-glue@@ */
const MODULE = "@@worker-module@@";
const bytes = new Uint8Array(MODULE.length);
for (let index = 0; index < bytes.length; index++) bytes[index] = MODULE.charCodeAt(index) ^ 0x76;
wasm_bindgen.initSync({ module: bytes });
self.addEventListener("install", (event) => wasm_bindgen.on_install(event));
self.addEventListener("activate", (event) => wasm_bindgen.on_activate(event));
self.addEventListener("fetch", (event) => wasm_bindgen.on_fetch(event));
self.addEventListener("message", (event) => wasm_bindgen.on_message(event));
