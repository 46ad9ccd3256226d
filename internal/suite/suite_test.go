package suite_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/deskauth/deskauth/internal/suite"
)

func TestRunGivesEachClauseItsOwnProbe(t *testing.T) {
	type probe struct {
		name string
		used int
	}
	var ran []string
	var contexts []context.Context
	once := func(p *probe) {
		p.used++
		ran = append(ran, fmt.Sprintf("%s %d", p.name, p.used))
	}
	clauses := []suite.Clause[*probe]{{Name: "First", Test: once}, {Name: "Second", Test: once}}
	suite.Run(t, clauses, func(ctx context.Context, t *testing.T) *probe {
		if ctx.Err() != nil {
			t.Errorf("a clause starts with a context that has ended: %v", ctx.Err())
		}
		if _, ok := ctx.Deadline(); !ok {
			t.Error("a clause has a context without a deadline, want one")
		}
		contexts = append(contexts, ctx)
		return &probe{name: t.Name()}
	})
	want := []string{t.Name() + "/First 1", t.Name() + "/Second 1"}
	if !slices.Equal(ran, want) {
		t.Errorf("the clauses that ran: got %q, want %q", ran, want)
	}
	for i, ctx := range contexts {
		if ctx.Err() == nil {
			t.Errorf("the context of clause %d lives on after the clause", i)
		}
	}
}

func TestRace(t *testing.T) {
	const n = 5
	var meet sync.WaitGroup
	meet.Add(n)
	errs := suite.Race(n, func(i int) error {
		meet.Done()
		meet.Wait() // returns only if all run at once
		if i == 0 {
			return nil
		}
		return fmt.Errorf("from %d", i)
	})
	want := "[<nil> from 1 from 2 from 3 from 4]"
	if got := fmt.Sprint(errs); got != want {
		t.Errorf("Race: got %s, want %s", got, want)
	}
	if err := errors.Join(suite.Race(0, func(int) error { return errors.New("called") })...); err != nil {
		t.Errorf("Race of no goroutines: got the error %v, want no call", err)
	}
}

func TestQuote(t *testing.T) {
	long := strings.Repeat("a", 100) + strings.Repeat("b", 3) + strings.Repeat("c", 100)
	for _, tt := range []struct{ text, want string }{
		{"", `""`},
		{"caf\u00e9 ", `"caf\u00e9 "`},
		{long[:200], `"` + long[:200] + `"`},
		{long, `"` + long[:100] + "... (203 bytes) ..." + long[103:] + `"`},
	} {
		if got := suite.Quote(tt.text); got != tt.want {
			t.Errorf("Quote(%q): got %s, want %s", tt.text, got, tt.want)
		}
	}
}
