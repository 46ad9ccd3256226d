package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

func (a *app) tokenCommand() *cobra.Command {
	return group("token", "Look at tokens, and make custom tokens for trying", a.inspectCommand(), a.mintCommand())
}

// readToken reads a token from a file, or from standard input.
func (a *app) readToken(ctx context.Context, file string) (string, error) {
	var text []byte
	var err error
	switch {
	case file != "":
		text, err = within(ctx, func() ([]byte, error) { return readFile(file) })
	case a.inTerminal: // whose lines end after 4096 bytes, and which shows what it gets
		return "", errors.New("standard input is a terminal: pipe the token in, as in " +
			"wl-paste | deskauth token inspect, or name a file with --token-file")
	default:
		text, err = within(ctx, func() ([]byte, error) { return readAll(a.in) })
	}
	if err != nil {
		return "", fmt.Errorf("read the token: %w", err)
	}
	if err := checkEncoding(text); err != nil && err != errMark {
		return "", fmt.Errorf("read the token: %w", err)
	}
	token := strings.TrimSpace(strings.TrimPrefix(string(text), mark))
	switch n := tokensIn(token); {
	case token == "" && file != "":
		return "", errors.New("the file of --token-file is empty")
	case token == "":
		return "", errors.New("no token came on standard input: pipe it in, or name a file with --token-file")
	case n > 1:
		return "", fmt.Errorf("there are %d tokens: give one at a time", n)
	}
	return token, nil
}

// tokensIn returns how many words of a text have the two dots of a token.
func tokensIn(text string) (n int) {
	for word := range strings.FieldsSeq(text) {
		if strings.Count(word, ".") == 2 {
			n++
		}
	}
	return n
}

const tokenGoesIn = "a token goes to standard input, so that it is not in the shell's history"
