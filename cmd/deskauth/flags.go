package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

var (
	errTwice = errors.New("is given twice with two values: give it once")
	errEmpty = errors.New("is empty: give it a value, or leave it out")
)

// strictFlags lets every flag refuse what would silently be something else: a second value,
// which would replace the first, and an empty value, as of a variable that is not set.
func strictFlags(c *cobra.Command) {
	strict := func(f *pflag.Flag) {
		if _, done := f.Value.(*strictValue); done {
			return
		}
		_, list := f.Value.(pflag.SliceValue)
		f.Value = &strictValue{Value: f.Value, list: list}
		if f.DefValue == "0s" || f.DefValue == "[]" { // which the help would show
			f.DefValue = ""
		}
	}
	c.PersistentFlags().VisitAll(strict)
	c.Flags().VisitAll(strict)
	for _, sub := range c.Commands() {
		strictFlags(sub)
	}
}

// A strictValue is the value of a flag.
type strictValue struct {
	pflag.Value
	list  bool // it may be given several times
	given bool
	text  string
}

// Set implements [pflag.Value].
func (v *strictValue) Set(text string) error {
	switch {
	case strings.TrimSpace(text) == "":
		return errEmpty
	case v.given && !v.list && text != v.text:
		return errTwice
	}
	v.given, v.text = true, text
	return v.Value.Set(text)
}

// flagError is the error of a bad flag. The library's own quotes what was given, which may
// be a secret.
func flagError(c *cobra.Command, err error) error {
	help := c.CommandPath() + " --help lists the flags"
	if bad, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		f := bad.GetFlag()
		if errors.Is(err, errTwice) || errors.Is(err, errEmpty) {
			return fmt.Errorf("--%s %w", f.Name, bad.Unwrap())
		}
		return fmt.Errorf("--%s cannot have that value: it needs %s", f.Name, kindOfValue(f.Value.Type()))
	}
	if missing, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		if f := missing.GetFlag(); f != nil {
			return fmt.Errorf("--%s needs a value: %s", f.Name, help)
		}
	}
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok {
		return fmt.Errorf("there is no such flag%s: %s", shownWord(unknown.GetSpecifiedName()), help)
	}
	return fmt.Errorf("a flag is not --NAME or --NAME=VALUE: %s", help)
}

func kindOfValue(name string) string {
	switch name {
	case "duration":
		return "a duration like 90s, 10m or 24h"
	case "int", "uint32", "uint8":
		return "a whole number"
	case "time":
		return "a time like 2026-11-26T08:00:00Z"
	case "bool":
		return "true or false"
	}
	return "a " + name
}
