// Runs gateway.mjs for the tests in Go: each line in is a call of check, each line out its
// answer. The argument is the public key, in PEM.
import {createPublicKey, webcrypto} from 'node:crypto'
import {createInterface} from 'node:readline'
import {check} from './gateway.mjs'

globalThis.crypto ??= webcrypto // jose needs it, and Node.js 18, which Debian 12 has, lacks it

const key = createPublicKey(process.argv[2])
for await (const line of createInterface({input: process.stdin})) {
  const {token, kinds, project} = JSON.parse(line)
  const text = Buffer.from(token, 'base64').toString('latin1') // as Node.js reads an HTTP header
  const answer = await check(text, key, kinds, project).catch(err => ({error: err.message}))
  console.log(JSON.stringify(answer))
}
