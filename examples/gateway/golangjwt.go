package gateway

import (
	"crypto/ecdsa"
	"errors"
	"slices"

	"github.com/golang-jwt/jwt/v5"
)

const issuer = "https://tiledesk.com" // Config.Issuer of the service that signs

// An identity says to whom a session token was issued.
type identity struct {
	UID     string // the account: keep data under it
	Kind    string // "user", "guest" or "userexternal"
	Project string // of guests and external users
}

// check checks a session token for a service that serves some kinds of account, and guests
// and external users of one project.
func check(token string, key *ecdsa.PublicKey, kinds []string, project string) (identity, error) {
	claims := jwt.MapClaims{}
	_, err := jwt.ParseWithClaims(token, claims,
		func(*jwt.Token) (any, error) { return key, nil },
		jwt.WithValidMethods([]string{"ES256"}),
		jwt.WithStrictDecoding(),
		jwt.WithExpirationRequired())
	if err != nil {
		return identity{}, err
	}
	return identify(claims, kinds, project)
}

// identify compares the claims of a token whose signature and exp are good.
func identify(claims jwt.MapClaims, kinds []string, project string) (identity, error) {
	kind, _ := claims["sub"].(string)
	uid, _ := claims["uid"].(string)
	switch {
	case claims["aud"] != issuer || claims["iss"] != issuer: // a list is not equal
		return identity{}, errors.New("not a session token of our issuer")
	case !slices.Contains(kinds, kind):
		return identity{}, errors.New("a kind of account that is not served here")
	case kind != "user" && claims["id_project"] != project:
		return identity{}, errors.New("an account of another project")
	case uid == "":
		return identity{}, errors.New("no uid")
	case kind == "user":
		return identity{uid, kind, ""}, nil
	}
	return identity{uid, kind, project}, nil
}
