package oteldeskauth_test

import (
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
)

func TestWatch(t *testing.T) {
	t.Parallel()
	p := newProbe(t)
	started, end := make(chan struct{}), make(chan struct{})
	secrets := deskauth.StaticSecrets{Session: []deskauth.Key{deskauth.NewKey("", "HS256", sessionSecret)}}
	store := &dummy{answer: func() error { // the caller has its place when the account is looked up
		started <- struct{}{}
		<-end
		return deskauth.ErrUserNotFound
	}}
	auth, err := deskauth.New(store, secrets, deskauth.Config{HashParallelism: 3, HashQueue: 7})
	if err != nil {
		t.Fatal(err)
	}
	queue, err := p.Watch(auth)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		auth.Signin(t.Context(), deskauth.SigninInput{
			Email: "ada@example.com", Password: deskauth.NewSecret("correct horse"),
		})
	}()
	<-started
	p.want(t, "deskauth.hash.queue.usage", "callers=running: 0", "callers=waiting: 1")
	p.want(t, "deskauth.hash.queue.limit", ": 10")
	close(end)
	<-done
	p.want(t, "deskauth.hash.queue.usage", "callers=running: 0", "callers=waiting: 0")
	if err := queue.Unregister(); err != nil {
		t.Error(err)
	}
	p.want(t, "deskauth.hash.queue.usage")
}

// A mistake shows where it is made, and not when metrics are collected.
func TestWatchOfNoAuth(t *testing.T) {
	t.Parallel()
	p := newProbe(t)
	watch, err := p.Watch(nil)
	if watch != nil || err == nil || !strings.Contains(err.Error(), "that deskauth.New returned") {
		t.Errorf("got %v, %v; want an error that says what to do", watch, err)
	}
	p.want(t, "deskauth.hash.queue.usage")
}
