package storetest_test

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
	"github.com/deskauth/deskauth/storetest"
)

// brokenStores is every store that the suite has to refuse.
var brokenStores = slices.Concat(brokenFields, brokenKeys, brokenWrites, brokenUpdates)

// storeVariable names the broken store that TestRun runs the suite on.
const storeVariable = "DESKAUTH_STORETEST_BROKEN"

// TestRun runs the suite on a sound store, or, started by TestBrokenStoresFail, on a
// broken one.
func TestRun(t *testing.T) {
	store := func() deskauth.UserStore { return memstore.New() }
	if name := os.Getenv(storeVariable); name != "" {
		i := slices.IndexFunc(brokenStores, func(b broken) bool { return b.name == name })
		store = brokenStores[i].store
	}
	storetest.Run(t, func(*testing.T) deskauth.UserStore { return store() })
}

// TestBrokenStoresFail proves that the suite bites: on each broken store the clause that
// it breaks fails, and says what was promised and what to mend.
func TestBrokenStoresFail(t *testing.T) {
	for _, b := range brokenStores {
		for _, clause := range b.clauses {
			t.Run(b.name+"/"+clause, func(t *testing.T) {
				t.Parallel()
				out, err := runSuite(b.name, clause)
				if err == nil || !strings.Contains(out, "--- FAIL: TestRun/"+clause+" ") {
					t.Errorf("a store that %s: got error %v and the output below, want that TestRun/%s fails\n%s", b.name, err, clause, out)
				}
				for _, want := range []string{"the contract: ", "to mend: "} {
					if !strings.Contains(out, want) {
						t.Errorf("the output does not say %q:\n%s", want, out)
					}
				}
				// The store is broken on purpose and not by mistake.
				for _, unwanted := range []string{"DATA RACE", "panic:"} {
					if strings.Contains(out, unwanted) {
						t.Errorf("the output says %q:\n%s", unwanted, out)
					}
				}
				if control := "NewStore/Empty"; !slices.Contains(b.clauses, control) && !strings.Contains(out, "--- PASS: TestRun/"+control+" ") {
					t.Errorf("the store that %s also breaks %s, which it does not list:\n%s", b.name, control, out)
				}
			})
		}
	}
}

// TestEveryClauseIsBroken holds that no clause is there which no broken store breaks.
func TestEveryClauseIsBroken(t *testing.T) {
	t.Parallel()
	out, err := runSuite("", "")
	if err != nil {
		t.Fatalf("the suite on a sound store: %v\n%s", err, out)
	}
	var clauses []string
	for _, m := range regexp.MustCompile(`--- PASS: TestRun/(\w+/\w+) `).FindAllStringSubmatch(out, -1) {
		clauses = append(clauses, m[1])
	}
	if len(clauses) == 0 {
		t.Fatalf("no clause in the output:\n%s", out)
	}
	for _, b := range brokenStores {
		for _, clause := range b.clauses {
			if !slices.Contains(clauses, clause) {
				t.Errorf("the store that %s breaks %s, which is no clause", b.name, clause)
			}
		}
	}
	for _, clause := range clauses {
		if !slices.ContainsFunc(brokenStores, func(b broken) bool { return slices.Contains(b.clauses, clause) }) {
			t.Errorf("no broken store breaks %s: add one that does", clause)
		}
	}
}

// runSuite runs the suite in a process of its own, where it may fail, on the store with
// the name and as far as the clause goes.
func runSuite(store, clause string) (out string, err error) {
	run := "^TestRun$"
	if group, name, ok := strings.Cut(clause, "/"); ok {
		run += "/^(NewStore|" + group + ")$/^(Empty|" + name + ")$"
	}
	cmd := exec.Command(os.Args[0], "-test.run="+run, "-test.v", "-test.short", "-test.timeout=2m")
	cmd.Env = append(os.Environ(), storeVariable+"="+store)
	text, err := cmd.CombinedOutput()
	return string(text), err
}
