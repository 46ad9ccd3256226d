//go:build !unix

package testkit

import (
	"testing"
	"time"
)

var begun = time.Now()

// ProcessorTime returns the clock's time, because nothing better is at hand.
func ProcessorTime(testing.TB) time.Duration { return time.Since(begun) }
