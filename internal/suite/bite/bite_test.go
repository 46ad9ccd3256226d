package bite_test

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/deskauth/deskauth/internal/suite/bite"
)

const (
	toyVariable  = "DESKAUTH_BITE_TOY"  // names the broken implementation for TestToy
	caseVariable = "DESKAUTH_BITE_CASE" // names the case for TestCase
)

// TestToy is a suite of two clauses. It passes, or breaks as the environment says.
func TestToy(t *testing.T) {
	how := os.Getenv(toyVariable)
	t.Run("Group", func(t *testing.T) {
		t.Run("One", func(t *testing.T) {
			switch how {
			case "panics":
				panic("on purpose")
			case "breaks One", "breaks both":
				t.Error("the contract: One. to mend: mend it.")
			case "breaks One without a word":
				t.Fail()
			}
		})
		t.Run("Two", func(t *testing.T) {
			if how == "breaks both" || how == "breaks Two" {
				t.Error("the contract: Two. to mend: mend it.")
			}
		})
	})
}

// toyCases are suites that list the toy's implementations rightly or wrongly.
var toyCases = map[string]struct {
	broken []bite.Listing
	want   string // in the output of the failure; empty for success
}{
	"right": {[]bite.Listing{
		{Name: "breaks One", Clauses: []string{"Group/One"}},
		{Name: "breaks both", Clauses: []string{"Group/One", "Group/Two"}},
	}, ""},
	"lists a sound one": {[]bite.Listing{
		{Name: "breaks nothing", Clauses: []string{"Group/One", "Group/Two"}},
	}, "want a failure of TestToy/Group/One"},
	"lists another clause": {[]bite.Listing{
		{Name: "breaks Two", Clauses: []string{"Group/One", "Group/Two"}},
	}, "want a failure of TestToy/Group/One"},
	"does not list the control": {[]bite.Listing{
		{Name: "breaks both", Clauses: []string{"Group/One"}},
	}, "one that breaks both also breaks Group/Two"},
	"explains nothing": {[]bite.Listing{
		{Name: "breaks One without a word", Clauses: []string{"Group/One"}},
	}, `the output does not say "to mend: "`},
	"panics": {[]bite.Listing{
		{Name: "panics", Clauses: []string{"Group/One"}},
	}, `the output says "panic:"`},
	"lists an unknown clause": {[]bite.Listing{
		{Name: "breaks both", Clauses: []string{"Group/One", "Group/Two", "Group/Three"}},
	}, "lists Group/Three, which is not a clause"},
	"leaves a clause out": {[]bite.Listing{
		{Name: "breaks One", Clauses: []string{"Group/One"}},
	}, "no broken implementation breaks Group/Two"},
}

// TestCase checks the case that the environment names. TestBite starts it.
func TestCase(t *testing.T) {
	c, ok := toyCases[os.Getenv(caseVariable)]
	if !ok {
		t.Skip("TestBite starts this test with a case")
	}
	s := bite.Suite{Test: "TestToy", Variable: toyVariable, Broken: c.broken, Control: "Group/Two"}
	t.Run("Bites", s.Bites)
	t.Run("CoversClauses", s.CoversClauses)
}

// TestBite checks that a suite that does not bite fails, and that one that bites passes.
func TestBite(t *testing.T) {
	for name, c := range toyCases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestCase$", "-test.v")
			cmd.Env = append(os.Environ(), caseVariable+"="+name)
			text, err := cmd.CombinedOutput()
			if out := string(text); (err == nil) != (c.want == "") || !strings.Contains(out, c.want) {
				t.Errorf("got the error %v and the output below, want %q in it\n%s", err, c.want, out)
			}
		})
	}
}

func TestNamed(t *testing.T) {
	s := bite.Suite{Variable: toyVariable, Broken: bite.List([]string{"a", "b"}, func(name string) bite.Listing {
		return bite.Listing{Name: name}
	})}
	for name, want := range map[string]int{"": -1, "a": 0, "b": 1, "c": -1} {
		t.Setenv(toyVariable, name)
		if got := s.Named(); got != want {
			t.Errorf("Named with %s=%q: got %d, want %d", toyVariable, name, got, want)
		}
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	var table bite.Table[int]
	table.Set("a", 1)
	table.Set("a", 2)
	table.Set("b", 3)
	table.Drop("b")
	table.Drop("c")
	if got, ok := table.At("a"); got != 2 || !ok {
		t.Errorf(`At("a"): got %d, %t, want 2, true`, got, ok)
	}
	if got, ok := table.At("b"); got != 0 || ok {
		t.Errorf(`At("b"): got %d, %t, want 0, false`, got, ok)
	}
	if got := slices.Collect(table.Keys()); !slices.Equal(got, []string{"a"}) {
		t.Errorf(`Keys: got %q, want "a"`, got)
	}
}
