package testkit

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"
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
	claims := []string{`"_id":` + id, `"sub":"userexternal"`, `"aud":"` + Issuer + `/projects/` + projectID + `"`}
	return "{" + strings.Join(slices.Concat(claims, more), ",") + "}"
}

// TokenA is a good custom token of project A, with more claims.
func TokenA(id string, more ...string) string {
	return Forge(HS256, CustomPayload(ProjectA, id, more...), SecretA)
}

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
