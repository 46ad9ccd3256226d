package main

import (
	"errors"
	"flag"
	"fmt"
	"strings"
	"time"
)

// parseArguments sets the flags that the arguments name, as flag.Parse does. Its errors
// quote nothing: an argument that is not an option may be the end of a secret with a blank
// in it, and those of package flag quote it.
func parseArguments(flags *flag.FlagSet, args []string) error {
	behind := ""
	for i := 0; i < len(args); i++ {
		name, value, given := strings.Cut(args[i], "=")
		if strings.HasPrefix(name, "-") {
			name = strings.TrimPrefix(name[1:], "-")
		} else {
			name = ""
		}
		f := flags.Lookup(name)
		switch {
		case f == nil && !given && (name == "h" || name == "help"):
			return flag.ErrHelp
		case f == nil:
			return unexpected(flags, i+1, behind)
		case !given && isBool(f):
			value = "true"
		case !given && i+1 == len(args):
			return fmt.Errorf("-%s needs a value", name)
		case !given:
			i++
			value = args[i]
		}
		if err := set(flags, f, value); err != nil {
			return fmt.Errorf("-%s: %w", name, err)
		}
		behind = name
	}
	return nil
}

// unexpected is the error of an argument that is not an option. It names the flag before.
func unexpected(flags *flag.FlagSet, number int, behind string) error {
	const list = "; -h lists the options"
	switch {
	case behind == "":
		return fmt.Errorf("argument %d is not an option"+list, number)
	case isBool(flags.Lookup(behind)):
		return fmt.Errorf("argument %d, behind -%s, is not an option: write a value as -%s=false"+list,
			number, behind, behind)
	}
	return fmt.Errorf("argument %d, behind the value of -%s, is not an option: a value with a blank stands in quotes"+list,
		number, behind)
}

// set sets a flag. Its error quotes the value only where the flag's own check does.
func set(flags *flag.FlagSet, f *flag.Flag, value string) error {
	if hasQuotes(f.Name, value) {
		return errors.New("the value begins or ends with a quote, which would be a part of it; remove the quotes")
	}
	err := flags.Set(f.Name, value)
	if err == nil {
		return nil
	}
	if isBool(f) {
		return errors.New("the value is neither true nor false")
	}
	if getter, ok := f.Value.(flag.Getter); ok {
		if _, ok := getter.Get().(time.Duration); ok {
			return errors.New("the value is not a duration like 90s, 10m or 768h")
		}
	}
	return err
}

// hasQuotes reports whether a program that is no shell has left quotes around a value. Of
// quotes around a secret, the library says it.
func hasQuotes(flag, value string) bool {
	const quotes = "\"'`"
	switch flag {
	case "session-secret":
		return false
	case "project":
		return value != strings.TrimLeft(value, quotes)
	}
	return value != strings.Trim(value, quotes)
}

func isBool(f *flag.Flag) bool {
	b, ok := f.Value.(interface{ IsBoolFlag() bool })
	return ok && b.IsBoolFlag()
}
