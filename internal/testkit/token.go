package testkit

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
)

// HS256 is the header of most forged tokens.
const HS256 = `{"alg":"HS256","typ":"JWT"}`

// Forge signs a header and a payload as they are, with HMAC-SHA-256 whatever the header
// says.
func Forge(header, payload, secret string) string {
	signed := B64(header) + "." + B64(payload)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(signed))
	return signed + "." + B64(string(mac.Sum(nil)))
}

// B64 encodes a part of a token.
func B64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// CustomPayload is the payload of a project's custom token, with more claims at the end:
// CustomPayload(ProjectA, `"123"`, `"firstname":"Andrea"`).
func CustomPayload(projectID, id string, more ...string) string {
	claims := []string{
		`"_id":` + id,
		`"sub":"userexternal"`,
		`"aud":"` + Issuer + `/projects/` + projectID + `"`,
	}
	return "{" + strings.Join(slices.Concat(claims, more), ",") + "}"
}

// PayloadA is CustomPayload for project A.
func PayloadA(id string, more ...string) string { return CustomPayload(ProjectA, id, more...) }

// TokenA is a good custom token of project A, with more claims.
func TokenA(id string, more ...string) string { return ForgeA(PayloadA(id, more...)) }

// ForgeA signs a payload with the secret of project A.
func ForgeA(payload string) string { return Forge(HS256, payload, SecretA) }

// ForgeSession signs a payload with the secret of the session tokens.
func ForgeSession(payload string) string { return Forge(HS256, payload, SessionSecret) }

// PartOf returns a part of a token decoded: 0 is the header, 1 the payload.
func PartOf(t testing.TB, token string, part int) string {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("a token of %d parts", len(parts))
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[part])
	if err != nil {
		t.Fatalf("part %d of a token: %v", part, err)
	}
	return string(text)
}

// A Member is one name of a JSON object and the text of its value.
type Member struct{ Name, Value string }

// Members returns the members of a token's payload. A map would hide the name that is there
// twice.
func Members(t testing.TB, token string) (all []Member) {
	t.Helper()
	text := PartOf(t, token, 1)
	d := json.NewDecoder(strings.NewReader(text))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		t.Fatalf("payload %s: %v", text, err)
	}
	for d.More() {
		name, err := d.Token()
		var value json.RawMessage
		if err = errors.Join(err, d.Decode(&value)); err != nil {
			t.Fatalf("payload %s: %v", text, err)
		}
		all = append(all, Member{name.(string), string(value)})
	}
	if _, err := d.Token(); err != nil || d.InputOffset() != int64(len(text)) {
		t.Fatalf("payload %s: ends at byte %d, %v", text, d.InputOffset(), err)
	}
	return all
}

// RSAKey returns an RSA key of 2048 bits, always the same. It is made once, because that
// takes a while.
var RSAKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})
