// Package signers signs a custom token in several languages, each with its usual JWT
// library, as the backend of another system does when it renders a page with the chat.
package signers

import (
	"errors"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// A user is who is signed in to the other system.
type user struct{ ID, FirstName, LastName, Email string }

// sign returns a custom token for a user of the project shop.
func sign(secret string, u user) (string, error) {
	if secret == "" {
		return "", errors.New("the secret of the project is missing")
	}
	now := time.Now()
	return jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"_id":       u.ID,
		"sub":       "userexternal",
		"aud":       "https://tiledesk.com/projects/shop",
		"iat":       now.Unix(),
		"exp":       now.Add(5 * time.Minute).Unix(),
		"firstname": u.FirstName,
		"lastname":  u.LastName,
		"email":     u.Email,
		"plan":      "gold",
	}).SignedString([]byte(secret))
}
