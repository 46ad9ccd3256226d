package gateway

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"testing"

	"github.com/deskauth/deskauth/authtest"
)

func TestGateway(t *testing.T) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	gateway, err := newGateway(&private.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	authtest.Run(t, authtest.Target{
		Accepts: func(token string) bool {
			_, err := gateway.VerifyStateless(t.Context(), token)
			return err == nil
		},
		Algorithm: "ES256",
		Key:       private,
		KeyID:     "2026-11",
		Claims: []byte(`{"_id":"1","sub":"guest","aud":"https://tiledesk.com",
			"iss":"https://tiledesk.com","iat":1700000000,"exp":4102444800}`),
		Skip: []string{"size"}, // http.Server limits headers
	})
}
