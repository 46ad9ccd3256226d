// Runs gateway.mjs and jwks.mjs for the tests in Go: each line in is a call of their check, each
// line out its answer. The argument is the public key, in PEM, or the URL of a key set.
import {createPublicKey, webcrypto} from 'node:crypto'
import {createInterface} from 'node:readline'
import {check} from './gateway.mjs'
import {checkWith, keysAt} from './jwks.mjs'

globalThis.crypto ??= webcrypto // jose needs it, and Node.js 18, which Debian 12 has, lacks it

const source = process.argv[2]
let call
if (source.startsWith('http')) {
  const keys = keysAt(source, {cooldownDuration: 0}) // a test does not wait between two keys
  call = (...args) => checkWith(keys, ...args)
} else {
  const key = createPublicKey(source)
  call = (token, ...args) => check(token, key, ...args)
}
for await (const line of createInterface({input: process.stdin})) {
  const {token, kinds, project} = JSON.parse(line)
  const text = Buffer.from(token, 'base64').toString('latin1') // as Node.js reads an HTTP header
  const answer = await call(text, kinds, project).catch(err => ({error: err.message}))
  console.log(JSON.stringify(answer))
}
