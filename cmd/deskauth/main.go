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
	// SIGHUP comes when the terminal goes. The program ends in order, and closes its store.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	// A second Ctrl-C ends the program at once, should the first one not be heard.
	context.AfterFunc(ctx, stop)
	code := run(ctx, os.Args[1:], system())
	stop()
	os.Exit(code)
}
