// Package bite proves that a suite bites: on an implementation that is broken on purpose,
// the clauses that it breaks fail. For that it starts the test binary again, and so only
// tests import it.
package bite

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A Suite is a test of the running binary that runs a suite of clauses. It runs them on a
// sound implementation, or on the broken one that an environment variable names.
type Suite struct {
	Test     string // its name, like TestRun
	Variable string
	Broken   []Listing
	// Control is a clause that passes on every broken implementation that does not list it.
	// The default is none.
	Control string
}

// A Listing says which clauses a broken implementation breaks, like UpdateUser/OneWinner.
type Listing struct {
	Name    string
	Clauses []string
}

// List takes the listings from broken implementations of any type.
func List[Broken any](all []Broken, listing func(Broken) Listing) (listings []Listing) {
	for _, b := range all {
		listings = append(listings, listing(b))
	}
	return listings
}

// Named returns the index of the broken implementation that the environment names, or -1.
func (s Suite) Named() int {
	name := os.Getenv(s.Variable)
	return slices.IndexFunc(s.Broken, func(b Listing) bool { return b.Name == name })
}

// Bites checks that on each broken implementation the clauses that it lists fail, and say
// what the contract promises and what to mend.
func (s Suite) Bites(t *testing.T) {
	for _, b := range s.Broken {
		for _, clause := range b.Clauses {
			t.Run(b.Name+"/"+clause, func(t *testing.T) {
				t.Parallel()
				out, err := s.run(b.Name, clause)
				s.checkFailure(t, b, clause, out, err)
			})
		}
	}
}

// checkFailure checks what the process of one clause wrote, and how it ended.
func (s Suite) checkFailure(t *testing.T, b Listing, clause, out string, err error) {
	t.Helper()
	if err == nil || !strings.Contains(out, "--- FAIL: "+s.Test+"/"+clause+" ") {
		t.Errorf("one that %s: got the error %v and the output below, want a failure of %s/%s\n%s",
			b.Name, err, s.Test, clause, out)
	}
	for _, want := range []string{"the contract: ", "to mend: "} {
		if !strings.Contains(out, want) {
			t.Errorf("the output does not say %q:\n%s", want, out)
		}
	}
	// The implementation is broken on purpose, and not by a mistake.
	for _, unwanted := range []string{"DATA RACE", "panic:"} {
		if strings.Contains(out, unwanted) {
			t.Errorf("the output says %q:\n%s", unwanted, out)
		}
	}
	if s.Control == "" || slices.Contains(b.Clauses, s.Control) {
		return
	}
	if !strings.Contains(out, "--- PASS: "+s.Test+"/"+s.Control+" ") {
		t.Errorf("one that %s also breaks %s, which it does not list:\n%s", b.Name, s.Control, out)
	}
}

// CoversClauses checks that some broken implementation breaks each clause of the suite, and
// that none lists what is not a clause.
func (s Suite) CoversClauses(t *testing.T) {
	t.Parallel()
	out, err := s.run("", "")
	if err != nil {
		t.Fatalf("the suite on the sound implementation: got the error %v, want success\n%s", err, out)
	}
	var clauses []string
	passed := regexp.MustCompile(`--- PASS: ` + s.Test + `/(\w+/\w+) `)
	for _, m := range passed.FindAllStringSubmatch(out, -1) {
		clauses = append(clauses, m[1])
	}
	if len(clauses) == 0 {
		t.Fatalf("the output names no clause:\n%s", out)
	}
	var broken []string
	for _, b := range s.Broken {
		broken = append(broken, b.Clauses...)
		for _, clause := range b.Clauses {
			if !slices.Contains(clauses, clause) {
				t.Errorf("the one that %s lists %s, which is not a clause", b.Name, clause)
			}
		}
	}
	for _, clause := range clauses {
		if !slices.Contains(broken, clause) {
			t.Errorf("no broken implementation breaks %s: add one that does", clause)
		}
	}
}

// run runs the suite in a process of its own, where it may fail, on the named
// implementation. It runs one clause and the control, or all clauses if clause is empty.
func (s Suite) run(name, clause string) (out string, err error) {
	run := "^" + s.Test + "$"
	if group, name, ok := strings.Cut(clause, "/"); ok {
		if controlGroup, control, ok := strings.Cut(s.Control, "/"); ok {
			group, name = group+"|"+controlGroup, name+"|"+control
		}
		run += "/^(" + group + ")$/^(" + name + ")$"
	}
	cmd := exec.Command(os.Args[0], "-test.run="+run, "-test.v", "-test.short", "-test.timeout=2m")
	cmd.Env = append(os.Environ(), s.Variable+"="+name)
	text, err := cmd.CombinedOutput()
	return string(text), err
}
