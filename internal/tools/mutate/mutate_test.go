package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const source = `package p

const limit = 8 << 1

func f(a, b int, ok bool) (n int) {
	if a < b || ok {
		n = a + 1
		return min(n, -b)
	}
	for i := range b {
		switch i {
		case 1, 2:
			n++
			continue
		default:
			f("x" + "y")
		}
	}
	return n
}
`

func TestFind(t *testing.T) {
	t.Parallel()
	mutants, err := find("p.go", []byte(source))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range mutants {
		c := m.change([]byte(source))
		got = append(got, fmt.Sprintf("%d %s: %s => %s", m.line, m.kind, c.before, c.after))
	}
	want := []string{
		"3 number: const limit = 8 << 1 => const limit = 9 << 1",
		"3 bitwise: const limit = 8 << 1 => const limit = 8 >> 1",
		"3 number: const limit = 8 << 1 => const limit = 8 << 2",
		"6 branch: if a < b || ok { => if (false && (a < b || ok)) {",
		"6 operand: if a < b || ok { => if (false && (a < b)) || ok {",
		"6 boundary: if a < b || ok { => if a <= b || ok {",
		"6 operand: if a < b || ok { => if a < b || (false && (ok)) {",
		"7 statement: n = a + 1 => ",
		"7 arithmetic: n = a + 1 => n = a - 1",
		"7 number: n = a + 1 => n = a + 2",
		"8 word: return min(n, -b) => return max(n, -b)",
		"8 sign: return min(n, -b) => return min(n, b)",
		"12 case: case 1, 2: => ",
		"12 case: case 1, 2: => case 2:",
		"12 number: case 1, 2: => case 2, 2:",
		"12 case: case 1, 2: => case 1:",
		"12 number: case 1, 2: => case 1, 3:",
		"13 statement: n++ => ",
		"14 loop: continue => break",
		"15 case: default: => ",
		`16 statement: f("x" + "y") => `,
	}
	if c := mutants[0].change([]byte(source)); c.above != "package p" {
		t.Errorf("the line above the first change is %q", c.above)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// files are a module whose tests notice some changes and not others.
var files = map[string]string{
	"go.mod": "module example.org/m\n\ngo 1.26\n",
	"equal.txt": `# The first entry is true, the second is not.
p/p.go: boundary
  func Clamp(n int) int {
- if n > 3 {
+ if n >= 3 {
3 is 3
either way.

p/p.go: branch
  func Clamp(n int) int {
- if n > 3 {
+ if (false && (n > 3)) {
No.
`,
	"p/p.go": `package p

func Clamp(n int) int {
	if n > 3 {
		return 3
	}
	return n
}

func Never() bool { return true }
`,
	"p/p_test.go": `package p

import "testing"

func TestClamp(t *testing.T) {
	if Clamp(5) != 3 || Clamp(2) != 2 {
		t.Error("wrong")
	}
}
`,
}

func TestRun(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a program for each change")
	}
	t.Chdir(t.TempDir())
	t.Setenv("GOWORK", "off")
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out strings.Builder
	err := run(t.Context(), []string{"-equal", "equal.txt", "p"}, &out)
	for _, want := range []string{
		"p: 50.0 % of the changes are noticed (2 killed, 0 hung, 2 survived; 1 equal, 0 do not compile)",
		"p/p.go:4:7 boundary\n\t  func Clamp(n int) int {\n\t- if n > 3 {\n\t+ if n >= 3 {\n\t3 is 3 either way.\n",
		"p/p.go:4:9 number\n\t  func Clamp(n int) int {\n\t- if n > 3 {\n\t+ if n > 4 {\n\tSURVIVED\n",
		"p/p.go:10:28 word\n\t  }\n\t- func Never() bool { return true }\n" +
			"\t+ func Never() bool { return false }\n\tSURVIVED\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the report\n%s\nlacks\n%s", out.String(), want)
		}
	}
	for _, want := range []string{
		"p: the tests notice 50.0 % of the changes; 95 % are required",
		"p/p.go: remove a change of kind branch from the list, it does not survive",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v lacks %q", err, want)
		}
	}
	if after, err := os.ReadFile("p/p.go"); err != nil || string(after) != files["p/p.go"] {
		t.Errorf("the source has changed: %s, %v", after, err)
	}
}

func TestReadEqual(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                    "",
		"# a comment\n":                       "",
		"a.go: word\n  w\n- x\n+\nreason\n":   "",
		"a.go: word\n  w\n- x\n+ y\n":         "is not a line with file and kind",
		"a.go word\n  w\n- x\n+ y\nreason\n":  "is not a line with file and kind",
		"a.go: word\n  w\n+ x\n- y\nreason\n": "is not a line with file and kind",
		strings.Repeat("a.go: word\n  w\n- x\n+ y\nreason\n\n", 2): "has a twin",
	} {
		path := filepath.Join(t.TempDir(), "equal.txt")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := readEqual(path)
		if (err != nil) != (want != "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", text, err, want)
		}
	}
}
