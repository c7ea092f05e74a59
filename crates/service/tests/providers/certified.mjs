// A certified OpenID Connect provider (oidc-provider) on a loopback port, for one test.
// `node certified.mjs FOLDER CALLBACK`: FOLDER holds node_modules; CALLBACK is where answers go.
// Prints its address in one line, and ends with its standard input.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';

const [folder, callback] = process.argv.slice(2);
const entry = `${folder}/node_modules/oidc-provider/lib/index.js`;
const { Provider } = await import(pathToFileURL(entry).href);

const key = (kind, options, kid) => ({
  ...generateKeyPairSync(kind, options).privateKey.export({ format: 'jwk' }), kid, use: 'sig',
});
const client = (id, algorithm, method) => ({
  client_id: id,
  client_secret: 'a secret with : and % in it',
  redirect_uris: [callback],
  id_token_signed_response_alg: algorithm,
  token_endpoint_auth_method: method,
});
const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    jwks: {
      keys: [
        key('rsa', { modulusLength: 2048 }, 'rsa'),
        key('ec', { namedCurve: 'P-256' }, 'ec'),
      ],
    },
    clients: [
      client('rs256', 'RS256', 'client_secret_basic'),
      client('es256', 'ES256', 'client_secret_basic'),
      client('ps256', 'PS256', 'client_secret_basic'),
    ],
    enabledJWA: { idTokenSigningAlgValues: ['RS256', 'ES256', 'PS256'] },
    acrValues: ['urn:example:document-seen'],
    claims: {
      openid: ['sub'], acr: null, auth_time: null,
      profile: ['name'], document: ['document'], phone: ['phone_number', 'phone_number_verified'],
    },
    scopes: ['openid'],
    features: { devInteractions: { enabled: false } },
    cookies: { keys: ['for one test'] },
    interactions: { url: (context, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (context, id) => ({
      accountId: id,
      claims: () => ({
        sub: id, name: 'Mei Lan', document: { number: 'E1234567' },
        phone_number: '+8613800000000', phone_number_verified: true,
      }),
    }),
  });
  const answer = provider.callback();
  server.on('request', async (request, response) => {
    if (!request.url.startsWith('/interaction/')) return answer(request, response);
    // Whoever comes here is Mei, showed the document, and agrees to everything.
    const { prompt, params, session } = await provider.interactionDetails(request, response);
    if (prompt.name === 'login') {
      const login = { accountId: 'mei', acr: 'urn:example:document-seen' };
      return provider.interactionFinished(request, response, { login });
    }
    const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
    grant.addOIDCScope(params.scope);
    const consent = { grantId: await grant.save() };
    return provider.interactionFinished(
      request, response, { consent }, { mergeWithLastSubmission: true },
    );
  });
  console.log(issuer);
});
process.stdin.on('end', () => process.exit(0)).resume();
