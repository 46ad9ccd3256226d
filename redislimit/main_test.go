package redislimit_test

import (
	"os"
	"testing"

	"github.com/deskauth/deskauth/internal/testkit"
)

func TestMain(m *testing.M) { os.Exit(testkit.RunWaiting(m)) }
