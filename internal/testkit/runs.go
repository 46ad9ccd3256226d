package testkit

import (
	"flag"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"testing"
)

// RunWaiting is m.Run for a package whose tests mostly wait: for other programs, and for
// timeouts to pass. So many of its parallel tests run at once, or more if the machine has
// more processors, unless the flag -parallel says how many.
func RunWaiting(m *testing.M, atOnce int) (code int) {
	flag.Parse()
	parallel := flag.Lookup("test.parallel")
	told := false
	flag.Visit(func(f *flag.Flag) { told = told || f == parallel })
	if n, err := strconv.Atoi(parallel.Value.String()); err == nil && n < atOnce && !told {
		parallel.Value.Set(strconv.Itoa(atOnce))
	}
	return m.Run()
}

// RaceDetector reports whether the tests were built with the race detector.
func RaceDetector() bool {
	info, _ := debug.ReadBuildInfo()
	return slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

// Thorough reports whether tests that run one thing many times do so in full: with CI=true
// in the environment, and without the race detector, with which they run once more there.
// Elsewhere people wait for them.
func Thorough() bool { return os.Getenv("CI") == "true" && !RaceDetector() }
