package authtest_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth/authtest"
)

// A gateway with one mistake: it compares only as much of the signature as the token has.
func ExampleCheck() {
	secret := []byte("32 bytes or more, known to the gateway alone")
	accepts := func(token string) bool {
		part := strings.Split(token, ".")
		if len(part) != 3 {
			return false
		}
		payload, err := base64.RawURLEncoding.DecodeString(part[1])
		if err != nil {
			return false
		}
		signature, err := base64.RawURLEncoding.DecodeString(part[2])
		if err != nil {
			return false
		}
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(part[0] + "." + part[1]))
		if !strings.HasPrefix(string(mac.Sum(nil)), string(signature)) {
			return false
		}
		var claims struct{ Exp int64 }
		return json.Unmarshal(payload, &claims) == nil && time.Now().Unix() < claims.Exp
	}

	letIn, err := authtest.Check(authtest.Target{
		Accepts:   accepts,
		Algorithm: "HS256",
		Key:       secret,
		Claims:    []byte(`{"sub":"alice","exp":4102444800}`),
		Skip:      []string{"sub-value", "size"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, attack := range letIn {
		if attack.Group == "signature" {
			fmt.Println(attack.Name)
		}
	}
	// Output:
	// signature: empty
	// signature: first two bytes only
	// signature: first half
	// signature: without its last byte
	// signature: cut to 80 bits
}

// An endpoint with two mistakes: it signs codes with the key of session tokens, and takes
// white space around them.
func ExampleCheckCodes() {
	sessionKey := []byte("32 bytes or more, which sign session tokens")
	sign := func(text string) string {
		mac := hmac.New(sha256.New, sessionKey)
		mac.Write([]byte(text))
		return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
	}
	accepts := func(code string) bool {
		text, _, _ := strings.Cut(code, ".")
		return strings.HasPrefix(text, "reset:") && strings.TrimSpace(code) == sign(text)
	}

	letIn, err := authtest.CheckCodes(authtest.CodeTarget{
		Accepts: accepts,
		Code:    sign("reset:alice:4102444800"),
		Second:  sign("reset:bob:4102444800"),
		Others:  []string{sign("verify:alice:4102444800")},
		Secrets: [][]byte{sessionKey},
		Skip:    []string{"again", "size"}, // accepts uses no code up, and has no limit
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, attack := range letIn {
		if strings.HasPrefix(attack.Name, "typed: \" \"") || attack.Group == "forged" {
			fmt.Println(attack.Name)
		}
	}
	// Output:
	// typed: " " after
	// forged: HMAC-SHA-256 with secret 1, part after ., base64url
}

// The whole test of a service: it brings every forged token to the handler.
func ExampleRun() {
	var t *testing.T             // the argument of TestOrders
	orders := http.NewServeMux() // the service's own

	authtest.Run(t, authtest.Target{
		Accepts: func(token string) bool {
			r := httptest.NewRequest(http.MethodGet, "/orders", nil)
			r.Header.Set("Authorization", "Bearer "+token)
			w := httptest.NewRecorder()
			orders.ServeHTTP(w, r)
			return w.Code == http.StatusOK
		},
		Algorithm: "HS256",
		Key:       []byte("32 random bytes or more, made for the test"),
		Claims:    fmt.Appendf(nil, `{"sub":"ada","exp":%d}`, time.Now().Add(time.Hour).Unix()),
	})
}
