package redislimit_test

import (
	"fmt"
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/deskauth/deskauth/limitertest/redistest"
	"github.com/deskauth/deskauth/redislimit"
	"github.com/redis/go-redis/v9"
)

// sharedByMany checks that two limiters on such clients share limits over several keys.
func sharedByMany(t *testing.T, one, two redis.UniversalClient) {
	t.Helper()
	o := redislimit.Options{RefuseWhileAway: true}
	a, b := newLimiter(t, one, o), newLimiter(t, two, o)
	for n := range 20 {
		narrow, wide := attempt(fmt.Sprint("narrow ", n), 2, time.Hour), attempt(fmt.Sprint("wide ", n), 5, time.Hour)
		if !takes(t, a, narrow, wide) || !takes(t, b, wide, narrow) || takes(t, a, wide, narrow) {
			t.Fatalf("round %d: two of three calls should be allowed", n)
		}
		if err := b.GiveBack(t.Context(), narrow, wide); err != nil {
			t.Fatal(err)
		}
		if got := left(t, a, narrow) + 10*left(t, b, wide); got != 41 {
			t.Errorf("round %d: %d and %d attempts are left, want 1 and 4", n, got%10, got/10)
		}
	}
}

// In a cluster a script may use keys of one slot only. The test needs Redis 7, for the
// port.
func TestCluster(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, "cluster-enabled", "yes", "cluster-port", fmt.Sprint(freePort(t)),
		"cluster-config-file", filepath.Join(t.TempDir(), "nodes.conf"))
	admin := connect(t, s)
	if err := admin.Do(t.Context(), "CLUSTER", "ADDSLOTSRANGE", 0, 16383).Err(); err != nil {
		t.Fatal(err)
	}
	cluster := func() redis.UniversalClient {
		c := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{s.Addr()}, ContextTimeoutEnabled: true})
		t.Cleanup(func() { c.Close() })
		return c
	}
	within(t, "the cluster's start", func() {
		for admin.Set(t.Context(), "ready", 1, time.Second).Err() != nil {
			time.Sleep(10 * time.Millisecond)
		}
	})
	sharedByMany(t, cluster(), cluster())
}

// A ring spreads keys over servers by their hash tag.
func TestRing(t *testing.T) {
	t.Parallel()
	one, two := redistest.Start(t), redistest.Start(t)
	ring := func() redis.UniversalClient {
		r := redis.NewRing(&redis.RingOptions{
			Addrs: map[string]string{"one": one.Addr(), "two": two.Addr()}, ContextTimeoutEnabled: true,
		})
		t.Cleanup(func() { r.Close() })
		return r
	}
	sharedByMany(t, ring(), ring())
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
