package main

import (
	"fmt"

	"github.com/schollz/progressbar/v3"
)

// progress returns a function that shows how many accounts are done, of a total or of -1
// where that is not known, and one that takes the bar away. Where nobody reads along, both
// do nothing.
func (a *app) progress(what string, total int) (done func(accounts int), end func()) {
	if !a.errTerminal {
		return func(int) {}, func() {}
	}
	bar := progressbar.NewOptions(total,
		progressbar.OptionSetWriter(a.err),
		progressbar.OptionSetDescription(what),
		progressbar.OptionSetWidth(30),
		progressbar.OptionShowCount(),
		progressbar.OptionShowIts(),
		progressbar.OptionSetItsString("accounts"),
		progressbar.OptionSetPredictTime(total > 0),
		progressbar.OptionSetSpinnerChangeInterval(0), // else a goroutine goes on writing after the end
	)
	// The bar is a comfort: that it cannot be drawn is no failure.
	_ = bar.RenderBlank() // which starts its clock
	return func(accounts int) { _ = bar.Set(accounts) }, func() { _ = bar.Exit(); fmt.Fprintln(a.err) }
}
