// Command deskauth looks at tokens, makes keys and hashes, and administers the accounts in
// a store. docs/command.md has an example of everything that it does.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	// When the terminal goes, the program ends in order and closes its store. Under nohup
	// it goes on.
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), signals...)
	// A second Ctrl-C ends the program at once, should the first one not be heard.
	context.AfterFunc(ctx, stop)
	code := run(ctx, os.Args[1:], system())
	stop()
	os.Exit(code)
}
