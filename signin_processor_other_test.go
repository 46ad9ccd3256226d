//go:build !unix

package deskauth_test

import (
	"testing"
	"time"
)

var begun = time.Now()

// processorTime is the clock's, where nothing better is at hand.
func processorTime(*testing.T) time.Duration { return time.Since(begun) }
