// Checks session tokens with the public key alone. docs/keys.md quotes it.
import {jwtVerify} from 'jose'

const issuer = 'https://tiledesk.com' // Config.Issuer of the service that signs

// Returns to whom a session token was issued, for a service that serves some kinds of
// account, and guests and external users of one project. Keep data under uid.
export async function check(token, key, kinds, project) {
  const {payload} = await jwtVerify(token, key, {algorithms: ['ES256'], requiredClaims: ['exp']})
  return identify(payload, kinds, project)
}

// Compares the claims of a token whose signature and exp are good.
export function identify(payload, kinds, project) {
  const {aud, iss, sub: kind, uid, id_project} = payload
  if (aud !== issuer || iss !== issuer) throw new Error('not a session token of our issuer')
  if (!kinds.includes(kind)) throw new Error('a kind of account that is not served here')
  if (kind !== 'user' && id_project !== project) throw new Error('an account of another project')
  if (typeof uid !== 'string' || uid === '') throw new Error('no uid')
  return {uid, kind, project: id_project}
}
