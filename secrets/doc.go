// Package secrets has keys from where programs get them: [Env] reads environment variables,
// [Files] reads files and sees their changes, and [Cached] remembers what a database or a
// vault says. [ParseJWKS] reads the public keys that another system publishes.
//
//	keys, err := secrets.Files([]string{"/run/secrets/session"}, secrets.FilesConfig{
//		Projects: "/run/secrets/projects",
//	})
//	if err != nil {
//		return err
//	}
//	auth, err := deskauth.New(store, keys, deskauth.Config{})
//
// Variables and files have the same text:
//
//   - A secret is a line of 32 bytes or more, and a key for HS256. A list has a secret on
//     each line. A line break at the end does not count. Hex and base64 are not decoded.
//     There are no comments: a line that looks like one is an error.
//   - A PEM block is a key for RS256, ES256, ES384 or EdDSA, by its kind: a private key in
//     PKCS #8, PKCS #1 or SEC 1, or a public key in PKIX or PKCS #1. Blocks and secrets may
//     follow one another.
//   - Bytes that are no text, of a file, are one secret for HS256.
//
// A key or certificate in another form is an error, and never a secret: in DER, in base64
// without the lines of PEM, as a JWK, or of OpenSSH. So is a text in UTF-16.
//
// The first key signs, and all verify. No key has an ID of its own: the kid of an RSA,
// ECDSA or Ed25519 key is its thumbprint. For other algorithms, IDs and dates use
// [deskauth.NewKey].
//
// No error and no log line quotes a key, or what may be one.
package secrets
