package storetest_test

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A suite is a test that runs a suite of clauses on a sound implementation, or on the broken
// one that a variable of the environment names.
type suite struct {
	test     string // its name
	variable string
	broken   []listing
	// control is a clause that nobody breaks who does not list it.
	control string
}

// A listing says which clauses a broken implementation breaks. Each has to fail on it.
type listing struct {
	name    string
	clauses []string
}

// list takes the listings from implementations of any type.
func list[B any](all []B, of func(B) listing) (listings []listing) {
	for _, b := range all {
		listings = append(listings, of(b))
	}
	return listings
}

// named returns the number of the broken implementation to run the suite on, or -1.
func (s suite) named() int {
	name := os.Getenv(s.variable)
	return slices.IndexFunc(s.broken, func(b listing) bool { return b.name == name })
}

// bites proves that the suite bites: on each broken implementation the clause that it breaks
// fails, and says what was promised and what to mend.
func (s suite) bites(t *testing.T) {
	for _, b := range s.broken {
		for _, clause := range b.clauses {
			t.Run(b.name+"/"+clause, func(t *testing.T) {
				t.Parallel()
				out, err := s.run(b.name, clause)
				if err == nil || !strings.Contains(out, "--- FAIL: "+s.test+"/"+clause+" ") {
					t.Errorf("one that %s: got error %v and the output below, want that %s/%s fails\n%s", b.name, err, s.test, clause, out)
				}
				for _, want := range []string{"the contract: ", "to mend: "} {
					if !strings.Contains(out, want) {
						t.Errorf("the output does not say %q:\n%s", want, out)
					}
				}
				// It is broken on purpose and not by mistake.
				for _, unwanted := range []string{"DATA RACE", "panic:"} {
					if strings.Contains(out, unwanted) {
						t.Errorf("the output says %q:\n%s", unwanted, out)
					}
				}
				if s.control != "" && !slices.Contains(b.clauses, s.control) && !strings.Contains(out, "--- PASS: "+s.test+"/"+s.control+" ") {
					t.Errorf("one that %s also breaks %s, which it does not list:\n%s", b.name, s.control, out)
				}
			})
		}
	}
}

// isBroken holds that no clause is there which no broken implementation breaks.
func (s suite) isBroken(t *testing.T) {
	t.Parallel()
	out, err := s.run("", "")
	if err != nil {
		t.Fatalf("the suite on a sound one: %v\n%s", err, out)
	}
	var clauses []string
	for _, m := range regexp.MustCompile(`--- PASS: `+s.test+`/(\w+/\w+) `).FindAllStringSubmatch(out, -1) {
		clauses = append(clauses, m[1])
	}
	if len(clauses) == 0 {
		t.Fatalf("no clause in the output:\n%s", out)
	}
	for _, b := range s.broken {
		for _, clause := range b.clauses {
			if !slices.Contains(clauses, clause) {
				t.Errorf("the one that %s breaks %s, which is no clause", b.name, clause)
			}
		}
	}
	for _, clause := range clauses {
		if !slices.ContainsFunc(s.broken, func(b listing) bool { return slices.Contains(b.clauses, clause) }) {
			t.Errorf("nothing broken breaks %s: add what does", clause)
		}
	}
}

// run runs the suite in a process of its own, where it may fail, on the implementation with
// the name and as far as the clause and the control go.
func (s suite) run(name, clause string) (out string, err error) {
	run := "^" + s.test + "$"
	if group, name, ok := strings.Cut(clause, "/"); ok {
		if controlGroup, control, ok := strings.Cut(s.control, "/"); ok {
			group, name = group+"|"+controlGroup, name+"|"+control
		}
		run += "/^(" + group + ")$/^(" + name + ")$"
	}
	cmd := exec.Command(os.Args[0], "-test.run="+run, "-test.v", "-test.short", "-test.timeout=2m")
	cmd.Env = append(os.Environ(), s.variable+"="+name)
	text, err := cmd.CombinedOutput()
	return string(text), err
}
