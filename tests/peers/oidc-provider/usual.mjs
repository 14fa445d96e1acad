// oidc-provider as people set it up: its own paths, a public client, groups in the
// claim `groups`, which a scope of that name asks for.
//
// Environment: see tests/support/provider_program.rs.

import { generateKeyPairSync } from "node:crypto";
import Provider from "oidc-provider";
import { serve, submitAtOnce } from "./serve.mjs";

const { PORT, ORIGIN, SITE, CLIENT_ID, PASSWORD, LIFETIME } = process.env;
const lifetime = Number(LIFETIME);
const users = [
  { sub: "u-ann", name: "ann", email: "ann@example.com", groups: ["ml-readers"] },
  { sub: "u-bob", name: "bob", email: "bob@example.com", groups: ["ml-readers", "ml-admins"] },
];
const signingKey = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;

const provider = new Provider(ORIGIN, {
  clients: [
    {
      client_id: CLIENT_ID,
      token_endpoint_auth_method: "none",
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      redirect_uris: [`${SITE}/callback`],
      post_logout_redirect_uris: [`${SITE}/`],
      scope: "openid email profile groups",
    },
    // For terminals: the port of a native client's loopback redirect is any (RFC 8252 §7.3).
    {
      client_id: `${CLIENT_ID}-terminal`,
      application_type: "native",
      token_endpoint_auth_method: "none",
      grant_types: [
        "authorization_code",
        "refresh_token",
        "urn:ietf:params:oauth:grant-type:device_code",
      ],
      response_types: ["code"],
      redirect_uris: ["http://127.0.0.1/callback"],
      scope: "openid email profile groups",
    },
  ],
  jwks: { keys: [{ ...signingKey.export({ format: "jwk" }), use: "sig", alg: "RS256" }] },
  claims: { openid: ["sub"], email: ["email"], profile: ["name"], groups: ["groups"] },
  // Otherwise claims of scopes are at the userinfo endpoint only.
  conformIdTokenClaims: false,
  findAccount,
  issueRefreshToken: async (_context, client) => client.grantTypeAllowed("refresh_token"),
  rotateRefreshToken: true,
  ttl: {
    AccessToken: lifetime,
    IdToken: lifetime,
    RefreshToken: 86400,
    AuthorizationCode: 300,
    Interaction: 600,
    Grant: 86400,
    Session: 86400,
  },
  pkce: { required: () => true },
  clientBasedCORS: (_context, origin) => origin === SITE,
  cookies: { keys: ["only for tests"] },
  interactions: { url: (_context, interaction) => `/login?uid=${interaction.uid}` },
  loadExistingGrant: grantEverything,
  features: {
    devInteractions: { enabled: false },
    deviceFlow: { enabled: true },
    revocation: { enabled: true },
    rpInitiatedLogout: { enabled: true, logoutSource: submitAtOnce },
  },
});

/** Every grant and session of now, so that they can be removed. */
const grants = new Set();
const sessions = new Set();
provider.on("grant.success", ({ oidc }) => grants.add(oidc.entities.Grant.jti));
provider.on("authorization.success", ({ oidc }) => sessions.add(oidc.session.jti));

process.on("SIGUSR1", async () => {
  for (const id of grants) {
    await provider.RefreshToken.revokeByGrantId(id);
    await (await provider.Grant.find(id))?.destroy();
  }
  for (const id of sessions) await (await provider.Session.find(id))?.destroy();
  console.log("removed");
});

function findAccount(_context, sub) {
  const user = users.find((known) => known.sub === sub);
  return user && { accountId: sub, claims: async () => user };
}

/** Gives the client what it asks for, without a consent page. */
async function grantEverything(context) {
  const { client, session, params, provider } = context.oidc;
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope(params.scope);
  await grant.save();
  return grant;
}

serve(provider, { users, password: PASSWORD, port: Number(PORT), issuer: ORIGIN });
