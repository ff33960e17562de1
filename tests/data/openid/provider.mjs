// A certified OpenID provider with one client; any login is accepted.
import { Provider } from 'oidc-provider';

const [issuer, redirectUri] = process.argv.slice(2);
const provider = new Provider(issuer, {
  clients: [
    {
      client_id: 'app',
      client_secret: 'hunter2', // pragma: allowlist secret
      redirect_uris: [redirectUri],
      grant_types: ['authorization_code'],
    },
  ],
  claims: { openid: ['sub'], email: ['email', 'email_verified'] },
  // Claims of the address in the ID token, not only at the userinfo endpoint.
  conformIdTokenClaims: false,
  cookies: { keys: ['tests'] },
  findAccount: (_, id) => ({
    accountId: id,
    claims: async () => ({ sub: id, email: `${id}@example.com`, email_verified: true }),
  }),
  pkce: { required: () => true },
});
provider.listen(new URL(issuer).port, '127.0.0.1', () => console.log('ready'));
