// An independent OpenID provider on the paths of a Cognito user pool.
//
// oidc-provider is certified by the OpenID Foundation, so a client that works
// with it follows the standards and not only our own development provider.
// Environment: PORT, APP_ORIGIN, CLIENT_ID, ISSUER, and as ROTATE=0|1,
// OPAQUE_AT=0|1 and ACCESS_TTL, ID_TTL, REFRESH_TTL in seconds, what it issues.

import { generateKeyPairSync } from "node:crypto";
import Provider from "oidc-provider";
import { serve, submitAtOnce } from "./serve.mjs";

const env = process.env;
const port = Number(env.PORT ?? 9411);
const appOrigin = env.APP_ORIGIN ?? "http://localhost:8080";
const clientId = env.CLIENT_ID ?? "peer-client";
const issuer = env.ISSUER ?? `http://localhost:${port}`;
const opaqueAccessTokens = env.OPAQUE_AT === "1";

const password = "peer-dev-only";
const users = [
  { sub: "8f1c3c52-alice", name: "alice@example.com", groups: ["admins", "readers"] },
  { sub: "1b7e02d4-bob", name: "bob@example.com", groups: [] },
];
const signingKey = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;

const provider = new Provider(issuer, {
  routes: {
    authorization: "/oauth2/authorize",
    token: "/oauth2/token",
    userinfo: "/oauth2/userInfo",
    revocation: "/oauth2/revoke",
    end_session: "/logout",
    jwks: "/.well-known/jwks.json",
  },
  clients: [
    {
      client_id: clientId,
      token_endpoint_auth_method: "none",
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      redirect_uris: [`${appOrigin}/callback`],
      post_logout_redirect_uris: [`${appOrigin}/`],
      scope: "openid email profile",
    },
  ],
  jwks: { keys: [{ ...signingKey.export({ format: "jwk" }), use: "sig", alg: "RS256" }] },
  claims: {
    openid: ["sub", "cognito:groups", "cognito:username", "token_use"],
    email: ["email", "email_verified"],
    profile: ["name"],
  },
  // Cognito puts the claims of the scopes into the ID token.
  conformIdTokenClaims: false,
  findAccount,
  extraTokenClaims: async (context, token) => accessTokenClaims(findAccount(context, token.accountId).user),
  // Cognito knows no `offline_access`: every sign-in is given a refresh token.
  issueRefreshToken: async (_context, client) => client.grantTypeAllowed("refresh_token"),
  rotateRefreshToken: env.ROTATE !== "0",
  ttl: {
    AccessToken: Number(env.ACCESS_TTL ?? 3600),
    IdToken: Number(env.ID_TTL ?? 3600),
    RefreshToken: Number(env.REFRESH_TTL ?? 86400),
    AuthorizationCode: 300,
    Interaction: 600,
    Grant: 86400,
    Session: 3600,
  },
  pkce: { required: () => true },
  clientBasedCORS: (_context, origin) => origin === appOrigin,
  cookies: { keys: ["only for tests"] },
  interactions: { url: (_context, interaction) => `/login?uid=${interaction.uid}` },
  loadExistingGrant: grantEverything,
  features: {
    devInteractions: { enabled: false },
    revocation: { enabled: true },
    rpInitiatedLogout: { enabled: true, logoutSource: submitAtOnce },
    resourceIndicators: { enabled: !opaqueAccessTokens, ...signedAccessTokens() },
  },
});

function findAccount(_context, sub) {
  const user = users.find((known) => known.sub === sub);
  return user && { accountId: sub, user, claims: async (use) => claims(user, use) };
}

function claims({ sub, name, groups }, use) {
  return {
    sub,
    name,
    email: name,
    email_verified: true,
    "cognito:username": name,
    token_use: use === "id_token" ? "id" : undefined,
    ...groupClaim(groups),
  };
}

function accessTokenClaims({ name, groups }) {
  return { token_use: "access", username: name, ...groupClaim(groups) };
}

/** Cognito leaves the claim out for a user without groups. */
function groupClaim(groups) {
  return groups.length > 0 ? { "cognito:groups": groups } : {};
}

/** Makes access tokens JWTs: oidc-provider signs those that are for a resource. */
function signedAccessTokens() {
  return {
    defaultResource: () => `${issuer}/resource`,
    useGrantedResource: () => true,
    getResourceServerInfo: () => ({
      scope: "openid email profile",
      audience: clientId,
      accessTokenFormat: "jwt",
      jwt: { sign: { alg: "RS256" } },
    }),
  };
}

/** Gives the client what it asks for, without a consent page. */
async function grantEverything(context) {
  const { client, session, params, provider } = context.oidc;
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope(params.scope);
  grant.addResourceScope(`${issuer}/resource`, params.scope);
  await grant.save();
  return grant;
}

// Cognito calls the parameter `logout_uri`.
provider.use(async (context, next) => {
  const { logout_uri: target, ...query } = context.query;
  if (context.path === "/logout" && target) {
    context.query = { ...query, post_logout_redirect_uri: target };
  }
  await next();
});

serve(provider, { users, password, port, issuer });
