package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
)

// rowEnv has a row as JSON. With it in the environment, this program measures the row and
// ends.
const rowEnv = "DESKAUTH_SIZING_ROW"

type row struct {
	Params      deskauth.Argon2Params
	Parallelism int
	Seconds     float64
}

// A measurement is what a child prints, as JSON.
type measurement struct {
	PerSecond float64       // hashes
	Median    time.Duration // the time of one hash
	Peak      int64         // the most memory that the process took, in bytes
	Exact     bool          // Peak is resident memory, and not what the Go runtime asked for
}

// measure lets a process of its own compute hashes for that many seconds. So the most
// memory that the process ever took is that of this row.
func measure(c choice, parallelism int, seconds float64) (m measurement, err error) {
	text, err := json.Marshal(row{c.params, parallelism, seconds})
	if err != nil {
		return m, err
	}
	program, err := os.Executable()
	if err != nil {
		return m, err
	}
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), rowEnv+"="+string(text))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return m, err
	}
	return m, json.Unmarshal(out, &m)
}

// child measures one row. It has as many callers as hashes may run at once, so that no
// caller waits for another.
func child(text string, out io.Writer) error {
	var r row
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		return fmt.Errorf("%s: %w", rowEnv, err)
	}
	signin, err := newSignin(r)
	if err != nil {
		return err
	}
	var (
		mu     sync.Mutex
		all    []time.Duration
		failed error
		wg     sync.WaitGroup
	)
	start := time.Now()
	end := start.Add(time.Duration(r.Seconds * float64(time.Second)))
	for range r.Parallelism {
		wg.Go(func() {
			took, err := repeat(signin, end)
			mu.Lock()
			defer mu.Unlock()
			all = append(all, took...)
			failed = errors.Join(failed, err)
		})
	}
	wg.Wait()
	elapsed := time.Since(start)
	if failed != nil {
		return failed
	}
	slices.Sort(all)
	m := measurement{PerSecond: float64(len(all)) / elapsed.Seconds(), Median: all[len(all)/2]}
	m.Peak, m.Exact = peak()
	return json.NewEncoder(out).Encode(m)
}

// newSignin returns a sign-in that succeeds. Its store takes next to no time, so its cost
// is that of its hash.
func newSignin(r row) (signin func() error, err error) {
	auth, err := deskauth.New(memstore.New(), deskauth.StaticSecrets{
		Session: []deskauth.Key{deskauth.NewKey("", "HS256", rand.Text()+rand.Text())},
	}, deskauth.Config{
		Argon2:          r.Params,
		HashParallelism: r.Parallelism,
		Limits: deskauth.Limits{
			SigninsPerAccountAndClient: deskauth.NoLimit,
			SigninsPerAccount:          deskauth.NoLimit,
		},
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return nil, err
	}
	const email, password = "ada@example.com", "correct horse battery staple"
	_, err = auth.Signup(context.Background(), deskauth.SignupInput{
		Email: email, Password: deskauth.NewSecret(password), FirstName: "Ada", LastName: "Lovelace",
	})
	if err != nil {
		return nil, err
	}
	return func() error {
		in := deskauth.SigninInput{Email: email, Password: deskauth.NewSecret(password)}
		_, err := auth.Signin(context.Background(), in)
		return err
	}, nil
}

// repeat signs in until the end, at least once, and returns how long each sign-in took.
func repeat(signin func() error, end time.Time) (took []time.Duration, err error) {
	for now := time.Now(); len(took) == 0 || now.Before(end); {
		if err := signin(); err != nil {
			return took, err
		}
		done := time.Now()
		took = append(took, done.Sub(now))
		now = done
	}
	return took, nil
}

// peak returns the most resident memory that this process ever had, in bytes. Only Linux
// tells it exactly. Elsewhere it is the memory that the Go runtime has asked the system
// for.
func peak() (size int64, exact bool) {
	status, err := os.ReadFile("/proc/self/status")
	if err == nil {
		for line := range bytes.Lines(status) {
			fields := bytes.Fields(line)
			if len(fields) == 3 && string(fields[0]) == "VmHWM:" {
				kib, err := strconv.ParseInt(string(fields[1]), 10, 64)
				return kib << 10, err == nil
			}
		}
	}
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.Sys), false
}
