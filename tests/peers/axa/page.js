// A page as the documentation of @axa-fr/oidc-client has it, with its service
// worker: signs in at once, and says on the document whom.
import { OidcClient } from "/oidc-client.js";

const { client_id, domain, issuer } = await (await fetch("/peer.json")).json();
const origin = location.origin;
const client = OidcClient.getOrCreate(() => fetch)({
  client_id,
  redirect_uri: `${origin}/callback`,
  silent_redirect_uri: `${origin}/silent-callback`,
  silent_login_uri: `${origin}/silent-login`,
  scope: "openid email profile",
  authority: issuer,
  // The provider's discovery document is not for other origins.
  authority_configuration: {
    issuer,
    authorization_endpoint: `${domain}/oauth2/authorize`,
    token_endpoint: `${domain}/oauth2/token`,
    userinfo_endpoint: `${domain}/oauth2/userInfo`,
    end_session_endpoint: `${domain}/logout`,
    revocation_endpoint: `${domain}/oauth2/revoke`,
  },
  service_worker_relative_url: "/OidcServiceWorker.js",
  service_worker_only: true,
});

// In its own hidden frame, which takes up a session that was lost.
const signInSilently = () => {
  const { state, scope, ...extras } = Object.fromEntries(new URLSearchParams(location.search));
  return client.loginAsync(null, extras, true, scope);
};

const signIn = async () => {
  await client.tryKeepExistingSessionAsync();
  if (location.pathname === "/callback") await client.loginCallbackAsync();
  if (!client.tokens) return client.loginAsync("/");
  document.documentElement.dataset.user = client.tokens.idTokenPayload.email;
};

const acts = { "/silent-login": signInSilently, "/silent-callback": () => client.silentLoginCallbackAsync() };
await (acts[location.pathname] ?? signIn)();
