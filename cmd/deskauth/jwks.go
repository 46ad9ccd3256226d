package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/deskauth/deskauth/secrets"
)

const fetchTimeout = 10 * time.Second

// readKeySet reads a JWK set (RFC 7517 §5) from a file or an https URL.
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
	set, err := secrets.ParseJWKS(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", source, err)
	}
	for _, key := range set {
		keys = append(keys, sourcedKey{Key: key, from: source})
	}
	return keys, nil
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
