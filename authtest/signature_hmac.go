package authtest

import (
	"crypto"
	_ "crypto/sha1" // for a hash that no algorithm of JWS has
)

// hmacs are signatures that are nearly an HMAC.
func (s *scene) hmacs(secret []byte) {
	const why = "This is not the HMAC that the header names (RFC 7518 §3.2)."
	other := func(name string, h crypto.Hash, n int) {
		mac := []byte(s.signature(signHMAC(h, secret), s.signed))
		s.forged(name, mac[:min(n, len(mac))], why)
	}
	other("HMAC with SHA-1", crypto.SHA1, 64)
	longer := map[string]crypto.Hash{"HS256": crypto.SHA512, "HS384": crypto.SHA512, "HS512": crypto.SHA384}[s.alg]
	other("HMAC with another SHA-2, cut", longer, len(s.sig))
	h := hashOf(s.alg)
	s.forged("hash of secret and message", digest(h, string(secret)+s.signed), why)
	s.forged("hash of message and secret", digest(h, s.signed+string(secret)), why)
	s.forged("HMAC with the roles exchanged", []byte(s.signature(signHMAC(h, []byte(s.signed)), string(secret))), why)
	s.forged("cut to 80 bits", s.sig[:10], "The target takes a cut HMAC. RFC 7518 §3.2 has none.")
}
