package main

import (
	"go/ast"
	"go/parser"
	"io"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
)

// TestMain lets the test's binary be the child that measures a row.
func TestMain(m *testing.M) {
	if row := os.Getenv(rowEnv); row != "" {
		exit(child(row, os.Stdout))
	}
	os.Exit(m.Run())
}

// small are choices that take next to no time.
var small = []choice{
	{params: deskauth.Argon2Params{Memory: 2 << 10, Time: 1, Parallelism: 1}, owasp: true},
	{params: deskauth.Argon2Params{Memory: 1 << 10, Time: 2, Parallelism: 1}, owasp: true},
	{params: deskauth.Argon2Params{Memory: 900 << 10, Time: 1, Parallelism: 1}}, // not to be measured
}

func TestRun(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := run([]string{"-seconds", "0.01", "-memory", "800", "-wait", "2s"}, small, &out); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	_, table, ok := strings.Cut(text, "\n\n")
	table, rest, closed := strings.Cut(table, "\n\n")
	if !ok || !closed {
		t.Fatalf("there is no table:\n%s", text)
	}
	lines := strings.Split(table, "\n")
	measured := regexp.MustCompile(`^ +[12] MiB +[12] +\d+ +\d+\.\d +\d+\.\d [ ~] +\d+ +\d+$`)
	skipped := regexp.MustCompile(`^ +900 MiB +1 +\d+  more than -memory: not measured$`)
	var rows int
	for _, line := range lines[1:] {
		switch {
		case measured.MatchString(line) && len(line) == len(lines[0]):
			rows++
		case !skipped.MatchString(line):
			t.Errorf("the line %q is not a row, under\n%s", line, lines[0])
		}
	}
	if all := len(lines) - 1; all%3 != 0 || rows != all/3*2 || rows == 0 {
		t.Errorf("%d of %d rows are measured, want two thirds:\n%s", rows, all, table)
	}
	checkSnippet(t, rest)
}

// checkSnippet checks the Config that is printed to be copied. It must parse, and its
// fields must exist.
func checkSnippet(t *testing.T, text string) {
	t.Helper()
	_, snippet, ok := strings.Cut(text, "config := ")
	snippet, _, closed := strings.Cut(snippet, "\n}\n")
	if !ok || !closed {
		t.Fatalf("there is no Config:\n%s", text)
	}
	expr, err := parser.ParseExpr(snippet + "\n}")
	if err != nil {
		t.Fatalf("%v in\n%s", err, snippet)
	}
	config, ok := expr.(*ast.CompositeLit)
	if !ok {
		t.Fatalf("the Config is a %T:\n%s", expr, snippet)
	}
	var names []string
	for _, element := range config.Elts {
		field := element.(*ast.KeyValueExpr)
		name := field.Key.(*ast.Ident).Name
		names = append(names, name)
		if _, ok := reflect.TypeFor[deskauth.Config]().FieldByName(name); !ok {
			t.Errorf("Config has no field %s", name)
		}
		switch v := field.Value.(type) {
		case *ast.BasicLit:
			if n, err := strconv.Atoi(v.Value); err != nil || n < 1 {
				t.Errorf("%s is %s, want a number from 1", name, v.Value)
			}
		case *ast.CompositeLit:
			for _, part := range v.Elts {
				key := part.(*ast.KeyValueExpr).Key.(*ast.Ident).Name
				if _, ok := reflect.TypeFor[deskauth.Argon2Params]().FieldByName(key); !ok {
					t.Errorf("Argon2Params has no field %s", key)
				}
			}
		}
	}
	if want := []string{"Argon2", "HashParallelism", "HashQueue"}; !slices.Equal(names, want) {
		t.Errorf("the Config sets %v, want %v", names, want)
	}
}

func TestRecommend(t *testing.T) {
	t.Parallel()
	of := func(memory, passes uint32, parallelism int, rate float64, peak int64) result {
		return result{owasp(memory, passes), parallelism, measurement{PerSecond: rate, Peak: peak << 20}}
	}
	rfc := result{choices[len(choices)-1], 1, measurement{PerSecond: 500, Peak: 1 << 20}}
	table := []result{
		of(46, 1, 1, 90, 100),
		of(19, 2, 1, 30, 50), of(19, 2, 2, 58, 100), of(19, 2, 4, 60, 200),
		of(7, 5, 1, 35, 20), of(7, 5, 2, 70, 40), of(7, 5, 4, 70, 80),
		rfc,
	}
	for _, c := range []struct {
		name    string
		results []result
		memory  int
		want    result
	}{
		{"the default, no more at once than it needs", table, 1000, table[2]},
		{"the memory is just enough", table, 100, table[2]},
		{"the default fits, at half its speed", table, 99, table[1]},
		{"little memory", table, 40, table[5]},
		{"less", table, 20, table[4]},
	} {
		got, err := recommend(c.results, c.memory)
		if err != nil || got != c.want {
			t.Errorf("%s: got %v × %d, %v, want %v × %d",
				c.name, got.choice, got.parallelism, err, c.want.choice, c.want.parallelism)
		}
	}
	if got, err := recommend(table, 19); err == nil || !strings.Contains(err.Error(), "-memory 19") {
		t.Errorf("too little memory: got %v, %v", got.choice, err)
	}
}

func TestQueue(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rate        float64
		parallelism int
		wait        time.Duration
		want        int
	}{
		{50, 2, 5 * time.Second, 248},
		{50, 2, 100 * time.Millisecond, 3},
		{1, 2, time.Second, 1}, // 0 would be the default
	} {
		r := result{parallelism: c.parallelism, measurement: measurement{PerSecond: c.rate}}
		if got := r.queue(c.wait); got != c.want {
			t.Errorf("%v hashes a second, %d at once, %v: a queue of %d, want %d",
				c.rate, c.parallelism, c.wait, got, c.want)
		}
	}
}

func TestParallelisms(t *testing.T) {
	t.Parallel()
	for cores, want := range map[int][]int{1: {1, 2}, 2: {1, 2, 4}, 3: {1, 3, 6}, 8: {1, 4, 8, 16}} {
		if got := parallelisms(cores); !slices.Equal(got, want) {
			t.Errorf("%d cores: got %v, want %v", cores, got, want)
		}
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"-seconds", "0"}, {"-seconds", "NaN"}, {"-seconds", "3601"},
		{"-memory", "0"}, {"-wait", "0s"}, {"-wait", "61m"}, {"8"},
	} {
		if err := run(args, small, io.Discard); err == nil {
			t.Errorf("%v: got no error", args)
		}
	}
}
