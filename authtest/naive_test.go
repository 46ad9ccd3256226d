package authtest_test

import (
	"math"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/deskauth/deskauth/authtest"
)

// A naive gate is a sound one with a step as it is found in the field.
type naive struct {
	name   string
	alg    string
	spoil  func(*gate)
	caught []string // attacks that must get through it, among others
}

// A table is what gates are held against.
type table struct {
	honest  string
	attacks []authtest.Attack
}

func newTable(target authtest.Target) (t table) {
	target.Accepts = func(token string) bool {
		if t.honest == "" { // the first token is
			t.honest = token
		}
		return true
	}
	t.attacks = must(authtest.Check(target))
	return t
}

// only returns the table with the attacks of these names.
func (t table) only(names []string) table {
	t.attacks = slices.DeleteFunc(slices.Clone(t.attacks), func(a authtest.Attack) bool {
		return !slices.Contains(names, a.Name)
	})
	return t
}

// letIn returns the names of the attacks that get through a gate.
func (t table) letIn(g *gate) (list []string) {
	for _, a := range t.attacks {
		if g.accepts(a.Token) {
			list = append(list, a.Name)
		}
	}
	return list
}

// tables are made once for all gates.
var tables = sync.OnceValue(func() map[string]table {
	all := map[string]table{}
	for _, alg := range []string{"HS256", "ES256", "EdDSA", "RS256", "PS256"} {
		target := target(alg, nil)
		if alg == "RS256" || alg == "PS256" {
			target.Skip = sameForAll
		}
		all[alg] = newTable(target)
	}
	return all
})

var wholeTable = sync.OnceValue(func() table { return newTable(wholeTarget("HS256", nil)) })

// TestNaiveGates proves that the table bites: each naive gate lets in what it must, and the
// log lists all that it lets in.
func TestNaiveGates(t *testing.T) {
	t.Parallel()
	for _, n := range slices.Concat(
		naiveAlgorithms, naiveHeaders, naiveKeys, naiveForms, naiveClaims, naiveSignatures,
	) {
		t.Run(n.name, func(t *testing.T) {
			g := soundGate(n.alg)
			n.spoil(g)
			table := tables()[n.alg]
			if g.longest == math.MaxInt {
				table = wholeTable().only(n.caught) // all the long tokens would be slow
			}
			if !g.accepts(table.honest) {
				t.Error("the honest token is refused, want it let in")
			}
			letIn := table.letIn(g)
			for _, want := range n.caught {
				if !slices.Contains(letIn, want) {
					t.Errorf("%q is refused, want it let in", want)
				}
			}
			if len(n.caught) == 0 {
				t.Error("this gate lists no attack, want one or more")
			}
			t.Logf("%d attacks got through: %q", len(letIn), letIn)
		})
	}
}

// runVariable names the gate that TestRun runs the table on: a sound one if it is empty, a
// naive one, or one that refuses everything.
const runVariable = "DESKAUTH_AUTHTEST_GATE"

// TestRun runs the table on a sound gate, or on another one when TestRunFails starts it.
func TestRun(t *testing.T) {
	g := soundGate("HS256")
	run := target("HS256", g.accepts)
	switch name := os.Getenv(runVariable); name {
	case "":
	case "refuses everything":
		run.Accepts = func(string) bool { return false }
	default:
		i := slices.IndexFunc(naiveSignatures, func(n naive) bool { return n.name == name })
		naiveSignatures[i].spoil(g)
	}
	authtest.Run(t, run)
}

// TestRunFails proves that Run fails, under the names of the attacks that get through.
func TestRunFails(t *testing.T) {
	t.Parallel()
	for gate, want := range map[string][]string{
		naiveSignatures[0].name: {
			"--- FAIL: TestRun/signature/signature:_empty ", "--- PASS: TestRun/none ",
			"let in: signature: empty", "Why: ", "CVE-2020-28042",
		},
		"refuses everything": {"--- FAIL: TestRun ", "the honest token is refused"},
	} {
		cmd := exec.CommandContext(t.Context(), must(os.Executable()), "-test.run=^TestRun$", "-test.v")
		cmd.Env = append(os.Environ(), runVariable+"="+gate)
		out, err := cmd.CombinedOutput()
		if err == nil {
			t.Errorf("a gate that %s: TestRun passes, want a failure", gate)
		}
		for _, w := range want {
			if !strings.Contains(string(out), w) {
				t.Errorf("a gate that %s: the output does not say %q:\n%.2000s", gate, w, out)
			}
		}
	}
}
