// What every provider here has: a sign-in page, a way out, and an end.

import { loginPage, readForm } from "./login.mjs";

/** Confirms a sign-out without asking. */
export function submitAtOnce(context, form) {
  const script = "document.forms[0].insertAdjacentHTML('beforeend', '<input type=hidden name=logout value=yes>');"
    + "document.forms[0].submit();";
  context.type = "html";
  context.body = `<!doctype html><title>Signing out</title>${form}<script>${script}</script>`;
}

/** Listens on this machine, signs these users in, and ends on SIGTERM. */
export function serve(provider, { users, password, port, issuer }) {
  provider.use(async (context, next) => {
    if (context.path !== "/login") return next();
    context.set({
      "X-Frame-Options": "DENY",
      "Cross-Origin-Opener-Policy": "same-origin",
      "Cache-Control": "no-store",
    });
    const { uid } = await provider.interactionDetails(context.req, context.res);
    if (context.method !== "POST") return loginPage(context, uid);

    const form = await readForm(context.req);
    const user = users.find((known) => known.name === form.get("username"));
    if (!user || form.get("password") !== password) {
      return loginPage(context, uid, "Incorrect username or password.");
    }
    // Native clients are asked for consent each time (RFC 8252 §8.6): this form is both.
    const login = { login: { accountId: user.sub }, consent: {} };
    context.respond = false;
    await provider.interactionFinished(context.req, context.res, login);
  });

  const server = provider.listen(port, "127.0.0.1", () => console.log(`ready ${issuer} ${port}`));
  process.on("SIGTERM", () => {
    server.close(() => process.exit(0));
    server.closeAllConnections();
  });
}
