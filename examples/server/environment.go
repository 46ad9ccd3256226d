package main

import (
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"
)

// separators has the flags that can be given more than once, and the characters that stand
// between their values in a variable. A line break always does. A secret may have a comma.
var separators = map[string]string{
	"session-secret": "\r\n",
	"project":        ",\r\n",
	"cors":           ",\r\n",
	"trusted-proxy":  ",\r\n",
	"reserved-email": ",\r\n",
}

const variablePrefix = "DESKAUTH_"

func variableOf(flag string) string {
	return variablePrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// fromEnvironment sets the flags that the command line did not. It returns the names of the
// variables that look like one of ours and are not.
func fromEnvironment(flags *flag.FlagSet, environ []string) (unknown []string, err error) {
	values := make(map[string]string)
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		values[name] = value
	}
	var all []*flag.Flag
	flags.VisitAll(func(f *flag.Flag) { all = append(all, f) })
	given := make(map[string]bool)
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	for _, f := range all {
		name := variableOf(f.Name)
		value := values[name]
		delete(values, name)
		if value == "" {
			continue
		}
		if given[f.Name] {
			if separators[f.Name] != "" {
				return nil, fmt.Errorf("-%s is there beside %s, which would be ignored: give all of them in one way",
					f.Name, name)
			}
			continue
		}
		if err := setAll(flags, f, value); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return unknownOf(values), nil
}

// setAll sets a flag to the values of a variable.
func setAll(flags *flag.FlagSet, f *flag.Flag, value string) error {
	separator := separators[f.Name]
	if separator == "" {
		return set(flags, f, strings.TrimSpace(value))
	}
	none := true
	for v := range strings.FieldsFuncSeq(value, func(r rune) bool { return strings.ContainsRune(separator, r) }) {
		switch f.Name { // a blank around a secret stays: the library says what is wrong with it
		case "session-secret":
		case "project":
			v = strings.TrimLeft(v, " \t")
		default:
			v = strings.TrimSpace(v)
		}
		if strings.TrimSpace(v) == "" {
			continue
		}
		none = false
		if err := set(flags, f, v); err != nil {
			return err
		}
	}
	if none {
		return errors.New("there is no value in it; unset it, or write one")
	}
	return nil
}

// unknownOf returns the names that begin as ours do, sorted, but for the settings of the
// tests. A name ends where no name goes on, for a secret may stand there.
func unknownOf(variables map[string]string) (names []string) {
	for name, value := range variables {
		upper := strings.ToUpper(name)
		if !strings.HasPrefix(upper, variablePrefix) || strings.HasPrefix(upper, variablePrefix+"TEST_") {
			continue
		}
		if rest := strings.TrimLeft(name, letters+"0123456789_"); rest != "" {
			names = append(names, strings.TrimSuffix(name, rest)+"…")
		} else if value != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
