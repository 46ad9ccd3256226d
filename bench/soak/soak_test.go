package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
)

// TestMain lets the test's program be the server too, as soak starts itself.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "-serve" {
		main()
		return
	}
	os.Exit(m.Run())
}

func TestSoak(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	record, drawing := filepath.Join(dir, "soak.csv"), filepath.Join(dir, "soak.svg")
	o, err := parseOptions([]string{"-duration", "3s", "-cheap", "-load", "0.3", "-burst", "2s", "-idle", "1s", "-out", record}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := soak(t.Context(), o, &out); err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	file, err := os.Open(record)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := readRows(file)
	if err != nil {
		t.Fatal(err)
	}
	var answers [numCalls]int
	for _, r := range rows {
		if r.stats.Goroutines == 0 || r.stats.HeapBytes == 0 || r.stats.Accounts < maxPassing/2 {
			t.Errorf("at %.1f s the server is said to have %+v", r.at, r.stats)
		}
		for c := range numCalls {
			for _, n := range r.calls[c].classes {
				answers[c] += n
			}
		}
	}
	if slices.Contains(answers[:], 0) {
		t.Errorf("%v answers to the calls %v: each is to have some\n%s", answers, callNames, &out)
	}
	if err := drawFile(record, drawing); err != nil {
		t.Fatal(err)
	}
	checkSVG(t, drawing)
}

// checkSVG wants a drawing with a line for each series that has a name, and the titles.
func checkSVG(t *testing.T, name string) {
	t.Helper()
	svg, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for d := xml.NewDecoder(bytes.NewReader(svg)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{"Memory, MB", "Goroutines", "Answers per second", "latency in ms", "other 5xx (none)", "seconds</text>"} {
		if !bytes.Contains(svg, []byte(want)) {
			t.Errorf("the drawing has no %q", want)
		}
	}
}

// rowsOf returns rows with so many bytes resident in each quarter.
func rowsOf(quarters ...uint64) (rows []row) {
	for _, bytes := range quarters {
		for range 10 {
			rows = append(rows, row{at: float64(len(rows) + 1), stats: stats{RSSBytes: bytes, Goroutines: 7}})
		}
	}
	return rows
}

func TestJudge(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil func(*outcome)
		want  string // a piece of the only problem, empty for none
	}{
		"all well":              {func(*outcome) {}, ""},
		"memory that warms up":  {func(o *outcome) { o.rows = rowsOf(50, 100, 100, 114) }, ""},
		"memory that grows":     {func(o *outcome) { o.rows = rowsOf(50, 100e6, 100e6, 116e6) }, "100.0 MB in the second quarter, 116.0 MB in the last"},
		"memory of a short run": {func(o *outcome) { o.rows = rowsOf(1, 2, 3, 4)[12:28] }, ""},
		"10 goroutines more":    {func(o *outcome) { o.after.Goroutines += 10 }, ""},
		"11 goroutines more":    {func(o *outcome) { o.after.Goroutines += 11 }, "7 before the load, 18 after it"},
		"a 500":                 {func(o *outcome) { o.tally.answered(me, 500, 1); o.tally.take() }, "me: 1 answers with a 5xx"},
		"a 503":                 {func(o *outcome) { o.tally.answered(signin, 503, 1); o.tally.take() }, ""},
		"a wrong answer":        {func(o *outcome) { o.tally.isWrong("me: 200") }, "me: 200 (1 times)"},
		"a failed connection":   {func(o *outcome) { o.tally.failed("me", fmt.Errorf("port 1: %w", io.EOF)) }, "me: EOF (1 times)"},
		"a server that died":    {func(o *outcome) { o.stopped = errors.New("exit status 2") }, "exit status 2"},
	} {
		o := outcome{rows: rowsOf(90, 100, 90, 100), tally: newTally(), before: stats{Goroutines: 7}, after: stats{Goroutines: 7}}
		c.spoil(&o)
		got := o.judge()
		if c.want == "" && len(got) > 0 || c.want != "" && (len(got) != 1 || !strings.Contains(got[0], c.want)) {
			t.Errorf("%s: the problems are %q, want %q", name, got, c.want)
		}
	}
}

func TestStoreForgets(t *testing.T) {
	t.Parallel()
	store, err := newForgetfulStore(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	create := func(kind deskauth.Kind, id string) {
		t.Helper()
		if err := store.CreateUser(t.Context(), deskauth.Account{User: deskauth.User{ID: id, Kind: kind, Email: id + "@example.com"}}); err != nil {
			t.Fatal(err)
		}
	}
	create(deskauth.KindUser, "agent")
	create(deskauth.KindGuest, "guest")
	for n := range 2 * maxPassing {
		create(deskauth.KindGuest, fmt.Sprint(n))
		if got := store.Len(); got > maxPassing+1 || got < maxPassing*(generations-1)/generations {
			t.Fatalf("%d accounts after %d guests", got, n)
		}
	}
	for id, want := range map[string]error{"agent": nil, "guest": deskauth.ErrUserNotFound, fmt.Sprint(2*maxPassing - 1): nil} {
		if _, err := store.UserByID(t.Context(), id); !errors.Is(err, want) {
			t.Errorf("the account %s: got %v, want %v", id, err, want)
		}
	}
}

func TestPercentiles(t *testing.T) {
	t.Parallel()
	var took []time.Duration
	for n := range 200 {
		took = append(took, time.Duration(200-n))
	}
	if p50, p99, most := percentiles(took); p50 != 100 || p99 != 198 || most != 200 {
		t.Errorf("of 1 to 200: got %d, %d and %d, want 100, 198 and 200", p50, p99, most)
	}
}
