// Outside is a program that takes the kit of tests for a server's Auth.
package main

import (
	"testing"

	"github.com/deskauth/deskauth/deskauthtest"
)

type fake struct{ testing.TB }

func (fake) Helper() {}

func main() { deskauthtest.New(fake{}) }
