// The sign-in page: a form with a user name and a password.

const limit = 8 * 1024;

/** Answers with the page, and with `trouble` on it if there is any. */
export function loginPage(context, uid, trouble = "") {
  context.type = "html";
  context.body = `<!doctype html>
<html lang="en">
<title>Sign in</title>
<form method="post" action="/login?uid=${encodeURIComponent(uid)}">
  <p role="alert">${trouble}</p>
  <label>User <input name="username" autocomplete="username" required></label>
  <label>Password <input name="password" type="password" required></label>
  <button type="submit">Sign in</button>
</form>
</html>`;
}

/** Reads a form of at most 8 KiB from a request. */
export async function readForm(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > limit) throw Object.assign(new Error("the form is too large"), { status: 413 });
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString());
}
