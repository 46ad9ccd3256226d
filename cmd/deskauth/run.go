package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
)

// The exit codes. docs/command.md lists them.
const (
	exitGood        = 0
	exitRefused     = 1 // token inspect: deskauth would refuse the token
	exitFailed      = 2 // wrong use, or something failed
	exitInterrupted = 130
)

// errRefused is the outcome of a look at a token that is not good. The command has said so.
var errRefused = errors.New("refused")

// An app is one call of the command.
type app struct {
	streams
	json bool
}

// run carries out a command line and returns the exit code. It writes nothing of a token,
// password or key to s.err, whatever is in the arguments.
func run(ctx context.Context, args []string, s streams) int {
	a := &app{streams: s}
	root := a.root()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return exitGood
	case errors.Is(err, errRefused):
		return exitRefused
	}
	if ctx.Err() != nil {
		left, _ := errors.AsType[interruption](err)
		fmt.Fprintln(s.err, printable("deskauth: interrupted"+string(left)))
		return exitInterrupted
	}
	fmt.Fprintln(s.err, said(err))
	return exitFailed
}

// flagsOf has the flags that stand for fields of deskauth.Config and the like.
var flagsOf = strings.NewReplacer(
	"Config.Issuer", "--issuer", "Config.CustomTokenAudience", "--audience", "Config.CustomTokenMaxAge", "--max-age",
	"Config.MinPasswordLength", "--min-length", "Config.Argon2: ", "--", "secrets.Files", "--key-file",
)

// said returns the line that tells an error. A package's name before a sentence is for
// programmers, and is left out. So is a field that has a flag.
func said(err error) string {
	text := ": " + err.Error()
	for _, name := range []string{"deskauth", "secrets", "accounts"} {
		for before := ""; before != text; {
			before, text = text, strings.ReplaceAll(text, ": "+name+": ", ": ")
		}
	}
	return printable("deskauth" + flagsOf.Replace(text))
}

// An interruption says what Ctrl-C has left, and how to go on.
type interruption string

func (i interruption) Error() string { return string(i) }

func interrupted(done int, what string) error {
	return interruption(fmt.Sprintf(": %s %s; run the command again to go on", counted(done, "account"), what))
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "deskauth",
		Short: "Look at tokens, make keys, administer accounts",
		Long: `deskauth looks at tokens, makes keys and hashes, and administers the accounts in a
store. It asks for no token, password or secret as an argument, because arguments
show in ps and in the shell's history: they come from standard input, a file or
the environment.

Exit codes: 0 good; 1 token inspect: the token would be refused; 2 wrong use, or
something failed; 130 interrupted by Ctrl-C.`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.PersistentFlags().BoolVar(&a.json, "json", false,
		"write JSON: one document, or one line for each account of a list")
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(a.tokenCommand(), a.projectCommand(), a.hashCommand(), a.accountsCommand())
	root.InitDefaultCompletionCmd() // with the others, before their arguments are checked
	forGroups(root)
	strictFlags(root)
	return root
}

// group returns a command that only has commands of its own.
func group(use, short string, commands ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{Use: use, Short: short}
	c.AddCommand(commands...)
	return c
}

// forGroups lets a command without a job of its own refuse a word that is no command. The
// library's own error quotes the word, which may be a token.
func forGroups(c *cobra.Command) {
	for _, sub := range c.Commands() {
		forGroups(sub)
	}
	if c.Runnable() {
		if c.Parent().Name() == "completion" {
			c.Args = noArguments("see --help")
		}
		return
	}
	c.Args = func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		return fmt.Errorf("there is no such command%s: deskauth --help lists them all", shownWord(args[0]))
	}
	c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
}

// noArguments refuses arguments without quoting them. A mend says where the input goes
// instead.
func noArguments(mend string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		return fmt.Errorf("%s takes no arguments: %s", pathOf(c), mend)
	}
}

// oneArgument wants one argument, and says what it is.
func oneArgument(what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) == 1 && args[0] != "" {
			return nil
		}
		return fmt.Errorf("%s takes one argument, %s", pathOf(c), what)
	}
}

// pathOf names a command in an error, which begins with deskauth already.
func pathOf(c *cobra.Command) string { return strings.TrimPrefix(c.CommandPath(), "deskauth ") }

var shortWord = regexp.MustCompile(`^[a-z][a-z-]{0,19}$`)

// shownWord returns a word for an error, if it is one that a person may have mistyped and
// not a part of a secret.
func shownWord(word string) string {
	if !shortWord.MatchString(word) {
		return ""
	}
	return " as " + word
}
