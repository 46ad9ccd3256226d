package deskauthtest

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"time"

	"github.com/deskauth/deskauth"
)

// secrets has a key for the sessions, and one for every project that is asked for.
type secrets struct{}

const sessionSecret = "the session secret of deskauthtest, for tests alone"

func projectSecret(projectID string) string {
	return "for tests alone, the secret of project " + projectID
}

func (secrets) SessionKeys(context.Context) ([]deskauth.Key, error) {
	return []deskauth.Key{deskauth.NewKey("", "HS256", sessionSecret)}, nil
}

func (secrets) ProjectKeys(_ context.Context, projectID string) ([]deskauth.Key, error) {
	return []deskauth.Key{deskauth.NewKey("", "HS256", projectSecret(projectID))}, nil
}

// InMemory implements [deskauth.InMemory].
func (s secrets) InMemory() any { return s }

// CustomToken returns a custom token of a project, as the backend of another system signs
// it: for POST /signinWithCustomToken, or [deskauth.Auth.SigninWithCustomToken]. It is
// issued now and expires in an hour. More claims may follow, such as "firstname": those of
// the same name are replaced, and those that are nil are left out.
//
// The custom tokens of an account that was disabled or signed out everywhere are over up to
// that second. So the kit's clock is moved on to the next second first, if it still shows
// that one.
func (k *Kit) CustomToken(projectID, externalID string, more map[string]any) string {
	k.t.Helper()
	k.stepPast(deskauth.ExternalUserID(projectID, externalID))
	now := k.Auth.Now()
	claims := map[string]any{
		"_id": externalID,
		"sub": "userexternal",
		"aud": k.audience() + "/projects/" + projectID,
		"iat": now.Unix(),
		"exp": now.Add(time.Hour).Unix(),
	}
	maps.Copy(claims, more)
	maps.DeleteFunc(claims, func(_ string, value any) bool { return value == nil })
	payload, err := json.Marshal(claims)
	if err != nil {
		k.t.Fatalf("deskauthtest: the claims of CustomToken are not JSON: %v", err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	signed := encode([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + encode(payload)
	mac := hmac.New(sha256.New, []byte(projectSecret(projectID)))
	mac.Write([]byte(signed))
	return signed + "." + encode(mac.Sum(nil))
}

// stepPast moves the clock out of the second in which the custom tokens of an account have
// ended. A clock that the test has put back, or that is its own, stays.
func (k *Kit) stepPast(userID string) {
	ended, ok := k.endedAt(userID)
	now := k.Auth.Now()
	if next := ended.Truncate(time.Second).Add(time.Second); ok && k.ownClock && !now.Before(ended) && now.Before(next) {
		k.Clock.Advance(next.Sub(now))
	}
}

func (k *Kit) endedAt(userID string) (at time.Time, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	at, ok = k.ended[userID]
	return at, ok
}
