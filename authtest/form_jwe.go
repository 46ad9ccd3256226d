package authtest

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"strings"
)

// formsOfJWE are encrypted tokens.
func (f *forger) formsOfJWE(p parts) {
	const why = "The token is encrypted and not signed. Everyone who has the public key can encrypt (CVE-2022-3102)."
	direct := `{"alg":"dir","enc":"A256GCM"}`
	f.add("form: JWE of nothing", b64(direct)+"..AAAAAAAAAAAAAAAA."+p.payload+".AAAAAAAAAAAAAAAAAAAAAA", why)
	f.add("form: JWE with the honest header", p.header+"."+p.sig+".AAAA."+p.payload+"."+p.sig, why)
	f.add("form: JWE, key of zeros", f.encrypted(direct, make([]byte, 32), nil), why)
	if key, ok := f.key.(*rsa.PrivateKey); ok {
		content := make([]byte, 32)
		_, _ = rand.Read(content) // never fails
		wrapped, err := rsa.EncryptOAEP(sha256.New(), rand.Reader, &key.PublicKey, content, nil)
		if err == nil { // a small key has no room
			header := `{"alg":"RSA-OAEP-256","enc":"A256GCM"}`
			f.add("form: JWE for the public key", f.encrypted(header, content, wrapped), why)
		}
	}
}

// encrypted returns the honest claims as a JWE in the compact form (RFC 7516 §7.1).
func (f *forger) encrypted(header string, content, wrapped []byte) string {
	block, err := aes.NewCipher(content)
	if err != nil { // impossible: content has 32 bytes
		return ""
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil { // impossible for AES
		return ""
	}
	nonce := make([]byte, gcm.NonceSize())
	sealed := string(gcm.Seal(nil, nonce, []byte(f.payload()), []byte(b64(header))))
	text, tag := sealed[:len(sealed)-gcm.Overhead()], sealed[len(sealed)-gcm.Overhead():]
	return strings.Join([]string{b64(header), b64(string(wrapped)), b64(string(nonce)), b64(text), b64(tag)}, ".")
}
