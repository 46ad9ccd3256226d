package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/deskauth/deskauth/internal/jose"
)

const fetchTimeout = 10 * time.Second

// readKeySet reads a JWK set (RFC 7517 §5) from a file or an https URL. It returns the keys
// of deskauth's algorithms, and leaves others out.
func readKeySet(ctx context.Context, source string) (keys []sourcedKey, err error) {
	var text []byte
	if isURL(source) {
		text, err = fetch(ctx, source)
	} else {
		text, err = readFile(source)
	}
	if err != nil {
		return nil, fmt.Errorf("read the key set: %w", err)
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(text, &set); err != nil || set.Keys == nil {
		return nil, fmt.Errorf("%s is not a JWK set: a JSON object with a list \"keys\"", source)
	}
	for _, member := range set.Keys {
		key, ok := setKey(source, member)
		if ok {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("%s has no public key of an algorithm that deskauth takes", source)
	}
	return keys, nil
}

// setKey makes a key of a member of a set. A set that everybody can read has no secret, so
// one in it is not believed.
func setKey(source string, member json.RawMessage) (sourcedKey, bool) {
	id, algorithm, material, ok := jose.ParsePublicJWK(member)
	if !ok {
		return sourcedKey{}, false
	}
	key, err := newKey(source, id, cmp.Or(algorithm, algorithmOf(material)), material)
	return key, err == nil
}

func isURL(source string) bool {
	return strings.HasPrefix(source, "https://") || strings.HasPrefix(source, "http://")
}

// fetch reads a document from the web.
func fetch(ctx context.Context, source string) ([]byte, error) {
	if err := checkURL(source); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, source, nil)
	if err != nil {
		return nil, errors.New("the URL cannot be used")
	}
	client := &http.Client{CheckRedirect: checkRedirect}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s", source, response.Status)
	}
	return readAll(response.Body)
}

// checkURL wants https: whoever is on the way could put keys of their own into http. On
// this machine nobody is.
func checkURL(source string) error {
	u, err := url.Parse(source)
	switch {
	case err != nil || u.Host == "":
		return errors.New("it is not a URL like https://HOST/.well-known/jwks.json")
	case u.User != nil:
		return errors.New("the URL has a user or a password in it: a key set is public, leave them out")
	case u.Scheme != "https" && !isLocal(u):
		return errors.New("a key set over http could be anybody's: use https, or a file")
	}
	return nil
}

func isLocal(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

const maxRedirects = 5

// checkRedirect lets no other machine send a request to a program on this one.
func checkRedirect(r *http.Request, via []*http.Request) error {
	switch {
	case len(via) > maxRedirects:
		return fmt.Errorf("there are more than %d redirects", maxRedirects)
	case isLocal(r.URL) && !isLocal(via[0].URL):
		return errors.New("another machine's redirect leads to this one")
	}
	return checkURL(r.URL.String())
}
