// Checks a badge with an implementation that is not ours: `jose`, with nothing but what the lab publishes. Reads {token, list, key, at}
// from its standard input and writes the header and the claims; fails where the signature, the algorithm, the key's id or the times are wrong.
import { createLocalJWKSet, importJWK, jwtVerify } from 'jose';

let text = '';
for await (const part of process.stdin) text += part;
const { token, list, key, at } = JSON.parse(text);
const rules = { algorithms: ['RS256'], typ: 'JWT', currentDate: new Date(at), requiredClaims: ['iss', 'jti', 'sub', 'nbf'] };
// By the list of all keys, as most verifiers do, and by the one key the header leads to, as Open Badges say.
const { protectedHeader, payload } = await jwtVerify(token, createLocalJWKSet(list), rules);
await jwtVerify(token, await importJWK(key, 'RS256'), rules);
process.stdout.write(JSON.stringify({ header: protectedHeader, payload }));
