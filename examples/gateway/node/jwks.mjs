// Checks session tokens with the keys that their issuer serves. docs/keys.md quotes it.
import {createRemoteJWKSet, jwtVerify} from 'jose'
import {identify} from './gateway.mjs'

// Returns the keys at a URL: PREFIX/.well-known/jwks.json. They are read when the first token
// comes, and again after five minutes or for a token that names another key. Call it once.
export const keysAt = (url, options) => createRemoteJWKSet(new URL(url), {cacheMaxAge: 300_000, ...options})

// Does what check does, with those keys. No algorithm of the list may begin with HS.
export async function checkWith(keys, token, kinds, project) {
  const {payload} = await jwtVerify(token, keys, {
    algorithms: ['ES256', 'RS256', 'EdDSA'],
    requiredClaims: ['exp'],
  })
  return identify(payload, kinds, project)
}
