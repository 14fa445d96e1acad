// An independent OpenID provider that is nothing like Cognito: paths of its own,
// groups where Keycloak and Okta have them, a client with a secret, and machines
// that sign in with theirs.
//
// Environment: PORT, APP_ORIGIN, CLIENT_ID, CLIENT_SECRET, ISSUER, RESOURCE (the
// `aud` of access tokens), and as AUTHENTICATION how the client shows its secret.

import { generateKeyPairSync } from "node:crypto";
import Provider from "oidc-provider";
import { serve, submitAtOnce } from "./serve.mjs";

const env = process.env;
const port = Number(env.PORT ?? 9412);
const appOrigin = env.APP_ORIGIN ?? "http://localhost:8080";
const clientId = env.CLIENT_ID ?? "peer-client";
const clientSecret = env.CLIENT_SECRET ?? "peer-secret";
const issuer = env.ISSUER ?? `http://localhost:${port}`;
const resource = env.RESOURCE ?? "https://mlflow.example.com/api";

const password = "peer-dev-only";
const machineSecret = "peer-machine-secret";
const apiScopes = "mlflow/read mlflow/write";

/** Keycloak gives everybody roles of its own, and Okta a group. */
const users = [
  person("8f1c3c52-alice", "alice@example.com", ["admins"], ["ml-admins"]),
  person("5d20aa17-carol", "carol@example.com", ["readers"], ["ml-readers"]),
  person("1b7e02d4-bob", "bob@example.com", [], []),
  { ...person("77c0e1f9-mallory", "mallory@example.com", [], []), email_verified: false },
  person("c3ab5510-eve", "eve@example.com.evil.org", [], []),
];
const signingKey = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: clientId,
      client_secret: clientSecret,
      token_endpoint_auth_method: env.AUTHENTICATION ?? "client_secret_basic",
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      redirect_uris: [`${appOrigin}/callback`],
      post_logout_redirect_uris: [`${appOrigin}/`],
      scope: "openid email profile",
    },
    machine("machine-reader", "mlflow/read"),
    machine("machine-writer", apiScopes),
  ],
  scopes: ["openid", ...apiScopes.split(" ")],
  jwks: { keys: [{ ...signingKey.export({ format: "jwk" }), use: "sig", alg: "RS256" }] },
  claims: {
    openid: ["sub", "realm_access", "groups"],
    email: ["email", "email_verified"],
    profile: ["name"],
  },
  conformIdTokenClaims: false,
  findAccount,
  issueRefreshToken: async (_context, client) => client.grantTypeAllowed("refresh_token"),
  rotateRefreshToken: true,
  ttl: {
    AccessToken: 3600,
    ClientCredentials: 3600,
    IdToken: 3600,
    RefreshToken: 86400,
    AuthorizationCode: 300,
    Interaction: 600,
    Grant: 86400,
    Session: 3600,
  },
  pkce: { required: () => true },
  // The gateway asks for tokens: no page does.
  clientBasedCORS: () => false,
  cookies: { keys: ["only for tests"] },
  interactions: { url: (_context, interaction) => `/login?uid=${interaction.uid}` },
  loadExistingGrant: grantEverything,
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    revocation: { enabled: true },
    rpInitiatedLogout: { enabled: true, logoutSource: submitAtOnce },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => resource,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: apiScopes,
        audience: resource,
        accessTokenFormat: "jwt",
        jwt: { sign: { alg: "RS256" } },
      }),
    },
  },
});

function person(sub, name, roles, groups) {
  return {
    sub,
    name,
    email: name,
    email_verified: true,
    realm_access: { roles: ["offline_access", ...roles] },
    groups: ["Everyone", ...groups],
  };
}

function machine(name, scope) {
  return {
    client_id: name,
    client_secret: machineSecret,
    grant_types: ["client_credentials"],
    response_types: [],
    redirect_uris: [],
    scope,
  };
}

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

serve(provider, { users, password, port, issuer });
