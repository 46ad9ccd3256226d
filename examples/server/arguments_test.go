package main

import (
	"errors"
	"flag"
	"io"
	"strings"
	"testing"
)

// cuts are what may stand in a password where a shell splits it, or package flag would.
var cuts = []string{
	" ", "  ", "\t", "\n", " -", " --", " ---", " = ", " =", " -=", " --=", " -x=", " -canary=", " -h=", " -help=",
	" -no-limits ", " -no-limits=", " -request-timeout=", " -request-timeout ", " -echo-custom-token=", " -log=",
	" -purge-guests ", " -store ", " -limiter ", " -project ", " -session-secret ", " - ", " -- ",
}

// lines are command lines with a password or a secret in them.
var lines = []string{
	"-store postgres://me:PASSWORD@127.0.0.1:1/d",
	"-store=postgres://me:PASSWORD@127.0.0.1:1/d",
	"--store postgres://me:PASSWORD@127.0.0.1:1/d -no-limits",
	"-limiter redis://me:PASSWORD@127.0.0.1:1/0",
	"-limiter=redis://:PASSWORD@127.0.0.1:1/0",
	"-session-secret PASSWORD",
	"-session-secret=PASSWORD -log text",
	"-project shop=PASSWORD",
	"-project=shop= PASSWORD",
	"-project shop =PASSWORD",
	"-project PASSWORD",
	"-no-limits=PASSWORD",
	"-no-limits PASSWORD",
	"-request-timeout=PASSWORD",
	"-custom-token-max-age PASSWORD",
	"PASSWORD -store memory",
	"-PASSWORD",
	"--PASSWORD=x",
	"-store=PASSWORD",
	"-limiter=PASSWORD",
	"-log=PASSWORD",
}

// However a shell splits a secret, no part of it is printed.
func TestS22_NoPartOfASplitSecretIsPrinted(t *testing.T) {
	t.Parallel()
	refused := 0
	for _, line := range lines {
		for _, cut := range cuts {
			args := strings.Fields(strings.ReplaceAll(line, "PASSWORD", "canary"+cut+"canary"))
			o, err := parseOptions(args, nil, io.Discard)
			if err == nil { // the values are taken apart: the library looks at the keys
				_, err = o.keys()
			}
			if err == nil {
				continue
			}
			refused++
			if strings.Contains(err.Error(), "canary") {
				t.Errorf("%q cut by %q: the error has a part of the password: %v", line, cut, err)
			}
		}
	}
	if all := len(lines) * len(cuts); refused < all*9/10 {
		t.Errorf("%d of %d command lines were refused: the test is about nothing", refused, all)
	}
}

// An argument that is not an option is named by its place.
func TestArgumentsThatAreNoOptions(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"x":                               "argument 1 is not an option",
		"-addr :9 x":                      "argument 3, behind the value of -addr, is not an option: a value with",
		"-addr=:9 x":                      "argument 2, behind the value of -addr, is not",
		"--addr=:9 --x":                   "argument 2, behind the value of -addr, is not",
		"-no-limits -store memory -x=y":   "argument 4, behind the value of -store, is not",
		"-no-limits false":                "argument 2, behind -no-limits, is not an option: write a value as",
		"-store memory -no-limits=1 true": "argument 4, behind -no-limits, is not",
		"-addr":                           "-addr needs a value",
		"-no-limits=maybe":                "-no-limits: the value is neither true nor false",
		"-request-timeout 5":              "-request-timeout: the value is not a duration like 90s",
		"-addr '127.0.0.1:0'":             "-addr: the value begins or ends with a quote",
		`-store memory"`:                  "-store: the value begins or ends with a quote",
		`-project "shop=x`:                "-project: the value begins or ends with a quote",
	} {
		_, err := parseOptions(strings.Fields(line), nil, io.Discard)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got the error %v, want one with %q", line, err, want)
		}
	}
	for _, line := range []string{"-h", "--help", "-addr :9 -help", "-no-limits -h x"} {
		if _, err := parseOptions(strings.Fields(line), nil, io.Discard); !errors.Is(err, flag.ErrHelp) {
			t.Errorf("%q: got the error %v, want help", line, err)
		}
	}
}
